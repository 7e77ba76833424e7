package program

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEarningsThatCannotBeCountedAreRefusedNotWrappedAround(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	full := ledger{inReview: math.MaxInt64 - 20, ready: 10}

	var invalid *Invalid
	require.ErrorAs(t, full.earn(11, now), &invalid)
	assert.Equal(t, Cents(math.MaxInt64-10), full.total(), "nothing was booked")

	require.NoError(t, full.earn(10, now))
	assert.Equal(t, Cents(math.MaxInt64), full.total())
}
