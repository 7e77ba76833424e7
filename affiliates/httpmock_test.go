package affiliates_test

import (
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// Programs that mock HTTP in their own tests hand their transport to the SDK.
func TestRequestsUseCallersRoundTripper(t *testing.T) {
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder("GET", stackbe.DefaultBaseURL+"/v1/affiliate/by-customer/cust_123",
		httpmock.NewStringResponder(http.StatusOK, affiliateJSON))
	mock.RegisterMatcherResponder("POST", stackbe.DefaultBaseURL+"/v1/affiliate/apply",
		httpmock.BodyContainsString(`"email":"jane@acme.com"`).And(httpmock.HeaderIs("x-api-key", apiKey)),
		httpmock.NewJsonResponderOrPanic(http.StatusConflict, map[string]any{"statusCode": 409, "message": "Already applied", "error": "Conflict"}))

	client, err := stackbe.New(stackbe.Config{APIKey: apiKey, HTTPClient: &http.Client{Transport: mock}})
	require.NoError(t, err)

	partner, err := client.Affiliates.Get(t.Context(), "cust_123")
	require.NoError(t, err)
	assert.Equal(t, "JANE20", partner.Code)

	_, err = client.Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane Smith"})
	assert.ErrorIs(t, err, stackbe.ErrConflict)
	assert.Equal(t, 2, mock.GetTotalCallCount())
}
