package sqlclaims_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks/sqlclaims"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A transaction that MySQL has rolled back goes on as another, which is not committed.
func TestMySQLTransactionRunsWithoutAutocommit(t *testing.T) {
	database := &fakeDatabase{}
	store := newStore(t, database, sqlclaims.DialectMySQL).Transactional()
	require.NoError(t, store.Run(t.Context(), "evt_1", func(ctx context.Context) error {
		tx, _ := sqlclaims.Tx(ctx)
		_, err := tx.ExecContext(ctx, "CALL something")
		return err
	}))
	require.Equal(t, []string{
		"SELECT CONCAT(@@autocommit,", "SELECT GET_LOCK(SHA2(CONCAT(COALESCE(DATABASE(),",
		"BEGIN", "SET SESSION", "INSERT IGNORE", "CALL something", "UPDATE `stackbe_webhook_claims`", "COMMIT",
		"ROLLBACK AND", "SET SESSION", "SELECT RELEASE_LOCK(SHA2(CONCAT(COALESCE(DATABASE(),",
	}, database.statements())
	require.Equal(t, []string{
		"SET SESSION autocommit = 0",
		"SET SESSION autocommit = 1, SESSION completion_type = 'NO_CHAIN'",
	}, database.settings())
}

func TestSessionDefaultsAreRestored(t *testing.T) {
	database := &fakeDatabase{returns: map[string]driver.Value{"SELECT CONCAT": "0 CHAIN"}}
	store := newStore(t, database, sqlclaims.DialectMySQL)
	require.NoError(t, store.Done(t.Context(), "evt_1", "token"))
	require.Equal(t, []string{
		"SET SESSION autocommit = 1, SESSION completion_type = 'NO_CHAIN'",
		"SET SESSION autocommit = 0, SESSION completion_type = 'CHAIN'",
	}, database.settings())
	require.Zero(t, database.closed)
}

func TestSessionThatCannotBeRestoredDoesNotReturnToPool(t *testing.T) {
	failure := errors.New("the connection broke")
	for name, statement := range map[string]string{
		"the rollback fails": "ROLLBACK",
		"autocommit fails":   "SET SESSION autocommit = 1",
	} {
		t.Run(name, func(t *testing.T) {
			database := &fakeDatabase{fail: failOn(statement, failure)}
			require.NoError(t, newStore(t, database, sqlclaims.DialectMySQL).Transactional().Run(t.Context(), "evt_1", succeed))
			require.Equal(t, 1, database.closed)
		})
	}
}

// Between them the read-only default of the session has become known.
func TestTransactionIsReadWriteInReadOnlySession(t *testing.T) {
	for dialect, test := range map[sqlclaims.Dialect]struct {
		failure error
		want    []string
	}{
		sqlclaims.DialectPostgres: {codedError("25006"), []string{
			"BEGIN", "INSERT INTO", "ROLLBACK",
			"BEGIN", "SET TRANSACTION", "INSERT INTO", `UPDATE "stackbe_webhook_claims"`, "COMMIT",
		}},
	} {
		t.Run(dialect.String(), func(t *testing.T) {
			refused := false
			database := &fakeDatabase{fail: func(statement string) error {
				if !refused && failOn("INSERT", test.failure)(statement) != nil {
					refused = true
					return test.failure
				}
				return nil
			}}
			require.NoError(t, newStore(t, database, dialect).Transactional().Run(t.Context(), "evt_1", succeed))
			require.Equal(t, test.want, database.statements())
		})
	}
}

func TestLeaseIsRoundedUp(t *testing.T) {
	for lease, want := range map[time.Duration]int64{
		time.Nanosecond:                        1,
		time.Millisecond:                       1,
		time.Millisecond + time.Nanosecond:     2,
		1500 * time.Microsecond:                2,
		time.Minute:                            60_000,
		time.Minute - time.Nanosecond:          60_000,
		1<<63 - 1:                              9_223_372_036_855,
		999*time.Millisecond + time.Nanosecond: 1000,
	} {
		t.Run(lease.String(), func(t *testing.T) {
			database := &fakeDatabase{}
			store := newStore(t, database, sqlclaims.DialectSQLite)
			_, err := store.Claim(t.Context(), "evt_1", lease)
			require.NoError(t, err)
			assert.Equal(t, want, database.argument("INSERT", 3))
		})
	}
}

func TestEventIDColumnIsASCII(t *testing.T) {
	for id, want := range map[string]string{
		"evt_abc-123": "evt_abc-123",
		"evt_€":       "evt_%E2%82%AC",
		"evt 1 ":      "evt%201%20",
		"100%":        "100%25",
		"a\n":         "a%0A",

		strings.Repeat("a", 300): strings.Repeat("a", 255),
		strings.Repeat(" ", 300): strings.Repeat("%20", 85),
	} {
		t.Run(id, func(t *testing.T) {
			database := &fakeDatabase{}
			_, err := newStore(t, database, sqlclaims.DialectSQLite).Claim(t.Context(), id, time.Hour)
			require.NoError(t, err)
			assert.Equal(t, want, database.argument("INSERT", 1))
		})
	}
}
