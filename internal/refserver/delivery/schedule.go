package delivery

import (
	"fmt"
	"time"
)

// retryDelays is how long after a failure the next attempt is made, unless
// [Config.RetryDelays] says otherwise. Contract: the only schedule that StackBE's vendor
// publishes, of a newer product.
var retryDelays = [...]time.Duration{
	time.Minute,
	5 * time.Minute,
	15 * time.Minute,
	time.Hour,
	6 * time.Hour,
	12 * time.Hour,
	24 * time.Hour,
	24 * time.Hour,
}

// AttemptTimeout is how long a receiver has to respond. StackBE: Webhooks.
const AttemptTimeout = 30 * time.Second

// CheckRetryDelays returns an error that says which of the delays is unusable.
func CheckRetryDelays(delays []time.Duration) error {
	for _, delay := range delays {
		if delay < 0 {
			return fmt.Errorf("the retry delay %v is negative", delay)
		}
	}
	return nil
}

// dueAfter is when an attempt is due. A document has no time beyond the year 9999.
func dueAfter(now time.Time, delay time.Duration) time.Time {
	if due := now.Add(delay); due.UTC().Year() <= 9999 {
		return due
	}
	return time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)
}

// retryDelay is the delay after that many failures; again is false if no attempt is left.
func (d *Dispatcher) retryDelay(failures int) (delay time.Duration, again bool) {
	if failures >= len(d.retryDelays) {
		return 0, false
	}
	return d.retryDelays[failures], true
}
