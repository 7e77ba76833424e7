package program

import (
	"slices"
	"strconv"
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

// batchOfEach has a batch for each of a number of records.
func batchOfEach(count int) batchRange {
	b := newBook(strconv.Itoa)
	ix := batchBy(b, func(seq int) (key string, batch int) { return "key", seq })
	for seq := range count {
		b.put(seq)
	}
	return ix.between("key", 0, count)
}

func TestLatePageSkipsTheBatchesOfThePagesBefore(t *testing.T) {
	all := batchOfEach(1000)
	require.Equal(t, 24, all.below(25).last, "the batches from the 25th on are not looked into")
	require.Equal(t, 999, all.below(1000).last)
	require.Less(t, all.below(0).last, all.first)
	require.Equal(t, []int{24, 23}, slices.Collect(newestFirst(25, all))[:2])
}

// BenchmarkLatePageOfAsManyBatchesAsRecords reads a page at the end of a list.
func BenchmarkLatePageOfAsManyBatchesAsRecords(b *testing.B) {
	for _, count := range []int{1_000, 100_000} {
		b.Run(strconv.Itoa(count), func(b *testing.B) {
			all := batchOfEach(count)
			for b.Loop() {
				for seq := range newestFirst(25, all) {
					if seq == 5 {
						break
					}
				}
			}
		})
	}
}

// BenchmarkCountOfManyBatches counts what a payout would have in it after as many that have failed.
func BenchmarkCountOfManyBatches(b *testing.B) {
	for _, count := range []int{1_000, 100_000} {
		b.Run(strconv.Itoa(count), func(b *testing.B) {
			all := batchOfEach(count)
			for b.Loop() {
				if all.count() != count {
					b.Fatal(all.count())
				}
			}
		})
	}
}
