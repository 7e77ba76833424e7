package affiliates

import (
	"encoding/json"
	"time"
)

// InvoiceStatus is where an invoice stands.
type InvoiceStatus string

// The states of an invoice.
const (
	InvoicePaid              InvoiceStatus = "paid"
	InvoicePartiallyRefunded InvoiceStatus = "partially_refunded"
	InvoiceRefunded          InvoiceStatus = "refunded" // as a whole
	InvoiceFailed            InvoiceStatus = "failed"   // the payment was declined; it can be paid later
)

// Invoice is one payment of a customer, or one that has failed.
type Invoice struct {
	ID             string          `json:"id"`
	Number         string          `json:"number"`         // INV-000001 and on, for each app
	CustomerID     string          `json:"customerId"`     // in a partner's account, the user's id
	UserEmail      string          `json:"userEmail"`      // in a partner's account; empty elsewhere
	SubscriptionID string          `json:"subscriptionId"` // empty for a payment without a subscription
	Plan           Plan            `json:"plan"`           // empty likewise
	Billing        Billing         `json:"billing"`
	Description    string          `json:"description"`
	Amount         Money           `json:"amount"`   // of the payment, whatever was refunded since
	Refunded       Money           `json:"refunded"` // in all; never more than Amount
	Status         InvoiceStatus   `json:"status"`
	PeriodStart    time.Time       `json:"periodStart"` // of the subscription; zero without one
	PeriodEnd      time.Time       `json:"periodEnd"`
	CreatedAt      time.Time       `json:"createdAt"`
	PaidAt         time.Time       `json:"paidAt"` // zero while it has failed
	Raw            json.RawMessage `json:"-"`      // the invoice as the server sent it
}

// UnmarshalJSON reads an invoice and keeps the JSON in Raw.
func (i *Invoice) UnmarshalJSON(data []byte) error {
	type plain Invoice
	return decode(data, (*plain)(i), &i.Raw)
}

// Refund is what a customer got back of a payment.
type Refund struct {
	ID        string          `json:"id"`
	InvoiceID string          `json:"invoiceId"`
	Amount    Money           `json:"amount"`
	CreatedAt time.Time       `json:"createdAt"`
	Raw       json.RawMessage `json:"-"` // the refund as the server sent it
}

// UnmarshalJSON reads a refund and keeps the JSON in Raw.
func (r *Refund) UnmarshalJSON(data []byte) error {
	type plain Refund
	return decode(data, (*plain)(r), &r.Raw)
}

// Receipt is an invoice that was paid, with all that a receipt shows.
type Receipt struct {
	Number   string          `json:"number"` // the invoice's
	Invoice  Invoice         `json:"invoice"`
	Customer ReceiptCustomer `json:"customer"`
	Lines    []ReceiptLine   `json:"lines"`
	Refunds  []Refund        `json:"refunds"`
	Total    Money           `json:"total"` // the amount of the invoice less what was refunded
	Raw      json.RawMessage `json:"-"`     // the receipt as the server sent it
}

// ReceiptCustomer is who has paid.
type ReceiptCustomer struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Name  string `json:"name"` // empty if it has none
}

// ReceiptLine is what was paid for.
type ReceiptLine struct {
	Description string `json:"description"`
	Amount      Money  `json:"amount"`
}

// UnmarshalJSON reads a receipt, which has a number, and keeps the JSON in Raw.
func (r *Receipt) UnmarshalJSON(data []byte) error {
	type plain Receipt
	return decodeWith(data, (*plain)(r), &r.Raw, "number")
}
