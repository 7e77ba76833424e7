package portal

import (
	"sync"
	"time"
)

// A limiter counts forms in windows of a minute, which start together for all partners.
type limiter struct {
	mu     sync.Mutex
	window int64
	counts map[string]int
}

// take counts a form, and returns whether it is within the limit, and how long the window is still open.
func (l *limiter) take(subject string, limit int, now time.Time) (within bool, left time.Duration) {
	start := now.Truncate(time.Minute)

	l.mu.Lock()
	defer l.mu.Unlock()

	if l.counts == nil || start.Unix() != l.window {
		l.window, l.counts = start.Unix(), map[string]int{}
	}
	l.counts[subject]++
	return limit == 0 || l.counts[subject] <= limit, start.Add(time.Minute).Sub(now)
}
