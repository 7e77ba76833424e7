package sqlclaims

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

// Transactional runs each event's function in the transaction that claims the event. It
// comes from [Store.Transactional], and is safe for concurrent use. Each running function
// holds a connection of the database's pool; a function that does more than use [Tx] needs
// a second one.
type Transactional struct{ *Store }

var _ webhooks.TransactionalClaims = (*Transactional)(nil)

// Transactional returns the store whose claims are transactions, in the same table.
func (s *Store) Transactional() *Transactional { return &Transactional{s} }

// Tx returns the transaction that claims the event, in the context of a function that runs
// under [Transactional.Run]; elsewhere it reports false. The function must not commit it,
// roll it back, or keep a reference to it. In SQLite the function must write only through
// it, or it waits for itself, and must prepare statements with [sql.Tx.PrepareContext]:
// statements of the database cannot be used in the transaction.
//
// The function must close the rows that it reads: with open rows, Run returns an error in
// PostgreSQL and MySQL. In MySQL, a statement whose own context ends before the function's
// closes the connection, and the event is in flight until the server has ended that
// statement.
func Tx(ctx context.Context) (*sql.Tx, bool) {
	tx, ok := ctx.Value(txKey{}).(*sql.Tx)
	return tx, ok
}

type txKey struct{}

const (
	// transactionLease is of claims that are committed before they are done, because
	// the event's function commits, or makes the database do so.
	transactionLease = time.Minute

	// settleTimeout bounds the end of the transaction: from when the function returns,
	// and from when ctx ends, whatever comes first. It is shorter than what the sender
	// waits for after a handler's time limit.
	settleTimeout = 4 * time.Second
)

// Run implements [webhooks.TransactionalClaims]. The context of handle has the
// transaction: see [Tx].
//
// The transaction outlives ctx by up to 4 seconds, so that it is committed or undone
// before Run returns. Run does not wait for longer, even if the driver does: see
// [Store.Wait]. If the commit returns an error, its outcome is unknown: the event is done
// and the writes of handle are there, or neither. The next delivery of the event finds
// out.
//
// If the database ends the transaction, because of a deadlock for instance, what handle
// writes after that is not committed either, and Run returns an error: in PostgreSQL the
// statements fail; in MySQL and SQLite they are in another transaction, which is rolled
// back, and the error matches [webhooks.ErrClaimLost]. Retrying a statement after such an
// error does not help: return the error, and the sender retries.
//
// The function must leave the end of the transaction to Run. If it ends the transaction
// nevertheless, its writes and the claim are no longer one transaction:
//
//   - If it rolls back, the claim is gone, and Run returns an error that matches
//     [webhooks.ErrClaimLost]. What it writes after a ROLLBACK is committed in PostgreSQL,
//     and in SQLite if both are statements of one call, as in "ROLLBACK; INSERT …".
//   - If it commits and returns nil, the event is done, because its writes are committed,
//     and Run returns an error that says what happened. PostgreSQL reports Commit and any
//     COMMIT; SQLite too, unless a BEGIN of the function follows. MySQL and MariaDB report
//     Commit alone, and after a COMMIT, or a statement that commits implicitly, such as
//     BEGIN or CREATE TABLE, Run returns nil.
//   - If it commits and then fails, or its process is killed, the committed writes stay,
//     and the event is free a minute after it was claimed.
//
// After a failed statement, PostgreSQL accepts no other until a rollback. If the function
// ignores the error, and does not go back to a SAVEPOINT, Run undoes everything and
// returns an error.
func (t *Transactional) Run(ctx context.Context, eventID string, handle func(context.Context) error) error {
	if t == nil || !t.made() {
		return errNotMade
	}
	claim, err := t.newClaim(eventID, transactionLease)
	if err != nil {
		return err
	}
	t.warnOfPool(ctx)
	open := func() (*transaction, error) { return t.open(ctx, claim) }
	transaction, err := await(ctx, &t.calls, open, (*transaction).abandon)
	if err != nil {
		return err
	}
	defer transaction.cancel()
	if err := t.handle(ctx, transaction, claim, handle); err != nil {
		return err
	}
	t.purgeSometimes(ctx)
	return nil
}

// transaction is a transaction that has claimed an event.
type transaction struct {
	*sql.Tx
	held      *held
	claimedIn string          // the database's id of it, "" where it has none
	life      context.Context // bounds its statements
	cancel    context.CancelFunc
}

// open begins a transaction and claims the event in it.
func (t *Transactional) open(ctx context.Context, claim claim) (transaction *transaction, err error) {
	held, err := t.holdGuarded(ctx, claim)
	if err != nil {
		return nil, err
	}
	err = t.unlessReadOnly(func() error {
		transaction, err = t.openIn(ctx, held, claim)
		return err
	})
	if err != nil {
		held.giveBack()
		return nil, err
	}
	return transaction, nil
}

func (t *Transactional) openIn(ctx context.Context, held *held, claim claim) (*transaction, error) {
	transaction, err := t.beginIn(ctx, held)
	if err != nil {
		return nil, t.unclaimed(err)
	}
	transaction.claimedIn, err = t.takeIn(ctx, transaction, claim)
	if err != nil {
		_ = transaction.Rollback()
		transaction.cancel()
		return nil, err
	}
	return transaction, nil
}

func (t *Transactional) takeIn(ctx context.Context, transaction *transaction, claim claim) (claimedIn string, err error) {
	if session, ok := transaction.held.in.(*ownSession); ok {
		if err := session.beginsByItself(ctx, transaction); err != nil {
			return "", t.unclaimed(err)
		}
	}
	return t.take(ctx, transaction, claim)
}

// beginIn begins a transaction that ctx does not end. Otherwise database/sql would roll
// it back on a goroutine of its own, and the event be in flight after Run.
func (t *Transactional) beginIn(ctx context.Context, held *held) (*transaction, error) {
	life, cancel := outliving(ctx)
	stop := context.AfterFunc(ctx, cancel) // nobody waits for a connection longer than ctx
	tx, err := t.begin(ctx, life, held.in, t.isolation)
	inTime := stop()
	if err == nil && inTime {
		return &transaction{Tx: tx, held: held, life: life, cancel: cancel}, nil
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

// end rolls back, unless it was committed, and gives back what is held.
func (t *transaction) end() {
	_ = t.Rollback()
	t.held.giveBack()
}

// abandon ends a transaction that came too late.
func (t *transaction) abandon() {
	t.end()
	t.cancel()
}

// outliving returns a context that ends settleTimeout after ctx does, in the same way, or
// when it is canceled.
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

// handle calls the event's function, and commits, or undoes everything.
func (t *Transactional) handle(ctx context.Context, transaction *transaction, claim claim, function func(context.Context) error) error {
	returned := false
	defer func() {
		if !returned { // it panicked, or ended its goroutine
			_ = t.settleWithin(transaction, func(context.Context) error { return nil })
		}
	}()
	failure := function(context.WithValue(ctx, txKey{}, transaction.Tx))
	returned = true
	err := t.settleWithin(transaction, func(ctx context.Context) error {
		if failure != nil {
			return nil
		}
		return t.finish(ctx, transaction, claim)
	})
	if failure != nil {
		return failure
	}
	return err
}

// settleWithin calls run, and then ends the transaction, within the time there is for
// both. A database or a driver that takes longer does so on a goroutine of its own.
func (t *Transactional) settleWithin(transaction *transaction, run func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(transaction.life, settleTimeout)
	defer cancel()
	_, err := await(ctx, &t.calls, func() (struct{}, error) {
		defer transaction.end()
		return struct{}{}, run(ctx)
	}, func(struct{}) {})
	return err
}

// What an event's function did that the end of its transaction fails from.
var (
	errEnded      = errors.New("sqlclaims: the event's function has ended the transaction, with Commit or a statement that commits: leave the commit to Run, which commits the function's writes together with the claim")
	errPassedOver = errors.New("sqlclaims: an earlier statement of the event's function failed, and the function did not return the error: return it, or go back to a SAVEPOINT")
)

// finish marks the event as done and commits.
func (t *Transactional) finish(ctx context.Context, transaction *transaction, claim claim) error {
	guard := transaction.held.guard
	if guard != nil {
		guard.finishing.Store(true)
	}
	ended, err := t.markIn(ctx, transaction, claim)
	if err != nil {
		return err
	}
	err = transaction.Commit()
	if ended || guard != nil && guard.reopened.Load() {
		return errors.Join(errEnded, err)
	}
	if err != nil {
		return fmt.Errorf("sqlclaims: commit: %w", err)
	}
	return nil
}

// markIn marks the event as done, and reports whether the function has ended the
// transaction. If it has committed, what it wrote stays, and to handle the event again
// would do it twice: so the event is marked all the same. A claim that is not there any
// more went with a transaction that was rolled back.
func (t *Transactional) markIn(ctx context.Context, transaction *transaction, claim claim) (ended bool, err error) {
	args := claim.arguments()
	args["retention"] = milliseconds(t.retention)
	markedIn, err := t.statements.done.write(ctx, transaction, args)
	if ended = errors.Is(err, sql.ErrTxDone); ended {
		err = t.markAnew(ctx, transaction.held.in, args)
	}
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return ended, fmt.Errorf("sqlclaims: the transaction ended before its commit; look for a Commit, a Rollback or an ignored error in the event's function: %w", webhooks.ErrClaimLost)
	case sqlState(err) == "25P02": // in_failed_sql_transaction
		return ended, fmt.Errorf("%w: %w", errPassedOver, err)
	case err != nil:
		return ended, fmt.Errorf("sqlclaims: mark the event as done, after its function: %w", err)
	}
	return ended || markedIn != transaction.claimedIn, nil
}

// markAnew marks the event as done in a transaction of its own.
func (t *Transactional) markAnew(ctx context.Context, in beginner, args arguments) error {
	tx, err := t.begin(ctx, ctx, in, sql.LevelDefault)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := t.statements.done.write(ctx, tx, args); err != nil {
		return err
	}
	return tx.Commit()
}
