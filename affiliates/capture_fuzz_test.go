package affiliates_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/internal/referralcode"
)

// fuzzClock is the time of the fuzz targets.
var fuzzClock = time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)

// fuzzSite is a capture whose API accepts all, with a page that says what ReferralFromRequest
// returns.
func fuzzSite(f *testing.F, options ...affiliates.ReferralOption) (site http.Handler, seen *affiliates.Referral) {
	api := roundTrip(func(*http.Request) (*http.Response, error) { return apiResponse(201, `{"clickId":"click"}`), nil })
	seen = &affiliates.Referral{}
	capture := newFuzzCapture(f, api, append(slices.Clip(options), affiliates.WithClock(func() time.Time { return fuzzClock }))...)
	return capture.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*seen = affiliates.ReferralFromRequest(r)
		w.Header().Set("Cache-Control", "public")
	})), seen
}

func newFuzzCapture(f *testing.F, api roundTrip, options ...affiliates.ReferralOption) *affiliates.ReferralCapture {
	client := clientOn(f, api)
	capture, err := affiliates.NewReferralCapture(client.Affiliates, options...)
	require.NoError(f, err)
	f.Cleanup(func() { _ = capture.Close(f.Context()) })
	return capture
}

// assertSound checks what holds for every response: at most one cookie of ours, of a valid
// form, and never one in a response that a cache may keep.
func assertSound(t *testing.T, header http.Header) {
	cookies := header["Set-Cookie"]
	require.LessOrEqual(t, len(cookies), 1)
	for _, line := range cookies {
		assert.Equal(t, []string{"private, no-store"}, header["Cache-Control"])
		value, isOurs := strings.CutPrefix(line, "__Host-stackbe_ref=")
		value, isOursAlone := strings.CutSuffix(value, "; HttpOnly; SameSite=Lax; Secure")
		assert.True(t, isOurs && isOursAlone, line)
		value, age, _ := strings.Cut(value, "; Path=/; Max-Age=")
		assert.Regexp(t, `^\d+$`, age)
		assert.Regexp(t, `^(`+oneAttribution+`(~`+oneAttribution+`){0,3})?$`, value)
	}
	for name, values := range header {
		for _, value := range values {
			assert.NotContains(t, value, "\n", name)
			assert.NotContains(t, value, "\r", name)
		}
	}
}

const oneAttribution = `1\.[A-Z0-9_-]{3,32}\.-?[0-9a-z]{1,7}\.[pq]\.[A-Z2-7]{26}(\.[A-Za-z0-9_-]{1,64})?`

func FuzzReferralQuery(f *testing.F) {
	for _, target := range []string{
		"/|ref=JANE20", "/|ref=jane20&ref=JOHN10", "/|%72ef=JANE%320&a=b;c&&=&d", "//evil.com|ref=JANE20&next=//evil.com", "/a/../b|ref=%zz&ref=abc",
		"/\\evil.com|ref=JANE20", "/%2F%2Fevil.com|ref=JANE20", "/\r\nSet-Cookie: a=b|ref=JANE20", "/caf\u00e9|ref=\u017fAM20", "|ref=+JANE20", "/|ref", "/|ref=J;x&ref=JANE20",
	} {
		path, query, _ := strings.Cut(target, "|")
		f.Add(path, query)
	}
	site, seen := fuzzSite(f, affiliates.WithTrackedParameters("next"))
	clean, _ := fuzzSite(f, affiliates.WithCleanAddress())
	f.Fuzz(func(t *testing.T, path, query string) {
		u, err := url.ParseRequestURI(path + "?" + query)
		if err != nil || strings.Count(query, "&") > 1000 { // which a server refuses, and more than url.ParseQuery reads
			return
		}
		request := func() *http.Request {
			return &http.Request{Method: "GET", URL: u, Host: "example.com", RequestURI: path + "?" + query, Header: http.Header{}}
		}
		*seen = affiliates.Referral{}
		w := httptest.NewRecorder()
		site.ServeHTTP(w, request())
		assertSound(t, w.Header())
		values, _ := url.ParseQuery(u.RawQuery)
		code, valid := referralcode.Canonical(values.Get("ref"))
		assert.Equal(t, code, seen.Code)
		assert.Equal(t, valid, w.Header().Get("Set-Cookie") != "")

		w = httptest.NewRecorder()
		clean.ServeHTTP(w, request())
		assertSound(t, w.Header())
		if !valid || w.Code != http.StatusSeeOther {
			assert.False(t, valid && u.Opaque == "" && strings.HasPrefix(path, "/"), "no redirect")
			return
		}
		base := &url.URL{Scheme: "https", Host: "example.com", Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}
		location := w.Header().Get("Location")
		assert.True(t, strings.HasPrefix(location, "/") && !strings.HasPrefix(location, "//") && !strings.HasPrefix(location, `/\`), location)
		to, err := base.Parse(location)
		require.NoError(t, err)
		assert.Equal(t, "https://example.com", to.Scheme+"://"+to.Host)
		left, _ := url.ParseQuery(to.RawQuery)
		values.Del("ref")
		assert.Equal(t, values, left)
	})
}

func FuzzReferralCookie(f *testing.F) {
	const good = "1.JANE20.t8wq9c.q.MZXW6YTBOI4DQMBQGEZTEMJSGI"
	for _, value := range []string{
		good, good + ".cmjcbidrx0004n13ye2b7pryh", "1.JANE20.t8wq9c.p.MZXW6YTBOI4DQMBQGEZTEMJSGI", "", "JANE20", `"` + good + `"`, good + "; __Host-stackbe_ref=" + good,
		"x__Host-stackbe_ref=" + good, good + "\x00", good + "\u2028", strings.Repeat(".", 300), "1.jane20.t8wq9c.q.MZXW6YTBOI4DQMBQGEZTEMJSGI", "1.JANE20.-1.q.MZXW6YTBOI4DQMBQGEZTEMJSGI",
		good + "~1.JOHN10.t8wq9a.q.MZXW6YTBOI4DQMBQGEZTEMJSGJ", good + strings.Repeat("~"+good, 3), good + strings.Repeat("~"+good, 4), good + "~", "~" + good,
		good + "~1.JOHN10.-1.p.MZXW6YTBOI4DQMBQGEZTEMJSGJ", good + "~1.JOHN10.zzzzzzz.q.MZXW6YTBOI4DQMBQGEZTEMJSGJ.click",
	} {
		f.Add(value, "a=b; ", false)
		f.Add(value, "__Host-stackbe_ref=1.JOHN10.t8wq9d.q.MZXW6YTBOI4DQMBQGEZTEMJSGJ; ", true)
	}
	site, seen := fuzzSite(f)
	f.Fuzz(func(t *testing.T, value, before string, link bool) {
		r := httptest.NewRequest("GET", "/", nil)
		if link {
			r.URL.RawQuery, r.RequestURI = "ref=JOHN10", "/?ref=JOHN10"
		}
		r.Header.Set("Cookie", before+"__Host-stackbe_ref="+value)
		w := httptest.NewRecorder()
		site.ServeHTTP(w, r)
		assertSound(t, w.Header())
		if seen.Code == "" {
			assert.Zero(t, *seen)
			assert.False(t, link, "a link is captured whatever the cookie is")
			return
		}
		code, valid := referralcode.Canonical(seen.Code)
		assert.True(t, valid && code == seen.Code)
		assert.Regexp(t, `^[A-Za-z0-9_-]{0,64}$`, seen.ClickID)
		age := fuzzClock.Sub(seen.ClickedAt)
		assert.True(t, age < 30*24*time.Hour && age >= -24*time.Hour, age)
		if !link {
			assert.Contains(t, r.Header.Get("Cookie"), "__Host-stackbe_ref=1."+seen.Code+".", "nothing is made up")
		}
		if set := w.Header().Get("Set-Cookie"); set != "" {
			again := httptest.NewRequest("GET", "/", nil)
			again.Header.Set("Cookie", set)
			code := seen.Code
			site.ServeHTTP(httptest.NewRecorder(), again)
			assert.Equal(t, code, seen.Code, "what it sets is read")
		}
	})
}

func FuzzReferralHeaders(f *testing.F) {
	f.Add("example.com", "prefetch;prerender", "document", "same-origin", "Mozilla/5.0", "https", `"1"`, "GET")
	f.Add("user@[::1]:80", "preview", "empty", "cross-site", "Googlebot/2.1", "http, https", "*", "HEAD")
	f.Add("localhost:", "", "iframe", "none", "cubot bot", ",", "", "POST")
	f.Add("[::1", "\x00", "websocket", "", strings.Repeat("bo", 600)+"bot", "https\r\n", "", "")
	f.Add("evil.com/?#", "PREFETCH", "DOCUMENT", "", "\xff", " HTTPS ", "", "OPTIONS")
	tracked := make(chan trackedClick, 1024)
	capture := newFuzzCapture(f, func(r *http.Request) (*http.Response, error) {
		select {
		case tracked <- readClick(r):
		default:
		}
		return apiResponse(201, `{"clickId":"click"}`), nil
	}, affiliates.WithClock(func() time.Time { return fuzzClock }))
	f.Fuzz(func(t *testing.T, host, purpose, dest, site, agent, proto, condition, method string) {
		r := httptest.NewRequest("GET", "/pricing?ref=JANE20&secret=canary", nil)
		r.Method, r.Host = method, host
		for name, value := range map[string]string{
			"Sec-Purpose": purpose, "X-Moz": purpose, "Sec-Fetch-Dest": dest, "Sec-Fetch-Site": site, "User-Agent": agent,
			"X-Forwarded-Proto": proto, "X-Forwarded-Host": host, "If-None-Match": condition,
		} {
			r.Header[name] = []string{value}
		}
		before := r.Header.Clone()
		w := httptest.NewRecorder()
		capture.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })).ServeHTTP(w, r)
		assert.Equal(t, http.StatusTeapot, w.Code, "the page is served")
		assert.Equal(t, before, r.Header, "the request is the server's")
		cookie := w.Header().Get("Set-Cookie")
		if cookie != "" {
			assert.Equal(t, "GET", method)
			assert.Equal(t, []string{"private, no-store"}, w.Header()["Cache-Control"])
			assert.Equal(t, strings.HasPrefix(cookie, "__Host-"), strings.HasSuffix(cookie, "; Secure"))
			assert.NotContains(t, cookie, "Domain")
		}
		select {
		case click := <-tracked:
			assert.Equal(t, "JANE20", click.Code)
			assert.NotContains(t, click.URL, "canary")
			if click.URL != "" {
				u, err := url.Parse(click.URL)
				require.NoError(t, err)
				assert.Nil(t, u.User)
				assert.Equal(t, "/pricing", u.Path)
				assert.Empty(t, u.RawQuery+u.Fragment)
			}
		default:
		}
	})
}
