package stackbetest

import (
	"net/http"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
	"github.com/stackbe/stackbe-go/webhooks"
)

// WebhookParams says where an app's events go, and in which form. URL and Secret are required.
type WebhookParams struct {
	// URL is the receiver's address, http or https.
	URL string

	// Secret is the one that the receiver has, as [webhooks.NewVerifier] takes it.
	Secret string

	// Scheme is how deliveries are signed. Default: [webhooks.SchemeTimestamped].
	Scheme webhooks.Scheme

	// Header is where the signature is. Default: [webhooks.DefaultSignatureHeader].
	Header string

	// Envelope is the form of the body. Default: [EnvelopePartner].
	Envelope Envelope

	// Events are the types of the events that are delivered: the constants of package webhooks.
	// Default: all of them.
	Events []webhooks.EventType

	// Timeout is how long the receiver has to respond, in real time. Default: 30 seconds, as
	// StackBE documents.
	Timeout time.Duration

	// Transport sends the deliveries, for instance to a receiver whose certificate only
	// httptest's client knows. Default: one of the server's own.
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

	// EnvelopeBare is {"event", "data"}, where a receiver has to do without an id. StackBE:
	// Partner Program.
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

// WithWebhook delivers the events of the server's first app to a URL, signed with the secret:
// see [App.AddWebhook].
func WithWebhook(url, secret string) Option {
	return func(o *options) { o.webhooks = append(o.webhooks, WebhookParams{URL: url, Secret: secret}) }
}

// WithWebhookRetries sets how long after each failure of a delivery the next attempt is made; it is
// given up after the last. Without delays nothing is retried. Default: 1, 5 and 15 minutes, then
// 1, 6, 12, 24 and 24 hours. A negative delay is an error of [Start].
func WithWebhookRetries(delays ...time.Duration) Option {
	return func(o *options) { o.config.WebhookRetries = append([]time.Duration{}, delays...) }
}

// AddWebhook delivers the app's events that happen from now on: a partner application that is
// approved or rejected, and the general events of customers, subscriptions, payments and
// entitlements, or those of them that the parameters name. Invalid parameters fail the test.
//
// A review puts its event on the way before the response; [Server.WaitForDeliveries] waits for
// the attempt. A webhook has one attempt at a time, and first attempts in the order of the events;
// one that failed holds up no other. A delivery without a 2xx response within the timeout is
// retried after 1, 5 and 15 minutes, then 1, 6, 12, 24 and 24 hours, on the server's clock, and
// then given up: [Server.Advance] takes a test there, and [WithWebhookRetries] sets another
// schedule. The event's id and the body are the same on every attempt; each has a signature of
// its own time. A redirect is not followed. A response of 410 disables the webhook.
//
// The signature is as old as the server's clock says. A receiver takes that clock, or refuses
// what comes after an Advance as signed in the future:
//
//	webhooks.NewVerifier(secret, webhooks.WithClock(server.Now))
func (a App) AddWebhook(params WebhookParams) (webhookID string) {
	a.server.t.Helper()
	added, err := a.server.reference.Webhooks.AddEndpoint(a.AppID, params.endpoint())
	if err != nil {
		a.server.t.Fatalf("stackbetest: AddWebhook: %v", err)
	}
	return added.ID
}

// A Webhook is where events go.
type Webhook struct {
	ID  string
	URL string
	// Disabled is set by a response of 410: nothing goes there any more.
	Disabled bool
}

// Webhooks is every webhook of every app, in the order in which they were added.
func (s *Server) Webhooks() []Webhook {
	var all []Webhook
	for _, endpoint := range s.reference.Webhooks.Endpoints() {
		all = append(all, Webhook(endpoint))
	}
	return all
}

// EnableWebhook lets a webhook that was disabled have the events that happen from now on. An
// unknown id fails the test.
func (s *Server) EnableWebhook(webhookID string) {
	s.t.Helper()
	if err := s.reference.Webhooks.EnableEndpoint(webhookID); err != nil {
		s.t.Fatalf("stackbetest: EnableWebhook: %v", err)
	}
}

// RotateWebhookSecret gives a webhook a new secret. For 24 hours of the server's clock, attempts
// carry a signature of the new and one of the old; webhooks.SchemeBody has room for the new one
// only. An unknown id, and a secret that is unusable or in use, fail the test.
func (s *Server) RotateWebhookSecret(webhookID, secret string) {
	s.t.Helper()
	if err := s.reference.Webhooks.RotateSecret(webhookID, secret); err != nil {
		s.t.Fatalf("stackbetest: RotateWebhookSecret: %v", err)
	}
}

// WaitForDeliveries returns when every attempt that is due has got its response, or timed
// out: due by the server's clock, also where that of [WithClock] was moved by hand. Do not call it
// from a webhook's receiver, which it waits for.
func (s *Server) WaitForDeliveries() { s.reference.Webhooks.Settle() }
