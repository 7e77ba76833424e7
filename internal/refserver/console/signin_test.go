package console_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/console"
)

func (w world) link(t testing.TB) string {
	t.Helper()
	link, err := w.ConsoleLink(w.ID)
	require.NoError(t, err)
	return link
}

func TestLinkSignsInOnce(t *testing.T) {
	w := newWorld(t)
	link, b := w.link(t), w.browser(t)

	for range 3 { // as a previewer of messages does
		shown := b.page(link)
		assert.Contains(t, shown.text(), w.ID)
		assert.Contains(t, shown.body, `method="post" action="`+link+`"`)
		assert.Empty(t, shown.header.Values("Set-Cookie"))
	}
	assert.Equal(t, http.StatusOK, b.send(http.MethodHead, link, nil).status)

	got := b.post(link)
	assert.Equal(t, http.StatusSeeOther, got.status)
	assert.Equal(t, "/console", got.location())
	cookie := got.header.Get("Set-Cookie")
	for _, attribute := range []string{"HttpOnly", "SameSite=Lax", "Path=/console"} {
		assert.Contains(t, cookie, attribute)
	}
	assert.NotContains(t, cookie, "Secure", "the link was http")
	assert.NotContains(t, cookie, strings.TrimPrefix(link, "/console/sign-in/"))
	assert.Contains(t, b.page("/console").text(), w.ID)

	again := w.browser(t)
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		got := again.send(method, link, nil)
		assert.Equal(t, http.StatusGone, got.status)
		assert.Contains(t, got.text(), "has been used")
		assert.Empty(t, got.header.Values("Set-Cookie"))
	}
	assert.Equal(t, http.StatusUnauthorized, again.get("/console").status)
}

func TestLinkSignsInOneOfManyAtOnce(t *testing.T) {
	w := newWorld(t)
	link := w.link(t)
	statuses := make(chan int, 20)
	for range cap(statuses) {
		client := w.browser(t).client
		go func() {
			response, err := client.Post(w.url+link, "", nil)
			if !assert.NoError(t, err) {
				statuses <- 0
				return
			}
			_ = response.Body.Close()
			statuses <- response.StatusCode
		}()
	}
	signedIn := 0
	for range cap(statuses) {
		if <-statuses == http.StatusSeeOther {
			signedIn++
		}
	}
	assert.Equal(t, 1, signedIn)
}

func TestLinkIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		link   func(w world) string
		status int
		text   string
	}{
		"if it is unknown":   {func(world) string { return "/console/sign-in/AAAAAAAAAAAAAAAAAAAAAAAAAA" }, http.StatusNotFound, "unknown"},
		"if it is cut":       {func(w world) string { link := w.link(t); return link[:len(link)-1] }, http.StatusNotFound, "unknown"},
		"if it is very long": {func(world) string { return "/console/sign-in/" + strings.Repeat("A", 5000) }, http.StatusNotFound, "unknown"},
		"after 15 minutes":   {func(w world) string { link := w.link(t); require.NoError(t, w.Advance(console.LinkLife)); return link }, http.StatusGone, "expired"},
		"if the clock was set back": {func(w world) string {
			document := w.Snapshot()
			require.NoError(t, w.Advance(day))
			link := w.link(t)
			require.NoError(t, w.Restore(document))
			return link
		}, http.StatusGone, "expired"},
		"if its app is gone": {func(w world) string {
			link := w.link(t)
			require.NoError(t, w.Restore(refserver.Document{Version: 1}))
			return link
		}, http.StatusNotFound, "unknown"},
		"if 1,000 came since": {func(w world) string {
			link := w.link(t)
			for range 1000 {
				w.link(t)
			}
			return link
		}, http.StatusNotFound, "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			link, b := test.link(w), w.browser(t)
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				got := b.send(method, link, nil)
				assert.Equal(t, test.status, got.status)
				assert.Contains(t, got.text(), test.text)
				assert.Empty(t, got.header.Values("Set-Cookie"))
			}
		})
	}

	t.Run("not before 15 minutes have passed", func(t *testing.T) {
		w := newWorld(t)
		link := w.link(t)
		require.NoError(t, w.Advance(console.LinkLife-1))
		assert.Equal(t, http.StatusSeeOther, w.browser(t).post(link).status)
	})

	_, err := newWorld(t).ConsoleLink("app_unknown")
	assert.ErrorContains(t, err, `there is no app "app_unknown"`)
}

func TestCookieIsSecureWhereTheLinkIsHTTPS(t *testing.T) {
	w := newWorld(t, func(c *refserver.Config) { c.PublicURL = "https://partners.example.com" })
	got := w.browser(t).post(w.link(t))
	assert.Contains(t, got.header.Get("Set-Cookie"), "Secure")
}

func TestAdminTokenSignsIn(t *testing.T) {
	w := newWorld(t)
	customer := openShop(t, w, w.App, "Jane").customer
	session, err := w.SessionToken(w.ID, customer)
	require.NoError(t, err)
	for name, token := range map[string]string{"none": "", "an unknown one": "admin_unknown", "the API key": w.APIKey, "a session": session} {
		t.Run("but not "+name, func(t *testing.T) {
			b := w.browser(t)
			got := b.post("/console/sign-in", "token", token)
			assert.Equal(t, http.StatusUnauthorized, got.status)
			assert.Equal(t, "No app has this admin token.", got.problem("token"))
			assert.Empty(t, got.header.Values("Set-Cookie"))
			if token != "" {
				assert.NotContains(t, got.body, token)
			}
		})
	}
	b := w.browser(t)
	assert.Contains(t, b.page("/console/sign-in").body, `type="password"`)
	assert.Equal(t, http.StatusSeeOther, b.post("/console/sign-in", "token", " "+w.AdminToken+"\n").status)
	b.page("/console")
}

func TestSignOutEndsTheSession(t *testing.T) {
	w := newWorld(t)
	b := w.admin(t, w.AdminToken)
	other := w.admin(t, w.AdminToken)
	cookies := b.client.Jar
	copied := w.browser(t)
	request, err := http.NewRequest(http.MethodGet, w.url+"/console", nil)
	require.NoError(t, err)
	copied.client.Jar.SetCookies(request.URL, cookies.Cookies(request.URL))
	copied.page("/console")

	got := b.post("/console/sign-out")
	assert.Equal(t, http.StatusOK, got.status)
	assert.Contains(t, got.header.Get("Set-Cookie"), "Max-Age=0")
	assert.Equal(t, http.StatusUnauthorized, b.get("/console").status)
	assert.Equal(t, http.StatusUnauthorized, copied.get("/console").status, "the cookie is worth nothing")
	other.page("/console")
}

func TestSessionEnds(t *testing.T) {
	t.Run("after 12 hours, but not when the server's clock is moved", func(t *testing.T) {
		w := newWorld(t)
		b := w.admin(t, w.AdminToken)
		require.NoError(t, w.Advance(400*day))
		b.page("/console")
		w.real.Add(int64(console.SessionLife - 1))
		b.page("/console")
		w.real.Add(1)
		assert.Equal(t, http.StatusUnauthorized, b.get("/console").status)
	})

	t.Run("when a restored app has another admin token", func(t *testing.T) {
		w := newWorld(t)
		b := w.admin(t, w.AdminToken)
		document := w.Snapshot()
		require.NoError(t, w.Restore(document))
		b.page("/console")
		document.Apps[0].AdminToken = "admin_other"
		require.NoError(t, w.Restore(document))
		assert.Equal(t, http.StatusUnauthorized, b.get("/console").status)
	})

	t.Run("when the app is gone", func(t *testing.T) {
		w := newWorld(t)
		b := w.admin(t, w.AdminToken)
		require.NoError(t, w.Restore(refserver.Document{Version: 1}))
		assert.Equal(t, http.StatusUnauthorized, b.get("/console").status)
	})
}

func TestLinkTokenIsInNoLog(t *testing.T) {
	w := newWorld(t)
	link := w.link(t)
	b := w.browser(t)
	b.page(link)
	b.post(link)
	token := strings.TrimPrefix(link, "/console/sign-in/")
	for _, request := range w.Requests.All() {
		assert.NotContains(t, request.Path+request.ResponseBody+request.Body, token)
	}
}
