package transport_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// failsThen fails the first request as roundTrip does, and responds to the others.
func failsThen(roundTrip func(r *http.Request) error) (network roundTripperFunc, sent *int) {
	sent = new(int)
	return func(r *http.Request) (*http.Response, error) {
		*sent++
		if *sent == 1 {
			return nil, roundTrip(r)
		}
		body := io.NopCloser(strings.NewReader(`{"id":"a","status":"pending"}`))
		return &http.Response{StatusCode: 201, Header: http.Header{}, Body: body, Request: r}, nil
	}, sent
}

func traceOf(r *http.Request) *httptrace.ClientTrace {
	return httptrace.ContextClientTrace(r.Context())
}

func TestRoundTripperReceivesAnOrdinaryRequest(t *testing.T) {
	var seen *http.Request
	client := newClient(t, "http://localhost:8080/base", func(c *transport.Config) {
		c.HTTPClient.Transport = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			seen = r
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"enrolled":false}`))}, nil
		})
	})
	require.NoError(t, read(client, t.Context()))
	want, err := http.NewRequest(http.MethodGet, "http://localhost:8080/base/v1/things/thing_1", nil)
	require.NoError(t, err)
	assert.Equal(t, want.Method, seen.Method)
	assert.Equal(t, want.URL, seen.URL, "field by field")
	assert.Equal(t, want.Host, seen.Host)
	assert.Equal(t, want.Proto, seen.Proto)
	assert.Equal(t, [2]int{want.ProtoMajor, want.ProtoMinor}, [2]int{seen.ProtoMajor, seen.ProtoMinor})
	assert.Nil(t, seen.Body)
	assert.NotContains(t, seen.Header, "Content-Type", "there is none")
	assert.NotContains(t, seen.Header, "Idempotency-Key", "a read needs none")
}

// A write is retried only if the error says that it was not sent.
func TestWriteIsRetriedIfTheErrorSaysThatItWasNotSent(t *testing.T) {
	broken := errors.New("broken")
	op := func(op string) error { return &net.OpError{Op: op, Net: "tcp", Err: broken} }
	fails := func(err error) func(*http.Request) error { return func(*http.Request) error { return err } }
	const advice = "http2: Transport: cannot retry err [PROTOCOL_ERROR] after Request.Body was written; define Request.GetBody to avoid this error"
	const shutdown = "http2: Transport received Server's graceful shutdown GOAWAY"
	for name, test := range map[string]struct {
		roundTrip func(*http.Request) error
		retried   bool
		text      string // of the error without retries
	}{
		"it failed to dial":                {fails(op("dial")), true, "dial tcp: broken"},
		"it failed to reach a proxy":       {fails(op("proxyconnect")), true, "proxyconnect tcp: broken"},
		"a SOCKS proxy refused":            {fails(op("socks connect")), true, "socks connect tcp: broken"},
		"it failed to read":                {fails(op("read")), false, "read tcp: broken"},
		"it says what only net/http knows": {fails(errors.New("http: server closed idle connection")), false, "http: server closed idle connection"},
		"it failed for other reasons":      {fails(broken), false, "broken"},
		"it had a connection, and then failed to dial": {func(r *http.Request) error {
			traceOf(r).GotConn(httptrace.GotConnInfo{})
			return op("dial")
		}, false, "dial tcp: broken"},
		"the server did not process it":                     {fails(errors.New(shutdown)), true, "the server did not process the request: " + shutdown},
		"it would have sent the request again":              {fails(errors.New(advice)), false, "PROTOCOL_ERROR"},
		"it would have sent again what was not processed":   {fails(errors.New(strings.Replace(advice, "PROTOCOL_ERROR", shutdown, 1))), true, "the server did not process the request: " + shutdown},
		"it begins to say that it would have sent it again": {fails(errors.New(advice[:60])), false, advice[:60]},
		"it ends as though it would have sent it again":     {fails(errors.New(advice[50:])), false, advice[50:]},
	} {
		t.Run(name, func(t *testing.T) {
			network, requests := failsThen(test.roundTrip)
			client := newClient(t, "http://localhost", func(c *transport.Config) { c.HTTPClient.Transport = network })
			err := write(client, t.Context(), "")
			if test.retried {
				require.NoError(t, err)
				assert.Equal(t, 2, *requests)
			} else {
				require.Error(t, err)
				assert.Equal(t, 1, *requests)
			}

			*requests = 0
			err = write(client, withRetry(t.Context(), transport.Retry{}), "")
			e := failureOf(t, err)
			assert.Equal(t, test.text, e.Cause.Error())
		})
	}
}

func TestRoundTripperWithoutAResponseIsAnError(t *testing.T) {
	for name, roundTrip := range map[string]roundTripperFunc{
		"no response":             func(*http.Request) (*http.Response, error) { return nil, nil },
		"a response without body": func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 200}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			client := newClient(t, "http://localhost", func(c *transport.Config) {
				c.Retry, c.HTTPClient.Transport = transport.Retry{}, roundTrip
			})
			e := failureOf(t, read(client, t.Context()))
			if name == "a response without body" {
				assert.ErrorIs(t, e, transport.ErrInvalidResponse)
				assert.Equal(t, 200, e.StatusCode)
			} else {
				assert.Contains(t, e.Cause.Error(), "nil *Response with a nil error")
			}
		})
	}
}

// A RoundTripper may return before the transport that it wraps does.
func TestRequestIsNotSentAfterRoundTripperReturned(t *testing.T) {
	for kind, do := range kindsOfCall {
		t.Run(kind, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(204) })
			network, mayDial := newNetwork(t), make(chan struct{})
			network.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
				<-mayDial
				return (&net.Dialer{}).DialContext(ctx, network, address)
			}
			var behind sync.WaitGroup
			client := newClient(t, server.URL, func(c *transport.Config) {
				c.HTTPClient.Transport = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
					behind.Go(func() {
						response, err := network.RoundTrip(r.WithContext(context.WithoutCancel(r.Context())))
						if err == nil {
							response.Body.Close()
						}
					})
					return nil, errors.New("pool: no worker is free")
				})
			})
			var response transport.Captured
			require.Error(t, do(withCapture(t.Context(), &response), client))
			close(mayDial)
			behind.Wait()
			assert.Empty(t, server.received())
			if kind == unkeyed || kind == unkeyedBodyless {
				assert.Equal(t, 1, response.Attempts)
			}
		})
	}
}

func TestWriteIsNotRetriedAfterUnreportedFallback(t *testing.T) {
	refusing, executed := newNetwork(t), 0
	refusing.DialContext = func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	client := newClient(t, "http://localhost", func(c *transport.Config) {
		c.HTTPClient.Transport = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			response, err := refusing.RoundTrip(r)
			if err != nil {
				executed++
				return nil, io.ErrUnexpectedEOF
			}
			return response, nil
		})
	})
	require.Error(t, write(client, t.Context(), ""))
	assert.Equal(t, 1, executed)
}

// lasting is a context that never ends, and that package context knows nothing of: a
// child that is not canceled leaves a goroutine behind.
type lasting struct{ done chan struct{} }

func (lasting) Deadline() (time.Time, bool) { return time.Time{}, false }

func (l lasting) Done() <-chan struct{} { return l.done }

func (lasting) Err() error { return nil }

func (lasting) Value(any) any { return nil }

func TestCallLeavesNothingInItsContext(t *testing.T) {
	for name, respond := range map[string]roundTripperFunc{
		"after a response": func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(`{"enrolled":false}`))}, nil
		},
		"after a response without a body": func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 204}, nil },
		"after an error":                  func(*http.Request) (*http.Response, error) { return nil, io.EOF },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := newClient(t, "http://localhost", func(c *transport.Config) { c.HTTPClient = &http.Client{Transport: respond} })
				_ = read(client, lasting{make(chan struct{})})
			})
		})
	}
}

func TestMisbehavingHTTPClientIsAnError(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	for name, test := range map[string]struct {
		change func(c *http.Client)
		text   string
	}{
		"a nil error of a type": {func(c *http.Client) {
			c.Transport = roundTripperFunc(func(*http.Request) (*http.Response, error) { return nil, (*net.OpError)(nil) })
		}, "the RoundTripper returned a nil *net.OpError as its error"},
		"a CheckRedirect that replaces the context": {func(c *http.Client) {
			c.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
				*r = *r.WithContext(context.Background())
				return nil
			}
		}, "the CheckRedirect of Config.HTTPClient has replaced the request's context; it must keep that context"},
	} {
		t.Run(name, func(t *testing.T) {
			client := newClient(t, server.URL, func(c *transport.Config) { test.change(c.HTTPClient) })
			e := failureOf(t, write(client, t.Context(), ""))
			assert.Contains(t, e.Cause.Error(), test.text)
			assert.Equal(t, 1, e.Attempts, "the request may have been sent")
		})
	}
}

// A request that net/http cannot send is not retried.
func TestRequestThatCannotBeSentIsNotRetried(t *testing.T) {
	attempts := 0
	network := newNetwork(t)
	client := newClient(t, "http://localhost", func(c *transport.Config) {
		c.HTTPClient.Transport = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			attempts++
			r.Header.Set("Tenant", "a\nb")
			return network.RoundTrip(r)
		})
	})
	require.ErrorContains(t, read(client, t.Context()), "invalid header field value")
	assert.Equal(t, 1, attempts)
}

func TestCookiesAreNotKept(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: "jane"})
		respondJSON(w, 200, `{"enrolled":false}`)
	})
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	client := newClient(t, server.URL, func(c *transport.Config) { c.HTTPClient = &http.Client{Jar: jar} })
	for _, customer := range []string{"jane", "amir"} {
		call := reading(&object{})
		call.Credential = transport.Session
		require.NoError(t, client.AsCustomer(customer).Do(t.Context(), call))
	}
	assert.Empty(t, server.received()[1].Header.Get("Cookie"))
}

func TestChangesByRoundTripperDoNotReachNextAttempt(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(503) })
	network := newNetwork(t)
	meddler := roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		r.URL.Path = "/p" + r.URL.Path
		r.Header.Add("X-Trace", "1")
		return network.RoundTrip(r)
	})
	client := newClient(t, server.URL, func(c *transport.Config) { c.HTTPClient = &http.Client{Transport: meddler} })
	require.Error(t, write(client, t.Context(), "key-1"))
	require.Len(t, server.received(), 4)
	for _, r := range server.received() {
		assert.Equal(t, "/p/v1/things", r.URL.Path)
		assert.Equal(t, []string{"1"}, r.Header["X-Trace"])
		assert.Equal(t, "key-1", r.Header.Get("Idempotency-Key"))
	}
}

func TestCallersHTTPClientIsNotChanged(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { drop(w) })
	pool := &countingPool{RoundTripper: newNetwork(t)}
	own := &http.Client{Transport: pool}
	before := *own
	client := newClient(t, server.URL, func(c *transport.Config) { c.HTTPClient = own })
	err := read(client, t.Context())
	require.Error(t, err)
	assert.Equal(t, before, *own)
	assert.Zero(t, pool.closed.Load(), "idle connections of other calls are left open")
}

type countingPool struct {
	http.RoundTripper
	closed atomic.Int32
}

func (p *countingPool) CloseIdleConnections() { p.closed.Add(1) }
