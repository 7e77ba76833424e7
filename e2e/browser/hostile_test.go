package browser

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// hostile is the name of everybody, and all else that people can enter.
const hostile = `<script>alert(1)</script>`

// TestHostileTextIsTextEverywhere has a partner, an applicant and a customer with such a name, and looks at all pages.
func TestHostileTextIsTextEverywhere(t *testing.T) {
	for _, as := range []look{{}, {NoScript: true}} {
		t.Run(as.String(), func(t *testing.T) {
			t.Parallel()
			h := newHost(t)
			mallory := h.enroll(t, "mallory@evil.example", hostile, "MALLORY")
			fillWithHostileText(t, h, mallory)
			assertInertEverywhere(t, h.enterPortal(t, as, mallory), map[string]bool{
				"dashboard": true, "users": true, "deals": true, "invoices": true, "payouts": true, "info": true, "containers": true,
			})
			assertInertEverywhere(t, h.enterConsole(t, as), map[string]bool{
				"overview": true, "applications": true, "partners": true, "customers": true, "invoices": true, "payout-failed": true,
			})
		})
	}
}

func fillWithHostileText(t *testing.T, h *host, mallory partner) {
	t.Helper()
	ctx, admin := t.Context(), h.Admin.Admin
	_, err := h.Client.Affiliates.Apply(ctx, affiliates.ApplyParams{Email: "eve@evil.example", Name: hostile, Company: hostile, Reason: hostile})
	require.NoError(t, err)
	rejected := apply(t, h, "trudy@evil.example", hostile)
	_, err = h.Admin.Affiliates.Reject(ctx, rejected, affiliates.RejectParams{Reason: hostile})
	require.NoError(t, err)

	customer, err := admin.Customers.Create(ctx, affiliates.CreateCustomerParams{Email: "customer@evil.example", Name: hostile, ReferralCode: "MALLORY"})
	require.NoError(t, err)
	_, err = admin.Subscriptions.Create(ctx, affiliates.CreateSubscriptionParams{CustomerID: customer.ID, Plan: affiliates.PlanEnterprise, Name: hostile})
	require.NoError(t, err)
	invoice, err := admin.Invoices.Create(ctx, affiliates.CreateInvoiceParams{CustomerID: customer.ID, Amount: affiliates.MoneyFromCents(1000_00), Description: hostile})
	require.NoError(t, err)
	part := affiliates.MoneyFromCents(1_00)
	_, err = admin.Invoices.Refund(ctx, invoice.ID, affiliates.RefundInvoiceParams{Amount: &part})
	require.NoError(t, err)
	_, err = mallory.Affiliates.RegisterDeal(ctx, affiliates.DealParams{LeadEmail: "lead@evil.example", LeadName: hostile, Notes: hostile})
	require.NoError(t, err)
	_, err = h.Admin.Affiliates.UpdateSettings(ctx, affiliates.UpdateSettingsParams{Levels: []affiliates.Level{
		{Name: hostile, MinPaidSubscriptions: 1, CommissionRate: affiliates.PercentFromInt(25)},
		{Name: hostile + hostile, MinPaidSubscriptions: 5, CommissionRate: affiliates.PercentFromInt(30)},
	}})
	require.NoError(t, err)

	require.NoError(t, h.Advance(31*day))
	payout, err := mallory.Account.Payouts.Request(ctx, affiliates.RequestPayoutParams{})
	require.NoError(t, err)
	_, err = admin.Payouts.Fail(ctx, payout.ID, affiliates.FailPayoutParams{Reason: hostile})
	require.NoError(t, err)
	asked, err := mallory.Account.Users.RequestAccess(ctx, customer.ID, affiliates.RequestAccessParams{})
	require.NoError(t, err)
	_, err = h.App.Program.DecideAccess(customer.ID, asked.ID, program.GrantAccess)
	require.NoError(t, err)
	h.addWebhooks(t)
	_, err = admin.Customers.Create(ctx, affiliates.CreateCustomerParams{Email: "second@evil.example", Name: hostile})
	require.NoError(t, err)
}

// assertInertEverywhere fails the test if one of the pages runs or draws what a text says, or if the pages that are named do not
// show it.
func assertInertEverywhere(t *testing.T, person walk, shows map[string]bool) {
	t.Helper()
	person.each(func(at place) {
		page := person.content()
		assert.Empty(t, page.Live, at.Path)
		if at.Name != "info" { // which shows the HTML of the badge
			assert.NotContains(t, page.Text, "&lt;", at.Path)
		}
		if shows[at.Name] {
			assert.Contains(t, page.Text, hostile, at.Path)
		}
	})
}
