package program_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func TestEachChangeOfASubscriptionEmitsItsEvents(t *testing.T) {
	updated, entitlements := program.SubscriptionUpdated, program.EntitlementsUpdated
	for name, c := range map[string]struct {
		before, change program.SubscriptionChange
		want           []program.EventKind
	}{
		"a status":           {change: program.SubscriptionChange{Status: program.SubscriptionError}, want: []program.EventKind{updated}},
		"a kind of billing":  {change: program.SubscriptionChange{Billing: program.Consolidated}, want: []program.EventKind{updated}},
		"a payment method":   {change: program.SubscriptionChange{PaymentMethod: program.DeclinedMethod}, want: []program.EventKind{updated}},
		"a plan":             {change: program.SubscriptionChange{Plan: program.Business}, want: []program.EventKind{updated, entitlements}},
		"the same again":     {change: program.SubscriptionChange{Plan: program.Pro, Status: program.SubscriptionActive, Paused: ptr(false)}},
		"a pause":            {change: program.SubscriptionChange{Paused: ptr(true)}, want: []program.EventKind{program.SubscriptionPaused}},
		"a pause again":      {before: program.SubscriptionChange{Paused: ptr(true)}, change: program.SubscriptionChange{Paused: ptr(true)}},
		"the end of a pause": {before: program.SubscriptionChange{Paused: ptr(true)}, change: program.SubscriptionChange{Paused: ptr(false)}, want: []program.EventKind{program.SubscriptionResumed}},
		"a pause and a plan": {change: program.SubscriptionChange{Paused: ptr(true), Plan: program.Business}, want: []program.EventKind{program.SubscriptionPaused, updated, entitlements}},
	} {
		t.Run(name, func(t *testing.T) {
			s, heard := listeningShop(t)
			id := s.subscribe(t, program.SubscriptionParams{Plan: program.Pro})
			s.change(t, id, c.before)
			heard()
			s.change(t, id, c.change)
			assert.Equal(t, c.want, heard())
		})
	}
}

func TestEachChargeEmitsAnEvent(t *testing.T) {
	s, heard := listeningShop(t)
	s.subscribe(t, program.SubscriptionParams{Plan: program.Free})
	assert.Equal(t, []program.EventKind{program.SubscriptionCreated}, heard(), "there is nothing to charge")
	valid := s.subscribe(t, program.SubscriptionParams{Plan: program.Pro})
	assert.Equal(t, []program.EventKind{program.SubscriptionCreated, program.PaymentSucceeded}, heard())
	declined := s.subscribe(t, program.SubscriptionParams{Plan: program.Pro, PaymentMethod: program.DeclinedMethod})
	assert.Equal(t, []program.EventKind{program.SubscriptionCreated, program.PaymentFailed}, heard())

	s.clock.Advance(31 * day)
	s.RunDue()
	assert.Equal(t, []program.EventKind{program.PaymentSucceeded, program.PaymentFailed}, heard(), "a renewal is no update of the subscription")
	s.settings(t, program.SettingsChange{Plans: []program.PlanPrice{{ID: program.Pro, MonthlyPrice: 25_00}}})
	assert.Empty(t, heard(), "a change of the price is no update either")

	s.pay(t, 10_00)
	assert.Equal(t, []program.EventKind{program.PaymentSucceeded}, heard())
	for _, invoice := range s.invoices(t) {
		if invoice.SubscriptionID == declined {
			_, err := s.PayInvoice(invoice.ID)
			require.NoError(t, err)
			assert.Equal(t, []program.EventKind{program.PaymentSucceeded}, heard(), "a failed invoice that is paid later")
		}
	}
	s.change(t, valid, program.SubscriptionChange{Status: program.SubscriptionCanceled})
	s.change(t, declined, program.SubscriptionChange{Paused: ptr(true)})
	heard()
	s.clock.Advance(31 * day)
	s.RunDue()
	assert.Empty(t, heard(), "neither is charged")
}

func TestRefundsCommissionsPayoutsAndExistingCustomersEmitNoEvent(t *testing.T) {
	s, heard := listeningShop(t)
	stranger := s.signUp(t, program.CustomerParams{Email: "stranger@example.com"})
	invoice := s.pay(t, 1_000_00)
	heard()

	s.refund(t, invoice, 100_00)
	_, err := s.LinkUser(s.partner, stranger.Email)
	require.NoError(t, err)
	access, err := s.RequestAccess(s.partner, s.user)
	require.NoError(t, err)
	_, err = s.DecideAccess(s.user, access.ID, program.GrantAccess)
	require.NoError(t, err)
	_, err = s.RegisterDeal(s.partner, program.DealParams{LeadEmail: "lead@example.com", LeadName: "Lead"})
	require.NoError(t, err)
	s.clock.Advance(31 * day)
	s.RunDue()
	_, err = s.SetPayoutSchedule(s.partner, program.PayoutsWeekly)
	require.NoError(t, err)
	payout := s.payout(t)
	s.move(t, payout, program.PayoutProcessing)
	s.move(t, payout, program.PayoutPaid)
	s.refund(t, invoice, 100_00)
	assert.Empty(t, heard())
}

// listeningShop returns a shop, and the kinds of the events that it emits from one call to the next.
func listeningShop(t *testing.T) (s shop, heard func() []program.EventKind) {
	f, events := listen()
	s = openShop(t, f)
	*events = nil
	return s, func() []program.EventKind {
		var kinds []program.EventKind
		for _, event := range *events {
			kinds = append(kinds, event.Kind)
		}
		*events = nil
		return kinds
	}
}
