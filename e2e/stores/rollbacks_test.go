package stores

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/sqlclaims"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rollback makes the database roll a transaction back, and returns the error of the
// statement that the database did so with.
type rollback struct {
	name    string
	dialect sqlclaims.Dialect
	provoke func(ctx context.Context, t *testing.T, f *fixture, tx *sql.Tx) error
	only    string // the name of the database that does so, "" for all
}

var rollbacks = []rollback{
	{name: "a deadlock", dialect: sqlclaims.DialectMySQL, provoke: deadlock},
	{name: "a lock wait timeout", dialect: sqlclaims.DialectMySQL, provoke: waitForLock, only: "MySQL that replicates statements"},
	{name: "a row that changed since the snapshot", dialect: sqlclaims.DialectMySQL, provoke: changeSinceSnapshot},
	{name: "a deadlock", dialect: sqlclaims.DialectPostgres, provoke: deadlock},
	{name: "a row that changed since the snapshot", dialect: sqlclaims.DialectPostgres, provoke: changeSinceSnapshot},
	{name: "a statement with a short deadline", dialect: sqlclaims.DialectSQLite, provoke: interrupt},
	{name: "INSERT OR ROLLBACK", dialect: sqlclaims.DialectSQLite, provoke: insertOrRollback},
	{name: "a trigger that raises ROLLBACK", dialect: sqlclaims.DialectSQLite, provoke: raiseRollback},
	{name: "a full database", dialect: sqlclaims.DialectSQLite, provoke: fillDatabase},
}

// continuations are the actions of functions after an error that they ignore.
var continuations = []struct {
	name     string
	goOn     func(ctx context.Context, f *fixture, tx *sql.Tx) error
	dialects []sqlclaims.Dialect // of which it holds; nil for all
}{
	{name: "inserts", goOn: func(ctx context.Context, f *fixture, _ *sql.Tx) error { return f.insert(ctx, "evt_1") }},
	{name: "inserts twice", goOn: func(ctx context.Context, f *fixture, _ *sql.Tx) error {
		return errors.Join(f.insert(ctx, "evt_1"), f.insert(ctx, "evt_1"))
	}},
	{name: "inserts and passes over that error too", goOn: func(ctx context.Context, f *fixture, _ *sql.Tx) error {
		_ = f.insert(ctx, "evt_1")
		return nil
	}},
	{name: "inserts through a prepared statement", goOn: func(ctx context.Context, f *fixture, tx *sql.Tx) error {
		statement, err := tx.PrepareContext(ctx, "INSERT INTO "+f.effects+" VALUES ('evt_1')")
		if err != nil {
			return err
		}
		defer func() { _ = statement.Close() }()
		_, err = statement.ExecContext(ctx)
		return err
	}},
	{name: "inserts through a query", goOn: func(ctx context.Context, f *fixture, tx *sql.Tx) error {
		var id string
		return tx.QueryRowContext(ctx, "INSERT INTO "+f.effects+" VALUES ('evt_1') RETURNING event_id").Scan(&id)
	}},
	{name: "inserts between savepoints", goOn: func(ctx context.Context, f *fixture, tx *sql.Tx) error {
		return statements("SAVEPOINT a", "INSERT INTO "+f.effects+" VALUES ('evt_1')", "RELEASE SAVEPOINT a")(ctx, tx)
	}},
	{name: "begins anew and inserts", goOn: func(ctx context.Context, f *fixture, tx *sql.Tx) error {
		return statements("BEGIN", "INSERT INTO "+f.effects+" VALUES ('evt_1')")(ctx, tx)
	}},
	{name: "inserts and fails", goOn: func(ctx context.Context, f *fixture, tx *sql.Tx) error {
		return errors.Join(f.insert(ctx, "evt_1"), errFunction)
	}},
	{
		name: "inserts and commits",
		goOn: func(ctx context.Context, f *fixture, tx *sql.Tx) error {
			_ = f.insert(ctx, "evt_1")
			_ = tx.Commit()
			return nil
		},
		dialects: []sqlclaims.Dialect{sqlclaims.DialectPostgres, sqlclaims.DialectSQLite}, // MySQL has begun another by then
	},
}

func TestEffectAndClaimBothLastOrNeitherAfterRollback(t *testing.T) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) {
		for _, rollback := range rollbacks {
			if rollback.dialect != d.dialect || rollback.only != "" && rollback.only != d.name {
				continue
			}
			t.Run(rollback.name, func(t *testing.T) {
				for _, continuation := range continuations {
					if continuation.dialects != nil && !contains(continuation.dialects, d.dialect) {
						continue
					}
					t.Run("and the function "+continuation.name, func(t *testing.T) {
						f := newFixture(t, d, db)
						err := f.Transactional().Run(t.Context(), "evt_1", func(ctx context.Context) error {
							tx, _ := sqlclaims.Tx(ctx)
							assert.Error(t, rollback.provoke(ctx, t, f, tx))
							return continuation.goOn(ctx, f, tx)
						})
						f.requireBothOrNeither(t, err)
					})
				}
			})
		}
	})
}

func contains(dialects []sqlclaims.Dialect, dialect sqlclaims.Dialect) bool {
	for _, d := range dialects {
		if d == dialect {
			return true
		}
	}
	return false
}

// requireBothOrNeither compares the effects of evt_1 with the error of its Run, and
// delivers it again.
func (f *fixture) requireBothOrNeither(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		require.Zero(t, f.count(t, f.effects), "Run failed with %v, and its effect is there", err)
		require.NoError(t, f.runInsert(t, "evt_1"))
	}
	require.ErrorIs(t, f.runInsert(t, "evt_1"), webhooks.ErrDone)
	require.GreaterOrEqual(t, f.count(t, f.effects), 1)
	require.LessOrEqual(t, f.count(t, f.effects), 2, "as often as the function wrote it")
}

// counters creates a table with two rows, and returns its name.
func (f *fixture) counters(t *testing.T) string {
	t.Helper()
	table := tableName(t)
	f.exec(t, "CREATE TABLE "+table+" (id INT PRIMARY KEY, value INT)")
	t.Cleanup(func() {
		_, err := f.db.ExecContext(context.Background(), "DROP TABLE "+table)
		assert.NoError(t, err)
	})
	f.exec(t, "INSERT INTO "+table+" VALUES (1, 0), (2, 0)")
	return table
}

// deadlock has another transaction lock the same two rows in the other order. That has
// written more, so that MySQL ends this one; PostgreSQL ends the one whose timeout is
// shorter.
func deadlock(ctx context.Context, t *testing.T, f *fixture, tx *sql.Tx) error {
	table, scratch := f.counters(t), f.counters(t)
	other, err := f.db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { _ = other.Rollback() }()
	if f.dialect == sqlclaims.DialectPostgres {
		assert.NoError(t, statements("SET LOCAL deadlock_timeout = '1ms'")(ctx, tx))
		assert.NoError(t, statements("SET LOCAL deadlock_timeout = '1min'")(t.Context(), other))
	}
	for n := range 50 {
		require.NoError(t, statements(fmt.Sprintf("INSERT INTO %s VALUES (%d, 0)", scratch, 100+n))(t.Context(), other))
	}
	require.NoError(t, statements("UPDATE "+table+" SET value = 1 WHERE id = 2")(t.Context(), other))
	assert.NoError(t, statements("UPDATE "+table+" SET value = 2 WHERE id = 1")(ctx, tx))
	blocking := "UPDATE " + table + " SET value = 1 WHERE id = 1"
	waited := make(chan error, 1)
	go func() { waited <- statements(blocking)(t.Context(), other) }()
	f.awaitBlocked(t, blocking)
	failure := statements("UPDATE "+table+" SET value = 2 WHERE id = 2")(ctx, tx)
	waitedFor := <-waited
	if failure != nil {
		assert.NoError(t, waitedFor)
	}
	return failure
}

// awaitBlocked waits until the statement waits for a lock. MySQL shows that to privileged
// users alone, and others that the statement runs: there it is enough, since MySQL ends
// the lighter transaction, whichever waits first.
func (f *fixture) awaitBlocked(t *testing.T, statement string) {
	t.Helper()
	query := "SELECT COUNT(*) FROM pg_stat_activity WHERE query = $1 AND cardinality(pg_blocking_pids(pid)) > 0"
	if f.dialect == sqlclaims.DialectMySQL {
		query = "SELECT COUNT(*) FROM information_schema.processlist WHERE info = ?"
	}
	require.Eventually(t, func() bool {
		var waiting int
		return f.db.QueryRowContext(t.Context(), query, statement).Scan(&waiting) == nil && waiting > 0
	}, time.Minute, 10*time.Millisecond)
}

// waitForLock waits for a row of another transaction until the database gives up. Only
// with innodb_rollback_on_timeout does that end the transaction.
func waitForLock(ctx context.Context, t *testing.T, f *fixture, tx *sql.Tx) error {
	table := f.counters(t)
	other, err := f.db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { _ = other.Rollback() }()
	require.NoError(t, statements("UPDATE "+table+" SET value = 1")(t.Context(), other))
	assert.NoError(t, statements("SET SESSION innodb_lock_wait_timeout = 1")(ctx, tx))
	defer func() {
		assert.NoError(t, statements("SET SESSION innodb_lock_wait_timeout = DEFAULT")(ctx, tx))
	}()
	return statements("UPDATE "+table+" SET value = 2")(ctx, tx)
}

// changeSinceSnapshot updates a row that another transaction has updated after this one
// has read it.
func changeSinceSnapshot(ctx context.Context, t *testing.T, f *fixture, tx *sql.Tx) error {
	table := f.counters(t)
	if f.dialect == sqlclaims.DialectPostgres {
		// The transaction has begun, and its level stays: an error that is as good.
		return statements("SELECT 1/0")(ctx, tx)
	}
	assert.NoError(t, statements("SET SESSION innodb_snapshot_isolation = ON")(ctx, tx))
	defer func() {
		assert.NoError(t, statements("SET SESSION innodb_snapshot_isolation = DEFAULT")(ctx, tx))
	}()
	var value int
	assert.NoError(t, tx.QueryRowContext(ctx, "SELECT value FROM "+table+" WHERE id = 1").Scan(&value))
	f.exec(t, "UPDATE "+table+" SET value = 1 WHERE id = 1")
	return statements("UPDATE "+table+" SET value = 2 WHERE id = 1")(ctx, tx)
}

// interrupt writes rows without end, until the statement's own deadline.
func interrupt(ctx context.Context, t *testing.T, f *fixture, tx *sql.Tx) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	return statements("INSERT INTO "+f.effects+" WITH RECURSIVE endless(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM endless) SELECT n FROM endless")(ctx, tx)
}

func insertOrRollback(ctx context.Context, t *testing.T, _ *fixture, tx *sql.Tx) error {
	assert.NoError(t, statements("CREATE TEMP TABLE only_once (id INT PRIMARY KEY)", "INSERT INTO only_once VALUES (1)")(ctx, tx))
	return statements("INSERT OR ROLLBACK INTO only_once VALUES (1)")(ctx, tx)
}

func raiseRollback(ctx context.Context, t *testing.T, f *fixture, tx *sql.Tx) error {
	table := tableName(t)
	assert.NoError(t, statements(
		"CREATE TABLE "+table+" (id INT)",
		"CREATE TRIGGER "+table+"_refuses BEFORE INSERT ON "+table+" BEGIN SELECT RAISE(ROLLBACK, 'refused'); END")(ctx, tx))
	return statements("INSERT INTO "+table+" VALUES (1)")(ctx, tx)
}

// fillDatabase writes more than the database may hold, in a statement that the database
// cannot undo on its own.
func fillDatabase(ctx context.Context, t *testing.T, f *fixture, tx *sql.Tx) error {
	var pages int
	assert.NoError(t, tx.QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages))
	var limit int
	assert.NoError(t, tx.QueryRowContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages+50)).Scan(&limit))
	defer func() {
		assert.NoError(t, tx.QueryRowContext(ctx, "PRAGMA max_page_count = 1073741823").Scan(&limit))
	}()
	return statements("INSERT INTO "+f.effects+" VALUES (hex(randomblob(1000000)))")(ctx, tx)
}
