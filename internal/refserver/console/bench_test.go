package console_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// crowd is a console with n records of each kind behind it, and with 10,000 deliveries at most. It
// begins after the holding period of all commissions.
func crowd(b *testing.B, n int) (browser, map[string]string) {
	b.Helper()
	w := newWorld(b)
	zero, cents := 0, program.Cents(1)
	_, err := w.Program.UpdateSettings(program.SettingsChange{HoldingPeriodDays: &zero, MinPayoutAmount: &cents})
	require.NoError(b, err)
	w.Webhooks.Misbehave(delivery.Misbehavior{Reorder: true}) // which holds the deliveries back
	var endpoint delivery.Endpoint
	apply := func(email string) string {
		application, err := w.Program.Apply(program.ApplicationParams{Email: email, Name: "Jane Smith"})
		require.NoError(b, err)
		return application.ID
	}
	var asked, paying, invoice string
	var partner *program.Affiliate
	for i := range n {
		if i == max(n-10_000, 0) { // as many as are kept
			endpoint, err = w.Webhooks.AddEndpoint(w.ID, delivery.EndpointParams{URL: "http://receiver.test", Secret: secret, Transport: nowhere{}, Events: []program.EventKind{program.ApplicationApproved}})
			require.NoError(b, err)
		}
		asked = apply(fmt.Sprintf("a%d@acme.com", i))
		review, err := w.Program.Approve(apply(fmt.Sprintf("p%d@acme.com", i)), "")
		require.NoError(b, err)
		partner = review.Affiliate
		customer, err := w.Program.CreateCustomer(program.CustomerParams{Email: fmt.Sprintf("c%d@acme.com", i), ReferralCode: partner.Code})
		require.NoError(b, err)
		paying = customer.ID
		made, err := w.Program.CreateInvoice(program.InvoiceParams{CustomerID: customer.ID, Amount: 100_00})
		require.NoError(b, err)
		invoice = made.ID
	}
	require.NoError(b, w.Advance(time.Second))
	page, err := w.Program.Partners(program.PageQuery{Limit: n})
	require.NoError(b, err)
	payout := ""
	for _, one := range page.Rows {
		made, err := w.Program.RequestPayout(one.CustomerID)
		require.NoError(b, err)
		payout = made.ID
	}
	for i := range 1000 {
		w.browser(b).send(http.MethodGet, fmt.Sprint("/v1/affiliate/by-customer/", i), nil, "x-api-key", w.APIKey)
	}
	logged, deliveries := w.Requests.All(), w.Webhooks.App(w.ID).Deliveries(delivery.DeliveryQuery{EndpointID: endpoint.ID, PageQuery: program.PageQuery{Limit: 1}})
	return w.admin(b, w.AdminToken), map[string]string{
		"overview":            "/console",
		"applications":        "/console/applications",
		"all applications":    "/console/applications?status=all",
		"application":         "/console/applications/" + asked,
		"find an application": "/console/applications?find=a1@acme.com",
		"partners":            "/console/partners",
		"partner":             "/console/partners/" + partner.ID,
		"payouts":             "/console/payouts",
		"all payouts":         "/console/payouts?status=all",
		"payout":              "/console/payouts/" + payout,
		"customers":           "/console/customers",
		"customer":            "/console/customers/" + paying,
		"invoices":            "/console/invoices",
		"invoice":             "/console/invoices/" + invoice,
		"webhooks":            "/console/webhooks",
		"deliveries of none":  "/console/webhooks?state=canceled",
		"webhook":             "/console/webhooks/" + endpoint.ID,
		"delivery":            "/console/webhooks/" + endpoint.ID + "/deliveries/" + deliveries.Rows[0].EventID,
		"requests":            "/console/requests",
		"request":             fmt.Sprint("/console/requests/", logged[len(logged)-1].Sequence),
		"sign-in":             "/console/sign-in",
		"settings":            "/console/settings",
	}
}

// BenchmarkPage is each page of the console over HTTP on loopback. The bars: with 100,000 of each record
// at most 1.5 times as long as with 100, and less than 10 ms.
func BenchmarkPage(b *testing.B) {
	for _, n := range []int{100, 100_000} {
		admin, pages := crowd(b, n)
		for name, path := range pages {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					if got := admin.get(path); got.status >= http.StatusBadRequest {
						b.Fatal(got.status)
					}
				}
			})
		}
	}
}
