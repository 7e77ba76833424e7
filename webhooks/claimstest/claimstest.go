// Package claimstest holds an implementation of [webhooks.Claims] to its contract.
// A store is tested by a single call:
//
//	func TestClaims(t *testing.T) {
//		claimstest.Run(t, func(t *testing.T) (webhooks.Claims, func(time.Duration)) {
//			return mystore.Open(t), nil
//		})
//	}
//
// Much of the contract is about time. A store whose clock can be moved is tested with
// leases of up to a year, to the millisecond as far as it responds that quickly, and with
// the whole of its retention, in no time. Of one whose clock cannot be moved the suite
// tests leases of up to two seconds, for which it waits, and skips the retention.
//
// Races are looked for by many callers who ask for the same events, for a part of a
// second each. A store that reads and then writes is found each time if the callers can
// meet in between, as they do where a call of a database is in between. Where it is a
// few instructions, chance has its part: use the race detector, too.
package claimstest

import (
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

// Open returns a store that holds none of the suite's events, and a function that
// moves its clock forward. Where the clock cannot be moved that is nil, and the suite
// waits for short leases to run out. It is called once for each test; a store that is
// shared by all of them has to be emptied.
//
// The function may as well move what the store has written back in time. The clock may
// go on by itself.
type Open func(t *testing.T) (claims webhooks.Claims, advance func(time.Duration))

// Option changes what [Run] tests.
type Option func(*suite)

// WithRetention says for how long the store remembers an event that is done. The suite
// then tests that the store does so for all of that time, and no longer. By default it
// tests that the store does so for [webhooks.MinRetention] at least.
func WithRetention(retention time.Duration) Option {
	return func(s *suite) { s.retention = retention }
}

type suite struct {
	open      Open
	retention time.Duration // 0 where it is not known
}

// Run tests the store that open returns. A store that is a
// [webhooks.TransactionalClaims] is held to the contract of that as well.
func Run(t *testing.T, open Open, options ...Option) {
	s := suite{open: open}
	for _, option := range options {
		option(&s)
	}
	s.run(t, "claims", claimTests)
	s.run(t, "tokens", tokenTests)
	s.run(t, "leases", leaseTests)
	s.run(t, "retention", retentionTests)
	s.run(t, "ids", idTests)
	s.run(t, "concurrency", concurrencyTests)
	t.Run("transactions", func(t *testing.T) {
		if claims, _ := s.open(t); !isTransactional(claims) {
			t.Skip("the store is not a webhooks.TransactionalClaims")
		}
		s.runEach(t, transactionTests)
	})
}

// test is a part of the contract.
type test struct {
	name string
	run  func(t *testing.T, s *store)
}

func (s suite) run(t *testing.T, subject string, tests []test) {
	t.Run(subject, func(t *testing.T) { s.runEach(t, tests) })
}

func (s suite) runEach(t *testing.T, tests []test) {
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			claims, advance := s.open(t)
			test.run(t, &store{Claims: claims, advance: advance, retention: s.retention})
		})
	}
}

func isTransactional(claims webhooks.Claims) bool {
	_, ok := claims.(webhooks.TransactionalClaims)
	return ok
}
