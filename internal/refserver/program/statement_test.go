package program_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func TestStatementPages(t *testing.T) {
	s := newShop(t)
	for range 7 {
		s.pay(t, 10_00)
	}
	for limit := 1; limit <= 8; limit++ {
		var sequences []int
		asked := program.PageQuery{Limit: limit}
		for pages := 1; ; pages++ {
			page, err := s.Statement(s.partner, asked)
			require.NoError(t, err)
			for _, line := range page.Rows {
				sequences = append(sequences, line.Sequence)
			}
			s.pay(t, 10_00) // later entries do not shift a page
			if asked.Before = page.Next; page.Next == 0 {
				assert.LessOrEqual(t, len(page.Rows), limit)
				break
			}
		}
		newest := sequences[0]
		for i, sequence := range sequences {
			require.Equal(t, newest-i, sequence)
		}
		require.Equal(t, 1, sequences[len(sequences)-1])
	}
	_, err := s.Statement(s.partner, program.PageQuery{Limit: 1, Before: 1_000})
	requireInvalid(t, err, "cursor must be one that an earlier page gave")
}
