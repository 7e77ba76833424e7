package stackbe_test

import (
	"math"
	"net/http"
	"slices"
	"testing"
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
		assert.GreaterOrEqual(t, e.RetryAfter, 9223372036*time.Second, asked)
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
			retry := &stackbe.Retry{Max: 50, MinWait: time.Second, MaxWait: 20 * time.Second}
			if header == "" {
				retry.MaxWait = time.Second
			}
			inBubble(t, respond, retry, func(t *testing.T, client *stackbe.Client) {
				require.Error(t, call(client, t.Context()))
				var waits []time.Duration
				for i := range at[1:] {
					waits = append(waits, at[i+1].Sub(at[i]))
				}
				slices.Sort(waits)
				assert.Greater(t, waits[len(waits)-1]-waits[0], 200*time.Millisecond, "they spread over half a second")
				assert.Len(t, slices.Compact(waits), 50)
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
