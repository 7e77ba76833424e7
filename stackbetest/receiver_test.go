package stackbetest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

const secret = "a secret of the tests"

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// receiver records the deliveries to it, and responds with a handler.
type receiver struct {
	*httptest.Server

	mu      sync.Mutex
	got     []received
	respond http.HandlerFunc
}

type received struct {
	header http.Header
	body   string
}

// event has the fields of a body that the tests read.
type event struct {
	ID, Event string
	Timestamp time.Time
	Data      struct {
		Application struct{ ID, Email string }
	}
}

func (r received) event(t *testing.T) (e event) {
	require.NoError(t, json.Unmarshal([]byte(r.body), &e))
	return e
}

func newReceiver(t *testing.T, respond http.HandlerFunc) *receiver {
	r := &receiver{respond: respond}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		body = []byte(err.Error())
	}
	r.mu.Lock()
	r.got = append(r.got, received{request.Header.Clone(), string(body)})
	respond := r.respond
	r.mu.Unlock()
	request.Body = io.NopCloser(bytes.NewReader(body))
	respond(w, request)
}

func (r *receiver) respondWith(respond http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.respond = respond
}

func (r *receiver) deliveries() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// emails are those of the applications, in the order in which their events came.
func (r *receiver) emails(t *testing.T) (emails []string) {
	for _, got := range r.deliveries() {
		emails = append(emails, got.event(t).Data.Application.Email)
	}
	return emails
}

// withStatus responds with a status.
func withStatus(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

// atNoon starts a server whose clock stands still, with a webhook.
func atNoon(t *testing.T, url string) *stackbetest.Server {
	return stackbetest.New(t,
		stackbetest.WithClock(func() time.Time { return noon }),
		stackbetest.WithWebhook(url, secret))
}

// approve applies, and approves the application.
func approve(t *testing.T, server *stackbetest.Server, email string) *affiliates.Review {
	t.Helper()
	return enroll(t, server.App, email, "")
}

// reject applies, and rejects the application.
func reject(t *testing.T, server *stackbetest.Server, email, reason string) *affiliates.Review {
	t.Helper()
	review, err := server.Client().AsAdmin(server.AdminToken).Affiliates.Reject(t.Context(), apply(t, server, email), affiliates.RejectParams{Reason: reason})
	require.NoError(t, err)
	return review
}

func apply(t *testing.T, server *stackbetest.Server, email string) (applicationID string) {
	t.Helper()
	receipt, err := server.Client().Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: email, Name: "Jane Smith"})
	require.NoError(t, err)
	return receipt.ID
}

// only is the one delivery of a server.
func only(t *testing.T, server *stackbetest.Server) stackbetest.Delivery {
	t.Helper()
	deliveries := server.Deliveries()
	require.Len(t, deliveries, 1)
	return deliveries[0]
}

// times are how long after noon the attempts were made.
func times(d stackbetest.Delivery) (after []time.Duration) {
	for _, attempt := range d.Attempts {
		after = append(after, attempt.Started.Sub(noon))
	}
	return after
}

func statuses(d stackbetest.Delivery) (all []int) {
	for _, attempt := range d.Attempts {
		all = append(all, attempt.StatusCode)
	}
	return all
}

func numbered(n int) (emails []string) {
	for i := range n {
		emails = append(emails, fmt.Sprintf("%d@acme.com", i))
	}
	return emails
}
