package program

import (
	"fmt"
	"time"
)

// A Refund is an amount of a payment that a customer got back.
type Refund struct {
	ID        string    `json:"id"`
	InvoiceID string    `json:"invoiceId"`
	Amount    Cents     `json:"amount"`
	CreatedAt time.Time `json:"createdAt"`
}

type refunds struct {
	*book[Refund]
	byInvoice *group[Refund, string]
}

func newRefunds() refunds {
	b := newBook(func(r Refund) string { return r.ID })
	return refunds{b, groupBy(b, func(r Refund) string { return r.InvoiceID })}
}

// of returns all refunds of an invoice, oldest first.
func (r refunds) of(invoiceID string) []Refund { return r.newest(invoiceID, r.count(invoiceID)) }

func (r refunds) count(invoiceID string) int { return r.byInvoice.count(invoiceID) }

// newest returns the last refunds of an invoice, at most the given number, oldest first.
func (r refunds) newest(invoiceID string, atMost int) []Refund {
	left := min(atMost, r.count(invoiceID))
	newest := make([]Refund, left)
	end, _ := r.start(0)
	for seq := range r.byInvoice.backward(invoiceID, end) {
		if left == 0 {
			break
		}
		left--
		newest[left] = *r.at(seq)
	}
	return newest
}

// RefundProblems returns the problems of the amount of a refund; nil is the rest of the payment.
func RefundProblems(amount *Cents) []Problem {
	var p problems
	if amount != nil {
		p.amount(*amount)
	}
	return p
}

// A Refunding is a refund, and its invoice after it.
type Refunding struct {
	Refund  Refund
	Invoice Invoice
}

// RefundInvoice refunds an amount of a payment, or the rest of it if the amount is nil. It reduces the
// partner's commission within the holding period, and makes a clawback after it. It returns
// [Invalid], [NotFound], [Conflict] for an invoice that was never paid, and [Unprocessable] for more
// than is left.
func (p *Program) RefundInvoice(id string, amount *Cents) (Refunding, error) {
	if err := invalid(RefundProblems(amount)); err != nil {
		return Refunding{}, err
	}
	return command(p, func(s *state, now time.Time) (change[Refunding], error) {
		invoice, err := s.invoices.find(id)
		if err != nil {
			return nil, err
		}
		if invoice.Status == InvoiceFailed {
			return nil, notPaid()
		}
		back := invoice.left()
		set(&back, amount)
		if back == 0 || back > invoice.left() {
			return nil, &Unprocessable{ErrorCodeRefundExceedsPayment, fmt.Sprintf(
				"%s of this payment of %s is left to refund", invoice.left().text(), invoice.Amount.text())}
		}
		return func() Refunding { return s.refund(invoice, back, now) }, nil
	})
}

func notPaid() error {
	return &Conflict{ErrorCodeNotPaid, "This invoice is not paid: its payment has failed"}
}

// refund begins with the ledger, as whatever moves money does: so nothing is half done if that fails.
func (s *state) refund(before Invoice, amount Cents, now time.Time) Refunding {
	after := before
	after.Refunded += amount
	after.Status = refundedStatus(after)
	refund := Refund{ID: fresh(s.ids, s.refunds.book, "refund", idPrefix), InvoiceID: after.ID, Amount: amount, CreatedAt: now}
	if commission, earned := s.commissions.byInvoice.get(after.ID); earned {
		less := shareOf(before.left(), commission.Rate) - shareOf(after.left(), commission.Rate)
		s.takeBack(commission, less, refund)
	}
	s.invoices.put(after)
	s.refunds.put(refund)
	return Refunding{refund, after}
}

// refundedStatus returns the status of an invoice that was paid.
func refundedStatus(invoice Invoice) InvoiceStatus {
	switch invoice.Refunded {
	case 0:
		return InvoicePaid
	case invoice.Amount:
		return InvoiceRefunded
	default:
		return InvoicePartiallyRefunded
	}
}

// Refunds returns one page of the refunds of an invoice. It returns [NotFound] and [Invalid].
func (p *Program) Refunds(invoiceID string, asked PageQuery) (Page[Refund], error) {
	return query(p, func(s *state, _ time.Time) (Page[Refund], error) {
		if _, err := s.invoices.find(invoiceID); err != nil {
			return Page[Refund]{}, err
		}
		return show(s.refunds.book, asked, s.refunds.byInvoice.of(invoiceID), itself)
	})
}

// UserRefunds returns one page of the refunds of an invoice of the users of the partner that the customer is.
// It returns [NotFound] and [Invalid].
func (p *Program) UserRefunds(customerID, invoiceID string, asked PageQuery) (Page[Refund], error) {
	return query(p, func(s *state, _ time.Time) (Page[Refund], error) {
		if _, err := s.invoiceForPartner(customerID, invoiceID); err != nil {
			return Page[Refund]{}, err
		}
		return show(s.refunds.book, asked, s.refunds.byInvoice.of(invoiceID), itself)
	})
}

// receiptRefunds is how many refunds a receipt lists. An invoice may have any number.
const receiptRefunds = 100

// A Receipt is a receipt for an invoice that was paid.
type Receipt struct {
	Invoice  UserInvoice
	Customer Customer
	Refunds  []Refund // the newest, at most receiptRefunds, oldest first
	// RefundCount counts all refunds of the invoice.
	RefundCount int
}

// Total is the amount minus all refunds.
func (r Receipt) Total() Cents { return r.Invoice.left() }

// Earlier is the sum of the refunds that are not listed.
func (r Receipt) Earlier() Cents { return r.Invoice.Refunded - sumOf(r.Refunds) }

// Receipt returns the receipt of an invoice of the users of the partner that the customer is. It returns
// [NotFound], and [Conflict] for an invoice that was never paid.
func (p *Program) Receipt(customerID, invoiceID string) (Receipt, error) {
	return query(p, func(s *state, _ time.Time) (Receipt, error) {
		invoice, err := s.invoiceForPartner(customerID, invoiceID)
		if err != nil {
			return Receipt{}, err
		}
		if invoice.Status == InvoiceFailed {
			return Receipt{}, notPaid()
		}
		return Receipt{
			Invoice:     invoice,
			Customer:    s.customers.mustGet(invoice.CustomerID),
			Refunds:     s.refunds.newest(invoiceID, receiptRefunds),
			RefundCount: s.refunds.count(invoiceID),
		}, nil
	})
}
