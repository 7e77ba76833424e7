package claimstest

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

const (
	callers = 16

	// A race is looked for in one batch of events after another, each of double the size,
	// for as many as fit into the time. The first batch is enough for a store that can be
	// entered by all callers together; for one whose window is a few instructions it takes
	// more.
	firstBatch  = 10
	slowBatch   = 20 * time.Millisecond // of a store that is entered by all in any case
	contestTime = 300 * time.Millisecond
)

// contested is an event that all callers claim at once, and their results.
type contested struct {
	number int
	id     string
	token  string // of its claim before, if it has one

	claimed, done, released, lost, runs, holders atomic.Int32

	claim atomic.Value // the token of the last claim
}

// half reports whether the caller is in the first half of callers. The halves change sides
// with every event, so that the faster callers do not always do the same.
func (c *contested) half(caller int) bool { return (caller+c.number)%2 == 0 }

// contest has all callers act on one event after another, neck and neck, and checks
// each event when they have ended.
func (s *store) contest(t *testing.T, prepare func(*testing.T, []*contested), act func(c *contested, caller int), check func(c *contested)) {
	t.Helper()
	left := contestTime
	size := firstBatch
	for first := 0; ; first, size = first+size, 2*size {
		started := time.Now()
		batch := make([]*contested, size)
		for n := range batch {
			batch[n] = &contested{number: first + n, id: fmt.Sprintf("evt_contested_%d", first+n)}
		}
		prepare(t, batch)
		together(func(caller int) {
			for _, c := range batch {
				act(c, caller)
			}
		})
		for _, c := range batch {
			if check(c); t.Failed() {
				return
			}
		}
		took := time.Since(started)
		left -= took
		if next := 2 * took; took > slowBatch && first == 0 || next > left {
			return
		}
	}
}

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

// The states of events before they are contested.

func (s *store) free(*testing.T, []*contested) {}

func (s *store) held(t *testing.T, batch []*contested) {
	for _, c := range batch {
		c.token = s.claim(t, c.id)
	}
}

func (s *store) lapsed(t *testing.T, batch []*contested) {
	var ids []string
	for _, c := range batch {
		ids = append(ids, c.id)
	}
	for n, token := range s.lapse(t, ids...) {
		batch[n].token = token
	}
}

// The actions of a caller.

func (s *store) tryClaim(t *testing.T, c *contested) {
	token, err := s.Claim(t.Context(), c.id, longLease)
	switch {
	case err == nil:
		c.claimed.Add(1)
		c.claim.Store(token)
	case !errors.Is(err, webhooks.ErrInFlight) && !errors.Is(err, webhooks.ErrDone):
		t.Errorf("Claim = %v, want a claim, %v or %v", err, webhooks.ErrInFlight, webhooks.ErrDone)
	}
}

func (s *store) tryDone(t *testing.T, c *contested) {
	c.settle(t, "Done", &c.done, s.Done(t.Context(), c.id, c.token))
}

func (s *store) tryRelease(t *testing.T, c *contested) {
	c.settle(t, "Release", &c.released, s.Release(t.Context(), c.id, c.token))
}

func (c *contested) settle(t *testing.T, call string, settled *atomic.Int32, err error) {
	switch {
	case err == nil:
		settled.Add(1)
	case errors.Is(err, webhooks.ErrClaimLost):
		c.lost.Add(1)
	default:
		t.Errorf("%s = %v, want nil or %v", call, err, webhooks.ErrClaimLost)
	}
}

// halves is an act of which one half of the callers does the one, and one the other.
func halves(t *testing.T, one, other func(*testing.T, *contested)) func(*contested, int) {
	return func(c *contested, caller int) {
		if c.half(caller) {
			one(t, c)
		} else {
			other(t, c)
		}
	}
}

var concurrencyTests = []test{
	{"of many callers one claims an event", func(t *testing.T, s *store) {
		s.contest(t, s.free, func(c *contested, _ int) { s.tryClaim(t, c) }, func(c *contested) { s.oneClaimed(t, c) })
	}},
	{"of many callers one takes over an event whose lease ran out", func(t *testing.T, s *store) {
		s.contest(t, s.lapsed, func(c *contested, _ int) { s.tryClaim(t, c) }, func(c *contested) { s.oneClaimed(t, c) })
	}},
	{"callers with an event each do not disturb each other", func(t *testing.T, s *store) {
		s.contest(t, s.free, func(c *contested, caller int) {
			s.handleAlone(t, fmt.Sprintf("%s_%d", c.id, caller))
		}, func(*contested) {})
	}},
	{"an event that is marked as done is not claimed meanwhile", func(t *testing.T, s *store) {
		s.contest(t, s.held, halves(t, s.tryDone, s.tryClaim), func(c *contested) {
			if c.claimed.Load() != 0 || c.lost.Load() != 0 {
				t.Errorf("%d callers claimed an event that was in flight and then done, and %d lost it; want none", c.claimed.Load(), c.lost.Load())
			}
			s.refuse(t, c.id, webhooks.ErrDone)
		})
	}},
	{"of many calls of Release one releases the event, for one claim", func(t *testing.T, s *store) {
		s.contest(t, s.held, halves(t, s.tryRelease, s.tryClaim), func(c *contested) {
			if c.released.Load() != 1 || c.claimed.Load() > 1 {
				t.Errorf("%d calls released the event and %d claimed it, want 1 and at most 1", c.released.Load(), c.claimed.Load())
			}
			s.keptByItsHolder(t, c)
		})
	}},
	{"an event is done or released, not both", func(t *testing.T, s *store) {
		s.contest(t, s.held, halves(t, s.tryDone, s.tryRelease), func(c *contested) {
			switch done, released := c.done.Load(), c.released.Load(); {
			case done == callers/2 && released == 0:
				s.refuse(t, c.id, webhooks.ErrDone)
			case done == 0 && released == 1:
				s.claim(t, c.id)
			default:
				t.Errorf("%d calls marked the event as done and %d released it, want all and none, or none and 1", done, released)
			}
		})
	}},
	{"a late Done counts, or another caller takes the event over", func(t *testing.T, s *store) {
		s.contest(t, s.lapsed, halves(t, s.tryDone, s.tryClaim), func(c *contested) {
			switch done, claimed := c.done.Load(), c.claimed.Load(); {
			case done == callers/2 && claimed == 0:
				s.refuse(t, c.id, webhooks.ErrDone)
			case done == 0 && claimed == 1:
				s.keptByItsHolder(t, c)
			default:
				t.Errorf("%d late calls of Done counted and %d callers took the event over, want all and none, or none and 1", done, claimed)
			}
		})
	}},
	{"a late Release does not release the claim of the next", func(t *testing.T, s *store) {
		s.contest(t, s.lapsed, halves(t, s.tryRelease, s.tryClaim), func(c *contested) {
			if c.claimed.Load() > 1 {
				t.Errorf("%d callers took the event over, want 1", c.claimed.Load())
			}
			s.keptByItsHolder(t, c)
		})
	}},
	{"each of many events is done once, whichever callers fail on the way", func(t *testing.T, s *store) {
		s.contest(t, s.free, func(c *contested, caller int) {
			untilThrough(t, caller, func(succeed bool) bool { return s.attempt(t, c, succeed) })
		}, func(c *contested) {
			if done := c.done.Load(); done != 1 {
				t.Errorf("the event was done %d times, want once", done)
			}
		})
	}},
}

func (s *store) oneClaimed(t *testing.T, c *contested) {
	t.Helper()
	if claimed := c.claimed.Load(); claimed != 1 {
		t.Errorf("%d of %d callers claimed the event, want 1", claimed, callers)
	}
	s.keptByItsHolder(t, c)
}

// keptByItsHolder expects that the event is its claimer's, if a caller has claimed it,
// and free otherwise.
func (s *store) keptByItsHolder(t *testing.T, c *contested) {
	t.Helper()
	if token, ok := c.claim.Load().(string); ok {
		s.refuse(t, c.id, webhooks.ErrInFlight)
		s.done(t, c.id, token)
	} else {
		s.handle(t, c.id)
	}
	s.refuse(t, c.id, webhooks.ErrDone)
}

// handleAlone claims an event that no other caller asks for, and marks it as done. A store
// may say that it is in flight while it is busy with other events.
func (s *store) handleAlone(t *testing.T, eventID string) {
	token, err := s.Claim(t.Context(), eventID, longLease)
	for deadline := time.Now().Add(time.Minute); errors.Is(err, webhooks.ErrInFlight) && time.Now().Before(deadline); {
		token, err = s.Claim(t.Context(), eventID, longLease)
	}
	if err != nil {
		t.Errorf("Claim(%s) = %v, want a claim", short(eventID), err)
		return
	}
	if err := s.Done(t.Context(), eventID, token); err != nil {
		t.Errorf("Done(%s) = %v, want nil", short(eventID), err)
	}
}

// untilThrough calls attempt until the caller is through with the event. The callers
// succeed, if they may, in a third of their attempts.
func untilThrough(t *testing.T, caller int, attempt func(succeed bool) (through bool)) {
	deadline := time.Now().Add(time.Minute)
	for n := caller; !attempt(n%3 == 0); n++ {
		if time.Now().After(deadline) {
			t.Error("the event stays in flight")
			return
		}
		runtime.Gosched()
	}
}

// attempt claims the event, and finishes or releases it.
func (s *store) attempt(t *testing.T, c *contested, succeed bool) (through bool) {
	token, err := s.Claim(t.Context(), c.id, longLease)
	if errors.Is(err, webhooks.ErrInFlight) {
		return false
	}
	if errors.Is(err, webhooks.ErrDone) {
		return true
	}
	if err != nil {
		t.Errorf("Claim = %v", err)
		return true
	}
	c.hold(t)
	if !succeed {
		if err := s.Release(t.Context(), c.id, token); err != nil {
			t.Errorf("Release = %v, want nil", err)
			return true
		}
		return false
	}
	if err := s.Done(t.Context(), c.id, token); err != nil {
		t.Errorf("Done = %v, want nil", err)
	}
	c.done.Add(1)
	return true
}

// hold has the event for a moment, and expects that no other caller has it.
func (c *contested) hold(t *testing.T) {
	if c.holders.Add(1) != 1 {
		t.Error("two callers have the event at once")
	}
	runtime.Gosched()
	c.holders.Add(-1)
}
