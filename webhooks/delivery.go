package webhooks

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"
)

// Delivery is one request to a [Handler] and what came of it, as the function given
// to [WithObserver] sees it. It holds nothing of the payload. Err is safe to use: an error
// whose own methods panic has another in its place.
type Delivery struct {
	Receiver  string // the handler's name: see WithReceiver
	Outcome   Outcome
	Status    int           // of the response
	EventID   string        // empty where no event was read
	EventType EventType     // empty where no event was read
	Scheme    Scheme        // how it was signed; 0 where no event was read
	Duration  time.Duration // from the request's arrival to its response
	Err       error         // why the event was not handled; after [Handled], that the claim could not be marked as done
}

// Outcome is what a [Handler] made of a request. It decides the status of the
// response, and so whether the sender retries the delivery: it does unless that is a 2xx.
type Outcome string

const (
	Handled     Outcome = "handled"      // 200: the event's function returned nil
	Duplicate   Outcome = "duplicate"    // 200: it did so before, for another delivery
	Ignored     Outcome = "ignored"      // 204: there is no function for this type
	Malformed   Outcome = "malformed"    // 400: verified, but not an event, or not of the expected shape
	Unreadable  Outcome = "unreadable"   // 400: the body ended early
	Unverified  Outcome = "unverified"   // 401
	WrongMethod Outcome = "wrong_method" // 405
	InFlight    Outcome = "in_flight"    // 409: another delivery of the event is being handled
	TooLarge    Outcome = "too_large"    // 413
	Failed      Outcome = "failed"       // 500: the event's function returned an error or panicked
	Unavailable Outcome = "unavailable"  // 503: the claims store failed, the body or the claim took too long, or the handler is shutting down
)

// response is what a request gets, verified or not: fixed texts.
type response struct {
	status int
	text   string
	level  slog.Level
}

var responses = map[Outcome]response{
	Handled:     {http.StatusOK, "", slog.LevelDebug},
	Duplicate:   {http.StatusOK, "", slog.LevelDebug},
	Ignored:     {http.StatusNoContent, "", slog.LevelDebug},
	Malformed:   {http.StatusBadRequest, "the event is malformed", slog.LevelWarn},
	Unreadable:  {http.StatusBadRequest, "the body could not be read", slog.LevelWarn},
	Unverified:  {http.StatusUnauthorized, "the delivery is not verified", slog.LevelWarn},
	WrongMethod: {http.StatusMethodNotAllowed, "send a POST", slog.LevelDebug},
	InFlight:    {http.StatusConflict, "the event is being handled", slog.LevelDebug},
	TooLarge:    {http.StatusRequestEntityTooLarge, "the body is too large", slog.LevelWarn},
	Failed:      {http.StatusInternalServerError, "the event could not be handled", slog.LevelError},
	Unavailable: {http.StatusServiceUnavailable, "try again later", slog.LevelError},
}

func (d *Delivery) respond(w http.ResponseWriter, r *http.Request, started time.Time, retryAfter string) {
	d.write(w, r, retryAfter)
	d.Duration = time.Since(started)
}

func (d *Delivery) write(w http.ResponseWriter, r *http.Request, retryAfter string) {
	response := responses[d.Outcome]
	d.Status = response.status
	switch d.Outcome {
	case WrongMethod:
		w.Header().Set("Allow", http.MethodPost)
		leaveBody(w, r)
	case Unverified, TooLarge:
		leaveBody(w, r)
	case InFlight, Unavailable:
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

func (d *Delivery) log(ctx context.Context, logger *slog.Logger, timeout time.Duration) {
	level := responses[d.Outcome].level
	switch {
	case d.Outcome == Handled && d.Err != nil:
		level = slog.LevelError
	case d.Outcome == Handled && d.Duration > timeout:
		level = slog.LevelWarn
	case d.Outcome == Unavailable && errors.Is(d.Err, ErrShuttingDown):
		level = slog.LevelInfo
	}
	if !logger.Enabled(ctx, level) {
		return
	}
	attributes := []slog.Attr{
		slog.String("outcome", string(d.Outcome)),
		slog.Int("status", d.Status),
		slog.Duration("duration", d.Duration),
	}
	if d.Receiver != "" {
		attributes = append(attributes, slog.String("receiver", d.Receiver))
	}
	if d.EventID != "" {
		attributes = append(attributes, slog.String("event_id", d.EventID), slog.String("event_type", string(d.EventType)),
			slog.String("scheme", d.Scheme.String()))
	}
	if d.Err != nil {
		attributes = append(attributes, failureAttributes(d.Err)...)
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
