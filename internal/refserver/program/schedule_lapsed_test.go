package program

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestScheduleDropsWhatNoLongerApplies(t *testing.T) {
	const rounds = 200
	yes, no := true, false
	for name, change := range map[string]func(t *testing.T, h *heard, partner, customer string){
		"an interval that is set again": func(t *testing.T, h *heard, partner, _ string) {
			_, err := h.SetPayoutSchedule(partner, PayoutsMonthly)
			require.NoError(t, err)
		},
		"an interval that changes": func(t *testing.T, h *heard, partner, _ string) {
			for _, interval := range []PayoutInterval{PayoutsWeekly, PayoutsOff, PayoutsMonthly} {
				_, err := h.SetPayoutSchedule(partner, interval)
				require.NoError(t, err)
			}
		},
		"a subscription that is paused and resumed": func(t *testing.T, h *heard, _, _ string) {
			id := h.Document().Subscriptions[0].ID
			for _, paused := range []*bool{&yes, &no} {
				_, err := h.UpdateSubscription(id, SubscriptionChange{Paused: paused})
				require.NoError(t, err)
			}
		},
		"subscriptions that are canceled": func(t *testing.T, h *heard, _, customer string) {
			made, err := h.Subscribe(SubscriptionParams{CustomerID: customer, Plan: Free})
			require.NoError(t, err)
			_, err = h.UpdateSubscription(made.ID, SubscriptionChange{Status: SubscriptionCanceled})
			require.NoError(t, err)
		},
		"subscriptions that are paused and canceled as they resume": func(t *testing.T, h *heard, _, customer string) {
			made, err := h.Subscribe(SubscriptionParams{CustomerID: customer, Plan: Free})
			require.NoError(t, err)
			_, err = h.UpdateSubscription(made.ID, SubscriptionChange{Paused: &yes})
			require.NoError(t, err)
			_, err = h.UpdateSubscription(made.ID, SubscriptionChange{Paused: &no, Status: SubscriptionCanceled})
			require.NoError(t, err)
		},
		"commissions that are void": func(t *testing.T, h *heard, _, customer string) {
			invoice, err := h.CreateInvoice(InvoiceParams{CustomerID: customer, Amount: 100_00})
			require.NoError(t, err)
			_, err = h.RefundInvoice(invoice.ID, nil)
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHeard()
			partner, customer := h.subscribed(t, 3)
			for range rounds {
				change(t, h, partner, customer)
			}
			applying := 0
			for due := range h.state.schedule.All() {
				if h.state.applies(due) {
					applying++
				}
			}
			assert.LessOrEqual(t, h.state.schedule.Len(), 2*applying)
			assert.Equal(t, h.state.schedule.Len()-applying, h.state.lapsed)

			twin := reread(t, h, func(*Document) {})
			for _, each := range []*heard{h, twin} {
				each.now = each.now.Add(365 * day)
				each.RunDue()
				assert.Equal(t, 3, each.state.subscriptions.counts.count(subscriptionCount{owner{customerID: customer}, Pro, live}))
			}
			requireSameDocument(t, h.Document(), twin.Document())
		})
	}
}
