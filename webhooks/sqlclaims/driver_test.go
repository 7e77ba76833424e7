package sqlclaims_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// fakeDatabase answers statements as a test says, and records what it was sent. The
// real databases are in the module e2e; this one fails at will.
type fakeDatabase struct {
	// fail returns the error of a statement, of "BEGIN", "COMMIT" or "ROLLBACK".
	fail func(statement string) error

	// silent is the first word of statements that are not answered.
	silent string

	// answer is what statements return, by their first word; true without one.
	answer map[string]driver.Value

	mu     sync.Mutex
	sent   []string // the statements' first words
	closed int      // connections
}

func (f *fakeDatabase) open(t *testing.T) *sql.DB {
	db := sql.OpenDB(f)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	return db
}

func (f *fakeDatabase) run(statement string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent = append(f.sent, strings.Join(strings.Fields(statement)[:min(2, len(strings.Fields(statement)))], " "))
	if f.fail == nil {
		return nil
	}
	return f.fail(statement)
}

func (f *fakeDatabase) statements() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.sent...)
}

func (f *fakeDatabase) Connect(context.Context) (driver.Conn, error) { return &fakeConn{f}, nil }
func (f *fakeDatabase) Driver() driver.Driver                        { return nil }

type fakeConn struct{ *fakeDatabase }

func (c *fakeConn) Prepare(string) (driver.Stmt, error) { return nil, errors.New("not supported") }
func (c *fakeConn) Begin() (driver.Tx, error)           { return nil, errors.New("not supported") }
func (c *fakeConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed++
	return nil
}

func (c *fakeConn) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) {
	return fakeTx{c}, c.run("BEGIN")
}

// ExecContext affects one row.
func (c *fakeConn) ExecContext(_ context.Context, statement string, _ []driver.NamedValue) (driver.Result, error) {
	return driver.RowsAffected(1), c.run(statement)
}

// QueryContext returns one row of one column.
func (c *fakeConn) QueryContext(ctx context.Context, statement string, _ []driver.NamedValue) (driver.Rows, error) {
	if strings.Fields(statement)[0] == c.silent {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	value, ok := c.answer[strings.Fields(statement)[0]]
	if !ok {
		value = true
	}
	return &fakeRows{value: value}, c.run(statement)
}

type fakeTx struct{ *fakeConn }

func (t fakeTx) Commit() error   { return t.run("COMMIT") }
func (t fakeTx) Rollback() error { return t.run("ROLLBACK") }

type fakeRows struct {
	value driver.Value
	read  bool
}

func (r *fakeRows) Columns() []string { return []string{"value"} }
func (r *fakeRows) Close() error      { return nil }
func (r *fakeRows) Next(row []driver.Value) error {
	if r.read {
		return io.EOF
	}
	r.read = true
	row[0] = r.value
	return nil
}
