package sqlclaims_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stackbe/stackbe-go/webhooks/sqlclaims"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Drivers of this kind exist: lib/pq waits for a silent server, and none of them gives
// COMMIT a context.
func TestCallReturnsAfterItsContextWhereDriverIgnoresIt(t *testing.T) {
	const timeout, grace, settle = time.Minute, 250 * time.Millisecond, 4 * time.Second
	claim := func(ctx context.Context, store *sqlclaims.Store) error {
		_, err := store.Claim(ctx, "evt_1", time.Hour)
		return err
	}
	run := func(ctx context.Context, store *sqlclaims.Store) error {
		return store.Transactional().Run(ctx, "evt_1", succeed)
	}
	failure := errors.New("the event's function failed")
	fail := func(ctx context.Context, store *sqlclaims.Store) error {
		return store.Transactional().Run(ctx, "evt_1", func(context.Context) error { return failure })
	}
	overrun := func(ctx context.Context, store *sqlclaims.Store) error {
		return store.Transactional().Run(ctx, "evt_1", func(ctx context.Context) error {
			<-ctx.Done()
			return nil
		})
	}
	for name, test := range map[string]struct {
		stuck string
		call  func(context.Context, *sqlclaims.Store) error
		after time.Duration
		want  error
	}{
		"Claim":                              {"INSERT", claim, timeout + grace, context.DeadlineExceeded},
		"Done":                               {"UPDATE", func(ctx context.Context, s *sqlclaims.Store) error { return s.Done(ctx, "evt_1", "token") }, timeout + grace, context.DeadlineExceeded},
		"Release":                            {"DELETE", func(ctx context.Context, s *sqlclaims.Store) error { return s.Release(ctx, "evt_1", "token") }, timeout + grace, context.DeadlineExceeded},
		"Purge that commits":                 {"COMMIT", func(ctx context.Context, s *sqlclaims.Store) error { _, err := s.Purge(ctx); return err }, timeout + grace, context.DeadlineExceeded},
		"CreateTable that commits":           {"COMMIT", func(ctx context.Context, s *sqlclaims.Store) error { return s.CreateTable(ctx) }, timeout + grace, context.DeadlineExceeded},
		"Run that begins":                    {"BEGIN", run, timeout + grace, context.DeadlineExceeded},
		"Run that claims":                    {"INSERT", run, timeout + grace, context.DeadlineExceeded},
		"Run that marks":                     {"UPDATE", run, settle + grace, context.DeadlineExceeded},
		"Run that commits":                   {"COMMIT", run, settle + grace, context.DeadlineExceeded},
		"Run that commits after its timeout": {"COMMIT", overrun, timeout + settle + grace, context.DeadlineExceeded},
		"Run that rolls back":                {"ROLLBACK", fail, settle + grace, failure},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				database := &fakeDatabase{stuck: test.stuck, respond: make(chan struct{})}
				store := newStore(t, database, sqlclaims.DialectPostgres)
				ctx, cancel := context.WithTimeout(t.Context(), timeout)
				defer cancel()
				started := time.Now()
				require.ErrorIs(t, test.call(ctx, store), test.want)
				require.Equal(t, test.after, time.Since(started), "on the clock of the test")
				require.Equal(t, 1, store.Stats().Unresponsive)

				waiting, stop := context.WithCancel(t.Context())
				stop()
				require.ErrorIs(t, store.Wait(waiting), context.Canceled)
				close(database.respond)
				require.NoError(t, store.Wait(t.Context()))
				require.Zero(t, store.Stats().Unresponsive)
			})
		})
	}
}

func TestLateClaimIsUndone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		database := &fakeDatabase{stuck: "INSERT", respond: make(chan struct{})}
		store := newStore(t, database, sqlclaims.DialectPostgres)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		called := false
		err := store.Transactional().Run(ctx, "evt_1", func(context.Context) error { called = true; return nil })
		require.ErrorIs(t, err, context.DeadlineExceeded)
		close(database.respond)
		require.NoError(t, store.Wait(t.Context()))
		synctest.Wait()
		assert.False(t, called)
		assert.Contains(t, database.statements(), "ROLLBACK")
		assert.NotContains(t, database.statements(), "COMMIT")
	})
}

func TestPurgeDelaysClaimForTwoSecondsAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		database := &fakeDatabase{silent: "DELETE"}
		store := newStore(t, database, sqlclaims.DialectPostgres)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		started := time.Now()
		for n := range claimsUntilAPurge {
			_, err := store.Claim(ctx, fmt.Sprintf("evt_%d", n), time.Hour)
			require.NoError(t, err)
		}
		require.Equal(t, 2*time.Second, time.Since(started), "on the clock of the test")
		require.EqualValues(t, 1, store.Stats().PurgeFailures)
	})
}

func TestPanicOfDriverIsPanicOfCall(t *testing.T) {
	database := &fakeDatabase{fail: func(statement string) error {
		if statement == "COMMIT" {
			panic("the driver's own")
		}
		return nil
	}}
	store := newStore(t, database, sqlclaims.DialectPostgres)
	require.PanicsWithValue(t, "the driver's own", func() {
		_ = store.Transactional().Run(t.Context(), "evt_1", succeed)
	})
}
