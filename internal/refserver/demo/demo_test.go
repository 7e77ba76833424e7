package demo_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/demo"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

var all = program.PageQuery{Limit: 1000}

// play plays the demo on a server whose clock stands.
func play(t testing.TB, now time.Time, seed string) (*refserver.Server, *program.Program, demo.Partner) {
	server := refserver.New(refserver.Config{Now: func() time.Time { return now }, Seed: seed})
	t.Cleanup(server.Close)
	app, err := server.AddApp(refserver.AppParams{ID: "app_demo"})
	require.NoError(t, err)
	partner, err := demo.Play(server, app.ID)
	require.NoError(t, err)
	return server, app.Program, partner
}

var today = time.Date(2026, 5, 14, 15, 20, 0, 0, time.UTC)

func TestDemoShowsEveryState(t *testing.T) {
	_, p, jane := play(t, today, "seed")
	seen := map[string]int{}
	count := func(kind string, what any) { seen[fmt.Sprintf("%s %v", kind, what)]++ }

	users, err := p.Users(jane.CustomerID, program.UserQuery{PageQuery: all})
	require.NoError(t, err)
	for _, user := range users.Rows {
		count("user by", user.Source)
		count("access", user.Access)
	}
	earning, err := p.EarningSubscriptions(jane.CustomerID, all)
	require.NoError(t, err)
	subscriptions, err := p.Subscriptions(program.SubscriptionQuery{PageQuery: all})
	require.NoError(t, err)
	for _, s := range subscriptions.Rows {
		count("subscription", s.Status)
	}
	for _, s := range earning.Rows {
		count("Jane's plan", s.Plan)
		count("Jane's billing", s.Billing)
		count("Jane's subscription", s.Status)
		count("Jane's paused", !s.PausedAt.IsZero())
	}
	invoices, err := p.UserInvoices(jane.CustomerID, "", all)
	require.NoError(t, err)
	for _, i := range invoices.Rows {
		count("Jane's invoice", i.Status)
	}
	commissions, err := p.Commissions(jane.CustomerID, program.CommissionQuery{PageQuery: all})
	require.NoError(t, err)
	for _, c := range commissions.Rows {
		count("Jane's commission", c.Status)
	}
	payouts, err := p.Payouts(program.PayoutQuery{PageQuery: all})
	require.NoError(t, err)
	for _, payout := range payouts.Rows {
		count("payout", payout.Status)
		count("automatic", payout.Automatic)
	}
	own, err := p.PartnerPayouts(jane.CustomerID, program.PayoutQuery{PageQuery: all})
	require.NoError(t, err)
	for _, payout := range own.Rows {
		count("Jane's payout", payout.Status)
		count("Jane's automatic", payout.Automatic)
	}
	deals, err := p.Deals(jane.CustomerID, program.DealQuery{PageQuery: all})
	require.NoError(t, err)
	for _, deal := range deals.Rows {
		count("deal", deal.Status)
	}
	applications, err := p.Applications(program.ApplicationQuery{Limit: 1000})
	require.NoError(t, err)
	for _, application := range applications.Applications {
		count("application", application.Status)
	}
	partners, err := p.Partners(all)
	require.NoError(t, err)
	for _, partner := range partners.Rows {
		info, err := p.Info(partner.CustomerID)
		require.NoError(t, err)
		level := "none"
		if info.Level != nil {
			level = info.Level.Name
		}
		count("level", level)
		count("debt", partner.Balances.Debt > 0)
	}
	for _, wanted := range []string{
		"user by referral_code", "user by click", "user by deal", "user by sub_account", "user by linked",
		"access none", "access requested", "access granted", "access declined", "access withdrawn",
		"Jane's plan free", "Jane's plan pro", "Jane's plan business", "Jane's plan enterprise",
		"Jane's billing individual", "Jane's billing consolidated", "Jane's paused true",
		"Jane's subscription active", "Jane's subscription limit_exceeded", "Jane's subscription error", "subscription canceled",
		"Jane's invoice paid", "Jane's invoice partially_refunded", "Jane's invoice refunded", "Jane's invoice failed",
		"Jane's commission in_review", "Jane's commission ready", "Jane's commission paid", "Jane's commission voided", "Jane's commission clawback",
		"payout pending", "payout processing", "payout paid", "payout failed", "automatic true", "automatic false",
		"Jane's payout paid", "Jane's payout failed", "Jane's automatic true", "Jane's automatic false",
		"deal registered", "deal won",
		"application pending", "application approved", "application rejected",
		"level none", "level Bronze", "level Silver", "level Gold", "debt true", "debt false",
	} {
		assert.NotZero(t, seen[wanted], wanted)
	}
	if t.Failed() {
		for what, n := range seen {
			t.Log(what, n)
		}
	}
}

// Months have different lengths, and automatic payouts days of their own: what can be tried does not
// depend on the day on which the demo is started.
func TestDemoIsTheSameOnEveryDay(t *testing.T) {
	var days []time.Time
	for n := 0; n < 366; n += 23 {
		days = append(days, today.AddDate(0, 0, n))
	}
	for _, day := range []string{"2000-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "2026-03-01T00:00:01Z", "2026-06-01T07:00:00Z", "2027-01-31T12:00:00Z"} {
		at, err := time.Parse(time.RFC3339, day)
		require.NoError(t, err)
		days = append(days, at)
	}
	for _, day := range days {
		_, p, jane := play(t, day, "seed")
		for _, status := range []program.PayoutStatus{program.PayoutPending, program.PayoutProcessing} {
			open, err := p.Payouts(program.PayoutQuery{Status: status, PageQuery: all})
			require.NoError(t, err)
			require.NotEmpty(t, open.Rows, "%s on %s", status, day)
		}
		pending, err := p.Applications(program.ApplicationQuery{Status: program.Pending, Limit: 1000})
		require.NoError(t, err)
		require.Len(t, pending.Applications, 3, day)
		_, err = p.RequestPayout(jane.CustomerID)
		require.NoError(t, err, day)
		_, err = p.LinkUser(jane.CustomerID, "nora@summitclimbing.example")
		require.NoError(t, err, day)
	}
}

func document(t *testing.T, server *refserver.Server) string {
	var written bytes.Buffer
	require.NoError(t, server.Snapshot().Write(&written))
	return written.String()
}

func TestSameSeedAndClockGiveSameDemo(t *testing.T) {
	first, _, _ := play(t, today, "seed")
	second, _, _ := play(t, today, "seed")
	assert.Equal(t, document(t, first), document(t, second))
	other, _, _ := play(t, today, "another")
	assert.NotEqual(t, document(t, first), document(t, other))
}

func TestDemoEndsNow(t *testing.T) {
	server, p, jane := play(t, today, "seed")
	assert.Equal(t, today, server.Now())
	statement, err := p.Statement(jane.CustomerID, all)
	require.NoError(t, err)
	newest, oldest := statement.Rows[0], statement.Rows[len(statement.Rows)-1]
	assert.WithinRange(t, newest.At, today.AddDate(0, 0, -10), today)
	assert.WithinRange(t, oldest.At, today.AddDate(-1, 0, -1), today.AddDate(0, -11, 0))
	due, ok := server.NextDue()
	require.True(t, ok)
	assert.True(t, due.After(today), due)
	require.NoError(t, server.Advance(90*24*time.Hour), "the program goes on")
}

func TestDemoIsPlayedOnlyInEmptyApp(t *testing.T) {
	server, _, _ := play(t, today, "seed")
	before := document(t, server)
	_, err := demo.Play(server, "app_demo")
	require.ErrorIs(t, err, refserver.ErrNotEmpty)
	assert.Equal(t, before, document(t, server))
	_, err = demo.Play(server, "app_unknown")
	require.ErrorContains(t, err, "app_unknown")
}

func TestDemoCanBeRestored(t *testing.T) {
	server, _, _ := play(t, today, "seed")
	written := document(t, server)
	read, err := refserver.ReadDocument(bytes.NewReader([]byte(written)))
	require.NoError(t, err)
	require.NoError(t, server.Restore(read))
	assert.Equal(t, written, document(t, server))
}

// The demo is delivered to no webhook: it is of the past.
func TestDemoEmitsNoEvents(t *testing.T) {
	server := refserver.New(refserver.Config{})
	t.Cleanup(server.Close)
	app, err := server.AddApp(refserver.AppParams{})
	require.NoError(t, err)
	_, err = server.Webhooks.AddEndpoint(app.ID, endpoint)
	require.NoError(t, err)
	_, err = demo.Play(server, app.ID)
	require.NoError(t, err)
	assert.Empty(t, server.Webhooks.Deliveries())
}

func BenchmarkPlay(b *testing.B) {
	for b.Loop() {
		play(b, today, "seed")
	}
}

var endpoint = delivery.EndpointParams{URL: "http://127.0.0.1:9/hook", Secret: "a secret of a webhook"}
