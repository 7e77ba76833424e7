package console_test

import (
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/fault"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
	"github.com/stackbe/stackbe-go/webhooks"
)

func replaceDots(name string) string { return strings.ReplaceAll(name, ".", "-") }

// hooks is a receiver that fails until it is mended.
type hooks struct {
	*httptest.Server
	mu       sync.Mutex
	mended   bool
	requests []*http.Request
	bodies   []string
}

func newHooks(t *testing.T) *hooks {
	h := &hooks{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		h.requests, h.bodies = append(h.requests, r), append(h.bodies, string(body))
		w.Header().Set("X-Reason", "<b>no disk</b>")
		if !h.mended {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = io.WriteString(w, "out of <i>disk</i>")
		}
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hooks) mend() { h.mu.Lock(); defer h.mu.Unlock(); h.mended = true }

func (h *hooks) count() int { h.mu.Lock(); defer h.mu.Unlock(); return len(h.requests) }

func (h *hooks) verify(t *testing.T, at int, secret string) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	verifier, err := webhooks.NewVerifier(secret, webhooks.WithTolerance(0x7fffffffffffffff))
	require.NoError(t, err)
	assert.NoError(t, verifier.Verify(h.requests[at].Header, []byte(h.bodies[at])))
}

func TestWebhookIsAddedAndItsDeliveriesAreShown(t *testing.T) {
	w := newWorld(t)
	h := newHooks(t)
	b := w.admin(t, w.AdminToken)

	got := b.done("/console/webhooks", "url", h.URL+"/hook")
	assert.Contains(t, got.text(), "The webhook is added.")
	generated := regexp.MustCompile(`whsec_[A-Za-z0-9+/=]+`).FindString(got.text())
	require.NotEmpty(t, generated)
	endpoint := w.Webhooks.App(w.ID).Endpoints()[0]
	assert.Equal(t, generated, endpoint.Secret)
	path := "/console/webhooks/" + endpoint.ID

	application, err := w.Program.Apply(program.ApplicationParams{Email: "jane@acme.com", Name: "Jane"})
	require.NoError(t, err)
	b.done("/console/applications/"+application.ID+"/reject", "rejectionReason", "Not now")
	w.Webhooks.Settle()
	h.verify(t, 0, generated)

	list := b.page("/console/webhooks")
	assert.Contains(t, list.text(), "partner_application_rejected")
	assert.Contains(t, list.text(), "Pending 1 500 Internal Server Error")
	shown := regexp.MustCompile(`href="(` + path + `/deliveries/[^"]+)"`).FindStringSubmatch(list.body)
	require.NotNil(t, shown)

	detail := b.page(shown[1])
	for _, part := range []string{
		"POST /hook HTTP/1.1", "Host: " + strings.TrimPrefix(h.URL, "http://"), "Content-Type: application/json", "X-Stackbe-Signature: t=",
		`"event":"partner_application_rejected"`, "HTTP/1.1 500 Internal Server Error", "X-Reason: <b>no disk</b>", "out of <i>disk</i>",
	} {
		assert.Contains(t, unescaped(detail.body), part)
	}
	assert.NotContains(t, detail.body, "<i>disk</i>")
	assert.NotContains(t, detail.body, generated, "the secret is on the webhook's page alone")

	t.Run("and redelivered", func(t *testing.T) {
		h.mend()
		assert.Contains(t, b.done(shown[1]+"/redeliver").text(), "The event is on its way again.")
		w.Webhooks.Settle()
		detail := b.page(shown[1])
		assert.Contains(t, detail.text(), "Delivered")
		assert.Contains(t, detail.text(), "Attempt 2,")
		assert.Less(t, strings.Index(detail.text(), "Attempt 2,"), strings.Index(detail.text(), "Attempt 1,"), "the newest comes first")
		assert.Equal(t, 2, h.count())
	})

	t.Run("and its secret is rotated", func(t *testing.T) {
		got := b.done(path+"/rotate", "secret", "a new secret of the tests")
		assert.Contains(t, got.text(), "The secret is rotated.")
		assert.Contains(t, got.text(), "a new secret of the tests")
		assert.Contains(t, got.text(), "An old secret signs beside it until 2 Mar 2026")
		b.done(shown[1] + "/redeliver")
		w.Webhooks.Settle()
		h.verify(t, 2, generated)
		h.verify(t, 2, "a new secret of the tests")

		for _, secret := range []string{"a new secret of the tests", "short", generated} {
			refused := b.post(path+"/rotate", "secret", secret)
			assert.Equal(t, http.StatusUnprocessableEntity, refused.status, secret)
			assert.NotEmpty(t, refused.problem("secret"), secret)
			assert.Equal(t, secret, refused.value(t, "secret"))
		}
		assert.Contains(t, b.done(path+"/rotate").text(), "whsec_")
	})

	t.Run("and disabled and enabled", func(t *testing.T) {
		got := b.done(path + "/disable")
		assert.Contains(t, got.text(), "Disabled")
		refused := b.post(shown[1] + "/redeliver")
		assert.Equal(t, http.StatusConflict, refused.status)
		assert.Contains(t, refused.text(), "The webhook is disabled; enable it first.")
		assert.Contains(t, b.done(path+"/enable").text(), "Enabled")
		b.done(shown[1] + "/redeliver")
	})
}

func unescaped(body string) string { return reply{body: strings.ReplaceAll(body, "\n", " ")}.text() }

func TestSecretOfWebhookIsInNoLog(t *testing.T) {
	w := newWorld(t)
	b := w.admin(t, w.AdminToken)
	const secret = `+a&b<c>"d'e+f/g=h`
	shown := b.done("/console/webhooks", "url", "http://receiver.test", "secret", secret)
	assert.Contains(t, shown.text(), secret)
	for _, request := range w.Requests.All() {
		for _, text := range []string{request.Body, request.ResponseBody} {
			assert.NotContains(t, html.UnescapeString(text), secret, request.Path)
		}
	}
}

func TestInvalidWebhookIsRefusedAtItsField(t *testing.T) {
	w := newWorld(t)
	b := w.admin(t, w.AdminToken)
	for _, test := range [][3]string{
		{"", "", "url"}, {"example.com", "", "url"}, {"ftp://example.com", "", "url"}, {"https://user:pass@example.com", "", "url"},
		{"https://example.com", "short", "secret"}, {"https://example.com", "whsec_no base64", "secret"},
	} {
		got := b.post("/console/webhooks", "url", test[0], "secret", test[1])
		assert.Equal(t, http.StatusUnprocessableEntity, got.status, test)
		assert.NotEmpty(t, got.problem(test[2]), test)
		assert.Equal(t, test[0], got.value(t, "url"))
		assert.Equal(t, test[1], got.value(t, "secret"))
	}
	assert.Empty(t, w.Webhooks.Endpoints())
}

func TestRequestLogHasTheRequestsOfTheApp(t *testing.T) {
	w := newWorld(t)
	b := w.admin(t, w.AdminToken)
	b.page("/console/partners")
	b.send(http.MethodGet, "/v1/affiliate/apply/status?email=jane@acme.com", nil, "x-api-key", w.APIKey)
	b.send(http.MethodGet, "/v1/affiliate/apply/status?email=kim@acme.com", nil, "x-api-key", "sk_wrong")

	list := b.page("/console/requests")
	assert.Contains(t, list.text(), "GET /v1/affiliate/apply/status")
	assert.Contains(t, list.text(), "200 OK")
	assert.Contains(t, list.text(), "401 Unauthorized", "of no app, where there is one app")
	assert.NotContains(t, list.body, "GET /console", "the console's own are left out")
	links := regexp.MustCompile(`href="(/console/requests/\d+)"`).FindAllStringSubmatch(list.body, -1)
	require.Len(t, links, 2)
	shown := b.page(links[1][1])
	assert.Contains(t, shown.text(), "GET /v1/affiliate/apply/status?email=jane@acme.com HTTP/1.1")
	assert.Contains(t, shown.text(), `{"applied":false}`)
	assert.Contains(t, shown.text(), "[redacted]")
	assert.NotContains(t, shown.body, w.APIKey)

	_, err := w.AddApp(refserver.AppParams{})
	require.NoError(t, err)
	assert.NotContains(t, b.page("/console/requests").text(), "401 Unauthorized", "it may be about the other app")
	assert.Equal(t, http.StatusNotFound, b.get(links[0][1]).status)
}

func TestRequestLogHasTheRequestsOfTheAppThatAFaultActedOn(t *testing.T) {
	w := newWorld(t)
	_, err := w.AddApp(refserver.AppParams{})
	require.NoError(t, err)
	b := w.admin(t, w.AdminToken)
	for _, test := range []fault.Fault{{Status: http.StatusServiceUnavailable}, {Header: http.Header{"X-Test": {"1"}}}, {Status: http.StatusBadGateway, AfterCommit: true}} {
		test.Times = 1
		id, err := w.Faults.Add(test)
		require.NoError(t, err)
		b.send(http.MethodGet, "/v1/affiliate/by-customer/c1", nil, "x-api-key", w.APIKey)
		assert.Contains(t, b.page("/console/requests").text(), "fault "+id)
	}
	b.send(http.MethodGet, "/v1/lost", nil, "Authorization", "Bearer "+w.AdminToken)
	assert.Contains(t, b.page("/console/requests").text(), "GET /v1/lost")
}
