package claimstest

import (
	"errors"
	"testing"

	"github.com/stackbe/stackbe-go/webhooks"
)

var leaseTests = []test{
	{"a lease holds until it has run out", func(t *testing.T, s *store) {
		if s.advance == nil {
			t.Skip("the store's clock cannot be moved")
		}
		s.claim(t, event)
		s.advance(longLease / 2)
		s.refuse(t, event, webhooks.ErrInFlight)
		s.advance(longLease/2 - 1e9)
		s.refuse(t, event, webhooks.ErrInFlight)
		s.advance(2e9)
		s.claim(t, event)
	}},
	{"an event whose lease ran out can be claimed again", func(t *testing.T, s *store) {
		s.lapsed(t, event)
		s.done(t, event, s.claim(t, event))
		s.refuse(t, event, webhooks.ErrDone)
	}},
	{"an event stays done when its lease would have run out", func(t *testing.T, s *store) {
		if s.advance == nil {
			token := s.claimFor(t, event, shortLease)
			s.done(t, event, token)
			s.lapsed(t, "evt_other")
		} else {
			s.done(t, event, s.claim(t, event))
			s.advance(2 * longLease)
		}
		s.refuse(t, event, webhooks.ErrDone)
	}},
	{"who lost the event neither finishes nor releases it for the next", func(t *testing.T, s *store) {
		old := s.lapsed(t, event)
		current := s.claim(t, event)
		lost(t, "Done with the old token", s.Done(t.Context(), event, old))
		s.refuse(t, event, webhooks.ErrInFlight)
		lost(t, "Release with the old token", s.Release(t.Context(), event, old))
		s.refuse(t, event, webhooks.ErrInFlight)
		s.done(t, event, current)
		lost(t, "Release with the old token, when done", s.Release(t.Context(), event, old))
		s.refuse(t, event, webhooks.ErrDone)
	}},
	{"a late Done either counts or says that it does not", func(t *testing.T, s *store) {
		token := s.lapsed(t, event)
		switch err := s.Done(t.Context(), event, token); {
		case err == nil:
			s.refuse(t, event, webhooks.ErrDone)
		case errors.Is(err, webhooks.ErrClaimLost):
			s.claim(t, event)
		default:
			t.Fatalf("Done = %v, want nil or %v", err, webhooks.ErrClaimLost)
		}
	}},
	{"a late Release leaves the event free", func(t *testing.T, s *store) {
		token := s.lapsed(t, event)
		if err := s.Release(t.Context(), event, token); err != nil && !errors.Is(err, webhooks.ErrClaimLost) {
			t.Fatalf("Release = %v, want nil or %v", err, webhooks.ErrClaimLost)
		}
		s.claim(t, event)
	}},
}
