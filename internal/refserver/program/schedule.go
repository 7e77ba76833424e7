package program

import (
	"fmt"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/timeline"
)

// A schedule has what happens at later times, in the order of time; items of the same time are in the
// order in which they were added, except that payouts run after all others: they take what becomes ready
// at their time.
type schedule = timeline.Timeline[Due]

// A Due says what happens to a record, and when. What no longer applies by then does not happen.
type Due struct {
	At   time.Time `json:"at"`
	Kind DueKind   `json:"kind"`
	ID   string    `json:"id"` // of the record
	// Turn is how often the record was rescheduled before. An item with another turn than the record's
	// is ignored.
	Turn int `json:"turn,omitempty"`
}

// DueKind is the kind of an item.
type DueKind string

// The kinds of items.
const (
	DueClickExpires     DueKind = "click_expires"
	DueCommissionReady  DueKind = "commission_ready"
	DueSessionForgotten DueKind = "session_forgotten"
	DueRenewal          DueKind = "renewal"
	DuePayout           DueKind = "payout"
)

// happening returns the effect of a kind, at the item's time; nil if the kind does not exist. It may
// schedule items that are due already.
func happening(kind DueKind) func(s *state, due Due) {
	switch kind {
	case DueClickExpires:
		return (*state).expireClick
	case DueCommissionReady:
		return (*state).readyCommission
	case DueSessionForgotten:
		return (*state).forgetSession
	case DueRenewal:
		return (*state).renewSubscription
	case DuePayout:
		return (*state).runPayout
	}
	return nil
}

// at adds an item to the schedule.
func (s *state) at(due Due) {
	if happening(due.Kind) == nil {
		panic(fmt.Sprintf("program: nothing happens at %q", due.Kind))
	}
	if due.Kind == DuePayout {
		s.schedule.AddLast(due.At, due)
		return
	}
	s.schedule.Add(due.At, due)
}

func (s *state) isDue(now time.Time) bool {
	due, ok := s.schedule.NextDue()
	return ok && !due.After(now)
}

// sliceLength is how many due items are processed before the lock is released.
const sliceLength = 256

// run processes a slice of what is due, each item at its own time. It reports whether nothing is left.
func (s *state) run(now time.Time) (settled bool) {
	for range sliceLength {
		if !s.isDue(now) {
			s.last = now
			return true
		}
		next, _ := s.schedule.Next()
		next.At = s.notBeforeLast(next.At) // a document may have what was overdue
		s.last = next.At
		happening(next.Kind)(s, next)
		s.dropLapsedHead()
	}
	return false
}

// applies reports whether something is still to happen. What has lapsed never applies again.
func (s *state) applies(due Due) bool {
	switch due.Kind {
	case DueClickExpires:
		return s.clicks.has(due.ID)
	case DueSessionForgotten:
		return s.sessions.has(due.ID)
	case DueCommissionReady:
		return s.commissions.mustGet(due.ID).State == CommissionInReview
	case DueRenewal:
		subscription := s.subscriptions.mustGet(due.ID)
		return subscription.renews() && due.Turn == subscription.Turn
	default: // DuePayout
		return due.Turn == s.partners.mustGet(due.ID).PayoutTurn
	}
}

// lapse notes that an item on the schedule no longer applies to its record, which has changed. The next
// item always applies: what comes before it is dropped. Once what has lapsed outnumbers the rest, all of
// it is.
func (s *state) lapse() {
	s.lapsed++
	s.dropLapsedHead()
	if s.lapsed > s.schedule.Len()/2 {
		s.schedule.Keep(s.applies)
		s.lapsed = 0
	}
}

func (s *state) dropLapsedHead() {
	s.lapsed -= s.schedule.DropWhile(func(due Due) bool { return !s.applies(due) })
}

// notBeforeLast returns the moment, or the time of the last change if that is later: the time of a
// program never goes back, whatever its clock does, and so records stay in its order.
func (s *state) notBeforeLast(moment time.Time) time.Time {
	return later(s.last, moment)
}
