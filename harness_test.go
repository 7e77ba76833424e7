package stackbe_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

const (
	apiKey       = "sk_live_canaryKey0123456789"
	sessionToken = "session-canary-0123456789"
	adminToken   = "admin.canary.jwt-0123456789"
	appID        = "app_1"
)

// recorder is a loopback server that records the requests that reach it.
type recorder struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
}

// serve starts a server that responds to the n-th request, from 0, with respond.
func serve(t *testing.T, respond func(w http.ResponseWriter, r *http.Request, n int)) *recorder {
	t.Helper()
	rec := &recorder{}
	rec.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec.mu.Lock()
		n := len(rec.requests)
		rec.requests = append(rec.requests, r.Clone(r.Context()))
		rec.mu.Unlock()
		respond(w, r, n)
	}))
	t.Cleanup(rec.Close)
	return rec
}

func (rec *recorder) received() []*http.Request {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return rec.requests
}

// quick retries without a wait that a test would notice.
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

func respondJSON(w http.ResponseWriter, status int, body string) {
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

// calls is every method of the SDK, with arguments that are fine.
var calls = map[string]func(context.Context, *affiliates.Service) error{
	"Apply": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.Apply(ctx, affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane"})
		return err
	},
	"GetApplicationStatus": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.GetApplicationStatus(ctx, "jane@acme.com")
		return err
	},
	"Get": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.Get(ctx, "cust_1")
		return err
	},
	"GetCurrent": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.GetCurrent(ctx)
		return err
	},
	"GetDashboard": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.GetDashboard(ctx)
		return err
	},
	"GetPortalLink": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.GetPortalLink(ctx)
		return err
	},
	"TrackReferral": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.TrackReferral(ctx, affiliates.TrackParams{Code: "JANE20", URL: "https://yoursite.com?ref=JANE20"})
		return err
	},
	"RegisterDeal": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.RegisterDeal(ctx, affiliates.DealParams{LeadEmail: "lead@company.com", LeadName: "John"})
		return err
	},
	"ListApplications": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.ListApplications(ctx, affiliates.ApplicationFilter{})
		return err
	},
	"Applications": func(ctx context.Context, s *affiliates.Service) error {
		for _, err := range s.Applications(ctx, affiliates.ApplicationFilter{}) {
			return err
		}
		return nil
	},
	"GetApplication": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.GetApplication(ctx, "app_1")
		return err
	},
	"Review": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.Review(ctx, "app_1", affiliates.ReviewParams{Action: affiliates.ReviewActionApprove})
		return err
	},
	"Approve": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.Approve(ctx, "app_1", affiliates.ApproveParams{})
		return err
	},
	"Reject": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.Reject(ctx, "app_1", affiliates.RejectParams{})
		return err
	},
	"GetSettings": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.GetSettings(ctx)
		return err
	},
	"UpdateSettings": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.UpdateSettings(ctx, affiliates.UpdateSettingsParams{})
		return err
	},
}

// handlerTransport is a server without a socket.
func handlerTransport(respond func(w http.ResponseWriter, r *http.Request, n int)) http.RoundTripper {
	return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		w := &bufferedResponse{header: http.Header{}, status: 200}
		respond(w, r, 0)
		return &http.Response{StatusCode: w.status, Header: w.header, Body: io.NopCloser(&w.body), Request: r}, nil
	})
}

type bufferedResponse struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *bufferedResponse) Header() http.Header { return a.header }

func (a *bufferedResponse) WriteHeader(status int) { a.status = status }

func (a *bufferedResponse) Write(b []byte) (int, error) { return a.body.Write(b) }

// drop closes the connection without a response.
func drop(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		conn.Close()
	}
}

func apply(client *stackbe.Client, ctx context.Context, key string) error {
	_, err := client.Affiliates.Apply(ctx, affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane", IdempotencyKey: key})
	return err
}

func assertRefused(t *testing.T, err error, field, value string) {
	t.Helper()
	var e *stackbe.ArgumentError
	if assert.ErrorAs(t, err, &e, "%q", value) {
		assert.Equal(t, field, e.Field)
		assert.ErrorIs(t, err, stackbe.ErrInvalidArgument)
	}
}

// attempts counts those that are observed and logged.
type attempts struct {
	observed int
	log      bytes.Buffer
}

func (a *attempts) watch(cfg *stackbe.Config) {
	cfg.Observe = func(context.Context, stackbe.Attempt) { a.observed++ }
	cfg.Logger = slog.New(slog.NewTextHandler(&a.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func call(client *stackbe.Client, ctx context.Context) error {
	_, err := client.Affiliates.Get(ctx, "cust_1")
	return err
}

type roundTripperFunc func(*http.Request) (*http.Response, error)

func (f roundTripperFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// serveText starts a server with one response to all, and returns its client.
func serveText(t *testing.T, status int, contentType, body string) *stackbe.Client {
	t.Helper()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
	return newClient(t, server.URL)
}
