package affiliates_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

const (
	apiKey       = "sk_live_4f2a"
	sessionToken = "session_9c1d"
	adminJWT     = "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"
	appID        = "app_1"

	// The API is served below a path, so that a URL built without it is found out.
	basePath = "/behind/a proxy"
)

// response is what the server sends back.
type response struct {
	status int // 200 if 0
	body   string
}

// request is what the server received.
type request struct {
	method string
	path   string // below basePath, escaped as on the wire
	query  string
	header http.Header
	body   string
}

// server records requests and gives its responses in order.
type server struct {
	*httptest.Server
	t *testing.T

	mu        sync.Mutex
	requests  []request
	responses []response
}

func newServer(t *testing.T, responses ...response) *server {
	t.Helper()
	s := &server{t: t, responses: responses}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	assert.NoError(s.t, err)
	path, below := strings.CutPrefix(r.URL.EscapedPath(), "/behind/a%20proxy")
	assert.True(s.t, below, "the request is not below the base path: %s", r.URL.EscapedPath())

	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, request{r.Method, path, r.URL.RawQuery, r.Header, string(body)})
	if len(s.requests) > len(s.responses) {
		assert.Fail(s.t, "a request too many", "%s %s", r.Method, r.URL)
		w.WriteHeader(http.StatusTeapot)
		return
	}
	next := s.responses[len(s.requests)-1]
	w.Header().Set("Content-Type", "application/json")
	if next.status != 0 {
		w.WriteHeader(next.status)
	}
	_, _ = io.WriteString(w, next.body) // the client may be gone
}

// received returns the requests so far.
func (s *server) received() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// only returns the one request that the server received.
func (s *server) only() request {
	s.t.Helper()
	received := s.received()
	require.Len(s.t, received, 1)
	return received[0]
}

// bare returns a client without credentials.
func (s *server) bare(cfg stackbe.Config) *stackbe.Client {
	s.t.Helper()
	cfg.BaseURL = s.URL + basePath
	cfg.HTTPClient = s.Client()
	cfg.Retry = &stackbe.Retry{Max: 0}
	client, err := stackbe.New(cfg)
	require.NoError(s.t, err)
	return client
}

// affiliates returns a service that holds a credential of every kind.
func (s *server) affiliates() *affiliates.Service {
	s.t.Helper()
	client := s.bare(stackbe.Config{APIKey: apiKey, AppID: appID})
	return client.AsCustomer(sessionToken).AsAdmin(adminJWT).Affiliates
}

func money(text string) affiliates.Money {
	m, err := affiliates.ParseMoney(text)
	if err != nil {
		panic(err)
	}
	return m
}

func percent(text string) affiliates.Percent {
	p, err := affiliates.ParsePercent(text)
	if err != nil {
		panic(err)
	}
	return p
}

func at(text string) time.Time {
	when, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return when
}

// jsonText returns value as JSON.
func jsonText(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

// field returns a field of a JSON object, whatever the case of its first letter.
func field(t *testing.T, object, name string) string {
	t.Helper()
	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(object), &fields))
	return string(fields[strings.ToLower(name[:1])+name[1:]])
}
