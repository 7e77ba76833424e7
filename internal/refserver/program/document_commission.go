package program

import (
	"cmp"
	"errors"
	"fmt"
)

// ofInvoice completes a commission or a clawback, and checks it against the invoice that it names.
func (r reader) ofInvoice(c *Commission) error {
	invoice, known := r.state.invoices.get(c.InvoiceID)
	if !known {
		return unknown("invoiceId", c.InvoiceID, r.state.invoices.book)
	}
	c.SubscriptionID = cmp.Or(c.SubscriptionID, invoice.SubscriptionID)
	c.Plan = cmp.Or(c.Plan, invoice.Plan)
	if invoice.Status == InvoiceFailed || invoice.Billing != Individual {
		return fmt.Errorf("invoiceId: the invoice %q earns nothing: it is not paid, or billed consolidated", invoice.ID)
	}
	if c.Payment != invoice.Amount {
		return fmt.Errorf("payment: it must be %s, that of the invoice %q", invoice.Amount.text(), invoice.ID)
	}
	return errors.Join(
		sameAs("customerId", c.CustomerID, invoice.CustomerID),
		sameAs("affiliateId", c.AffiliateID, r.state.customers.affiliateOf(invoice.CustomerID)),
		sameAs("subscriptionId", c.SubscriptionID, invoice.SubscriptionID),
		sameAs("plan", c.Plan, invoice.Plan),
	)
}

func sameAs[T ~string](field string, value, ofInvoice T) error {
	if value == ofInvoice {
		return nil
	}
	return fmt.Errorf("%s: it must be %q, which follows from the invoice", field, ofInvoice)
}

// refundsOf returns the refunds of the invoice of a commission: those that came while it was in review,
// and those that came later.
func (s *state) refundsOf(c Commission) (inReview, later []Refund) {
	all := s.refunds.of(c.InvoiceID)
	for i, refund := range all {
		if !c.ReadyAt.IsZero() && !refund.CreatedAt.Before(c.ReadyAt) {
			return all[:i], all[i:]
		}
	}
	return all, nil
}

// costs returns what each refund in turn costs a commission. left is what was left of the payment before
// the first.
func costs(left Cents, rate BasisPoints, refunds []Refund) []Cents {
	costs := make([]Cents, len(refunds))
	for i, refund := range refunds {
		costs[i] = shareOf(left, rate) - shareOf(left-refund.Amount, rate)
		left -= refund.Amount
	}
	return costs
}

// laterCosts returns the refunds that came after the review of a commission, and what each costs.
func (s *state) laterCosts(c Commission) ([]Refund, []Cents) {
	inReview, later := s.refundsOf(c)
	return later, costs(c.Payment-sumOf(inReview), c.Rate, later)
}

func sumOf(refunds []Refund) Cents {
	sum := Cents(0)
	for _, refund := range refunds {
		sum += refund.Amount
	}
	return sum
}

// share checks the amount of a commission, of which refunds in review have left a share.
func (r reader) share(c Commission) error {
	inReview, later := r.state.refundsOf(c)
	if c.State == CommissionInReview && len(later) > 0 {
		return fmt.Errorf("readyAt: the refund %q came after it, while the commission was in review", later[0].ID)
	}
	if share := shareOf(c.Payment-sumOf(inReview), c.Rate); c.Amount != share || shareOf(c.Payment, c.Rate) == 0 {
		return fmt.Errorf("amount: it must be %s, the rate's share of the payment minus refunds in review, and the share of the whole payment must be above zero", share.text())
	}
	return nil
}

// clawback checks a clawback against the commission that it reverses, and the refund that it is for.
func (r reader) clawback(c Commission) error {
	reversed, known := r.state.commissions.get(c.Reverses)
	if !known || reversed.State != CommissionReady || reversed.InvoiceID != c.InvoiceID {
		return fmt.Errorf("reverses: %q is not a commission of the invoice that is past its review", c.Reverses)
	}
	if c.Rate != reversed.Rate {
		return fmt.Errorf("rate: it must be that of %q", c.Reverses)
	}
	refunds, costs := r.state.laterCosts(reversed)
	for i, refund := range refunds {
		if refund.ID != c.RefundID {
			continue
		}
		if c.Amount != -costs[i] {
			return fmt.Errorf("amount: it must be %s, the opposite of what the refund costs", (-costs[i]).text())
		}
		return nil
	}
	return fmt.Errorf("refundId: %q is not a refund of the payment after the review", c.RefundID)
}

// clawedBack checks that what refunds cost after the review was taken back.
func (r reader) clawedBack() error {
	for _, c := range r.state.commissions.rows {
		if c.State != CommissionReady {
			continue
		}
		refunds, costs := r.state.laterCosts(*c)
		for i, refund := range refunds {
			if costs[i] > 0 && !r.state.commissions.byRefund.has(refund.ID) {
				return fmt.Errorf("commissions: %q: there is no clawback for the refund %q", c.ID, refund.ID)
			}
		}
	}
	return nil
}
