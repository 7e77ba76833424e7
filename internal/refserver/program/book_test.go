package program

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// note is a record for the tests.
type note struct {
	id     string
	name   string // unique, unless empty
	owner  string
	status int
}

// ownerAndStatus is a key of two fields.
type ownerAndStatus struct {
	owner  string
	status int
}

type notes struct {
	*book[note]
	byName  *unique[note, string]
	byOwner *group[note, string]
	byBoth  *group[note, ownerAndStatus]
}

func newNotes() notes {
	b := newBook(func(n note) string { return n.id })
	return notes{
		book:    b,
		byName:  uniqueBy(b, func(n note) string { return n.name }),
		byOwner: groupBy(b, func(n note) string { return n.owner }),
		byBoth:  groupBy(b, func(n note) ownerAndStatus { return ownerAndStatus{n.owner, n.status} }),
	}
}

// pages reads a list page by page.
func (n notes) pages(t require.TestingT, key *ownerAndStatus, limit int) []note {
	var all []note
	position := 0
	for {
		before, ok := n.start(position)
		require.True(t, ok)
		seqs := n.backward(before)
		switch {
		case key != nil && key.status < 0:
			seqs = n.byOwner.backward(key.owner, before)
		case key != nil:
			seqs = n.byBoth.backward(*key, before)
		}
		made := n.page(seqs, limit)
		all = append(all, made.rows...)
		if made.next == 0 {
			return all
		}
		require.Len(t, made.rows, limit, "only the last page is short")
		position = made.next
	}
}

func TestBookMatchesSlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newNotes()
		var model []note // oldest first
		removed := false
		find := func(match func(note) bool) (note, bool) {
			at := slices.IndexFunc(model, match)
			if at < 0 {
				return note{}, false
			}
			return model[at], true
		}
		draw := func(t *rapid.T, id string) note {
			n := note{id: id, owner: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "owner"), status: rapid.IntRange(0, 2).Draw(t, "status")}
			name := rapid.SampledFrom([]string{"", "x", "y", "z"}).Draw(t, "name")
			holder, taken := find(func(other note) bool { return other.name == name })
			if !taken || holder.id == id {
				n.name = name
			}
			return n
		}
		made := 0
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				for range rapid.IntRange(1, 5).Draw(t, "how many") {
					made++
					n := draw(t, fmt.Sprint("n", made))
					b.put(n)
					model = append(model, n)
				}
			},
			"replace": func(t *rapid.T) {
				if len(model) == 0 {
					return
				}
				at := rapid.IntRange(0, len(model)-1).Draw(t, "at")
				held := b.copyRows()
				before := slices.Clone(model)
				model[at] = draw(t, model[at].id)
				b.put(model[at])
				for i, row := range held {
					require.Equal(t, before[i], *row, "who has copied the rows has them as they were")
				}
			},
			"remove": func(t *rapid.T) {
				id := fmt.Sprint("n", rapid.IntRange(1, made+1).Draw(t, "id"))
				b.remove(id)
				model = slices.DeleteFunc(model, func(n note) bool { return n.id == id })
				removed = true
			},
			"": func(t *rapid.T) {
				require.Equal(t, len(model), b.len())
				for i, row := range b.copyRows() {
					require.Equal(t, model[i], *row)
				}
				for _, id := range []string{"n1", fmt.Sprint("n", made), "other"} {
					want, known := find(func(n note) bool { return n.id == id })
					got, ok := b.get(id)
					require.Equal(t, known, ok)
					require.Equal(t, want, got)
				}
				for _, name := range []string{"", "x", "y", "z"} {
					want, known := find(func(n note) bool { return n.name == name && name != "" })
					got, ok := b.byName.get(name)
					require.Equal(t, known, ok)
					require.Equal(t, want, got)
				}
				limit := rapid.IntRange(1, 10).Draw(t, "limit")
				keys := []*ownerAndStatus{nil, {"a", -1}, {"b", -1}, {"a", 0}, {"", 1}, {"b", 2}, {"c", 0}}
				for _, key := range keys {
					var want []note
					for _, n := range slices.Backward(model) {
						if key == nil || n.owner == key.owner && (key.status < 0 || n.status == key.status) {
							want = append(want, n)
						}
					}
					require.Equal(t, want, b.pages(t, key, limit))
					if key != nil && key.status >= 0 {
						require.Equal(t, len(want), b.byBoth.count(*key))
					}
				}
				_, ok := b.start(b.first + len(b.rows) + 1)
				require.False(t, ok)
				_, ok = b.start(-1)
				require.False(t, ok)
				if !removed {
					require.Zero(t, b.first)
				}
			},
		})
	})
}

func TestBookRefusesDuplicates(t *testing.T) {
	b := newNotes()
	require.NoError(t, b.insert(note{id: "1", name: "x"}))
	assert.Error(t, b.insert(note{id: "1"}), "an id")
	assert.Error(t, b.insert(note{id: ""}), "no id")
	assert.Error(t, b.insert(note{id: "2", name: "x"}), "a unique key")
	assert.Equal(t, 1, b.len())
	b.put(note{id: "2"})
	assert.Panics(t, func() { b.put(note{id: "2", name: "x"}) })
	assert.Panics(t, func() { b.mustGet("3") })
}

func BenchmarkBook(b *testing.B) {
	for _, n := range []int{1_000, 1_000_000} {
		book := newNotes()
		for i := range n {
			book.put(note{id: fmt.Sprint(i), owner: "a", status: i % 2})
		}
		key := ownerAndStatus{"a", 1}
		b.Run(fmt.Sprintf("page of 100 from the middle/records=%d", n), func(b *testing.B) {
			for b.Loop() {
				book.page(book.byBoth.backward(key, n/2), 100)
			}
		})
		b.Run(fmt.Sprintf("replace the oldest/records=%d", n), func(b *testing.B) {
			i := 0
			for b.Loop() {
				of := i % n
				book.put(note{id: fmt.Sprint(of), owner: "a", status: i / n % 2})
				i++
			}
		})
	}
}
