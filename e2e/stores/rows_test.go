package stores

import (
	"context"
	"database/sql"
	"testing"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/sqlclaims"
	"github.com/stretchr/testify/require"
)

// onEachSQLite runs the test on each database that is SQLite.
func onEachSQLite(t *testing.T, test func(t *testing.T, f *fixture)) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) {
		if d.dialect != sqlclaims.DialectSQLite {
			t.Skip("it is not SQLite")
		}
		test(t, newFixture(t, d, db))
	})
}

// Some drivers run a statement when its first row is read.
func TestStatementWhoseRowsAreReadAfterRollbackIsNotCommitted(t *testing.T) {
	query := func(ctx context.Context, f *fixture, tx *sql.Tx) (*sql.Rows, error) {
		return tx.QueryContext(ctx, "INSERT INTO "+f.effects+" VALUES ('evt_1') RETURNING event_id")
	}
	queryPrepared := func(ctx context.Context, f *fixture, tx *sql.Tx) (*sql.Rows, error) {
		statement, err := tx.PrepareContext(ctx, "INSERT INTO "+f.effects+" VALUES ('evt_1') RETURNING event_id")
		if err != nil {
			return nil, err
		}
		return statement.QueryContext(ctx)
	}
	for name, query := range map[string]func(context.Context, *fixture, *sql.Tx) (*sql.Rows, error){
		"a query":              query,
		"a prepared statement": queryPrepared,
	} {
		t.Run(name, func(t *testing.T) {
			onEachSQLite(t, func(t *testing.T, f *fixture) {
				err := f.Transactional().Run(t.Context(), "evt_1", func(ctx context.Context) error {
					tx, _ := sqlclaims.Tx(ctx)
					rows, err := query(ctx, f, tx)
					if err != nil {
						return err
					}
					defer func() { _ = rows.Close() }()
					require.Error(t, insertOrRollback(ctx, t, f, tx))
					for rows.Next() {
					}
					return nil
				})
				require.ErrorIs(t, err, webhooks.ErrClaimLost)
				require.Zero(t, f.count(t, f.effects))
			})
		})
	}
}

func TestRowsInATransactionHaveTheColumnTypesOfTheDriver(t *testing.T) {
	onEachSQLite(t, func(t *testing.T, f *fixture) {
		columns := tableName(t)
		f.exec(t, "CREATE TABLE "+columns+" (a INTEGER NOT NULL, b VARCHAR(100), c DECIMAL(10, 2), d BLOB, e TIMESTAMP)")
		f.exec(t, "INSERT INTO "+columns+" VALUES (1, 'b', 1.5, x'00', '2026-01-01 00:00:00')")
		want := columnTypes(t, f.db, columns)
		require.NoError(t, f.Transactional().Run(t.Context(), "evt_1", func(ctx context.Context) error {
			tx, _ := sqlclaims.Tx(ctx)
			require.Equal(t, want, columnTypes(t, tx, columns))
			return nil
		}))
	})
}

// columnTypes returns what the driver says of the table's columns.
func columnTypes(t *testing.T, in interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, table string) (types []sql.ColumnType) {
	t.Helper()
	rows, err := in.QueryContext(t.Context(), "SELECT * FROM "+table)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	require.True(t, rows.Next())
	columns, err := rows.ColumnTypes()
	require.NoError(t, err)
	for _, column := range columns {
		types = append(types, *column)
	}
	return types
}
