package program

import (
	"iter"
	"slices"
	"sort"
)

// A batched index has, for each key, the records that have it in numbered batches. A
// command on a range of batches then costs nothing for each record: a payout takes batches, and the
// records in it are known by their numbers. Once a record is in a batch, it stays there.
type batched[T any, K comparable] struct {
	key   func(T) (key K, batch int)
	lists map[K]*batches
}

// batches are those of a key that have any record, in the order of their numbers.
type batches struct {
	numbers []int
	sets    []*seqSet
	// highest is the highest sequence number in the batch and in all before it.
	highest []int
}

// A batchRange is the batches from the first up to the last of a key.
type batchRange struct {
	of          *batches
	first, last int
}

// batchBy declares an index of an empty book. A record whose key is the zero value is not in it.
func batchBy[T any, K comparable](b *book[T], key func(T) (K, int)) *batched[T, K] {
	ix := &batched[T, K]{key: key, lists: map[K]*batches{}}
	b.indexes = append(b.indexes, ix)
	return ix
}

// between is the batches of a key with numbers from the first to the last.
func (b *batched[T, K]) between(key K, first, last int) batchRange {
	list := b.lists[key]
	if list == nil {
		return batchRange{of: &batches{}, last: -1}
	}
	low := sort.SearchInts(list.numbers, first)
	high := sort.SearchInts(list.numbers, last+1)
	return batchRange{of: list, first: low, last: high - 1}
}

func (b *batched[T, K]) taken(T) bool { return false }

func (b *batched[T, K]) add(seq int, row T) {
	key, number := b.key(row)
	var none K
	if key == none {
		return
	}
	list := b.lists[key]
	if list == nil {
		list = &batches{}
		b.lists[key] = list
	}
	list.add(seq, number)
}

func (b *batched[T, K]) replace(seq int, old, row T) {
	before, _ := b.key(old)
	after, _ := b.key(row)
	if before != after {
		b.add(seq, row)
	}
}

// remove is for books that records are removed from, which have no batches.
func (b *batched[T, K]) remove(int, T) { panic("program: a record was removed from a batch") }

func (l *batches) add(seq, number int) {
	at, found := slices.BinarySearch(l.numbers, number)
	if !found {
		highest := seq
		if at > 0 {
			highest = max(seq, l.highest[at-1])
		}
		l.numbers = slices.Insert(l.numbers, at, number)
		l.sets = slices.Insert(l.sets, at, &seqSet{})
		l.highest = slices.Insert(l.highest, at, highest)
	}
	l.sets[at].add(seq)
	for i := at; i < len(l.highest); i++ {
		if l.highest[i] > seq {
			break // and so are all after it
		}
		l.highest[i] = seq
	}
}

// count is the number of records in the batches.
func (r batchRange) count() int {
	count := 0
	for at := r.first; at <= r.last; at++ {
		count += r.of.sets[at].size
	}
	return count
}

// newestFirst yields the sequence numbers below before of several ranges, newest first. It
// reads a batch of a range only when that may have the next number, so the cost of a page depends on
// its length and not on the number of batches.
func newestFirst(before int, ranges ...batchRange) iter.Seq[int] {
	return func(yield func(int) bool) {
		ranges := slices.Clone(ranges)
		var open []seqCursor
		for {
			best := newest(open)
			for i := range ranges {
				for r := &ranges[i]; r.last >= r.first && (best < 0 || r.of.highest[r.last] > open[best].head); r.last-- {
					if cursor, ok := r.of.sets[r.last].cursor(before); ok {
						open = append(open, cursor)
						best = newest(open)
					}
				}
			}
			if best < 0 || !yield(open[best].head) {
				return
			}
			if !open[best].next() {
				open = slices.Delete(open, best, best+1)
			}
		}
	}
}

// newest is the cursor with the highest head; -1 if there is none.
func newest(open []seqCursor) int {
	best := -1
	for i, cursor := range open {
		if best < 0 || cursor.head > open[best].head {
			best = i
		}
	}
	return best
}
