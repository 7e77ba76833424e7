package program

import (
	"fmt"
	"iter"
	"time"
)

// InvoiceStatus is the state of an invoice.
type InvoiceStatus string

// The states of an invoice.
const (
	InvoicePaid              InvoiceStatus = "paid"
	InvoicePartiallyRefunded InvoiceStatus = "partially_refunded"
	InvoiceRefunded          InvoiceStatus = "refunded"
	InvoiceFailed            InvoiceStatus = "failed"
)

// An Invoice is a payment of a customer, or one that has failed.
type Invoice struct {
	ID string `json:"id"`
	// Number counts the invoices of the app from 1 on.
	Number         int           `json:"number"`
	CustomerID     string        `json:"customerId"`
	SubscriptionID string        `json:"subscriptionId,omitempty"`
	Plan           PlanID        `json:"plan,omitempty"`
	Billing        Billing       `json:"billing"`
	Description    string        `json:"description,omitempty"` // empty for a subscription's: see Text
	Amount         Cents         `json:"amount"`
	Refunded       Cents         `json:"refunded,omitempty"`
	Status         InvoiceStatus `json:"status"`
	PeriodStart    time.Time     `json:"periodStart,omitzero"`
	PeriodEnd      time.Time     `json:"periodEnd,omitzero"`
	CreatedAt      time.Time     `json:"createdAt"`
	PaidAt         time.Time     `json:"paidAt,omitzero"`
}

// Label returns the number as it is shown: INV-000001.
func (i Invoice) Label() string { return fmt.Sprintf("INV-%06d", i.Number) }

// Text says what was paid for.
func (i Invoice) Text() string {
	switch {
	case i.Description != "":
		return i.Description
	case i.Plan == "":
		return "Payment"
	}
	return fmt.Sprintf("%s, %s to %s", i.Plan.Name(), i.PeriodStart.Format(time.DateOnly), i.PeriodEnd.Format(time.DateOnly))
}

// left returns the amount that is paid and not refunded.
func (i Invoice) left() Cents { return i.Amount - i.Refunded }

type invoices struct {
	*book[Invoice]
	byCustomer     *group[Invoice, string]
	bySubscription *group[Invoice, string]
	byAffiliate    *group[Invoice, string] // by the partner of the customer
}

// newInvoices makes an empty book. affiliateOf returns the partner of a customer; empty if there is none.
func newInvoices(affiliateOf func(customerID string) string) invoices {
	b := newBook(func(i Invoice) string { return i.ID })
	return invoices{
		book:           b,
		byCustomer:     groupBy(b, func(i Invoice) string { return i.CustomerID }),
		bySubscription: groupBy(b, func(i Invoice) string { return i.SubscriptionID }),
		byAffiliate:    groupBy(b, func(i Invoice) string { return affiliateOf(i.CustomerID) }),
	}
}

func noInvoice() error {
	return &NotFound{ErrorCodeInvoiceNotFound, "There is no invoice with this id"}
}

func (i invoices) find(id string) (Invoice, error) {
	found, known := i.get(id)
	if !known {
		return Invoice{}, noInvoice()
	}
	return found, nil
}

// charge adds a paid or failed invoice of a customer, with its consequences.
func (s *state) charge(invoice Invoice, now time.Time) (Invoice, *Commission) {
	invoice.ID = fresh(s.ids, s.invoices.book, "invoice", idPrefix)
	invoice.Number = s.invoices.len() + 1
	invoice.CreatedAt = now
	if invoice.Status != InvoiceFailed {
		return s.settle(invoice, now)
	}
	s.invoices.put(invoice)
	s.tellOfPayment(PaymentFailed, invoice, now)
	return invoice, nil
}

// settle marks an invoice as paid, which may earn a commission.
func (s *state) settle(invoice Invoice, now time.Time) (Invoice, *Commission) {
	invoice.Status = InvoicePaid
	invoice.PaidAt = now
	s.invoices.put(invoice)
	s.tellOfPayment(PaymentSucceeded, invoice, now)
	return invoice, s.earn(invoice, now)
}

// InvoiceParams is a payment without a subscription. CustomerID and Amount are required.
type InvoiceParams struct {
	CustomerID  string
	Amount      Cents
	Description string
}

// Problems returns the problems of the parameters; none if they are valid.
func (i InvoiceParams) Problems() []Problem {
	var p problems
	p.required("customerId", i.CustomerID, maxName)
	p.amount(i.Amount)
	p.atMost("description", i.Description, maxDescription)
	return p
}

func (p *problems) amount(amount Cents) {
	if amount <= 0 || amount > maxPayment {
		p.add(ProblemValue, "amount", "must be from 0.01 to %d.00", maxPayment/oneUnit)
	}
}

// earnedBy is an invoice, and what it has earned.
type earnedBy struct {
	invoice    Invoice
	commission *Commission
}

// record records a payment without a subscription.
func (p *Program) record(params InvoiceParams) (earnedBy, error) {
	return command(p, func(s *state, now time.Time) (change[earnedBy], error) {
		customer, err := s.customers.find(params.CustomerID)
		if err != nil {
			return nil, err
		}
		if share := shareOf(params.Amount, s.rate(customer.AffiliateID)); s.ledger[customer.AffiliateID].balances.earned()+share > maxEarned {
			return nil, invalidField("amount", "must not take the partner's earnings out of range")
		}
		return func() earnedBy {
			invoice, commission := s.charge(Invoice{
				CustomerID:  customer.ID,
				Billing:     Individual,
				Description: params.Description,
				Amount:      params.Amount,
				Status:      InvoicePaid,
			}, now)
			return earnedBy{invoice, commission}
		}, nil
	})
}

// CreateInvoice records a payment of a customer, as a paid invoice without a subscription. It returns
// [Invalid] and [NotFound].
func (p *Program) CreateInvoice(params InvoiceParams) (Invoice, error) {
	if err := invalid(params.Problems()); err != nil {
		return Invoice{}, err
	}
	made, err := p.record(params)
	return made.invoice, err
}

// RecordPayment records a payment of a customer, as [Program.CreateInvoice] does, and returns the
// commission that it earned. That is nil if the customer is attributed to no partner, or the share is
// less than half a cent.
func (p *Program) RecordPayment(customerID string, amount Cents) (*Commission, error) {
	var wrong problems
	wrong.amount(amount)
	if err := invalid(wrong); err != nil {
		return nil, err
	}
	made, err := p.record(InvoiceParams{CustomerID: customerID, Amount: amount})
	return made.commission, err
}

// PayInvoice pays an invoice that has failed. It returns [NotFound], and [Conflict] for one
// that is paid.
func (p *Program) PayInvoice(id string) (Invoice, error) {
	return command(p, func(s *state, now time.Time) (change[Invoice], error) {
		invoice, err := s.invoices.find(id)
		if err != nil {
			return nil, err
		}
		if invoice.Status != InvoiceFailed {
			return nil, &Conflict{ErrorCodeAlreadyPaid, "This invoice is paid already"}
		}
		return func() Invoice {
			paid, _ := s.settle(invoice, now)
			return paid
		}, nil
	})
}

// Invoice returns the invoice with the id. It returns [NotFound].
func (p *Program) Invoice(id string) (Invoice, error) {
	return query(p, func(s *state, _ time.Time) (Invoice, error) { return s.invoices.find(id) })
}

// An InvoiceQuery asks for one page of invoices.
type InvoiceQuery struct {
	// CustomerID and SubscriptionID, unless empty, leave out invoices of others.
	CustomerID     string
	SubscriptionID string
	PageQuery
}

// Invoices returns one page of the invoices. An unknown customer or subscription has none. It returns
// [Invalid] if no page can have ended at asked.Before.
func (p *Program) Invoices(asked InvoiceQuery) (Page[Invoice], error) {
	return query(p, func(s *state, _ time.Time) (Page[Invoice], error) {
		return show(s.invoices.book, asked.PageQuery, s.invoicesOf(asked), itself)
	})
}

// invoicesOf returns the requested list; for an unknown id, an empty one.
func (s *state) invoicesOf(asked InvoiceQuery) func(int) iter.Seq[int] {
	if asked.SubscriptionID == "" {
		if asked.CustomerID == "" {
			return s.invoices.backward
		}
		return s.invoices.byCustomer.of(asked.CustomerID)
	}
	subscription, err := s.subscriptions.find(asked.SubscriptionID)
	if err != nil || asked.CustomerID != "" && subscription.CustomerID != asked.CustomerID {
		return nothing
	}
	return s.invoices.bySubscription.of(subscription.ID)
}

// nothing is a list without records.
func nothing(int) iter.Seq[int] { return func(func(int) bool) {} }

// A UserInvoice is an invoice as the partner of its customer sees it.
type UserInvoice struct {
	Invoice
	UserEmail string
}

func (s *state) userInvoice(invoice Invoice) UserInvoice {
	return UserInvoice{invoice, s.customers.mustGet(invoice.CustomerID).Email}
}

// UserInvoices returns one page of the invoices of the users of the partner that the customer is, or of one
// of them. A user that is not the partner's has none. It returns [NotFound] and [Invalid].
func (p *Program) UserInvoices(customerID, userID string, asked PageQuery) (Page[UserInvoice], error) {
	return query(p, func(s *state, _ time.Time) (Page[UserInvoice], error) {
		partner, err := s.partners.ofCustomer(customerID)
		if err != nil {
			return Page[UserInvoice]{}, err
		}
		list := s.invoices.byAffiliate.of(partner.ID)
		if userID != "" {
			list = s.invoices.byCustomer.of(userID)
			if _, err := s.userOf(partner, userID); err != nil {
				list = nothing
			}
		}
		return show(s.invoices.book, asked, list, s.userInvoice)
	})
}

// UserInvoice returns one invoice of the users of the partner that the customer is. It returns
// [NotFound].
func (p *Program) UserInvoice(customerID, id string) (UserInvoice, error) {
	return query(p, func(s *state, _ time.Time) (UserInvoice, error) { return s.invoiceForPartner(customerID, id) })
}

func (s *state) invoiceForPartner(customerID, id string) (UserInvoice, error) {
	partner, err := s.partners.ofCustomer(customerID)
	if err != nil {
		return UserInvoice{}, err
	}
	invoice, err := s.invoices.find(id)
	if err != nil || s.customers.affiliateOf(invoice.CustomerID) != partner.ID {
		return UserInvoice{}, noInvoice()
	}
	return s.userInvoice(invoice), nil
}
