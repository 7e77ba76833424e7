package stackbe_test

import (
	"context"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
)

func TestLongestWaitsDoNotOverflow(t *testing.T) {
	const asked = 4294967296 * time.Second // 136 years, of the bubble's clock
	var at []time.Time
	respond := func(w http.ResponseWriter, _ *http.Request) {
		at = append(at, time.Now())
		if len(at) > 1 {
			answerJSON(w, 200, `{"enrolled":false}`)
			return
		}
		w.Header().Set("Retry-After", "4294967296")
		w.WriteHeader(503)
	}
	inBubble(t, respond, &stackbe.Retry{Max: 3, MaxWait: math.MaxInt64}, func(t *testing.T, client *stackbe.Client) {
		_, err := client.Affiliates.Get(t.Context(), "cust_1")
		require.NoError(t, err)
		require.Len(t, at, 2)
		assert.GreaterOrEqual(t, at[1].Sub(at[0]), asked)
	})
}

func TestLongestRetryAfterIsReported(t *testing.T) {
	for _, asked := range []string{"9223372036", "9223372037", "18446744073709551615", "18446744073709551616"} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Retry-After", asked)
			w.WriteHeader(503)
		})
		client := newClient(t, server.URL, func(c *stackbe.Config) {
			c.Retry = &stackbe.Retry{Max: 3, MinWait: time.Second, MaxWait: math.MaxInt64 / 2}
		})
		var e *stackbe.Error
		require.ErrorAs(t, call(client, t.Context()), &e)
		want := time.Duration(math.MaxInt64)
		if asked == "9223372036" {
			want = 9223372036 * time.Second
		}
		assert.Equal(t, want, e.RetryAfter, asked)
		assert.Len(t, server.received(), 1)
	}
}

// Many clients that failed together would otherwise come back together.
func TestWaitsAreJittered(t *testing.T) {
	for name, header := range map[string]string{"of the SDK's own": "", "of the server's asking": "10"} {
		t.Run(name, func(t *testing.T) {
			var at []time.Time
			respond := func(w http.ResponseWriter, _ *http.Request) {
				at = append(at, time.Now())
				if header != "" {
					w.Header().Set("Retry-After", header)
				}
				w.WriteHeader(503)
			}
			retry := &stackbe.Retry{Max: 1, MinWait: time.Second, MaxWait: 20 * time.Second}
			inBubble(t, respond, retry, func(t *testing.T, client *stackbe.Client) {
				var waits []time.Duration
				for range 200 {
					at = nil
					require.Error(t, call(client, t.Context()))
					require.Len(t, at, 2)
					waits = append(waits, at[1].Sub(at[0]))
				}
				slices.Sort(waits)
				spread := waits[len(waits)-1] - waits[0]
				assert.Greater(t, spread, 400*time.Millisecond, "they spread over half a second")
				assert.LessOrEqual(t, spread, 500*time.Millisecond)
				assert.Len(t, slices.Compact(waits), 200)
			})
		})
	}
}

// A wait of just MaxWait is begun, with no jitter on top, unless the deadline comes first.
func TestWaitMayBeAsLongAsTheLongest(t *testing.T) {
	for name, test := range map[string]struct {
		deadline time.Duration
		attempts int
	}{
		"and no deadline":               {time.Hour, 2},
		"and a deadline just after it":  {10*time.Second + 1, 2},
		"but not where that is its end": {10 * time.Second, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var at []time.Time
			respond := func(w http.ResponseWriter, _ *http.Request) {
				at = append(at, time.Now())
				w.Header().Set("Retry-After", "10")
				w.WriteHeader(503)
			}
			inBubble(t, respond, &stackbe.Retry{Max: 1, MinWait: time.Second, MaxWait: 10 * time.Second}, func(t *testing.T, client *stackbe.Client) {
				ctx, cancel := context.WithTimeout(t.Context(), test.deadline)
				defer cancel()
				var e *stackbe.Error
				require.ErrorAs(t, call(client, ctx), &e)
				require.Len(t, at, test.attempts)
				assert.Equal(t, test.attempts, e.Attempts)
				if test.attempts == 2 {
					assert.Equal(t, 10*time.Second, at[1].Sub(at[0]))
				}
			})
		})
	}
}

func TestDefaultsOfRetry(t *testing.T) {
	assert.Equal(t, stackbe.Retry{Max: 3, MinWait: 250 * time.Millisecond, MaxWait: 30 * time.Second}, stackbe.DefaultRetry())
	for name, test := range map[string]struct {
		retry    *stackbe.Retry
		attempts int
		first    time.Duration // the longest first wait
		longest  time.Duration
	}{
		"nil":                             {nil, 4, 250 * time.Millisecond, 30 * time.Second},
		"a Max alone":                     {&stackbe.Retry{Max: 2}, 3, 250 * time.Millisecond, 30 * time.Second},
		"a MinWait above the MaxWait":     {&stackbe.Retry{Max: 1, MinWait: time.Minute}, 2, time.Minute, time.Minute},
		"a MaxWait below the MinWait":     {&stackbe.Retry{Max: 1, MaxWait: 100 * time.Millisecond}, 2, 100 * time.Millisecond, 100 * time.Millisecond},
		"a MaxWait between the two":       {&stackbe.Retry{Max: 1, MaxWait: 2 * time.Second}, 2, 250 * time.Millisecond, 2 * time.Second},
		"a MinWait between the two":       {&stackbe.Retry{Max: 1, MinWait: 2 * time.Second}, 2, 2 * time.Second, 30 * time.Second},
		"both, as they were given to New": {&stackbe.Retry{Max: 1, MinWait: time.Second, MaxWait: time.Second}, 2, time.Second, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var asked time.Duration
				var told []stackbe.Attempt
				client := newClient(t, "http://localhost", func(c *stackbe.Config) {
					c.Retry = test.retry
					c.Observe = func(_ context.Context, a stackbe.Attempt) { told = append(told, a) }
					c.HTTPClient.Transport = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
						header := http.Header{}
						if asked > 0 {
							header.Set("Retry-After", httpTime(time.Now().Add(asked)))
							header.Set("Date", httpTime(time.Now()))
						}
						return &http.Response{StatusCode: 503, Header: header, Body: http.NoBody, Request: r}, nil
					})
				})
				require.Error(t, call(client, t.Context()))
				require.Len(t, told, test.attempts)
				assert.LessOrEqual(t, told[0].RetryIn, test.first)
				assert.GreaterOrEqual(t, told[0].RetryIn, test.first/2)
				if test.longest < time.Second {
					return
				}
				for above, attempts := range map[time.Duration]int{0: test.attempts, time.Second: 1} {
					told, asked = nil, test.longest+above
					require.Error(t, call(client, t.Context()))
					assert.Len(t, told, attempts, "%v", asked)
				}
			})
		})
	}
}

func TestShortestWaitIsANanosecond(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(503) })
	client := newClient(t, server.URL, func(c *stackbe.Config) { c.Retry = &stackbe.Retry{Max: 2, MinWait: 1, MaxWait: 1} })
	require.ErrorIs(t, call(client, t.Context()), stackbe.ErrServer)
	assert.Len(t, server.received(), 3)
}

func TestWaitIsTheOneThatIsObserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		var told []time.Duration
		client := newClient(t, "http://localhost", func(c *stackbe.Config) {
			c.Retry = &stackbe.Retry{Max: 5, MinWait: time.Second, MaxWait: time.Minute}
			c.Observe = func(_ context.Context, e stackbe.Attempt) { told = append(told, e.RetryIn) }
			c.HTTPClient.Transport = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
				at = append(at, time.Now())
				return &http.Response{StatusCode: 503, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
			})
		})
		require.Error(t, call(client, t.Context()))
		var waits []time.Duration
		for i := range at[1:] {
			waits = append(waits, at[i+1].Sub(at[i]))
		}
		assert.Equal(t, append(waits, 0), told)
	})
}

// What the server asks for is read against its own Date, or the clock here without one.
func TestRetryAfterIsASpanOfTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		for name, test := range map[string]struct {
			status int
			header map[string]string
			want   time.Duration
		}{
			"nothing":                                {429, nil, 0},
			"a date, without a Date":                 {503, map[string]string{"Retry-After": httpTime(now.Add(time.Minute))}, time.Minute},
			"a date, with a Date that is none":       {503, map[string]string{"Retry-After": httpTime(now.Add(time.Minute)), "Date": "today"}, time.Minute},
			"a date that has passed":                 {503, map[string]string{"Retry-After": httpTime(now.Add(-time.Minute))}, 0},
			"a reset":                                {429, map[string]string{"X-RateLimit-Reset": strconv.FormatInt(now.Unix()+60, 10)}, time.Minute},
			"a reset that has passed":                {429, map[string]string{"X-RateLimit-Reset": strconv.FormatInt(now.Unix()-60, 10)}, 0},
			"a reset of a failure that is no 429":    {503, map[string]string{"X-RateLimit-Reset": strconv.FormatInt(now.Unix()+60, 10)}, 0},
			"a number of seconds of another failure": {500, map[string]string{"Retry-After": "60"}, time.Minute},
		} {
			client := newClient(t, "http://localhost", func(c *stackbe.Config) {
				c.Retry = &stackbe.Retry{}
				c.HTTPClient.Transport = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
					header := http.Header{}
					for key, value := range test.header {
						header.Set(key, value)
					}
					return &http.Response{StatusCode: test.status, Header: header, Body: http.NoBody, Request: r}, nil
				})
			})
			var e *stackbe.Error
			require.ErrorAs(t, call(client, t.Context()), &e)
			assert.Equal(t, test.want, e.RetryAfter, name)
		}
	})
}

// The response is there: it is returned, and no wait begun that the caller has ended.
func TestCancellationAfterTheResponseLeavesIt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var seen stackbe.Attempt
	client := newClient(t, "http://localhost", func(c *stackbe.Config) {
		c.Observe = func(_ context.Context, e stackbe.Attempt) { seen = e }
		c.HTTPClient.Transport = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			cancel()
			return &http.Response{StatusCode: 503, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"message":"down"}`)), Request: r}, nil
		})
	})
	err := call(client, ctx)
	require.ErrorIs(t, err, stackbe.ErrServer)
	assert.ErrorContains(t, err, "down")
	assert.Zero(t, seen.RetryIn)
}

func TestWaitWithoutRetriesIsRefused(t *testing.T) {
	for name, retry := range map[string]stackbe.Retry{
		"a MinWait alone": {MinWait: time.Second},
		"a MaxWait alone": {MaxWait: time.Minute},
		"both":            {MinWait: time.Second, MaxWait: time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := stackbe.New(stackbe.Config{Retry: &retry})
			var wrong *stackbe.ArgumentError
			require.ErrorAs(t, err, &wrong)
			assert.Equal(t, "Config.Retry", wrong.Field)
			assert.Contains(t, wrong.Problem, "DefaultRetry")
		})
	}
}
