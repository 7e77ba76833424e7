package refserver_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// later is in how many years most of a calendar falls due.
const later = 5000

// A calendar is a server on which 100 subscriptions to a plan renew each month, and n commissions and n/10
// subscriptions fall due much later.
type calendar struct {
	world
	now     *atomic.Pointer[time.Time]
	partner string // a customer's id
}

var calendars, paidCalendars shelf[*calendar]

func newCalendar(b *testing.B, n int, plan program.PlanID) *calendar {
	now := new(atomic.Pointer[time.Time])
	now.Store(&start)
	w := &calendar{newUnservedWorld(b, func(c *refserver.Config) { c.Now = func() time.Time { return *now.Load() } }), now, ""}
	w.partner = w.world.partner(b, "jane@acme.com", "JANE").CustomerID
	user := w.customer(b, program.CustomerParams{Email: "lee@example.com", ReferralCode: "JANE"})
	for range n {
		w.pay(b, user, 10_00)
	}
	subscribe := func(count int, plan program.PlanID) {
		for range count {
			_, err := w.Program.Subscribe(program.SubscriptionParams{CustomerID: user, Plan: plan})
			require.NoError(b, err)
		}
	}
	subscribe(n/10, program.Pro)
	document := w.Program.Document()
	for _, subscription := range document.Subscriptions {
		subscription.Months += 12 * later
	}
	for _, commission := range document.Commissions {
		commission.ReadyAt = commission.ReadyAt.AddDate(later, 0, 0)
	}
	document.Schedule = nil // it follows from these
	state, err := w.Program.Read(document, "", start)
	require.NoError(b, err)
	w.Program.Restore(state)
	subscribe(100, plan)
	return w
}

func (w *calendar) goTo(moment time.Time) { w.now.Store(&moment) }

// BenchmarkClock moves the clock to the next month, in which 100 subscriptions renew. They are free, so that
// nothing is added to what exists.
func BenchmarkClock(b *testing.B) {
	for _, n := range benchmarkSizes {
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			w := calendars.get(n, func() *calendar { return newCalendar(b, n, program.Free) })
			b.ReportAllocs()
			for b.Loop() {
				due, _ := w.Program.NextDue()
				w.goTo(due)
				require.NoError(b, w.Advance(0))
			}
			require.Less(b, w.Now().Year(), start.Year()+later, "the rest is due")
		})
	}
}

// BenchmarkClockWithPayments moves the clock on by a month, in which 100 subscriptions renew and are paid,
// 100 commissions become ready, and a run pays them out.
func BenchmarkClockWithPayments(b *testing.B) {
	for _, n := range benchmarkSizes {
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			w := paidCalendars.get(n, func() *calendar {
				w := newCalendar(b, n, program.Pro)
				days := 20 // within each month
				_, err := w.Program.UpdateSettings(program.SettingsChange{HoldingPeriodDays: &days})
				require.NoError(b, err)
				_, err = w.Program.SetPayoutSchedule(w.partner, program.PayoutsMonthly)
				require.NoError(b, err)
				w.nextMonth(b)
				w.settlePayout(b)
				return w
			})
			b.ReportAllocs()
			for b.Loop() {
				w.nextMonth(b)
				b.StopTimer()
				w.settlePayout(b)
				b.StartTimer()
			}
			require.Less(b, w.Now().Year(), start.Year()+later, "the rest is due")
		})
	}
}

func (w *calendar) nextMonth(b *testing.B) {
	w.goTo(w.Now().AddDate(0, 1, 0))
	require.NoError(b, w.Advance(0))
}

// settlePayout ends the payout of the month, so that the next run makes another.
func (w *calendar) settlePayout(b *testing.B) {
	payouts, err := w.Program.PartnerPayouts(w.partner, program.PayoutQuery{Status: program.PayoutPending, PageQuery: program.PageQuery{Limit: 2}})
	require.NoError(b, err)
	require.Len(b, payouts.Rows, 1)
	require.Equal(b, 100, payouts.Rows[0].Commissions)
	for _, status := range []program.PayoutStatus{program.PayoutProcessing, program.PayoutPaid} {
		_, err = w.Program.MovePayout(payouts.Rows[0].ID, program.PayoutStep{Status: status})
		require.NoError(b, err)
	}
}
