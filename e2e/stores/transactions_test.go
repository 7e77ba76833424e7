package stores

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/sqlclaims"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errFunction = errors.New("the event's function failed")

func TestEffectAndClaimAreOneTransaction(t *testing.T) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) {
		t.Run("both are committed", func(t *testing.T) {
			f := newFixture(t, d, db)
			require.NoError(t, f.runInsert(t, "evt_1"))
			require.Equal(t, 1, f.count(t, f.effects))
			require.ErrorIs(t, f.runInsert(t, "evt_1"), webhooks.ErrDone)
			require.Equal(t, 1, f.count(t, f.effects))
		})
		t.Run("an error undoes both", func(t *testing.T) {
			f := newFixture(t, d, db)
			err := f.Transactional().Run(t.Context(), "evt_1", func(ctx context.Context) error {
				return errors.Join(f.insert(ctx, "evt_1"), errFunction)
			})
			require.ErrorIs(t, err, errFunction)
			f.requireNothing(t)
			require.NoError(t, f.runInsert(t, "evt_1"))
		})
		t.Run("a panic undoes both and is passed on", func(t *testing.T) {
			f := newFixture(t, d, db)
			require.PanicsWithValue(t, "the function's own", func() {
				_ = f.Transactional().Run(t.Context(), "evt_1", func(ctx context.Context) error {
					assert.NoError(t, f.insert(ctx, "evt_1"))
					panic("the function's own")
				})
			})
			f.requireNothing(t)
			require.NoError(t, f.runInsert(t, "evt_1"))
		})
		t.Run("a function that returns at the time limit is committed", func(t *testing.T) {
			f := newFixture(t, d, db)
			ctx, cancel := context.WithCancel(t.Context())
			require.NoError(t, f.Transactional().Run(ctx, "evt_1", func(ctx context.Context) error {
				defer cancel()
				return f.insert(ctx, "evt_1")
			}))
			require.Equal(t, 1, f.count(t, f.effects))
		})
		t.Run("a function whose statement exceeds the time limit is undone", func(t *testing.T) {
			f := newFixture(t, d, db)
			ctx, cancel := context.WithCancel(t.Context())
			err := f.Transactional().Run(ctx, "evt_1", func(ctx context.Context) error {
				assert.NoError(t, f.insert(ctx, "evt_1"))
				cancel()
				return f.insert(ctx, "evt_1")
			})
			require.ErrorIs(t, err, context.Canceled)
			f.requireNothing(t)
			require.NoError(t, f.runInsert(t, "evt_1"))
		})
	})
}

func (f *fixture) requireNothing(t *testing.T) {
	t.Helper()
	require.Zero(t, f.count(t, f.effects), "effects")
	require.Zero(t, f.count(t, f.table), "claims")
}

func TestEventInFlightIsRefusedAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) {
		f := newFixture(t, d, db)
		// While the function runs, other deliveries arrive; it ends after the responses to them.
		err := f.Transactional().Run(t.Context(), "evt_1", func(ctx context.Context) error {
			called := false
			err := f.Transactional().Run(t.Context(), "evt_1", func(context.Context) error { called = true; return nil })
			assert.ErrorIs(t, err, webhooks.ErrInFlight)
			assert.False(t, called)
			_, err = f.Claim(t.Context(), "evt_1", time.Minute)
			assert.ErrorIs(t, err, webhooks.ErrInFlight)
			return f.insert(ctx, "evt_1")
		})
		require.NoError(t, err)
		_, err = f.Claim(t.Context(), "evt_1", time.Minute)
		require.ErrorIs(t, err, webhooks.ErrDone)
	})
}

func TestExpiredRowInFlightIsRefusedAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) {
		f := newFixture(t, d, db)
		_, err := f.Claim(t.Context(), "evt_1", time.Minute)
		require.NoError(t, err)
		f.advance(t)(2 * time.Hour)
		err = f.Transactional().Run(t.Context(), "evt_1", func(ctx context.Context) error {
			assert.ErrorIs(t, f.runInsert(t, "evt_1"), webhooks.ErrInFlight)
			if d.dialect != sqlclaims.DialectSQLite { // where there is one writer, a purge waits
				deleted, err := f.Purge(t.Context())
				assert.NoError(t, err)
				assert.Zero(t, deleted)
			}
			return f.insert(ctx, "evt_1")
		})
		require.NoError(t, err)
		require.Equal(t, 1, f.count(t, f.effects))
	})
}

func TestOtherEventsDoNotWait(t *testing.T) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) {
		if d.dialect == sqlclaims.DialectSQLite {
			t.Skip("SQLite has one writer at a time")
		}
		f := newFixture(t, d, db)
		err := f.Transactional().Run(t.Context(), "evt_1", func(ctx context.Context) error {
			for n := range 20 { // neighbours of any kind: no gap is locked
				assert.NoError(t, f.runInsert(t, fmt.Sprintf("evt_other_%d", n)))
			}
			return f.insert(ctx, "evt_1")
		})
		require.NoError(t, err)
		require.Equal(t, 21, f.count(t, f.effects))
	})
}

func TestEventWhoseFunctionRolledBackIsNotDone(t *testing.T) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) {
		for name, end := range map[string]func(context.Context, *sql.Tx) error{
			"through the driver": func(_ context.Context, tx *sql.Tx) error { return tx.Rollback() },
			"by a statement":     statements("ROLLBACK"),
			"and begun anew":     statements("ROLLBACK", "BEGIN"),
		} {
			t.Run(name, func(t *testing.T) {
				f := newFixture(t, d, db)
				require.ErrorIs(t, f.runAndEnd(t, end), webhooks.ErrClaimLost)
				f.requireNothing(t)
				require.NoError(t, f.runInsert(t, "evt_1"))
			})
		}
	})
}

// The committed writes of a function cannot be undone, and handling the event again
// would repeat them.
func TestEventWhoseFunctionCommittedIsDoneAndReported(t *testing.T) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) {
		for name, test := range map[string]struct {
			end      func(context.Context, *sql.Tx) error
			reported []sqlclaims.Dialect
		}{
			"through the driver": {
				func(_ context.Context, tx *sql.Tx) error { return tx.Commit() },
				[]sqlclaims.Dialect{sqlclaims.DialectPostgres, sqlclaims.DialectMySQL, sqlclaims.DialectSQLite},
			},
			"by a statement": {statements("COMMIT"), []sqlclaims.Dialect{sqlclaims.DialectPostgres, sqlclaims.DialectSQLite}},
			"and began anew": {statements("COMMIT", "BEGIN"), []sqlclaims.Dialect{sqlclaims.DialectPostgres}},
		} {
			t.Run(name, func(t *testing.T) {
				f := newFixture(t, d, db)
				err := f.runAndEnd(t, test.end)
				if slices.Contains(test.reported, d.dialect) {
					require.ErrorContains(t, err, "the event's function has ended the transaction")
					require.NotErrorIs(t, err, webhooks.ErrClaimLost)
				} else {
					require.NoError(t, err)
				}
				require.ErrorIs(t, f.runInsert(t, "evt_1"), webhooks.ErrDone)
				f.advance(t)(24 * time.Hour)
				require.ErrorIs(t, f.runInsert(t, "evt_1"), webhooks.ErrDone)
				require.Equal(t, 1, f.count(t, f.effects))
			})
		}
	})
}

// statements sends statements, one after another.
func statements(texts ...string) func(context.Context, *sql.Tx) error {
	return func(ctx context.Context, tx *sql.Tx) error {
		for _, text := range texts {
			if _, err := tx.ExecContext(ctx, text); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestFunctionMayUseSavepoints(t *testing.T) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) {
		for name, end := range map[string]func(context.Context, *sql.Tx) error{
			"that stay":            statements("SAVEPOINT a", "SAVEPOINT b"),
			"that are released":    statements("SAVEPOINT a", "RELEASE SAVEPOINT a"),
			"that undo an error":   undoError,
			"that it goes back to": statements("SAVEPOINT a", "ROLLBACK TO SAVEPOINT a"),
		} {
			t.Run(name, func(t *testing.T) {
				f := newFixture(t, d, db)
				require.NoError(t, f.runAndEnd(t, end))
				require.ErrorIs(t, f.runInsert(t, "evt_1"), webhooks.ErrDone)
				require.Equal(t, 1, f.count(t, f.effects))
			})
		}
	})
}

func undoError(ctx context.Context, tx *sql.Tx) error {
	if err := statements("SAVEPOINT a")(ctx, tx); err != nil {
		return err
	}
	if statements(failingStatement)(ctx, tx) == nil {
		return errors.New("the statement did not fail")
	}
	return statements("ROLLBACK TO SAVEPOINT a")(ctx, tx)
}

const failingStatement = "INSERT INTO there_is_no_such_table VALUES (1)"

func TestErrorThatFunctionPassesOver(t *testing.T) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) {
		f := newFixture(t, d, db)
		err := f.runAndEnd(t, func(ctx context.Context, tx *sql.Tx) error {
			assert.Error(t, statements(failingStatement)(ctx, tx))
			return nil
		})
		if d.dialect == sqlclaims.DialectPostgres { // whose transactions fail with a statement
			require.ErrorContains(t, err, "an earlier statement of the event's function failed")
			require.NotErrorIs(t, err, webhooks.ErrClaimLost)
			f.requireNothing(t)
			require.NoError(t, f.runInsert(t, "evt_1"))
			return
		}
		require.NoError(t, err)
		require.Equal(t, 1, f.count(t, f.effects))
	})
}

// runAndEnd runs a function that inserts, and then does what it should not.
func (f *fixture) runAndEnd(t *testing.T, end func(context.Context, *sql.Tx) error) error {
	return f.Transactional().Run(t.Context(), "evt_1", func(ctx context.Context) error {
		if err := f.insert(ctx, "evt_1"); err != nil {
			return err
		}
		tx, _ := sqlclaims.Tx(ctx)
		return end(ctx, tx)
	})
}

func TestImplicitCommitLosesNoEvent(t *testing.T) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) {
		if d.dialect != sqlclaims.DialectMySQL {
			t.Skip("it has no statements that commit implicitly")
		}
		f := newFixture(t, d, db)
		table := tableName(t)
		err := f.runAndEnd(t, func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "CREATE TABLE "+table+" (id INT)")
			assert.NoError(t, err)
			return errFunction
		})
		f.exec(t, "DROP TABLE "+table)
		require.ErrorIs(t, err, errFunction)
		require.ErrorIs(t, f.runInsert(t, "evt_1"), webhooks.ErrInFlight, "the claim was committed")
		f.advance(t)(2 * time.Minute)
		require.NoError(t, f.runInsert(t, "evt_1"), "and ran out")
	})
}

func TestEachEventHasOneEffectAtEachIsolationLevel(t *testing.T) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) {
		for _, level := range []sql.IsolationLevel{sql.LevelDefault, sql.LevelReadCommitted, sql.LevelRepeatableRead, sql.LevelSerializable} {
			if d.dialect == sqlclaims.DialectSQLite && level != sql.LevelDefault {
				continue // it has one
			}
			if d.lowestLevel > level && level != sql.LevelDefault {
				continue
			}
			t.Run(level.String(), func(t *testing.T) {
				f := newFixture(t, d, db, sqlclaims.WithIsolation(level))
				// Several pools, as several replicas have.
				stores := []*fixture{f, f.replica(t, level)}
				f.race(t, stores)
			})
		}
	})
}

// replica returns the same tables seen through a pool of its own, where the database
// can be opened twice.
func (f *fixture) replica(t *testing.T, level sql.IsolationLevel) *fixture {
	t.Helper()
	if f.dialect == sqlclaims.DialectSQLite {
		return f
	}
	db := f.open(t)
	store, err := sqlclaims.New(db, f.dialect, sqlclaims.WithTable(f.table), sqlclaims.WithIsolation(level))
	require.NoError(t, err)
	return &fixture{Store: store, database: f.database, db: db, table: f.table, effects: f.effects}
}

// race delivers each of some events to all stores several times at once, until all
// deliveries are accepted.
func (f *fixture) race(t *testing.T, stores []*fixture) {
	t.Helper()
	const events, copies = 20, 6
	deadline := time.Now().Add(time.Minute)
	var failures atomic.Int64
	var group sync.WaitGroup
	for n := range events * copies {
		store := stores[n%len(stores)]
		id := fmt.Sprintf("evt_%d", n/copies)
		group.Go(func() {
			for attempt := 0; time.Now().Before(deadline); attempt++ {
				err := store.Transactional().Run(t.Context(), id, func(ctx context.Context) error {
					if err := store.insert(ctx, id); err != nil {
						return err
					}
					if (n+attempt)%3 == 0 {
						return errFunction
					}
					return nil
				})
				switch {
				case err == nil || errors.Is(err, webhooks.ErrDone):
					return
				case !errors.Is(err, webhooks.ErrInFlight) && !errors.Is(err, errFunction):
					failures.Add(1) // a conflict at commit: allowed, as long as it is said
					if !strings.Contains(err.Error(), "40001") {
						t.Errorf("Run = %v", err)
					}
				}
			}
			t.Errorf("%s is never done", id)
		})
	}
	group.Wait()
	t.Logf("%d serialization failures", failures.Load())
	require.Equal(t, events, f.count(t, f.effects))
	require.Equal(t, events, f.count(t, "(SELECT DISTINCT event_id FROM "+f.effects+") AS distinct_events"))
}

func TestBrokenConnectionFreesEvent(t *testing.T) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) {
		kill := map[sqlclaims.Dialect][2]string{
			sqlclaims.DialectPostgres: {"SELECT pg_backend_pid()", "SELECT pg_terminate_backend(%d)"},
			sqlclaims.DialectMySQL:    {"SELECT CONNECTION_ID()", "KILL %d"},
		}[d.dialect]
		if kill[0] == "" {
			t.Skip("it has no connections to break")
		}
		f := newFixture(t, d, db)
		err := f.Transactional().Run(t.Context(), "evt_1", func(ctx context.Context) error {
			if err := f.insert(ctx, "evt_1"); err != nil {
				return err
			}
			tx, _ := sqlclaims.Tx(ctx)
			var id int64
			if err := tx.QueryRowContext(ctx, kill[0]).Scan(&id); err != nil {
				return err
			}
			f.exec(t, fmt.Sprintf(kill[1], id))
			return nil
		})
		require.Error(t, err, "nothing can have been committed")
		require.Eventually(t, func() bool { return f.runInsert(t, "evt_1") == nil }, time.Minute, 10*time.Millisecond)
		require.Equal(t, 1, f.count(t, f.effects))
	})
}

func TestExhaustedPoolIsWaitedForUntilContextEnds(t *testing.T) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) {
		f := newFixture(t, d, db)
		db.SetMaxOpenConns(1)
		held, err := db.Conn(t.Context())
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		err = f.Transactional().Run(ctx, "evt_1", func(context.Context) error { return nil })
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NoError(t, held.Close())
		require.NoError(t, f.runInsert(t, "evt_1"))
	})
}
