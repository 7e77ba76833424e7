package console_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/console"
	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/directory"
	"github.com/stackbe/stackbe-go/internal/refserver/requests"
)

// routes are the method and the path of every page and form that needs a session.
func routes(t testing.TB) (all [][2]string) {
	made := console.New(console.Config{Directory: directory.New(), Webhooks: delivery.New(delivery.Config{}), Requests: func() *requests.Log { return nil }})
	for _, pattern := range console.Routes(made) {
		method, path, _ := strings.Cut(pattern, " ")
		all = append(all, [2]string{method, path})
	}
	require.Greater(t, len(all), 30)
	return all
}

// state is all that a form could change.
func (w world) state(t testing.TB) string {
	t.Helper()
	w.Webhooks.Settle()
	document := w.Snapshot()
	delete(document.IDs, "req_") // each request has an id
	text, err := json.Marshal(document)
	require.NoError(t, err)
	return string(text)
}

// entries fills each form with something valid.
var entries = url.Values{
	"code": {"NEW20"}, "rejectionReason": {"Not now"}, "status": {"failed"}, "failureReason": {"No bank"}, "amount": {"1.00"},
	"url": {"https://example.com/hook"}, "secret": {"another secret of the tests"},
}

// withRequest sends a request with the app's key, and adds its number to the shop.
func (w world) withRequest(t testing.TB, s shop) shop {
	t.Helper()
	w.browser(t).send(http.MethodGet, "/v1/affiliate/apply/status?email=pat@acme.com", nil, "x-api-key", s.APIKey)
	all := w.Requests.All()
	number, err := json.Marshal(all[len(all)-1].Sequence)
	require.NoError(t, err)
	s.request = string(number)
	return s
}

func TestEveryPageNeedsASession(t *testing.T) {
	w := newWorld(t)
	s := w.withRequest(t, openShop(t, w, w.App, "Jane"))
	before := w.state(t)
	b := w.browser(t)
	for _, route := range routes(t) {
		path := s.ids(route[1])
		got := b.send(route[0], path, entries)
		assert.Equal(t, http.StatusUnauthorized, got.status, path)
		assert.Contains(t, got.text(), "Sign in to the console", path)
		assert.NotContains(t, got.body, "Jane", path)
	}
	assert.JSONEq(t, before, w.state(t))
}

func TestNoAdminSeesOrMovesWhatIsAnotherApps(t *testing.T) {
	w := newWorld(t)
	own := openShop(t, w, w.App, "Ownmark")
	app, err := w.AddApp(refserver.AppParams{})
	require.NoError(t, err)
	foreign := w.withRequest(t, openShop(t, w, app, "Foreignmark"))
	own = w.withRequest(t, own)
	w.browser(t).send(http.MethodGet, "/v1/unattributed?email=Foreignmark", nil)
	before := w.state(t)
	b := w.admin(t, own.AdminToken)

	check := func(t *testing.T, got reply) {
		t.Helper()
		for what, text := range map[string]string{"mark": foreign.mark, "app": foreign.ID, "partner": foreign.partner, "payout": foreign.payout, "key": foreign.APIKey} {
			if strings.Contains(got.path, text) {
				continue // it is what was asked for
			}
			assert.NotContains(t, got.body, text, "%s: the other app's %s", got.path, what)
		}
		assert.NotContains(t, got.body, foreign.mark, got.path)
	}
	for _, route := range routes(t) {
		t.Run(route[0]+" "+route[1], func(t *testing.T) {
			hasID := strings.Contains(route[1], "{id}") || strings.Contains(route[1], "{event}") || strings.Contains(route[1], "{sequence}")
			if route[0] == http.MethodPost && !hasID {
				return // it has no id of anything
			}
			got := b.send(route[0], foreign.ids(route[1]), entries)
			check(t, got)
			if hasID && got.status != http.StatusSeeOther { // a GET of a form leads to the page above
				assert.Equal(t, http.StatusNotFound, got.status)
			}
			if hasID && route[0] == http.MethodPost {
				assert.Equal(t, http.StatusNotFound, got.status)
			}
			if route[0] == http.MethodGet {
				got := b.get(own.ids(route[1]))
				check(t, got)
			}
		})
	}
	t.Run("an own webhook with another's event", func(t *testing.T) {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			path := "/console/webhooks/" + own.endpoint + "/deliveries/" + foreign.event
			if method == http.MethodPost {
				path += "/redeliver"
			}
			got := b.send(method, path, url.Values{})
			assert.Equal(t, http.StatusNotFound, got.status)
			check(t, got)
		}
	})
	for _, query := range []string{"/console/applications?find=", "/console/partners?find=", "/console/customers?find="} {
		for _, wanted := range []string{foreign.partner, foreign.customer, foreign.pending} {
			got := b.get(query + wanted)
			assert.Equal(t, http.StatusOK, got.status)
		}
	}
	assert.JSONEq(t, before, w.state(t))
}

func TestFormOfAnotherSiteChangesNothing(t *testing.T) {
	w := newWorld(t)
	s := openShop(t, w, w.App, "Jane")
	b := w.admin(t, w.AdminToken)
	before := w.state(t)
	forms := append(routes(t), [2]string{http.MethodPost, "/console/sign-in"}, [2]string{http.MethodPost, "/console/sign-out"}, [2]string{http.MethodPost, w.link(t)})
	for _, route := range forms {
		if route[0] != http.MethodPost {
			continue
		}
		for _, header := range [][]string{
			{"Sec-Fetch-Site", "cross-site"},
			{"Sec-Fetch-Site", "same-site"},
			{"Origin", "https://evil.example"},
			{"Origin", "null"},
		} {
			got := b.send(http.MethodPost, s.ids(route[1]), entries, header...)
			assert.Equal(t, http.StatusForbidden, got.status, route[1])
			assert.Contains(t, got.text(), "another site", route[1])
		}
	}
	assert.JSONEq(t, before, w.state(t))
	b.page("/console")
}

func TestEveryPageIsProtectedAndNotCached(t *testing.T) {
	w := newWorld(t)
	s := w.withRequest(t, openShop(t, w, w.App, "<script>alert(1)</script>"))
	b := w.admin(t, w.AdminToken)
	check := func(got reply) {
		t.Helper()
		policy := got.header.Get("Content-Security-Policy")
		assert.Contains(t, policy, "default-src 'none'", got.path)
		assert.Contains(t, policy, "frame-ancestors 'none'", got.path)
		assert.NotContains(t, policy, "unsafe", got.path)
		assert.Equal(t, "no-store", got.header.Get("Cache-Control"), got.path)
		assert.Equal(t, "no-referrer", got.header.Get("Referrer-Policy"), got.path)
		assert.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"), got.path)
		for _, inline := range []string{"<style", " style=", "<script>", " onclick=", `href="javascript:`} {
			assert.NotContains(t, got.body, inline, got.path)
		}
	}
	shown := 0
	for _, route := range routes(t) {
		if route[0] != http.MethodGet {
			continue
		}
		got := b.get(s.ids(route[1]))
		check(got)
		if strings.Contains(got.body, "&lt;script&gt;alert(1)&lt;/script&gt;") {
			shown++
		}
	}
	assert.GreaterOrEqual(t, shown, 9, "the name is shown as text")
	for _, path := range []string{
		"/console/applications?status=all", "/console/payouts?status=failed", "/console/payouts/" + s.paid, "/console/applications/" + s.rejected,
		"/console/partners?find=%3Cscript%3Ealert(1)%3C/script%3E", "/console/nothing", "/console/sign-in", "/console/sign-in/unknown",
		"/console/%3Cscript%3Ealert(1)%3C/script%3E",
	} {
		check(b.get(path))
	}
	check(b.post("/console/applications/"+s.pending+"/approve", "code", `"><script>alert(1)</script>`))
	check(b.post("/console/applications/"+s.rejected+"/reject", "rejectionReason", `</textarea><script>alert(1)</script>`))
	check(b.post("/console/settings", "levels.0.name", `"><script>alert(1)</script>`))
	check(b.post("/console/webhooks", "url", `javascript:alert(1)`, "secret", `"><script>alert(1)</script>`) /* kept in a field */)
}

func TestRefusalIsPageOfTheConsole(t *testing.T) {
	w := newWorld(t)
	s := openShop(t, w, w.App, "Jane")
	b := w.admin(t, w.AdminToken)
	for name, test := range map[string]struct {
		method, path string
		status       int
		allow        string
	}{
		"a page":                                {http.MethodGet, "/console/nothing", http.StatusNotFound, ""},
		"an application":                        {http.MethodGet, "/console/applications/cm0", http.StatusNotFound, ""},
		"a position that is not one":            {http.MethodGet, "/console/partners?before=x", http.StatusBadRequest, ""},
		"a position of nothing":                 {http.MethodGet, "/console/partners?before=999", http.StatusBadRequest, ""},
		"a negative position":                   {http.MethodGet, "/console/webhooks?before=-1", http.StatusBadRequest, ""},
		"a status of applications":              {http.MethodGet, "/console/applications?status=lost", http.StatusBadRequest, ""},
		"a status of payouts":                   {http.MethodGet, "/console/payouts?status=lost", http.StatusBadRequest, ""},
		"a state of deliveries":                 {http.MethodGet, "/console/webhooks?state=lost", http.StatusBadRequest, ""},
		"a form for a page":                     {http.MethodPost, "/console/partners", http.StatusMethodNotAllowed, "GET, HEAD"},
		"another method":                        {http.MethodDelete, "/console/partners/" + s.partner, http.StatusMethodNotAllowed, "GET, HEAD"},
		"a request":                             {http.MethodGet, "/console/requests/0", http.StatusNotFound, ""},
		"a request without a number":            {http.MethodGet, "/console/requests/x", http.StatusNotFound, ""},
		"another method for a page with a form": {http.MethodDelete, "/console/settings", http.StatusMethodNotAllowed, "GET, HEAD, POST"},
		"a page for a form":                     {http.MethodGet, "/console/sign-out", http.StatusMethodNotAllowed, "POST"},
	} {
		t.Run(name, func(t *testing.T) {
			got := b.send(test.method, test.path, nil)
			assert.Equal(t, test.status, got.status)
			assert.Contains(t, got.header.Get("Content-Type"), "text/html")
			assert.Contains(t, got.body, "<h1>")
			assert.Contains(t, got.body, "Sign out", "it is in the frame")
			assert.Equal(t, test.allow, got.header.Get("Allow"))
		})
	}
	t.Run("the path of a form leads to its page", func(t *testing.T) {
		got := b.get("/console/applications/" + s.pending + "/approve")
		assert.Equal(t, http.StatusSeeOther, got.status)
		assert.Equal(t, "/console/applications/"+s.pending, got.location())
		got = b.get("/console/webhooks/" + s.endpoint + "/rotate?before=21&state=pending")
		assert.Equal(t, "/console/webhooks/"+s.endpoint+"?before=21&state=pending", got.location())
	})
	t.Run("a form that is none", func(t *testing.T) {
		got := b.send(http.MethodPost, "/console/settings", nil, "Content-Type", "application/json")
		assert.NotEqual(t, http.StatusSeeOther, got.status)
		got = b.post("/console/applications/"+s.pending+"/reject", "rejectionReason", strings.Repeat("a", 100_000))
		assert.Equal(t, http.StatusRequestEntityTooLarge, got.status)
	})
}
