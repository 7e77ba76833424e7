package claimstest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

const (
	longLease  = time.Hour
	shortLease = 300 * time.Millisecond // where it has to be waited for
	event      = "evt_abc123"
	other      = "evt_other"
)

// store is the store under test.
type store struct {
	webhooks.Claims
	advance   func(time.Duration) // nil where the clock cannot be moved
	retention time.Duration       // 0 where it is not known

	advanced time.Duration
}

// pass lets time pass.
func (s *store) pass(d time.Duration) {
	if s.advance == nil {
		<-time.After(d)
		return
	}
	s.advance(d)
	s.advanced += d
}

// stopwatch measures the time of the store, of which no more has passed than it shows.
func (s *store) stopwatch() (elapsed func() time.Duration) {
	started, advanced := time.Now(), s.advanced
	return func() time.Duration { return time.Since(started) + s.advanced - advanced }
}

// requireMovedClock skips the test if the clock cannot be moved.
func (s *store) requireMovedClock(t *testing.T) {
	t.Helper()
	if s.advance == nil {
		t.Skip("the store's clock cannot be moved")
	}
}

// claim claims the event for a long time.
func (s *store) claim(t *testing.T, eventID string) (token string) {
	t.Helper()
	return s.claimFor(t, eventID, longLease)
}

func (s *store) claimFor(t *testing.T, eventID string, lease time.Duration) (token string) {
	t.Helper()
	token, err := s.Claim(t.Context(), eventID, lease)
	if err != nil {
		t.Fatalf("Claim(%s, %v) = %v, want a claim", short(eventID), lease, err)
	}
	return token
}

// refuse expects that the event cannot be claimed.
func (s *store) refuse(t *testing.T, eventID string, want error) {
	t.Helper()
	if _, err := s.Claim(t.Context(), eventID, longLease); !errors.Is(err, want) {
		t.Fatalf("Claim(%s) = %v, want %v", short(eventID), err, want)
	}
}

func (s *store) done(t *testing.T, eventID, token string) {
	t.Helper()
	if err := s.Done(t.Context(), eventID, token); err != nil {
		t.Fatalf("Done(%s) = %v, want nil", short(eventID), err)
	}
}

func (s *store) release(t *testing.T, eventID, token string) {
	t.Helper()
	if err := s.Release(t.Context(), eventID, token); err != nil {
		t.Fatalf("Release(%s) = %v, want nil", short(eventID), err)
	}
}

// handle claims the event and marks it as done.
func (s *store) handle(t *testing.T, eventID string) (token string) {
	t.Helper()
	token = s.claim(t, eventID)
	s.done(t, eventID, token)
	return token
}

// lose expects that the token can neither finish nor release the event.
func (s *store) lose(t *testing.T, what, eventID, token string) {
	t.Helper()
	if err := s.Done(t.Context(), eventID, token); !errors.Is(err, webhooks.ErrClaimLost) {
		t.Fatalf("Done with %s = %v, want %v", what, err, webhooks.ErrClaimLost)
	}
	if err := s.Release(t.Context(), eventID, token); !errors.Is(err, webhooks.ErrClaimLost) {
		t.Fatalf("Release with %s = %v, want %v", what, err, webhooks.ErrClaimLost)
	}
}

// lapse claims the events and lets their leases run out, by a little.
func (s *store) lapse(t *testing.T, eventIDs ...string) (tokens []string) {
	t.Helper()
	lease, more := shortLease, shortLease/2
	if s.advance != nil {
		lease, more = longLease, time.Second
	}
	for _, id := range eventIDs {
		tokens = append(tokens, s.claimFor(t, id, lease))
	}
	s.pass(lease + more)
	return tokens
}

// short is the form of an id in errors.
func short(eventID string) string {
	const most = 100
	if len(eventID) <= most {
		return fmt.Sprintf("%q", eventID)
	}
	return fmt.Sprintf("%q… (%d bytes)", eventID[:most], len(eventID))
}

// over returns contexts that are over.
func over(t *testing.T) map[string]context.Context {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	expired, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	cancel()
	return map[string]context.Context{"is canceled": canceled, "has expired": expired}
}

// says reports whether err says something about the claim, rather than that the call failed.
func says(err error) bool {
	return errors.Is(err, webhooks.ErrDone) || errors.Is(err, webhooks.ErrInFlight) || errors.Is(err, webhooks.ErrClaimLost)
}
