package conformance

import (
	"net/http"
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

// open gets a page without any credential.
func (s *suite) open(t *testing.T, link string) response {
	t.Helper()
	path, ok := strings.CutPrefix(link, s.target.BaseURL)
	if ok {
		return s.send(t, request{method: http.MethodGet, path: path})
	}
	// Portals need not be on the API's host.
	elsewhere := *s
	elsewhere.target.BaseURL = ""
	return elsewhere.send(t, request{method: http.MethodGet, path: link})
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
