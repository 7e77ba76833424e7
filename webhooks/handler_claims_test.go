package webhooks_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errStore = errors.New("the database does not answer")

// recordingClaims are a store that notes how it is called, and fails on demand.
type recordingClaims struct {
	webhooks.Claims
	calls                []string
	claim, done, release error
	lease                time.Duration
}

func (c *recordingClaims) Claim(ctx context.Context, eventID string, lease time.Duration) (string, error) {
	c.calls = append(c.calls, "claim "+eventID)
	c.lease = lease
	if c.claim != nil {
		return "", c.claim
	}
	return c.Claims.Claim(ctx, eventID, lease)
}

func (c *recordingClaims) Done(ctx context.Context, eventID, token string) error {
	c.calls = append(c.calls, "done "+eventID)
	if c.done != nil {
		return c.done
	}
	return c.Claims.Done(ctx, eventID, token)
}

func (c *recordingClaims) Release(ctx context.Context, eventID, token string) error {
	c.calls = append(c.calls, "release "+eventID)
	if c.release != nil {
		return c.release
	}
	return c.Claims.Release(ctx, eventID, token)
}

func TestAFunctionRunsUnderAClaim(t *testing.T) {
	fails := func(context.Context, *webhooks.Event) error { return errFunction }
	for name, test := range map[string]struct {
		claims   recordingClaims
		function webhooks.EventFunc
		outcome  webhooks.Outcome
		status   int
		calls    []string
		errs     []error
	}{
		"that is marked as done": {
			recordingClaims{}, nothing,
			webhooks.Handled, http.StatusOK, []string{"claim evt_1", "done evt_1"}, nil,
		},
		"that is released when it fails": {
			recordingClaims{}, fails,
			webhooks.Failed, http.StatusInternalServerError, []string{"claim evt_1", "release evt_1"}, []error{errFunction},
		},
		"that cannot be released": {
			recordingClaims{release: errStore}, fails,
			webhooks.Failed, http.StatusInternalServerError, []string{"claim evt_1", "release evt_1"}, []error{errFunction, errStore},
		},
		"that cannot be marked as done, which is acknowledged all the same": {
			recordingClaims{done: errStore}, nothing,
			webhooks.Handled, http.StatusOK, []string{"claim evt_1", "done evt_1"}, []error{errStore},
		},
		"that was lost to another": {
			recordingClaims{done: webhooks.ErrClaimLost}, nothing,
			webhooks.Handled, http.StatusOK, []string{"claim evt_1", "done evt_1"}, []error{webhooks.ErrClaimLost},
		},
		"that another has": {
			recordingClaims{claim: webhooks.ErrInFlight}, fails,
			webhooks.InFlight, http.StatusConflict, []string{"claim evt_1"}, nil,
		},
		"that is done": {
			recordingClaims{claim: webhooks.ErrDone}, fails,
			webhooks.Duplicate, http.StatusOK, []string{"claim evt_1"}, nil,
		},
		"that the store does not give": {
			recordingClaims{claim: errStore}, fails,
			webhooks.Unavailable, http.StatusServiceUnavailable, []string{"claim evt_1"}, []error{errStore},
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.claims.Claims = newMemory(t, webhooks.MemoryConfig{})
			var seen webhooks.Delivery
			handler := newHandler(t,
				webhooks.WithClaims(&test.claims),
				webhooks.On(webhooks.EventPaymentSucceeded, test.function),
				webhooks.WithObserver(func(_ context.Context, d webhooks.Delivery) { seen = d }))
			answer := deliverBody(t, handler, paymentBody)
			assert.Equal(t, test.status, answer.Code)
			assert.Equal(t, test.outcome, seen.Outcome)
			assert.Equal(t, "evt_1", seen.EventID)
			assert.Equal(t, webhooks.EventPaymentSucceeded, seen.EventType)
			assert.Equal(t, test.calls, test.claims.calls)
			for _, err := range test.errs {
				assert.ErrorIs(t, seen.Err, err)
			}
			assert.Equal(t, len(test.errs) == 0, seen.Err == nil)
			assert.Equal(t, 50*time.Second, test.claims.lease)
		})
	}
	t.Run("of the lease that was set", func(t *testing.T) {
		claims := &recordingClaims{Claims: newMemory(t, webhooks.MemoryConfig{})}
		handler := newHandler(t, webhooks.WithClaims(claims), webhooks.WithLease(time.Hour), webhooks.On(webhooks.EventPaymentSucceeded, nothing))
		deliverBody(t, handler, paymentBody)
		assert.Equal(t, time.Hour, claims.lease)
	})
	t.Run("that is not taken for events without a function", func(t *testing.T) {
		claims := &recordingClaims{}
		handler := newHandler(t, webhooks.WithClaims(claims), webhooks.On("x", nothing))
		assert.Equal(t, http.StatusNoContent, deliverBody(t, handler, paymentBody).Code)
		assert.Empty(t, claims.calls)
	})
}

// transactions are a store that runs functions itself, as a test says.
type transactions struct {
	webhooks.Claims // nil: not to be called
	run             func(ctx context.Context, handle func(context.Context) error) error
	eventID         string
}

func (s *transactions) Run(ctx context.Context, eventID string, handle func(context.Context) error) error {
	s.eventID = eventID
	return s.run(ctx, handle)
}

type transactionKey struct{}

func TestAFunctionRunsInTheStoresTransaction(t *testing.T) {
	inTransaction := func(ctx context.Context, handle func(context.Context) error) error {
		return handle(context.WithValue(ctx, transactionKey{}, "tx"))
	}
	for name, test := range map[string]struct {
		run     func(context.Context, func(context.Context) error) error
		fails   error
		outcome webhooks.Outcome
		status  int
		err     error
	}{
		"and is done when that is committed": {inTransaction, nil, webhooks.Handled, http.StatusOK, nil},
		"and fails with it":                  {inTransaction, errFunction, webhooks.Failed, http.StatusInternalServerError, errFunction},
		"and fails even where that is committed": {
			func(ctx context.Context, handle func(context.Context) error) error {
				_ = inTransaction(ctx, handle)
				return nil
			}, errFunction, webhooks.Failed, http.StatusInternalServerError, errFunction,
		},
		"and both failures are told where undoing fails": {
			func(ctx context.Context, handle func(context.Context) error) error {
				return errors.Join(inTransaction(ctx, handle), errStore)
			}, errFunction, webhooks.Failed, http.StatusInternalServerError, errStore,
		},
		"and has to be repeated when the commit fails": {
			func(ctx context.Context, handle func(context.Context) error) error {
				return errors.Join(inTransaction(ctx, handle), errStore)
			}, nil, webhooks.Unavailable, http.StatusServiceUnavailable, errStore,
		},
		"and is not called while another runs": {
			func(context.Context, func(context.Context) error) error { return webhooks.ErrInFlight },
			nil, webhooks.InFlight, http.StatusConflict, nil,
		},
		"and is not called when the event is done": {
			func(context.Context, func(context.Context) error) error { return webhooks.ErrDone },
			nil, webhooks.Duplicate, http.StatusOK, nil,
		},
		"and is not called when the store does not answer": {
			func(context.Context, func(context.Context) error) error { return errStore },
			nil, webhooks.Unavailable, http.StatusServiceUnavailable, errStore,
		},
		"and an event is not acknowledged that the store forgot to run": {
			func(context.Context, func(context.Context) error) error { return nil },
			nil, webhooks.Unavailable, http.StatusServiceUnavailable, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			store := &transactions{run: test.run}
			var seen webhooks.Delivery
			handler := newHandler(t,
				webhooks.WithClaims(store),
				webhooks.On(webhooks.EventPaymentSucceeded, func(ctx context.Context, _ *webhooks.Event) error {
					assert.Equal(t, "tx", ctx.Value(transactionKey{}))
					_, limited := ctx.Deadline()
					assert.True(t, limited)
					return test.fails
				}),
				webhooks.WithObserver(func(_ context.Context, d webhooks.Delivery) { seen = d }))
			assert.Equal(t, test.status, deliverBody(t, handler, paymentBody).Code)
			assert.Equal(t, test.outcome, seen.Outcome)
			assert.Equal(t, "evt_1", store.eventID)
			if test.err != nil {
				assert.ErrorIs(t, seen.Err, test.err)
			}
		})
	}
	t.Run("and a panic undoes it", func(t *testing.T) {
		var returned error
		store := &transactions{run: func(ctx context.Context, handle func(context.Context) error) error {
			returned = handle(ctx)
			return returned
		}}
		handler := newHandler(t, webhooks.WithClaims(store), webhooks.On(webhooks.EventPaymentSucceeded,
			func(context.Context, *webhooks.Event) error { return explode() }))
		assert.Equal(t, http.StatusInternalServerError, deliverBody(t, handler, paymentBody).Code)
		require.Error(t, returned, "the store sees the panic as an error")
	})
}
