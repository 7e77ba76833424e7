package program

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestBatchesAreListedInOrder(t *testing.T) {
	type item struct {
		id           string
		batch, group int
	}
	rapid.Check(t, func(t *rapid.T) {
		b := newBook(func(i item) string { return i.id })
		ix := batchBy(b, func(i item) (int, int) { return i.group, i.batch })
		var all []item
		for seq := range rapid.IntRange(0, 80).Draw(t, "items") {
			row := item{string(rune('a' + seq)), rapid.IntRange(0, 6).Draw(t, "batch"), rapid.IntRange(0, 2).Draw(t, "group")}
			all = append(all, row)
			b.put(row)
		}
		first, last := rapid.IntRange(0, 7).Draw(t, "first"), rapid.IntRange(-1, 7).Draw(t, "last")
		before := rapid.IntRange(0, len(all)).Draw(t, "before")
		var want []int
		count := 0
		for seq, row := range slices.Backward(all) {
			if row.group == 0 || row.batch < first || row.batch > last {
				continue
			}
			count++
			if seq < before {
				want = append(want, seq)
			}
		}
		ranges := []batchRange{ix.between(1, first, last), ix.between(2, first, last)}
		list := newestFirst(before, ranges...)
		require.Equal(t, want, slices.Collect(list))
		require.Equal(t, want, slices.Collect(list), "a list can be read twice")
		require.Equal(t, count, ranges[0].count()+ranges[1].count())
		for range list {
			break
		}
	})
}
