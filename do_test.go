package stackbe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
)

// get is a Request that needs no more.
func get(path string) stackbe.Request {
	return stackbe.Request{Method: http.MethodGet, Path: path, Credential: stackbe.CredentialAPIKey}
}

func TestDoSendsTheRequest(t *testing.T) {
	var received *http.Request
	var body string
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		received, body = r, readAll(t, r.Body)
		respondJSON(w, 200, `{"id":"cust_1"}`)
	})
	client := newClient(t, server.URL+"/proxy")
	var out struct{ ID string }
	err := client.Do(t.Context(), stackbe.Request{
		Method:         http.MethodPatch,
		Path:           "/v1/apps/{appID}/customers/{customerID}/tags/{tag}",
		PathValues:     map[string]string{"customerID": "cust_1", "tag": "a:b+c=d"},
		Query:          url.Values{"notify": {"true"}, "by": {"jane+x@acme.com"}},
		Credential:     stackbe.CredentialAdmin,
		Body:           map[string]any{"name": "Jané"},
		IdempotencyKey: "order-7",
	}, &out)
	require.NoError(t, err)
	assert.Equal(t, "cust_1", out.ID)
	assert.Equal(t, http.MethodPatch, received.Method)
	assert.Equal(t, "/proxy/v1/apps/app_1/customers/cust_1/tags/a:b+c=d", received.URL.Path)
	assert.Equal(t, url.Values{"notify": {"true"}, "by": {"jane+x@acme.com"}}, received.URL.Query())
	assert.JSONEq(t, `{"name":"Jané"}`, body)
	assert.Equal(t, "application/json", received.Header.Get("Content-Type"))
	assert.Equal(t, "order-7", received.Header.Get("Idempotency-Key"))
	assert.Equal(t, "Bearer "+adminToken, received.Header.Get("Authorization"))
	assert.Empty(t, received.Header.Get("X-Api-Key"))
}

func TestDoSendsOneCredential(t *testing.T) {
	for credential, want := range map[stackbe.Credential][2]string{
		stackbe.CredentialAPIKey:  {apiKey, ""},
		stackbe.CredentialSession: {"", "Bearer " + sessionToken},
		stackbe.CredentialAdmin:   {"", "Bearer " + adminToken},
	} {
		t.Run(string(credential), func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
				assert.Equal(t, want[0], r.Header.Get("X-Api-Key"))
				assert.Equal(t, want[1], r.Header.Get("Authorization"))
			})
			request := get("/v1/customers")
			request.Credential = credential
			require.NoError(t, newClient(t, server.URL).Do(t.Context(), request, nil))
			require.Len(t, server.received(), 1)

			without, err := stackbe.New(stackbe.Config{BaseURL: server.URL})
			require.NoError(t, err)
			err = without.Do(t.Context(), request, nil)
			assert.ErrorIs(t, err, map[stackbe.Credential]error{
				stackbe.CredentialAPIKey:  stackbe.ErrNoAPIKey,
				stackbe.CredentialSession: stackbe.ErrNoSession,
				stackbe.CredentialAdmin:   stackbe.ErrNoAdminToken,
			}[credential])
			assert.Len(t, server.received(), 1)
		})
	}
}

func TestDoDecodesIntoOut(t *testing.T) {
	const body = "{\"id\": \"cust_1\",\n \"n\": 12345678901234567890}"
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		switch r.URL.Path {
		case "/empty":
			w.WriteHeader(http.StatusNoContent)
		case "/csv":
			assert.Equal(t, "*/*", r.Header.Get("Accept"))
			_, _ = io.WriteString(w, "id;name\n1;J\xe9\n")
		case "/text":
			_, _ = io.WriteString(w, "hello")
		default:
			respondJSON(w, 200, body)
		}
	})
	client := newClient(t, server.URL)
	do := func(t *testing.T, path string, out any) error { return client.Do(t.Context(), get(path), out) }

	t.Run("a struct", func(t *testing.T) {
		var out struct{ ID string }
		require.NoError(t, do(t, "/json", &out))
		assert.Equal(t, "cust_1", out.ID)
	})
	t.Run("raw JSON, unchanged", func(t *testing.T) {
		var out json.RawMessage
		require.NoError(t, do(t, "/json", &out))
		assert.Equal(t, body, string(out))
	})
	t.Run("any", func(t *testing.T) {
		var out any
		require.NoError(t, do(t, "/json", &out))
		assert.Equal(t, "cust_1", out.(map[string]any)["id"])
	})
	t.Run("a writer takes any bytes", func(t *testing.T) {
		var out bytes.Buffer
		require.NoError(t, do(t, "/csv", &out))
		assert.Equal(t, "id;name\n1;J\xe9\n", out.String())
	})
	t.Run("a writer with UnmarshalJSON decodes JSON", func(t *testing.T) {
		var out writingDecoder
		require.NoError(t, do(t, "/json", &out))
		assert.Equal(t, body, string(out.decoded))
		assert.Empty(t, out.String())
	})
	t.Run("a writer that fails", func(t *testing.T) {
		err := do(t, "/csv", failingWriter{})
		require.ErrorIs(t, err, errDiskFull)
		var e *stackbe.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, 200, e.StatusCode)
	})
	t.Run("nil ignores any body", func(t *testing.T) {
		require.NoError(t, do(t, "/text", nil))
	})
	t.Run("a response without a body leaves out unchanged", func(t *testing.T) {
		out := struct{ ID string }{"before"}
		require.NoError(t, do(t, "/empty", &out))
		assert.Equal(t, "before", out.ID)
	})
	t.Run("a JSON string with white space around it", func(t *testing.T) {
		client := serveText(t, 200, "application/json", " \n\"name\"\n ")
		var out string
		require.NoError(t, client.Do(t.Context(), get("/v1"), &out))
		assert.Equal(t, "name", out)
	})
	t.Run("a body of white space is no body", func(t *testing.T) {
		client := serveText(t, 200, "application/json", " \n")
		out := any("before")
		require.NoError(t, client.Do(t.Context(), get("/v1"), &out))
		assert.Equal(t, "before", out)
	})
	t.Run("a body that is not JSON", func(t *testing.T) {
		var raw json.RawMessage
		require.ErrorIs(t, do(t, "/text", &raw), stackbe.ErrInvalidResponse)
		var out struct{}
		require.ErrorIs(t, do(t, "/text", &out), stackbe.ErrInvalidResponse)
	})
}

type writingDecoder struct {
	bytes.Buffer
	decoded []byte
}

func (d *writingDecoder) UnmarshalJSON(data []byte) error {
	d.decoded = bytes.Clone(data)
	return nil
}

var errDiskFull = errors.New("disk full")

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errDiskFull }

func TestDoRefusesAnInvalidRequestBeforeAnyIO(t *testing.T) {
	server := serve(t, func(http.ResponseWriter, *http.Request, int) {})
	client := newClient(t, server.URL)
	with := func(change func(*stackbe.Request)) stackbe.Request {
		r := get("/v1/customers/{id}")
		r.PathValues = map[string]string{"id": "cust_1"}
		change(&r)
		return r
	}
	path := func(path string) stackbe.Request {
		return with(func(r *stackbe.Request) { r.Path, r.PathValues = path, nil })
	}
	value := func(value string) stackbe.Request {
		return with(func(r *stackbe.Request) { r.PathValues["id"] = value })
	}
	tests := map[string]struct {
		request stackbe.Request
		out     any
		field   string
	}{
		"no method":                    {with(func(r *stackbe.Request) { r.Method = "" }), nil, "Request.Method"},
		"a method in lower case":       {with(func(r *stackbe.Request) { r.Method = "get" }), nil, "Request.Method"},
		"a method of its own":          {with(func(r *stackbe.Request) { r.Method = "CONNECT" }), nil, "Request.Method"},
		"no credential":                {with(func(r *stackbe.Request) { r.Credential = "" }), nil, "Request.Credential"},
		"an unknown credential":        {with(func(r *stackbe.Request) { r.Credential = "root" }), nil, "Request.Credential"},
		"a HEAD with a body":           {with(func(r *stackbe.Request) { r.Method, r.Body = "HEAD", 1 }), nil, "Request.Body"},
		"a HEAD with a key":            {with(func(r *stackbe.Request) { r.Method, r.IdempotencyKey = "HEAD", "k" }), nil, "Request.IdempotencyKey"},
		"a GET with a body":            {with(func(r *stackbe.Request) { r.Body = 1 }), nil, "Request.Body"},
		"a GET with a key":             {with(func(r *stackbe.Request) { r.IdempotencyKey = "k" }), nil, "Request.IdempotencyKey"},
		"bytes as a body":              {with(func(r *stackbe.Request) { r.Method, r.Body = "POST", []byte("{}") }), nil, "Request.Body"},
		"a reader as a body":           {with(func(r *stackbe.Request) { r.Method, r.Body = "POST", strings.NewReader("{}") }), nil, "Request.Body"},
		"a body that is not JSON":      {with(func(r *stackbe.Request) { r.Method, r.Body = "POST", json.RawMessage("{") }), nil, "Request.Body"},
		"a function as a body":         {with(func(r *stackbe.Request) { r.Method, r.Body = "POST", func() {} }), nil, "Request.Body"},
		"a key with a space":           {with(func(r *stackbe.Request) { r.Method, r.IdempotencyKey = "POST", "a b" }), nil, "IdempotencyKey"},
		"a value that is missing":      {with(func(r *stackbe.Request) { r.PathValues = nil }), nil, "Request.PathValues"},
		"a value that is not named":    {with(func(r *stackbe.Request) { r.PathValues["other"] = "1" }), nil, "Request.PathValues"},
		"the app's id by another name": {with(func(r *stackbe.Request) { r.Path = "/v1/apps/{appId}/customers/{id}" }), nil, "Request.Path"},
		"an out that is no pointer":    {get("/v1"), struct{}{}, "out"},
		"a nil *bytes.Buffer":          {get("/v1"), (*bytes.Buffer)(nil), "out"},
		"an out that is a nil":         {get("/v1"), (*int)(nil), "out"},
	}
	for _, p := range []string{
		"", "v1/customers", "//other.example/v1", "/v1//customers", "/v1/../admin", "/v1/./x", "/v1/..;/x", "/v1/.;a/x", "/..", "/.", "/%2e%2e/x", "/v1/%2f", "https://other.example/v1",
		"http:/other", "/v1?email=a", "/v1#x", `/v1\x`, "/v1/a b", "/v1/\n", "/v1/a\u00a0b", "/v1/{id", "/v1/id}", "/v1/a{id}", "/v1/{id}b", "/v1/{}", "/v1/{a}{b}", "/v1/{{id}}", "/v1/x//",
	} {
		tests["the path "+p] = struct {
			request stackbe.Request
			out     any
			field   string
		}{path(p), nil, "Request.Path"}
	}
	for _, v := range []string{"", ".", "..", "..;", "a/b", `a\b`, "a%2fb", "a?b", "a#b", "a b", "a\x00", strings.Repeat("a", 256), "\xff"} {
		tests[fmt.Sprintf("the value %.9q", v)] = struct {
			request stackbe.Request
			out     any
			field   string
		}{value(v), nil, "id"}
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := client.Do(t.Context(), test.request, test.out)
			var wrong *stackbe.ArgumentError
			require.ErrorAs(t, err, &wrong)
			assert.Equal(t, test.field, wrong.Field)
			assert.NotEmpty(t, wrong.Problem)
		})
	}
	assert.Empty(t, server.received())
	require.ErrorIs(t, (&stackbe.Client{}).Do(t.Context(), get("/v1"), nil), stackbe.ErrNoClient)
	require.ErrorIs(t, (*stackbe.Client)(nil).Do(t.Context(), get("/v1"), nil), stackbe.ErrNoClient)
}

func TestDoNamesTheProblemOfARequest(t *testing.T) {
	client := newClient(t, "http://localhost")
	for want, request := range map[string]stackbe.Request{
		"stackbe: Request.Method is none of GET, HEAD, POST, PUT, PATCH, DELETE":                              {Method: "TRACE"},
		"stackbe: Request.Body is not nil, and a HEAD has no body":                                            {Method: "HEAD", Credential: stackbe.CredentialAdmin, Body: 1},
		"stackbe: Request.IdempotencyKey is not empty, and a GET needs none":                                  {Method: "GET", Credential: stackbe.CredentialAdmin, IdempotencyKey: "k"},
		"stackbe: Request.Body cannot be written as JSON: encoding/json returns a *json.UnsupportedTypeError": {Method: "POST", Credential: stackbe.CredentialAdmin, Path: "/v1", Body: func() {}},
		`stackbe: Request.PathValues has "appID"; {appID} in Path is the app of Config.AppID`:                 {Method: "GET", Credential: stackbe.CredentialAdmin, Path: "/v1/apps/{appID}", PathValues: map[string]string{"appID": "x"}},
		"stackbe: Request.Credential is none of CredentialAPIKey, CredentialSession and CredentialAdmin":      {Method: "GET"},
	} {
		assert.EqualError(t, client.Do(t.Context(), request, nil), want)
	}
	err := call(client, stackbe.WithRetry(t.Context(), stackbe.Retry{Max: -1}))
	assert.EqualError(t, err, "stackbe: WithRetry holds a negative number")
}

func TestDoNeedsAnAppIDWhereThePathNamesOne(t *testing.T) {
	client := newClient(t, "http://localhost", func(c *stackbe.Config) { c.AppID = "" })
	require.ErrorIs(t, client.Do(t.Context(), get("/v1/apps/{appID}"), nil), stackbe.ErrNoAppID)
}

func TestDoTakesASlashAtTheEnd(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { assert.Equal(t, "/v1/", r.URL.Path) })
	require.NoError(t, newClient(t, server.URL).Do(t.Context(), get("/v1/"), nil))
}

func TestDoRetriesAsOtherCallsDo(t *testing.T) {
	for name, test := range map[string]struct {
		method, key string
		status      int
		want        int
	}{
		"a read after 500":             {"GET", "", 500, 3},
		"a HEAD after 500":             {"HEAD", "", 500, 3},
		"a write after 503":            {"POST", "", 503, 3},
		"a write after 500":            {"POST", "", 500, 1},
		"a DELETE after 500":           {"DELETE", "", 500, 1},
		"a write with a key after 500": {"POST", "k", 500, 3},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(test.status) })
			client := newClient(t, server.URL, func(c *stackbe.Config) { c.Retry = quick(2) })
			err := client.Do(t.Context(), stackbe.Request{Method: test.method, Path: "/v1", Credential: stackbe.CredentialAPIKey, IdempotencyKey: test.key}, nil)
			require.ErrorIs(t, err, stackbe.ErrServer)
			assert.Len(t, server.received(), test.want)
		})
	}
}

func TestDoShowsNoValueInErrorsAndLogs(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(500) })
	var seen attempts
	var routes []string
	client := newClient(t, server.URL, seen.watch, func(c *stackbe.Config) {
		c.Retry = quick(1)
		c.Observe = func(_ context.Context, a stackbe.Attempt) { routes = append(routes, a.Route) }
	})
	request := get("/v1/by-email/{email}/of/joe@acme.com")
	request.PathValues = map[string]string{"email": "jane@acme.com"}
	request.Query = url.Values{"secret": {"canary"}}
	err := client.Do(t.Context(), request, nil)
	require.Error(t, err)
	everything := fmt.Sprintf("%+v %#v %s %v", err, err, seen.log.String(), routes)
	for _, secret := range []string{"jane", "joe", "canary", apiKey} {
		assert.NotContains(t, everything, secret)
	}
	assert.Contains(t, err.Error(), "GET /v1/by-email/{email}/of/[redacted]: 500")
	assert.Len(t, routes, 2)
}

func TestDoBoundsTheResponse(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		_, _ = w.Write(make([]byte, 10<<20+1))
	})
	var out bytes.Buffer
	require.ErrorIs(t, newClient(t, server.URL).Do(t.Context(), get("/v1"), &out), stackbe.ErrResponseTooLarge)
	assert.Zero(t, out.Len())
}

func TestWithResponseStoresMetadata(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
		w.Header().Set("X-Request-Id", fmt.Sprint("req_", n))
		w.Header().Set("X-RateLimit-Limit", "1000")
		w.Header().Set("X-RateLimit-Remaining", "9")
		w.Header().Set("X-RateLimit-Reset", "1768473060")
		w.Header().Set("Other", "x")
		switch n {
		case 0:
			w.WriteHeader(503)
		case 1:
			respondJSON(w, 200, `{"enrolled":false}`)
		default:
			respondJSON(w, 404, `{}`)
		}
	})
	client := newClient(t, server.URL)
	var response stackbe.Response
	ctx := stackbe.WithResponse(t.Context(), &response)

	require.NoError(t, call(client, ctx))
	assert.Equal(t, 200, response.StatusCode)
	assert.Equal(t, "req_1", response.RequestID)
	assert.Equal(t, stackbe.RateLimit{Limit: 1000, Remaining: 9, Reset: time.Unix(1768473060, 0)}, response.RateLimit)
	assert.Equal(t, "x", response.Header.Get("Other"))
	assert.Equal(t, 2, response.Attempts)

	require.Error(t, call(client, ctx))
	assert.Equal(t, 404, response.StatusCode)
	assert.Equal(t, 1, response.Attempts)

	response = stackbe.Response{}
	require.Error(t, call(client, stackbe.WithRetry(stackbe.WithResponse(ctx, nil), stackbe.Retry{})))
	assert.Equal(t, stackbe.Response{}, response, "it is stored no more")
}

func TestLastWithHeaderOfANameIsSent(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		assert.Equal(t, []string{"second"}, r.Header.Values("Tenant"))
		respondJSON(w, 200, `{"enrolled":false}`)
	})
	first := stackbe.WithHeader(t.Context(), "Tenant", "first")
	require.NoError(t, call(newClient(t, server.URL), stackbe.WithHeader(first, "tenant", "second")))
}

func TestWithHeaderRefusesHeadersOfTheSDK(t *testing.T) {
	client := newClient(t, "http://localhost")
	for _, name := range []string{"", "Authorization", "x-api-key", "Content-Type", "User-Agent", "Host", "Content-Length", "Cookie", "idempotency-key", "a b", "a\n"} {
		err := call(client, stackbe.WithHeader(t.Context(), name, "v"))
		require.ErrorIs(t, err, stackbe.ErrInvalidArgument, "%q", name)
	}
	without, err := stackbe.New(stackbe.Config{})
	require.NoError(t, err)
	require.ErrorIs(t, call(without, stackbe.WithHeader(t.Context(), "Tenant", "v")), stackbe.ErrNoAPIKey)
	assert.EqualError(t, call(client, stackbe.WithHeader(t.Context(), "Cookie", "v")), "stackbe: WithHeader was given an invalid header name, or the name of a header that the SDK sets itself, such as a credential's")
	assert.EqualError(t, call(client, stackbe.WithHeader(t.Context(), "Tenant", "\n")), "stackbe: WithHeader was given a value with a line break or another character that a header cannot carry")
	for _, value := range []string{"a\nb", "a\rb", "a\x00", "\x7f"} {
		err := call(client, stackbe.WithHeader(t.Context(), "Tenant", value))
		require.ErrorIs(t, err, stackbe.ErrInvalidArgument, "%q", value)
		assert.NotContains(t, err.Error(), value)
	}
}

func TestLastWithRetryCounts(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(503) })
	client := newClient(t, server.URL)
	invalid := stackbe.WithRetry(t.Context(), stackbe.Retry{Max: -1})
	require.ErrorIs(t, call(client, invalid), stackbe.ErrInvalidArgument)
	var refused *stackbe.Error
	require.ErrorAs(t, call(client, stackbe.WithRetry(invalid, *quick(1))), &refused)
	assert.Equal(t, 2, refused.Attempts)
}

func TestDoReadsNullAndSendsRawJSONAsItIs(t *testing.T) {
	const raw = `{"html": "<b>&</b>",  "n": 1.0}`
	var body string
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		body = readAll(t, r.Body)
		assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
		respondJSON(w, 200, "null")
	})
	client := newClient(t, server.URL)
	request := stackbe.Request{Method: http.MethodPut, Path: "/v1/x", Credential: stackbe.CredentialAPIKey, Body: json.RawMessage(raw)}
	var out json.RawMessage
	require.NoError(t, client.Do(t.Context(), request, &out))
	assert.Equal(t, "null", string(out))
	assert.Equal(t, raw, body)
	pointer := new(int)
	require.NoError(t, client.Do(t.Context(), request, &pointer))
	assert.Nil(t, pointer)
}

func TestAddedHeaderIsRedacted(t *testing.T) {
	const secret = "tenant-canary-0123456789"
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		w.Header().Set("X-Request-Id", r.Header.Get("Tenant"))
		respondJSON(w, 400, `{"message":["`+r.Header.Get("Tenant")+` is not known"],"error":"of `+r.URL.Path+`"}`)
	})
	var seen attempts
	client := newClient(t, server.URL, seen.watch)
	ctx := stackbe.WithHeader(t.Context(), "Tenant", secret)
	err := client.Do(ctx, get("/v1/keys/"+apiKey), nil)
	require.ErrorIs(t, err, stackbe.ErrBadRequest)
	err = errors.Join(err, client.Do(stackbe.WithHeader(ctx, "Authorization: Bearer "+secret, ""), get("/v1"), nil))
	everything := fmt.Sprintf("%+v %#v %s", err, err, seen.log.String())
	for _, canary := range []string{secret, apiKey} {
		assert.NotContains(t, everything, canary)
	}
}

// leaky cannot be written as JSON, and its error says too much.
type leaky struct{}

func (leaky) MarshalJSON() ([]byte, error) { return nil, errors.New("leaked " + apiKey) }

func TestDoDoesNotQuoteABodyThatCannotBeWritten(t *testing.T) {
	request := stackbe.Request{Method: http.MethodPost, Path: "/v1", Credential: stackbe.CredentialAPIKey, Body: leaky{}}
	err := newClient(t, "http://localhost").Do(t.Context(), request, nil)
	require.ErrorIs(t, err, stackbe.ErrInvalidArgument)
	assert.NotContains(t, err.Error(), apiKey)
}
