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

// A calendar is a server on which 100 subscriptions renew each month, and n commissions and n/10
// subscriptions fall due much later.
type calendar struct {
	world
	now *atomic.Pointer[time.Time]
}

var calendars shelf[*calendar]

func fillCalendar(b *testing.B, n int) *calendar {
	b.Helper()
	return calendars.get(n, func() *calendar { return newCalendar(b, n) })
}

func newCalendar(b *testing.B, n int) *calendar {
	now := new(atomic.Pointer[time.Time])
	now.Store(&start)
	w := &calendar{newUnservedWorld(b, func(c *refserver.Config) { c.Now = func() time.Time { return *now.Load() } }), now}
	w.world.partner(b, "jane@acme.com", "JANE")
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
	subscribe(100, program.Free) // whose renewals add nothing to what exists
	return w
}

func (w *calendar) goTo(moment time.Time) { w.now.Store(&moment) }

// BenchmarkClock moves the clock to the next month, in which 100 subscriptions renew.
func BenchmarkClock(b *testing.B) {
	for _, n := range benchmarkSizes {
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			w := fillCalendar(b, n)
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
