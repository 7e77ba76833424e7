package transport

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestDoubledWaits(t *testing.T) {
	for name, test := range map[string]struct {
		wait    time.Duration
		times   int
		longest time.Duration
		want    time.Duration
	}{
		"the first is the shortest":            {time.Second, 0, time.Minute, time.Second},
		"each is twice the one before":         {time.Second, 3, time.Minute, 8 * time.Second},
		"none is above the longest":            {time.Second, 6, time.Minute, time.Minute},
		"a shortest above the longest":         {time.Minute, 0, time.Second, time.Second},
		"the longest is reached from any wait": {1, 1000, time.Hour, time.Hour},
		"a sum that would overflow":            {1<<61 + 1, 2, math.MaxInt64, math.MaxInt64},
		"a product that would overflow to 0":   {1 << 62, 2, math.MaxInt64, math.MaxInt64},
		"no wait at all":                       {0, 1000, time.Hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, doubled(test.wait, test.times, test.longest))
		})
	}
}
