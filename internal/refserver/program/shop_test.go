package program_test

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// shop is a program with a partner, and a customer that the partner has brought.
type shop struct {
	fixture
	partner, user string // ids of customers
}

func newShop(t require.TestingT) shop {
	f, _ := listen()
	return openShop(t, f)
}

func openShop(t require.TestingT, f fixture) shop {
	partner := f.enroll(t, "jane@acme.com", "JANE").CustomerID
	return shop{f, partner, f.signUp(t, program.CustomerParams{Email: "lee@example.com", ReferralCode: "JANE"}).ID}
}

func (s shop) settings(t require.TestingT, change program.SettingsChange) {
	_, err := s.UpdateSettings(change)
	require.NoError(t, err)
}

func (s shop) subscribe(t require.TestingT, params program.SubscriptionParams) string {
	if params.CustomerID == "" {
		params.CustomerID = s.user
	}
	made, err := s.Subscribe(params)
	require.NoError(t, err)
	return made.ID
}

func (s shop) change(t require.TestingT, id string, change program.SubscriptionChange) program.PricedSubscription {
	changed, err := s.UpdateSubscription(id, change)
	require.NoError(t, err)
	return changed
}

func (s shop) pay(t require.TestingT, amount program.Cents) string {
	invoice, err := s.CreateInvoice(program.InvoiceParams{CustomerID: s.user, Amount: amount})
	require.NoError(t, err)
	return invoice.ID
}

func (s shop) refund(t require.TestingT, invoice string, amount program.Cents) {
	_, err := s.RefundInvoice(invoice, &amount)
	require.NoError(t, err)
}

func (s shop) payout(t require.TestingT) program.Payout {
	payout, err := s.RequestPayout(s.partner)
	require.NoError(t, err)
	return payout
}

func (s shop) move(t require.TestingT, payout program.Payout, status program.PayoutStatus) {
	_, err := s.MovePayout(payout.ID, program.PayoutStep{Status: status})
	require.NoError(t, err)
}

func (s shop) balances(t require.TestingT) program.Balances {
	summary, err := s.CommissionSummary(s.partner)
	require.NoError(t, err)
	return summary.Balances
}

func (s shop) statement(t require.TestingT) []program.StatementLine {
	page, err := s.Statement(s.partner, program.PageQuery{Limit: 1_000_000})
	require.NoError(t, err)
	return page.Rows
}

// commissions are the statuses and the amounts, newest first.
func (s shop) commissions(t require.TestingT) (statuses []program.CommissionStatus, amounts []program.Cents) {
	page, err := s.Commissions(s.partner, program.CommissionQuery{PageQuery: program.PageQuery{Limit: 1_000_000}})
	require.NoError(t, err)
	for _, row := range page.Rows {
		statuses, amounts = append(statuses, row.Status), append(amounts, row.Amount)
	}
	return statuses, amounts
}

// invoices are all, oldest first.
func (s shop) invoices(t require.TestingT) []program.Invoice {
	page, err := s.Invoices(program.InvoiceQuery{PageQuery: program.PageQuery{Limit: 1_000_000}})
	require.NoError(t, err)
	for i, j := 0, len(page.Rows)-1; i < j; i, j = i+1, j-1 {
		page.Rows[i], page.Rows[j] = page.Rows[j], page.Rows[i]
	}
	return page.Rows
}

func (s shop) days(t require.TestingT) []string {
	days := []string{}
	for _, invoice := range s.invoices(t) {
		days = append(days, invoice.CreatedAt.Format(time.DateOnly))
	}
	return days
}

// goTo moves the clock to a moment.
func (s shop) goTo(t require.TestingT, moment string) {
	to, err := time.Parse(time.RFC3339, moment)
	require.NoError(t, err)
	require.False(t, to.Before(s.clock.Now()))
	s.clock.Advance(to.Sub(s.clock.Now()))
}

func ptr[T any](value T) *T { return &value }
