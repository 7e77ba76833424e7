package stackbe

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/redact"
	"github.com/stackbe/stackbe-go/internal/transport"
)

// An [*Error] matches the error of its status through [errors.Is].
var (
	ErrBadRequest   = errors.New("stackbe: bad request")        // 400, and 422: what is asked for cannot be done, as Code and Message say
	ErrUnauthorized = errors.New("stackbe: unauthorized")       // 401: the credential is unknown or expired
	ErrForbidden    = errors.New("stackbe: forbidden")          // 403: the credential is of another app, or what Code says
	ErrNotFound     = errors.New("stackbe: not found")          // 404
	ErrConflict     = errors.New("stackbe: conflict")           // 409: a duplicate, or decided already
	ErrRateLimited  = errors.New("stackbe: rate limited")       // 429: see Error.RetryAfter
	ErrServer       = errors.New("stackbe: server error (5xx)") // 500 to 599
)

// An [*Error] whose response was not accepted matches one of these through [errors.Is].
var (
	// ErrRedirectRefused is a redirect to another host, port, scheme or method. Check
	// Config.BaseURL: the SDK sends a credential nowhere else. A redirect to the same
	// host in another letter case, or with the scheme's default port, is followed.
	ErrRedirectRefused = transport.ErrRedirectRefused

	// ErrInvalidResponse is a response that is not JSON of the expected shape, and may
	// not come from StackBE. Error.Body holds it. If the StatusCode is 2xx, a write has
	// been executed.
	ErrInvalidResponse = transport.ErrInvalidResponse

	// ErrResponseTooLarge is a response of more than 10 MiB.
	ErrResponseTooLarge = transport.ErrResponseTooLarge
)

// Returned before any I/O by a call whose credential is missing.
var (
	ErrNoAPIKey     = errors.New("stackbe: this call needs an API key: set Config.APIKey")
	ErrNoAppID      = errors.New("stackbe: this call needs an app id: set Config.AppID")
	ErrNoSession    = errors.New("stackbe: this call needs a customer session: use Client.AsCustomer with its token")
	ErrNoAdminToken = errors.New("stackbe: this call needs an admin: use Client.AsAdmin with a JWT")
)

// ErrNoClient is returned by the calls of a [Client] that [New] did not make.
var ErrNoClient = transport.ErrNoClient

// ErrInvalidArgument is matched by every [*ArgumentError], through [errors.Is].
var ErrInvalidArgument = errors.New("stackbe: invalid argument")

// ArgumentError is the error for input that cannot be sent. Nothing was sent.
type ArgumentError struct {
	Field   string // the parameter or field, as "Email" or "customerID"
	Problem string // what is wrong with it, as "is empty"
}

// Error names the field and its problem, never its value.
func (e *ArgumentError) Error() string { return "stackbe: " + e.Field + " " + e.Problem }

// Is matches [ErrInvalidArgument].
func (e *ArgumentError) Is(target error) bool { return target == ErrInvalidArgument }

// Error is a call that was sent and failed: the response has a status other than 2xx,
// or is not JSON of the expected shape, or there is no response.
//
// Match the status with [ErrNotFound] and similar through [errors.Is]; take the
// details out with [errors.As]:
//
//	var e *stackbe.Error
//	if errors.As(err, &e) {
//		log.Println(e.StatusCode, e.Code, e.RequestID)
//	}
//
// However it is printed, it shows no credential, email address, query or portal link.
// Only Body is as the server sent it.
type Error struct {
	Method     string        // "GET"
	Route      string        // the path's template: "/v1/affiliate/by-customer/{customerID}"
	StatusCode int           // of the last attempt; 0 if it got no response
	Kind       string        // the server's name for the status: "Conflict"
	Code       string        // the server's name for the problem, such as CodeAlreadyExists; "" unless it sent 1 to 64 letters, digits, "_", "-" and "."
	Message    string        // the server's message, redacted; several details joined in one line; at most 2,048 characters
	Details    []string      // one for each invalid field, redacted; nil if the server sent a single message; at most 1,000, of at most 512 characters
	RequestID  string        // the server's x-request-id, to quote to its support
	Attempts   int           // requests sent
	RetryAfter time.Duration // how long the server asks the caller to wait; 0 if it does not
	RateLimit  RateLimit     // zero where the server sent none
	Body       []byte        `json:"-"` // the first 16 KiB of the response to the last attempt, as sent
	Err        error         `json:"-"` // matches what went wrong besides the status: a connection error, the context's error, ErrInvalidResponse

	credential transport.Credential // that was sent
	ofContract bool                 // the call is of an endpoint that Config.Contract translates
}

// newError makes the error of f, with what the server says in the body.
func newError(f transport.Failure) *Error {
	e := &Error{
		Method:     f.Method,
		Route:      f.Route,
		StatusCode: f.StatusCode,
		Kind:       http.StatusText(f.StatusCode),
		RequestID:  f.RequestID,
		Attempts:   f.Attempts,
		RetryAfter: f.RetryAfter,
		RateLimit:  RateLimit(f.RateLimit),
		credential: f.Credential,
		ofContract: f.Contract,
		Body:       bytes.Clone(f.Body[:min(len(f.Body), maxErrorBody)]),
	}
	if f.Cause != nil {
		e.Message = redact.Text(f.Cause.Error(), f.Secrets...)
		e.Err = &cause{text: e.Message, err: f.Cause}
		return e
	}
	body, ok := readErrorBody(f.Body, f.ContentType)
	if !ok {
		e.Message = undocumented(f)
		return e
	}
	secrets := redact.New(f.Secrets...)
	e.Kind = cmp.Or(secrets.Text(body.kind), e.Kind)
	if code := asCode(body.code); code == secrets.Text(code) {
		e.Code = code // a part of one would mean something else
	}
	e.Message = secrets.Text(body.message)
	if body.details != nil {
		for _, detail := range body.details {
			e.Details = append(e.Details, secrets.Text(detail))
		}
		e.Message = redact.Join(e.Details, maxMessage)
	}
	return e
}

const (
	maxErrorBody = 16 << 10 // kept in Error.Body
	maxMessage   = 2 << 10
)

// cause is an error from below the SDK, with a text that is safe to show. It has no
// Unwrap: net/http and transports put whole URLs into their errors, and code that
// walks the chain would print them.
type cause struct {
	text string
	err  error
}

func (c *cause) Error() string                 { return c.text }
func (c *cause) Format(f fmt.State, verb rune) { formatText(f, verb, c.text) }
func (c *cause) Is(target error) bool          { return errors.Is(c.err, target) }
func (c *cause) As(target any) bool            { return errors.As(c.err, target) }

// undocumented describes an error body that StackBE does not send, such as a
// proxy's page, without showing it.
func undocumented(f transport.Failure) string {
	if len(f.Body) == 0 {
		return "the response has no body"
	}
	kind, _, err := mime.ParseMediaType(f.ContentType)
	if err != nil {
		kind = "an unknown type"
	}
	return fmt.Sprintf("the response is not StackBE's JSON but %d bytes of %s", len(f.Body), redact.Text(kind, f.Secrets...))
}

// Error says what was called, what went wrong and, if there is a remedy, what to
// do.
func (e *Error) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "stackbe: %s %s", e.Method, e.Route)
	if e.StatusCode != 0 {
		fmt.Fprintf(&text, ": %d %s", e.StatusCode, e.Kind)
	}
	if e.Code != "" && !sameWords(e.Code, e.Kind) {
		fmt.Fprintf(&text, " (%s)", e.Code)
	}
	message, hint := e.Message, e.hint()
	if hint != "" {
		message, hint = strings.TrimSuffix(message, "."), "; "+hint
	}
	if message != "" {
		text.WriteString(": " + message)
	}
	text.WriteString(hint)
	if e.Attempts > 1 {
		fmt.Fprintf(&text, " (after %d attempts)", e.Attempts)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&text, " (request %s)", e.RequestID)
	}
	return text.String()
}

// sameWords reports whether a code says no more than the name of its status, as
// NOT_FOUND and "Not Found".
func sameWords(code, kind string) bool {
	return strings.EqualFold(strings.ReplaceAll(code, "_", " "), strings.ReplaceAll(kind, "_", " "))
}

func (e *Error) hint() string {
	switch {
	case e.StatusCode == http.StatusUnauthorized:
		return "check " + givenBy[e.credential]
	case e.StatusCode == http.StatusForbidden && (e.Code == "" || e.Code == CodeForbidden):
		return "check that " + givenBy[e.credential] + " is for this app"
	case e.RetryAfter > 0:
		return fmt.Sprintf("try again in %v", e.RetryAfter)
	case e.ofContract && errors.Is(e, ErrInvalidResponse):
		return "if the server names its fields otherwise, set Config.Contract; cmd/stackbe-check finds what to set"
	}
	return ""
}

// givenBy says where a caller gives a credential.
var givenBy = map[transport.Credential]string{
	transport.APIKey:  "Config.APIKey",
	transport.Session: "the token given to AsCustomer",
	transport.Admin:   "the JWT given to AsAdmin",
}

// Format prints [Error.Error] for every verb, also for an Error that is not a
// pointer.
func (e Error) Format(f fmt.State, verb rune) { formatText(f, verb, e.Error()) }

func formatText(f fmt.State, verb rune, text string) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), text)
}

// Unwrap returns Err, which matches the connection's or the context's error
// through [errors.Is] and [errors.As], and prints redacted.
func (e *Error) Unwrap() error { return e.Err }

// Is matches the sentinel of the status, such as [ErrConflict] for 409.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrBadRequest:
		return e.StatusCode == http.StatusBadRequest || e.StatusCode == http.StatusUnprocessableEntity
	case ErrUnauthorized:
		return e.StatusCode == http.StatusUnauthorized
	case ErrForbidden:
		return e.StatusCode == http.StatusForbidden
	case ErrNotFound:
		return e.StatusCode == http.StatusNotFound
	case ErrConflict:
		return e.StatusCode == http.StatusConflict
	case ErrRateLimited:
		return e.StatusCode == http.StatusTooManyRequests
	case ErrServer:
		return e.StatusCode >= 500 && e.StatusCode <= 599
	}
	return false
}
