package program

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestASeqSetFindsTheSamePredecessorsAsAPlainMap(t *testing.T) {
	// Numbers close together and far apart, so that every level has to be climbed.
	number := rapid.OneOf(rapid.IntRange(0, 200), rapid.IntRange(0, 70_000), rapid.IntRange(0, 300_000))

	rapid.Check(t, func(t *rapid.T) {
		var set seqSet
		model := map[int]bool{}
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			i := number.Draw(t, "i")
			if rapid.IntRange(0, 2).Draw(t, "action") == 0 {
				set.remove(i)
				delete(model, i)
			} else {
				set.add(i)
				model[i] = true
			}

			from := number.Draw(t, "from")
			want, wantOK := -1, false
			for member := range model {
				if member <= from && member > want {
					want, wantOK = member, true
				}
			}
			got, ok := set.prev(from)
			assert.Equal(t, wantOK, ok)
			if ok {
				assert.Equal(t, want, got)
			}
		}
	})
}

func TestASeqSetTakesOddQuestions(t *testing.T) {
	var set seqSet
	set.remove(5) // of a set that never had it
	_, ok := set.prev(math.MaxInt)
	assert.False(t, ok, "an empty set has no member")

	set.add(0)
	got, ok := set.prev(math.MaxInt)
	assert.True(t, ok)
	assert.Zero(t, got)
	_, ok = set.prev(-1)
	assert.False(t, ok, "nothing comes before the first")
}
