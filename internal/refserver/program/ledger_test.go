package program

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestOverflowingEntryIsRefused(t *testing.T) {
	l := ledger{}
	l.post(Entry{AffiliateID: "a", Kind: EntryCommission, Amount: math.MaxInt64 - 10})
	tooMuch := Entry{AffiliateID: "a", Kind: EntryCommission, Amount: 11}
	require.ErrorIs(t, l.check(tooMuch), errUncounted)
	assert.Panics(t, func() { l.post(tooMuch) })
	assert.Equal(t, Cents(math.MaxInt64-10), l["a"].balances.earned(), "nothing was booked")

	l.post(Entry{AffiliateID: "a", Kind: EntryCommission, Amount: 10})
	assert.Equal(t, Cents(math.MaxInt64), l["a"].balances.earned())
	l.post(Entry{AffiliateID: "a", Kind: EntryMatured, Amount: math.MaxInt64})
	assert.Equal(t, Cents(math.MaxInt64), l["a"].balances[ready])
}

func TestEntryWithoutAmountOrKindIsRefused(t *testing.T) {
	for _, entry := range []Entry{{Kind: EntryCommission}, {Kind: EntryCommission, Amount: -1}, {Kind: "unknown", Amount: 1}} {
		require.ErrorIs(t, ledger{}.check(entry), errNoMove)
	}
}

func TestBalancesMatchEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := ledger{}
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		var earned, matured [2]Cents
		var lengths [2]int
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			who := rapid.IntRange(0, 1).Draw(t, "who")
			id := []string{"a", "b"}[who]
			amount := Cents(rapid.Int64Range(1, 1_000_000).Draw(t, "amount"))
			held := l[id].entries.clone()
			kind := EntryCommission
			if rapid.Bool().Draw(t, "matured") && earned[who]-matured[who] >= amount {
				kind, matured[who] = EntryMatured, matured[who]+amount
			} else {
				earned[who] += amount
			}
			l.post(Entry{AffiliateID: id, At: at, Kind: kind, Amount: amount, Cause: "c"})
			lengths[who]++
			require.Len(t, slices.Collect(held.all()), lengths[who]-1, "who holds the entries holds them as they were")
			for who, id := range []string{"a", "b"} {
				of := l[id]
				require.Len(t, slices.Collect(of.entries.all()), lengths[who])
				require.Equal(t, earned[who], of.balances.earned())
				require.Equal(t, earned[who]-matured[who], of.balances[inReview])
				require.Equal(t, matured[who], of.balances[ready])
				var all Cents
				for _, amount := range of.balances {
					all += amount
				}
				require.Zero(t, all)
				if n := of.entries.len; n > 0 {
					require.Equal(t, of.balances, of.entries.at(n-1).after)
				}
			}
		}
	})
}
