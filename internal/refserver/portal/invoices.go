package portal

import (
	"errors"
	"net/http"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

type invoicesView struct {
	Rows  []program.UserInvoice
	User  *program.User // whose invoices alone are shown
	Pager page.Pager
	Empty page.Empty
}

func (v *visit) invoices() {
	userID := v.r.URL.Query().Get("user")
	invoices, err := v.app.UserInvoices(v.me(), userID, v.page())
	if err != nil {
		v.fail(err)
		return
	}
	view := invoicesView{
		Rows:  invoices.Rows,
		Pager: page.NewPager(v.r, len(invoices.Rows), invoices.Next),
		Empty: page.Empty{
			Icon: "invoice", Title: "No invoices yet",
			Text:    "An invoice appears here each time one of your users pays. Bring users first.",
			Actions: []page.Action{{Href: usersPath, Text: "To your users", Primary: true}},
		},
	}
	if userID != "" {
		user, err := v.app.User(v.me(), userID)
		if err != nil {
			v.fail(err)
			return
		}
		view.User = &user
		view.Empty.Text = "This user has not paid for anything yet."
		view.Empty.Actions = []page.Action{{Href: userPath(user.ID), Text: "To the user"}, {Href: invoicesPath, Text: "Show all invoices"}}
	}
	v.render(http.StatusOK, "invoices", page.View{
		Title: "Customer invoices", Section: invoicesPath, Lead: "What your users were charged, with the invoice and the receipt to print.",
		Actions: []page.Action{v.csv()},
		Content: view,
	})
}

// A documentView is an invoice or a receipt, to be printed.
type documentView struct {
	program.UserInvoice
	Customer program.Customer
	Receipt  *program.Receipt // nil for an invoice
	HasPaid  bool
}

// document is an invoice of one of the partner's users, with its receipt if it has been paid.
func (v *visit) document() (documentView, error) {
	id := v.r.PathValue("invoiceID")
	invoice, err := v.app.UserInvoice(v.me(), id)
	if err != nil {
		return documentView{}, err
	}
	user, err := v.app.User(v.me(), invoice.CustomerID)
	if err != nil {
		return documentView{}, err
	}
	shown := documentView{UserInvoice: invoice, Customer: user.Customer, HasPaid: !invoice.PaidAt.IsZero()}
	return shown, nil
}

func (v *visit) invoice() {
	shown, err := v.document()
	if err != nil {
		v.fail(err)
		return
	}
	v.render(http.StatusOK, "document", page.View{Title: "Invoice " + shown.Label(), Section: invoicesPath, Back: &page.Link{Href: invoicesPath, Text: "Customer invoices"}, Content: shown})
}

func (v *visit) receipt() {
	shown, err := v.document()
	if err != nil {
		v.fail(err)
		return
	}
	receipt, err := v.app.Receipt(v.me(), shown.ID)
	if unpaid := new(program.Conflict); errors.As(err, &unpaid) {
		v.problem(page.Problem{
			Status: http.StatusConflict, Title: "There is no receipt yet", Text: "This invoice was never paid. It has a receipt once it is.",
			Actions: []page.Action{{Href: invoicesPath, Text: "To the invoices", Primary: true}},
		})
		return
	}
	if err != nil {
		v.fail(err)
		return
	}
	shown.Receipt = &receipt
	v.render(http.StatusOK, "document", page.View{Title: "Receipt " + shown.Label(), Section: invoicesPath, Back: &page.Link{Href: invoicesPath, Text: "Customer invoices"}, Content: shown})
}
