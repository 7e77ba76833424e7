package webhooks

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"
)

const (
	defaultCapacity  = 100_000
	defaultRetention = 7 * 24 * time.Hour
)

// MinRetention is the shortest retention that the stores of this module accept. It is longer
// than the sender retries a delivery. Contract: the sender retries for 67 and a half hours,
// by the only schedule that StackBE's vendor publishes. If a store forgets an event sooner, a
// retry handles the event again.
//
// A recorded delivery can be replayed for longer. With a timestamp it is accepted for up to
// twice the tolerance: with a [WithTolerance] of more than 34 hours, make the retention
// longer than that. A delivery of [SchemeBody] is always accepted, and handled again after
// any retention: see [RequireTimestamp].
const MinRetention = 68 * time.Hour

// ErrNoClaims is returned by a store of claims that was not made with its constructor, such
// as [NewMemoryClaims].
var ErrNoClaims = errors.New("webhooks: the store of claims was not made with its constructor")

var errNoMemoryClaims = fmt.Errorf("%w: use NewMemoryClaims", ErrNoClaims)

// MemoryClaimsConfig bounds a [MemoryClaims]. The zero value is valid.
type MemoryClaimsConfig struct {
	// Capacity is how many events are remembered; 100,000 if 0. A full store forgets one for
	// each new event: a done event whose retention is over, or else the claim whose lease ran
	// out first, or else the event that was done longest ago. A forgotten event is handled
	// again if it is delivered again, and Done of a forgotten claim returns [ErrClaimLost],
	// so leave room for the events of a retention. A claim whose lease has not run out is
	// never forgotten: see [ErrClaimsFull].
	Capacity int

	// Retention is how long a done event is remembered if there is room; 7 days if 0. Less
	// than [MinRetention] is refused.
	Retention time.Duration

	// Now is the clock; [time.Now] if nil. It must be safe for concurrent use.
	Now func() time.Time
}

// MemoryClaims are the [Claims] of one process, lost when it ends. They run no goroutine, and
// their capacity bounds their memory.
type MemoryClaims struct {
	config MemoryClaimsConfig

	mu     sync.Mutex
	tokens uint64                  // given out
	claims map[string]*memoryClaim // by event id
	leases leases                  // those in flight
	done   memoryClaim             // the ring of those that are done, longest ago first
}

var _ Claims = (*MemoryClaims)(nil)

type memoryClaim struct {
	eventID    string
	token      string
	until      time.Time    // when the lease runs out; once done, when this is forgotten
	place      int          // in the leases, while the event is in flight
	prev, next *memoryClaim // in the ring; nil while the event is in flight
}

func (c *memoryClaim) done() bool { return c.next != nil }

// putBefore puts c, which is in no ring, before another.
func (c *memoryClaim) putBefore(other *memoryClaim) {
	c.prev, c.next = other.prev, other
	c.prev.next, c.next.prev = c, c
}

func (c *memoryClaim) takeOut() { c.prev.next, c.next.prev = c.next, c.prev }

// NewMemoryClaims returns an empty store. Errors match [ErrInvalidOption].
func NewMemoryClaims(config MemoryClaimsConfig) (*MemoryClaims, error) {
	if config.Capacity < 0 {
		return nil, invalidOption("the capacity %d is negative", config.Capacity)
	}
	if config.Capacity == 0 {
		config.Capacity = defaultCapacity
	}
	if config.Retention == 0 {
		config.Retention = defaultRetention
	}
	if config.Retention < MinRetention {
		return nil, invalidOption("the retention %v is less than MinRetention, %v, for which the sender retries", config.Retention, MinRetention)
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	m := &MemoryClaims{config: config, claims: make(map[string]*memoryClaim)}
	m.done.prev, m.done.next = &m.done, &m.done
	return m, nil
}

// made reports whether NewMemoryClaims made m.
func (m *MemoryClaims) made() bool { return m != nil && m.claims != nil }

// Claim implements [Claims].
func (m *MemoryClaims) Claim(ctx context.Context, eventID string, lease time.Duration) (string, error) {
	if !m.made() {
		return "", errNoMemoryClaims
	}
	if eventID == "" || lease <= 0 {
		return "", ErrInvalidClaim
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()

	now := m.config.Now()
	if claim := m.claims[eventID]; claim != nil && claim.until.After(now) {
		if claim.done() {
			return "", ErrDone
		}
		return "", ErrInFlight
	} else if claim != nil {
		m.forget(claim)
	}
	if !m.makeRoom(now) {
		return "", ErrClaimsFull
	}
	m.tokens++
	claim := &memoryClaim{eventID: eventID, token: strconv.FormatUint(m.tokens, 10), until: now.Add(lease)}
	m.claims[eventID] = claim
	m.leases.add(claim)
	return claim.token, nil
}

// Done implements [Claims].
func (m *MemoryClaims) Done(ctx context.Context, eventID, token string) error {
	if !m.made() {
		return errNoMemoryClaims
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()

	claim := m.claims[eventID]
	if claim == nil || claim.token != token {
		return ErrClaimLost
	}
	if claim.done() {
		return nil // again
	}
	m.leases.remove(claim)
	claim.until = m.config.Now().Add(m.config.Retention)
	claim.putBefore(&m.done)
	return nil
}

// Release implements [Claims].
func (m *MemoryClaims) Release(ctx context.Context, eventID, token string) error {
	if !m.made() {
		return errNoMemoryClaims
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()

	claim := m.claims[eventID]
	if claim == nil || claim.token != token || claim.done() {
		return ErrClaimLost
	}
	m.forget(claim)
	return nil
}

func (m *MemoryClaims) forget(claim *memoryClaim) {
	if claim.done() {
		claim.takeOut()
	} else {
		m.leases.remove(claim)
	}
	delete(m.claims, claim.eventID)
}

// makeRoom reports whether there is room for another event. It forgets first what is past
// its time; then the claim that lapsed longest ago, as one whose Done may still come has
// lapsed of late; and only then a done event, which another delivery would have handled
// again for certain.
func (m *MemoryClaims) makeRoom(now time.Time) bool {
	if len(m.claims) < m.config.Capacity {
		return true
	}
	oldest := m.done.next
	anyDone := oldest != &m.done
	switch {
	case anyDone && !oldest.until.After(now):
		m.forget(oldest)
	case len(m.leases) > 0 && !m.leases[0].until.After(now):
		m.forget(m.leases[0])
	case anyDone:
		m.forget(oldest)
	default:
		return false
	}
	return true
}
