package conformance

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
)

var commissionCases = []testCase{
	{"a payment earns the rate, rounded half up to the cent", contract, needKey | needControl | needAdmin | alone, aPaymentEarns},
	{"a commission is ready after the holding period", contract, needKey | needControl | needAdmin | alone, aCommissionBecomesReady},
	{"a new rate or holding period changes nothing that was earned before", contract, needKey | needControl | needAdmin | alone, settingsDoNotReachBack},
	{"a payment of a customer of nobody earns nothing", contract, needKey | needControl | needAdmin | alone, aPaymentOfNobodysCustomer},
}

func cents(amount affiliates.Money) int64 {
	cents, _ := amount.Cents()
	return cents
}

// assertEarnings compares in cents, and asserts what always holds between the figures.
func assertEarnings(t *testing.T, partner partner, inReview, ready int64) {
	t.Helper()
	dashboard := partner.dashboard(t)
	assert.Equal(t, inReview, cents(dashboard.Earnings.InReview), "in review")
	assert.Equal(t, ready, cents(dashboard.Earnings.Ready), "ready")
	assert.Equal(t, inReview+ready, cents(dashboard.Affiliate.TotalEarned), "total")
	assert.Equal(t, inReview+ready, cents(dashboard.Affiliate.PendingBalance), "pending")
}

func aPaymentEarns(t *testing.T, s *suite) {
	rate, err := affiliates.ParsePercent("12.5")
	require.NoError(t, err)
	s.change(t, affiliates.UpdateSettingsParams{DefaultCommissionRate: &rate})
	partner := s.partner(t)
	customer := s.signUp(t, Customer{ReferralCode: partner.Code})

	var earned int64
	for _, payment := range []struct{ cents, earns int64 }{
		{4900, 613},           // 6.125
		{100, 13},             // 0.125
		{4, 1},                // 0.005
		{3, 0},                // 0.00375
		{10_000_00, 1_250_00}, // exact
	} {
		s.target.Control.RecordPayment(customer.id, affiliates.MoneyFromCents(payment.cents))
		earned += payment.earns
		assertEarnings(t, partner, earned, 0)
	}
}

func aCommissionBecomesReady(t *testing.T, s *suite) {
	holding, rate := 10, affiliates.PercentFromInt(20)
	s.change(t, affiliates.UpdateSettingsParams{HoldingPeriodDays: &holding, DefaultCommissionRate: &rate})
	partner := s.partner(t)
	customer := s.signUp(t, Customer{ReferralCode: partner.Code})
	pay := func(cents int64) { s.target.Control.RecordPayment(customer.id, affiliates.MoneyFromCents(cents)) }

	pay(100_00)
	s.target.Control.Advance(5 * day)
	pay(50_00)
	assertEarnings(t, partner, 30_00, 0)
	s.target.Control.Advance(5 * day)
	assertEarnings(t, partner, 10_00, 20_00)
	s.target.Control.Advance(5 * day)
	assertEarnings(t, partner, 0, 30_00)
}

func settingsDoNotReachBack(t *testing.T, s *suite) {
	holding, rate := 10, affiliates.PercentFromInt(20)
	s.change(t, affiliates.UpdateSettingsParams{HoldingPeriodDays: &holding, DefaultCommissionRate: &rate})
	partner := s.partner(t)
	customer := s.signUp(t, Customer{ReferralCode: partner.Code})
	s.target.Control.RecordPayment(customer.id, affiliates.MoneyFromCents(100_00))

	none, all := 0, affiliates.PercentFromInt(100)
	s.change(t, affiliates.UpdateSettingsParams{HoldingPeriodDays: &none, DefaultCommissionRate: &all})
	assertEarnings(t, partner, 20_00, 0)
	s.target.Control.RecordPayment(customer.id, affiliates.MoneyFromCents(1_00))
	assertEarnings(t, partner, 20_00, 1_00)
	s.target.Control.Advance(time.Duration(holding) * day)
	assertEarnings(t, partner, 0, 21_00)
}

func aPaymentOfNobodysCustomer(t *testing.T, s *suite) {
	partner := s.partner(t)
	s.target.Control.RecordPayment(s.signUp(t, Customer{}).id, affiliates.MoneyFromCents(100_00))
	s.target.Control.RecordPayment(partner.CustomerID, affiliates.MoneyFromCents(100_00))
	assertEarnings(t, partner, 0, 0)
}
