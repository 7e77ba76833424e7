// Package delivery sends the events of partner programs to webhook endpoints: signed, at least
// once, and repeated on a schedule until they are acknowledged. The rules are those of
// docs/contract.md. It can also misbehave on purpose, so that a receiver can be tested.
package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// Config is what a [Dispatcher] needs from outside. All of it is required.
type Config struct {
	// Now is the clock that the schedule and the signatures go by. It must not call the
	// dispatcher.
	Now func() time.Time
	// NewID makes a unique id that starts with the prefix.
	NewID func(prefix string) string
	// Logger hears of each attempt.
	Logger *slog.Logger
}

// A Dispatcher knows the webhook endpoints of any number of apps, and delivers events to them.
// It is safe for concurrent use. While no attempt is at work it holds no goroutine; a timer
// wakes it when the next one falls due.
//
// An endpoint has one attempt at a time, those that are due earliest first. An attempt that
// failed does not hold up those of later events.
type Dispatcher struct {
	now       func() time.Time
	newID     func(prefix string) string
	logger    *slog.Logger
	transport *http.Transport

	lifetime context.Context // ends with Close
	end      context.CancelFunc
	running  sync.WaitGroup // attempts at work

	mu           sync.Mutex
	closed       bool
	endpoints    []*endpoint // in the order in which they were added
	deliveries   []*delivery // oldest first
	misbehaviour Misbehaviour
	heldBack     []*job // by Misbehaviour.Reorder, oldest first
	jobs         int    // made so far
	atWork       int    // attempts
	changed      chan struct{}
	timer        *time.Timer
}

const (
	endpointIDPrefix = "wh_"
	eventIDPrefix    = "evt_"

	// maxAtWork is how many endpoints are sent to at the same time.
	maxAtWork = 16
	// shortestSleep keeps a clock that stands still from being asked all the time.
	shortestSleep = 50 * time.Millisecond
	idleTimeout   = 90 * time.Second
)

// New makes a dispatcher without endpoints. The caller closes it.
func New(config Config) *Dispatcher {
	lifetime, end := context.WithCancel(context.Background())
	return &Dispatcher{
		now:       config.Now,
		newID:     config.NewID,
		logger:    config.Logger,
		transport: &http.Transport{Proxy: http.ProxyFromEnvironment, IdleConnTimeout: idleTimeout},
		lifetime:  lifetime,
		end:       end,
		changed:   make(chan struct{}),
	}
}

// Close breaks off what is at work, waits for its end, and delivers nothing any more. It may be
// called more than once.
func (d *Dispatcher) Close() {
	d.mu.Lock()
	d.closed = true
	d.setTimer(0, false)
	d.tellWaiters()
	d.mu.Unlock()

	d.end()
	d.running.Wait()
	d.transport.CloseIdleConnections()
}

// AddEndpoint makes an enabled endpoint of an app, which gets the events that happen from now
// on. It fails with an error that says what to change when the parameters are unusable.
func (d *Dispatcher) AddEndpoint(appID string, params EndpointParams) (Endpoint, error) {
	added, err := newEndpoint(d.newID(endpointIDPrefix), appID, params, d.transport)
	if err != nil {
		return Endpoint{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()

	d.endpoints = append(d.endpoints, added)
	return added.Endpoint, nil
}

// Endpoints is every endpoint, in the order in which they were added.
func (d *Dispatcher) Endpoints() []Endpoint {
	d.mu.Lock()
	defer d.mu.Unlock()

	all := make([]Endpoint, len(d.endpoints))
	for i, e := range d.endpoints {
		all[i] = e.Endpoint
	}
	return all
}

// EnableEndpoint lets an endpoint that was disabled have events again: those that happen from
// now on. It fails when there is no such endpoint.
func (d *Dispatcher) EnableEndpoint(id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()

	e, err := d.endpoint(id)
	if err != nil {
		return err
	}
	e.Disabled = false
	return nil
}

// RotateSecret gives an endpoint a new secret. For [RotationOverlap] the one before signs too.
// It fails when there is no such endpoint, and when the secret is unusable.
func (d *Dispatcher) RotateSecret(id, secret string) error {
	d.mu.Lock()
	defer d.mu.Unlock()

	e, err := d.endpoint(id)
	if err != nil {
		return err
	}
	return e.rotate(secret, d.now())
}

func (d *Dispatcher) endpoint(id string) (*endpoint, error) {
	for _, e := range d.endpoints {
		if e.ID == id {
			return e, nil
		}
	}
	return nil, fmt.Errorf("there is no webhook endpoint %q", id)
}

// Publish puts an event on its way to each enabled endpoint of the app. It returns at once, and
// calls nothing but the clock and the source of ids.
func (d *Dispatcher) Publish(appID string, happened program.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()

	if d.closed {
		return
	}
	var made *event
	for _, e := range d.endpoints {
		if e.appID != appID || e.Disabled {
			continue
		}
		if made == nil {
			made = newEvent(d.newID(eventIDPrefix), happened)
		}
		d.enqueue(&delivery{event: made, endpoint: e, body: made.body(e.envelope)})
	}
	d.start()
}

// enqueue makes the first attempt of a delivery due.
func (d *Dispatcher) enqueue(new *delivery) {
	d.deliveries = append(d.deliveries, new)
	new.job = d.newJob(new)
	if d.misbehaviour.Reorder {
		d.heldBack = append(d.heldBack, new.job)
		return
	}
	new.endpoint.queue.add(new.job)
}

func (d *Dispatcher) newJob(of *delivery) *job {
	d.jobs++
	return &job{delivery: of, due: d.now(), number: d.jobs}
}

// Misbehave changes how attempts are made from now on.
func (d *Dispatcher) Misbehave(how Misbehaviour) {
	d.mu.Lock()
	defer d.mu.Unlock()

	d.misbehaviour = how
	if !how.Reorder {
		d.releaseHeldBack()
	}
	d.start()
}

// releaseHeldBack makes what was held back due, newest first.
func (d *Dispatcher) releaseHeldBack() {
	for _, held := range slices.Backward(d.heldBack) {
		d.jobs++
		held.due, held.number = d.now(), d.jobs
		held.delivery.endpoint.queue.add(held)
	}
	d.heldBack = nil
}

// Deliveries shows every delivery, oldest first.
func (d *Dispatcher) Deliveries() []Delivery {
	d.mu.Lock()
	defer d.mu.Unlock()

	all := make([]Delivery, len(d.deliveries))
	for i, shown := range d.deliveries {
		all[i] = shown.describe()
	}
	return all
}

// Redeliver sends an event again, at once and whatever became of it, to each enabled endpoint
// that it was for; the schedule starts anew. It fails when there is no such event, or no such
// endpoint.
func (d *Dispatcher) Redeliver(eventID string) error {
	d.mu.Lock()
	defer d.mu.Unlock()

	known, sent := false, false
	for _, again := range d.deliveries {
		if again.event.id != eventID {
			continue
		}
		known = true
		if again.endpoint.Disabled {
			continue
		}
		sent = true
		d.drop(again.job)
		again.job = d.newJob(again)
		again.endpoint.queue.add(again.job)
	}
	if !known {
		return fmt.Errorf("no event %q was sent to an endpoint", eventID)
	}
	if !sent {
		return errors.New("every endpoint of the event is disabled; enable one first")
	}
	d.start()
	return nil
}

// drop takes back an attempt that has not begun. The result of one that has begun is noted,
// and leads to nothing.
func (d *Dispatcher) drop(j *job) {
	if j == nil {
		return
	}
	j.delivery.endpoint.queue.remove(j)
	d.heldBack = slices.DeleteFunc(d.heldBack, func(held *job) bool { return held == j })
}

// Settle makes every attempt that is due, those held back too, and returns when none is at
// work and none is due, or when the dispatcher is closed.
func (d *Dispatcher) Settle() {
	for {
		d.mu.Lock()
		d.releaseHeldBack()
		d.start()
		settled, changed := d.atWork == 0 || d.closed, d.changed
		d.mu.Unlock()

		if settled {
			return
		}
		<-changed
	}
}

// NextDue is when the next attempt falls due that is not at work; none is if ok is false.
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
// none at work. It is nil if there is none.
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

// begin takes the attempt out of its queue and makes it, on a goroutine of its own.
func (d *Dispatcher) begin(j *job, now time.Time) {
	e := j.delivery.endpoint
	e.queue.remove(j)
	e.atWork = true
	d.atWork++
	outgoing := d.newOutgoing(j.delivery, now)
	d.running.Go(func() {
		attempts := outgoing.send(d.lifetime)
		d.finish(j, attempts)
	})
}

// finish notes how an attempt went, and begins what was waiting for its end.
func (d *Dispatcher) finish(j *job, attempts []Attempt) {
	d.mu.Lock()
	defer d.mu.Unlock()

	j.delivery.endpoint.atWork = false
	d.atWork--
	if !d.closed {
		d.settle(j, attempts)
		d.start()
	}
	d.tellWaiters()
}

// settle notes the results, and what follows from them.
func (d *Dispatcher) settle(j *job, attempts []Attempt) {
	of := j.delivery
	of.attempts = append(of.attempts, attempts...)
	defer of.log(d.logger, attempts)

	if slices.ContainsFunc(attempts, Attempt.gone) {
		d.disable(of.endpoint)
	}
	if of.job != j {
		return // Redeliver or disable came in between
	}
	of.job = nil
	if slices.ContainsFunc(attempts, Attempt.acknowledged) {
		of.outcome = Delivered
		return
	}
	delay, again := retryDelay(j.failures)
	if !again {
		of.outcome = GivenUp
		return
	}
	j.failures++
	j.due = d.now().Add(delay)
	of.job = j
	of.endpoint.queue.add(j)
}

// disable ends every delivery to an endpoint.
func (d *Dispatcher) disable(e *endpoint) {
	e.Disabled = true
	for _, of := range d.deliveries {
		if of.endpoint == e && of.job != nil {
			d.drop(of.job)
			of.job = nil
			of.outcome = Canceled
		}
	}
}

func (d *Dispatcher) tellWaiters() {
	close(d.changed)
	d.changed = make(chan struct{})
}
