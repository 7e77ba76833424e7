package webhooks

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// EventType names what happened. StackBE may send others than the constants here.
type EventType string

// The events of a partner application. StackBE: Partner Program.
const (
	EventApplicationApproved EventType = "partner_application_approved" // data: [ApplicationApproved]
	EventApplicationRejected EventType = "partner_application_rejected" // data: [ApplicationRejected]
)

// The general events. StackBE: Webhooks.
const (
	EventSubscriptionCreated  EventType = "subscription.created"  // data: [SubscriptionChanged]
	EventSubscriptionUpdated  EventType = "subscription.updated"  // data: [SubscriptionChanged]
	EventSubscriptionCanceled EventType = "subscription.canceled" // data: [SubscriptionChanged]
	EventSubscriptionPaused   EventType = "subscription.paused"   // data: [SubscriptionChanged]
	EventSubscriptionResumed  EventType = "subscription.resumed"  // data: [SubscriptionChanged]
	EventCustomerCreated      EventType = "customer.created"      // data: [CustomerChanged]
	EventCustomerUpdated      EventType = "customer.updated"      // data: [CustomerChanged]
	EventPaymentSucceeded     EventType = "payment.succeeded"     // data: [PaymentAttempted]
	EventPaymentFailed        EventType = "payment.failed"        // data: [PaymentAttempted]
	EventEntitlementsUpdated  EventType = "entitlements.updated"  // data: [EntitlementsUpdated]
)

// Event is a delivery that was verified. It prints and logs as its id and type only.
type Event struct {
	// ID is the same for every delivery of the event: the envelope's id, else the
	// webhook-id of [SchemeStandard], else "sha256:" and the SHA-256 of the body in
	// hex. What is not signed is never taken for it.
	ID string

	// Type is the envelope's type or event.
	Type EventType

	// CreatedAt is the envelope's timestamp; zero if it has none, or one that is not in
	// the form of RFC 3339, which Raw has as it was sent.
	CreatedAt time.Time

	// Data is what happened, the envelope's data as sent; nil if it has none, or null.
	// It is a part of Raw.
	Data json.RawMessage

	// Raw is the body as it was verified.
	Raw json.RawMessage

	// Scheme is how the delivery was signed.
	Scheme Scheme
}

// ParseEvent verifies a delivery, as [Verifier.Verify] does, and reads its envelope:
// {"id", "type", "timestamp", "data"} or {"event", "data"}, of which only the type or
// event is required. Unknown types and fields are accepted.
//
// The body is read strictly, so that two readers cannot see different events in it. Only
// these are refused, with [ErrMalformedEvent]:
//
//   - a body that is not a single JSON object of RFC 8259 in valid UTF-8; white space may
//     surround it, but not a byte order mark or other text
//   - arrays and objects that are nested more than 100 levels deep
//   - id, type, event, timestamp or data twice in the envelope, or in another letter case
//   - a missing type and event, or a type and event that differ; null counts as missing
//   - an id, type or event that is not a string, is empty, has more than 255 bytes, or has
//     a control or format character (Unicode Cc and Cf), half a surrogate pair, or U+FFFD
//
// The id decides whether an event was handled before, and the type decides which function
// handles it, so neither may be ambiguous. The timestamp is for information, and may have
// any form; data may be any JSON.
//
// Raw and Data of the event share the memory of body: do not change body afterwards.
//
// Errors match [ErrUnverified], [ErrMalformedEvent] or [ErrNoVerifier].
func (v *Verifier) ParseEvent(header http.Header, body []byte) (*Event, error) {
	var p presented
	if err := v.inspect(header, &p); err != nil {
		return nil, err
	}
	return v.parse(&p, body)
}

// ParseRequest reads the request's body, up to 1 MiB or the limit of [WithMaxBody], and
// parses it as [Verifier.ParseEvent] does. If the headers alone show that the request is
// not a delivery, it is refused before the body is read. Nothing else may read the body.
//
// Errors match [ErrUnverified], [ErrMalformedEvent], [ErrBodyTooLarge],
// [ErrBodyUnreadable] or [ErrNoVerifier].
func (v *Verifier) ParseRequest(r *http.Request) (*Event, error) {
	var p presented
	if err := v.inspect(r.Header, &p); err != nil {
		return nil, err
	}
	body, err := readBody(r, v.maxBody)
	if err != nil {
		return nil, err
	}
	if err := v.checkAge(&p); err != nil { // again, for a body that took long
		return nil, err
	}
	return v.parse(&p, body)
}

func (v *Verifier) parse(p *presented, body []byte) (*Event, error) {
	if err := v.authenticate(p, body); err != nil {
		return nil, err
	}
	event, err := parseEnvelope(body)
	if err != nil {
		return nil, err
	}
	event.Scheme = p.scheme
	if event.ID == "" {
		event.ID = p.id
	}
	if event.ID == "" {
		sum := sha256.Sum256(body)
		event.ID = "sha256:" + hex.EncodeToString(sum[:])
	}
	return event, nil
}

// firstRead bounds the memory that a request gets before it has sent anything.
const firstRead = 64 << 10

func readBody(r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	if r.ContentLength > limit {
		return nil, ErrBodyTooLarge
	}
	expected := r.ContentLength
	if expected < 0 {
		expected = bytes.MinRead
	}
	body := make([]byte, 0, min(expected, firstRead)+1) // one more, to see the end
	for {
		n, err := r.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case int64(len(body)) > limit:
			return nil, ErrBodyTooLarge
		case err == io.EOF:
			return body, nil
		case err != nil:
			return nil, unreadable(harmless("the request's body", err))
		}
		if len(body) == cap(body) {
			body = grown(body, limit)
		}
	}
}

// grown returns body with room for as much again, or for one byte over the limit.
func grown(body []byte, limit int64) []byte {
	room := min(int64(len(body)), limit-int64(len(body))+1)
	return append(make([]byte, 0, int64(len(body))+room), body...)
}

// unreadable tells a limit that was set on the body before from a body that broke off.
func unreadable(err error) error {
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return ErrBodyTooLarge
	}
	return fmt.Errorf("%w: %w", ErrBodyUnreadable, err)
}

// String is the event's id and type.
func (e Event) String() string { return fmt.Sprintf("webhooks.Event{ID: %q, Type: %q}", e.ID, e.Type) }

// GoString is [Event.String], for %#v.
func (e Event) GoString() string { return e.String() }

// LogValue is the event's id and type, for slog.
func (e Event) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", e.ID), slog.String("type", string(e.Type)))
}
