package conformance

import (
	"encoding/base64"
	"html"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

var administrationCases = []testCase{
	{"an admin creates, names and signs in a customer", contract, needKey | needAdmin, anAdminCreatesACustomer},
	{"the email of a customer is refused", contract, needKey | needAdmin, theEmailOfACustomer},
	{"an unknown code or click attributes nothing", contract, needKey | needAdmin, anUnknownCodeAttributesNothing},
	{"an invalid customer or name is refused", contract, needKey | needAdmin, invalidCustomers},
	{"an admin sees a partner with its balances and customers", contract, needKey | needAdmin | needChange | alone, anAdminSeesAPartner},
	{"prices of plans are set one by one, and count from the next invoice on", contract, needKey | needAdmin | needChange | alone, pricesOfPlans},
	{"an invalid price is refused", contract, needAdmin | needChange | alone, invalidPrices},
}

var infoCases = []testCase{
	{"a partner sees its link, name and email", contract, needKey | needAdmin, aPartnerSeesItself},
	{"a badge is a picture, and a link with the referral link", contract, needKey | needAdmin, aBadge},
	{"a dashboard shows the five last users and payouts", contract, needKey | needAdmin | needChange | alone, recentUsersAndPayouts},
}

func anAdminCreatesACustomer(t *testing.T, s *suite) {
	partner, email := s.newPartner(t), newEmail()
	created, err := s.admin.Admin.Customers.Create(t.Context(), affiliates.CreateCustomerParams{Email: email, Name: testName, ReferralCode: strings.ToLower(partner.Code)})
	require.NoError(t, err)
	assert.Equal(t, email, created.Email)
	assert.Equal(t, partner.ID, created.AffiliateID)
	requireUTC(t, created.Raw, "createdAt")

	renamed, err := s.admin.Admin.Customers.Update(t.Context(), created.ID, affiliates.UpdateCustomerParams{Name: "John Smith"})
	require.NoError(t, err)
	assert.Equal(t, "John Smith", renamed.Name)
	got, err := s.admin.Admin.Customers.Get(t.Context(), created.ID)
	require.NoError(t, err)
	assert.JSONEq(t, string(renamed.Raw), string(got.Raw))

	session, err := s.admin.Admin.Customers.CreateSession(t.Context(), created.ID, affiliates.CreateSessionParams{})
	require.NoError(t, err)
	assertFrom(t, created.CreatedAt, sessionLife, session.ExpiresAt)
	current, err := s.client.AsCustomer(session.SessionToken).Affiliates.GetCurrent(t.Context())
	require.NoError(t, err)
	assert.False(t, current.Enrolled)
}

func theEmailOfACustomer(t *testing.T, s *suite) {
	_, err := s.admin.Admin.Customers.Create(t.Context(), affiliates.CreateCustomerParams{Email: strings.ToUpper(s.newCustomer(t).email)})
	s.requireErrorIs(t, err, stackbe.ErrConflict, stackbe.CodeAlreadyExists)
}

func anUnknownCodeAttributesNothing(t *testing.T, s *suite) {
	created, err := s.admin.Admin.Customers.Create(t.Context(), affiliates.CreateCustomerParams{Email: newEmail(), ReferralCode: newCode(), ClickID: nothingsID})
	require.NoError(t, err)
	assert.Empty(t, created.AffiliateID)
}

func invalidCustomers(t *testing.T, s *suite) {
	customers := fill(appPath, s.target.AppID, "") + "/customers"
	one := customers + "/" + s.newCustomer(t).id
	write := func(method, path string, body map[string]any) response {
		return s.send(t, request{method: method, path: path, credential: s.asAdmin(s.target.AdminToken), body: encode(t, body)})
	}
	s.requireProblems(t, stackbe.CodeMissingRequiredField, write(http.MethodPost, customers, map[string]any{}), "email")
	s.requireProblems(t, stackbe.CodeInvalidEmail, write(http.MethodPost, customers, map[string]any{"email": "john"}), "email")
	s.requireProblems(t, stackbe.CodeValidationError, write(http.MethodPost, customers, map[string]any{"email": newEmail(), "name": strings.Repeat("n", 201)}), "name")
	s.requireProblems(t, stackbe.CodeMissingRequiredField, write(http.MethodPatch, one, map[string]any{}), "name")
	s.requireProblems(t, stackbe.CodeMissingRequiredField, write(http.MethodPatch, one, map[string]any{"name": ""}), "name")
	s.requireProblems(t, stackbe.CodeValidationError, write(http.MethodPatch, one, map[string]any{"name": strings.Repeat("n", 201)}), "name")
}

func anAdminSeesAPartner(t *testing.T, s *suite) {
	s.terms(t, 30)
	partner := s.newPartner(t)
	user := partner.addUser(t)
	partner.addUser(t)
	s.subscribe(t, user.ID, affiliates.PlanPro)
	s.update(t, s.subscribe(t, user.ID, affiliates.PlanFree).ID, affiliates.UpdateSubscriptionParams{Status: affiliates.SubscriptionCanceled})

	got, err := s.admin.Admin.Partners.Get(t.Context(), partner.ID)
	require.NoError(t, err)
	assert.Equal(t, partner.ID, got.ID)
	assert.Equal(t, partner.CustomerID, got.CustomerID)
	assert.Equal(t, partner.Code, got.Code)
	assert.Equal(t, testName, got.Name)
	assert.NotEmpty(t, got.Email)
	assert.Equal(t, 2, got.Customers)
	assert.Equal(t, 1, got.Subscriptions)
	assert.Equal(t, balances{earned: 4_00, inReview: 4_00}, balancesOf(got.Balances))
	assert.EqualValues(t, 4_00, cents(got.TotalEarned))
}

func pricesOfPlans(t *testing.T, s *suite) {
	s.terms(t, 30)
	subscription := s.subscribe(t, s.newCustomer(t).id, affiliates.PlanPro)
	price := affiliates.MoneyFromCents(25_50)
	settings := s.change(t, affiliates.UpdateSettingsParams{Plans: []affiliates.PlanPrice{{ID: affiliates.PlanPro, MonthlyPrice: price}}})
	assert.JSONEq(t, strings.Replace(plansOfTheContract, `"monthlyPrice": 20`, `"monthlyPrice": 25.5`, 1), encode(t, fieldsOf(t, settings.Raw)["plans"]))

	invoices := s.invoicesOf(t, subscription.ID)
	require.Len(t, invoices, 1)
	assert.EqualValues(t, 20_00, cents(invoices[0].Amount))
	next := s.subscribe(t, s.newCustomer(t).id, affiliates.PlanPro)
	assert.EqualValues(t, 25_50, cents(s.invoicesOf(t, next.ID)[0].Amount))
}

func invalidPrices(t *testing.T, s *suite) {
	before := s.settings(t)
	for _, plans := range []string{
		`[{"id": "gold", "monthlyPrice": 1}]`,
		`[{"id": "pro", "monthlyPrice": -1}]`,
		`[{"id": "pro", "monthlyPrice": 1000000.01}]`,
		`[{"id": "pro", "monthlyPrice": 0.001}]`,
		`[{"id": "pro", "monthlyPrice": 1}, {"id": "pro", "monthlyPrice": 2}]`,
		`[{"id": "pro", "name": "Pro", "monthlyPrice": 1}]`,
		`[{"id": "pro"}]`,
		`{"pro": 1}`,
	} {
		got := s.patchSettings(t, `{"plans": `+plans+`}`)
		requireStatus(t, http.StatusBadRequest, got)
		assert.Contains(t, string(got.body), "plans", plans)
	}
	assert.JSONEq(t, string(before.Raw), string(s.settings(t).Raw))
}

func aPartnerSeesItself(t *testing.T, s *suite) {
	partner := s.newPartner(t)
	info, err := partner.client.Account.Info.Get(t.Context())
	require.NoError(t, err)
	assert.Equal(t, partner.ID, info.Affiliate.ID)
	assert.Equal(t, testName, info.Name)
	assert.Equal(t, partner.dashboard(t).ReferralLink, info.ReferralLink)
	own, err := s.admin.Admin.Customers.Get(t.Context(), partner.CustomerID)
	require.NoError(t, err)
	assert.Equal(t, own.Email, info.Email)
	assert.Zero(t, info.PaidSubscriptions)
	assert.Zero(t, cents(info.MonthlyReferralValue))
}

func aBadge(t *testing.T, s *suite) {
	partner := s.newPartner(t)
	const hostile = `"><script>alert('x')</script>&`
	_, err := s.admin.Admin.Customers.Update(t.Context(), partner.CustomerID, affiliates.UpdateCustomerParams{Name: hostile})
	require.NoError(t, err)
	badge, err := partner.client.Account.Info.Badge(t.Context())
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(badge.SVG, "<svg "), "%.40s", badge.SVG)
	assert.Contains(t, badge.HTML, `<a href="`+html.EscapeString(partner.dashboard(t).ReferralLink)+`"><img `)
	assert.Contains(t, badge.HTML, `src="data:image/svg+xml;base64,`+base64.StdEncoding.EncodeToString([]byte(badge.SVG))+`"></a>`)
	assert.NotContains(t, badge.SVG+badge.HTML, "<script>")
}

func recentUsersAndPayouts(t *testing.T, s *suite) {
	s = s.withoutHolding(t)
	partner := s.earner(t, 60_00)
	var users, payouts []string
	for range 6 {
		users = append([]string{partner.addUser(t).ID}, users...)
		payout := partner.requestPayout(t)
		s.fail(t, payout.ID, "")
		payouts = append([]string{payout.ID}, payouts...)
	}
	dashboard := partner.dashboard(t)
	var recentUsers, recentPayouts []string
	for _, user := range dashboard.RecentUsers {
		recentUsers = append(recentUsers, user.ID)
	}
	for _, payout := range dashboard.RecentPayouts {
		recentPayouts = append(recentPayouts, payout.ID)
	}
	assert.Equal(t, users[:5], recentUsers)
	assert.Equal(t, payouts[:5], recentPayouts)
}
