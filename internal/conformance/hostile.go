package conformance

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
)

var hostileCases = []testCase{
	{"ids with special characters reach their own endpoint", contract, needKey | needAdmin, strangeIDs},
	{"ids that could name another path are never sent", documented, needKey | needAdmin, impossibleIDs},
	{"escaped paths never reach another endpoint", contract, needKey | needAdmin, escapedPaths},
}

func strangeIDs(t *testing.T, s *suite) {
	for _, id := range []string{"apply", "status", "review", "...", "a;b=c", "a&b=c", "a+b", "a:b", "*", "{customerId}", "~@$!'()", "ümlaut", "日本"} {
		found, err := s.client.Affiliates.Get(t.Context(), id)
		require.NoError(t, err, id)
		assert.False(t, found.Enrolled, id)
		s.assertSentTo(t, withID(s.contract.AffiliateByCustomerPath, id))

		_, err = s.admin.Affiliates.GetApplication(t.Context(), id)
		s.requireErrorIs(t, err, stackbe.ErrNotFound, stackbe.CodeApplicationNotFound, id)
		s.assertSentTo(t, fill(withID(s.contract.ApplicationPath, id), s.target.AppID, ""))
	}
}

// withID is a path with an id in place of its name that is not {appID}.
func withID(path, id string) string {
	return strings.NewReplacer("{customerID}", url.PathEscape(id), "{applicationID}", url.PathEscape(id)).Replace(path)
}

// before is a path up to that id.
func before(path string) string {
	for _, name := range []string{"{customerID}", "{applicationID}"} {
		path, _, _ = strings.Cut(path, name)
	}
	return path
}

func (s *suite) assertSentTo(t *testing.T, path string) {
	t.Helper()
	base, err := url.Parse(s.target.BaseURL)
	require.NoError(t, err)
	assert.Equal(t, base.EscapedPath()+path, s.recorder.path())
}

func impossibleIDs(t *testing.T, s *suite) {
	before := s.recorder.requests()
	for _, id := range []string{"", ".", "..", "../dashboard", "a/b", `a\b`, "a%2fb", "%2e%2e", "a?b", "a#b", "a b", "a\nb", "a\x00b", "\xff"} {
		_, err := s.client.Affiliates.Get(t.Context(), id)
		assert.ErrorIs(t, err, stackbe.ErrInvalidArgument, "%q", id)
		_, err = s.admin.Affiliates.GetApplication(t.Context(), id)
		assert.ErrorIs(t, err, stackbe.ErrInvalidArgument, "%q", id)
	}
	assert.Equal(t, before, s.recorder.requests(), "something was sent")
}

func escapedPaths(t *testing.T, s *suite) {
	byCustomer, statusPath := before(s.contract.AffiliateByCustomerPath), s.contract.ApplicationStatusPath
	applications := fill(before(s.contract.ApplicationPath), s.target.AppID, "")
	split := strings.LastIndexByte(statusPath, '/')
	for _, sent := range []request{
		s.get(byCustomer+"..%2fapply%2fstatus?email=a%40b.example", s.asKey(s.target.APIKey)),
		s.get(byCustomer+"%2e%2e/apply/status?email=a%40b.example", s.asKey(s.target.APIKey)),
		s.get(byCustomer+"../apply/status?email=a%40b.example", s.asKey(s.target.APIKey)),
		s.get(statusPath[:split]+"//"+statusPath[split+1:]+"?email=a%40b.example", s.asKey(s.target.APIKey)),
		s.get(statusPath[:split]+"%2f"+statusPath[split+1:]+"?email=a%40b.example", s.asKey(s.target.APIKey)),
		s.get(applications+"..%2fsettings", s.asAdmin(s.target.AdminToken)),
		s.get(applications+"../settings", s.asAdmin(s.target.AdminToken)),
		s.get(applications+".", s.asAdmin(s.target.AdminToken)),
	} {
		s.requireRefused(t, http.StatusNotFound, stackbe.CodeNotFound, s.send(t, sent))
	}
}
