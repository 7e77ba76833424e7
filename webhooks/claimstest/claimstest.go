// Package claimstest holds an implementation of [webhooks.Claims] to its contract.
// A store is tested by a single call:
//
//	func TestClaims(t *testing.T) {
//		claimstest.Run(t, func(t *testing.T) (webhooks.Claims, func(time.Duration)) {
//			return mystore.Open(t), nil
//		})
//	}
package claimstest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

// Open returns a store that holds none of the suite's events, and a function that
// moves its clock forward. Where the clock cannot be moved that is nil, and the suite
// waits for short leases to run out. It is called once for each test; a store that is
// shared by all of them has to be emptied.
type Open func(t *testing.T) (claims webhooks.Claims, advance func(time.Duration))

// Run tests the store that open returns. A store that is a
// [webhooks.TransactionalClaims] is held to the contract of that as well.
func Run(t *testing.T, open Open) {
	t.Run("claims", func(t *testing.T) { runAll(t, open, claimTests) })
	t.Run("leases", func(t *testing.T) { runAll(t, open, leaseTests) })
	t.Run("ids", func(t *testing.T) { runAll(t, open, idTests) })
	t.Run("concurrency", func(t *testing.T) { runAll(t, open, concurrencyTests) })
	t.Run("transactions", func(t *testing.T) {
		if claims, _ := open(t); !isTransactional(claims) {
			t.Skip("the store is not a webhooks.TransactionalClaims")
		}
		runAll(t, open, transactionTests)
	})
}

type test struct {
	name string
	run  func(t *testing.T, s *store)
}

func runAll(t *testing.T, open Open, tests []test) {
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			claims, advance := open(t)
			test.run(t, &store{claims, advance})
		})
	}
}

func isTransactional(claims webhooks.Claims) bool {
	_, ok := claims.(webhooks.TransactionalClaims)
	return ok
}

const (
	longLease  = time.Hour
	shortLease = 300 * time.Millisecond // where it has to be waited for
	event      = "evt_abc123"
)

// store is the store under test.
type store struct {
	webhooks.Claims
	advance func(time.Duration)
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
		t.Fatalf("Claim(%q) = %v, want a claim", eventID, err)
	}
	return token
}

// refuse expects that the event cannot be claimed.
func (s *store) refuse(t *testing.T, eventID string, want error) {
	t.Helper()
	if _, err := s.Claim(t.Context(), eventID, longLease); !errors.Is(err, want) {
		t.Fatalf("Claim(%q) = %v, want %v", eventID, err, want)
	}
}

func (s *store) done(t *testing.T, eventID, token string) {
	t.Helper()
	if err := s.Done(t.Context(), eventID, token); err != nil {
		t.Fatalf("Done(%q) = %v, want nil", eventID, err)
	}
}

func (s *store) release(t *testing.T, eventID, token string) {
	t.Helper()
	if err := s.Release(t.Context(), eventID, token); err != nil {
		t.Fatalf("Release(%q) = %v, want nil", eventID, err)
	}
}

// lapsed claims the event and lets the lease run out.
func (s *store) lapsed(t *testing.T, eventID string) (token string) {
	t.Helper()
	if s.advance != nil {
		token = s.claim(t, eventID)
		s.advance(longLease + time.Second)
		return token
	}
	token = s.claimFor(t, eventID, shortLease)
	<-time.After(2 * shortLease)
	return token
}

// lost expects that err says so.
func lost(t *testing.T, call string, err error) {
	t.Helper()
	if !errors.Is(err, webhooks.ErrClaimLost) {
		t.Fatalf("%s = %v, want %v", call, err, webhooks.ErrClaimLost)
	}
}

// cancelled returns a context that is over.
func cancelled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
