package sqlclaims_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks/sqlclaims"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const claimsUntilAPurge = 256

func TestFailedPurgeIsLoggedAndCounted(t *testing.T) {
	failure := errors.New("too many SQL variables")
	for dialect, statement := range map[sqlclaims.Dialect]string{
		sqlclaims.DialectPostgres: `DELETE FROM "stackbe_webhook_claims" WHERE event_key = ANY`,
		sqlclaims.DialectMySQL:    "SELECT event_key",
		sqlclaims.DialectSQLite:   `DELETE FROM "stackbe_webhook_claims" WHERE event_key IN`,
	} {
		for name, claim := range map[string]func(context.Context, *sqlclaims.Store, string) error{
			"a claim under a lease": func(ctx context.Context, store *sqlclaims.Store, id string) error {
				_, err := store.Claim(ctx, id, time.Hour)
				return err
			},
			"a transaction": func(ctx context.Context, store *sqlclaims.Store, id string) error {
				return store.Transactional().Run(ctx, id, succeed)
			},
		} {
			t.Run("in "+dialect.String()+" after "+name, func(t *testing.T) {
				var log bytes.Buffer
				store := newStore(t, &fakeDatabase{fail: failOn(statement, failure)}, dialect,
					sqlclaims.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
				for n := range 2 * claimsUntilAPurge {
					require.NoError(t, claim(t.Context(), store, fmt.Sprintf("evt_%d", n)))
				}
				assert.EqualValues(t, 2, store.Stats().PurgeFailures)
				assert.Zero(t, store.Stats().Purged)
				assert.Equal(t, 2, strings.Count(log.String(), "expired webhook claims were not deleted"))
				assert.Contains(t, log.String(), "failures=2")
				assert.Contains(t, log.String(), failure.Error())
			})
		}
	}
	t.Run("Purge returns its error", func(t *testing.T) {
		store := newStore(t, &fakeDatabase{fail: failOn("DELETE", failure)}, sqlclaims.DialectPostgres)
		_, err := store.Purge(t.Context())
		require.ErrorIs(t, err, failure)
		require.EqualValues(t, 1, store.Stats().PurgeFailures)
	})
}

func TestStatsCountPurgedRows(t *testing.T) {
	store := newStore(t, &fakeDatabase{}, sqlclaims.DialectPostgres)
	_, err := store.Purge(t.Context())
	require.NoError(t, err)
	require.Equal(t, sqlclaims.Stats{Purged: 1}, store.Stats())
}

func TestUnboundedPoolIsLoggedOnce(t *testing.T) {
	for name, test := range map[string]struct {
		dialect sqlclaims.Dialect
		bound   int
		logged  int
	}{
		"in PostgreSQL":                    {sqlclaims.DialectPostgres, 0, 1},
		"in MySQL":                         {sqlclaims.DialectMySQL, 0, 1},
		"but not in SQLite":                {sqlclaims.DialectSQLite, 0, 0},
		"and a pool that has one is not":   {sqlclaims.DialectPostgres, 20, 0},
		"and a pool with one in MySQL too": {sqlclaims.DialectMySQL, 20, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			db := (&fakeDatabase{}).open(t)
			store, err := sqlclaims.New(db, test.dialect, sqlclaims.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
			require.NoError(t, err)
			db.SetMaxOpenConns(test.bound) // after New, which may come first
			for n := range 3 {
				require.NoError(t, store.Transactional().Run(t.Context(), fmt.Sprintf("evt_%d", n), succeed))
				_, err := store.Claim(t.Context(), fmt.Sprintf("evt_lease_%d", n), time.Hour)
				require.NoError(t, err)
			}
			assert.Equal(t, test.logged, strings.Count(log.String(), "SetMaxOpenConns"))
		})
	}
}
