package delivery

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
	"github.com/stackbe/stackbe-go/webhooks"
)

// An App is the webhooks of one app. It has nothing of another app's, and changes nothing of it.
type App struct {
	dispatcher *Dispatcher
	id         string
}

// App returns the webhooks of an app.
func (d *Dispatcher) App(id string) App { return App{d, id} }

// An EndpointView is an endpoint with its parameters.
type EndpointView struct {
	Endpoint
	Scheme   webhooks.Scheme // never 0
	Header   string
	Envelope Envelope
	Events   []program.EventKind // all, if empty
	Timeout  time.Duration
	// Secret is the newest secret. OldSecretUntil is when the last of those before it ends to sign;
	// zero if none of them signs.
	Secret         string
	OldSecretUntil time.Time
}

func (e *endpoint) view(now time.Time) EndpointView {
	view := EndpointView{
		Endpoint: e.Endpoint,
		Scheme:   cmp.Or(e.scheme, webhooks.SchemeTimestamped),
		Header:   e.header,
		Envelope: e.envelope,
		Events:   slices.Clone(e.events),
		Timeout:  e.timeout,
		Secret:   e.secrets[0].text,
	}
	for _, old := range e.validSecrets(now)[1:] {
		if old.expiresAt.After(view.OldSecretUntil) {
			view.OldSecretUntil = old.expiresAt
		}
	}
	return view
}

// Endpoints are the app's, in the order in which they were added.
func (a App) Endpoints() []EndpointView {
	a.dispatcher.mu.Lock()
	defer a.dispatcher.mu.Unlock()

	var all []EndpointView
	now := a.dispatcher.now()
	for _, e := range a.dispatcher.endpoints {
		if e.appID == a.id {
			all = append(all, e.view(now))
		}
	}
	return all
}

// Endpoint is the app's endpoint with the id. It returns an error matching [ErrUnknown].
func (a App) Endpoint(id string) (EndpointView, error) {
	a.dispatcher.mu.Lock()
	defer a.dispatcher.mu.Unlock()

	e, err := a.endpoint(id)
	if err != nil {
		return EndpointView{}, err
	}
	return e.view(a.dispatcher.now()), nil
}

// ErrUnknown says that the app has no such endpoint, or no such delivery.
var ErrUnknown = errors.New("unknown")

// endpoint is for the holder of the lock.
func (a App) endpoint(id string) (*endpoint, error) {
	e, err := a.dispatcher.endpoint(id)
	if err != nil || e.appID != a.id {
		return nil, fmt.Errorf("%w: the app has no webhook %q", ErrUnknown, id)
	}
	return e, nil
}

// change changes an endpoint of the app, and then starts what is due.
func (a App) change(id string, change func(*endpoint) error) error {
	a.dispatcher.mu.Lock()
	defer a.dispatcher.mu.Unlock()

	e, err := a.endpoint(id)
	if err != nil {
		return err
	}
	if err := change(e); err != nil {
		return err
	}
	a.dispatcher.start()
	return nil
}

// AddEndpoint is [Dispatcher.AddEndpoint] for the app.
func (a App) AddEndpoint(params EndpointParams) (Endpoint, error) {
	return a.dispatcher.AddEndpoint(a.id, params)
}

// Rotate is [Dispatcher.RotateSecret] for an endpoint of the app.
func (a App) Rotate(endpointID, secret string) error {
	return a.change(endpointID, func(e *endpoint) error { return a.dispatcher.rotate(e, secret) })
}

// Enable makes an endpoint receive the events from now on.
func (a App) Enable(endpointID string) error {
	return a.change(endpointID, func(e *endpoint) error { e.Disabled = false; return nil })
}

// Disable makes an endpoint receive no events, and cancels the deliveries to it that are pending.
func (a App) Disable(endpointID string) error {
	return a.change(endpointID, func(e *endpoint) error { a.dispatcher.disable(e); return nil })
}

// ErrDisabled says that an endpoint is disabled, and receives nothing until it is enabled.
var ErrDisabled = errors.New("the webhook is disabled; enable it first")

// Redeliver delivers an event again to one endpoint, as [Dispatcher.Redeliver] does to all. It returns
// an error matching [ErrUnknown] or [ErrDisabled].
func (a App) Redeliver(endpointID, eventID string) error {
	return a.change(endpointID, func(*endpoint) error {
		of, err := a.delivery(endpointID, eventID)
		if err != nil {
			return err
		}
		if of.endpoint.Disabled {
			return ErrDisabled
		}
		a.dispatcher.restart(of)
		return nil
	})
}

// delivery is for the holder of the lock.
func (a App) delivery(endpointID, eventID string) (*delivery, error) {
	for _, of := range slices.Backward(a.dispatcher.deliveries) {
		if of.event.ID == eventID && of.endpoint.ID == endpointID && of.endpoint.appID == a.id {
			return of, nil
		}
	}
	return nil, fmt.Errorf("%w: no event %q was sent to the webhook %q, or 10,000 deliveries were made since", ErrUnknown, eventID, endpointID)
}

// Delivery is the delivery of an event to an endpoint. It returns an error matching [ErrUnknown].
func (a App) Delivery(endpointID, eventID string) (Delivery, error) {
	a.dispatcher.mu.Lock()
	defer a.dispatcher.mu.Unlock()

	of, err := a.delivery(endpointID, eventID)
	if err != nil {
		return Delivery{}, err
	}
	return of.describe(), nil
}

// A DeliveryQuery asks for one page of the deliveries, newest first.
type DeliveryQuery struct {
	// EndpointID and State, unless empty, leave out other deliveries.
	EndpointID string
	State      State
	program.PageQuery
}

// Deliveries is one page of the deliveries that are kept. Its position is that of [program.PageQuery]; a
// position that no page has returned selects what is older.
func (a App) Deliveries(asked DeliveryQuery) program.Page[Delivery] {
	a.dispatcher.mu.Lock()
	defer a.dispatcher.mu.Unlock()

	all := a.dispatcher.deliveries
	if asked.Before > 0 {
		end, _ := slices.BinarySearchFunc(all, asked.Before, func(of *delivery, before int) int { return cmp.Compare(of.number, before) })
		all = all[:end]
	}
	var page program.Page[Delivery]
	for _, of := range slices.Backward(all) {
		if of.endpoint.appID != a.id ||
			asked.EndpointID != "" && of.endpoint.ID != asked.EndpointID ||
			asked.State != "" && of.state() != asked.State {
			continue
		}
		if len(page.Rows) == asked.Limit {
			page.Next = of.number + 1 // the lowest position that has this one next
			break
		}
		page.Rows = append(page.Rows, of.describe())
	}
	return page
}
