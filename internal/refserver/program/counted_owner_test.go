package program

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A document may give a partner, a customer and a subscription the same id.
func TestSubscriptionsAreCountedByTheKindOfTheirOwner(t *testing.T) {
	var document Document
	require.NoError(t, json.Unmarshal([]byte(`{
		"customers": [{"id": "jane", "email": "jane@x.com", "affiliateId": "bob"}, {"id": "cb", "email": "bob@x.com"}, {"id": "u", "email": "u@x.com", "affiliateId": "jane"}],
		"partners": [{"id": "jane", "customerId": "jane", "code": "JANE"}, {"id": "bob", "customerId": "cb", "code": "BOB"}],
		"subscriptions": [{"id": "s1", "customerId": "jane", "plan": "pro"}, {"id": "u", "customerId": "u", "plan": "pro"}],
		"settings": {"levels": [{"name": "Two", "minPaidSubscriptions": 2, "minMonthlyValue": 0, "commissionRate": 40}]}
	}`), &document))
	h := newHeard()
	state, err := h.Read(document, "seed", h.now)
	require.NoError(t, err)
	h.Restore(state)

	partner, _ := h.Affiliate("jane")
	assert.Equal(t, BasisPoints(2000), partner.CommissionRate, "it brings one subscription; the other is its own")
	summary, err := h.CommissionSummary("jane")
	require.NoError(t, err)
	assert.Equal(t, 1, summary.Subscriptions.Pro)
	user, err := h.User("cb", "jane")
	require.NoError(t, err)
	assert.Equal(t, 1, user.Subscriptions.Pro, "the customer has one")

	_, err = h.RecordPayment("u", 100_00)
	require.NoError(t, err)
	shown, err := h.UserSubscriptions("jane", "u", PageQuery{Limit: 1})
	require.NoError(t, err)
	assert.Zero(t, shown.Rows[0].Earned, "the payment was not for the subscription, whose id is that of its customer")
}

func TestDocumentCountsNoSubscriptionWhosePaymentMethodIsDeclined(t *testing.T) {
	h := newHeard()
	partner, customer := h.subscribed(t, 3)
	for _, subscription := range h.Document().Subscriptions[:2] {
		_, err := h.UpdateSubscription(subscription.ID, SubscriptionChange{PaymentMethod: DeclinedMethod})
		require.NoError(t, err)
	}
	twin := reread(t, h, func(*Document) {})
	for _, each := range []*heard{h, twin} {
		info, err := each.Info(partner)
		require.NoError(t, err)
		assert.Equal(t, 1, info.PaidSubscriptions)
		assert.Equal(t, 3, each.state.subscriptions.counts.count(subscriptionCount{owner{customerID: customer}, Pro, live}))
	}
}
