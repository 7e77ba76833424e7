package api

import "github.com/stackbe/stackbe-go/internal/refserver/program"

type receiptBody struct {
	Number      string              `json:"number"`
	Invoice     invoiceBody         `json:"invoice"`
	Customer    receiptCustomerBody `json:"customer"`
	Lines       []receiptLineBody   `json:"lines"`
	Refunds     []refundBody        `json:"refunds"`
	RefundCount int                 `json:"refundCount"`
	Total       program.Cents       `json:"total"`
}

type receiptCustomerBody struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Name  string `json:"name,omitempty"`
}

type receiptLineBody struct {
	Description string        `json:"description"`
	Amount      program.Cents `json:"amount"`
}

func getReceipt(c *call) (any, error) {
	receipt, err := c.app.Receipt(c.credential.CustomerID, c.request.PathValue("invoiceID"))
	if err != nil {
		return nil, err
	}
	invoice := toUserInvoiceBody(receipt.Invoice)
	refunds := make([]refundBody, 0, len(receipt.Refunds))
	for _, refund := range receipt.Refunds {
		refunds = append(refunds, toRefundBody(refund))
	}
	return receiptBody{
		Number:      invoice.Number,
		Invoice:     invoice,
		Customer:    receiptCustomerBody{receipt.Customer.ID, receipt.Customer.Email, receipt.Customer.Name},
		Lines:       []receiptLineBody{{invoice.Description, invoice.Amount}},
		Refunds:     refunds,
		RefundCount: receipt.RefundCount,
		Total:       receipt.Total(),
	}, nil
}
