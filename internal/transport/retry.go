package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Retry bounds the attempts that follow a failed one.
type Retry struct {
	Max     int           // attempts after the first
	MinWait time.Duration // before the first of them; doubled for each that follows
	MaxWait time.Duration // the longest wait, the server's own wish included
}

// retryable decides whether another attempt is made, and sets the wait before it.
func (x *exchange) retryable(ctx context.Context, response *http.Response, err error) bool {
	if x.attempt > x.retry.Max || ctx.Err() != nil {
		return false
	}
	if err == nil {
		return x.retryableStatus(response.StatusCode) && x.schedule(ctx, response)
	}
	return x.retryableError(ctx, err) && x.schedule(ctx, nil)
}

// idempotent reports whether it does no harm if the server acts on the call
// more than once.
func (x *exchange) idempotent() bool {
	return x.call.safe() || x.call.IdempotencyKey != ""
}

var (
	refusedStatuses   = []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} // the server says that it did not act
	ambiguousStatuses = []int{http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout}
)

func (x *exchange) retryableStatus(status int) bool {
	return slices.Contains(refusedStatuses, status) ||
		x.idempotent() && slices.Contains(ambiguousStatuses, status)
}

func (x *exchange) retryableError(ctx context.Context, err error) bool {
	if errors.Is(err, ErrRedirectRefused) || errors.Is(err, ErrResponseTooLarge) {
		return false
	}
	if !x.idempotent() && !x.notSent {
		return false
	}
	var untrusted *tls.CertificateVerificationError
	if errors.As(err, &untrusted) {
		return false
	}
	// Invalid schemes, headers and redirects are left.
	retry, _ := retryablehttp.DefaultRetryPolicy(ctx, nil, err)
	return retry
}

// schedule sets the wait before the next attempt: a doubling wait, or the server's if
// that is longer, both with jitter. It reports false for a wait that is longer than
// Retry.MaxWait, because the server would refuse an earlier attempt, or that ends after
// the context's deadline.
func (x *exchange) schedule(ctx context.Context, response *http.Response) bool {
	retry := x.retry
	doubled := doubled(retry.MinWait, x.attempt-1, retry.MaxWait)
	wait := max(1, doubled/2+jitter(doubled/2)) // 0 would mean that no attempt follows
	asked := retryAfter(response, time.Now())
	if asked > retry.MaxWait {
		return false
	}
	wait = max(wait, asked+min(jitter(retry.MinWait/2), retry.MaxWait-asked))
	x.client.RetryWaitMin = wait
	deadline, bounded := ctx.Deadline()
	return !bounded || time.Until(deadline) > wait
}

// doubled returns wait, doubled that many times, or longest if that is less.
func doubled(wait time.Duration, times int, longest time.Duration) time.Duration {
	for ; times > 0; times-- {
		if wait > longest/2 {
			return longest
		}
		wait *= 2
	}
	return min(wait, longest)
}

// jitter returns a duration from 0 to most.
func jitter(most time.Duration) time.Duration {
	return time.Duration(rand.Uint64N(uint64(most) + 1))
}

// retryAfter returns how long the server asks to be left alone, by Retry-After
// or, on a 429, by X-RateLimit-Reset; 0 if it does not. Points in time are read against
// the server's own Date, so that a clock that is wrong here does no harm.
func retryAfter(response *http.Response, now time.Time) time.Duration {
	if response == nil {
		return 0
	}
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		now = date
	}
	asked := response.Header.Get("Retry-After")
	seconds, err := strconv.ParseUint(asked, 10, 64)
	if err == nil && seconds <= math.MaxInt64/uint64(time.Second) {
		return time.Duration(seconds) * time.Second
	}
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return math.MaxInt64
	}
	if until, err := http.ParseTime(asked); err == nil {
		return max(0, until.Sub(now))
	}
	if response.StatusCode != http.StatusTooManyRequests {
		return 0
	}
	return max(0, rateLimit(response.Header).Reset.Sub(now)) // without one, long ago
}
