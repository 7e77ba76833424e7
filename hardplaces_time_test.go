package stackbe_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
)

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
func (l pipeListener) Close() error   { close(l.closed); return nil }
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
func inBubble(t *testing.T, answer http.HandlerFunc, retry *stackbe.Retry, test func(t *testing.T, client *stackbe.Client)) {
	synctest.Test(t, func(t *testing.T) {
		listener := pipeListener{make(chan net.Conn), make(chan struct{})}
		server := &http.Server{Handler: answer}
		go func() { _ = server.Serve(listener) }()
		transport := &http.Transport{DialContext: listener.dial}
		client, err := stackbe.New(stackbe.Config{APIKey: apiKey, AppID: appID, BaseURL: "http://localhost", Retry: retry, HTTPClient: &http.Client{Transport: transport}})
		require.NoError(t, err)
		test(t, client)
		transport.CloseIdleConnections()
		require.NoError(t, server.Close())
	})
}

// What the server asks for is a span of its own time, whatever the time is here.
func TestHardPlaceClockSkew(t *testing.T) {
	const skew = 1000 * time.Hour
	tests := map[string]struct {
		status int
		header func(now time.Time) map[string]string
		wait   time.Duration
	}{
		"seconds": {503, func(time.Time) map[string]string { return map[string]string{"Retry-After": "7"} }, 7 * time.Second},
		"a date of a server whose clock is ahead": {503, func(now time.Time) map[string]string {
			return map[string]string{"Date": httpTime(now.Add(skew)), "Retry-After": httpTime(now.Add(skew + 7*time.Second))}
		}, 7 * time.Second},
		"a date of a server whose clock is behind": {429, func(now time.Time) map[string]string {
			return map[string]string{"Date": httpTime(now.Add(-skew)), "Retry-After": httpTime(now.Add(7*time.Second - skew))}
		}, 7 * time.Second},
		"a reset of a server whose clock is behind": {429, func(now time.Time) map[string]string {
			return map[string]string{"Date": httpTime(now.Add(-skew)), "X-RateLimit-Reset": fmt.Sprint(now.Add(9*time.Second - skew).Unix())}
		}, 9 * time.Second},
		"Retry-After before a reset": {429, func(now time.Time) map[string]string {
			return map[string]string{"Retry-After": "2", "X-RateLimit-Reset": fmt.Sprint(now.Add(20 * time.Second).Unix())}
		}, 2 * time.Second},
		"a date that has passed": {503, func(now time.Time) map[string]string {
			return map[string]string{"Retry-After": httpTime(now.Add(-time.Hour))}
		}, 0},
		"a reset that has passed":             {429, func(now time.Time) map[string]string { return map[string]string{"X-RateLimit-Reset": "1"} }, 0},
		"a negative number, which is nothing": {503, func(time.Time) map[string]string { return map[string]string{"Retry-After": "-9"} }, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			answer := func(w http.ResponseWriter, _ *http.Request) {
				if asked.Add(1) > 1 {
					answerJSON(w, 200, `{"enrolled":false}`)
					return
				}
				for name, value := range test.header(time.Now()) {
					w.Header().Set(name, value)
				}
				answerJSON(w, test.status, `{}`)
			}
			retry := &stackbe.Retry{Max: 1, MinWait: 100 * time.Millisecond, MaxWait: 10 * time.Second}
			inBubble(t, answer, retry, func(t *testing.T, client *stackbe.Client) {
				start := time.Now()
				_, err := client.Affiliates.Get(t.Context(), "cust_1")
				require.NoError(t, err)
				waited := time.Since(start)
				assert.GreaterOrEqual(t, waited, test.wait)
				assert.LessOrEqual(t, waited, test.wait+100*time.Millisecond, "the jitter is at most MinWait")
			})
		})
	}
}

func TestAHintOfNoTimeDoesNotHurryTheClient(t *testing.T) {
	for _, header := range []string{"Retry-After", "X-RateLimit-Reset"} {
		var at []time.Time
		answer := func(w http.ResponseWriter, _ *http.Request) {
			at = append(at, time.Now())
			w.Header().Set(header, "0")
			answerJSON(w, 429, `{}`)
		}
		inBubble(t, answer, &stackbe.Retry{Max: 3, MinWait: time.Second, MaxWait: time.Minute}, func(t *testing.T, client *stackbe.Client) {
			_, err := client.Affiliates.Get(t.Context(), "cust_1")
			require.Error(t, err)
			require.Len(t, at, 4)
			for i, least := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second} {
				assert.GreaterOrEqual(t, at[i+1].Sub(at[i]), least, header)
			}
		})
	}
}

func TestAWaitThatTheDeadlineForbidsIsNotBegun(t *testing.T) {
	answer := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "20")
		answerJSON(w, 429, `{"message":"slow down"}`)
	}
	inBubble(t, answer, nil, func(t *testing.T, client *stackbe.Client) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		_, err := client.Affiliates.Get(ctx, "cust_1")
		require.ErrorIs(t, err, stackbe.ErrRateLimited)
		assert.ErrorContains(t, err, "slow down: try again in 20s")
		assert.Zero(t, time.Since(start))
	})
}

// The rest of a body that is not wanted may never come.
func TestABodyThatHangsDoesNotHoldUpTheRetry(t *testing.T) {
	var requests atomic.Int32
	answer := func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) > 1 {
			answerJSON(w, 200, `{"enrolled":false}`)
			return
		}
		w.WriteHeader(503)
		_, _ = io.WriteString(w, "x")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	inBubble(t, answer, nil, func(t *testing.T, client *stackbe.Client) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := client.Affiliates.Get(ctx, "cust_1")
		require.NoError(t, err)
	})
}

func httpTime(t time.Time) string { return t.UTC().Format(http.TimeFormat) }

func TestAServerThatAsksForTooLongGetsNoFurtherAttempt(t *testing.T) {
	for asked, wait := range map[string]time.Duration{"11": 11 * time.Second, "4294967295": 4294967295 * time.Second, "99999999999999999999": math.MaxInt64} {
		var requests atomic.Int32
		answer := func(w http.ResponseWriter, _ *http.Request) {
			requests.Add(1)
			w.Header().Set("Retry-After", asked)
			answerJSON(w, 429, `{"statusCode":429,"message":"slow down","error":"Too Many Requests"}`)
		}
		inBubble(t, answer, &stackbe.Retry{Max: 3, MaxWait: 10 * time.Second}, func(t *testing.T, client *stackbe.Client) {
			start := time.Now()
			_, err := client.Affiliates.Get(t.Context(), "cust_1")
			var e *stackbe.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, wait, e.RetryAfter)
			assert.ErrorIs(t, err, stackbe.ErrRateLimited)
			assert.Contains(t, err.Error(), "try again in "+wait.String())
			assert.Zero(t, time.Since(start))
			assert.EqualValues(t, 1, requests.Load())
		})
	}
}

func TestWaitsDoubleWithJitterUpToTheLongest(t *testing.T) {
	var at []time.Time
	answer := func(w http.ResponseWriter, _ *http.Request) {
		at = append(at, time.Now())
		w.WriteHeader(503)
	}
	inBubble(t, answer, &stackbe.Retry{Max: 5, MinWait: time.Second, MaxWait: 5 * time.Second}, func(t *testing.T, client *stackbe.Client) {
		_, err := client.Affiliates.Get(t.Context(), "cust_1")
		require.Error(t, err)
		require.Len(t, at, 6)
		for i, most := range []time.Duration{1, 2, 4, 5, 5} {
			wait := at[i+1].Sub(at[i])
			assert.LessOrEqual(t, wait, most*time.Second, "wait %d", i+1)
			assert.GreaterOrEqual(t, wait, most*time.Second/2, "wait %d", i+1)
		}
	})
}

func TestNoRetriesWithMaxZero(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(503) })
	client := newClient(t, server.URL, func(c *stackbe.Config) { c.Retry = &stackbe.Retry{Max: 0} })
	_, err := client.Affiliates.Get(t.Context(), "cust_1")
	require.ErrorIs(t, err, stackbe.ErrServer)
	assert.Len(t, server.received(), 1)
}

// A bubble ends only when every goroutine in it has: nothing is left behind.
func TestHardPlaceCancellation(t *testing.T) {
	down := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-Id", "req_9")
		w.WriteHeader(503)
	}
	slow := &stackbe.Retry{Max: 3, MinWait: time.Hour, MaxWait: 2 * time.Hour}

	t.Run("ends the wait for the next attempt at once", func(t *testing.T) {
		inBubble(t, down, slow, func(t *testing.T, client *stackbe.Client) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			start := time.Now()
			_, err := client.Affiliates.Get(ctx, "cust_1")
			require.ErrorIs(t, err, context.Canceled)
			assert.Equal(t, time.Second, time.Since(start))
			var e *stackbe.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, 503, e.StatusCode, "the answer that was to be improved on is told")
			assert.Equal(t, "req_9", e.RequestID)
			assert.Equal(t, 1, e.Attempts)
		})
	})
	t.Run("while it connects is told as it is", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			released := make(chan struct{})
			defer close(released)
			connecting := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
				<-released
				return nil, net.ErrClosed
			}}
			client := newClient(t, "http://localhost", func(c *stackbe.Config) { c.HTTPClient, c.Retry = &http.Client{Transport: connecting}, slow })
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			err := apply(client, ctx, "")
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.EqualError(t, err, "stackbe: POST /v1/affiliate/apply: context deadline exceeded")

			canceled, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			assert.EqualError(t, apply(client, canceled, ""), "stackbe: POST /v1/affiliate/apply: context canceled")
		})
	})
	t.Run("before the call sends nothing", func(t *testing.T) {
		unreached := func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") }
		inBubble(t, unreached, slow, func(t *testing.T, client *stackbe.Client) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := client.Affiliates.Get(ctx, "cust_1")
			require.ErrorIs(t, err, context.Canceled)
		})
	})
	t.Run("while the server thinks is not retried", func(t *testing.T) {
		var requests atomic.Int32
		thinking := func(_ http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			<-r.Context().Done()
		}
		inBubble(t, thinking, slow, func(t *testing.T, client *stackbe.Client) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := client.Affiliates.Get(ctx, "cust_1")
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.EqualValues(t, 1, requests.Load())
		})
	})
	t.Run("leaves no body open", func(t *testing.T) {
		bodies := &bodyCounter{}
		client := newClient(t, "http://localhost", func(c *stackbe.Config) {
			c.HTTPClient, c.Retry = &http.Client{Transport: bodies}, slow
		})
		ctx, cancel := context.WithCancel(t.Context())
		bodies.read = cancel
		_, err := client.Affiliates.Get(ctx, "cust_1")
		require.ErrorIs(t, err, context.Canceled)
		assert.EqualValues(t, 1, bodies.opened.Load())
		assert.EqualValues(t, 1, bodies.closed.Load())
	})
}

func TestShortestTimeoutIsANanosecond(t *testing.T) {
	client := newClient(t, "http://localhost", func(c *stackbe.Config) { c.Timeout = 1 })
	require.ErrorIs(t, call(client, t.Context()), context.DeadlineExceeded)
}

func TestTimeoutBoundsTheWholeCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, err := stackbe.New(stackbe.Config{
			APIKey: apiKey, Timeout: 10 * time.Second, BaseURL: "http://localhost",
			Retry:      &stackbe.Retry{Max: 100, MinWait: time.Second, MaxWait: time.Second},
			HTTPClient: &http.Client{Transport: &bodyCounter{read: func() {}}},
		})
		require.NoError(t, err)
		start := time.Now()
		_, err = client.Affiliates.Get(t.Context(), "cust_1")
		require.ErrorIs(t, err, stackbe.ErrServer)
		assert.LessOrEqual(t, time.Since(start), 10*time.Second)
		assert.Greater(t, time.Since(start), 8*time.Second)
	})
}

// bodyCounter answers 503 with a body, and counts those opened and closed.
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
func (b *countedBody) Close() error             { b.closed.Add(1); return nil }

func TestAFailingTransportIsNamedWithoutTheURL(t *testing.T) {
	broken := errors.New("the tunnel is down")
	client := newClient(t, "http://localhost", func(c *stackbe.Config) {
		c.HTTPClient = &http.Client{Transport: roundTripFunc(func(*http.Request) (*http.Response, error) { return nil, broken })}
	})
	_, err := client.Affiliates.GetApplicationStatus(t.Context(), "jane@acme.com")
	require.ErrorIs(t, err, broken)
	assert.EqualError(t, err, "stackbe: GET /v1/affiliate/apply/status: the tunnel is down (after 4 attempts)")
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
