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

// lastYear is the last one that a clock may reach. JSON has no time beyond 9999, and what is
// said to expire may be a year ahead.
const lastYear = 9998

// reaches reports whether the clock can be advanced by d.
func (c *clock) reaches(d time.Duration) bool {
	return d <= math.MaxInt64-time.Duration(c.ahead.Load()) && c.now().Add(d).UTC().Year() <= lastYear
}

func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }
