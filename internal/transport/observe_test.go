package transport_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// thirdTime is a network that breaks, then responds 502, then 200, each after a second.
func thirdTime() http.RoundTripper {
	n := 0
	return roundTripperFunc(func(*http.Request) (*http.Response, error) {
		time.Sleep(time.Second) // of the bubble's clock
		n++
		switch n {
		case 1:
			return nil, io.ErrUnexpectedEOF
		case 2:
			return response(502, strings.NewReader("down"), "X-Request-Id", "req_2"), nil
		default:
			return response(200, strings.NewReader("{}"), "X-Request-Id", "req_3", "X-RateLimit-Limit", "1000", "X-RateLimit-Remaining", "998"), nil
		}
	})
}

func TestObserveReceivesEachAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		var seen []transport.Attempt
		client := newClient(t, "http://localhost", withNetwork(thirdTime()), func(c *transport.Config) {
			c.Retry = transport.Retry{Max: 3, MinWait: time.Minute, MaxWait: time.Hour}
			c.Observe = func(ctx context.Context, a transport.Attempt) {
				assert.Equal(t, "value", ctx.Value(key{}))
				seen = append(seen, a)
			}
		})
		started := time.Now()
		require.NoError(t, read(client, context.WithValue(t.Context(), key{}, "value")))
		require.Len(t, seen, 3)
		for i, a := range seen {
			assert.Equal(t, "GET "+thingRoute, a.Method+" "+a.Route)
			assert.Equal(t, i+1, a.Number)
			assert.Equal(t, started, a.Started)
			assert.Equal(t, time.Second, a.Duration)
			started = started.Add(time.Second + a.RetryIn)
		}
		assert.ErrorIs(t, seen[0].Err, io.ErrUnexpectedEOF)
		assert.Equal(t, 1, failureOf(t, seen[0].Err).Attempts)
		assert.Zero(t, seen[0].StatusCode)
		assert.Positive(t, seen[0].RetryIn)
		assert.NoError(t, seen[1].Err)
		assert.Equal(t, 502, seen[1].StatusCode)
		assert.Equal(t, "req_2", seen[1].RequestID)
		assert.Positive(t, seen[1].RetryIn)
		assert.NoError(t, seen[2].Err)
		assert.Equal(t, 200, seen[2].StatusCode)
		assert.Zero(t, seen[2].RetryIn)
		assert.Equal(t, transport.RateLimit{Limit: 1000, Remaining: 998}, seen[2].RateLimit)
	})
}

func TestLoggerReceivesEachAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		client := newClient(t, "http://localhost", withNetwork(thirdTime()), func(c *transport.Config) {
			c.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		require.NoError(t, read(client, t.Context()))
		var records []map[string]any
		for line := range strings.Lines(log.String()) {
			var record map[string]any
			require.NoError(t, json.Unmarshal([]byte(line), &record))
			delete(record, "time")
			records = append(records, record)
		}
		require.Len(t, records, 3)
		for _, record := range records[:2] {
			assert.Positive(t, record["retry_in"])
			delete(record, "retry_in")
		}
		common := func(level string, attempt, status float64, requestID string) map[string]any {
			return map[string]any{
				"level": level, "msg": "stackbe: attempt", "method": "GET", "route": thingRoute,
				"attempt": attempt, "status": status, "duration": float64(time.Second), "request_id": requestID,
			}
		}
		broken := common("WARN", 1, 0, "")
		broken["error"] = "GET " + thingRoute + ": status 0: unexpected EOF"
		assert.Equal(t, []map[string]any{broken, common("WARN", 2, 502, "req_2"), common("DEBUG", 3, 200, "req_3")}, records)
	})
}

func TestLoggerAtInfoReceivesRetriesOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		client := newClient(t, "http://localhost", withNetwork(thirdTime()), func(c *transport.Config) {
			c.Logger = slog.New(slog.NewTextHandler(&log, nil))
		})
		require.NoError(t, read(client, t.Context()))
		assert.Equal(t, 2, strings.Count(log.String(), "level=WARN"))
		assert.Equal(t, 2, strings.Count(log.String(), "\n"))
	})
}

// An attempt is observed with its own error, and not with that of the call.
func TestLastAttemptIsObservedWithItsError(t *testing.T) {
	var seen []transport.Attempt
	client := newClient(t, "http://localhost", withNetwork(always(200, strings.Repeat(" ", 10<<20+1))), func(c *transport.Config) {
		c.Observe = func(_ context.Context, a transport.Attempt) { seen = append(seen, a) }
	})
	require.ErrorIs(t, read(client, t.Context()), transport.ErrResponseTooLarge)
	require.Len(t, seen, 1)
	assert.ErrorIs(t, seen[0].Err, transport.ErrResponseTooLarge)
	assert.Equal(t, 200, seen[0].StatusCode)
	assert.Empty(t, failureOf(t, seen[0].Err).Body, "it is not kept for an observer")
}
