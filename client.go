package stackbe

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/internal/bridge"
	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/transport"
)

// Client calls StackBE's API. Make one with [New] and share it: it is immutable
// and safe for concurrent use. Calls of a Client made in any other way return
// [ErrNoClient].
type Client struct {
	// Affiliates is the partner program as StackBE documents it.
	Affiliates *affiliates.Service

	// Account is a partner's own account: its users, commissions and payouts. Admin is
	// the app as its admin runs it. Both are this project's contract alone; see
	// docs/contract.md.
	Account affiliates.Account
	Admin   affiliates.Admin

	transport *transport.Transport
}

// New returns a Client for cfg. It sends no request and reads no environment. An
// invalid field returns an [*ArgumentError].
func New(cfg Config) (*Client, error) {
	base, err := baseURL(cfg)
	if err != nil {
		return nil, err
	}
	if err := validate(cfg); err != nil {
		return nil, err
	}
	return newClient(transport.New(transport.Config{
		BaseURL:           base,
		APIKey:            cfg.APIKey,
		AppID:             cfg.AppID,
		HTTPClient:        httpClient(cfg.HTTPClient),
		UserAgent:         strings.TrimSpace(cfg.UserAgent + " stackbe-go/" + Version),
		IdempotencyHeader: cfg.IdempotencyHeader,
		Contract:          contract.Contract(cfg.Contract),
		Timeout:           cfg.Timeout,
		Retry:             retry(cfg.Retry),
		Logger:            cfg.Logger,
		Observe:           observer(cfg.Observe),
		Errors:            callErrors,
	})), nil
}

func newClient(t *transport.Transport) *Client {
	service, account, admin := bridge.NewAffiliates(t)
	return &Client{
		Affiliates: service.(*affiliates.Service),
		Account:    account.(affiliates.Account),
		Admin:      admin.(affiliates.Admin),
		transport:  t,
	}
}

// AsCustomer returns a Client that makes a customer's calls with the session token,
// and all others as c does. It shares the connections of c and costs little: make
// one for each customer's request. If token is empty, a customer's calls return
// [ErrNoSession].
func (c *Client) AsCustomer(token string) *Client {
	if c == nil || c.transport == nil {
		return &Client{}
	}
	return newClient(c.transport.AsCustomer(token))
}

// AsAdmin returns a Client that makes an admin's calls with jwt, and all others as
// c does. It shares the connections of c. If jwt is empty, an admin's calls return
// [ErrNoAdminToken].
func (c *Client) AsAdmin(jwt string) *Client {
	if c == nil || c.transport == nil {
		return &Client{}
	}
	return newClient(c.transport.AsAdmin(jwt))
}

func baseURL(cfg Config) (*url.URL, error) {
	base, err := url.Parse(cmp.Or(cfg.BaseURL, DefaultBaseURL))
	switch {
	case err != nil:
		return nil, &ArgumentError{Field: "Config.BaseURL", Problem: "is not a URL"} // err quotes it, and a password in it
	case base.User != nil:
		return nil, &ArgumentError{Field: "Config.BaseURL", Problem: "holds credentials; they belong in Config.APIKey"}
	case base.Hostname() == "" || base.Scheme != "https" && base.Scheme != "http":
		return nil, &ArgumentError{Field: "Config.BaseURL", Problem: `is not of the form "https://host", or "http://localhost:port"`}
	case base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, &ArgumentError{Field: "Config.BaseURL", Problem: "holds a query or a fragment"}
	case strings.HasSuffix(strings.TrimRight(base.Path, "/"), "/v1"):
		return nil, &ArgumentError{Field: "Config.BaseURL", Problem: "ends in /v1, which each call adds itself"}
	case dotSegments(base.Path):
		return nil, &ArgumentError{Field: "Config.BaseURL", Problem: `holds "." or ".." in its path`}
	case base.Scheme == "http" && !cfg.AllowInsecure && !transport.Loopback(base.Hostname()):
		return nil, &ArgumentError{Field: "Config.BaseURL", Problem: "is plain http, which sends the API key in the clear; use https, or set Config.AllowInsecure"}
	}
	return base, nil
}

func dotSegments(path string) bool {
	return slices.ContainsFunc(strings.Split(path, "/"), func(element string) bool {
		return element == "." || element == ".."
	})
}

func validate(cfg Config) error {
	switch {
	case !transport.ValidHeaderValue(cfg.APIKey):
		return &ArgumentError{Field: "Config.APIKey", Problem: "holds a space, a line break or another character that no key has"}
	case !transport.FreeHeaderName(cfg.IdempotencyHeader):
		return &ArgumentError{Field: "Config.IdempotencyHeader", Problem: "is not the name of a header, or of one with a meaning of its own"}
	case !transport.ValidHeaderValue(strings.ReplaceAll(cfg.UserAgent, " ", "")):
		return &ArgumentError{Field: "Config.UserAgent", Problem: "holds a line break or another character that no header can carry"}
	case cfg.Timeout < 0:
		return &ArgumentError{Field: "Config.Timeout", Problem: "is negative"}
	case cfg.Retry != nil && cfg.Retry.problem() != "":
		return &ArgumentError{Field: "Config.Retry", Problem: cfg.Retry.problem()}
	}
	if err := validateContract(cfg); err != nil {
		return err
	}
	if cfg.AppID == "" {
		return nil
	}
	if err := transport.CheckID(cfg.AppID); err != nil {
		return &ArgumentError{Field: "Config.AppID", Problem: err.Error()}
	}
	return nil
}

// problem tells why r cannot be used; "" if it can.
func (r Retry) problem() string {
	switch {
	case r.Max < 0 || r.MinWait < 0 || r.MaxWait < 0:
		return "holds a negative number"
	case r.MaxWait != 0 && r.MinWait > r.MaxWait:
		return "has a MinWait above its MaxWait"
	case r.Max == 0 && r != Retry{}:
		return "has a wait, and a Max of 0, which turns retries off: start from DefaultRetry to change a wait, or use Retry{} for no retries"
	}
	return ""
}

// effective returns r with its defaults filled in.
func (r Retry) effective() transport.Retry {
	standard := DefaultRetry()
	longest := cmp.Or(r.MaxWait, max(standard.MaxWait, r.MinWait))
	return transport.Retry{
		Max:     r.Max,
		MinWait: cmp.Or(r.MinWait, standard.MinWait), // or MaxWait, if that is less
		MaxWait: longest,
	}
}

func retry(r *Retry) transport.Retry {
	if r == nil {
		return DefaultRetry().effective()
	}
	return r.effective()
}

func httpClient(client *http.Client) *http.Client {
	if client != nil {
		return client
	}
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return &http.Client{} // replaced by the program, or by a test, for the time being
	}
	return &http.Client{Transport: pool(standard)}
}

var shared struct {
	sync.Mutex
	standard *http.Transport // that pool is a clone of
	pool     *http.Transport
}

// pool is shared by all Clients without an http.Client of their own, so that making
// many Clients leaks no connections. If the program has replaced
// [http.DefaultTransport] since, for example for a proxy or certificates, a new pool is
// made.
func pool(standard *http.Transport) *http.Transport {
	shared.Lock()
	defer shared.Unlock()
	if shared.standard != standard {
		shared.standard, shared.pool = standard, newPool(standard)
	}
	return shared.pool
}

func newPool(standard *http.Transport) *http.Transport {
	pool := standard.Clone()
	pool.MaxIdleConnsPerHost = standard.MaxIdleConns // there is one host
	pool.ResponseHeaderTimeout = cmp.Or(standard.ResponseHeaderTimeout, 30*time.Second)
	pool.OnProxyConnectResponse = transport.CheckConnect(standard.OnProxyConnectResponse)
	if pool.HTTP2 == nil {
		pool.HTTP2 = &http.HTTP2Config{}
	}
	// A connection that has fallen silent would otherwise be used for ever.
	pool.HTTP2.SendPingTimeout = cmp.Or(pool.HTTP2.SendPingTimeout, 5*time.Second)
	pool.HTTP2.PingTimeout = cmp.Or(pool.HTTP2.PingTimeout, 5*time.Second)
	pool.HTTP2.WriteByteTimeout = cmp.Or(pool.HTTP2.WriteByteTimeout, 10*time.Second)
	return pool
}

func observer(observe func(context.Context, Attempt)) func(context.Context, transport.Attempt) {
	if observe == nil {
		return nil
	}
	return func(ctx context.Context, a transport.Attempt) {
		observe(ctx, Attempt{
			Method:     a.Method,
			Route:      a.Route,
			Number:     a.Number,
			Started:    a.Started,
			Duration:   a.Duration,
			StatusCode: a.StatusCode,
			RequestID:  a.RequestID,
			RateLimit:  RateLimit(a.RateLimit),
			RetryIn:    a.RetryIn,
			Err:        a.Err,
		})
	}
}

// callErrors makes the errors of this package for the transport.
var callErrors = transport.Errors{
	Failed: func(f transport.Failure) error { return newError(f) },
	InvalidArgument: func(field string, problem error) error {
		return &ArgumentError{Field: field, Problem: problem.Error()}
	},
	NoCredential: func(c transport.Credential) error {
		switch c {
		case transport.Session:
			return ErrNoSession
		case transport.Admin:
			return ErrNoAdminToken
		default:
			return ErrNoAPIKey
		}
	},
	NoAppID: ErrNoAppID,
}
