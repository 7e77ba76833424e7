package program

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSeqSetMatchesMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var set seqSet
		model := map[int]bool{}
		top := 0
		number := rapid.OneOf(rapid.IntRange(0, 200), rapid.IntRange(0, 5_000))
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "action") {
			case 0:
				i := number.Draw(t, "i")
				set.remove(i)
				delete(model, i)
			case 1:
				i := number.Draw(t, "i")
				set.add(i)
				model[i] = true
				top = max(top, i)
			case 2: // enough in a row that chunks fill up
				for range rapid.IntRange(1, 700).Draw(t, "run") {
					top++
					set.add(top)
					model[top] = true
				}
			case 3: // enough out of a row that chunks empty
				from := number.Draw(t, "from")
				for i := from; i < from+700; i++ {
					set.remove(i)
					delete(model, i)
				}
			}
			require.Equal(t, len(model), set.size)
			before := number.Draw(t, "before")
			var want []int
			for member := range model {
				if member < before {
					want = append(want, member)
				}
			}
			slices.Sort(want)
			slices.Reverse(want)
			require.Equal(t, want, slices.Collect(set.backward(before)))
			for _, chunk := range set.chunks {
				require.NotEmpty(t, chunk)
				require.LessOrEqual(t, len(chunk), chunkLength)
			}
		}
	})
}

func TestSeqSetCanBeReadInPart(t *testing.T) {
	var set seqSet
	for i := range 2000 {
		set.add(i)
	}
	for seq := range set.backward(1500) {
		assert.Equal(t, 1499, seq)
		break
	}
}

func TestSeqSetEdgeCases(t *testing.T) {
	var none *seqSet
	assert.Empty(t, slices.Collect(none.backward(5)), "a set that was never made is empty")
	var set seqSet
	set.remove(5) // of a set that never had it
	assert.Empty(t, slices.Collect(set.backward(math.MaxInt32)))
	set.add(0)
	set.add(0)
	assert.Equal(t, 1, set.size)
	assert.Equal(t, []int{0}, slices.Collect(set.backward(math.MaxInt32)))
	assert.Empty(t, slices.Collect(set.backward(0)), "nothing comes before the first")
	assert.Empty(t, slices.Collect(set.backward(-1)))
}
