package delivery

import (
	"slices"
	"time"
)

const (
	// maxAtWork is how many endpoints are sent to at the same time.
	maxAtWork = 16
	// shortestSleep keeps a clock that stands still from being asked all the time.
	shortestSleep = 50 * time.Millisecond
)

// Settle makes every attempt that is due, those held back too, and returns when none is at
// work and none is due, or when the dispatcher is closed.
func (d *Dispatcher) Settle() {
	for {
		changed, settled := d.makeAllDue()
		if settled {
			return
		}
		<-changed
	}
}

// makeAllDue begins all attempts that are due. The channel is closed when an attempt has
// ended.
func (d *Dispatcher) makeAllDue() (changed <-chan struct{}, settled bool) {
	d.mu.Lock()
	defer d.mu.Unlock()

	d.releaseHeldBack()
	d.start()
	return d.changed, d.atWork == 0 || d.closed
}

// NextDue is when the next attempt falls due that is not in flight; none is if ok is false.
func (d *Dispatcher) NextDue() (due time.Time, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()

	next := d.next()
	if next == nil || d.closed {
		return time.Time{}, false
	}
	return next.due, true
}

// next is the attempt that is to be made next: the one due earliest, of an endpoint that has
// none in flight. It is nil if there is none.
func (d *Dispatcher) next() *job {
	var earliest *job
	for _, e := range d.endpoints {
		if e.atWork || len(e.queue) == 0 {
			continue
		}
		if first := e.queue[0]; earliest == nil || first.compare(earliest) < 0 {
			earliest = first
		}
	}
	return earliest
}

// start begins the attempts that are due, as far as there is room, and sees to being called
// again: by the end of an attempt, or by the timer.
func (d *Dispatcher) start() {
	now := d.now()
	for !d.closed && d.atWork < maxAtWork {
		next := d.next()
		if next == nil {
			d.setTimer(0, false)
			return
		}
		if next.due.After(now) {
			d.setTimer(next.due.Sub(now), true)
			return
		}
		d.begin(next, now)
	}
}

func (d *Dispatcher) setTimer(sleep time.Duration, on bool) {
	switch {
	case !on && d.timer != nil:
		d.timer.Stop()
	case on && d.timer == nil:
		d.timer = time.AfterFunc(max(sleep, shortestSleep), d.wake)
	case on:
		d.timer.Reset(max(sleep, shortestSleep))
	}
}

func (d *Dispatcher) wake() {
	d.mu.Lock()
	defer d.mu.Unlock()

	d.start()
}

// begin takes the attempt out of its queue and makes it on a new goroutine.
func (d *Dispatcher) begin(j *job, now time.Time) {
	outgoing := d.newOutgoing(j.delivery, now)
	e := j.delivery.endpoint
	e.queue.remove(j)
	e.atWork = true
	d.atWork++
	d.running.Go(func() {
		defer d.leave(e)
		d.note(j, outgoing.send(d.lifetime))
	})
}

// note keeps how an attempt went, and tells the log.
func (d *Dispatcher) note(j *job, attempts []Attempt) {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return // it was broken off
	}
	d.changes.Add(1)
	d.conclude(j, attempts)
	state := j.delivery.state()
	d.mu.Unlock()

	logAttempts(d.logger, j.delivery, attempts, state)
}

// Changes is a number that grows with each attempt that is recorded.
func (d *Dispatcher) Changes() uint64 { return d.changes.Load() }

// conclude draws the consequences of an attempt.
func (d *Dispatcher) conclude(j *job, attempts []Attempt) {
	of := j.delivery
	of.add(attempts)
	d.keepExchanges(attempts)
	if of.job == j && slices.ContainsFunc(attempts, Attempt.acknowledged) {
		of.job, of.outcome = nil, Delivered
	}
	if slices.ContainsFunc(attempts, Attempt.gone) {
		d.disable(of.endpoint)
	}
	if of.job != j {
		return // it is delivered or canceled, or Redeliver came in between
	}
	delay, again := d.retryDelay(j.failures)
	if !again {
		of.job, of.outcome = nil, GivenUp
		return
	}
	j.failures++
	j.due = dueAfter(d.now(), delay)
	of.endpoint.queue.add(j)
}

// leave begins the attempts that waited for the end of another.
func (d *Dispatcher) leave(e *endpoint) {
	d.mu.Lock()
	defer d.mu.Unlock()

	e.atWork = false
	d.atWork--
	d.start()
	d.tellWaiters()
}

// disable ends every delivery to an endpoint.
func (d *Dispatcher) disable(e *endpoint) {
	e.Disabled = true
	for _, of := range d.deliveries {
		if of.endpoint == e && of.job != nil {
			d.drop(of.job)
			of.job, of.outcome = nil, Canceled
		}
	}
}

func (d *Dispatcher) tellWaiters() {
	close(d.changed)
	d.changed = make(chan struct{})
}
