package program

import (
	"errors"
	"fmt"
	"iter"
	"slices"
)

// A book holds the records of one kind in the order in which they came, each under its id and in
// the indexes that were declared on the book when it was made. A record is a value: it is
// replaced by another, and never changed. So a copy of the rows is a snapshot.
//
// The sequence number of a record never changes, so that a page continues where the one before
// ended, whatever has changed since. Records of a book that is paged are never removed.
type book[T any] struct {
	id      func(T) string
	first   int            // the sequence number of rows[0]
	rows    []*T           // what they point to never changes; nil where a record was removed
	seqs    map[string]int // by id
	indexes []index[T]
}

// An index finds records by something else than their id.
type index[T any] interface {
	// taken reports whether another record has the key of this one.
	taken(row T) bool
	add(seq int, row T)
	replace(seq int, old, row T)
	remove(seq int, row T)
}

func newBook[T any](id func(T) string) *book[T] {
	return &book[T]{id: id, seqs: map[string]int{}}
}

func (b *book[T]) get(id string) (T, bool) {
	seq, known := b.seqs[id]
	if !known {
		var none T
		return none, false
	}
	return *b.at(seq), true
}

func (b *book[T]) has(id string) bool {
	_, known := b.seqs[id]
	return known
}

// mustGet is for an id that another record of the program holds, which therefore exists.
func (b *book[T]) mustGet(id string) T {
	row, known := b.get(id)
	if !known {
		panic(fmt.Sprintf("program: there is no %T %q", row, id))
	}
	return row
}

func (b *book[T]) at(seq int) *T { return b.rows[seq-b.first] }

func (b *book[T]) len() int { return len(b.seqs) }

// put adds a record, or replaces the one with its id. The caller must have checked that its unique
// keys are free.
func (b *book[T]) put(row T) {
	seq, known := b.seqs[b.id(row)]
	if !known {
		if err := b.insert(row); err != nil {
			panic(err)
		}
		return
	}
	old := *b.at(seq)
	for _, ix := range b.indexes {
		ix.replace(seq, old, row)
	}
	b.rows[seq-b.first] = &row
}

// insert adds a record, and returns an error if its id or a unique key is in use.
func (b *book[T]) insert(row T) error {
	id := b.id(row)
	if id == "" {
		return errors.New("it has no id")
	}
	if b.has(id) {
		return fmt.Errorf("the id %q is in use", id)
	}
	for _, ix := range b.indexes {
		if ix.taken(row) {
			return fmt.Errorf("a unique value of %q is in use already", id)
		}
	}
	seq := b.first + len(b.rows)
	b.rows = append(b.rows, &row)
	b.seqs[id] = seq
	for _, ix := range b.indexes {
		ix.add(seq, row)
	}
	return nil
}

// remove removes a record, if it is there. The memory of the oldest is released.
func (b *book[T]) remove(id string) {
	seq, known := b.seqs[id]
	if !known {
		return
	}
	for _, ix := range b.indexes {
		ix.remove(seq, *b.at(seq))
	}
	delete(b.seqs, id)
	b.rows[seq-b.first] = nil
	for len(b.rows) > 0 && b.rows[0] == nil {
		b.rows = b.rows[1:]
		b.first++
	}
}

// copyRows returns every record, oldest first. It costs a pointer for each.
func (b *book[T]) copyRows() []*T {
	return slices.DeleteFunc(slices.Clone(b.rows), func(row *T) bool { return row == nil })
}

// backward yields the sequence numbers below before, newest first.
func (b *book[T]) backward(before int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for seq := before - 1; seq >= b.first; seq-- {
			if b.at(seq) != nil && !yield(seq) {
				return
			}
		}
	}
}

// A page is a part of a list.
type page[T any] struct {
	rows []T
	next int // where the next page starts; 0 after the last
}

// start returns the sequence number below which a page starts, for the position that the page before
// returned, or 0 for the first page. ok is false for a position that no page can have returned.
func (b *book[T]) start(position int) (before int, ok bool) {
	end := b.first + len(b.rows)
	if position == 0 {
		return end, true
	}
	return position, position > 0 && position <= end
}

// page returns the first records of the sequence numbers: of [book.backward] or [group.backward]. Its
// cost depends only on its length.
func (b *book[T]) page(seqs iter.Seq[int], limit int) page[T] {
	made := page[T]{rows: make([]T, 0, min(limit, b.len()))}
	last := 0
	for seq := range seqs {
		if len(made.rows) == limit {
			made.next = last
			break
		}
		made.rows = append(made.rows, *b.at(seq))
		last = seq
	}
	return made
}

// A PageQuery asks for one page of a list, newest first.
type PageQuery struct {
	// Limit is the length of the page.
	Limit int
	// Before is the Next of the page before; 0 asks for the first page.
	Before int
}

// A Page is a part of a list.
type Page[T any] struct {
	Rows []T
	// Next is where the next page starts, as [PageQuery].Before; 0 after the last page.
	Next int
}

func badCursor() error { return invalidField("cursor", "must be one that an earlier page gave") }

// show returns the requested page of the records of backward, which takes the position to start at,
// with as applied to each. It returns [Invalid] if no page can have ended at asked.Before.
func show[T, V any](b *book[T], asked PageQuery, backward func(before int) iter.Seq[int], as func(T) V) (Page[V], error) {
	before, ok := b.start(asked.Before)
	if !ok {
		return Page[V]{}, badCursor()
	}
	found := b.page(backward(before), asked.Limit)
	shown := Page[V]{Rows: make([]V, 0, len(found.rows)), Next: found.next}
	for _, row := range found.rows {
		shown.Rows = append(shown.Rows, as(row))
	}
	return shown, nil
}

// of returns the list of the records that have the key, for [show].
func (g *group[T, K]) of(key K) func(before int) iter.Seq[int] {
	return func(before int) iter.Seq[int] { return g.backward(key, before) }
}

// A watch is an index that finds nothing. It is called for each record that is put.
type watch[T any] func(row T)

// watchOn declares a watch of an empty book, after the indexes that it looks into.
func watchOn[T any](b *book[T], told func(row T)) { b.indexes = append(b.indexes, watch[T](told)) }

func (w watch[T]) taken(T) bool            { return false }
func (w watch[T]) add(_ int, row T)        { w(row) }
func (w watch[T]) replace(_ int, _, row T) { w(row) }
func (w watch[T]) remove(int, T)           {}

// A unique index has one record, or none, for each key. A record whose key is the zero value is
// not in it.
type unique[T any, K comparable] struct {
	book *book[T]
	key  func(T) K
	seqs map[K]int
}

// uniqueBy declares an index of an empty book.
func uniqueBy[T any, K comparable](b *book[T], key func(T) K) *unique[T, K] {
	ix := &unique[T, K]{book: b, key: key, seqs: map[K]int{}}
	b.indexes = append(b.indexes, ix)
	return ix
}

func (u *unique[T, K]) get(key K) (T, bool) {
	seq, known := u.seqs[key]
	if !known {
		var none T
		return none, false
	}
	return *u.book.at(seq), true
}

func (u *unique[T, K]) has(key K) bool {
	_, known := u.seqs[key]
	return known
}

func (u *unique[T, K]) taken(row T) bool { return u.has(u.key(row)) }

func (u *unique[T, K]) add(seq int, row T) {
	var none K
	if key := u.key(row); key != none {
		u.seqs[key] = seq
	}
}

func (u *unique[T, K]) replace(seq int, old, row T) {
	if u.key(old) == u.key(row) {
		return
	}
	if u.taken(row) {
		panic(fmt.Sprintf("program: the key %v of a %T is another's", u.key(row), row))
	}
	u.remove(seq, old)
	u.add(seq, row)
}

func (u *unique[T, K]) remove(_ int, row T) { delete(u.seqs, u.key(row)) }

// A group index has, for each key, the records that have it, in order. The key may be a struct, for
// a list that is filtered by several things. A record whose key is the zero value is not in it.
type group[T any, K comparable] struct {
	key  func(T) K
	sets map[K]*seqSet
}

// groupBy declares an index of an empty book.
func groupBy[T any, K comparable](b *book[T], key func(T) K) *group[T, K] {
	ix := &group[T, K]{key: key, sets: map[K]*seqSet{}}
	b.indexes = append(b.indexes, ix)
	return ix
}

// count returns how many records have the key.
func (g *group[T, K]) count(key K) int {
	if set := g.sets[key]; set != nil {
		return set.size
	}
	return 0
}

// backward yields the sequence numbers below before of the records that have the key, newest first.
func (g *group[T, K]) backward(key K, before int) iter.Seq[int] { return g.sets[key].backward(before) }

func (g *group[T, K]) taken(T) bool { return false }

func (g *group[T, K]) add(seq int, row T) {
	key := g.key(row)
	var none K
	if key == none {
		return
	}
	g.insert(key, seq)
}

// join adds records whose key has changed without them, from the zero value.
func (g *group[T, K]) join(key K, seqs iter.Seq[int]) {
	for seq := range seqs {
		g.insert(key, seq)
	}
}

func (g *group[T, K]) insert(key K, seq int) {
	if g.sets[key] == nil {
		g.sets[key] = &seqSet{}
	}
	g.sets[key].add(seq)
}

func (g *group[T, K]) replace(seq int, old, row T) {
	if g.key(old) == g.key(row) {
		return
	}
	g.remove(seq, old)
	g.add(seq, row)
}

func (g *group[T, K]) remove(seq int, row T) {
	key := g.key(row)
	set := g.sets[key]
	if set == nil {
		return
	}
	set.remove(seq)
	if set.size == 0 {
		delete(g.sets, key)
	}
}

// itself shows a record as it is.
func itself[T any](row T) T { return row }
