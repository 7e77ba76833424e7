package sqlclaims_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// fakeDatabase responds to statements as a test says, and records what it was sent. The
// real databases are in the module e2e; this one fails at will.
type fakeDatabase struct {
	// fail returns the error of a statement, of "BEGIN", "COMMIT" or "ROLLBACK".
	fail func(statement string) error

	// silent is how statements begin that have no response before their context ends.
	silent string

	// stuck is how a statement begins that has no response until respond is closed,
	// whatever its context says; "BEGIN", "COMMIT" and "ROLLBACK" too.
	stuck   string
	respond chan struct{}

	// takes is how long statements take, by how they begin, whatever their context says;
	// "BEGIN", "COMMIT" and "ROLLBACK" too.
	takes map[string]time.Duration

	// returns is what statements return, by how they begin; true where it has none.
	returns map[string]driver.Value

	mu     sync.Mutex
	sent   []string // the statements' first words
	args   map[string][]driver.NamedValue
	set    []string
	closed int // connections

	overlaps atomic.Int64 // calls that began on a connection before another had ended
}

// open returns a pool. The test fails if it makes two calls at once on one connection,
// which no driver has to bear.
func (f *fakeDatabase) open(t *testing.T) *sql.DB {
	db := sql.OpenDB(f)
	t.Cleanup(func() {
		assert.NoError(t, db.Close())
		assert.Zero(t, f.overlaps.Load(), "calls that overlap on a connection")
	})
	return db
}

func (f *fakeDatabase) run(statement string) error {
	for prefix, duration := range f.takes {
		if strings.HasPrefix(statement, prefix) {
			time.Sleep(duration)
		}
	}
	if f.stuck != "" && strings.HasPrefix(statement, f.stuck) {
		<-f.respond
	}
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

// argument returns a value that a statement was last sent with.
func (f *fakeDatabase) argument(statement string, n int) driver.Value {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.args[statement][n].Value
}

// settings returns the statements that set variables of the session.
func (f *fakeDatabase) settings() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.set...)
}

func (f *fakeDatabase) record(statement string, args []driver.NamedValue) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.args == nil {
		f.args = make(map[string][]driver.NamedValue)
	}
	f.args[strings.Fields(statement)[0]] = args
	if strings.HasPrefix(statement, "SET SESSION") {
		f.set = append(f.set, statement)
	}
}

func (f *fakeDatabase) isSilent(statement string) bool {
	return f.silent != "" && strings.HasPrefix(statement, f.silent)
}

func (f *fakeDatabase) valueOf(statement string) driver.Value {
	for prefix, value := range f.returns {
		if strings.HasPrefix(statement, prefix) {
			return value
		}
	}
	if strings.HasPrefix(statement, "SELECT CONCAT(@@autocommit") {
		return "1 NO_CHAIN"
	}
	return true
}

func (f *fakeDatabase) Connect(context.Context) (driver.Conn, error) {
	return &fakeConn{fakeDatabase: f}, nil
}
func (f *fakeDatabase) Driver() driver.Driver { return nil }

type fakeConn struct {
	*fakeDatabase
	calls atomic.Int64 // in progress
}

// enter counts a call until it leaves.
func (c *fakeConn) enter() (leave func()) {
	if c.calls.Add(1) > 1 {
		c.overlaps.Add(1)
	}
	return func() { c.calls.Add(-1) }
}

func (c *fakeConn) Prepare(string) (driver.Stmt, error) { return nil, errors.New("not supported") }
func (c *fakeConn) Begin() (driver.Tx, error)           { return nil, errors.New("not supported") }
func (c *fakeConn) Close() error {
	defer c.enter()()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed++
	return nil
}

func (c *fakeConn) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) {
	defer c.enter()()
	return fakeTx{c}, c.run("BEGIN")
}

// ExecContext affects one row.
func (c *fakeConn) ExecContext(ctx context.Context, statement string, args []driver.NamedValue) (driver.Result, error) {
	defer c.enter()()
	if statement == "BEGIN" {
		return nil, errors.New("cannot start a transaction within a transaction") // as there is one, in these tests
	}
	c.record(statement, args)
	if c.isSilent(statement) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return driver.RowsAffected(1), c.run(statement)
}

// QueryContext returns one row of one column.
func (c *fakeConn) QueryContext(ctx context.Context, statement string, args []driver.NamedValue) (driver.Rows, error) {
	defer c.enter()()
	c.record(statement, args)
	if c.isSilent(statement) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return &fakeRows{value: c.valueOf(statement)}, c.run(statement)
}

type fakeTx struct{ *fakeConn }

func (t fakeTx) Commit() error {
	defer t.enter()()
	return t.run("COMMIT")
}

func (t fakeTx) Rollback() error {
	defer t.enter()()
	return t.run("ROLLBACK")
}

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
