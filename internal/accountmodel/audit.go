package accountmodel

import (
	"fmt"
	"time"
)

// Books is all that can be read of a partner's account. The customers have been the partner's from their
// first invoice on.
type Books struct {
	Terms Settings // which have not changed
	Now   time.Time
	// SettledAt is when the subscriptions became what they are: what they were like before is not known.
	SettledAt     time.Time
	Subscriptions []BookedSubscription // of the partner's customers
	Invoices      []BookedInvoice
	Refunds       []BookedRefund
	Commissions   []BookedCommission // clawbacks among them
	Payouts       []BookedPayout
	Statement     []BookedEntry // oldest first
	Balances      Balances      // of now
}

// BookedSubscription is a subscription as it is now.
type BookedSubscription struct {
	ID           string
	Plan         string
	Consolidated bool
	Declined     bool
	Paused       bool
	CreatedAt    time.Time
	CanceledAt   time.Time // zero unless canceled
	PeriodEnd    time.Time // when it renews
}

// BookedInvoice is an invoice of one of the partner's customers.
type BookedInvoice struct {
	ID             string
	SubscriptionID string // empty for a payment without one, as are the plan and the period
	Plan           string
	Status         string
	Consolidated   bool
	Amount         Cents
	Refunded       Cents
	PeriodStart    time.Time
	PeriodEnd      time.Time
	CreatedAt      time.Time
	PaidAt         time.Time
}

// BookedRefund is a refund of an invoice.
type BookedRefund struct {
	ID        string
	InvoiceID string
	Amount    Cents
	CreatedAt time.Time
}

// BookedCommission is a commission, or a clawback of the commission that it reverses.
type BookedCommission struct {
	ID        string
	InvoiceID string
	PayoutID  string
	Reverses  string
	Status    string
	Payment   Cents
	Rate      int64 // hundredths of a percent
	Amount    Cents
	CreatedAt time.Time
	ReadyAt   time.Time
}

// BookedPayout is a payout that was requested.
type BookedPayout struct {
	ID          string
	Status      string
	Amount      Cents
	Commissions int
}

// BookedEntry is a line of the statement.
type BookedEntry struct {
	Sequence  int
	Kind      string
	Amount    Cents
	From, To  string
	CauseType string
	CauseID   string
	CreatedAt time.Time
	Balances  Balances
}

// Audit says what is wrong with the books, each time anew from the rules: nothing, if all is well.
func Audit(b Books) []string {
	a := &audit{Books: b}
	a.invoices()
	a.subscriptions()
	a.statement()
	a.commissions()
	a.clawbacks()
	a.payouts()
	a.sums()
	return a.problems
}

type audit struct {
	Books
	problems []string
}

// check notes a problem unless all is well.
func (a *audit) check(well bool, format string, args ...any) {
	if !well {
		a.problems = append(a.problems, fmt.Sprintf(format, args...))
	}
}

// invoices are never refunded beyond the payment, and each that earns has one commission.
func (a *audit) invoices() {
	for _, invoice := range a.Invoices {
		refunded := a.refunded(invoice.ID, func(BookedRefund) bool { return true })
		a.check(refunded == invoice.Refunded, "invoice %s: %d is refunded, and the refunds are %d", invoice.ID, invoice.Refunded, refunded)
		a.check(refunded <= invoice.Amount, "invoice %s: %d of %d is refunded", invoice.ID, refunded, invoice.Amount)
		status := statusOf(invoice.PaidAt.IsZero(), invoice.Refunded, invoice.Amount)
		a.check(invoice.Status == status, "invoice %s is %s, and should be %s", invoice.ID, invoice.Status, status)
		earning := 0
		for _, commission := range a.Commissions {
			if commission.InvoiceID == invoice.ID && commission.Status != "clawback" {
				earning++
			}
		}
		failed := invoice.PaidAt.IsZero()
		a.check(earning <= 1, "invoice %s has %d commissions", invoice.ID, earning)
		a.check(earning == 0 || !failed && !invoice.Consolidated, "invoice %s earns, and should not", invoice.ID)
		a.check(earning > 0 || failed || invoice.Consolidated || share(invoice.Amount, a.Terms.Rate) == 0, "the commission of invoice %s is lost", invoice.ID)
	}
	for _, refund := range a.Refunds {
		_, known := a.invoice(refund.InvoiceID)
		a.check(known && refund.Amount > 0, "refund %s is of %d, of invoice %q", refund.ID, refund.Amount, refund.InvoiceID)
	}
}

func (a *audit) invoice(id string) (BookedInvoice, bool) {
	for _, invoice := range a.Invoices {
		if invoice.ID == id {
			return invoice, true
		}
	}
	return BookedInvoice{}, false
}

func (a *audit) refunded(invoiceID string, which func(BookedRefund) bool) Cents {
	var sum Cents
	for _, refund := range a.Refunds {
		if refund.InvoiceID == invoiceID && which(refund) {
			sum += refund.Amount
		}
	}
	return sum
}

// movements are from where to where an entry of each kind moves money, and what causes it.
var movements = map[string]struct{ from, to, cause string }{
	"commission":       {"outside", "in_review", "invoice"},
	"matured":          {"in_review", "ready", "commission"},
	"reduction":        {"in_review", "outside", "refund"},
	"clawback":         {"ready", "outside", "refund"},
	"payout_requested": {"ready", "in_payout", "payout"},
	"payout_paid":      {"in_payout", "paid", "payout"},
	"payout_failed":    {"in_payout", "ready", "payout"},
}

// statement has the balances after each entry, in which nothing is made or lost.
func (a *audit) statement() {
	places := map[string]Cents{}
	var before BookedEntry
	for i, entry := range a.Statement {
		name := fmt.Sprintf("entry %d (%s)", i+1, entry.Kind)
		a.check(entry.Sequence == i+1, "%s has the sequence %d", name, entry.Sequence)
		a.check(!entry.CreatedAt.Before(before.CreatedAt), "%s is older than the one before", name)
		a.check(entry.Amount > 0, "%s is of %d", name, entry.Amount)
		right := movements[entry.Kind]
		a.check(entry.From == right.from && entry.To == right.to && entry.CauseType == right.cause,
			"%s goes from %s to %s, because of %q", name, entry.From, entry.To, entry.CauseType)

		places[entry.From] -= entry.Amount
		places[entry.To] += entry.Amount
		b := entry.Balances
		a.check(b == balancesOf(places), "%s: the balances are %+v, and should be %+v", name, b, balancesOf(places))
		a.check(b.Earned == b.InReview+b.Ready-b.Debt+b.InPayout+b.Paid, "%s: what is earned is not what is there: %+v", name, b)
		a.check(min(b.Earned, b.InReview, b.Ready, b.Debt, b.InPayout, b.Paid) >= 0, "%s: a balance is below 0: %+v", name, b)
		if entry.Kind == "payout_requested" {
			a.check(b.InPayout == entry.Amount, "%s: another payout is open", name)
			a.check(b.Ready == 0 && b.Debt == 0, "%s leaves something that was ready", name)
		}
		before = entry
	}
	a.check(a.Balances == before.Balances, "the balances of now are %+v, and after the last entry %+v", a.Balances, before.Balances)
}

func balancesOf(places map[string]Cents) Balances {
	return Balances{
		Earned:   -places["outside"],
		InReview: places["in_review"],
		Ready:    max(0, places["ready"]),
		Debt:     max(0, -places["ready"]),
		InPayout: places["in_payout"],
		Paid:     places["paid"],
	}
}

// entries are those of a kind and a cause.
func (a *audit) entries(kind, causeID string) []BookedEntry {
	var found []BookedEntry
	for _, entry := range a.Statement {
		if entry.Kind == kind && entry.CauseID == causeID {
			found = append(found, entry)
		}
	}
	return found
}

// commissions have lived as their entries say, and are what is left of the payment.
func (a *audit) commissions() {
	seen := map[string]bool{}
	for _, c := range a.Commissions {
		a.check(!seen[c.ID], "commission %s is there twice", c.ID)
		seen[c.ID] = true
		if c.Status == "clawback" {
			continue
		}
		invoice, known := a.invoice(c.InvoiceID)
		a.check(known, "commission %s is of an unknown invoice", c.ID)
		a.check(c.Payment == invoice.Amount, "commission %s is of a payment of %d, and the invoice of %d", c.ID, c.Payment, invoice.Amount)
		a.check(c.CreatedAt.Equal(invoice.PaidAt), "commission %s is not of the moment of the payment", c.ID)

		a.check(c.Status == "voided" || c.ReadyAt.Equal(c.CreatedAt.Add(a.Terms.Holding)), "commission %s is ready at %s", c.ID, c.ReadyAt)
		a.check(c.Status != "in_review" || c.ReadyAt.After(a.Now), "commission %s is in review beyond %s", c.ID, c.ReadyAt)
		a.rate(c)
		inReview := a.refunded(c.InvoiceID, c.inReviewAt)
		a.check(c.Amount == share(c.Payment-inReview, c.Rate), "commission %s is %d, and should be %d", c.ID, c.Amount, share(c.Payment-inReview, c.Rate))
		var clawedBack Cents
		for _, other := range a.Commissions {
			if other.Reverses == c.ID {
				clawedBack -= other.Amount
			}
		}
		left := share(c.Payment-invoice.Refunded, c.Rate)
		a.check(c.Amount-clawedBack == left, "of commission %s %d is left, and should be %d", c.ID, c.Amount-clawedBack, left)
		a.life(c)
	}
	for _, entry := range a.Statement {
		if entry.Kind == "commission" {
			a.check(a.earnedBy(entry.CauseID), "entry %d is of an invoice without a commission", entry.Sequence)
		}
		if entry.Kind == "matured" {
			a.check(seen[entry.CauseID], "entry %d is of an unknown commission", entry.Sequence)
		}
	}
}

// inReviewAt reports whether the commission was in review when there was a refund. One that was voided
// never became ready.
func (c BookedCommission) inReviewAt(refund BookedRefund) bool {
	return c.Status == "voided" || refund.CreatedAt.Before(c.ReadyAt)
}

func (a *audit) earnedBy(invoiceID string) bool {
	for _, c := range a.Commissions {
		if c.InvoiceID == invoiceID && c.Status != "clawback" {
			return true
		}
	}
	return false
}

// life is one entry that earns, as many as there were refunds that reduced it, and one that makes what is
// left ready when the holding period ends.
func (a *audit) life(c BookedCommission) {
	booked := a.entries("commission", c.InvoiceID)
	a.check(len(booked) == 1 && booked[0].Amount == share(c.Payment, c.Rate) && booked[0].CreatedAt.Equal(c.CreatedAt),
		"commission %s is booked as %+v", c.ID, booked)
	left := share(c.Payment, c.Rate)
	var reduced Cents
	for _, refund := range a.Refunds {
		if refund.InvoiceID != c.InvoiceID || !c.inReviewAt(refund) {
			continue
		}
		reductions := a.entries("reduction", refund.ID)
		a.check(len(reductions) <= 1, "refund %s is booked %d times", refund.ID, len(reductions))
		for _, entry := range reductions {
			reduced += entry.Amount
		}
	}
	a.check(left-reduced == c.Amount, "commission %s is %d, and its entries come to %d", c.ID, c.Amount, left-reduced)

	matured := a.entries("matured", c.ID)
	switch {
	case c.Amount == 0:
		a.check(c.Status == "voided" && len(matured) == 0, "commission %s of 0 is %s", c.ID, c.Status)
	case len(matured) == 0:
		a.check(c.Status == "in_review", "commission %s is %s, and never became ready", c.ID, c.Status)
	default:
		a.check(len(matured) == 1 && matured[0].Amount == c.Amount && matured[0].CreatedAt.Equal(c.ReadyAt),
			"commission %s became ready as %+v", c.ID, matured)
		a.check(c.Status == a.statusInPayout(c.PayoutID), "commission %s is %s, and should be %s", c.ID, c.Status, a.statusInPayout(c.PayoutID))
	}
	a.check(len(matured) > 0 || c.PayoutID == "", "commission %s is in a payout before it is ready", c.ID)
}

// statusInPayout is that of a commission which has become ready.
func (a *audit) statusInPayout(payoutID string) string {
	if payoutID == "" {
		return "ready"
	}
	for _, payout := range a.Payouts {
		if payout.ID != payoutID {
			continue
		}
		switch payout.Status {
		case "pending", "processing":
			return "in_payout"
		case "paid":
			return "paid"
		}
	}
	return "in no payout that is failed or unknown"
}

// clawbacks are negative, each with an entry of a later refund of the same invoice.
func (a *audit) clawbacks() {
	booked := map[string]int{} // by what tells them apart
	key := func(invoiceID string, amount Cents, at time.Time) string {
		return fmt.Sprintf("%s %d %d", invoiceID, amount, at.UnixNano())
	}
	for _, refund := range a.Refunds {
		entries := a.entries("clawback", refund.ID)
		a.check(len(entries) <= 1, "refund %s is clawed back %d times", refund.ID, len(entries))
		for _, entry := range entries {
			booked[key(refund.InvoiceID, -entry.Amount, entry.CreatedAt)]++
			a.check(entry.CreatedAt.Equal(refund.CreatedAt), "entry %d is not of the moment of the refund", entry.Sequence)
		}
		a.check(len(entries) == 0 || len(a.entries("reduction", refund.ID)) == 0, "refund %s is booked twice", refund.ID)
	}
	for _, c := range a.Commissions {
		if c.Status != "clawback" {
			a.check(c.Reverses == "" && c.Amount >= 0, "commission %s is %d, and reverses %q", c.ID, c.Amount, c.Reverses)
			continue
		}
		a.check(c.Amount < 0, "clawback %s is %d", c.ID, c.Amount)
		reversed := false
		for _, other := range a.Commissions {
			reversed = reversed || other.ID == c.Reverses && other.InvoiceID == c.InvoiceID && other.Rate == c.Rate && other.Status != "clawback"
		}
		a.check(reversed, "clawback %s reverses %q, which is not of its invoice and rate", c.ID, c.Reverses)
		booked[key(c.InvoiceID, c.Amount, c.CreatedAt)]--
	}
	for what, difference := range booked {
		a.check(difference == 0, "clawback %s: there are %d entries more than clawbacks", what, difference)
	}
	for _, entry := range a.Statement {
		if entry.CauseType == "refund" {
			a.check(a.knowsRefund(entry.CauseID), "entry %d is of an unknown refund", entry.Sequence)
		}
	}
}

func (a *audit) knowsRefund(id string) bool {
	for _, refund := range a.Refunds {
		if refund.ID == id {
			return true
		}
	}
	return false
}

// payouts are the sum of what is in them, unless they have failed: then nothing is.
func (a *audit) payouts() {
	known := map[string]bool{"": true}
	for _, payout := range a.Payouts {
		a.check(!known[payout.ID], "payout %s is there twice", payout.ID)
		known[payout.ID] = true
		a.check(payout.Amount > 0 && payout.Amount >= a.Terms.LeastPaid, "payout %s is of %d", payout.ID, payout.Amount)

		var sum Cents
		count := 0
		for _, c := range a.Commissions {
			if c.PayoutID == payout.ID {
				sum += c.Amount
				count++
			}
		}
		if payout.Status == "failed" {
			a.check(count == 0, "payout %s has failed, and %d commissions are still in it", payout.ID, count)
		} else {
			a.check(sum == payout.Amount, "payout %s is %d, and what is in it %d", payout.ID, payout.Amount, sum)
			a.check(count == payout.Commissions, "payout %s has %d commissions, and says %d", payout.ID, count, payout.Commissions)
		}
		for kind, times := range map[string]int{
			"payout_requested": 1,
			"payout_paid":      oneIf(payout.Status == "paid"),
			"payout_failed":    oneIf(payout.Status == "failed"),
		} {
			entries := a.entries(kind, payout.ID)
			a.check(len(entries) == times, "payout %s (%s) is booked %d times as %s", payout.ID, payout.Status, len(entries), kind)
			for _, entry := range entries {
				a.check(entry.Amount == payout.Amount, "payout %s is %d, and entry %d of %d", payout.ID, payout.Amount, entry.Sequence, entry.Amount)
			}
		}
	}
	for _, c := range a.Commissions {
		a.check(known[c.PayoutID], "commission %s is in payout %s, which is not there", c.ID, c.PayoutID)
	}
	for _, entry := range a.Statement {
		a.check(entry.CauseType != "payout" || known[entry.CauseID], "entry %d is of an unknown payout", entry.Sequence)
	}
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// sums are what the commissions and the payouts come to.
func (a *audit) sums() {
	var want Balances
	var ready Cents
	for _, c := range a.Commissions {
		want.Earned += c.Amount
		switch {
		case c.Status == "in_review":
			want.InReview += c.Amount
		case c.PayoutID == "":
			ready += c.Amount
		}
	}
	for _, payout := range a.Payouts {
		switch payout.Status {
		case "pending", "processing":
			want.InPayout += payout.Amount
		case "paid":
			want.Paid += payout.Amount
		}
	}
	want.Ready, want.Debt = max(0, ready), max(0, -ready)
	a.check(a.Balances == want, "the balances are %+v, and what is there comes to %+v", a.Balances, want)
}
