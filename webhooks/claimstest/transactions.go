package claimstest

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

var errHandle = errors.New("the handler failed")

// run runs handle in a transaction, and reports how often it was called.
func (s *store) run(ctx context.Context, eventID string, handle func(context.Context) error) (calls int, err error) {
	err = s.Claims.(webhooks.TransactionalClaims).Run(ctx, eventID, func(ctx context.Context) error {
		calls++
		return handle(ctx)
	})
	return calls, err
}

func succeed(context.Context) error { return nil }

// refuseRun expects that the event is not run.
func (s *store) refuseRun(t *testing.T, eventID string, want error) {
	t.Helper()
	if calls, err := s.run(t.Context(), eventID, succeed); calls != 0 || !errors.Is(err, want) {
		t.Fatalf("Run(%s) = %v after %d calls, want %v without one", short(eventID), err, calls, want)
	}
}

// expectRun expects that the event is run.
func (s *store) expectRun(t *testing.T, eventID string) {
	t.Helper()
	if calls, err := s.run(t.Context(), eventID, succeed); calls != 1 || err != nil {
		t.Fatalf("Run(%s) = %v after %d calls, want nil after one", short(eventID), err, calls)
	}
}

// contextKey is of a value that the caller of Run has in its context.
type contextKey struct{}

var transactionTests = []test{
	{"an event is run once", func(t *testing.T, s *store) {
		s.expectRun(t, event)
		s.refuseRun(t, event, webhooks.ErrDone)
		s.refuse(t, event, webhooks.ErrDone)
		s.expectRun(t, other)
	}},
	{"an event stays done for the retention after a run", func(t *testing.T, s *store) {
		s.requireMovedClock(t)
		s.expectRun(t, event)
		s.rememberedFor(t, event)
		s.refuseRun(t, event, webhooks.ErrDone)
	}},
	{"an error comes back as it is and leaves the event free", func(t *testing.T, s *store) {
		for range 2 {
			calls, err := s.run(t.Context(), event, func(context.Context) error { return errHandle })
			if calls != 1 || !errors.Is(err, errHandle) {
				t.Fatalf("Run = %v after %d calls, want %v after one", err, calls, errHandle)
			}
			s.refuseNothing(t, event)
		}
		s.expectRun(t, event)
	}},
	{"an error of the store that handle returns is one of handle", func(t *testing.T, s *store) {
		for _, failure := range []error{webhooks.ErrDone, webhooks.ErrInFlight, webhooks.ErrClaimLost, context.Canceled} {
			calls, err := s.run(t.Context(), event, func(context.Context) error { return failure })
			if calls != 1 || !errors.Is(err, failure) {
				t.Fatalf("Run = %v after %d calls, want %v after one", err, calls, failure)
			}
		}
		s.expectRun(t, event)
	}},
	{"a panic comes back as it is and leaves the event free", func(t *testing.T, s *store) {
		func() {
			defer func() {
				if value := recover(); value != errHandle {
					t.Fatalf("Run panics with %v, want %v", value, errHandle)
				}
			}()
			_, err := s.run(t.Context(), event, func(context.Context) error { panic(errHandle) })
			t.Fatalf("Run = %v, want a panic", err)
		}()
		s.expectRun(t, event)
	}},
	{"a goroutine that ends in handle leaves the event free", func(t *testing.T, s *store) {
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_, _ = s.run(t.Context(), event, func(context.Context) error {
				runtime.Goexit() // as FailNow of a test does
				return nil
			})
		}()
		<-ended
		s.expectRun(t, event)
	}},
	{"an event that is claimed is not run", func(t *testing.T, s *store) {
		token := s.claim(t, event)
		s.refuseRun(t, event, webhooks.ErrInFlight)
		s.refuseRun(t, event, webhooks.ErrInFlight)
		s.release(t, event, token)
		s.expectRun(t, event)
	}},
	{"an event whose lease ran out is run, and its claim is lost", func(t *testing.T, s *store) {
		token := s.lapse(t, event)[0]
		s.expectRun(t, event)
		s.lose(t, "the token of a claim that lapsed", event, token)
		s.refuseRun(t, event, webhooks.ErrDone)
	}},
	{"an event that is done is not run", func(t *testing.T, s *store) {
		token := s.handle(t, event)
		s.refuseRun(t, event, webhooks.ErrDone)
		s.done(t, event, token)
	}},
	{"an event that is being run is in flight for others, who do not wait", func(t *testing.T, s *store) {
		calls, err := s.run(t.Context(), event, func(context.Context) error {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if _, err := s.Claim(ctx, event, longLease); !errors.Is(err, webhooks.ErrInFlight) {
				t.Errorf("Claim = %v, want %v", err, webhooks.ErrInFlight)
			}
			if calls, err := s.run(ctx, event, succeed); calls != 0 || !errors.Is(err, webhooks.ErrInFlight) {
				t.Errorf("Run = %v after %d calls, want %v without one", err, calls, webhooks.ErrInFlight)
			}
			return nil
		})
		if calls != 1 || err != nil {
			t.Fatalf("Run = %v after %d calls, want nil after one", err, calls)
		}
		s.refuseRun(t, event, webhooks.ErrDone)
	}},
	{"handle has the context of the caller", func(t *testing.T, s *store) {
		ctx := context.WithValue(t.Context(), contextKey{}, "the caller's")
		_, err := s.run(ctx, event, func(ctx context.Context) error {
			if value := ctx.Value(contextKey{}); value != "the caller's" {
				t.Errorf("the value in the context of handle is %v, want the caller's", value)
			}
			return ctx.Err()
		})
		if err != nil {
			t.Fatalf("Run = %v, want nil", err)
		}
	}},
	{"nothing is run when the context is over", func(t *testing.T, s *store) {
		for name, ctx := range over(t) {
			if calls, err := s.run(ctx, event, succeed); calls != 0 || err == nil || says(err) {
				t.Fatalf("Run with a context that %s = %v after %d calls, want an error without one", name, err, calls)
			}
		}
		s.expectRun(t, event)
	}},
	{"a context that ends during the call undoes it", func(t *testing.T, s *store) {
		ctx, cancel := context.WithCancel(t.Context())
		if _, err := s.run(ctx, event, func(ctx context.Context) error { cancel(); return ctx.Err() }); err == nil {
			t.Fatal("Run = nil, want an error")
		}
		s.expectRun(t, event)
	}},
	{"a claim without an id is not run", func(t *testing.T, s *store) {
		if calls, err := s.run(t.Context(), "", succeed); calls != 0 || err == nil || says(err) {
			t.Fatalf("Run = %v after %d calls, want an error without one", err, calls)
		}
	}},
	{"events whose ids differ in one character are run each", func(t *testing.T, s *store) {
		for _, id := range oddIDs {
			s.expectRun(t, id)
		}
		for _, id := range oddIDs {
			s.refuseRun(t, id, webhooks.ErrDone)
		}
	}},
	{"of many callers one runs an event", func(t *testing.T, s *store) {
		s.contest(t, s.free, func(c *contested, _ int) { s.tryRun(t, c) }, func(c *contested) { s.ranOnce(t, c) })
	}},
	{"of many callers one runs an event whose lease ran out", func(t *testing.T, s *store) {
		s.contest(t, s.lapsed, func(c *contested, _ int) { s.tryRun(t, c) }, func(c *contested) {
			s.ranOnce(t, c)
			s.lose(t, "the token of a claim that lapsed", c.id, c.token)
		})
	}},
	{"an event is run or claimed, not both", func(t *testing.T, s *store) {
		s.contest(t, s.free, halves(t, s.tryRun, s.tryClaim), func(c *contested) {
			runs, claimed := c.runs.Load(), c.claimed.Load()
			if runs+claimed > 1 {
				t.Errorf("the event was run %d times and claimed %d times, want one of both", runs, claimed)
			}
			if runs == 0 {
				s.keptByItsHolder(t, c)
			}
			s.refuseRun(t, c.id, webhooks.ErrDone)
		})
	}},
	{"each of many events is run to its end once, whichever callers fail on the way", func(t *testing.T, s *store) {
		s.contest(t, s.free, func(c *contested, caller int) {
			untilThrough(t, caller, func(succeed bool) bool { return s.attemptRun(t, c, succeed) })
		}, func(c *contested) {
			if done := c.done.Load(); done != 1 {
				t.Errorf("the event was run to its end %d times, want once", done)
			}
		})
	}},
}

// tryRun runs the event, if it may. A store that meets a conflict may undo everything
// and call handle again.
func (s *store) tryRun(t *testing.T, c *contested) {
	calls, err := s.run(t.Context(), c.id, func(context.Context) error {
		c.hold(t)
		return nil
	})
	switch {
	case calls > 0 && err == nil:
		c.runs.Add(1)
	case calls == 0 && (errors.Is(err, webhooks.ErrInFlight) || errors.Is(err, webhooks.ErrDone)):
	default:
		t.Errorf("Run = %v after %d calls, want nil after one, or %v or %v without", err, calls, webhooks.ErrInFlight, webhooks.ErrDone)
	}
}

func (s *store) ranOnce(t *testing.T, c *contested) {
	t.Helper()
	if runs := c.runs.Load(); runs != 1 {
		t.Errorf("the event was run %d times, want once", runs)
	}
	s.refuseRun(t, c.id, webhooks.ErrDone)
}

// attemptRun runs the event with a function that succeeds or fails.
func (s *store) attemptRun(t *testing.T, c *contested, succeed bool) (through bool) {
	_, err := s.run(t.Context(), c.id, func(context.Context) error {
		c.hold(t)
		if !succeed {
			return errHandle
		}
		c.done.Add(1)
		return nil
	})
	switch {
	case err == nil || errors.Is(err, webhooks.ErrDone):
		return true
	case errors.Is(err, errHandle) || errors.Is(err, webhooks.ErrInFlight):
		return false
	}
	t.Errorf("Run = %v", err)
	return true
}
