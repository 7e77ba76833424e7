// Package oldsqlite tests the SQL store of claims against its contract on an SQLite of
// 2018, which takes 999 variables in a statement. It is a separate module, because of
// the old driver that contains it.
package oldsqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"
	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/claimstest"
	"github.com/stackbe/stackbe-go/webhooks/sqlclaims"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func open(t *testing.T) (*sql.DB, *sqlclaims.Store) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(t.TempDir(), "claims.db")+"?_busy_timeout=5000&_sync=0")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	store, err := sqlclaims.New(db, sqlclaims.DialectSQLite, sqlclaims.WithLogger(slog.New(slog.DiscardHandler)))
	require.NoError(t, err)
	require.NoError(t, store.CreateTable(t.Context()))
	return db, store
}

func exec(t *testing.T, db *sql.DB, text string, args ...any) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), text, args...)
	require.NoError(t, err)
}

func TestVersionIsOld(t *testing.T) {
	db, _ := open(t)
	var version string
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT sqlite_version()").Scan(&version))
	require.True(t, strings.HasPrefix(version, "3.25."), version)
}

func TestStoreKeepsContract(t *testing.T) {
	advance := func(t *testing.T, db *sql.DB) func(time.Duration) {
		return func(d time.Duration) {
			exec(t, db, "UPDATE stackbe_webhook_claims SET expires_at = expires_at - ?", d.Milliseconds())
		}
	}
	t.Run("under a lease", func(t *testing.T) {
		claimstest.Run(t, func(t *testing.T) (webhooks.Claims, func(time.Duration)) {
			db, store := open(t)
			return store, advance(t, db)
		})
	})
	t.Run("in a transaction", func(t *testing.T) {
		claimstest.Run(t, func(t *testing.T) (webhooks.Claims, func(time.Duration)) {
			db, store := open(t)
			return store.Transactional(), advance(t, db)
		})
	})
}

func TestPurgeDeletesMoreRowsThanAStatementTakesVariables(t *testing.T) {
	db, store := open(t)
	expired := time.Now().Add(-2 * time.Hour).UnixMilli()
	for n := range 2500 {
		key := sha256.Sum256(fmt.Appendf(nil, "evt_%d", n))
		exec(t, db, "INSERT INTO stackbe_webhook_claims (event_key, event_id, token, done, expires_at) VALUES (?, '', 'token', 1, ?)", key[:], expired)
	}
	deleted, err := store.Purge(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 2500, deleted)
	require.Equal(t, sqlclaims.Stats{Purged: 2500}, store.Stats())
}

func TestWriteAfterRollbackIsNotCommitted(t *testing.T) {
	db, store := open(t)
	exec(t, db, "CREATE TABLE effects (id INTEGER PRIMARY KEY)")
	err := store.Transactional().Run(t.Context(), "evt_1", func(ctx context.Context) error {
		tx, _ := sqlclaims.Tx(ctx)
		_, err := tx.ExecContext(ctx, "INSERT INTO effects VALUES (1)")
		assert.NoError(t, err)
		_, err = tx.ExecContext(ctx, "INSERT OR ROLLBACK INTO effects VALUES (1)")
		assert.Error(t, err)
		_, err = tx.ExecContext(ctx, "INSERT INTO effects VALUES (2)")
		return err
	})
	require.ErrorIs(t, err, webhooks.ErrClaimLost)
	var rows int
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM effects").Scan(&rows))
	require.Zero(t, rows)
}
