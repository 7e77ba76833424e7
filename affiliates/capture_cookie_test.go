package affiliates_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
)

const visitID = "MZXW6YTBOI4DQMBQGEZTEMJSGI"

// written is a cookie of a visitor who clicked so long ago, as the middleware writes it.
func written(code string, ago time.Duration, rest ...string) string {
	if len(rest) == 0 {
		rest = []string{"q", visitID}
	}
	return strings.Join(append([]string{"1", code, strconv.FormatInt(time.Now().Add(-ago).Unix(), 36)}, rest...), ".")
}

func TestCookieAttributes(t *testing.T) {
	domain, days := affiliates.WithDomain("Example.com"), affiliates.WithCookieDays(7)
	for name, test := range map[string]struct {
		url     string
		tls     bool
		header  []string
		options []affiliates.ReferralOption
		name    string
		rest    string
	}{
		"on a host":                                               {url: "http://example.com", name: "__Host-stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"},
		"on a host with a port":                                   {url: "http://example.com:8080", name: "__Host-stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"},
		"on a private network":                                    {url: "http://192.168.1.5", name: "__Host-stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"},
		"on localhost":                                            {url: "http://localhost:8080", name: "stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"},
		"on LOCALHOST":                                            {url: "http://LOCALHOST", name: "stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"},
		"on a name below localhost":                               {url: "http://shop.localhost:8080", name: "stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"},
		"on a name that begins with localhost":                    {url: "http://localhost.example.com", name: "__Host-stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"},
		"on a name that ends like localhost":                      {url: "http://mylocalhost", name: "__Host-stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"},
		"on 127.0.0.1":                                            {url: "http://127.0.0.1:8080", name: "stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"},
		"on [::1]":                                                {url: "http://[::1]:8080", name: "stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"},
		"on [::1] without a port":                                 {url: "http://[::1]", name: "stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"},
		"on localhost with TLS":                                   {url: "https://localhost:8443", tls: true, name: "__Host-stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"},
		"on localhost behind a proxy that has TLS":                {url: "http://127.0.0.1", header: []string{"X-Forwarded-Proto", "HTTPS, http"}, name: "__Host-stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"},
		"on localhost behind a proxy without TLS":                 {url: "http://127.0.0.1", header: []string{"X-Forwarded-Proto", "http"}, name: "stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"},
		"behind a proxy that replaces the host":                   {url: "http://127.0.0.1:3000", options: []affiliates.ReferralOption{affiliates.WithPublicOrigin("https://example.com")}, name: "__Host-stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"},
		"of a site on http://localhost":                           {url: "http://example.com", options: []affiliates.ReferralOption{affiliates.WithPublicOrigin("http://localhost:8080/")}, name: "stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"},
		"with a domain":                                           {url: "http://www.example.com", options: []affiliates.ReferralOption{domain}, name: "__Secure-stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Domain=example.com; Secure"},
		"with a domain, on localhost":                             {url: "http://localhost", options: []affiliates.ReferralOption{domain}, name: "stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"},
		"with a domain, on localhost with TLS":                    {url: "https://localhost:8443", tls: true, options: []affiliates.ReferralOption{domain}, name: "__Host-stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"},
		"with a domain, on a name below localhost with TLS":       {url: "https://shop.localhost", tls: true, options: []affiliates.ReferralOption{domain}, name: "__Host-stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"},
		"with a domain, on [::1] with TLS":                        {url: "https://[::1]:8443", tls: true, options: []affiliates.ReferralOption{domain}, name: "__Host-stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"},
		"with a domain, on localhost behind a proxy that has TLS": {url: "http://127.0.0.1", header: []string{"X-Forwarded-Proto", "https"}, options: []affiliates.ReferralOption{domain}, name: "__Host-stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"},
		"with a domain, of a site on https://localhost":           {url: "http://www.example.com", options: []affiliates.ReferralOption{domain, affiliates.WithPublicOrigin("https://localhost:8443")}, name: "__Host-stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"},
		"with a domain, behind a proxy that replaces the host":    {url: "http://127.0.0.1:3000", options: []affiliates.ReferralOption{domain, affiliates.WithPublicOrigin("https://www.example.com")}, name: "__Secure-stackbe_ref", rest: "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Domain=example.com; Secure"},
		"for a week":                                              {url: "http://example.com", options: []affiliates.ReferralOption{days}, name: "__Host-stackbe_ref", rest: "; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t, test.options...)
				r := httptest.NewRequest("GET", test.url+"/?ref=JANE20", nil)
				r.TLS = nil
				if test.tls {
					r.TLS = &tls.ConnectionState{}
				}
				for i := 0; i < len(test.header); i += 2 {
					r.Header.Set(test.header[i], test.header[i+1])
				}
				w := httptest.NewRecorder()
				s.handler.ServeHTTP(w, r)
				require.Len(t, w.Header()["Set-Cookie"], 1)
				pair, rest, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
				assert.True(t, strings.HasPrefix(pair, test.name+"=1.JANE20."), pair)
				assert.Equal(t, test.rest, ";"+rest)

				again := httptest.NewRequest("POST", test.url+"/sign-up", nil)
				again.TLS, again.Header = r.TLS, r.Header.Clone()
				again.Header.Set("Cookie", pair)
				w = httptest.NewRecorder()
				s.handler.ServeHTTP(w, again)
				assert.True(t, strings.HasPrefix(w.Body.String(), "JANE20"), "the same request reads it")
			})
		})
	}
}

func TestNewCookieLastsForAllItsDaysWithinASecond(t *testing.T) {
	s := newSite(t, affiliates.WithClock(func() time.Time { return time.Unix(1_768_473_000, 999_999_999) }))
	assert.Contains(t, s.visitor().open("/?ref=JANE20").cookie(), "; Max-Age=2592000;")
}

func TestClockCanShowAnyTime(t *testing.T) {
	for _, now := range []time.Time{{}, time.Unix(-1, 0), time.Unix(0, 0), time.Unix(1, 0), time.Date(4000, 1, 1, 0, 0, 0, 0, time.UTC)} {
		visitor := newSite(t, affiliates.WithClock(func() time.Time { return now })).visitor()
		visitor.open("/?ref=JANE20")
		assert.Contains(t, visitor.open("/").body, "JANE20", now)
	}
}

func TestCookieOfAVisitorIsReadStrictly(t *testing.T) {
	now := time.Now()
	stamp := strconv.FormatInt(now.Unix(), 36)
	longest := written(strings.Repeat("J", 32), 0, "q", visitID, strings.Repeat("c", 64))
	for name, test := range map[string]struct {
		value string
		want  string
	}{
		"as it is written":   {written("JANE20", 0), "JANE20"},
		"with a click":       {written("JANE20", 0, "q", visitID, "cmjcbidrx0004n13ye2b7pryh"), "JANE20 cmjcbidrx0004n13ye2b7pryh"},
		"almost 30 days old": {written("JANE20", 30*24*time.Hour-time.Minute), "JANE20"},
		"30 days old":        {written("JANE20", 30*24*time.Hour), ""},
		"from before the clock was set back by almost a day": {written("JANE20", -24*time.Hour+time.Minute), "JANE20"},
		"from the future":                       {written("JANE20", -24*time.Hour-time.Minute), ""},
		"from the far future":                   {"1.JANE20.zzzzzzz.q." + visitID, ""},
		"with one that it has replaced":         {written("JANE20", 0) + "~" + written("JOHN10", time.Hour, "q", visitID, "click"), "JANE20"},
		"with three":                            {written("JANE20", 0) + strings.Repeat("~"+written("JOHN10", time.Hour, "p", visitID), 3), "JANE20"},
		"with four":                             {written("JANE20", 0) + strings.Repeat("~"+written("JOHN10", time.Hour), 4), ""},
		"with the longest that can be":          {strings.Join(slices.Repeat([]string{longest}, 4), "~"), strings.Repeat("J", 32) + " " + strings.Repeat("c", 64)},
		"with an empty one":                     {written("JANE20", 0) + "~", ""},
		"with an empty one between":             {written("JANE20", 0) + "~~" + written("JOHN10", 0), ""},
		"with an invalid one":                   {written("JANE20", 0) + "~" + written("john10", 0), ""},
		"with a valid one after an invalid one": {written("jane20", 0) + "~" + written("JOHN10", 0), ""},
		"empty":                                 {"", ""},
		"a bare code":                           {"JANE20", ""},
		"another version":                       {strings.Replace(written("JANE20", 0), "1.", "2.", 1), ""},
		"a code in lower case":                  {written("jane20", 0), ""},
		"a short code":                          {written("JA", 0), ""},
		"a long code":                           {written(strings.Repeat("J", 33), 0), ""},
		"a code with markup":                    {written("<script>", 0), ""},
		"no time":                               {"1.JANE20..q." + visitID, ""},
		"a negative time":                       {"1.JANE20.-" + stamp + ".q." + visitID, ""},
		"a time with two signs":                 {"1.JANE20.--" + stamp + ".q." + visitID, ""},
		"a negative zero":                       {"1.JANE20.-0.q." + visitID, ""},
		"a time with a sign":                    {"1.JANE20.+" + stamp + ".q." + visitID, ""},
		"a time in upper case":                  {"1.JANE20." + strings.ToUpper(stamp) + "A.q." + visitID, ""},
		"a time with a zero before it":          {"1.JANE20.0" + stamp + ".q." + visitID, ""},
		"a huge time":                           {"1.JANE20.zzzzzzzzzzzzzz.q." + visitID, ""},
		"another state":                         {written("JANE20", 0, "x", visitID), ""},
		"no state":                              {written("JANE20", 0, "", visitID), ""},
		"no id":                                 {written("JANE20", 0, "q"), ""},
		"a short id":                            {written("JANE20", 0, "q", visitID[1:]), ""},
		"an id in lower case":                   {written("JANE20", 0, "q", strings.ToLower(visitID)), ""},
		"a click before it is queued":           {written("JANE20", 0, "p", visitID, "click"), ""},
		"an empty click":                        {written("JANE20", 0, "q", visitID, ""), ""},
		"a click of other characters":           {written("JANE20", 0, "q", visitID, "a b"), ""},
		"a part too many":                       {written("JANE20", 0, "q", visitID, "click", "more"), ""},
		"an oversized one":                      {written("JANE20", 0, "q", visitID, strings.Repeat("c", 65)), ""},
		"a huge one":                            {written("JANE20", 0) + strings.Repeat("x", 1<<16), ""},
		"in quotes":                             {`"` + written("JANE20", 0) + `"`, ""},
		"escaped":                               {strings.ReplaceAll(written("JANE20", 0), ".", "%2E"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, affiliates.WithClock(func() time.Time { return now }))
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Cookie", "__Host-stackbe_ref="+test.value)
			w := httptest.NewRecorder()
			s.handler.ServeHTTP(w, r)
			assert.Equal(t, test.want, w.Body.String())
			assert.Empty(t, w.Header()["Set-Cookie"])
			code, _, _ := strings.Cut(test.want, " ")
			assert.Equal(t, code, s.capture.ReferralFromRequest(r).Code)
		})
	}
}

func TestCookieStaysBelowItsSizeWhateverItReplaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.api.respond = func(_ *http.Request, click trackedClick) *http.Response {
			return apiResponse(201, `{"clickId":"`+strings.Repeat("c", 64)+`","code":"`+click.Code+`"}`)
		}
		visitor := s.visitor()
		for i := range 10 {
			visitor.open("/?ref=JANE" + strings.Repeat("J", 27) + strconv.Itoa(i))
			synctest.Wait()
			visitor.open("/")
		}
		cookie := visitor.cookies["__Host-stackbe_ref"]
		assert.Equal(t, 3, strings.Count(cookie, "~"))
		assert.Less(t, len(cookie), 552)
		assert.Equal(t, "JANE"+strings.Repeat("J", 27)+"9 "+strings.Repeat("c", 64), visitor.open("/").body, "and it is read")
	})
}

func TestCookieThatAnotherHostCanSetIsNotRead(t *testing.T) {
	forged := written("JOHN10", -time.Minute)
	own := written("JANE20", time.Hour)
	for name, test := range map[string]struct {
		url, cookies string
		options      []affiliates.ReferralOption
		want         string
	}{
		"a name without a prefix":                          {"http://example.com", "stackbe_ref=" + forged, nil, ""},
		"a name without a prefix, beside the other":        {"http://example.com", "stackbe_ref=" + forged + "; __Host-stackbe_ref=" + own, nil, "JANE20"},
		"a name for a domain":                              {"http://example.com", "__Secure-stackbe_ref=" + forged, nil, ""},
		"a name for a domain, where there is one":          {"http://example.com", "__Secure-stackbe_ref=" + own, []affiliates.ReferralOption{affiliates.WithDomain("example.com")}, "JANE20"},
		"a name without a prefix, where there is a domain": {"http://example.com", "stackbe_ref=" + forged, []affiliates.ReferralOption{affiliates.WithDomain("example.com")}, ""},
		"the name from before there was a domain":          {"http://example.com", "__Host-stackbe_ref=" + own, []affiliates.ReferralOption{affiliates.WithDomain("example.com")}, "JANE20"},
		"a name for a domain, on localhost with TLS":       {"https://localhost", "__Secure-stackbe_ref=" + forged, []affiliates.ReferralOption{affiliates.WithDomain("example.com")}, ""},
		"the default name, where there is another":         {"http://example.com", "__Host-stackbe_ref=" + forged, []affiliates.ReferralOption{affiliates.WithCookieName("partner")}, ""},
		"a prefix in another case":                         {"http://example.com", "__host-stackbe_ref=" + own, nil, ""},
		"a longer name":                                    {"http://example.com", "x__Host-stackbe_ref=" + own + "; __Host-stackbe_refx=" + own, nil, ""},
		"within another cookie's value":                    {"http://example.com", "a=__Host-stackbe_ref=" + own, nil, ""},
		"the name without a prefix, on localhost":          {"http://localhost", "stackbe_ref=" + own, nil, "JANE20"},
		"the name with a prefix, on localhost without TLS": {"http://localhost", "__Host-stackbe_ref=" + own, nil, ""},
		"after its own name":                               {"http://example.com", "__Host-stackbe_ref__Host-stackbe_ref=" + own, nil, ""},
		"in a value, as a second name":                     {"http://example.com", "a=b __Host-stackbe_ref=" + own, nil, ""},
		"after many others":                                {"http://example.com", strings.Repeat("a=b; ", 1000) + "__Host-stackbe_ref=" + own, nil, "JANE20"},
		"without spaces":                                   {"http://example.com", "a=b;__Host-stackbe_ref=" + own + ";c=d", nil, "JANE20"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, test.options...)
			r := httptest.NewRequest("GET", test.url, nil)
			r.Header.Set("Cookie", test.cookies)
			w := httptest.NewRecorder()
			s.handler.ServeHTTP(w, r)
			assert.Equal(t, test.want, w.Body.String())
			if test.options == nil {
				assert.Equal(t, test.want, affiliates.ReferralFromRequest(r).Code, "outside of the middleware")
			}
			assert.Equal(t, test.want, s.capture.ReferralFromRequest(r).Code)
		})
	}
}

func TestOfSeveralCookiesTheOrderDoesNotDecide(t *testing.T) {
	older, newer := written("JANE20", 2*time.Hour), written("JOHN10", time.Hour)
	for _, cookies := range [][]string{
		{"stackbe_ref=" + older + "; stackbe_ref=" + newer},
		{"stackbe_ref=" + newer + "; stackbe_ref=" + older},
		{"stackbe_ref=" + newer, "stackbe_ref=" + older},
		{"stackbe_ref=forged; stackbe_ref=" + older + "; stackbe_ref=; stackbe_ref=" + newer},
	} {
		for _, test := range []struct {
			want    string
			options []affiliates.ReferralOption
		}{{"JOHN10", nil}, {"JANE20", []affiliates.ReferralOption{affiliates.WithFirstClick()}}} {
			s := newSite(t, test.options...)
			r := httptest.NewRequest("GET", "http://localhost/", nil)
			r.Header["Cookie"] = cookies
			w := httptest.NewRecorder()
			s.handler.ServeHTTP(w, r)
			assert.Equal(t, test.want, w.Body.String(), cookies)
		}
	}
}

func TestReferralFromRequestReadsTheCookieOutsideOfTheMiddleware(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		visitor := s.visitor()
		visitor.open("/?ref=JANE20")
		synctest.Wait()
		visitor.open("/")
		r := httptest.NewRequest("POST", "/sign-up", nil)
		assert.Zero(t, affiliates.ReferralFromRequest(r))
		for name, value := range visitor.cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		referral := affiliates.ReferralFromRequest(r)
		assert.Equal(t, affiliates.Referral{Code: "JANE20", ClickID: "click_a", ClickedAt: time.Now().UTC()}, referral)
		assert.Equal(t, referral, s.capture.ReferralFromRequest(r))
	})
}

func TestCaptureReadsItsCookieOutsideOfTheMiddleware(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, affiliates.WithCookieName("partner"), affiliates.WithDomain("example.com"))
		visitor := s.visitor()
		visitor.open("/?ref=JANE20")
		synctest.Wait()
		r := httptest.NewRequest("POST", "/sign-up", nil)
		r.AddCookie(&http.Cookie{Name: "__Secure-partner", Value: visitor.cookies["__Secure-partner"]})
		assert.Zero(t, affiliates.ReferralFromRequest(r))
		assert.Equal(t, "JANE20", s.capture.ReferralFromRequest(r).Code)
		assert.Equal(t, "click_a", s.capture.ReferralFromRequest(r).ClickID, "which the cookie does not have yet")
	})
}

func TestClickOfAnotherCodeIsNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		visitor := newSite(t).visitor()
		visitor.open("/?ref=JANE20")
		synctest.Wait()
		const name = "__Host-stackbe_ref"
		visitor.cookies[name] = strings.Replace(visitor.cookies[name], "JANE20", "JOHN10", 1) // as a visitor can
		assert.Equal(t, "JOHN10", visitor.open("/").body)
	})
}

func TestForgetRemovesTheCookie(t *testing.T) {
	type forget func(*site, http.ResponseWriter)
	function := func(_ *site, w http.ResponseWriter) { affiliates.Forget(w) }
	method := func(s *site, w http.ResponseWriter) { s.capture.Forget(w) }
	for name, test := range map[string]struct {
		host    string
		options []affiliates.ReferralOption
		forget  forget
	}{
		"on a host":                              {"example.com", nil, function},
		"on localhost":                           {"localhost", nil, function},
		"by the capture":                         {"example.com", nil, method},
		"of a domain, by the function":           {"www.example.com", []affiliates.ReferralOption{affiliates.WithDomain("example.com")}, function},
		"of another name, by the function":       {"example.com", []affiliates.ReferralOption{affiliates.WithCookieName("partner")}, function},
		"another, on localhost, by the function": {"localhost", []affiliates.ReferralOption{affiliates.WithCookieName("partner")}, function},
		"after consent is withdrawn": {"www.example.com", []affiliates.ReferralOption{
			affiliates.WithDomain("example.com"),
			affiliates.WithConsent(func(r *http.Request) bool { return r.Method == "GET" }),
		}, function},
		"of a domain":           {"www.example.com", []affiliates.ReferralOption{affiliates.WithDomain("example.com")}, method},
		"of another name":       {"example.com", []affiliates.ReferralOption{affiliates.WithCookieName("partner")}, method},
		"another, on localhost": {"localhost", []affiliates.ReferralOption{affiliates.WithCookieName("partner")}, method},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t, test.options...)
				pages := s.handler
				s.handler = s.capture.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/sign-up" {
						test.forget(s, w)
					}
				}))
				visitor := s.visitor()
				visitor.open("http://" + test.host + "/?ref=JANE20")
				require.Len(t, visitor.cookies, 1)
				for cookie := range visitor.cookies {
					synctest.Wait() // the next response would write the click's id to the cookie
					done := visitor.send("POST", "http://"+test.host+"/sign-up")
					assert.NotContains(t, visitor.cookies, cookie)
					assert.Equal(t, "private, no-store", done.Header.Get("Cache-Control"))
					for _, line := range done.Header["Set-Cookie"] {
						assert.Contains(t, line, "=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
					}
				}
				s.handler = pages
				assert.Empty(t, visitor.open("http://"+test.host+"/").body)
			})
		})
	}
}

func TestLinkAfterForgetIsAnotherClick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.serve(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == "POST" {
				affiliates.Forget(w)
			}
		})
		visitor := s.visitor()
		visitor.open("/?ref=JANE20")
		visitor.send("POST", "/sign-up")
		synctest.Wait()
		assert.Contains(t, visitor.open("/?ref=JANE20").cookie(), "=1.JANE20.")
		synctest.Wait()
		assert.Equal(t, []string{"JANE20", "JANE20"}, s.api.tracked())
	})
}

func TestForgetOnTheLandingPageLeavesNoCookie(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.serve(func(w http.ResponseWriter, _ *http.Request) { affiliates.Forget(w) })
		visitor := s.visitor()
		visitor.open("/?ref=JANE20")
		assert.Empty(t, visitor.cookies)
	})
}
