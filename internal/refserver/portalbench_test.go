package refserver_test

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// portalSizes are the numbers of users that the pages of a partner are compared at.
var portalSizes = []int{100, 100_000}

// A crowd is a partner with n users, each with a subscription, an invoice, a commission and a deal.
type crowd struct {
	world
	partner, user, invoice, payout string
}

var crowds shelf[*crowd]

func fillCrowd(b *testing.B, n int) *crowd {
	b.Helper()
	return crowds.get(n, func() *crowd { return newCrowd(b, n) })
}

func newCrowd(b *testing.B, n int) *crowd {
	c := &crowd{world: newUnservedWorld(b)}
	c.partner = c.world.partner(b, "jane@acme.com", "JANE").CustomerID
	levels := []program.Level{{Name: "Gold", MinPaidSubscriptions: 1_000_000, CommissionRate: 40_00}}
	_, err := c.Program.UpdateSettings(program.SettingsChange{Levels: &levels})
	require.NoError(b, err)
	for i := range n {
		_, err := c.Program.RegisterDeal(c.partner, program.DealParams{LeadEmail: fmt.Sprintf("lead-%d@example.com", i), LeadName: "Lead"})
		require.NoError(b, err)
		c.user = c.customer(b, program.CustomerParams{Email: fmt.Sprintf("user-%d@example.com", i), Name: "User", ReferralCode: "JANE"})
		subscription, err := c.Program.Subscribe(program.SubscriptionParams{CustomerID: c.user, Plan: program.Pro})
		require.NoError(b, err)
		for at, status := range map[int]program.SubscriptionStatus{1: program.SubscriptionLimitExceeded, 2: program.SubscriptionError} {
			if i%4 == at {
				_, err := c.Program.UpdateSubscription(subscription.ID, program.SubscriptionChange{Status: status})
				require.NoError(b, err)
			}
		}
	}
	access, err := c.Program.RequestAccess(c.partner, c.user)
	require.NoError(b, err)
	_, err = c.Program.DecideAccess(c.user, access.ID, program.GrantAccess)
	require.NoError(b, err)
	invoices, err := c.Program.UserInvoices(c.partner, c.user, program.PageQuery{Limit: 1})
	require.NoError(b, err)
	c.invoice = invoices.Rows[0].ID
	c.advance(30 * day)
	payout, err := c.Program.RequestPayout(c.partner)
	require.NoError(b, err)
	c.payout = payout.ID
	listener := httptest.NewServer(c.Server) // as long as the process: other benchmarks use it
	c.url = listener.URL
	return c
}

// BenchmarkPortalPage opens each page over a connection on loopback. The bars are those of docs/benchmarks.md.
func BenchmarkPortalPage(b *testing.B) {
	for _, page := range []struct {
		name string
		path func(*crowd) string
	}{
		{"dashboard", func(*crowd) string { return "/portal" }},
		{"users", func(*crowd) string { return "/portal/users" }},
		{"usersWithExceededLimit", func(*crowd) string { return "/portal/users?filter=limit_exceeded" }},
		{"usersWithErrors", func(*crowd) string { return "/portal/users?filter=error" }},
		{"usersFromTheMiddle", func(c *crowd) string { return fmt.Sprintf("/portal/users?before=%d", c.middle()) }},
		{"user", func(c *crowd) string { return "/portal/users/" + c.user }},
		{"deals", func(*crowd) string { return "/portal/deals" }},
		{"dealsRegistered", func(*crowd) string { return "/portal/deals?status=registered" }},
		{"invoices", func(*crowd) string { return "/portal/invoices" }},
		{"invoicesOfUser", func(c *crowd) string { return "/portal/invoices?user=" + c.user }},
		{"invoice", func(c *crowd) string { return "/portal/invoices/" + c.invoice }},
		{"receipt", func(c *crowd) string { return "/portal/invoices/" + c.invoice + "/receipt" }},
		{"commissions", func(*crowd) string { return "/portal/commissions" }},
		{"commissionsInPayout", func(*crowd) string { return "/portal/commissions?status=in_payout&plan=pro" }},
		{"commissionsOfPayout", func(c *crowd) string { return "/portal/commissions?payout=" + c.payout }},
		{"containers", func(*crowd) string { return "/portal/containers" }},
		{"payouts", func(*crowd) string { return "/portal/payouts" }},
		{"payout", func(c *crowd) string { return "/portal/payouts/" + c.payout }},
		{"statement", func(*crowd) string { return "/portal/statement" }},
		{"info", func(*crowd) string { return "/portal/info" }},
		{"api", func(*crowd) string { return "/portal/api" }},
		{"createSubAccount", func(*crowd) string { return "/portal/create-sub-account" }},
		{"addUser", func(*crowd) string { return "/portal/add-user" }},
		{"registerDeal", func(*crowd) string { return "/portal/register-deal" }},
		{"asUser", func(*crowd) string { return "/portal/as-user" }},
	} {
		b.Run(page.name, func(b *testing.B) {
			for _, n := range portalSizes {
				b.Run(fmt.Sprintf("users=%d", n), func(b *testing.B) {
					c := fillCrowd(b, n)
					visitor := c.visitor(b, c.partner)
					visitor.post(b, "/portal/users/"+c.user+"/login")
					path := page.path(c)
					require.Equal(b, 200, visitor.request(b, "GET", path, nil).status)
					for b.Loop() {
						visitor.request(b, "GET", path, nil)
					}
				})
			}
		})
	}
}

// middle is the position of the user in the middle of the list.
func (c *crowd) middle() int {
	counts, err := c.Program.UserCounts(c.partner)
	if err != nil {
		panic(err)
	}
	return counts.All / 2
}
