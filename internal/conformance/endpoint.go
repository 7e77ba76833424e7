package conformance

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// An endpoint of the contract.
type endpoint struct {
	method string
	path   string // with {names}
	kind   kind
	source source
}

// kind is the credential that an endpoint asks for.
type kind int

const (
	key kind = iota
	session
	admin
)

func (s *suite) endpoints() []endpoint {
	return []endpoint{
		{http.MethodPost, s.contract.ApplyPath, key, documented},
		{http.MethodGet, s.contract.ApplicationStatusPath, key, documented},
		{http.MethodGet, s.contract.AffiliateByCustomerPath, key, documented},
		{http.MethodGet, s.contract.CurrentAffiliatePath, session, documented},
		{http.MethodGet, s.contract.DashboardPath, session, documented},
		{http.MethodGet, s.contract.PortalLinkPath, session, documented},
		{http.MethodPost, s.contract.TrackPath, key, documented},
		{http.MethodPost, s.contract.DealsPath, session, contract},
		{http.MethodGet, s.contract.DealsPath, session, contract},
		{http.MethodGet, s.contract.ApplicationsPath, admin, documented},
		{http.MethodGet, s.contract.ApplicationPath, admin, contract},
		{http.MethodPost, s.contract.ReviewPath, admin, documented},
		{http.MethodGet, s.contract.SettingsPath, admin, contract},
		{s.contract.UpdateSettingsMethod, s.contract.SettingsPath, admin, contract},
	}
}

// forEach runs a subtest for each endpoint that suits.
func (s *suite) forEach(t *testing.T, suits func(endpoint) bool, run func(t *testing.T, e endpoint)) {
	for _, e := range s.endpoints() {
		if !suits(e) || e.source == contract && s.target.Scope == Documented {
			continue
		}
		t.Run(e.method+" "+e.path, func(t *testing.T) { run(t, e) })
	}
}

func every(endpoint) bool { return true }

func (e endpoint) writes() bool { return e.method != http.MethodGet }

func (e endpoint) ofAdmin() bool { return e.kind == admin }

func (s *suite) needsOf(e endpoint) need {
	switch {
	case e.kind == session:
		return needSession
	case e.kind == admin || e.path == s.contract.TrackPath: // an application to review, a code to click on
		return needKey | needAdmin
	default:
		return needKey
	}
}

// validRequest is a request that the server accepts, with a new credential, ids and texts.
func (s *suite) validRequest(t *testing.T, e endpoint) request {
	t.Helper()
	s.require(t, s.needsOf(e))
	valid := request{method: e.method, path: s.expand(t, e), credential: s.credentialFor(t, e.kind)}
	switch {
	case e.path == s.contract.ApplicationStatusPath:
		valid.path += "?email=" + url.QueryEscape(newEmail())
	case e.path == s.contract.ApplyPath:
		valid.body = encode(t, map[string]any{"email": newEmail(), "name": testName})
	case e.path == s.contract.TrackPath:
		valid.body = encode(t, map[string]any{s.contract.TrackCodeField: s.enroll(t).Code})
	case e.path == s.contract.DealsPath:
		valid.body = encode(t, map[string]any{"leadEmail": newEmail(), "leadName": testName})
	case e.path == s.contract.ReviewPath:
		valid.body = encode(t, map[string]any{"action": "reject"})
	case e.path == s.contract.SettingsPath && e.writes():
		valid.body = "{}"
	}
	return valid
}

// expand fills a path with ids of the target.
func (s *suite) expand(t *testing.T, e endpoint) string {
	t.Helper()
	applicationID := ""
	if strings.Contains(e.path, "{applicationID}") {
		applicationID = s.apply(t).id
	}
	return fill(e.path, s.target.AppID, applicationID)
}

func fill(path, appID, applicationID string) string {
	return strings.NewReplacer(
		"{customerID}", "conformance-nobody",
		"{appID}", url.PathEscape(appID),
		"{applicationID}", url.PathEscape(applicationID),
	).Replace(path)
}

func (s *suite) credentialFor(t *testing.T, kind kind) credential {
	t.Helper()
	switch kind {
	case key:
		return s.asKey(s.target.APIKey)
	case admin:
		return s.asAdmin(s.target.AdminToken)
	default:
		return s.asSession(s.partner(t).token)
	}
}
