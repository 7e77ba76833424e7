package webhooks

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"
)

// Receipt is one request to a [Handler] and its outcome, for the function given to
// [WithObserver]. It holds nothing of the payload. Err is safe to use: an error whose own
// methods panic is replaced by another.
type Receipt struct {
	Receiver   string // the handler's name: see WithReceiver
	Outcome    Outcome
	StatusCode int           // of the response
	EventID    string        // empty where no event was read
	EventType  EventType     // empty where no event was read
	Scheme     Scheme        // how it was signed; 0 where no event was read
	Duration   time.Duration // from the request's arrival to its response
	Err        error         // why the event was not handled; after [OutcomeHandled], that the claim could not be marked as done
}

// Outcome is how a [Handler] handled a request. It decides the status of the response. The
// sender retries the delivery unless the status is a 2xx.
type Outcome string

// The outcomes, and the status of the response to each.
const (
	OutcomeHandled     Outcome = "handled"      // 200: the event's function returned nil
	OutcomeDuplicate   Outcome = "duplicate"    // 200: it did so before, for another delivery
	OutcomeIgnored     Outcome = "ignored"      // 204: there is no function for this type
	OutcomeMalformed   Outcome = "malformed"    // 400: verified, but not an event, or not of the expected shape
	OutcomeUnreadable  Outcome = "unreadable"   // 400: the body ended early
	OutcomeUnverified  Outcome = "unverified"   // 401
	OutcomeWrongMethod Outcome = "wrong_method" // 405
	OutcomeInFlight    Outcome = "in_flight"    // 409: another delivery of the event is being handled
	OutcomeTooLarge    Outcome = "too_large"    // 413
	OutcomeFailed      Outcome = "failed"       // 500: the event's function returned an error or panicked
	OutcomeUnavailable Outcome = "unavailable"  // 503: the claims store failed, the body or the claim took too long, or the handler is shutting down
)

// response writes the response to a request, with fixed texts.
type response struct {
	status int
	text   string
	level  slog.Level
}

var responses = map[Outcome]response{
	OutcomeHandled:     {http.StatusOK, "", slog.LevelDebug},
	OutcomeDuplicate:   {http.StatusOK, "", slog.LevelDebug},
	OutcomeIgnored:     {http.StatusNoContent, "", slog.LevelDebug},
	OutcomeMalformed:   {http.StatusBadRequest, "the event is malformed", slog.LevelWarn},
	OutcomeUnreadable:  {http.StatusBadRequest, "the body could not be read", slog.LevelWarn},
	OutcomeUnverified:  {http.StatusUnauthorized, "the delivery is not verified", slog.LevelWarn},
	OutcomeWrongMethod: {http.StatusMethodNotAllowed, "send a POST", slog.LevelDebug},
	OutcomeInFlight:    {http.StatusConflict, "the event is being handled", slog.LevelDebug},
	OutcomeTooLarge:    {http.StatusRequestEntityTooLarge, "the body is too large", slog.LevelWarn},
	OutcomeFailed:      {http.StatusInternalServerError, "the event could not be handled", slog.LevelError},
	OutcomeUnavailable: {http.StatusServiceUnavailable, "try again later", slog.LevelError},
}

func (receipt *Receipt) respond(w http.ResponseWriter, r *http.Request, started time.Time, retryAfter string) {
	receipt.write(w, r, retryAfter)
	receipt.Duration = time.Since(started)
}

func (receipt *Receipt) write(w http.ResponseWriter, r *http.Request, retryAfter string) {
	response := responses[receipt.Outcome]
	receipt.StatusCode = response.status
	switch receipt.Outcome {
	case OutcomeWrongMethod:
		w.Header().Set("Allow", http.MethodPost)
		leaveBody(w, r)
	case OutcomeUnverified, OutcomeTooLarge:
		leaveBody(w, r)
	case OutcomeInFlight, OutcomeUnavailable:
		w.Header().Set("Retry-After", retryAfter)
	}
	if response.text == "" {
		w.WriteHeader(response.status)
		return
	}
	http.Error(w, response.text, response.status)
}

// leaveBody has the response sent at once. To keep an HTTP/1 connection alive, net/http first
// waits for up to 256 KiB of a body that was not read, which a client that was just refused
// can send as slowly as the server allows. Where the body was read, for its signature, the
// response is the same: it does not tell how far a forgery came.
func leaveBody(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor == 1 && r.ContentLength != 0 {
		w.Header().Set("Connection", "close")
	}
}

func (receipt *Receipt) log(ctx context.Context, logger *slog.Logger, timeout time.Duration) {
	level := responses[receipt.Outcome].level
	switch {
	case receipt.Outcome == OutcomeHandled && receipt.Err != nil:
		level = slog.LevelError
	case receipt.Outcome == OutcomeHandled && receipt.Duration > timeout:
		level = slog.LevelWarn
	case receipt.Outcome == OutcomeUnavailable && errors.Is(receipt.Err, ErrShuttingDown):
		level = slog.LevelInfo
	}
	if !logger.Enabled(ctx, level) {
		return
	}
	attributes := []slog.Attr{
		slog.String("outcome", string(receipt.Outcome)),
		slog.Int("status", receipt.StatusCode),
		slog.Duration("duration", receipt.Duration),
	}
	if receipt.Receiver != "" {
		attributes = append(attributes, slog.String("receiver", receipt.Receiver))
	}
	if receipt.EventID != "" {
		attributes = append(attributes, slog.String("event_id", receipt.EventID), slog.String("event_type", string(receipt.EventType)),
			slog.String("scheme", receipt.Scheme.String()))
	}
	if receipt.Err != nil {
		attributes = append(attributes, failureAttributes(receipt.Err)...)
	}
	logger.LogAttrs(ctx, level, "webhook delivery", attributes...)
}

func failureAttributes(err error) []slog.Attr {
	attributes := []slog.Attr{slog.String("error", describe(err))}
	if panicked := (*panicError)(nil); errors.As(err, &panicked) {
		attributes = append(attributes, slog.String("stack", string(panicked.stack)))
	}
	return attributes
}
