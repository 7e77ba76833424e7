package refserver_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// A hoard is a server with a partner and a user, who have n/10 of all that can be listed: deals, accesses,
// subscriptions, invoices, commissions, payouts, and refunds of one invoice.
type hoard struct {
	world
	partner, user, invoice string
}

var hoards shelf[*hoard]

func fillHoard(b *testing.B, n int) *hoard {
	b.Helper()
	return hoards.get(n, func() *hoard { return newHoard(b, n) })
}

func newHoard(b *testing.B, n int) *hoard {
	w := &hoard{world: newUnservedWorld(b)}
	atOnce, any := 0, program.Cents(0)
	_, err := w.Program.UpdateSettings(program.SettingsChange{HoldingPeriodDays: &atOnce, MinPayoutAmount: &any})
	require.NoError(b, err)
	w.partner = w.world.partner(b, "jane@acme.com", "JANE").CustomerID
	w.user = w.customer(b, program.CustomerParams{Email: "lee@example.com", ReferralCode: "JANE"})
	for i := range n / 10 {
		w.add(b, i)
	}
	invoice, err := w.Program.CreateInvoice(program.InvoiceParams{CustomerID: w.user, Amount: 100_000_00})
	require.NoError(b, err)
	w.invoice = invoice.ID
	cent := program.Cents(1)
	for range n / 10 {
		_, err := w.Program.RefundInvoice(w.invoice, &cent)
		require.NoError(b, err)
	}
	return w
}

// add adds one of each.
func (w *hoard) add(b *testing.B, i int) {
	_, err := w.Program.RegisterDeal(w.partner, program.DealParams{LeadEmail: fmt.Sprintf("lead-%d@example.com", i), LeadName: "Lead"})
	require.NoError(b, err)
	access, err := w.Program.RequestAccess(w.partner, w.user)
	require.NoError(b, err)
	_, err = w.Program.DecideAccess(w.user, access.ID, program.DeclineAccess)
	require.NoError(b, err)
	_, err = w.Program.Subscribe(program.SubscriptionParams{CustomerID: w.user, Plan: program.Free, Name: "Shop"})
	require.NoError(b, err)
	w.pay(b, w.user, 10_00)
	payout, err := w.Program.RequestPayout(w.partner)
	require.NoError(b, err)
	for _, status := range []program.PayoutStatus{program.PayoutProcessing, program.PayoutPaid} {
		_, err = w.Program.MovePayout(payout.ID, program.PayoutStep{Status: status})
		require.NoError(b, err)
	}
}

// BenchmarkHoardPageOf100 reads the first page of each list that is of one partner or one customer, and of
// those of an admin.
func BenchmarkHoardPageOf100(b *testing.B) {
	for _, c := range []struct {
		name string
		path func(*hoard) string
		as   func(*hoard) []string
	}{
		{"deals", func(*hoard) string { return "/v1/affiliate/deals?" }, (*hoard).asPartner},
		{"accesses", func(*hoard) string { return "/v1/affiliate/access?" }, (*hoard).asUser},
		{"subscriptions", func(*hoard) string { return account + "commissions/subscriptions?" }, (*hoard).asPartner},
		{"subscriptionsOfUser", func(w *hoard) string { return users + "/" + w.user + "/subscriptions?" }, (*hoard).asPartner},
		{"invoicesOfUser", func(w *hoard) string { return account + "invoices?userId=" + w.user }, (*hoard).asPartner},
		{"refunds", func(w *hoard) string { return account + "invoices/" + w.invoice + "/refunds?" }, (*hoard).asPartner},
		{"receipt", func(w *hoard) string { return account + "invoices/" + w.invoice + "/receipt?" }, (*hoard).asPartner},
		{"commissionsOfUser", func(w *hoard) string { return account + "commissions?userId=" + w.user }, (*hoard).asPartner},
		{"payouts", func(*hoard) string { return account + "payouts?" }, (*hoard).asPartner},
		{"payoutsPaid", func(*hoard) string { return account + "payouts?status=paid" }, (*hoard).asPartner},
		{"allSubscriptions", func(w *hoard) string { return w.appPath("subscriptions?") }, (*hoard).asAdmin},
		{"allSubscriptionsOfCustomer", func(w *hoard) string { return w.appPath("subscriptions?customerId=" + w.user) }, (*hoard).asAdmin},
		{"allInvoicesOfCustomer", func(w *hoard) string { return w.appPath("invoices?customerId=" + w.user) }, (*hoard).asAdmin},
		{"allRefunds", func(w *hoard) string { return w.appPath("invoices/" + w.invoice + "/refunds?") }, (*hoard).asAdmin},
		{"allPayouts", func(w *hoard) string { return w.path("payouts?") }, (*hoard).asAdmin},
		{"allPayoutsPaid", func(w *hoard) string { return w.path("payouts?status=paid") }, (*hoard).asAdmin},
	} {
		b.Run(c.name, func(b *testing.B) {
			runAt(b, http.StatusOK, func(b *testing.B, n int) (http.Handler, *http.Request) {
				w, limit := fillHoard(b, n), "&limit=100"
				if c.name == "receipt" {
					limit = ""
				}
				return w, benchRequest("GET", c.path(w)+limit, "", c.as(w))
			})
		})
	}
}

func (w *hoard) asPartner() []string { return w.session(w.partner) }
func (w *hoard) asUser() []string    { return w.session(w.user) }
func (w *hoard) asAdmin() []string   { return w.admin() }
