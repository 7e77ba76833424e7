package api

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/directory"
)

// A limiter counts requests in windows of a minute of the clock. The windows of all callers
// start together, so that they are dropped together.
type limiter struct {
	mu     sync.Mutex
	window int64
	counts map[string]int
}

const windowSeconds = 60

// take counts a request and returns how many there are in this window, and when it ends.
func (l *limiter) take(token string, now time.Time) (count int, reset int64) {
	window := now.Unix() / windowSeconds

	l.mu.Lock()
	defer l.mu.Unlock()

	if l.counts == nil || window != l.window {
		l.window, l.counts = window, map[string]int{}
	}
	l.counts[token]++
	return l.counts[token], (window + 1) * windowSeconds
}

// count counts a request and sets the headers of the limit. Callers without a valid credential are
// counted together, so that invalid ones take no memory.
func (h *Handler) count(w http.ResponseWriter, caller caller) (within bool, reset int64) {
	limit := h.PerKey
	if caller.credential.Kind == directory.Session {
		limit = h.PerSession
	}
	count, reset := h.limiter.take(caller.token, h.Now())
	setHeaders(w.Header(), [3]string{"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset"},
		[3]string{strconv.Itoa(limit), strconv.Itoa(max(0, limit-count)), strconv.FormatInt(reset, 10)})
	return count <= limit, reset
}

// limit counts a request. It returns the refusal of a request over the limit, nil for others.
func (h *Handler) limit(w http.ResponseWriter, caller caller) *response {
	within, reset := h.count(w, caller)
	if within || !h.EnforceRateLimits {
		return nil
	}
	w.Header().Set("Retry-After", strconv.FormatInt(max(1, reset-h.Now().Unix()), 10))
	return refuse(codeRateLimited, "Too many requests in this minute")
}
