package program

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPaymentLeavesRangeForRenewals(t *testing.T) {
	h := newHeard()
	h.earn(t)
	payer, _ := h.state.customers.byEmail.get("lee@example.com")
	_, err := h.Subscribe(SubscriptionParams{CustomerID: payer.ID, Plan: Enterprise})
	require.NoError(t, err)
	earned := h.state.ledger[payer.AffiliateID].balances.earned()
	h.state.ledger.post(Entry{AffiliateID: payer.AffiliateID, At: h.now, Kind: EntryCommission, Amount: maxEarned - earned - 19})

	_, err = h.RecordPayment(payer.ID, 1_00)
	var refused *Invalid
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "amount must not take the partner's earnings out of range", err.Error())
	_, err = h.RecordPayment(payer.ID, 95)
	require.NoError(t, err)
	h.now = h.now.Add(100 * 365 * day)
	h.RunDue()
	assert.Greater(t, h.state.ledger[payer.AffiliateID].balances.earned(), maxEarned)
}
