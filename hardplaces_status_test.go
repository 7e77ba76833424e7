package stackbe_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// A failure keeps its status and its retry, whatever its body is.
func TestHardPlaceServerErrorBodies(t *testing.T) {
	bodies := map[string]func(w http.ResponseWriter, status int){
		"StackBE's JSON": func(w http.ResponseWriter, status int) {
			answerJSON(w, status, `{"statusCode":503,"message":"down","error":"Service Unavailable"}`)
		},
		"an HTML page": func(w http.ResponseWriter, status int) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<html><h1>Bad gateway</h1></html>")
		},
		"no body": func(w http.ResponseWriter, status int) { w.WriteHeader(status) },
		"JSON cut in the middle": func(w http.ResponseWriter, status int) {
			w.Header().Set("Content-Length", "500")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"statusCode":503,"mess`)
		},
		"JSON of another shape": func(w http.ResponseWriter, status int) { answerJSON(w, status, `[1,2]`) },
	}
	for name, write := range bodies {
		for _, status := range []int{500, 502, 503, 504} {
			t.Run(name+" with "+http.StatusText(status)+" is retried and keeps its status", func(t *testing.T) {
				server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { write(w, status) })
				_, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
				var e *stackbe.Error
				require.ErrorAs(t, err, &e)
				assert.Equal(t, status, e.StatusCode)
				assert.Equal(t, 4, e.Attempts)
				assert.Len(t, server.received(), 4)
				assert.ErrorIs(t, err, stackbe.ErrServer)
				assert.NotContains(t, err.Error(), "<html>")
			})
		}
		t.Run(name+" before a good answer does no harm", func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
				if n == 0 {
					write(w, 502)
					return
				}
				answerJSON(w, 200, `{"enrolled":true,"id":"aff_1"}`)
			})
			partner, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
			require.NoError(t, err)
			assert.Equal(t, "aff_1", partner.ID)
		})
	}
}

func TestHardPlaceErrorBodyIsKept(t *testing.T) {
	page := "<html>" + strings.Repeat("x", 20<<10)
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(404)
		_, _ = io.WriteString(w, page)
	})
	_, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
	var e *stackbe.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, page[:16<<10], string(e.Body))
	assert.Contains(t, err.Error(), `404 Not Found`)
	assert.Contains(t, err.Error(), `20486 bytes of text/html`)
	assert.Nil(t, e.Details)
}

func TestHardPlaceGoodStatusBadBody(t *testing.T) {
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
		"a body of more than 10 MiB is refused and not asked": {func(w http.ResponseWriter) { _, _ = io.WriteString(w, strings.Repeat(" ", 10<<20+1)) }, 1, stackbe.ErrResponseTooLarge},
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

func TestABodyThatBreaksOffOnceIsReadAnew(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 0 {
			w.Header().Set("Content-Length", "500")
			_, _ = io.WriteString(w, `{"enrolled":true,"id":"half`)
			return
		}
		answerJSON(w, 200, `{"enrolled":true,"id":"aff_1"}`)
	})
	partner, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
	require.NoError(t, err)
	assert.Equal(t, "aff_1", partner.ID)
	assert.JSONEq(t, `{"enrolled":true,"id":"aff_1"}`, string(partner.Raw))
}

func TestANoContentAnswerToAClickIsAnAnswer(t *testing.T) {
	for _, status := range []int{200, 201, 204} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(status) })
		click, err := newClient(t, server.URL).Affiliates.TrackReferral(t.Context(), affiliates.TrackParams{Code: "JANE20"})
		require.NoError(t, err)
		assert.Equal(t, &affiliates.Click{}, click)
	}
}

func TestErrorBodies(t *testing.T) {
	tests := map[string]struct {
		body    string
		kind    string
		message string
		details []string
	}{
		"one message":         {`{"statusCode":400,"message":"Invalid email format","error":"Bad Request"}`, "Bad Request", "Invalid email format", nil},
		"several messages":    {`{"statusCode":400,"message":["email must be an email","name should not be empty"],"error":"Bad Request"}`, "Bad Request", "email must be an email; name should not be empty", []string{"email must be an email", "name should not be empty"}},
		"no error name":       {`{"statusCode":400,"message":"no"}`, "Bad Request", "no", nil},
		"a message of no use": {`{"message":{"a":1},"error":"Odd"}`, "Odd", "", nil},
		"messages and others": {`{"message":["a",null,{"b":["c"]},7,"d"],"error":"Odd"}`, "Odd", "a; d", []string{"a", "d"}},
		"no messages":         {`{"message":[],"error":null}`, "Bad Request", "", nil},
		"line breaks":         {`{"message":"a\nlevel=ERROR msg=forged"}`, "Bad Request", "a level=ERROR msg=forged", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header().Set("X-Request-Id", "req_7")
				answerJSON(w, 400, test.body)
			})
			_, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
			var e *stackbe.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, test.kind, e.Kind)
			assert.Equal(t, test.message, e.Message)
			assert.Equal(t, test.details, e.Details)
			assert.Equal(t, "req_7", e.RequestID)
			assert.Equal(t, "GET", e.Method)
			assert.Equal(t, "/v1/affiliate/by-customer/{customerID}", e.Route)
			assert.Equal(t, 1, e.Attempts)
			assert.ErrorIs(t, err, stackbe.ErrBadRequest)
		})
	}
}

// Of a body over 64 KiB the beginning is read; what is not valid JSON there counts as far as it
// went, if it was anything.
func TestErrorBodyIsReadAsFarAsItGoes(t *testing.T) {
	const bound = 64 << 10
	long := strings.Repeat(" ", bound)
	page := func(body string) string {
		return fmt.Sprintf("the response is not StackBE's JSON but %d bytes of application/json", len(body))
	}
	for name, test := range map[string]struct {
		body, kind, code, message string
		page                      bool
	}{
		"no fields":                        {`{}`, "Bad Request", "", "", false},
		"no fields, and very long":         {`{` + long + `}`, "Bad Request", "", "", false},
		"another field, cut off":           {`{"other":"` + strings.Repeat("x", bound) + `"}`, "Bad Request", "", "", false},
		"cut off before a value":           {`{"message":` + long + `"m"}`, "Bad Request", "", "", false},
		"cut off before a name":            {`{"message":"m",` + long + `"error":"Odd"}`, "Bad Request", "", "m", false},
		"cut off in an array":              {`{"message":["a","b",` + long + `"c"]}`, "Bad Request", "", "a; b", false},
		"of the longest that is read":      {`{"message":"m"}` + strings.Repeat(" ", bound-15), "Bad Request", "", "m", false},
		"malformed, of the longest":        {`{"message":"m"}` + strings.Repeat(" ", bound-16) + "!", "Bad Request", "", "", true},
		"malformed at once":                {`{!` + long, "Bad Request", "", "", true},
		"malformed after another field":    {`{"other":1,!` + long, "Bad Request", "", "", true},
		"malformed in another field":       {`{"other":!` + long, "Bad Request", "", "", true},
		"malformed in the message":         {`{"message":!` + long, "Bad Request", "", "", true},
		"malformed after the error's name": {`{"error":"Odd",!` + long, "Odd", "", "", false},
		"malformed after the code":         {`{"code":"C",!` + long, "Bad Request", "C", "", false},
		"malformed after the message":      {`{"message":"m",!` + long, "Bad Request", "", "m", false},
		"malformed after a detail":         {`{"message":["a",!` + long, "Bad Request", "", "a", false},
		"malformed after the details":      {`{"message":["a"!` + long, "Bad Request", "", "a", false},
		"malformed among no details":       {`{"message":[!` + long, "Bad Request", "", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			e := refusedWith(t, 400, test.body)
			if test.page {
				test.message = page(test.body)
			}
			assert.Equal(t, [3]string{test.kind, test.code, test.message}, [3]string{e.Kind, e.Code, e.Message})
		})
	}
	t.Run("nothing", func(t *testing.T) {
		assert.Equal(t, "the response has no body", refusedWith(t, 400, "").Message)
	})
	t.Run("half of an escape, at any place", func(t *testing.T) {
		for n := range 13 {
			message := strings.Repeat("x", bound-len(`{"message":"`)-n) + `\ud83d\ude00`
			assert.True(t, strings.HasPrefix(refusedWith(t, 400, `{"message":"`+message+`"}`).Message, "xxx"), n)
			assert.Empty(t, refusedWith(t, 400, strings.Repeat(" ", bound-len(`{"message":"`)-n)+`{"message":"\ud83d\ude00"}`).Details, n)
		}
	})
}

// What is below the SDK is matched, and shown redacted, under every verb.
func TestCauseOfAnErrorIsMatchedAndShown(t *testing.T) {
	client := newClient(t, "http://localhost", func(c *stackbe.Config) {
		c.Retry = &stackbe.Retry{}
		c.HTTPClient.Transport = roundTripperFunc(func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("jane@acme.com is away")}
		})
	})
	var e *stackbe.Error
	require.ErrorAs(t, call(client, t.Context()), &e)
	var op *net.OpError
	require.ErrorAs(t, e, &op)
	assert.Equal(t, "dial", op.Op)
	var dns *net.DNSError
	assert.False(t, errors.As(e, &dns))
	const want = "dial tcp: [redacted] is away"
	assert.Equal(t, want, e.Message)
	for _, format := range []string{"%v", "%+v", "%s"} {
		assert.Equal(t, want, fmt.Sprintf(format, e.Err))
	}
	assert.NotContains(t, fmt.Sprintf("%#v", e.Err), "jane")
	assert.EqualError(t, e.Err, want)
}

func TestErrorSaysWhatToDoAboutIt(t *testing.T) {
	for status, hints := range map[int]map[string]string{
		401: {"Get": "check Config.APIKey", "GetDashboard": "check the token given to AsCustomer", "GetSettings": "check the JWT given to AsAdmin"},
		403: {"Get": "check that Config.APIKey is for this app", "GetDashboard": "check that the token given to AsCustomer is for this app",
			"GetSettings": "check that the JWT given to AsAdmin is for this app"},
		404: {"Get": "", "GetDashboard": "", "GetSettings": ""},
	} {
		for name, hint := range hints {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answerJSON(w, status, `{"message":"m"}`) })
			err := calls[name](t.Context(), newClient(t, server.URL).Affiliates)
			if hint != "" {
				hint = ": " + hint
			}
			assert.True(t, strings.HasSuffix(err.Error(), ": m"+hint), "%v", err)
		}
	}
}

func TestALongErrorBodyIsReadWhole(t *testing.T) {
	details := make([]string, 1000)
	for i := range details {
		details[i] = fmt.Sprintf("levels.%d.name should not be empty", i)
	}
	body, err := json.Marshal(map[string]any{"message": details, "error": map[string]int{"code": 7}})
	require.NoError(t, err)
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answerJSON(w, 400, string(body)) })
	_, err = newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
	var e *stackbe.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, details, e.Details)
	assert.Equal(t, "Bad Request", e.Kind)
	assert.Len(t, e.Body, 16<<10)
}

func TestAnAnswerWithoutWhatItIsAboutIsInvalid(t *testing.T) {
	for name, body := range map[string]string{
		"Get":                  `{"message":"maintenance"}`,
		"GetCurrent":           `{}`,
		"GetApplicationStatus": `{"message":"maintenance"}`,
		"GetDashboard":         `{"referralLink":"x"}`,
		"GetPortalLink":        `{}`,
		"Apply":                `{"message":"maintenance"}`,
		"ListApplications":     `{"data":[null]}`,
	} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answerJSON(w, 200, body) })
		assert.ErrorIs(t, calls[name](t.Context(), newClient(t, server.URL).Affiliates), stackbe.ErrInvalidResponse, name)
	}
}

func TestNullIsNoResponse(t *testing.T) {
	for name, call := range calls {
		for _, body := range []string{"null", " null\n"} {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answerJSON(w, 200, body) })
			assert.ErrorIs(t, call(t.Context(), newClient(t, server.URL).Affiliates), stackbe.ErrInvalidResponse, name)
		}
	}
}

func TestErrorCountsItsAttempts(t *testing.T) {
	for retries, text := range map[int]string{0: "503 Service Unavailable: m", 1: "m (after 2 attempts)", 2: "m (after 3 attempts)"} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answerJSON(w, 503, `{"message":"m"}`) })
		err := call(newClient(t, server.URL, func(c *stackbe.Config) {
			c.Retry = &stackbe.Retry{}
			if retries > 0 {
				c.Retry = quick(retries)
			}
		}), t.Context())
		assert.True(t, strings.HasSuffix(err.Error(), text), "%v", err)
	}
}

func TestAnUndocumentedAnswerToAWriteMayBeEmpty(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(204) })
	client := newClient(t, server.URL)
	for _, name := range []string{"TrackReferral", "RegisterDeal", "Review", "Approve", "Reject"} {
		assert.NoError(t, calls[name](t.Context(), client.Affiliates), name)
	}
	for _, name := range []string{"Apply", "Get", "GetDashboard", "UpdateSettings", "ListApplications"} {
		assert.ErrorIs(t, calls[name](t.Context(), client.Affiliates), stackbe.ErrInvalidResponse, name)
	}
}

func TestEachStatusMatchesItsSentinelAlone(t *testing.T) {
	sentinels := map[int]error{
		400: stackbe.ErrBadRequest, 401: stackbe.ErrUnauthorized, 403: stackbe.ErrForbidden, 404: stackbe.ErrNotFound,
		499: nil, 600: nil, 409: stackbe.ErrConflict, 429: stackbe.ErrRateLimited, 500: stackbe.ErrServer, 599: stackbe.ErrServer, 418: nil,
		422: stackbe.ErrBadRequest, 421: nil, 423: nil,
	}
	for status, want := range sentinels {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answerJSON(w, status, `{"message":"m"}`) })
		client := newClient(t, server.URL, func(c *stackbe.Config) { c.Retry = &stackbe.Retry{} })
		_, err := client.Affiliates.Get(t.Context(), "cust_1")
		require.Error(t, err)
		for _, sentinel := range sentinels {
			if sentinel != nil {
				assert.Equal(t, sentinel == want, errors.Is(err, sentinel), "%d against %v", status, sentinel)
			}
		}
	}
}
