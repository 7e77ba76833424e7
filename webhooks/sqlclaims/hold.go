package sqlclaims

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/stackbe/stackbe-go/webhooks"
)

// beginner is a session that can begin a transaction.
type beginner interface {
	session
	BeginTx(ctx context.Context, options *sql.TxOptions) (*sql.Tx, error)
}

// held is what a claim holds while it is made, or for as long as its event's function
// runs, so that another claim of the event is refused without waiting for it.
type held struct {
	in       beginner // where the claim's statements and its transaction run
	guard    *guard   // of in, nil where the database needs none
	giveBack func()
}

// hold returns what the claim holds, or an error where another claim holds it.
func (s *Store) hold(ctx context.Context, claim claim) (*held, error) {
	switch {
	case s.writer != nil:
		leave, err := s.writer.enterFor(ctx, claim.lock)
		if err != nil {
			return nil, err
		}
		return &held{in: s.db, giveBack: leave}, nil
	case s.dialect.lock != "":
		return s.holdLock(ctx, claim)
	}
	return &held{in: s.db, giveBack: func() {}}, nil
}

// holdLock takes the event's advisory lock, in a session of its own. The lock outlives
// transactions, so the session is kept until after their end.
func (s *Store) holdLock(ctx context.Context, claim claim) (_ *held, err error) {
	session, err := s.openSession(ctx)
	if err != nil {
		return nil, s.unclaimed(err)
	}
	var locked bool
	if err := s.statements.lock.queryRow(ctx, session, claim.arguments()).Scan(&locked); err != nil {
		session.discard() // it may hold the lock
		return nil, s.unclaimed(err)
	}
	if !locked {
		defer session.close()
		return nil, s.refusal(ctx, session, claim)
	}
	session.unlock = func(ctx context.Context) error {
		var unlocked bool
		err := s.statements.unlock.queryRow(ctx, session, claim.arguments()).Scan(&unlocked)
		if err == nil && !unlocked {
			err = errors.New("the lock was lost")
		}
		return err
	}
	return &held{in: session, giveBack: session.close}, nil
}

// holdGuarded is hold for a transaction that an event's function writes in, so that
// what it writes after the database has rolled the transaction back is not committed.
func (s *Store) holdGuarded(ctx context.Context, claim claim) (*held, error) {
	held, err := s.hold(ctx, claim)
	if err != nil || s.writer == nil {
		return held, err
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		held.giveBack()
		return nil, fmt.Errorf("sqlclaims: claim the event: %w", err)
	}
	lent, guard, giveBack, err := lend(conn)
	if err != nil {
		_ = conn.Close()
		held.giveBack()
		return nil, fmt.Errorf("sqlclaims: claim the event: %w", err)
	}
	leave := held.giveBack
	held.in, held.guard = lent, guard
	held.giveBack = func() {
		giveBack()
		_ = conn.Close()
		leave()
	}
	return held, nil
}

// writing calls run when it is the caller's turn to write, with where to do so.
func (s *Store) writing(ctx context.Context, run func(beginner) error) error {
	switch {
	case s.writer != nil:
		leave, err := s.writer.enter(ctx)
		if err != nil {
			return err
		}
		defer leave()
	case s.dialect.sessions:
		session, err := s.openSession(ctx)
		if err != nil {
			return err
		}
		defer session.close()
		return run(session)
	}
	return run(s.db)
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
