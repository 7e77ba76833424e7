// Package timeline keeps items, each until its due time.
package timeline

import (
	"cmp"
	"container/heap"
	"iter"
	"slices"
	"time"
)

// A Timeline holds items until they fall due, earliest first; those that fall due at the same
// time, in the order in which they were added, and those of AddLast after all others. The zero value
// is empty and ready for use. It is not safe for concurrent use.
type Timeline[T any] struct {
	entries entries[T]
	added   uint64
}

// Add puts an item that falls due at the given moment.
func (t *Timeline[T]) Add(due time.Time, item T) { t.add(entry[T]{due: due, item: item}) }

// AddLast puts an item that falls due at the given moment after all that Add puts there.
func (t *Timeline[T]) AddLast(due time.Time, item T) {
	t.add(entry[T]{due: due, last: true, item: item})
}

func (t *Timeline[T]) add(e entry[T]) {
	e.sequence = t.added
	t.added++
	heap.Push(&t.entries, e)
}

// Due removes the items that are due at now, and yields them earliest first. Those that the
// caller does not reach stay, so a caller may share the work among many calls.
func (t *Timeline[T]) Due(now time.Time) iter.Seq[T] {
	return func(yield func(T) bool) {
		for len(t.entries) > 0 && !t.entries[0].due.After(now) {
			if next, _ := t.Next(); !yield(next) {
				return
			}
		}
	}
}

// Next removes the earliest item, whether or not it is due; ok is false if there is none.
func (t *Timeline[T]) Next() (item T, ok bool) {
	if len(t.entries) == 0 {
		return item, false
	}
	return heap.Pop(&t.entries).(entry[T]).item, true
}

// NextDue is when the earliest item falls due; ok is false if there is none.
func (t *Timeline[T]) NextDue() (due time.Time, ok bool) {
	if len(t.entries) == 0 {
		return time.Time{}, false
	}
	return t.entries[0].due, true
}

// DropWhile removes the earliest items as long as drop reports true for them, and returns how many.
func (t *Timeline[T]) DropWhile(drop func(T) bool) (dropped int) {
	for len(t.entries) > 0 && drop(t.entries[0].item) {
		heap.Pop(&t.entries)
		dropped++
	}
	return dropped
}

// Keep removes the items that keep reports false for, and leaves the order of the others.
func (t *Timeline[T]) Keep(keep func(T) bool) {
	t.entries = slices.DeleteFunc(t.entries, func(e entry[T]) bool { return !keep(e.item) })
	heap.Init(&t.entries)
}

// Clone is a copy of the timeline, to be read while this one goes on changing.
func (t *Timeline[T]) Clone() Timeline[T] {
	return Timeline[T]{entries: slices.Clone(t.entries), added: t.added}
}

// All yields every item, earliest first, and takes none out.
func (t *Timeline[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, e := range slices.SortedFunc(slices.Values(t.entries), entry[T].compare) {
			if !yield(e.item) {
				return
			}
		}
	}
}

// Len is the number of items that are not yet taken out.
func (t *Timeline[T]) Len() int { return len(t.entries) }

type entry[T any] struct {
	due      time.Time
	last     bool
	sequence uint64
	item     T
}

func (e entry[T]) compare(other entry[T]) int {
	if order := e.due.Compare(other.due); order != 0 {
		return order
	}
	switch {
	case e.last && !other.last:
		return 1
	case other.last && !e.last:
		return -1
	}
	return cmp.Compare(e.sequence, other.sequence)
}

// entries is a heap.Interface; only Timeline calls its methods.
type entries[T any] []entry[T]

func (e entries[T]) Len() int           { return len(e) }
func (e entries[T]) Less(i, j int) bool { return e[i].compare(e[j]) < 0 }
func (e entries[T]) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *entries[T]) Push(x any)        { *e = append(*e, x.(entry[T])) }

func (e *entries[T]) Pop() any {
	last := len(*e) - 1
	popped := (*e)[last]
	(*e)[last] = entry[T]{} // let go of what the item refers to
	*e = (*e)[:last]
	return popped
}
