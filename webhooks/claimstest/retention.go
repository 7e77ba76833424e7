package claimstest

import (
	"errors"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

// margin is how much real time may pass while the clock is moved.
const margin = 10 * time.Second

var retentionTests = []test{
	{"an event stays done for the retention", func(t *testing.T, s *store) {
		s.requireMovedClock(t)
		s.handle(t, event)
		s.rememberedFor(t, event)
	}},
	{"the retention begins when the event is done", func(t *testing.T, s *store) {
		s.requireMovedClock(t)
		token := s.claimFor(t, event, year+time.Hour)
		s.pass(year)
		s.done(t, event, token)
		s.rememberedFor(t, event)
	}},
	{"an event that is done late stays done for the retention", func(t *testing.T, s *store) {
		s.requireMovedClock(t)
		s.done(t, event, s.lapse(t, event)[0])
		s.rememberedFor(t, event)
	}},
	{"the retention of an event that was claimed before begins when it is done", func(t *testing.T, s *store) {
		s.requireMovedClock(t)
		s.release(t, event, s.claim(t, event))
		s.pass(s.remembered() / 2)
		s.lapse(t, event)
		s.handle(t, event)
		s.rememberedFor(t, event)
	}},
	{"a done event is forgotten after the retention", func(t *testing.T, s *store) {
		s.requireMovedClock(t)
		s.requireRetention(t)
		s.handle(t, event)
		s.pass(s.retention + margin)
		s.handle(t, event)
		s.rememberedFor(t, event)
	}},
	{"what is forgotten takes nothing with it", func(t *testing.T, s *store) {
		s.requireMovedClock(t)
		s.handle(t, "evt_first")
		held := s.claimFor(t, "evt_held", 4*s.remembered())
		s.pass(s.remembered() / 2)
		s.handle(t, "evt_second")
		s.pass(s.remembered() - margin)
		for _, id := range []string{"evt_3", "evt_4", "evt_5"} {
			s.handle(t, id)
		}
		s.refuse(t, "evt_second", webhooks.ErrDone)
		s.refuse(t, "evt_held", webhooks.ErrInFlight)
		s.done(t, "evt_held", held)
	}},
}

// remembered is how long the store remembers a done event, as far as that is known.
func (s *store) remembered() time.Duration {
	if s.retention > 0 {
		return s.retention
	}
	return webhooks.MinRetention
}

func (s *store) requireRetention(t *testing.T) {
	t.Helper()
	if s.retention == 0 {
		t.Skip("the store's retention is not known: see WithRetention")
	}
}

// rememberedFor expects that the event, which is done just now, stays so for the
// retention, whichever callers ask for it meanwhile.
func (s *store) rememberedFor(t *testing.T, eventID string) {
	t.Helper()
	s.pass(s.remembered() / 2)
	if _, err := s.Claim(t.Context(), eventID, time.Second); !errors.Is(err, webhooks.ErrDone) {
		t.Fatalf("Claim after half of the retention = %v, want %v", err, webhooks.ErrDone)
	}
	s.pass(s.remembered()/2 - margin)
	if _, err := s.Claim(t.Context(), eventID, time.Second); !errors.Is(err, webhooks.ErrDone) {
		t.Fatalf("Claim %v before the end of the retention = %v, want %v", margin, err, webhooks.ErrDone)
	}
}
