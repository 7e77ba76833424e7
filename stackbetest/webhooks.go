package stackbetest

import (
	"cmp"
	"errors"
	"net/http"
	"time"

	"github.com/stackbe/stackbe-go/internal/inprocess"
	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
	"github.com/stackbe/stackbe-go/webhooks"
)

// WebhookParams describes a webhook of an app. Secret is required, and a URL or a Handler.
type WebhookParams struct {
	// URL is the receiver's address, http or https. With a Handler, it is what the handler sees.
	// Default with a Handler: http://webhook.test/.
	URL string

	// Handler is the receiver, in the same process and without a socket. [Server.Close] waits for it.
	Handler http.Handler

	// Secret is the secret that the receiver gives to [webhooks.NewVerifier].
	Secret string

	// Scheme is how deliveries are signed. Default: [webhooks.SchemeTimestamped].
	Scheme webhooks.Scheme

	// Header is the header of the signature. Default: the SignatureHeader of the server's contract, which
	// is [webhooks.DefaultSignatureHeader] without WithContract.
	Header string

	// Envelope is the form of the body. Default: [EnvelopePartner].
	Envelope Envelope

	// Events are the types of the events that are delivered: the constants of package webhooks.
	// Default: all of them.
	Events []webhooks.EventType

	// Timeout is how long the receiver has to respond, in real time or that of the bubble. Default: 30 seconds, as
	// StackBE documents.
	Timeout time.Duration

	// Transport sends the deliveries, for example to a receiver whose certificate only httptest's
	// client knows. Default: a transport of the server. It excludes a Handler.
	Transport http.RoundTripper
}

// Envelope is the form of a delivery's body.
type Envelope int

const (
	// EnvelopePartner is {"id", "event", "timestamp", "data"} for the partner events: event and
	// data as StackBE's page on the partner program shows them, id and timestamp as its page on
	// webhooks does. Contract. The general events come as with EnvelopeGeneral.
	EnvelopePartner Envelope = iota

	// EnvelopeGeneral is {"id", "type", "timestamp", "data"}. StackBE: Webhooks.
	EnvelopeGeneral

	// EnvelopeBare is {"event", "data"}: it has no id. StackBE: Partner Program.
	EnvelopeBare
)

func (p WebhookParams) endpoint() delivery.EndpointParams {
	var events []program.EventKind
	for _, eventType := range p.Events {
		events = append(events, program.EventKind(eventType))
	}
	return delivery.EndpointParams{
		URL:       p.URL,
		Secret:    p.Secret,
		Scheme:    p.Scheme,
		Header:    p.Header,
		Envelope:  delivery.Envelope(p.Envelope),
		Events:    events,
		Timeout:   p.Timeout,
		Transport: p.Transport,
	}
}

// handlerURL is the URL of a receiver that is a handler.
const handlerURL = "http://webhook.test/"

func (s *Server) addWebhook(appID string, params WebhookParams) (delivery.Endpoint, error) {
	if params.Handler == nil && params.URL == "" {
		return delivery.Endpoint{}, errors.New("the webhook has no receiver: give a Handler, or a URL, which must be an absolute http or https URL")
	}
	if params.Handler == nil {
		return s.reference.Webhooks.AddEndpoint(appID, params.endpoint())
	}
	if params.Transport != nil {
		return delivery.Endpoint{}, errors.New("the webhook has a Handler and a Transport; give one of them")
	}
	receiver := inprocess.New(params.Handler)
	params.Transport = receiver
	params.URL = cmp.Or(params.URL, handlerURL)
	added, err := s.reference.Webhooks.AddEndpoint(appID, params.endpoint())
	if err != nil {
		return delivery.Endpoint{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()

	s.receivers = append(s.receivers, receiver)
	return added, nil
}

// WithWebhook delivers the events of the server's first app to a URL, signed with the secret:
// see [App.AddWebhook].
func WithWebhook(url, secret string) Option {
	return func(o *options) { o.webhooks = append(o.webhooks, WebhookParams{URL: url, Secret: secret}) }
}

// WithWebhookRetries sets the delay between each failed attempt of a delivery and the next. After
// the last delay the delivery is given up; without delays nothing is retried. Default: 1, 5 and 15
// minutes, then 1, 6, 12, 24 and 24 hours. With a negative delay, Start returns an error.
func WithWebhookRetries(delays ...time.Duration) Option {
	return func(o *options) { o.config.WebhookRetries = append([]time.Duration{}, delays...) }
}

// AddWebhook adds a webhook for the app's events from now on: a partner application is approved or
// rejected, and the general events of customers, subscriptions, payments and entitlements, or those
// of them that the parameters name. Invalid parameters fail the test.
//
// A review sends its event before its response; [Server.WaitForDeliveries] waits for the attempt. A
// webhook has one attempt at a time, and first attempts in the order of the events. A failed
// delivery does not delay others. A delivery without a 2xx response within the timeout is retried
// after 1, 5 and 15 minutes, then 1, 6, 12, 24 and 24 hours, on the server's clock, and then given
// up. [Server.Advance] moves that clock, and [WithWebhookRetries] sets another schedule. The
// event's id and the body are the same on every attempt; each attempt is signed anew. A redirect is
// not followed. A response of 410 disables the webhook.
//
// The timestamp of the signature is that of the server's clock. Give the receiver the same clock,
// or it refuses deliveries after an Advance as signed in the future:
//
//	webhooks.NewVerifier(secret, webhooks.WithClock(server.Now))
func (a App) AddWebhook(params WebhookParams) (webhookID string) {
	a.server.t.Helper()
	added, err := a.server.addWebhook(a.AppID, params)
	if err != nil {
		a.server.t.Fatalf("stackbetest: AddWebhook: %v", err)
	}
	return added.ID
}

// A Webhook is an endpoint that receives events.
type Webhook struct {
	ID  string
	URL string
	// Disabled is true after a response of 410, and once an admin has disabled the webhook in the
	// console: no more events are sent.
	Disabled bool
}

// Webhooks returns the webhooks of every app, in the order in which they were added.
func (s *Server) Webhooks() []Webhook {
	var all []Webhook
	for _, endpoint := range s.reference.Webhooks.Endpoints() {
		all = append(all, Webhook(endpoint))
	}
	return all
}

// EnableWebhook enables a disabled webhook for the events from now on. An unknown id fails the
// test.
func (s *Server) EnableWebhook(webhookID string) {
	s.t.Helper()
	if err := s.reference.Webhooks.EnableEndpoint(webhookID); err != nil {
		s.t.Fatalf("stackbetest: EnableWebhook: %v", err)
	}
}

// RotateWebhookSecret gives a webhook a new secret. For 24 hours of the server's clock, attempts
// carry a signature of the new secret and one of the old; [webhooks.SchemeBody] has room for the
// new one only. An unknown id fails the test, and so does a secret that is invalid or in use.
func (s *Server) RotateWebhookSecret(webhookID, secret string) {
	s.t.Helper()
	if err := s.reference.Webhooks.RotateSecret(webhookID, secret); err != nil {
		s.t.Fatalf("stackbetest: RotateWebhookSecret: %v", err)
	}
}

// WaitForDeliveries returns when every attempt that is due has its response, or has timed out. Due
// is by the server's clock, also if the test moves the clock of [WithClock] itself. Do not call it
// from a webhook's receiver, which it waits for.
func (s *Server) WaitForDeliveries() { s.reference.Webhooks.Settle() }
