package webhooks

import (
	"context"
	"errors"
	"time"
)

// Claims remembers which events are being handled, and which are done, so that each
// is handled once: [MemoryClaims] for one process, packages sqlclaims and redisclaims
// for several replicas. Package claimstest holds any implementation to what is said
// here. All methods are safe for concurrent use, by all replicas. Each returns when its
// context ends: [Handler] does not wait for one that goes on, and takes it as failed.
//
// An event id is any valid UTF-8 without NUL. Ids that differ in one byte are
// different events: in letter case, in trailing spaces, at the end of a long id.
type Claims interface {
	// Claim takes the event for the time of the lease, and returns the token that
	// Done and Release ask for. Of several callers one succeeds. The others get
	// [ErrInFlight], or [ErrDone] once the event is done. A lease is as long as was
	// asked for, to the millisecond or so, whether or not the context of the call ends
	// before; one that has run out claims nothing any more. Any other error means that
	// the claim failed, or that its outcome is unknown; an unknown claim expires with its
	// lease.
	Claim(ctx context.Context, eventID string, lease time.Duration) (token string, err error)

	// Done marks the event as done, for [MinRetention] from then on at least.
	// [ErrClaimLost] says that the claim is not the token's any more: its lease ran out,
	// and another caller has the event or the store has forgotten it. A store forgets a
	// lapsed claim a minute after the lease at the earliest, except one of bounded size
	// that is full: it may do so as soon as the lease has run out, to make room. Until
	// then a late Done still counts, and a second one is not an error: a caller whose
	// response was lost may retry.
	Done(ctx context.Context, eventID, token string) error

	// Release gives the claim up, so that the event can be claimed again at once.
	// [ErrClaimLost] says that it was not the token's any more; it changes nothing.
	Release(ctx context.Context, eventID, token string) error
}

// TransactionalClaims is a store that commits a claim, and what the event's function
// writes, in one transaction, or neither. With [WithTransactionalClaims], [Handler]
// calls Run, and none of the methods of Claims. It calls Run on a goroutine of its own.
type TransactionalClaims interface {
	Claims

	// Run claims the event, calls handle, and marks the event as done; all in one
	// transaction, which handle finds in its context the way that the store documents.
	//
	// It returns nil only once that is committed. Where another has the event it
	// returns [ErrInFlight], and [ErrDone] where it is done, without calling handle.
	// An error of handle, or its panic, undoes everything and comes back as it is; so
	// does a failed commit, with the store's own error. Run may call handle again after
	// it has undone everything. It returns soon after its context has ended and handle
	// has returned: Handler waits for 5 seconds more.
	Run(ctx context.Context, eventID string, handle func(context.Context) error) error
}

// Returned by [Claims].
var (
	// ErrInFlight is returned for an event that another caller is handling.
	ErrInFlight = errors.New("webhooks: the event is being handled")

	// ErrDone is returned for an event that was handled before.
	ErrDone = errors.New("webhooks: the event is done")

	// ErrClaimLost is returned for a claim that is not the caller's any more: its lease ran
	// out, and another caller has the event or the store has forgotten it; it was released; or
	// the transaction that it was made in was rolled back.
	ErrClaimLost = errors.New("webhooks: the claim is lost: its lease ran out, or its transaction was rolled back")

	// ErrClaimsFull is returned by a [MemoryClaims] that cannot take another event.
	ErrClaimsFull = errors.New("webhooks: too many events are being handled: see MemoryClaimsConfig.Capacity")

	// ErrInvalidClaim is returned for a claim without an event id, or with a lease that is not
	// positive.
	ErrInvalidClaim = errors.New("webhooks: a claim takes an event id and a positive lease")
)
