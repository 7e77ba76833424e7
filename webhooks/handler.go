package webhooks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
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
// seconds of trying, of which one attempt may take 4, the answer is 200 nevertheless, and the failure goes to the log and
// the observer: the effect is there, and to ask for another delivery would be to ask for
// it again.
//
// The statuses are those of [Outcome]. The time that a body takes to arrive is for the
// server to bound, which should have a ReadTimeout.
type Handler struct {
	verifier   *Verifier
	functions  map[EventType]EventFunc
	claims     Claims
	timeout    time.Duration
	lease      time.Duration
	settle     time.Duration // for marking an event as done, and for releasing it
	inMemory   bool          // the claims are, which never wait
	retryAfter string
	logger     *slog.Logger
	observe    func(context.Context, Delivery)
	receiver   string
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
	delivery := h.receive(r, started)
	delivery.Receiver = h.receiver
	delivery.write(w, r, h.retryAfter)
	delivery.Duration = time.Since(started)
	h.report(r.Context(), delivery)
}

// report tells the observer and the log of the delivery. A panic of theirs must not take
// the answer with it, which would have the sender repeat a delivery that was handled.
func (h *Handler) report(ctx context.Context, delivery Delivery) {
	defer func() { _ = recover() }() // of the log, which leaves nobody to be told
	if err := h.observed(ctx, delivery); err != nil {
		h.logger.LogAttrs(ctx, slog.LevelError, "webhook observer panicked", failureAttributes(err)...)
	}
	delivery.log(ctx, h.logger, h.timeout)
}

func (h *Handler) observed(ctx context.Context, delivery Delivery) (err error) {
	if h.observe == nil {
		return nil
	}
	defer recovered("the observer", &err)
	h.observe(ctx, delivery)
	return nil
}

// Shutdown answers new deliveries that there is a function for with 503, and waits until
// those at work are done, or until ctx is, whose error it then returns.
//
// A process that ends with [http.Server.Shutdown] does not need it, because that waits
// for the deliveries as for any request. It is for one that stops receiving and goes on,
// before it closes the database of its functions for instance.
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
	return Delivery{Outcome: outcome, EventID: event.ID, EventType: event.Type, Scheme: event.Scheme, Err: err}
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
	limited := &timeLimit{Context: ctx, deadline: started.Add(h.timeout)}
	defer limited.end()
	if store, ok := h.claims.(TransactionalClaims); ok {
		return h.runInTransaction(limited, store, function, event)
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
