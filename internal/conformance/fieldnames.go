package conformance

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
)

// Go reads JSON names whatever their case, so these read them as they are sent.
var fieldNameCases = []testCase{
	{"an application's receipt has the documented names", documented, needKey, receiptNames},
	{"a status has the documented names", documented, needKey | needAdmin, statusNames},
	{"a partner has the documented names", documented, needKey | needSession, partnerNames},
	{"a dashboard has the documented names", documented, needSession, dashboardNames},
	{"a portal link has the documented name", documented, needSession, portalLinkNames},
	{"a receipt has no others", contract, needKey, exactReceiptNames},
	{"a status has exactly the names of the contract", contract, needKey | needAdmin, exactStatusNames},
	{"a partner has exactly the names of the contract", contract, needKey | needSession, exactPartnerNames},
	{"a dashboard has exactly the names of the contract", contract, needKey | needSession, exactDashboardNames},
	{"a portal link and a click have exactly the names of the contract", contract, needKey | needSession, exactLinkAndClickNames},
	{"a deal has exactly the names of the contract", contract, needSession, exactDealNames},
	{"an application, a list and a review have exactly the names of the contract", contract, needKey | needAdmin, exactApplicationNames},
	{"settings have exactly the names of the contract", contract, needAdmin, exactSettingsNames},
	{"amounts and rates are JSON numbers", contract, needKey | needSession, amountsAreNumbers},
}

var (
	documentedPartner = []string{"enrolled", "id", "code", "type", "status", "totalEarned"}
	allOfPartner      = append([]string{"customerId", "commissionRate", "pendingBalance", "createdAt"}, documentedPartner...)
	allOfDeal         = []string{"id", "leadEmail", "leadName", "notes", "status", "createdAt"}
)

// ok sends a request and gives the object that it gets.
func (s *suite) ok(t *testing.T, r request) map[string]any {
	t.Helper()
	got := s.send(t, r)
	require.Contains(t, []int{http.StatusOK, http.StatusCreated}, got.status, "the body is %q", got.body)
	return got.object(t)
}

func (s *suite) get(path string, credential credential) request {
	return request{method: http.MethodGet, path: path, credential: credential}
}

func assertHas(t *testing.T, object map[string]any, names ...string) {
	t.Helper()
	assert.Subset(t, slices.Collect(maps.Keys(object)), names)
}

func assertExactly(t *testing.T, object any, names ...string) {
	t.Helper()
	fields, ok := object.(map[string]any)
	require.True(t, ok, "%v is not an object", object)
	assert.ElementsMatch(t, names, slices.Collect(maps.Keys(fields)))
}

func (s *suite) receipt(t *testing.T) map[string]any {
	t.Helper()
	return s.ok(t, request{
		method:     http.MethodPost,
		path:       pathApply,
		credential: asKey(s.target.APIKey),
		body:       encode(t, map[string]any{"email": newEmail(), "name": testName}),
	})
}

func receiptNames(t *testing.T, s *suite) { assertHas(t, s.receipt(t), "id", "status", "message") }

func exactReceiptNames(t *testing.T, s *suite) {
	assertExactly(t, s.receipt(t), "id", "status", "message")
}

func (s *suite) statusByHand(t *testing.T, email string) map[string]any {
	t.Helper()
	return s.ok(t, s.get(pathStatus+"?email="+url.QueryEscape(email), asKey(s.target.APIKey)))
}

// rejected is the email of an applicant who was turned down.
func (s *suite) rejected(t *testing.T) applicant {
	t.Helper()
	who := s.apply(t)
	_, err := s.admin.Affiliates.Reject(t.Context(), who.id, affiliates.RejectParams{Reason: "Not a good fit"})
	require.NoError(t, err)
	return who
}

func statusNames(t *testing.T, s *suite) {
	assertHas(t, s.statusByHand(t, newEmail()), "applied")
	assertHas(t, s.statusByHand(t, s.apply(t).email), "applied", "status")
	assertHas(t, s.statusByHand(t, s.rejected(t).email), "applied", "status", "rejectionReason")
}

func exactStatusNames(t *testing.T, s *suite) {
	assertExactly(t, s.statusByHand(t, newEmail()), "applied")
	who := s.apply(t)
	assertExactly(t, s.statusByHand(t, who.email), "applied", "id", "status", "createdAt")
	s.approve(t, who)
	assertExactly(t, s.statusByHand(t, who.email), "applied", "id", "status", "createdAt", "reviewedAt")
	assertExactly(t, s.statusByHand(t, s.rejected(t).email), "applied", "id", "status", "rejectionReason", "createdAt", "reviewedAt")
}

func (s *suite) partnerByHand(t *testing.T, partner partner) map[string]any {
	t.Helper()
	return s.ok(t, s.get("/v1/affiliate/by-customer/"+url.PathEscape(partner.CustomerID), asKey(s.target.APIKey)))
}

func partnerNames(t *testing.T, s *suite) {
	assertHas(t, s.partnerByHand(t, s.partner(t)), documentedPartner...)
}

func exactPartnerNames(t *testing.T, s *suite) {
	partner := s.partner(t)
	assertExactly(t, s.partnerByHand(t, partner), allOfPartner...)
	assertExactly(t, s.ok(t, s.get(pathCurrent, asBearer(partner.token))), allOfPartner...)
}

func dashboardNames(t *testing.T, s *suite) {
	dashboard := s.ok(t, s.get(pathDashboard, asBearer(s.partner(t).token)))
	affiliate, ok := dashboard["affiliate"].(map[string]any)
	require.True(t, ok, "there is no affiliate")
	assertHas(t, affiliate, "totalEarned", "pendingBalance")
}

func exactDashboardNames(t *testing.T, s *suite) {
	partner := s.partner(t)
	_, err := partner.client.Affiliates.RegisterDeal(t.Context(), affiliates.DealParams{LeadEmail: newEmail(), LeadName: testName, Notes: "Met at conference"})
	require.NoError(t, err)

	dashboard := s.ok(t, s.get(pathDashboard, asBearer(partner.token)))
	assertExactly(t, dashboard, "affiliate", "referralLink", "stats", "earnings", "recentDeals")
	assertExactly(t, dashboard["affiliate"], allOfPartner...)
	assertExactly(t, dashboard["stats"], "clicks", "customers", "deals")
	assertExactly(t, dashboard["earnings"], "inReview", "ready")
	assertExactly(t, dashboard["recentDeals"].([]any)[0], allOfDeal...)
}

func portalLinkNames(t *testing.T, s *suite) {
	assertHas(t, s.ok(t, s.get(pathPortalLink, asBearer(s.partner(t).token))), "url")
}

func exactLinkAndClickNames(t *testing.T, s *suite) {
	partner := s.partner(t)
	assertExactly(t, s.ok(t, s.get(pathPortalLink, asBearer(partner.token))), "url", "expiresAt")
	click := s.ok(t, request{
		method:     http.MethodPost,
		path:       pathTrack,
		credential: asKey(s.target.APIKey),
		body:       encode(t, map[string]any{"code": partner.Code, "url": "https://yoursite.com?ref=" + partner.Code}),
	})
	assertExactly(t, click, "clickId", "code", "expiresAt")
}

func exactDealNames(t *testing.T, s *suite) {
	partner := s.partner(t)
	register := func(fields map[string]any) map[string]any {
		fields["leadEmail"], fields["leadName"] = newEmail(), testName
		return s.ok(t, request{method: http.MethodPost, path: pathDeals, credential: asBearer(partner.token), body: encode(t, fields)})
	}
	assertExactly(t, register(map[string]any{"notes": "Met at conference"}), allOfDeal...)
	assertExactly(t, register(map[string]any{}), "id", "leadEmail", "leadName", "status", "createdAt")
}

func exactApplicationNames(t *testing.T, s *suite) {
	full := s.ok(t, request{
		method:     http.MethodPost,
		path:       pathApply,
		credential: asKey(s.target.APIKey),
		body: encode(t, map[string]any{
			"email": newEmail(), "name": testName, "company": "Acme Inc", "website": "https://acme.com", "reason": "I have a large audience",
		}),
	})
	given := []string{"id", "email", "name", "company", "website", "reason", "status", "createdAt"}
	path := fill(pathApplication, s.target.AppID, full["id"].(string))
	token := asBearer(s.target.AdminToken)
	assertExactly(t, s.ok(t, s.get(path, token)), given...)

	review := s.ok(t, request{method: http.MethodPost, path: path + "/review", credential: token, body: `{"action": "approve"}`})
	assertExactly(t, review, "application", "affiliate")
	assertExactly(t, review["application"], append([]string{"affiliateId", "reviewedAt"}, given...)...)
	assertExactly(t, review["affiliate"], allOfPartner...)

	bare := fill(pathReview, s.target.AppID, s.apply(t).id)
	review = s.ok(t, request{method: http.MethodPost, path: bare, credential: token, body: `{"action": "reject", "rejectionReason": "no"}`})
	assertExactly(t, review, "application")
	assertExactly(t, review["application"], "id", "email", "name", "status", "rejectionReason", "createdAt", "reviewedAt")

	page := s.ok(t, s.get(fill(pathApplications, s.target.AppID, "")+"?limit=1", token))
	assertExactly(t, page, "data", "pagination")
	assertExactly(t, page["pagination"], "cursor", "hasMore")
}

func exactSettingsNames(t *testing.T, s *suite) {
	s.change(t, affiliates.UpdateSettingsParams{Levels: []affiliates.Level{{Name: "Gold"}}})
	settings := s.ok(t, s.get(fill(pathSettings, s.target.AppID, ""), asBearer(s.target.AdminToken)))
	assertExactly(t, settings, "defaultCommissionRate", "holdingPeriodDays", "minPayoutAmount", "cookieDurationDays", "levels")
	assertExactly(t, settings["levels"].([]any)[0], "name", "minPaidSubscriptions", "minMonthlyValue", "commissionRate")
}

func amountsAreNumbers(t *testing.T, s *suite) {
	partner := s.partnerByHand(t, s.partner(t))
	for _, name := range []string{"commissionRate", "totalEarned", "pendingBalance"} {
		number, ok := partner[name].(json.Number)
		assert.True(t, ok, "%s is a %T", name, partner[name])
		assert.Regexp(t, `^\d+(\.\d{1,2})?$`, number.String(), name)
	}
}
