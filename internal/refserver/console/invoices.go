package console

import (
	"net/http"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// invoiceView is an invoice, and the form of a refund.
type invoiceView struct {
	program.Invoice
	Href, Email, CustomerHref string
	Billing                   string
	Badge                     page.Badge
	Refundable, Payable       bool
	Problems                  []string
	AmountField               page.Field
	Refunds                   []program.Refund
}

func newInvoiceView(invoice program.UserInvoice) invoiceView {
	return invoiceView{
		Invoice:      invoice.Invoice,
		Href:         at(invoicesPath, invoice.ID),
		Email:        invoice.UserEmail,
		CustomerHref: at(customersPath, invoice.CustomerID),
		Billing:      billings[invoice.Billing],
		Badge:        page.InvoiceBadge(invoice.Status),
		Refundable:   invoice.Status == program.InvoicePaid || invoice.Status == program.InvoicePartiallyRefunded,
		Payable:      invoice.Status == program.InvoiceFailed,
	}
}

var billings = map[program.Billing]string{
	program.Individual:   "Individual: the customer pays itself",
	program.Consolidated: "Consolidated: someone else pays the bill, and no commission is earned",
}

func newInvoiceViews(invoices []program.UserInvoice) []invoiceView {
	var shown []invoiceView
	for _, invoice := range invoices {
		shown = append(shown, newInvoiceView(invoice))
	}
	return shown
}

// invoiceList is a page of invoices.
type invoiceList struct {
	Rows  []invoiceView
	Pager page.Pager
	Empty page.Empty
}

func listInvoices(v *visit) {
	asked, ok := v.page(invoicesPath)
	if !ok {
		return
	}
	found, err := v.app.EmailedInvoices(program.InvoiceQuery{PageQuery: asked})
	if err != nil {
		v.fail(invoicesPath, err)
		return
	}
	v.render(http.StatusOK, "invoices", invoicesPath, page.View{Title: "Invoices", Lead: "What customers have paid. Open one to refund it.", Content: invoiceList{
		Rows:  newInvoiceViews(found.Rows),
		Pager: page.NewPager(v.r, len(found.Rows), found.Next),
		Empty: page.Empty{Icon: "invoice", Title: "There are no invoices yet", Text: "A customer gets one with each subscription that is not free, and with each renewal: begin one through Admin.Subscriptions.Create."},
	}})
}

func showInvoice(v *visit) { v.showInvoice(http.StatusOK, "", nil, nil) }

func refund(v *visit) {
	form, ok := v.form()
	if !ok {
		return
	}
	text := page.Entered(form, "amount")
	amount, problem := optionalAmount(text)
	if problem != "" {
		v.showInvoice(http.StatusUnprocessableEntity, text, []string{problem}, nil)
		return
	}
	made, err := v.app.RefundInvoice(v.r.PathValue("id"), amount)
	if err != nil {
		v.showInvoice(statusOf(err), text, nil, err)
		return
	}
	v.done(page.Money(made.Refund.Amount)+" of "+made.Invoice.Label()+" is refunded.", at(invoicesPath, made.Invoice.ID))
}

// optionalAmount is nil for an empty text.
func optionalAmount(text string) (amount *program.Cents, problem string) {
	if text == "" {
		return nil, ""
	}
	hundredths, problem := readHundredths(text)
	read := program.Cents(hundredths)
	return &read, problem
}

func payInvoice(v *visit) {
	paid, err := v.app.PayInvoice(v.r.PathValue("id"))
	if err != nil {
		v.showInvoice(statusOf(err), "", nil, err)
		return
	}
	v.done(paid.Label()+" is paid.", at(invoicesPath, paid.ID))
}

// showInvoice shows an invoice with the amount that was entered, and why it was refused.
func (v *visit) showInvoice(status int, amount string, problems []string, refusal error) {
	found, err := v.app.Invoice(v.r.PathValue("id"))
	if err != nil {
		v.fail(invoicesPath, err)
		return
	}
	customer, err := v.app.Customer(found.CustomerID)
	if err != nil {
		v.fail(invoicesPath, err)
		return
	}
	refunds, err := v.app.Refunds(found.ID, program.PageQuery{Limit: pageLength})
	if err != nil {
		v.fail(invoicesPath, err)
		return
	}
	shown := newInvoiceView(program.UserInvoice{Invoice: found, UserEmail: customer.Email})
	shown.Refunds = refunds.Rows
	ofAmount, ofPage := problemsOf(refusal, "amount", program.ErrorCodeRefundExceedsPayment)
	for i := range ofAmount {
		ofAmount[i] = inDollars(ofAmount[i])
	}
	if !shown.Refundable {
		ofPage = append(ofPage, ofAmount...)
	}
	shown.Problems = ofPage
	shown.AmountField = page.Field{
		ID: "amount", Name: "amount", Label: "Amount ($)", Type: "text", InputMode: "decimal", Autocomplete: "off", Optional: true,
		Value: amount, Problems: append(problems, ofAmount...),
		Hint: "If it is empty, all that is left is refunded: " + page.Money(found.Amount-found.Refunded) + ". The partner’s commission is reduced, or taken back once it is ready.",
	}
	v.render(status, "invoice", invoicesPath, page.View{
		Title:   found.Label(),
		Back:    &page.Link{Href: invoicesPath, Text: "Invoices"},
		Content: shown,
	})
}
