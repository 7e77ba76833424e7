package refserver_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func (w world) appPath(suffix string) string { return "/v1/apps/" + w.ID + "/" + suffix }

const account = "/v1/affiliate/account/"

// create posts to an admin's endpoint and gives the id of what was made.
func (w world) create(t testing.TB, suffix, body string) string {
	t.Helper()
	made := w.send(t, "POST", w.appPath(suffix), body, w.admin())
	require.Equal(t, 201, made.status, made.body)
	return made.json(t)["id"].(string)
}

// rows are the rows of a list.
func (w world) rows(t testing.TB, path string, headers ...[]string) []any {
	t.Helper()
	got := w.send(t, "GET", path, "", headers...)
	require.Equal(t, 200, got.status, got.body)
	return got.json(t)["data"].([]any)
}

func column(rows []any, name string) []any {
	values := []any{}
	for _, row := range rows {
		values = append(values, row.(map[string]any)[name])
	}
	return values
}

// moneyRefusals are those of what customers pay and partners earn.
func (w world) moneyRefusals(t *testing.T) map[string]refusal {
	partner := w.partner(t, "earner@acme.com", "EARNER").CustomerID
	rival := w.partner(t, "rival@acme.com", "RIVAL").CustomerID
	user := w.customer(t, program.CustomerParams{Email: "user@example.com", ReferralCode: "EARNER"})
	held := w.create(t, "invoices", fmt.Sprintf(`{"customerId": %q, "amount": 10}`, user))
	canceled := w.create(t, "subscriptions", fmt.Sprintf(`{"customerId": %q, "plan": "free"}`, user))
	w.send(t, "PATCH", w.appPath("subscriptions/"+canceled), `{"status": "canceled"}`, w.admin())
	w.create(t, "subscriptions", fmt.Sprintf(`{"customerId": %q, "plan": "pro", "paymentMethod": "declined"}`, user))
	failed := w.rows(t, w.appPath("invoices?limit=1"), w.admin())[0].(map[string]any)["id"].(string)

	// A partner of whom something is ready, and in a payout.
	open := w.partner(t, "open@acme.com", "OPEN").CustomerID
	payer := w.customer(t, program.CustomerParams{Email: "payer@example.com", ReferralCode: "OPEN"})
	w.pay(t, payer, 1000_00)
	w.advance(31 * day)
	payout := w.send(t, "POST", account+"payouts", `{}`, w.session(open)).json(t)["id"].(string)

	session, admin := w.session(partner), w.admin()
	get := func(code, path string) refusal { return refusal{code, "GET", path, "", session} }
	list := func(code, query string) refusal { return get(code, account+"commissions?"+query) }
	post := func(code, suffix, body string) refusal { return refusal{code, "POST", w.appPath(suffix), body, admin} }
	change := func(code, suffix, body string) refusal {
		return refusal{code, "PATCH", w.appPath(suffix), body, admin}
	}
	return map[string]refusal{
		"commissions of an unknown status":         list("VALIDATION_ERROR", "status=x"),
		"commissions of an unknown plan":           list("VALIDATION_ERROR", "plan=x"),
		"commissions of a status without a value":  list("VALIDATION_ERROR", "status="),
		"commissions from no time":                 list("VALIDATION_ERROR", "from=2026-01-01"),
		"commissions from the zero time":           list("VALIDATION_ERROR", "from=0001-01-01T00:00:00Z"),
		"commissions to the zero time":             list("VALIDATION_ERROR", "to=0001-01-01T02:00:00%2B02:00"),
		"commissions to a time that is not after":  list("VALIDATION_ERROR", "from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z"),
		"commissions of a cursor of no page":       list("VALIDATION_ERROR", "cursor=AQAAAGQ"),
		"payouts of an unknown status":             get("VALIDATION_ERROR", account+"payouts?status=x"),
		"a receipt of a payment that failed":       get("NOT_PAID", account+"invoices/"+failed+"/receipt"),
		"a payout with nothing ready":              {"PAYOUT_BELOW_MINIMUM", "POST", account + "payouts", "{}", w.session(rival)},
		"a payout of a chosen amount":              {"VALIDATION_ERROR", "POST", account + "payouts", `{"amount": 1}`, w.session(rival)},
		"a second payout":                          {"PAYOUT_OPEN", "POST", account + "payouts", "{}", w.session(open)},
		"an unknown interval":                      {"VALIDATION_ERROR", "PATCH", account + "payouts/schedule", `{"interval": "daily"}`, session},
		"no interval":                              {"MISSING_REQUIRED_FIELD", "PATCH", account + "payouts/schedule", `{}`, session},
		"a payout that is paid before it is moved": post("PAYOUT_STATUS", "affiliates/payouts/"+payout+"/status", `{"status": "paid"}`),
		"a payout that is moved back":              post("VALIDATION_ERROR", "affiliates/payouts/"+payout+"/status", `{"status": "pending"}`),
		"a reason of a payout that does not fail":  post("VALIDATION_ERROR", "affiliates/payouts/"+payout+"/status", `{"status": "processing", "failureReason": "x"}`),
		"a reason that is too long":                post("VALIDATION_ERROR", "affiliates/payouts/"+payout+"/status", `{"status": "failed", "failureReason": "`+strings.Repeat("x", 1001)+`"}`),
		"a subscription of an unknown customer":    post("CUSTOMER_NOT_FOUND", "subscriptions", `{"customerId": "x", "plan": "pro"}`),
		"a subscription without a plan":            post("MISSING_REQUIRED_FIELD", "subscriptions", `{"customerId": "x"}`),
		"a subscription to an unknown plan":        post("VALIDATION_ERROR", "subscriptions", `{"customerId": "x", "plan": "gold"}`),
		"a subscription with an unknown billing":   post("VALIDATION_ERROR", "subscriptions", `{"customerId": "x", "plan": "pro", "billing": "x"}`),
		"a subscription with an unknown method":    post("VALIDATION_ERROR", "subscriptions", `{"customerId": "x", "plan": "pro", "paymentMethod": "x"}`),
		"a change of a canceled subscription":      change("SUBSCRIPTION_CANCELED", "subscriptions/"+canceled, `{"status": "active"}`),
		"a pause of a canceled subscription":       change("SUBSCRIPTION_CANCELED", "subscriptions/"+canceled, `{"paused": false}`),
		"a change of the name of a subscription":   change("VALIDATION_ERROR", "subscriptions/"+canceled, `{"name": "x"}`),
		"an unknown status of a subscription":      change("VALIDATION_ERROR", "subscriptions/"+canceled, `{"status": "paused"}`),
		"a pause that is no boolean":               change("VALIDATION_ERROR", "subscriptions/"+canceled, `{"paused": "yes"}`),
		"an invoice of an unknown customer":        post("CUSTOMER_NOT_FOUND", "invoices", `{"customerId": "x", "amount": 1}`),
		"an invoice without an amount":             post("MISSING_REQUIRED_FIELD", "invoices", `{"customerId": "x"}`),
		"an invoice of nothing":                    post("VALIDATION_ERROR", "invoices", `{"customerId": "x", "amount": 0}`),
		"an invoice of fractions of a cent":        post("VALIDATION_ERROR", "invoices", `{"customerId": "x", "amount": 0.001}`),
		"an invoice of too much":                   post("VALIDATION_ERROR", "invoices", `{"customerId": "x", "amount": 100000000000.01}`),
		"a long description":                       post("VALIDATION_ERROR", "invoices", `{"customerId": "x", "amount": 1, "description": "`+strings.Repeat("x", 201)+`"}`),
		"a second payment of an invoice":           post("ALREADY_PAID", "invoices/"+held+"/pay", `{}`),
		"a refund of more than was paid":           post("REFUND_EXCEEDS_PAYMENT", "invoices/"+held+"/refunds", `{"amount": 10.01}`),
		"a refund of a payment that failed":        post("NOT_PAID", "invoices/"+failed+"/refunds", `{}`),
		"a refund of nothing":                      post("VALIDATION_ERROR", "invoices/"+held+"/refunds", `{"amount": 0}`),
		"a refund of a negative amount":            post("VALIDATION_ERROR", "invoices/"+held+"/refunds", `{"amount": -1}`),
		"a price of an unknown plan":               change("VALIDATION_ERROR", "affiliates/settings", `{"plans": [{"id": "gold", "monthlyPrice": 1}]}`),
		"two prices of a plan":                     change("VALIDATION_ERROR", "affiliates/settings", `{"plans": [{"id": "pro", "monthlyPrice": 1}, {"id": "pro", "monthlyPrice": 2}]}`),
		"a price that is too high":                 change("VALIDATION_ERROR", "affiliates/settings", `{"plans": [{"id": "pro", "monthlyPrice": 1000000.01}]}`),
		"a price with a name":                      change("VALIDATION_ERROR", "affiliates/settings", `{"plans": [{"id": "pro", "monthlyPrice": 1, "name": "Pro"}]}`),
		"a plan without a price":                   change("MISSING_REQUIRED_FIELD", "affiliates/settings", `{"plans": [{"id": "pro"}]}`),
	}
}

// TestMoneyFromPaymentToClawback plays what a partner earns of one user, and looks at every endpoint on the way.
func TestMoneyFromPaymentToClawback(t *testing.T) {
	w := newWorld(t)
	jane := w.partner(t, "jane@acme.com", "JANE20")
	user := w.customer(t, program.CustomerParams{Email: "lee@example.com", Name: "Lee", ReferralCode: "JANE20"})
	session := func() []string { return w.session(jane.CustomerID) }

	made := w.send(t, "POST", w.appPath("subscriptions"), fmt.Sprintf(`{"customerId": %q, "plan": "business", "name": "Shop"}`, user), w.admin()).json(t)
	id := made["id"].(string)
	subscription := fmt.Sprintf(`{"id": %q, "customerId": %q, "plan": "business", "name": "Shop", "status": "active", "billing": "individual", "monthlyPrice": 100,
		"currentPeriodStart": "2026-03-01T12:00:20Z", "currentPeriodEnd": "2026-04-01T12:00:20Z", "createdAt": "2026-03-01T12:00:20Z", "paymentMethod": "valid"}`, id, user)
	w.want(t, 200, subscription, "GET", w.appPath("subscriptions/"+id), "", w.admin())
	w.want(t, 200, `{"data": [`+subscription+`], "pagination": {"hasMore": false}}`, "GET", w.appPath("subscriptions?customerId="+user), "", w.admin())

	w.advance(32 * day) // one renewal; the first commission is ready
	invoices := w.rows(t, account+"invoices", session())
	require.Equal(t, []any{"INV-000002", "INV-000001"}, column(invoices, "number"))
	first := invoices[1].(map[string]any)
	invoice := fmt.Sprintf(`{"id": %q, "number": "INV-000001", "customerId": %q, "userEmail": "lee@example.com", "subscriptionId": %q, "plan": "business",
		"billing": "individual", "description": "Business, 2026-03-01 to 2026-04-01", "amount": 100, "refunded": 0, "status": "paid",
		"periodStart": "2026-03-01T12:00:20Z", "periodEnd": "2026-04-01T12:00:20Z", "createdAt": "2026-03-01T12:00:20Z", "paidAt": "2026-03-01T12:00:20Z"}`, first["id"], user, id)
	w.want(t, 200, invoice, "GET", account+"invoices/"+first["id"].(string), "", session())
	assert.Equal(t, invoices, w.rows(t, account+"invoices?userId="+user, session()))
	assert.Len(t, w.rows(t, w.appPath("invoices?subscriptionId="+id+"&customerId="+user+"&limit=1"), w.admin()), 1)

	commissions := w.rows(t, account+"commissions?status=ready&plan=business&userId="+user, session())
	require.Len(t, commissions, 1)
	assert.Equal(t, map[string]any{
		"id": commissions[0].(map[string]any)["id"], "userId": user, "userEmail": "lee@example.com", "subscriptionId": id, "invoiceId": first["id"], "plan": "business",
		"payment": 100.0, "rate": 20.0, "amount": 20.0, "status": "ready", "createdAt": "2026-03-01T12:00:20Z", "readyAt": "2026-03-31T12:00:20Z",
	}, commissions[0])
	w.want(t, 200, `{"monthlyValue": 20, "monthlyReferralValue": 100, "inReview": 20, "ready": 20, "debt": 0, "inPayout": 0, "paid": 0, "totalEarned": 40,
		"subscriptions": {"free": 0, "pro": 0, "business": 1, "enterprise": 0}}`, "GET", account+"commissions/summary", "", session())
	w.want(t, 200, fmt.Sprintf(`{"data": [{"subscriptionId": %q, "name": "Shop", "userId": %q, "userEmail": "lee@example.com", "plan": "business", "status": "active", "billing": "individual",
		"monthlyPrice": 100, "commissionRate": 20, "monthlyCommission": 20, "earned": 40}], "pagination": {"hasMore": false}}`, id, user),
		"GET", account+"commissions/subscriptions", "", session())

	short := w.refused(t, 422, "POST", account+"payouts", `{}`, session())
	assert.Equal(t, []string{"20.00 is ready; 50.00 is the least that is paid out; 30.00 is missing"}, short)
	w.send(t, "PATCH", w.path("settings"), `{"minPayoutAmount": 20}`, w.admin())
	requested := w.send(t, "POST", account+"payouts", `{}`, session())
	require.Equal(t, 201, requested.status, requested.body)
	payoutID := requested.json(t)["id"].(string)
	pending := fmt.Sprintf(`{"id": %q, "amount": 20, "status": "pending", "automatic": false, "requestedAt": "2026-04-02T12:00:20Z", "commissions": 1}`, payoutID)
	w.want(t, 200, pending, "GET", account+"payouts/"+payoutID, "", session())
	w.want(t, 200, `{"data": [`+pending+`], "pagination": {"hasMore": false}}`, "GET", account+"payouts?status=pending", "", session())
	assert.Equal(t, []any{payoutID}, column(w.rows(t, account+"commissions?payoutId="+payoutID, session()), "payoutId"))
	step := func(body string) reply {
		return w.send(t, "POST", w.path("payouts/"+payoutID+"/status"), body, w.admin())
	}
	require.Equal(t, 200, step(`{"status": "processing"}`).status)
	paid := step(`{"status": "paid"}`)
	assert.JSONEq(t, fmt.Sprintf(`{"id": %q, "amount": 20, "status": "paid", "automatic": false, "requestedAt": "2026-04-02T12:00:20Z", "processingAt": "2026-04-02T12:00:20Z",
		"paidAt": "2026-04-02T12:00:20Z", "commissions": 1, "affiliateId": %q, "affiliateCode": "JANE20"}`, payoutID, jane.ID), paid.body)
	assert.Equal(t, []any{"JANE20"}, column(w.rows(t, w.path("payouts?status=paid"), w.admin()), "affiliateCode"))

	refunded := w.send(t, "POST", w.appPath("invoices/"+first["id"].(string)+"/refunds"), `{"amount": 50}`, w.admin())
	require.Equal(t, 201, refunded.status, refunded.body)
	assert.Equal(t, "partially_refunded", refunded.json(t)["invoice"].(map[string]any)["status"])
	refund := refunded.json(t)["refund"].(map[string]any)
	assert.Equal(t, []any{refund}, w.rows(t, w.appPath("invoices/"+first["id"].(string)+"/refunds"), w.admin()))
	receipt := w.send(t, "GET", account+"invoices/"+first["id"].(string)+"/receipt", "", session()).json(t)
	assert.Equal(t, []any{refund}, receipt["refunds"])
	assert.Equal(t, []any{map[string]any{"description": "Business, 2026-03-01 to 2026-04-01", "amount": 100.0}}, receipt["lines"])
	assert.Equal(t, map[string]any{"id": user, "email": "lee@example.com", "name": "Lee"}, receipt["customer"])
	assert.Equal(t, "INV-000001", receipt["number"])
	assert.Equal(t, 50.0, receipt["total"])

	statement := w.rows(t, account+"statement?limit=100", session())
	assert.Equal(t, []any{"clawback", "payout_paid", "payout_requested", "commission", "matured", "commission"}, column(statement, "kind"))
	assert.Equal(t, map[string]any{
		"id": jane.ID + "-6", "sequence": 6.0, "kind": "clawback", "amount": 10.0, "from": "ready", "to": "outside", "createdAt": "2026-04-02T12:00:20Z",
		"cause":    map[string]any{"type": "refund", "id": refund["id"]},
		"balances": map[string]any{"earned": 30.0, "inReview": 20.0, "ready": 0.0, "debt": 10.0, "inPayout": 0.0, "paid": 20.0},
	}, statement[0])
	assert.Equal(t, 20.0, w.send(t, "GET", "/v1/affiliate", "", session()).json(t)["commissionRate"])
	assert.Equal(t, 10.0, w.send(t, "GET", "/v1/affiliate", "", session()).json(t)["pendingBalance"])

	w.want(t, 200, `{"interval": "off"}`, "GET", account+"payouts/schedule", "", session())
	w.want(t, 200, `{"interval": "weekly", "nextAt": "2026-04-06T00:00:00Z"}`, "PATCH", account+"payouts/schedule", `{"interval": "weekly"}`, session())
	w.want(t, 200, `{"interval": "weekly", "nextAt": "2026-04-06T00:00:00Z"}`, "GET", account+"payouts/schedule", "", session())
}

func TestAPaymentThatFailedIsPaidLater(t *testing.T) {
	w := newWorld(t)
	jane := w.partner(t, "jane@acme.com", "JANE20")
	user := w.customer(t, program.CustomerParams{Email: "lee@example.com", ReferralCode: "JANE20"})
	w.create(t, "subscriptions", fmt.Sprintf(`{"customerId": %q, "plan": "pro", "paymentMethod": "declined"}`, user))
	failed := w.rows(t, w.appPath("invoices"), w.admin())[0].(map[string]any)
	assert.Equal(t, "failed", failed["status"])
	assert.NotContains(t, failed, "paidAt")
	w.advance(time.Hour)
	paid := w.send(t, "POST", w.appPath("invoices/"+failed["id"].(string)+"/pay"), `{}`, w.admin())
	require.Equal(t, 200, paid.status, paid.body)
	assert.Equal(t, "paid", paid.json(t)["status"])
	assert.Equal(t, "2026-03-01T13:00:20Z", paid.json(t)["paidAt"])
	earned := w.rows(t, account+"commissions", w.session(jane.CustomerID))
	assert.Equal(t, []any{"2026-03-01T13:00:20Z"}, column(earned, "createdAt"), "the commission is of the moment of the payment")
}
