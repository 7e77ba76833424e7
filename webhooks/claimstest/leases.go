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

	// lateness is how long after its lease a claim can be settled that no other caller took over.
	lateness = time.Minute

	// granularity is how much longer a lease may be than requested.
	granularity = 10 * time.Millisecond

	// The least of a lease that is left when the suite asks whether it holds, where the
	// clock is moved, and where a timer, which may be late, has to be waited for.
	leastLeft       = 2 * time.Millisecond
	leastLeftWaited = 20 * time.Millisecond
)

// Leases that no rounding leaves as they are.
var (
	movedLeases = []time.Duration{
		237 * time.Millisecond, 937 * time.Millisecond, 1937 * time.Millisecond,
		90*time.Second + 563*time.Millisecond, 90*time.Minute + 333*time.Millisecond,
		36*time.Hour + 777*time.Millisecond, year + 36*time.Hour + 111*time.Millisecond,
	}
	waitedLeases = []time.Duration{1937 * time.Millisecond}
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
	{"a caller that lost the event neither finishes nor releases it for the next", func(t *testing.T, s *store) {
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
		s.pass(longLease + lateness - time.Second) // which real time may pass
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

// holds expects that a claim holds for as long as its lease, and no longer. It asks as
// close to the end of the lease as the store is quick to respond, and with more time left
// where the lease was over before the store had responded.
func (s *store) holds(t *testing.T, lease time.Duration) {
	t.Helper()
	left, attempts := leastLeft, 3
	if s.advance == nil {
		left, attempts = leastLeftWaited, 2 // each takes the time of the lease
	}
	for ; left <= lease/4; left *= 2 {
		for attempt := range attempts {
			if s.holdsUntil(t, fmt.Sprintf("evt_%v_%v_%d", lease, left, attempt), lease, left) {
				return
			}
		}
	}
	const tooSlow = "the store is too slow to tell how long a lease of %v holds"
	if s.advance == nil {
		t.Logf(tooSlow, lease) // other tests may have had the processor
		return
	}
	t.Fatalf(tooSlow, lease)
}

// holdsUntil expects that a claim holds when so much of its lease is left, and no longer
// than the lease. It reports false if the lease was over before the store had responded.
func (s *store) holdsUntil(t *testing.T, eventID string, lease, left time.Duration) (asked bool) {
	t.Helper()
	elapsed := s.stopwatch()
	s.claimFor(t, eventID, lease)
	claimed, moved := elapsed(), s.advanced
	if !s.refusedAt(t, eventID, lease, elapsed, lease*3/4) || !s.refusedAt(t, eventID, lease, elapsed, lease-left) {
		return false
	}
	if s.advance == nil {
		s.pass(max(0, claimed+lease+granularity-elapsed()))
	} else {
		s.pass(moved + lease + granularity - s.advanced) // the clock may stand still otherwise
	}
	if _, err := s.Claim(t.Context(), eventID, longLease); err != nil {
		t.Fatalf("Claim after a lease of %v = %v, want a claim", lease, err)
	}
	return true
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
