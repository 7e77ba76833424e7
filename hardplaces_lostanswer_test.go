package stackbe_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// drop closes the connection without an answer.
func drop(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		conn.Close()
	}
}

func apply(client *stackbe.Client, ctx context.Context, key string) error {
	_, err := client.Affiliates.Apply(ctx, affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane", IdempotencyKey: key})
	return err
}

// The server acts on a write, and its answer is lost.
func TestHardPlaceLostAnswers(t *testing.T) {
	t.Run("a write without the caller's key is not sent twice", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { drop(w) })
		err := apply(newClient(t, server.URL), t.Context(), "")
		var e *stackbe.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, 1, e.Attempts)
		assert.Zero(t, e.StatusCode)
		assert.Len(t, server.received(), 1)
	})

	// net/http repeats a request by itself when a kept connection breaks, and takes
	// a header Idempotency-Key for the permission to do so with a POST.
	t.Run("a write without the caller's key is not sent twice on a kept connection", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
			if n == 0 {
				answerJSON(w, 200, `{"enrolled":false}`)
				return
			}
			drop(w)
		})
		client := newClient(t, server.URL)
		_, err := client.Affiliates.Get(t.Context(), "cust_1")
		require.NoError(t, err)
		require.Error(t, apply(client, t.Context(), ""))
		assert.Len(t, server.received(), 2)
		assert.NotEmpty(t, server.received()[1].Header.Get("Idempotency-Key"))
	})

	t.Run("a write with the caller's key is sent again, and acts once", func(t *testing.T) {
		reference := stackbetest.New(t)
		target, err := url.Parse(reference.URL)
		require.NoError(t, err)
		proxy := httputil.NewSingleHostReverseProxy(target)
		server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
			if n >= 2 {
				proxy.ServeHTTP(w, r)
				return
			}
			proxy.ServeHTTP(httptest.NewRecorder(), r) // the reference server acts
			drop(w)
		})
		client := newClient(t, server.URL, func(c *stackbe.Config) { c.APIKey, c.AppID = reference.APIKey, reference.AppID })
		result, err := client.Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane", IdempotencyKey: "order-7"})
		require.NoError(t, err)
		assert.Len(t, server.received(), 3)
		all, err := reference.Client().AsAdmin(reference.AdminToken).Affiliates.ListApplications(t.Context(), affiliates.ApplicationFilter{})
		require.NoError(t, err)
		require.Len(t, all.Data, 1)
		assert.Equal(t, result.ID, all.Data[0].ID)
	})

	t.Run("a read is sent again", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
			if n < 2 {
				drop(w)
				return
			}
			answerJSON(w, 200, `{"enrolled":true}`)
		})
		_, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
		require.NoError(t, err)
	})
}

func TestWhichFailuresOfAWriteAreRetried(t *testing.T) {
	for status, attempts := range map[int][2]int{ // without and with the caller's key
		429: {3, 3}, 503: {3, 3}, 500: {1, 3}, 502: {1, 3}, 504: {1, 3}, 501: {1, 1}, 400: {1, 1}, 409: {1, 1},
	} {
		for i, key := range []string{"", "key-1"} {
			var keys []string
			server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
				keys = append(keys, r.Header.Get("Idempotency-Key"))
				assert.JSONEq(t, `{"email":"jane@acme.com","name":"Jane"}`, readAll(t, r.Body), "the body is whole on each attempt")
				answerJSON(w, status, `{"message":"m"}`)
			})
			client := newClient(t, server.URL, func(c *stackbe.Config) { c.Retry = quick(2) })
			require.Error(t, apply(client, t.Context(), key))
			require.Len(t, keys, attempts[i], "%d with key %q", status, key)
			for _, sent := range keys {
				assert.Equal(t, keys[0], sent, "one key for all attempts")
			}
			if key != "" {
				assert.Equal(t, key, keys[0])
			}
		}
	}
}

func TestEachWriteHasAKeyOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		seen[r.Header.Get("Idempotency-Key")] = true
		answerJSON(w, 201, `{"id":"a","status":"pending"}`)
	})
	client := newClient(t, server.URL)
	for range 10 {
		require.NoError(t, apply(client, t.Context(), ""))
	}
	assert.Len(t, seen, 10)
	assert.NotContains(t, seen, "")
}

func TestAWriteIsRetriedWhereNoConnectionWasMade(t *testing.T) {
	var dials atomic.Int32
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		answerJSON(w, 201, `{"id":"a","status":"pending"}`)
	})
	transport := newTransport(t)
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if dials.Add(1) < 3 {
			return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	client := newClient(t, server.URL, func(c *stackbe.Config) { c.HTTPClient = &http.Client{Transport: transport} })
	require.NoError(t, apply(client, t.Context(), ""))
	assert.Len(t, server.received(), 1)
}

func TestCertificatesThatAreNotTrustedAreNotRetried(t *testing.T) {
	var dials atomic.Int32
	secure := serveTLS(t)
	transport := newTransport(t)
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		dials.Add(1)
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	client := newClient(t, secure.URL, func(c *stackbe.Config) { c.HTTPClient = &http.Client{Transport: transport} })
	_, err := client.Affiliates.Get(t.Context(), "cust_1")
	require.ErrorContains(t, err, "certificate")
	assert.EqualValues(t, 1, dials.Load())
}

func TestCookiesDoNotPassFromOneCustomerToAnother(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: "jane"})
		answerJSON(w, 200, `{"enrolled":false}`)
	})
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	client := newClient(t, server.URL, func(c *stackbe.Config) { c.HTTPClient = &http.Client{Jar: jar} })
	for _, customer := range []string{"jane", "amir"} {
		_, err := client.AsCustomer(customer).Affiliates.GetCurrent(t.Context())
		require.NoError(t, err)
	}
	assert.Empty(t, server.received()[1].Header.Get("Cookie"))
}

func TestWhatATransportDoesToARequestDoesNotReachTheNext(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(503) })
	network := newTransport(t)
	meddler := roundTripFunc(func(r *http.Request) (*http.Response, error) {
		r.URL.Path = "/p" + r.URL.Path
		r.Header.Add("X-Trace", "1")
		return network.RoundTrip(r)
	})
	client := newClient(t, server.URL, func(c *stackbe.Config) { c.HTTPClient = &http.Client{Transport: meddler} })
	require.Error(t, apply(client, t.Context(), "key-1"))
	require.Len(t, server.received(), 4)
	for _, r := range server.received() {
		assert.Equal(t, "/p/v1/affiliate/apply", r.URL.Path)
		assert.Equal(t, []string{"1"}, r.Header["X-Trace"])
		assert.Equal(t, "key-1", r.Header.Get("Idempotency-Key"))
	}
}

func TestTheDefaultTransportOfTheMomentIsUsed(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answerJSON(w, 200, `{"enrolled":false}`) })
	get := func() (*affiliates.Affiliate, error) {
		client, err := stackbe.New(stackbe.Config{APIKey: apiKey, BaseURL: server.URL})
		require.NoError(t, err)
		return client.Affiliates.Get(t.Context(), "cust_1")
	}
	standard := http.DefaultTransport
	t.Cleanup(func() { http.DefaultTransport = standard })
	http.DefaultTransport = handlerTransport(func(w http.ResponseWriter, _ *http.Request, _ int) {
		answerJSON(w, 200, `{"enrolled":true,"id":"mock"}`)
	})
	mocked, err := get()
	require.NoError(t, err)
	assert.Equal(t, "mock", mocked.ID)
	http.DefaultTransport = standard
	real, err := get()
	require.NoError(t, err)
	assert.Empty(t, real.ID)
}

func TestTheCallersHTTPClientIsNotChanged(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { drop(w) })
	pool := &countingPool{RoundTripper: newTransport(t)}
	own := &http.Client{Transport: pool}
	before := *own
	client := newClient(t, server.URL, func(c *stackbe.Config) { c.HTTPClient = own })
	_, err := client.Affiliates.Get(t.Context(), "cust_1")
	require.Error(t, err)
	assert.Equal(t, before, *own)
	assert.Zero(t, pool.closed.Load(), "idle connections of other calls are left open")
	assert.False(t, errors.Is(err, stackbe.ErrServer))
}

type countingPool struct {
	http.RoundTripper
	closed atomic.Int32
}

func (p *countingPool) CloseIdleConnections() { p.closed.Add(1) }
