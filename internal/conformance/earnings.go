package conformance

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

var earningCases = []testCase{
	{"a commission is in review, and ready once its holding period has passed", contract, needKey | needAdmin | needControl | alone, aCommissionMatures},
	{"a refund within the holding period reduces a commission, or voids it", contract, needKey | needAdmin | needChange | alone, refundsInReview},
	{"a refund after it is a clawback, and a debt is paid off before anything is ready", contract, needKey | needAdmin | needChange | alone, refundsWhenReady},
	{"a refund after the payout changes nothing of the payout", contract, needKey | needAdmin | needChange | alone, refundsAfterAPayout},
	{"what is billed consolidated, free, or less than half a cent earns nothing", contract, needKey | needAdmin | needChange | alone, whatEarnsNothing},
	{"the rate is the greatest of the levels that are reached", contract, needKey | needAdmin | needChange | alone, levelsAreReached},
	{"filters select commissions by status, user, plan, payout and time", contract, needKey | needAdmin | needChange | alone, commissionFilters},
	{"an id that names nothing of the partner's selects nothing", contract, needKey | needAdmin, idsOfNothing},
	{"each subscription says what it earns", contract, needKey | needAdmin | needChange | alone, earningsOfSubscriptions},
	{"a statement tells each entry with its cause and places", contract, needKey | needAdmin | needControl | alone, theStatement},
}

func aCommissionMatures(t *testing.T, s *suite) {
	s.terms(t, 10)
	partner := s.newPartner(t)
	user := partner.addUser(t)
	invoice := s.charge(t, user.ID, 100_02)
	commissions := partner.commissions(t, affiliates.CommissionFilter{})
	require.Len(t, commissions, 1)
	commission := commissions[0]
	assert.Equal(t, user.ID, commission.UserID)
	assert.Equal(t, user.Email, commission.UserEmail)
	assert.Equal(t, invoice.ID, commission.InvoiceID)
	assert.EqualValues(t, 100_02, cents(commission.Payment))
	assert.Equal(t, "20%", commission.Rate.String())
	assert.EqualValues(t, 20_00, cents(commission.Amount)) // 20.004
	assert.Equal(t, affiliates.CommissionInReview, commission.Status)
	assert.Equal(t, invoice.CreatedAt, commission.CreatedAt)
	assert.Equal(t, commission.CreatedAt.Add(10*day), commission.ReadyAt)
	s.assertBalances(t, partner, balances{earned: 20_00, inReview: 20_00})

	s.target.Control.Advance(10*day - time.Hour)
	s.assertBalances(t, partner, balances{earned: 20_00, inReview: 20_00})
	s.target.Control.Advance(time.Hour)
	s.assertBalances(t, partner, balances{earned: 20_00, ready: 20_00})
	assert.Equal(t, affiliates.CommissionReady, partner.commissions(t, affiliates.CommissionFilter{})[0].Status)
}

func refundsInReview(t *testing.T, s *suite) {
	s.terms(t, 30)
	partner := s.newPartner(t)
	invoice := s.charge(t, partner.addUser(t).ID, 100_00)
	s.refund(t, invoice.ID, 33_33)
	commissions := partner.commissions(t, affiliates.CommissionFilter{})
	require.Len(t, commissions, 1)
	assert.EqualValues(t, 13_33, cents(commissions[0].Amount)) // 20 % of 66.67
	s.assertBalances(t, partner, balances{earned: 13_33, inReview: 13_33})

	s.refund(t, invoice.ID, 66_65) // 0.02 are left, which earn 0.004
	commissions = partner.commissions(t, affiliates.CommissionFilter{})
	require.Len(t, commissions, 1)
	assert.Equal(t, affiliates.CommissionVoided, commissions[0].Status)
	assert.Zero(t, cents(commissions[0].Amount))
	s.assertBalances(t, partner, balances{})
}

func refundsWhenReady(t *testing.T, s *suite) {
	s = s.withoutHolding(t)
	partner := s.newPartner(t)
	user := partner.addUser(t)
	invoice := s.charge(t, user.ID, 500_00)
	paid := partner.requestPayout(t)
	s.process(t, paid.ID)
	s.markPaid(t, paid.ID)

	s.refund(t, invoice.ID, 250_00)
	s.assertBalances(t, partner, balances{earned: 50_00, debt: 50_00, paid: 100_00})
	clawbacks := partner.commissions(t, affiliates.CommissionFilter{Status: affiliates.CommissionClawback})
	require.Len(t, clawbacks, 1)
	assert.EqualValues(t, -50_00, cents(clawbacks[0].Amount))
	assert.Equal(t, invoice.ID, clawbacks[0].InvoiceID)
	reversed := partner.commissions(t, affiliates.CommissionFilter{Status: affiliates.CommissionPaid})
	require.Len(t, reversed, 1)
	assert.Equal(t, reversed[0].ID, clawbacks[0].Reverses)
	assert.EqualValues(t, 100_00, cents(reversed[0].Amount))

	s.charge(t, user.ID, 200_00)
	s.assertBalances(t, partner, balances{earned: 90_00, debt: 10_00, paid: 100_00})
	s.charge(t, user.ID, 500_00)
	s.assertBalances(t, partner, balances{earned: 190_00, ready: 90_00, paid: 100_00})
	assert.EqualValues(t, 90_00, cents(partner.requestPayout(t).Amount))
}

func refundsAfterAPayout(t *testing.T, s *suite) {
	s = s.withoutHolding(t)
	partner := s.newPartner(t)
	invoice := s.charge(t, partner.addUser(t).ID, 500_00)
	payout := partner.requestPayout(t)
	s.refund(t, invoice.ID, 0)
	s.assertBalances(t, partner, balances{debt: 100_00, inPayout: 100_00})
	s.process(t, payout.ID)
	assert.EqualValues(t, 100_00, cents(s.markPaid(t, payout.ID).Amount))
	s.assertBalances(t, partner, balances{debt: 100_00, paid: 100_00})
}

func whatEarnsNothing(t *testing.T, s *suite) {
	s.terms(t, 30)
	partner := s.newPartner(t)
	user := partner.addUser(t)
	s.subscribe(t, user.ID, affiliates.PlanFree)
	s.subscribeWith(t, affiliates.CreateSubscriptionParams{CustomerID: user.ID, Plan: affiliates.PlanPro, Billing: affiliates.BillingConsolidated})
	s.charge(t, user.ID, 2) // 0.004
	s.failedInvoice(t, user.ID)
	assert.Empty(t, partner.commissions(t, affiliates.CommissionFilter{}))
	s.assertBalances(t, partner, balances{})
	s.charge(t, user.ID, 3) // 0.006
	s.assertBalances(t, partner, balances{earned: 1, inReview: 1})
}

func levelsAreReached(t *testing.T, s *suite) {
	s.terms(t, 30)
	s.change(t, affiliates.UpdateSettingsParams{Levels: []affiliates.Level{
		{Name: "Gold", MinPaidSubscriptions: 3, CommissionRate: affiliates.PercentFromInt(40)},
		{Name: "Silver", MinPaidSubscriptions: 9, MinMonthlyValue: affiliates.MoneyFromCents(100_00), CommissionRate: affiliates.PercentFromInt(30)},
	}})
	partner := s.newPartner(t)
	user := partner.addUser(t)
	info := func() *affiliates.Info {
		info, err := partner.client.Account.Info.Get(t.Context())
		require.NoError(t, err)
		return info
	}
	assertRate := func(rate string) {
		t.Helper()
		assert.Equal(t, rate, partner.commissions(t, affiliates.CommissionFilter{})[0].Rate.String())
	}
	assert.Empty(t, info().Level.Name)
	assert.Equal(t, "Silver", info().NextLevel.Name)
	assert.Equal(t, 9, info().NextLevel.MissingPaidSubscriptions)
	assert.EqualValues(t, 100_00, cents(info().NextLevel.MissingMonthlyValue))

	s.subscribe(t, user.ID, affiliates.PlanPro)
	assertRate("20%")
	business := s.subscribe(t, user.ID, affiliates.PlanBusiness) // it counts itself
	assertRate("30%")
	got := info()
	assert.Equal(t, "Silver", got.Level.Name)
	assert.Equal(t, "Gold", got.NextLevel.Name)
	assert.Equal(t, 1, got.NextLevel.MissingPaidSubscriptions)
	assert.Equal(t, 2, got.PaidSubscriptions)
	assert.EqualValues(t, 120_00, cents(got.MonthlyReferralValue))
	third := s.subscribe(t, user.ID, affiliates.PlanPro)
	assertRate("40%")
	assert.Equal(t, "Gold", info().Level.Name)
	assert.Empty(t, info().NextLevel.Name)

	s.update(t, third.ID, paused(true))
	s.charge(t, user.ID, 10_00)
	assertRate("30%")

	s.update(t, business.ID, affiliates.UpdateSubscriptionParams{PaymentMethod: affiliates.PaymentMethodDeclined})
	assert.Equal(t, 1, info().PaidSubscriptions, "a declined subscription does not count")
	assert.EqualValues(t, 4_00, cents(partner.summary(t).MonthlyValue))
	s.charge(t, user.ID, 10_00)
	assertRate("20%")
	s.update(t, business.ID, affiliates.UpdateSubscriptionParams{PaymentMethod: affiliates.PaymentMethodValid})
	assert.Equal(t, 2, info().PaidSubscriptions)
}

func commissionFilters(t *testing.T, s *suite) {
	s = s.withoutHolding(t)
	partner := s.newPartner(t)
	john, jane := partner.addUser(t), partner.addUser(t)
	s.charge(t, john.ID, 1_000_00)
	payout := partner.requestPayout(t)
	s.subscribe(t, john.ID, affiliates.PlanPro)
	s.subscribe(t, jane.ID, affiliates.PlanBusiness)

	all := partner.commissions(t, affiliates.CommissionFilter{})
	require.Len(t, all, 3)
	business, pro, paidOut := all[0].ID, all[1].ID, all[2].ID
	for _, filter := range []struct {
		affiliates.CommissionFilter
		want []string
	}{
		{affiliates.CommissionFilter{Status: affiliates.CommissionInPayout}, []string{paidOut}},
		{affiliates.CommissionFilter{Status: affiliates.CommissionReady}, []string{business, pro}},
		{affiliates.CommissionFilter{Status: affiliates.CommissionVoided}, nil},
		{affiliates.CommissionFilter{UserID: john.ID}, []string{pro, paidOut}},
		{affiliates.CommissionFilter{UserID: john.ID, Status: affiliates.CommissionReady}, []string{pro}},
		{affiliates.CommissionFilter{Plan: affiliates.PlanBusiness}, []string{business}},
		{affiliates.CommissionFilter{PayoutID: payout.ID}, []string{paidOut}},
		{affiliates.CommissionFilter{From: all[0].CreatedAt.Add(time.Nanosecond)}, nil},
		{affiliates.CommissionFilter{To: all[2].CreatedAt}, nil},
		{affiliates.CommissionFilter{From: all[2].CreatedAt, To: all[0].CreatedAt.Add(time.Nanosecond)}, []string{business, pro, paidOut}},
	} {
		var got []string
		for _, commission := range partner.commissions(t, filter.CommissionFilter) {
			got = append(got, commission.ID)
		}
		assert.Equal(t, filter.want, got, "%+v", filter.CommissionFilter)
	}
}

func idsOfNothing(t *testing.T, s *suite) {
	partner := s.newPartner(t)
	user := partner.addUser(t)
	s.subscribe(t, user.ID, affiliates.PlanPro)
	other := s.newPartner(t).addUser(t)
	s.subscribe(t, other.ID, affiliates.PlanPro)
	asPartner, asAdmin := s.asSession(partner.token), s.asAdmin(s.target.AdminToken)
	app := fill(appPath, s.target.AppID, "")
	for path, credential := range map[string]credential{
		accountPath + "/commissions?userId=" + other.ID:                                                                asPartner,
		accountPath + "/commissions?payoutId=" + nothingsID:                                                            asPartner,
		accountPath + "/invoices?userId=" + other.ID:                                                                   asPartner,
		accountPath + "/invoices?userId=" + nothingsID:                                                                 asPartner,
		app + "/subscriptions?customerId=" + nothingsID:                                                                asAdmin,
		app + "/invoices?customerId=" + nothingsID:                                                                     asAdmin,
		app + "/invoices?subscriptionId=" + nothingsID:                                                                 asAdmin,
		app + "/invoices?customerId=" + user.ID + "&subscriptionId=" + s.subscribe(t, other.ID, affiliates.PlanPro).ID: asAdmin,
	} {
		page := s.ok(t, s.get(path, credential))
		assert.Empty(t, page["data"], path)
		assert.NotNil(t, page["data"], path)
	}
	for _, invalid := range []struct {
		path, parameter, value string
		credential             credential
	}{
		{accountPath + "/users", "filter", "active", asPartner},
		{accountPath + "/commissions", "status", "open", asPartner},
		{accountPath + "/commissions", "plan", "gold", asPartner},
		{accountPath + "/commissions", "from", "yesterday", asPartner},
		{accountPath + "/commissions", "to", "2027-01-01", asPartner},
		{accountPath + "/commissions", "from", "0001-01-01T00:00:00Z", asPartner},
		{accountPath + "/commissions", "to", "0001-01-01T00:00:00Z", asPartner},
		{accountPath + "/payouts", "status", "open", asPartner},
		{accessPath, "status", "none", asPartner},
		{app + "/affiliates/payouts", "status", "open", asAdmin},
	} {
		got := s.send(t, s.get(invalid.path+"?"+invalid.parameter+"="+invalid.value, invalid.credential))
		s.requireProblems(t, stackbe.CodeValidationError, got, invalid.parameter)
	}
	at := url.QueryEscape("2027-01-01T00:00:00Z")
	got := s.send(t, s.get(accountPath+"/commissions?from="+at+"&to="+at, asPartner))
	s.requireProblems(t, stackbe.CodeValidationError, got, "to")
}

func earningsOfSubscriptions(t *testing.T, s *suite) {
	s.terms(t, 30)
	partner := s.newPartner(t)
	user := partner.addUser(t)
	pro, business := s.subscribe(t, user.ID, affiliates.PlanPro), s.subscribe(t, user.ID, affiliates.PlanBusiness)
	s.update(t, s.subscribe(t, user.ID, affiliates.PlanPro).ID, affiliates.UpdateSubscriptionParams{Status: affiliates.SubscriptionCanceled})
	s.refund(t, s.invoicesOf(t, pro.ID)[0].ID, 5_00)

	page, err := partner.client.Account.Commissions.Subscriptions(t.Context(), affiliates.SubscriptionEarningsFilter{})
	require.NoError(t, err)
	require.Len(t, page.Data, 2)
	assert.Equal(t, business.ID, page.Data[0].SubscriptionID)
	assert.EqualValues(t, 20_00, cents(page.Data[0].Earned))
	assert.EqualValues(t, 20_00, cents(page.Data[0].MonthlyCommission))
	assert.Equal(t, pro.ID, page.Data[1].SubscriptionID)
	assert.Equal(t, user.ID, page.Data[1].UserID)
	assert.Equal(t, user.Email, page.Data[1].UserEmail)
	assert.EqualValues(t, 3_00, cents(page.Data[1].Earned))
	assert.EqualValues(t, 4_00, cents(page.Data[1].MonthlyCommission))
}

func theStatement(t *testing.T, s *suite) {
	s.terms(t, 10)
	partner := s.newPartner(t)
	user := partner.addUser(t)
	invoice := s.charge(t, user.ID, 1_000_00)
	reduction := s.refund(t, invoice.ID, 100_00).Refund
	s.target.Control.Advance(10 * day)
	commission := partner.commissions(t, affiliates.CommissionFilter{})[0]
	clawback := s.refund(t, invoice.ID, 100_00).Refund
	failed := partner.requestPayout(t)
	s.fail(t, failed.ID, "The account is closed")
	paid := partner.requestPayout(t)
	s.process(t, paid.ID)
	s.markPaid(t, paid.ID)

	const (
		outside, inReview, ready = affiliates.PlaceOutside, affiliates.PlaceInReview, affiliates.PlaceReady
		inPayout, atEnd          = affiliates.PlaceInPayout, affiliates.PlacePaid
	)
	type line struct {
		kind     affiliates.EntryKind
		cents    int64
		from, to affiliates.Place
		cause    affiliates.Cause
	}
	want := []line{
		{affiliates.EntryCommission, 200_00, outside, inReview, affiliates.Cause{Type: affiliates.CauseInvoice, ID: invoice.ID}},
		{affiliates.EntryReduction, 20_00, inReview, outside, affiliates.Cause{Type: affiliates.CauseRefund, ID: reduction.ID}},
		{affiliates.EntryMatured, 180_00, inReview, ready, affiliates.Cause{Type: affiliates.CauseCommission, ID: commission.ID}},
		{affiliates.EntryClawback, 20_00, ready, outside, affiliates.Cause{Type: affiliates.CauseRefund, ID: clawback.ID}},
		{affiliates.EntryPayoutRequested, 160_00, ready, inPayout, affiliates.Cause{Type: affiliates.CausePayout, ID: failed.ID}},
		{affiliates.EntryPayoutFailed, 160_00, inPayout, ready, affiliates.Cause{Type: affiliates.CausePayout, ID: failed.ID}},
		{affiliates.EntryPayoutRequested, 160_00, ready, inPayout, affiliates.Cause{Type: affiliates.CausePayout, ID: paid.ID}},
		{affiliates.EntryPayoutPaid, 160_00, inPayout, atEnd, affiliates.Cause{Type: affiliates.CausePayout, ID: paid.ID}},
	}
	var got []line
	for _, entry := range partner.statement(t) {
		got = append(got, line{entry.Kind, cents(entry.Amount), entry.From, entry.To, entry.Cause})
		requireUTC(t, entry.Raw, "createdAt")
	}
	assert.Equal(t, want, got)
	s.assertBalances(t, partner, balances{earned: 160_00, paid: 160_00})
}
