package affiliates_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
)

func TestTrackedURLIsOriginAndPathAlone(t *testing.T) {
	utm := affiliates.WithTrackedParameters("utm_source", "utm_medium")
	origin := affiliates.WithPublicOrigin("https://Shop.example.com/")
	for name, test := range map[string]struct {
		url     string
		options []affiliates.ReferralOption
		change  func(*http.Request)
		want    string
	}{
		"the front page":                       {url: "http://example.com/?ref=JANE20", want: "https://example.com/"},
		"secrets in the query":                 {url: "http://example.com/pricing?token=secret&ref=JANE20&email=a@b.com", want: "https://example.com/pricing"},
		"a path with escapes":                  {url: "http://example.com/caf%C3%A9%2Fbar?ref=JANE20", want: "https://example.com/caf%C3%A9%2Fbar"},
		"a path with two slashes":              {url: "http://example.com//evil.com/?ref=JANE20", want: "https://example.com//evil.com/"},
		"a port":                               {url: "http://example.com:8443/?ref=JANE20", want: "https://example.com:8443/"},
		"localhost":                            {url: "http://localhost:8080/a?ref=JANE20", want: "http://localhost:8080/a"},
		"localhost with TLS":                   {url: "http://localhost:8443/a?ref=JANE20", change: func(r *http.Request) { r.TLS = &tls.ConnectionState{} }, want: "https://localhost:8443/a"},
		"an IPv6 address":                      {url: "http://[2001:db8::1]/a?ref=JANE20", want: "https://[2001:db8::1]/a"},
		"a public origin":                      {url: "http://10.0.0.7:3000/a?ref=JANE20", options: []affiliates.ReferralOption{origin}, want: "https://shop.example.com/a"},
		"allowed parameters":                   {url: "http://example.com/?utm_source=a%20b&x=y&ref=JANE20&utm_medium=mail", options: []affiliates.ReferralOption{utm}, want: "https://example.com/?utm_medium=mail&utm_source=a+b"},
		"an allowed parameter, escaped":        {url: "http://example.com/?utm%5Fsource=a&ref=JANE20", options: []affiliates.ReferralOption{utm}, want: "https://example.com/?utm_source=a"},
		"an allowed parameter with markup":     {url: "http://example.com/?utm_source=%3Cscript%3E%0d%0a&ref=JANE20", options: []affiliates.ReferralOption{utm}, want: "https://example.com/?utm_source=%3Cscript%3E%0D%0A"},
		"an allowed parameter that is long":    {url: "http://example.com/a?utm_source=" + strings.Repeat("x", 3000) + "&ref=JANE20", options: []affiliates.ReferralOption{utm}, want: "https://example.com/a"},
		"a parameter that begins like another": {url: "http://example.com/?utm_sources=a&ref=JANE20", options: []affiliates.ReferralOption{utm}, want: "https://example.com/"},
		"the code, if it is allowed":           {url: "http://example.com/?ref=JANE20", options: []affiliates.ReferralOption{affiliates.WithTrackedParameters("ref")}, want: "https://example.com/?ref=JANE20"},
		"2,048 characters":                     {url: "http://example.com/" + strings.Repeat("x", 2028) + "?ref=JANE20", want: "https://example.com/" + strings.Repeat("x", 2028)},
		"2,049 characters":                     {url: "http://example.com/" + strings.Repeat("x", 2029) + "?ref=JANE20", want: ""},
		"a Host with a user":                   {url: "http://example.com/?ref=JANE20", change: func(r *http.Request) { r.Host = "user:password@example.com" }, want: ""},
		"a Host with a path":                   {url: "http://example.com/?ref=JANE20", change: func(r *http.Request) { r.Host = "example.com/x?" }, want: ""},
		"a Host that is long":                  {url: "http://example.com/?ref=JANE20", change: func(r *http.Request) { r.Host = strings.Repeat("x", 256) }, want: ""},
		"no Host":                              {url: "http://example.com/?ref=JANE20", change: func(r *http.Request) { r.Host = "" }, want: ""},
		"a Host that is a port":                {url: "http://example.com/?ref=JANE20", change: func(r *http.Request) { r.Host = ":80" }, want: ""},
		"a user and a fragment in the request": {url: "http://example.com/?ref=JANE20", change: func(r *http.Request) {
			r.URL, r.RequestURI = &url.URL{Scheme: "http", User: url.User("jane"), Host: "other.com", Path: "/a", RawQuery: "ref=JANE20", Fragment: "x"}, ""
		}, want: "https://example.com/a"},
		"a header that names another host": {url: "http://example.com/?ref=JANE20", change: func(r *http.Request) { r.Header.Set("X-Forwarded-Host", "evil.com") }, want: "https://example.com/"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t, test.options...)
				r := httptest.NewRequest("GET", "/", nil)
				parsed, err := url.Parse(test.url)
				require.NoError(t, err)
				r.URL, r.Host, r.RequestURI = &url.URL{Path: parsed.Path, RawPath: parsed.RawPath, RawQuery: parsed.RawQuery}, parsed.Host, parsed.RequestURI()
				if test.change != nil {
					test.change(r)
				}
				s.handler.ServeHTTP(httptest.NewRecorder(), r)
				synctest.Wait()
				require.Equal(t, []string{"JANE20"}, s.api.tracked())
				assert.Equal(t, test.want, s.api.all()[0].URL)
			})
		})
	}
}

func TestTrackedURLIsTheOneThatTheVisitorAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.handler = http.StripPrefix("/shop", s.handler)
		s.visitor().open("/shop/pricing?ref=JANE20")
		synctest.Wait()
		assert.Equal(t, "https://example.com/shop/pricing", s.api.all()[0].URL)
	})
}

func TestCleanAddress(t *testing.T) {
	for target, want := range map[string]string{
		"/?ref=JANE20":                         "/",
		"/pricing?ref=JANE20":                  "/pricing",
		"/a/?ref=JANE20":                       "/a/",
		"/?ref=JANE20&a=b":                     "/?a=b",
		"/?a=b&ref=JANE20&c=%20d&a=e":          "/?a=b&c=%20d&a=e",
		"/?ref=JANE20&ref=JOHN10&%72ef=x":      "/",
		"/?a=b;c&ref=JANE20&d=%zz":             "/?a=b;c&d=%zz",
		"/caf%C3%A9%2Fx?ref=JANE20":            "/caf%C3%A9%2Fx",
		"//evil.com?ref=JANE20":                "/.//evil.com",
		"//evil.com/a?ref=JANE20&b=c":          "/.//evil.com/a?b=c",
		"///evil.com/?ref=JANE20":              "/.///evil.com/",
		"/%5Cevil.com?ref=JANE20":              "/%5Cevil.com",
		"/%2F/evil.com?ref=JANE20":             "/%2F/evil.com",
		"/%0d%0aSet-Cookie:%20a=b?ref=JANE20":  "/%0d%0aSet-Cookie:%20a=b",
		"/%09/evil.com?ref=JANE20":             "/%09/evil.com",
		"/?next=//evil.com&ref=JANE20":         "/?next=//evil.com",
		"/?a=#b&ref=JANE20&c=d":                "/?a=%23b&c=d",
		"/?a=caf\u00e9&ref=JANE20":             "/?a=caf%C3%A9",
		"/?ref=JANE20&url=https://evil.com/?a": "/?url=https://evil.com/?a",
	} {
		t.Run(target, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				visitor := newSite(t, affiliates.WithCleanAddress()).visitor()
				response := visitor.open(target)
				assert.Equal(t, 303, response.StatusCode)
				location := response.Header.Get("Location")
				assert.Equal(t, want, location)
				assert.Equal(t, "private, no-store", response.Header.Get("Cache-Control"))
				assert.Contains(t, response.cookie(), "JANE20")
				assert.Empty(t, response.body)

				base, err := url.Parse("https://example.com" + target)
				require.NoError(t, err)
				to, err := base.Parse(location)
				require.NoError(t, err)
				assert.Equal(t, "example.com", to.Host)
				assert.Equal(t, base.Path, to.Path)
				synctest.Wait()
				assert.Equal(t, "JANE20 click_a", visitor.open("/").body)
			})
		})
	}
}

func TestCleanAddressIsForPagesOnly(t *testing.T) {
	for name, open := range map[string]func(b *browser) shown{
		"HEAD":            func(b *browser) shown { return b.send("HEAD", "/?ref=JANE20") },
		"POST":            func(b *browser) shown { return b.send("POST", "/?ref=JANE20") },
		"no code":         func(b *browser) shown { return b.open("/?a=b") },
		"an invalid code": func(b *browser) shown { return b.open("/?ref=J") },
		"a bot":           func(b *browser) shown { return b.open("/?ref=JANE20", "User-Agent", "Googlebot") },
		"an image":        func(b *browser) shown { return b.open("/?ref=JANE20", "Sec-Fetch-Dest", "image") },
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, 200, open(newSite(t, affiliates.WithCleanAddress()).visitor()).StatusCode)
		})
	}
	assert.Equal(t, 200, newSite(t).visitor().open("/?ref=JANE20").StatusCode, "it is an option")
}

func TestCleanAddressAfterAReload(t *testing.T) {
	visitor := newSite(t, affiliates.WithCleanAddress()).visitor()
	visitor.open("/?ref=JANE20")
	again := visitor.open("/?ref=JANE20&a=b")
	assert.Equal(t, "/?a=b", again.Header.Get("Location"))
	assert.Equal(t, "private, no-store", again.Header.Get("Cache-Control"))
}

// A handler around the middleware may add the code, from a path say: to redirect would not
// end.
func TestCleanAddressDoesNotRedirectToTheSameAddress(t *testing.T) {
	s := newSite(t, affiliates.WithCleanAddress())
	around := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.RawQuery = "ref=JANE20"
		s.handler.ServeHTTP(w, r)
	})
	w := httptest.NewRecorder()
	around.ServeHTTP(w, httptest.NewRequest("GET", "/by/jane20", nil))
	assert.Equal(t, 200, w.Code)
	assert.Contains(t, w.Header().Get("Set-Cookie"), "JANE20")
}

func TestCleanAddressBelowAPrefix(t *testing.T) {
	s := newSite(t, affiliates.WithCleanAddress())
	s.handler = http.StripPrefix("/shop", s.handler)
	assert.Equal(t, "/shop/pricing?a=b", s.visitor().open("/shop/pricing?a=b&ref=JANE20").Header.Get("Location"))
}
