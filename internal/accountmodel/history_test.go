package accountmodel_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/internal/accountmodel"
	"github.com/stackbe/stackbe-go/internal/conformance/fixture"
	"github.com/stackbe/stackbe-go/internal/refserver"
)

// A history is played on the model and, over HTTP, on the reference server.
type history struct {
	*rapid.T
	ctx       context.Context
	model     *accountmodel.Model
	server    *server
	business  *stackbe.Client
	partners  []partner
	customers []customer
	ids       struct{ subscriptions, invoices []string } // in the order of the model's
}

type partner struct {
	*accountmodel.Partner
	customerID string
}

type customer struct {
	*accountmodel.Customer
	id, email string
}

var start = time.Date(2027, 1, 31, 10, 17, 23, 0, time.UTC)

func newHistory(t *rapid.T, serverWith func(require.TestingT, refserver.Config) *server) *history {
	began := start.AddDate(0, 0, rapid.IntRange(0, 1500).Draw(t, "day of the beginning"))
	server := serverWith(t, refserver.Config{Now: func() time.Time { return began }})
	t.Cleanup(server.close)
	h := &history{
		T:        t,
		ctx:      t.Context(),
		model:    accountmodel.New(began),
		server:   server,
		business: server.client().AsAdmin(server.app.AdminToken),
	}
	for range 2 {
		h.addPartner()
	}
	return h
}

func (h *history) addPartner() {
	email := fmt.Sprintf("partner-%d@example.com", len(h.partners))
	review, err := fixture.Enroll(h.ctx, h.business, affiliates.ApplyParams{Email: email, Name: "Jane Smith"}, "")
	require.NoError(h, err)
	h.partners = append(h.partners, partner{h.model.AddPartner(), review.Affiliate.CustomerID})
}

func (h *history) account(p partner) affiliates.Account {
	return h.server.client().AsCustomer(h.server.sessionToken(p.customerID)).Account
}

// steps are what may happen. A step for which there is nothing yet does nothing.
func (h *history) steps() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"": func(*rapid.T) { h.check() },
		"advance by days": func(t *rapid.T) {
			h.advance(rapid.IntRange(0, 40).Draw(t, "days"), rapid.IntRange(0, 86_399).Draw(t, "seconds"))
		},
		"advance to Monday":      func(*rapid.T) { h.advanceToMonday() },
		"charge for next Monday": h.chargeForNextMonday,
		"advance by years":       func(t *rapid.T) { h.advance(rapid.IntRange(300, 800).Draw(t, "days"), 0) },
		"sign up":                h.signUp,
		"subscribe":              h.subscribe,
		"charge":                 h.charge,
		"refund":                 h.refund,
		"refund again":           h.refund,
		"pay what failed":        h.pay,
		"request a payout":       h.requestPayout,
		"move a payout on":       h.movePayout,
		"and on":                 h.movePayout,
		"and request one":        h.requestPayout,
		"advance a month":        func(*rapid.T) { h.advance(31, 1) },
		"set a schedule":         h.setSchedule,
		"pause":                  h.pause,
		"cancel":                 h.cancel,
		"change":                 h.change,
		"link":                   h.link,
		"restart":                func(*rapid.T) { h.server.restart() },
		"change the terms":       h.changeTerms,
	}
}

// play takes random steps, and checks after each.
func (h *history) play(count int, check func()) {
	steps := h.steps()
	names := slices.Sorted(maps.Keys(steps))
	for range count {
		steps[rapid.SampledFrom(names).Draw(h.T, "step")](h.T)
		check()
	}
}

func (h *history) advance(days, seconds int) {
	h.move(time.Duration(days)*24*time.Hour + time.Duration(seconds)*time.Second)
}

// chargeForNextMonday makes a commission that becomes ready at the very time of a payout, which is scheduled
// before it.
func (h *history) chargeForNextMonday(t *rapid.T) {
	week := 7
	_, err := h.business.Affiliates.UpdateSettings(h.ctx, affiliates.UpdateSettingsParams{HoldingPeriodDays: &week})
	require.NoError(h, err)
	h.model.Settings.Holding = 7 * 24 * time.Hour
	h.advanceToMonday()
	for _, p := range h.partners {
		h.setInterval(p, "weekly")
	}
	h.charge(t)
}

// advanceToMonday advances to when weekly payouts run.
func (h *history) advanceToMonday() {
	days := 1 + (7-int(h.model.Now.Weekday()))%7
	y, m, d := h.model.Now.Date()
	h.move(time.Date(y, m, d+days, 0, 0, 0, 0, time.UTC).Sub(h.model.Now))
}

func (h *history) move(d time.Duration) {
	h.model.Advance(d)
	h.server.advance(d)
}

func (h *history) signUp(t *rapid.T) {
	email := fmt.Sprintf("customer-%d@example.com", len(h.customers))
	of := rapid.IntRange(-1, len(h.partners)-1).Draw(t, "partner")
	if of < 0 {
		created, err := h.business.Admin.Customers.Create(h.ctx, affiliates.CreateCustomerParams{Email: email})
		require.NoError(h, err)
		h.customers = append(h.customers, customer{h.model.AddCustomer(nil), created.ID, email})
		return
	}
	user, err := h.account(h.partners[of]).Users.CreateSubAccount(h.ctx, affiliates.CreateSubAccountParams{Email: email})
	require.NoError(h, err)
	h.customers = append(h.customers, customer{h.model.AddCustomer(h.partners[of].Partner), user.ID, email})
}

var plans = []affiliates.Plan{affiliates.PlanFree, affiliates.PlanPro, affiliates.PlanBusiness, affiliates.PlanEnterprise}

func (h *history) subscribe(t *rapid.T) {
	if len(h.customers) == 0 {
		return
	}
	c := rapid.SampledFrom(h.customers).Draw(t, "customer")
	params := affiliates.CreateSubscriptionParams{CustomerID: c.id, Plan: rapid.SampledFrom(plans).Draw(t, "plan")}
	consolidated := rapid.IntRange(0, 4).Draw(t, "consolidated if 0") == 0
	declined := rapid.IntRange(0, 4).Draw(t, "declined if 0") == 0
	if consolidated {
		params.Billing = affiliates.BillingConsolidated
	}
	if declined {
		params.PaymentMethod = affiliates.PaymentMethodDeclined
	}
	created, err := h.business.Admin.Subscriptions.Create(h.ctx, params)
	require.NoError(h, err)
	h.model.Subscribe(c.Customer, string(params.Plan), consolidated, declined)
	h.ids.subscriptions = append(h.ids.subscriptions, created.ID)
}

func (h *history) charge(t *rapid.T) {
	if len(h.customers) == 0 {
		return
	}
	c := rapid.SampledFrom(h.customers).Draw(t, "customer")
	amount := rapid.Int64Range(1, 60_000).Draw(t, "cents")
	_, err := h.business.Admin.Invoices.Create(h.ctx, affiliates.CreateInvoiceParams{CustomerID: c.id, Amount: affiliates.MoneyFromCents(amount)})
	require.NoError(h, err)
	h.model.Charge(c.Customer, amount)
}

// drawInvoice draws one, the newest more often, with its id.
func (h *history) drawInvoice(t *rapid.T, which func(*accountmodel.Invoice) bool) (*accountmodel.Invoice, string) {
	h.readInvoices()
	var indexes []int
	for i, invoice := range h.model.Invoices {
		if which(invoice) {
			indexes = append(indexes, i)
		}
	}
	if len(indexes) == 0 {
		return nil, ""
	}
	back := min(rapid.IntRange(0, 30).Draw(t, "how far back"), len(indexes)-1)
	i := indexes[len(indexes)-1-back]
	return h.model.Invoices[i], h.ids.invoices[i]
}

// readInvoices reads those that are new on the server, and compares all with the model's.
func (h *history) readInvoices() {
	known := len(h.ids.invoices)
	var unknown []*affiliates.Invoice
	for invoice, err := range h.business.Admin.Invoices.All(h.ctx, affiliates.AdminInvoiceFilter{Limit: 100}) {
		require.NoError(h, err)
		if known > 0 && invoice.ID == h.ids.invoices[known-1] {
			break
		}
		unknown = append(unknown, invoice)
	}
	require.Len(h, unknown, len(h.model.Invoices)-known, "new invoices")
	for i, invoice := range slices.Backward(unknown) {
		want := h.model.Invoices[len(h.model.Invoices)-1-i]
		require.Equal(h, want.Amount, cents(h, invoice.Amount), "the amount of %s", invoice.Number)
		require.True(h, want.At.Equal(invoice.CreatedAt), "%s is of %s, not of %s", invoice.Number, invoice.CreatedAt, want.At)
		require.Equal(h, fmt.Sprintf("INV-%06d", len(h.ids.invoices)+1), invoice.Number)
		h.ids.invoices = append(h.ids.invoices, invoice.ID)
	}
}

func (h *history) refund(t *rapid.T) {
	invoice, id := h.drawInvoice(t, func(*accountmodel.Invoice) bool { return true })
	if invoice == nil {
		return
	}
	amount := rapid.Int64Range(0, invoice.Amount+1).Draw(t, "cents, all that is left if 0")
	var params affiliates.RefundInvoiceParams
	if amount > 0 {
		money := affiliates.MoneyFromCents(amount)
		params.Amount = &money
	}
	result, err := h.business.Admin.Invoices.Refund(h.ctx, id, params)
	h.same(h.model.Refund(invoice, amount), err)
	if err == nil {
		assert.Equal(h, invoice.Refunded, cents(h, result.Invoice.Refunded))
	}
}

func (h *history) pay(t *rapid.T) {
	invoice, id := h.drawInvoice(t, func(i *accountmodel.Invoice) bool { return i.Failed })
	if invoice == nil {
		invoice, id = h.drawInvoice(t, func(*accountmodel.Invoice) bool { return true })
	}
	if invoice == nil {
		return
	}
	_, err := h.business.Admin.Invoices.Pay(h.ctx, id, affiliates.PayInvoiceParams{})
	h.same(h.model.PayFailed(invoice), err)
}

func (h *history) requestPayout(t *rapid.T) {
	p := rapid.SampledFrom(h.partners).Draw(t, "partner")
	_, err := h.account(p).Payouts.Request(h.ctx, affiliates.RequestPayoutParams{})
	h.same(h.model.RequestPayout(p.Partner, false), err)
}

func (h *history) movePayout(t *rapid.T) {
	p := rapid.SampledFrom(h.partners).Draw(t, "partner")
	if len(p.Payouts) == 0 {
		return
	}
	payout := p.Payouts[len(p.Payouts)-1]
	newest, err := h.account(p).Payouts.List(h.ctx, affiliates.PayoutFilter{Limit: 1})
	require.NoError(h, err)
	require.Len(h, newest.Data, 1)
	id := newest.Data[0].ID
	onward := map[string]string{"pending": "processing", "processing": "paid"}[payout.Status]
	status := rapid.SampledFrom([]string{onward, onward, onward, "processing", "paid", "failed"}).Draw(t, "status")
	if status == "" {
		status = "paid" // again
	}
	switch status {
	case "processing":
		_, err = h.business.Admin.Payouts.Process(h.ctx, id, affiliates.ProcessPayoutParams{})
	case "paid":
		_, err = h.business.Admin.Payouts.MarkPaid(h.ctx, id, affiliates.MarkPayoutPaidParams{})
	default:
		_, err = h.business.Admin.Payouts.Fail(h.ctx, id, affiliates.FailPayoutParams{Reason: "The account is closed"})
	}
	h.same(h.model.MovePayout(p.Partner, payout, status), err)
}

func (h *history) setSchedule(t *rapid.T) {
	h.setInterval(rapid.SampledFrom(h.partners).Draw(t, "partner"),
		rapid.SampledFrom([]affiliates.PayoutInterval{"off", "weekly", "monthly"}).Draw(t, "interval"))
}

func (h *history) setInterval(p partner, interval affiliates.PayoutInterval) {
	_, err := h.account(p).Payouts.SetSchedule(h.ctx, affiliates.SetPayoutScheduleParams{Interval: interval})
	require.NoError(h, err)
	h.model.SetInterval(p.Partner, string(interval))
}

// drawSubscription draws one that is not canceled, with its id.
func (h *history) drawSubscription(t *rapid.T) (*accountmodel.Subscription, string) {
	var live []int
	for i, s := range h.model.Subscriptions {
		if !s.Canceled {
			live = append(live, i)
		}
	}
	if len(live) == 0 {
		return nil, ""
	}
	i := rapid.SampledFrom(live).Draw(t, "subscription")
	return h.model.Subscriptions[i], h.ids.subscriptions[i]
}

func (h *history) pause(t *rapid.T) {
	s, id := h.drawSubscription(t)
	if s == nil {
		return
	}
	var err error
	if rapid.Bool().Draw(t, "pause") {
		_, err = h.business.Admin.Subscriptions.Pause(h.ctx, id, affiliates.PauseSubscriptionParams{})
		h.model.Pause(s)
	} else {
		_, err = h.business.Admin.Subscriptions.Resume(h.ctx, id, affiliates.ResumeSubscriptionParams{})
		h.model.Resume(s)
	}
	require.NoError(h, err)
}

func (h *history) cancel(t *rapid.T) {
	s, id := h.drawSubscription(t)
	if s == nil || rapid.IntRange(0, 2).Draw(t, "not if 0") == 0 {
		return
	}
	_, err := h.business.Admin.Subscriptions.Cancel(h.ctx, id, affiliates.CancelSubscriptionParams{})
	require.NoError(h, err)
	s.Canceled = true
	_, err = h.business.Admin.Subscriptions.Pause(h.ctx, id, affiliates.PauseSubscriptionParams{})
	h.same("SUBSCRIPTION_CANCELED", err)
}

func (h *history) change(t *rapid.T) {
	s, id := h.drawSubscription(t)
	if s == nil {
		return
	}
	params := affiliates.UpdateSubscriptionParams{
		Plan:          rapid.SampledFrom(plans).Draw(t, "plan"),
		Status:        rapid.SampledFrom([]affiliates.SubscriptionStatus{"active", "limit_exceeded", "error"}).Draw(t, "status"),
		Billing:       rapid.SampledFrom([]affiliates.Billing{"individual", "consolidated"}).Draw(t, "billing"),
		PaymentMethod: rapid.SampledFrom([]affiliates.PaymentMethod{"valid", "declined"}).Draw(t, "payment method"),
	}
	_, err := h.business.Admin.Subscriptions.Update(h.ctx, id, params)
	require.NoError(h, err)
	s.Plan = string(params.Plan)
	s.Consolidated = params.Billing == affiliates.BillingConsolidated
	s.Declined = params.PaymentMethod == affiliates.PaymentMethodDeclined
}

func (h *history) link(t *rapid.T) {
	if len(h.customers) == 0 {
		return
	}
	p := rapid.SampledFrom(h.partners).Draw(t, "partner")
	c := rapid.SampledFrom(h.customers).Draw(t, "customer")
	_, err := h.account(p).Users.AddExisting(h.ctx, affiliates.AddExistingUserParams{Email: c.email})
	h.same(h.model.Link(p.Partner, c.Customer), err)
}

// rates are any, and often such that many amounts have a share of half a cent.
var rates = rapid.OneOf(rapid.SampledFrom([]int64{250, 500, 1250, 2500, 5000}), rapid.Int64Range(0, 10_000))

func (h *history) changeTerms(t *rapid.T) {
	terms := &h.model.Settings
	terms.Rate = rates.Draw(t, "rate")
	holding := rapid.SampledFrom([]int{0, 1, 14, 30, 60}).Draw(t, "holding period")
	terms.Holding = time.Duration(holding) * 24 * time.Hour
	terms.LeastPaid = rapid.Int64Range(0, 10_000).Draw(t, "least payout")
	terms.Levels = nil
	levels := []affiliates.Level{}
	for i := range rapid.IntRange(0, 3).Draw(t, "levels") {
		level := accountmodel.Level{
			Subscriptions: rapid.IntRange(0, 4).Draw(t, "subscriptions"),
			Monthly:       rapid.Int64Range(0, 40_000).Draw(t, "monthly value"),
			Rate:          rates.Draw(t, "rate of the level"),
		}
		terms.Levels = append(terms.Levels, level)
		levels = append(levels, affiliates.Level{
			Name:                 fmt.Sprint("Level ", i),
			MinPaidSubscriptions: level.Subscriptions,
			MinMonthlyValue:      affiliates.MoneyFromCents(level.Monthly),
			CommissionRate:       percent(h, level.Rate),
		})
	}
	var prices []affiliates.PlanPrice
	for _, plan := range plans {
		price := rapid.Int64Range(0, 30_000).Draw(t, "price")
		terms.PriceOfAll[string(plan)] = price
		prices = append(prices, affiliates.PlanPrice{ID: plan, MonthlyPrice: affiliates.MoneyFromCents(price)})
	}
	rate, least := percent(h, terms.Rate), affiliates.MoneyFromCents(terms.LeastPaid)
	_, err := h.business.Affiliates.UpdateSettings(h.ctx, affiliates.UpdateSettingsParams{
		DefaultCommissionRate: &rate, HoldingPeriodDays: &holding, MinPayoutAmount: &least, Levels: levels, Plans: prices,
	})
	require.NoError(h, err)
}

// same compares what the model refuses with what the server does.
func (h *history) same(code string, err error) {
	var refused *stackbe.Error
	if errors.As(err, &refused) {
		require.Equal(h, code, string(refused.Code), refused.Message)
		return
	}
	require.NoError(h, err)
	require.Empty(h, code, "the server refused nothing")
}

// check compares the balances of all partners, and what they may expect.
func (h *history) check() {
	for i, p := range h.partners {
		summary, err := h.account(p).Commissions.Summary(h.ctx)
		require.NoError(h, err)
		got := balances(h, affiliates.Balances{
			Earned: summary.TotalEarned, InReview: summary.InReview, Ready: summary.Ready, Debt: summary.Debt, InPayout: summary.InPayout, Paid: summary.Paid,
		})
		require.Equal(h, p.Balances(), got, "the balances of partner %d", i)
		require.Equal(h, got.Earned, got.InReview+got.Ready-got.Debt+got.InPayout+got.Paid)
		monthly, referral := h.model.MonthlyValue(p.Partner)
		require.Equal(h, monthly, cents(h, summary.MonthlyValue), "the monthly value of partner %d", i)
		require.Equal(h, referral, cents(h, summary.MonthlyReferralValue), "the monthly referral value of partner %d", i)
	}
}

// compare compares all that a partner can look up.
func (h *history) compare(p partner) {
	account := h.account(p)
	var lines []accountmodel.Line
	for i, entry := range collect(h, account.Statement.All(h.ctx, affiliates.StatementFilter{Limit: 100})) {
		lines = append(lines, accountmodel.Line{
			Kind: string(entry.Kind), From: string(entry.From), To: string(entry.To), Cause: string(entry.Cause.Type),
			Amount: cents(h, entry.Amount), At: entry.CreatedAt.UTC(), Balances: balances(h, entry.Balances),
		})
		require.Equal(h, i+1, entry.Sequence, "%s", entry.Raw)
	}
	require.Equal(h, p.Statement, lines)

	commissions := h.commissions(account, affiliates.CommissionFilter{})
	require.Len(h, commissions, len(p.Commissions), "commissions")
	payouts := collect(h, account.Payouts.All(h.ctx, affiliates.PayoutFilter{Limit: 100}))
	require.Len(h, payouts, len(p.Payouts), "payouts")
	idOf := map[*accountmodel.Payout]string{nil: ""}
	for i, got := range payouts {
		want := p.Payouts[i]
		idOf[want] = got.ID
		require.Equal(h, want.Status, string(got.Status), "%s", got.Raw)
		require.Equal(h, want.Amount, cents(h, got.Amount), "%s", got.Raw)
		require.Equal(h, want.Automatic, got.Automatic, "%s", got.Raw)
		require.Equal(h, want.Commissions, got.Commissions, "%s", got.Raw)
	}
	for i, got := range commissions {
		want := p.Commissions[i]
		require.Equal(h, want.Status, string(got.Status), "%s", got.Raw)
		require.Equal(h, want.Amount, cents(h, got.Amount), "%s", got.Raw)
		require.Equal(h, want.Rate, hundredths(h, got.Rate), "%s", got.Raw)
		require.Equal(h, want.Invoice.Amount, cents(h, got.Payment), "%s", got.Raw)
		require.True(h, want.At.Equal(got.CreatedAt), "%s", got.Raw)
		require.Equal(h, idOf[want.Payout], got.PayoutID, "%s", got.Raw)
	}
	h.filter(account, commissions, payouts)
	h.invoices(p, account)
	h.receipts(p, account)
}

// invoices compares the statuses of those of the partner's users.
func (h *history) invoices(p partner, account affiliates.Account) {
	h.readInvoices()
	want, got := map[string]string{}, map[string]string{}
	for i, invoice := range h.model.Invoices {
		if invoice.Customer.Partner == p.Partner {
			want[h.ids.invoices[i]] = invoice.Status()
		}
	}
	for _, invoice := range collect(h, account.Invoices.All(h.ctx, affiliates.InvoiceFilter{Limit: 100})) {
		got[invoice.ID] = string(invoice.Status)
	}
	require.Equal(h, want, got, "the statuses of invoices")
}

// receipts compares those of the invoices that were refunded.
func (h *history) receipts(p partner, account affiliates.Account) {
	h.readInvoices()
	for i, invoice := range h.model.Invoices {
		if invoice.Customer.Partner != p.Partner || len(invoice.Refunds) == 0 {
			continue
		}
		receipt, err := account.Invoices.Receipt(h.ctx, h.ids.invoices[i])
		require.NoError(h, err)
		require.Equal(h, len(invoice.Refunds), receipt.RefundCount)
		require.Equal(h, invoice.Amount-invoice.Refunded, cents(h, receipt.Total))
		var amounts []int64
		for _, refund := range collect(h, account.Invoices.AllRefunds(h.ctx, h.ids.invoices[i], affiliates.RefundFilter{})) {
			amounts = append(amounts, cents(h, refund.Amount))
		}
		require.Equal(h, invoice.Refunds, amounts)
		require.Len(h, receipt.Refunds, len(amounts))
	}
}

// filter compares the lists of commissions that a partner can ask for with the whole.
func (h *history) filter(account affiliates.Account, all []*affiliates.Commission, payouts []*affiliates.Payout) {
	want := func(filter affiliates.CommissionFilter, belongs func(*affiliates.Commission) bool) {
		selected := slices.DeleteFunc(slices.Clone(all), func(c *affiliates.Commission) bool { return !belongs(c) })
		require.Equal(h, ids(selected), ids(h.commissions(account, filter)), "%+v", filter)
	}
	for _, status := range []affiliates.CommissionStatus{"in_review", "ready", "in_payout", "paid", "voided", "clawback"} {
		want(affiliates.CommissionFilter{Status: status}, func(c *affiliates.Commission) bool { return c.Status == status })
	}
	for _, plan := range plans {
		want(affiliates.CommissionFilter{Plan: plan, Status: "ready"}, func(c *affiliates.Commission) bool { return c.Plan == plan && c.Status == "ready" })
	}
	for _, payout := range payouts {
		want(affiliates.CommissionFilter{PayoutID: payout.ID}, func(c *affiliates.Commission) bool { return c.PayoutID == payout.ID })
	}
	if len(all) == 0 {
		return
	}
	from, user := all[len(all)/2].CreatedAt, all[len(all)/3].UserID
	want(affiliates.CommissionFilter{From: from}, func(c *affiliates.Commission) bool { return !c.CreatedAt.Before(from) })
	want(affiliates.CommissionFilter{To: from, UserID: user}, func(c *affiliates.Commission) bool { return c.CreatedAt.Before(from) && c.UserID == user })
}

// commissions are those that filter selects, oldest first.
func (h *history) commissions(account affiliates.Account, filter affiliates.CommissionFilter) []*affiliates.Commission {
	filter.Limit = 100
	return collect(h, account.Commissions.All(h.ctx, filter))
}

// collect returns a list that comes newest first, oldest first.
func collect[T any](t require.TestingT, list iter.Seq2[*T, error]) []*T {
	var all []*T
	for one, err := range list {
		require.NoError(t, err)
		all = append(all, one)
	}
	slices.Reverse(all)
	return all
}

func ids(commissions []*affiliates.Commission) []string {
	ids := []string{}
	for _, c := range commissions {
		ids = append(ids, c.ID)
	}
	return ids
}

func hundredths(t require.TestingT, p affiliates.Percent) int64 {
	rate := p.Decimal().Shift(2)
	require.True(t, rate.IsInteger())
	return rate.IntPart()
}

func balances(t require.TestingT, b affiliates.Balances) accountmodel.Balances {
	return accountmodel.Balances{
		Earned: cents(t, b.Earned), InReview: cents(t, b.InReview), Ready: cents(t, b.Ready),
		Debt: cents(t, b.Debt), InPayout: cents(t, b.InPayout), Paid: cents(t, b.Paid),
	}
}

func cents(t require.TestingT, m affiliates.Money) int64 {
	amount, whole := m.Cents()
	require.True(t, whole, "%s is no whole number of cents", m)
	return amount
}

func percent(t require.TestingT, hundredths int64) affiliates.Percent {
	p, err := affiliates.ParsePercent(fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100))
	require.NoError(t, err)
	return p
}

// 10,000 histories are
//
//	go test ./internal/accountmodel -run TestServerKeepsTheAccountsOfTheModel -rapid.checks=10000 -timeout 0
func TestServerKeepsTheAccountsOfTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t, newServer)
		h.play(rapid.IntRange(40, 60).Draw(t, "steps"), h.check)
		for _, p := range h.partners {
			h.compare(p)
		}
	})
}

func TestSameHistoryMakesSameStatement(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t, newTwins)
		h.play(40, func() {})
		for _, p := range h.partners {
			session := h.server.sessionToken(p.customerID)
			statement := h.statement(h.server.client(), session)
			require.Len(t, statement, len(p.Statement))
			require.Equal(t, statement, h.statement(h.server.twin.client(), session))
		}
	})
}

// statement returns the entries as the server sent them.
func (h *history) statement(client *stackbe.Client, session string) []string {
	var entries []string
	for entry, err := range client.AsCustomer(session).Account.Statement.All(h.ctx, affiliates.StatementFilter{Limit: 100}) {
		require.NoError(h, err)
		entries = append(entries, string(entry.Raw))
	}
	return entries
}
