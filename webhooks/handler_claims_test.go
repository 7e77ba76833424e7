package webhooks_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errStore = errors.New("the database does not respond")

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

func TestHandlerCallsFunctionUnderClaim(t *testing.T) {
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
			webhooks.OutcomeHandled, http.StatusOK, []string{"claim evt_1", "done evt_1"}, nil,
		},
		"that is released when it fails": {
			recordingClaims{}, fails,
			webhooks.OutcomeFailed, http.StatusInternalServerError, []string{"claim evt_1", "release evt_1"}, []error{errFunction},
		},
		"that cannot be released": {
			recordingClaims{release: errStore}, fails,
			webhooks.OutcomeFailed, http.StatusInternalServerError, []string{"claim evt_1", "release evt_1"}, []error{errFunction, errStore},
		},
		"that was lost to another": {
			recordingClaims{done: webhooks.ErrClaimLost}, nothing,
			webhooks.OutcomeHandled, http.StatusOK, []string{"claim evt_1", "done evt_1"}, []error{webhooks.ErrClaimLost},
		},
		"that another has": {
			recordingClaims{claim: webhooks.ErrInFlight}, fails,
			webhooks.OutcomeInFlight, http.StatusConflict, []string{"claim evt_1"}, nil,
		},
		"that is done": {
			recordingClaims{claim: webhooks.ErrDone}, fails,
			webhooks.OutcomeDuplicate, http.StatusOK, []string{"claim evt_1"}, nil,
		},
		"that the store does not give": {
			recordingClaims{claim: errStore}, fails,
			webhooks.OutcomeUnavailable, http.StatusServiceUnavailable, []string{"claim evt_1"}, []error{errStore},
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.claims.Claims = newMemory(t, webhooks.MemoryClaimsConfig{})
			var seen webhooks.Receipt
			handler := newHandler(t,
				webhooks.WithClaims(&test.claims),
				webhooks.On(webhooks.EventPaymentSucceeded, test.function),
				webhooks.WithObserver(func(_ context.Context, r webhooks.Receipt) { seen = r }))
			response := deliverBody(t, handler, paymentBody)
			assert.Equal(t, test.status, response.Code)
			assert.Equal(t, responseTexts[test.outcome], response.Body.String())
			assert.Equal(t, test.outcome, seen.Outcome)
			assert.Equal(t, "evt_1", seen.EventID)
			assert.Equal(t, webhooks.EventPaymentSucceeded, seen.EventType)
			assert.Equal(t, test.calls, test.claims.calls)
			for _, err := range test.errs {
				assert.ErrorIs(t, seen.Err, err)
			}
			assert.Equal(t, len(test.errs) == 0, seen.Err == nil)
			assert.Equal(t, 40*time.Second, test.claims.lease)
		})
	}
	t.Run("of the lease that was set", func(t *testing.T) {
		claims := &recordingClaims{Claims: newMemory(t, webhooks.MemoryClaimsConfig{})}
		handler := newHandler(t, webhooks.WithClaims(claims), webhooks.WithLease(time.Hour), webhooks.On(webhooks.EventPaymentSucceeded, nothing))
		deliverBody(t, handler, paymentBody)
		assert.Equal(t, time.Hour, claims.lease)
	})
	t.Run("no event without a function is claimed", func(t *testing.T) {
		claims := &recordingClaims{}
		handler := newHandler(t, webhooks.WithClaims(claims), webhooks.On("x", nothing))
		assert.Equal(t, http.StatusNoContent, deliverBody(t, handler, paymentBody).Code)
		assert.Empty(t, claims.calls)
	})
}

// unreliableClaims lose the response to, or never get, the first calls of Done.
type unreliableClaims struct {
	webhooks.Claims
	failures   int           // still to come
	arrive     bool          // and only the response is lost
	hangs      bool          // until the context ends, instead of failing at once
	hangsFirst bool          // in the first call
	hangsLater bool          // from the second call on
	slow       time.Duration // to respond
	lost       bool          // once there are no failures to come
	calls      int
}

func (c *unreliableClaims) Done(ctx context.Context, eventID, token string) error {
	c.calls++
	fails := c.failures > 0
	if fails {
		c.failures--
	}
	if fails && c.hangs || c.hangsFirst && c.calls == 1 || c.hangsLater && c.calls > 1 {
		<-ctx.Done()
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(c.slow):
	}
	if !fails && c.lost {
		return webhooks.ErrClaimLost
	}
	if !fails || c.arrive {
		if err := c.Claims.Done(ctx, eventID, token); err != nil {
			return err
		}
	}
	if fails {
		return errStore
	}
	return nil
}

func TestHandlerRetriesDone(t *testing.T) {
	for _, busy := range []time.Duration{0, 15500 * time.Millisecond, 19 * time.Second} {
		t.Run("after a function of "+busy.String(), func(t *testing.T) { testMarkedAsDone(t, busy) })
	}
}

func testMarkedAsDone(t *testing.T, busy time.Duration) {
	for name, test := range map[string]struct {
		store unreliableClaims
		err   error
		calls int
		takes time.Duration    // after the function
		then  webhooks.Outcome // of a second delivery, once the lease is over
	}{
		"where the store responds again":                  {unreliableClaims{failures: 3}, nil, 4, 350 * time.Millisecond, webhooks.OutcomeDuplicate},
		"where the store is silent, and responds again":   {unreliableClaims{failures: 1, hangs: true}, nil, 2, 4050 * time.Millisecond, webhooks.OutcomeDuplicate},
		"where the store is slow":                         {unreliableClaims{slow: 3900 * time.Millisecond}, nil, 1, 3900 * time.Millisecond, webhooks.OutcomeDuplicate},
		"but not where the store fails, and is silent":    {unreliableClaims{failures: 1, hangsLater: true}, errStore, 3, 5 * time.Second, webhooks.OutcomeHandled},
		"where only the responses were lost":              {unreliableClaims{failures: 3, arrive: true}, nil, 4, 350 * time.Millisecond, webhooks.OutcomeDuplicate},
		"but not where the claim turns out to be lost":    {unreliableClaims{failures: 1, lost: true}, webhooks.ErrClaimLost, 2, 50 * time.Millisecond, webhooks.OutcomeHandled},
		"but not where the store is silent, and fails":    {unreliableClaims{failures: 1000, hangsFirst: true}, errStore, 5, 4750 * time.Millisecond, webhooks.OutcomeHandled},
		"but not where there is no time for another call": {unreliableClaims{failures: 1000, slow: 56250 * time.Microsecond}, errStore, 8, 4 * time.Second, webhooks.OutcomeHandled},
		"but not where the store fails for 5 seconds":     {unreliableClaims{failures: 1000}, errStore, 9, 4550 * time.Millisecond, webhooks.OutcomeHandled},
		"but not where the store is silent for 5 seconds": {unreliableClaims{failures: 1000, hangs: true}, context.DeadlineExceeded, 2, 5 * time.Second, webhooks.OutcomeHandled},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := test.store
				store.Claims = newMemory(t, webhooks.MemoryClaimsConfig{})
				var seen webhooks.Receipt
				handler := newHandler(t, webhooks.WithClaims(&store),
					webhooks.On(webhooks.EventPaymentSucceeded, func(context.Context, *webhooks.Event) error {
						time.Sleep(busy)
						return nil
					}),
					webhooks.WithObserver(func(_ context.Context, r webhooks.Receipt) { seen = r }))
				assert.Equal(t, http.StatusOK, deliverBody(t, handler, paymentBody).Code)
				assert.Equal(t, webhooks.OutcomeHandled, seen.Outcome)
				assert.ErrorIs(t, seen.Err, test.err)
				assert.Equal(t, busy+test.takes, seen.Duration, "on the clock of the test")
				assert.Equal(t, test.calls, store.calls)

				time.Sleep(time.Minute)
				store.failures, store.lost, store.hangsLater = 0, false, false
				deliverBody(t, handler, paymentBody)
				assert.Equal(t, test.then, seen.Outcome)
			})
		})
	}
}

func TestHandlerWaitsForReleaseForFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen webhooks.Receipt
		handler := newHandler(t, webhooks.WithClaims(&unreleasedClaims{newMemory(t, webhooks.MemoryClaimsConfig{})}),
			webhooks.On(webhooks.EventPaymentSucceeded, func(context.Context, *webhooks.Event) error { return errFunction }),
			webhooks.WithObserver(func(_ context.Context, r webhooks.Receipt) { seen = r }))
		assert.Equal(t, http.StatusInternalServerError, deliverBody(t, handler, paymentBody).Code)
		assert.Equal(t, 5*time.Second, seen.Duration, "on the clock of the test")
		assert.ErrorIs(t, seen.Err, errFunction)
		assert.ErrorIs(t, seen.Err, context.DeadlineExceeded)
	})
}

// unreleasedClaims are a store that is silent when an event is released.
type unreleasedClaims struct{ webhooks.Claims }

func (*unreleasedClaims) Release(ctx context.Context, _, _ string) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestClaimsGetValuesOfRequestContext(t *testing.T) {
	store := &valuesClaims{Claims: newMemory(t, webhooks.MemoryClaimsConfig{})}
	failing := true
	handler := newHandler(t, webhooks.WithClaims(store), webhooks.On(webhooks.EventPaymentSucceeded, func(context.Context, *webhooks.Event) error {
		if failing {
			return errFunction
		}
		return nil
	}))
	for range 2 {
		request := delivery(t, paymentBody)
		deliver(handler, request.WithContext(context.WithValue(t.Context(), requestKey{}, "of the request")))
		failing = false
	}
	assert.Equal(t, []any{"of the request", "of the request", "of the request", "of the request"}, store.seen)
}

// valuesClaims are a store that notes a value of the contexts that it gets.
type valuesClaims struct {
	webhooks.Claims
	seen []any
}

func (c *valuesClaims) Claim(ctx context.Context, eventID string, lease time.Duration) (string, error) {
	c.seen = append(c.seen, ctx.Value(requestKey{}))
	return c.Claims.Claim(ctx, eventID, lease)
}

func (c *valuesClaims) Done(ctx context.Context, eventID, token string) error {
	c.seen = append(c.seen, ctx.Value(requestKey{}))
	return c.Claims.Done(ctx, eventID, token)
}

func (c *valuesClaims) Release(ctx context.Context, eventID, token string) error {
	c.seen = append(c.seen, ctx.Value(requestKey{}))
	return c.Claims.Release(ctx, eventID, token)
}

func TestLeaseOutlastsFunctionAndDone(t *testing.T) {
	for timeout, settling := range map[time.Duration]time.Duration{
		time.Second:      time.Second,
		5 * time.Second:  5 * time.Second,
		20 * time.Second: 5 * time.Second,
		22 * time.Second: 5 * time.Second,
		25 * time.Second: 2 * time.Second,
		26 * time.Second: time.Second,
	} {
		t.Run("with a timeout of "+timeout.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &recordingClaims{Claims: &unreliableClaims{Claims: newMemory(t, webhooks.MemoryClaimsConfig{}), failures: 1000, hangs: true}}
				var seen webhooks.Receipt
				handler := newHandler(t, webhooks.WithClaims(store), webhooks.WithTimeout(timeout),
					webhooks.On(webhooks.EventPaymentSucceeded, func(ctx context.Context, _ *webhooks.Event) error {
						<-ctx.Done()
						return nil
					}),
					webhooks.WithObserver(func(_ context.Context, r webhooks.Receipt) { seen = r }))
				deliverBody(t, handler, paymentBody)
				assert.Equal(t, timeout+settling, seen.Duration)
				assert.GreaterOrEqual(t, store.lease, seen.Duration)
			})
		})
	}
}

// panickingClaims panic in the method of that name.
type panickingClaims struct {
	webhooks.Claims
	in string
}

func (c *panickingClaims) Claim(ctx context.Context, eventID string, lease time.Duration) (string, error) {
	if c.in == "Claim" {
		_ = explode()
	}
	return c.Claims.Claim(ctx, eventID, lease)
}

func (c *panickingClaims) Done(ctx context.Context, eventID, token string) error {
	if c.in == "Done" {
		c.in = ""
		_ = explode()
	}
	return c.Claims.Done(ctx, eventID, token)
}

func (c *panickingClaims) Release(ctx context.Context, eventID, token string) error {
	if c.in == "Release" {
		_ = explode()
	}
	return c.Claims.Release(ctx, eventID, token)
}

func TestPanicOfClaimsIsAnError(t *testing.T) {
	fails := func(context.Context, *webhooks.Event) error { return errFunction }
	for in, test := range map[string]struct {
		function webhooks.EventFunc
		outcome  webhooks.Outcome
		err      string
	}{
		"Claim":   {nothing, webhooks.OutcomeUnavailable, "the claims store panicked: the fuse is lit"},
		"Done":    {nothing, webhooks.OutcomeHandled, ""}, // it is called again
		"Release": {fails, webhooks.OutcomeFailed, "the claims store panicked: the fuse is lit"},
	} {
		t.Run("in "+in, func(t *testing.T) {
			var seen webhooks.Receipt
			handler := newHandler(t, webhooks.WithClaims(&panickingClaims{newMemory(t, webhooks.MemoryClaimsConfig{}), in}),
				webhooks.On(webhooks.EventPaymentSucceeded, test.function),
				webhooks.WithObserver(func(_ context.Context, r webhooks.Receipt) { seen = r }))
			deliverBody(t, handler, paymentBody)
			assert.Equal(t, test.outcome, seen.Outcome)
			if test.err == "" {
				assert.NoError(t, seen.Err)
				return
			}
			assert.ErrorContains(t, seen.Err, test.err)
		})
	}
	t.Run("in Run", func(t *testing.T) {
		store := &transactions{run: func(context.Context, func(context.Context) error) error { return explode() }}
		response := deliverBody(t, newHandler(t, webhooks.WithTransactionalClaims(store), webhooks.On(webhooks.EventPaymentSucceeded, nothing)), paymentBody)
		assert.Equal(t, http.StatusServiceUnavailable, response.Code)
	})
}

func TestWithReceiverSeparatesReceiversInOneStore(t *testing.T) {
	store := newMemory(t, webhooks.MemoryClaimsConfig{})
	var handled []string
	receiver := func(name string, options ...webhooks.HandlerOption) *webhooks.Handler {
		return newHandler(t, append(slices.Clip(options), webhooks.WithClaims(store),
			webhooks.On(webhooks.EventPaymentSucceeded, func(_ context.Context, event *webhooks.Event) error {
				handled = append(handled, name+" "+event.ID)
				return nil
			}))...)
	}
	for range 2 {
		for _, name := range []string{"mail", "books", "books-2_B"} {
			deliverBody(t, receiver(name, webhooks.WithReceiver(name)), paymentBody)
		}
		deliverBody(t, receiver("nameless"), paymentBody)
	}
	assert.Equal(t, []string{"mail evt_1", "books evt_1", "books-2_B evt_1", "nameless evt_1"}, handled)

	t.Run("also if the function runs in the store's transaction", func(t *testing.T) {
		store := &transactions{run: func(ctx context.Context, handle func(context.Context) error) error { return handle(ctx) }}
		deliverBody(t, newHandler(t, webhooks.WithTransactionalClaims(store), webhooks.WithReceiver("mail"),
			webhooks.On(webhooks.EventPaymentSucceeded, nothing)), paymentBody)
		assert.Equal(t, "mail:evt_1", store.eventID)
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

func TestHandlerCallsFunctionInTransaction(t *testing.T) {
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
		"and is done when that is committed": {inTransaction, nil, webhooks.OutcomeHandled, http.StatusOK, nil},
		"and fails with it":                  {inTransaction, errFunction, webhooks.OutcomeFailed, http.StatusInternalServerError, errFunction},
		"and fails even where that is committed": {
			func(ctx context.Context, handle func(context.Context) error) error {
				_ = inTransaction(ctx, handle)
				return nil
			}, errFunction, webhooks.OutcomeFailed, http.StatusInternalServerError, errFunction,
		},
		"and both failures are told where undoing fails": {
			func(ctx context.Context, handle func(context.Context) error) error {
				return errors.Join(inTransaction(ctx, handle), errStore)
			}, errFunction, webhooks.OutcomeFailed, http.StatusInternalServerError, errStore,
		},
		"and is retried when the commit fails": {
			func(ctx context.Context, handle func(context.Context) error) error {
				return errors.Join(inTransaction(ctx, handle), errStore)
			}, nil, webhooks.OutcomeUnavailable, http.StatusServiceUnavailable, errStore,
		},
		"and is retried when the commit finds that another is first": {
			func(ctx context.Context, handle func(context.Context) error) error {
				return errors.Join(inTransaction(ctx, handle), webhooks.ErrInFlight)
			}, nil, webhooks.OutcomeUnavailable, http.StatusServiceUnavailable, webhooks.ErrInFlight,
		},
		"and is retried when the commit finds that the event is done": {
			func(ctx context.Context, handle func(context.Context) error) error {
				return errors.Join(inTransaction(ctx, handle), webhooks.ErrDone)
			}, nil, webhooks.OutcomeUnavailable, http.StatusServiceUnavailable, webhooks.ErrDone,
		},
		"and is not called while another runs": {
			func(context.Context, func(context.Context) error) error { return webhooks.ErrInFlight },
			nil, webhooks.OutcomeInFlight, http.StatusConflict, nil,
		},
		"and is not called when the event is done": {
			func(context.Context, func(context.Context) error) error { return webhooks.ErrDone },
			nil, webhooks.OutcomeDuplicate, http.StatusOK, nil,
		},
		"and is not called when the store does not respond": {
			func(context.Context, func(context.Context) error) error { return errStore },
			nil, webhooks.OutcomeUnavailable, http.StatusServiceUnavailable, errStore,
		},
		"and an event is not acknowledged that the store forgot to run": {
			func(context.Context, func(context.Context) error) error { return nil },
			nil, webhooks.OutcomeUnavailable, http.StatusServiceUnavailable, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			store := &transactions{run: test.run}
			var seen webhooks.Receipt
			handler := newHandler(t,
				webhooks.WithTransactionalClaims(store),
				webhooks.On(webhooks.EventPaymentSucceeded, func(ctx context.Context, event *webhooks.Event) error {
					assert.Equal(t, "evt_1", event.ID)
					assert.Equal(t, "tx", ctx.Value(transactionKey{}))
					_, limited := ctx.Deadline()
					assert.True(t, limited)
					return test.fails
				}),
				webhooks.WithObserver(func(_ context.Context, r webhooks.Receipt) { seen = r }))
			assert.Equal(t, test.status, deliverBody(t, handler, paymentBody).Code)
			assert.Equal(t, test.outcome, seen.Outcome)
			assert.Equal(t, "evt_1", store.eventID)
			if test.err != nil {
				assert.ErrorIs(t, seen.Err, test.err)
			}
			if test.err == errFunction {
				assert.Same(t, errFunction, seen.Err, "it is told once")
			}
			if test.outcome == webhooks.OutcomeUnavailable {
				assert.Error(t, seen.Err)
			}
		})
	}
	t.Run("and a panic undoes it", func(t *testing.T) {
		var returned error
		store := &transactions{run: func(ctx context.Context, handle func(context.Context) error) error {
			returned = handle(ctx)
			return returned
		}}
		handler := newHandler(t, webhooks.WithTransactionalClaims(store), webhooks.On(webhooks.EventPaymentSucceeded,
			func(context.Context, *webhooks.Event) error { return explode() }))
		assert.Equal(t, http.StatusInternalServerError, deliverBody(t, handler, paymentBody).Code)
		require.Error(t, returned, "the store sees the panic as an error")
	})
}
