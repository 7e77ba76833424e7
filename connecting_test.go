package stackbe_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
)

// listenRaw gives each connection to handle, with its number from 0.
func listenRaw(t *testing.T, handle func(conn net.Conn, n int)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var handling sync.WaitGroup
	handling.Go(func() {
		for n := 0; ; n++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			handling.Go(func() {
				defer conn.Close()
				handle(conn, n)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		handling.Wait()
	})
	return listener.Addr().String()
}

// splice copies in both directions until one of them ends.
func splice(conn net.Conn, target string) {
	upstream, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	go func() {
		io.Copy(upstream, conn)
		upstream.Close()
	}()
	io.Copy(conn, upstream)
	conn.Close()
}

// connectProxy is an HTTP proxy that responds to the n-th CONNECT with status(n).
func connectProxy(t *testing.T, status func(n int) string) string {
	return listenRaw(t, func(conn net.Conn, n int) {
		request, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		io.WriteString(conn, "HTTP/1.1 "+status(n)+"\r\nContent-Length: 0\r\n\r\n")
		if status(n) == "200 OK" {
			conn.Write(nil)
			splice(conn, request.Host)
		}
	})
}

func onceThenOK(status string) func(n int) string {
	return func(n int) string {
		if n == 0 {
			return status
		}
		return "200 OK"
	}
}

// socksProxy is a SOCKS5 proxy that refuses its first connection.
func socksProxy(t *testing.T, target string) string {
	return listenRaw(t, func(conn net.Conn, n int) {
		buffer := make([]byte, 512)
		if _, err := conn.Read(buffer); err != nil {
			return
		}
		conn.Write([]byte{5, 0})
		if _, err := conn.Read(buffer); err != nil {
			return
		}
		if n == 0 {
			conn.Write([]byte{5, 5, 0, 1, 0, 0, 0, 0, 0, 0}) // connection refused
			return
		}
		conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
		splice(conn, target)
	})
}

// brokenFirst lets the first connection to target end as it begins.
func brokenFirst(t *testing.T, target string) string {
	return listenRaw(t, func(conn net.Conn, n int) {
		if n == 0 {
			conn.Read(make([]byte, 1))
			return
		}
		splice(conn, target)
	})
}

// mute is a connection on which nothing can be written.
type mute struct{ net.Conn }

func (mute) Write([]byte) (int, error) { return 0, errors.New("write refused") }

func TestWriteIsRetriedWhereItWasNotSent(t *testing.T) {
	type setting struct {
		transport *http.Transport // trusts the server
		server    string          // its address
	}
	for name, set := range map[string]func(t *testing.T, s setting){
		"the connection is refused": func(t *testing.T, s setting) {
			failFirstDial(s.transport, syscall.ECONNREFUSED)
		},
		"the host is not known": func(t *testing.T, s setting) {
			failFirstDial(s.transport, &net.DNSError{Err: "no such host", Name: "example.com", IsNotFound: true})
		},
		"the connection to the proxy is refused": func(t *testing.T, s setting) {
			s.transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: connectProxy(t, onceThenOK("200 OK"))})
			failFirstDial(s.transport, syscall.ECONNREFUSED)
		},
		"the proxy responds to CONNECT with 503": func(t *testing.T, s setting) {
			s.transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: connectProxy(t, onceThenOK("503 Service Unavailable"))})
		},
		"the proxy responds to CONNECT with a reason of its own": func(t *testing.T, s setting) {
			s.transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: connectProxy(t, onceThenOK("502 Come back later"))})
		},
		"the SOCKS proxy refuses": func(t *testing.T, s setting) {
			s.transport.Proxy = http.ProxyURL(&url.URL{Scheme: "socks5", Host: socksProxy(t, s.server)})
		},
		"the TLS handshake breaks": func(t *testing.T, s setting) {
			address := brokenFirst(t, s.server)
			s.transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, address)
			}
		},
		"nothing can be written to the connection": func(t *testing.T, s setting) {
			var dials atomic.Int32
			trust := s.transport.TLSClientConfig
			s.transport.DialTLSContext = func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := (&tls.Dialer{Config: trust}).DialContext(ctx, network, address)
				if err == nil && dials.Add(1) == 1 {
					return mute{conn}, nil
				}
				return conn, err
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			var received atomic.Int32
			server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				received.Add(1)
				answerJSON(w, 201, `{"id":"a","status":"pending"}`)
			}))
			defer server.Close()
			transport := server.Client().Transport.(*http.Transport).Clone()
			defer transport.CloseIdleConnections()
			set(t, setting{transport, server.Listener.Addr().String()})
			var told attempts
			client := newClient(t, server.URL, told.watch, func(c *stackbe.Config) { c.HTTPClient.Transport = transport })
			require.NoError(t, apply(client, t.Context(), ""))
			assert.EqualValues(t, 1, received.Load())
			assert.Equal(t, 2, told.observed)
			if name == "nothing can be written to the connection" {
				assert.Contains(t, told.log.String(), "the connection failed before the request was sent: ")
				assert.Contains(t, told.log.String(), "write refused")
			}
		})
	}
}

// Each attempt is judged by itself.
func TestWriteThatWasSentAtLastIsNotRetried(t *testing.T) {
	for name, respond := range map[string]func(w http.ResponseWriter){
		"and got no response": drop,
		"and whose response breaks off": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "500")
			answerJSON(w, 201, `{"id":"a"`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { respond(w) })
			transport := newTransport(t)
			failFirstDial(transport, syscall.ECONNREFUSED)
			var told attempts
			client := newClient(t, server.URL, told.watch, func(c *stackbe.Config) { c.HTTPClient.Transport = transport })
			require.Error(t, apply(client, t.Context(), ""))
			assert.Len(t, server.received(), 1)
			assert.Equal(t, 2, told.observed)
		})
	}
}

func TestErrorWithoutWordsSaysThatNoConnectionWasMade(t *testing.T) {
	transport := newTransport(t)
	transport.DialContext = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("") }
	client := newClient(t, "http://localhost", func(c *stackbe.Config) { c.HTTPClient.Transport, c.Retry = transport, &stackbe.Retry{} })
	var e *stackbe.Error
	require.ErrorAs(t, apply(client, t.Context(), ""), &e)
	assert.Equal(t, "no connection was made: ", e.Message)
}

func failFirstDial(transport *http.Transport, cause error) {
	var dials atomic.Int32
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if dials.Add(1) == 1 {
			return nil, &net.OpError{Op: "dial", Net: network, Err: cause}
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
}

// A RoundTripper that reports nothing to httptrace leaves open whether it sent.
func TestWriteIsNotRetriedWhereItMayHaveBeenSent(t *testing.T) {
	for name, roundTrip := range map[string]roundTripperFunc{
		"an error of the caller's RoundTripper": func(*http.Request) (*http.Response, error) { return nil, errors.New("broken") },
		"an end of file":                        func(*http.Request) (*http.Response, error) { return nil, io.EOF },
		"a reset connection": func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
		},
	} {
		t.Run(name, func(t *testing.T) {
			var sent int
			client := newClient(t, "http://localhost", func(c *stackbe.Config) {
				c.HTTPClient.Transport = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
					sent++
					return roundTrip(r)
				})
			})
			require.Error(t, apply(client, t.Context(), ""))
			assert.Equal(t, 1, sent)
		})
	}
}

func TestRoundTripperWithoutAResponseIsAnError(t *testing.T) {
	for name, roundTrip := range map[string]roundTripperFunc{
		"no response":             func(*http.Request) (*http.Response, error) { return nil, nil },
		"a response without body": func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 200}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			client := newClient(t, "http://localhost", func(c *stackbe.Config) {
				c.Retry, c.HTTPClient.Transport = &stackbe.Retry{}, roundTrip
			})
			var e *stackbe.Error
			require.ErrorAs(t, call(client, t.Context()), &e)
			if name == "a response without body" {
				assert.ErrorIs(t, e, stackbe.ErrInvalidResponse)
				assert.Equal(t, 200, e.StatusCode)
			} else {
				assert.Contains(t, e.Message, "nil *Response with a nil error")
			}
		})
	}
}

func TestRefusalOfAProxyIsNotTakenForTheServers(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	for name, test := range map[string]struct{ status, want string }{
		"an odd one":               {"300 Multiple Choices", "no connection was made: the proxy responded to CONNECT with 300 Multiple Choices"},
		"the last one":             {"511 Network Authentication Required", "the proxy responded to CONNECT with 511 Network Authentication Required"},
		"forbidden":                {"403 Forbidden", "the proxy responded to CONNECT with 403 Forbidden"},
		"authentication":           {"407 Proxy Authentication Required", "the proxy responded to CONNECT with 407 Proxy Authentication Required"},
		"unavailable":              {"503 Service Unavailable", "the proxy responded to CONNECT with 503 Service Unavailable"},
		"with a reason of its own": {"403 Blocked by policy", "no connection was made: "},
	} {
		for _, own := range []string{"a client of the caller's", "the SDK's own client"} {
			t.Run(name+" through "+own, func(t *testing.T) {
				transport := server.Client().Transport.(*http.Transport).Clone()
				transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: connectProxy(t, func(int) string { return test.status })})
				client := newClient(t, server.URL, func(c *stackbe.Config) {
					c.Retry = &stackbe.Retry{}
					c.HTTPClient.Transport = transport
					if own == "the SDK's own client" {
						replaceDefaultTransport(t, transport)
						c.HTTPClient = nil
					}
				})
				err := apply(client, t.Context(), "")
				var e *stackbe.Error
				require.ErrorAs(t, err, &e)
				assert.Zero(t, e.StatusCode)
				assert.NotErrorIs(t, err, stackbe.ErrForbidden)
				assert.Contains(t, err.Error(), test.want)
				if own == "the SDK's own client" {
					assert.Contains(t, err.Error(), "no connection was made: the proxy responded to CONNECT with "+test.status)
				}
			})
		}
	}
}

func TestClientUsesTheDefaultTransportOfItsTime(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answerJSON(w, 200, `{"enrolled":false}`)
	}))
	defer server.Close()
	open := func() error {
		client, err := stackbe.New(stackbe.Config{APIKey: apiKey, BaseURL: server.URL, Retry: &stackbe.Retry{}})
		require.NoError(t, err)
		return call(client, t.Context())
	}
	require.Error(t, open(), "the certificate is not trusted")

	transport := server.Client().Transport.(*http.Transport)
	replaceDefaultTransport(t, transport)
	require.NoError(t, open())
	assert.Nil(t, transport.HTTP2, "it is copied, and not changed")
}

// A RoundTripper may return before the transport that it wraps does.
func TestRequestIsNotSentOnceItsRoundTripperHasGivenUp(t *testing.T) {
	for kind, do := range kindsOfCall {
		t.Run(kind, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(204) })
			transport, mayDial := newTransport(t), make(chan struct{})
			transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
				<-mayDial
				return (&net.Dialer{}).DialContext(ctx, network, address)
			}
			var behind sync.WaitGroup
			client := newClient(t, server.URL, func(c *stackbe.Config) {
				c.HTTPClient.Transport = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
					behind.Go(func() {
						response, err := transport.RoundTrip(r.WithContext(context.WithoutCancel(r.Context())))
						if err == nil {
							response.Body.Close()
						}
					})
					return nil, errors.New("pool: no worker is free")
				})
			})
			var response stackbe.Response
			require.Error(t, do(stackbe.WithResponse(t.Context(), &response), client))
			close(mayDial)
			behind.Wait()
			assert.Empty(t, server.received())
			if kind == unkeyed || kind == unkeyedBodyless {
				assert.Equal(t, 1, response.Attempts)
			}
		})
	}
}

func TestWriteIsNotRetriedAfterAFallbackThatReportsNothing(t *testing.T) {
	refusing, executed := newTransport(t), 0
	refusing.DialContext = func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	client := newClient(t, "http://localhost", func(c *stackbe.Config) {
		c.HTTPClient.Transport = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			response, err := refusing.RoundTrip(r)
			if err != nil {
				executed++
				return nil, io.ErrUnexpectedEOF
			}
			return response, nil
		})
	})
	require.Error(t, apply(client, t.Context(), ""))
	assert.Equal(t, 1, executed)
}

// A kept connection that the server closes just when it is chosen.
func TestWriteIsRetriedOnAConnectionThatWasClosedBeforeIt(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		answerJSON(w, 200, `{"id":"a","status":"pending","enrolled":false}`)
	})
	closed := make(chan struct{})
	transport := newTransport(t)
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return &closeNotifier{Conn: conn, closed: closed}, err
	}
	var told attempts
	client := newClient(t, server.URL, told.watch, func(c *stackbe.Config) { c.HTTPClient.Transport = transport })
	require.NoError(t, call(client, t.Context()))

	chosen := 0
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
		if chosen++; chosen == 1 {
			server.CloseClientConnections()
			<-closed // net/http has noticed
		}
	}})
	require.NoError(t, apply(client, ctx, ""))
	assert.Equal(t, 3, told.observed)
	assert.Len(t, server.received(), 2)
}

type closeNotifier struct {
	net.Conn
	once   sync.Once
	closed chan struct{}
}

func (c *closeNotifier) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() {
		defer func() { _ = recover() }() // of the second connection, which nobody waits for
		close(c.closed)
	})
	return err
}

func TestTimeoutOfTheHTTPClientWhileConnectingIsRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener := pipeListener{make(chan net.Conn), make(chan struct{})}
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			answerJSON(w, 201, `{"id":"a","status":"pending"}`)
		})}
		go func() { _ = server.Serve(listener) }()
		var dials atomic.Int32
		transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if dials.Add(1) == 1 {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return listener.dial(ctx, network, address)
		}}
		var told attempts
		client := newClient(t, "http://localhost", told.watch, func(c *stackbe.Config) {
			c.HTTPClient = &http.Client{Transport: transport, Timeout: time.Second}
		})
		require.NoError(t, apply(client, t.Context(), ""))
		assert.Equal(t, 2, told.observed)
		transport.CloseIdleConnections()
		require.NoError(t, server.Close())
	})
}

// lasting is a context that never ends, and that package context knows nothing of: a
// child that is not canceled leaves a goroutine behind.
type lasting struct{ done chan struct{} }

func (lasting) Deadline() (time.Time, bool) { return time.Time{}, false }
func (l lasting) Done() <-chan struct{}     { return l.done }
func (lasting) Err() error                  { return nil }
func (lasting) Value(any) any               { return nil }

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
				client := newClient(t, "http://localhost", func(c *stackbe.Config) { c.HTTPClient = &http.Client{Transport: respond} })
				_, _ = client.Affiliates.Get(lasting{make(chan struct{})}, "cust_1")
			})
		})
	}
}

func TestOddityOfTheCallersHTTPClientIsAnError(t *testing.T) {
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
		}, "the CheckRedirect of Config.HTTPClient has replaced the request's context"},
	} {
		t.Run(name, func(t *testing.T) {
			client := newClient(t, server.URL, func(c *stackbe.Config) { test.change(c.HTTPClient) })
			var e *stackbe.Error
			require.ErrorAs(t, apply(client, t.Context(), ""), &e)
			assert.Contains(t, e.Message, test.text)
			assert.Equal(t, 1, e.Attempts, "the request may have been sent")
		})
	}
}
