package sqlclaims

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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
// commits it nor rolls it back, and keeps no reference to it.
func Tx(ctx context.Context) (*sql.Tx, bool) {
	tx, ok := ctx.Value(txKey{}).(*sql.Tx)
	return tx, ok
}

type txKey struct{}

const (
	// transactionLease is of claims that are committed before they are done, because
	// the event's function commits, or makes the database do so.
	transactionLease = time.Minute

	// settleTimeout is how long after ctx the transaction ends, whatever happens.
	settleTimeout = 5 * time.Second
)

// Run implements [webhooks.TransactionalClaims]. The context of handle has the
// transaction: see [Tx].
//
// The transaction outlives ctx by up to 5 seconds, so that what was done in time is
// committed, and what was not is undone, before Run returns. An error of the commit
// leaves open whether it took place; the event and what handle wrote are then either
// both there, or neither, and another delivery of the event finds out.
//
// The function leaves the end of the transaction to Run. Where it calls Commit or
// Rollback itself, Run fails with [webhooks.ErrClaimLost], and what was committed stays.
// A COMMIT that it sends as a statement is not noticed by every database: then neither
// the claim nor what the function writes is protected by the transaction any more.
func (t *Transactional) Run(ctx context.Context, eventID string, handle func(context.Context) error) error {
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
	if err := t.take(ctx, transaction.Tx, claim); err != nil {
		return err
	}
	if err := handle(context.WithValue(ctx, txKey{}, transaction.Tx)); err != nil {
		return err
	}
	return t.commit(transaction, claim)
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

// outliving returns a context that ends settleTimeout after the deadline of ctx, or
// when it is cancelled.
func outliving(ctx context.Context) (context.Context, context.CancelFunc) {
	outlived := context.WithoutCancel(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(outlived, deadline.Add(settleTimeout))
	}
	return context.WithCancel(outlived)
}

// commit marks the event as done and commits. A claim that is not there any more went
// with a transaction that was rolled back.
func (t *Transactional) commit(transaction *transaction, claim claim) error {
	args := claim.arguments()
	args["retention"] = milliseconds(t.retention)
	marked, err := t.statements.done.exec(transaction.ctx, transaction, args)
	if errors.Is(err, sql.ErrTxDone) {
		return fmt.Errorf("sqlclaims: the event's function has called Commit or Rollback: %w", webhooks.ErrClaimLost)
	}
	if err != nil {
		return fmt.Errorf("sqlclaims: mark the event as done, after its function: %w", err)
	}
	if marked == 0 {
		return fmt.Errorf("sqlclaims: the transaction ended before its commit; look for a COMMIT, a ROLLBACK or a passed over error in the event's function: %w", webhooks.ErrClaimLost)
	}
	if err := transaction.Commit(); err != nil {
		return fmt.Errorf("sqlclaims: commit: %w", err)
	}
	return nil
}
