package program

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/ids"
)

// TestConcurrentMoneyBalances has 64 goroutines pay, refund, request payouts, change their states and move
// the clock concurrently.
func TestConcurrentMoneyBalances(t *testing.T) {
	var mu sync.Mutex
	now := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	h := &heard{Program: New(Options{
		AppID:     "app",
		IDs:       ids.New("seed", "app", nil),
		PortalKey: "key",
		Now: func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return now
		},
	})}
	application, err := h.Apply(ApplicationParams{Email: "jane@acme.com", Name: "Jane"})
	require.NoError(t, err)
	review, err := h.Approve(application.ID, "JANE")
	require.NoError(t, err)
	partner := review.Affiliate.CustomerID
	user, err := h.CreateCustomer(CustomerParams{Email: "lee@example.com", ReferralCode: "JANE"})
	require.NoError(t, err)
	_, err = h.Subscribe(SubscriptionParams{CustomerID: user.ID, Plan: Enterprise})
	require.NoError(t, err)
	_, err = h.SetPayoutSchedule(partner, PayoutsWeekly)
	require.NoError(t, err)

	var working sync.WaitGroup
	for worker := range 64 {
		working.Go(func() {
			for i := range 10 {
				switch (worker + i) % 5 {
				case 0:
					invoice, err := h.CreateInvoice(InvoiceParams{CustomerID: user.ID, Amount: Cents(worker*1000 + i + 1)})
					assert.NoError(t, err)
					amount := Cents(i + 1)
					_, _ = h.RefundInvoice(invoice.ID, &amount)
				case 1:
					page, err := h.Invoices(InvoiceQuery{PageQuery: PageQuery{Limit: 20}})
					assert.NoError(t, err)
					_, _ = h.RefundInvoice(page.Rows[len(page.Rows)-1].ID, nil)
				case 2:
					_, _ = h.RequestPayout(partner)
				case 3:
					page, err := h.Payouts(PayoutQuery{PageQuery: PageQuery{Limit: 1}})
					assert.NoError(t, err)
					for _, payout := range page.Rows {
						_, _ = h.MovePayout(payout.ID, PayoutStep{Status: []PayoutStatus{PayoutProcessing, PayoutPaid, PayoutFailed}[i%3]})
					}
				case 4:
					mu.Lock()
					now = now.Add(50 * time.Hour)
					mu.Unlock()
					_, err := h.Commissions(partner, CommissionQuery{Status: StatusReady, PageQuery: PageQuery{Limit: 5}})
					assert.NoError(t, err)
				}
			}
		})
	}
	working.Wait()
	requireBalanced(t, h, partner)
	h.now = now // that of the document which is read again
	requireSameDocument(t, h.Document(), reread(t, h, func(*Document) {}).Document())
}
