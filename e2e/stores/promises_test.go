package stores

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/e2e/stores/services"
	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/sqlclaims"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The settings that the store cannot compensate for, see docs/claims-sql.md.

func TestFunctionThatChangesSearchPath(t *testing.T) {
	db := connect(t, "pgx", services.Require(t, services.Postgres))
	schema := tableName(t)
	_, err := db.ExecContext(t.Context(), "CREATE SCHEMA "+schema)
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := db.ExecContext(context.Background(), "DROP SCHEMA "+schema+" CASCADE")
		assert.NoError(t, err)
	})
	run := func(t *testing.T, f *fixture, store *sqlclaims.Store) error {
		return store.Transactional().Run(t.Context(), "evt_1", func(ctx context.Context) error {
			if err := f.insert(ctx, "evt_1"); err != nil {
				return err
			}
			tx, _ := sqlclaims.Tx(ctx)
			return statements("SET LOCAL search_path = "+schema)(ctx, tx)
		})
	}
	t.Run("is undone where the table's name has no schema", func(t *testing.T) {
		f := newFixture(t, databases[0], db)
		require.Error(t, run(t, f, f.Store))
		f.requireNothing(t)
	})
	t.Run("is done where it has one", func(t *testing.T) {
		f := newFixture(t, databases[0], db)
		store, err := sqlclaims.New(db, sqlclaims.DialectPostgres, sqlclaims.WithTable("public."+f.table))
		require.NoError(t, err)
		require.NoError(t, run(t, f, store))
		require.Equal(t, 1, f.count(t, f.effects))
		require.ErrorIs(t, run(t, f, store), webhooks.ErrDone)
	})
}

func TestDatabaseClockThatJumpsAhead(t *testing.T) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) {
		t.Run("past a lease grants the event to another caller", func(t *testing.T) {
			f := newFixture(t, d, db)
			token, err := f.Claim(t.Context(), "evt_1", time.Minute)
			require.NoError(t, err)
			f.advance(t)(2 * time.Minute)
			_, err = f.Claim(t.Context(), "evt_1", time.Minute)
			require.NoError(t, err)
			require.ErrorIs(t, f.Done(t.Context(), "evt_1", token), webhooks.ErrClaimLost)
		})
		t.Run("does not end a transaction's claim", func(t *testing.T) {
			f := newFixture(t, d, db)
			require.NoError(t, f.Transactional().Run(t.Context(), "evt_1", func(ctx context.Context) error {
				tx, _ := sqlclaims.Tx(ctx)
				if err := statements("UPDATE "+f.table+" SET expires_at = 0")(ctx, tx); err != nil {
					return err
				}
				assert.ErrorIs(t, f.runInsert(t, "evt_1"), webhooks.ErrInFlight)
				return f.insert(ctx, "evt_1")
			}))
			require.ErrorIs(t, f.runInsert(t, "evt_1"), webhooks.ErrDone)
			require.Equal(t, 1, f.count(t, f.effects))
		})
	})
}

func TestStatementThatCommitsImplicitlyInMySQL(t *testing.T) {
	db := connect(t, "mysql", services.Require(t, services.MySQL))
	f := newFixture(t, database{dialect: sqlclaims.DialectMySQL}, db)
	err := f.runAndEnd(t, statements("BEGIN"))
	require.NoError(t, err, "it is not reported")
	require.Equal(t, 1, f.count(t, f.effects))
	require.ErrorIs(t, f.runInsert(t, "evt_1"), webhooks.ErrDone)
}
