package directory_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go/internal/refserver/directory"
)

const day = 24 * time.Hour

func TestASessionThatHasExpiredIsForgottenAfter30DaysHoweverManyThereAre(t *testing.T) {
	sessions := directory.New()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 100 {
		sessions.AddSession(fmt.Sprint("sess_", i), "app", "cust", start, start.Add(day))
	}
	expect := func(now time.Time, want error) {
		t.Helper()
		for i := range 100 {
			_, err := sessions.Find(fmt.Sprint("sess_", i), now)
			assert.ErrorIs(t, err, want)
		}
	}
	expect(start.Add(day-1), nil)
	expect(start.Add(day), directory.ErrExpired)
	expect(start.Add(31*day-1), directory.ErrExpired)
	expect(start.Add(31*day), directory.ErrUnknown)
	sessions.AddSession("sess_new", "app", "cust", start.Add(31*day), start.Add(40*day))
	expect(start.Add(31*day), directory.ErrUnknown)
	_, err := sessions.Find("sess_new", start.Add(31*day))
	assert.NoError(t, err)
}
