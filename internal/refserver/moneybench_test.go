package refserver_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// A treasury is a server with n commissions of one partner, a third of each paid, in a payout and
// ready, of 100 users; and n/10 partners, each with a user that has paid.
type treasury struct {
	world
	partner, user    string // ids of customers
	invoice          string // to be refunded a cent at a time
	paid, subscribed string // ids
	middle           time.Time
}

var treasuries shelf[*treasury]

func fillTreasury(b *testing.B, n int) *treasury {
	b.Helper()
	return treasuries.get(n, func() *treasury { return newTreasury(b, n) })
}

func newTreasury(b *testing.B, n int) *treasury {
	w := &treasury{world: newUnservedWorld(b)}
	for i := range n / 10 {
		code := fmt.Sprintf("CODE%d", i)
		w.partner = w.world.partner(b, fmt.Sprintf("partner-%d@acme.com", i), code).CustomerID
		w.user = w.customer(b, program.CustomerParams{Email: fmt.Sprintf("user-%d@example.com", i), ReferralCode: code})
		w.pay(b, w.user, 10_00)
	}
	users := []string{w.user}
	for i := range 99 {
		users = append(users, w.customer(b, program.CustomerParams{Email: fmt.Sprintf("more-%d@example.com", i), ReferralCode: fmt.Sprintf("CODE%d", n/10-1)}))
	}
	subscription, err := w.Program.Subscribe(program.SubscriptionParams{CustomerID: w.user, Plan: program.Pro})
	require.NoError(b, err)
	w.subscribed = subscription.ID
	for third := range 3 {
		for i := range n / 3 {
			if i == n/6 && third == 1 {
				w.advance(time.Second)
				w.middle = w.Now()
			}
			w.pay(b, users[i%len(users)], 50_00)
		}
		w.advance(31 * day)
		if third == 2 {
			break
		}
		payout, err := w.Program.RequestPayout(w.partner)
		require.NoError(b, err)
		if third == 0 {
			for _, status := range []program.PayoutStatus{program.PayoutProcessing, program.PayoutPaid} {
				_, err = w.Program.MovePayout(payout.ID, program.PayoutStep{Status: status})
				require.NoError(b, err)
			}
			w.paid = payout.ID
		}
	}
	invoice, err := w.Program.CreateInvoice(program.InvoiceParams{CustomerID: w.user, Amount: 100_000_000_00})
	require.NoError(b, err)
	w.invoice = invoice.ID
	return w
}

func runMoney(b *testing.B, status int, request func(*treasury) *http.Request) {
	runAt(b, status, func(b *testing.B, n int) (http.Handler, *http.Request) {
		w := fillTreasury(b, n)
		return w, request(w)
	})
}

func BenchmarkMoneyPageOf100(b *testing.B) {
	for _, c := range []struct {
		name  string
		query func(*treasury) string
	}{
		{"commissions", func(*treasury) string { return "commissions?" }},
		{"commissionsPaid", func(*treasury) string { return "commissions?status=paid" }},
		{"commissionsInPayout", func(*treasury) string { return "commissions?status=in_payout" }},
		{"commissionsReady", func(*treasury) string { return "commissions?status=ready" }},
		{"commissionsOfPayout", func(w *treasury) string { return "commissions?payoutId=" + w.paid }},
		{"commissionsRare", func(*treasury) string { return "commissions?plan=pro&status=paid" }},
		{"commissionsOfPeriod", func(w *treasury) string { return "commissions?to=" + w.middle.UTC().Format(time.RFC3339) }},
		{"invoices", func(*treasury) string { return "invoices?" }},
		{"statement", func(*treasury) string { return "statement?" }},
	} {
		b.Run(c.name, func(b *testing.B) {
			runMoney(b, http.StatusOK, func(w *treasury) *http.Request {
				return benchRequest("GET", account+c.query(w)+"&limit=100", "", w.session(w.partner))
			})
		})
	}
	b.Run("allInvoices", func(b *testing.B) {
		runMoney(b, http.StatusOK, func(w *treasury) *http.Request {
			return benchRequest("GET", w.appPath("invoices?limit=100"), "", w.admin())
		})
	})
}

func BenchmarkCommissionSummary(b *testing.B) {
	runMoney(b, http.StatusOK, func(w *treasury) *http.Request {
		return benchRequest("GET", account+"commissions/summary", "", w.session(w.partner))
	})
}

func BenchmarkDashboardOfAnEarner(b *testing.B) {
	runMoney(b, http.StatusOK, func(w *treasury) *http.Request {
		return benchRequest("GET", "/v1/affiliate/dashboard", "", w.session(w.partner))
	})
}

func BenchmarkPayment(b *testing.B) {
	runMoney(b, http.StatusCreated, func(w *treasury) *http.Request {
		return benchRequest("POST", w.appPath("invoices"), fmt.Sprintf(`{"customerId": %q, "amount": 0.01}`, w.user), w.admin())
	})
}

func BenchmarkPaymentThatEarns(b *testing.B) {
	runMoney(b, http.StatusCreated, func(w *treasury) *http.Request {
		return benchRequest("POST", w.appPath("invoices"), fmt.Sprintf(`{"customerId": %q, "amount": 10}`, w.user), w.admin())
	})
}

func BenchmarkRefund(b *testing.B) {
	runMoney(b, http.StatusCreated, func(w *treasury) *http.Request {
		return benchRequest("POST", w.appPath("invoices/"+w.invoice+"/refunds"), `{"amount": 0.05}`, w.admin())
	})
}

// BenchmarkPayoutOfAllThatIsReady takes a third of the commissions into a payout, which fails.
func BenchmarkPayoutOfAllThatIsReady(b *testing.B) {
	for _, n := range benchmarkSizes {
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			w := fillTreasury(b, n)
			open, err := w.Program.PartnerPayouts(w.partner, program.PayoutQuery{Status: program.PayoutPending, PageQuery: program.PageQuery{Limit: 1}})
			require.NoError(b, err)
			fail := func(id string) {
				_, err := w.Program.MovePayout(id, program.PayoutStep{Status: program.PayoutFailed})
				require.NoError(b, err)
			}
			for _, payout := range open.Rows {
				fail(payout.ID)
			}
			for b.Loop() {
				payout, err := w.Program.RequestPayout(w.partner)
				require.NoError(b, err)
				fail(payout.ID)
			}
		})
	}
}
