package accountmodel_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/internal/accountmodel"
	"github.com/stackbe/stackbe-go/internal/conformance/fixture"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// A crowd acts on one program at once, over HTTP.
type crowd struct {
	ctx       context.Context
	server    *stackbetest.Server
	business  *stackbe.Client
	partners  []*affiliates.Affiliate
	customers []string // their users
}

const (
	crowdSize   = 64
	crowdSteps  = 15
	leastPayout = 10_00
	holdingDays = 10
	usersOfEach = 3 // partner
)

func newCrowd(t *testing.T) *crowd {
	t.Helper()
	began := time.Date(2027, 1, 31, 10, 17, 23, 0, time.UTC)
	server := stackbetest.New(t, stackbetest.WithClock(func() time.Time { return began }))
	c := &crowd{ctx: t.Context(), server: server, business: server.Client().AsAdmin(server.AdminToken)}
	holding, least := holdingDays, affiliates.MoneyFromCents(leastPayout)
	_, err := c.business.Affiliates.UpdateSettings(c.ctx, affiliates.UpdateSettingsParams{
		HoldingPeriodDays: &holding,
		MinPayoutAmount:   &least,
		Levels:            []affiliates.Level{{Name: "Gold", MinPaidSubscriptions: 6, CommissionRate: affiliates.PercentFromInt(33)}},
	})
	require.NoError(t, err)
	for i := range 4 {
		params := affiliates.ApplyParams{Email: fmt.Sprintf("partner-%d@example.com", i), Name: "Jane Smith"}
		review, err := fixture.Enroll(c.ctx, c.business, params, "")
		require.NoError(t, err)
		c.partners = append(c.partners, &review.Affiliate)
		account, err := c.account(&review.Affiliate)
		require.NoError(t, err)
		for j := range usersOfEach {
			user, err := account.Users.CreateSubAccount(c.ctx, affiliates.CreateSubAccountParams{Email: fmt.Sprintf("user-%d-%d@example.com", i, j)})
			require.NoError(t, err)
			c.customers = append(c.customers, user.ID)
		}
	}
	return c
}

// account is with a new session: the clock may have ended any other, and may end this one.
func (c *crowd) account(partner *affiliates.Affiliate) (affiliates.Account, error) {
	session, err := c.business.Admin.Customers.CreateSession(c.ctx, partner.CustomerID, affiliates.CreateSessionParams{})
	if err != nil {
		return affiliates.Account{}, err
	}
	return c.server.Client().AsCustomer(session.SessionToken).Account, nil
}

// A member is one of the crowd, with a chance of its own. What it does may be refused, since others act
// at the same time; it says which refusals it may get.
type member struct {
	*crowd
	*rand.Rand
}

func one[T any](m member, of []T) T { return of[m.IntN(len(of))] }

func (m member) act() error {
	actions := []func() error{
		m.charge, m.charge, m.charge, m.subscribe, m.refund, m.refund, m.refund, m.pay, m.change,
		m.requestPayout, m.requestPayout, m.movePayout, m.movePayout, m.movePayout, m.schedule, m.advance, m.advance,
	}
	return one(m, actions)()
}

// may is nil for an error that has one of the codes.
func may(err error, codes ...string) error {
	var refused *stackbe.Error
	if errors.As(err, &refused) && slices.Contains(codes, refused.Code) {
		return nil
	}
	return err
}

func (m member) advance() error {
	m.server.Advance(time.Duration(m.Int64N(int64(8 * 24 * time.Hour))))
	return nil
}

func (m member) charge() error {
	params := affiliates.CreateInvoiceParams{CustomerID: one(m, m.customers), Amount: affiliates.MoneyFromCents(1 + m.Int64N(300_00))}
	_, err := m.business.Admin.Invoices.Create(m.ctx, params)
	return err
}

func (m member) subscribe() error {
	_, err := m.business.Admin.Subscriptions.Create(m.ctx, affiliates.CreateSubscriptionParams{
		CustomerID:    one(m, m.customers),
		Plan:          one(m, []affiliates.Plan{affiliates.PlanFree, affiliates.PlanPro, affiliates.PlanBusiness}),
		Billing:       one(m, []affiliates.Billing{"", affiliates.BillingIndividual, affiliates.BillingConsolidated}),
		PaymentMethod: one(m, []affiliates.PaymentMethod{"", affiliates.PaymentMethodValid, affiliates.PaymentMethodDeclined}),
	})
	return err
}

func (m member) invoice() (*affiliates.Invoice, error) {
	page, err := m.business.Admin.Invoices.List(m.ctx, affiliates.AdminInvoiceFilter{Limit: 30})
	if err != nil || len(page.Data) == 0 {
		return nil, err
	}
	return &page.Data[m.IntN(len(page.Data))], nil
}

func (m member) refund() error {
	invoice, err := m.invoice()
	if invoice == nil {
		return err
	}
	var params affiliates.RefundInvoiceParams
	if m.IntN(3) > 0 {
		cents, _ := invoice.Amount.Cents()
		amount := affiliates.MoneyFromCents(1 + m.Int64N(cents))
		params.Amount = &amount
	}
	_, err = m.business.Admin.Invoices.Refund(m.ctx, invoice.ID, params)
	return may(err, stackbe.CodeRefundExceedsPayment, stackbe.CodeNotPaid)
}

func (m member) pay() error {
	invoice, err := m.invoice()
	if invoice == nil {
		return err
	}
	_, err = m.business.Admin.Invoices.Pay(m.ctx, invoice.ID, affiliates.PayInvoiceParams{})
	return may(err, stackbe.CodeAlreadyPaid)
}

func (m member) change() error {
	page, err := m.business.Admin.Subscriptions.List(m.ctx, affiliates.SubscriptionFilter{Limit: 30})
	if err != nil || len(page.Data) == 0 {
		return err
	}
	paused := m.IntN(3) == 0
	_, err = m.business.Admin.Subscriptions.Update(m.ctx, page.Data[m.IntN(len(page.Data))].ID, affiliates.UpdateSubscriptionParams{
		Plan:          one(m, []affiliates.Plan{"", affiliates.PlanPro, affiliates.PlanEnterprise}),
		Status:        one(m, []affiliates.SubscriptionStatus{"", affiliates.SubscriptionActive, affiliates.SubscriptionError, affiliates.SubscriptionCanceled}),
		Billing:       one(m, []affiliates.Billing{"", affiliates.BillingIndividual, affiliates.BillingConsolidated}),
		PaymentMethod: one(m, []affiliates.PaymentMethod{"", affiliates.PaymentMethodValid, affiliates.PaymentMethodDeclined}),
		Paused:        &paused,
	})
	return may(err, stackbe.CodeSubscriptionCanceled)
}

func (m member) requestPayout() error {
	account, err := m.account(one(m, m.partners))
	if err != nil {
		return err
	}
	_, err = account.Payouts.Request(m.ctx, affiliates.RequestPayoutParams{})
	return may(err, stackbe.CodePayoutBelowMinimum, stackbe.CodePayoutOpen, stackbe.CodeSessionExpired, stackbe.CodeSessionInvalid)
}

func (m member) movePayout() error {
	page, err := m.business.Admin.Payouts.List(m.ctx, affiliates.PayoutFilter{Limit: 4})
	if err != nil || len(page.Data) == 0 {
		return err
	}
	id := page.Data[m.IntN(len(page.Data))].ID
	switch m.IntN(5) {
	case 0:
		_, err = m.business.Admin.Payouts.Fail(m.ctx, id, affiliates.FailPayoutParams{Reason: "The account is closed"})
	case 1, 2:
		_, err = m.business.Admin.Payouts.Process(m.ctx, id, affiliates.ProcessPayoutParams{})
	default:
		_, err = m.business.Admin.Payouts.MarkPaid(m.ctx, id, affiliates.MarkPayoutPaidParams{})
	}
	return may(err, stackbe.CodePayoutStatus)
}

func (m member) schedule() error {
	account, err := m.account(one(m, m.partners))
	if err != nil {
		return err
	}
	interval := one(m, []affiliates.PayoutInterval{affiliates.PayoutIntervalOff, affiliates.PayoutIntervalWeekly, affiliates.PayoutIntervalMonthly})
	_, err = account.Payouts.SetSchedule(m.ctx, affiliates.SetPayoutScheduleParams{Interval: interval})
	return may(err, stackbe.CodeSessionExpired, stackbe.CodeSessionInvalid)
}

// terms are the settings of newCrowd, with the default prices.
func (c *crowd) terms() accountmodel.Settings {
	terms := accountmodel.New(c.server.Now()).Settings
	terms.Holding, terms.LeastPaid = holdingDays*24*time.Hour, leastPayout
	terms.Levels = []accountmodel.Level{{Subscriptions: 6, Rate: 33_00}}
	return terms
}

// books are all that can be read of the partner's account, whose subscriptions have not changed since they
// were settled.
func (c *crowd) books(t *testing.T, partner *affiliates.Affiliate, customers []string, settledAt time.Time) accountmodel.Books {
	t.Helper()
	account, err := c.account(partner)
	require.NoError(t, err)
	books := accountmodel.Books{Terms: c.terms(), Now: c.server.Now(), SettledAt: settledAt}
	for _, customerID := range customers {
		for s, err := range c.business.Admin.Subscriptions.All(c.ctx, affiliates.SubscriptionFilter{CustomerID: customerID, Limit: 100}) {
			require.NoError(t, err)
			books.Subscriptions = append(books.Subscriptions, accountmodel.BookedSubscription{
				ID: s.ID, Plan: string(s.Plan), Consolidated: s.Billing == affiliates.BillingConsolidated,
				Declined: s.PaymentMethod == affiliates.PaymentMethodDeclined, Paused: !s.PausedAt.IsZero(),
				CreatedAt: s.CreatedAt, CanceledAt: s.CanceledAt, PeriodEnd: s.CurrentPeriodEnd,
			})
		}
	}
	for invoice, err := range account.Invoices.All(c.ctx, affiliates.InvoiceFilter{Limit: 100}) {
		require.NoError(t, err)
		books.Invoices = append(books.Invoices, accountmodel.BookedInvoice{
			ID: invoice.ID, SubscriptionID: invoice.SubscriptionID, Plan: string(invoice.Plan),
			Status: string(invoice.Status), Consolidated: invoice.Billing == affiliates.BillingConsolidated,
			Amount: cents(t, invoice.Amount), Refunded: cents(t, invoice.Refunded),
			PeriodStart: invoice.PeriodStart, PeriodEnd: invoice.PeriodEnd, CreatedAt: invoice.CreatedAt, PaidAt: invoice.PaidAt,
		})
		for refund, err := range c.business.Admin.Invoices.AllRefunds(c.ctx, invoice.ID, affiliates.RefundFilter{Limit: 100}) {
			require.NoError(t, err)
			books.Refunds = append(books.Refunds, accountmodel.BookedRefund{
				ID: refund.ID, InvoiceID: refund.InvoiceID, Amount: cents(t, refund.Amount), CreatedAt: refund.CreatedAt,
			})
		}
	}
	for commission, err := range account.Commissions.All(c.ctx, affiliates.CommissionFilter{Limit: 100}) {
		require.NoError(t, err)
		rate := commission.Rate.Decimal().Shift(2)
		require.True(t, rate.IsInteger())
		books.Commissions = append(books.Commissions, accountmodel.BookedCommission{
			ID: commission.ID, InvoiceID: commission.InvoiceID, PayoutID: commission.PayoutID, Reverses: commission.Reverses,
			Status: string(commission.Status), Payment: cents(t, commission.Payment), Rate: rate.IntPart(),
			Amount: cents(t, commission.Amount), CreatedAt: commission.CreatedAt, ReadyAt: commission.ReadyAt,
		})
	}
	for payout, err := range account.Payouts.All(c.ctx, affiliates.PayoutFilter{Limit: 100}) {
		require.NoError(t, err)
		books.Payouts = append(books.Payouts, accountmodel.BookedPayout{
			ID: payout.ID, Status: string(payout.Status), Amount: cents(t, payout.Amount), Commissions: payout.Commissions,
		})
	}
	for entry, err := range account.Statement.All(c.ctx, affiliates.StatementFilter{Limit: 100}) {
		require.NoError(t, err)
		books.Statement = append(books.Statement, accountmodel.BookedEntry{
			Sequence: entry.Sequence, Kind: string(entry.Kind), Amount: cents(t, entry.Amount), From: string(entry.From), To: string(entry.To),
			CauseType: string(entry.Cause.Type), CauseID: entry.Cause.ID, CreatedAt: entry.CreatedAt, Balances: accountmodel.Balances{
				Earned: cents(t, entry.Balances.Earned), InReview: cents(t, entry.Balances.InReview), Ready: cents(t, entry.Balances.Ready),
				Debt: cents(t, entry.Balances.Debt), InPayout: cents(t, entry.Balances.InPayout), Paid: cents(t, entry.Balances.Paid),
			},
		})
	}
	slices.Reverse(books.Statement)
	summary, err := account.Commissions.Summary(c.ctx)
	require.NoError(t, err)
	books.Balances = accountmodel.Balances{
		Earned: cents(t, summary.TotalEarned), InReview: cents(t, summary.InReview), Ready: cents(t, summary.Ready),
		Debt: cents(t, summary.Debt), InPayout: cents(t, summary.InPayout), Paid: cents(t, summary.Paid),
	}
	return books
}

func TestAccountsHoldAfterManyActAtOnce(t *testing.T) {
	c := newCrowd(t)
	var all sync.WaitGroup
	for i := range crowdSize {
		all.Go(func() {
			m := member{c, rand.New(rand.NewPCG(uint64(i), 0))}
			for range crowdSteps {
				if err := m.act(); err != nil {
					assert.NoError(t, err)
					return
				}
			}
		})
	}
	all.Wait()
	for range 6 { // so that a level is reached
		params := affiliates.CreateSubscriptionParams{CustomerID: c.customers[0], Plan: affiliates.PlanPro}
		_, err := c.business.Admin.Subscriptions.Create(c.ctx, params)
		require.NoError(t, err)
	}
	settledAt := c.server.Now()
	c.server.Advance(40 * 24 * time.Hour) // in which each subscription renews

	happened := map[string]int{}
	invoices := 0
	for i, partner := range c.partners {
		books := c.books(t, partner, c.customers[i*usersOfEach:][:usersOfEach], settledAt)
		assert.Empty(t, accountmodel.Audit(books), "partner %s", partner.ID)
		invoices += len(books.Invoices)
		for _, entry := range books.Statement {
			happened[entry.Kind]++
		}
	}
	for _, kind := range []string{"commission", "matured", "reduction", "clawback", "payout_requested", "payout_paid", "payout_failed"} {
		assert.Positive(t, happened[kind], "there was no %s", kind)
	}

	numbers := map[string]bool{}
	for invoice, err := range c.business.Admin.Invoices.All(c.ctx, affiliates.AdminInvoiceFilter{Limit: 100}) {
		require.NoError(t, err)
		numbers[invoice.Number] = true
	}
	assert.Len(t, numbers, invoices, "each invoice is in the books of one partner, under a number of its own")
}
