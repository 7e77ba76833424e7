package stackbe

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// Credential names the credential that a [Request] is sent with.
type Credential string

// The kinds of credential that StackBE documents.
const (
	CredentialAPIKey  Credential = "api key" // Config.APIKey
	CredentialSession Credential = "session" // the token given to Client.AsCustomer
	CredentialAdmin   Credential = "admin"   // the JWT given to Client.AsAdmin
)

var credentials = map[Credential]transport.Credential{
	CredentialAPIKey:  transport.APIKey,
	CredentialSession: transport.Session,
	CredentialAdmin:   transport.Admin,
}

// Request is a call of any endpoint, for [Client.Do].
type Request struct {
	// Method is GET, HEAD, POST, PUT, PATCH or DELETE.
	Method string

	// Path begins with a slash and is below Config.BaseURL, as
	// "/v1/apps/{appID}/customers/{customerID}". {appID} is Config.AppID; PathValues
	// has the values of the other names in braces. The SDK puts the Path into errors and
	// logs, and not the PathValues; the message of a server may repeat them.
	Path string

	// PathValues are these values, by name. They are escaped; a value that would lead
	// to another path, such as "..", is refused.
	PathValues map[string]string

	// Query is the query of the URL.
	Query url.Values

	// Credential is required: each request carries exactly one.
	Credential Credential

	// Body is sent as JSON, unless it is nil. JSON of your own is a [json.RawMessage].
	Body any

	// IdempotencyKey lets a write be retried after a failure that leaves open
	// whether it was executed, see [Retry]. Visible ASCII, at most 255 characters.
	// Without one, a key is generated for the call.
	IdempotencyKey string
}

// Do calls an endpoint that the SDK has no method for. Credentials, retries, limits,
// redirects, redaction and errors are those of all other calls.
//
// The response's body is decoded into out: a pointer for encoding/json to decode into,
// such as to a struct or a [json.RawMessage]; an [io.Writer], which receives a body of
// any type, of at most 10 MiB, after all retries; or nil, which ignores the body. A
// response without a body leaves out unchanged.
//
// A Request that cannot be sent returns an [*ArgumentError], before any I/O.
func (c *Client) Do(ctx context.Context, request Request, out any) error {
	if c == nil || c.transport == nil {
		return ErrNoClient
	}
	call, err := request.call()
	if err != nil {
		return err
	}
	if err := receive(&call, out); err != nil {
		return err
	}
	return c.transport.Do(ctx, call)
}

var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

func (r Request) call() (transport.Call, error) {
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case !slices.Contains(methods, r.Method):
		return transport.Call{}, &ArgumentError{Field: "Request.Method", Problem: "is none of " + strings.Join(methods, ", ")}
	case credentials[r.Credential] == 0:
		return transport.Call{}, &ArgumentError{Field: "Request.Credential", Problem: "is none of CredentialAPIKey, CredentialSession and CredentialAdmin"}
	case reads && r.Body != nil:
		return transport.Call{}, &ArgumentError{Field: "Request.Body", Problem: "is not nil, and a " + r.Method + " has no body"}
	case reads && r.IdempotencyKey != "":
		return transport.Call{}, &ArgumentError{Field: "Request.IdempotencyKey", Problem: "is not empty, and a " + r.Method + " needs none"}
	}
	if err := transport.CheckRoute(r.Path); err != nil {
		return transport.Call{}, &ArgumentError{Field: "Request.Path", Problem: err.Error()}
	}
	values, err := r.values()
	if err != nil {
		return transport.Call{}, err
	}
	body, err := r.body()
	if err != nil {
		return transport.Call{}, err
	}
	return transport.Call{
		Method:         r.Method,
		Route:          r.Path,
		Credential:     credentials[r.Credential],
		Own:            &transport.Own{Values: values, Query: r.Query, Body: body},
		IdempotencyKey: r.IdempotencyKey,
		EmptyOK:        true,
	}, nil
}

// values returns those of the elements of Path in their order.
func (r Request) values() ([]string, error) {
	unused := maps.Clone(r.PathValues)
	var values []string
	for element := range strings.SplitSeq(r.Path, "/") {
		name, isTemplate := strings.CutPrefix(element, "{")
		name = strings.TrimSuffix(name, "}")
		if !isTemplate || name == "appID" {
			continue
		}
		value, given := r.PathValues[name]
		if !given && strings.EqualFold(name, "appID") {
			return nil, &ArgumentError{Field: "Request.Path", Problem: fmt.Sprintf("has {%s}; write {appID} for the app of Config.AppID", name)}
		}
		if !given {
			return nil, &ArgumentError{Field: "Request.PathValues", Problem: fmt.Sprintf("has no %q, which Path names", name)}
		}
		values = append(values, value)
		delete(unused, name)
	}
	for name := range unused {
		if name == "appID" {
			return nil, &ArgumentError{Field: "Request.PathValues", Problem: `has "appID"; {appID} in Path is the app of Config.AppID`}
		}
		return nil, &ArgumentError{Field: "Request.PathValues", Problem: fmt.Sprintf("has %q, which Path does not name as {%s}", name, name)}
	}
	return values, nil
}

// body returns Body as JSON; nil if there is none.
func (r Request) body() (json.RawMessage, error) {
	const field = "Request.Body"
	switch body := r.Body.(type) {
	case nil:
		return nil, nil
	case json.RawMessage:
		if !json.Valid(body) {
			return nil, &ArgumentError{Field: field, Problem: "is not valid JSON"}
		}
		return body, nil
	case []byte, io.Reader:
		return nil, &ArgumentError{Field: field, Problem: "is sent as JSON; give JSON of your own as a json.RawMessage"}
	}
	body, err := json.Marshal(r.Body)
	if err != nil { // which may quote what it could not write
		return nil, &ArgumentError{Field: field, Problem: fmt.Sprintf("cannot be written as JSON: encoding/json returns a %T", err)}
	}
	return body, nil
}

// receive makes out the receiver of the call's response.
func receive(call *transport.Call, out any) error {
	if out == nil {
		return nil
	}
	v := reflect.ValueOf(out)
	isPointer := v.Kind() == reflect.Pointer
	if isPointer && v.IsNil() {
		return &ArgumentError{Field: "out", Problem: "is a nil pointer"}
	}
	_, decodes := out.(json.Unmarshaler)
	if w, ok := out.(io.Writer); ok && !decodes {
		call.Own.Out = func(body io.Reader) error {
			_, err := io.Copy(w, body)
			return err
		}
		return nil
	}
	if !isPointer {
		return &ArgumentError{Field: "out", Problem: "is not a pointer to decode into, nor an io.Writer, nor nil"}
	}
	call.Out = decoder{out}
	return nil
}

// decoder decodes JSON as encoding/json does.
type decoder struct{ out any }

func (d decoder) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, d.out) }
