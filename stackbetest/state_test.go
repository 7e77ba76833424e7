package stackbetest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// A view is what the API responds, but for Raw.
func TestViewsAreWhatTheAPIResponds(t *testing.T) {
	server := stackbetest.New(t, stackbetest.WithoutSocket())
	review := enroll(t, server.App, "jane@acme.com", "JANE20")
	customer := server.CreateCustomer(stackbetest.CustomerParams{Email: "john@company.com", ReferralCode: "JANE20"})
	subscription := server.Subscribe(customer, affiliates.PlanBusiness)
	server.RecordPayment(customer, affiliates.MoneyFromCents(12_34))
	invoices := server.Invoices(customer)
	require.Len(t, invoices, 2)
	refund := server.Refund(invoices[0].ID, affiliates.MoneyFromCents(50_50))
	server.Advance(31 * 24 * time.Hour)

	admin := server.AdminClient()
	jane := server.CustomerClient(review.Affiliate.CustomerID)
	application, err := admin.Affiliates.GetApplication(t.Context(), review.Application.ID)
	require.NoError(t, err)
	application.Raw = nil
	assert.Equal(t, *application, server.Application("Jane@ACME.com"))

	affiliate, err := admin.Affiliates.Get(t.Context(), review.Affiliate.CustomerID)
	require.NoError(t, err)
	affiliate.Raw = nil
	assert.Equal(t, *affiliate, server.Affiliate("jane20"))

	made, err := admin.Admin.Subscriptions.Get(t.Context(), subscription.ID)
	require.NoError(t, err)
	subscription.CurrentPeriodStart, subscription.CurrentPeriodEnd = made.CurrentPeriodStart, made.CurrentPeriodEnd // it has renewed
	made.Raw = nil
	assert.Equal(t, *made, subscription)

	for _, view := range server.Invoices(customer) {
		invoice, err := admin.Admin.Invoices.Get(t.Context(), view.ID)
		require.NoError(t, err)
		invoice.Raw = nil
		assert.Equal(t, *invoice, view)
	}
	refunds, err := admin.Admin.Invoices.Refunds(t.Context(), refund.InvoiceID, affiliates.RefundFilter{})
	require.NoError(t, err)
	refunds.Data[0].Raw = nil
	assert.Equal(t, refunds.Data[0], refund)

	entries := server.Statement(review.Affiliate.ID)
	at := len(entries)
	for entry, err := range jane.Account.Statement.All(t.Context(), affiliates.StatementFilter{}) {
		require.NoError(t, err)
		at--
		entry.Raw = nil
		assert.Equal(t, *entry, entries[at])
	}
	assert.Zero(t, at)
}

func TestPayInvoicePaysFailedOne(t *testing.T) {
	server := stackbetest.New(t, stackbetest.WithoutSocket())
	jane := enroll(t, server.App, "jane@acme.com", "JANE20")
	customer := server.CreateCustomer(stackbetest.CustomerParams{Email: "john@company.com", ReferralCode: "JANE20"})
	_, err := server.AdminClient().Admin.Subscriptions.Create(t.Context(), affiliates.CreateSubscriptionParams{
		CustomerID: customer, Plan: affiliates.PlanPro, PaymentMethod: affiliates.PaymentMethodDeclined,
	})
	require.NoError(t, err)
	failed := server.Invoices(customer)[0]
	assert.Equal(t, affiliates.InvoiceFailed, failed.Status)
	assert.Empty(t, server.Statement(jane.Affiliate.ID))
	assert.Equal(t, affiliates.InvoicePaid, server.PayInvoice(failed.ID).Status)
	assert.Len(t, server.Statement(jane.Affiliate.ID), 1)
}

func TestRefundOfZeroIsOfTheRest(t *testing.T) {
	server := stackbetest.New(t, stackbetest.WithoutSocket())
	customer := server.CreateCustomer(stackbetest.CustomerParams{Email: "john@company.com"})
	server.RecordPayment(customer, affiliates.MoneyFromCents(10_00))
	invoice := server.Invoices(customer)[0]
	server.Refund(invoice.ID, affiliates.MoneyFromCents(4_00))
	assert.Equal(t, "6.00", server.Refund(invoice.ID, affiliates.Money{}).Amount.String())
	assert.Equal(t, affiliates.InvoiceRefunded, server.Invoices(customer)[0].Status)
}

func TestGrantAccessGrantsWhatWasRequested(t *testing.T) {
	server := stackbetest.New(t, stackbetest.WithoutSocket())
	review := enroll(t, server.App, "jane@acme.com", "JANE20")
	customer := server.CreateCustomer(stackbetest.CustomerParams{Email: "john@company.com", ReferralCode: "JANE20"})
	jane := server.CustomerClient(review.Affiliate.CustomerID)
	_, err := jane.Account.Users.RequestAccess(t.Context(), customer, affiliates.RequestAccessParams{})
	require.NoError(t, err)
	server.GrantAccess(customer)
	_, err = jane.Account.Users.LogInAs(t.Context(), customer, affiliates.LogInAsParams{})
	assert.NoError(t, err)
}
