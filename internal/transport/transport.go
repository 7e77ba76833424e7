// Package transport is the one path that every request of the SDK takes: build
// the URL, authorize, send, decide on a retry before anything is decoded, read
// a bounded body, decode.
package transport

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/contract"
)

// Config configures a Transport. The root package has checked it and filled in its
// defaults.
type Config struct {
	BaseURL           *url.URL
	APIKey            string
	AppID             string
	HTTPClient        *http.Client // never changed
	UserAgent         string
	IdempotencyHeader string            // that of Contract if empty
	Contract          contract.Contract // as CheckContract takes it
	Timeout           time.Duration     // of a whole call; 0 for none
	Retry             Retry
	Logger            *slog.Logger // may be nil
	Observe           func(context.Context, Attempt)
	Errors            Errors
}

// Errors makes the errors that callers see, so that the root package owns them
// and this package knows none of them.
type Errors struct {
	Failed          func(Failure) error
	InvalidArgument func(field string, problem error) error
	NoCredential    func(Credential) error
	NoAppID         error
}

// ErrNoClient is returned if there is no Transport to make an error. A [Failure] can
// wrap the others, besides the errors of net/http and the context.
var (
	ErrNoClient         = errors.New("stackbe: this client was not made by stackbe.New")
	ErrRedirectRefused  = errors.New("the server redirects to another host, scheme, credential or method, and the request is not sent there; check the base URL")
	ErrInvalidResponse  = errors.New("the response is not JSON of the expected shape")
	ErrResponseTooLarge = errors.New("the response is larger than 10 MiB")
)

// Transport sends calls. It is immutable and safe for concurrent use.
type Transport struct {
	*settings
	credentials
}

// settings are shared by a Transport and those made from it by AsCustomer and
// AsAdmin.
type settings struct {
	base      url.URL // its path without a slash at the end
	appID     string
	http      *http.Client
	timeout   time.Duration
	retry     Retry
	logger    *slog.Logger
	observe   func(context.Context, Attempt)
	errors    Errors
	userAgent []string

	dialect *contract.Dialect // nil for the default contract
	headers headers
}

// New returns a Transport for cfg.
func New(cfg Config) *Transport {
	names := newHeaders(cfg.Contract, cfg.IdempotencyHeader)
	base := *cfg.BaseURL
	base.RawPath = strings.TrimRight(base.EscapedPath(), "/")
	base.Path, _ = url.PathUnescape(base.RawPath) // EscapedPath has escaped it well
	userAgent := []string{cfg.UserAgent}
	return &Transport{
		settings: &settings{
			base:      base,
			appID:     cfg.AppID,
			http:      guarded(cfg.HTTPClient),
			timeout:   cfg.Timeout,
			retry:     cfg.Retry,
			logger:    cfg.Logger,
			observe:   cfg.Observe,
			errors:    cfg.Errors,
			userAgent: userAgent,
			dialect:   contract.NewDialect(cfg.Contract),
			headers:   names,
		},
		credentials: credentials{apiKey: newSecret(names.apiKey, cfg.APIKey, userAgent)},
	}
}

// AsCustomer returns a Transport with a customer's session token, sharing the
// connections of t.
func (t *Transport) AsCustomer(token string) *Transport {
	as := *t
	as.session = newSecret(t.headers.session, token, t.userAgent)
	return &as
}

// AsAdmin returns a Transport with an admin's JWT, sharing the connections of t.
func (t *Transport) AsAdmin(jwt string) *Transport {
	as := *t
	as.admin = newSecret(t.headers.admin, jwt, t.userAgent)
	return &as
}

// InvalidArgument returns the error for an argument that cannot be sent.
func (t *Transport) InvalidArgument(field, problem string) error {
	return t.errors.InvalidArgument(field, errors.New(problem))
}

// InvalidResponse returns the error for pages of GET route that do not form a list.
func (t *Transport) InvalidResponse(route, problem string) error {
	if e := t.dialect.Endpoint(http.MethodGet, route); e != nil {
		route = e.Path
	}
	return t.errors.Failed(Failure{
		Method: http.MethodGet,
		Route:  route,
		Cause:  fmt.Errorf("%w: %s", ErrInvalidResponse, problem),
	})
}

// Do sends call and decodes its response into call.Out.
func (t *Transport) Do(ctx context.Context, call Call) error {
	x, err := t.prepare(ctx, call)
	if err != nil {
		return err
	}
	if t.timeout > 0 {
		bounded, cancel := context.WithTimeout(ctx, t.timeout)
		defer cancel()
		ctx = bounded
	}
	defer x.release()
	err = x.send(ctx)
	x.capture()
	if err != nil {
		return x.failure(err)
	}
	return x.decode()
}
