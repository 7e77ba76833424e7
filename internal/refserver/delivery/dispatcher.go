// Package delivery sends the events of partner programs to webhook endpoints: signed, at least
// once, and retried on a schedule until they are acknowledged. The rules are those of
// docs/contract.md. It can also misbehave on purpose, so that a receiver can be tested.
package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// Config configures a [Dispatcher]. All fields but RetryDelays and SignatureHeader are required.
type Config struct {
	// Now is the clock that the schedule and the signatures go by. It must not call the
	// dispatcher.
	Now func() time.Time
	// NewID makes a unique id that starts with the prefix.
	NewID func(prefix string) string
	// Logger receives each attempt.
	Logger *slog.Logger
	// RetryDelays is how long after each failure the next attempt is made, none after the
	// last. Nil means the schedule of docs/contract.md; an empty slice, that nothing is
	// retried. See [CheckRetryDelays].
	RetryDelays []time.Duration
	// SignatureHeader is that of endpoints which name none. Default: webhooks.DefaultSignatureHeader.
	SignatureHeader string
}

// A Dispatcher knows the webhook endpoints of any number of apps, and delivers events to them.
// It is safe for concurrent use. While no attempt is in flight it holds no goroutine; a timer
// wakes it when the next one falls due.
//
// An endpoint has one attempt at a time, those that are due earliest first. An attempt that
// failed does not hold up those of later events.
type Dispatcher struct {
	now       func() time.Time
	newID     func(prefix string) string
	logger    *slog.Logger
	transport *http.Transport

	retryDelays     []time.Duration
	signatureHeader string

	lifetime context.Context // ends with Close
	end      context.CancelFunc
	running  sync.WaitGroup // attempts in flight

	changes atomic.Uint64 // attempts that were recorded

	mu          sync.Mutex
	closed      bool
	endpoints   []*endpoint     // in the order in which they were added
	former      []string        // secrets that endpoints have no longer
	deliveries  []*delivery     // oldest first, at most maxDeliveries
	dropped     int             // deliveries that are not among them any more
	numbered    int             // deliveries that were ever added
	exchanges   []*keptExchange // oldest attempt first, at most maxExchanges
	misbehavior Misbehavior
	heldBack    []*job // by Misbehavior.Reorder, oldest first
	jobs        int    // made so far
	atWork      int    // attempts
	changed     chan struct{}
	timer       *time.Timer
}

const (
	endpointIDPrefix = "wh_"

	// idleTimeout is how long a connection to a receiver is kept for the next event.
	idleTimeout = 90 * time.Second
)

// New makes a dispatcher without endpoints. The caller closes it.
func New(config Config) *Dispatcher {
	lifetime, end := context.WithCancel(context.Background())
	delays := slices.Clone(config.RetryDelays)
	if delays == nil {
		delays = retryDelays[:]
	}
	return &Dispatcher{
		now:         config.Now,
		newID:       config.NewID,
		logger:      config.Logger,
		transport:   &http.Transport{Proxy: http.ProxyFromEnvironment, IdleConnTimeout: idleTimeout},
		retryDelays: delays,

		signatureHeader: config.SignatureHeader,

		lifetime: lifetime,
		end:      end,
		changed:  make(chan struct{}),
	}
}

// Close cancels the attempts in flight, waits for them, and delivers nothing more. It may be
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

// AddEndpoint makes an enabled endpoint of an app, which gets the events from now on. If the
// parameters are invalid, its error says what to change.
func (d *Dispatcher) AddEndpoint(appID string, params EndpointParams) (Endpoint, error) {
	params.Header = cmp.Or(params.Header, d.signatureHeader)
	added, err := newEndpoint("", appID, params, d.transport)
	if err != nil {
		return Endpoint{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()

	added.ID = d.freeID()
	d.endpoints = append(d.endpoints, added)
	return added.Endpoint, nil
}

// freeID makes an id that no endpoint has, also of a document whose counts of ids were left out.
func (d *Dispatcher) freeID() string {
	for {
		id := d.newID(endpointIDPrefix)
		if _, err := d.endpoint(id); err != nil {
			return id
		}
	}
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

// Secrets are the secrets of all endpoints, also those that were replaced since the last
// [Dispatcher.Restore].
func (d *Dispatcher) Secrets() []string {
	d.mu.Lock()
	defer d.mu.Unlock()

	return d.secrets()
}

func (d *Dispatcher) secrets() []string {
	all := slices.Clone(d.former)
	for _, e := range d.endpoints {
		for _, s := range e.secrets {
			all = append(all, s.text)
		}
	}
	return all
}

// EnableEndpoint enables a disabled endpoint for the events from now on. It returns an error if
// there is no such endpoint.
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

// RotateSecret gives an endpoint a new secret. For [RotationOverlap] the old secret signs too.
// It returns an error if there is no such endpoint, or if the secret is invalid.
func (d *Dispatcher) RotateSecret(id, secret string) error {
	d.mu.Lock()
	defer d.mu.Unlock()

	e, err := d.endpoint(id)
	if err != nil {
		return err
	}
	return d.rotate(e, secret)
}

func (d *Dispatcher) rotate(e *endpoint, secret string) error {
	dropped, err := e.rotate(secret, d.now())
	d.former = append(d.former, dropped...)
	return err
}

func (d *Dispatcher) endpoint(id string) (*endpoint, error) {
	for _, e := range d.endpoints {
		if e.ID == id {
			return e, nil
		}
	}
	return nil, fmt.Errorf("there is no webhook %q", id)
}

// Publish starts the delivery of an event to each enabled endpoint of the app. It returns at
// once, and calls only the clock.
func (d *Dispatcher) Publish(appID string, happened program.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()

	if d.closed {
		return
	}
	var made *event
	for _, e := range d.endpoints {
		if e.appID != appID || e.Disabled || !e.takes(happened.Kind) {
			continue
		}
		if made == nil {
			made = newEvent(happened)
		}
		d.enqueue(&delivery{event: made, endpoint: e, body: made.body(e.envelope)})
	}
	d.start()
}

// enqueue makes the first attempt of a delivery due.
func (d *Dispatcher) enqueue(of *delivery) {
	d.keep(of)
	of.job = d.newJob(of)
	if d.misbehavior.Reorder {
		d.heldBack = append(d.heldBack, of.job)
		return
	}
	of.endpoint.queue.add(of.job)
}

func (d *Dispatcher) newJob(of *delivery) *job {
	d.jobs++
	return &job{delivery: of, due: d.now(), number: d.jobs}
}

// Misbehave changes how attempts are made from now on.
func (d *Dispatcher) Misbehave(how Misbehavior) {
	d.mu.Lock()
	defer d.mu.Unlock()

	d.misbehavior = how
	if !how.Reorder {
		d.releaseHeldBack()
	}
	d.start()
}

// releaseHeldBack makes the deliveries that were held back due, newest first.
func (d *Dispatcher) releaseHeldBack() {
	for _, held := range slices.Backward(d.heldBack) {
		d.jobs++
		held.due, held.number = d.now(), d.jobs
		held.delivery.endpoint.queue.add(held)
	}
	d.heldBack = nil
}

// Deliveries shows the deliveries that are kept, oldest first.
func (d *Dispatcher) Deliveries() []Delivery {
	d.mu.Lock()
	defer d.mu.Unlock()

	all := make([]Delivery, len(d.deliveries))
	for i, shown := range d.deliveries {
		all[i] = shown.describe()
	}
	return all
}

// Redeliver delivers an event again, at once and whatever its state, to each of its enabled
// endpoints; the schedule starts anew. It returns an error if there is no such event, or no
// such endpoint.
func (d *Dispatcher) Redeliver(eventID string) error {
	d.mu.Lock()
	defer d.mu.Unlock()

	known, sent := false, false
	for _, again := range d.deliveries {
		if again.event.ID != eventID {
			continue
		}
		known = true
		if again.endpoint.Disabled {
			continue
		}
		sent = true
		d.restart(again)
	}
	if !known {
		return fmt.Errorf("no event %q was sent to a webhook, or 10,000 deliveries were made since", eventID)
	}
	if !sent {
		return errors.New("every webhook of the event is disabled; enable one first")
	}
	d.start()
	return nil
}

// restart makes the first attempt of the schedule due.
func (d *Dispatcher) restart(of *delivery) {
	d.drop(of.job)
	of.job = d.newJob(of)
	of.endpoint.queue.add(of.job)
}

// drop cancels an attempt that has not begun. The result of an attempt in flight is
// recorded and has no further effect.
func (d *Dispatcher) drop(j *job) {
	if j == nil {
		return
	}
	j.delivery.endpoint.queue.remove(j)
	d.heldBack = slices.DeleteFunc(d.heldBack, func(held *job) bool { return held == j })
}
