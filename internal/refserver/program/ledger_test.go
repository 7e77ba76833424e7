package program

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
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

// A plainLedger is the commissions one by one.
type plainLedger []struct {
	amount  Cents
	readyAt time.Time
}

func (p plainLedger) balances(now time.Time) (inReview, ready Cents) {
	for _, commission := range p {
		if commission.readyAt.After(now) {
			inReview += commission.amount
		} else {
			ready += commission.amount
		}
	}
	return inReview, ready
}

func TestALedgerHasTheBalancesOfItsCommissionsOneByOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		var quick ledger
		var plain plainLedger
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "wait")) * time.Hour)
			if rapid.Bool().Draw(t, "earn") {
				amount, readyAt := Cents(rapid.IntRange(1, 1000).Draw(t, "amount")), now.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "days"))*day)
				quick.settle(now)
				require.NoError(t, quick.earn(amount, readyAt))
				plain = append(plain, struct {
					amount  Cents
					readyAt time.Time
				}{amount, readyAt})
			}
			inReview, ready := quick.balances(now)
			wantInReview, wantReady := plain.balances(now)
			require.Equal(t, wantInReview, inReview)
			require.Equal(t, wantReady, ready)
			require.Equal(t, inReview+ready, quick.total())
			require.LessOrEqual(t, len(quick.waiting), 6, "one lane for each holding period")
		}
	})
}

func TestCommissionsThatBecomeReadyTogetherAreTakenOutAFewAtATime(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var l ledger
	for range 1000 {
		require.NoError(t, l.earn(1, now.Add(day)))
	}
	now = now.Add(day)
	for booked := range 500 {
		before := len(l.waiting[0].commissions)
		l.settle(now)
		require.NoError(t, l.earn(1, now.Add(day)))
		assert.GreaterOrEqual(t, len(l.waiting[0].commissions), before-4)
		inReview, ready := l.balances(now)
		assert.Equal(t, Cents(1000), ready, "whatever has been taken out")
		assert.Equal(t, Cents(booked+1), inReview)
	}
	assert.Len(t, l.waiting[0].commissions, 500, "what is ready takes no more room")
}
