package conformance

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// An endpoint of the contract.
type endpoint struct {
	method string
	path   string // with {names}
	kind   kind
	source source
	ready  bool // needs money that is ready to be paid out
}

// kind is the credential that an endpoint asks for.
type kind int

const (
	key kind = iota
	session
	admin
)

func (s *suite) endpoints() []endpoint {
	return slices.Concat(s.configuredEndpoints(), accountEndpoints(), adminEndpoints())
}

// configuredEndpoints are those that a contract may rename.
func (s *suite) configuredEndpoints() []endpoint {
	return []endpoint{
		{method: http.MethodPost, path: s.contract.ApplyPath, kind: key, source: documented},
		{method: http.MethodGet, path: s.contract.ApplicationStatusPath, kind: key, source: documented},
		{method: http.MethodGet, path: s.contract.AffiliateByCustomerPath, kind: key, source: documented},
		{method: http.MethodGet, path: s.contract.CurrentAffiliatePath, kind: session, source: documented},
		{method: http.MethodGet, path: s.contract.DashboardPath, kind: session, source: documented},
		{method: http.MethodGet, path: s.contract.PortalLinkPath, kind: session, source: documented},
		{method: http.MethodPost, path: s.contract.TrackPath, kind: key, source: documented},
		{method: http.MethodPost, path: s.contract.DealsPath, kind: session, source: contract},
		{method: http.MethodGet, path: s.contract.DealsPath, kind: session, source: contract},
		{method: http.MethodGet, path: s.contract.ApplicationsPath, kind: admin, source: documented},
		{method: http.MethodGet, path: s.contract.ApplicationPath, kind: admin, source: contract},
		{method: http.MethodPost, path: s.contract.ReviewPath, kind: admin, source: documented},
		{method: http.MethodGet, path: s.contract.SettingsPath, kind: admin, source: contract},
		{method: s.contract.UpdateSettingsMethod, path: s.contract.SettingsPath, kind: admin, source: contract},
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

// writesNow leaves out what needs a payout: that takes a holding period, or settings without one.
func (e endpoint) writesNow() bool { return e.writes() && !e.ready }

func (e endpoint) paysOut() bool { return e.writes() && e.ready }

func (e endpoint) ofAdmin() bool { return e.kind == admin }

func (s *suite) needsOf(e endpoint) need {
	needs := s.credentialsOf(e)
	if s.changes(e) {
		needs |= needChange
	}
	return needs
}

func (s *suite) credentialsOf(e endpoint) need {
	switch {
	case e.isOfAccount() || e.isOfAdministration():
		return needKey | needAdmin // who make a partner, and what it has
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
	if e.isOfAccount() || e.isOfAdministration() {
		return s.validAccountRequest(t, e)
	}
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
	path = strings.NewReplacer(
		"{customerID}", "conformance-nobody",
		"{appID}", url.PathEscape(appID),
		"{applicationID}", url.PathEscape(applicationID),
	).Replace(path)
	return idInPath.ReplaceAllString(path, nothingsID)
}

var idInPath = regexp.MustCompile(`\{\w+\}`)

// nothingsID is the id of nothing.
const nothingsID = "conformance-nothing"

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
