package sqlclaims

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"sync"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

// beginner is a session that can begin a transaction.
type beginner interface {
	session
	BeginTx(ctx context.Context, options *sql.TxOptions) (*sql.Tx, error)
}

// exclusively calls run unless another claim of the event is at work, as far as that
// can be told without waiting for it.
func (s *Store) exclusively(ctx context.Context, claim claim, run func(beginner) error) error {
	switch {
	case s.writer != nil:
		leave, err := s.writer.enterFor(ctx, claim.lock)
		if err != nil {
			return err
		}
		defer leave()
		return run(s.db)
	case s.dialect.lock != "":
		return s.inLockedSession(ctx, claim, run)
	}
	return run(s.db)
}

// inLockedSession calls run in a session that holds the event's advisory lock. The
// lock outlives transactions, so the session is kept until after the end of run's.
func (s *Store) inLockedSession(ctx context.Context, claim claim, run func(beginner) error) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("sqlclaims: claim the event: %w", err)
	}
	defer func() { _ = conn.Close() }()
	var locked bool
	if err := s.statements.lock.queryRow(ctx, conn, claim.arguments()).Scan(&locked); err != nil {
		discard(conn) // it may hold the lock
		return s.unclaimed(err)
	}
	if !locked {
		return s.refusal(ctx, conn, claim)
	}
	defer s.unlock(ctx, conn, claim)
	return run(conn)
}

const unlockTimeout = 5 * time.Second

// unlock releases the lock, or closes the session, which releases it too: no session
// goes back into the pool with a lock.
func (s *Store) unlock(ctx context.Context, conn *sql.Conn, claim claim) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unlockTimeout)
	defer cancel()
	var unlocked bool
	err := s.statements.unlock.queryRow(ctx, conn, claim.arguments()).Scan(&unlocked)
	if err != nil || !unlocked {
		discard(conn)
	}
}

// discard keeps the connection out of the pool.
func discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
}

// write calls run when it is the caller's turn to write.
func (s *Store) write(ctx context.Context, run func() error) error {
	if s.writer == nil {
		return run()
	}
	leave, err := s.writer.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	return run()
}

// writer lets one of the process's writers after another into a database that has room
// for one: they wait in Go rather than fail with "database is locked".
type writer struct {
	turn chan struct{} // holds a value while somebody writes

	mu     sync.Mutex
	events map[lock]struct{} // being claimed or handled, or waiting for that
}

func newWriter() *writer {
	return &writer{turn: make(chan struct{}, 1), events: make(map[lock]struct{})}
}

func (w *writer) enter(ctx context.Context) (leave func(), err error) {
	select {
	case w.turn <- struct{}{}:
		return func() { <-w.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// enterFor is enter for a claim, of which each event has one at a time.
func (w *writer) enterFor(ctx context.Context, event lock) (leave func(), err error) {
	if !w.add(event) {
		return nil, webhooks.ErrInFlight
	}
	leaveTurn, err := w.enter(ctx)
	if err != nil {
		w.remove(event)
		return nil, err
	}
	return func() {
		leaveTurn()
		w.remove(event)
	}, nil
}

func (w *writer) add(event lock) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.events[event]; ok {
		return false
	}
	w.events[event] = struct{}{}
	return true
}

func (w *writer) remove(event lock) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.events, event)
}
