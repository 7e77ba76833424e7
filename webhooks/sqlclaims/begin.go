package sqlclaims

import (
	"context"
	"database/sql"
)

// readWrite calls run with in, where each statement is committed by itself, or, where
// the session's default is read-only, with a transaction that is not.
func (s *Store) readWrite(ctx context.Context, in beginner, run func(session) error) error {
	return s.unlessReadOnly(func() error {
		if !s.readOnly.Load() {
			return run(in)
		}
		tx, err := s.begin(ctx, ctx, in, sql.LevelDefault)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		if err := run(tx); err != nil {
			return err
		}
		return tx.Commit()
	})
}

// unlessReadOnly calls run, and once more where the database says that the session's
// default is read-only: from then on begin asks for what is not.
func (s *Store) unlessReadOnly(run func() error) error {
	known := s.readOnly.Load()
	err := run()
	if err == nil || known || !s.dialect.isReadOnly(err) {
		return err
	}
	s.readOnly.Store(true)
	return run()
}

// begin begins a transaction that may write, in which statements are bounded by life,
// and which is begun before ctx ends.
func (s *Store) begin(ctx, life context.Context, in beginner, level sql.IsolationLevel) (*sql.Tx, error) {
	set := s.readOnly.Load()
	if set && s.dialect.sessions { // where it is said of the next transaction
		if _, err := in.ExecContext(ctx, s.dialect.setReadWrite); err != nil {
			return nil, err
		}
	}
	tx, err := in.BeginTx(life, &sql.TxOptions{Isolation: level})
	if err != nil || !set || s.dialect.sessions {
		return tx, err
	}
	if _, err := tx.ExecContext(ctx, s.dialect.setReadWrite); err != nil {
		_ = tx.Rollback()
		return nil, err
	}
	return tx, nil
}
