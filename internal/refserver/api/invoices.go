package api

import (
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

type invoiceBody struct {
	ID             string                `json:"id"`
	Number         string                `json:"number"`
	CustomerID     string                `json:"customerId"`
	UserEmail      string                `json:"userEmail,omitempty"` // in a partner's account
	SubscriptionID string                `json:"subscriptionId,omitempty"`
	Plan           program.PlanID        `json:"plan,omitempty"`
	Billing        program.Billing       `json:"billing"`
	Description    string                `json:"description"`
	Amount         program.Cents         `json:"amount"`
	Refunded       program.Cents         `json:"refunded"`
	Status         program.InvoiceStatus `json:"status"`
	PeriodStart    time.Time             `json:"periodStart,omitzero"`
	PeriodEnd      time.Time             `json:"periodEnd,omitzero"`
	CreatedAt      time.Time             `json:"createdAt"`
	PaidAt         time.Time             `json:"paidAt,omitzero"`
}

func toInvoiceBody(invoice program.Invoice) invoiceBody {
	return invoiceBody{
		ID:             invoice.ID,
		Number:         invoice.Label(),
		CustomerID:     invoice.CustomerID,
		SubscriptionID: invoice.SubscriptionID,
		Plan:           invoice.Plan,
		Billing:        invoice.Billing,
		Description:    invoice.Text(),
		Amount:         invoice.Amount,
		Refunded:       invoice.Refunded,
		Status:         invoice.Status,
		PeriodStart:    invoice.PeriodStart,
		PeriodEnd:      invoice.PeriodEnd,
		CreatedAt:      invoice.CreatedAt,
		PaidAt:         invoice.PaidAt,
	}
}

func toUserInvoiceBody(invoice program.UserInvoice) invoiceBody {
	body := toInvoiceBody(invoice.Invoice)
	body.UserEmail = invoice.UserEmail
	return body
}

func listInvoices(c *call) (any, error) {
	read := c.listQuery()
	asked := program.InvoiceQuery{CustomerID: read.text("customerId"), SubscriptionID: read.text("subscriptionId"), PageQuery: read.page()}
	if err := read.check(nil); err != nil {
		return nil, err
	}
	page, err := c.app.Invoices(asked)
	if err != nil {
		return nil, err
	}
	return toPageBody(c.list(), page, toInvoiceBody), nil
}

func getInvoice(c *call) (any, error) {
	invoice, err := c.app.Invoice(c.request.PathValue("invoiceID"))
	if err != nil {
		return nil, err
	}
	return toInvoiceBody(invoice), nil
}

func createInvoice(c *call) (any, error) {
	body, err := c.fields()
	if err != nil {
		return nil, err
	}
	params := program.InvoiceParams{
		CustomerID:  body.text("customerId"),
		Amount:      program.Cents(orZero(body.decimal("amount"))),
		Description: body.text("description"),
	}
	if err := body.check(params.Problems()); err != nil {
		return nil, err
	}
	invoice, err := c.app.CreateInvoice(params)
	if err != nil {
		return nil, err
	}
	return toInvoiceBody(invoice), nil
}

func payInvoice(c *call) (any, error) {
	if err := c.noFields(); err != nil {
		return nil, err
	}
	invoice, err := c.app.PayInvoice(c.request.PathValue("invoiceID"))
	if err != nil {
		return nil, err
	}
	return toInvoiceBody(invoice), nil
}

// noFields returns an error if the body has any field.
func (c *call) noFields() error {
	body, err := c.fields()
	if err != nil {
		return err
	}
	return body.check(nil)
}

func listUserInvoices(c *call) (any, error) {
	read := c.listQuery()
	userID, asked := read.text("userId"), read.page()
	if err := read.check(nil); err != nil {
		return nil, err
	}
	page, err := c.app.UserInvoices(c.credential.CustomerID, userID, asked)
	if err != nil {
		return nil, err
	}
	return toPageBody(c.list(), page, toUserInvoiceBody), nil
}

func getUserInvoice(c *call) (any, error) {
	invoice, err := c.app.UserInvoice(c.credential.CustomerID, c.request.PathValue("invoiceID"))
	if err != nil {
		return nil, err
	}
	return toUserInvoiceBody(invoice), nil
}
