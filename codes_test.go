package stackbe_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// refusedWith returns the error of a call whose response has status and body.
func refusedWith(t *testing.T, status int, body string) *stackbe.Error {
	t.Helper()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { respondJSON(w, status, body) })
	_, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
	var e *stackbe.Error
	require.ErrorAs(t, err, &e)
	return e
}

func TestErrorCode(t *testing.T) {
	longest := strings.Repeat("A", 64)
	for name, test := range map[string]struct{ body, code string }{
		"is the code of the response":                    {`{"statusCode":400,"code":"CUSTOMER_NOT_FOUND","message":"There is no such customer","error":"Bad Request"}`, "CUSTOMER_NOT_FOUND"},
		"is not that of another field":                   {`{"code":"PLAN_NOT_FOUND","other":"NOT_FOUND"}`, "PLAN_NOT_FOUND"},
		"is read without the other fields":               {`{"code":"PLAN_NOT_FOUND"}`, "PLAN_NOT_FOUND"},
		"is read beside several messages":                {`{"message":["a","b"],"code":"VALIDATION_ERROR"}`, stackbe.CodeValidationError},
		"is read whatever the case of the field":         {`{"Code":"PLAN_NOT_FOUND"}`, "PLAN_NOT_FOUND"},
		"is kept in the case that was sent":              {`{"code":"plan.not-found_2"}`, "plan.not-found_2"},
		"may have 64 bytes":                              {`{"code":"` + longest + `"}`, longest},
		"is empty without a code":                        {`{"message":"no"}`, ""},
		"is empty for an empty code":                     {`{"code":""}`, ""},
		"is empty for null":                              {`{"code":null}`, ""},
		"is empty for a number":                          {`{"code":404}`, ""},
		"is empty for an object":                         {`{"code":{"code":"NOT_FOUND"}}`, ""},
		"is empty for an array":                          {`{"code":["NOT_FOUND"]}`, ""},
		"is not that of an object inside":                {`{"error":{"code":"NOT_FOUND"},"details":[{"code":"NOT_FOUND"}]}`, ""},
		"is empty for more than 64 bytes":                {`{"code":"` + longest + `A"}`, ""},
		"is empty for a text with a space":               {`{"code":"NOT FOUND"}`, ""},
		"is empty for a text with a line break":          {`{"code":"NOT_FOUND\nlevel=ERROR"}`, ""},
		"is empty for a letter beyond ASCII":             {`{"code":"NOT_FÖUND"}`, ""},
		"is empty for an email":                          {`{"code":"jane@acme.com"}`, ""},
		"is empty for the credential that was sent":      {`{"code":"` + apiKey + `"}`, ""},
		"is empty for a text that holds the credential":  {`{"code":"KEY-` + apiKey + `"}`, ""},
		"is empty where the body ends inside of it":      {`{"message":"` + strings.Repeat("a", 64<<10-40) + `","code":"` + strings.Repeat("NOT_FOUND_", 2000) + `"}`, ""},
		"is read from the beginning of a very long body": {`{"code":"NOT_FOUND","message":"` + strings.Repeat("a", 1<<20) + `"}`, stackbe.CodeNotFound},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.code, refusedWith(t, 400, test.body).Code) })
	}

	t.Run("is empty for a page", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(404)
			_, _ = w.Write([]byte(`<html>"code":"NOT_FOUND"</html>`))
		})
		_, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
		var e *stackbe.Error
		require.ErrorAs(t, err, &e)
		assert.Empty(t, e.Code)
	})
}

func TestErrorCodeHasLettersDigitsAndAFewMarks(t *testing.T) {
	for c := range rune(0x80) {
		body, err := json.Marshal(map[string]string{"code": "x" + string(c)})
		require.NoError(t, err)
		want := strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.", c)
		assert.Equal(t, want, refusedWith(t, 400, string(body)).Code != "", "%q", c)
	}
}

func TestErrorShowsCodeThatSaysMoreThanStatus(t *testing.T) {
	for body, want := range map[string]string{
		`{"code":"CUSTOMER_NOT_FOUND","message":"no","error":"Not Found"}`: "404 Not Found (CUSTOMER_NOT_FOUND): no",
		`{"code":"CUSTOMER_NOT_FOUND"}`:                                    "404 Not Found (CUSTOMER_NOT_FOUND)",
		`{"code":"NOT_FOUND","message":"no","error":"Not Found"}`:          "404 Not Found: no",
		`{"code":"NOT_FOUND","error":"NOT_FOUND"}`:                         "404 NOT_FOUND",
		`{"message":"no"}`: "404 Not Found: no",
	} {
		e := refusedWith(t, 404, body)
		want = "stackbe: GET /v1/affiliate/by-customer/{customerID}: " + want
		assert.EqualError(t, e, want)
		assert.Equal(t, want, fmt.Sprintf("%+v", *e))

		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Error("failed", "error", e)
		assert.Contains(t, log.String(), fmt.Sprintf("%q", want))
	}
}

func TestAForbiddenErrorHasAHintWhereTheCredentialMayBeWrong(t *testing.T) {
	const hint = "; check that Config.APIKey is for this app"
	for body, want := range map[string]string{
		`{"message":"no"}`:                                      "403 Forbidden: no" + hint,
		`{"code":"FORBIDDEN","message":"no"}`:                   "403 Forbidden: no" + hint,
		`{"code":"ACCESS_NOT_GRANTED","message":"Not granted"}`: "403 Forbidden (ACCESS_NOT_GRANTED): Not granted",
		`{"code":"LINK_PERIOD_OVER","message":"Too late"}`:      "403 Forbidden (LINK_PERIOD_OVER): Too late",
	} {
		assert.EqualError(t, refusedWith(t, 403, body), "stackbe: GET /v1/affiliate/by-customer/{customerID}: "+want)
	}
}

func TestErrorCodeIsInTheJSONOfAnError(t *testing.T) {
	encoded, err := json.Marshal(refusedWith(t, 404, `{"code":"CUSTOMER_NOT_FOUND"}`))
	require.NoError(t, err)
	assert.Contains(t, string(encoded), `"Code":"CUSTOMER_NOT_FOUND"`)
}

func TestErrorCodesDistinguishRefusalsOfOneStatus(t *testing.T) {
	server := stackbetest.New(t)
	admin := server.Client().AsAdmin(server.AdminToken)
	codeOf := func(err error) string {
		var e *stackbe.Error
		require.ErrorAs(t, err, &e)
		require.ErrorIs(t, err, stackbe.ErrConflict)
		return e.Code
	}
	apply := func(email string) string {
		receipt, err := server.Client().Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: email, Name: "Jane"})
		require.NoError(t, err)
		return receipt.ID
	}
	first, second := apply("first@acme.com"), apply("second@acme.com")
	_, err := admin.Affiliates.Approve(t.Context(), first, affiliates.ApproveParams{Code: "JANE20"})
	require.NoError(t, err)

	_, err = admin.Affiliates.Approve(t.Context(), first, affiliates.ApproveParams{})
	assert.Equal(t, stackbe.CodeAlreadyReviewed, codeOf(err))
	_, err = admin.Affiliates.Approve(t.Context(), second, affiliates.ApproveParams{Code: "jane20"})
	assert.Equal(t, stackbe.CodeReferralCodeInUse, codeOf(err))
}
