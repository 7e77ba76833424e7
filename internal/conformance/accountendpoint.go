package conformance

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
)

// The paths of a partner's account and of the administration are those of no configured contract.
const (
	accountPath = "/v1/affiliate/account"
	accessPath  = "/v1/affiliate/access"
	appPath     = "/v1/apps/{appID}"
)

var accountStatusCases = []testCase{
	{"what is created is 201, all else 200", contract, needKey | needAdmin, statusesOfTheAccount},
	{"a payout that is requested is 201, what is read or moved on 200", contract, needKey | needAdmin | needChange | alone, statusesOfPayouts},
}

func (e endpoint) isOfAccount() bool {
	return strings.HasPrefix(e.path, accountPath) || strings.HasPrefix(e.path, accessPath)
}

// isOfAdministration goes by the path as a whole: a configured contract may have others of the app.
func (e endpoint) isOfAdministration() bool {
	for _, own := range adminEndpoints() {
		if e.path == own.path {
			return true
		}
	}
	return false
}

func accountEndpoints() []endpoint {
	of := func(method, path string) endpoint {
		return endpoint{method: method, path: path, kind: session, source: contract}
	}
	payout := func(method, path string) endpoint {
		e := of(method, path)
		e.ready = true
		return e
	}
	const user = accountPath + "/users/{userID}"
	return []endpoint{
		of(http.MethodGet, accountPath+"/users"),
		of(http.MethodGet, user),
		of(http.MethodPost, accountPath+"/users"),
		of(http.MethodPost, accountPath+"/users/link"),
		of(http.MethodGet, user+"/subscriptions"),
		of(http.MethodPost, user+"/access"),
		of(http.MethodPost, user+"/login"),
		of(http.MethodGet, accountPath+"/invoices"),
		of(http.MethodGet, accountPath+"/invoices/{invoiceID}"),
		of(http.MethodGet, accountPath+"/invoices/{invoiceID}/receipt"),
		of(http.MethodGet, accountPath+"/invoices/{invoiceID}/refunds"),
		of(http.MethodGet, accountPath+"/commissions"),
		of(http.MethodGet, accountPath+"/commissions/summary"),
		of(http.MethodGet, accountPath+"/commissions/subscriptions"),
		of(http.MethodGet, accountPath+"/payouts"),
		payout(http.MethodGet, accountPath+"/payouts/{payoutID}"),
		payout(http.MethodPost, accountPath+"/payouts"),
		of(http.MethodGet, accountPath+"/payouts/schedule"),
		of(http.MethodPatch, accountPath+"/payouts/schedule"),
		of(http.MethodGet, accountPath+"/statement"),
		of(http.MethodGet, accountPath+"/info"),
		of(http.MethodGet, accountPath+"/badge"),
		of(http.MethodGet, accessPath),
		of(http.MethodPost, accessPath+"/{accessID}"),
	}
}

func adminEndpoints() []endpoint {
	of := func(method, path string) endpoint {
		return endpoint{method: method, path: appPath + path, kind: admin, source: contract}
	}
	payout := func(method, path string) endpoint {
		e := of(method, path)
		e.ready = true
		return e
	}
	return []endpoint{
		of(http.MethodGet, "/affiliates/partners"),
		of(http.MethodGet, "/affiliates/partners/{affiliateID}"),
		of(http.MethodGet, "/affiliates/payouts"),
		payout(http.MethodGet, "/affiliates/payouts/{payoutID}"),
		payout(http.MethodPost, "/affiliates/payouts/{payoutID}/status"),
		of(http.MethodGet, "/customers"),
		of(http.MethodPost, "/customers"),
		of(http.MethodGet, "/customers/{customerID}"),
		of(http.MethodPatch, "/customers/{customerID}"),
		of(http.MethodPost, "/customers/{customerID}/sessions"),
		of(http.MethodGet, "/subscriptions"),
		of(http.MethodPost, "/subscriptions"),
		of(http.MethodGet, "/subscriptions/{subscriptionID}"),
		of(http.MethodPatch, "/subscriptions/{subscriptionID}"),
		of(http.MethodGet, "/invoices"),
		of(http.MethodPost, "/invoices"),
		of(http.MethodGet, "/invoices/{invoiceID}"),
		of(http.MethodPost, "/invoices/{invoiceID}/pay"),
		of(http.MethodPost, "/invoices/{invoiceID}/refunds"),
		of(http.MethodGet, "/invoices/{invoiceID}/refunds"),
	}
}

// validAccountRequest is one of a partner of its own, who has a user of its own.
func (s *suite) validAccountRequest(t *testing.T, e endpoint) request {
	t.Helper()
	partner := s.newPartner(t)
	user := partner.addUser(t)
	valid := request{method: e.method, credential: s.asSession(partner.token)}
	switch {
	case e.kind == admin:
		valid.credential = s.asAdmin(s.target.AdminToken)
	case strings.HasPrefix(e.path, accessPath):
		valid.credential = s.asSession(s.session(t, user.ID))
	}
	path := e.path
	for name, id := range map[string]func() string{
		"{userID}":         func() string { return user.ID },
		"{customerID}":     func() string { return user.ID },
		"{affiliateID}":    func() string { return partner.ID },
		"{accessID}":       func() string { return partner.askForAccess(t, user.ID).ID },
		"{subscriptionID}": func() string { return s.subscribe(t, user.ID, affiliates.PlanPro).ID },
		"{invoiceID}":      func() string { return s.invoiceFor(t, e, user.ID) },
		"{payoutID}":       func() string { return s.payoutID(t, partner, user.ID) },
	} {
		if before, after, found := strings.Cut(path, name); found {
			path = before + id() + after
		}
	}
	valid.path = fill(path, s.target.AppID, "")
	if e.writes() {
		valid.body = encode(t, s.accountBody(t, e, partner, user))
	}
	return valid
}

// invoiceFor is the id of a paid invoice, or of one that failed for the endpoint that pays it.
func (s *suite) invoiceFor(t *testing.T, e endpoint, customerID string) string {
	t.Helper()
	if strings.HasSuffix(e.path, "/pay") {
		return s.failedInvoice(t, customerID).ID
	}
	return s.charge(t, customerID, 100_00).ID
}

// payoutID is that of nothing where none can be made at once.
func (s *suite) payoutID(t *testing.T, partner partner, userID string) string {
	t.Helper()
	if !s.readyAtOnce {
		return nothingsID
	}
	s.charge(t, userID, 1_000_00)
	return partner.requestPayout(t).ID
}

// accountBody is what an endpoint takes, and makes true what it needs.
func (s *suite) accountBody(t *testing.T, e endpoint, partner partner, user *affiliates.User) map[string]any {
	t.Helper()
	switch e.method + " " + e.path {
	case "POST " + accountPath + "/users", "POST " + appPath + "/customers":
		return map[string]any{"email": newEmail(), "name": testName}
	case "POST " + accountPath + "/users/link":
		return map[string]any{"email": s.newCustomer(t).email}
	case "POST " + accountPath + "/users/{userID}/login":
		s.grant(t, partner, user.ID)
	case "POST " + accountPath + "/payouts":
		s.charge(t, user.ID, 1_000_00)
	case "PATCH " + accountPath + "/payouts/schedule":
		return map[string]any{"interval": "weekly"}
	case "POST " + accessPath + "/{accessID}":
		return map[string]any{"action": "grant"}
	case "POST " + appPath + "/affiliates/payouts/{payoutID}/status":
		return map[string]any{"status": "processing"}
	case "PATCH " + appPath + "/customers/{customerID}":
		return map[string]any{"name": testName + ", renamed"}
	case "POST " + appPath + "/subscriptions":
		return map[string]any{"customerId": user.ID, "plan": "pro"}
	case "POST " + appPath + "/invoices":
		return map[string]any{"customerId": user.ID, "amount": 12.34}
	}
	return map[string]any{}
}

// withoutHolding has what is earned ready at once, until the test is over. The case needs to be alone.
func (s *suite) withoutHolding(t *testing.T) *suite {
	t.Helper()
	s.terms(t, 0)
	own := *s
	own.readyAtOnce = true
	return &own
}

// terms are those that the cases count on: 20 % without levels, the plans' default prices, and 50.00 as
// the least payout.
func (s *suite) terms(t *testing.T, holdingDays int) {
	t.Helper()
	rate, least := affiliates.PercentFromInt(20), affiliates.MoneyFromCents(50_00)
	settings := s.change(t, affiliates.UpdateSettingsParams{
		DefaultCommissionRate: &rate,
		HoldingPeriodDays:     &holdingDays,
		MinPayoutAmount:       &least,
		Levels:                []affiliates.Level{},
		Plans: []affiliates.PlanPrice{
			{ID: affiliates.PlanFree},
			{ID: affiliates.PlanPro, MonthlyPrice: affiliates.MoneyFromCents(20_00)},
			{ID: affiliates.PlanBusiness, MonthlyPrice: affiliates.MoneyFromCents(100_00)},
			{ID: affiliates.PlanEnterprise, MonthlyPrice: affiliates.MoneyFromCents(250_00)},
		},
	})
	require.Equal(t, holdingDays, settings.HoldingPeriodDays)
}

// status is that of an endpoint's response where all is well.
func (e endpoint) status() int {
	moves := strings.HasPrefix(e.path, accessPath) || strings.HasSuffix(e.path, "/status") || strings.HasSuffix(e.path, "/pay")
	if e.method == http.MethodPost && !moves {
		return http.StatusCreated
	}
	return http.StatusOK
}

func statusesOfTheAccount(t *testing.T, s *suite) {
	ready := func(e endpoint) bool { return (e.isOfAccount() || e.isOfAdministration()) && !e.ready }
	s.forEach(t, ready, func(t *testing.T, e endpoint) {
		requireStatus(t, e.status(), s.send(t, s.validRequest(t, e)))
	})
}

func statusesOfPayouts(t *testing.T, s *suite) {
	s = s.withoutHolding(t)
	s.forEach(t, func(e endpoint) bool { return e.ready }, func(t *testing.T, e endpoint) {
		requireStatus(t, e.status(), s.send(t, s.validRequest(t, e)))
	})
}
