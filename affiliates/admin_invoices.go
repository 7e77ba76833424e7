package affiliates

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// AdminInvoices manages the invoices of an app's customers.
type AdminInvoices struct{ service *Service }

// AdminInvoiceFilter selects the invoices that match all of its fields, and the page to
// read. The zero value selects all, newest first.
type AdminInvoiceFilter struct {
	CustomerID     string `url:"customerId,omitempty"`
	SubscriptionID string `url:"subscriptionId,omitempty"`
	Limit          int    `url:"limit,omitempty"`  // invoices in a page, 1 to 100; the server's default, 20, if 0
	Cursor         string `url:"cursor,omitempty"` // where to start: the Cursor of the page before
}

func (f *AdminInvoiceFilter) paging() (*int, *string) { return &f.Limit, &f.Cursor }

// List returns one page of the app's invoices, newest first. Use [AdminInvoices.All] to go
// through all pages. If CustomerID or SubscriptionID is unknown, the page is empty.
//
// Contract: GET /v1/apps/{appId}/invoices (admin)
func (i AdminInvoices) List(ctx context.Context, filter AdminInvoiceFilter) (*Page[Invoice], error) {
	to := transport.Call{Route: routeAdminInvoices, Credential: transport.Admin}
	return list[Invoice](ctx, i.service, to, filter,
		token("CustomerID", filter.CustomerID),
		token("SubscriptionID", filter.SubscriptionID))
}

// All goes through all invoices that filter selects, as [Service.Applications] does.
//
// Contract: GET /v1/apps/{appId}/invoices (admin)
func (i AdminInvoices) All(ctx context.Context, filter AdminInvoiceFilter) iter.Seq2[*Invoice, error] {
	return all(ctx, i.service, routeAdminInvoices, filter, i.List)
}

// Get returns one invoice. For an unknown id it returns an error matching
// stackbe.ErrNotFound, with the code INVOICE_NOT_FOUND.
//
// Contract: GET /v1/apps/{appId}/invoices/{invoiceId} (admin)
func (i AdminInvoices) Get(ctx context.Context, invoiceID string) (*Invoice, error) {
	return getRecord[Invoice](ctx, i.service, transport.Admin, routeAdminInvoice, invoiceID)
}

// CreateInvoiceParams is a payment without a subscription. CustomerID and Amount are
// required. An Amount that is not above 0, or has more than two decimals, is an invalid
// argument.
type CreateInvoiceParams struct {
	CustomerID  string `json:"customerId"`
	Amount      Money  `json:"amount"`                // 0.01 to 100,000,000,000, with at most two decimals
	Description string `json:"description,omitempty"` // at most 200 characters

	// IdempotencyKey is as in [ApplyParams].
	IdempotencyKey string `json:"-"`
}

// Create records a payment as a paid invoice, which earns the customer's partner a
// commission. For an unknown customer it returns an error matching stackbe.ErrNotFound, with
// the code CUSTOMER_NOT_FOUND; for an Amount that is too high, one matching
// stackbe.ErrBadRequest, with Details.
//
// Contract: POST /v1/apps/{appId}/invoices (admin)
func (i AdminInvoices) Create(ctx context.Context, params CreateInvoiceParams) (*Invoice, error) {
	to := transport.Call{Route: routeAdminInvoices, Credential: transport.Admin, Body: &params, IdempotencyKey: params.IdempotencyKey}
	return postRecord[Invoice](ctx, i.service, to,
		required("CustomerID", params.CustomerID),
		payable("Amount", params.Amount),
		optional("Description", params.Description))
}

// PayInvoiceParams has the parameters of a payment. The zero value is valid.
type PayInvoiceParams struct {
	IdempotencyKey string `json:"-"` // as in [ApplyParams]
}

// Pay records the payment of an invoice that has failed, which earns a commission now. If
// the invoice is paid already, it returns an error matching stackbe.ErrConflict, with the
// code ALREADY_PAID; for an unknown id, one matching stackbe.ErrNotFound, with
// INVOICE_NOT_FOUND.
//
// Contract: POST /v1/apps/{appId}/invoices/{invoiceId}/pay (admin)
func (i AdminInvoices) Pay(ctx context.Context, invoiceID string, params PayInvoiceParams) (*Invoice, error) {
	to := transport.Call{Route: routeAdminInvoicePayment, ID: invoiceID, Credential: transport.Admin, Body: &params, IdempotencyKey: params.IdempotencyKey}
	return postRecord[Invoice](ctx, i.service, to)
}

// RefundInvoiceParams is what a customer gets back. The zero value refunds the rest of the
// payment. An Amount that is not above 0, or has more than two decimals, is an invalid
// argument.
type RefundInvoiceParams struct {
	Amount *Money `json:"amount,omitempty"` // above 0, with at most two decimals; the rest of the payment if nil

	// IdempotencyKey is as in [ApplyParams].
	IdempotencyKey string `json:"-"`
}

// RefundResult is a refund, and the invoice after it.
type RefundResult struct {
	Refund  Refund          `json:"refund"`
	Invoice Invoice         `json:"invoice"`
	Raw     json.RawMessage `json:"-"` // the response as the server sent it
}

// UnmarshalJSON reads a result, which has a refund, and keeps the JSON in Raw.
func (r *RefundResult) UnmarshalJSON(data []byte) error {
	type plain RefundResult
	return decodeWith(data, (*plain)(r), &r.Raw, "refund")
}

// Refund refunds an invoice in part or as a whole; an invoice can be refunded several times.
// Within the holding period that reduces or voids the commission; after it, it makes a
// clawback. If the amount is more than the rest of the payment, Refund returns an error
// matching stackbe.ErrBadRequest, with the code REFUND_EXCEEDS_PAYMENT and a message that
// says how much can be refunded; if the invoice was never paid, one matching
// stackbe.ErrConflict, with NOT_PAID; for an unknown id, one matching stackbe.ErrNotFound,
// with INVOICE_NOT_FOUND.
//
// Contract: POST /v1/apps/{appId}/invoices/{invoiceId}/refunds (admin)
func (i AdminInvoices) Refund(ctx context.Context, invoiceID string, params RefundInvoiceParams) (*RefundResult, error) {
	to := transport.Call{Route: routeAdminInvoiceRefunds, ID: invoiceID, Credential: transport.Admin, Body: &params, IdempotencyKey: params.IdempotencyKey}
	if params.Amount != nil {
		return post[RefundResult](ctx, i.service, to, payable("Amount", *params.Amount))
	}
	return post[RefundResult](ctx, i.service, to)
}

// Refunds returns one page of an invoice's refunds, newest first. Use
// [AdminInvoices.AllRefunds] to go through all pages. For an unknown id it returns an
// error matching stackbe.ErrNotFound, with the code INVOICE_NOT_FOUND.
//
// Contract: GET /v1/apps/{appId}/invoices/{invoiceId}/refunds (admin)
func (i AdminInvoices) Refunds(ctx context.Context, invoiceID string, filter RefundFilter) (*Page[Refund], error) {
	to := transport.Call{Route: routeAdminInvoiceRefunds, ID: invoiceID, Credential: transport.Admin}
	return list[Refund](ctx, i.service, to, filter)
}

// AllRefunds goes through all refunds of an invoice, as [Service.Applications] does.
//
// Contract: GET /v1/apps/{appId}/invoices/{invoiceId}/refunds (admin)
func (i AdminInvoices) AllRefunds(ctx context.Context, invoiceID string, filter RefundFilter) iter.Seq2[*Refund, error] {
	return all(ctx, i.service, routeAdminInvoiceRefunds, filter,
		func(ctx context.Context, filter RefundFilter) (*Page[Refund], error) {
			return i.Refunds(ctx, invoiceID, filter)
		})
}
