package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/stretchr/testify/assert"
)

// newVisitor opens a tab whose requests name the visitor.
func newVisitor(t testing.TB, name string) *tab {
	t.Helper()
	visitor := newTab(t, look{})
	visitor.do(command(network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"X-Visitor": name}}))
	return visitor
}

// leaked are the cookies that a visitor has and that the site gave to another.
func (s *shop) leaked(name string, visitor *tab) (cookies []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	given := make(map[string]bool)
	for _, value := range s.given[name] {
		given[value] = true
	}
	for _, cookie := range visitor.cookies() {
		if !given[cookie.Value] {
			cookies = append(cookies, cookie.Name)
		}
	}
	return cookies
}

func TestSharedCacheGivesNoVisitorTheCookieOfAnother(t *testing.T) {
	s := newShop(t)
	cached := newCache(t, s.URL)
	paths := map[string][]string{ // what each visitor opens, in this order
		"ann":  {"/about", "/offer?ref=JANE20", "/offer", "/about"},
		"ben":  {"/offer?ref=JANE20", "/offer"},
		"cleo": {"/offer", "/about", "/offer?ref=BOB10"},
		"dan":  {"/offer", "/about"},
	}
	visitors := make(map[string]*tab)
	for _, name := range []string{"ann", "ben", "cleo", "dan"} {
		visitors[name] = newVisitor(t, name)
		for _, path := range paths[name] {
			visitors[name].open(cached + path)
			assert.Empty(t, s.leaked(name, visitors[name]), "%s, after %s", name, path)
		}
	}
	for _, name := range []string{"ann", "ben", "cleo"} {
		assert.NotEmpty(t, visitors[name].cookies(), name)
	}
	assert.Empty(t, visitors["dan"].cookies())
	assert.Equal(t, 1, s.seen("/about"), "the cache responds with the pages that it may store")
	s.assertClicks(t, s.jane, 2)
}

// Without this, the test above might see no leak because the cache stores nothing that sets a cookie.
func TestSharedCacheLeaksCookieOfPublicPage(t *testing.T) {
	s := &shop{given: make(map[string][]string)}
	count := 0
	site := httptest.NewServer(s.record(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		count++
		http.SetCookie(w, &http.Cookie{Name: "referral", Value: fmt.Sprint("JANE20-", count)})
		s.page(w, "Offer", "")
	})))
	defer site.Close()
	cached := newCache(t, site.URL)
	ann, ben := newVisitor(t, "ann"), newVisitor(t, "ben")
	ann.open(cached + "/offer?ref=JANE20")
	ben.open(cached + "/offer?ref=JANE20")
	assert.Empty(t, s.leaked("ann", ann))
	assert.Equal(t, []string{"referral"}, s.leaked("ben", ben))
}
