package webhooks_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// latestResponse is when the response has to be there, for the sender to see it for certain.
const latestResponse = webhooks.SenderTimeout - 2*time.Second

// silentClaims are a store that is silent in the method of that name: until its context
// ends, or for an hour whatever its context says, as a driver may be.
type silentClaims struct {
	webhooks.Claims
	in   string
	deaf bool
}

func (c *silentClaims) wait(ctx context.Context, in string) error {
	if c.in != in {
		return nil
	}
	if c.deaf {
		time.Sleep(time.Hour)
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func (c *silentClaims) Claim(ctx context.Context, eventID string, lease time.Duration) (string, error) {
	if err := c.wait(ctx, "Claim"); err != nil {
		return "", err
	}
	return c.Claims.Claim(context.WithoutCancel(ctx), eventID, lease)
}

func (c *silentClaims) Done(ctx context.Context, eventID, token string) error {
	if err := c.wait(ctx, "Done"); err != nil {
		return err
	}
	return c.Claims.Done(context.WithoutCancel(ctx), eventID, token)
}

func (c *silentClaims) Release(ctx context.Context, eventID, token string) error {
	if err := c.wait(ctx, "Release"); err != nil {
		return err
	}
	return c.Claims.Release(context.WithoutCancel(ctx), eventID, token)
}

func TestHandlerRespondsWithinSenderTimeout(t *testing.T) {
	longest := []webhooks.HandlerOption{webhooks.WithTimeout(26 * time.Second)}
	for name, options := range map[string][]webhooks.HandlerOption{"by default": nil, "with the longest time limit": longest} {
		for in, test := range map[string]struct {
			fails   error
			outcome webhooks.Outcome
		}{
			"Claim":   {nil, webhooks.OutcomeUnavailable},
			"Done":    {nil, webhooks.OutcomeHandled},
			"Release": {errFunction, webhooks.OutcomeFailed},
		} {
			for _, deaf := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, where the store is silent in %s, deaf: %v", name, in, deaf), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						store := &silentClaims{Claims: newMemory(t, webhooks.MemoryClaimsConfig{}), in: in, deaf: deaf}
						var seen webhooks.Receipt
						handler := newHandler(t, append(options[:len(options):len(options)], webhooks.WithClaims(store),
							webhooks.On(webhooks.EventPaymentSucceeded, func(ctx context.Context, _ *webhooks.Event) error {
								<-ctx.Done() // it takes all of its time
								return test.fails
							}),
							webhooks.WithObserver(func(_ context.Context, r webhooks.Receipt) { seen = r }))...)
						deliverBody(t, handler, paymentBody)
						assert.Equal(t, test.outcome, seen.Outcome)
						assert.ErrorIs(t, seen.Err, context.DeadlineExceeded)
						assert.LessOrEqual(t, seen.Duration, latestResponse)
						if options == nil {
							assert.LessOrEqual(t, seen.Duration, 26*time.Second)
						}
						assert.NoError(t, handler.Shutdown(t.Context()), "it waits for the store")
					})
				})
			}
		}
	}
}

func TestReleaseOfLateClaimDoesNotDelayTheResponse(t *testing.T) {
	for name, test := range map[string]struct {
		options []webhooks.HandlerOption
		latest  time.Duration
	}{
		"by default":                  {latest: 26 * time.Second},
		"with the longest time limit": {[]webhooks.HandlerOption{webhooks.WithTimeout(26 * time.Second)}, latestResponse},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				withinGrace := func(ctx context.Context) {
					<-ctx.Done()
					time.Sleep(900 * time.Millisecond)
				}
				silent := &silentClaims{Claims: newMemory(t, webhooks.MemoryClaimsConfig{}), in: "Release", deaf: true}
				var seen webhooks.Receipt
				handler := newHandler(t, append(test.options, webhooks.WithClaims(&slowClaims{silent, withinGrace, nil}),
					webhooks.On(webhooks.EventPaymentSucceeded, func(context.Context, *webhooks.Event) error {
						t.Error("the function is called after its time")
						return nil
					}),
					webhooks.WithObserver(func(_ context.Context, r webhooks.Receipt) { seen = r }))...)
				deliverBody(t, handler, paymentBody)
				assert.Equal(t, webhooks.OutcomeUnavailable, seen.Outcome)
				assert.ErrorIs(t, seen.Err, context.DeadlineExceeded)
				assert.LessOrEqual(t, seen.Duration, test.latest)
				assert.NoError(t, handler.Shutdown(t.Context()), "it waits for the store")
			})
		})
	}
}

func TestClaimThatCameLateIsReleasedWhateverTheTimeout(t *testing.T) {
	for _, timeout := range []time.Duration{time.Millisecond, 300 * time.Millisecond, time.Second, 20 * time.Second} {
		t.Run(timeout.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				withinGrace := func(ctx context.Context) {
					<-ctx.Done()
					time.Sleep(900 * time.Millisecond)
				}
				claims := newMemory(t, webhooks.MemoryClaimsConfig{})
				handler := newHandler(t, webhooks.WithTimeout(timeout), webhooks.WithLease(24*time.Hour),
					webhooks.WithClaims(&slowClaims{claims, withinGrace, nil}), webhooks.On(webhooks.EventPaymentSucceeded, nothing))
				assert.Equal(t, http.StatusServiceUnavailable, deliverBody(t, handler, paymentBody).Code)
				assert.NoError(t, handler.Shutdown(t.Context()))
				handler = newHandler(t, webhooks.WithClaims(claims), webhooks.On(webhooks.EventPaymentSucceeded, nothing))
				assert.Equal(t, http.StatusOK, deliverBody(t, handler, paymentBody).Code, "the event is free")
			})
		})
	}
}

func TestSlowBodyUsesTimeOfSender(t *testing.T) {
	for _, arrives := range []time.Duration{time.Second, 19 * time.Second, 20 * time.Second, 27 * time.Second} {
		t.Run("after "+arrives.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				verifier, err := webhooks.NewVerifier(standardSecret)
				require.NoError(t, err)
				store := &silentClaims{Claims: newMemory(t, webhooks.MemoryClaimsConfig{}), in: "Done", deaf: true}
				var seen webhooks.Receipt
				handler, err := webhooks.NewHandler(verifier, webhooks.WithClaims(store), webhooks.WithLogger(quiet()),
					webhooks.On(webhooks.EventPaymentSucceeded, func(ctx context.Context, _ *webhooks.Event) error {
						<-ctx.Done()
						return nil
					}),
					webhooks.WithObserver(func(_ context.Context, r webhooks.Receipt) { seen = r }))
				require.NoError(t, err)
				request, err := webhooks.NewRequest(t.Context(), "/", []byte(paymentBody), webhooks.Signing{Secrets: []string{standardSecret}})
				require.NoError(t, err)
				request.Body = io.NopCloser(&slowBody{request.Body, arrives})
				deliver(handler, request)
				assert.LessOrEqual(t, seen.Duration, latestResponse)
				if arrives >= 20*time.Second {
					assert.Equal(t, webhooks.OutcomeUnavailable, seen.Outcome, "the function would have no time left")
					assert.ErrorContains(t, seen.Err, "no time was left for the event's function")
					assert.ErrorIs(t, seen.Err, context.DeadlineExceeded)
				}
				assert.NoError(t, handler.Shutdown(t.Context()))
			})
		})
	}
}

func TestLateClaimIsReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &silentClaims{Claims: newMemory(t, webhooks.MemoryClaimsConfig{}), in: "Claim", deaf: true}
		calls := 0
		handler := newHandler(t, webhooks.WithClaims(store), webhooks.WithLease(24*time.Hour),
			webhooks.On(webhooks.EventPaymentSucceeded, func(context.Context, *webhooks.Event) error { calls++; return nil }))
		assert.Equal(t, http.StatusServiceUnavailable, deliverBody(t, handler, paymentBody).Code)
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		store.in = ""
		assert.Equal(t, http.StatusOK, deliverBody(t, handler, paymentBody).Code)
		assert.Equal(t, 1, calls)
	})
}

func TestLateFailedClaimIsNotReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &recordingClaims{Claims: failsTooLate{}}
		handler := newHandler(t, webhooks.WithClaims(store), webhooks.On(webhooks.EventPaymentSucceeded, nothing))
		assert.Equal(t, http.StatusServiceUnavailable, deliverBody(t, handler, paymentBody).Code)
		assert.NoError(t, handler.Shutdown(t.Context()))
		assert.Equal(t, []string{"claim evt_1"}, store.calls)
	})
}

type failsTooLate struct{ webhooks.Claims }

func (failsTooLate) Claim(context.Context, string, time.Duration) (string, error) {
	time.Sleep(time.Hour)
	return "", errStore
}

func TestErrorOfClaimsSoonAfterTimeoutIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		want := errors.New("i/o timeout")
		var seen webhooks.Receipt
		handler := newHandler(t, webhooks.WithClaims(lateClaims{newMemory(t, webhooks.MemoryClaimsConfig{}), want}),
			webhooks.On(webhooks.EventPaymentSucceeded, nothing),
			webhooks.WithObserver(func(_ context.Context, r webhooks.Receipt) { seen = r }))
		deliverBody(t, handler, paymentBody)
		assert.ErrorIs(t, seen.Err, want)
	})
}

type lateClaims struct {
	webhooks.Claims
	err error
}

func (c lateClaims) Claim(ctx context.Context, _ string, _ time.Duration) (string, error) {
	<-ctx.Done()
	time.Sleep(time.Second / 2)
	return "", c.err
}

func TestFunctionIsNotCalledAfterTimeout(t *testing.T) {
	soonAfter := func(ctx context.Context) {
		<-ctx.Done()
		time.Sleep(time.Second / 2)
	}
	for name, test := range map[string]struct {
		claims  func(claims webhooks.Claims, release error) webhooks.HandlerOption
		release error
	}{
		"under a lease": {claims: func(claims webhooks.Claims, release error) webhooks.HandlerOption {
			return webhooks.WithClaims(&slowClaims{claims, soonAfter, release})
		}},
		"under a lease that cannot be released": {release: errStore, claims: func(claims webhooks.Claims, release error) webhooks.HandlerOption {
			return webhooks.WithClaims(&slowClaims{claims, soonAfter, release})
		}},
		"in a transaction": {claims: func(webhooks.Claims, error) webhooks.HandlerOption {
			return webhooks.WithTransactionalClaims(&transactions{run: func(ctx context.Context, handle func(context.Context) error) error {
				soonAfter(ctx)
				return handle(ctx)
			}})
		}},
		"in a transaction whose context has no end": {claims: func(webhooks.Claims, error) webhooks.HandlerOption {
			return webhooks.WithTransactionalClaims(&transactions{run: func(ctx context.Context, handle func(context.Context) error) error {
				soonAfter(ctx)
				return handle(context.WithoutCancel(ctx))
			}})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				claims := newMemory(t, webhooks.MemoryClaimsConfig{})
				calls := 0
				var seen webhooks.Receipt
				handler := newHandler(t, test.claims(claims, test.release),
					webhooks.On(webhooks.EventPaymentSucceeded, func(context.Context, *webhooks.Event) error { calls++; return nil }),
					webhooks.WithObserver(func(_ context.Context, r webhooks.Receipt) { seen = r }))
				response := deliverBody(t, handler, paymentBody)
				assert.Equal(t, http.StatusServiceUnavailable, response.Code)
				assert.NotEmpty(t, response.Header().Get("Retry-After"))
				assert.Equal(t, webhooks.OutcomeUnavailable, seen.Outcome)
				assert.ErrorIs(t, seen.Err, context.DeadlineExceeded)
				assert.ErrorContains(t, seen.Err, "the time limit passed before the event's function was called")
				assert.Zero(t, calls)
				if test.release != nil {
					assert.ErrorIs(t, seen.Err, test.release)
					return
				}
				assert.False(t, isDone(t, claims, "evt_1"), "it can be claimed again")
			})
		})
	}
}

// slowClaims claim, and then take their time.
type slowClaims struct {
	webhooks.Claims
	wait    func(context.Context)
	release error
}

func (c *slowClaims) Claim(ctx context.Context, eventID string, lease time.Duration) (string, error) {
	token, err := c.Claims.Claim(ctx, eventID, lease)
	c.wait(ctx)
	return token, err
}

func (c *slowClaims) Release(ctx context.Context, eventID, token string) error {
	if c.release != nil {
		return c.release
	}
	return c.Claims.Release(ctx, eventID, token)
}

func TestHandlerDoesNotWaitForSilentTransaction(t *testing.T) {
	type run = func(context.Context, func(context.Context) error) error
	const hour = time.Hour
	for name, test := range map[string]struct {
		run     run
		fails   error
		outcome webhooks.Outcome
		calls   int
		err     error
	}{
		"before the function, until its context ends": {
			func(ctx context.Context, _ func(context.Context) error) error { <-ctx.Done(); return ctx.Err() },
			nil, webhooks.OutcomeUnavailable, 0, context.DeadlineExceeded,
		},
		"before the function, for an hour": {
			func(context.Context, func(context.Context) error) error { time.Sleep(hour); return nil },
			nil, webhooks.OutcomeUnavailable, 0, context.DeadlineExceeded,
		},
		"before the function, which it then calls too late": {
			func(ctx context.Context, handle func(context.Context) error) error {
				time.Sleep(hour)
				return handle(ctx)
			},
			nil, webhooks.OutcomeUnavailable, 0, context.DeadlineExceeded,
		},
		"in its commit": {
			func(ctx context.Context, handle func(context.Context) error) error {
				err := handle(ctx)
				time.Sleep(hour)
				return err
			},
			nil, webhooks.OutcomeUnavailable, 1, context.DeadlineExceeded,
		},
		"in its rollback": {
			func(ctx context.Context, handle func(context.Context) error) error {
				err := handle(ctx)
				time.Sleep(hour)
				return err
			},
			errFunction, webhooks.OutcomeFailed, 1, errFunction,
		},
		"and calls the function again": {
			func(ctx context.Context, handle func(context.Context) error) error {
				_ = handle(ctx)
				time.Sleep(hour)
				return handle(ctx)
			},
			nil, webhooks.OutcomeUnavailable, 1, context.DeadlineExceeded,
		},
		"but tells in time that it could not commit": {
			func(ctx context.Context, handle func(context.Context) error) error {
				_ = handle(ctx)
				time.Sleep(4 * time.Second)
				return errStore
			},
			nil, webhooks.OutcomeUnavailable, 1, errStore,
		},
		"but tells in time that it has committed": {
			func(ctx context.Context, handle func(context.Context) error) error {
				err := handle(ctx)
				time.Sleep(4 * time.Second)
				return err
			},
			nil, webhooks.OutcomeHandled, 1, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				var seen webhooks.Receipt
				handler := newHandler(t, webhooks.WithTransactionalClaims(&transactions{run: test.run}),
					webhooks.On(webhooks.EventPaymentSucceeded, func(ctx context.Context, _ *webhooks.Event) error {
						calls++
						<-ctx.Done()
						return test.fails
					}),
					webhooks.WithObserver(func(_ context.Context, r webhooks.Receipt) { seen = r }))
				deliverBody(t, handler, paymentBody)
				assert.Equal(t, test.outcome, seen.Outcome)
				assert.ErrorIs(t, seen.Err, test.err)
				assert.LessOrEqual(t, seen.Duration, 26*time.Second)
				assert.NoError(t, handler.Shutdown(t.Context()), "it waits for the store")
				assert.Equal(t, test.calls, calls)
			})
		})
	}
	t.Run("the store cannot call the function again after the time limit", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			calls := 0
			var again error
			handler := newHandler(t, webhooks.WithTransactionalClaims(&transactions{run: func(ctx context.Context, handle func(context.Context) error) error {
				_ = handle(ctx)
				time.Sleep(2 * time.Second)
				again = handle(ctx)
				return again
			}}), webhooks.On(webhooks.EventPaymentSucceeded, func(ctx context.Context, _ *webhooks.Event) error {
				calls++
				<-ctx.Done()
				return nil
			}))
			assert.Equal(t, http.StatusServiceUnavailable, deliverBody(t, handler, paymentBody).Code)
			assert.Equal(t, 1, calls)
			assert.ErrorContains(t, again, "the time limit passed before the event's function was called")
		})
	})
	t.Run("the handler waits for a function that the store has abandoned", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var seen webhooks.Receipt
			handler := newHandler(t, webhooks.WithTransactionalClaims(&transactions{run: func(ctx context.Context, handle func(context.Context) error) error {
				go func() { _ = handle(ctx) }()
				<-ctx.Done()
				return ctx.Err()
			}}), webhooks.On(webhooks.EventPaymentSucceeded, func(context.Context, *webhooks.Event) error { time.Sleep(time.Minute); return errFunction }),
				webhooks.WithObserver(func(_ context.Context, r webhooks.Receipt) { seen = r }))
			deliverBody(t, handler, paymentBody)
			assert.Equal(t, webhooks.OutcomeFailed, seen.Outcome)
			assert.Equal(t, time.Minute, seen.Duration)
		})
	})
	t.Run("as long as its function runs", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var seen webhooks.Receipt
			handler := newHandler(t, webhooks.WithTransactionalClaims(&transactions{run: func(ctx context.Context, handle func(context.Context) error) error { return handle(ctx) }}),
				webhooks.On(webhooks.EventPaymentSucceeded, func(context.Context, *webhooks.Event) error { time.Sleep(time.Minute); return nil }),
				webhooks.WithObserver(func(_ context.Context, r webhooks.Receipt) { seen = r }))
			deliverBody(t, handler, paymentBody)
			assert.Equal(t, webhooks.OutcomeHandled, seen.Outcome)
			assert.Equal(t, time.Minute, seen.Duration)
		})
	})
	t.Run("a store may call the function again within the time limit", func(t *testing.T) {
		calls := 0
		handler := newHandler(t, webhooks.WithTransactionalClaims(&transactions{run: func(ctx context.Context, handle func(context.Context) error) error {
			_ = handle(ctx) // and the commit fails, of a conflict say
			return handle(ctx)
		}}), webhooks.On(webhooks.EventPaymentSucceeded, func(context.Context, *webhooks.Event) error {
			if calls++; calls == 1 {
				return errFunction
			}
			return nil
		}))
		assert.Equal(t, http.StatusOK, deliverBody(t, handler, paymentBody).Code)
		assert.Equal(t, 2, calls)
	})
}

func TestShutdownWaitsForSilentStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &silentClaims{Claims: newMemory(t, webhooks.MemoryClaimsConfig{}), in: "Done", deaf: true}
		handler := newHandler(t, webhooks.WithClaims(store), webhooks.On(webhooks.EventPaymentSucceeded, nothing))
		deliverBody(t, handler, paymentBody)
		started := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		assert.ErrorIs(t, handler.Shutdown(ctx), context.DeadlineExceeded)
		assert.NoError(t, handler.Shutdown(t.Context()))
		assert.Greater(t, time.Since(started), 50*time.Minute)
	})
}
