package stackbe_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
)

const (
	apiKey       = "sk_live_canaryKey0123456789"
	sessionToken = "session-canary-0123456789"
	adminToken   = "admin.canary.jwt-0123456789"
	appID        = "app_1"
)

// recorder is a loopback server that counts what reaches it.
type recorder struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
}

// serve starts a server that answers the n-th request, from 0, with answer.
func serve(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, n int)) *recorder {
	t.Helper()
	rec := &recorder{}
	rec.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec.mu.Lock()
		n := len(rec.requests)
		rec.requests = append(rec.requests, r.Clone(r.Context()))
		rec.mu.Unlock()
		answer(w, r, n)
	}))
	t.Cleanup(rec.Close)
	return rec
}

func (rec *recorder) received() []*http.Request {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return rec.requests
}

// quick repeats without a wait that a test would notice.
func quick(retries int) *stackbe.Retry {
	return &stackbe.Retry{Max: retries, MinWait: time.Microsecond, MaxWait: time.Second}
}

// newClient returns a client of the server with all three credentials.
func newClient(t *testing.T, url string, change ...func(*stackbe.Config)) *stackbe.Client {
	t.Helper()
	cfg := stackbe.Config{APIKey: apiKey, AppID: appID, BaseURL: url, Retry: quick(3), HTTPClient: &http.Client{Transport: newTransport(t)}}
	for _, c := range change {
		c(&cfg)
	}
	client, err := stackbe.New(cfg)
	require.NoError(t, err)
	return client.AsCustomer(sessionToken).AsAdmin(adminToken)
}

func newTransport(t *testing.T) *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

func answerJSON(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

func readAll(t *testing.T, r io.Reader) string {
	t.Helper()
	data, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(data)
}

func serveTLS(t *testing.T) *httptest.Server {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the handshake is to fail
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}
