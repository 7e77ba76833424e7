package webhooks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// Handler is an [http.Handler] that receives deliveries, and calls for each event the function
// that was given for its type. It needs the raw body: middleware must not read it first. It is
// safe for concurrent use.
//
// The function runs under a claim on the event's id, see [WithClaims]. When it returns nil the
// event is done, and later deliveries of it are acknowledged without a call. When it returns an
// error, panics or ends its goroutine, the claim is released and the response makes the sender
// retry the delivery. A function is called until it returns nil, and then not again for that
// event. What it did before it failed, or before its process was killed, it may do again. To commit its writes together with
// the claim, see [WithTransactionalClaims].
//
// The function's context ends at the time limit of [WithTimeout], not when the sender
// disconnects, so that an effect is not interrupted halfway. It carries the values of the
// request's context. If the function ignores its context for longer than the lease of
// [WithLease], another delivery of the event may be handled at the same time.
//
// If the function succeeds but the store cannot mark the event as done within 5 seconds, of
// which one attempt may take 4, the status is 200 nevertheless, and the failure is logged and
// observed. The effect has taken place, and another delivery would make it take place again.
//
// The response comes within 26 seconds of the request, and within 28 with the longest
// [WithTimeout], unless the body or the function takes longer. The sender gives up after 30, see
// [SenderTimeout]. The response does not wait for a store that ignores its context.
//
// The statuses are those of [Outcome]. A Handler does not limit how long a body takes
// to arrive: set the server's ReadTimeout.
type Handler struct {
	verifier      *Verifier
	functions     map[EventType]EventFunc
	claims        Claims
	transactional TransactionalClaims // instead of claims; or nil
	timeout       time.Duration
	lease         time.Duration
	settle        time.Duration // for marking an event as done, and for releasing it
	inMemory      bool          // the claims are: see claim
	retryAfter    string
	logger        *slog.Logger
	observe       func(context.Context, Receipt)
	receiver      string
	gate          gate
}

var _ http.Handler = (*Handler)(nil)

// ErrShuttingDown is the Err in the [Receipt] of a delivery that came after
// [Handler.Shutdown].
var ErrShuttingDown = errors.New("webhooks: the handler is shutting down")

// NewHandler returns a Handler with the functions that the options register: see
// [OnApplicationApproved] and the others for one type of event, [On] and [OnTyped]. It takes at
// least one function, and at most one for each type. Errors match [ErrInvalidOption] or
// [ErrNoVerifier].
func NewHandler(verifier *Verifier, options ...HandlerOption) (*Handler, error) {
	if verifier == nil {
		return nil, fmt.Errorf("%w: it is nil", ErrNoVerifier)
	}
	if verifier.now == nil {
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
	receipt := Receipt{Receiver: h.receiver, Outcome: OutcomeFailed, Err: errExited}
	exited := true
	defer func() {
		if exited { // by a function, a store or an observer, with runtime.Goexit
			h.finish(w, r, started, &receipt)
		}
	}()
	h.receive(r, started, &receipt)
	exited = false
	receipt.respond(w, r, started, h.retryAfter)
	exited = true
	h.report(r.Context(), receipt)
	exited = false
}

// finish completes the work on a goroutine that is ending. It sends the response, because
// net/http will not.
func (h *Handler) finish(w http.ResponseWriter, r *http.Request, started time.Time, receipt *Receipt) {
	defer func() { _ = http.NewResponseController(w).Flush() }() // it may be sent already
	if receipt.StatusCode != 0 {
		return // it was the observer
	}
	receipt.respond(w, r, started, h.retryAfter)
	h.report(r.Context(), *receipt)
}

// report tells the observer and the log of the receipt. A panic of theirs must not take
// the response with it, which would have the sender retry a delivery that was handled.
func (h *Handler) report(ctx context.Context, receipt Receipt) {
	defer func() { _ = recover() }()            // of the log, where a panic is not reported
	defer receipt.log(ctx, h.logger, h.timeout) // also where the observer ends the goroutine
	if err := h.observed(ctx, receipt); err != nil {
		h.logger.LogAttrs(ctx, slog.LevelError, "webhook observer panicked", failureAttributes(err)...)
	}
}

func (h *Handler) observed(ctx context.Context, receipt Receipt) (err error) {
	if h.observe == nil {
		return nil
	}
	returned := false
	defer recovered("the observer", &returned, &err)
	h.observe(ctx, receipt)
	returned = true
	return nil
}

// Shutdown waits until the deliveries in flight are done. If ctx ends first, it returns its
// error. New deliveries with a registered function get a 503. Shutdown also waits for calls
// of the store that continue after the response.
//
// A process that ends with [http.Server.Shutdown] does not need it, because that waits for
// deliveries as for any request. Call it if the process keeps running, for example before it
// closes the database of its functions.
func (h *Handler) Shutdown(ctx context.Context) error {
	select {
	case <-h.gate.close():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// receive handles a delivery, and records the outcome in its receipt. A panic comes from a
// part of the request, such as its body.
func (h *Handler) receive(r *http.Request, started time.Time, receipt *Receipt) {
	defer func() {
		if value := recover(); value != nil {
			receipt.Outcome, receipt.Err = OutcomeFailed, newPanicError("receiving the request", value)
		}
	}()
	h.handle(r, started, receipt)
}

func (h *Handler) handle(r *http.Request, started time.Time, receipt *Receipt) {
	if r.Method != http.MethodPost {
		receipt.Outcome, receipt.Err = OutcomeWrongMethod, nil
		return
	}
	event, err := h.verifier.ParseRequest(r)
	if err != nil {
		receipt.Outcome, receipt.Err = rejection(err), err
		return
	}
	receipt.EventID, receipt.EventType, receipt.Scheme = event.ID, event.Type, event.Scheme
	receipt.Outcome, receipt.Err = h.dispatch(r.Context(), started, event)
}

// rejection is the outcome of a request without a readable event. An unknown error counts as
// unverified.
func rejection(err error) Outcome {
	switch {
	case errors.Is(err, ErrBodyTooLarge):
		return OutcomeTooLarge
	case errors.Is(err, ErrBodyUnreadable):
		return OutcomeUnreadable
	case errors.Is(err, ErrMalformedEvent):
		return OutcomeMalformed
	}
	return OutcomeUnverified
}

var errSlowBody = fmt.Errorf("webhooks: the body arrived so slowly that no time was left for the event's function: %w", context.DeadlineExceeded)

// dispatch counts the function's time from the arrival of the request, as its sender
// does: a body that came slowly has used some of it.
func (h *Handler) dispatch(ctx context.Context, started time.Time, event *Event) (Outcome, error) {
	function, ok := h.functions[event.Type]
	if !ok {
		return OutcomeIgnored, nil
	}
	if !h.gate.enter() {
		return OutcomeUnavailable, ErrShuttingDown
	}
	defer h.gate.leave()

	if time.Since(started) >= h.timeout {
		return OutcomeUnavailable, errSlowBody
	}
	ctx = context.WithoutCancel(ctx)
	limited := &timeLimit{Context: ctx, deadline: started.Add(h.timeout)}
	defer limited.end()
	if h.transactional != nil {
		return h.runInTransaction(limited, function, event)
	}
	return h.runUnderLease(ctx, limited, function, event)
}

// claimID is the id that the event is claimed under.
func (h *Handler) claimID(event *Event) string {
	if h.receiver == "" {
		return event.ID
	}
	return h.receiver + ":" + event.ID
}
