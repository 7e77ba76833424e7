package api

import (
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

type refundBody struct {
	ID        string        `json:"id"`
	InvoiceID string        `json:"invoiceId"`
	Amount    program.Cents `json:"amount"`
	CreatedAt time.Time     `json:"createdAt"`
}

func toRefundBody(refund program.Refund) refundBody {
	return refundBody{refund.ID, refund.InvoiceID, refund.Amount, refund.CreatedAt}
}

type refundingBody struct {
	Refund  refundBody  `json:"refund"`
	Invoice invoiceBody `json:"invoice"`
}

func refundInvoice(c *call) (any, error) {
	body, err := c.fields()
	if err != nil {
		return nil, err
	}
	amount := as[program.Cents](body.decimal("amount"))
	if err := body.check(program.RefundProblems(amount)); err != nil {
		return nil, err
	}
	made, err := c.app.RefundInvoice(c.request.PathValue("invoiceID"), amount)
	if err != nil {
		return nil, err
	}
	return refundingBody{toRefundBody(made.Refund), toInvoiceBody(made.Invoice)}, nil
}

func listRefunds(c *call) (any, error) { return refundPage(c, c.app.Refunds) }

func listUserRefunds(c *call) (any, error) {
	return refundPage(c, func(invoiceID string, asked program.PageQuery) (program.Page[program.Refund], error) {
		return c.app.UserRefunds(c.credential.CustomerID, invoiceID, asked)
	})
}

func refundPage(c *call, refunds func(invoiceID string, asked program.PageQuery) (program.Page[program.Refund], error)) (any, error) {
	read := c.listQuery()
	asked := read.page()
	if err := read.check(nil); err != nil {
		return nil, err
	}
	page, err := refunds(c.request.PathValue("invoiceID"), asked)
	if err != nil {
		return nil, err
	}
	return toPageBody(c.list(), page, toRefundBody), nil
}
