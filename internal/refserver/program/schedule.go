package program

import (
	"fmt"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/timeline"
)

// A schedule has what happens at later times, in the order of time; items of the same time are in the
// order in which they were added.
type schedule = timeline.Timeline[Due]

// A Due says what happens to a record, and when. It is never removed: when it is processed, it is
// checked whether it still applies.
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
	s.schedule.Add(due.At, due)
}

func (s *state) isDue(now time.Time) bool {
	due, ok := s.schedule.NextDue()
	return ok && !due.After(now)
}

// run processes what is due, each item at its own time.
func (s *state) run(now time.Time) {
	for next := range s.schedule.Due(now) {
		happening(next.Kind)(s, next)
	}
}
