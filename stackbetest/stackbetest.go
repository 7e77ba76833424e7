// Package stackbetest runs StackBE's partner program in memory, for tests and for trying it out. It
// needs no account and no network, and the caller controls the time.
//
//	func TestPartnerEarnsOnAPayment(t *testing.T) {
//		server := stackbetest.New(t)
//		client := server.Client()
//		…
//		server.RecordPayment(customerID, affiliates.MoneyFromCents(4900))
//		server.Advance(30 * 24 * time.Hour)
//		…
//	}
//
// The server keeps state and follows the rules of docs/contract.md: later responses show the
// effects of an application, a review or a payment. Each server is separate from all others, so
// tests may run in parallel. Rate limits are sent in headers, but enforced only with
// [WithRateLimits]. All events are delivered to webhooks, those of reviews, customers,
// subscriptions and payments; see [WithWebhook].
package stackbetest

import (
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
)

// A Server is a running reference server. Make one with [New] or [Start]. The fields and methods of
// its first app are those of the Server: server.Client() is a client of that app. It is safe for
// concurrent use. But call a method that can fail the test from the test's own goroutine.
type Server struct {
	App        // the first app; [Server.AddApp] makes others
	URL string // the base URL, without a slash at its end

	t         testing.TB
	contract  stackbe.Contract
	reference *refserver.Server
	http      *http.Server
	stopped   chan struct{} // closed when nothing is accepted any more
	transport *http.Transport
}

// An Option changes how a server is made.
type Option func(*options)

type options struct {
	config   refserver.Config
	webhooks []WebhookParams
}

// WithRateLimits enforces rate limits, in requests a minute, for each API key or admin token,
// and for each session. Zero means what StackBE documents: 1,000 and 100.
//
// A client waits in real time, so it may reach the next minute of a running clock. To test a
// refusal, stop the clock with [WithClock], and turn off the client's retries in [App.Config].
// Advancing the server by a minute then opens the next window.
func WithRateLimits(perKey, perSession int) Option {
	return func(o *options) {
		o.config.EnforceRateLimits = true
		o.config.RateLimitPerKey = perKey
		o.config.RateLimitPerSession = perSession
	}
}

// WithContract makes the server follow another contract, and so do the clients of [App.Client] and
// [App.Config]. If [stackbe.New] refuses the Contract, Start returns an error. The OpenAPI document
// at /openapi.yaml stays that of the default.
func WithContract(c stackbe.Contract) Option {
	return func(o *options) { o.config.Contract = contract.Contract(c) }
}

// WithClock sets the clock that [Server.Advance] adds to. It must be safe for concurrent use and
// must not go backwards. Default: time.Now.
func WithClock(now func() time.Time) Option {
	return func(o *options) { o.config.Now = now }
}

// WithLogger sets the logger of unexpected errors inside the server, and of each attempt to
// deliver to a webhook. Default: none.
func WithLogger(logger *slog.Logger) Option {
	return func(o *options) { o.config.Logger = logger }
}

// New starts a server that ends with the test. A failure to start fails the test. In a subtest,
// make a server with the subtest's own t.
func New(t testing.TB, opts ...Option) *Server {
	t.Helper()
	server, err := Start(opts...)
	if err != nil {
		t.Fatal(err)
	}
	server.t = t
	t.Cleanup(server.Close)
	return server
}

// Start starts a server outside of a test; the caller closes it. It returns an error if no loopback
// port is free, or if a webhook or an option is invalid. A method that would fail the test panics
// on this server.
func Start(opts ...Option) (*Server, error) {
	var settings options
	for _, opt := range opts {
		opt(&settings)
	}
	if err := delivery.CheckRetryDelays(settings.config.WebhookRetries); err != nil {
		return nil, fmt.Errorf("stackbetest: WithWebhookRetries: %w", err)
	}
	if err := refserver.CheckContract(settings.config.Contract); err != nil {
		return nil, fmt.Errorf("stackbetest: WithContract: %w", err)
	}
	reference := refserver.New(settings.config)

	app, err := reference.AddApp(refserver.AppParams{})
	if err != nil {
		return nil, fmt.Errorf("stackbetest: %w", err)
	}
	for _, webhook := range settings.webhooks {
		if _, err := reference.Webhooks.AddEndpoint(app.ID, webhook.endpoint()); err != nil {
			return nil, fmt.Errorf("stackbetest: WithWebhook: %w", err)
		}
	}
	listener, err := listen(net.Listen)
	if err != nil {
		return nil, fmt.Errorf("stackbetest: no loopback port to listen on: %w", err)
	}
	server := &Server{
		URL:       "http://" + listener.Addr().String(),
		t:         outsideTests{},
		contract:  stackbe.Contract(settings.config.Contract),
		reference: reference,
		http:      reference.HTTPServer(),
		stopped:   make(chan struct{}),
		transport: &http.Transport{MaxIdleConnsPerHost: 64},
	}
	server.http.ErrorLog = log.New(io.Discard, "", 0)
	server.App = server.newApp(app)
	go func() {
		defer close(server.stopped)
		_ = server.http.Serve(listener) // ends with Close
	}()
	return server, nil
}

// listen listens on the IPv4 loopback address, or on that of IPv6 if there is no IPv4.
func listen(on func(network, address string) (net.Listener, error)) (net.Listener, error) {
	listener, err := on("tcp", "127.0.0.1:0")
	if err == nil {
		return listener, nil
	}
	listener, err6 := on("tcp6", "[::1]:0")
	if err6 != nil {
		return nil, errors.Join(err, err6)
	}
	return listener, nil
}

// Close ends the server, every connection to it, and deliveries to webhooks. It may be called
// more than once.
func (s *Server) Close() {
	_ = s.http.Close() // what it fails with concerns a listener that is gone either way
	<-s.stopped
	s.reference.Close()
	s.transport.CloseIdleConnections()
}

// Now returns the server's time: that of its clock plus all that it was advanced by.
func (s *Server) Now() time.Time { return s.reference.Now() }

// Advance moves the server's time on: for holding periods, links, sessions, rate limits, webhooks
// and everything else. A negative duration fails the test, and so does more than 292 years in all,
// or a time beyond the year 9998.
//
// Time stops at each delivery that falls due on the way until its attempt has been made, as in
// [Server.WaitForDeliveries]. So do not call Advance from a webhook's receiver.
func (s *Server) Advance(d time.Duration) {
	s.t.Helper()
	if err := s.reference.Advance(d); err != nil {
		s.t.Fatalf("stackbetest: Advance(%v): %v", d, err)
	}
}

// outsideTests is the testing.TB of a server that no test has made.
type outsideTests struct{ testing.TB }

func (outsideTests) Helper()                           {}
func (outsideTests) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
