package program

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCancelingASubscriptionEmitsOneEventWhateverElseChanges(t *testing.T) {
	yes, no := true, false
	for name, test := range map[string]struct {
		before, with SubscriptionChange
	}{
		"alone":                   {},
		"with a plan":             {with: SubscriptionChange{Plan: Business}},
		"with a payment method":   {with: SubscriptionChange{PaymentMethod: DeclinedMethod, Billing: Consolidated}},
		"with a pause":            {with: SubscriptionChange{Paused: &yes}},
		"with the end of a pause": {before: SubscriptionChange{Paused: &yes}, with: SubscriptionChange{Paused: &no}},
		"with everything":         {with: SubscriptionChange{Plan: Business, Billing: Consolidated, PaymentMethod: DeclinedMethod, Paused: &yes}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHeard()
			h.subscribed(t, 1)
			id := h.Document().Subscriptions[0].ID
			_, err := h.UpdateSubscription(id, test.before)
			require.NoError(t, err)
			h.events = nil
			test.with.Status = SubscriptionCanceled
			_, err = h.UpdateSubscription(id, test.with)
			require.NoError(t, err)
			require.Len(t, h.events, 1)
			assert.Equal(t, SubscriptionWasCanceled, h.events[0].Kind)
		})
	}
}
