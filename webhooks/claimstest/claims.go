package claimstest

import (
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

var claimTests = []test{
	{"a claimed event is in flight", func(t *testing.T, s *store) {
		s.claim(t, event)
		s.refuse(t, event, webhooks.ErrInFlight)
		s.claim(t, "evt_other")
	}},
	{"an event that is done stays done", func(t *testing.T, s *store) {
		s.done(t, event, s.claim(t, event))
		s.refuse(t, event, webhooks.ErrDone)
		s.refuse(t, event, webhooks.ErrDone)
	}},
	{"to mark an event as done again is no error", func(t *testing.T, s *store) {
		token := s.claim(t, event)
		s.done(t, event, token)
		s.done(t, event, token)
		s.refuse(t, event, webhooks.ErrDone)
		lost(t, "Done with another token", s.Done(t.Context(), event, "made up"))
	}},
	{"a released event can be claimed at once", func(t *testing.T, s *store) {
		s.release(t, event, s.claim(t, event))
		s.done(t, event, s.claim(t, event))
		s.refuse(t, event, webhooks.ErrDone)
	}},
	{"each claim has a token of its own", func(t *testing.T, s *store) {
		first := s.claim(t, event)
		s.release(t, event, first)
		second := s.claim(t, event)
		if first == "" || first == second {
			t.Fatalf("the tokens are %q and %q, want two", first, second)
		}
	}},
	{"the token of a released claim settles nothing", func(t *testing.T, s *store) {
		old := s.claim(t, event)
		s.release(t, event, old)
		lost(t, "Done with the token of a released claim", s.Done(t.Context(), event, old))
		lost(t, "Release with the token of a released claim", s.Release(t.Context(), event, old))
		current := s.claim(t, event)
		lost(t, "Done with the old token", s.Done(t.Context(), event, old))
		lost(t, "Release with the old token", s.Release(t.Context(), event, old))
		s.refuse(t, event, webhooks.ErrInFlight)
		s.done(t, event, current)
	}},
	{"a token of another event settles nothing", func(t *testing.T, s *store) {
		other := s.claim(t, "evt_other")
		current := s.claim(t, event)
		if other == current {
			return // the store tells claims apart by event and token
		}
		lost(t, "Done with another event's token", s.Done(t.Context(), event, other))
		lost(t, "Release with another event's token", s.Release(t.Context(), event, other))
		s.refuse(t, event, webhooks.ErrInFlight)
	}},
	{"a made-up or empty token settles nothing", func(t *testing.T, s *store) {
		s.claim(t, event)
		for _, token := range []string{"", "made up", "00000000-0000-0000-0000-000000000000", "*", "%"} {
			lost(t, "Done with a made-up token", s.Done(t.Context(), event, token))
			lost(t, "Release with a made-up token", s.Release(t.Context(), event, token))
		}
		s.refuse(t, event, webhooks.ErrInFlight)
	}},
	{"an event that nobody claimed cannot be settled", func(t *testing.T, s *store) {
		for _, token := range []string{"", "made up"} {
			lost(t, "Done of an unclaimed event", s.Done(t.Context(), event, token))
			lost(t, "Release of an unclaimed event", s.Release(t.Context(), event, token))
		}
		s.claim(t, event)
	}},
	{"releasing an event that is done changes nothing", func(t *testing.T, s *store) {
		token := s.claim(t, event)
		s.done(t, event, token)
		lost(t, "Release after Done", s.Release(t.Context(), event, token))
		lost(t, "Release after Done, without a token", s.Release(t.Context(), event, ""))
		s.refuse(t, event, webhooks.ErrDone)
	}},
	{"a claim without an id or without a lease is refused", func(t *testing.T, s *store) {
		for _, claim := range []struct {
			eventID string
			lease   time.Duration
		}{{"", longLease}, {event, 0}, {event, -time.Second}} {
			if _, err := s.Claim(t.Context(), claim.eventID, claim.lease); err == nil {
				t.Fatalf("Claim(%q, %v) = nil, want an error", claim.eventID, claim.lease)
			}
		}
		s.claim(t, event)
	}},
	{"a call whose context is over fails and changes nothing", func(t *testing.T, s *store) {
		if _, err := s.Claim(cancelled(t), event, longLease); err == nil {
			t.Fatal("Claim = nil, want an error")
		}
		token := s.claim(t, event)
		if s.Done(cancelled(t), event, token) == nil {
			t.Fatal("Done = nil, want an error")
		}
		if s.Release(cancelled(t), event, token) == nil {
			t.Fatal("Release = nil, want an error")
		}
		s.refuse(t, event, webhooks.ErrInFlight)
		s.done(t, event, token)
	}},
}
