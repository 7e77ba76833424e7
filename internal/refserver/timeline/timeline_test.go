package timeline_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/stackbe/stackbe-go/internal/refserver/timeline"
)

func TestItemsComeOutOnceWhenTheyFallDueEarliestFirst(t *testing.T) {
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

func TestAnItemThatTheCallerDidNotReachStays(t *testing.T) {
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
