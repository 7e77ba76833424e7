package stores

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/e2e/stores/services"
	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/sqlclaims"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sessionDefaults are settings that a database, a user or a data source name may give
// each session.
var sessionDefaults = []struct {
	driver   string
	settings []string // parameters of the data source name
}{
	{"pgx", []string{"default_transaction_isolation=read uncommitted"}},
	{"pgx", []string{"default_transaction_isolation=repeatable read"}},
	{"pgx", []string{"default_transaction_isolation=serializable"}},
	{"pgx", []string{"default_transaction_isolation=serializable", "default_transaction_deferrable=on", "default_transaction_read_only=on"}},
	{"pgx", []string{"default_transaction_read_only=on"}},
	{"pgx", []string{"TimeZone=Pacific/Kiritimati"}},
	{"pgx", []string{"standard_conforming_strings=off", "bytea_output=escape"}},
	{"pgx", []string{"extra_float_digits=-15", "DateStyle=SQL, DMY", "IntervalStyle=sql_standard"}},
	{"pgx", []string{"search_path=public, pg_catalog"}},
	{"pgx", []string{"lock_timeout=1", "client_min_messages=error"}},
	{"pgx", []string{"client_encoding=LATIN1"}},
	{"postgres", []string{"default_transaction_read_only=on"}},
	{"postgres", []string{"default_transaction_isolation=serializable"}},
	{"postgres", []string{"standard_conforming_strings=off", "bytea_output=escape", "binary_parameters=yes"}},
	{"mysql", []string{"autocommit=0"}},
	{"mysql", []string{"autocommit=0", "tx_isolation='SERIALIZABLE'"}},
	{"mysql", []string{"autocommit=0", "tx_read_only=1"}},
	{"mysql", []string{"completion_type='CHAIN'"}},
	{"mysql", []string{"completion_type='RELEASE'"}},
	{"mysql", []string{"autocommit=0", "completion_type='CHAIN'", "interpolateParams=true", "clientFoundRows=true"}},
	{"mysql", []string{"tx_isolation='READ-UNCOMMITTED'"}},
	{"mysql", []string{"tx_isolation='READ-COMMITTED'"}},
	{"mysql", []string{"tx_isolation='SERIALIZABLE'"}},
	{"mysql", []string{"tx_read_only=1"}},
	{"mysql", []string{"time_zone='+13:00'"}},
	{"mysql", []string{"sql_safe_updates=1", "sql_select_limit=1"}},
	{"mysql", []string{"sql_mode=''"}},
	{"mysql", []string{"sql_mode='TRADITIONAL,ANSI_QUOTES,PIPES_AS_CONCAT,IGNORE_SPACE,NO_BACKSLASH_ESCAPES'", "interpolateParams=true"}},
	{"mysql", []string{"sql_mode='ORACLE,EMPTY_STRING_IS_NULL,PAD_CHAR_TO_FULL_LENGTH'"}},
	{"mysql", []string{"sql_mode='MSSQL,HIGH_NOT_PRECEDENCE,NO_UNSIGNED_SUBTRACTION'"}},
	{"mysql", []string{"charset=latin1"}},
	{"mysql", []string{"charset=utf8", "collation=utf8_general_ci"}},
	{"mysql", []string{"innodb_lock_wait_timeout=1", "innodb_snapshot_isolation=1"}},
	{"mysql", []string{"parseTime=true", "loc=Asia/Tokyo", "multiStatements=true", "columnsWithAlias=true"}},
	{"sqlite", []string{"_txlock=immediate"}},
	{"sqlite", []string{"_txlock=exclusive"}},
	{"sqlite", []string{"_pragma=read_uncommitted(1)", "_pragma=foreign_keys(1)", "_pragma=recursive_triggers(1)"}},
	{"sqlite", []string{"_pragma=encoding('UTF-16')", "_pragma=secure_delete(1)"}},
	{"sqlite3", []string{"_txlock=immediate", "_foreign_keys=1"}},
	{"sqlite3", []string{"_case_sensitive_like=1", "_cache_size=-10"}},
}

func TestEachEventHasOneEffectInAnySession(t *testing.T) {
	for _, defaults := range sessionDefaults {
		t.Run(defaults.driver+" with "+strings.NewReplacer("/", " ").Replace(strings.Join(defaults.settings, ", ")), func(t *testing.T) {
			plain, d, source := sourceOf(t, defaults.driver)
			f := newFixture(t, d, plain)
			db := connectWith(t, defaults.driver, source, defaults.settings)
			store, err := sqlclaims.New(db, d.dialect, sqlclaims.WithTable(f.table))
			require.NoError(t, err)
			require.NoError(t, store.CreateTable(t.Context()))

			t.Run("under a lease", func(t *testing.T) {
				token, err := store.Claim(t.Context(), "evt_lease", time.Hour)
				require.NoError(t, err)
				_, err = f.Claim(t.Context(), "evt_lease", time.Hour)
				require.ErrorIs(t, err, webhooks.ErrInFlight, "seen by another session")
				require.NoError(t, store.Done(t.Context(), "evt_lease", token))
				_, err = f.Claim(t.Context(), "evt_lease", time.Hour)
				require.ErrorIs(t, err, webhooks.ErrDone, "seen by another session")
				require.NoError(t, store.Done(t.Context(), "evt_lease", token), "again")
				_, err = store.Claim(t.Context(), "evt_lease", time.Hour)
				require.ErrorIs(t, err, webhooks.ErrDone)

				token, err = store.Claim(t.Context(), "evt_released", time.Hour)
				require.NoError(t, err)
				require.NoError(t, store.Release(t.Context(), "evt_released", token))
				_, err = f.Claim(t.Context(), "evt_released", time.Hour)
				require.NoError(t, err)
			})
			t.Run("in a transaction", func(t *testing.T) {
				run := func(fail error) error {
					return store.Transactional().Run(t.Context(), "evt_1", func(ctx context.Context) error {
						if d.dialect != sqlclaims.DialectSQLite {
							_, err := store.Claim(ctx, "evt_1", time.Hour)
							assert.ErrorIs(t, err, webhooks.ErrInFlight)
						}
						if err := f.insert(ctx, "evt_1"); err != nil {
							return err
						}
						return fail
					})
				}
				require.ErrorIs(t, run(errFunction), errFunction)
				require.Zero(t, f.count(t, f.effects))
				require.NoError(t, run(nil))
				require.Equal(t, 1, f.count(t, f.effects), "seen by another session")
				require.ErrorIs(t, run(nil), webhooks.ErrDone)
				require.ErrorIs(t, f.runInsert(t, "evt_1"), webhooks.ErrDone)
			})
			t.Run("purge", func(t *testing.T) {
				left := f.count(t, f.table)
				f.fill(t, 1200, "expired", -2*time.Hour)
				deleted, err := store.Purge(t.Context())
				require.NoError(t, err)
				require.EqualValues(t, 1200, deleted)
				require.Equal(t, left, f.count(t, f.table), "seen by another session")
			})
			t.Run("leases go by the database's clock", func(t *testing.T) {
				_, err := store.Claim(t.Context(), "evt_clock", time.Hour)
				require.NoError(t, err)
				var expires int64
				row := plain.QueryRowContext(t.Context(), "SELECT MAX(expires_at) FROM "+f.table+" WHERE event_id = 'evt_clock'")
				require.NoError(t, row.Scan(&expires))
				require.WithinDuration(t, time.Now().Add(time.Hour), time.UnixMilli(expires), time.Minute)
			})
		})
	}
}

// sourceOf opens a database without further settings.
func sourceOf(t *testing.T, driver string) (plain *sql.DB, d database, source string) {
	t.Helper()
	switch driver {
	case "pgx", "postgres":
		source = services.Require(t, services.Postgres)
		return connect(t, "pgx", source), databases[0], source
	case "mysql":
		source = services.Require(t, services.MySQL)
		return connect(t, "mysql", source), database{dialect: sqlclaims.DialectMySQL}, source + "?"
	}
	source = sqliteFile(t) + "?"
	return connect(t, "sqlite", source+"_pragma=busy_timeout(5000)"), database{dialect: sqlclaims.DialectSQLite}, source
}

// connectWith opens the database with the settings in each session.
func connectWith(t *testing.T, driver, source string, settings []string) *sql.DB {
	t.Helper()
	switch driver {
	case "sqlite":
		source += "_pragma=busy_timeout(5000)"
	case "sqlite3":
		source += "_busy_timeout=5000"
	}
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		source += fmt.Sprintf("&%s=%s", name, strings.ReplaceAll(url.QueryEscape(value), "+", "%20"))
	}
	return connect(t, driver, strings.Replace(source, "?&", "?", 1))
}

// A session may read what others have not committed, and may never commit.
func TestEventIsNotDoneBeforeCommit(t *testing.T) {
	for driver, setting := range map[string]string{
		"pgx":   "default_transaction_isolation=read uncommitted",
		"mysql": "tx_isolation='READ-UNCOMMITTED'",
	} {
		t.Run(driver, func(t *testing.T) {
			plain, d, source := sourceOf(t, driver)
			f := newFixture(t, d, plain)
			other, err := sqlclaims.New(connectWith(t, driver, source, []string{setting}), d.dialect, sqlclaims.WithTable(f.table))
			require.NoError(t, err)
			err = f.Transactional().Run(t.Context(), "evt_1", func(ctx context.Context) error {
				tx, _ := sqlclaims.Tx(ctx)
				if err := statements("UPDATE "+f.table+" SET done = TRUE")(ctx, tx); err != nil {
					return err
				}
				err := other.Transactional().Run(t.Context(), "evt_1", func(context.Context) error { return nil })
				assert.ErrorIs(t, err, webhooks.ErrInFlight)
				_, err = other.Claim(t.Context(), "evt_1", time.Hour)
				assert.ErrorIs(t, err, webhooks.ErrInFlight)
				return errFunction
			})
			require.ErrorIs(t, err, errFunction)
			f.requireNothing(t)
		})
	}
}

func TestMySQLSessionIsRestored(t *testing.T) {
	for _, settings := range [][]string{nil, {"autocommit=0"}, {"completion_type='CHAIN'"}} {
		t.Run(strings.Join(settings, ", "), func(t *testing.T) {
			plain, d, source := sourceOf(t, "mysql")
			f := newFixture(t, d, plain)
			db := connectWith(t, "mysql", source, settings)
			db.SetMaxOpenConns(1)
			store, err := sqlclaims.New(db, d.dialect, sqlclaims.WithTable(f.table))
			require.NoError(t, err)
			session := func() (values string) {
				row := db.QueryRowContext(t.Context(), "SELECT CONCAT_WS(' ', CONNECTION_ID(), @@autocommit, @@completion_type, @@tx_read_only, @@in_transaction)")
				require.NoError(t, row.Scan(&values))
				return values
			}
			want := session()
			for name, function := range map[string]func(context.Context) error{
				"success": func(ctx context.Context) error { return f.insert(ctx, "evt_1") },
				"failure": func(ctx context.Context) error { return errFunction },
				"panic":   func(ctx context.Context) error { panic("the function's own") },
				"rollback": func(ctx context.Context) error {
					tx, _ := sqlclaims.Tx(ctx)
					return tx.Rollback()
				},
			} {
				func() {
					defer func() { _ = recover() }()
					_ = store.Transactional().Run(t.Context(), "evt_"+name, function)
				}()
				assert.Equal(t, want, session(), name)
			}
			token, err := store.Claim(t.Context(), "evt_lease", time.Hour)
			require.NoError(t, err)
			require.NoError(t, store.Done(t.Context(), "evt_lease", token))
			_, err = store.Purge(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, session())
		})
	}
}

func TestSessionIsRestoredWhateverFunctionSets(t *testing.T) {
	for _, settings := range []string{
		"SET SESSION completion_type = 'CHAIN'",
		"SET SESSION autocommit = 1, SESSION completion_type = 'CHAIN'",
	} {
		t.Run(settings, func(t *testing.T) {
			plain, d, source := sourceOf(t, "mysql")
			f := newFixture(t, d, plain)
			db := connectWith(t, "mysql", source, nil)
			db.SetMaxOpenConns(1)
			store, err := sqlclaims.New(db, d.dialect, sqlclaims.WithTable(f.table))
			require.NoError(t, err)
			require.NoError(t, store.Transactional().Run(t.Context(), "evt_1", func(ctx context.Context) error {
				tx, _ := sqlclaims.Tx(ctx)
				return statements(settings)(ctx, tx)
			}))
			_, err = db.ExecContext(t.Context(), "INSERT INTO "+f.effects+" VALUES ('of the pool')")
			require.NoError(t, err)
			require.Equal(t, 1, f.count(t, f.effects), "seen by another session")
		})
	}
}
