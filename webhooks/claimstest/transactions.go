package claimstest

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stackbe/stackbe-go/webhooks"
)

var errHandle = errors.New("the handler failed")

// run runs handle in a transaction, and reports whether it was called.
func (s *store) run(ctx context.Context, handle func(context.Context) error) (called bool, err error) {
	err = s.Claims.(webhooks.TransactionalClaims).Run(ctx, event, func(ctx context.Context) error {
		called = true
		return handle(ctx)
	})
	return called, err
}

func succeed(context.Context) error { return nil }

// refuseRun expects that the event is not run.
func (s *store) refuseRun(t *testing.T, want error) {
	t.Helper()
	if called, err := s.run(t.Context(), succeed); called || !errors.Is(err, want) {
		t.Fatalf("Run = %v, called: %v; want %v without a call", err, called, want)
	}
}

// expectRun expects that the event is run.
func (s *store) expectRun(t *testing.T) {
	t.Helper()
	if called, err := s.run(t.Context(), succeed); !called || err != nil {
		t.Fatalf("Run = %v, called: %v; want nil after a call", err, called)
	}
}

var transactionTests = []test{
	{"an event is run once", func(t *testing.T, s *store) {
		s.expectRun(t)
		s.refuseRun(t, webhooks.ErrDone)
		s.refuse(t, event, webhooks.ErrDone)
	}},
	{"an error comes back as it is and leaves the event free", func(t *testing.T, s *store) {
		if _, err := s.run(t.Context(), func(context.Context) error { return errHandle }); !errors.Is(err, errHandle) {
			t.Fatalf("Run = %v, want %v", err, errHandle)
		}
		s.expectRun(t)
	}},
	{"a panic leaves the event free", func(t *testing.T, s *store) {
		func() {
			defer func() { _ = recover() }()
			_, _ = s.run(t.Context(), func(context.Context) error { panic(errHandle) })
		}()
		s.expectRun(t)
	}},
	{"an event that is claimed is not run", func(t *testing.T, s *store) {
		token := s.claim(t, event)
		s.refuseRun(t, webhooks.ErrInFlight)
		s.release(t, event, token)
		s.expectRun(t)
	}},
	{"an event that is done is not run", func(t *testing.T, s *store) {
		s.done(t, event, s.claim(t, event))
		s.refuseRun(t, webhooks.ErrDone)
	}},
	{"nothing is run when the context is over", func(t *testing.T, s *store) {
		if called, err := s.run(cancelled(t), succeed); called || err == nil {
			t.Fatalf("Run = %v, called: %v; want an error without a call", err, called)
		}
		s.expectRun(t)
	}},
	{"a context that ends during the call undoes it", func(t *testing.T, s *store) {
		ctx, cancel := context.WithCancel(t.Context())
		if _, err := s.run(ctx, func(ctx context.Context) error { cancel(); return ctx.Err() }); err == nil {
			t.Fatal("Run = nil, want an error")
		}
		s.expectRun(t)
	}},
	{"of many callers one runs an event", func(t *testing.T, s *store) {
		var calls atomic.Int32
		together(func(int) {
			called, err := s.run(t.Context(), func(context.Context) error { calls.Add(1); return nil })
			if called && err == nil || errors.Is(err, webhooks.ErrInFlight) || errors.Is(err, webhooks.ErrDone) {
				return
			}
			t.Errorf("Run = %v, called: %v; want a run, %v or %v", err, called, webhooks.ErrInFlight, webhooks.ErrDone)
		})
		if calls.Load() != 1 {
			t.Fatalf("the event was run %d times, want once", calls.Load())
		}
		s.refuseRun(t, webhooks.ErrDone)
	}},
}
