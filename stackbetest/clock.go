package stackbetest

import (
	"math"
	"sync/atomic"
	"time"
)

// clock is the one clock of a server: another one, and how far it was advanced.
type clock struct {
	base  func() time.Time
	ahead atomic.Int64
}

func (c *clock) now() time.Time { return c.base().Add(time.Duration(c.ahead.Load())) }

// reaches reports whether the clock can be advanced by d.
func (c *clock) reaches(d time.Duration) bool {
	return d <= math.MaxInt64-time.Duration(c.ahead.Load())
}

func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }
