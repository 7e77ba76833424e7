package stackbe_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

func TestReplacedDefaultTransportIsUsed(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { respondJSON(w, 200, `{"enrolled":false}`) })
	get := func() (*affiliates.Affiliate, error) {
		client, err := stackbe.New(stackbe.Config{APIKey: apiKey, BaseURL: server.URL})
		require.NoError(t, err)
		return client.Affiliates.Get(t.Context(), "cust_1")
	}
	standard := http.DefaultTransport
	t.Cleanup(func() { http.DefaultTransport = standard })
	http.DefaultTransport = handlerTransport(func(w http.ResponseWriter, _ *http.Request, _ int) {
		respondJSON(w, 200, `{"enrolled":true,"id":"mock"}`)
	})
	mocked, err := get()
	require.NoError(t, err)
	assert.Equal(t, "mock", mocked.ID)
	http.DefaultTransport = standard
	real, err := get()
	require.NoError(t, err)
	assert.Empty(t, real.ID)
}

func TestClientsWithoutAnHTTPClientShareTheirConnections(t *testing.T) {
	const calls = 5
	var opened atomic.Int32
	var waiting sync.WaitGroup
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		waiting.Done()
		waiting.Wait() // so that each call needs a connection
		respondJSON(w, 200, `{"enrolled":false}`)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	replaceDefaultTransport(t, &http.Transport{MaxIdleConns: 100})
	for range 3 {
		waiting.Add(calls)
		var group sync.WaitGroup
		for range calls {
			group.Go(func() {
				client, err := stackbe.New(stackbe.Config{APIKey: apiKey, BaseURL: server.URL, Retry: &stackbe.Retry{}})
				assert.NoError(t, err)
				assert.NoError(t, call(client, t.Context()))
			})
		}
		group.Wait()
	}
	assert.EqualValues(t, calls, opened.Load())
}

// A server that takes a request and never responds.
func TestResponseHeaderTimeoutIs30SecondsByDefault(t *testing.T) {
	for own, want := range map[time.Duration]time.Duration{0: 30 * time.Second, 7 * time.Second: 7 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			var servers []net.Conn
			replaceDefaultTransport(t, &http.Transport{
				ResponseHeaderTimeout: own,
				DialContext: func(context.Context, string, string) (net.Conn, error) {
					client, server := net.Pipe()
					servers = append(servers, server)
					go func() { _, _ = io.Copy(io.Discard, server) }()
					return client, nil
				},
			})
			client, err := stackbe.New(stackbe.Config{APIKey: apiKey, BaseURL: "http://localhost", Retry: &stackbe.Retry{}})
			require.NoError(t, err)
			begun := time.Now()
			require.Error(t, call(client, t.Context()))
			assert.Equal(t, want, time.Since(begun))
			for _, server := range servers {
				_ = server.Close()
			}
		})
	}
}

func TestNewReadsTheDefaultTransport(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		respondJSON(w, 200, `{"enrolled":false}`)
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

// silentConn is a connection whose network has forgotten it: what is written is
// lost, and nothing comes.
type silentConn struct {
	net.Conn
	silent chan struct{}
	closed chan struct{}
	once   sync.Once
}

func (c *silentConn) Write(p []byte) (int, error) {
	select {
	case <-c.silent:
		return len(p), nil
	default:
		return c.Conn.Write(p)
	}
}

func (c *silentConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	select {
	case <-c.silent:
		<-c.closed
		return 0, net.ErrClosed
	default:
		return n, err
	}
}

func (c *silentConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// replaceDefaultTransport makes standard the http.DefaultTransport of the test, which
// must not be parallel.
func replaceDefaultTransport(t *testing.T, standard http.RoundTripper) {
	before := http.DefaultTransport
	http.DefaultTransport = standard
	t.Cleanup(func() { http.DefaultTransport = before })
}

func TestSilentHTTP2ConnectionIsClosed(t *testing.T) {
	trust := httptest.NewUnstartedServer(nil)
	trust.StartTLS()
	defer trust.Close()
	trusted := trust.Client().Transport.(*http.Transport).TLSClientConfig

	synctest.Test(t, func(t *testing.T) {
		listener := pipeListener{make(chan net.Conn), make(chan struct{})}
		server := &http.Server{
			Handler:   http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { respondJSON(w, 200, `{"enrolled":false}`) }),
			TLSConfig: &tls.Config{Certificates: trust.TLS.Certificates, NextProtos: []string{"h2"}},
		}
		go func() { _ = server.ServeTLS(listener, "", "") }()
		var conns []*silentConn
		standard := &http.Transport{
			ForceAttemptHTTP2: true,
			TLSClientConfig:   trusted,
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := listener.dial(ctx, network, address)
				if err != nil {
					return nil, err
				}
				conns = append(conns, &silentConn{Conn: conn, silent: make(chan struct{}), closed: make(chan struct{})})
				return conns[len(conns)-1], nil
			},
		}
		replaceDefaultTransport(t, standard)
		client, err := stackbe.New(stackbe.Config{APIKey: apiKey, BaseURL: "https://example.com"})
		require.NoError(t, err)
		_, err = client.Affiliates.Get(t.Context(), "cust_1")
		require.NoError(t, err)

		close(conns[0].silent)
		begun := time.Now() // of the bubble's clock
		_, err = client.Affiliates.Get(t.Context(), "cust_1")
		require.NoError(t, err)
		assert.Less(t, time.Since(begun), 15*time.Second)
		assert.Len(t, conns, 2)

		begun = time.Now()
		require.NoError(t, call(client, t.Context()))
		assert.Zero(t, time.Since(begun), "the next call uses the new connection at once")

		for _, conn := range conns {
			conn.Close()
		}
		require.NoError(t, server.Close())
		synctest.Wait()
	})
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
