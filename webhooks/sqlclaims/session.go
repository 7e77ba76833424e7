package sqlclaims

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"
	"time"
)

// ownSession is a connection of its own to MySQL or MariaDB, whose session commits each
// statement, whatever the default of the pool's sessions is. That default is restored
// before the connection goes back into the pool.
type ownSession struct {
	*sql.Conn
	defaults string // as selectDefaults returns them
	changed  bool
	spoiled  bool                        // not to go back into the pool
	unlock   func(context.Context) error // nil without a lock
}

// How a session begins and ends transactions, as one text.
const (
	selectDefaults = `SELECT CONCAT(@@autocommit, ' ', @@completion_type)`
	plainDefaults  = "1 NO_CHAIN"
)

// openSession returns a session. What the session has left open is committed, as a
// BEGIN would.
func (s *Store) openSession(ctx context.Context) (*ownSession, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	session := &ownSession{Conn: conn}
	if err := session.open(ctx); err != nil {
		session.discard()
		return nil, err
	}
	return session, nil
}

func (s *ownSession) open(ctx context.Context) error {
	if err := s.QueryRowContext(ctx, selectDefaults).Scan(&s.defaults); err != nil {
		return err
	}
	if s.defaults == plainDefaults {
		return nil
	}
	if err := s.set(ctx, plainDefaults); err != nil {
		return err
	}
	_, err := s.ExecContext(ctx, "COMMIT") // what was left open, or chained to an earlier commit
	return err
}

// beginsByItself has each statement begin a transaction where there is none, so that
// what follows a rollback of the database's own is not committed.
func (s *ownSession) beginsByItself(ctx context.Context, in session) error {
	s.changed = true
	_, err := in.ExecContext(ctx, "SET SESSION autocommit = 0")
	return err
}

// makeReadWrite is for statements that end a transaction, and with it what was said of it.
func (s *ownSession) makeReadWrite(ctx context.Context) error {
	s.spoiled = true
	_, err := s.ExecContext(ctx, "SET SESSION TRANSACTION READ WRITE")
	return err
}

// set takes a text of selectDefaults.
func (s *ownSession) set(ctx context.Context, defaults string) error {
	s.changed = true
	autocommit, completion, _ := strings.Cut(defaults, " ")
	_, err := s.ExecContext(ctx, "SET SESSION autocommit = "+autocommit+", SESSION completion_type = '"+completion+"'")
	return err
}

// restoreTimeout bounds how long it takes to restore a session.
const restoreTimeout = 3 * time.Second

// close gives the connection back to the pool as it was, or else closes it.
func (s *ownSession) close() {
	ctx, cancel := context.WithTimeout(context.Background(), restoreTimeout)
	defer cancel()
	if err := s.restore(ctx); err != nil || s.spoiled {
		s.discard()
		return
	}
	_ = s.Conn.Close()
}

// restore rolls back first, since to turn autocommit on commits. A function may have set
// completion_type, with which a plain ROLLBACK begins another transaction.
func (s *ownSession) restore(ctx context.Context) error {
	if s.changed {
		if _, err := s.ExecContext(ctx, "ROLLBACK AND NO CHAIN NO RELEASE"); err != nil {
			return err
		}
		if err := s.set(ctx, s.defaults); err != nil {
			return err
		}
	}
	if s.unlock == nil {
		return nil
	}
	return s.unlock(ctx)
}

// discard keeps the connection out of the pool: to close it releases its locks, and
// rolls back.
func (s *ownSession) discard() {
	_ = s.Raw(func(any) error { return driver.ErrBadConn })
	_ = s.Conn.Close()
}
