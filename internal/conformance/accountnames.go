package conformance

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
)

// Like fieldNameCases, these read names as they are sent.
var accountNameCases = []testCase{
	{"users, access and login links have exactly the names of the contract", contract, needKey | needAdmin, exactUserNames},
	{"subscriptions have exactly the names of the contract", contract, needKey | needAdmin, exactSubscriptionNames},
	{"invoices, refunds and receipts have exactly the names of the contract", contract, needKey | needAdmin | needChange, exactInvoiceNames},
	{"commissions, the summary and entries have exactly the names of the contract", contract, needKey | needAdmin | needChange | alone, exactCommissionNames},
	{"payouts and schedules have exactly the names of the contract", contract, needKey | needAdmin | needChange | alone, exactPayoutNames},
	{"the partner's info and badge have exactly the names of the contract", contract, needKey | needAdmin | needChange | alone, exactInfoNames},
	{"partners, customers and sessions have exactly the names of the contract", contract, needKey | needAdmin, exactAdministrationNames},
	{"amounts and rates of the account are JSON numbers", contract, needKey | needAdmin | needChange | alone, accountAmountsAreNumbers},
}

var (
	namesOfBalances     = []string{"earned", "inReview", "ready", "debt", "inPayout", "paid"}
	namesOfUser         = []string{"id", "email", "name", "source", "createdAt", "attributedAt", "access", "subscriptions", "limitExceeded", "errors", "monthlyValue", "earned"}
	namesOfAccess       = []string{"id", "affiliateId", "affiliateName", "affiliateEmail", "userId", "userEmail", "status", "requestedAt"}
	namesOfSubscription = []string{"id", "customerId", "plan", "status", "billing", "monthlyPrice", "currentPeriodStart", "currentPeriodEnd", "createdAt", "paymentMethod"}
	namesOfInvoice      = []string{"id", "number", "customerId", "billing", "description", "amount", "refunded", "status", "createdAt", "paidAt"}
	namesOfRefund       = []string{"id", "invoiceId", "amount", "createdAt"}
	namesOfCommission   = []string{"id", "userId", "userEmail", "invoiceId", "payment", "rate", "amount", "status", "createdAt"}
	namesOfPayout       = []string{"id", "amount", "status", "automatic", "requestedAt", "commissions"}
	namesOfPlans        = []string{"free", "pro", "business", "enterprise"}
	namesOfAffiliate    = []string{"enrolled", "id", "customerId", "code", "type", "status", "commissionRate", "totalEarned", "pendingBalance", "createdAt"}
	namesOfLevel        = []string{"name", "minPaidSubscriptions", "minMonthlyValue", "commissionRate"}
)

func and(names []string, more ...string) []string { return append(more, names...) }

// element is the newest of a list.
func (s *suite) element(t *testing.T, path string, credential credential) map[string]any {
	t.Helper()
	page := s.ok(t, s.get(path, credential))
	assertExactly(t, page, "data", "pagination")
	data, ok := page["data"].([]any)
	require.True(t, ok)
	require.NotEmpty(t, data, path)
	return data[0].(map[string]any)
}

func (s *suite) post(t *testing.T, path string, credential credential, body map[string]any) map[string]any {
	t.Helper()
	return s.ok(t, request{method: http.MethodPost, path: path, credential: credential, body: encode(t, body)})
}

func exactUserNames(t *testing.T, s *suite) {
	partner := s.newPartner(t)
	asPartner := s.asSession(partner.token)
	bare := s.post(t, accountPath+"/users", asPartner, map[string]any{"email": newEmail()})
	assert.NotContains(t, bare, "name")
	linked := s.post(t, accountPath+"/users/link", asPartner, map[string]any{"email": s.newCustomer(t).email})
	assertExactly(t, linked, namesOfUser...)
	user := s.post(t, accountPath+"/users", asPartner, map[string]any{"email": newEmail(), "name": testName})
	assertExactly(t, user, namesOfUser...)
	assertExactly(t, user["subscriptions"], namesOfPlans...)
	path := accountPath + "/users/" + user["id"].(string)
	assertExactly(t, s.ok(t, s.get(path, asPartner)), namesOfUser...)
	assertExactly(t, s.element(t, accountPath+"/users", asPartner), namesOfUser...)
	dashboard := s.ok(t, s.get(s.contract.DashboardPath, asPartner))
	assertExactly(t, dashboard["recentUsers"].([]any)[0], namesOfUser...)

	access := s.post(t, path+"/access", asPartner, map[string]any{})
	assertExactly(t, access, namesOfAccess...)
	asUser := s.asSession(s.session(t, user["id"].(string)))
	assertExactly(t, s.element(t, accessPath, asUser), namesOfAccess...)
	granted := s.post(t, accessPath+"/"+access["id"].(string), asUser, map[string]any{"action": "grant"})
	assertExactly(t, granted, and(namesOfAccess, "decidedAt")...)
	assertExactly(t, s.post(t, path+"/login", asPartner, map[string]any{}), "url", "expiresAt")
}

func exactSubscriptionNames(t *testing.T, s *suite) {
	partner := s.newPartner(t)
	userID := partner.addUser(t).ID
	subscriptions, asAdmin := fill(appPath, s.target.AppID, "")+"/subscriptions", s.asAdmin(s.target.AdminToken)
	created := s.post(t, subscriptions, asAdmin, map[string]any{"customerId": userID, "plan": "pro"})
	assertExactly(t, created, namesOfSubscription...)
	named := s.post(t, subscriptions, asAdmin, map[string]any{"customerId": userID, "plan": "pro", "name": "Production"})
	assertExactly(t, named, and(namesOfSubscription, "name")...)
	path := subscriptions + "/" + created["id"].(string)
	assertExactly(t, s.ok(t, s.get(path, asAdmin)), namesOfSubscription...)
	change := func(body string) map[string]any {
		return s.ok(t, request{method: http.MethodPatch, path: path, credential: asAdmin, body: body})
	}
	assertExactly(t, change(`{"paused": true}`), and(namesOfSubscription, "pausedAt")...)
	assertExactly(t, change(`{"paused": false}`), namesOfSubscription...)
	assertExactly(t, change(`{"status": "canceled"}`), and(namesOfSubscription, "canceledAt")...)
	assertExactly(t, s.element(t, subscriptions+"?customerId="+userID, asAdmin), and(namesOfSubscription, "name")...)

	asPartner := s.asSession(partner.token)
	assertExactly(t, s.element(t, accountPath+"/users/"+userID+"/subscriptions", asPartner), and(namesOfSubscription, "name", "commissionRate", "monthlyCommission")...)
	assertExactly(t, s.element(t, accountPath+"/commissions/subscriptions", asPartner),
		"subscriptionId", "name", "userId", "userEmail", "plan", "status", "billing", "monthlyPrice", "commissionRate", "monthlyCommission", "earned")
}

func exactInvoiceNames(t *testing.T, s *suite) {
	partner := s.newPartner(t)
	userID := partner.addUser(t).ID
	invoices, asAdmin, asPartner := fill(appPath, s.target.AppID, "")+"/invoices", s.asAdmin(s.target.AdminToken), s.asSession(partner.token)
	ofSubscription := and(namesOfInvoice, "subscriptionId", "plan", "periodStart", "periodEnd")
	subscription := s.subscribe(t, userID, affiliates.PlanPro)
	assertExactly(t, s.element(t, invoices+"?subscriptionId="+subscription.ID, asAdmin), ofSubscription...)
	failed := s.ok(t, s.get(invoices+"/"+s.failedInvoice(t, userID).ID, asAdmin))
	assertExactly(t, failed, slices.DeleteFunc(slices.Clone(ofSubscription), func(name string) bool { return name == "paidAt" })...)
	assertExactly(t, s.post(t, invoices+"/"+failed["id"].(string)+"/pay", asAdmin, map[string]any{}), ofSubscription...)

	invoice := s.post(t, invoices, asAdmin, map[string]any{"customerId": userID, "amount": 100, "description": "Setup"})
	assertExactly(t, invoice, namesOfInvoice...)
	id := invoice["id"].(string)
	refunds := invoices + "/" + id + "/refunds"
	refunding := s.post(t, refunds, asAdmin, map[string]any{"amount": 1})
	assertExactly(t, refunding, "refund", "invoice")
	assertExactly(t, refunding["refund"], namesOfRefund...)
	assertExactly(t, refunding["invoice"], namesOfInvoice...)
	assertExactly(t, s.element(t, refunds, asAdmin), namesOfRefund...)

	assertExactly(t, s.element(t, accountPath+"/invoices", asPartner), and(namesOfInvoice, "userEmail")...)
	assertExactly(t, s.ok(t, s.get(accountPath+"/invoices/"+id, asPartner)), and(namesOfInvoice, "userEmail")...)
	receipt := s.ok(t, s.get(accountPath+"/invoices/"+id+"/receipt", asPartner))
	assertExactly(t, receipt, "number", "invoice", "customer", "lines", "refunds", "refundCount", "total")
	assertHas(t, receipt["invoice"].(map[string]any), namesOfInvoice...)
	assertExactly(t, receipt["customer"], "id", "email", "name")
	assertExactly(t, receipt["lines"].([]any)[0], "description", "amount")
	assertExactly(t, receipt["refunds"].([]any)[0], namesOfRefund...)
	assertExactly(t, s.element(t, accountPath+"/invoices/"+id+"/refunds", asPartner), namesOfRefund...)
}

func exactCommissionNames(t *testing.T, s *suite) {
	s = s.withoutHolding(t)
	partner := s.newPartner(t)
	userID := partner.addUser(t).ID
	asPartner := s.asSession(partner.token)
	newest := func() map[string]any { return s.element(t, accountPath+"/commissions", asPartner) }
	s.subscribe(t, userID, affiliates.PlanEnterprise)
	assertExactly(t, newest(), and(namesOfCommission, "readyAt", "subscriptionId", "plan")...)
	invoice := s.charge(t, userID, 1_000_00)
	assertExactly(t, newest(), and(namesOfCommission, "readyAt")...)
	partner.requestPayout(t)
	assertExactly(t, newest(), and(namesOfCommission, "readyAt", "payoutId")...)
	s.refund(t, invoice.ID, 1_00)
	assertHas(t, newest(), and(namesOfCommission, "reverses")...)
	assert.NotContains(t, newest(), "payoutId")

	summary := s.ok(t, s.get(accountPath+"/commissions/summary", asPartner))
	assertExactly(t, summary, "monthlyValue", "monthlyReferralValue", "inReview", "ready", "debt", "inPayout", "paid", "totalEarned", "subscriptions")
	assertExactly(t, summary["subscriptions"], namesOfPlans...)
	entry := s.element(t, accountPath+"/statement", asPartner)
	assertExactly(t, entry, "id", "sequence", "kind", "amount", "from", "to", "cause", "createdAt", "balances")
	assertExactly(t, entry["cause"], "type", "id")
	assertExactly(t, entry["balances"], namesOfBalances...)
}

func exactPayoutNames(t *testing.T, s *suite) {
	s = s.withoutHolding(t)
	partner := s.earner(t, 60_00)
	asPartner, asAdmin := s.asSession(partner.token), s.asAdmin(s.target.AdminToken)
	app := fill(appPath, s.target.AppID, "") + "/affiliates/payouts"
	payout := s.post(t, accountPath+"/payouts", asPartner, map[string]any{})
	assertExactly(t, payout, namesOfPayout...)
	id := payout["id"].(string)
	assertExactly(t, s.ok(t, s.get(accountPath+"/payouts/"+id, asPartner)), namesOfPayout...)
	assertExactly(t, s.element(t, accountPath+"/payouts", asPartner), namesOfPayout...)
	assertExactly(t, s.element(t, app, asAdmin), and(namesOfPayout, "affiliateId", "affiliateCode")...)
	assertExactly(t, s.ok(t, s.get(app+"/"+id, asAdmin)), and(namesOfPayout, "affiliateId", "affiliateCode")...)
	step := func(id string, body map[string]any) map[string]any {
		return s.post(t, app+"/"+id+"/status", asAdmin, body)
	}
	assertExactly(t, step(id, map[string]any{"status": "processing"}), and(namesOfPayout, "affiliateId", "affiliateCode", "processingAt")...)
	assertExactly(t, step(id, map[string]any{"status": "failed", "failureReason": "no"}), and(namesOfPayout, "affiliateId", "affiliateCode", "processingAt", "failedAt", "failureReason")...)
	id = partner.requestPayout(t).ID
	step(id, map[string]any{"status": "processing"})
	assertExactly(t, step(id, map[string]any{"status": "paid"}), and(namesOfPayout, "affiliateId", "affiliateCode", "processingAt", "paidAt")...)
	dashboard := s.ok(t, s.get(s.contract.DashboardPath, asPartner))
	assertExactly(t, dashboard["recentPayouts"].([]any)[0], and(namesOfPayout, "processingAt", "paidAt")...)

	schedule := accountPath + "/payouts/schedule"
	assertExactly(t, s.ok(t, s.get(schedule, asPartner)), "interval")
	set := s.ok(t, request{method: http.MethodPatch, path: schedule, credential: asPartner, body: `{"interval": "weekly"}`})
	assertExactly(t, set, "interval", "nextAt")
}

func exactInfoNames(t *testing.T, s *suite) {
	s.terms(t, 30)
	s.change(t, affiliates.UpdateSettingsParams{Levels: []affiliates.Level{
		{Name: "Everyone", CommissionRate: affiliates.PercentFromInt(25)},
		{Name: "Gold", MinPaidSubscriptions: 6, CommissionRate: affiliates.PercentFromInt(40)},
	}})
	asPartner := s.asSession(s.newPartner(t).token)
	info := s.ok(t, s.get(accountPath+"/info", asPartner))
	required := []string{"affiliate", "name", "email", "referralLink", "paidSubscriptions", "monthlyReferralValue", "minPayoutAmount"}
	assertExactly(t, info, and(required, "level", "nextLevel")...)
	assertExactly(t, info["level"], namesOfLevel...)
	assertExactly(t, info["nextLevel"], and(namesOfLevel, "missingPaidSubscriptions", "missingMonthlyValue")...)
	assertExactly(t, info["affiliate"], namesOfAffiliate...)
	assertExactly(t, s.ok(t, s.get(accountPath+"/badge", asPartner)), "svg", "html")

	s.change(t, affiliates.UpdateSettingsParams{Levels: []affiliates.Level{}})
	assertExactly(t, s.ok(t, s.get(accountPath+"/info", asPartner)), required...)
}

func exactAdministrationNames(t *testing.T, s *suite) {
	partner := s.newPartner(t)
	app, asAdmin := fill(appPath, s.target.AppID, ""), s.asAdmin(s.target.AdminToken)
	names := and(namesOfAffiliate, "name", "email", "balances", "customers", "subscriptions")
	got := s.ok(t, s.get(app+"/affiliates/partners/"+partner.ID, asAdmin))
	assertExactly(t, got, names...)
	assertExactly(t, got["balances"], namesOfBalances...)
	assertHas(t, s.element(t, app+"/affiliates/partners", asAdmin), and(namesOfAffiliate, "email", "balances", "customers", "subscriptions")...)

	customer := []string{"id", "email", "createdAt"}
	assertExactly(t, s.post(t, app+"/customers", asAdmin, map[string]any{"email": newEmail()}), customer...)
	full := s.post(t, app+"/customers", asAdmin, map[string]any{"email": newEmail(), "name": testName, "referralCode": partner.Code})
	assertExactly(t, full, and(customer, "name", "affiliateId")...)
	path := app + "/customers/" + full["id"].(string)
	assertExactly(t, s.ok(t, s.get(path, asAdmin)), and(customer, "name", "affiliateId")...)
	assertHas(t, s.element(t, app+"/customers", asAdmin), customer...)
	assertExactly(t, s.post(t, path+"/sessions", asAdmin, map[string]any{}), "customerId", "sessionToken", "expiresAt")
}

func accountAmountsAreNumbers(t *testing.T, s *suite) {
	s = s.withoutHolding(t)
	partner := s.newPartner(t)
	userID := partner.addUser(t).ID
	s.subscribe(t, userID, affiliates.PlanPro)
	s.charge(t, userID, 123_45)
	asPartner := s.asSession(partner.token)
	for _, object := range []map[string]any{
		s.element(t, accountPath+"/invoices", asPartner),
		s.element(t, accountPath+"/commissions", asPartner),
		s.element(t, accountPath+"/commissions/subscriptions", asPartner),
		s.element(t, accountPath+"/users", asPartner),
		s.element(t, accountPath+"/statement", asPartner)["balances"].(map[string]any),
		s.ok(t, s.get(accountPath+"/commissions/summary", asPartner)),
		s.ok(t, s.get(accountPath+"/info", asPartner))["affiliate"].(map[string]any),
	} {
		for _, name := range []string{
			"amount", "refunded", "payment", "rate", "commissionRate", "monthlyPrice", "monthlyCommission", "earned", "inReview", "ready", "debt",
			"inPayout", "paid", "totalEarned", "pendingBalance", "monthlyValue", "monthlyReferralValue",
		} {
			value, present := object[name]
			if !present {
				continue
			}
			number, ok := value.(json.Number)
			require.True(t, ok, "%s is a %T", name, value)
			assert.Regexp(t, `^-?\d+(\.\d{1,2})?$`, number.String(), name)
		}
	}
	commission := s.element(t, accountPath+"/commissions", asPartner)
	assert.Equal(t, json.Number("20"), commission["rate"], "a percentage, whatever the contract")
	assert.Equal(t, json.Number("24.69"), commission["amount"])
}
