package transport

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-querystring/query"

	"github.com/stackbe/stackbe-go/internal/contract"
)

// Call is one call of an endpoint, whatever number of requests it takes.
type Call struct {
	Method     string
	Route      string // the path's template, as "/v1/affiliate/by-customer/{customerID}"
	ID         string // fills the template's element that is not {appID}
	Query      any    // a struct with url tags, or nil
	Credential Credential
	Body       any // sent as JSON, or nil

	// IdempotencyKey is the caller's, and lets a write be retried after a
	// failure that leaves open whether the server acted. Without it a key is
	// generated, and the write is retried only where the server cannot have acted.
	IdempotencyKey string
	key            string // the one that is sent, chosen by prepare

	Out json.Unmarshaler // nil leaves the body aside
	Own *Own             // nil for the calls of the SDK's own methods

	endpoint   *contract.Endpoint
	EmptyOK    bool // a 2xx without a body is a response too
	Translated bool // from and to the configured contract; Route is of the default one
}

// Own is for a call whose route comes from the caller, and may hold secrets that
// errors and logs must not show.
type Own struct {
	Values []string // fill the route's elements, in order
	Query  url.Values
	Body   json.RawMessage       // sent as it is
	Out    func(io.Reader) error // takes a body of any type; nil if Call.Out does
}

// safe reports whether the call changes nothing (RFC 9110, 9.2.1).
func (c *Call) safe() bool { return c.Method == http.MethodGet || c.Method == http.MethodHead }

func (c *Call) takesAnyType() bool { return c.Own != nil && c.Own.Out != nil }

var (
	errNilContext  = errors.New("is nil; pass context.Background() if there is no other context")
	errUnsafeKey   = errors.New("holds a character other than visible ASCII, or more than 255 of them")
	errUnsafeToken = errors.New("holds a character that an HTTP header cannot carry")
)

// prepare does everything that needs no I/O, so that bad input is refused
// before any.
func (t *Transport) prepare(ctx context.Context, call Call) (*exchange, error) {
	if ctx == nil {
		return nil, t.errors.InvalidArgument("ctx", errNilContext)
	}
	x := &exchange{t: t, call: call, retry: &t.retry, options: optionsOf(ctx)}
	if t.dialect != nil && call.Translated {
		x.call.translate(t.dialect)
	}
	err := x.apply()
	if err != nil {
		return nil, err
	}
	if x.url, err = t.target(&x.call); err != nil {
		return nil, err
	}
	if err = t.chooseKey(&x.call); err != nil {
		return nil, err
	}
	if x.header, err = x.newHeader(); err != nil {
		return nil, err
	}
	if call.Own != nil {
		x.body = call.Own.Body
	}
	if call.Body == nil {
		return x, nil
	}
	if x.body, err = json.Marshal(call.Body); err != nil {
		return nil, t.errors.InvalidArgument("params", err)
	}
	x.body = x.call.endpoint.WireRequest(x.body)
	return x, nil
}

// translate makes c a call of the endpoint that the dialect has in its place.
func (c *Call) translate(dialect *contract.Dialect) {
	if c.endpoint = dialect.Endpoint(c.Method, c.Route); c.endpoint != nil {
		c.Method, c.Route = c.endpoint.Method, c.endpoint.Path
	}
}

// ofContract reports whether a contract can translate c, whether or not that of the client does.
func (c *Call) ofContract() bool {
	return c.endpoint != nil || c.Translated && contract.HasEndpoint(c.Method, c.Route)
}

// target returns the URL of call.
func (t *Transport) target(call *Call) (url.URL, error) {
	path, escaped, err := t.path(call)
	if err != nil {
		return url.URL{}, err
	}
	target := t.base
	target.Path = t.base.Path + path
	target.RawPath = ""
	if t.base.RawPath != t.base.Path || escaped != path {
		target.RawPath = t.base.RawPath + escaped
	}
	if call.Own != nil {
		target.RawQuery = call.Own.Query.Encode()
	}
	if call.Query == nil {
		return target, nil
	}
	q, err := query.Values(call.Query)
	if err != nil {
		return url.URL{}, t.errors.InvalidArgument("query", err)
	}
	target.RawQuery = call.endpoint.WireQuery(q).Encode()
	return target, nil
}

// path fills the elements of call's route: {appID} from the configuration, the
// others from the call.
func (t *Transport) path(call *Call) (path, escaped string, err error) {
	var room [2]string // on the stack
	values := room[:0]
	var given []string
	if call.Own != nil {
		given = call.Own.Values
	}
	for rest := call.Route; ; {
		_, after, more := strings.Cut(rest, "{")
		if !more {
			break
		}
		var name, value string
		name, rest, _ = strings.Cut(after, "}")
		switch {
		case name == "appID":
			if value = t.appID; value == "" {
				return "", "", t.errors.NoAppID
			}
		case len(given) > 0:
			value, given = given[0], given[1:]
		default:
			value = call.ID
		}
		if err := CheckID(value); err != nil {
			return "", "", t.errors.InvalidArgument(name, err)
		}
		values = append(values, value)
	}
	path, escaped = expand(call.Route, values)
	return path, escaped, nil
}

// chooseKey checks the caller's idempotency key, or chooses one for a write that has
// none: the same for each of its requests.
func (t *Transport) chooseKey(call *Call) error {
	switch {
	case call.safe(): // has none
	case call.IdempotencyKey == "":
		call.key = rand.Text()
	case len(call.IdempotencyKey) > 255 || !ValidHeaderValue(call.IdempotencyKey):
		return t.errors.InvalidArgument("IdempotencyKey", errUnsafeKey)
	default:
		call.key = call.IdempotencyKey
	}
	return nil
}

// header returns a header map of the request's own, since a RoundTripper further
// down may write to it. Its values are shared: at full capacity, so that
// appending to one copies it.
func (t *Transport) header(call *Call) (http.Header, error) {
	credential := t.of(call.Credential)
	if credential == nil {
		return nil, t.errors.NoCredential(call.Credential)
	}
	_, common := credential()
	if common == nil {
		return nil, t.errors.InvalidArgument("token", errUnsafeToken)
	}
	header := maps.Clone(common)
	if call.takesAnyType() {
		header["Accept"] = acceptAny
	}
	if call.Body != nil || call.Own != nil && call.Own.Body != nil {
		header["Content-Type"] = contentJSON
	}
	if call.key != "" {
		header[t.headers.idempotency] = []string{call.key}
	}
	return header, nil
}

var (
	acceptJSON  = []string{"application/json"}
	acceptAny   = []string{"*/*"}
	contentJSON = []string{"application/json"}
)
