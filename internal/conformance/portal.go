package conformance

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

var portalCases = []testCase{
	{"a link opens a page without further sign-in", documented, needSession, aPortalLinkOpens},
	{"a link lasts for a day", contract, needControl | needAdmin | alone, aPortalLinkLastsADay},
	{"a new link does not end an earlier one", contract, needSession, portalLinksAddUp},
	{"a link that was tampered with is unknown", contract, needSession, aChangedPortalLinkIsUnknown},
	{"a customer who is not a partner gets none", contract, needControl, noPortalWithoutPartner},
}

func (s *suite) portalLink(t *testing.T, partner partner) *affiliates.PortalLink {
	t.Helper()
	link, err := partner.client.Affiliates.GetPortalLink(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, link.URL)
	return link
}

// maxRedirects is how many redirects a link may take before its page.
const maxRedirects = 5

// open gets a page as a browser does: without any credential but the cookies that the way to the page
// sets.
func (s *suite) open(t *testing.T, link string) response {
	t.Helper()
	elsewhere := *s
	elsewhere.target.BaseURL = "" // portals need not be on the API's host
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	for range maxRedirects {
		address, err := url.Parse(link)
		require.NoError(t, err)
		got := elsewhere.send(t, request{method: http.MethodGet, path: link, header: cookiesFor(jar, address)})
		location := got.header.Get("Location")
		if got.status < 300 || got.status > 399 || location == "" {
			return got
		}
		jar.SetCookies(address, (&http.Response{Header: got.header}).Cookies())
		next, err := address.Parse(location)
		require.NoError(t, err)
		link = next.String()
	}
	t.Fatalf("the link leads to more than %d redirects", maxRedirects)
	return response{}
}

func cookiesFor(jar http.CookieJar, address *url.URL) map[string]string {
	var pairs []string
	for _, cookie := range jar.Cookies(address) {
		pairs = append(pairs, cookie.String())
	}
	if len(pairs) == 0 {
		return nil
	}
	return map[string]string{"Cookie": strings.Join(pairs, "; ")}
}

func requirePage(t *testing.T, status int, got response) {
	t.Helper()
	requireStatus(t, status, got)
	assert.True(t, strings.HasPrefix(got.header.Get("Content-Type"), "text/html"), "the Content-Type is %q", got.header.Get("Content-Type"))
}

func aPortalLinkOpens(t *testing.T, s *suite) {
	requirePage(t, http.StatusOK, s.open(t, s.portalLink(t, s.partner(t)).URL))
}

func aPortalLinkLastsADay(t *testing.T, s *suite) {
	partner := s.partner(t)
	link := s.portalLink(t, partner)
	requireUTC(t, link.Raw, s.contract.PortalLinkExpiresAtField)
	assertFrom(t, partner.CreatedAt, day, link.ExpiresAt)

	s.target.Control.Advance(day / 2)
	requirePage(t, http.StatusOK, s.open(t, link.URL))
	s.target.Control.Advance(day)
	requirePage(t, http.StatusGone, s.open(t, link.URL))
	requirePage(t, http.StatusOK, s.open(t, s.portalLink(t, partner).URL))
}

func portalLinksAddUp(t *testing.T, s *suite) {
	partner := s.partner(t)
	first, second := s.portalLink(t, partner), s.portalLink(t, partner)
	requirePage(t, http.StatusOK, s.open(t, first.URL))
	requirePage(t, http.StatusOK, s.open(t, second.URL))
}

func aChangedPortalLinkIsUnknown(t *testing.T, s *suite) {
	link := s.portalLink(t, s.partner(t)).URL
	last := link[len(link)-1]
	for _, changed := range []string{link + "A", link[:len(link)-4], link[:len(link)-1] + string(last^1)} {
		requirePage(t, http.StatusNotFound, s.open(t, changed))
	}
}

func noPortalWithoutPartner(t *testing.T, s *suite) {
	_, err := s.signUp(t, Customer{}).client.Affiliates.GetPortalLink(t.Context())
	s.requireErrorIs(t, err, stackbe.ErrNotFound, stackbe.CodeAffiliateNotFound)
}
