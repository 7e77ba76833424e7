// Package stackbetest runs StackBE's partner program in memory, for tests and for trying it out. It
// needs no account and no network, and the caller controls the time, the failures and the webhooks.
//
//	func TestPartnerEarnsOnAPayment(t *testing.T) {
//		server := stackbetest.New(t)
//		client := server.Client()
//		…
//		server.Subscribe(customerID, affiliates.PlanEnterprise)
//		server.Advance(30 * 24 * time.Hour)
//		…
//	}
//
// The server keeps state and follows the rules of docs/contract.md: later responses show the
// effects of an application, a review or a payment. Each server is separate from all others, so
// tests may run in parallel. Rate limits are sent in headers, but enforced only with
// [WithRateLimits]. All events are delivered to webhooks, those of reviews, customers,
// subscriptions and payments; see [WithWebhook].
//
// # Without a socket
//
// [Server.Handler] is the server without a network, and [Server.Transport] sends requests to it. In a
// bubble of testing/synctest, a server has no socket at all: its clients use the transport, it takes
// its time from the bubble's clock, and webhooks are handlers ([WebhookParams].Handler). Make it inside
// the bubble, with the bubble's t:
//
//	synctest.Test(t, func(t *testing.T) {
//		server := stackbetest.New(t)
//		…
//		time.Sleep(time.Minute) // no time passes outside
//	})
//
// docs/testing.md shows how to test with it.
package stackbetest

import (
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/inprocess"
	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
)

// A Server is a running reference server. Make one with [New] or [Start]. The fields and methods of
// its first app are those of the Server: server.Client() is a client of that app. It is safe for
// concurrent use. But call a method that can fail the test from the test's own goroutine.
type Server struct {
	App // the first app; [Server.AddApp] makes others

	// URL is the base URL, without a slash at its end. A server without a socket has one that no
	// network reaches: only [Server.Transport] does.
	URL string

	t         testing.TB
	contract  stackbe.Contract
	reference *refserver.Server
	direct    *inprocess.Transport
	listening *listening // nil without a socket

	mu        sync.Mutex
	closed    bool
	receivers []*inprocess.Transport // to the handlers of webhooks
}

// An Option changes how a server is made.
type Option func(*options)

type options struct {
	config        refserver.Config
	webhooks      []WebhookParams
	unknownRoutes bool
	withoutSocket bool
}

// WithSeed makes the ids, keys and tokens from a seed: with the same seed and clock, the same calls get
// the same responses, byte for byte, but for the address of a server with a socket. It is in links, and
// its port is another in each run. By default ids, keys and tokens are random.
func WithSeed(seed int64) Option {
	return func(o *options) { o.config.Seed = strconv.FormatInt(seed, 10) }
}

// WithUnknownRoutes lets a test call routes that the server does not have. Without it, such a call
// gets its 404 or 405 and fails the test.
func WithUnknownRoutes() Option { return func(o *options) { o.unknownRoutes = true } }

// WithoutSocket makes a server that does not listen: only its clients and [Server.Transport] reach it.
// A server that is made in a bubble of testing/synctest never listens.
func WithoutSocket() Option { return func(o *options) { o.withoutSocket = true } }

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
	server, err := start(t, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

// Start starts a server outside of a test; the caller closes it. It returns an error if no loopback
// port is free, or if a webhook or an option is invalid. A method that would fail the test panics
// on this server, and an unknown route only gets its response.
func Start(opts ...Option) (*Server, error) {
	return start(outsideTests{}, append(slices.Clip(opts), WithUnknownRoutes()))
}

func start(t testing.TB, opts []Option) (*Server, error) {
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
	s := &Server{t: t, contract: stackbe.Contract(settings.config.Contract)}
	if !settings.unknownRoutes {
		settings.config.UnknownRoute = s.unknownRoute
	}
	s.reference = refserver.New(settings.config)
	s.direct = inprocess.New(s.reference)
	if err := s.open(settings); err != nil {
		s.Close()
		return nil, fmt.Errorf("stackbetest: %w", err)
	}
	return s, nil
}

// open makes the first app, its webhooks, and the socket.
func (s *Server) open(settings options) error {
	app, err := s.reference.AddApp(refserver.AppParams{})
	if err != nil {
		return err
	}
	s.App = s.newApp(app)
	for _, webhook := range settings.webhooks {
		if _, err := s.addWebhook(app.ID, webhook); err != nil {
			return fmt.Errorf("WithWebhook: %w", err)
		}
	}
	if settings.withoutSocket || inBubble() {
		s.URL = unreachable
		return nil
	}
	listener, err := listen(net.Listen)
	if err != nil {
		return fmt.Errorf("no loopback port to listen on: %w", err)
	}
	s.URL = "http://" + listener.Addr().String()
	s.listening = serve(listener, s.reference.HTTPServer())
	return nil
}

// unknownRoute fails the test. It is called on the goroutine of a request, which may outlive the test.
func (s *Server) unknownRoute(method, path string) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if !s.closed && path != "/favicon.ico" { // which browsers request by themselves
		s.t.Errorf("stackbetest: %s %s: the server has no such route; stackbetest.WithUnknownRoutes lets a test call it", method, path)
	}
}

// listening is a server on its socket, and the connections of its clients.
type listening struct {
	http      *http.Server
	stopped   chan struct{} // closed when nothing is accepted any more
	transport *http.Transport
}

func serve(listener net.Listener, server *http.Server) *listening {
	l := &listening{http: server, stopped: make(chan struct{}), transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	l.http.ErrorLog = log.New(io.Discard, "", 0)
	go func() {
		defer close(l.stopped)
		_ = l.http.Serve(listener) // ends with close
	}()
	return l
}

func (l *listening) close() {
	_ = l.http.Close() // what it fails with concerns a listener that is gone either way
	<-l.stopped
	l.transport.CloseIdleConnections()
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
	s.mu.Lock()
	s.closed = true
	receivers := s.receivers
	s.mu.Unlock()

	if s.listening != nil {
		s.listening.close()
	}
	s.direct.Close()
	s.reference.Close()
	for _, receiver := range receivers {
		receiver.Close()
	}
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
func (outsideTests) Cleanup(func())                    {}
func (outsideTests) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
