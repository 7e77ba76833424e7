package program

import "math/bits"

// seqSet is a set of sequence numbers that finds a member's predecessor in constant time,
// however far away it is. The lowest level has one bit for each number; each level above it
// has one bit for each word below, set while that word has any bit.
type seqSet struct {
	levels [seqSetDepth][]uint64
}

const (
	wordBits = 64
	// seqSetDepth leaves room for 64^6 numbers, more than memory has.
	seqSetDepth = 6
)

func (s *seqSet) add(i int) {
	for level := range s.levels {
		word, bit := i/wordBits, i%wordBits
		for len(s.levels[level]) <= word {
			s.levels[level] = append(s.levels[level], 0)
		}
		s.levels[level][word] |= 1 << bit
		i = word
	}
}

func (s *seqSet) remove(i int) {
	for level := range s.levels {
		word, bit := i/wordBits, i%wordBits
		if len(s.levels[level]) <= word {
			return
		}
		s.levels[level][word] &^= 1 << bit
		if s.levels[level][word] != 0 {
			return
		}
		i = word
	}
}

// prev is the greatest member that is at most i.
func (s *seqSet) prev(i int) (int, bool) {
	for level, words := range s.levels {
		i = min(i, len(words)*wordBits-1)
		if i < 0 {
			return 0, false
		}
		word, bit := i/wordBits, i%wordBits
		if upToBit := words[word] << (wordBits - 1 - bit); upToBit != 0 {
			return s.descend(level, i-bits.LeadingZeros64(upToBit)), true
		}
		i = word - 1
	}
	return 0, false
}

// descend is the greatest number below bit i of a level.
func (s *seqSet) descend(level, i int) int {
	for level > 0 {
		level--
		i = i*wordBits + bits.Len64(s.levels[level][i]) - 1
	}
	return i
}
