package sqlclaims_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/sqlclaims"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func newStore(t *testing.T, database *fakeDatabase, dialect sqlclaims.Dialect, options ...sqlclaims.Option) *sqlclaims.Store {
	t.Helper()
	options = append([]sqlclaims.Option{sqlclaims.WithLogger(slog.New(slog.DiscardHandler))}, options...)
	store, err := sqlclaims.New(database.open(t), dialect, options...)
	require.NoError(t, err)
	return store
}

func succeed(context.Context) error { return nil }

func TestNewRefuses(t *testing.T) {
	db := (&fakeDatabase{}).open(t)
	for name, test := range map[string]struct {
		db      *sql.DB
		dialect sqlclaims.Dialect
		option  sqlclaims.Option
	}{
		"no database":               {nil, sqlclaims.DialectPostgres, sqlclaims.WithTable("claims")},
		"no dialect":                {db, 0, sqlclaims.WithTable("claims")},
		"an unknown dialect":        {db, 99, sqlclaims.WithTable("claims")},
		"an option that is nil":     {db, sqlclaims.DialectPostgres, nil},
		"a retention of zero":       {db, sqlclaims.DialectPostgres, sqlclaims.WithRetention(0)},
		"a negative retention":      {db, sqlclaims.DialectPostgres, sqlclaims.WithRetention(-1)},
		"one that retries outlast":  {db, sqlclaims.DialectPostgres, sqlclaims.WithRetention(webhooks.MinRetention - 1)},
		"a logger that is nil":      {db, sqlclaims.DialectPostgres, sqlclaims.WithLogger(nil)},
		"an empty table name":       {db, sqlclaims.DialectPostgres, sqlclaims.WithTable("")},
		"a quote in the name":       {db, sqlclaims.DialectPostgres, sqlclaims.WithTable(`claims"; DROP TABLE users; --`)},
		"a backtick in the name":    {db, sqlclaims.DialectMySQL, sqlclaims.WithTable("a`b")},
		"a space in the name":       {db, sqlclaims.DialectPostgres, sqlclaims.WithTable("a b")},
		"a line feed after it":      {db, sqlclaims.DialectPostgres, sqlclaims.WithTable("claims\n")},
		"a name that is a digit":    {db, sqlclaims.DialectPostgres, sqlclaims.WithTable("1")},
		"a name of three parts":     {db, sqlclaims.DialectPostgres, sqlclaims.WithTable("a.b.c")},
		"a name without a table":    {db, sqlclaims.DialectPostgres, sqlclaims.WithTable("a.")},
		"a name of 51 characters":   {db, sqlclaims.DialectPostgres, sqlclaims.WithTable(strings.Repeat("a", 51))},
		"a name of other alphabets": {db, sqlclaims.DialectPostgres, sqlclaims.WithTable("anspüche")},
	} {
		t.Run(name, func(t *testing.T) {
			store, err := sqlclaims.New(test.db, test.dialect, test.option)
			require.ErrorIs(t, err, webhooks.ErrInvalidOption)
			require.Nil(t, store)
		})
	}
}

func TestDDLIsAsDocumented(t *testing.T) {
	source, err := os.ReadFile("sqlclaims.go")
	require.NoError(t, err)
	documented := strings.Join(strings.Fields(strings.ReplaceAll(string(source), "//", "")), " ")
	for _, statement := range newStore(t, &fakeDatabase{}, sqlclaims.DialectPostgres).DDL() {
		for _, line := range strings.Split(statement, " ON ") {
			for _, part := range strings.Split(line, "\n") {
				part = strings.Join(strings.Fields(part), " ")
				assert.Contains(t, documented, strings.TrimSuffix(part, ","))
			}
		}
	}
}

func TestWithTableQuotesName(t *testing.T) {
	for dialect, want := range map[sqlclaims.Dialect][2]string{
		sqlclaims.DialectPostgres: {`"Shop"."order" (`, `"order_expires_at" ON "Shop"."order" (`},
		sqlclaims.DialectMySQL:    {"`Shop`.`order` (", "KEY `order_expires_at` ("},
		sqlclaims.DialectSQLite:   {`"Shop"."order" (`, `"order_expires_at" ON "Shop"."order" (`},
	} {
		t.Run(dialect.String(), func(t *testing.T) {
			ddl := strings.Join(newStore(t, &fakeDatabase{}, dialect, sqlclaims.WithTable("Shop.order")).DDL(), ";\n")
			assert.Contains(t, ddl, want[0])
			assert.Contains(t, ddl, want[1])
			assert.NotContains(t, ddl, "{")
		})
	}
}

func TestTxReportsFalseOutsideRun(t *testing.T) {
	tx, ok := sqlclaims.Tx(t.Context())
	assert.False(t, ok)
	assert.Nil(t, tx)
}

func TestInvalidClaimsAreNotSent(t *testing.T) {
	database := &fakeDatabase{}
	store := newStore(t, database, sqlclaims.DialectPostgres)
	for name, id := range map[string]string{"no id": "", "a NUL": "evt\x00", "no UTF-8": "evt\xff"} {
		_, err := store.Claim(t.Context(), id, time.Minute)
		require.ErrorIs(t, err, webhooks.ErrInvalidClaim, name)
		require.ErrorIs(t, store.Transactional().Run(t.Context(), id, succeed), webhooks.ErrInvalidClaim, name)
	}
	_, err := store.Claim(t.Context(), "evt_1", 0)
	require.ErrorIs(t, err, webhooks.ErrInvalidClaim, "no lease")
	require.Empty(t, database.statements())
}

// codedError is an error with a code, as the drivers of PostgreSQL return it.
type codedError string

func (e codedError) Error() string    { return "the database says no" }
func (e codedError) SQLState() string { return string(e) }

func TestConflictWhileClaimingIsErrInFlight(t *testing.T) {
	for name, test := range map[string]struct {
		dialect sqlclaims.Dialect
		failure error
	}{
		"a serialization failure of PostgreSQL": {sqlclaims.DialectPostgres, codedError("40001")},
		"a lock timeout of PostgreSQL":          {sqlclaims.DialectPostgres, codedError("55P03")},
		"a deadlock of MySQL":                   {sqlclaims.DialectMySQL, errors.New("Error 1213 (40001): Deadlock found")},
		"a busy SQLite":                         {sqlclaims.DialectSQLite, errors.New("database is locked (5) (SQLITE_BUSY)")},
	} {
		t.Run(name, func(t *testing.T) {
			database := &fakeDatabase{fail: failOn("INSERT", test.failure)}
			store := newStore(t, database, test.dialect)
			_, err := store.Claim(t.Context(), "evt_1", time.Minute)
			require.ErrorIs(t, err, webhooks.ErrInFlight)
			require.ErrorIs(t, err, test.failure)
			require.ErrorIs(t, store.Transactional().Run(t.Context(), "evt_1", succeed), webhooks.ErrInFlight)
		})
	}
	t.Run("any other error is not ErrInFlight", func(t *testing.T) {
		failure := codedError("53300") // too many connections
		store := newStore(t, &fakeDatabase{fail: failOn("INSERT", failure)}, sqlclaims.DialectPostgres)
		_, err := store.Claim(t.Context(), "evt_1", time.Minute)
		require.ErrorIs(t, err, failure)
		require.NotErrorIs(t, err, webhooks.ErrInFlight)
	})
}

func TestErrorNamesMissingTable(t *testing.T) {
	for name, test := range map[string]struct {
		dialect sqlclaims.Dialect
		failure error
	}{
		"in PostgreSQL": {sqlclaims.DialectPostgres, codedError("42P01")},
		"in MySQL":      {sqlclaims.DialectMySQL, errors.New("Error 1146 (42S02): Table 'shop.claims' doesn't exist")},
		"in SQLite":     {sqlclaims.DialectSQLite, errors.New("SQL logic error: no such table: claims (1)")},
	} {
		t.Run(name, func(t *testing.T) {
			store := newStore(t, &fakeDatabase{fail: failOn("INSERT", test.failure)}, test.dialect, sqlclaims.WithTable("claims"))
			_, err := store.Claim(t.Context(), "evt_1", time.Minute)
			require.ErrorContains(t, err, "there is no table claims; create it with Store.CreateTable")
			require.ErrorIs(t, err, test.failure)
		})
	}
}

// failOn fails the statements that begin so.
func failOn(prefix string, err error) func(string) error {
	return func(statement string) error {
		if strings.HasPrefix(statement, prefix) {
			return err
		}
		return nil
	}
}

func TestDoneIsRetriedAfterConflict(t *testing.T) {
	failures, attempts := 2, 0
	database := &fakeDatabase{fail: func(statement string) error {
		if !strings.HasPrefix(statement, "UPDATE") {
			return nil
		}
		attempts++
		if failures--; failures >= 0 {
			return errors.New("Error 1213 (40001): Deadlock found")
		}
		return nil
	}}
	store := newStore(t, database, sqlclaims.DialectMySQL)
	require.NoError(t, store.Done(t.Context(), "evt_1", "token"))
	require.Equal(t, 3, attempts)

	failures, attempts = 100, 0
	require.Error(t, store.Done(t.Context(), "evt_1", "token"))
	require.Equal(t, 5, attempts)
}

func TestRunReturnsNilOnlyAfterCommit(t *testing.T) {
	failure := errors.New("the connection broke")
	for _, statement := range []string{"BEGIN", "INSERT", "UPDATE", "COMMIT"} {
		t.Run("a failure of "+statement+" is an error", func(t *testing.T) {
			database := &fakeDatabase{fail: failOn(statement, failure)}
			err := newStore(t, database, sqlclaims.DialectPostgres).Transactional().Run(t.Context(), "evt_1", succeed)
			require.ErrorIs(t, err, failure)
		})
	}
	t.Run("the function's statements come between the claim and the mark", func(t *testing.T) {
		database := &fakeDatabase{}
		err := newStore(t, database, sqlclaims.DialectPostgres).Transactional().Run(t.Context(), "evt_1", func(ctx context.Context) error {
			tx, ok := sqlclaims.Tx(ctx)
			require.True(t, ok)
			_, err := tx.ExecContext(ctx, "CALL something")
			return err
		})
		require.NoError(t, err)
		require.Equal(t, []string{"BEGIN", "INSERT INTO", "CALL something", `UPDATE "stackbe_webhook_claims"`, "COMMIT"}, database.statements())
	})
	t.Run("a function that panics is rolled back", func(t *testing.T) {
		database := &fakeDatabase{}
		store := newStore(t, database, sqlclaims.DialectPostgres).Transactional()
		require.Panics(t, func() { _ = store.Run(t.Context(), "evt_1", func(context.Context) error { panic("oh") }) })
		require.Equal(t, []string{"BEGIN", "INSERT INTO", "ROLLBACK"}, database.statements())
	})
}

func TestRunReturns4SecondsAfterContextOfSilentDatabase(t *testing.T) {
	for name, limited := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"that was canceled": context.WithCancel,
		"that had its deadline": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Hour)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := limited(t.Context())
				time.AfterFunc(time.Hour, cancel)
				started := time.Now()
				store := newStore(t, &fakeDatabase{silent: "UPDATE"}, sqlclaims.DialectPostgres).Transactional()
				err := store.Run(ctx, "evt_1", func(ctx context.Context) error {
					<-ctx.Done()
					return nil
				})
				require.Error(t, err)
				require.Equal(t, time.Hour+4*time.Second, time.Since(started), "on the clock of the test")
			})
		})
	}
}

func TestRunReturns4SecondsAfterFunctionOfSilentDatabase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		started := time.Now()
		store := newStore(t, &fakeDatabase{silent: "UPDATE"}, sqlclaims.DialectPostgres).Transactional()
		require.ErrorIs(t, store.Run(ctx, "evt_1", succeed), context.DeadlineExceeded)
		require.Equal(t, 4*time.Second, time.Since(started), "on the clock of the test")
	})
}

func TestRunWaitsForConnectionUntilContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := (&fakeDatabase{}).open(t)
		db.SetMaxOpenConns(1)
		taken, err := db.Conn(t.Context())
		require.NoError(t, err)
		defer func() { require.NoError(t, taken.Close()) }()
		store, err := sqlclaims.New(db, sqlclaims.DialectPostgres)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		started := time.Now()
		require.ErrorIs(t, store.Transactional().Run(ctx, "evt_1", succeed), context.DeadlineExceeded)
		require.Equal(t, time.Minute, time.Since(started), "on the clock of the test")
	})
}

func TestRunLeavesNothingRegisteredWithContext(t *testing.T) {
	ctx := &registering{Context: t.Context()}
	require.NoError(t, newStore(t, &fakeDatabase{}, sqlclaims.DialectPostgres).Transactional().Run(ctx, "evt_1", succeed))
	require.Positive(t, ctx.registered)
	require.Equal(t, ctx.registered, ctx.stopped)
}

// registering is a context that counts what is to be called when it ends.
type registering struct {
	context.Context
	registered, stopped int
}

// Value keeps package context from finding the context within.
func (r *registering) Value(any) any { return nil }

func (r *registering) AfterFunc(func()) (stop func() bool) {
	r.registered++
	return func() bool {
		r.stopped++
		return true
	}
}

func TestRunNamesErrorThatFunctionPassedOver(t *testing.T) {
	failure := codedError("25P02")
	store := newStore(t, &fakeDatabase{fail: failOn("UPDATE", failure)}, sqlclaims.DialectPostgres)
	err := store.Transactional().Run(t.Context(), "evt_1", succeed)
	require.ErrorIs(t, err, failure)
	require.ErrorContains(t, err, "an earlier statement of the event's function failed")
	require.NotErrorIs(t, err, webhooks.ErrClaimLost)
}

// A driver may refuse to commit what was committed.
func TestRunNamesEndedTransactionBeforeErrorsThatFollow(t *testing.T) {
	failure := errors.New("unexpected transaction status idle")
	database := &fakeDatabase{fail: failOn("COMMIT", failure), returns: map[string]driver.Value{"INSERT": int64(7), "UPDATE": int64(8)}}
	err := newStore(t, database, sqlclaims.DialectPostgres).Transactional().Run(t.Context(), "evt_1", succeed)
	require.ErrorIs(t, err, failure)
	require.ErrorContains(t, err, "the event's function has ended the transaction")
	require.NotErrorIs(t, err, webhooks.ErrClaimLost)
}

func TestZeroStoreReturnsErrNoClaims(t *testing.T) {
	for name, store := range map[string]*sqlclaims.Store{"nil": nil, "zero": {}} {
		t.Run(name, func(t *testing.T) {
			_, claimErr := store.Claim(t.Context(), "evt_1", time.Minute)
			_, purgeErr := store.Purge(t.Context())
			for call, err := range map[string]error{
				"Claim":       claimErr,
				"Done":        store.Done(t.Context(), "evt_1", "token"),
				"Release":     store.Release(t.Context(), "evt_1", "token"),
				"Run":         store.Transactional().Run(t.Context(), "evt_1", succeed),
				"Purge":       purgeErr,
				"CreateTable": store.CreateTable(t.Context()),
			} {
				require.ErrorIs(t, err, webhooks.ErrNoClaims, call)
			}
			require.Empty(t, store.DDL())
		})
	}
	for name, store := range map[string]*sqlclaims.Transactional{"a nil Transactional": nil, "a zero Transactional": {}} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, store.Run(t.Context(), "evt_1", succeed), webhooks.ErrNoClaims)
		})
	}
}

func TestSessionThatMayHoldLockDoesNotReturnToPool(t *testing.T) {
	failure := errors.New("the connection broke")
	for name, test := range map[string]struct {
		fail   func(string) error
		closed int
	}{
		"it was unlocked":            {nil, 0},
		"taking the lock failed":     {failOn("SELECT GET_LOCK", failure), 1},
		"releasing the lock failed":  {failOn("SELECT RELEASE_LOCK", failure), 1},
		"the event's function fails": {failOn("INSERT", failure), 0},
	} {
		t.Run(name, func(t *testing.T) {
			database := &fakeDatabase{fail: test.fail}
			_ = newStore(t, database, sqlclaims.DialectMySQL).Transactional().Run(t.Context(), "evt_1", succeed)
			require.Equal(t, test.closed, database.closed)
		})
	}
}
