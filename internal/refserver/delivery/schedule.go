package delivery

import "time"

// retryDelays is how long after a failure the next attempt is made. Contract.
var retryDelays = [...]time.Duration{
	5 * time.Second,
	5 * time.Minute,
	30 * time.Minute,
	2 * time.Hour,
	5 * time.Hour,
	10 * time.Hour,
	10 * time.Hour,
}

// AttemptTimeout is how long a receiver has to answer. StackBE: Webhooks.
const AttemptTimeout = 30 * time.Second

// retryDelay is how long to wait after a failure that came after so many others; again is
// false when no attempt is left.
func retryDelay(failures int) (delay time.Duration, again bool) {
	if failures >= len(retryDelays) {
		return 0, false
	}
	return retryDelays[failures], true
}
