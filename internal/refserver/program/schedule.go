package program

import (
	"fmt"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/timeline"
)

// A schedule is what is to happen by itself, in the order of time, and of what was put there first
// where times are equal.
type schedule = timeline.Timeline[Due]

// A Due says what happens to a record, and when. It is never taken back: what happens looks first
// whether it still applies.
type Due struct {
	At   time.Time `json:"at"`
	Kind DueKind   `json:"kind"`
	ID   string    `json:"id"` // of the record
}

// DueKind is what happens.
type DueKind string

// The kinds of what happens by itself.
const (
	DueClickExpires     DueKind = "click_expires"
	DueCommissionReady  DueKind = "commission_ready"
	DueSessionForgotten DueKind = "session_forgotten"
)

// happening is what a kind does, at its own time; nil if there is no such kind. It may schedule
// what is due even now.
func happening(kind DueKind) func(s *state, id string, at time.Time) {
	switch kind {
	case DueClickExpires:
		return (*state).expireClick
	case DueCommissionReady:
		return (*state).readyCommission
	case DueSessionForgotten:
		return (*state).forgetSession
	}
	return nil
}

// at puts something on the schedule.
func (s *state) at(due time.Time, kind DueKind, id string) {
	if happening(kind) == nil {
		panic(fmt.Sprintf("program: nothing happens at %q", kind))
	}
	s.schedule.Add(due, Due{At: due, Kind: kind, ID: id})
}

func (s *state) isDue(now time.Time) bool {
	due, ok := s.schedule.NextDue()
	return ok && !due.After(now)
}

// run lets happen what is due, each at its own time.
func (s *state) run(now time.Time) {
	for next := range s.schedule.Due(now) {
		happening(next.Kind)(s, next.ID, next.At)
	}
}
