package program

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// scheduled is a program that has each kind of item on its schedule.
func scheduled(t require.TestingT) *heard {
	h := newHeard()
	application, err := h.Apply(ApplicationParams{Email: "jane@acme.com", Name: "Jane"})
	require.NoError(t, err)
	review, err := h.Approve(application.ID, "JANE")
	require.NoError(t, err)
	customer, err := h.CreateCustomer(CustomerParams{Email: "lee@example.com", ReferralCode: "JANE"})
	require.NoError(t, err)
	_, err = h.Subscribe(SubscriptionParams{CustomerID: customer.ID, Plan: Pro})
	require.NoError(t, err)
	_, err = h.TrackClick(ClickParams{Code: "JANE"})
	require.NoError(t, err)
	_, err = h.SignIn(customer.ID)
	require.NoError(t, err)
	_, err = h.SetPayoutSchedule(review.Affiliate.CustomerID, PayoutsMonthly)
	require.NoError(t, err)
	return h
}

func readChanged(t require.TestingT, h *heard, change func(*Document)) error {
	document := copyOf(t, h.Document())
	change(&document)
	_, err := newHeard().Read(document, "seed", h.now)
	return err
}

const madeAnew = "; leave schedule out and it is made anew"

func TestReadRefusesAScheduleThatContradictsTheRecords(t *testing.T) {
	h := scheduled(t)
	subscription, partner := h.Document().Subscriptions[0].ID, h.Document().Partners[0].ID
	for name, test := range map[string]struct {
		change func(*Document)
		want   string
	}{
		"a subscription without its renewal": {func(d *Document) {
			added := *d.Subscriptions[0]
			added.ID = "added"
			d.Subscriptions = append(d.Subscriptions, &added)
		}, `schedule: the item "renewal" of the subscription "added" at 2026-02-01T00:00:00Z is missing`},
		"a subscription that has ended": {func(d *Document) { d.Subscriptions[0].Status = SubscriptionCanceled },
			`id: no subscription that renews has the id "` + subscription + `"`},
		"a subscription that is paused": {func(d *Document) { d.Subscriptions[0].PausedAt = h.now },
			`id: no subscription that renews has the id "` + subscription + `"`},
		"a subscription that renews later": {func(d *Document) { d.Subscriptions[0].Months++ },
			`at: it must be 2026-03-01T00:00:00Z, which follows from the subscription "` + subscription + `"`},
		"a subscription of another turn": {func(d *Document) { d.Subscriptions[0].Turn++ },
			`turn: it must be 1, which follows from the subscription "` + subscription + `"`},
		"a partner that is paid out more often": {func(d *Document) { d.Partners[0].PayoutInterval, d.Partners[0].PayoutAt = PayoutsWeekly, time.Time{} },
			`at: it must be 2026-01-05T00:00:00Z, which follows from the partner "` + partner + `"`},
		"a partner that is not paid out any more": {func(d *Document) { d.Partners[0].PayoutInterval, d.Partners[0].PayoutAt = PayoutsOff, time.Time{} },
			`id: no partner with automatic payouts has the id "` + partner + `"`},
		"a partner of another turn": {func(d *Document) { d.Partners[0].PayoutTurn++ },
			`turn: it must be 2, which follows from the partner "` + partner + `"`},
		"a partner that begins to be paid out": {func(d *Document) {
			added := *d.Customers[1]
			added.ID, added.Email, added.AffiliateID = "c", "bob@x.com", ""
			d.Customers = append(d.Customers, &added)
			d.Partners = append(d.Partners, &Partner{ID: "bob", CustomerID: "c", Code: "BOB", PayoutInterval: PayoutsMonthly})
		}, `schedule: the item "payout" of the partner "bob" at 2026-02-01T00:00:00Z is missing`},
		"a click that expires later": {func(d *Document) { d.Clicks[0].ExpiresAt = d.Clicks[0].ExpiresAt.Add(1) },
			`at: it must be 2026-01-31T00:00:00.000000001Z, which follows from the click`},
		"a click that is removed": {func(d *Document) { d.Clicks = nil }, "id: no click has the id"},
		"a session that ends later": {func(d *Document) { d.Sessions[0].ExpiresAt = d.Sessions[0].ExpiresAt.Add(1) },
			`at: it must be 2026-05-01T00:00:00.000000001Z, which follows from the session of the customer "`},
		"a session that is removed": {func(d *Document) { d.Sessions = nil }, "id: no session has this token"},
		"no schedule at all":        {func(d *Document) { d.Schedule = []Due{} }, "is missing"},
		"a kind that does not exist": {func(d *Document) { d.Schedule[0].Kind = "birthday" },
			`schedule[0]: kind: "birthday" is not valid`},
	} {
		t.Run(name, func(t *testing.T) {
			err := readChanged(t, h, test.change)
			require.ErrorContains(t, err, test.want)
			assert.ErrorContains(t, err, madeAnew)
			assert.NotContains(t, err.Error(), h.Document().Sessions[0].Token, "which is secret")
			assert.NotContains(t, err.Error(), "\n", "one problem is enough")
			if name == "a kind that does not exist" {
				return
			}
			require.NoError(t, readChanged(t, h, func(d *Document) { test.change(d); d.Schedule = nil }), "it can be left out")
		})
	}
}

func TestReadRefusesAChangeOfAnyItemOfASchedule(t *testing.T) {
	h := scheduled(t)
	all := h.Document().Schedule
	require.Len(t, all, 5, "one of each kind")
	for i, due := range all {
		for name, change := range map[string]func(*Document){
			"missing":          func(d *Document) { d.Schedule = slices.Delete(d.Schedule, i, i+1) },
			"twice":            func(d *Document) { d.Schedule = append(d.Schedule, d.Schedule[i]) },
			"earlier":          func(d *Document) { d.Schedule[i].At = d.Schedule[i].At.Add(-1) },
			"later":            func(d *Document) { d.Schedule[i].At = d.Schedule[i].At.Add(1) },
			"at no time":       func(d *Document) { d.Schedule[i].At = time.Time{} },
			"of a later turn":  func(d *Document) { d.Schedule[i].Turn++ },
			"of another thing": func(d *Document) { d.Schedule[i].ID = "nosuch" },
			"too often, later": func(d *Document) {
				more := d.Schedule[i]
				more.Turn++
				d.Schedule = append(d.Schedule, more)
			},
		} {
			t.Run(string(due.Kind)+" "+name, func(t *testing.T) {
				err := readChanged(t, h, change)
				require.ErrorContains(t, err, "schedule")
				assert.ErrorContains(t, err, madeAnew)
			})
		}
	}
	require.NoError(t, readChanged(t, h, func(d *Document) { slices.Reverse(d.Schedule) }), "the times say the order")
}

func TestReadRefusesAPayoutTimeThatIsNotOfTheInterval(t *testing.T) {
	h := scheduled(t)
	for name, test := range map[string]struct {
		change func(*Partner)
		want   string
	}{
		"off":     {func(p *Partner) { p.PayoutInterval = PayoutsOff }, `payoutAt: a partner with the payoutInterval "off" has none`},
		"none":    {func(p *Partner) { p.PayoutInterval = "" }, `payoutAt: a partner with the payoutInterval "off" has none`},
		"weekly":  {func(p *Partner) { p.PayoutInterval = PayoutsWeekly }, `payoutAt: it must be when a payout with the payoutInterval "weekly" runs`},
		"monthly": {func(p *Partner) { p.PayoutAt = p.PayoutAt.Add(day) }, `payoutAt: it must be when a payout with the payoutInterval "monthly" runs`},
	} {
		t.Run(name, func(t *testing.T) {
			err := readChanged(t, h, func(d *Document) { test.change(d.Partners[0]); d.Schedule = nil })
			assert.ErrorContains(t, err, test.want)
		})
	}
}

func TestDocumentLeavesOutWhatHasLapsed(t *testing.T) {
	h := scheduled(t)
	for range 2 {
		subscription, err := h.Subscribe(SubscriptionParams{CustomerID: h.Document().Customers[1].ID, Plan: Free})
		require.NoError(t, err)
		_, err = h.UpdateSubscription(subscription.ID, SubscriptionChange{Status: SubscriptionCanceled})
		require.NoError(t, err)
	}
	require.Positive(t, h.state.lapsed)
	assert.Len(t, h.Document().Schedule, 5)
}

// requireScheduleOfRecords checks that the document of a program is accepted, and none with a change of
// its schedule.
func requireScheduleOfRecords(t *rapid.T, h *heard) {
	require.NoError(t, readChanged(t, h, func(*Document) {}))
	schedule := h.Document().Schedule
	count := len(schedule)
	next, waiting := h.NextDue()
	require.Equal(t, count > 0, waiting)
	if count == 0 {
		return
	}
	require.Equal(t, schedule[0].At, next)
	i := rapid.IntRange(0, count-1).Draw(t, "item")
	change := rapid.SampledFrom([]func(d *Document){
		func(d *Document) { d.Schedule = slices.Delete(d.Schedule, i, i+1) },
		func(d *Document) { d.Schedule = append(d.Schedule, d.Schedule[i]) },
		func(d *Document) { d.Schedule[i].At = d.Schedule[i].At.Add(time.Second) },
		func(d *Document) { d.Schedule[i].Turn++ },
	}).Draw(t, "change")
	require.ErrorContains(t, readChanged(t, h, change), madeAnew)
}
