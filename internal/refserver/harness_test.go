package refserver_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

var start = time.Date(2026, 3, 1, 12, 0, 20, 0, time.UTC)

const day = 24 * time.Hour

// world is a running server with one app, whose clock the test holds.
type world struct {
	*refserver.Server
	refserver.App
	url   string
	ahead *atomic.Int64
}

func newWorld(t testing.TB, configure ...func(*refserver.Config)) world {
	w := newUnservedWorld(t, configure...)
	listener := httptest.NewServer(w.Server)
	t.Cleanup(listener.Close)
	w.url = listener.URL
	return w
}

// newUnservedWorld is a world without a socket.
func newUnservedWorld(t testing.TB, configure ...func(*refserver.Config)) world {
	ahead := new(atomic.Int64)
	config := refserver.Config{Now: func() time.Time { return start.Add(time.Duration(ahead.Load())) }}
	for _, c := range configure {
		c(&config)
	}
	w := world{Server: refserver.New(config), ahead: ahead}
	w.App = w.addApp(t)
	return w
}

func (w world) addApp(t testing.TB) refserver.App {
	app, err := w.AddApp(refserver.AppParams{})
	require.NoError(t, err)
	return app
}

func (w world) advance(d time.Duration) { w.ahead.Add(int64(d)) }

// reply is a response that has been read.
type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) json(t testing.TB) map[string]any {
	var object map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.body), &object), r.body)
	return object
}

// credentials, as the headers that carry them.
func (w world) key() []string { return []string{"x-api-key", w.APIKey} }

func (w world) admin() []string { return bearer(w.AdminToken) }

func bearer(token string) []string { return []string{"Authorization", "Bearer " + token} }

func idempotent(key string) []string { return []string{"Idempotency-Key", key} }

func (w world) path(suffix string) string { return "/v1/apps/" + w.ID + "/affiliates/" + suffix }

func (w world) review(id string) string { return w.path("applications/" + id + "/review") }

func (w world) session(id string) []string { return bearer(w.token(id)) }

func (w world) token(customerID string) string {
	token, err := w.SessionToken(w.ID, customerID)
	if err != nil {
		panic(err)
	}
	return token
}

// send sends a request with headers, as pairs of a name and a value. A body is sent as JSON
// unless the headers say otherwise.
func (w world) send(t testing.TB, method, path, body string, headers ...[]string) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, w.url+path, strings.NewReader(body))
	require.NoError(t, err)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for _, pair := range headers {
		request.Header.Set(pair[0], pair[1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(t, err)
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return reply{response.StatusCode, response.Header, string(read)}
}

// want sends a request and requires a status and a JSON body.
func (w world) want(t testing.TB, status int, wantBody, method, path, body string, headers ...[]string) reply {
	t.Helper()
	got := w.send(t, method, path, body, headers...)
	require.Equal(t, status, got.status, got.body)
	require.JSONEq(t, wantBody, got.body)
	return got
}

// refused sends a request and requires an error of the documented shape; it gives the messages.
func (w world) refused(t testing.TB, status int, method, path, body string, headers ...[]string) []string {
	t.Helper()
	got := w.send(t, method, path, body, headers...)
	require.Equal(t, status, got.status, got.body)
	return got.problems(t)
}

func (r reply) problems(t testing.TB) []string {
	t.Helper()
	var refusal struct {
		StatusCode int
		Code       string
		Message    any
		Error      string
	}
	decoder := json.NewDecoder(strings.NewReader(r.body))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&refusal), r.body)
	require.Equal(t, r.status, refusal.StatusCode)
	require.NotEmpty(t, refusal.Code)
	require.Equal(t, http.StatusText(r.status), refusal.Error)
	require.Equal(t, "application/json; charset=utf-8", r.header.Get("Content-Type"))
	if message, ok := refusal.Message.(string); ok {
		require.NotEmpty(t, message)
		return []string{message}
	}
	var messages []string
	for _, message := range refusal.Message.([]any) {
		messages = append(messages, message.(string))
	}
	require.NotEmpty(t, messages)
	return messages
}

// apply submits an application and gives its id.
func (w world) apply(t testing.TB, email string) string {
	application, err := w.Program.Apply(program.ApplicationParams{Email: email, Name: "Jane Smith"})
	require.NoError(t, err)
	return application.ID
}

// partner makes a partner with a code.
func (w world) partner(t testing.TB, email, code string) program.Affiliate {
	review, err := w.Program.Approve(w.apply(t, email), code)
	require.NoError(t, err)
	return *review.Affiliate
}

func (w world) customer(t testing.TB, params program.CustomerParams) string {
	customer, err := w.Program.CreateCustomer(params)
	require.NoError(t, err)
	return customer.ID
}

func (w world) pay(t testing.TB, customerID string, amount program.Cents) {
	_, err := w.Program.RecordPayment(customerID, amount)
	require.NoError(t, err)
}
