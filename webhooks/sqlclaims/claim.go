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
		"id":       legible(c.id),
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

// legibleLength is how much of an id the table has for people to read.
const legibleLength = 255

// legible returns the id as any database can store it, whatever its encoding: bytes that
// are not printable ASCII become %XX, and a long id is cut.
func legible(id string) string {
	var text []byte
	for i := 0; i < len(id) && len(text) <= legibleLength; i++ {
		if c := id[i]; c > ' ' && c <= '~' && c != '%' {
			text = append(text, c)
		} else {
			text = fmt.Appendf(text, "%%%02X", c)
		}
	}
	return string(text[:min(len(text), legibleLength)])
}

// Claim implements [webhooks.Claims].
func (s *Store) Claim(ctx context.Context, eventID string, lease time.Duration) (token string, err error) {
	if !s.made() {
		return "", errNotMade
	}
	claim, err := s.newClaim(eventID, lease)
	if err != nil {
		return "", err
	}
	s.warnOfPool(ctx)
	token, err = await(ctx, &s.calls, func() (string, error) { return claim.token, s.claim(ctx, claim) }, keep)
	if err != nil {
		return "", err
	}
	s.purgeSometimes(ctx)
	return token, nil
}

// keep leaves a claim whose caller has gone to the end of its lease.
func keep(string) {}

func (s *Store) claim(ctx context.Context, claim claim) error {
	held, err := s.hold(ctx, claim)
	if err != nil {
		return err
	}
	defer held.giveBack()
	return s.readWrite(ctx, held.in, func(in session) error {
		_, err := s.take(ctx, in, claim)
		return err
	})
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
	done, err := s.isDone(ctx, in, s.statements.status, claim.arguments())
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

// isDone reads what was committed: a session's default may be to read what was not.
func (s *Store) isDone(ctx context.Context, in session, statement statement, args arguments) (done bool, err error) {
	if session, ok := in.(*ownSession); ok {
		tx, err := session.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted, ReadOnly: true})
		if err != nil {
			return false, err
		}
		defer func() { _ = tx.Rollback() }()
		in = tx
	}
	err = statement.queryRow(ctx, in, args).Scan(&done)
	return done, err
}

func (s *Store) unclaimed(err error) error {
	if s.dialect.contended(err) {
		return fmt.Errorf("%w: %w", webhooks.ErrInFlight, err)
	}
	if sqlState(err) == s.dialect.noTable || strings.Contains(err.Error(), s.dialect.noTable) {
		return fmt.Errorf("sqlclaims: claim the event: there is no table %s; create it with Store.CreateTable: %w", s.table, err)
	}
	return fmt.Errorf("sqlclaims: claim the event in %s: %w", s.dialect.name, err)
}

// milliseconds rounds up: a lease is never shorter than was asked for.
func milliseconds(d time.Duration) int64 {
	return int64((d-1)/time.Millisecond) + 1
}

// Done implements [webhooks.Claims]. A late Done counts for at least an hour,
// unless another caller has the event.
func (s *Store) Done(ctx context.Context, eventID, token string) error {
	return s.settle(ctx, eventID, token, "mark the event as done", s.mark)
}

// Release implements [webhooks.Claims].
func (s *Store) Release(ctx context.Context, eventID, token string) error {
	return s.settle(ctx, eventID, token, "release the event", s.free)
}

// settle calls what settles a claim, and reports whether there was one to settle.
func (s *Store) settle(ctx context.Context, eventID, token, intent string, run func(context.Context, beginner, arguments) (bool, error)) error {
	if !s.made() {
		return errNotMade
	}
	key := sha256.Sum256([]byte(eventID))
	args := arguments{"key": key[:], "token": token, "retention": milliseconds(s.retention)}
	settled, err := await(ctx, &s.calls, func() (settled bool, err error) {
		err = s.writing(ctx, func(in beginner) (err error) {
			settled, err = run(ctx, in, args)
			return err
		})
		return settled, err
	}, func(bool) {})
	if err != nil {
		return fmt.Errorf("sqlclaims: %s: %w", intent, err)
	}
	if !settled {
		return webhooks.ErrClaimLost
	}
	return nil
}

// mark marks an event as done, once more where it is.
func (s *Store) mark(ctx context.Context, in beginner, args arguments) (marked bool, err error) {
	marked, err = s.affects(ctx, in, s.statements.done, args)
	if err != nil || marked {
		return marked, err
	}
	marked, err = s.isDone(ctx, in, s.statements.doneBefore, args)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return marked, err
}

func (s *Store) free(ctx context.Context, in beginner, args arguments) (freed bool, err error) {
	return s.affects(ctx, in, s.statements.release, args)
}

// settleAttempts is how often a claim is settled where the database reports a conflict,
// which undoes the attempt. To give up after the first would leave an event in flight
// that is done.
const settleAttempts = 5

// affects reports whether the statement affects a row.
func (s *Store) affects(ctx context.Context, in beginner, statement statement, args arguments) (affected bool, err error) {
	var rows int64
	for range settleAttempts {
		err = s.readWrite(ctx, in, func(in session) (err error) {
			rows, err = statement.exec(ctx, in, args)
			return err
		})
		if err == nil || !s.dialect.contended(err) {
			break
		}
	}
	return rows > 0, err
}
