package sqlclaims

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

// Transactional runs each event's function in the transaction that claims the event.
// It comes from [Store.Transactional], and is safe for concurrent use. Each function
// that runs has a connection of the database's pool; one that needs more than [Tx]
// needs a second one.
type Transactional struct{ *Store }

var _ webhooks.TransactionalClaims = (*Transactional)(nil)

// Transactional returns the store whose claims are transactions, in the same table.
func (s *Store) Transactional() *Transactional { return &Transactional{s} }

// Tx returns the transaction that claims the event, in the context of a function that
// runs under [Transactional.Run]; elsewhere it reports false. The function neither
// commits it nor rolls it back, and keeps no reference to it. In SQLite it writes
// through this alone, or waits for itself.
func Tx(ctx context.Context) (*sql.Tx, bool) {
	tx, ok := ctx.Value(txKey{}).(*sql.Tx)
	return tx, ok
}

type txKey struct{}

const (
	// transactionLease is of claims that are committed before they are done, because
	// the event's function commits, or makes the database do so.
	transactionLease = time.Minute

	// settleTimeout bounds marking the event as done, and is how long after ctx the
	// transaction's statements end. COMMIT and ROLLBACK are for the driver to bound.
	settleTimeout = 5 * time.Second
)

// Run implements [webhooks.TransactionalClaims]. The context of handle has the
// transaction: see [Tx].
//
// The transaction outlives ctx by up to 5 seconds, so that what was done in time is
// committed, and what was not is undone, before Run returns. For how long a COMMIT or a
// ROLLBACK waits for a database that is silent, the driver decides: set a readTimeout in
// the data source name of go-sql-driver/mysql. An error of the commit leaves open whether
// it took place; the event and what handle wrote are then either both there, or neither,
// and another delivery of the event finds out.
//
// The function leaves the end of the transaction to Run. If it ends it nevertheless,
// what it writes and the claim are not one any more:
//
//   - Where it rolls back, the claim is gone, and Run fails with [webhooks.ErrClaimLost].
//   - Where it commits and returns nil, the event is done, since what was committed
//     stays, and Run fails with an error that says what happened. PostgreSQL tells of
//     Commit and of any COMMIT; SQLite too, unless another BEGIN follows. MySQL and
//     MariaDB tell of Commit alone, and with a COMMIT, or a statement that commits
//     implicitly, Run returns nil.
//   - Where it commits and then fails, or its process is killed, what was committed
//     stays, and the event is free a minute after it was claimed.
//
// After a statement that failed, PostgreSQL takes no other until a rollback. A function
// that passes over the error, without a SAVEPOINT to go back to, makes Run fail, with
// everything undone.
func (t *Transactional) Run(ctx context.Context, eventID string, handle func(context.Context) error) error {
	if t == nil || !t.made() {
		return errNotMade
	}
	claim, err := t.newClaim(eventID, transactionLease)
	if err != nil {
		return err
	}
	err = t.exclusively(ctx, claim, func(in beginner) error { return t.run(ctx, in, claim, handle) })
	if err != nil {
		return err
	}
	t.purgeSometimes(ctx)
	return nil
}

func (t *Transactional) run(ctx context.Context, in beginner, claim claim, handle func(context.Context) error) error {
	transaction, err := t.begin(ctx, in)
	if err != nil {
		return t.unclaimed(err)
	}
	defer transaction.end() // when handle panics, too
	claimedIn, err := t.take(ctx, transaction.Tx, claim)
	if err != nil {
		return err
	}
	if err := handle(context.WithValue(ctx, txKey{}, transaction.Tx)); err != nil {
		return err
	}
	return t.finish(in, transaction, claim, claimedIn)
}

// transaction is a transaction and the context that bounds it.
type transaction struct {
	*sql.Tx
	ctx context.Context
	end func() // rolls it back unless it was committed
}

// begin begins a transaction that ctx does not end. Otherwise database/sql would roll
// it back on a goroutine of its own, and the event be in flight after Run.
func (t *Transactional) begin(ctx context.Context, in beginner) (*transaction, error) {
	bounded, cancel := outliving(ctx)
	stop := context.AfterFunc(ctx, cancel) // nobody waits for a connection longer than ctx
	tx, err := in.BeginTx(bounded, &sql.TxOptions{Isolation: t.isolation})
	inTime := stop()
	if err == nil && inTime {
		return &transaction{tx, bounded, func() {
			_ = tx.Rollback()
			cancel()
		}}, nil
	}
	if err == nil {
		_ = tx.Rollback()
	}
	cancel()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, err
}

// outliving returns a context that ends settleTimeout after ctx does, in the same way, or
// when it is cancelled.
func outliving(ctx context.Context) (context.Context, context.CancelFunc) {
	outlived := context.WithoutCancel(ctx)
	var cancel context.CancelFunc
	if deadline, ok := ctx.Deadline(); ok {
		outlived, cancel = context.WithDeadline(outlived, deadline.Add(settleTimeout))
	} else {
		outlived, cancel = context.WithCancel(outlived)
	}
	stop := context.AfterFunc(ctx, func() {
		if ctx.Err() == context.Canceled {
			time.AfterFunc(settleTimeout, cancel)
		}
	})
	return outlived, func() {
		stop()
		cancel()
	}
}

// What an event's function did that the end of its transaction fails from.
var (
	errEnded      = errors.New("sqlclaims: the event's function has ended the transaction, with Commit or a statement that commits: leave that to Run, or what it writes and the claim are not one")
	errPassedOver = errors.New("sqlclaims: an earlier statement of the event's function failed, and the function did not return the error: return it, or go back to a SAVEPOINT")
)

// finish marks the event as done and commits.
func (t *Transactional) finish(in session, transaction *transaction, claim claim, claimedIn string) error {
	ended, err := t.mark(in, transaction, claim, claimedIn)
	if err != nil {
		return err
	}
	err = transaction.Commit()
	if ended || noTransaction(err) {
		return errors.Join(errEnded, err)
	}
	if err != nil {
		return fmt.Errorf("sqlclaims: commit: %w", err)
	}
	return nil
}

// mark marks the event as done, and reports whether the function has ended the
// transaction. If it has committed, what it wrote stays, and to handle the event again
// would do it twice: so the event is marked all the same. A claim that is not there any
// more went with a transaction that was rolled back.
func (t *Transactional) mark(in session, transaction *transaction, claim claim, claimedIn string) (ended bool, err error) {
	ctx, cancel := context.WithTimeout(transaction.ctx, settleTimeout)
	defer cancel()
	args := claim.arguments()
	args["retention"] = milliseconds(t.retention)
	markedIn, err := t.statements.done.write(ctx, transaction, args)
	if ended = errors.Is(err, sql.ErrTxDone); ended {
		markedIn, err = t.statements.done.write(ctx, in, args)
	}
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return ended, fmt.Errorf("sqlclaims: the transaction ended before its commit; look for a Commit, a Rollback or a passed over error in the event's function: %w", webhooks.ErrClaimLost)
	case sqlState(err) == "25P02": // in_failed_sql_transaction
		return ended, fmt.Errorf("%w: %w", errPassedOver, err)
	case err != nil:
		return ended, fmt.Errorf("sqlclaims: mark the event as done, after its function: %w", err)
	}
	return ended || markedIn != claimedIn, nil
}

// noTransaction reports whether SQLite could not commit because a statement had.
func noTransaction(err error) bool {
	return err != nil && strings.Contains(err.Error(), "no transaction is active")
}
