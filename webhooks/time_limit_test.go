package webhooks_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/assert"
)

type requestKey struct{}

// inFunction runs f as the function of an event, and returns the context that it had.
func inFunction(t *testing.T, f func(context.Context)) context.Context {
	t.Helper()
	var had context.Context
	handler := newHandler(t, webhooks.On(webhooks.EventPaymentSucceeded, func(ctx context.Context, _ *webhooks.Event) error {
		had = ctx
		f(ctx)
		return nil
	}))
	request := delivery(t, paymentBody)
	response := deliver(handler, request.WithContext(context.WithValue(t.Context(), requestKey{}, "of the request")))
	assert.Equal(t, http.StatusOK, response.Code, "the function did not panic")
	return had
}

func TestFunctionContextEndsAtTimeout(t *testing.T) {
	for name, wait := range map[string]func(context.Context){
		"for who waits for it":                func(ctx context.Context) { <-ctx.Done() },
		"for who waits for one made of it":    func(ctx context.Context) { <-withCancel(ctx).Done() },
		"for who only asks whether it has":    func(context.Context) { time.Sleep(20 * time.Second) },
		"for who asks before and waits later": func(ctx context.Context) { _ = ctx.Err(); time.Sleep(time.Second); <-ctx.Done() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				started := time.Now()
				had := inFunction(t, func(ctx context.Context) {
					assert.NoError(t, ctx.Err())
					wait(ctx)
					assert.Equal(t, 20*time.Second, time.Since(started))
					assert.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
					assert.ErrorIs(t, context.Cause(ctx), context.DeadlineExceeded)
					<-ctx.Done()
				})
				assert.ErrorIs(t, had.Err(), context.DeadlineExceeded, "it stays what it was")
				<-withCancel(had).Done()
			})
		})
	}
}

// withCancel leaves it to the parent to end the context.
func withCancel(parent context.Context) context.Context {
	ctx, cancel := context.WithCancel(parent)
	context.AfterFunc(parent, cancel)
	return ctx
}

func TestFunctionContextEndsWithFunction(t *testing.T) {
	for name, use := range map[string]func(context.Context){
		"unused":     func(context.Context) {},
		"asked":      func(ctx context.Context) { _ = ctx.Err() },
		"waited for": func(ctx context.Context) { _ = ctx.Done() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				had := inFunction(t, use)
				time.Sleep(time.Minute)
				assert.ErrorIs(t, had.Err(), context.Canceled, "whenever it is asked")
				<-had.Done()
				assert.ErrorIs(t, had.Err(), context.Canceled)
				assert.ErrorIs(t, context.Cause(had), context.Canceled)
				<-withCancel(had).Done()
				time.Sleep(time.Minute)
				assert.ErrorIs(t, had.Err(), context.Canceled, "it stays what it was")
			})
		})
	}
}

func TestFunctionContextHasValuesOfRequestAndNotItsEnd(t *testing.T) {
	canceled, cancel := context.WithCancel(context.WithValue(t.Context(), requestKey{}, "of the request"))
	cancel()
	handler := newHandler(t, webhooks.On(webhooks.EventPaymentSucceeded, func(ctx context.Context, _ *webhooks.Event) error {
		for _, use := range []func(){func() {}, func() { _ = ctx.Done() }} {
			use()
			assert.Equal(t, "of the request", ctx.Value(requestKey{}))
			assert.NoError(t, ctx.Err())
			assert.NoError(t, context.Cause(ctx))
		}
		return nil
	}))
	assert.Equal(t, http.StatusOK, deliver(handler, delivery(t, paymentBody).WithContext(canceled)).Code)
}

func TestFunctionContextKeepsItsError(t *testing.T) {
	asked := func(ctx context.Context) { _ = ctx.Err() }
	for name, test := range map[string]struct {
		busy time.Duration
		then func(context.Context)
		want error
	}{
		"where the function was in time":      {time.Second, asked, context.Canceled},
		"where it was not":                    {26 * time.Second, asked, context.DeadlineExceeded},
		"where it was not, and has not asked": {26 * time.Second, func(context.Context) {}, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				had := inFunction(t, func(ctx context.Context) {
					time.Sleep(test.busy)
					test.then(ctx)
				})
				time.Sleep(time.Minute)
				child := withCancel(had)
				for range 2 {
					assert.ErrorIs(t, had.Err(), test.want)
					assert.ErrorIs(t, context.Cause(had), test.want)
					assert.ErrorIs(t, context.Cause(child), test.want)
					<-had.Done()
				}
			})
		})
	}
}

func TestFunctionContextIsSafeForConcurrentUse(t *testing.T) {
	var group sync.WaitGroup
	start := make(chan struct{})
	inFunction(t, func(ctx context.Context) {
		for range 4 {
			for _, use := range []func(){
				func() { _ = ctx.Done() },
				func() { _ = ctx.Err() },
				func() { _ = ctx.Value(requestKey{}) },
				func() { _ = fmt.Sprintf("%v %+v", ctx, withCancel(ctx)) },
			} {
				group.Go(func() { <-start; use() })
			}
		}
		close(start)
	})
	group.Wait()
}

func TestFunctionContextString(t *testing.T) {
	inFunction(t, func(ctx context.Context) {
		assert.Contains(t, fmt.Sprint(ctx), "the time limit of an event's function")
		assert.NotContains(t, fmt.Sprint(ctx), "of the request")
	})
}

func TestContextsDerivedFromFunctionContextStartNoGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inFunction(t, func(ctx context.Context) {
			before := runtime.NumGoroutine()
			for range 100 {
				child, cancel := context.WithTimeout(ctx, time.Second)
				defer cancel()
				_ = child.Done()
			}
			assert.Less(t, runtime.NumGoroutine(), before+50) // tests before this one may leave some that end
		})
	})
}
