package claimstest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

const callers = 16

// together calls f on all callers' goroutines at once.
func together(f func(caller int)) {
	var group sync.WaitGroup
	start := make(chan struct{})
	for caller := range callers {
		group.Go(func() {
			<-start
			f(caller)
		})
	}
	close(start)
	group.Wait()
}

var concurrencyTests = []test{
	{"of many callers one claims an event", func(t *testing.T, s *store) {
		for round := range 10 {
			id := fmt.Sprintf("evt_%d", round)
			var claimed atomic.Int32
			together(func(int) {
				switch _, err := s.Claim(t.Context(), id, longLease); {
				case err == nil:
					claimed.Add(1)
				case !errors.Is(err, webhooks.ErrInFlight):
					t.Errorf("Claim = %v, want a claim or %v", err, webhooks.ErrInFlight)
				}
			})
			if claimed.Load() != 1 {
				t.Fatalf("%d of %d callers claimed the event, want 1", claimed.Load(), callers)
			}
		}
	}},
	{"of many callers one takes over an event whose lease ran out", func(t *testing.T, s *store) {
		s.lapsed(t, event)
		var claimed atomic.Int32
		together(func(int) {
			switch _, err := s.Claim(t.Context(), event, longLease); {
			case err == nil:
				claimed.Add(1)
			case !errors.Is(err, webhooks.ErrInFlight):
				t.Errorf("Claim = %v, want a claim or %v", err, webhooks.ErrInFlight)
			}
		})
		if claimed.Load() != 1 {
			t.Fatalf("%d of %d callers claimed the event, want 1", claimed.Load(), callers)
		}
	}},
	{"each of many events is done once, whoever fails on the way", func(t *testing.T, s *store) {
		const events = 10
		var finished, held [events]atomic.Int32
		deadline := time.Now().Add(time.Minute)
		together(func(caller int) {
			for n := range events {
				number := (n + caller) % events
				id := fmt.Sprintf("evt_%d", number)
				for attempt := 0; !attemptOnce(t, s, id, (caller+attempt)%3 == 0, &held[number], &finished[number]); attempt++ {
					if time.Now().After(deadline) {
						t.Errorf("event %q is in flight for ever", id)
						return
					}
				}
			}
		})
		for n := range finished {
			if got := finished[n].Load(); got != 1 {
				t.Errorf("event %d was done %d times, want once", n, got)
			}
		}
	}},
}

// attemptOnce claims the event, and finishes or releases it. It reports whether the
// caller is through with the event.
func attemptOnce(t *testing.T, s *store, eventID string, succeed bool, held, finished *atomic.Int32) bool {
	token, err := s.Claim(t.Context(), eventID, longLease)
	if errors.Is(err, webhooks.ErrInFlight) {
		return false
	}
	if errors.Is(err, webhooks.ErrDone) {
		return true
	}
	if err != nil {
		t.Errorf("Claim(%q) = %v", eventID, err)
		return true
	}
	if held.Add(1) != 1 {
		t.Errorf("two callers hold %q at once", eventID)
	}
	held.Add(-1)
	if !succeed {
		if err := s.Release(t.Context(), eventID, token); err != nil {
			t.Errorf("Release(%q) = %v", eventID, err)
			return true
		}
		return false
	}
	if err := s.Done(t.Context(), eventID, token); err != nil {
		t.Errorf("Done(%q) = %v", eventID, err)
	}
	finished.Add(1)
	return true
}
