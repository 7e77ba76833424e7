package transport_test

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
		network *http.Transport // trusts the server
		server  string          // its address
	}
	for name, set := range map[string]func(t *testing.T, s setting){
		"the connection is refused": func(t *testing.T, s setting) {
			failFirstDial(s.network, syscall.ECONNREFUSED)
		},
		"the host is not known": func(t *testing.T, s setting) {
			failFirstDial(s.network, &net.DNSError{Err: "no such host", Name: "example.com", IsNotFound: true})
		},
		"the connection to the proxy is refused": func(t *testing.T, s setting) {
			s.network.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: connectProxy(t, onceThenOK("200 OK"))})
			failFirstDial(s.network, syscall.ECONNREFUSED)
		},
		"the proxy responds to CONNECT with 503": func(t *testing.T, s setting) {
			s.network.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: connectProxy(t, onceThenOK("503 Service Unavailable"))})
		},
		"the proxy responds to CONNECT with a reason of its own": func(t *testing.T, s setting) {
			s.network.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: connectProxy(t, onceThenOK("502 Come back later"))})
		},
		"the SOCKS proxy refuses": func(t *testing.T, s setting) {
			s.network.Proxy = http.ProxyURL(&url.URL{Scheme: "socks5", Host: socksProxy(t, s.server)})
		},
		"the TLS handshake breaks": func(t *testing.T, s setting) {
			address := brokenFirst(t, s.server)
			s.network.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, address)
			}
		},
		"nothing can be written to the connection": func(t *testing.T, s setting) {
			var dials atomic.Int32
			trust := s.network.TLSClientConfig
			s.network.DialTLSContext = func(ctx context.Context, network, address string) (net.Conn, error) {
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
				respondJSON(w, 201, `{"id":"a","status":"pending"}`)
			}))
			defer server.Close()
			network := server.Client().Transport.(*http.Transport).Clone()
			defer network.CloseIdleConnections()
			set(t, setting{network, server.Listener.Addr().String()})
			var seen attempts
			client := newClient(t, server.URL, seen.watch, func(c *transport.Config) { c.HTTPClient.Transport = network })
			require.NoError(t, write(client, t.Context(), ""))
			assert.EqualValues(t, 1, received.Load())
			assert.Equal(t, 2, seen.observed)
			if name == "nothing can be written to the connection" {
				assert.Contains(t, seen.log.String(), "the connection failed before the request was sent: ")
				assert.Contains(t, seen.log.String(), "write refused")
			}
		})
	}
}

// Each attempt is judged by itself.
func TestWriteIsNotRetriedAfterAnAttemptThatWasSent(t *testing.T) {
	for name, respond := range map[string]func(w http.ResponseWriter){
		"and got no response": drop,
		"and whose response breaks off": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "500")
			respondJSON(w, 201, `{"id":"a"`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { respond(w) })
			network := newNetwork(t)
			failFirstDial(network, syscall.ECONNREFUSED)
			var seen attempts
			client := newClient(t, server.URL, seen.watch, func(c *transport.Config) { c.HTTPClient.Transport = network })
			require.Error(t, write(client, t.Context(), ""))
			assert.Len(t, server.received(), 1)
			assert.Equal(t, 2, seen.observed)
		})
	}
}

func TestConnectionErrorIsNamedWithoutAText(t *testing.T) {
	network := newNetwork(t)
	network.DialContext = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("") }
	client := newClient(t, "http://localhost", func(c *transport.Config) { c.HTTPClient.Transport, c.Retry = network, transport.Retry{} })
	e := failureOf(t, write(client, t.Context(), ""))
	assert.Equal(t, "no connection was made: ", e.Cause.Error())
}

func failFirstDial(network *http.Transport, cause error) {
	var dials atomic.Int32
	network.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
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
			client := newClient(t, "http://localhost", func(c *transport.Config) {
				c.HTTPClient.Transport = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
					sent++
					return roundTrip(r)
				})
			})
			require.Error(t, write(client, t.Context(), ""))
			assert.Equal(t, 1, sent)
		})
	}
}

func TestProxyRefusalIsAConnectionError(t *testing.T) {
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
		const checked = "an http.Transport with CheckConnect"
		for _, own := range []string{"an http.Transport", checked} {
			t.Run(name+" through "+own, func(t *testing.T) {
				network := server.Client().Transport.(*http.Transport).Clone()
				network.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: connectProxy(t, func(int) string { return test.status })})
				if own == checked {
					network.OnProxyConnectResponse = transport.CheckConnect(nil)
				}
				client := newClient(t, server.URL, func(c *transport.Config) {
					c.Retry = transport.Retry{}
					c.HTTPClient.Transport = network
				})
				err := write(client, t.Context(), "")
				e := failureOf(t, err)
				assert.Zero(t, e.StatusCode)
				assert.Contains(t, err.Error(), test.want)
				if own == checked {
					assert.Contains(t, err.Error(), "no connection was made: the proxy responded to CONNECT with "+test.status)
				}
			})
		}
	}
}

// A kept connection that the server closes just when it is chosen.
func TestWriteIsRetriedOnAConnectionThatWasClosedBeforeIt(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		respondJSON(w, 200, `{"id":"a","status":"pending","enrolled":false}`)
	})
	closed := make(chan struct{})
	network := newNetwork(t)
	network.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return &closeNotifier{Conn: conn, closed: closed}, err
	}
	var seen attempts
	client := newClient(t, server.URL, seen.watch, func(c *transport.Config) { c.HTTPClient.Transport = network })
	require.NoError(t, read(client, t.Context()))

	chosen := 0
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
		if chosen++; chosen == 1 {
			server.CloseClientConnections()
			<-closed // net/http has noticed
		}
	}})
	require.NoError(t, write(client, ctx, ""))
	assert.Equal(t, 3, seen.observed)
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
			respondJSON(w, 201, `{"id":"a","status":"pending"}`)
		})}
		go func() { _ = server.Serve(listener) }()
		var dials atomic.Int32
		network := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if dials.Add(1) == 1 {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return listener.dial(ctx, network, address)
		}}
		var seen attempts
		client := newClient(t, "http://localhost", seen.watch, func(c *transport.Config) {
			c.HTTPClient = &http.Client{Transport: network, Timeout: time.Second}
		})
		require.NoError(t, write(client, t.Context(), ""))
		assert.Equal(t, 2, seen.observed)
		network.CloseIdleConnections()
		require.NoError(t, server.Close())
	})
}

func TestCheckConnectCallsCallersHook(t *testing.T) {
	blocked := errors.New("blocked by policy")
	for name, refuses := range map[string]error{"it accepts the connection": nil, "it refuses the connection": blocked} {
		t.Run(name, func(t *testing.T) {
			proxy := connectProxy(t, func(int) string { return "200 OK" }) // it ends after the server
			server := serveTLS(t)
			asked := ""
			network := server.Client().Transport.(*http.Transport).Clone()
			network.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: proxy})
			network.OnProxyConnectResponse = transport.CheckConnect(func(_ context.Context, _ *url.URL, r *http.Request, response *http.Response) error {
				asked = r.Method + " " + response.Status
				return refuses
			})
			client := newClient(t, server.URL, withNetwork(network), withRetries(transport.Retry{}))
			err := read(client, t.Context())
			assert.Equal(t, "CONNECT 200 OK", asked)
			if refuses != nil {
				assert.ErrorIs(t, err, blocked)
			} else {
				requireStatus(t, err, 404)
			}
		})
	}
	t.Run("it cannot accept a refusal", func(t *testing.T) {
		proxy := connectProxy(t, func(int) string { return "403 Blocked by policy" })
		network := newNetwork(t)
		network.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: proxy})
		network.OnProxyConnectResponse = transport.CheckConnect(func(context.Context, *url.URL, *http.Request, *http.Response) error { return nil })
		client := newClient(t, "https://api.example.com", withNetwork(network), withRetries(transport.Retry{}))
		assert.ErrorContains(t, read(client, t.Context()), "the proxy responded to CONNECT with 403 Blocked by policy")
	})
}
