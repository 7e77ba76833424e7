// Package claimstest tests an implementation of [webhooks.Claims] against its contract. A
// single call tests a store:
//
//	func TestClaims(t *testing.T) {
//		claimstest.Run(t, func(t *testing.T) (webhooks.Claims, func(time.Duration)) {
//			return mystore.Open(t), nil
//		})
//	}
//
// Much of the contract is about time. If the store's clock can be moved, the suite tests
// leases of up to a year, to the millisecond if the store responds that quickly, and the
// whole retention, without waiting. If the clock cannot be moved, the suite tests leases
// of up to two seconds, for which it waits, and skips the retention.
//
// To find races, many callers claim the same events at once, for part of a second in each
// test. A store that reads and then writes is always found if callers can meet in
// between, as they do around a call to a database. If only a few instructions are in
// between, finding it takes luck: use the race detector, too.
package claimstest

import (
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

// Open returns a store that holds none of the suite's events, and a function that moves
// its clock forward. If the clock cannot be moved, the function is nil, and the suite
// waits for short leases to run out. Open is called once for each test; a store that the
// tests share has to be emptied.
//
// Instead of moving the clock, the function may move the store's records back in time.
// The clock may also run by itself.
type Open func(t *testing.T) (claims webhooks.Claims, advance func(time.Duration))

// Option changes what [Run] tests.
type Option func(*suite)

// WithRetention says how long the store remembers an event that is done. The suite then
// tests that the store remembers it for that time and no longer. By default it tests that
// the store remembers it for at least [webhooks.MinRetention].
func WithRetention(retention time.Duration) Option {
	return func(s *suite) { s.retention = retention }
}

type suite struct {
	open      Open
	retention time.Duration // 0 where it is not known
}

// Run tests the store that open returns. If the store is a
// [webhooks.TransactionalClaims], Run also tests the contract of that.
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
