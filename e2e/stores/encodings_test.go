package stores

import (
	"context"
	"database/sql"
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

// ids are event ids that some encoding, collation, padding or length would refuse or
// take for one another.
var ids = []string{
	"evt_€", "evt_é", "evt_e", "evt_É", "evt_e\u0301", "evt_😀", "evt_\U0010ffff", "evt_ß", "evt_ss", "evt_ı", "evt_i", "evt_I",
	"EVT_E", "evt_e ", " evt_e", "evt_e  ", "evt_e\t", "evt_e\u00a0", "evt_e\u200b", "evt_%", "evt_%25", "evt__", `evt_\`, `evt_\\`,
	"evt_'", `evt_"`, "evt_`", "evt_;--", "evt_$1", "evt_?", "evt_:id", "0", "00", "0.0", "1e0", "null", "true",
	strings.Repeat("a", 300), strings.Repeat("a", 301), strings.Repeat("€", 100_000), strings.Repeat("a", 1<<20),
}

func TestEachIDIsItsOwnEventInEachEncoding(t *testing.T) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) { claimEach(t, newFixture(t, d, db)) })
	for _, encoding := range []string{"LATIN1", "SQL_ASCII", "WIN1252", "EUC_JP", "KOI8R"} {
		source := createDatabase(t, encoding)
		for name, client := range map[string][2]string{
			"whose client says nothing": {"pgx", source},
			"whose client has UTF-8":    {"pgx", source + "&client_encoding=UTF8"},
			"through lib_pq":            {"postgres", source},
		} {
			t.Run("PostgreSQL in "+encoding+" "+name, func(t *testing.T) {
				claimEach(t, newFixture(t, databases[0], connect(t, client[0], client[1])))
			})
		}
	}
	for name, settings := range map[string][]string{
		"latin1":   {"charset=latin1"},
		"utf8mb3":  {"charset=utf8", "collation=utf8_general_ci"},
		"ascii":    {"charset=ascii", "interpolateParams=true"},
		"sjis":     {"charset=sjis"},
		"sql_mode": {"sql_mode='TRADITIONAL'"},
	} {
		t.Run("MySQL in "+name, func(t *testing.T) {
			plain, d, source := sourceOf(t, "mysql")
			f := newFixture(t, d, plain)
			store, err := sqlclaims.New(connectWith(t, "mysql", source, settings), d.dialect, sqlclaims.WithTable(f.table))
			require.NoError(t, err)
			f.Store = store
			claimEach(t, f)
		})
	}
}

func claimEach(t *testing.T, f *fixture) {
	t.Helper()
	for _, id := range ids {
		name := id[:min(len(id), 20)]
		token, err := f.Claim(t.Context(), id, time.Hour)
		require.NoError(t, err, name)
		require.NoError(t, f.Done(t.Context(), id, token), name)
		id += "/transaction"
		require.NoError(t, f.Transactional().Run(t.Context(), id, func(context.Context) error { return nil }), name)
		require.ErrorIs(t, f.Transactional().Run(t.Context(), id, func(context.Context) error { return nil }), webhooks.ErrDone, name)
	}
	require.Equal(t, 2*len(ids), f.count(t, f.table))
}

// createDatabase returns the URL of a database in the encoding.
func createDatabase(t *testing.T, encoding string) string {
	t.Helper()
	source, err := url.Parse(services.Require(t, services.Postgres))
	require.NoError(t, err)
	server := connect(t, "pgx", source.String())
	name := tableName(t)
	_, err = server.ExecContext(t.Context(), "CREATE DATABASE "+name+" ENCODING '"+encoding+"' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := server.ExecContext(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)")
		assert.NoError(t, err)
	})
	source.Path = "/" + name
	return source.String()
}
