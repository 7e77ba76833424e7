package program

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDueItemsRunInOrder(t *testing.T) {
	h := newHeard()
	partner := h.earn(t)
	h.now = h.now.Add(1000 * day) // at once
	_, err := h.Dashboard(partner.CustomerID)
	require.NoError(t, err)
	entries := slices.Collect(h.state.ledger[partner.ID].entries.all())
	for i := range entries[1:] {
		assert.False(t, entries[i+1].At.Before(entries[i].At), "entries are in the order of time")
	}
	last := entries[len(entries)-1]
	assert.Equal(t, EntryMatured, last.Kind)
	commission := h.state.commissions.mustGet(last.Cause)
	assert.Equal(t, commission.ReadyAt, last.At)
	assert.Equal(t, CommissionReady, commission.State)
	_, waiting := h.NextDue()
	assert.False(t, waiting)
}

func TestCommandProcessesDueItemsFirst(t *testing.T) {
	for name, command := range map[string]func(*heard) error{
		"that succeeds": func(h *heard) error {
			_, err := h.CreateCustomer(CustomerParams{Email: "new@example.com"})
			return err
		},
		"that fails": func(h *heard) error {
			if _, err := h.Approve("unknown", ""); err == nil {
				return errors.New("it was approved")
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHeard()
			partner := h.earn(t)
			h.now = h.now.Add(100 * day)
			require.NoError(t, command(h))
			assert.Zero(t, h.state.ledger[partner.ID].balances[inReview])
		})
	}
}

func TestFailedCommandChangesNothing(t *testing.T) {
	h := newHeard()
	partner := h.earn(t)
	before := h.Document()
	for _, fail := range []func() error{
		func() error { _, err := h.Apply(ApplicationParams{Email: "JANE@acme.com", Name: "Jane"}); return err },
		func() error { _, err := h.Approve("unknown", ""); return err },
		func() error { _, err := h.Reject("unknown", ""); return err },
		func() error { _, err := h.CreateCustomer(CustomerParams{Email: "jane@acme.com"}); return err },
		func() error { _, err := h.TrackClick(ClickParams{Code: "NOBODY"}); return err },
		func() error {
			_, err := h.RegisterDeal(partner.CustomerID, DealParams{LeadEmail: "lee@example.com", LeadName: "Lee"})
			return err
		},
		func() error { _, err := h.RecordPayment("unknown", 1); return err },
		func() error { _, err := h.SignIn("unknown"); return err },
	} {
		require.Error(t, fail())
		requireSameDocument(t, before, h.Document())
	}
}
