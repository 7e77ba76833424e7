package refserver_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A browser keeps cookies, and follows redirects if it is told to.
type browser struct {
	world
	client *http.Client
	// headers are sent with each request.
	headers http.Header
}

func newBrowser(t testing.TB, w world) *browser {
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &browser{world: w, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, headers: http.Header{}}
}

func (b *browser) request(t testing.TB, method, path string, form url.Values) reply {
	t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	request, err := http.NewRequestWithContext(t.Context(), method, b.url+path, body)
	require.NoError(t, err)
	request.Header = b.headers.Clone()
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := b.client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return reply{response.StatusCode, response.Header, string(read)}
}

// open gets a page, and requires a status.
func (b *browser) open(t testing.TB, status int, path string) reply {
	t.Helper()
	got := b.request(t, "GET", path, nil)
	require.Equal(t, status, got.status, got.body)
	assertPage(t, got)
	return got
}

// submit sends a form, and follows the redirect to the page after it.
func (b *browser) submit(t testing.TB, path string, fields ...string) reply {
	t.Helper()
	got := b.post(t, path, fields...)
	require.Equal(t, http.StatusSeeOther, got.status, got.body)
	return b.open(t, http.StatusOK, got.header.Get("Location"))
}

func (b *browser) post(t testing.TB, path string, fields ...string) reply {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.request(t, "POST", path, form)
}

// link is the path of a new portal link of a partner.
func (w world) link(t testing.TB, customerID string) string {
	t.Helper()
	got := w.send(t, "GET", "/v1/affiliate/portal-link", "", w.session(customerID))
	require.Equal(t, http.StatusOK, got.status)
	path, ok := strings.CutPrefix(got.json(t)["url"].(string), w.url)
	require.True(t, ok, "the link leads to the server that gave it")
	return path
}

// visitor is a browser of a partner who has opened a portal link.
func (w world) visitor(t testing.TB, customerID string) *browser {
	t.Helper()
	b := newBrowser(t, w)
	got := b.request(t, "GET", w.link(t, customerID), nil)
	require.Equal(t, http.StatusSeeOther, got.status)
	require.Equal(t, "/portal", got.header.Get("Location"))
	return b
}

// assertPage checks what all pages have in common.
func assertPage(t testing.TB, page reply) {
	t.Helper()
	assertProtected(t, page)
	assert.Equal(t, "text/html; charset=utf-8", page.header.Get("Content-Type"))
	assert.Equal(t, 1, strings.Count(page.body, "<h1"), "one main heading")
	assert.Equal(t, 1, strings.Count(page.body, "<script"), "no script but that of the frame")
	for _, inside := range []string{"<style", " style=", " onclick=", "http-equiv", "@import"} {
		assert.NotContains(t, page.body, inside)
	}
}

// assertProtected checks the headers of everything that a browser gets from a page.
func assertProtected(t testing.TB, page reply) {
	t.Helper()
	assert.Equal(t, []string{"no-store"}, page.header.Values("Cache-Control"))
	assert.Equal(t, "no-referrer", page.header.Get("Referrer-Policy"))
	assert.Equal(t, "nosniff", page.header.Get("X-Content-Type-Options"))
	assert.Equal(t, "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
		page.header.Get("Content-Security-Policy"))
}
