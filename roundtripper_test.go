package stackbe_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
)

// failsThen fails the first request as roundTrip does, and responds to the others.
func failsThen(roundTrip func(r *http.Request) error) (transport roundTripperFunc, sent *int) {
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

// A write is retried where the error tells that it was not sent, and only there.
func TestWriteIsRetriedByWhatTheRoundTripperTells(t *testing.T) {
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
			transport, requests := failsThen(test.roundTrip)
			client := newClient(t, "http://localhost", func(c *stackbe.Config) { c.HTTPClient.Transport = transport })
			err := apply(client, t.Context(), "")
			if test.retried {
				require.NoError(t, err)
				assert.Equal(t, 2, *requests)
			} else {
				require.Error(t, err)
				assert.Equal(t, 1, *requests)
			}

			*requests = 0
			err = apply(client, stackbe.WithRetry(t.Context(), stackbe.Retry{}), "")
			var e *stackbe.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, test.text, e.Message)
		})
	}
}

// recordedConn is a connection that notes whether it was closed.
type recordedConn struct {
	net.Conn
	closed bool
}

func (c *recordedConn) Close() error { c.closed = true; return nil }

// HTTP/2 looks at the context before it writes; HTTP/1 does not, and tells before its
// headers leave.
func TestReplayIsPreventedOnItsConnection(t *testing.T) {
	for name, test := range map[string]struct {
		conn    *recordedConn
		between func(*httptrace.ClientTrace)
		want    bool // it is prevented
	}{
		"of any kind":          {&recordedConn{}, func(*httptrace.ClientTrace) {}, true},
		"that is not reported": {nil, func(*httptrace.ClientTrace) {}, true},
		"after an informational response": {&recordedConn{}, func(trace *httptrace.ClientTrace) {
			trace.GotFirstResponseByte()
			_ = trace.Got1xxResponse(103, nil)
		}, true},
		"but not after the response": {&recordedConn{}, func(trace *httptrace.ClientTrace) { trace.GotFirstResponseByte() }, false},
	} {
		t.Run(name, func(t *testing.T) {
			broken := errors.New("broken")
			transport, requests := failsThen(func(r *http.Request) error {
				trace, first, again := traceOf(r), &recordedConn{}, httptrace.GotConnInfo{}
				if test.conn != nil {
					again.Conn = test.conn
				}
				trace.GotConn(httptrace.GotConnInfo{Conn: first})
				trace.WroteHeaders()
				test.between(trace)
				assert.NoError(t, r.Context().Err())
				trace.GotConn(again)
				assert.Equal(t, test.want, r.Context().Err() != nil)
				trace.WroteHeaders()
				assert.False(t, first.closed)
				return broken
			})
			client := newClient(t, "http://localhost", func(c *stackbe.Config) { c.HTTPClient.Transport = transport })
			err := apply(client, t.Context(), "")
			var e *stackbe.Error
			require.ErrorAs(t, err, &e)
			if test.want {
				assert.Contains(t, e.Message, "sending the request again was prevented")
			} else {
				assert.ErrorIs(t, err, broken)
			}
			assert.NotErrorIs(t, err, context.Canceled, "the caller canceled nothing")
			assert.Equal(t, 1, *requests)
			if test.conn != nil {
				assert.Equal(t, test.want, test.conn.closed)
			}
		})
	}
}

func TestTraceOutlivesItsRequest(t *testing.T) {
	var trace *httptrace.ClientTrace
	client := newClient(t, "http://localhost", func(c *stackbe.Config) {
		c.HTTPClient.Transport = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			trace = traceOf(r)
			return nil, errors.New("gave up")
		})
	})
	require.Error(t, apply(client, t.Context(), ""))
	late := &recordedConn{}
	trace.WroteHeaders() // on a connection that was not reported
	trace.GotConn(httptrace.GotConnInfo{Conn: late})
	assert.False(t, late.closed, "nothing is written yet, and others may share it")
	trace.WroteHeaders()
	assert.True(t, late.closed)
}

func TestRoundTripperSeesARequestLikeAnyOther(t *testing.T) {
	var seen *http.Request
	client := newClient(t, "http://localhost:8080/base", func(c *stackbe.Config) {
		c.HTTPClient.Transport = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			seen = r
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"enrolled":false}`))}, nil
		})
	})
	require.NoError(t, call(client, t.Context()))
	want, err := http.NewRequest(http.MethodGet, "http://localhost:8080/base/v1/affiliate/by-customer/cust_1", nil)
	require.NoError(t, err)
	assert.Equal(t, want.Method, seen.Method)
	assert.Equal(t, want.URL.String(), seen.URL.String())
	assert.Equal(t, want.Host, seen.Host)
	assert.Equal(t, want.Proto, seen.Proto)
	assert.Equal(t, [2]int{want.ProtoMajor, want.ProtoMinor}, [2]int{seen.ProtoMajor, seen.ProtoMinor})
	assert.Nil(t, seen.Body)
	assert.NotContains(t, seen.Header, "Content-Type", "there is none")
	assert.NotContains(t, seen.Header, "Idempotency-Key", "a read needs none")
}

// What net/http will never send is not tried again.
func TestRequestThatCannotBeSentIsNotRetried(t *testing.T) {
	attempts := 0
	transport := newTransport(t)
	client := newClient(t, "http://localhost", func(c *stackbe.Config) {
		c.HTTPClient.Transport = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			attempts++
			r.Header.Set("Tenant", "a\nb")
			return transport.RoundTrip(r)
		})
	})
	require.ErrorContains(t, call(client, t.Context()), "invalid header field value")
	assert.Equal(t, 1, attempts)
}

func TestPolicyOfTheCallerIsAskedAfterTheSDKs(t *testing.T) {
	allow := func(r *http.Request, _ []*http.Request) error {
		r.Header.Set("Hop", "1")
		r.Host = "virtual.example.com"
		return nil
	}
	t.Run("it does not let a credential go elsewhere", func(t *testing.T) {
		server := &redirectTo{location: "https://elsewhere.example.com/v2"}
		client := newClient(t, "https://api.example.com", func(c *stackbe.Config) {
			c.HTTPClient = &http.Client{Transport: server, CheckRedirect: allow}
		})
		require.ErrorIs(t, call(client, t.Context()), stackbe.ErrRedirectRefused)
		assert.Len(t, server.requests, 1)
	})
	t.Run("it may allow a redirect, and change the request", func(t *testing.T) {
		server := &redirectTo{location: "/v2"}
		client := newClient(t, "https://api.example.com", func(c *stackbe.Config) {
			c.HTTPClient = &http.Client{Transport: server, CheckRedirect: allow}
		})
		require.NoError(t, call(client, t.Context()))
		require.Len(t, server.requests, 2)
		assert.Equal(t, "api.example.com", server.requests[0].Host)
		assert.Equal(t, "1", server.requests[1].Header.Get("Hop"))
		assert.Equal(t, "virtual.example.com", server.requests[1].Host)
		assert.Equal(t, apiKey, server.requests[1].Header.Get("X-Api-Key"))
	})
	t.Run("it may take the redirect for the response", func(t *testing.T) {
		client := newClient(t, "https://api.example.com", func(c *stackbe.Config) {
			c.HTTPClient = &http.Client{Transport: &redirectTo{location: "/v2"},
				CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		})
		var e *stackbe.Error
		require.ErrorAs(t, call(client, t.Context()), &e)
		assert.Equal(t, http.StatusTemporaryRedirect, e.StatusCode)
		assert.NotErrorIs(t, e, stackbe.ErrRedirectRefused)
	})
}

func TestHookForProxiesOfTheDefaultTransportIsKept(t *testing.T) {
	blocked := errors.New("blocked by policy")
	for name, refuses := range map[string]error{"it lets the connection be": nil, "it refuses the connection": blocked} {
		t.Run(name, func(t *testing.T) {
			proxy := connectProxy(t, func(int) string { return "200 OK" }) // it ends after the server
			server := serveTLS(t)
			asked := ""
			standard := server.Client().Transport.(*http.Transport).Clone()
			standard.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: proxy})
			standard.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, r *http.Request, response *http.Response) error {
				asked = r.Method + " " + response.Status
				return refuses
			}
			replaceDefaultTransport(t, standard)
			client := newClient(t, server.URL, func(c *stackbe.Config) { c.HTTPClient, c.Retry = nil, &stackbe.Retry{} })
			err := call(client, t.Context())
			assert.Equal(t, "CONNECT 200 OK", asked)
			if refuses != nil {
				assert.ErrorIs(t, err, blocked)
			} else {
				assert.ErrorIs(t, err, stackbe.ErrNotFound, "the server's own response")
			}
		})
	}
	t.Run("it lets a refusal be, which is told", func(t *testing.T) {
		proxy := connectProxy(t, func(int) string { return "403 Blocked by policy" })
		standard := newTransport(t)
		standard.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: proxy})
		standard.OnProxyConnectResponse = func(context.Context, *url.URL, *http.Request, *http.Response) error { return nil }
		replaceDefaultTransport(t, standard)
		client := newClient(t, "https://api.example.com", func(c *stackbe.Config) { c.HTTPClient, c.Retry = nil, &stackbe.Retry{} })
		assert.ErrorContains(t, call(client, t.Context()), "the proxy responded to CONNECT with 403 Blocked by policy")
	})
}
