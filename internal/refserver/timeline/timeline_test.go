package timeline_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/stackbe/stackbe-go/internal/refserver/timeline"
)

func TestDueYieldsEachItemOnceEarliestFirst(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

	rapid.Check(t, func(t *rapid.T) {
		var line timeline.Timeline[int]
		waiting := []int{}
		now := 0
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "add") {
				due := rapid.IntRange(0, 100).Draw(t, "due")
				line.Add(start.Add(time.Duration(due)*time.Second), due)
				waiting = append(waiting, due)
				continue
			}
			now += rapid.IntRange(0, 40).Draw(t, "wait")

			got := slices.Collect(line.Due(start.Add(time.Duration(now) * time.Second)))

			slices.Sort(waiting)
			cut, _ := slices.BinarySearch(waiting, now+1)
			assert.Equal(t, waiting[:cut], append([]int{}, got...))
			waiting = append([]int{}, waiting[cut:]...)
			assert.Equal(t, len(waiting), line.Len())
		}
	})
}

func TestDueKeepsItemsAfterBreak(t *testing.T) {
	var line timeline.Timeline[string]
	due := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	line.Add(due, "first")
	line.Add(due.Add(time.Second), "second")

	for item := range line.Due(due.Add(time.Hour)) {
		assert.Equal(t, "first", item)
		break
	}

	assert.Equal(t, []string{"second"}, slices.Collect(line.Due(due.Add(time.Hour))))
}

func TestDueYieldsSimultaneousItemsInOrderOfAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var line timeline.Timeline[[2]int]
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		var want [][2]int
		for i, due := range rapid.SliceOfN(rapid.IntRange(0, 3), 1, 60).Draw(t, "dues") {
			line.Add(start.Add(time.Duration(due)*time.Second), [2]int{due, i})
			want = append(want, [2]int{due, i})
		}
		slices.SortStableFunc(want, func(a, b [2]int) int { return a[0] - b[0] })
		assert.Equal(t, want, slices.Collect(line.Due(start.Add(time.Hour))))
	})
}

func TestAddLastPutsItemsAfterOthersOfTheSameTime(t *testing.T) {
	var line timeline.Timeline[string]
	due := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	line.AddLast(due.Add(time.Second), "e")
	line.AddLast(due, "c")
	line.Add(due, "a")
	line.Add(due, "b")
	line.Add(due.Add(time.Second), "d")
	assert.Equal(t, []string{"a", "b", "c", "d", "e"}, slices.Collect(line.All()))
	assert.Equal(t, []string{"a", "b", "c", "d", "e"}, slices.Collect(line.Due(due.Add(time.Hour))))
}

func TestNextTakesEarliestItemBeforeItIsDue(t *testing.T) {
	var line timeline.Timeline[string]
	_, ok := line.Next()
	assert.False(t, ok)
	due := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	line.Add(due.Add(time.Second), "second")
	line.Add(due, "first")
	item, ok := line.Next()
	assert.True(t, ok)
	assert.Equal(t, "first", item)
	assert.Equal(t, 1, line.Len())
}

func TestCloneIsIndependent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var line timeline.Timeline[[2]int]
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		var want [][2]int
		for i, due := range rapid.SliceOfN(rapid.IntRange(0, 5), 1, 60).Draw(t, "dues") {
			line.Add(start.Add(time.Duration(due)*time.Second), [2]int{due, i})
			want = append(want, [2]int{due, i})
		}
		slices.SortStableFunc(want, func(a, b [2]int) int { return a[0] - b[0] })
		next, ok := line.NextDue()
		assert.True(t, ok)
		assert.Equal(t, start.Add(time.Duration(want[0][0])*time.Second), next)

		clone := line.Clone()
		for range line.Due(start.Add(3 * time.Second)) {
			line.Add(start.Add(time.Hour), [2]int{})
		}
		assert.Equal(t, want, slices.Collect(clone.All()))
		assert.Equal(t, len(want), clone.Len(), "none is taken out")
	})
	var empty timeline.Timeline[int]
	_, ok := empty.NextDue()
	assert.False(t, ok)
}

func TestDropWhileStopsAtTheFirstItemThatStays(t *testing.T) {
	var line timeline.Timeline[int]
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, item := range []int{5, 1, 3, 2, 4} {
		line.Add(start.Add(time.Duration(item)*time.Second), item)
	}
	assert.Zero(t, line.DropWhile(func(item int) bool { return item%2 == 0 }))
	assert.Equal(t, 2, line.DropWhile(func(item int) bool { return item < 3 }))
	assert.Equal(t, []int{3, 4, 5}, slices.Collect(line.Due(start.Add(time.Hour))))
	assert.Zero(t, line.DropWhile(func(int) bool { return true }))
}

func TestKeepLeavesTheOrderOfTheOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var line timeline.Timeline[[2]int]
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		for i, due := range rapid.SliceOf(rapid.IntRange(0, 5)).Draw(t, "dues") {
			line.Add(start.Add(time.Duration(due)*time.Second), [2]int{due, i})
		}
		odd := func(item [2]int) bool { return item[1]%2 == 1 }
		var want [][2]int
		for item := range line.All() {
			if odd(item) {
				want = append(want, item)
			}
		}
		line.Keep(odd)
		assert.Equal(t, want, slices.Collect(line.Due(start.Add(time.Hour))))
	})
}
