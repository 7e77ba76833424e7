package webhooks_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// nilError has methods that need more than the nil pointer that it is returned as.
type nilError struct{ inner error }

func (e *nilError) Error() string { return e.inner.Error() }
func (e *nilError) Unwrap() error { return e.inner }

// methods is an error whose methods a test sets.
type methods struct {
	text   func() string
	is     func(error) bool
	as     func(any) bool
	unwrap func() error
}

func (e methods) Error() string {
	if e.text == nil {
		return "of a test"
	}
	return e.text()
}
func (e methods) Is(target error) bool { return e.is != nil && e.is(target) }
func (e methods) As(target any) bool   { return e.as != nil && e.as(target) }
func (e methods) Unwrap() error {
	if e.unwrap == nil {
		return nil
	}
	return e.unwrap()
}

type unwrapsMany struct{}

func (unwrapsMany) Error() string   { return "of a test" }
func (unwrapsMany) Unwrap() []error { panic("Unwrap") }

type joinsNil struct{}

func (joinsNil) Error() string   { return "of a test" }
func (joinsNil) Unwrap() []error { return []error{nil, (*nilError)(nil)} }

// formatsItself panics when fmt prints it, and again when fmt prints the panic.
type formatsItself struct{}

func (formatsItself) Error() string { panic(formatsItself{}) }

// holdsSlice can be compared as a type, and not as a value.
type holdsSlice struct{ any }

func (holdsSlice) Error() string { return "of a test" }

type itself struct{}

func (e *itself) Error() string { return "of a test" }
func (e *itself) Unwrap() error { return e }

type joinsItself struct{}

func (e *joinsItself) Error() string   { return "of a test" }
func (e *joinsItself) Unwrap() []error { return []error{e} }

type uncomparable struct{ fields []int }

func (uncomparable) Error() string { return "uncomparable" }

// hostileErrors are errors that a function or a store may return by mistake.
var hostileErrors = map[string]error{
	"a typed nil":                            (*nilError)(nil),
	"a typed nil that is wrapped":            fmt.Errorf("wrapped: %w", (*nilError)(nil)),
	"a typed nil that is joined":             errors.Join(errFunction, (*nilError)(nil)),
	"an error whose Error panics":            methods{text: func() string { panic("Error") }},
	"an error whose Error panics twice":      formatsItself{},
	"an error whose Is panics":               methods{is: func(error) bool { panic("Is") }},
	"an error whose Is expects another type": methods{is: func(target error) bool { return target.(methods).text == nil }},
	"an error whose As panics":               methods{as: func(any) bool { panic("As") }},
	"an error whose Unwrap panics":           methods{unwrap: func() error { panic("Unwrap") }},
	"an error whose Unwrap of many panics":   unwrapsMany{},
	"an error that joins nil":                joinsNil{},
	"an error that wraps itself":             &itself{},
	"an error that joins itself":             &joinsItself{},
	"an error that cannot be compared":       uncomparable{[]int{1}},
	"an error that only seems comparable":    holdsSlice{[]int{1}},
}

// hostileCalls end in another way than by returning.
var hostileCalls = map[string]func() error{
	"a panic":                      func() error { panic("the fuse is lit") },
	"a panic with nil":             func() error { panic(nil) },
	"a panic to abort a handler":   func() error { panic(http.ErrAbortHandler) },
	"a panic with a hostile error": func() error { panic(formatsItself{}) },
	"runtime.Goexit":               func() error { runtime.Goexit(); return nil },
}

// culprits say who panicked, of one whose errors and calls are named so.
var culprits = map[string]func(of, in string) string{
	"a panic":     func(_, in string) string { return in + " panicked: the fuse is lit" },
	"a typed nil": func(of, _ string) string { return "an error of " + of + ", of type *webhooks_test.nilError, panicked" },
	"a panic with a hostile error": func(_, in string) string {
		return in + " panicked: a value of type webhooks_test.formatsItself that cannot be printed"
	},
	"an error that wraps itself": func(of, _ string) string {
		return "an error of " + of + ", of type *webhooks_test.itself, panicked: it wraps too many errors, or itself"
	},
}

// hostile are all of them as functions.
func hostile() map[string]func() error {
	all := map[string]func() error{}
	for name, err := range hostileErrors {
		all[name] = func() error { return err }
	}
	for name, call := range hostileCalls {
		all[name] = call
	}
	return all
}

// withPanicNil has a panic(nil) recovered as nil, as in programs of before Go 1.21.
func withPanicNil(t *testing.T) { t.Setenv("GODEBUG", "panicnil=1") }

// overTheNetwork delivers an event to the handler over HTTP/1.1, and returns the status.
func overTheNetwork(t *testing.T, handler http.Handler) int {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	return deliverTo(t, server)
}

func deliverTo(t *testing.T, server *httptest.Server) int {
	t.Helper()
	request, err := webhooks.NewRequest(t.Context(), server.URL, []byte(paymentBody), webhooks.Signing{Secrets: []string{standardSecret}, Time: signedAt})
	require.NoError(t, err)
	response, err := server.Client().Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	return response.StatusCode
}

// watched is a handler whose log and observer are noted.
type watched struct {
	log  bytes.Buffer
	seen []webhooks.Receipt
}

func (w *watched) handler(t *testing.T, options ...webhooks.HandlerOption) *webhooks.Handler {
	return newHandler(t, append(slices.Clip(options),
		webhooks.WithLogger(slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		webhooks.WithObserver(func(_ context.Context, r webhooks.Receipt) { w.seen = append(w.seen, r) }))...)
}

// saw checks that the delivery was observed and logged, with an error that is safe to use.
func (w *watched) saw(t *testing.T, outcome webhooks.Outcome, status int) {
	t.Helper()
	require.Len(t, w.seen, 1)
	assert.Equal(t, outcome, w.seen[0].Outcome)
	assert.Equal(t, status, w.seen[0].StatusCode)
	assert.Equal(t, "evt_1", w.seen[0].EventID)
	assert.Contains(t, w.log.String(), fmt.Sprintf("outcome=%s status=%d", outcome, status))
	assert.Contains(t, w.log.String(), "event_id=evt_1")
	assert.Contains(t, w.log.String(), "error=")
	assert.NotPanics(t, func() {
		assert.NotEmpty(t, w.seen[0].Err.Error())
		assert.NotErrorIs(t, w.seen[0].Err, webhooks.ErrMalformedEvent)
		_ = errors.As(w.seen[0].Err, new(*nilError))
	})
}

func TestFunctionThatFailsInAnyWayIsOutcomeFailed(t *testing.T) {
	withPanicNil(t)
	for name, fails := range hostile() {
		t.Run(name, func(t *testing.T) {
			var w watched
			claims := &recordingClaims{Claims: newMemory(t, webhooks.MemoryClaimsConfig{})}
			handler := w.handler(t, webhooks.WithClaims(claims),
				webhooks.On(webhooks.EventPaymentSucceeded, func(context.Context, *webhooks.Event) error { return fails() }))
			assert.Equal(t, http.StatusInternalServerError, overTheNetwork(t, handler))
			w.saw(t, webhooks.OutcomeFailed, http.StatusInternalServerError)
			if culprit, ok := culprits[name]; ok {
				assert.ErrorContains(t, w.seen[0].Err, culprit("the event's function", "the event's function"))
			}
			assert.Equal(t, []string{"claim evt_1", "release evt_1"}, claims.calls)
			assert.NoError(t, handler.Shutdown(t.Context()), "nothing is left")
		})
		t.Run(name+", in a transaction", func(t *testing.T) {
			var w watched
			var returned error
			store := &transactions{run: func(ctx context.Context, handle func(context.Context) error) error {
				returned = handle(ctx)
				return fmt.Errorf("rolled back: %w", returned)
			}}
			handler := w.handler(t, webhooks.WithTransactionalClaims(store),
				webhooks.On(webhooks.EventPaymentSucceeded, func(context.Context, *webhooks.Event) error { return fails() }))
			assert.Equal(t, http.StatusInternalServerError, overTheNetwork(t, handler))
			w.saw(t, webhooks.OutcomeFailed, http.StatusInternalServerError)
			if name != "runtime.Goexit" {
				assert.NotPanics(t, func() { assert.NotEmpty(t, returned.Error(), "the store has an error that is safe to use") })
			}
			assert.NoError(t, handler.Shutdown(t.Context()), "nothing is left")
		})
	}
}

func TestGoexitInFunctionGetsResponseOverHTTP2(t *testing.T) {
	var w watched
	server := httptest.NewUnstartedServer(w.handler(t, webhooks.On(webhooks.EventPaymentSucceeded,
		func(context.Context, *webhooks.Event) error { return hostileCalls["runtime.Goexit"]() })))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	assert.Equal(t, http.StatusInternalServerError, deliverTo(t, server))
}

// hostileClaims fail in the method of that name.
type hostileClaims struct {
	webhooks.Claims
	in    string
	fails func() error
}

func (c *hostileClaims) Claim(ctx context.Context, eventID string, lease time.Duration) (string, error) {
	if c.in == "Claim" {
		return "", c.fails()
	}
	return c.Claims.Claim(ctx, eventID, lease)
}

func (c *hostileClaims) Done(ctx context.Context, eventID, token string) error {
	if c.in == "Done" {
		return c.fails()
	}
	return c.Claims.Done(ctx, eventID, token)
}

func (c *hostileClaims) Release(ctx context.Context, eventID, token string) error {
	if c.in == "Release" {
		return c.fails()
	}
	return c.Claims.Release(ctx, eventID, token)
}

func (c *hostileClaims) Run(context.Context, string, func(context.Context) error) error {
	return c.fails()
}

func TestClaimsThatFailInAnyWayAreOutcomeUnavailable(t *testing.T) {
	withPanicNil(t)
	succeeds := func(context.Context, *webhooks.Event) error { return nil }
	for in, test := range map[string]struct {
		function webhooks.EventFunc
		outcome  webhooks.Outcome
		status   int
	}{
		"Claim":   {succeeds, webhooks.OutcomeUnavailable, http.StatusServiceUnavailable},
		"Done":    {succeeds, webhooks.OutcomeHandled, http.StatusOK}, // the effect is there
		"Release": {func(context.Context, *webhooks.Event) error { return errFunction }, webhooks.OutcomeFailed, http.StatusInternalServerError},
		"Run":     {succeeds, webhooks.OutcomeUnavailable, http.StatusServiceUnavailable},
	} {
		for name, fails := range hostile() {
			t.Run(in+": "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var w watched
					store := &hostileClaims{newMemory(t, webhooks.MemoryClaimsConfig{}), in, fails}
					claims := webhooks.WithClaims(struct{ webhooks.Claims }{store})
					if in == "Run" {
						claims = webhooks.WithTransactionalClaims(store)
					}
					handler := w.handler(t, claims, webhooks.On(webhooks.EventPaymentSucceeded, test.function))
					assert.Equal(t, test.status, deliverBody(t, handler, paymentBody).Code)
					w.saw(t, test.outcome, test.status)
					if culprit, ok := culprits[name]; ok {
						assert.ErrorContains(t, w.seen[0].Err, culprit("the claims store", "the claims store"))
					}
				})
			})
		}
	}
}

func TestObserverThatFailsInAnyWayLeavesResponseAndLog(t *testing.T) {
	withPanicNil(t)
	for name, fails := range hostileCalls {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			handler := newHandler(t, webhooks.On(webhooks.EventPaymentSucceeded, nothing),
				webhooks.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
				webhooks.WithObserver(func(context.Context, webhooks.Receipt) { _ = fails() }))
			assert.Equal(t, http.StatusOK, overTheNetwork(t, handler))
			assert.Contains(t, log.String(), "outcome=handled")
			if name != "runtime.Goexit" {
				assert.Contains(t, log.String(), "webhook observer panicked")
			}
		})
	}
}

// hostileLog fails when it is to write a record.
type hostileLog struct {
	slog.Handler
	fails func() error
}

func (hostileLog) Enabled(context.Context, slog.Level) bool    { return true }
func (l hostileLog) Handle(context.Context, slog.Record) error { return l.fails() }

func TestLoggerThatFailsInAnyWayLeavesResponseAndObserver(t *testing.T) {
	withPanicNil(t)
	for name, fails := range hostile() {
		for outcome, function := range map[int]webhooks.EventFunc{
			http.StatusOK:                  nothing,
			http.StatusInternalServerError: func(context.Context, *webhooks.Event) error { return (*nilError)(nil) },
		} {
			t.Run(fmt.Sprint(name, " of a ", outcome), func(t *testing.T) {
				observed := 0
				handler := newHandler(t, webhooks.On(webhooks.EventPaymentSucceeded, function),
					webhooks.WithLogger(slog.New(hostileLog{slog.DiscardHandler, fails})),
					webhooks.WithObserver(func(context.Context, webhooks.Receipt) { observed++ }))
				assert.Equal(t, outcome, overTheNetwork(t, handler))
				assert.Equal(t, 1, observed)
			})
		}
	}
}

func TestBodyThatFailsInAnyWayGetsResponse(t *testing.T) {
	withPanicNil(t)
	for name, fails := range hostile() {
		t.Run(name, func(t *testing.T) {
			var w watched
			handler := w.handler(t, webhooks.On(webhooks.EventPaymentSucceeded, nothing))
			request := delivery(t, paymentBody)
			request.Body = io.NopCloser(readerFunc(func([]byte) (int, error) { return 0, fails() }))
			response := httptest.NewRecorder()
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				handler.ServeHTTP(response, request)
			}()
			<-ended
			require.Len(t, w.seen, 1)
			want := http.StatusBadRequest
			if _, ok := hostileCalls[name]; ok {
				want = http.StatusInternalServerError
			}
			assert.Equal(t, want, response.Code)
			assert.Equal(t, want, w.seen[0].StatusCode)
			assert.Contains(t, w.log.String(), "error=")
			assert.NotPanics(t, func() { assert.NotEmpty(t, w.seen[0].Err.Error()) })
			if culprit, ok := culprits[name]; ok {
				assert.ErrorContains(t, w.seen[0].Err, culprit("the request's body", "receiving the request"))
			}
		})
	}
}

// hostileData cannot be decoded: its decoder returns a nil pointer as the error.
type hostileData struct{}

func (*hostileData) UnmarshalJSON([]byte) error { return (*nilError)(nil) }

func TestDataWhoseDecoderReturnsTypedNilIsMalformed(t *testing.T) {
	_, err := webhooks.Decode[hostileData](mustParse(t, paymentBody))
	assert.ErrorIs(t, err, webhooks.ErrMalformedEvent)
}

func TestErrorOfFunctionIsReportedUnchanged(t *testing.T) {
	var w watched
	want := fmt.Errorf("send the mail: %w", errFunction)
	handler := w.handler(t, webhooks.On(webhooks.EventPaymentSucceeded, func(context.Context, *webhooks.Event) error { return want }))
	deliverBody(t, handler, paymentBody)
	assert.Same(t, want, w.seen[0].Err)
}

// inOneTransaction is a store that passes on what the function returns.
type inOneTransaction struct{ webhooks.Claims }

func (inOneTransaction) Run(ctx context.Context, _ string, handle func(context.Context) error) error {
	return handle(ctx)
}

func TestErrorThatCannotBeComparedIsOutcomeFailed(t *testing.T) {
	handler := newHandler(t,
		webhooks.WithLogger(slog.New(slog.DiscardHandler)),
		webhooks.WithTransactionalClaims(inOneTransaction{}),
		webhooks.On("x", func(context.Context, *webhooks.Event) error { return uncomparable{[]int{1}} }))
	assert.Equal(t, http.StatusInternalServerError, deliverBody(t, handler, `{"event":"x","data":{}}`).Code)
}
