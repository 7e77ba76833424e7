package program_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func TestLevels(t *testing.T) {
	levels := []program.Level{
		{Name: "Silver", MinPaidSubscriptions: 3, CommissionRate: 3000},
		{Name: "Gold", MinMonthlyValue: 250_00, CommissionRate: 4000},
	}
	newLevels := func(t *testing.T, levels []program.Level) shop {
		s := newShop(t)
		s.settings(t, program.SettingsChange{Levels: &levels})
		return s
	}
	rate := func(t *testing.T, s shop) program.BasisPoints {
		affiliate, enrolled := s.Affiliate(s.partner)
		require.True(t, enrolled)
		return affiliate.CommissionRate
	}
	pro := program.SubscriptionParams{Plan: program.Pro}

	t.Run("the subscription that is paid counts", func(t *testing.T) {
		s := newLevels(t, levels)
		for range 3 {
			s.subscribe(t, pro)
		}
		_, amounts := s.commissions(t)
		assert.Equal(t, []program.Cents{6_00, 4_00, 4_00}, amounts, "the third reaches the level itself")
		s.subscribe(t, program.SubscriptionParams{Plan: program.Enterprise})
		_, amounts = s.commissions(t)
		assert.EqualValues(t, 100_00, amounts[0], "the greatest rate of those reached")
	})

	t.Run("only paid subscriptions of the partner's users count", func(t *testing.T) {
		for name, c := range map[string]struct {
			params program.SubscriptionParams
			change program.SubscriptionChange
		}{
			"not free ones":           {params: program.SubscriptionParams{Plan: program.Free}},
			"not consolidated ones":   {params: program.SubscriptionParams{Plan: program.Enterprise, Billing: program.Consolidated}},
			"not canceled ones":       {params: program.SubscriptionParams{Plan: program.Enterprise}, change: program.SubscriptionChange{Status: program.SubscriptionCanceled}},
			"not declined ones":       {params: program.SubscriptionParams{Plan: program.Enterprise, PaymentMethod: program.DeclinedMethod}},
			"not ones declined later": {params: program.SubscriptionParams{Plan: program.Enterprise}, change: program.SubscriptionChange{PaymentMethod: program.DeclinedMethod}},
			"not paused ones":         {params: program.SubscriptionParams{Plan: program.Enterprise}, change: program.SubscriptionChange{Paused: ptr(true)}},
			"not the partner's own":   {params: program.SubscriptionParams{Plan: program.Enterprise, CustomerID: "partner"}},
		} {
			t.Run(name, func(t *testing.T) {
				s := newLevels(t, levels)
				if c.params.CustomerID != "" {
					c.params.CustomerID = s.partner
				}
				for range 3 {
					s.change(t, s.subscribe(t, c.params), c.change)
				}
				assert.EqualValues(t, 2000, rate(t, s))
			})
		}
	})

	t.Run("an exceeded limit and an error change nothing", func(t *testing.T) {
		s := newLevels(t, levels)
		for _, status := range []program.SubscriptionStatus{program.SubscriptionActive, program.SubscriptionLimitExceeded, program.SubscriptionError} {
			s.change(t, s.subscribe(t, pro), program.SubscriptionChange{Status: status})
		}
		assert.EqualValues(t, 3000, rate(t, s))
	})

	t.Run("a declined payment method does not count until it is valid again", func(t *testing.T) {
		s := newLevels(t, levels)
		declined := s.subscribe(t, program.SubscriptionParams{Plan: program.Enterprise, PaymentMethod: program.DeclinedMethod})
		assertMonthly := func(referral, commission program.Cents, paid int) {
			t.Helper()
			summary, err := s.CommissionSummary(s.partner)
			require.NoError(t, err)
			assert.Equal(t, referral, summary.MonthlyReferralValue)
			assert.Equal(t, commission, summary.MonthlyValue)
			info, err := s.Info(s.partner)
			require.NoError(t, err)
			assert.Equal(t, paid, info.PaidSubscriptions)
			user, err := s.User(s.partner, s.user)
			require.NoError(t, err)
			assert.Equal(t, commission, user.MonthlyValue)
			page, err := s.EarningSubscriptions(s.partner, program.PageQuery{Limit: 1})
			require.NoError(t, err)
			assert.Equal(t, commission, page.Rows[0].MonthlyCommission)
			assert.Equal(t, 1, summary.Subscriptions.Enterprise, "it is not canceled")
		}
		assertMonthly(0, 0, 0)
		failed := s.invoices(t)[0]
		s.change(t, declined, program.SubscriptionChange{PaymentMethod: program.ValidMethod})
		assertMonthly(250_00, 100_00, 1)
		s.change(t, declined, program.SubscriptionChange{PaymentMethod: program.DeclinedMethod})
		assertMonthly(0, 0, 0)

		_, err := s.PayInvoice(failed.ID)
		require.NoError(t, err)
		_, amounts := s.commissions(t)
		assert.Equal(t, []program.Cents{50_00}, amounts, "its failed invoice earns once it is paid, at the rate of that moment")
	})

	t.Run("a minimum of 0 does not count, and a level with both at 0 is reached by everyone", func(t *testing.T) {
		s := newLevels(t, []program.Level{{Name: "A", MinMonthlyValue: 1, CommissionRate: 9000}, {Name: "B", MinPaidSubscriptions: 1, CommissionRate: 8000}})
		assert.EqualValues(t, 2000, rate(t, s))
		s = newLevels(t, []program.Level{{Name: "A", CommissionRate: 2500}, {Name: "B", CommissionRate: 1000}})
		assert.EqualValues(t, 2500, rate(t, s))
		s = newLevels(t, []program.Level{{Name: "A", CommissionRate: 1000}})
		assert.EqualValues(t, 2000, rate(t, s), "a level is never worse than the default")
	})

	t.Run("the present price of a plan counts", func(t *testing.T) {
		s := newLevels(t, levels)
		s.subscribe(t, program.SubscriptionParams{Plan: program.Business})
		assert.EqualValues(t, 2000, rate(t, s))
		s.settings(t, program.SettingsChange{Plans: []program.PlanPrice{{ID: program.Business, MonthlyPrice: 250_00}}})
		assert.EqualValues(t, 4000, rate(t, s))
	})

	t.Run("the summary counts the users' subscriptions", func(t *testing.T) {
		s := newLevels(t, levels)
		for i, plan := range []program.PlanID{program.Free, program.Pro, program.Pro, program.Business, program.Enterprise} {
			user := s.signUp(t, program.CustomerParams{Email: fmt.Sprintf("%d@example.com", i), ReferralCode: "JANE"}).ID
			s.subscribe(t, program.SubscriptionParams{Plan: plan, CustomerID: user})
		}
		canceled := s.subscribe(t, program.SubscriptionParams{Plan: program.Enterprise})
		s.change(t, canceled, program.SubscriptionChange{Status: program.SubscriptionCanceled})
		s.subscribe(t, program.SubscriptionParams{Plan: program.Business, Billing: program.Consolidated})
		s.change(t, s.subscribe(t, program.SubscriptionParams{Plan: program.Free}), program.SubscriptionChange{Plan: program.Business, Paused: ptr(true)})
		summary, err := s.CommissionSummary(s.partner)
		require.NoError(t, err)
		assert.Equal(t, program.PlanCounts{Free: 1, Pro: 2, Business: 3, Enterprise: 1}, summary.Subscriptions)
		assert.EqualValues(t, 390_00, summary.MonthlyReferralValue)
		assert.EqualValues(t, 156_00, summary.MonthlyValue, "at 40 %")

		page, err := s.EarningSubscriptions(s.partner, program.PageQuery{Limit: 100})
		require.NoError(t, err)
		require.Len(t, page.Rows, 7, "those that are not canceled")
		total := program.Cents(0)
		for _, row := range page.Rows {
			total += row.MonthlyCommission
		}
		assert.Equal(t, summary.MonthlyValue, total)
		assert.Equal(t, "4@example.com", page.Rows[2].UserEmail)
		assert.EqualValues(t, 100_00, page.Rows[2].Earned)
	})
}
