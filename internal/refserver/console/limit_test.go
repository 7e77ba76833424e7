package console_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go/internal/refserver"
)

func TestFormsAreLimitedWhereRateLimitsAreEnforced(t *testing.T) {
	w := newWorld(t, func(c *refserver.Config) { c.EnforceRateLimits, c.RateLimitPerSession = true, 2 })
	link := w.link(t)
	b := w.admin(t, w.AdminToken)
	assert.Equal(t, http.StatusUnauthorized, b.post("/console/sign-in", "token", "guessed").status)
	limited := b.post("/console/sign-in", "token", w.AdminToken)
	assert.Equal(t, http.StatusTooManyRequests, limited.status)
	assert.Equal(t, "40", limited.header.Get("Retry-After"))
	assert.Empty(t, limited.header.Values("Set-Cookie"))
	assert.Equal(t, http.StatusSeeOther, b.post(link).status, "a link lets in when others use the limit up")
	before := w.state(t)
	for _, status := range []int{http.StatusNotFound, http.StatusNotFound, http.StatusTooManyRequests} {
		assert.Equal(t, status, b.post("/console/payouts/missing/move", "status", "paid").status)
	}
	assert.Equal(t, http.StatusTooManyRequests, b.post("/console/settings", valid()...).status)
	assert.Equal(t, before, w.state(t))
	b.page("/console/settings")

	w.real.Add(int64(time.Minute))
	assert.Contains(t, b.done("/console/settings", valid()...).text(), "The settings are saved.")
}

func TestFormsAreNotLimitedOtherwise(t *testing.T) {
	w := newWorld(t, func(c *refserver.Config) { c.RateLimitPerSession = 2 })
	b := w.admin(t, w.AdminToken)
	for range 5 {
		b.done("/console/settings", valid()...)
	}
}
