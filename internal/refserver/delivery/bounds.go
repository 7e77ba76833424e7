package delivery

import "slices"

// Bounds on what is kept. Contract.
const (
	// maxDeliveries is how many deliveries are kept. Beyond it, the oldest finished one is
	// dropped; if none is finished, the oldest, which is then not delivered.
	maxDeliveries = 10_000
	// maxAttempts is how many attempts of a delivery are kept, the newest.
	maxAttempts = 100
)

// MaxCopies is the most that [Misbehavior].Copies may be.
const MaxCopies = maxAttempts

// Dropped is how many deliveries are no longer kept.
func (d *Dispatcher) Dropped() int {
	d.mu.Lock()
	defer d.mu.Unlock()

	return d.dropped
}

// keep adds a delivery, and drops another if there is no room.
func (d *Dispatcher) keep(of *delivery) {
	if len(d.deliveries) >= maxDeliveries {
		d.makeRoom()
	}
	d.numbered++
	of.number = d.numbered
	d.deliveries = append(d.deliveries, of)
}

func (d *Dispatcher) makeRoom() {
	at := slices.IndexFunc(d.deliveries, func(of *delivery) bool { return of.job == nil })
	if at < 0 {
		at = 0
		d.abandon(d.deliveries[at])
	}
	d.deliveries = slices.Delete(d.deliveries, at, at+1)
	d.dropped++
}

// abandon gives a delivery up before it was attempted. It logs without the lock, since the
// log's handler may call the dispatcher.
func (d *Dispatcher) abandon(of *delivery) {
	d.drop(of.job)
	of.job, of.outcome = nil, Canceled
	d.running.Go(func() {
		d.logger.Warn("webhook delivery dropped, since too many are pending",
			"event", of.event.ID, "type", of.event.Kind, "endpoint", of.endpoint.ID, "kept", maxDeliveries)
	})
}

// add adds an attempt, and drops the oldest if there are too many.
func (d *delivery) add(attempts []Attempt) {
	d.attempts = append(d.attempts, attempts...)
	if more := len(d.attempts) - maxAttempts; more > 0 {
		d.attempts = slices.Delete(d.attempts, 0, more)
		d.dropped += more
	}
}
