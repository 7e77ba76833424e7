package webhooks_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// countingClaims are a decorator that hides the Run of the store that it wraps.
type countingClaims struct {
	webhooks.Claims
	claimed int
}

func (c *countingClaims) Claim(ctx context.Context, eventID string, lease time.Duration) (string, error) {
	c.claimed++
	return c.Claims.Claim(ctx, eventID, lease)
}

// countingTransactions are a decorator that keeps it.
type countingTransactions struct {
	webhooks.TransactionalClaims
	ran int
}

func (c *countingTransactions) Run(ctx context.Context, eventID string, handle func(context.Context) error) error {
	c.ran++
	return c.TransactionalClaims.Run(ctx, eventID, handle)
}

func TestRunIsCalledOnlyUnderWithTransactionalClaims(t *testing.T) {
	newTransactions := func(t *testing.T) *transactions {
		return &transactions{
			Claims: newMemory(t, webhooks.MemoryClaimsConfig{}),
			run:    func(ctx context.Context, handle func(context.Context) error) error { return handle(ctx) },
		}
	}
	on := webhooks.On(webhooks.EventPaymentSucceeded, nothing)
	verifier := newVerifier(t, standardSecret)

	t.Run("a transactional store is refused where leases are asked for", func(t *testing.T) {
		for _, store := range []webhooks.Claims{newTransactions(t), &countingTransactions{TransactionalClaims: newTransactions(t)}} {
			_, err := webhooks.NewHandler(verifier, on, webhooks.WithClaims(store))
			assert.ErrorIs(t, err, webhooks.ErrInvalidOption)
			assert.ErrorContains(t, err, "WithTransactionalClaims")
		}
	})
	t.Run("a decorator that hides Run claims under a lease, as WithClaims says", func(t *testing.T) {
		store := newTransactions(t)
		decorated := &countingClaims{Claims: store}
		handler := newHandler(t, webhooks.WithClaims(decorated), on)
		assert.Equal(t, http.StatusOK, deliverBody(t, handler, paymentBody).Code)
		assert.Equal(t, 1, decorated.claimed)
		assert.Empty(t, store.eventID, "Run was not called")
		var hidden any = decorated
		_, ok := hidden.(webhooks.TransactionalClaims)
		assert.False(t, ok, "WithTransactionalClaims does not compile with it")
	})
	t.Run("a decorator that keeps Run runs in the transaction", func(t *testing.T) {
		decorated := &countingTransactions{TransactionalClaims: newTransactions(t)}
		handler := newHandler(t, webhooks.WithTransactionalClaims(decorated), on)
		assert.Equal(t, http.StatusOK, deliverBody(t, handler, paymentBody).Code)
		assert.Equal(t, 1, decorated.ran)
	})
	t.Run("two stores are refused, in any order", func(t *testing.T) {
		transactional, leased := webhooks.WithTransactionalClaims(newTransactions(t)), webhooks.WithClaims(newMemory(t, webhooks.MemoryClaimsConfig{}))
		for _, options := range [][]webhooks.HandlerOption{{on, transactional, leased}, {on, leased, transactional}} {
			_, err := webhooks.NewHandler(verifier, options...)
			assert.ErrorIs(t, err, webhooks.ErrInvalidOption)
			assert.ErrorContains(t, err, "both WithClaims and WithTransactionalClaims")
		}
	})
	t.Run("no store is refused", func(t *testing.T) {
		for _, store := range []webhooks.TransactionalClaims{nil, (*transactions)(nil)} {
			_, err := webhooks.NewHandler(verifier, on, webhooks.WithTransactionalClaims(store))
			require.ErrorIs(t, err, webhooks.ErrInvalidOption)
		}
	})
}
