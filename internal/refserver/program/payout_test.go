package program_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// rich is a shop whose partner has 100.00 ready.
func rich(t require.TestingT) shop {
	s := newShop(t)
	s.pay(t, 500_00)
	s.clock.Advance(30 * day)
	return s
}

func TestPayouts(t *testing.T) {
	t.Run("a payout takes everything that is ready, and nothing that becomes ready later", func(t *testing.T) {
		s := rich(t)
		s.pay(t, 5_00)
		payout := s.payout(t)
		assert.EqualValues(t, 100_00, payout.Amount)
		assert.Equal(t, 1, payout.Commissions)
		assert.Equal(t, program.PayoutPending, payout.Status)
		s.clock.Advance(30 * day)
		statuses, _ := s.commissions(t)
		assert.Equal(t, []program.CommissionStatus{program.StatusReady, program.StatusInPayout}, statuses)
		assert.Equal(t, program.Balances{Earned: 101_00, Ready: 1_00, InPayout: 100_00}, s.balances(t))
	})

	t.Run("a second open payout is refused", func(t *testing.T) {
		s := rich(t)
		payout := s.payout(t)
		s.pay(t, 500_00)
		s.clock.Advance(30 * day)
		for _, status := range []program.PayoutStatus{program.PayoutProcessing, program.PayoutPaid} {
			_, err := s.RequestPayout(s.partner)
			requireConflict(t, err)
			s.move(t, payout, status)
		}
		assert.EqualValues(t, 100_00, s.payout(t).Amount)
	})

	t.Run("a failed payout makes its money and its commissions ready again", func(t *testing.T) {
		for _, steps := range [][]program.PayoutStatus{{program.PayoutFailed}, {program.PayoutProcessing, program.PayoutFailed}} {
			s := rich(t)
			payout := s.payout(t)
			for _, step := range steps {
				s.move(t, payout, step)
			}
			assert.Equal(t, program.Balances{Earned: 100_00, Ready: 100_00}, s.balances(t))
			statuses, _ := s.commissions(t)
			assert.Equal(t, []program.CommissionStatus{program.StatusReady}, statuses)
			page, err := s.Commissions(s.partner, program.CommissionQuery{PayoutID: payout.ID, PageQuery: program.PageQuery{Limit: 10}})
			require.NoError(t, err)
			assert.Empty(t, page.Rows)

			again := s.payout(t)
			assert.EqualValues(t, 100_00, again.Amount)
			assert.Equal(t, 1, again.Commissions)
			s.move(t, again, program.PayoutProcessing)
			s.move(t, again, program.PayoutPaid)
			statuses, _ = s.commissions(t)
			assert.Equal(t, []program.CommissionStatus{program.StatusPaid}, statuses)
		}
	})

	t.Run("only valid steps are accepted", func(t *testing.T) {
		steps := []program.PayoutStatus{program.PayoutProcessing, program.PayoutPaid, program.PayoutFailed}
		for _, c := range []struct {
			before []program.PayoutStatus
			can    []program.PayoutStatus
		}{
			{nil, []program.PayoutStatus{program.PayoutProcessing, program.PayoutFailed}},
			{[]program.PayoutStatus{program.PayoutProcessing}, []program.PayoutStatus{program.PayoutPaid, program.PayoutFailed}},
			{[]program.PayoutStatus{program.PayoutProcessing, program.PayoutPaid}, nil},
			{[]program.PayoutStatus{program.PayoutFailed}, nil},
		} {
			for _, step := range steps {
				s := rich(t)
				payout := s.payout(t)
				for _, before := range c.before {
					s.move(t, payout, before)
				}
				_, err := s.MovePayout(payout.ID, program.PayoutStep{Status: step})
				if slices.Contains(c.can, step) {
					require.NoError(t, err)
				} else {
					requireConflict(t, err)
				}
			}
		}
	})

	t.Run("below the minimum it is refused with the shortfall", func(t *testing.T) {
		s := newShop(t)
		_, err := s.RequestPayout(s.partner)
		requireShort(t, err, program.ErrorCodePayoutBelowMinimum, "0.00 is ready; 50.00 is the least that is paid out; 50.00 is missing")
		s.pay(t, 249_95)
		s.clock.Advance(30 * day)
		_, err = s.RequestPayout(s.partner)
		requireShort(t, err, program.ErrorCodePayoutBelowMinimum, "49.99 is ready; 50.00 is the least that is paid out; 0.01 is missing")
		s.settings(t, program.SettingsChange{MinPayoutAmount: ptr(program.Cents(0))})
		s.payout(t)
		empty := newShop(t)
		empty.settings(t, program.SettingsChange{MinPayoutAmount: ptr(program.Cents(0))})
		_, err = empty.RequestPayout(empty.partner)
		requireShort(t, err, program.ErrorCodePayoutBelowMinimum, "0.00 is ready; 0.01 is the least that is paid out; 0.01 is missing")
	})

	t.Run("a clawback while a payout is open is owed, and not taken from it", func(t *testing.T) {
		s := newShop(t)
		invoice := s.pay(t, 500_00)
		s.clock.Advance(30 * day)
		payout := s.payout(t)
		s.refund(t, invoice, 100_00)
		assert.Equal(t, program.Balances{Earned: 80_00, Debt: 20_00, InPayout: 100_00}, s.balances(t))
		s.move(t, payout, program.PayoutFailed)
		assert.Equal(t, program.Balances{Earned: 80_00, Ready: 80_00}, s.balances(t))
		assert.Equal(t, 2, s.payout(t).Commissions)
	})
}

func TestAutomaticPayouts(t *testing.T) {
	runs := func(t *testing.T, s shop) []string {
		page, err := s.PartnerPayouts(s.partner, program.PayoutQuery{PageQuery: program.PageQuery{Limit: 100}})
		require.NoError(t, err)
		days := []string{}
		for _, payout := range page.Rows {
			assert.True(t, payout.Automatic)
			days = append([]string{payout.RequestedAt.Format("Mon 2006-01-02 15:04")}, days...)
		}
		return days
	}
	for _, c := range []struct {
		interval program.PayoutInterval
		want     []string
	}{
		{program.PayoutsOff, []string{}},
		{program.PayoutsWeekly, []string{"Mon 2026-04-06 00:00", "Mon 2026-05-04 00:00"}},
		{program.PayoutsMonthly, []string{"Wed 2026-04-01 00:00", "Fri 2026-05-01 00:00"}},
	} {
		t.Run("one that is "+string(c.interval), func(t *testing.T) {
			s := rich(t) // 31 March
			_, err := s.SetPayoutSchedule(s.partner, c.interval)
			require.NoError(t, err)
			s.clock.Advance(10 * day)
			page, err := s.PartnerPayouts(s.partner, program.PayoutQuery{PageQuery: program.PageQuery{Limit: 100}})
			require.NoError(t, err)
			for _, payout := range page.Rows {
				s.move(t, payout, program.PayoutProcessing)
				s.move(t, payout, program.PayoutPaid)
			}
			s.goTo(t, "2026-04-25T00:00:00Z")
			s.settings(t, program.SettingsChange{HoldingPeriodDays: ptr(3)})
			s.pay(t, 500_00)
			s.goTo(t, "2026-06-20T00:00:00Z")
			assert.Equal(t, c.want, runs(t, s), "a run with too little ready, or with one open, makes none")
		})
	}

	t.Run("a run takes what becomes ready at its time, whichever was scheduled first", func(t *testing.T) {
		for _, runFirst := range []bool{false, true} {
			s := newShop(t)
			s.goTo(t, "2026-03-02T00:00:00Z")
			s.settings(t, program.SettingsChange{HoldingPeriodDays: ptr(7)})
			for i := range 2 {
				if runFirst == (i == 0) {
					_, err := s.SetPayoutSchedule(s.partner, program.PayoutsWeekly)
					require.NoError(t, err)
					continue
				}
				s.pay(t, 500_00)
			}
			s.goTo(t, "2026-03-09T00:00:00Z")
			assert.Equal(t, []string{"Mon 2026-03-09 00:00"}, runs(t, s))
		}
	})

	t.Run("a run takes what a renewal at its time earns, if nothing is held", func(t *testing.T) {
		s := newShop(t)
		s.settings(t, program.SettingsChange{HoldingPeriodDays: ptr(0), MinPayoutAmount: ptr(program.Cents(2_00))})
		s.goTo(t, "2026-04-01T00:00:00Z")
		_, err := s.SetPayoutSchedule(s.partner, program.PayoutsMonthly)
		require.NoError(t, err)
		s.subscribe(t, program.SubscriptionParams{Plan: program.Pro})
		s.goTo(t, "2026-05-01T00:00:00Z")
		page, err := s.PartnerPayouts(s.partner, program.PayoutQuery{PageQuery: program.PageQuery{Limit: 100}})
		require.NoError(t, err)
		require.Len(t, page.Rows, 1)
		assert.Equal(t, 2, page.Rows[0].Commissions)
	})

	t.Run("off ends the schedule, and setting it again restarts it", func(t *testing.T) {
		s := newShop(t)
		for _, interval := range []program.PayoutInterval{program.PayoutsWeekly, program.PayoutsOff, program.PayoutsMonthly, program.PayoutsWeekly} {
			_, err := s.SetPayoutSchedule(s.partner, interval)
			require.NoError(t, err)
		}
		schedule, err := s.PayoutSchedule(s.partner)
		require.NoError(t, err)
		assert.Equal(t, "2026-03-02", schedule.NextAt.Format("2006-01-02"))
		s.settings(t, program.SettingsChange{HoldingPeriodDays: ptr(0)})
		s.pay(t, 500_00)
		s.goTo(t, "2026-03-31T00:00:00Z")
		assert.Equal(t, []string{"Mon 2026-03-02 00:00"}, runs(t, s))
		_, err = s.SetPayoutSchedule(s.partner, program.PayoutsOff)
		require.NoError(t, err)
		schedule, err = s.PayoutSchedule(s.partner)
		require.NoError(t, err)
		assert.Equal(t, program.PayoutSchedule{Interval: program.PayoutsOff}, schedule)
		page, err := s.PartnerPayouts(s.partner, program.PayoutQuery{PageQuery: program.PageQuery{Limit: 1}})
		require.NoError(t, err)
		s.move(t, page.Rows[0], program.PayoutFailed) // so there is enough to pay out again
		s.clock.Advance(100 * day)
		assert.Equal(t, []string{"Mon 2026-03-02 00:00"}, runs(t, s), "a run that was scheduled before is void")
	})
}
