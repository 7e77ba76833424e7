package console

import (
	"cmp"
	"net/http"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// customerView is a customer, with the partner that it is attributed to.
type customerView struct {
	program.Customer
	Href, PartnerHref, PartnerCode string
}

func (v *visit) customerView(customer program.Customer) customerView {
	shown := customerView{Customer: customer, Href: at(customersPath, customer.ID)}
	if customer.AffiliateID != "" {
		shown.PartnerHref, shown.PartnerCode = v.partnerLink(customer.AffiliateID)
	}
	return shown
}

// customerList is a page of customers.
type customerList struct {
	Find  finder
	Rows  []customerView
	Pager page.Pager
	Empty page.Empty
}

func listCustomers(v *visit) {
	asked, ok := v.page(customersPath)
	if !ok {
		return
	}
	find := finder{Action: customersPath, Label: "Email of a customer", Value: v.r.URL.Query().Get("find")}
	if find.Value != "" {
		if customer, err := v.app.FindCustomer(find.Value); err == nil {
			v.redirect(at(customersPath, customer.ID))
			return
		}
		find.Problem = "No customer has this email."
	}
	found, err := v.app.Customers(asked)
	if err != nil {
		v.fail(customersPath, err)
		return
	}
	list := customerList{
		Find:  find,
		Pager: page.NewPager(v.r, len(found.Rows), found.Next),
		Empty: page.Empty{Icon: "person", Title: "There are no customers yet", Text: "Sign one up through Admin.Customers.Create or POST /v1/apps/{appId}/customers. An approved applicant becomes one too."},
	}
	for _, customer := range found.Rows {
		list.Rows = append(list.Rows, v.customerView(customer))
	}
	v.render(http.StatusOK, "customers", customersPath, page.View{Title: "Customers", Lead: "Who has signed up with the app, and which partner brought them.", Content: list})
}

// customerPage is a customer with its invoices.
type customerPage struct {
	customerView
	AsPartnerHref, AsPartnerCode string
	Rows                         []invoiceView
	Pager                        page.Pager
	Empty                        page.Empty
}

func showCustomer(v *visit) {
	asked, ok := v.page(customersPath)
	if !ok {
		return
	}
	customer, err := v.app.Customer(v.r.PathValue("id"))
	if err != nil {
		v.fail(customersPath, err)
		return
	}
	found, err := v.app.EmailedInvoices(program.InvoiceQuery{CustomerID: customer.ID, PageQuery: asked})
	if err != nil {
		v.fail(customersPath, err)
		return
	}
	shown := customerPage{
		customerView: v.customerView(customer),
		Rows:         newInvoiceViews(found.Rows),
		Pager:        page.NewPager(v.r, len(found.Rows), found.Next),
		Empty:        page.Empty{Icon: "invoice", Title: "No invoice yet", Text: "The customer gets one with each subscription that is not free, and with each renewal."},
	}
	if partner, enrolled := v.app.Affiliate(customer.ID); enrolled {
		shown.AsPartnerHref, shown.AsPartnerCode = at(partnersPath, partner.ID), partner.Code
	}
	v.render(http.StatusOK, "customer", customersPath, page.View{
		Title:   cmp.Or(customer.Name, customer.Email),
		Back:    &page.Link{Href: customersPath, Text: "Customers"},
		Content: shown,
	})
}
