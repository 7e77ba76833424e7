package transport_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/transport"
)

const (
	apiKey       = "sk_live_canaryKey0123456789"
	sessionToken = "session-canary-0123456789"
	adminToken   = "admin.canary.jwt-0123456789"
	appID        = "app_1"
)

// failure is the error that a Transport of these tests makes of a transport.Failure.
type failure struct{ transport.Failure }

func (f *failure) Error() string {
	text := fmt.Sprintf("%s %s: status %d", f.Method, f.Route, f.StatusCode)
	if f.Cause != nil {
		text += ": " + f.Cause.Error()
	}
	return text
}

func (f *failure) Unwrap() error { return f.Cause }

// argumentError is that of an argument that cannot be sent.
type argumentError struct {
	field   string
	problem error
}

func (e *argumentError) Error() string { return e.field + " " + e.problem.Error() }

// credentialError is that of a credential that the Transport does not hold.
type credentialError struct{ missing transport.Credential }

func (e credentialError) Error() string { return fmt.Sprintf("no credential %d", e.missing) }

var errNoAppID = errors.New("no app id")

var testErrors = transport.Errors{
	Failed: func(f transport.Failure) error {
		f.Body = bytes.Clone(f.Body)
		return &failure{f}
	},
	InvalidArgument: func(field string, problem error) error { return &argumentError{field, problem} },
	NoCredential:    func(c transport.Credential) error { return credentialError{c} },
	NoAppID:         errNoAppID,
}

// newClient returns a Transport for base, with a credential of each kind.
func newClient(t *testing.T, base string, change ...func(*transport.Config)) *transport.Transport {
	t.Helper()
	parsed, err := url.Parse(base)
	require.NoError(t, err)
	cfg := transport.Config{
		BaseURL: parsed, APIKey: apiKey, AppID: appID, UserAgent: "tests", Retry: quick(3), Errors: testErrors,
		HTTPClient: &http.Client{Transport: newNetwork(t)},
	}
	for _, c := range change {
		c(&cfg)
	}
	return transport.New(cfg).AsCustomer(sessionToken).AsAdmin(adminToken)
}

func newNetwork(t *testing.T) *http.Transport {
	network := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(network.CloseIdleConnections)
	return network
}

// quick retries without a wait that a test would notice.
func quick(retries int) transport.Retry {
	return transport.Retry{Max: retries, MinWait: time.Microsecond, MaxWait: time.Second}
}

const (
	thingRoute  = "/v1/things/{thingID}"
	thingsRoute = "/v1/things"
)

// reading is a read, which may be retried after any failure.
func reading(out json.Unmarshaler) transport.Call {
	return transport.Call{Method: http.MethodGet, Route: thingRoute, ID: "thing_1", Credential: transport.APIKey, Out: out}
}

// writing is a write with the caller's key, or without one.
func writing(key string) transport.Call {
	return transport.Call{
		Method: http.MethodPost, Route: thingsRoute, Credential: transport.APIKey, Body: map[string]string{"name": "Jané"},
		IdempotencyKey: key, Out: &object{},
	}
}

// read makes the call of a read, and leaves its response aside.
func read(client *transport.Transport, ctx context.Context) error {
	return client.Do(ctx, reading(&object{}))
}

func write(client *transport.Transport, ctx context.Context, key string) error {
	return client.Do(ctx, writing(key))
}

// object takes any JSON object, and keeps it.
type object struct {
	fields map[string]any
	raw    string
}

func (o *object) UnmarshalJSON(data []byte) error {
	o.raw = string(data)
	return json.Unmarshal(data, &o.fields)
}

// failureOf returns the failure that err is.
func failureOf(t *testing.T, err error) *failure {
	t.Helper()
	var f *failure
	require.ErrorAs(t, err, &f)
	return f
}

// recorder is a loopback server that keeps the requests that reach it.
type recorder struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
}

// serve starts a server that responds to the n-th request, from 0, with respond.
func serve(t *testing.T, respond func(w http.ResponseWriter, r *http.Request, n int)) *recorder {
	t.Helper()
	rec := &recorder{}
	rec.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec.mu.Lock()
		n := len(rec.requests)
		rec.requests = append(rec.requests, r.Clone(r.Context()))
		rec.mu.Unlock()
		respond(w, r, n)
	}))
	t.Cleanup(rec.Close)
	return rec
}

func (rec *recorder) received() []*http.Request {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return rec.requests
}

// only returns the one request that was received.
func (rec *recorder) only(t *testing.T) *http.Request {
	t.Helper()
	require.Len(t, rec.received(), 1)
	return rec.received()[0]
}

func respondJSON(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// respondOK responds to every request with an empty object.
func respondOK(w http.ResponseWriter, _ *http.Request, _ int) { respondJSON(w, 200, `{}`) }

// drop closes the connection without a response.
func drop(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		conn.Close()
	}
}

func readAll(t *testing.T, r io.Reader) string {
	t.Helper()
	data, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(data)
}

// roundTripperFunc is a network without a socket.
type roundTripperFunc func(*http.Request) (*http.Response, error)

func (f roundTripperFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// withNetwork makes network the RoundTripper of the Transport.
func withNetwork(network http.RoundTripper) func(*transport.Config) {
	return func(c *transport.Config) { c.HTTPClient = &http.Client{Transport: network} }
}

func withRetries(retry transport.Retry) func(*transport.Config) {
	return func(c *transport.Config) { c.Retry = retry }
}

// response is one without a socket.
func response(status int, body io.Reader, headers ...string) *http.Response {
	header := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		header.Set(headers[i], headers[i+1])
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(body), ContentLength: -1}
}

// respondingTo is a network whose n-th response, from 0, is that of respond.
func respondingTo(respond func(n int) *http.Response) (network http.RoundTripper, sent *int) {
	sent = new(int)
	return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		*sent++
		got := respond(*sent - 1)
		got.Request = r
		return got, nil
	}), sent
}

// always is a network with the same response to each request.
func always(status int, body string, headers ...string) http.RoundTripper {
	network, _ := respondingTo(func(int) *http.Response { return response(status, strings.NewReader(body), headers...) })
	return network
}

// attempts counts those that are observed and logged.
type attempts struct {
	observed int
	log      bytes.Buffer
}

func (a *attempts) watch(cfg *transport.Config) {
	cfg.Observe = func(context.Context, transport.Attempt) { a.observed++ }
	cfg.Logger = slog.New(slog.NewTextHandler(&a.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (a *attempts) logged() int { return strings.Count(a.log.String(), "\n") }

// withRetry returns a context whose calls are retried in this way.
func withRetry(ctx context.Context, retry transport.Retry) context.Context {
	return transport.WithOptions(ctx, func(o *transport.Options) { o.Retry = &retry })
}

// withCapture returns a context whose calls store the metadata of their response in captured.
func withCapture(ctx context.Context, captured *transport.Captured) context.Context {
	return transport.WithOptions(ctx, func(o *transport.Options) {
		o.Capture = func(c transport.Captured) { *captured = c }
	})
}

func withHeader(ctx context.Context, name, value string) context.Context {
	return transport.WithOptions(ctx, func(o *transport.Options) {
		if o.Header == nil {
			o.Header = http.Header{}
		}
		o.Header[name] = []string{value}
	})
}

const (
	unkeyed         = "a write without a key"
	unkeyedBodyless = "a write without a key and without a body"
)

// kindsOfCall are those that differ in whether they may be retried, and whether
// net/http would replay them.
var kindsOfCall = map[string]func(ctx context.Context, client *transport.Transport) error{
	unkeyed:              func(ctx context.Context, client *transport.Transport) error { return write(client, ctx, "") },
	"a write with a key": func(ctx context.Context, client *transport.Transport) error { return write(client, ctx, "order-7") },
	unkeyedBodyless: func(ctx context.Context, client *transport.Transport) error {
		return client.Do(ctx, transport.Call{Method: http.MethodDelete, Route: "/v1/x", Credential: transport.APIKey})
	},
	"a read": func(ctx context.Context, client *transport.Transport) error { return read(client, ctx) },
}

// pipeListener is a network within the process, so that a bubble of synctest
// sees when all wait, and moves the time on.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l pipeListener) Close() error { close(l.closed); return nil }

func (l pipeListener) Addr() net.Addr { return &net.IPAddr{} }

func (l pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// inBubble runs test in a bubble with a real http.Server; both must be
// gone at its end, or synctest panics.
func inBubble(t *testing.T, respond http.HandlerFunc, retry transport.Retry, test func(t *testing.T, client *transport.Transport)) {
	synctest.Test(t, func(t *testing.T) {
		listener := pipeListener{make(chan net.Conn), make(chan struct{})}
		server := &http.Server{Handler: respond}
		go func() { _ = server.Serve(listener) }()
		network := &http.Transport{DialContext: listener.dial}
		test(t, newClient(t, "http://localhost", withNetwork(network), withRetries(retry)))
		network.CloseIdleConnections()
		require.NoError(t, server.Close())
	})
}

func httpTime(t time.Time) string { return t.UTC().Format(http.TimeFormat) }

// usual is the Retry of the root package's default.
var usual = transport.Retry{Max: 3, MinWait: 250 * time.Millisecond, MaxWait: 30 * time.Second}

// requireStatus stops the test unless err is the failure of a response with the status.
func requireStatus(t *testing.T, err error, status int) {
	t.Helper()
	require.Equal(t, status, failureOf(t, err).StatusCode)
}

func serveTLS(t *testing.T) *httptest.Server {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the handshake is to fail
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}
