package program

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEntryListKeepsOrder(t *testing.T) {
	var list entryList
	held := map[int]entryList{}
	for i := range 3*entriesInChunk + 5 {
		held[i] = list.clone()
		list.append(Entry{Amount: Cents(i)})
		require.Equal(t, Cents(i), list.at(i).Amount)
	}
	for _, length := range []int{0, 1, entriesInChunk - 1, entriesInChunk, entriesInChunk + 1, 3 * entriesInChunk} {
		entries := slices.Collect(held[length].all())
		require.Len(t, entries, length, "who holds the list holds it as it was")
		for i, entry := range entries {
			require.Equal(t, Cents(i), entry.Amount)
		}
	}
	for range list.all() {
		break
	}
}
