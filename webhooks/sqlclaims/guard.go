package sqlclaims

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"sync/atomic"
)

// guard keeps the statements of an event's function in a transaction, in SQLite. There
// some errors, such as of an interrupted statement, of a full disk, or of INSERT OR
// ROLLBACK, roll the whole transaction back, and what a function that passes over such
// an error writes next would be committed at once, without the claim. SQLite has no
// session without autocommit, so the guard begins a transaction before each statement.
// Within one that fails and changes nothing. After a rollback it begins another, which
// does not have the claim, and so is never committed.
type guard struct {
	driver.Conn
	reopened  atomic.Bool // the transaction had ended, and another was begun
	finishing atomic.Bool // the function has returned
}

// errRolledBack is what a function gets that commits after a rollback.
var errRolledBack = errors.New("sqlclaims: the transaction was rolled back, by a statement that failed")

// lend returns a database of the one connection, whose statements go through a guard, and
// what gives the connection back, with no transaction and no call in progress.
// [sql.Conn.Raw] runs until then.
func lend(conn *sql.Conn) (lent *sql.DB, guarded *guard, giveBack func(), err error) {
	guards := make(chan *guard)
	back := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- conn.Raw(func(connection any) error {
			guarded := &guard{Conn: connection.(driver.Conn)}
			guards <- guarded
			<-back
			return guarded.clean()
		})
	}()
	select {
	case guarded = <-guards:
	case err := <-ended:
		return nil, nil, nil, err
	}
	lent = sql.OpenDB(guarded)
	lent.SetMaxOpenConns(1)
	return lent, guarded, func() {
		waitUntilIdle(lent)
		_ = lent.Close()
		close(back)
		<-ended
	}, nil
}

// waitUntilIdle waits for the database's only connection. Where a transaction's context
// ends, database/sql rolls back on a goroutine of its own: [sql.Tx.Rollback] returns before
// that has ended, and [sql.DB.Close] does not wait for it.
func waitUntilIdle(lent *sql.DB) {
	if conn, err := lent.Conn(context.Background()); err == nil {
		_ = conn.Close()
	}
}

// Connect implements [driver.Connector]: the database has one connection, which stays.
func (g *guard) Connect(context.Context) (driver.Conn, error) { return g, nil }

// Driver implements [driver.Connector].
func (g *guard) Driver() driver.Driver { return nil }

// Close leaves the connection to whoever lent it.
func (g *guard) Close() error { return nil }

// ensure begins a transaction unless there is one.
func (g *guard) ensure() {
	if g.exec("BEGIN") == nil {
		g.reopened.Store(true)
	}
}

// clean rolls back what is left, or keeps the connection out of the pool. After BEGIN,
// failed or not, there is a transaction, and so ROLLBACK fails only where something is
// wrong.
func (g *guard) clean() error {
	_ = g.exec("BEGIN")
	if g.exec("ROLLBACK") != nil {
		return driver.ErrBadConn
	}
	return nil
}

func (g *guard) exec(text string) error {
	ctx := context.Background()
	if conn, ok := g.Conn.(driver.ExecerContext); ok {
		_, err := conn.ExecContext(ctx, text, nil)
		if err != driver.ErrSkip {
			return err
		}
	}
	statement, err := prepare(ctx, g.Conn, text)
	if err != nil {
		return err
	}
	defer func() { _ = statement.Close() }()
	_, err = execPrepared(ctx, statement, nil)
	return err
}

// BeginTx implements [driver.ConnBeginTx].
func (g *guard) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	tx, err := g.begin(ctx, options)
	if err != nil {
		return nil, err
	}
	return &guardedTx{tx, g}, nil
}

func (g *guard) begin(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	if conn, ok := g.Conn.(driver.ConnBeginTx); ok {
		return conn.BeginTx(ctx, options)
	}
	//lint:ignore SA1019 it is all that the driver has
	return g.Conn.Begin()
}

// ExecContext implements [driver.ExecerContext].
func (g *guard) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	conn, ok := g.Conn.(driver.ExecerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	if !begins(text) {
		g.ensure()
	}
	return conn.ExecContext(ctx, text, args)
}

// QueryContext implements [driver.QueryerContext].
func (g *guard) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	conn, ok := g.Conn.(driver.QueryerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	ensure := g.ensure
	if begins(text) {
		ensure = func() {}
	}
	ensure()
	rows, err := conn.QueryContext(ctx, text, args)
	return guardRows(rows, err, ensure)
}

// begins reports whether the statement begins a transaction of its own.
func begins(text string) bool {
	const begin = "BEGIN"
	text = strings.TrimSpace(text)
	return len(text) >= len(begin) && strings.EqualFold(text[:len(begin)], begin)
}

// PrepareContext implements [driver.ConnPrepareContext].
func (g *guard) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	statement, err := prepare(ctx, g.Conn, text)
	if err != nil {
		return nil, err
	}
	return &guardedStatement{statement, g, begins(text)}, nil
}

func prepare(ctx context.Context, conn driver.Conn, text string) (driver.Stmt, error) {
	if conn, ok := conn.(driver.ConnPrepareContext); ok {
		return conn.PrepareContext(ctx, text)
	}
	return conn.Prepare(text)
}

// CheckNamedValue implements [driver.NamedValueChecker].
func (g *guard) CheckNamedValue(value *driver.NamedValue) error {
	if conn, ok := g.Conn.(driver.NamedValueChecker); ok {
		return conn.CheckNamedValue(value)
	}
	return driver.ErrSkip
}

// guardedTx is the transaction of a guard.
type guardedTx struct {
	driver.Tx
	guard *guard
}

// Commit does not commit, for the function, what came after a rollback.
func (t *guardedTx) Commit() error {
	if t.guard.reopened.Load() && !t.guard.finishing.Load() {
		return errors.Join(errRolledBack, t.Rollback())
	}
	return t.Tx.Commit()
}

// guardedStatement is a prepared statement of a guard.
type guardedStatement struct {
	driver.Stmt
	guard  *guard
	begins bool
}

func (s *guardedStatement) ensure() {
	if !s.begins {
		s.guard.ensure()
	}
}

// ExecContext implements [driver.StmtExecContext].
func (s *guardedStatement) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	s.ensure()
	return execPrepared(ctx, s.Stmt, args)
}

// QueryContext implements [driver.StmtQueryContext].
func (s *guardedStatement) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	s.ensure()
	rows, err := queryPrepared(ctx, s.Stmt, args)
	return guardRows(rows, err, s.ensure)
}

func queryPrepared(ctx context.Context, statement driver.Stmt, args []driver.NamedValue) (driver.Rows, error) {
	if statement, ok := statement.(driver.StmtQueryContext); ok {
		return statement.QueryContext(ctx, args)
	}
	//lint:ignore SA1019 it is all that the driver has
	return statement.Query(values(args))
}

// CheckNamedValue implements [driver.NamedValueChecker].
func (s *guardedStatement) CheckNamedValue(value *driver.NamedValue) error {
	if statement, ok := s.Stmt.(driver.NamedValueChecker); ok {
		return statement.CheckNamedValue(value)
	}
	return s.guard.CheckNamedValue(value)
}

func execPrepared(ctx context.Context, statement driver.Stmt, args []driver.NamedValue) (driver.Result, error) {
	if statement, ok := statement.(driver.StmtExecContext); ok {
		return statement.ExecContext(ctx, args)
	}
	//lint:ignore SA1019 it is all that the driver has
	return statement.Exec(values(args))
}

func values(args []driver.NamedValue) []driver.Value {
	values := make([]driver.Value, len(args))
	for i, arg := range args {
		values[i] = arg.Value
	}
	return values
}
