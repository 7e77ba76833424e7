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
	// counts is how many records are in the batch and in all before it.
	counts []int
	// highest is the highest sequence number in the batch and in all before it, and lowest the lowest
	// in it and in all after it.
	highest, lowest []int
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

// between returns the batches of a key with numbers from the first to the last.
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
		l.insert(at, number, seq)
	}
	l.sets[at].add(seq)
	for i := at; i < len(l.counts); i++ {
		l.counts[i]++
	}
	for i := at; i < len(l.highest) && l.highest[i] <= seq; i++ {
		l.highest[i] = seq
	}
	for i := at; i >= 0 && l.lowest[i] >= seq; i-- {
		l.lowest[i] = seq
	}
}

// insert makes room for a batch that is about to have its first record. Except while a document is read,
// that is the last batch.
func (l *batches) insert(at, number, seq int) {
	count, highest, lowest := 0, seq, seq
	if at > 0 {
		count, highest = l.counts[at-1], max(seq, l.highest[at-1])
	}
	if at < len(l.lowest) {
		lowest = min(seq, l.lowest[at])
	}
	l.numbers = slices.Insert(l.numbers, at, number)
	l.sets = slices.Insert(l.sets, at, &seqSet{})
	l.counts = slices.Insert(l.counts, at, count)
	l.highest = slices.Insert(l.highest, at, highest)
	l.lowest = slices.Insert(l.lowest, at, lowest)
}

// count returns the number of records in the batches.
func (r batchRange) count() int {
	if r.last < r.first {
		return 0
	}
	count := r.of.counts[r.last]
	if r.first > 0 {
		count -= r.of.counts[r.first-1]
	}
	return count
}

// below leaves out the batches at the end whose records all have a number of before or higher.
func (r batchRange) below(before int) batchRange {
	end := sort.SearchInts(r.of.lowest, before) // the lowest ascend
	r.last = min(r.last, end-1)
	return r
}

// newestFirst yields the sequence numbers below before of several ranges, newest first. It reads a
// batch of a range only when that may have the next number. As long as the batches follow each other as
// their records do, a page costs its length, and a search for its start, however many batches there
// are. After a change of the holding period, batches overlap, and it reads each that does.
func newestFirst(before int, ranges ...batchRange) iter.Seq[int] {
	return func(yield func(int) bool) {
		ranges := slices.Clone(ranges)
		for i := range ranges {
			ranges[i] = ranges[i].below(before)
		}
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

// newest returns the cursor with the highest head; -1 if there is none.
func newest(open []seqCursor) int {
	best := -1
	for i, cursor := range open {
		if best < 0 || cursor.head > open[best].head {
			best = i
		}
	}
	return best
}
