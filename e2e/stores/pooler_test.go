package stores

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/e2e/stores/services"
	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/sqlclaims"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// poolers are a mode of PgBouncer, a driver and its settings, and whether they work
// together.
var poolers = []struct {
	mode, driver, settings string
	works                  bool
}{
	{"session", "pgx", "", true},
	{"session", "postgres", "", true},
	{"transaction", "pgx", "default_query_exec_mode=exec", true},
	{"transaction", "pgx", "default_query_exec_mode=simple_protocol", true},
	{"transaction", "pgx", "", false},
	{"transaction", "postgres", "binary_parameters=yes", true},
	{"statement", "pgx", "default_query_exec_mode=exec", false},
}

func TestPoolers(t *testing.T) {
	for _, test := range poolers {
		works := "works"
		if !test.works {
			works = "fails, with no effect twice"
		}
		t.Run(strings.Join([]string{test.driver, test.settings, "behind PgBouncer in mode", test.mode, works}, " "), func(t *testing.T) {
			f := newFixture(t, databases[0], connect(t, "pgx", services.Require(t, services.Postgres)))
			db, err := sql.Open(test.driver, poolerURL(t, test.mode, test.settings))
			require.NoError(t, err)
			t.Cleanup(func() { assert.NoError(t, db.Close()) })
			connections := 30 // of which some share a connection to the server
			if test.mode == "session" {
				connections = 8 // or some would wait for the session of another
			}
			db.SetMaxOpenConns(connections)
			db.SetMaxIdleConns(connections)
			store, err := sqlclaims.New(db, sqlclaims.DialectPostgres, sqlclaims.WithTable(f.table))
			require.NoError(t, err)
			pooled := &fixture{Store: store, database: f.database, db: db, table: f.table, effects: f.effects}

			const events, copies = 60, 4
			var group sync.WaitGroup
			var mu sync.Mutex
			var failures []error
			for n := range events * copies {
				group.Go(func() {
					id := "evt_" + string(rune('A'+n/copies))
					err := pooled.Transactional().Run(t.Context(), id, func(ctx context.Context) error { return pooled.insert(ctx, id) })
					if errors.Is(err, webhooks.ErrDone) || errors.Is(err, webhooks.ErrInFlight) {
						err = nil
					}
					err = errors.Join(err, pooled.claimAndRelease(t.Context(), fmt.Sprintf("evt_lease_%d", n)))
					if err == nil {
						return
					}
					mu.Lock()
					defer mu.Unlock()
					failures = append(failures, err)
				})
			}
			group.Wait()
			distinct := f.count(t, "(SELECT DISTINCT event_id FROM "+f.effects+") AS distinct_events")
			require.Equal(t, distinct, f.count(t, f.effects), "an event has more than one effect")
			if test.works {
				require.NoError(t, errors.Join(failures[:min(len(failures), 1)]...))
				require.Equal(t, events, distinct)
				return
			}
			require.NotEmpty(t, failures)
			t.Logf("%d of %d attempts failed: %v", len(failures), events*copies, errors.Join(failures[:min(len(failures), 1)]...))
		})
	}
}

func (f *fixture) claimAndRelease(ctx context.Context, eventID string) error {
	token, err := f.Claim(ctx, eventID, time.Hour)
	if err != nil {
		return err
	}
	return f.Release(ctx, eventID, token)
}

func poolerURL(t *testing.T, mode, settings string) string {
	t.Helper()
	pooler, err := url.Parse(services.Require(t, services.PgBouncer))
	require.NoError(t, err)
	pooler.Path = "/" + mode
	if settings != "" {
		pooler.RawQuery += "&" + settings
	}
	return pooler.String()
}
