package refserver_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func limits(perKey, perSession int) func(*refserver.Config) {
	return func(c *refserver.Config) {
		c.EnforceRateLimits = true
		c.RateLimitPerKey, c.RateLimitPerSession = perKey, perSession
	}
}

func TestRateLimits(t *testing.T) {
	const status = "/v1/affiliate/apply/status?email=a@b.co"

	t.Run("requests over the limit are refused until the minute is over", func(t *testing.T) {
		w := newWorld(t, limits(3, 2))
		for left := 2; left >= 0; left-- {
			got := w.send(t, "GET", status, "", w.key())
			assert.Equal(t, 200, got.status)
			assert.Equal(t, "3", got.header.Get("X-RateLimit-Limit"))
			assert.Equal(t, fmt.Sprint(left), got.header.Get("X-RateLimit-Remaining"))
		}
		over := w.send(t, "GET", status, "", w.key())
		assert.Equal(t, 429, over.status)
		over.problems(t)
		assert.Equal(t, "0", over.header.Get("X-RateLimit-Remaining"))
		assert.Equal(t, "40", over.header.Get("Retry-After"), "the clock stands at second 20 of its minute")
		assert.Equal(t, fmt.Sprint(start.Unix()+40), over.header.Get("X-RateLimit-Reset"))

		w.advance(40*time.Second - 1)
		w.refused(t, 429, "GET", status, "", w.key())
		w.advance(1)
		assert.Equal(t, 200, w.send(t, "GET", status, "", w.key()).status)
	})

	t.Run("each credential is counted separately", func(t *testing.T) {
		w := newWorld(t, limits(2, 1))
		other := w
		other.App = w.addApp(t)
		first := w.session(w.customer(t, program.CustomerParams{Email: "a@example.com"}))
		second := w.session(w.customer(t, program.CustomerParams{Email: "b@example.com"}))

		assert.Equal(t, 200, w.send(t, "GET", status, "", w.key()).status)
		w.refused(t, 404, "GET", "/nowhere", "", w.key())
		w.refused(t, 429, "GET", status, "", w.key())
		w.refused(t, 429, "GET", "/nowhere", "", w.key())
		assert.Equal(t, 200, w.send(t, "GET", status, "", other.key()).status)
		for _, session := range [][]string{first, second} {
			got := w.send(t, "GET", "/v1/affiliate", "", session)
			assert.Equal(t, 200, got.status)
			assert.Equal(t, "1", got.header.Get("X-RateLimit-Limit"))
			w.refused(t, 429, "GET", "/v1/affiliate", "", session)
		}
		assert.Equal(t, 200, w.send(t, "GET", w.path("settings"), "", w.admin()).status)
	})

	t.Run("callers without a valid credential are counted together", func(t *testing.T) {
		w := newWorld(t, limits(3, 1))
		w.refused(t, 401, "GET", status, "")
		w.refused(t, 401, "GET", status, "", []string{"x-api-key", "sk_test_made_up_1"})
		w.refused(t, 401, "GET", "/v1/affiliate", "", bearer("made up"))
		w.refused(t, 429, "GET", status, "", []string{"x-api-key", "sk_test_made_up_2"})
		assert.Equal(t, 200, w.send(t, "GET", status, "", w.key()).status)
		assert.Equal(t, 200, w.send(t, "GET", "/openapi.yaml", "").status, "open pages are never refused")
		assert.Equal(t, 404, w.send(t, "GET", "/portal/x", "").status)
	})

	t.Run("a refused request changes nothing", func(t *testing.T) {
		w := newWorld(t, limits(1, 1))
		assert.Equal(t, 200, w.send(t, "GET", status, "", w.key()).status)
		w.refused(t, 429, "POST", "/v1/affiliate/apply", jane, w.key())
		w.advance(time.Minute)
		assert.Equal(t, 201, w.send(t, "POST", "/v1/affiliate/apply", jane, w.key()).status)
	})

	t.Run("limits are sent in headers, and enforced only if configured", func(t *testing.T) {
		w := newWorld(t, func(c *refserver.Config) { c.RateLimitPerKey = 1 })
		for range 3 {
			got := w.send(t, "GET", status, "", w.key())
			assert.Equal(t, 200, got.status)
			assert.Equal(t, "0", got.header.Get("X-RateLimit-Remaining"))
		}
	})
}
