package stackbe_test

import (
	"context"
	"math"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
)

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
				var seen []stackbe.Attempt
				client := newClient(t, "http://localhost", func(c *stackbe.Config) {
					c.Retry = test.retry
					c.Observe = func(_ context.Context, a stackbe.Attempt) { seen = append(seen, a) }
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
				require.Len(t, seen, test.attempts)
				assert.LessOrEqual(t, seen[0].RetryIn, test.first)
				assert.GreaterOrEqual(t, seen[0].RetryIn, test.first/2)
				if test.longest < time.Second {
					return
				}
				for above, attempts := range map[time.Duration]int{0: test.attempts, time.Second: 1} {
					seen, asked = nil, test.longest+above
					require.Error(t, call(client, t.Context()))
					assert.Len(t, seen, attempts, "%v", asked)
				}
			})
		})
	}
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

func TestMaxOfZeroTurnsRetriesOff(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(503) })
	client := newClient(t, server.URL, func(c *stackbe.Config) { c.Retry = &stackbe.Retry{Max: 0} })
	_, err := client.Affiliates.Get(t.Context(), "cust_1")
	require.ErrorIs(t, err, stackbe.ErrServer)
	assert.Len(t, server.received(), 1)
}

func httpTime(t time.Time) string { return t.UTC().Format(http.TimeFormat) }

func TestErrorHasRetryAfter(t *testing.T) {
	for asked, wait := range map[string]time.Duration{"11": 11 * time.Second, "99999999999999999999": math.MaxInt64} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Retry-After", asked)
			respondJSON(w, 429, `{"statusCode":429,"message":"slow down","error":"Too Many Requests"}`)
		})
		client := newClient(t, server.URL, func(c *stackbe.Config) { c.Retry = &stackbe.Retry{Max: 3, MaxWait: 10 * time.Second} })
		err := call(client, t.Context())
		require.ErrorIs(t, err, stackbe.ErrRateLimited)
		var e *stackbe.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, wait, e.RetryAfter)
		assert.ErrorContains(t, err, "slow down; try again in "+wait.String())
		assert.Len(t, server.received(), 1)
	}
}
