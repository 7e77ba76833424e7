package transport_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/transport"
)

func TestFailureDescribesTheCallAndItsResponse(t *testing.T) {
	network := always(409, `{"message":"no"}`, "Content-Type", "application/json", "X-Request-Id", "req_7", "Retry-After", "5", "X-RateLimit-Limit", "100")
	f := failureOf(t, write(newClient(t, "http://localhost", withNetwork(network)), t.Context(), "order-7"))
	assert.ElementsMatch(t, []string{apiKey, sessionToken, adminToken}, f.Secrets)
	f.Secrets = nil
	assert.Equal(t, transport.Failure{
		Method: "POST", Route: thingsRoute, Credential: transport.APIKey, Attempts: 1, StatusCode: 409, ContentType: "application/json",
		RequestID: "req_7", RetryAfter: 5 * time.Second, RateLimit: transport.RateLimit{Limit: 100}, Body: []byte(`{"message":"no"}`),
	}, f.Failure)
}

func TestFailureHasAtMostOneRequestID(t *testing.T) {
	for id, kept := range map[string]bool{
		"": false, "req_9-a.b:c": true, strings.Repeat("r", 128): true, strings.Repeat("r", 129): false,
		"two words": false, "jane@acme.com": false, "<script>": false, `a"b`: false, "réq": false,
		apiKey: false, "req-" + sessionToken + "-1": false, "req-" + adminToken: false,
	} {
		f := failureOf(t, read(newClient(t, "http://localhost", withNetwork(always(404, "{}", "X-Request-Id", id))), t.Context()))
		assert.Equal(t, kept && id != "", f.RequestID == id && id != "", "%q", id)
	}
}

func TestRateLimitIsReadFromItsHeaders(t *testing.T) {
	const latest int64 = 1<<40 - 1 // of the seconds that are read
	for name, test := range map[string]struct {
		limit, remaining, reset string
		want                    transport.RateLimit
	}{
		"no header":                    {"", "", "", transport.RateLimit{}},
		"all of them":                  {"1000", "7", "1900000000", transport.RateLimit{Limit: 1000, Remaining: 7, Reset: time.Unix(1_900_000_000, 0)}},
		"negative numbers":             {"-1", "-1", "-1", transport.RateLimit{}},
		"a reset of 0":                 {"1", "0", "0", transport.RateLimit{Limit: 1}},
		"a reset of 1":                 {"1", "0", "1", transport.RateLimit{Limit: 1, Reset: time.Unix(1, 0)}},
		"the latest reset":             {"1", "0", strconv.FormatInt(latest, 10), transport.RateLimit{Limit: 1, Reset: time.Unix(latest, 0)}},
		"a reset in the far future":    {"1", "0", strconv.FormatInt(latest+1, 10), transport.RateLimit{Limit: 1}},
		"a number of another notation": {"1e3", "0x1", "1.5", transport.RateLimit{}},
	} {
		t.Run(name, func(t *testing.T) {
			network := always(404, "{}", "X-RateLimit-Limit", test.limit, "X-RateLimit-Remaining", test.remaining, "X-RateLimit-Reset", test.reset)
			assert.Equal(t, test.want, failureOf(t, read(newClient(t, "http://localhost", withNetwork(network)), t.Context())).RateLimit)
		})
	}
}

func TestLongContentTypeIsNotRead(t *testing.T) {
	for length, want := range map[int]int{255: 255, 256: 0} {
		network := always(502, "x", "Content-Type", strings.Repeat("x", length))
		f := failureOf(t, read(newClient(t, "http://localhost", withNetwork(network), withRetries(transport.Retry{})), t.Context()))
		assert.Len(t, f.ContentType, want)
	}
}

// The text of an *url.Error has the URL, and so what is in its query.
func TestCauseOfFailureHasNoURL(t *testing.T) {
	broken := errors.New("the tunnel is down")
	for name, cause := range map[string]error{
		"that of http.Client":      broken,
		"that of a RoundTripper's": &url.Error{Op: "Proxy", URL: "https://user:secret@proxy", Err: broken},
	} {
		t.Run(name, func(t *testing.T) {
			network := roundTripperFunc(func(*http.Request) (*http.Response, error) { return nil, cause })
			call := reading(nil)
			call.Own = &transport.Own{Query: url.Values{"email": {"jane@acme.com"}}}
			err := newClient(t, "http://localhost", withNetwork(network)).Do(t.Context(), call)
			require.ErrorIs(t, err, broken)
			assert.NotContains(t, failureOf(t, err).Cause.Error(), "jane")
			assert.NotContains(t, failureOf(t, err).Cause.Error(), "localhost")
		})
	}
}

func TestCallersRouteIsRedacted(t *testing.T) {
	call := transport.Call{Method: "GET", Route: "/v1/by-email/{email}/of/joe@acme.com/" + apiKey, ID: "jane@acme.com", Credential: transport.APIKey}
	client := newClient(t, "http://localhost", withNetwork(always(404, "{}")))
	assert.Equal(t, call.Route, failureOf(t, client.Do(t.Context(), call)).Route, "one of the SDK's own holds nothing to hide")
	call.Own = &transport.Own{Values: []string{"jane@acme.com"}}
	assert.Equal(t, "/v1/by-email/{email}/of/[redacted]/[redacted]", failureOf(t, client.Do(t.Context(), call)).Route)
}

func TestErrorsWithoutACall(t *testing.T) {
	client := newClient(t, "http://localhost", func(c *transport.Config) { c.Contract = contract.Contract{ApplicationsPath: "/list/{appID}"} })
	invalid := assertInvalid(t, client.InvalidArgument("Email", "is empty"), "Email")
	assert.EqualError(t, invalid.problem, "is empty")
	for route, want := range map[string]string{contract.Default().ApplicationsPath: "/list/{appID}", "/v1/other": "/v1/other"} {
		err := client.InvalidResponse(route, "the pages go in a circle")
		require.ErrorIs(t, err, transport.ErrInvalidResponse)
		f := failureOf(t, err)
		assert.Equal(t, "GET "+want, f.Method+" "+f.Route)
		assert.ErrorContains(t, f.Cause, ": the pages go in a circle")
	}
}

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LocalHost": true, "127.0.0.1": true, "127.255.255.254": true, "::1": true, "0:0:0:0:0:0:0:1": true, "::ffff:127.0.0.1": true, "::1%lo": true,
		"10.0.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "0.0.0.0": false, "126.255.255.255": false, "128.0.0.1": false, "::": false, "::2": false,
		"fe80::1%lo": false, "::ffff:10.0.0.1": false, "localhost.": false, "localhost.example.com": false, "my.localhost": false, "127.0.0.1.example.com": false,
		"127.1": false, "2130706433": false, "0x7f.0.0.1": false, "loca\u017fhost": false, // ſ folds to s
	} {
		assert.Equal(t, want, transport.Loopback(host), fmt.Sprintf("%q", host))
	}
}
