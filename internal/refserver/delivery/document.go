package delivery

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/duration"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
	"github.com/stackbe/stackbe-go/webhooks"
)

// A Document is the state of a dispatcher, to be written as JSON and read back, or written by a
// person: the endpoints in the order in which they were added, the deliveries oldest first.
type Document struct {
	Webhooks   []WebhookDocument  `json:"webhooks,omitempty"`
	Deliveries []DeliveryDocument `json:"deliveries,omitempty"`
	// Dropped is [Dispatcher.Dropped].
	Dropped int `json:"droppedDeliveries,omitempty"`
}

// A WebhookDocument is an endpoint. Fields that are left out have the defaults of
// [EndpointParams].
type WebhookDocument struct {
	ID       string           `json:"id"`
	AppID    string           `json:"appId"`
	URL      string           `json:"url"`
	Disabled bool             `json:"disabled,omitempty"`
	Secrets  []SecretDocument `json:"secrets"`          // newest first
	Scheme   string           `json:"scheme,omitempty"` // as [webhooks.Scheme] writes it
	Header   string           `json:"header,omitempty"`
	Envelope Envelope         `json:"envelope,omitempty"`
	// Events are the types that go there; all, if that is left out.
	Events  []program.EventKind `json:"events,omitempty"`
	Timeout duration.Text       `json:"timeout,omitempty"`
}

// A SecretDocument is a secret, which signs until it expires; for ever, if that is left out. The newest
// secret of a webhook does not expire.
type SecretDocument struct {
	Secret    string    `json:"secret"`
	ExpiresAt time.Time `json:"expiresAt,omitzero"`
}

// A DeliveryDocument is one event on its way to one endpoint.
type DeliveryDocument struct {
	Event      program.Event     `json:"event"`
	EndpointID string            `json:"webhookId"`
	State      State             `json:"state"`
	Attempts   []AttemptDocument `json:"attempts,omitempty"`
	Dropped    int               `json:"droppedAttempts,omitempty"`
	// NextAttempt is when the next attempt is due, and Failures how many came before it on the
	// schedule. An attempt that was in flight is due again.
	NextAttempt time.Time `json:"nextAttempt,omitzero"`
	Failures    int       `json:"failures,omitempty"`
}

// An AttemptDocument is one attempt of a delivery.
type AttemptDocument struct {
	Started    time.Time     `json:"started"`
	StatusCode int           `json:"status,omitempty"`
	Error      string        `json:"error,omitempty"`
	Duration   duration.Text `json:"duration"`
	// Exchange is left out where it is not kept.
	Exchange *ExchangeDocument `json:"exchange,omitempty"`
}

// Document returns the current state, without the endpoints of apps that there are not: one may be added
// just after a restore has removed its app.
func (d *Dispatcher) Document(exists func(appID string) bool) Document {
	d.mu.Lock()
	defer d.mu.Unlock()

	document := Document{Dropped: d.dropped}
	for _, e := range d.endpoints {
		if exists(e.appID) {
			document.Webhooks = append(document.Webhooks, e.document())
		}
	}
	for _, of := range d.deliveries {
		if exists(of.endpoint.appID) {
			document.Deliveries = append(document.Deliveries, of.document())
		}
	}
	return document
}

func (e *endpoint) document() WebhookDocument {
	document := WebhookDocument{
		ID:       e.ID,
		AppID:    e.appID,
		URL:      e.URL,
		Disabled: e.Disabled,
		Header:   e.header,
		Envelope: e.envelope,
		Events:   e.events,
		Timeout:  duration.Text(e.timeout),
	}
	if e.scheme != 0 {
		document.Scheme = e.scheme.String()
	}
	for _, s := range e.secrets {
		document.Secrets = append(document.Secrets, SecretDocument{s.text, s.expiresAt.Round(0).UTC()})
	}
	return document
}

func (d *delivery) document() DeliveryDocument {
	document := DeliveryDocument{Event: d.event.Event, EndpointID: d.endpoint.ID, State: d.state(), Dropped: d.dropped}
	for _, a := range d.attempts {
		document.Attempts = append(document.Attempts, a.document())
	}
	if d.job != nil {
		document.NextAttempt, document.Failures = d.job.due.Round(0).UTC(), d.job.failures
	}
	return document
}

func (a Attempt) document() AttemptDocument {
	document := AttemptDocument{Started: a.Started.Round(0).UTC(), StatusCode: a.StatusCode, Duration: duration.Text(a.Duration)}
	if a.Err != nil {
		document.Error = a.Err.Error()
	}
	if kept := a.exchangeOf(); kept != nil {
		exchange := ExchangeDocument(*kept)
		document.Exchange = &exchange
	}
	return document
}

// A Read is a document that was read, for [Dispatcher.Restore].
type Read struct {
	endpoints  []*endpoint
	deliveries []*delivery
	exchanges  []*keptExchange
	dropped    int
}

// Read reads a document, and changes nothing. An endpoint with the id of an existing one uses the
// transport of that one. If the document is invalid, the error says why.
func (d *Dispatcher) Read(document Document) (Read, error) {
	if err := checkCount("droppedDeliveries", document.Dropped); err != nil {
		return Read{}, err
	}
	if len(document.Deliveries) > maxDeliveries {
		return Read{}, fmt.Errorf("deliveries: there are more than %d", maxDeliveries)
	}
	read := Read{dropped: document.Dropped}
	byID := map[string]*endpoint{}
	for i, webhook := range document.Webhooks {
		made, err := d.readEndpoint(webhook)
		if err == nil && (webhook.ID == "" || byID[webhook.ID] != nil) {
			err = fmt.Errorf("the id %q is empty or taken", webhook.ID)
		}
		if err != nil {
			return Read{}, fmt.Errorf("webhooks[%d]: %w", i, err)
		}
		byID[webhook.ID] = made
		read.endpoints = append(read.endpoints, made)
	}
	for i, of := range document.Deliveries {
		made, err := d.readDelivery(of, byID[of.EndpointID])
		if err != nil {
			return Read{}, fmt.Errorf("deliveries[%d]: %w", i, err)
		}
		read.deliveries = append(read.deliveries, made)
	}
	read.exchanges = exchangesOf(read.deliveries)
	return read, nil
}

// maxCount is the most that a document may say was counted: it leaves room to count on, also with 32 bits.
const maxCount = 1 << 30

func checkCount(field string, count int) error {
	if count < 0 || count > maxCount {
		return fmt.Errorf("%s: it must be 0 to %d", field, maxCount)
	}
	return nil
}

func (d *Dispatcher) readEndpoint(document WebhookDocument) (*endpoint, error) {
	if len(document.Secrets) == 0 {
		return nil, errors.New("secrets are missing")
	}
	if !document.Secrets[0].ExpiresAt.IsZero() {
		return nil, errors.New("secrets[0].expiresAt: the newest secret, which comes first, does not expire")
	}
	scheme, err := readScheme(document.Scheme)
	if err != nil {
		return nil, err
	}
	made, err := newEndpoint(document.ID, document.AppID, EndpointParams{
		URL:      document.URL,
		Secret:   document.Secrets[0].Secret,
		Scheme:   scheme,
		Header:   cmp.Or(document.Header, d.signatureHeader),
		Envelope: document.Envelope,
		Events:   document.Events,
		Timeout:  time.Duration(document.Timeout),
	}, d.transportOf(document.ID))
	if err != nil {
		return nil, err
	}
	made.Disabled = document.Disabled
	made.secrets = nil
	for i, s := range document.Secrets {
		one := secret{s.Secret, s.ExpiresAt}
		if err := made.trySigning([]secret{one}); err != nil { // of several, a scheme may use one only
			return nil, fmt.Errorf("secrets[%d]: %w", i, err)
		}
		made.secrets = append(made.secrets, one)
	}
	return made, made.trySigning(made.secrets)
}

func readScheme(name string) (webhooks.Scheme, error) {
	for _, scheme := range []webhooks.Scheme{webhooks.SchemeTimestamped, webhooks.SchemeBody, webhooks.SchemeStandard} {
		if name == scheme.String() {
			return scheme, nil
		}
	}
	if name != "" {
		return 0, fmt.Errorf("there is no webhook scheme %q", name)
	}
	return 0, nil
}

func (d *Dispatcher) transportOf(endpointID string) http.RoundTripper {
	d.mu.Lock()
	defer d.mu.Unlock()

	if e, err := d.endpoint(endpointID); err == nil {
		return e.transport
	}
	return d.transport
}

func (d *Dispatcher) readDelivery(document DeliveryDocument, to *endpoint) (*delivery, error) {
	if to == nil {
		return nil, fmt.Errorf("there is no webhook %q", document.EndpointID)
	}
	if err := document.Event.Check(); err != nil {
		return nil, err
	}
	if !slices.Contains([]State{Pending, Delivered, GivenUp, Canceled}, document.State) {
		return nil, fmt.Errorf("the state cannot be %q", document.State)
	}
	if err := errors.Join(checkCount("droppedAttempts", document.Dropped), checkCount("failures", document.Failures)); err != nil {
		return nil, err
	}
	made := &delivery{event: newEvent(document.Event), endpoint: to, dropped: document.Dropped}
	made.body = made.event.body(to.envelope)
	for i, a := range document.Attempts {
		if a.StatusCode < 0 || a.StatusCode > 999 { // a response may have any three digits
			return nil, fmt.Errorf("attempts[%d].status: it must be 0 to 999", i)
		}
		made.add([]Attempt{a.attempt()})
	}
	if document.State != Pending {
		made.outcome = document.State
		return made, nil
	}
	if to.Disabled {
		return nil, errors.New("state: it cannot be pending, since the webhook is disabled")
	}
	made.job = &job{delivery: made, due: document.NextAttempt, failures: document.Failures}
	return made, nil
}

func (a AttemptDocument) attempt() Attempt {
	made := Attempt{Started: a.Started, StatusCode: a.StatusCode, Duration: time.Duration(a.Duration)}
	if a.Error != "" {
		made.Err = errors.New(a.Error)
	}
	if a.Exchange != nil {
		exchange := Exchange(*a.Exchange)
		made.kept = &keptExchange{&exchange}
	}
	return made
}

// Restore replaces the dispatcher's state by the one that was read. The result of an attempt in
// flight has no effect. The misbehavior stays. It returns [Dispatcher.Secrets] of the state before.
func (d *Dispatcher) Restore(read Read) (replaced []string) {
	d.mu.Lock()
	defer d.mu.Unlock()

	replaced, d.former = d.secrets(), nil
	d.endpoints, d.deliveries, d.dropped, d.heldBack = read.endpoints, read.deliveries, read.dropped, nil
	d.exchanges = read.exchanges
	for _, of := range d.deliveries {
		d.numbered++
		of.number = d.numbered
		if of.job != nil {
			d.jobs++
			of.job.number = d.jobs
			of.endpoint.queue.add(of.job)
		}
	}
	d.start()
	d.tellWaiters()
	return replaced
}

var envelopes = []string{PartnerEnvelope: "partner", GeneralEnvelope: "general", BareEnvelope: "bare"}

// MarshalText writes the name of an envelope.
func (e Envelope) MarshalText() ([]byte, error) { return []byte(envelopes[e]), nil }

// UnmarshalText reads the name of an envelope.
func (e *Envelope) UnmarshalText(text []byte) error {
	at := slices.Index(envelopes, string(text))
	if at < 0 {
		return fmt.Errorf("there is no webhook envelope %q", text)
	}
	*e = Envelope(at)
	return nil
}
