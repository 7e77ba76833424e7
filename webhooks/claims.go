package webhooks

import (
	"context"
	"errors"
	"time"
)

// Claims remembers which events are being handled, and which are done, so that each is handled
// once: [MemoryClaims] for one process, packages sqlclaims and redisclaims for several
// replicas. Package claimstest tests an implementation against this documentation. All methods
// are safe for concurrent use, by all replicas. Each returns when its context ends: [Handler]
// does not wait for a method that goes on, and treats it as failed.
//
// An event id is any valid UTF-8 without NUL. Ids that differ in a single byte are different
// events, even if they differ only in letter case, in trailing spaces, or at the end of a long
// id.
type Claims interface {
	// Claim claims the event for the lease, and returns the token for Done and Release.
	// Of several callers one succeeds. The others get [ErrInFlight], or [ErrDone] once
	// the event is done. The lease has the given length, to about a millisecond, even if
	// the context of the call ends before. After it the event can be claimed again. Any
	// other error means that the claim failed, or that its outcome is unknown; an unknown
	// claim expires with its lease.
	Claim(ctx context.Context, eventID string, lease time.Duration) (token string, err error)

	// Done marks the event as done, for at least [MinRetention] from then on. It returns
	// [ErrClaimLost] if the token no longer has the claim: its lease ran out, and another
	// caller has the event or the store has forgotten it. A store keeps a lapsed claim for
	// at least a minute after its lease; only a store of bounded size that is full may
	// forget it at once, to make room. Until then a late Done still counts. A second Done is
	// not an error: a caller whose response was lost may retry.
	Done(ctx context.Context, eventID, token string) error

	// Release gives the claim up, so that the event can be claimed again at once. If the token
	// no longer has the claim, it returns [ErrClaimLost] and changes nothing.
	Release(ctx context.Context, eventID, token string) error
}

// TransactionalClaims is a store that commits a claim and the writes of the event's function
// in one transaction. With [WithTransactionalClaims], [Handler] calls only Run, and none of
// the methods of [Claims]. It calls Run on a separate goroutine.
type TransactionalClaims interface {
	Claims

	// Run claims the event, calls handle, and marks the event as done, all in one transaction.
	// The context of handle has the transaction, as the store documents.
	//
	// It returns nil only after the commit. If another caller has the event it returns
	// [ErrInFlight], and if the event is done [ErrDone], without calling handle. An error or
	// panic of handle undoes everything and is passed on unchanged; a failed commit undoes
	// everything and returns the store's own error. Run may call handle again after it has
	// undone everything. It returns soon after its context has ended and handle has returned:
	// [Handler] waits for 5 seconds more.
	Run(ctx context.Context, eventID string, handle func(context.Context) error) error
}

// Returned by [Claims].
var (
	// ErrInFlight is returned for an event that another caller is handling.
	ErrInFlight = errors.New("webhooks: the event is being handled")

	// ErrDone is returned for an event that was handled before.
	ErrDone = errors.New("webhooks: the event is done")

	// ErrClaimLost is returned for a claim that the caller no longer has: its lease ran out,
	// and another caller has the event or the store has forgotten it; or it was released; or
	// its transaction was rolled back.
	ErrClaimLost = errors.New("webhooks: the claim is lost: its lease ran out, or its transaction was rolled back")

	// ErrClaimsFull is returned by a [MemoryClaims] that cannot take another event.
	ErrClaimsFull = errors.New("webhooks: too many events are being handled: see MemoryClaimsConfig.Capacity")

	// ErrInvalidClaim is returned for a claim without an event id, or with a lease that is not
	// positive.
	ErrInvalidClaim = errors.New("webhooks: a claim takes an event id and a positive lease")
)
