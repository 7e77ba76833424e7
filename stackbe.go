// Package stackbe is the Go SDK for StackBE's partner (affiliate) program: take
// and review partner applications, look partners up by customer, show a partner
// its dashboard and portal link, track referrals and register deals. Client.Account
// has the account of an approved partner, and Client.Admin what an admin manages.
// [Client.Do] calls any other endpoint, and [WithResponse] captures the metadata of a
// response.
//
//	client, err := stackbe.New(stackbe.Config{
//		APIKey: os.Getenv("STACKBE_API_KEY"),
//		AppID:  os.Getenv("STACKBE_APP_ID"),
//	})
//	if err != nil {
//		return err
//	}
//	partner, err := client.Affiliates.Get(ctx, "cust_123")
//
// # Credentials
//
// Each endpoint asks for one kind of credential, and each request carries only that
// one. The API key of [Config] serves the server-side calls. The calls of a partner
// take the customer's session token, see [Client.AsCustomer]; reviewing
// applications and changing settings take an admin's JWT, see [Client.AsAdmin].
//
// # Errors
//
// A call that was sent and failed returns an [*Error]; match its status with [ErrNotFound] and
// similar through [errors.Is]. Input that cannot be sent returns an [*ArgumentError], before any
// I/O. Neither's text holds a credential, an email address, a query or a portal link.
//
// # Retries
//
// Failed calls are retried if that does no harm, see [Retry]. Every write carries an idempotency
// key. With a key from the caller, a write is also retried after failures that leave open whether
// the server acted.
//
// # Testing
//
// Package stackbetest runs an in-memory server with all of this API's state and
// rules, for tests without an account or a network.
package stackbe

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/redact"
)

// DefaultBaseURL is where StackBE's API is. StackBE: REST API.
const DefaultBaseURL = "https://api.stackbe.io"

// Version is the version of this SDK, sent in the User-Agent header.
const Version = "0.1.0"

// Config says how a [Client] reaches StackBE. The zero value is valid; calls that need a credential
// then return [ErrNoAPIKey] and similar. It prints without its API key, except in an unexported
// field of another struct, where fmt calls no methods: keep the Client there, not the Config.
type Config struct {
	// APIKey is the app's secret key, "sk_live_…". It never leaves the x-api-key header, or that of
	// Contract.APIKeyHeader. All calls need it except those of a customer session or an admin.
	APIKey string `json:"-"`

	// AppID is the app's id, needed by the calls of an admin.
	AppID string

	// BaseURL is [DefaultBaseURL] if empty. It may have a path, as behind a proxy, but neither
	// credentials nor a query. Plain http needs a loopback host or AllowInsecure.
	BaseURL string

	// AllowInsecure permits a BaseURL of plain http on any host. The API key then
	// crosses the network in the clear.
	AllowInsecure bool

	// HTTPClient sends the requests. It is copied and never changed; its own
	// CheckRedirect is called after the SDK's, its Timeout bounds each attempt, and
	// its Jar is not used, since cookies would pass from one customer to another.
	//
	// Your RoundTripper may send a request again after a response, but is prevented from that after
	// a failure: the SDK retries. A RoundTripper that sends one request several times at once is
	// not supported. One that makes requests of its own needs a separate context for them.
	//
	// If nil, all such Clients share one client with its own connection pool. Its transport is a
	// clone of [http.DefaultTransport] at the time of New, and gives a response 30 seconds to
	// begin. Over HTTP/2 it pings a connection that has been silent for 5 seconds, and closes it if
	// no reply comes within 5 more. A Transport of your own needs HTTP2.SendPingTimeout for that.
	HTTPClient *http.Client

	// Timeout bounds a whole call, retries and waits included. 0 leaves that to the call's context.
	// If neither sets a limit, a call can wait forever for a response that has begun.
	Timeout time.Duration

	// Retry says when failed calls are retried; nil means [DefaultRetry].
	Retry *Retry

	// Contract changes what this SDK assumes where StackBE documents nothing.
	Contract Contract

	// IdempotencyHeader names the header that carries the key of a write. If empty, it is that of
	// Contract, "Idempotency-Key" by default. StackBE documents none.
	IdempotencyHeader string

	// UserAgent is put in front of the SDK's own User-Agent, as "acme-shop/1.4".
	UserAgent string

	// Logger receives a record for each attempt: at Warn if another attempt follows, at Debug
	// otherwise. Nil logs nothing. Records hold the route's template, never a credential, email,
	// query or body. A panic in the background work of [affiliates.ReferralCapture] is logged at
	// Error, with its stack.
	Logger *slog.Logger

	// Observe is called after each attempt, on the goroutine of the call, for
	// metrics and traces. It must be safe for concurrent use.
	Observe func(context.Context, Attempt)
}

// Retry says how often failed calls are retried, and after what wait.
//
// The zero Retry turns retries off, and so does a Max of 0. To change a wait, start
// from [DefaultRetry]: [New] refuses a wait with a Max of 0.
//
// A read is retried after connection errors and 429, 500, 502, 503 and 504. A write is retried only
// if the server cannot have acted, or says that it did not: the request was not sent (no
// connection, a proxy that refused one, a TLS handshake that failed), or the response is 429 or
// 503, or an HTTP/2 GOAWAY for earlier streams. With an IdempotencyKey from the caller, a write is
// retried like a read. (A proxy that forwards a request and then responds with 503 breaks this
// rule; if that matters, give a key. HTTP/2's REFUSED_STREAM does not count for a write without a
// key: HAProxy sends it even when its upstream has acted and failed.)
//
// A request reaches the server at most once for each attempt: the SDK prevents net/http's own
// retries, which have no limit over HTTP/2.
//
// The wait doubles from MinWait, with jitter, and is at least what the server asks for in
// Retry-After or, on a 429, in X-RateLimit-Reset. It ends with the context. If a wait would be
// longer than MaxWait, or end after the context's deadline, the call returns its [*Error] at once,
// with RetryAfter set.
type Retry struct {
	// Max is the number of attempts after the first; 0 turns retries off.
	Max int

	// MinWait is the wait before the first retry; 250 ms if 0. Jitter shortens it by up to half.
	MinWait time.Duration

	// MaxWait is the longest wait before a retry; 30 s if 0.
	MaxWait time.Duration
}

// DefaultRetry returns the Retry that a nil [Config.Retry] means: 3 attempts after the first, with
// waits from 250 ms to 30 s.
func DefaultRetry() Retry {
	return Retry{Max: 3, MinWait: 250 * time.Millisecond, MaxWait: 30 * time.Second}
}

// Attempt is one request of a call and its result, for [Config.Observe].
type Attempt struct {
	Method     string        // "GET"
	Route      string        // the path's template: "/v1/affiliate/by-customer/{customerID}"
	Number     int           // 1 for the first attempt of the call
	Started    time.Time     // when the request was sent
	Duration   time.Duration // until the response was read, or the attempt failed
	StatusCode int           // 0 without a response
	RequestID  string        // the server's x-request-id
	RateLimit  RateLimit     // zero where the server sent none
	RetryIn    time.Duration // the wait before the next attempt; 0 where this one is the last
	Err        error         // an [*Error] where no whole response came; nil for a response of any status
}

// RateLimit is the caller's rate limit, as the server reports it in its X-RateLimit
// headers. StackBE: 1,000 requests a minute for an API key, 100 for a customer
// session.
type RateLimit struct {
	Limit     int       // requests in a window
	Remaining int       // those left in this window
	Reset     time.Time // when the next window starts
}

// ConfigFromEnv reads STACKBE_API_KEY, STACKBE_APP_ID and STACKBE_BASE_URL. An
// unset variable leaves its field empty. [New] itself reads no environment.
func ConfigFromEnv() Config {
	return Config{
		APIKey:  os.Getenv("STACKBE_API_KEY"),
		AppID:   os.Getenv("STACKBE_APP_ID"),
		BaseURL: os.Getenv("STACKBE_BASE_URL"),
	}
}

// String describes c without its API key, and without the userinfo, query and
// fragment of an invalid BaseURL.
func (c Config) String() string {
	base := c.BaseURL
	if strings.ContainsAny(base, "@?#") {
		base = redact.Text(base)
	}
	return "stackbe.Config{APIKey: " + masked(c.APIKey) + ", AppID: " + c.AppID + ", BaseURL: " + base + "}"
}

// Format prints [Config.String] for every verb.
func (c Config) Format(f fmt.State, verb rune) { formatText(f, verb, c.String()) }

// LogValue is [Config.String], for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

func masked(secret string) string {
	if secret == "" {
		return "(none)"
	}
	return "(set)"
}
