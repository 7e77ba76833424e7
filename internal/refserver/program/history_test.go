package program

import (
	"cmp"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A history plays random commands of what customers pay and partners earn, the same on two programs.
// One of them is written as a document and restored now and then, and its clock goes in small steps.
type history struct {
	one, other *heard
	partners   []string // ids of customers
	users      []string
}

func newHistory(t require.TestingT) *history {
	h := &history{one: newHeard(), other: newHeard()}
	for _, code := range []string{"AAA", "BBB"} {
		email := code + "@acme.com"
		play(t, h, func(p *heard) (any, error) {
			application, err := p.Apply(ApplicationParams{Email: email, Name: "Partner"})
			require.NoError(t, err)
			return p.Approve(application.ID, code)
		})
		partner, _ := h.one.state.customers.byEmail.get(keyOf(email))
		h.partners = append(h.partners, partner.ID)
	}
	for _, user := range []CustomerParams{{Email: "a1@x.com", ReferralCode: "AAA"}, {Email: "a2@x.com", ReferralCode: "AAA"}, {Email: "b@x.com", ReferralCode: "BBB"}, {Email: "n@x.com"}} {
		play(t, h, func(p *heard) (any, error) { return p.CreateCustomer(user) })
		made, _ := h.one.state.customers.byEmail.get(keyOf(user.Email))
		h.users = append(h.users, made.ID)
	}
	return h
}

// play runs the same command on both programs and requires the same result.
func play(t require.TestingT, h *history, step func(*heard) (any, error)) {
	got, err := step(h.one)
	gotOther, errOther := step(h.other)
	require.Equal(t, got, gotOther)
	require.Equal(t, err, errOther)
}

// anID draws the id of a record; "none" if there is none.
func anID[T any](t *rapid.T, b *book[T]) string {
	if b.len() == 0 {
		return "none"
	}
	newest := rapid.IntRange(0, min(b.len()-1, 5)).Draw(t, "which")
	return b.id(*b.at(b.len() - 1 - newest))
}

func (h *history) wait(t *rapid.T) {
	d := rapid.SampledFrom([]time.Duration{1, time.Hour, day, 7 * day, 28 * day, 30 * day, 31 * day, 59 * day, 400 * day}).Draw(t, "wait")
	h.one.now = h.one.now.Add(d)
	for range 4 {
		h.other.now = h.other.now.Add(d / 4)
		h.other.RunDue()
	}
	h.other.now = h.one.now
	h.one.RunDue()
	h.other.RunDue()
}

func (h *history) step(t *rapid.T) {
	plan := func() PlanID { return rapid.SampledFrom([]PlanID{Free, Pro, Business, Enterprise}).Draw(t, "plan") }
	partner := rapid.SampledFrom(h.partners).Draw(t, "partner")
	user := rapid.SampledFrom(h.users).Draw(t, "user")
	s := h.one.state
	switch rapid.SampledFrom([]string{"subscribe", "change", "pay", "pay", "refund", "refund", "settle", "request", "request", "move", "move", "schedule", "settings", "attribute", "click", "sign in", "restore", "wait", "wait"}).Draw(t, "step") {
	case "subscribe":
		params := SubscriptionParams{CustomerID: user, Plan: plan(), Billing: rapid.SampledFrom([]Billing{"", "", Consolidated}).Draw(t, "billing"), PaymentMethod: rapid.SampledFrom([]PaymentMethod{"", DeclinedMethod}).Draw(t, "method")}
		play(t, h, func(p *heard) (any, error) { return p.Subscribe(params) })
	case "change":
		id := anID(t, s.subscriptions.book)
		change := rapid.SampledFrom([]SubscriptionChange{{Paused: new(bool)}, {Paused: yes()}, {Paused: new(bool), Status: SubscriptionCanceled}, {Plan: Business}, {Status: SubscriptionError}, {Status: SubscriptionCanceled}, {Billing: Consolidated}, {Billing: Individual}, {PaymentMethod: DeclinedMethod}, {}}).Draw(t, "change")
		play(t, h, func(p *heard) (any, error) { return p.UpdateSubscription(id, change) })
	case "pay":
		amount := Cents(rapid.Int64Range(1, 50_000).Draw(t, "amount"))
		play(t, h, func(p *heard) (any, error) { return p.RecordPayment(user, amount) })
	case "refund":
		id, amount := anID(t, s.invoices.book), Cents(rapid.Int64Range(1, 9_000).Draw(t, "amount"))
		whole := rapid.Bool().Draw(t, "whole")
		play(t, h, func(p *heard) (any, error) {
			if whole {
				return p.RefundInvoice(id, nil)
			}
			return p.RefundInvoice(id, &amount)
		})
	case "settle":
		id := anID(t, s.invoices.book)
		play(t, h, func(p *heard) (any, error) { return p.PayInvoice(id) })
	case "request":
		play(t, h, func(p *heard) (any, error) { return p.RequestPayout(partner) })
	case "move":
		id, status := anID(t, s.payouts.book), rapid.SampledFrom([]PayoutStatus{PayoutProcessing, PayoutPaid, PayoutFailed}).Draw(t, "status")
		play(t, h, func(p *heard) (any, error) { return p.MovePayout(id, PayoutStep{Status: status}) })
	case "schedule":
		interval := rapid.SampledFrom([]PayoutInterval{PayoutsOff, PayoutsWeekly, PayoutsMonthly}).Draw(t, "interval")
		play(t, h, func(p *heard) (any, error) { return p.SetPayoutSchedule(partner, interval) })
	case "settings":
		rate, holding, least := BasisPoints(rapid.IntRange(0, 10000).Draw(t, "rate")), rapid.SampledFrom([]int{0, 7, 30, 60}).Draw(t, "holding"), Cents(rapid.IntRange(0, 10_000).Draw(t, "least"))
		levels := []Level{{Name: "Gold", MinPaidSubscriptions: 2, CommissionRate: 5000}}
		prices := []PlanPrice{{Pro, Cents(rapid.IntRange(0, 5_000).Draw(t, "price"))}}
		play(t, h, func(p *heard) (any, error) {
			return p.UpdateSettings(SettingsChange{DefaultCommissionRate: &rate, HoldingPeriodDays: &holding, MinPayoutAmount: &least, Levels: &levels, Plans: prices})
		})
	case "attribute":
		play(t, h, func(p *heard) (any, error) {
			return command(p.Program, func(s *state, now time.Time) (change[Customer], error) {
				nobodys := s.customers.mustGet(h.users[3])
				to, _ := s.partners.ofCustomer(partner)
				if nobodys.AffiliateID != "" {
					return nil, noInvoice()
				}
				return func() Customer { return s.attribute(nobodys, referral{to.ID, SourceLinked}, now) }, nil
			})
		})
	case "click":
		play(t, h, func(p *heard) (any, error) { return p.TrackClick(ClickParams{Code: "AAA"}) })
	case "sign in":
		play(t, h, func(p *heard) (any, error) { return p.SignIn(user) })
	case "restore":
		requireScheduleOfRecords(t, h.one)
		twin := reread(t, h.other, func(*Document) {})
		requireSameDocument(t, h.other.Document(), twin.Document())
		h.other = twin
	case "wait":
		h.wait(t)
	}
}

func yes() *bool {
	is := true
	return &is
}

func TestRandomHistoriesBalance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t)
		for range rapid.IntRange(5, 50).Draw(t, "steps") {
			h.step(t)
			for _, partner := range h.partners {
				requireBalanced(t, h.one, partner)
			}
		}
		for _, partner := range h.partners {
			requireListsAsFiltered(t, h.one, partner)
		}
		requireScheduleOfRecords(t, h.one)
		requireSameDocument(t, h.one.Document(), h.other.Document())
		h.one.now = h.one.now.Add(3 * 365 * day)
		h.other.now = h.one.now
		h.one.RunDue()
		h.other.RunDue()
		requireSameDocument(t, h.one.Document(), h.other.Document())
		for _, partner := range h.partners {
			requireBalanced(t, h.one, partner)
		}
	})
}

var everything = PageQuery{Limit: 1_000_000}

// requireBalanced checks a partner's statement, commissions and payouts against each other.
func requireBalanced(t require.TestingT, h *heard, customerID string) {
	statement, err := h.Statement(customerID, everything)
	require.NoError(t, err)
	places := map[string]Cents{}
	for i, line := range slices.Backward(statement.Rows) {
		require.Equal(t, len(statement.Rows)-i, line.Sequence)
		places[line.From] -= line.Amount
		places[line.To] += line.Amount
		b := line.Balances
		require.Positive(t, line.Amount)
		require.Equal(t, b.Earned, b.InReview+b.Ready-b.Debt+b.InPayout+b.Paid)
		require.Equal(t, Balances{-places["outside"], places["in_review"], max(places["ready"], 0), max(-places["ready"], 0), places["in_payout"], places["paid"]}, b)
	}
	summary, err := h.CommissionSummary(customerID)
	require.NoError(t, err)
	if len(statement.Rows) > 0 {
		require.Equal(t, statement.Rows[0].Balances, summary.Balances)
	}

	payouts, err := h.PartnerPayouts(customerID, PayoutQuery{PageQuery: everything})
	require.NoError(t, err)
	byID := map[string]Payout{}
	for _, payout := range payouts.Rows {
		byID[payout.ID] = payout
	}
	commissions, err := h.Commissions(customerID, CommissionQuery{PageQuery: everything})
	require.NoError(t, err)
	sums, inPayouts, counts := map[CommissionStatus]Cents{}, map[string]Cents{}, map[string]int{}
	byInvoice, rates := map[string]Cents{}, map[string]BasisPoints{}
	for _, c := range commissions.Rows {
		status := c.Status
		if status == StatusClawback {
			status = StatusReady
			if c.PayoutID != "" {
				status = byID[c.PayoutID].commissionStatus()
			}
		}
		sums[status] += c.Amount
		if c.PayoutID != "" {
			inPayouts[c.PayoutID] += c.Amount
			counts[c.PayoutID]++
		}
		byInvoice[c.InvoiceID] += c.Amount
		rates[c.InvoiceID] = c.Rate
	}
	b := summary.Balances
	require.Equal(t, b, Balances{
		sums[StatusInReview] + sums[StatusReady] + sums[StatusInPayout] + sums[StatusPaid], sums[StatusInReview],
		max(sums[StatusReady], 0), max(-sums[StatusReady], 0), sums[StatusInPayout], sums[StatusPaid],
	}, "no commission is lost, or paid twice")
	for _, payout := range payouts.Rows {
		if payout.Status == PayoutFailed {
			require.NotContains(t, counts, payout.ID)
			continue
		}
		require.Equal(t, payout.Amount, inPayouts[payout.ID])
		require.Equal(t, payout.Commissions, counts[payout.ID])
	}
	for id, sum := range byInvoice {
		invoice, err := h.Invoice(id)
		require.NoError(t, err)
		require.Equal(t, shareOf(invoice.left(), rates[id]), sum, "what an invoice has earned is the rate of what is left of it")
	}
}

// requireListsAsFiltered compares each list of commissions with the whole list, filtered.
func requireListsAsFiltered(t *rapid.T, h *heard, customerID string) {
	all, err := h.Commissions(customerID, CommissionQuery{PageQuery: everything})
	require.NoError(t, err)
	partner, _ := h.state.partners.ofCustomer(customerID)
	users, payouts := []string{""}, []string{""}
	for _, customer := range h.state.customers.rows {
		if customer.AffiliateID == partner.ID {
			users = append(users, customer.ID)
		}
	}
	for _, payout := range h.state.payouts.rows {
		if payout.AffiliateID == partner.ID {
			payouts = append(payouts, payout.ID)
		}
	}
	for range 12 {
		asked := CommissionQuery{
			Status:   rapid.SampledFrom(append(commissionStatuses(), "")).Draw(t, "status"),
			UserID:   rapid.SampledFrom(users).Draw(t, "user"),
			Plan:     rapid.SampledFrom([]PlanID{"", "", Pro, Business}).Draw(t, "plan"),
			PayoutID: rapid.SampledFrom(payouts).Draw(t, "payout"),
		}
		if len(all.Rows) > 0 && rapid.Bool().Draw(t, "period") {
			asked.From = rapid.SampledFrom(all.Rows).Draw(t, "from").CreatedAt
			asked.To = rapid.SampledFrom(all.Rows).Draw(t, "to").CreatedAt
			if !asked.To.After(asked.From) {
				asked.To = time.Time{}
			}
		}
		want := []string{}
		for _, c := range all.Rows {
			if asked.Status != "" && c.Status != asked.Status || asked.UserID != "" && c.CustomerID != asked.UserID ||
				asked.Plan != "" && c.Plan != asked.Plan || asked.PayoutID != "" && c.PayoutID != asked.PayoutID ||
				c.CreatedAt.Before(asked.From) || !asked.To.IsZero() && !c.CreatedAt.Before(asked.To) {
				continue
			}
			want = append(want, c.ID)
		}
		got := []string{}
		asked.Limit = rapid.IntRange(1, 5).Draw(t, "limit")
		for {
			page, err := h.Commissions(customerID, asked)
			require.NoError(t, err)
			for _, c := range page.Rows {
				got = append(got, c.ID)
			}
			if asked.Before = page.Next; page.Next == 0 {
				break
			}
		}
		require.Equal(t, want, got, "%+v", asked)
	}
}

func TestReadDerivesMoneyOfHistories(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t)
		for range rapid.IntRange(5, 40).Draw(t, "steps") {
			h.step(t)
			h.one.now, h.other.now = h.one.now.Add(time.Second), h.other.now.Add(time.Second) // so that no times are equal
		}
		h.one.RunDue()
		twin := reread(t, h.one, func(d *Document) { d.Ledger, d.Schedule = nil, nil })
		twin.RunDue()
		for _, partner := range h.partners {
			want, err := h.one.Statement(partner, everything)
			require.NoError(t, err)
			got, err := twin.Statement(partner, everything)
			require.NoError(t, err)
			byTime := func(a, b StatementLine) int {
				return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Cause, b.Cause), cmp.Compare(a.Kind, b.Kind))
			}
			key := func(lines []StatementLine) string {
				slices.SortFunc(lines, byTime)
				text := ""
				for _, line := range lines {
					written, _ := json.Marshal(line.Entry)
					text += string(written) + "\n"
				}
				return text
			}
			require.Equal(t, key(want.Rows), key(got.Rows))
		}
	})
}
