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

// When a transaction's context ends, database/sql rolls back on a goroutine of its own,
// and Rollback returns before that has ended. The pool's next user must not meet it on
// the connection: see fakeDatabase.open, which fails a test with calls that overlap.
func TestConnectionReturnsToPoolAfterRollback(t *testing.T) {
	const timeout, settle, grace = time.Minute, 4 * time.Second, 250 * time.Millisecond
	for name, test := range map[string]struct {
		takes  map[string]time.Duration
		handle func(context.Context) error
		within time.Duration
	}{
		"where the context ends while the transaction begins": {
			takes:  map[string]time.Duration{"BEGIN": timeout + grace/2, "ROLLBACK": time.Second, "DELETE": time.Second},
			handle: succeed,
			within: timeout + grace,
		},
		"where the transaction ends while its function runs": {
			takes: map[string]time.Duration{"ROLLBACK": time.Second, "DELETE": time.Second},
			handle: func(context.Context) error {
				time.Sleep(timeout + settle + time.Millisecond) // it ignores its context
				return nil
			},
			within: timeout + settle + grace + time.Millisecond,
		},
		"where it does so, and the function fails": {
			takes: map[string]time.Duration{"ROLLBACK": time.Second, "DELETE": time.Second},
			handle: func(context.Context) error {
				time.Sleep(timeout + settle + time.Millisecond)
				return errors.New("the event's function failed")
			},
			within: timeout + settle + grace + time.Millisecond,
		},
	} {
		t.Run(name, func(t *testing.T) {
			for n := range 1000 { // whose rollback is first is chance, above all in the first case
				synctest.Test(t, func(t *testing.T) {
					database := &fakeDatabase{takes: test.takes}
					db := database.open(t)
					db.SetMaxOpenConns(1)
					store, err := sqlclaims.New(db, sqlclaims.DialectSQLite)
					require.NoError(t, err)
					ctx, cancel := context.WithTimeout(t.Context(), timeout)
					defer cancel()
					started := time.Now()
					require.Error(t, store.Transactional().Run(ctx, fmt.Sprintf("evt_%d", n), test.handle))
					require.LessOrEqual(t, time.Since(started), test.within, "on the clock of the test")
					_, err = db.ExecContext(t.Context(), "DELETE of the pool's next user")
					require.NoError(t, err)
					require.NoError(t, store.Wait(t.Context()))
					require.Zero(t, store.Stats().Unresponsive)
				})
			}
		})
	}
}

func TestConnectionThatMayHaveTransactionDoesNotReturnToPool(t *testing.T) {
	failure := errors.New("disk I/O error")
	for name, test := range map[string]struct {
		fail   func(string) error
		handle func(context.Context) error
		closed int
	}{
		"it is committed":               {nil, succeed, 0},
		"it is rolled back":             {nil, func(context.Context) error { return failure }, 0},
		"the rollback fails":            {failOn("ROLLBACK", failure), func(context.Context) error { return failure }, 1},
		"the commit and rollback fails": {func(s string) error { return errors.Join(failOn("COMMIT", failure)(s), failOn("ROLLBACK", failure)(s)) }, succeed, 1},
	} {
		t.Run(name, func(t *testing.T) {
			database := &fakeDatabase{fail: test.fail}
			_ = newStore(t, database, sqlclaims.DialectSQLite).Transactional().Run(t.Context(), "evt_1", test.handle)
			assert.Equal(t, test.closed, database.closed)
		})
	}
}
