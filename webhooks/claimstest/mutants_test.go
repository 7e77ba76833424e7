package claimstest_test

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/adler32"
	"hash/crc32"
	"hash/fnv"
	"html"
	"net/url"
	"path"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/stackbe/stackbe-go/webhooks"
)

// mutant is a store that is wrong in one way.
type mutant struct {
	name    string
	noticed string // the test that has to notice it
	make    func(*reference) webhooks.Claims
}

// override is a reference some of whose methods are others.
type override struct {
	*reference
	claim   func(ctx context.Context, eventID string, lease time.Duration) (string, error)
	done    func(ctx context.Context, eventID, token string) error
	release func(ctx context.Context, eventID, token string) error
	run     func(ctx context.Context, eventID string, handle func(context.Context) error) error
}

func (o override) Claim(ctx context.Context, eventID string, lease time.Duration) (string, error) {
	if o.claim != nil {
		return o.claim(ctx, eventID, lease)
	}
	return o.reference.Claim(ctx, eventID, lease)
}

func (o override) Done(ctx context.Context, eventID, token string) error {
	if o.done != nil {
		return o.done(ctx, eventID, token)
	}
	return o.reference.Done(ctx, eventID, token)
}

func (o override) Release(ctx context.Context, eventID, token string) error {
	if o.release != nil {
		return o.release(ctx, eventID, token)
	}
	return o.reference.Release(ctx, eventID, token)
}

func (o override) Run(ctx context.Context, eventID string, handle func(context.Context) error) error {
	if o.run != nil {
		return o.run(ctx, eventID, handle)
	}
	return o.reference.Run(ctx, eventID, handle)
}

// The parts that a mutant is made of.

type claimFunc = func(context.Context, string, time.Duration) (string, error)
type settleFunc = func(context.Context, string, string) error
type runFunc = func(context.Context, string, func(context.Context) error) error

func changing(change func(r *reference)) func(*reference) webhooks.Claims {
	return func(r *reference) webhooks.Claims {
		change(r)
		return r
	}
}

func claiming(claim func(r *reference) claimFunc) func(*reference) webhooks.Claims {
	return func(r *reference) webhooks.Claims { return override{reference: r, claim: claim(r)} }
}

func finishing(done func(r *reference) settleFunc) func(*reference) webhooks.Claims {
	return func(r *reference) webhooks.Claims { return override{reference: r, done: done(r)} }
}

func releasing(release func(r *reference) settleFunc) func(*reference) webhooks.Claims {
	return func(r *reference) webhooks.Claims { return override{reference: r, release: release(r)} }
}

func running(run func(r *reference) runFunc) func(*reference) webhooks.Claims {
	return func(r *reference) webhooks.Claims { return override{reference: r, run: run(r)} }
}

func keyed(key func(string) string) func(*reference) webhooks.Claims {
	return changing(func(r *reference) { r.key = key })
}

func leased(lease func(time.Duration) time.Duration) func(*reference) webhooks.Claims {
	return changing(func(r *reference) { r.lease = lease })
}

func compared(same func(held, given string) bool) func(*reference) webhooks.Claims {
	return changing(func(r *reference) { r.same = same })
}

func hashed(h func() hash.Hash, from, to int) func(*reference) webhooks.Claims {
	return keyed(func(eventID string) string {
		sum := h()
		sum.Write([]byte(eventID))
		return string(sum.Sum(nil)[from:to])
	})
}

// polynomial is a hash of characters, such as Java's.
func polynomial(factor uint32) func(*reference) webhooks.Claims {
	return keyed(func(eventID string) string {
		var sum uint32
		for _, character := range []byte(eventID) {
			sum = sum*factor + uint32(character)
		}
		return strconv.FormatUint(uint64(sum), 10)
	})
}

var claimMutants = []mutant{
	{"claims what is in flight", "a claimed event is in flight", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			token, err := r.Claim(ctx, eventID, lease)
			if err == webhooks.ErrInFlight {
				return "another", nil
			}
			return token, err
		}
	})},
	{"claims what is done", "an event that is done stays done", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			token, err := r.Claim(ctx, eventID, lease)
			if err == webhooks.ErrDone {
				return "another", nil
			}
			return token, err
		}
	})},
	{"says that what is in flight is done", "a claimed event is in flight", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			token, err := r.Claim(ctx, eventID, lease)
			if err == webhooks.ErrInFlight {
				err = webhooks.ErrDone
			}
			return token, err
		}
	})},
	{"says that what is done is in flight", "an event that is done stays done", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			token, err := r.Claim(ctx, eventID, lease)
			if err == webhooks.ErrDone {
				err = webhooks.ErrInFlight
			}
			return token, err
		}
	})},
	{"has errors of its own", "a claimed event is in flight", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			token, err := r.Claim(ctx, eventID, lease)
			if err != nil {
				err = errors.New(err.Error())
			}
			return token, err
		}
	})},
	{"forgets a done event when it is asked for", "an event that is done stays done", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			token, err := r.Claim(ctx, eventID, lease)
			if err == webhooks.ErrDone {
				r.forget(eventID)
			}
			return token, err
		}
	})},
	{"gives the event to the caller that it refuses", "a refused claim leaves the event to its holder", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			token, err := r.Claim(ctx, eventID, lease)
			if err == webhooks.ErrInFlight {
				r.change(eventID, func(held *record) { held.token = "the refused caller's" })
			}
			return token, err
		}
	})},
	{"gives a done event to the caller that it refuses", "a refused claim leaves a done event to its holder", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			token, err := r.Claim(ctx, eventID, lease)
			if err == webhooks.ErrDone {
				r.change(eventID, func(held *record) { held.token = "the refused caller's" })
			}
			return token, err
		}
	})},
	{"releases the event when it refuses it", "a refused claim leaves the event to its holder", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			token, err := r.Claim(ctx, eventID, lease)
			if err == webhooks.ErrInFlight {
				r.forget(eventID)
			}
			return token, err
		}
	})},
	{"has one claim for all events", "a claimed event is in flight", keyed(func(eventID string) string {
		if eventID == "" {
			return ""
		}
		return "the event"
	})},
	{"takes an empty id", "a claim without an id or without a lease is refused", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			return r.Claim(ctx, "id:"+eventID, lease)
		}
	})},
	{"takes a lease that is not positive", "a claim without an id or without a lease is refused", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			return r.Claim(ctx, eventID, max(lease, time.Second))
		}
	})},
	{"takes a negative lease", "a claim without an id or without a lease is refused", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			return r.Claim(ctx, eventID, lease.Abs())
		}
	})},
	{"says that an event without an id is done", "a claim without an id or without a lease is refused", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			if eventID == "" {
				return "", webhooks.ErrDone
			}
			return r.Claim(ctx, eventID, lease)
		}
	})},
	{"claims although the context is over", "a call whose context is over fails and changes nothing", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			return r.Claim(context.WithoutCancel(ctx), eventID, lease)
		}
	})},
	{"claims, and then finds that the context is over", "a call whose context is over fails and changes nothing", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			token, err := r.Claim(context.WithoutCancel(ctx), eventID, lease)
			return token, errors.Join(err, ctx.Err())
		}
	})},
	{"swallows the error of a claim", "a call whose context is over fails and changes nothing", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			token, err := r.Claim(ctx, eventID, lease)
			if err != nil && ctx.Err() != nil {
				return "unknown", nil
			}
			return token, err
		}
	})},
	{"says in flight where the claim failed", "a call whose context is over fails and changes nothing", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			token, err := r.Claim(ctx, eventID, lease)
			if ctx.Err() != nil {
				err = webhooks.ErrInFlight
			}
			return token, err
		}
	})},
	{"says done where the claim failed", "a call whose context is over fails and changes nothing", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			token, err := r.Claim(ctx, eventID, lease)
			if ctx.Err() != nil {
				err = fmt.Errorf("%w: %w", webhooks.ErrDone, err)
			}
			return token, err
		}
	})},
	{"ignores a deadline", "a call whose context is over fails and changes nothing", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				ctx = context.WithoutCancel(ctx)
			}
			return r.Claim(ctx, eventID, lease)
		}
	})},
	{"ends a claim with its context", "a claim outlives the context of the call", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			token, err := r.Claim(ctx, eventID, lease)
			if err == nil {
				context.AfterFunc(ctx, func() { r.forget(eventID) })
			}
			return token, err
		}
	})},
	{"forgets a done event with its context", "a claim outlives the context of the call", finishing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			err := r.Done(ctx, eventID, token)
			if err == nil {
				context.AfterFunc(ctx, func() { r.forget(eventID) })
			}
			return err
		}
	})},
	{"remembers one event", "what happens to one event does not happen to another", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			token, err := r.Claim(ctx, eventID, lease)
			if err == nil {
				r.forgetOthers(eventID)
			}
			return token, err
		}
	})},
	{"remembers the last 100 events", "each of many events is remembered", changing(func(r *reference) {
		token := r.token
		r.token = func(number int, eventID string) string {
			if len(r.records) > 100 {
				clear(r.records)
			}
			return token(number, eventID)
		}
	})},
}

func (r *reference) forgetOthers(eventID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key := range r.records {
		if key != r.key(eventID) {
			delete(r.records, key)
		}
	}
}

var doneMutants = []mutant{
	{"forgets what is done", "an event that is done stays done", finishing(func(r *reference) settleFunc { return r.Release })},
	{"marks nothing as done", "an event that is done stays done", finishing(func(r *reference) settleFunc {
		return func(ctx context.Context, _, _ string) error { return ctx.Err() }
	})},
	{"refuses to mark an event again", "to mark an event as done again is not an error", finishing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			if r.find(eventID).done {
				return webhooks.ErrClaimLost
			}
			return r.Done(ctx, eventID, token)
		}
	})},
	{"takes the mark away again", "to mark an event as done again is not an error", finishing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			if r.find(eventID).done {
				r.forget(eventID)
				return nil
			}
			return r.Done(ctx, eventID, token)
		}
	})},
	{"marks a done event for any token", "a made-up or empty token settles nothing", finishing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			if r.find(eventID).done && ctx.Err() == nil {
				return nil
			}
			return r.Done(ctx, eventID, token)
		}
	})},
	{"marks an event for any token", "a made-up or empty token settles nothing", finishing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, _ string) error { return r.Done(ctx, eventID, r.find(eventID).token) }
	})},
	{"marks an event without a token", "a made-up or empty token settles nothing", finishing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			if token == "" {
				token = r.find(eventID).token
			}
			return r.Done(ctx, eventID, token)
		}
	})},
	{"marks an unclaimed event", "an unclaimed event cannot be settled", finishing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			if r.find(eventID) == (record{}) {
				return ctx.Err()
			}
			return r.Done(ctx, eventID, token)
		}
	})},
	{"marks an event that was released", "the token of a released claim settles nothing", func(r *reference) webhooks.Claims {
		var released sync.Map
		return override{reference: r, release: func(ctx context.Context, eventID, token string) error {
			err := r.Release(ctx, eventID, token)
			if err == nil {
				released.Store(token, true)
			}
			return err
		}, done: func(ctx context.Context, eventID, token string) error {
			err := r.Done(ctx, eventID, token)
			if _, ok := released.Load(token); ok {
				return nil
			}
			return err
		}}
	}},
	{"marks an event that another took over", "a caller that lost the event neither finishes nor releases it for the next", finishing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			if held := r.find(eventID); tokenNumber(token) > 0 && tokenNumber(token) < tokenNumber(held.token) {
				token = held.token
			}
			return r.Done(ctx, eventID, token)
		}
	})},
	{"marks an event that another has done", "a caller that lost the event neither finishes nor releases it for the next", finishing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			if held := r.find(eventID); held.done && tokenNumber(token) > 0 && tokenNumber(token) < tokenNumber(held.token) {
				return nil
			}
			return r.Done(ctx, eventID, token)
		}
	})},
	{"refuses a late Done", "a late Done counts unless another caller has the event", finishing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			if held := r.find(eventID); !held.done && !r.now().Before(held.until) {
				return webhooks.ErrClaimLost
			}
			return r.Done(ctx, eventID, token)
		}
	})},
	{"refuses a Done that is late by 55 seconds", "a Done that is late by up to a minute counts", finishing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			if held := r.find(eventID); !held.done && !r.now().Before(held.until.Add(55*time.Second)) {
				return webhooks.ErrClaimLost
			}
			return r.Done(ctx, eventID, token)
		}
	})},
	{"refuses a Done that is late by ten seconds", "a Done that is late by up to a minute counts", finishing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			if held := r.find(eventID); !held.done && !r.now().Before(held.until.Add(10*time.Second)) {
				return webhooks.ErrClaimLost
			}
			return r.Done(ctx, eventID, token)
		}
	})},
	{"says that a late Done counts, and it does not", "a late Done counts unless another caller has the event", finishing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			if held := r.find(eventID); !held.done && !r.now().Before(held.until) && held.token == token {
				return ctx.Err()
			}
			return r.Done(ctx, eventID, token)
		}
	})},
	{"marks although the context is over", "a call whose context is over fails and changes nothing", finishing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			return r.Done(context.WithoutCancel(ctx), eventID, token)
		}
	})},
	{"swallows the error of a mark", "a call whose context is over fails and changes nothing", finishing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			if ctx.Err() != nil {
				return nil
			}
			return r.Done(ctx, eventID, token)
		}
	})},
	{"says that the claim is lost where the mark failed", "a call whose context is over fails and changes nothing", finishing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			if ctx.Err() != nil {
				return webhooks.ErrClaimLost
			}
			return r.Done(ctx, eventID, token)
		}
	})},
	{"refuses to mark an event again when its lease would have run out", "an event stays done when its lease would have run out", func(r *reference) webhooks.Claims {
		var leases sync.Map
		return override{reference: r, done: func(ctx context.Context, eventID, token string) error {
			held := r.find(eventID)
			if !held.done {
				leases.Store(eventID, held.until)
			}
			if until, ok := leases.Load(eventID); ok && held.done && !r.now().Before(until.(time.Time)) {
				return webhooks.ErrClaimLost
			}
			return r.Done(ctx, eventID, token)
		}}
	}},
	{"marks an event until its lease runs out", "an event stays done when its lease would have run out", finishing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			until := r.find(eventID).until
			err := r.Done(ctx, eventID, token)
			if err == nil {
				r.change(eventID, func(done *record) { done.until = until })
			}
			return err
		}
	})},
}

// tokenNumber is the number of a token, 0 of one that the reference did not make.
func tokenNumber(token string) int {
	number, _ := strconv.Atoi(strings.TrimPrefix(token, "token "))
	return number
}

var releaseMutants = []mutant{
	{"keeps what is released", "a released event can be claimed at once", releasing(func(r *reference) settleFunc {
		return func(ctx context.Context, _, _ string) error { return ctx.Err() }
	})},
	{"keeps what is released until its lease runs out", "a released event can be claimed at once", releasing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			if held := r.find(eventID); held.token != token || held.done {
				return webhooks.ErrClaimLost
			}
			return ctx.Err()
		}
	})},
	{"marks as done what is released", "a released event can be claimed at once", releasing(func(r *reference) settleFunc { return r.Done })},
	{"releases an event once", "a released event can be claimed as often as it is released", func(r *reference) webhooks.Claims {
		released := 0
		return override{reference: r, release: func(ctx context.Context, eventID, token string) error {
			if released++; released > 10 {
				return nil
			}
			return r.Release(ctx, eventID, token)
		}}
	}},
	{"releases what is done", "releasing an event that is done changes nothing", releasing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			r.change(eventID, func(held *record) { held.done = held.done && held.token != token })
			return r.Release(ctx, eventID, token)
		}
	})},
	{"releases what is done without a token", "releasing an event that is done changes nothing", releasing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			if token == "" && r.find(eventID).done {
				r.forget(eventID)
			}
			return r.Release(ctx, eventID, token)
		}
	})},
	{"says that it released what is done", "releasing an event that is done changes nothing", releasing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			err := r.Release(ctx, eventID, token)
			if r.find(eventID).done {
				return nil
			}
			return err
		}
	})},
	{"releases an event for any token", "a made-up or empty token settles nothing", releasing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, _ string) error {
			return r.Release(ctx, eventID, r.find(eventID).token)
		}
	})},
	{"releases an unclaimed event", "an unclaimed event cannot be settled", releasing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			if r.find(eventID) == (record{}) {
				return ctx.Err()
			}
			return r.Release(ctx, eventID, token)
		}
	})},
	{"releases an event again", "the token of a released claim settles nothing", func(r *reference) webhooks.Claims {
		var released sync.Map
		return override{reference: r, release: func(ctx context.Context, eventID, token string) error {
			err := r.Release(ctx, eventID, token)
			if err == nil {
				released.Store(token, true)
			}
			if _, ok := released.Load(token); ok {
				return nil
			}
			return err
		}}
	}},
	{"releases the claim of the next", "a caller that lost the event neither finishes nor releases it for the next", releasing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			if held := r.find(eventID); tokenNumber(token) > 0 && tokenNumber(token) < tokenNumber(held.token) {
				token = held.token
			}
			return r.Release(ctx, eventID, token)
		}
	})},
	{"gives a released event back to who had it before", "the token of a claim that lapsed settles nothing once another was released", func(r *reference) webhooks.Claims {
		var before sync.Map
		return override{reference: r, claim: func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			held := r.find(eventID)
			token, err := r.Claim(ctx, eventID, lease)
			if err == nil && held.token != "" && !held.done {
				before.Store(eventID, held)
			}
			return token, err
		}, release: func(ctx context.Context, eventID, token string) error {
			err := r.Release(ctx, eventID, token)
			if held, ok := before.LoadAndDelete(eventID); ok && err == nil {
				r.mu.Lock()
				defer r.mu.Unlock()
				was := held.(record)
				r.records[r.key(eventID)] = &was
			}
			return err
		}}
	}},
	{"releases all events", "what happens to one event does not happen to another", releasing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			err := r.Release(ctx, eventID, token)
			if err == nil {
				r.forgetOthers(eventID)
			}
			return err
		}
	})},
	{"releases although the context is over", "a call whose context is over fails and changes nothing", releasing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			return r.Release(context.WithoutCancel(ctx), eventID, token)
		}
	})},
	{"swallows the error of a release", "a call whose context is over fails and changes nothing", releasing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			if ctx.Err() != nil {
				return nil
			}
			return r.Release(ctx, eventID, token)
		}
	})},
	{"keeps an event that is released late", "a late Release leaves the event free", releasing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			if held := r.find(eventID); held.token == token && !held.done && !r.now().Before(held.until) {
				r.change(eventID, func(held *record) { held.until = r.now().Add(time.Hour) })
				return nil
			}
			return r.Release(ctx, eventID, token)
		}
	})},
	{"fails where an event is released late", "a late Release leaves the event free", releasing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			if held := r.find(eventID); held.token == token && !held.done && !r.now().Before(held.until) {
				return errors.New("the lease ran out")
			}
			return r.Release(ctx, eventID, token)
		}
	})},
}

var tokenMutants = []mutant{
	{"has one token for all claims", "each claim has a token of its own", changing(func(r *reference) {
		r.token = func(int, string) string { return "the token" }
	})},
	{"has an empty token", "each claim has a token of its own", changing(func(r *reference) {
		r.token = func(int, string) string { return "" }
	})},
	{"has one token for an event", "each claim has a token of its own", changing(func(r *reference) {
		r.token = func(_ int, eventID string) string { return "token of " + eventID }
	})},
	{"has two tokens in turn", "each claim has a token of its own", changing(func(r *reference) {
		r.token = func(number int, _ string) string { return "token " + strconv.Itoa(number%2) }
	})},
	{"has the time as a token", "each claim has a token of its own", changing(func(r *reference) {
		r.token = func(int, string) string { return r.now().Format(time.RFC3339) }
	})},
	{"numbers the claims that it holds", "each claim has a token of its own", changing(func(r *reference) {
		r.token = func(int, string) string { return "token " + strconv.Itoa(len(r.records)) }
	})},
	{"takes the token of any claim", "a token of another event settles nothing", compared(func(_, given string) bool {
		return tokenNumber(given) > 0
	})},
	{"takes the beginning of a token", "a made-up or empty token settles nothing", compared(func(held, given string) bool {
		return given != "" && strings.HasPrefix(held, given)
	})},
	{"takes the end of a token", "a made-up or empty token settles nothing", compared(func(held, given string) bool {
		return given != "" && strings.HasSuffix(held, given)
	})},
	{"takes what begins with the token", "a made-up or empty token settles nothing", compared(func(held, given string) bool { return strings.HasPrefix(given, held) })},
	{"ignores the letter case of tokens", "a made-up or empty token settles nothing", compared(strings.EqualFold)},
	{"trims tokens", "a made-up or empty token settles nothing", compared(func(held, given string) bool {
		return held == strings.TrimSpace(given)
	})},
	{"takes an empty token", "a made-up or empty token settles nothing", compared(func(held, given string) bool {
		return given == "" || held == given
	})},
	{"takes a token as a pattern", "a made-up or empty token settles nothing", compared(func(held, given string) bool {
		return given == "%" || held == given
	})},
	{"takes the event's id as a token", "a made-up or empty token settles nothing", func(r *reference) webhooks.Claims {
		return override{reference: r, done: func(ctx context.Context, eventID, token string) error {
			if token == eventID {
				token = r.find(eventID).token
			}
			return r.Done(ctx, eventID, token)
		}}
	}},
	{"compares tokens when an event is released, and not when it is marked", "a token of another event settles nothing", func(r *reference) webhooks.Claims {
		return override{reference: r, done: func(ctx context.Context, eventID, token string) error {
			if tokenNumber(token) > 0 {
				token = r.find(eventID).token
			}
			return r.Done(ctx, eventID, token)
		}}
	}},
}

var leaseMutants = []mutant{
	{"never ends a lease", "an event whose lease ran out can be claimed again", leased(func(time.Duration) time.Duration { return 100 * 365 * 24 * time.Hour })},
	{"has one lease of a minute for all", "a lease holds until it has run out", leased(func(time.Duration) time.Duration { return time.Minute })},
	{"has one lease of two hours for all", "each claim has its own lease", leased(func(time.Duration) time.Duration { return 2 * time.Hour })},
	{"rounds leases down to seconds", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration { return lease.Truncate(time.Second) })},
	{"rounds leases down to seconds, of which it takes one at least", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration {
		return max(time.Second, lease.Truncate(time.Second))
	})},
	{"rounds leases to seconds", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration { return lease.Round(time.Second) })},
	{"rounds leases up to seconds", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration { return (lease + time.Second - 1).Truncate(time.Second) })},
	{"rounds leases down to tenths of a second", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration { return lease.Truncate(100 * time.Millisecond) })},
	{"rounds leases down to hundredths of a second", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration { return lease.Truncate(10 * time.Millisecond) })},
	{"rounds leases to tenths of a second", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration { return lease.Round(100 * time.Millisecond) })},
	{"rounds leases up to tenths of a second", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration {
		return (lease + 100*time.Millisecond - 1).Truncate(100 * time.Millisecond)
	})},
	{"rounds leases down to minutes", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration { return lease.Truncate(time.Minute) })},
	{"rounds leases up to minutes", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration { return (lease + time.Minute - 1).Truncate(time.Minute) })},
	{"rounds leases down to hours where they are longer", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration {
		if lease > time.Hour {
			return lease.Truncate(time.Hour)
		}
		return lease
	})},
	{"halves leases", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration { return lease / 2 })},
	{"shortens leases by a tenth", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration { return lease * 9 / 10 })},
	{"shortens leases by a hundredth", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration { return lease - lease/100 })},
	{"shortens leases by 90 ms", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration { return max(time.Millisecond, lease-90*time.Millisecond) })},
	{"shortens leases by 5 ms", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration { return max(time.Millisecond, lease-5*time.Millisecond) })},
	{"shortens long leases by a second", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration {
		if lease > time.Minute {
			return lease - time.Second
		}
		return lease
	})},
	{"has 32 bits for a lease in seconds", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration {
		return time.Duration(float64(float32(lease.Seconds())) * float64(time.Second))
	})},
	{"grants leases of half a second at least", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration { return max(lease, time.Second/2) })},
	{"takes longer to refuse a claim than a short lease lasts", "a lease holds until it has run out", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			token, err := r.Claim(ctx, eventID, lease)
			if err != nil {
				<-time.After(240 * time.Millisecond)
			}
			return token, err
		}
	})},
	{"doubles leases", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration { return 2 * lease })},
	{"adds a second to leases", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration { return lease + time.Second })},
	{"cuts leases at an hour", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration { return min(lease, time.Hour) })},
	{"cuts leases at a day", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration { return min(lease, 24*time.Hour) })},
	{"cuts leases at a month", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration { return min(lease, 30*24*time.Hour) })},
	{"has 32 bits for a lease in milliseconds", "a lease holds until it has run out", leased(func(lease time.Duration) time.Duration {
		return time.Duration(int32(lease.Milliseconds())) * time.Millisecond
	})},
	{"takes the lease of the claim before", "each claim has its own lease", func(r *reference) webhooks.Claims {
		var before time.Duration
		r.lease = func(lease time.Duration) time.Duration {
			before, lease = lease, before
			return max(lease, time.Minute)
		}
		return r
	}},
	{"takes over an event for what is left of the lease", "the lease of a claim begins with the claim", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			held := r.find(eventID)
			token, err := r.Claim(ctx, eventID, lease)
			if err == nil && held.token != "" {
				r.change(eventID, func(claim *record) { claim.until = held.until })
			}
			return token, err
		}
	})},
	{"keeps the lease of a released claim for the next", "the lease of a claim begins with the claim", func(r *reference) webhooks.Claims {
		var left sync.Map
		return override{reference: r, release: func(ctx context.Context, eventID, token string) error {
			held := r.find(eventID)
			err := r.Release(ctx, eventID, token)
			if err == nil {
				left.Store(eventID, held.until)
			}
			return err
		}, claim: func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			token, err := r.Claim(ctx, eventID, lease)
			if until, ok := left.LoadAndDelete(eventID); ok && err == nil {
				r.change(eventID, func(claim *record) { claim.until = until.(time.Time) })
			}
			return token, err
		}}
	}},
	{"lengthens the lease when it refuses a claim", "a refused claim does not change the lease", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			token, err := r.Claim(ctx, eventID, lease)
			if err == webhooks.ErrInFlight {
				r.change(eventID, func(held *record) { held.until = later(held.until, r.now().Add(lease)) })
			}
			return token, err
		}
	})},
	{"shortens the lease when it refuses a claim", "a refused claim does not change the lease", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			token, err := r.Claim(ctx, eventID, lease)
			if asked := r.now().Add(lease); err == webhooks.ErrInFlight && asked.Before(r.find(eventID).until) {
				r.change(eventID, func(held *record) { held.until = asked })
			}
			return token, err
		}
	})},
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

var retentionMutants = []mutant{
	{"forgets a done event after 24 hours", "an event stays done for the retention", retained(24 * time.Hour)},
	{"forgets a done event at once", "an event stays done for the retention", retained(time.Second)},
	{"forgets a done event after an hour", "an event stays done when its lease would have run out", retained(time.Hour)},
	{"forgets a done event half an hour too soon", "an event stays done for the retention", retained(referenceRetention - 30*time.Minute)},
	{"forgets a done event half a minute too soon", "an event stays done for the retention", retained(referenceRetention - 30*time.Second)},
	{"never forgets a done event", "a done event is forgotten after the retention", retained(100 * 365 * 24 * time.Hour)},
	{"rounds the retention up to the next week", "a done event is forgotten after the retention", retained(2 * referenceRetention)},
	{"counts the retention from the claim", "the retention begins when the event is done", finishing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			err := r.Done(ctx, eventID, token)
			if err == nil {
				r.change(eventID, func(done *record) { done.until = done.claimed.Add(r.retention) })
			}
			return err
		}
	})},
	{"counts the retention from the end of the lease", "an event that is done late stays done for the retention", finishing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			held := r.find(eventID)
			err := r.Done(ctx, eventID, token)
			if late := r.now().Sub(held.until); err == nil && !held.done && late >= 0 {
				r.change(eventID, func(done *record) { done.until = done.until.Add(-time.Hour) })
			}
			return err
		}
	})},
	{"counts the retention from the first claim", "the retention of an event that was claimed before begins when it is done", func(r *reference) webhooks.Claims {
		var first sync.Map
		return override{reference: r, claim: func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			token, err := r.Claim(ctx, eventID, lease)
			if err == nil {
				first.LoadOrStore(eventID, r.now())
			}
			return token, err
		}, done: func(ctx context.Context, eventID, token string) error {
			err := r.Done(ctx, eventID, token)
			if at, ok := first.Load(eventID); ok && err == nil {
				r.change(eventID, func(done *record) { done.until = at.(time.Time).Add(r.retention) })
			}
			return err
		}}
	}},
	{"takes the lease of a refused claim as the retention", "an event stays done for the retention", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			token, err := r.Claim(ctx, eventID, lease)
			if err == webhooks.ErrDone {
				r.change(eventID, func(done *record) { done.until = r.now().Add(lease) })
			}
			return token, err
		}
	})},
	{"forgets all events when one is forgotten", "what is forgotten takes nothing with it", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			r.purge(func(held *record, oldest time.Time) bool { return !r.now().Before(oldest) })
			return r.Claim(ctx, eventID, lease)
		}
	})},
	{"forgets claims that are as old as the retention", "what is forgotten takes nothing with it", claiming(func(r *reference) claimFunc {
		return func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			r.purge(func(held *record, _ time.Time) bool {
				return !held.done && r.now().Sub(held.claimed) > r.retention
			})
			return r.Claim(ctx, eventID, lease)
		}
	})},
}

func retained(retention time.Duration) func(*reference) webhooks.Claims {
	return changing(func(r *reference) { r.retention = retention })
}

// purge deletes the records for which forget says so. It is told when the first done
// event is to be forgotten.
func (r *reference) purge(forget func(held *record, oldest time.Time) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	oldest := r.now().Add(time.Hour)
	for _, held := range r.records {
		if held.done && held.until.Before(oldest) {
			oldest = held.until
		}
	}
	for key, held := range r.records {
		if forget(held, oldest) {
			delete(r.records, key)
		}
	}
}

const sameID = "events whose ids differ in one character are different events"

var idMutants = []mutant{
	{"ignores letter case", sameID, keyed(strings.ToLower)},
	{"ignores the letter case of ASCII", sameID, keyed(func(id string) string {
		return strings.Map(func(r rune) rune {
			if 'A' <= r && r <= 'Z' {
				return r + 'a' - 'A'
			}
			return r
		}, id)
	})},
	{"folds as Unicode does", sameID, keyed(func(id string) string {
		return strings.Map(func(r rune) rune {
			for next := unicode.SimpleFold(r); next < r; next = unicode.SimpleFold(r) {
				r = next
			}
			return r
		}, id)
	})},
	{"turns ids into upper case", sameID, keyed(strings.ToUpper)},
	{"ignores accents", sameID, keyed(strings.NewReplacer("é", "e", "É", "E", "e\u0301", "e").Replace)},
	{"normalizes ids to NFC", sameID, keyed(strings.NewReplacer("e\u0301", "é", "\u212b", "Å", "\u212a", "K").Replace)},
	{"normalizes ids to NFKC", sameID, keyed(strings.NewReplacer("ﬁ", "fi", "①", "1", "ａ", "a").Replace)},
	{"drops invisible characters", sameID, keyed(func(id string) string {
		return strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Cf, r) {
				return -1
			}
			return r
		}, id)
	})},
	{"drops control characters", sameID, keyed(func(id string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return -1
			}
			return r
		}, id)
	})},
	{"drops a byte order mark", sameID, keyed(func(id string) string { return strings.TrimPrefix(id, "\ufeff") })},
	{"trims ids", sameID, keyed(strings.TrimSpace)},
	{"trims ids on the right", sameID, keyed(func(id string) string { return strings.TrimRight(id, " ") })},
	{"trims ids on the left", sameID, keyed(func(id string) string { return strings.TrimLeft(id, " ") })},
	{"trims line ends", sameID, keyed(func(id string) string { return strings.TrimRight(id, "\r\n") })},
	{"drops spaces", sameID, keyed(func(id string) string { return strings.ReplaceAll(id, " ", "") })},
	{"makes several spaces one", sameID, keyed(func(id string) string { return strings.Join(strings.Fields("<"+id+">"), " ") })},
	{"keeps ids in Latin-1", sameID, keyed(replacing(unicode.MaxLatin1))},
	{"keeps ids in ASCII", sameID, keyed(replacing(unicode.MaxASCII))},
	{"keeps ids in three bytes a character", sameID, keyed(replacing(0xffff))},
	{"keeps ids in 16 bits a character", sameID, keyed(func(id string) string {
		return strings.Map(func(r rune) rune { return r & 0xffff }, id)
	})},
	{"truncates ids to 36 bytes", sameID, keyed(truncating(36))},
	{"truncates ids to 255 bytes", sameID, keyed(truncating(255))},
	{"truncates ids to 1,024 bytes", sameID, keyed(truncating(1024))},
	{"truncates ids to 9,999 bytes", sameID, keyed(truncating(9999))},
	{"truncates ids to 65,535 bytes", sameID, keyed(truncating(65_535))},
	{"truncates ids to 255 characters", sameID, keyed(func(id string) string {
		characters := []rune(id)
		return string(characters[:min(len(characters), 254)])
	})},
	{"keeps the end of an id", sameID, keyed(func(id string) string { return id[max(0, len(id)-255):] })},
	{"keeps both ends of an id", sameID, keyed(func(id string) string {
		if len(id) > 1000 {
			return id[:500] + id[len(id)-500:]
		}
		return id
	})},
	{"keeps an id up to a separator", sameID, keyed(func(id string) string {
		before, _, _ := strings.Cut(id, ":")
		return before
	})},
	{"takes ids for numbers", sameID, keyed(func(id string) string {
		if number, err := strconv.ParseFloat(id, 64); err == nil {
			return strconv.FormatFloat(number+0, 'g', -1, 64)
		}
		return id
	})},
	{"unquotes ids", sameID, keyed(func(id string) string { return strings.Trim(id, `"`) })},
	{"unescapes ids as URLs", sameID, keyed(func(id string) string {
		if text, err := url.PathUnescape(id); err == nil {
			return text
		}
		return id
	})},
	{"unescapes ids as queries", sameID, keyed(func(id string) string { return strings.ReplaceAll(id, "+", " ") })},
	{"unescapes ids as HTML", sameID, keyed(html.UnescapeString)},
	{"unescapes ids as JSON", sameID, keyed(func(id string) string { return strings.ReplaceAll(id, `\u0061`, "a") })},
	{"unescapes backslashes", sameID, keyed(func(id string) string { return strings.ReplaceAll(id, `\\`, `\`) })},
	{"doubles quotes once", sameID, keyed(func(id string) string { return strings.ReplaceAll(id, "''", "'") })},
	{"cleans ids as paths", sameID, keyed(path.Clean)},
	{"drops slashes", sameID, keyed(func(id string) string { return strings.Trim(id, "/") })},
	{"drops what begins ids", sameID, keyed(func(id string) string { return strings.TrimPrefix(id, "evt_") })},
	{"takes ids for UUIDs", sameID, keyed(func(id string) string {
		if len(id) >= 32 && len(id) < 40 {
			return strings.Trim(strings.ReplaceAll(id, "-", ""), "{}")
		}
		return id
	})},
	{"replaces what is not a letter", sameID, keyed(func(id string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return r
			}
			return '_'
		}, id)
	})},
	{"takes an id for its hash", sameID, keyed(func(id string) string {
		if len(id) == 2*sha256.Size {
			return id
		}
		sum := sha256.Sum256([]byte(id))
		return hex.EncodeToString(sum[:])
	})},
	{"has the length as a key", sameID, keyed(func(id string) string { return strconv.Itoa(len(id)) })},
	{"has the sum of the bytes as a key", sameID, keyed(func(id string) string {
		sum := 0
		for _, character := range []byte(id) {
			sum += int(character)
		}
		return strconv.Itoa(sum)
	})},
	{"hashes ids with Java's hash", sameID, polynomial(31)},
	{"hashes ids with Bernstein's hash", sameID, polynomial(33)},
	{"hashes ids with CRC-32", sameID, hashed(func() hash.Hash { return crc32.NewIEEE() }, 0, 4)},
	{"hashes ids with CRC-32C", sameID, hashed(func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }, 0, 4)},
	{"hashes ids with Adler-32", sameID, hashed(func() hash.Hash { return adler32.New() }, 0, 4)},
	{"hashes ids with FNV-1", sameID, hashed(func() hash.Hash { return fnv.New32() }, 0, 4)},
	{"hashes ids with FNV-1a", sameID, hashed(func() hash.Hash { return fnv.New32a() }, 0, 4)},
	{"keeps 4 bytes of SHA-256", sameID, hashed(sha256.New, 0, 4)},
	{"keeps the last 4 bytes of SHA-256", sameID, hashed(sha256.New, sha256.Size-4, sha256.Size)},
	{"keeps 4 bytes of SHA-1", sameID, hashed(sha1.New, 0, 4)},
	{"keeps 4 bytes of MD5", sameID, hashed(md5.New, 0, 4)},
}

// replacing replaces characters beyond the last one by a question mark.
func replacing(last rune) func(string) string {
	return func(id string) string {
		return strings.Map(func(r rune) rune {
			if r > last {
				return '?'
			}
			return r
		}, id)
	}
}

func truncating(most int) func(string) string {
	return func(id string) string { return id[:min(len(id), most)] }
}

// raceMutants let other callers in between a read and a write. They are correct without
// concurrent callers.
var raceMutants = []mutant{
	{"can be entered while it claims", "of many callers one claims an event", window("claim")},
	{"can be entered while it takes over", "of many callers one takes over an event whose lease ran out", window("takeover")},
	{"can be entered while it marks", "a late Done counts, or another caller takes the event over", window("done")},
	{"can be entered while it marks and another releases", "an event is done or released, not both", window("done")},
	{"can be entered while it releases", "of many calls of Release one releases the event, for one claim", window("release")},
	{"can be entered while it releases and another marks", "an event is done or released, not both", window("release")},
	{"can be entered while it releases late", "a late Release does not release the claim of the next", window("release")},
	{"lets a claim in while it marks", "an event that is marked as done is not claimed meanwhile", finishing(func(r *reference) settleFunc {
		return func(ctx context.Context, eventID, token string) error {
			held := r.find(eventID)
			if held.token != token || held.done {
				return r.Done(ctx, eventID, token)
			}
			r.forget(eventID) // and inserts it anew
			runtime.Gosched()
			r.mu.Lock()
			defer r.mu.Unlock()
			held.done, held.until = true, r.now().Add(r.retention)
			r.records[r.key(eventID)] = &held
			return nil
		}
	})},
	{"has one place for the token that it returns", "callers with an event each do not disturb each other", func(r *reference) webhooks.Claims {
		var mu sync.Mutex
		var last string
		return override{reference: r, claim: func(ctx context.Context, eventID string, lease time.Duration) (string, error) {
			token, err := r.Claim(ctx, eventID, lease)
			if err != nil {
				return "", err
			}
			mu.Lock()
			last = token
			mu.Unlock()
			runtime.Gosched()
			mu.Lock()
			defer mu.Unlock()
			return last, nil
		}}
	}},
	{"gives a claim to a second caller after a release", "each of many events is done once, whichever callers fail on the way", window("claim")},
	{"can be entered while it claims for a run", "of many callers one runs an event", window("claim")},
	{"can be entered while it takes over for a run", "of many callers one runs an event whose lease ran out", window("takeover")},
	{"can be entered by a claim before a run", "an event is run or claimed, not both", window("claim")},
	{"can be entered while a run fails", "each of many events is run to its end once, whichever callers fail on the way", window("claim")},
}

func window(operation string) func(*reference) webhooks.Claims {
	return changing(func(r *reference) { r.window = operation })
}

var transactionMutants = []mutant{
	{"runs what is done", "an event is run once", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			if err := r.Run(ctx, eventID, handle); err != webhooks.ErrDone {
				return err
			}
			return handle(ctx)
		}
	})},
	{"marks nothing after a run", "an event is run once", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			token, err := r.Claim(ctx, eventID, time.Hour)
			if err != nil {
				return err
			}
			defer func() { _ = r.Release(context.WithoutCancel(ctx), eventID, token) }()
			return handle(ctx)
		}
	})},
	{"leaves a run event in flight", "an event is run once", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			if _, err := r.Claim(ctx, eventID, time.Hour); err != nil {
				return err
			}
			return handle(ctx)
		}
	})},
	{"runs nothing", "an event is run once", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			return r.Run(ctx, eventID, func(context.Context) error { return nil })
		}
	})},
	{"runs an event twice", "an event is run once", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			return r.Run(ctx, eventID, func(ctx context.Context) error { return errors.Join(handle(ctx), handle(ctx)) })
		}
	})},
	{"forgets a run event after 24 hours", "an event stays done for the retention after a run", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			err := r.Run(ctx, eventID, handle)
			if err == nil {
				r.change(eventID, func(done *record) { done.until = r.now().Add(24 * time.Hour) })
			}
			return err
		}
	})},
	{"commits in spite of an error", "an error comes back as it is and leaves the event free", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			var failure error
			err := r.Run(ctx, eventID, func(ctx context.Context) error {
				failure = handle(ctx)
				return nil
			})
			return errors.Join(err, failure)
		}
	})},
	{"swallows the error of handle", "an error comes back as it is and leaves the event free", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			called := false
			err := r.Run(ctx, eventID, func(ctx context.Context) error {
				called = true
				return handle(ctx)
			})
			if called {
				return nil
			}
			return err
		}
	})},
	{"returns an error of its own for that of handle", "an error comes back as it is and leaves the event free", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			return r.Run(ctx, eventID, func(ctx context.Context) error {
				if err := handle(ctx); err != nil {
					return fmt.Errorf("the event failed: %v", err)
				}
				return nil
			})
		}
	})},
	{"runs again what failed", "an error comes back as it is and leaves the event free", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			return r.Run(ctx, eventID, func(ctx context.Context) error {
				if err := handle(ctx); err == nil {
					return nil
				}
				return handle(ctx)
			})
		}
	})},
	{"keeps the claim of a run that failed", "an error comes back as it is and leaves the event free", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			token, err := r.Claim(ctx, eventID, time.Hour)
			if err != nil {
				return err
			}
			if err := handle(ctx); err != nil {
				return err
			}
			return r.Done(ctx, eventID, token)
		}
	})},
	{"takes an error of handle for one of the store", "an error of the store that handle returns is one of handle", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			var failure error
			return errors.Join(r.Run(ctx, eventID, func(ctx context.Context) error {
				if failure = handle(ctx); errors.Is(failure, webhooks.ErrDone) {
					return nil
				}
				return failure
			}), failure)
		}
	})},
	{"commits in spite of a panic", "a panic comes back as it is and leaves the event free", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			var value any
			err := r.Run(ctx, eventID, func(ctx context.Context) error {
				defer func() { value = recover() }()
				return handle(ctx)
			})
			if value != nil {
				panic(value)
			}
			return err
		}
	})},
	{"keeps the claim of a run that panics", "a panic comes back as it is and leaves the event free", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			token, err := r.Claim(ctx, eventID, time.Hour)
			if err != nil {
				return err
			}
			if err := handle(ctx); err != nil {
				return errors.Join(err, r.Release(context.WithoutCancel(ctx), eventID, token))
			}
			return r.Done(ctx, eventID, token)
		}
	})},
	{"swallows a panic", "a panic comes back as it is and leaves the event free", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) (err error) {
			defer func() { _ = recover() }()
			return r.Run(ctx, eventID, handle)
		}
	})},
	{"turns a panic into an error", "a panic comes back as it is and leaves the event free", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) (err error) {
			defer func() {
				if value := recover(); value != nil {
					err = fmt.Errorf("panic: %v", value)
				}
			}()
			return r.Run(ctx, eventID, handle)
		}
	})},
	{"keeps the claim of a goroutine that ends", "a goroutine that ends in handle leaves the event free", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			token, err := r.Claim(ctx, eventID, time.Hour)
			if err != nil {
				return err
			}
			defer func() {
				if value := recover(); value != nil {
					_ = r.Release(ctx, eventID, token)
					panic(value)
				}
			}()
			if err := handle(ctx); err != nil {
				return errors.Join(err, r.Release(context.WithoutCancel(ctx), eventID, token))
			}
			return r.Done(ctx, eventID, token)
		}
	})},
	{"runs what is claimed", "an event that is claimed is not run", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			if err := r.Run(ctx, eventID, handle); err != webhooks.ErrInFlight {
				return err
			}
			return handle(ctx)
		}
	})},
	{"releases what it does not run", "an event that is claimed is not run", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			err := r.Run(ctx, eventID, handle)
			if err == webhooks.ErrInFlight {
				r.forget(eventID)
			}
			return err
		}
	})},
	{"does not run what has lapsed", "an event whose lease ran out is run, and its claim is lost", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			if held := r.find(eventID); held.token != "" && !held.done {
				return webhooks.ErrInFlight
			}
			return r.Run(ctx, eventID, handle)
		}
	})},
	{"leaves a run event to who had it before", "an event whose lease ran out is run, and its claim is lost", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			held := r.find(eventID)
			err := r.Run(ctx, eventID, handle)
			if err == nil && held.token != "" {
				r.change(eventID, func(done *record) { done.token = held.token })
			}
			return err
		}
	})},
	{"takes a done event from who did it", "an event that is done is not run", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			err := r.Run(ctx, eventID, handle)
			if err == webhooks.ErrDone {
				r.change(eventID, func(done *record) { done.token = "of the run" })
			}
			return err
		}
	})},
	{"marks before it runs", "an event that is being run is in flight for others, who do not wait", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			token, err := r.Claim(ctx, eventID, time.Hour)
			if err != nil {
				return err
			}
			if err := r.Done(ctx, eventID, token); err != nil {
				return err
			}
			failure := handle(ctx)
			if failure != nil {
				r.forget(eventID)
			}
			return failure
		}
	})},
	{"claims when it has run", "an event that is being run is in flight for others, who do not wait", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			token, err := r.Claim(ctx, eventID, time.Hour)
			if err != nil {
				return err
			}
			if err := r.Release(ctx, eventID, token); err != nil {
				return err
			}
			if err := handle(ctx); err != nil {
				return err
			}
			token, err = r.Claim(ctx, eventID, time.Hour)
			return errors.Join(err, r.Done(ctx, eventID, token))
		}
	})},
	{"waits for a run to end", "an event that is being run is in flight for others, who do not wait", func(r *reference) webhooks.Claims {
		turn := make(chan struct{}, 1)
		return override{reference: r, run: func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			select {
			case turn <- struct{}{}:
			default:
				return errors.New("this would wait for ever")
			}
			defer func() { <-turn }()
			return r.Run(ctx, eventID, handle)
		}}
	}},
	{"gives handle a context of its own", "handle has the context of the caller", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			return r.Run(ctx, eventID, func(context.Context) error { return handle(context.Background()) })
		}
	})},
	{"runs although the context is over", "nothing is run when the context is over", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			return r.Run(context.WithoutCancel(ctx), eventID, handle)
		}
	})},
	{"keeps the end of the context from handle", "a context that ends during the call undoes it", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			return r.Run(ctx, eventID, func(ctx context.Context) error { return handle(context.WithoutCancel(ctx)) })
		}
	})},
	{"cannot undo when the context is over", "a context that ends during the call undoes it", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			token, err := r.Claim(ctx, eventID, time.Hour)
			if err != nil {
				return err
			}
			if err := handle(ctx); err != nil {
				return errors.Join(err, r.Release(ctx, eventID, token))
			}
			return r.Done(ctx, eventID, token)
		}
	})},
	{"runs an event without an id", "a claim without an id is not run", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			return r.Run(ctx, "id:"+eventID, handle)
		}
	})},
	{"ignores letter case in runs", "events whose ids differ in one character are run each", running(func(r *reference) runFunc {
		return func(ctx context.Context, eventID string, handle func(context.Context) error) error {
			return r.Run(ctx, strings.ToLower(eventID), handle)
		}
	})},
}

// mutants are all of them, by name.
var mutants = byName(claimMutants, doneMutants, releaseMutants, tokenMutants, leaseMutants, retentionMutants, idMutants, raceMutants, transactionMutants)

func byName(lists ...[]mutant) map[string]mutant {
	named := make(map[string]mutant)
	for _, list := range lists {
		for _, m := range list {
			if _, ok := named[m.name]; ok {
				panic("two mutants have the name " + m.name)
			}
			named[m.name] = m
		}
	}
	return named
}
