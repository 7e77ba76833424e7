package webhooks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// Handler is an [http.Handler] that receives deliveries, and calls for each event the
// function that was given for its type. It needs the raw body: no middleware may read
// it before. It is safe for concurrent use.
//
// The function runs under a claim on the event's id, see [WithClaims]. When it returns
// nil the event is done, and later deliveries of it are acknowledged without a call.
// When it returns an error or panics, the claim is released and the sender told to
// repeat the delivery. So each event's function returns nil once; what it did before
// it failed, or before its process was killed, it may do again. A function whose
// writes and the claim must be one takes a [TransactionalClaims].
//
// The function's context ends at the time limit of [WithTimeout], not when the sender hangs up:
// an effect that has begun is not cut off half way. It carries the values of the
// request's context. Where the function goes on regardless of it, longer than the
// lease of [WithLease], another delivery of the event may be handled meanwhile.
//
// If the function succeeds but the store cannot mark the event as done, not within 5
// seconds of trying, the answer is 200 nevertheless, and the failure goes to the log and
// the observer: the effect is there, and to ask for another delivery would be to ask for
// it again.
//
// The statuses are those of [Outcome].
type Handler struct {
	verifier   *Verifier
	functions  map[EventType]EventFunc
	claims     Claims
	timeout    time.Duration
	lease      time.Duration
	retryAfter string
	logger     *slog.Logger
	observe    func(context.Context, Delivery)
	receiver   string // what precedes an event's id in the id that is claimed
	gate       gate
}

var _ http.Handler = (*Handler)(nil)

// ErrShuttingDown is a delivery that came after [Handler.Shutdown].
var ErrShuttingDown = errors.New("webhooks: the handler is shutting down")

// NewHandler returns a Handler of what the options register: see
// [OnApplicationApproved], [OnApplicationRejected], [On] and [OnTyped]. There has to
// be at least one, and one for a type at most. Errors match [ErrInvalidOption] or
// [ErrNoVerifier].
func NewHandler(verifier *Verifier, options ...HandlerOption) (*Handler, error) {
	if verifier == nil || verifier.now == nil {
		return nil, ErrNoVerifier
	}
	settings := defaultHandlerSettings()
	for _, option := range options {
		if option == nil {
			return nil, invalidOption("a HandlerOption is nil")
		}
		if err := option(&settings); err != nil {
			return nil, err
		}
	}
	return settings.handler(verifier)
}

// ServeHTTP receives a delivery.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	delivery := h.receive(r, started)
	delivery.write(w, h.retryAfter)
	delivery.Duration = time.Since(started)
	delivery.log(r.Context(), h.logger)
	h.report(r.Context(), delivery)
}

// report calls the observer. A panic of it must not take the answer with it, which would
// have the sender repeat a delivery that was handled.
func (h *Handler) report(ctx context.Context, delivery Delivery) {
	if h.observe == nil {
		return
	}
	defer func() {
		if value := recover(); value != nil {
			h.logger.LogAttrs(ctx, slog.LevelError, "webhook observer panicked",
				slog.String("panic", fmt.Sprint(value)), slog.String("stack", string(debug.Stack())))
		}
	}()
	h.observe(ctx, delivery)
}

// Shutdown answers new deliveries that there is a function for with 503, and waits until those at work are done, or
// until ctx is, whose error it then returns. Call it besides [http.Server.Shutdown]
// where the process must not end before.
func (h *Handler) Shutdown(ctx context.Context) error {
	select {
	case <-h.gate.close():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *Handler) receive(r *http.Request, started time.Time) Delivery {
	if r.Method != http.MethodPost {
		return Delivery{Outcome: WrongMethod}
	}
	event, err := h.verifier.ParseRequest(r)
	if err != nil {
		return Delivery{Outcome: rejection(err), Err: err}
	}
	outcome, err := h.dispatch(r.Context(), started, event)
	return Delivery{Outcome: outcome, EventID: event.ID, EventType: event.Type, Err: err}
}

// rejection is the outcome of a request that no event could be read from. What is not
// known to be harmless counts as unverified.
func rejection(err error) Outcome {
	switch {
	case errors.Is(err, ErrBodyTooLarge):
		return TooLarge
	case errors.Is(err, ErrBodyUnreadable):
		return Unreadable
	case errors.Is(err, ErrMalformedEvent):
		return Malformed
	}
	return Unverified
}

// dispatch counts the function's time from the arrival of the request, as its sender
// does: a body that came slowly has used some of it.
func (h *Handler) dispatch(ctx context.Context, started time.Time, event *Event) (Outcome, error) {
	function, ok := h.functions[event.Type]
	if !ok {
		return Ignored, nil
	}
	if !h.gate.enter() {
		return Unavailable, ErrShuttingDown
	}
	defer h.gate.leave()

	ctx = context.WithoutCancel(ctx)
	limited, cancel := context.WithDeadline(ctx, started.Add(h.timeout))
	defer cancel()
	if store, ok := h.claims.(TransactionalClaims); ok {
		return h.runInTransaction(limited, store, function, event)
	}
	return h.runUnderLease(ctx, limited, function, event)
}

// runInTransaction tells an error of the function, which is a failure of the event,
// from one of the store.
func (h *Handler) runInTransaction(ctx context.Context, store TransactionalClaims, function EventFunc, event *Event) (Outcome, error) {
	var called bool
	var failure error
	err := store.Run(ctx, h.receiver+event.ID, func(ctx context.Context) error {
		called = true
		failure = call(ctx, function, event)
		return failure
	})
	switch {
	case failure != nil && err != nil:
		return failed(failure), err // with the store's own failure, if it has one
	case failure != nil:
		return failed(failure), failure
	case called && err == nil:
		return Handled, nil
	case called:
		return Unavailable, err
	case err == nil:
		return Unavailable, errors.New("webhooks: the claims store neither called the event's function nor said why")
	}
	return unclaimed(err)
}

// settleTimeout, or the function's time if that is less, bounds marking an event as
// done and releasing its claim, which have to happen even though the function's time is
// over.
const settleTimeout = 5 * time.Second

// The pauses between the attempts to mark an event as done double from the first to the
// last.
const (
	firstPause = 50 * time.Millisecond
	lastPause  = time.Second
)

func (h *Handler) runUnderLease(ctx, limited context.Context, function EventFunc, event *Event) (Outcome, error) {
	claimID := h.receiver + event.ID
	token, err := h.claims.Claim(limited, claimID, h.lease)
	if err != nil {
		return unclaimed(err)
	}
	returned := false
	defer func() {
		if !returned { // runtime.Goexit, of a test's FailNow say
			_ = h.release(ctx, claimID, token)
		}
	}()
	failure := call(limited, function, event)
	returned = true
	if failure == nil {
		return Handled, h.markDone(ctx, claimID, token)
	}
	if err := h.release(ctx, claimID, token); err != nil {
		return failed(failure), errors.Join(failure, err)
	}
	return failed(failure), failure
}

// markDone tries again for as long as a claim may take to be settled: the effect is
// there, and nothing else keeps a later delivery from repeating it.
func (h *Handler) markDone(ctx context.Context, claimID, token string) error {
	settling, cancel := h.settlingContext(ctx)
	defer cancel()
	err := h.claims.Done(settling, claimID, token)
	if err == nil || errors.Is(err, ErrClaimLost) {
		return err
	}
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		select {
		case <-settling.Done():
			return err
		case <-time.After(pause):
		}
		if err = h.claims.Done(settling, claimID, token); err == nil || errors.Is(err, ErrClaimLost) {
			return err
		}
	}
}

func (h *Handler) release(ctx context.Context, claimID, token string) error {
	settling, cancel := h.settlingContext(ctx)
	defer cancel()
	return h.claims.Release(settling, claimID, token)
}

// settlingContext is not the function's own, of which there may be nothing left, or so
// much that a silent store would have the sender wait in vain.
func (h *Handler) settlingContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, min(settleTimeout, h.timeout))
}

// unclaimed is the outcome of an event that could not be claimed.
func unclaimed(err error) (Outcome, error) {
	switch {
	case errors.Is(err, ErrDone):
		return Duplicate, nil
	case errors.Is(err, ErrInFlight):
		return InFlight, nil
	}
	return Unavailable, err
}

// failed is the outcome of an event whose function returned an error.
func failed(failure error) Outcome {
	if errors.Is(failure, ErrMalformedEvent) {
		return Malformed
	}
	return Failed
}

// call calls the function, and turns a panic of it into an error.
func call(ctx context.Context, function EventFunc, event *Event) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicError{value, debug.Stack()}
		}
	}()
	return function(ctx, event)
}

// panicError is a panic of an event's function.
type panicError struct {
	value any
	stack []byte
}

func (p *panicError) Error() string {
	return fmt.Sprintf("webhooks: the event's function panicked: %v", p.value)
}
