package page

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A Limiter counts forms in windows of a minute, which start together for all senders.
type Limiter struct {
	// PerMinute is how many forms a sender may send in a minute; 0 means any number.
	PerMinute int
	// Now is the clock of the server.
	Now func() time.Time

	mu     sync.Mutex
	window int64
	counts map[string]int
}

// Take counts a form of a sender. Over the limit, it sets Retry-After and returns the problem to show.
func (l *Limiter) Take(w http.ResponseWriter, sender string) *Problem {
	if l.PerMinute == 0 {
		return nil
	}
	now := l.Now()
	start := now.Truncate(time.Minute)
	if l.count(start, sender) {
		return nil
	}
	left := start.Add(time.Minute).Sub(now)
	w.Header().Set("Retry-After", strconv.Itoa(int((left+time.Second-1)/time.Second)))
	return &Problem{Status: http.StatusTooManyRequests, Title: "That was too fast", Text: "Nothing was changed. Wait a minute, and send the form again."}
}

// count reports whether a form is within the limit.
func (l *Limiter) count(start time.Time, sender string) (within bool) {
	l.mu.Lock()
	defer l.mu.Unlock()

	if l.counts == nil || start.Unix() != l.window {
		l.window, l.counts = start.Unix(), map[string]int{}
	}
	l.counts[sender]++
	return l.counts[sender] <= l.PerMinute
}
