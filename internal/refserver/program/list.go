package program

import "iter"

// A PageQuery asks for one page of a list.
type PageQuery struct {
	// Limit is the length of the page.
	Limit int
	// Before is the Next of the page before; 0 asks for the first page.
	Before int
}

// A Page is a part of a list, newest first.
type Page[T any] struct {
	Items []T
	// Next is where the next page starts, as [PageQuery].Before; 0 after the last page.
	Next int
}

// listed is one page of a book's records, each as it is shown. seqs yields the sequence numbers below
// another, as [book.backward] does, and [group.of] for a part of the book. The cost depends on the
// length of the page, and on nothing else. It fails with [Invalid] where no page can have ended at
// asked.Before.
func listed[T, V any](b *book[T], asked PageQuery, seqs func(before int) iter.Seq[int], show func(T) V) (Page[V], error) {
	before, ok := b.start(asked.Before)
	if !ok {
		return Page[V]{}, invalidField("cursor", "must be one that an earlier page gave")
	}
	found := b.page(seqs(before), asked.Limit)
	shown := make([]V, len(found.rows))
	for i, row := range found.rows {
		shown[i] = show(row)
	}
	return Page[V]{Items: shown, Next: found.next}, nil
}

// of yields the sequence numbers of the records that have the key, below another, newest first.
func (g *group[T, K]) of(key K) func(before int) iter.Seq[int] {
	return func(before int) iter.Seq[int] { return g.backward(key, before) }
}

// newestOf is the last record that came with the key, if there is one.
func newestOf[T any, K comparable](b *book[T], g *group[T, K], key K) (row T, found bool) {
	end, _ := b.start(0)
	for seq := range g.backward(key, end) {
		return *b.at(seq), true
	}
	return row, false
}

// itself shows a record as it is.
func itself[T any](row T) T { return row }
