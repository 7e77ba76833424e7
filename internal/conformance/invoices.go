package conformance

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

var invoiceCases = []testCase{
	{"a partner sees the invoices of its users, with their emails", contract, needKey | needAdmin, invoicesOfUsers},
	{"invoices are numbered in order", contract, needKey | needAdmin, invoicesAreNumbered},
	{"a failed invoice is paid later, once", contract, needKey | needAdmin | needChange | alone, aFailedInvoiceIsPaid},
	{"an invoice is refunded in parts, and never beyond the payment", contract, needKey | needAdmin | needChange, refundsInParts},
	{"a refund without an amount is of the rest", contract, needKey | needAdmin | needChange, aRefundOfTheRest},
	{"an invoice that was never paid is neither refunded nor receipted", contract, needKey | needAdmin | needChange, noRefundOfAFailure},
	{"a receipt has the lines, the refunds and the total", contract, needKey | needAdmin | needChange, aReceipt},
	{"an invalid invoice or refund is refused", contract, needKey | needAdmin | needChange, invalidInvoices},
}

func invoicesOfUsers(t *testing.T, s *suite) {
	partner := s.newPartner(t)
	user := partner.addUser(t)
	paid := s.charge(t, user.ID, 49_99)
	got, err := partner.client.Account.Invoices.Get(t.Context(), paid.ID)
	require.NoError(t, err)
	assert.Equal(t, user.Email, got.UserEmail)
	assert.Equal(t, user.ID, got.CustomerID)
	assert.EqualValues(t, 49_99, cents(got.Amount))
	assert.Equal(t, affiliates.InvoicePaid, got.Status)
	assert.Equal(t, affiliates.BillingIndividual, got.Billing)
	assert.NotEmpty(t, got.Description)
	requireUTC(t, got.Raw, "createdAt", "paidAt")

	page, err := partner.client.Account.Invoices.List(t.Context(), affiliates.InvoiceFilter{UserID: user.ID})
	require.NoError(t, err)
	require.Len(t, page.Data, 1)
	assert.JSONEq(t, string(got.Raw), string(page.Data[0].Raw))
}

func invoicesAreNumbered(t *testing.T, s *suite) {
	customer := s.newCustomer(t)
	first, second := s.charge(t, customer.id, 1_00), s.charge(t, customer.id, 1_00)
	assert.Regexp(t, `^INV-\d{6,}$`, first.Number)
	assert.Less(t, first.Number, second.Number)
}

func aFailedInvoiceIsPaid(t *testing.T, s *suite) {
	s.terms(t, 30)
	partner := s.newPartner(t)
	user := partner.addUser(t)
	failed := s.failedInvoice(t, user.ID)
	assert.True(t, failed.PaidAt.IsZero())
	assert.Empty(t, partner.commissions(t, affiliates.CommissionFilter{}))

	paid, err := s.admin.Admin.Invoices.Pay(t.Context(), failed.ID, affiliates.PayInvoiceParams{})
	require.NoError(t, err)
	assert.Equal(t, affiliates.InvoicePaid, paid.Status)
	requireUTC(t, paid.Raw, "paidAt")
	commissions := partner.commissions(t, affiliates.CommissionFilter{})
	require.Len(t, commissions, 1)
	assert.EqualValues(t, 4_00, cents(commissions[0].Amount))

	_, err = s.admin.Admin.Invoices.Pay(t.Context(), failed.ID, affiliates.PayInvoiceParams{})
	s.requireErrorIs(t, err, stackbe.ErrConflict, stackbe.CodeAlreadyPaid)
	s.refund(t, failed.ID, 0)
	_, err = s.admin.Admin.Invoices.Pay(t.Context(), failed.ID, affiliates.PayInvoiceParams{})
	s.requireErrorIs(t, err, stackbe.ErrConflict, stackbe.CodeAlreadyPaid)
}

func refundsInParts(t *testing.T, s *suite) {
	invoice := s.charge(t, s.newCustomer(t).id, 100_00)
	first := s.refund(t, invoice.ID, 30_01)
	assert.EqualValues(t, 30_01, cents(first.Refund.Amount))
	assert.Equal(t, invoice.ID, first.Refund.InvoiceID)
	assert.EqualValues(t, 30_01, cents(first.Invoice.Refunded))
	assert.EqualValues(t, 100_00, cents(first.Invoice.Amount))
	assert.Equal(t, affiliates.InvoicePartiallyRefunded, first.Invoice.Status)

	s.requireRefundRefused(t, invoice.ID, 70_00, "69.99")
	last := s.refund(t, invoice.ID, 69_99)
	assert.Equal(t, affiliates.InvoiceRefunded, last.Invoice.Status)
	s.requireRefundRefused(t, invoice.ID, 1, "")
	s.requireRefundRefused(t, invoice.ID, 0, "")

	page, err := s.admin.Admin.Invoices.Refunds(t.Context(), invoice.ID, affiliates.RefundFilter{})
	require.NoError(t, err)
	require.Len(t, page.Data, 2)
	assert.Equal(t, []string{last.Refund.ID, first.Refund.ID}, []string{page.Data[0].ID, page.Data[1].ID})
}

// requireRefundRefused requires a refusal that names what is left, and that nothing is refunded.
func (s *suite) requireRefundRefused(t *testing.T, invoiceID string, amount int64, left string) {
	t.Helper()
	before, err := s.admin.Admin.Invoices.Get(t.Context(), invoiceID)
	require.NoError(t, err)
	var params affiliates.RefundInvoiceParams
	if amount > 0 {
		money := affiliates.MoneyFromCents(amount)
		params.Amount = &money
	}
	_, err = s.admin.Admin.Invoices.Refund(t.Context(), invoiceID, params)
	s.requireErrorIs(t, err, stackbe.ErrBadRequest, stackbe.CodeRefundExceedsPayment)
	assert.ErrorContains(t, err, left)
	after, err := s.admin.Admin.Invoices.Get(t.Context(), invoiceID)
	require.NoError(t, err)
	assert.JSONEq(t, string(before.Raw), string(after.Raw))
}

func aRefundOfTheRest(t *testing.T, s *suite) {
	invoice := s.charge(t, s.newCustomer(t).id, 100_00)
	s.refund(t, invoice.ID, 40_00)
	rest := s.refund(t, invoice.ID, 0)
	assert.EqualValues(t, 60_00, cents(rest.Refund.Amount))
	assert.Equal(t, affiliates.InvoiceRefunded, rest.Invoice.Status)
}

func noRefundOfAFailure(t *testing.T, s *suite) {
	partner := s.newPartner(t)
	failed := s.failedInvoice(t, partner.addUser(t).ID)
	_, err := s.admin.Admin.Invoices.Refund(t.Context(), failed.ID, affiliates.RefundInvoiceParams{})
	s.requireErrorIs(t, err, stackbe.ErrConflict, stackbe.CodeNotPaid)
	_, err = partner.client.Account.Invoices.Receipt(t.Context(), failed.ID)
	s.requireErrorIs(t, err, stackbe.ErrConflict, stackbe.CodeNotPaid)
}

func aReceipt(t *testing.T, s *suite) {
	partner := s.newPartner(t)
	user := partner.addUser(t)
	invoice := s.charge(t, user.ID, 100_00)
	first, second := s.refund(t, invoice.ID, 10_00), s.refund(t, invoice.ID, 5_55)
	receipt, err := partner.client.Account.Invoices.Receipt(t.Context(), invoice.ID)
	require.NoError(t, err)
	assert.Equal(t, invoice.Number, receipt.Number)
	assert.Equal(t, invoice.ID, receipt.Invoice.ID)
	assert.Equal(t, affiliates.ReceiptCustomer{ID: user.ID, Email: user.Email, Name: testName}, receipt.Customer)
	var total int64
	for _, line := range receipt.Lines {
		assert.NotEmpty(t, line.Description)
		total += cents(line.Amount)
	}
	assert.EqualValues(t, 100_00, total)
	require.Len(t, receipt.Refunds, 2)
	assert.Equal(t, []string{first.Refund.ID, second.Refund.ID}, []string{receipt.Refunds[0].ID, receipt.Refunds[1].ID})
	assert.Equal(t, 2, receipt.RefundCount)
	assert.EqualValues(t, 84_45, cents(receipt.Total))

	page, err := partner.client.Account.Invoices.Refunds(t.Context(), invoice.ID, affiliates.RefundFilter{Limit: 1})
	require.NoError(t, err)
	require.Len(t, page.Data, 1)
	assert.Equal(t, second.Refund.ID, page.Data[0].ID, "newest first")
	rest, err := partner.client.Account.Invoices.Refunds(t.Context(), invoice.ID, affiliates.RefundFilter{Cursor: page.Cursor})
	require.NoError(t, err)
	require.Len(t, rest.Data, 1)
	assert.Equal(t, first.Refund.ID, rest.Data[0].ID)
	_, err = s.newPartner(t).client.Account.Invoices.Refunds(t.Context(), invoice.ID, affiliates.RefundFilter{})
	s.requireErrorIs(t, err, stackbe.ErrNotFound, stackbe.CodeInvoiceNotFound)
}

func invalidInvoices(t *testing.T, s *suite) {
	customer := s.newCustomer(t)
	app := fill(appPath, s.target.AppID, "") + "/invoices"
	post := func(path string, fields map[string]any) response {
		return s.send(t, request{method: http.MethodPost, path: path, credential: s.asAdmin(s.target.AdminToken), body: encode(t, fields)})
	}
	for _, amount := range []any{0, -1, 0.001, 12.345, "12", 100_000_000_000.01} {
		got := post(app, map[string]any{"customerId": customer.id, "amount": amount})
		s.requireProblems(t, stackbe.CodeValidationError, got, "amount")
	}
	s.requireProblems(t, stackbe.CodeMissingRequiredField, post(app, map[string]any{"customerId": customer.id}), "amount")
	s.requireProblems(t, stackbe.CodeMissingRequiredField, post(app, map[string]any{"amount": 1}), "customerId")
	long := map[string]any{"customerId": customer.id, "amount": 1, "description": strings.Repeat("d", 201)}
	s.requireProblems(t, stackbe.CodeValidationError, post(app, long), "description")

	refunds := app + "/" + s.charge(t, customer.id, 100_00).ID + "/refunds"
	for _, amount := range []any{0, -1, 0.001, "12"} {
		s.requireProblems(t, stackbe.CodeValidationError, post(refunds, map[string]any{"amount": amount}), "amount")
	}
}
