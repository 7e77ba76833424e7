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

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// Go reads JSON names whatever their case, so these read them as they are sent.
var fieldNameCases = []testCase{
	{"an application's receipt has the documented names", documented, needKey, receiptNames},
	{"a status has the documented names", documented, needKey | needAdmin, statusNames},
	{"a partner has the documented names", documented, needKey | needSession, partnerNames},
	{"a dashboard has the documented names", documented, needSession, dashboardNames},
	{"a portal link has the documented name", documented, needSession, portalLinkNames},
	{"a receipt has exactly the names of the contract", contract, needKey, exactReceiptNames},
	{"a status has exactly the names of the contract", contract, needKey | needAdmin, exactStatusNames},
	{"a partner has exactly the names of the contract", contract, needKey | needSession, exactPartnerNames},
	{"a dashboard has exactly the names of the contract", contract, needKey | needSession, exactDashboardNames},
	{"a portal link and a click have exactly the names of the contract", contract, needKey | needSession, exactLinkAndClickNames},
	{"a deal has exactly the names of the contract", contract, needSession, exactDealNames},
	{"an application, a list and a review have exactly the names of the contract", contract, needKey | needAdmin, exactApplicationNames},
	{"settings have exactly the names of the contract", contract, needAdmin | needChange | alone, exactSettingsNames},
	{"amounts and rates are JSON numbers", contract, needKey | needSession, amountsAreNumbers},
}

var documentedPartner = []string{"enrolled", "id", "code", "type", "status", "totalEarned"}

func (s *suite) allOfPartner() []string {
	c := s.contract
	return append([]string{c.AffiliateCustomerIDField, c.AffiliateCommissionRateField, c.AffiliatePendingBalanceField, c.AffiliateCreatedAtField}, documentedPartner...)
}

func (s *suite) bareDeal() []string {
	c := s.contract
	return []string{c.DealIDField, c.DealLeadEmailField, c.DealLeadNameField, c.DealStatusField, c.DealCreatedAtField}
}

func (s *suite) allOfDeal() []string { return append(s.bareDeal(), s.contract.DealNotesField) }

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
		path:       s.contract.ApplyPath,
		credential: s.asKey(s.target.APIKey),
		body:       encode(t, map[string]any{"email": newEmail(), "name": testName}),
	})
}

func receiptNames(t *testing.T, s *suite) { assertHas(t, s.receipt(t), "id", "status", "message") }

func exactReceiptNames(t *testing.T, s *suite) {
	assertExactly(t, s.receipt(t), "id", "status", "message")
}

func (s *suite) statusByHand(t *testing.T, email string) map[string]any {
	t.Helper()
	return s.ok(t, s.get(s.contract.ApplicationStatusPath+"?email="+url.QueryEscape(email), s.asKey(s.target.APIKey)))
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
	assertExactly(t, s.statusByHand(t, who.email), "applied", "id", "status", s.contract.ApplicationCreatedAtField)
	s.approve(t, who)
	assertExactly(t, s.statusByHand(t, who.email), "applied", "id", "status", s.contract.ApplicationCreatedAtField, s.contract.ApplicationReviewedAtField)
	assertExactly(t, s.statusByHand(t, s.rejected(t).email), "applied", "id", "status", "rejectionReason", s.contract.ApplicationCreatedAtField, s.contract.ApplicationReviewedAtField)
}

func (s *suite) partnerByHand(t *testing.T, partner partner) map[string]any {
	t.Helper()
	return s.ok(t, s.get(withID(s.contract.AffiliateByCustomerPath, partner.CustomerID), s.asKey(s.target.APIKey)))
}

func partnerNames(t *testing.T, s *suite) {
	assertHas(t, s.partnerByHand(t, s.partner(t)), documentedPartner...)
}

func exactPartnerNames(t *testing.T, s *suite) {
	partner := s.partner(t)
	assertExactly(t, s.partnerByHand(t, partner), s.allOfPartner()...)
	assertExactly(t, s.ok(t, s.get(s.contract.CurrentAffiliatePath, s.asSession(partner.token))), s.allOfPartner()...)
}

func dashboardNames(t *testing.T, s *suite) {
	dashboard := s.ok(t, s.get(s.contract.DashboardPath, s.asSession(s.partner(t).token)))
	affiliate, ok := dashboard["affiliate"].(map[string]any)
	require.True(t, ok, "there is no affiliate")
	assertHas(t, affiliate, "totalEarned", s.contract.AffiliatePendingBalanceField)
}

func exactDashboardNames(t *testing.T, s *suite) {
	partner := s.partner(t)
	_, err := partner.client.Affiliates.RegisterDeal(t.Context(), affiliates.DealParams{LeadEmail: newEmail(), LeadName: testName, Notes: "Met at conference"})
	require.NoError(t, err)

	dashboard := s.ok(t, s.get(s.contract.DashboardPath, s.asSession(partner.token)))
	c := s.contract
	assertExactly(t, dashboard, "affiliate", c.DashboardReferralLinkField, c.DashboardStatsField, c.DashboardEarningsField, c.DashboardRecentDealsField, "recentUsers", "recentPayouts")
	assertExactly(t, dashboard["affiliate"], s.allOfPartner()...)
	assertExactly(t, dashboard[c.DashboardStatsField], c.DashboardClicksField, c.DashboardCustomersField, c.DashboardDealsField)
	assertExactly(t, dashboard[c.DashboardEarningsField], c.DashboardInReviewField, c.DashboardReadyField, "debt", "inPayout", "paid", "monthlyValue")
	assertExactly(t, dashboard[c.DashboardRecentDealsField].([]any)[0], s.allOfDeal()...)
}

func portalLinkNames(t *testing.T, s *suite) {
	assertHas(t, s.ok(t, s.get(s.contract.PortalLinkPath, s.asSession(s.partner(t).token))), "url")
}

func exactLinkAndClickNames(t *testing.T, s *suite) {
	partner := s.partner(t)
	assertExactly(t, s.ok(t, s.get(s.contract.PortalLinkPath, s.asSession(partner.token))), "url", s.contract.PortalLinkExpiresAtField)
	click := s.ok(t, request{
		method:     http.MethodPost,
		path:       s.contract.TrackPath,
		credential: s.asKey(s.target.APIKey),
		body:       encode(t, map[string]any{s.contract.TrackCodeField: partner.Code, s.contract.TrackURLField: "https://yoursite.com?ref=" + partner.Code}),
	})
	assertExactly(t, click, s.contract.ClickIDField, s.contract.ClickCodeField, s.contract.ClickExpiresAtField)
}

func exactDealNames(t *testing.T, s *suite) {
	partner := s.partner(t)
	register := func(fields map[string]any) map[string]any {
		fields["leadEmail"], fields["leadName"] = newEmail(), testName
		return s.ok(t, request{method: http.MethodPost, path: s.contract.DealsPath, credential: s.asSession(partner.token), body: encode(t, fields)})
	}
	assertExactly(t, register(map[string]any{"notes": "Met at conference"}), s.allOfDeal()...)
	assertExactly(t, register(map[string]any{}), s.bareDeal()...)
	page := s.ok(t, s.get(s.contract.DealsPath+"?"+s.contract.LimitParameter+"=1", s.asSession(partner.token)))
	s.assertPage(t, page, s.contract.DealsListField)
}

func exactApplicationNames(t *testing.T, s *suite) {
	full := s.ok(t, request{
		method:     http.MethodPost,
		path:       s.contract.ApplyPath,
		credential: s.asKey(s.target.APIKey),
		body: encode(t, map[string]any{
			"email": newEmail(), "name": testName, "company": "Acme Inc", "website": "https://acme.com", "reason": "I have a large audience",
		}),
	})
	c := s.contract
	given := []string{"id", "email", "name", "company", "website", "reason", "status", c.ApplicationCreatedAtField}
	path := fill(s.contract.ApplicationPath, s.target.AppID, full["id"].(string))
	token := s.asAdmin(s.target.AdminToken)
	assertExactly(t, s.ok(t, s.get(path, token)), given...)

	review := s.ok(t, request{method: http.MethodPost, path: fill(c.ReviewPath, s.target.AppID, full["id"].(string)), credential: token, body: `{"action": "approve"}`})
	assertExactly(t, review, c.ReviewApplicationField, c.ReviewAffiliateField)
	assertExactly(t, review[c.ReviewApplicationField], append([]string{c.ApplicationAffiliateIDField, c.ApplicationReviewedAtField}, given...)...)
	assertExactly(t, review[c.ReviewAffiliateField], s.allOfPartner()...)

	bare := fill(s.contract.ReviewPath, s.target.AppID, s.apply(t).id)
	review = s.ok(t, request{method: http.MethodPost, path: bare, credential: token, body: `{"action": "reject", "rejectionReason": "no"}`})
	assertExactly(t, review, c.ReviewApplicationField)
	assertExactly(t, review[c.ReviewApplicationField], "id", "email", "name", "status", "rejectionReason", s.contract.ApplicationCreatedAtField, s.contract.ApplicationReviewedAtField)

	page := s.ok(t, s.get(fill(s.contract.ApplicationsPath, s.target.AppID, "")+"?"+c.LimitParameter+"=1", token))
	s.assertPage(t, page, c.ListField)
}

// assertPage asserts the names of a page that another follows.
func (s *suite) assertPage(t *testing.T, page map[string]any, list string) {
	t.Helper()
	c := s.contract
	if c.PaginationField == stackbe.FlatPagination {
		assertExactly(t, page, list, c.CursorField, c.HasMoreField)
		return
	}
	assertExactly(t, page, list, c.PaginationField)
	assertExactly(t, page[c.PaginationField], c.CursorField, c.HasMoreField)
}

func exactSettingsNames(t *testing.T, s *suite) {
	s.change(t, affiliates.UpdateSettingsParams{Levels: []affiliates.Level{{Name: "Gold"}}})
	c := s.contract
	settings := s.ok(t, s.get(fill(s.contract.SettingsPath, s.target.AppID, ""), s.asAdmin(s.target.AdminToken)))
	assertExactly(t, settings, "defaultCommissionRate", "holdingPeriodDays", "minPayoutAmount", "cookieDurationDays", c.SettingsLevelsField, "plans")
	assertExactly(t, settings["plans"].([]any)[0], "id", "name", "monthlyPrice")
	assertExactly(t, settings[c.SettingsLevelsField].([]any)[0], c.LevelNameField, c.LevelMinPaidSubscriptionsField, c.LevelMinMonthlyValueField, c.LevelCommissionRateField)
}

func amountsAreNumbers(t *testing.T, s *suite) {
	partner := s.partnerByHand(t, s.partner(t))
	rate := `^\d+(\.\d{1,2})?$`
	if s.contract.FractionalRates {
		rate = `^[01](\.\d{1,4})?$`
	}
	for name, pattern := range map[string]string{
		s.contract.AffiliateCommissionRateField: rate,
		"totalEarned":                           `^\d+(\.\d{1,2})?$`,
		s.contract.AffiliatePendingBalanceField: `^\d+(\.\d{1,2})?$`,
	} {
		number, ok := partner[name].(json.Number)
		assert.True(t, ok, "%s is a %T", name, partner[name])
		assert.Regexp(t, pattern, number.String(), name)
	}
}
