package transport_test

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/transport"
)

func TestLongestWaitsDoNotOverflow(t *testing.T) {
	const asked = 4294967296 * time.Second // 136 years, of the bubble's clock
	var at []time.Time
	respond := func(w http.ResponseWriter, _ *http.Request) {
		at = append(at, time.Now())
		if len(at) > 1 {
			respondJSON(w, 200, `{"enrolled":false}`)
			return
		}
		w.Header().Set("Retry-After", "4294967296")
		w.WriteHeader(503)
	}
	inBubble(t, respond, transport.Retry{Max: 3, MaxWait: math.MaxInt64}, func(t *testing.T, client *transport.Transport) {
		err := read(client, t.Context())
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
		client := newClient(t, server.URL, func(c *transport.Config) {
			c.Retry = transport.Retry{Max: 3, MinWait: time.Second, MaxWait: math.MaxInt64 / 2}
		})
		e := failureOf(t, read(client, t.Context()))
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
			retry := transport.Retry{Max: 1, MinWait: time.Second, MaxWait: 20 * time.Second}
			inBubble(t, respond, retry, func(t *testing.T, client *transport.Transport) {
				var waits []time.Duration
				for range 200 {
					at = nil
					require.Error(t, read(client, t.Context()))
					require.Len(t, at, 2)
					waits = append(waits, at[1].Sub(at[0]))
				}
				slices.Sort(waits)
				spread := waits[len(waits)-1] - waits[0]
				assert.Greater(t, spread, 400*time.Millisecond, "they spread over half a second")
				assert.LessOrEqual(t, spread, 500*time.Millisecond)
				assert.Greater(t, len(slices.Compact(waits)), 190, "two of them may be equal by chance")
			})
		})
	}
}

// A wait of just MaxWait is begun, with no jitter on top, unless the deadline comes first.
func TestWaitMayBeAsLongAsMaxWait(t *testing.T) {
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
			inBubble(t, respond, transport.Retry{Max: 1, MinWait: time.Second, MaxWait: 10 * time.Second}, func(t *testing.T, client *transport.Transport) {
				ctx, cancel := context.WithTimeout(t.Context(), test.deadline)
				defer cancel()
				e := failureOf(t, read(client, ctx))
				require.Len(t, at, test.attempts)
				assert.Equal(t, test.attempts, e.Attempts)
				if test.attempts == 2 {
					assert.Equal(t, 10*time.Second, at[1].Sub(at[0]))
				}
			})
		})
	}
}

func TestRetryInIsPositiveIfAnAttemptFollows(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(503) })
	var seen []time.Duration
	client := newClient(t, server.URL, func(c *transport.Config) {
		c.Retry = transport.Retry{Max: 2, MinWait: 1, MaxWait: 1}
		c.Observe = func(_ context.Context, a transport.Attempt) { seen = append(seen, a.RetryIn) }
	})
	require.Error(t, read(client, t.Context()))
	assert.Equal(t, []time.Duration{1, 1, 0}, seen)
}

func TestObservedRetryInIsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		var seen []time.Duration
		client := newClient(t, "http://localhost", func(c *transport.Config) {
			c.Retry = transport.Retry{Max: 5, MinWait: time.Second, MaxWait: time.Minute}
			c.Observe = func(_ context.Context, e transport.Attempt) { seen = append(seen, e.RetryIn) }
			c.HTTPClient.Transport = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
				at = append(at, time.Now())
				return &http.Response{StatusCode: 503, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
			})
		})
		require.Error(t, read(client, t.Context()))
		var waits []time.Duration
		for i := range at[1:] {
			waits = append(waits, at[i+1].Sub(at[i]))
		}
		assert.Equal(t, append(waits, 0), seen)
	})
}

// A time that the server gives is compared with its Date, or without one with the local
// clock.
func TestRetryAfterIsReported(t *testing.T) {
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
			client := newClient(t, "http://localhost", func(c *transport.Config) {
				c.Retry = transport.Retry{}
				c.HTTPClient.Transport = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
					header := http.Header{}
					for key, value := range test.header {
						header.Set(key, value)
					}
					return &http.Response{StatusCode: test.status, Header: header, Body: http.NoBody, Request: r}, nil
				})
			})
			e := failureOf(t, read(client, t.Context()))
			assert.Equal(t, test.want, e.RetryAfter, name)
		}
	})
}

// The wait is measured by the server's clock, whatever the local time is.
func TestWaitIsMeasuredByServerClock(t *testing.T) {
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
			respond := func(w http.ResponseWriter, _ *http.Request) {
				if asked.Add(1) > 1 {
					respondJSON(w, 200, `{"enrolled":false}`)
					return
				}
				for name, value := range test.header(time.Now()) {
					w.Header().Set(name, value)
				}
				respondJSON(w, test.status, `{}`)
			}
			retry := transport.Retry{Max: 1, MinWait: 100 * time.Millisecond, MaxWait: 10 * time.Second}
			inBubble(t, respond, retry, func(t *testing.T, client *transport.Transport) {
				start := time.Now()
				err := read(client, t.Context())
				require.NoError(t, err)
				waited := time.Since(start)
				assert.GreaterOrEqual(t, waited, test.wait)
				assert.LessOrEqual(t, waited, test.wait+100*time.Millisecond, "the jitter is at most MinWait")
			})
		})
	}
}

func TestRetryAfterOfZeroDoesNotShortenWait(t *testing.T) {
	for _, header := range []string{"Retry-After", "X-RateLimit-Reset"} {
		var at []time.Time
		respond := func(w http.ResponseWriter, _ *http.Request) {
			at = append(at, time.Now())
			w.Header().Set(header, "0")
			respondJSON(w, 429, `{}`)
		}
		inBubble(t, respond, transport.Retry{Max: 3, MinWait: time.Second, MaxWait: time.Minute}, func(t *testing.T, client *transport.Transport) {
			err := read(client, t.Context())
			require.Error(t, err)
			require.Len(t, at, 4)
			for i, least := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second} {
				assert.GreaterOrEqual(t, at[i+1].Sub(at[i]), least, header)
			}
		})
	}
}

func TestWaitBeyondDeadlineIsNotBegun(t *testing.T) {
	respond := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "20")
		respondJSON(w, 429, `{"message":"slow down"}`)
	}
	inBubble(t, respond, usual, func(t *testing.T, client *transport.Transport) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		err := read(client, ctx)
		requireStatus(t, err, 429)
		assert.Equal(t, 20*time.Second, failureOf(t, err).RetryAfter)
		assert.Zero(t, time.Since(start))
	})
}

func TestRetryAfterAboveMaxWaitEndsCall(t *testing.T) {
	for asked, wait := range map[string]time.Duration{"11": 11 * time.Second, "4294967295": 4294967295 * time.Second, "99999999999999999999": math.MaxInt64} {
		var requests atomic.Int32
		respond := func(w http.ResponseWriter, _ *http.Request) {
			requests.Add(1)
			w.Header().Set("Retry-After", asked)
			respondJSON(w, 429, `{"statusCode":429,"message":"slow down","error":"Too Many Requests"}`)
		}
		inBubble(t, respond, transport.Retry{Max: 3, MaxWait: 10 * time.Second}, func(t *testing.T, client *transport.Transport) {
			start := time.Now()
			err := read(client, t.Context())
			e := failureOf(t, err)
			assert.Equal(t, wait, e.RetryAfter)
			requireStatus(t, err, 429)
			assert.Zero(t, time.Since(start))
			assert.EqualValues(t, 1, requests.Load())
		})
	}
}

func TestWaitsDoubleUpToMaxWait(t *testing.T) {
	var at []time.Time
	respond := func(w http.ResponseWriter, _ *http.Request) {
		at = append(at, time.Now())
		w.WriteHeader(503)
	}
	inBubble(t, respond, transport.Retry{Max: 5, MinWait: time.Second, MaxWait: 5 * time.Second}, func(t *testing.T, client *transport.Transport) {
		err := read(client, t.Context())
		require.Error(t, err)
		require.Len(t, at, 6)
		for i, most := range []time.Duration{1, 2, 4, 5, 5} {
			wait := at[i+1].Sub(at[i])
			assert.LessOrEqual(t, wait, most*time.Second, "wait %d", i+1)
			assert.GreaterOrEqual(t, wait, most*time.Second/2, "wait %d", i+1)
		}
	})
}
