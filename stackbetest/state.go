package stackbetest

import (
	"encoding/json"

	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// Application returns the application from an email. If there is none, the test fails.
func (a App) Application(email string) affiliates.Application {
	a.server.t.Helper()
	found, applied, err := a.program.ApplicationOf(email)
	if err != nil {
		a.server.t.Fatalf("stackbetest: Application: %v", err)
	}
	if !applied {
		a.server.t.Fatalf("stackbetest: Application: no one has applied with the email %q", email)
	}
	return affiliates.Application{
		ID:              found.ID,
		Email:           found.Email,
		Name:            found.Name,
		Company:         found.Company,
		Website:         found.Website,
		Reason:          found.Reason,
		Status:          affiliates.ApplicationStatus(found.Status),
		RejectionReason: found.RejectionReason,
		AffiliateID:     found.AffiliateID,
		CreatedAt:       found.CreatedAt,
		ReviewedAt:      found.ReviewedAt,
	}
}

// Affiliate returns the partner with a referral code or an email. If there is none, the test fails.
func (a App) Affiliate(code string) affiliates.Affiliate {
	a.server.t.Helper()
	found, err := a.program.FindPartner(code)
	if err != nil {
		a.server.t.Fatalf("stackbetest: Affiliate: no partner has the code or email %q", code)
	}
	return affiliates.Affiliate{
		Enrolled:       true,
		ID:             found.ID,
		CustomerID:     found.CustomerID,
		Code:           found.Code,
		Type:           affiliates.AffiliateTypePartner,
		Status:         affiliates.AffiliateActive,
		CommissionRate: percent(found.CommissionRate),
		TotalEarned:    money(found.TotalEarned),
		PendingBalance: money(found.PendingBalance),
		CreatedAt:      found.CreatedAt,
	}
}

// Invoices returns the invoices of a customer, oldest first: none if the id is unknown.
func (a App) Invoices(customerID string) []affiliates.Invoice {
	a.server.t.Helper()
	all, err := a.program.Invoices(program.InvoiceQuery{CustomerID: customerID, PageQuery: program.PageQuery{Limit: everything}})
	if err != nil {
		a.server.t.Fatalf("stackbetest: Invoices(%q): %v", customerID, err)
	}
	invoices := make([]affiliates.Invoice, len(all.Rows))
	for i, invoice := range all.Rows {
		invoices[len(invoices)-1-i] = toInvoice(invoice)
	}
	return invoices
}

// Statement returns every change of a partner's balances, oldest first. An unknown id fails the test.
func (a App) Statement(affiliateID string) []affiliates.Entry {
	a.server.t.Helper()
	partner, err := a.program.Partner(affiliateID)
	if err != nil {
		a.server.t.Fatalf("stackbetest: Statement(%q): %v", affiliateID, err)
	}
	all, err := a.program.Statement(partner.CustomerID, program.PageQuery{Limit: everything})
	if err != nil {
		a.server.t.Fatalf("stackbetest: Statement(%q): %v", affiliateID, err)
	}
	entries := make([]affiliates.Entry, len(all.Rows))
	for i, line := range all.Rows {
		entries[len(entries)-1-i] = toEntry(line)
	}
	return entries
}

// everything is a page that is longer than any list.
const everything = 1 << 30

func toEntry(line program.StatementLine) affiliates.Entry {
	return affiliates.Entry{
		ID:        line.ID,
		Sequence:  line.Sequence,
		Kind:      affiliates.EntryKind(line.Kind),
		Amount:    money(line.Amount),
		From:      affiliates.Place(line.From),
		To:        affiliates.Place(line.To),
		Cause:     affiliates.Cause{Type: affiliates.CauseType(line.CauseType), ID: line.Cause},
		CreatedAt: line.At,
		Balances: affiliates.Balances{
			Earned:   money(line.Balances.Earned),
			InReview: money(line.Balances.InReview),
			Ready:    money(line.Balances.Ready),
			Debt:     money(line.Balances.Debt),
			InPayout: money(line.Balances.InPayout),
			Paid:     money(line.Balances.Paid),
		},
	}
}

func toSubscription(made program.PricedSubscription) affiliates.Subscription {
	return affiliates.Subscription{
		ID:                 made.ID,
		CustomerID:         made.CustomerID,
		Plan:               affiliates.Plan(made.Plan),
		Name:               made.Name,
		Status:             affiliates.SubscriptionStatus(made.Status),
		Billing:            affiliates.Billing(made.Billing),
		MonthlyPrice:       money(made.MonthlyPrice),
		CurrentPeriodStart: made.CurrentPeriodStart(),
		CurrentPeriodEnd:   made.CurrentPeriodEnd(),
		CreatedAt:          made.CreatedAt,
		CanceledAt:         made.CanceledAt,
		PausedAt:           made.PausedAt,
		PaymentMethod:      affiliates.PaymentMethod(made.PaymentMethod),
	}
}

func toInvoice(made program.Invoice) affiliates.Invoice {
	return affiliates.Invoice{
		ID:             made.ID,
		Number:         made.Label(),
		CustomerID:     made.CustomerID,
		SubscriptionID: made.SubscriptionID,
		Plan:           affiliates.Plan(made.Plan),
		Billing:        affiliates.Billing(made.Billing),
		Description:    made.Text(),
		Amount:         money(made.Amount),
		Refunded:       money(made.Refunded),
		Status:         affiliates.InvoiceStatus(made.Status),
		PeriodStart:    made.PeriodStart,
		PeriodEnd:      made.PeriodEnd,
		CreatedAt:      made.CreatedAt,
		PaidAt:         made.PaidAt,
	}
}

func toRefund(made program.Refund) affiliates.Refund {
	return affiliates.Refund{
		ID:        made.ID,
		InvoiceID: made.InvoiceID,
		Amount:    money(made.Amount),
		CreatedAt: made.CreatedAt,
	}
}

// money and percent read what the server writes, so that a view is equal to a response.

func money(cents program.Cents) (shown affiliates.Money) {
	text, _ := json.Marshal(cents) // a number always encodes
	_ = json.Unmarshal(text, &shown)
	return shown
}

func percent(rate program.BasisPoints) (shown affiliates.Percent) {
	text, _ := json.Marshal(rate)
	_ = json.Unmarshal(text, &shown)
	return shown
}
