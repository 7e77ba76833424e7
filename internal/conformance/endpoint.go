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

const (
	pathApply        = "/v1/affiliate/apply"
	pathStatus       = "/v1/affiliate/apply/status"
	pathByCustomer   = "/v1/affiliate/by-customer/{customerId}"
	pathCurrent      = "/v1/affiliate"
	pathDashboard    = "/v1/affiliate/dashboard"
	pathPortalLink   = "/v1/affiliate/portal-link"
	pathTrack        = "/v1/affiliate/track"
	pathDeals        = "/v1/affiliate/deals"
	pathApplications = "/v1/apps/{appId}/affiliates/applications"
	pathApplication  = "/v1/apps/{appId}/affiliates/applications/{applicationId}"
	pathReview       = "/v1/apps/{appId}/affiliates/applications/{applicationId}/review"
	pathSettings     = "/v1/apps/{appId}/affiliates/settings"
)

func endpoints() []endpoint {
	return []endpoint{
		{http.MethodPost, pathApply, key, documented},
		{http.MethodGet, pathStatus, key, documented},
		{http.MethodGet, pathByCustomer, key, documented},
		{http.MethodGet, pathCurrent, session, documented},
		{http.MethodGet, pathDashboard, session, documented},
		{http.MethodGet, pathPortalLink, session, documented},
		{http.MethodPost, pathTrack, key, documented},
		{http.MethodPost, pathDeals, session, contract},
		{http.MethodGet, pathApplications, admin, documented},
		{http.MethodGet, pathApplication, admin, contract},
		{http.MethodPost, pathReview, admin, documented},
		{http.MethodGet, pathSettings, admin, contract},
		{http.MethodPatch, pathSettings, admin, contract},
	}
}

// forEach runs a subtest for each endpoint that suits.
func (s *suite) forEach(t *testing.T, suits func(endpoint) bool, run func(t *testing.T, e endpoint)) {
	for _, e := range endpoints() {
		if !suits(e) || e.source == contract && s.target.Scope == Documented {
			continue
		}
		t.Run(e.method+" "+e.path, func(t *testing.T) { run(t, e) })
	}
}

func every(endpoint) bool { return true }

func (e endpoint) writes() bool { return e.method != http.MethodGet }

func (e endpoint) ofAdmin() bool { return e.kind == admin }

func (e endpoint) needs() need {
	switch {
	case e.kind == session:
		return needSession
	case e.kind == admin || e.path == pathTrack: // an application to review, a code to click on
		return needKey | needAdmin
	default:
		return needKey
	}
}

// validRequest is one that the server accepts, with a credential, ids and texts of its own.
func (s *suite) validRequest(t *testing.T, e endpoint) request {
	t.Helper()
	s.require(t, e.needs())
	valid := request{method: e.method, path: s.expand(t, e), credential: s.credentialFor(t, e.kind)}
	switch {
	case e.path == pathStatus:
		valid.path += "?email=" + url.QueryEscape(newEmail())
	case e.path == pathApply:
		valid.body = encode(t, map[string]any{"email": newEmail(), "name": testName})
	case e.path == pathTrack:
		valid.body = encode(t, map[string]any{"code": s.enrol(t).Code})
	case e.path == pathDeals:
		valid.body = encode(t, map[string]any{"leadEmail": newEmail(), "leadName": testName})
	case e.path == pathReview:
		valid.body = encode(t, map[string]any{"action": "reject"})
	case e.path == pathSettings && e.writes():
		valid.body = "{}"
	}
	return valid
}

// expand fills a path with ids of the target.
func (s *suite) expand(t *testing.T, e endpoint) string {
	t.Helper()
	applicationID := ""
	if strings.Contains(e.path, "{applicationId}") {
		applicationID = s.apply(t).id
	}
	return fill(e.path, s.target.AppID, applicationID)
}

func fill(path, appID, applicationID string) string {
	return strings.NewReplacer(
		"{customerId}", "conformance-nobody",
		"{appId}", url.PathEscape(appID),
		"{applicationId}", url.PathEscape(applicationID),
	).Replace(path)
}

func (s *suite) credentialFor(t *testing.T, kind kind) credential {
	t.Helper()
	switch kind {
	case key:
		return asKey(s.target.APIKey)
	case admin:
		return asBearer(s.target.AdminToken)
	default:
		return asBearer(s.partner(t).token)
	}
}
