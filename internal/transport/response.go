package transport

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/redact"
)

// RateLimit has the values of the server's X-RateLimit headers; zero without them.
type RateLimit struct {
	Limit     int
	Remaining int
	Reset     time.Time
}

func rateLimit(header http.Header) RateLimit {
	limit, _ := strconv.Atoi(header.Get("X-RateLimit-Limit"))
	remaining, _ := strconv.Atoi(header.Get("X-RateLimit-Remaining"))
	rate := RateLimit{Limit: max(0, limit), Remaining: max(0, remaining)}
	if reset, err := strconv.ParseUint(header.Get("X-RateLimit-Reset"), 10, 40); err == nil && reset > 0 {
		rate.Reset = time.Unix(int64(reset), 0)
	}
	return rate
}

// requestID returns the server's id of the request if it looks like one. A
// server that echoes something else in its place does not get it into a log.
func requestID(header http.Header, name string, secrets []string) string {
	id := header.Get(name)
	if len(id) > 128 || strings.ContainsFunc(id, notInRequestID) {
		return ""
	}
	if redact.Holds(id, secrets...) {
		return ""
	}
	return id
}

// contentType returns the Content-Type, unless it is longer than any that is meant.
func contentType(header http.Header) string {
	kind := header.Get("Content-Type")
	if len(kind) > 255 {
		return ""
	}
	return kind
}

func notInRequestID(r rune) bool {
	return !isAlphanumeric(r) && !strings.ContainsRune("-_.:", r)
}

// Failure describes a call, or an attempt, that failed.
type Failure struct {
	Method      string
	Route       string
	Credential  Credential
	Attempts    int
	StatusCode  int // 0 where no response came
	ContentType string
	RequestID   string
	RetryAfter  time.Duration
	RateLimit   RateLimit
	Body        []byte // valid only until the error is made
	Cause       error  // nil where the status says it all
	Secrets     []string
	Contract    bool // the call is of an endpoint that a Contract translates
}

// failure makes the caller's error from the response to the last attempt and from cause, which is
// nil if the status is the failure.
func (x *exchange) failure(cause error) error {
	f := x.describe(x.response, cause)
	if x.received != nil {
		f.Body = x.received.Bytes()
	}
	return x.t.errors.Failed(f)
}

// describe ignores the body: if an attempt is retried, nobody reads it.
func (x *exchange) describe(response *http.Response, cause error) Failure {
	f := Failure{
		Method:     x.call.Method,
		Route:      x.shownRoute(),
		Credential: x.call.Credential,
		Attempts:   x.attempt,
		Cause:      withoutURL(cause),
		Secrets:    x.secrets(),
		Contract:   x.call.ofContract(),
	}
	if response == nil {
		return f
	}
	f.StatusCode = response.StatusCode
	f.ContentType = contentType(response.Header)
	f.RequestID = requestID(response.Header, x.t.headers.requestID, f.Secrets)
	f.RetryAfter = retryAfter(response, time.Now())
	f.RateLimit = rateLimit(response.Header)
	return f
}

// secrets returns what no text may hold: the credentials, and the values of headers
// that the caller added, which may be credentials.
func (x *exchange) secrets() []string {
	secrets := x.t.tokens()
	if x.options != nil {
		for _, values := range x.options.Header {
			secrets = append(secrets, values...)
		}
	}
	return secrets
}

// shownRoute returns the route as errors and logs show it.
func (x *exchange) shownRoute() string {
	if x.call.Own == nil {
		return x.call.Route
	}
	elements := strings.Split(x.call.Route, "/")
	for i, element := range elements {
		elements[i] = redact.Text(element, x.secrets()...)
	}
	return strings.Join(elements, "/")
}

// withoutURL takes off the *url.Error that http.Client puts around everything:
// its text holds the URL, and so emails.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
