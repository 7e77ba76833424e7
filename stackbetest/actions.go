package stackbetest

import (
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// CustomerParams describes a sign-up. Email is required.
type CustomerParams struct {
	Email string
	Name  string
	// ReferralCode and ClickID say where the customer comes from. If they are unknown or
	// expired, the customer has no partner.
	ReferralCode string
	ClickID      string
}

// CreateCustomer signs a customer up, and attributes it to a partner as docs/contract.md says.
// An invalid email, or the email of an existing customer, fails the test.
func (a App) CreateCustomer(params CustomerParams) (customerID string) {
	a.server.t.Helper()
	customer, err := a.program.CreateCustomer(program.CustomerParams(params))
	if err != nil {
		a.server.t.Fatalf("stackbetest: CreateCustomer: %v", err)
	}
	return customer.ID
}

// Subscribe subscribes a customer to a plan, which it pays for itself: at once, and each month. An
// unknown customer or plan fails the test. [affiliates.AdminSubscriptions] has what else a
// subscription can be.
func (a App) Subscribe(customerID string, plan affiliates.Plan) affiliates.Subscription {
	a.server.t.Helper()
	made, err := a.program.Subscribe(program.SubscriptionParams{CustomerID: customerID, Plan: program.PlanID(plan)})
	if err != nil {
		a.server.t.Fatalf("stackbetest: Subscribe(%q, %q): %v", customerID, plan, err)
	}
	return toSubscription(made)
}

// RecordPayment books a payment of a customer as a paid invoice without a subscription, which
// earns the customer's partner a commission. An unknown customer fails the test, and so does an
// amount that is not above zero, has fractions of a cent, or is above 100,000,000,000.00.
func (a App) RecordPayment(customerID string, amount affiliates.Money) {
	a.server.t.Helper()
	if _, err := a.program.RecordPayment(customerID, a.cents("RecordPayment", amount)); err != nil {
		a.server.t.Fatalf("stackbetest: RecordPayment(%q): %v", customerID, err)
	}
}

// PayInvoice pays an invoice whose payment has failed, which earns a commission now. An unknown or
// paid invoice fails the test.
func (a App) PayInvoice(invoiceID string) affiliates.Invoice {
	a.server.t.Helper()
	paid, err := a.program.PayInvoice(invoiceID)
	if err != nil {
		a.server.t.Fatalf("stackbetest: PayInvoice(%q): %v", invoiceID, err)
	}
	return toInvoice(paid)
}

// Refund refunds an amount of a payment, or what is left of it if the amount is zero. An unknown
// invoice fails the test, and so does more than is left.
func (a App) Refund(invoiceID string, amount affiliates.Money) affiliates.Refund {
	a.server.t.Helper()
	var part *program.Cents
	if !amount.IsZero() {
		cents := a.cents("Refund", amount)
		part = &cents
	}
	made, err := a.program.RefundInvoice(invoiceID, part)
	if err != nil {
		a.server.t.Fatalf("stackbetest: Refund(%q): %v", invoiceID, err)
	}
	return toRefund(made.Refund)
}

func (a App) cents(method string, amount affiliates.Money) program.Cents {
	a.server.t.Helper()
	cents, ok := amount.Cents()
	if !ok {
		a.server.t.Fatalf("stackbetest: %s: %s is not a whole number of cents in range", method, amount)
	}
	return program.Cents(cents)
}

// GrantAccess lets a user grant its partner the access that was requested with
// [affiliates.AccountUsers.RequestAccess]. If none was requested, the test fails.
func (a App) GrantAccess(userID string) {
	a.server.t.Helper()
	requested, err := a.program.Accesses(userID, program.AccessQuery{Status: program.AccessRequested, PageQuery: program.PageQuery{Limit: 1}})
	if err != nil {
		a.server.t.Fatalf("stackbetest: GrantAccess(%q): %v", userID, err)
	}
	if len(requested.Rows) == 0 {
		a.server.t.Fatalf("stackbetest: GrantAccess: no access to the user %q is requested", userID)
	}
	if _, err := a.program.DecideAccess(userID, requested.Rows[0].ID, program.GrantAccess); err != nil {
		a.server.t.Fatalf("stackbetest: GrantAccess(%q): %v", userID, err)
	}
}
