package program

import (
	"iter"
	"slices"
)

// An entryList is a list of entries that only grows, in chunks of limited length: adding an entry to
// a long list costs the same as to a short one, and never moves all entries.
type entryList struct {
	chunks [][]Entry // all but the last are full
	len    int
}

const entriesInChunk = 512

func (l *entryList) append(entry Entry) {
	if l.len%entriesInChunk == 0 {
		l.chunks = append(l.chunks, nil)
	}
	last := &l.chunks[len(l.chunks)-1]
	*last = append(*last, entry)
	l.len++
}

func (l entryList) at(i int) Entry { return l.chunks[i/entriesInChunk][i%entriesInChunk] }

// all yields the entries, oldest first.
func (l entryList) all() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for _, chunk := range l.chunks {
			for _, entry := range chunk {
				if !yield(entry) {
					return
				}
			}
		}
	}
}

// clone returns a snapshot of the list, which can be read while the list grows.
func (l entryList) clone() entryList { return entryList{slices.Clone(l.chunks), l.len} }
