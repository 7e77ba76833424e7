package refserver_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/fault"
)

func TestFaultReplacesResponse(t *testing.T) {
	w := newWorld(t)
	id, err := w.Faults.Add(fault.Fault{Method: "POST", Path: "/v1/affiliate/apply", Status: 503, Header: http.Header{"Retry-After": {"7"}}, Times: 1})
	require.NoError(t, err)
	body := `{"email": "jane@acme.com", "name": "Jane"}`
	got := w.send(t, "POST", "/v1/affiliate/apply", body, w.key())
	assert.Equal(t, http.StatusServiceUnavailable, got.status)
	assert.Equal(t, "7", got.header.Get("Retry-After"))
	assert.NotEmpty(t, got.header.Get("X-Request-Id"))
	got.problems(t)
	assert.Equal(t, http.StatusCreated, w.send(t, "POST", "/v1/affiliate/apply", body, w.key()).status, "the first was not executed")

	logged := w.Requests.All()
	require.Len(t, logged, 2)
	assert.Equal(t, id, logged[0].Fault)
	assert.Equal(t, got.header.Get("X-Request-Id"), logged[0].ID)
	assert.Equal(t, body, logged[0].Body)
	assert.Empty(t, logged[1].Fault)
}

func TestLostResponseIsReplayedForItsKey(t *testing.T) {
	w := newWorld(t)
	_, err := w.Faults.Add(fault.Fault{Path: "/v1/affiliate/apply", Drop: true, AfterCommit: true, Times: 1})
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), "POST", w.url+"/v1/affiliate/apply", io.NopCloser(strings.NewReader(`{"email": "jane@acme.com", "name": "Jane"}`)))
	require.NoError(t, err)
	request.Header = http.Header{"Content-Type": {"application/json"}, "X-Api-Key": {w.APIKey}, "Idempotency-Key": {"one"}}
	_, err = http.DefaultTransport.RoundTrip(request)
	require.Error(t, err)
	assert.Equal(t, 0, w.Requests.All()[0].Status)

	got := w.send(t, "POST", "/v1/affiliate/apply", `{"email": "jane@acme.com", "name": "Jane"}`, w.key(), idempotent("one"))
	assert.Equal(t, http.StatusCreated, got.status)
	assert.Equal(t, "true", got.header.Get("Idempotency-Replayed"))
}

func TestRequestsHaveNoCredentials(t *testing.T) {
	w := newWorld(t, func(c *refserver.Config) { c.Contract = contract.Contract{APIKeyHeader: "X-Own-Key"} })
	partner := w.partner(t, "jane@acme.com", "JANE20")
	token := w.token(partner.CustomerID)
	link := w.send(t, "GET", "/v1/affiliate/portal-link", "", bearer(token)).json(t)["url"].(string)
	portal := link[strings.LastIndex(link, "/"):]
	w.send(t, "GET", "/portal"+portal, "")
	w.send(t, "GET", "/v1/affiliate/by-customer/"+w.APIKey, "", []string{"X-Own-Key", w.APIKey})
	w.send(t, "POST", "/v1/apps/"+w.ID+"/customers/"+partner.CustomerID+"/sessions", "", w.admin())
	shown, err := json.Marshal(w.Requests.All())
	require.NoError(t, err)
	for _, secret := range []string{token, portal[1:], w.APIKey, w.AdminToken, "sess_"} {
		assert.NotContains(t, string(shown), secret)
	}
	assert.Contains(t, string(shown), partner.CustomerID)
}

func TestUnknownRouteIsReported(t *testing.T) {
	var unknown []string
	w := newWorld(t, func(c *refserver.Config) {
		c.UnknownRoute = func(method, path string) { unknown = append(unknown, method+" "+path) }
	})
	w.send(t, "GET", "/v1/affiliate/apply/status?email=jane@acme.com", "", w.key())
	w.send(t, "GET", "/v1/affiliate/unknown", "")
	w.send(t, "DELETE", "/v1/affiliate", "")
	w.send(t, "GET", "/v1/portal/app_1.token", "")
	assert.Equal(t, []string{"GET /v1/affiliate/unknown", "DELETE /v1/affiliate", "GET /v1/portal/[redacted]"}, unknown)
}
