package stackbetest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/stackbetest"
)

func TestStartRefusesContractThatItCannotServe(t *testing.T) {
	_, err := stackbetest.Start(stackbetest.WithContract(stackbe.Contract{ListField: "the list"}))
	assert.ErrorContains(t, err, "WithContract: ListField")
}

// post sends a body by hand, with the API key.
func post(t *testing.T, server *stackbetest.Server, path, body string) (status int, response string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Api-Key", server.APIKey)
	got, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer got.Body.Close()
	read, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	return got.StatusCode, string(read)
}

func TestWithContractReplacesDefaultNames(t *testing.T) {
	server := stackbetest.New(t, stackbetest.WithUnknownRoutes(), stackbetest.WithContract(stackbe.Contract{TrackPath: "/clicks", TrackCodeField: "referral"}))
	status, body := post(t, server, "/v1/affiliate/track", `{"code":"JANE20"}`)
	assert.Equal(t, http.StatusNotFound, status, body)
	status, body = post(t, server, "/clicks", `{"code":"JANE20"}`)
	assert.Equal(t, http.StatusBadRequest, status, body)
	assert.Contains(t, body, `"property code should not exist"`)
	assert.Contains(t, body, `"referral should not be empty"`)
	assert.NotContains(t, body, `\u0000`)
	status, body = post(t, server, "/clicks", `{"referral":"JANE20"}`)
	assert.Equal(t, http.StatusNotFound, status, body)
	assert.Contains(t, body, "referral code", "there is no such code")
}

func TestDeliveriesAreSignedInSignatureHeaderOfContract(t *testing.T) {
	headers := make(chan http.Header, 2)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { headers <- r.Header }))
	defer receiver.Close()
	server := stackbetest.New(t, stackbetest.WithContract(stackbe.Contract{SignatureHeader: "X-Dispatch-Signature"}),
		stackbetest.WithWebhook(receiver.URL, "a secret of sixteen bytes"))
	own := stackbetest.WebhookParams{URL: receiver.URL, Secret: "a secret of sixteen bytes", Header: "X-Own"}
	server.AddWebhook(own)

	enroll(t, server.App, "jane@acme.com", "")
	server.WaitForDeliveries()
	first, second := <-headers, <-headers
	assert.NotEmpty(t, first.Get("X-Dispatch-Signature")+second.Get("X-Dispatch-Signature"))
	assert.NotEmpty(t, first.Get("X-Own")+second.Get("X-Own"), "WebhookParams.Header wins")
	assert.Empty(t, first.Get("X-StackBE-Signature")+second.Get("X-StackBE-Signature"))
}

func TestSeededWebhookIsSignedInSignatureHeaderOfContract(t *testing.T) {
	headers := make(chan http.Header, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { headers <- r.Header }))
	defer receiver.Close()
	server := stackbetest.New(t, stackbetest.WithContract(stackbe.Contract{SignatureHeader: "X-Dispatch-Signature"}))
	server.Seed(stackbetest.Document(`{"webhooks": [{"id": "wh_1", "url": "` + receiver.URL + `", "secrets": [{"secret": "a secret of the tests"}]}]}`))
	enroll(t, server.App, "jane@acme.com", "")
	server.WaitForDeliveries()
	assert.NotEmpty(t, (<-headers).Get("X-Dispatch-Signature"))
}
