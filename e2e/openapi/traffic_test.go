package openapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/api"
	"github.com/stackbe/stackbe-go/e2e/openapi"
	"github.com/stackbe/stackbe-go/internal/conformance"
	"github.com/stackbe/stackbe-go/stackbetest"
)

func TestTrafficOfConformanceSuiteIsValid(t *testing.T) {
	validator := newValidator(t, http.DefaultTransport)
	if !t.Run("suite", func(t *testing.T) { conformance.Run(t, target(t, besidesPages{validator})) }) {
		t.Log("the suite fails by itself; the document is judged by what it got to send")
	}

	assert.Empty(t, validator.Problems())
	unseen := validator.Unseen(func(status string) bool { return status != "429" && status != "500" })
	assert.Empty(t, unseen, "the suite has met none of these")
}

// besidesPages validates all traffic except the pages that a link leads to: the document is about the
// API.
type besidesPages struct{ *openapi.Validator }

func (b besidesPages) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == "/portal" || r.URL.Path == "/portal/as-user" {
		return http.DefaultTransport.RoundTrip(r)
	}
	return b.Validator.RoundTrip(r)
}

func TestRateLimitedResponsesAreValid(t *testing.T) {
	validator := newValidator(t, http.DefaultTransport)
	server := stackbetest.New(t, stackbetest.WithRateLimits(1, 1), stackbetest.WithClock(func() time.Time { return time.Unix(1_800_000_000, 0) }))
	customerID := server.CreateCustomer(stackbetest.CustomerParams{Email: "jane@acme.com"})
	credentials := map[string][2]string{
		"apiKey":  {"X-Api-Key", server.APIKey},
		"session": {"Authorization", "Bearer " + server.SessionToken(customerID)},
		"admin":   {"Authorization", "Bearer " + server.AdminToken},
	}
	document, err := openapi.Load(api.OpenAPI())
	require.NoError(t, err)
	for _, operation := range openapi.Operations(document) {
		credential, ok := credentials[operation.Credential()]
		if !ok {
			continue // pages are not limited
		}
		for range 2 {
			path := strings.NewReplacer("{appId}", server.AppID, "{customerId}", customerID, "{applicationId}", "none").Replace(operation.Path)
			request, err := http.NewRequestWithContext(t.Context(), operation.Method, server.URL+path, nil)
			require.NoError(t, err)
			request.Header.Set(credential[0], credential[1])
			response, err := validator.RoundTrip(request)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
		}
	}
	assert.Empty(t, validator.Problems())
	assert.Empty(t, validator.Unseen(func(status string) bool { return status == "429" }))
}

func newValidator(t *testing.T, next http.RoundTripper) *openapi.Validator {
	t.Helper()
	validator, err := openapi.NewValidator(next)
	require.NoError(t, err)
	return validator
}

// target is a reference server that meets all needs, called through transport.
func target(t *testing.T, transport http.RoundTripper) conformance.Target {
	t.Helper()
	server := stackbetest.New(t, stackbetest.WithUnknownRoutes())
	foreign := server.AddApp()
	return conformance.Target{
		BaseURL:    server.URL,
		APIKey:     server.APIKey,
		AppID:      server.AppID,
		AdminToken: server.AdminToken,
		Foreign: conformance.Foreign{
			AppID:      foreign.AppID,
			APIKey:     foreign.APIKey,
			AdminToken: foreign.AdminToken,
		},
		Control: &conformance.Control{
			CreateCustomer: func(c conformance.Customer) string {
				return server.CreateCustomer(stackbetest.CustomerParams(c))
			},
			SessionToken:  server.SessionToken,
			RecordPayment: server.RecordPayment,
			Advance:       server.Advance,
		},
		HTTPClient: &http.Client{Transport: transport},
		Complete:   true,
	}
}

func TestUnseenListsAllWithoutTraffic(t *testing.T) {
	unseen := newValidator(t, http.DefaultTransport).Unseen(func(status string) bool { return status == "422" })
	assert.Equal(t, []string{"refundInvoice 422", "requestPayout 422"}, unseen)
}
