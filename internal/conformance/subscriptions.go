package conformance

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

var subscriptionCases = []testCase{
	{"a subscription begins with an invoice of its plan's price", contract, needAdmin | needKey | needChange | alone, aSubscriptionBegins},
	{"a free plan has no invoice", contract, needAdmin | needKey, aFreePlanHasNoInvoice},
	{"a subscription renews on its day of each month", contract, needAdmin | needKey | needControl | alone, renewals},
	{"a paused subscription misses its renewals", contract, needAdmin | needKey | needControl | alone, pausedRenewals},
	{"a change of plan is shown at once, and charged from the next renewal on", contract, needAdmin | needKey | needControl | alone, aChangeOfPlan},
	{"a canceled subscription is final", contract, needAdmin | needKey, canceledIsFinal},
	{"an empty change changes nothing", contract, needAdmin | needKey, anEmptyChangeOfASubscription},
	{"an invalid subscription or change is refused", contract, needAdmin | needKey, invalidSubscriptions},
	{"an unknown customer subscribes to nothing", contract, needAdmin | needKey, anUnknownSubscriber},
}

func aSubscriptionBegins(t *testing.T, s *suite) {
	s.terms(t, 30)
	customer := s.newCustomer(t)
	params := affiliates.CreateSubscriptionParams{CustomerID: customer.id, Plan: affiliates.PlanBusiness, Name: "Production", Billing: affiliates.BillingConsolidated}
	subscription := s.subscribeWith(t, params)
	assert.Equal(t, customer.id, subscription.CustomerID)
	assert.Equal(t, affiliates.PlanBusiness, subscription.Plan)
	assert.Equal(t, "Production", subscription.Name)
	assert.Equal(t, affiliates.SubscriptionActive, subscription.Status)
	assert.Equal(t, affiliates.BillingConsolidated, subscription.Billing)
	assert.Equal(t, affiliates.PaymentMethodValid, subscription.PaymentMethod)
	assert.EqualValues(t, 100_00, cents(subscription.MonthlyPrice))
	assert.Equal(t, monthAfter(subscription.CreatedAt, 1), subscription.CurrentPeriodEnd)

	invoices := s.invoicesOf(t, subscription.ID)
	require.Len(t, invoices, 1)
	assert.EqualValues(t, 100_00, cents(invoices[0].Amount))
	assert.Equal(t, affiliates.InvoicePaid, invoices[0].Status)
	assert.Equal(t, subscription.CurrentPeriodStart, invoices[0].PeriodStart)
	assert.Equal(t, subscription.CurrentPeriodEnd, invoices[0].PeriodEnd)
	assert.Equal(t, affiliates.BillingConsolidated, invoices[0].Billing)

	got, err := s.admin.Admin.Subscriptions.Get(t.Context(), subscription.ID)
	require.NoError(t, err)
	assert.JSONEq(t, string(subscription.Raw), string(got.Raw))
}

// monthAfter is the same day n months later, or the last of a month that has none.
func monthAfter(start time.Time, n int) time.Time {
	start = start.UTC()
	first := time.Date(start.Year(), start.Month()+time.Month(n), 1, start.Hour(), start.Minute(), start.Second(), start.Nanosecond(), time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(start.Day(), last)-1)
}

func aFreePlanHasNoInvoice(t *testing.T, s *suite) {
	subscription := s.subscribe(t, s.newCustomer(t).id, affiliates.PlanFree)
	assert.Empty(t, s.invoicesOf(t, subscription.ID))
}

func renewals(t *testing.T, s *suite) {
	s.terms(t, 30)
	subscription := s.subscribe(t, s.newCustomer(t).id, affiliates.PlanPro)
	s.target.Control.Advance(400 * day)
	invoices := s.invoicesOf(t, subscription.ID)
	require.Greater(t, len(invoices), 12)
	for i, invoice := range invoices {
		month := len(invoices) - 1 - i
		assert.Equal(t, monthAfter(subscription.CreatedAt, month), invoice.CreatedAt.UTC())
		assert.Equal(t, invoice.CreatedAt, invoice.PeriodStart)
		assert.Equal(t, monthAfter(subscription.CreatedAt, month+1), invoice.PeriodEnd.UTC())
		assert.EqualValues(t, 20_00, cents(invoice.Amount))
	}
}

func pausedRenewals(t *testing.T, s *suite) {
	s.terms(t, 30)
	subscription := s.subscribe(t, s.newCustomer(t).id, affiliates.PlanPro)
	atRest := s.update(t, subscription.ID, paused(true))
	requireUTC(t, atRest.Raw, "pausedAt")
	assert.Equal(t, affiliates.SubscriptionActive, atRest.Status)
	s.target.Control.Advance(70 * day)
	assert.Len(t, s.invoicesOf(t, subscription.ID), 1)

	resumed := s.update(t, subscription.ID, paused(false))
	assert.True(t, resumed.PausedAt.IsZero())
	assert.Len(t, s.invoicesOf(t, subscription.ID), 1, "what was missed is not made up")
	s.target.Control.Advance(31 * day)
	assert.Len(t, s.invoicesOf(t, subscription.ID), 2)
	assert.Equal(t, monthAfter(subscription.CreatedAt, 3), s.invoicesOf(t, subscription.ID)[0].CreatedAt.UTC())
}

func aChangeOfPlan(t *testing.T, s *suite) {
	s.terms(t, 30)
	subscription := s.subscribe(t, s.newCustomer(t).id, affiliates.PlanPro)
	changed := s.update(t, subscription.ID, affiliates.UpdateSubscriptionParams{Plan: affiliates.PlanBusiness, PaymentMethod: affiliates.PaymentMethodDeclined})
	assert.Equal(t, affiliates.PlanBusiness, changed.Plan)
	assert.EqualValues(t, 100_00, cents(changed.MonthlyPrice))
	assert.Len(t, s.invoicesOf(t, subscription.ID), 1)

	s.target.Control.Advance(31 * day)
	invoices := s.invoicesOf(t, subscription.ID)
	require.Len(t, invoices, 2)
	assert.EqualValues(t, 100_00, cents(invoices[0].Amount))
	assert.Equal(t, affiliates.PlanBusiness, invoices[0].Plan)
	assert.Equal(t, affiliates.InvoiceFailed, invoices[0].Status)
	assert.True(t, invoices[0].PaidAt.IsZero())
}

func canceledIsFinal(t *testing.T, s *suite) {
	subscription := s.subscribe(t, s.newCustomer(t).id, affiliates.PlanPro)
	canceled := s.update(t, subscription.ID, affiliates.UpdateSubscriptionParams{Status: affiliates.SubscriptionCanceled})
	assert.Equal(t, affiliates.SubscriptionCanceled, canceled.Status)
	requireUTC(t, canceled.Raw, "canceledAt")
	for _, change := range []affiliates.UpdateSubscriptionParams{
		{Status: affiliates.SubscriptionActive}, {Plan: affiliates.PlanPro}, paused(true), {PaymentMethod: affiliates.PaymentMethodDeclined},
	} {
		_, err := s.admin.Admin.Subscriptions.Update(t.Context(), subscription.ID, change)
		s.requireErrorIs(t, err, stackbe.ErrConflict, stackbe.CodeSubscriptionCanceled)
	}
}

func anEmptyChangeOfASubscription(t *testing.T, s *suite) {
	subscription := s.subscribe(t, s.newCustomer(t).id, affiliates.PlanPro)
	changed := s.update(t, subscription.ID, affiliates.UpdateSubscriptionParams{})
	assert.JSONEq(t, string(subscription.Raw), string(changed.Raw))
}

func invalidSubscriptions(t *testing.T, s *suite) {
	customer := s.newCustomer(t)
	app := fill(appPath, s.target.AppID, "") + "/subscriptions"
	token := s.asAdmin(s.target.AdminToken)
	create := func(name string, value any) response {
		body := map[string]any{"customerId": customer.id, "plan": "pro"}
		body[name] = value
		return s.send(t, request{method: http.MethodPost, path: app, credential: token, body: encode(t, body)})
	}
	s.requireProblems(t, stackbe.CodeMissingRequiredField, create("customerId", ""), "customerId")
	s.requireProblems(t, stackbe.CodeMissingRequiredField, create("plan", ""), "plan")
	for name, value := range map[string]any{"plan": "gold", "billing": "monthly", "paymentMethod": "card", "name": strings.Repeat("n", 201)} {
		s.requireProblems(t, stackbe.CodeValidationError, create(name, value), name)
	}
	path := app + "/" + s.subscribe(t, customer.id, affiliates.PlanPro).ID
	for name, value := range map[string]any{"plan": "gold", "billing": "monthly", "paymentMethod": "card", "status": "paused", "paused": "yes"} {
		change := encode(t, map[string]any{name: value})
		got := s.send(t, request{method: http.MethodPatch, path: path, credential: token, body: change})
		s.requireProblems(t, stackbe.CodeValidationError, got, name)
	}
}

func anUnknownSubscriber(t *testing.T, s *suite) {
	_, err := s.admin.Admin.Subscriptions.Create(t.Context(), affiliates.CreateSubscriptionParams{CustomerID: nothingsID, Plan: affiliates.PlanPro})
	s.requireErrorIs(t, err, stackbe.ErrNotFound, stackbe.CodeCustomerNotFound)
	_, err = s.admin.Admin.Invoices.Create(t.Context(), affiliates.CreateInvoiceParams{CustomerID: nothingsID, Amount: affiliates.MoneyFromCents(1)})
	s.requireErrorIs(t, err, stackbe.ErrNotFound, stackbe.CodeCustomerNotFound)
}
