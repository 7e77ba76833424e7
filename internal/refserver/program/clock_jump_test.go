package program

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// subscribed is a partner whose customers have a number of subscriptions.
func (h *heard) subscribed(t *testing.T, count int) (partner, customer string) {
	partner = h.earn(t).CustomerID
	user, err := h.CreateCustomer(CustomerParams{Email: "amy@example.com", ReferralCode: "JANE"})
	require.NoError(t, err)
	for range count {
		_, err := h.Subscribe(SubscriptionParams{CustomerID: user.ID, Plan: Pro})
		require.NoError(t, err)
	}
	return partner, user.ID
}

func TestClockJumpReleasesTheLockAndDeliversItsEventsInSlices(t *testing.T) {
	h := newHeard()
	h.subscribed(t, 30)
	var mostWaiting int
	h.listener = func(Event) { mostWaiting = max(mostWaiting, len(h.state.outbox)) }
	h.now = h.now.Add(5 * 365 * day)
	h.RunDue()
	assert.Positive(t, mostWaiting)
	assert.LessOrEqual(t, mostWaiting, sliceLength, "each renewal has one event")
	assert.False(t, h.state.isDue(h.now))
}

func TestClockJumpInSlicesLeadsToTheStateOfSmallSteps(t *testing.T) {
	jumped, stepped := newHeard(), newHeard()
	for _, h := range []*heard{jumped, stepped} {
		partner, _ := h.subscribed(t, 20)
		_, err := h.SetPayoutSchedule(partner, PayoutsWeekly)
		require.NoError(t, err)
	}
	jumped.now = jumped.now.Add(3 * 365 * day)
	jumped.RunDue()
	for range 3 * 365 {
		stepped.now = stepped.now.Add(day)
		stepped.RunDue()
	}
	requireSameDocument(t, stepped.Document(), jumped.Document())
	assert.Equal(t, stepped.events, jumped.events)
}

func TestCallsDuringAClockJumpSeeAllThatWasDue(t *testing.T) {
	h := newHeard()
	partner, customer := h.subscribed(t, 20)
	h.now = h.now.Add(5 * 365 * day)
	var calls sync.WaitGroup
	for i := range 8 {
		calls.Go(func() {
			if i%2 == 0 {
				_, err := h.RecordPayment(customer, 1_00)
				assert.NoError(t, err)
				return
			}
			page, err := h.UserSubscriptions(partner, customer, PageQuery{Limit: 100})
			assert.NoError(t, err)
			for _, row := range page.Rows {
				assert.True(t, row.CurrentPeriodEnd().After(h.now))
			}
		})
	}
	calls.Wait()
	reread(t, h, func(*Document) {})
}

func TestTimeDoesNotGoBackWithTheClock(t *testing.T) {
	h := newHeard()
	_, customer := h.subscribed(t, 1)
	_, err := h.RecordPayment(customer, 10_00)
	require.NoError(t, err)
	last := h.now
	h.now = h.now.Add(-time.Hour)
	late, err := h.RecordPayment(customer, 10_00)
	require.NoError(t, err)
	assert.Equal(t, last, late.CreatedAt)
	page, err := h.Invoices(InvoiceQuery{PageQuery: PageQuery{Limit: 1}})
	require.NoError(t, err)
	assert.Equal(t, last, page.Rows[0].CreatedAt)

	twin := reread(t, h, func(*Document) {})
	twin.now = h.now.Add(-time.Hour)
	later, err := twin.RecordPayment(customer, 10_00)
	require.NoError(t, err)
	assert.Equal(t, last, later.CreatedAt, "the restored program goes on from its records")
	reread(t, twin, func(*Document) {})
}

func TestOverdueItemsOfADocumentRunAfterItsRecords(t *testing.T) {
	h := newHeard()
	h.subscribed(t, 1)
	twin := reread(t, h, func(d *Document) {
		d.Subscriptions[0].CreatedAt, d.Subscriptions[0].Months = h.now.Add(-90*day), 1
		d.Schedule = nil
	})
	twin.RunDue()
	reread(t, twin, func(*Document) {})
}
