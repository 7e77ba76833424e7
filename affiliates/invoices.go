package affiliates

import (
	"encoding/json"
	"time"
)

// InvoiceStatus is the state of an invoice.
type InvoiceStatus string

// The states of an invoice.
const (
	InvoicePaid              InvoiceStatus = "paid"
	InvoicePartiallyRefunded InvoiceStatus = "partially_refunded"
	InvoiceRefunded          InvoiceStatus = "refunded" // in full
	InvoiceFailed            InvoiceStatus = "failed"   // the payment was declined; it can be paid later
)

// Invoice is a payment of a customer, or one that has failed.
type Invoice struct {
	ID             string          `json:"id"`
	Number         string          `json:"number"`         // INV-000001 and so on, for each app
	CustomerID     string          `json:"customerId"`     // in a partner's account, the user's id
	UserEmail      string          `json:"userEmail"`      // in a partner's account; empty elsewhere
	SubscriptionID string          `json:"subscriptionId"` // empty for a payment without a subscription
	Plan           Plan            `json:"plan"`           // empty for a payment without a subscription
	Billing        Billing         `json:"billing"`
	Description    string          `json:"description"`
	Amount         Money           `json:"amount"`   // of the payment, refunds not subtracted
	Refunded       Money           `json:"refunded"` // in total; never more than Amount
	Status         InvoiceStatus   `json:"status"`
	PeriodStart    time.Time       `json:"periodStart"` // of the subscription; zero without one
	PeriodEnd      time.Time       `json:"periodEnd"`
	CreatedAt      time.Time       `json:"createdAt"`
	PaidAt         time.Time       `json:"paidAt"` // zero if the payment has failed and was not made later
	Raw            json.RawMessage `json:"-"`      // the invoice as the server sent it
}

// UnmarshalJSON reads an invoice and keeps the JSON in Raw.
func (i *Invoice) UnmarshalJSON(data []byte) error {
	type plain Invoice
	return decode(data, (*plain)(i), &i.Raw)
}

// Refund is an amount of a payment that a customer got back.
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

// RefundFilter selects the page to read. The zero value selects the first.
type RefundFilter struct {
	Limit  int    `url:"limit,omitempty"`  // refunds in a page, 1 to 100; the server's default, 20, if 0
	Cursor string `url:"cursor,omitempty"` // where to start: the Cursor of the page before
}

func (f *RefundFilter) paging() (*int, *string) { return &f.Limit, &f.Cursor }

// Receipt is a receipt for an invoice that was paid.
type Receipt struct {
	Number      string          `json:"number"` // the invoice's
	Invoice     Invoice         `json:"invoice"`
	Customer    ReceiptCustomer `json:"customer"`
	Lines       []ReceiptLine   `json:"lines"`
	Refunds     []Refund        `json:"refunds"`     // the newest 100 at most, oldest first
	RefundCount int             `json:"refundCount"` // of all refunds; if more, see [AccountInvoices.AllRefunds]
	Total       Money           `json:"total"`       // the amount of the invoice minus all refunds
	Raw         json.RawMessage `json:"-"`           // the receipt as the server sent it
}

// ReceiptCustomer is the customer who has paid.
type ReceiptCustomer struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Name  string `json:"name"` // empty if the customer has none
}

// ReceiptLine is an item that was paid for.
type ReceiptLine struct {
	Description string `json:"description"`
	Amount      Money  `json:"amount"`
}

// UnmarshalJSON reads a receipt, which has a number, and keeps the JSON in Raw.
func (r *Receipt) UnmarshalJSON(data []byte) error {
	type plain Receipt
	return decodeWith(data, (*plain)(r), &r.Raw, "number")
}
