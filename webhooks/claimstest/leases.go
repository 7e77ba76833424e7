package claimstest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

const (
	// year is longer than any store remembers an event.
	year = 365 * 24 * time.Hour

	// lateness is how long after its lease a claim can be settled that nobody took over.
	lateness = time.Minute

	// granularity is what a lease may be longer than was asked for.
	granularity = 10 * time.Millisecond
)

// Leases that no rounding leaves as they are.
var (
	movedLeases  = []time.Duration{900 * time.Millisecond, 1900 * time.Millisecond, 90 * time.Second, 90 * time.Minute, 36 * time.Hour, year + 36*time.Hour}
	waitedLeases = []time.Duration{1900 * time.Millisecond}
)

var leaseTests = []test{
	{"a lease holds until it has run out", func(t *testing.T, s *store) {
		leases := movedLeases
		if s.advance == nil {
			leases = waitedLeases
		}
		for _, lease := range leases {
			s.holds(t, lease)
		}
	}},
	{"each claim has its own lease", func(t *testing.T, s *store) {
		s.requireMovedClock(t)
		s.claimFor(t, "evt_1", 10*time.Minute)
		s.claimFor(t, "evt_2", 10*time.Hour)
		s.claimFor(t, "evt_3", 10*time.Minute)
		s.pass(time.Hour)
		s.claim(t, "evt_1")
		s.refuse(t, "evt_2", webhooks.ErrInFlight)
		s.claim(t, "evt_3")
	}},
	{"the lease of a claim begins with the claim", func(t *testing.T, s *store) {
		s.requireMovedClock(t)
		s.claim(t, event)
		s.pass(longLease + time.Second)
		s.claim(t, event) // takes it over
		s.pass(longLease / 2)
		token := s.claim(t, other)
		s.refuse(t, event, webhooks.ErrInFlight)
		s.pass(longLease * 3 / 4)
		s.release(t, other, token)
		s.claim(t, other)
		s.pass(longLease / 2)
		s.refuse(t, other, webhooks.ErrInFlight)
		s.claim(t, event)
	}},
	{"a refused claim does not change the lease", func(t *testing.T, s *store) {
		s.requireMovedClock(t)
		for name, lease := range map[string]time.Duration{"shorter": time.Second, "longer": 10 * longLease} {
			id := "evt_" + name
			s.claim(t, id)
			if _, err := s.Claim(t.Context(), id, lease); !errors.Is(err, webhooks.ErrInFlight) {
				t.Fatalf("Claim = %v, want %v", err, webhooks.ErrInFlight)
			}
			s.pass(longLease / 2)
			s.refuse(t, id, webhooks.ErrInFlight)
			s.pass(longLease/2 + time.Second)
			s.claim(t, id)
		}
	}},
	{"an event whose lease ran out can be claimed again", func(t *testing.T, s *store) {
		s.lapse(t, event)
		s.handle(t, event)
		s.refuse(t, event, webhooks.ErrDone)
	}},
	{"an event stays done when its lease would have run out", func(t *testing.T, s *store) {
		var token string
		if s.advance == nil {
			token = s.claimFor(t, event, shortLease)
			s.done(t, event, token)
			s.lapse(t, other)
		} else {
			token = s.handle(t, event)
			s.pass(2 * longLease)
		}
		s.refuse(t, event, webhooks.ErrDone)
		s.done(t, event, token)
	}},
	{"who lost the event neither finishes nor releases it for the next", func(t *testing.T, s *store) {
		old := s.lapse(t, event)[0]
		current := s.claim(t, event)
		s.lose(t, "the token of a claim that lapsed", event, old)
		s.refuse(t, event, webhooks.ErrInFlight)
		s.done(t, event, current)
		s.lose(t, "the token of a claim that lapsed, when the event is done", event, old)
		s.refuse(t, event, webhooks.ErrDone)
		s.done(t, event, current)
	}},
	{"a late Done counts unless another caller has the event", func(t *testing.T, s *store) {
		token := s.lapse(t, event)[0]
		s.done(t, event, token)
		s.refuse(t, event, webhooks.ErrDone)
		s.done(t, event, token)
	}},
	{"a Done that is late by up to a minute counts", func(t *testing.T, s *store) {
		s.requireMovedClock(t)
		token := s.claim(t, event)
		s.pass(longLease + lateness/2)
		s.handle(t, other)
		s.done(t, event, token)
		s.refuse(t, event, webhooks.ErrDone)
	}},
	{"a late Release leaves the event free", func(t *testing.T, s *store) {
		token := s.lapse(t, event)[0]
		if err := s.Release(t.Context(), event, token); err != nil && !errors.Is(err, webhooks.ErrClaimLost) {
			t.Fatalf("Release = %v, want nil or %v", err, webhooks.ErrClaimLost)
		}
		s.handle(t, event)
	}},
}

// holds expects that a claim holds for as long as its lease, and no longer. On a slow
// machine time can be over before the store was asked; it is asked again then.
func (s *store) holds(t *testing.T, lease time.Duration) {
	t.Helper()
	for attempt := range 10 {
		id := fmt.Sprintf("evt_%v_%d", lease, attempt)
		elapsed := s.stopwatch()
		s.claimFor(t, id, lease)
		before := elapsed()
		asked := s.refusedAt(t, id, lease, elapsed, lease*3/4)
		asked = asked && s.refusedAt(t, id, lease, elapsed, lease-max(lease/50, 100*time.Millisecond))
		if !asked {
			continue
		}
		s.pass(max(0, before+lease+granularity-elapsed()))
		if _, err := s.Claim(t.Context(), id, longLease); err != nil {
			t.Fatalf("Claim after a lease of %v = %v, want a claim", lease, err)
		}
		return
	}
	t.Logf("the store is too slow to tell how long a lease of %v holds", lease)
}

// refusedAt expects that the event is in flight at a time of its lease. It reports
// false if that has passed.
func (s *store) refusedAt(t *testing.T, eventID string, lease time.Duration, elapsed func() time.Duration, at time.Duration) (asked bool) {
	t.Helper()
	s.pass(max(0, at-elapsed()))
	now := elapsed()
	_, err := s.Claim(t.Context(), eventID, longLease)
	if elapsed() >= lease {
		return false
	}
	if !errors.Is(err, webhooks.ErrInFlight) {
		t.Fatalf("Claim %v into a lease of %v = %v, want %v", now, lease, err, webhooks.ErrInFlight)
	}
	return true
}
