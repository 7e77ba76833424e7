package affiliates

import (
	"context"
	"io"
	"iter"
	"time"

	"github.com/stackbe/stackbe-go/internal/csvtable"
	"github.com/stackbe/stackbe-go/internal/transport"
)

// AccountInvoices reads what a partner's users have paid.
type AccountInvoices struct{ service *Service }

// InvoiceFilter selects invoices of a partner's users and the page to read. The zero value
// selects all, newest first.
type InvoiceFilter struct {
	UserID string `url:"userId,omitempty"` // all users if empty
	Limit  int    `url:"limit,omitempty"`  // invoices in a page, 1 to 100; the server's default, 20, if 0
	Cursor string `url:"cursor,omitempty"` // where to start: the Cursor of the page before
}

func (f *InvoiceFilter) paging() (*int, *string) { return &f.Limit, &f.Cursor }

// List returns one page of the invoices of the partner's users, newest first. Use
// [AccountInvoices.All] to go through all pages. If UserID is not one of the partner's
// users, the page is empty.
//
// Contract: GET /v1/affiliate/account/invoices (session)
func (i AccountInvoices) List(ctx context.Context, filter InvoiceFilter) (*Page[Invoice], error) {
	to := transport.Call{Route: routeInvoices, Credential: transport.Session}
	return list[Invoice](ctx, i.service, to, filter, token("UserID", filter.UserID))
}

// All goes through all invoices that filter selects, as [Service.Applications] does.
//
// Contract: GET /v1/affiliate/account/invoices (session)
func (i AccountInvoices) All(ctx context.Context, filter InvoiceFilter) iter.Seq2[*Invoice, error] {
	return all(ctx, i.service, routeInvoices, filter, i.List)
}

// WriteCSV writes all invoices that filter selects to w, as [AccountCommissions.WriteCSV]
// does.
//
// Contract: GET /v1/affiliate/account/invoices (session)
func (i AccountInvoices) WriteCSV(ctx context.Context, w io.Writer, filter InvoiceFilter) error {
	return writeCSV(ctx, i.service, w, invoiceColumns, routeInvoices, filter, i.List)
}

var invoiceColumns = []csvtable.Column[Invoice]{
	csvtable.Text("ID", func(i *Invoice) string { return i.ID }),
	csvtable.Text("Number", func(i *Invoice) string { return i.Number }),
	csvtable.Text("User ID", func(i *Invoice) string { return i.CustomerID }),
	csvtable.Text("User email", func(i *Invoice) string { return i.UserEmail }),
	csvtable.Text("Subscription ID", func(i *Invoice) string { return i.SubscriptionID }),
	csvtable.Text("Plan", func(i *Invoice) string { return string(i.Plan) }),
	csvtable.Text("Billing", func(i *Invoice) string { return string(i.Billing) }),
	csvtable.Text("Description", func(i *Invoice) string { return i.Description }),
	number("Amount", func(i *Invoice) Money { return i.Amount }),
	number("Refunded", func(i *Invoice) Money { return i.Refunded }),
	csvtable.Text("Status", func(i *Invoice) string { return string(i.Status) }),
	csvtable.Time("Period start", func(i *Invoice) time.Time { return i.PeriodStart }),
	csvtable.Time("Period end", func(i *Invoice) time.Time { return i.PeriodEnd }),
	csvtable.Time("Created at", func(i *Invoice) time.Time { return i.CreatedAt }),
	csvtable.Time("Paid at", func(i *Invoice) time.Time { return i.PaidAt }),
}

// Get returns one invoice. If it does not belong to one of the partner's users, Get returns
// an error matching stackbe.ErrNotFound, with the code INVOICE_NOT_FOUND.
//
// Contract: GET /v1/affiliate/account/invoices/{invoiceId} (session)
func (i AccountInvoices) Get(ctx context.Context, invoiceID string) (*Invoice, error) {
	return getRecord[Invoice](ctx, i.service, transport.Session, routeInvoice, invoiceID)
}

// Receipt returns the receipt of an invoice, with its newest refunds. If the invoice was never paid, it returns an
// error matching stackbe.ErrConflict, with the code NOT_PAID; if it does not belong to one
// of the partner's users, one matching stackbe.ErrNotFound, with INVOICE_NOT_FOUND.
//
// Contract: GET /v1/affiliate/account/invoices/{invoiceId}/receipt (session)
func (i AccountInvoices) Receipt(ctx context.Context, invoiceID string) (*Receipt, error) {
	return get[Receipt](ctx, i.service, transport.Session, routeReceipt, invoiceID)
}

// Refunds returns one page of the refunds of an invoice, newest first. Use
// [AccountInvoices.AllRefunds] to go through all pages. If the invoice does not belong to
// one of the partner's users, it returns an error matching stackbe.ErrNotFound, with the
// code INVOICE_NOT_FOUND.
//
// Contract: GET /v1/affiliate/account/invoices/{invoiceId}/refunds (session)
func (i AccountInvoices) Refunds(ctx context.Context, invoiceID string, filter RefundFilter) (*Page[Refund], error) {
	to := transport.Call{Route: routeInvoiceRefunds, ID: invoiceID, Credential: transport.Session}
	return list[Refund](ctx, i.service, to, filter)
}

// AllRefunds goes through all refunds of an invoice, as [Service.Applications] does.
//
// Contract: GET /v1/affiliate/account/invoices/{invoiceId}/refunds (session)
func (i AccountInvoices) AllRefunds(ctx context.Context, invoiceID string, filter RefundFilter) iter.Seq2[*Refund, error] {
	return all(ctx, i.service, routeInvoiceRefunds, filter,
		func(ctx context.Context, filter RefundFilter) (*Page[Refund], error) {
			return i.Refunds(ctx, invoiceID, filter)
		})
}
