package claimstest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

var claimTests = []test{
	{"a claimed event is in flight", func(t *testing.T, s *store) {
		s.claim(t, event)
		s.refuse(t, event, webhooks.ErrInFlight)
		s.claim(t, other)
	}},
	{"an event that is done stays done", func(t *testing.T, s *store) {
		s.handle(t, event)
		s.refuse(t, event, webhooks.ErrDone)
		s.refuse(t, event, webhooks.ErrDone)
	}},
	{"to mark an event as done again is not an error", func(t *testing.T, s *store) {
		token := s.handle(t, event)
		s.done(t, event, token)
		s.done(t, event, token)
		s.refuse(t, event, webhooks.ErrDone)
	}},
	{"a released event can be claimed at once", func(t *testing.T, s *store) {
		s.release(t, event, s.claim(t, event))
		s.refuseNothing(t, event)
		s.handle(t, event)
		s.refuse(t, event, webhooks.ErrDone)
	}},
	{"a released event can be claimed as often as it is released", func(t *testing.T, s *store) {
		for range 20 {
			s.release(t, event, s.claim(t, event))
		}
		s.handle(t, event)
	}},
	{"a refused claim leaves the event to its holder", func(t *testing.T, s *store) {
		finishing, releasing := s.claim(t, event), s.claim(t, other)
		for range 3 {
			s.refuse(t, event, webhooks.ErrInFlight)
			s.refuse(t, other, webhooks.ErrInFlight)
		}
		s.done(t, event, finishing)
		s.release(t, other, releasing)
	}},
	{"a refused claim leaves a done event to its holder", func(t *testing.T, s *store) {
		token := s.handle(t, event)
		s.refuse(t, event, webhooks.ErrDone)
		s.done(t, event, token)
	}},
	{"releasing an event that is done changes nothing", func(t *testing.T, s *store) {
		token := s.handle(t, event)
		for name, token := range map[string]string{"its token": token, "no token": "", "another token": "made up"} {
			if err := s.Release(t.Context(), event, token); !errors.Is(err, webhooks.ErrClaimLost) {
				t.Fatalf("Release after Done, with %s = %v, want %v", name, err, webhooks.ErrClaimLost)
			}
		}
		s.refuse(t, event, webhooks.ErrDone)
		s.done(t, event, token)
	}},
	{"what happens to one event does not happen to another", func(t *testing.T, s *store) {
		held, done, released := "evt_held", "evt_done", "evt_released"
		token := s.claim(t, held)
		s.handle(t, done)
		s.release(t, released, s.claim(t, released))
		s.refuse(t, held, webhooks.ErrInFlight)
		s.refuse(t, done, webhooks.ErrDone)
		s.handle(t, released)
		s.claim(t, "evt_new")
		s.done(t, held, token)
	}},
	{"each of many events is remembered", func(t *testing.T, s *store) {
		const many = 150
		id := func(n int) string { return fmt.Sprintf("evt_many_%d", n) }
		for n := range many {
			token := s.claim(t, id(n))
			if n%3 > 0 {
				s.done(t, id(n), token)
			}
		}
		for n := range many {
			want := webhooks.ErrDone
			if n%3 == 0 {
				want = webhooks.ErrInFlight
			}
			s.refuse(t, id(n), want)
		}
	}},
	{"a claim without an id or without a lease is refused", func(t *testing.T, s *store) {
		for _, claim := range []struct {
			eventID string
			lease   time.Duration
		}{{"", longLease}, {event, 0}, {event, -1}, {event, -time.Second}, {event, -longLease}} {
			if _, err := s.Claim(t.Context(), claim.eventID, claim.lease); err == nil || says(err) {
				t.Fatalf("Claim(%q, %v) = %v, want an error that says that it is refused", claim.eventID, claim.lease, err)
			}
		}
		s.claim(t, event)
	}},
	{"a call whose context is over fails and changes nothing", func(t *testing.T, s *store) {
		for name, ctx := range over(t) {
			eventID := "evt_that_" + name
			fails := func(call string, err error) {
				t.Helper()
				if err == nil || says(err) {
					t.Fatalf("%s with a context that %s = %v, want an error that says nothing about the claim", call, name, err)
				}
			}
			_, err := s.Claim(ctx, eventID, longLease)
			fails("Claim", err)
			token := s.claim(t, eventID)
			fails("Done", s.Done(ctx, eventID, token))
			fails("Release", s.Release(ctx, eventID, token))
			s.refuse(t, eventID, webhooks.ErrInFlight)
			s.done(t, eventID, token)
			_, err = s.Claim(ctx, eventID, longLease)
			fails("Claim of a done event", err)
		}
	}},
	{"a claim outlives the context of the call", func(t *testing.T, s *store) {
		ctx, cancel := context.WithCancel(t.Context())
		held, err := s.Claim(ctx, event, longLease)
		if err != nil {
			t.Fatalf("Claim = %v, want a claim", err)
		}
		token, err := s.Claim(ctx, other, longLease)
		if err != nil {
			t.Fatalf("Claim = %v, want a claim", err)
		}
		if err := s.Done(ctx, other, token); err != nil {
			t.Fatalf("Done = %v, want nil", err)
		}
		cancel()
		for range 10 {
			s.refuse(t, event, webhooks.ErrInFlight)
			s.refuse(t, other, webhooks.ErrDone)
			runtime.Gosched() // to whatever the store does when a context ends
		}
		s.done(t, event, held)
	}},
}

// refuseNothing expects that the event can be claimed, and releases it.
func (s *store) refuseNothing(t *testing.T, eventID string) {
	t.Helper()
	s.release(t, eventID, s.claim(t, eventID))
}
