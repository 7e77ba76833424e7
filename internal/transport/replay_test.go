package transport_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// recordedConn is a connection that notes whether it was closed.
type recordedConn struct {
	net.Conn
	closed bool
}

func (c *recordedConn) Close() error { c.closed = true; return nil }

// A RoundTripper of the caller's may send a request again in view of a response.
func TestRoundTripperMayRetryAfterAResponse(t *testing.T) {
	var authorized []bool
	server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
		authorized = append(authorized, r.Header.Get("Proof") != "")
		if n == 0 {
			respondJSON(w, http.StatusUnauthorized, `{}`)
			return
		}
		respondJSON(w, 200, `{"enrolled":true}`)
	})
	network := newNetwork(t)
	client := newClient(t, server.URL, func(c *transport.Config) {
		c.HTTPClient.Transport = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			response, err := network.RoundTrip(r)
			if err != nil || response.StatusCode != http.StatusUnauthorized {
				return response, err
			}
			response.Body.Close()
			proven := r.Clone(r.Context())
			proven.Header.Set("Proof", "1")
			return network.RoundTrip(proven)
		})
	})
	require.NoError(t, read(client, t.Context()))
	assert.Equal(t, []bool{false, true}, authorized)
}

// A RoundTripper that retries would send requests that the SDK does not count.
func TestRoundTripperCannotResendSentRequest(t *testing.T) {
	for kind, do := range kindsOfCall {
		t.Run(kind, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { drop(w) })
			network := newNetwork(t)
			client := newClient(t, server.URL, func(c *transport.Config) {
				c.Retry = transport.Retry{}
				c.HTTPClient.Transport = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
					var body []byte
					if r.Body != nil {
						body, _ = io.ReadAll(r.Body)
					}
					var response *http.Response
					err := errors.New("not tried")
					for try := 0; try < 3 && err != nil; try++ {
						again := r.Clone(r.Context())
						if r.Body != nil {
							again.Body = io.NopCloser(bytes.NewReader(body))
						}
						response, err = network.RoundTrip(again)
					}
					return response, err
				})
			})
			require.Error(t, do(t.Context(), client))
			assert.Len(t, server.received(), 1)
		})
	}
}

// net/http replays a request without a body, or one with a header Idempotency-Key,
// when a kept connection breaks.
func TestHTTP1RequestReachesTheServerOncePerAttemptOnAKeptConnection(t *testing.T) {
	for kind, do := range kindsOfCall {
		for _, retries := range []int{0, 2} {
			t.Run(fmt.Sprintf("%s with %d retries", kind, retries), func(t *testing.T) {
				server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
					if n%2 == 0 { // so that the connection is a kept one each time
						respondJSON(w, 200, `{"id":"a","status":"pending","enrolled":false}`)
						return
					}
					drop(w)
				})
				var seen attempts
				client := newClient(t, server.URL, seen.watch, func(c *transport.Config) {
					c.Retry = transport.Retry{}
					if retries > 0 {
						c.Retry = quick(retries)
					}
				})
				require.NoError(t, read(client, t.Context()))
				err := do(t.Context(), client)
				if kind != unkeyed && kind != unkeyedBodyless && retries > 0 {
					require.NoError(t, err)
					assert.Len(t, server.received(), 3)
				} else {
					require.Error(t, err)
					assert.Len(t, server.received(), 2)
				}
				assert.Equal(t, len(server.received()), seen.observed)
			})
		}
	}
}

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
			network, requests := failsThen(func(r *http.Request) error {
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
			client := newClient(t, "http://localhost", func(c *transport.Config) { c.HTTPClient.Transport = network })
			err := write(client, t.Context(), "")
			e := failureOf(t, err)
			if test.want {
				assert.Contains(t, e.Cause.Error(), "sending the request again was prevented")
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
	client := newClient(t, "http://localhost", func(c *transport.Config) {
		c.HTTPClient.Transport = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			trace = traceOf(r)
			return nil, errors.New("gave up")
		})
	})
	require.Error(t, write(client, t.Context(), ""))
	late := &recordedConn{}
	trace.WroteHeaders() // on a connection that was not reported
	trace.GotConn(httptrace.GotConnInfo{Conn: late})
	assert.False(t, late.closed, "nothing is written yet, and others may share it")
	trace.WroteHeaders()
	assert.True(t, late.closed)
}
