package openapi_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/e2e/openapi"
	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/control"
	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
)

func TestTrafficOfControlAPIIsValid(t *testing.T) {
	validator := newValidator(t, http.DefaultTransport)
	playControl(t, validator)
	assert.Empty(t, validator.Problems())
	assert.Empty(t, validator.UnseenOfControl(), "no request has met these")

	t.Run("also to Ajv", func(t *testing.T) {
		requireAjv(t)
		result := runAjv(t, validator.Traffic())
		assert.Empty(t, result.Problems)
		assert.Greater(t, result.Validated, 50)
	})
}

func TestDocumentHasRoutesOfControlAPI(t *testing.T) {
	inDocument := map[string]bool{}
	for _, operation := range openapi.ControlOperations(load(t)) {
		inDocument[operation.Method+" "+names.ReplaceAllString(strings.TrimPrefix(operation.Path, control.Prefix), "{}")] = true
	}
	assert.Equal(t, inDocument, controlRoutes(t))
}

var route = regexp.MustCompile(`^[A-Z]+ [a-z][^ ]*$`)

// controlRoutes are the patterns in the source of the control API.
func controlRoutes(t *testing.T) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.FromSlash("../../internal/refserver/control/control.go"), nil, 0)
	require.NoError(t, err)
	found := map[string]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			text, err := strconv.Unquote(literal.Value)
			require.NoError(t, err)
			if route.MatchString(text) {
				found[names.ReplaceAllString(text, "{}")] = true
			}
		}
		return true
	})
	return found
}

// A mock is a server with a control API, whose clock is in another zone.
type mock struct {
	app  refserver.App
	url  string
	next http.RoundTripper
}

func newMock(t *testing.T, access control.Access, next http.RoundTripper) (mock, *refserver.Server) {
	t.Helper()
	began, zone := time.Now(), time.FixedZone("Asia/Kolkata", 19_800)
	server := refserver.New(refserver.Config{Now: func() time.Time {
		return time.Date(2026, 3, 1, 12, 0, 0, 0, zone).Add(time.Since(began))
	}})
	t.Cleanup(server.Close)
	app, err := server.AddApp(refserver.AppParams{})
	require.NoError(t, err)
	controls := control.New(control.Config{Server: server, Initial: server.Snapshot(), Access: access, Logger: slog.New(slog.DiscardHandler)})
	mux := http.NewServeMux()
	mux.Handle("/", server)
	mux.Handle(control.Prefix, controls)
	listener := httptest.NewServer(mux)
	t.Cleanup(listener.Close)
	return mock{app, listener.URL, next}, server
}

// send sends a body as JSON unless the headers, as pairs of a name and a value, say otherwise, and requires
// a status.
func (m mock) send(t *testing.T, status int, method, path, body string, headers ...string) (response string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, m.url+path, strings.NewReader(body))
	require.NoError(t, err)
	if body == "" {
		request.Body, request.ContentLength = nil, 0
	} else {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	got, err := m.next.RoundTrip(request)
	require.NoError(t, err)
	defer got.Body.Close()
	read, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	require.Equal(t, status, got.StatusCode, "%s %s: %s", method, path, read)
	return string(read)
}

// direct is the same without the validator, for traffic that is not of the control API.
func (m mock) direct() mock { m.next = http.DefaultTransport; return m }

// playControl sends requests to every operation of the control API, which get every status that it has.
func playControl(t *testing.T, validator *openapi.Validator) {
	t.Helper()
	m, server := newMock(t, control.Local, validator)
	addWebhooks(t, server, m.app.ID)

	m.send(t, 200, "GET", "/_mock/health", "")
	event := playProgram(t, m, server)
	playClock(t, m)
	playDeliveries(t, m, event)
	playFaultsAndRequests(t, m)
	playState(t, m)

	m.send(t, 404, "GET", "/_mock/nothing", "")
	m.send(t, 405, "DELETE", "/_mock/clock", "")
	off, _ := newMock(t, control.None, validator)
	for route := range controlRoutes(t) {
		method, path, _ := strings.Cut(strings.ReplaceAll(route, "{}", "x"), " ")
		if path != "health" {
			off.send(t, 403, method, control.Prefix+path, "")
		}
	}
}

// addWebhooks adds one whose receiver acknowledges, one whose receiver fails, and one that nothing listens
// on.
func addWebhooks(t *testing.T, server *refserver.Server, appID string) {
	t.Helper()
	for _, status := range []int{200, 503} {
		receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		t.Cleanup(receiver.Close)
		_, err := server.Webhooks.AddEndpoint(appID, delivery.EndpointParams{URL: receiver.URL, Secret: "a secret of the tests"})
		require.NoError(t, err)
	}
	added, err := server.Webhooks.AddEndpoint(appID, delivery.EndpointParams{URL: "http://127.0.0.1:9", Secret: "a secret of the tests"})
	require.NoError(t, err)
	require.NoError(t, server.Webhooks.RotateSecret(added.ID, "another secret of the tests"))
}

// playProgram makes a customer who signs in, and returns the id of an event.
func playProgram(t *testing.T, m mock, server *refserver.Server) (eventID string) {
	t.Helper()
	m.direct().send(t, 201, "POST", "/v1/apps/"+m.app.ID+"/customers", `{"email": "jane@acme.com"}`, "Authorization", "Bearer "+m.app.AdminToken)
	customerID := server.Snapshot().Apps[0].Customers[0].ID
	m.send(t, 201, "POST", "/_mock/sessions", `{"customerId": "`+customerID+`", "appId": "`+m.app.ID+`"}`)
	m.send(t, 400, "POST", "/_mock/sessions", `{}`)
	m.send(t, 404, "POST", "/_mock/sessions", `{"customerId": "cust_none"}`)
	m.send(t, 415, "POST", "/_mock/sessions", `{}`, "Content-Type", "text/plain")
	return server.Webhooks.Deliveries()[0].EventID
}

func playClock(t *testing.T, m mock) {
	t.Helper()
	m.send(t, 200, "GET", "/_mock/clock", "")
	m.send(t, 200, "POST", "/_mock/clock", `{"advance": "1d12h"}`)
	m.send(t, 200, "POST", "/_mock/clock", `{"to": "2026-04-01T00:00:00+02:00"}`)
	m.send(t, 200, "POST", "/_mock/clock", `{"toNextDue": true}`)
	m.send(t, 400, "POST", "/_mock/clock", `{"advance": "soon"}`)
	m.send(t, 400, "POST", "/_mock/clock", `{}`)
	m.send(t, 400, "POST", "/_mock/clock", `{"color": "green"}`)
	m.send(t, 415, "POST", "/_mock/clock", `{}`, "Content-Type", "text/plain")
}

func playDeliveries(t *testing.T, m mock, eventID string) {
	t.Helper()
	m.send(t, 202, "POST", "/_mock/deliveries/"+eventID+"/redeliver", "")
	m.send(t, 404, "POST", "/_mock/deliveries/evt_none/redeliver", "")
	shown := m.send(t, 200, "GET", "/_mock/deliveries?settle=true", "")
	for _, part := range []string{`"state": "delivered"`, `"state": "pending"`, `"nextAttempt"`, `"error"`, `"status": 503`} {
		assert.Contains(t, shown, part)
	}
	m.send(t, 200, "GET", "/_mock/deliveries?settle=false", "")
	m.send(t, 400, "GET", "/_mock/deliveries?settle=soon", "")
}

func playFaultsAndRequests(t *testing.T, m mock) {
	t.Helper()
	m.send(t, 200, "GET", "/_mock/faults", "")
	for _, fault := range []string{
		`{"method": "GET", "path": "/v1/affiliate", "times": 1, "status": 429, "header": {"Retry-After": ["1"], "X-Request-Id": []}, "body": "{}", "delay": "1ms"}`,
		`{"path": "/v1/{anything}", "after": 1, "truncate": 1, "afterCommit": true}`,
		`{"path": "/dropped", "drop": true}`,
	} {
		m.send(t, 201, "POST", "/_mock/faults", fault)
	}
	m.send(t, 400, "POST", "/_mock/faults", `{"status": 99}`)
	m.send(t, 400, "POST", "/_mock/faults", `{"delay": 2}`)
	m.send(t, 415, "POST", "/_mock/faults", `{}`, "Content-Type", "text/plain")
	m.direct().send(t, 429, "GET", "/v1/affiliate?x=1", "", "Authorization", "Bearer none")
	_, err := http.Get(m.url + "/dropped")
	require.Error(t, err)
	shown := m.send(t, 200, "GET", "/_mock/faults", "")
	id, _, _ := strings.Cut(strings.SplitN(shown, `"id": "`, 2)[1], `"`)
	m.send(t, 204, "DELETE", "/_mock/faults/"+id, "")
	m.send(t, 404, "DELETE", "/_mock/faults/"+id, "")
	m.send(t, 204, "DELETE", "/_mock/faults", "")

	m.direct().send(t, 401, "POST", "/v1/affiliate/apply", `{"email": "jane@acme.com"}`)
	shown = m.send(t, 200, "GET", "/_mock/requests", "")
	for _, part := range []string{`"fault"`, `"status": 0`, `"body"`, `"query"`} {
		assert.Contains(t, shown, part)
	}
	m.send(t, 204, "DELETE", "/_mock/requests", "")
	m.send(t, 200, "GET", "/_mock/requests", "")
}

func playState(t *testing.T, m mock) {
	t.Helper()
	snapshot := m.send(t, 200, "GET", "/_mock/snapshot", "")
	assert.NotContains(t, snapshot, "+05:30", "times are in UTC")
	m.send(t, 204, "PUT", "/_mock/snapshot", snapshot)
	m.send(t, 204, "PUT", "/_mock/snapshot", `{}`)
	m.send(t, 404, "POST", "/_mock/clock", `{"toNextDue": true}`)
	m.send(t, 200, "GET", "/_mock/clock", "")
	m.send(t, 400, "PUT", "/_mock/snapshot", `{"version": 2}`)
	m.send(t, 415, "PUT", "/_mock/snapshot", `{}`, "Content-Type", "text/plain")
	m.send(t, 204, "POST", "/_mock/reset", "")
}
