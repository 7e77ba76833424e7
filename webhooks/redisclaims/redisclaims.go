// Package redisclaims keeps the claims of package webhooks in Redis 5 or later, or in a
// Redis Cluster, for all replicas of a receiver.
//
//	client := redis.NewClient(&redis.Options{Addr: address, ContextTimeoutEnabled: true})
//	claims, err := redisclaims.New(client)
//	handler, err := webhooks.NewHandler(verifier, webhooks.WithClaims(claims), …)
//
// Each event has one key, [DefaultPrefix] and the event's id, whose value is a hash:
//
//	token      of the claim; absent once released
//	until      when its lease runs out, in milliseconds since 1970; absent once released or done
//	done       1, once the event is done; for people only: the scripts use the fields above
//	released   which call of Release was the last; absent before one
//
// Claiming, marking as done and releasing are one script each. Redis runs a script
// atomically, by its own clock: the replicas' clocks may differ. Redis deletes the key of a
// done event when its retention is over, that of a released event after a minute, and that
// of any other event an hour after the lease ran out. The scripts need a user who may run
// EVAL, EVALSHA, TIME, HMGET, HSET, HDEL and PEXPIRE.
//
// The client retries a call whose response it did not get, see MaxRetries of its options. If
// the first attempt took effect, the retry gets the same response and has no second effect.
//
// # A Redis that refuses
//
// If Redis refuses a call, the call returns an error and changes nothing. A read-only
// replica refuses calls, and so does a server that loads its data or cannot save it, a
// master without enough replicas, or a server whose user lacks the rights. If the handler
// cannot claim an event, it responds with 503.
//
// A Redis that has reached its maxmemory, under the policy noeviction, refuses new claims.
// Done and Release need no memory and still work, so events that were claimed before can be
// marked as done or released.
//
// # What Redis does not promise
//
// The claim and the writes of an event's function are not one transaction. If the process is
// killed between them, the function runs again once the lease is over. It also runs again if
// Redis loses a claim. A failover loses what the replica had not received. A restart without
// appendonly loses what was not saved. A Redis that evicts keys may evict claims, so set
// maxmemory-policy to noeviction. Make the function idempotent, for example with an upsert.
// The page docs/claims-redis.md of the repository says what holds under which setting. If
// each event must take effect exactly once, use package sqlclaims.
package redisclaims

import (
	"context"
	"crypto/rand"
	_ "embed"
	"fmt"
	"reflect"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stackbe/stackbe-go/webhooks"
)

const (
	// DefaultPrefix begins the keys without [WithPrefix].
	DefaultPrefix = "stackbe:webhook:"

	// DefaultRetention is how long a done event is remembered without [WithRetention].
	DefaultRetention = 7 * 24 * time.Hour

	// lapsedRetention is how long a claim is kept whose lease ran out, so that a late
	// Done finds it.
	lapsedRetention = time.Hour

	// releasedRetention is how long a released event's key is kept, so that the client's
	// own retry of the call finds that it took place. It is longer than the client goes
	// on, whose timeouts are seconds.
	releasedRetention = time.Minute
)

// Store keeps claims in Redis. It is safe for concurrent use, and runs no goroutine.
type Store struct {
	client    redis.UniversalClient
	prefix    string
	retention time.Duration
}

var _ webhooks.Claims = (*Store)(nil)

// Option changes how a [Store] works: see [New].
type Option func(*Store) error

// WithPrefix sets what the keys begin with, [DefaultPrefix] by default. All replicas of a
// receiver have the same one. Receivers of different webhooks get the same events under
// the same ids: in one Redis each needs its own prefix, or a name, see
// [webhooks.WithReceiver]. Otherwise one takes the other's events as handled.
func WithPrefix(prefix string) Option {
	return func(s *Store) error {
		if prefix == "" {
			return invalidOption("the prefix is empty")
		}
		s.prefix = prefix
		return nil
	}
}

// WithRetention sets how long an event that is done is remembered, [DefaultRetention]
// by default. Less than [webhooks.MinRetention] is refused.
func WithRetention(retention time.Duration) Option {
	return func(s *Store) error {
		if retention < webhooks.MinRetention {
			return invalidOption("the retention %v is less than webhooks.MinRetention, %v, for which the sender retries", retention, webhooks.MinRetention)
		}
		s.retention = retention
		return nil
	}
}

// New returns a Store in the Redis of the client, which may be any client of go-redis. It
// sends nothing. The caller still owns the client.
//
// The client must have ContextTimeoutEnabled. Without it, the client ignores the deadline
// of a context, and a Redis that does not respond delays the response until the sender
// has given up.
//
// Errors match [webhooks.ErrInvalidOption].
func New(client redis.UniversalClient, options ...Option) (*Store, error) {
	if err := check(client); err != nil {
		return nil, err
	}
	s := &Store{client: client, prefix: DefaultPrefix, retention: DefaultRetention}
	for _, option := range options {
		if option == nil {
			return nil, invalidOption("an Option is nil")
		}
		if err := option(s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func check(client redis.UniversalClient) error {
	if value := reflect.ValueOf(client); !value.IsValid() || value.Kind() == reflect.Pointer && value.IsNil() {
		return invalidOption("the client is nil")
	}
	bounded := true
	switch client := client.(type) {
	case *redis.Client:
		bounded = client.Options().ContextTimeoutEnabled
	case *redis.ClusterClient:
		bounded = client.Options().ContextTimeoutEnabled
	case *redis.Ring:
		bounded = client.Options().ContextTimeoutEnabled
	}
	if !bounded {
		return invalidOption("the client does not keep to a context's deadline: set ContextTimeoutEnabled in its options")
	}
	return nil
}

func invalidOption(problem string, args ...any) error {
	return fmt.Errorf("%w: redisclaims: %s", webhooks.ErrInvalidOption, fmt.Sprintf(problem, args...))
}

var (
	//go:embed claim.lua
	claimText string
	//go:embed done.lua
	doneText string
	//go:embed release.lua
	releaseText string

	claimScript   = redis.NewScript(claimText)
	doneScript    = redis.NewScript(doneText)
	releaseScript = redis.NewScript(releaseText)
)

var errNotMade = fmt.Errorf("%w: use redisclaims.New", webhooks.ErrNoClaims)

// made reports whether New made s.
func (s *Store) made() bool { return s != nil && s.client != nil }

// What the scripts return.
const (
	refused = 0
	granted = 1
	isDone  = 2
)

// Claim implements [webhooks.Claims]. Its token is random.
func (s *Store) Claim(ctx context.Context, eventID string, lease time.Duration) (token string, err error) {
	if !s.made() {
		return "", errNotMade
	}
	if eventID == "" || lease <= 0 {
		return "", webhooks.ErrInvalidClaim
	}
	token = rand.Text()
	result, err := s.run(ctx, claimScript, eventID, token, milliseconds(lease), lapsedRetention.Milliseconds())
	if err != nil {
		return "", fmt.Errorf("redisclaims: claim the event: %w", err)
	}
	switch result {
	case granted:
		return token, nil
	case isDone:
		return "", webhooks.ErrDone
	}
	return "", webhooks.ErrInFlight
}

// Done implements [webhooks.Claims]. A late Done counts for an hour, unless another
// caller has the event.
func (s *Store) Done(ctx context.Context, eventID, token string) error {
	if !s.made() {
		return errNotMade
	}
	result, err := s.run(ctx, doneScript, eventID, token, milliseconds(s.retention))
	return settled("mark the event as done", result, err)
}

// Release implements [webhooks.Claims].
func (s *Store) Release(ctx context.Context, eventID, token string) error {
	if !s.made() {
		return errNotMade
	}
	call := rand.Text() // by which the script knows the client's own retry
	result, err := s.run(ctx, releaseScript, eventID, token, call, releasedRetention.Milliseconds())
	return settled("release the event", result, err)
}

func settled(intent string, result int, err error) error {
	if err != nil {
		return fmt.Errorf("redisclaims: %s: %w", intent, err)
	}
	if result == refused {
		return webhooks.ErrClaimLost
	}
	return nil
}

// run runs the script on the event's key. Redis keeps scripts until it restarts, and is
// sent one anew when it has lost it.
func (s *Store) run(ctx context.Context, script *redis.Script, eventID string, args ...any) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return script.Run(ctx, s.client, []string{s.prefix + eventID}, args...).Int()
}

// milliseconds rounds up: a lease is never shorter than was asked for.
func milliseconds(d time.Duration) int64 {
	return int64((d-1)/time.Millisecond) + 1
}
