package program

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

func (r reader) subscription(s *Subscription) error {
	r.since(&s.CreatedAt)
	s.CanceledAt, s.PausedAt = s.CanceledAt.UTC(), s.PausedAt.UTC()
	s.Status = cmp.Or(s.Status, SubscriptionActive)
	s.Billing = cmp.Or(s.Billing, Individual)
	s.PaymentMethod = cmp.Or(s.PaymentMethod, ValidMethod)
	if s.Status == SubscriptionCanceled {
		r.since(&s.CanceledAt)
	}
	if s.Months <= 0 {
		for s.Months = 1; s.renews() && !s.CurrentPeriodEnd().After(r.now); s.Months++ {
		}
	}
	owner, _ := r.state.customers.get(s.CustomerID)
	s.AffiliateID = owner.AffiliateID
	return errors.Join(
		s.checkMonths(),
		unknown("customerId", s.CustomerID, r.state.customers.book),
		oneOf("status", s.Status, subscriptionStatuses()...),
		invalid(SubscriptionParams{s.CustomerID, s.Plan, s.Billing, s.Name, s.PaymentMethod}.Problems()),
	)
}

// checkMonths returns an error unless the end of the period can be written.
func (s Subscription) checkMonths() error {
	const most = 9999 * 12
	if s.Months < 0 || s.Months > most || !writable(s.CurrentPeriodEnd()) {
		return errors.New("months: it must not be below 0, and so many months after createdAt must be of a year up to 9999")
	}
	return nil
}

func (r reader) invoice(i *Invoice) error {
	r.since(&i.CreatedAt)
	i.PeriodStart, i.PeriodEnd = i.PeriodStart.UTC(), i.PeriodEnd.UTC()
	i.Status = cmp.Or(i.Status, InvoicePaid)
	i.Billing = cmp.Or(i.Billing, Individual)
	if i.Status != InvoiceFailed {
		i.PaidAt = cmp.Or(i.PaidAt.UTC(), i.CreatedAt)
	}
	number := r.state.invoices.len() + 1
	if i.Number = cmp.Or(i.Number, number); i.Number != number {
		return fmt.Errorf("number: it must be %d, since invoices are numbered in their order", number)
	}
	if i.SubscriptionID != "" {
		subscription, known := r.state.subscriptions.get(i.SubscriptionID)
		if !known || subscription.CustomerID != i.CustomerID {
			return fmt.Errorf("subscriptionId: the customer %q has no subscription %q", i.CustomerID, i.SubscriptionID)
		}
	}
	if (i.Plan != "" || i.SubscriptionID != "") && !i.Plan.known() {
		return fmt.Errorf("plan: there is no %q", i.Plan)
	}
	var wrong problems
	wrong.amount(i.Amount)
	wrong.billing(i.Billing)
	wrong.atMost("description", i.Description, maxDescription)
	return errors.Join(
		unknown("customerId", i.CustomerID, r.state.customers.book),
		oneOf("status", i.Status, InvoicePaid, InvoicePartiallyRefunded, InvoiceRefunded, InvoiceFailed),
		invalid(wrong),
	)
}

func (r reader) refund(f *Refund) error {
	r.since(&f.CreatedAt)
	if f.Amount <= 0 || f.Amount > maxPayment {
		return errors.New("amount: it must be above zero, and at most what can be paid")
	}
	return unknown("invoiceId", f.InvoiceID, r.state.invoices.book)
}

// refunded checks the refunded amounts of invoices.
func (r reader) refunded() error {
	for _, invoice := range r.state.invoices.rows {
		sum := Cents(0)
		for _, refund := range r.state.refunds.of(invoice.ID) {
			if sum += refund.Amount; sum > invoice.Amount {
				break
			}
		}
		status := refundedStatus(*invoice)
		if invoice.Status == InvoiceFailed && sum == 0 {
			status = InvoiceFailed
		}
		if invoice.Refunded != sum || sum > invoice.Amount || invoice.Status != status {
			return fmt.Errorf("invoices: %q: its refunds add up to %s, but it has %s and the status %q", invoice.ID, sum.text(), invoice.Refunded.text(), invoice.Status)
		}
	}
	return nil
}

func (r reader) commission(c *Commission) error {
	r.since(&c.CreatedAt)
	c.State = cmp.Or(c.State, CommissionInReview)
	c.ReadyAt = c.ReadyAt.UTC()
	if newer := len(r.state.commissions.rows); newer > 0 && r.state.commissions.rows[newer-1].CreatedAt.After(c.CreatedAt) {
		return errors.New("createdAt: commissions must come oldest first")
	}
	if err := cmp.Or(past("createdAt", c.CreatedAt), c.matured()); err != nil {
		return err
	}
	if c.Batch < 0 || c.Batch > r.state.payouts.count(c.AffiliateID) {
		return errors.New("batch: it must not be above the number of the partner's payouts")
	}
	if c.Batch != 0 && !c.inBatch() {
		return fmt.Errorf("batch: a commission with the state %q has none", c.State)
	}
	if c.Payment <= 0 || c.Payment > maxPayment {
		return fmt.Errorf("payment: it must be above zero, and at most %s", maxPayment.text())
	}
	if c.Rate < 0 || c.Rate > wholeRate {
		return errors.New("rate: it must be 0 to 100")
	}
	wrong := r.ofInvoice(c) // which completes it
	return errors.Join(
		wrong,
		unknown("affiliateId", c.AffiliateID, r.state.partners.book),
		unknown("customerId", c.CustomerID, r.state.customers.book),
		r.commissionState(*c),
	)
}

// matured checks when a commission became ready, which is a time of the past only then.
func (c Commission) matured() error {
	if c.State != CommissionReady {
		return nil
	}
	return past("readyAt", c.ReadyAt)
}

// commissionState checks what depends on the state of a commission.
func (r reader) commissionState(c Commission) error {
	switch c.State {
	case CommissionInReview, CommissionReady:
		if c.Amount <= 0 {
			return errors.New("amount: it must be above zero")
		}
		return cmp.Or(required("readyAt", c.ReadyAt), r.share(c))
	case CommissionVoided:
		if c.Amount != 0 {
			return errors.New("amount: it must be zero")
		}
		if !c.ReadyAt.IsZero() {
			return errors.New("readyAt: a commission that is void never becomes ready")
		}
		return r.share(c)
	case CommissionClawback:
		if c.Amount >= 0 {
			return errors.New("amount: it must be below zero")
		}
		return r.clawback(c)
	}
	return oneOf("state", c.State, CommissionInReview, CommissionReady, CommissionVoided, CommissionClawback)
}

// payoutSchedules completes when partners are paid out next.
func (r reader) payoutSchedules() error {
	for _, row := range r.state.partners.rows {
		partner := *row
		if err := oneOf("payoutInterval", cmp.Or(partner.PayoutInterval, PayoutsOff), PayoutsOff, PayoutsWeekly, PayoutsMonthly); err != nil {
			return fmt.Errorf("partners: %q: %w", partner.ID, err)
		}
		if partner.PayoutAt.IsZero() {
			partner.PayoutAt = partner.PayoutInterval.next(r.now)
		}
		partner.PayoutAt = partner.PayoutAt.UTC()
		if err := partner.payoutSchedule().check(); err != nil {
			return fmt.Errorf("partners: %q: %w", partner.ID, err)
		}
		r.state.partners.put(partner)
	}
	return nil
}

// check returns an error unless the next run is one of the interval.
func (p PayoutSchedule) check() error {
	switch {
	case p.NextAt.Equal(p.Interval.next(p.NextAt.Add(-1))):
		return nil
	case p.Interval == PayoutsOff:
		return fmt.Errorf("payoutAt: a partner with the payoutInterval %q has none", p.Interval)
	}
	return fmt.Errorf("payoutAt: it must be when a payout with the payoutInterval %q runs; leave it out for the next time", p.Interval)
}

// entriesOfRecords derives the entries from the records. Entries of the same time are in the order of
// their causes.
func (s *state) entriesOfRecords() []Entry {
	var entries []Entry
	for _, c := range s.commissions.rows {
		entries = append(entries, s.entriesOf(*c)...)
	}
	for _, payout := range s.payouts.rows {
		entries = append(entries, payout.entry(EntryPayoutRequested, payout.RequestedAt))
		switch payout.Status {
		case PayoutPaid:
			entries = append(entries, payout.entry(EntryPayoutPaid, payout.PaidAt))
		case PayoutFailed:
			entries = append(entries, payout.entry(EntryPayoutFailed, payout.FailedAt))
		}
	}
	slices.SortStableFunc(entries, func(a, b Entry) int { return a.At.Compare(b.At) })
	return entries
}

// entriesOf returns the entries of a commission or a clawback.
func (s *state) entriesOf(c Commission) []Entry {
	if c.State == CommissionClawback {
		return []Entry{c.entry(EntryClawback, -c.Amount, c.RefundID, c.CreatedAt)}
	}
	reductions := s.reductionsOf(c)
	earned := c.Amount
	for _, reduction := range reductions {
		earned += reduction.Amount
	}
	entries := append([]Entry{c.entry(EntryCommission, earned, c.InvoiceID, c.CreatedAt)}, reductions...)
	if c.State == CommissionReady {
		entries = append(entries, c.entry(EntryMatured, c.Amount, c.ID, c.ReadyAt))
	}
	return entries
}

// reductionsOf returns the entries of the refunds that came while a commission was in review.
func (s *state) reductionsOf(c Commission) []Entry {
	var entries []Entry
	inReview, _ := s.refundsOf(c)
	for i, less := range costs(c.Payment, c.Rate, inReview) {
		if less > 0 {
			entries = append(entries, c.entry(EntryReduction, less, inReview[i].ID, inReview[i].CreatedAt))
		}
	}
	return entries
}
