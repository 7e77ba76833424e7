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

// retryDelay is the delay after that many failures; again is false if no attempt is left.
func (d *Dispatcher) retryDelay(failures int) (delay time.Duration, again bool) {
	if failures >= len(d.retryDelays) {
		return 0, false
	}
	return d.retryDelays[failures], true
}
