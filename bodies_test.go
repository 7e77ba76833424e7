package stackbe_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

func TestSuccessWithAnUnreadableBodyIsAnError(t *testing.T) {
	html := func(w http.ResponseWriter) { _, _ = io.WriteString(w, "<html>sign in to the wifi</html>") }
	cut := func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "500")
		_, _ = io.WriteString(w, `{"enrolled":tr`)
	}
	tests := map[string]struct {
		write    func(w http.ResponseWriter)
		attempts int
		target   error
	}{
		"HTML is an invalid response, and not retried":        {html, 1, stackbe.ErrInvalidResponse},
		"an empty body is an invalid response":                {func(http.ResponseWriter) {}, 1, stackbe.ErrInvalidResponse},
		"null is an invalid response":                         {func(w http.ResponseWriter) { _, _ = io.WriteString(w, "null") }, 1, stackbe.ErrInvalidResponse},
		"JSON of another shape is an invalid response":        {func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"id":7}`) }, 1, stackbe.ErrInvalidResponse},
		"a body that breaks off is a broken connection":       {cut, 4, io.ErrUnexpectedEOF},
		"a body of more than 10 MiB is an error, not retried": {func(w http.ResponseWriter) { _, _ = io.WriteString(w, strings.Repeat(" ", 10<<20+1)) }, 1, stackbe.ErrResponseTooLarge},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { test.write(w) })
			_, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
			require.ErrorIs(t, err, test.target)
			var e *stackbe.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, 200, e.StatusCode)
			assert.Equal(t, test.attempts, e.Attempts)
			assert.NotErrorIs(t, err, stackbe.ErrServer)
		})
	}
}

func TestResponseWithoutItsRequiredFieldIsInvalid(t *testing.T) {
	for name, body := range map[string]string{
		"Get":                  `{"message":"maintenance"}`,
		"GetCurrent":           `{}`,
		"GetApplicationStatus": `{"message":"maintenance"}`,
		"GetDashboard":         `{"referralLink":"x"}`,
		"GetPortalLink":        `{}`,
		"Apply":                `{"message":"maintenance"}`,
		"ListApplications":     `{"data":[null]}`,
	} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { respondJSON(w, 200, body) })
		assert.ErrorIs(t, calls[name](t.Context(), newClient(t, server.URL).Affiliates), stackbe.ErrInvalidResponse, name)
	}
}

func TestNullIsAnInvalidResponse(t *testing.T) {
	for name, call := range calls {
		for _, body := range []string{"null", " null\n"} {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { respondJSON(w, 200, body) })
			assert.ErrorIs(t, call(t.Context(), newClient(t, server.URL).Affiliates), stackbe.ErrInvalidResponse, name)
		}
	}
}

func TestResponseMayBeEmptyWhereNoneIsDocumented(t *testing.T) {
	for _, status := range []int{200, 201, 204} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(status) })
		client := newClient(t, server.URL)
		for _, name := range []string{"TrackReferral", "RegisterDeal", "Review", "Approve", "Reject"} {
			assert.NoError(t, calls[name](t.Context(), client.Affiliates), name)
		}
		for _, name := range []string{"Apply", "Get", "GetDashboard", "UpdateSettings", "ListApplications"} {
			assert.ErrorIs(t, calls[name](t.Context(), client.Affiliates), stackbe.ErrInvalidResponse, name)
		}
		click, err := client.Affiliates.TrackReferral(t.Context(), affiliates.TrackParams{Code: "JANE20"})
		require.NoError(t, err)
		assert.Equal(t, &affiliates.Click{}, click)
	}
}
