package program

import (
	"iter"
	"slices"
)

// A seqSet is a set of sequence numbers, in order: ascending chunks of bounded length. Its
// memory depends only on its members, and adding, removing or finding one costs a search and at most
// the move of a chunk.
type seqSet struct {
	chunks [][]uint32 // none is empty
	size   int
}

// chunkLength is how many numbers a chunk holds before it is split.
const chunkLength = 512

func (s *seqSet) add(seq int) {
	number, last := uint32(seq), len(s.chunks)-1
	if last < 0 || number > end(s.chunks[last]) {
		s.push(number)
		return
	}
	c := s.chunkOf(number)
	at, found := slices.BinarySearch(s.chunks[c], number)
	if found {
		return
	}
	s.size++
	s.chunks[c] = slices.Insert(s.chunks[c], at, number)
	if chunk := s.chunks[c]; len(chunk) > chunkLength {
		half := len(chunk) / 2
		s.chunks[c] = chunk[:half:half]
		s.chunks = slices.Insert(s.chunks, c+1, slices.Clone(chunk[half:]))
	}
}

// push adds a number above all others, which is the usual case.
func (s *seqSet) push(number uint32) {
	s.size++
	last := len(s.chunks) - 1
	if last < 0 || len(s.chunks[last]) >= chunkLength {
		s.chunks = append(s.chunks, []uint32{number})
		return
	}
	s.chunks[last] = append(s.chunks[last], number)
}

func (s *seqSet) remove(seq int) {
	number := uint32(seq)
	c := s.chunkOf(number)
	if c == len(s.chunks) {
		return
	}
	at, found := slices.BinarySearch(s.chunks[c], number)
	if !found {
		return
	}
	s.size--
	s.chunks[c] = slices.Delete(s.chunks[c], at, at+1)
	if len(s.chunks[c]) == 0 {
		s.chunks = slices.Delete(s.chunks, c, c+1)
	}
}

// backward yields the members below a number, greatest first. The set must not change meanwhile.
func (s *seqSet) backward(before int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for cursor, ok := s.cursor(before); ok; ok = cursor.next() {
			if !yield(cursor.head) {
				return
			}
		}
	}
}

// A seqCursor goes through the members of a set, from the greatest down.
type seqCursor struct {
	head      int // the current member
	set       *seqSet
	chunk, at int
}

// cursor returns a cursor at the greatest member below a number; ok is false if there is none.
func (s *seqSet) cursor(before int) (cursor seqCursor, ok bool) {
	if s == nil || before <= 0 {
		return seqCursor{}, false
	}
	c := s.chunkOf(uint32(before))
	below := 0 // members of that chunk that are below
	if c < len(s.chunks) {
		below, _ = slices.BinarySearch(s.chunks[c], uint32(before))
	}
	cursor = seqCursor{set: s, chunk: c, at: below}
	return cursor, cursor.next()
}

// next moves to the next smaller member; it returns false after the last.
func (c *seqCursor) next() bool {
	for c.at--; c.at < 0; c.at-- {
		if c.chunk--; c.chunk < 0 {
			return false
		}
		c.at = len(c.set.chunks[c.chunk])
	}
	c.head = int(c.set.chunks[c.chunk][c.at])
	return true
}

// chunkOf returns the first chunk that ends at the number or above it.
func (s *seqSet) chunkOf(number uint32) int {
	c, _ := slices.BinarySearchFunc(s.chunks, number, func(chunk []uint32, number uint32) int {
		switch {
		case end(chunk) < number:
			return -1
		case end(chunk) > number:
			return 1
		}
		return 0
	})
	return c
}

func end(chunk []uint32) uint32 { return chunk[len(chunk)-1] }
