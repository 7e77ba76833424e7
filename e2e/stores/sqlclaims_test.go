// Package stores tests the SQL stores of claims against their contract, on real databases.
package stores

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/lib/pq"
	_ "github.com/mattn/go-sqlite3"
	"github.com/stackbe/stackbe-go/e2e/stores/services"
	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/claimstest"
	"github.com/stackbe/stackbe-go/webhooks/sqlclaims"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"
)

// database is a kind of database and how to open one.
type database struct {
	name    string
	dialect sqlclaims.Dialect
	open    func(t *testing.T) *sql.DB

	lowestLevel sql.IsolationLevel // that it writes at
}

// databases are those that tests run on. Those of SQLite are not synchronous: no test cuts
// the power, and most of the time would go there.
var databases = []database{
	{name: "PostgreSQL", dialect: sqlclaims.DialectPostgres, open: func(t *testing.T) *sql.DB {
		return connect(t, "pgx", services.Require(t, services.Postgres))
	}},
	{name: "PostgreSQL through lib_pq", dialect: sqlclaims.DialectPostgres, open: func(t *testing.T) *sql.DB {
		return connect(t, "postgres", services.Require(t, services.Postgres))
	}},
	{name: "MySQL", dialect: sqlclaims.DialectMySQL, open: func(t *testing.T) *sql.DB {
		return connect(t, "mysql", services.Require(t, services.MySQL))
	}},
	{name: "MySQL that counts the rows it found", dialect: sqlclaims.DialectMySQL, open: func(t *testing.T) *sql.DB {
		return connect(t, "mysql", services.Require(t, services.MySQL)+"?clientFoundRows=true&interpolateParams=true")
	}},
	{name: "MySQL that replicates statements", dialect: sqlclaims.DialectMySQL, open: func(t *testing.T) *sql.DB {
		return connect(t, "mysql", services.Require(t, services.MySQLStatement))
	}, lowestLevel: sql.LevelRepeatableRead},
	{name: "SQLite through mattn", dialect: sqlclaims.DialectSQLite, open: func(t *testing.T) *sql.DB {
		return connect(t, "sqlite3", sqliteFile(t)+"?_busy_timeout=5000&_journal_mode=WAL&_synchronous=OFF")
	}},
	{name: "SQLite", dialect: sqlclaims.DialectSQLite, open: func(t *testing.T) *sql.DB {
		return connect(t, "sqlite", sqliteFile(t)+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(wal)&_pragma=synchronous(off)")
	}},
	{name: "SQLite with a rollback journal", dialect: sqlclaims.DialectSQLite, open: func(t *testing.T) *sql.DB {
		return connect(t, "sqlite", sqliteFile(t)+"?_pragma=busy_timeout(5000)&_pragma=synchronous(off)")
	}},
	{name: "SQLite in memory", dialect: sqlclaims.DialectSQLite, open: func(t *testing.T) *sql.DB {
		db := connect(t, "sqlite", ":memory:")
		db.SetMaxOpenConns(1)
		return db
	}},
}

func sqliteFile(t *testing.T) string { return "file:" + filepath.Join(t.TempDir(), "claims.db") }

func connect(t *testing.T, driver, source string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, source)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	db.SetMaxOpenConns(20)
	db.SetMaxIdleConns(20)
	require.NoError(t, db.PingContext(t.Context()))
	return db
}

// onEach runs the test on each database.
func onEach(t *testing.T, test func(t *testing.T, d database, db *sql.DB)) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) { test(t, d, d.open(t)) })
	}
}

// fixture is a store with an empty table, and a table of what events' functions wrote.
type fixture struct {
	*sqlclaims.Store
	database
	db             *sql.DB
	table, effects string
}

func newFixture(t *testing.T, d database, db *sql.DB, options ...sqlclaims.Option) *fixture {
	t.Helper()
	f := &fixture{database: d, db: db, table: tableName(t), effects: tableName(t)}
	store, err := sqlclaims.New(db, d.dialect, append(slices.Clip(options), sqlclaims.WithTable(f.table))...)
	require.NoError(t, err)
	f.Store = store
	require.NoError(t, store.CreateTable(t.Context()))
	f.exec(t, "CREATE TABLE "+f.effects+" (event_id VARCHAR(100))")
	t.Cleanup(func() {
		for _, table := range []string{f.table, f.effects} {
			_, err := db.ExecContext(context.Background(), "DROP TABLE "+table)
			assert.NoError(t, err)
		}
	})
	return f
}

var tables struct {
	sync.Mutex
	count int
}

// tableName returns one that no test has had.
func tableName(t *testing.T) string {
	t.Helper()
	tables.Lock()
	defer tables.Unlock()
	tables.count++
	return fmt.Sprintf("test_%d_%d", time.Now().UnixNano(), tables.count)
}

func (f *fixture) exec(t *testing.T, text string, args ...any) {
	t.Helper()
	_, err := f.db.ExecContext(t.Context(), text, args...)
	require.NoError(t, err)
}

func (f *fixture) count(t *testing.T, table string) (rows int) {
	t.Helper()
	require.NoError(t, f.db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&rows))
	return rows
}

// advance moves the table's time back, which is the same as moving the database's forward.
func (f *fixture) advance(t *testing.T) func(time.Duration) {
	return func(d time.Duration) {
		t.Helper()
		f.exec(t, fmt.Sprintf("UPDATE %s SET expires_at = expires_at - %d", f.table, d.Milliseconds()))
	}
}

// insert writes an effect in the transaction of the context.
func (f *fixture) insert(ctx context.Context, eventID string) error {
	tx, ok := sqlclaims.Tx(ctx)
	if !ok {
		return errors.New("there is no transaction")
	}
	_, err := tx.ExecContext(ctx, fmt.Sprintf("INSERT INTO %s VALUES ('%s')", f.effects, eventID))
	return err
}

func (f *fixture) runInsert(t *testing.T, eventID string) error {
	return f.Transactional().Run(t.Context(), eventID, func(ctx context.Context) error { return f.insert(ctx, eventID) })
}

func TestStoresKeepContract(t *testing.T) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) {
		t.Run("under a lease", func(t *testing.T) {
			claimstest.Run(t, func(t *testing.T) (webhooks.Claims, func(time.Duration)) {
				f := newFixture(t, d, db)
				return f.Store, f.advance(t)
			})
		})
		t.Run("in a transaction", func(t *testing.T) {
			claimstest.Run(t, func(t *testing.T) (webhooks.Claims, func(time.Duration)) {
				f := newFixture(t, d, db)
				return f.Transactional(), f.advance(t)
			})
		})
	})
}

func TestLeasesGoByDatabaseClock(t *testing.T) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) {
		f := newFixture(t, d, db)
		before := time.Now()
		_, err := f.Claim(t.Context(), "evt_1", time.Hour)
		require.NoError(t, err)
		var expires int64
		require.NoError(t, db.QueryRowContext(t.Context(), "SELECT expires_at FROM "+f.table).Scan(&expires))
		// The database runs on the same machine. An hour of tolerance would hide a time zone.
		require.WithinDuration(t, before.Add(time.Hour), time.UnixMilli(expires), time.Minute)
	})
}

func TestReplicasCreateTableAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) {
		table := tableName(t)
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				store, err := sqlclaims.New(db, d.dialect, sqlclaims.WithTable(table))
				if assert.NoError(t, err) {
					assert.NoError(t, store.CreateTable(t.Context()))
				}
			})
		}
		group.Wait()
		_, err := db.ExecContext(t.Context(), "DROP TABLE "+table)
		require.NoError(t, err)
	})
}

func TestErrorNamesMissingTable(t *testing.T) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) {
		store, err := sqlclaims.New(db, d.dialect, sqlclaims.WithTable(tableName(t)))
		require.NoError(t, err)
		_, err = store.Claim(t.Context(), "evt_1", time.Minute)
		require.ErrorContains(t, err, "create it with Store.CreateTable")
		err = store.Transactional().Run(t.Context(), "evt_1", func(context.Context) error { return nil })
		require.ErrorContains(t, err, "create it with Store.CreateTable")
	})
}

func TestWithTableInSchema(t *testing.T) {
	db := connect(t, "pgx", services.Require(t, services.Postgres))
	schema := tableName(t)
	_, err := db.ExecContext(t.Context(), "CREATE SCHEMA "+schema)
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := db.ExecContext(context.Background(), "DROP SCHEMA "+schema+" CASCADE")
		assert.NoError(t, err)
	})
	store, err := sqlclaims.New(db, sqlclaims.DialectPostgres, sqlclaims.WithTable(schema+".Order"))
	require.NoError(t, err)
	require.NoError(t, store.CreateTable(t.Context()))
	require.NoError(t, store.CreateTable(t.Context()))
	_, err = store.Claim(t.Context(), "evt_1", time.Hour)
	require.NoError(t, err)
	_, err = store.Claim(t.Context(), "evt_1", time.Hour)
	require.ErrorIs(t, err, webhooks.ErrInFlight)
}

func TestPurge(t *testing.T) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) {
		t.Run("Purge deletes all expired rows, in batches, and no others", func(t *testing.T) {
			f := newFixture(t, d, db, sqlclaims.WithRetention(72*time.Hour))
			f.fill(t, 2500, "expired", -2*time.Hour)
			f.fill(t, 10, "late", -30*time.Minute)
			f.fill(t, 10, "alive", time.Hour)
			deleted, err := f.Purge(t.Context())
			require.NoError(t, err)
			require.EqualValues(t, 2500, deleted)
			require.Equal(t, 20, f.count(t, f.table))
			deleted, err = f.Purge(t.Context())
			require.NoError(t, err)
			require.Zero(t, deleted)
		})
		t.Run("claims delete expired rows", func(t *testing.T) {
			f := newFixture(t, d, db)
			f.fill(t, 50, "expired", -2*time.Hour)
			for n := range 256 {
				_, err := f.Claim(t.Context(), fmt.Sprintf("evt_%d", n), time.Hour)
				require.NoError(t, err)
			}
			require.Equal(t, 256, f.count(t, f.table))
		})
		t.Run("an event is forgotten after the retention", func(t *testing.T) {
			f := newFixture(t, d, db, sqlclaims.WithRetention(72*time.Hour))
			require.NoError(t, f.runInsert(t, "evt_1"))
			f.advance(t)(71 * time.Hour)
			require.ErrorIs(t, f.runInsert(t, "evt_1"), webhooks.ErrDone)
			f.advance(t)(2 * time.Hour)
			require.NoError(t, f.runInsert(t, "evt_1"))
		})
		t.Run("a late Done counts", func(t *testing.T) {
			f := newFixture(t, d, db)
			token, err := f.Claim(t.Context(), "evt_1", time.Minute)
			require.NoError(t, err)
			f.advance(t)(59 * time.Minute)
			_, err = f.Purge(t.Context())
			require.NoError(t, err)
			require.NoError(t, f.Done(t.Context(), "evt_1", token))
			_, err = f.Claim(t.Context(), "evt_1", time.Minute)
			require.ErrorIs(t, err, webhooks.ErrDone)
		})
	})
}

// binary writes a key as a literal.
func (f *fixture) binary(key [sha256.Size]byte) string {
	if f.dialect == sqlclaims.DialectPostgres {
		return fmt.Sprintf(`'\x%x'`, key)
	}
	return fmt.Sprintf("X'%x'", key)
}

// fill inserts rows that expire so long after now.
func (f *fixture) fill(t *testing.T, rows int, name string, after time.Duration) {
	t.Helper()
	expires := time.Now().Add(after).UnixMilli()
	var values []string
	for n := range rows {
		id := fmt.Sprintf("%s_%d", name, n)
		values = append(values, fmt.Sprintf("(%s, '%s', 'token', TRUE, %d)", f.binary(sha256.Sum256([]byte(id))), id, expires))
	}
	f.exec(t, fmt.Sprintf("INSERT INTO %s (event_key, event_id, token, done, expires_at) VALUES %s", f.table, strings.Join(values, ", ")))
}
