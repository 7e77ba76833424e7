package refserver_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func TestPortal(t *testing.T) {
	open := func(t *testing.T, w world, customerID string) (path string) {
		link := w.send(t, "GET", "/v1/affiliate/portal-link", "", w.session(customerID)).json(t)
		assert.Equal(t, start.Add(day).Format(time.RFC3339), link["expiresAt"])
		path, ok := strings.CutPrefix(link["url"].(string), w.url)
		require.True(t, ok, "the link leads to the server that gave it")
		require.True(t, strings.HasPrefix(path, "/portal/"))
		return path
	}

	t.Run("a link shows the partner's own page", func(t *testing.T) {
		w := newWorld(t, func(c *refserver.Config) { c.SiteURL = "https://shop.example.com/?lang=en" })
		w.addApp(t)
		jane := w.partner(t, "jane@acme.com", "JANE20")
		customer := w.customer(t, program.CustomerParams{Email: "c@example.com", ReferralCode: "JANE20"})
		w.pay(t, customer, 6_172_839_45)
		w.pay(t, customer, 25)
		_, err := w.Program.TrackClick(program.ClickParams{Code: "JANE20"})
		require.NoError(t, err)
		_, err = w.Program.RegisterDeal(jane.CustomerID, program.DealParams{LeadEmail: "lead@example.com", LeadName: `<script>alert("x")</script>`})
		require.NoError(t, err)

		page := w.send(t, "GET", open(t, w, jane.CustomerID), "")
		assert.Equal(t, 200, page.status)
		for _, shown := range []string{"Jane Smith", "JANE20", "https://shop.example.com/?lang=en&amp;ref=JANE20", "$1,234,567.94", "$0.00", "lead@example.com", "registered", "1 March 2026"} {
			assert.Contains(t, page.body, shown)
		}
		assert.Contains(t, page.body, "&lt;script&gt;")
		assert.NotContains(t, page.body, "<script")
		assertPageHeaders(t, page)
	})

	t.Run("an unknown link is not found", func(t *testing.T) {
		w := newWorld(t)
		page := w.send(t, "GET", "/portal/unknown", "")
		assert.Equal(t, 404, page.status)
		assertPageHeaders(t, page)
	})

	t.Run("a link is gone after 24 hours", func(t *testing.T) {
		w := newWorld(t)
		path := open(t, w, w.partner(t, "jane@acme.com", "JANE20").CustomerID)
		w.advance(day)
		page := w.send(t, "GET", path, "")
		assert.Equal(t, 410, page.status)
		assert.NotContains(t, page.body, "JANE20")
		assertPageHeaders(t, page)
	})

	t.Run("a page accepts only GET and HEAD", func(t *testing.T) {
		w := newWorld(t)
		page := w.send(t, "POST", "/portal/x", "{}")
		assert.Equal(t, 405, page.status)
		assert.Equal(t, "GET, HEAD", page.header.Get("Allow"))
	})
}

func assertPageHeaders(t *testing.T, page reply) {
	t.Helper()
	assert.Equal(t, "text/html; charset=utf-8", page.header.Get("Content-Type"))
	assert.Equal(t, "no-referrer", page.header.Get("Referrer-Policy"))
	assert.Equal(t, "no-store", page.header.Get("Cache-Control"))
	policy := page.header.Get("Content-Security-Policy")
	assert.Contains(t, policy, "default-src 'none'")
	assert.NotContains(t, policy, "unsafe")
	assert.NotContains(t, page.body, "http-equiv")
	for _, asset := range []string{"<img", "<link", "src=", "@import", "url("} {
		assert.NotContains(t, page.body, asset)
	}
}
