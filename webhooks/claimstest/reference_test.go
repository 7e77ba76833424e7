package claimstest_test

import (
	"context"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

// reference is a simple, correct store. Mutants change its fields or override its
// methods.
type reference struct {
	now       func() time.Time
	retention time.Duration
	key       func(eventID string) string
	lease     func(time.Duration) time.Duration
	token     func(number int, eventID string) string
	same      func(held, given string) bool

	// window is the operation in which the store can be entered between what it reads
	// and what it writes; none.
	window string

	mu      sync.Mutex
	records map[string]*record // by the event's key
	issued  int
}

// record is a claim, or an event that is done.
type record struct {
	token   string
	done    bool
	claimed time.Time
	until   time.Time // the end of the lease; once done, of the retention
}

const referenceRetention = 7 * 24 * time.Hour

func newReference(now func() time.Time) *reference {
	return &reference{
		now:       now,
		retention: referenceRetention,
		key:       func(eventID string) string { return eventID },
		lease:     func(lease time.Duration) time.Duration { return lease },
		token:     func(number int, _ string) string { return "token " + strconv.Itoa(number) },
		same:      func(held, given string) bool { return held == given },
		records:   make(map[string]*record),
	}
}

var _ webhooks.TransactionalClaims = (*reference)(nil)

func (r *reference) Claim(ctx context.Context, eventID string, lease time.Duration) (string, error) {
	if eventID == "" || lease <= 0 {
		return "", webhooks.ErrInvalidClaim
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	before := r.records[r.key(eventID)]
	if before != nil && now.Before(before.until) {
		if before.done {
			return "", webhooks.ErrDone
		}
		return "", webhooks.ErrInFlight
	}
	if before == nil {
		r.open("claim")
	} else {
		r.open("takeover")
	}
	r.issued++
	claim := &record{token: r.token(r.issued, eventID), claimed: now, until: now.Add(r.lease(lease))}
	r.records[r.key(eventID)] = claim
	return claim.token, nil
}

func (r *reference) Done(ctx context.Context, eventID, token string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	claim := r.held(eventID, token)
	if claim == nil {
		return webhooks.ErrClaimLost
	}
	if claim.done {
		return nil
	}
	r.open("done")
	done := *claim
	done.done, done.until = true, r.now().Add(r.retention)
	r.records[r.key(eventID)] = &done
	return nil
}

func (r *reference) Release(ctx context.Context, eventID, token string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	claim := r.held(eventID, token)
	if claim == nil || claim.done {
		return webhooks.ErrClaimLost
	}
	r.open("release")
	delete(r.records, r.key(eventID))
	return nil
}

// Run is a transaction of the claim alone.
func (r *reference) Run(ctx context.Context, eventID string, handle func(context.Context) error) error {
	token, err := r.Claim(ctx, eventID, 1000*time.Hour)
	if err != nil {
		return err
	}
	succeeded := false
	defer func() {
		if !succeeded {
			_ = r.Release(context.WithoutCancel(ctx), eventID, token)
		}
	}()
	if err := handle(ctx); err != nil {
		return err
	}
	succeeded = true
	return r.Done(context.WithoutCancel(ctx), eventID, token)
}

// held returns the record of the event if it is the token's.
func (r *reference) held(eventID, token string) *record {
	held := r.records[r.key(eventID)]
	if held == nil || !r.same(held.token, token) || held.done && !r.now().Before(held.until) {
		return nil
	}
	return held
}

// open lets other callers in, where the operation has a window.
func (r *reference) open(operation string) {
	if r.window != operation {
		return
	}
	r.mu.Unlock()
	runtime.Gosched()
	r.mu.Lock()
}

// change changes the record of the event, if there is one.
func (r *reference) change(eventID string, change func(*record)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if held := r.records[r.key(eventID)]; held != nil {
		change(held)
	}
}

// forget deletes the record of the event.
func (r *reference) forget(eventID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.records, r.key(eventID))
}

// find returns a copy of the event's record.
func (r *reference) find(eventID string) (found record) {
	r.change(eventID, func(held *record) { found = *held })
	return found
}
