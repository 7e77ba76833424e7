package sqlclaims

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stackbe/stackbe-go/webhooks"
)

// claim is a claim that is asked for.
type claim struct {
	key   [sha256.Size]byte
	id    string
	token string
	lease time.Duration
	lock  lock
}

func (s *Store) newClaim(eventID string, lease time.Duration) (claim, error) {
	if eventID == "" || lease <= 0 {
		return claim{}, webhooks.ErrInvalidClaim
	}
	if !utf8.ValidString(eventID) || strings.ContainsRune(eventID, 0) {
		return claim{}, fmt.Errorf("%w: the id is not UTF-8, or it has a NUL", webhooks.ErrInvalidClaim)
	}
	return claim{
		key:   sha256.Sum256([]byte(eventID)),
		id:    eventID,
		token: rand.Text(), // random, because rows and with them any counter are deleted
		lease: lease,
		lock:  lockName(s.table, eventID),
	}, nil
}

func (c claim) arguments() arguments {
	return arguments{
		"key":      c.key[:],
		"id":       c.id,
		"token":    c.token,
		"lease":    milliseconds(c.lease),
		"lock":     c.lock.number(),
		"lockname": c.lock.text(),
	}
}

// lock identifies an advisory lock.
type lock [sha256.Size]byte

func lockName(table, eventID string) lock { return sha256.Sum256([]byte(table + "\x00" + eventID)) }

// number is for databases whose locks have numbers. Two events that share one, once in
// 2⁶⁴, are in flight for each other.
func (l lock) number() int64 { return int64(binary.BigEndian.Uint64(l[:])) }

func (l lock) text() string { return hex.EncodeToString(l[:]) }

// Claim implements [webhooks.Claims].
func (s *Store) Claim(ctx context.Context, eventID string, lease time.Duration) (token string, err error) {
	if !s.made() {
		return "", errNotMade
	}
	claim, err := s.newClaim(eventID, lease)
	if err != nil {
		return "", err
	}
	err = s.exclusively(ctx, claim, func(in beginner) error {
		_, err := s.take(ctx, in, claim)
		return err
	})
	if err != nil {
		return "", err
	}
	s.purgeSometimes(ctx)
	return claim.token, nil
}

// take writes the claim, or says why it cannot. It returns the id of the transaction
// that it did so in, "" where the database has none.
func (s *Store) take(ctx context.Context, in session, claim claim) (transaction string, err error) {
	for _, statement := range s.statements.claim {
		transaction, err = statement.write(ctx, in, claim.arguments())
		if err == nil {
			return transaction, nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return "", s.unclaimed(err)
		}
	}
	return "", s.refusal(ctx, in, claim)
}

// refusal says why an event cannot be claimed.
func (s *Store) refusal(ctx context.Context, in session, claim claim) error {
	var done bool
	err := s.statements.status.queryRow(ctx, in, claim.arguments()).Scan(&done)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return webhooks.ErrInFlight // in a transaction that has not ended
	case err != nil:
		return s.unclaimed(err)
	case done:
		return webhooks.ErrDone
	}
	return webhooks.ErrInFlight
}

func (s *Store) unclaimed(err error) error {
	if s.dialect.contended(err) {
		return fmt.Errorf("%w: %w", webhooks.ErrInFlight, err)
	}
	if sqlState(err) == s.dialect.noTable || strings.Contains(err.Error(), s.dialect.noTable) {
		return fmt.Errorf("sqlclaims: claim the event: there is no table %s, see Store.CreateTable: %w", s.table, err)
	}
	return fmt.Errorf("sqlclaims: claim the event in %s: %w", s.dialect.name, err)
}

// milliseconds rounds up: a lease is never shorter than was asked for.
func milliseconds(d time.Duration) int64 {
	return int64((d-1)/time.Millisecond) + 1
}

// Done implements [webhooks.Claims]. A late one counts for an hour at least, unless
// another caller has the event.
func (s *Store) Done(ctx context.Context, eventID, token string) error {
	if !s.made() {
		return errNotMade
	}
	err := s.settle(ctx, s.statements.done, "mark the event as done", eventID, token)
	if !errors.Is(err, webhooks.ErrClaimLost) {
		return err
	}
	var done bool
	key := sha256.Sum256([]byte(eventID))
	before := s.statements.doneBefore.queryRow(ctx, s.db, arguments{"key": key[:], "token": token}).Scan(&done)
	if before != nil && !errors.Is(before, sql.ErrNoRows) {
		return fmt.Errorf("sqlclaims: find out whether the event is done: %w", before)
	}
	if done {
		return nil // again
	}
	return err
}

// Release implements [webhooks.Claims].
func (s *Store) Release(ctx context.Context, eventID, token string) error {
	if !s.made() {
		return errNotMade
	}
	return s.settle(ctx, s.statements.release, "release the event", eventID, token)
}

// settleAttempts is how often a claim is settled where the database reports a conflict,
// which undoes the attempt. To give up after the first would leave an event in flight
// that is done.
const settleAttempts = 5

func (s *Store) settle(ctx context.Context, statement statement, intent, eventID, token string) error {
	key := sha256.Sum256([]byte(eventID))
	args := arguments{"key": key[:], "token": token, "retention": milliseconds(s.retention)}
	var settled int64
	err := s.write(ctx, func() (err error) {
		for range settleAttempts {
			settled, err = statement.exec(ctx, s.db, args)
			if err == nil || !s.dialect.contended(err) {
				break
			}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("sqlclaims: %s: %w", intent, err)
	}
	if settled == 0 {
		return webhooks.ErrClaimLost
	}
	return nil
}
