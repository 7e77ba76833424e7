package transport_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// The response is there: it is returned, and no wait begun that the caller has ended.
func TestCancellationAfterResponseKeepsResponse(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var seen transport.Attempt
	client := newClient(t, "http://localhost", func(c *transport.Config) {
		c.Observe = func(_ context.Context, e transport.Attempt) { seen = e }
		c.HTTPClient.Transport = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			cancel()
			return &http.Response{StatusCode: 503, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"message":"down"}`)), Request: r}, nil
		})
	})
	err := read(client, ctx)
	requireStatus(t, err, 503)
	assert.JSONEq(t, `{"message":"down"}`, string(failureOf(t, err).Body))
	assert.Zero(t, seen.RetryIn)
}

// A bubble ends only when every goroutine in it has ended, so none is leaked.
func TestCancellation(t *testing.T) {
	down := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-Id", "req_9")
		w.WriteHeader(503)
	}
	slow := transport.Retry{Max: 3, MinWait: time.Hour, MaxWait: 2 * time.Hour}

	t.Run("ends the wait for the next attempt at once", func(t *testing.T) {
		inBubble(t, down, slow, func(t *testing.T, client *transport.Transport) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			start := time.Now()
			err := read(client, ctx)
			require.ErrorIs(t, err, context.Canceled)
			assert.Equal(t, time.Second, time.Since(start))
			e := failureOf(t, err)
			assert.Equal(t, 503, e.StatusCode, "of the last response")
			assert.Equal(t, "req_9", e.RequestID)
			assert.Equal(t, 1, e.Attempts)
		})
	})
	t.Run("while it connects is the cause of the error", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			released := make(chan struct{})
			defer close(released)
			connecting := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
				<-released
				return nil, net.ErrClosed
			}}
			client := newClient(t, "http://localhost", func(c *transport.Config) { c.HTTPClient, c.Retry = &http.Client{Transport: connecting}, slow })
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			err := write(client, ctx, "")
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.EqualError(t, err, "POST /v1/things: status 0: context deadline exceeded")

			canceled, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			assert.EqualError(t, write(client, canceled, ""), "POST /v1/things: status 0: context canceled")
		})
	})
	t.Run("before the call sends nothing", func(t *testing.T) {
		unreached := func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") }
		inBubble(t, unreached, slow, func(t *testing.T, client *transport.Transport) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			err := read(client, ctx)
			require.ErrorIs(t, err, context.Canceled)
		})
	})
	t.Run("while a request is in flight is not retried", func(t *testing.T) {
		var requests atomic.Int32
		thinking := func(_ http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			<-r.Context().Done()
		}
		inBubble(t, thinking, slow, func(t *testing.T, client *transport.Transport) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			err := read(client, ctx)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.EqualValues(t, 1, requests.Load())
		})
	})
	t.Run("leaves no body open", func(t *testing.T) {
		bodies := &bodyCounter{}
		client := newClient(t, "http://localhost", func(c *transport.Config) {
			c.HTTPClient, c.Retry = &http.Client{Transport: bodies}, slow
		})
		ctx, cancel := context.WithCancel(t.Context())
		bodies.read = cancel
		err := read(client, ctx)
		require.ErrorIs(t, err, context.Canceled)
		assert.EqualValues(t, 1, bodies.opened.Load())
		assert.EqualValues(t, 1, bodies.closed.Load())
	})
}

func TestTimeoutBoundsTheWholeCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, "http://localhost", withNetwork(&bodyCounter{read: func() {}}), func(c *transport.Config) {
			c.Timeout = 10 * time.Second
			c.Retry = transport.Retry{Max: 100, MinWait: time.Second, MaxWait: time.Second}
		})
		start := time.Now()
		err := read(client, t.Context())
		requireStatus(t, err, 503)
		assert.LessOrEqual(t, time.Since(start), 10*time.Second)
		assert.Greater(t, time.Since(start), 8*time.Second)
	})
}

// bodyCounter responds 503 with a body, and counts those opened and closed.
type bodyCounter struct {
	opened, closed atomic.Int32
	read           func()
}

func (b *bodyCounter) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	b.opened.Add(1)
	return &http.Response{StatusCode: 503, Header: http.Header{}, Body: &countedBody{b}, Request: r}, nil
}

type countedBody struct{ *bodyCounter }

func (b *countedBody) Read([]byte) (int, error) { b.read(); return 0, io.EOF }

func (b *countedBody) Close() error { b.closed.Add(1); return nil }
