package program_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func TestRenewals(t *testing.T) {
	pro := program.SubscriptionParams{Plan: program.Pro}

	t.Run("a subscription of 31 January renews on the last of February and on 31 March", func(t *testing.T) {
		s := newShop(t)
		s.goTo(t, "2027-01-31T08:00:00Z")
		s.subscribe(t, pro)
		s.goTo(t, "2028-04-30T08:00:00Z")
		assert.Equal(t, []string{
			"2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31", "2027-06-30", "2027-07-31", "2027-08-31", "2027-09-30",
			"2027-10-31", "2027-11-30", "2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30",
		}, s.days(t))
	})

	t.Run("it renews at the time of day of its creation, not before", func(t *testing.T) {
		s := newShop(t) // 12:00
		s.subscribe(t, pro)
		s.goTo(t, "2026-04-01T11:59:59Z")
		assert.Len(t, s.invoices(t), 1)
		s.goTo(t, "2026-04-01T12:00:00Z")
		invoices := s.invoices(t)
		require.Len(t, invoices, 2)
		assert.Equal(t, s.clock.Now(), invoices[1].CreatedAt)
		assert.Equal(t, s.clock.Now(), invoices[1].PeriodStart)
		assert.Equal(t, "2026-05-01T12:00:00Z", invoices[1].PeriodEnd.Format(time.RFC3339))
	})

	t.Run("a jump of years has the same result as small steps, in the order of time", func(t *testing.T) {
		jumped, stepped := newShop(t), newShop(t)
		for _, s := range []shop{jumped, stepped} {
			other := s.signUp(t, program.CustomerParams{Email: "other@example.com"}).ID
			for day, plan := range []program.PlanID{program.Pro, program.Business, program.Free, program.Enterprise, program.Pro} {
				s.subscribe(t, program.SubscriptionParams{Plan: plan})
				s.subscribe(t, program.SubscriptionParams{Plan: plan, CustomerID: other})
				s.clock.Advance(time.Duration(day) * 29 * time.Hour)
			}
			_, err := s.SetPayoutSchedule(s.partner, program.PayoutsWeekly)
			require.NoError(t, err)
		}
		jumped.clock.Advance(5 * 365 * day)
		for range 5 * 365 * 4 {
			stepped.clock.Advance(6 * time.Hour)
			stepped.RunDue()
		}
		assert.Equal(t, stepped.invoices(t), jumped.invoices(t))
		assert.Equal(t, stepped.statement(t), jumped.statement(t))
		assert.Equal(t, stepped.Document(), jumped.Document())
		invoices := jumped.invoices(t)
		require.Len(t, invoices, 8*61)
		for i, invoice := range invoices[1:] {
			assert.Equal(t, i+2, invoice.Number)
			assert.False(t, invoice.CreatedAt.Before(invoices[i].CreatedAt))
		}
	})

	t.Run("items of the same time run in the order in which they were scheduled", func(t *testing.T) {
		s := newShop(t)
		first, second := s.subscribe(t, pro), s.subscribe(t, pro)
		s.clock.Advance(31 * day)
		s.change(t, first, program.SubscriptionChange{Paused: ptr(true)})
		s.change(t, first, program.SubscriptionChange{Paused: new(bool)}) // and so scheduled anew
		s.clock.Advance(31 * day)
		var order []string
		for _, invoice := range s.invoices(t) {
			order = append(order, invoice.SubscriptionID)
		}
		assert.Equal(t, []string{first, second, first, second, second, first}, order)
	})

	t.Run("a free plan renews without an invoice", func(t *testing.T) {
		s := newShop(t)
		id := s.subscribe(t, program.SubscriptionParams{Plan: program.Free})
		s.clock.Advance(100 * day)
		assert.Empty(t, s.invoices(t))
		found, err := s.Subscription(id)
		require.NoError(t, err)
		assert.Equal(t, "2026-06-01", found.CurrentPeriodStart().Format(time.DateOnly))
		s.settings(t, program.SettingsChange{Plans: []program.PlanPrice{{ID: program.Free, MonthlyPrice: 5_00}}})
		s.clock.Advance(31 * day)
		assert.Equal(t, []string{"2026-07-01"}, s.days(t), "unless it has a price")
	})

	t.Run("the price is the one at the renewal", func(t *testing.T) {
		s := newShop(t)
		id := s.subscribe(t, pro)
		s.settings(t, program.SettingsChange{Plans: []program.PlanPrice{{ID: program.Pro, MonthlyPrice: 25_50}}})
		s.clock.Advance(31 * day)
		s.RunDue()
		changed := s.change(t, id, program.SubscriptionChange{Plan: program.Business})
		assert.EqualValues(t, 100_00, changed.MonthlyPrice)
		assert.Len(t, s.invoices(t), 2, "a change of the plan is paid from the next renewal on")
		s.clock.Advance(31 * day)
		var amounts []program.Cents
		for _, invoice := range s.invoices(t) {
			amounts = append(amounts, invoice.Amount)
		}
		assert.Equal(t, []program.Cents{20_00, 25_50, 100_00}, amounts)
	})

	t.Run("an exceeded limit or an error does not change payments", func(t *testing.T) {
		s := newShop(t)
		id := s.subscribe(t, pro)
		for _, status := range []program.SubscriptionStatus{program.SubscriptionLimitExceeded, program.SubscriptionError, program.SubscriptionActive} {
			s.change(t, id, program.SubscriptionChange{Status: status})
			s.clock.Advance(31 * day)
		}
		assert.Len(t, s.invoices(t), 4)
		assert.EqualValues(t, 4*4_00, s.balances(t).Earned)
	})

	t.Run("a canceled subscription does not renew and cannot be changed", func(t *testing.T) {
		s := newShop(t)
		id := s.subscribe(t, pro)
		canceled := s.change(t, id, program.SubscriptionChange{Status: program.SubscriptionCanceled})
		assert.Equal(t, start, canceled.CanceledAt)
		s.clock.Advance(100 * day)
		assert.Len(t, s.invoices(t), 1)
		for _, change := range []program.SubscriptionChange{{Status: program.SubscriptionActive}, {Status: program.SubscriptionCanceled}, {Paused: new(bool)}, {Plan: program.Free}} {
			_, err := s.UpdateSubscription(id, change)
			requireConflict(t, err)
		}
		unchanged := s.change(t, id, program.SubscriptionChange{})
		assert.Equal(t, canceled, unchanged, "a change of nothing is not an error")
	})

	t.Run("a paused subscription renews on its own day after it is resumed, without missed renewals", func(t *testing.T) {
		for _, c := range []struct {
			resumed string
			want    []string
		}{
			{"2026-03-20T00:00:00Z", []string{"2026-03-01", "2026-04-01", "2026-05-01", "2026-06-01", "2026-07-01"}},
			{"2026-04-01T12:00:00Z", []string{"2026-03-01", "2026-05-01", "2026-06-01", "2026-07-01"}},
			{"2026-05-31T00:00:00Z", []string{"2026-03-01", "2026-06-01", "2026-07-01"}},
		} {
			s := newShop(t)
			id := s.subscribe(t, pro)
			s.goTo(t, "2026-03-10T00:00:00Z")
			s.change(t, id, program.SubscriptionChange{Paused: ptr(true)})
			s.change(t, id, program.SubscriptionChange{Paused: ptr(true)})
			s.goTo(t, c.resumed)
			s.change(t, id, program.SubscriptionChange{Paused: new(bool)})
			s.change(t, id, program.SubscriptionChange{Paused: new(bool)})
			s.goTo(t, "2026-07-15T00:00:00Z")
			assert.Equal(t, c.want, s.days(t))
		}
	})

	t.Run("a declined payment method makes an invoice that has failed, and earns once it is paid", func(t *testing.T) {
		s := newShop(t)
		id := s.subscribe(t, program.SubscriptionParams{Plan: program.Pro, PaymentMethod: program.DeclinedMethod})
		s.change(t, id, program.SubscriptionChange{PaymentMethod: program.ValidMethod})
		s.clock.Advance(31 * day)
		invoices := s.invoices(t)
		require.Len(t, invoices, 2)
		assert.Equal(t, program.InvoiceFailed, invoices[0].Status)
		assert.True(t, invoices[0].PaidAt.IsZero())
		assert.Equal(t, program.InvoicePaid, invoices[1].Status)
		assert.EqualValues(t, 4_00, s.balances(t).Earned)

		s.settings(t, program.SettingsChange{DefaultCommissionRate: ptr(program.BasisPoints(5000))})
		paid, err := s.PayInvoice(invoices[0].ID)
		require.NoError(t, err)
		assert.Equal(t, s.clock.Now(), paid.PaidAt)
		assert.EqualValues(t, 14_00, s.balances(t).Earned, "at the rate of the moment of the payment")
		_, err = s.PayInvoice(invoices[0].ID)
		requireConflict(t, err)
	})

	t.Run("consolidated invoices earn nothing", func(t *testing.T) {
		s := newShop(t)
		id := s.subscribe(t, program.SubscriptionParams{Plan: program.Pro, Billing: program.Consolidated})
		assert.Zero(t, s.balances(t).Earned)
		s.change(t, id, program.SubscriptionChange{Billing: program.Individual})
		s.clock.Advance(31 * day)
		assert.EqualValues(t, 4_00, s.balances(t).Earned)
		assert.Equal(t, program.Consolidated, s.invoices(t)[0].Billing)
	})
}

func TestEventsOfSubscriptionsAndPayments(t *testing.T) {
	f, events := listen()
	s := openShop(t, f)
	*events = nil
	kinds := func() []program.EventKind {
		var kinds []program.EventKind
		for _, event := range *events {
			kinds = append(kinds, event.Kind)
			assert.NoError(t, event.Check())
			assert.Equal(t, s.user, event.Customer.ID)
		}
		*events = nil
		return kinds
	}
	id := s.subscribe(t, program.SubscriptionParams{Plan: program.Pro})
	assert.Equal(t, []program.EventKind{program.SubscriptionCreated, program.PaymentSucceeded}, kinds())
	s.change(t, id, program.SubscriptionChange{})
	s.change(t, id, program.SubscriptionChange{Status: program.SubscriptionActive, Plan: program.Pro, Paused: new(bool)})
	assert.Empty(t, kinds(), "nothing has changed")
	s.change(t, id, program.SubscriptionChange{Plan: program.Business, PaymentMethod: program.DeclinedMethod})
	assert.Equal(t, []program.EventKind{program.SubscriptionUpdated, program.EntitlementsUpdated}, kinds())
	s.clock.Advance(31 * day)
	s.RunDue()
	assert.Equal(t, []program.EventKind{program.PaymentFailed}, kinds())
	s.change(t, id, program.SubscriptionChange{Paused: ptr(true)})
	s.change(t, id, program.SubscriptionChange{Paused: new(bool)})
	s.change(t, id, program.SubscriptionChange{Status: program.SubscriptionLimitExceeded})
	s.change(t, id, program.SubscriptionChange{Status: program.SubscriptionCanceled})
	assert.Equal(t, []program.EventKind{program.SubscriptionPaused, program.SubscriptionResumed, program.SubscriptionUpdated, program.SubscriptionWasCanceled}, kinds())
	s.pay(t, 1_00)
	assert.Equal(t, []program.EventKind{program.PaymentSucceeded}, kinds())
}
