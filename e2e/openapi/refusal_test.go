package openapi_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/stackbetest"
)

// A tamperer changes responses on their way.
type tamperer func(response *http.Response, body string) (changed string)

func (tamper tamperer) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	changed := tamper(response, string(body))
	response.Body = io.NopCloser(strings.NewReader(changed))
	return response, nil
}

func untouched(_ *http.Response, body string) string { return body }

func status(code int) tamperer {
	return func(response *http.Response, body string) string {
		response.StatusCode = code
		return body
	}
}

func header(name, value string) tamperer {
	return func(response *http.Response, body string) string {
		response.Header.Set(name, value)
		if value == "" {
			response.Header.Del(name)
		}
		return body
	}
}

func replace(old, new string) tamperer {
	return func(_ *http.Response, body string) string { return strings.Replace(body, old, new, 1) }
}

func TestValidatorReportsWrongResponse(t *testing.T) {
	apply := `{"email": "jane@acme.com", "name": "Jane Smith"}`
	for _, test := range []struct {
		name    string
		method  string
		path    string
		body    string
		tamper  tamperer
		problem string // "" for none
	}{
		{"the response of the server, unchanged", "POST", "/v1/affiliate/apply", apply, untouched, ""},
		{"an unknown field", "POST", "/v1/affiliate/apply", apply, replace("{", `{"color":"green",`), "color"},
		{"a field that is left out", "POST", "/v1/affiliate/apply", apply, replace(`"message"`, `"Message"`), "message"},
		{"a value of another type", "POST", "/v1/affiliate/apply", apply, replace(`"pending"`, `1`), "status"},
		{"a status that the document does not have", "POST", "/v1/affiliate/apply", apply, status(202), "status is not supported"},
		{"a header that is left out", "POST", "/v1/affiliate/apply", apply, header("X-Request-Id", ""), "x-request-id"},
		{"a header that is not a number", "POST", "/v1/affiliate/apply", apply, header("X-RateLimit-Reset", "soon"), "X-RateLimit-Reset"},
		{"a body of another type", "POST", "/v1/affiliate/apply", apply, header("Content-Type", "text/html"), "text/html"},
		{"an invalid request that is refused", "POST", "/v1/affiliate/apply", `{}`, untouched, ""},
		{"an invalid request that is accepted", "POST", "/v1/affiliate/apply", `{}`, status(201), "invalid and not refused"},
		{"an unknown parameter that is accepted", "GET", "/v1/affiliate/by-customer/x?color=green", "", status(200), "color"},
		{"an error with an unknown field", "POST", "/v1/affiliate/apply", `{}`, replace("{", `{"path":"/",`), "path"},
		{"an error without a code", "POST", "/v1/affiliate/apply", `{}`, replace(`"code":"MISSING_REQUIRED_FIELD",`, ""), ""},
		{"an error with another code", "POST", "/v1/affiliate/apply", `{}`, replace("MISSING_REQUIRED_FIELD", "NAME_MISSING"), ""},
		{"an error whose code is a sentence", "POST", "/v1/affiliate/apply", `{}`, replace("MISSING_REQUIRED_FIELD", "A name is missing"), "code"},
		{"an unknown path", "GET", "/v1/nothing", "", untouched, ""},
		{"an unknown path that is found", "GET", "/v1/nothing", "", status(200), "status is not supported"},
		{"an unknown path in HTML", "GET", "/v1/nothing", "", header("Content-Type", "text/html"), "text/html"},
		{"a wrong method", "DELETE", "/v1/affiliate/apply", "", untouched, ""},
		{"a wrong method without Allow", "DELETE", "/v1/affiliate/apply", "", header("Allow", ""), "Allow"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := stackbetest.New(t, stackbetest.WithUnknownRoutes())
			validator := newValidator(t, test.tamper)
			request, err := http.NewRequestWithContext(t.Context(), test.method, server.URL+test.path, bytes.NewBufferString(test.body))
			require.NoError(t, err)
			if test.body == "" {
				request.Body, request.ContentLength = nil, 0
			} else {
				request.Header.Set("Content-Type", "application/json")
			}
			request.Header.Set("X-Api-Key", server.APIKey)
			_, err = validator.RoundTrip(request)
			require.NoError(t, err)

			if test.problem == "" {
				assert.Empty(t, validator.Problems())
				return
			}
			require.NotEmpty(t, validator.Problems())
			assert.Contains(t, strings.Join(validator.Problems(), "\n"), test.problem)
		})
	}
}

func TestValidatorReportsRequestWithTwoCredentials(t *testing.T) {
	server := stackbetest.New(t)
	validator := newValidator(t, http.DefaultTransport)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/v1/affiliate/by-customer/x", nil)
	require.NoError(t, err)
	request.Header.Set("X-Api-Key", server.APIKey)
	request.Header.Set("Authorization", "Bearer "+server.AdminToken)
	_, err = validator.RoundTrip(request)
	require.NoError(t, err)
	assert.Len(t, validator.Problems(), 1)
}
