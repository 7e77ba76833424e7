package sqlclaims

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// DDL returns the statements that create the table and its index, where they do not
// exist: see the package's documentation. A Store that New did not make has none.
func (s *Store) DDL() []string {
	if !s.made() {
		return nil
	}
	return slices.Clone(s.statements.ddl)
}

// CreateTable creates the table and its index where they do not exist. All replicas
// may call it, even at the same time. It needs the right to create tables.
func (s *Store) CreateTable(ctx context.Context) error {
	if !s.made() {
		return errNotMade
	}
	_, err := await(ctx, &s.calls, func() (struct{}, error) { return struct{}{}, s.createTableNow(ctx) }, func(struct{}) {})
	return err
}

func (s *Store) createTableNow(ctx context.Context) error {
	err := s.writing(ctx, func(in beginner) error {
		return s.unlessReadOnly(func() error { return s.createTableIn(ctx, in) })
	})
	if err != nil {
		return fmt.Errorf("sqlclaims: create the table in %s: %w", s.dialect.name, err)
	}
	return nil
}

func (s *Store) createTableIn(ctx context.Context, in beginner) error {
	if s.dialect.ddlLock != "" {
		return s.createTableUnderLock(ctx, in)
	}
	if session, ok := in.(*ownSession); ok && s.readOnly.Load() {
		if err := session.makeReadWrite(ctx); err != nil {
			return err
		}
	}
	return s.createTable(ctx, in)
}

func (s *Store) createTable(ctx context.Context, in session) error {
	for _, statement := range s.statements.ddl {
		if _, err := in.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// createTableUnderLock is for PostgreSQL, where IF NOT EXISTS does not keep two
// replicas from creating the table at once, and failing.
func (s *Store) createTableUnderLock(ctx context.Context, in beginner) error {
	tx, err := s.begin(ctx, ctx, in, sql.LevelReadCommitted)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := s.statements.ddlLock.exec(ctx, tx, arguments{"lock": lockName(s.table, "").number()}); err != nil {
		return err
	}
	if err := s.createTable(ctx, tx); err != nil {
		return err
	}
	return tx.Commit()
}
