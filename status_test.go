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
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// An error's texts are short, and made of the beginning of a body.
func TestErrorTextsAreShort(t *testing.T) {
	const huge = 1 << 20
	long := strings.Repeat("a", 512) + "…"
	for name, test := range map[string]struct {
		body    string
		kind    string
		message string
		details int
	}{
		"a long message":                       {`{"message":"` + strings.Repeat("a", huge) + `","error":"Odd"}`, "Bad Request", long, 0},
		"a long message after the kind":        {`{"error":"Odd","message":"` + strings.Repeat("a", huge) + `"}`, "Odd", long, 0},
		"a long kind":                          {`{"error":"` + strings.Repeat("a", huge) + `"}`, long, "", 0},
		"a message of emails":                  {`{"message":"` + strings.Repeat("jane@acme.com ", huge/14) + `"}`, "Bad Request", string([]rune(strings.Repeat("[redacted] ", 50))[:512]) + "…", 0},
		"a message of escapes":                 {`{"message":"a` + strings.Repeat(`\u00e9`, huge/6) + `"}`, "Bad Request", "a" + strings.Repeat("é", 511) + "…", 0},
		"a message of pairs of escapes":        {`{"message":"aa` + strings.Repeat(`\ud83d\ude00`, huge/12) + `"}`, "Bad Request", "aa" + strings.Repeat("😀", 510) + "…", 0},
		"a message of characters beyond ASCII": {`{"message":"` + strings.Repeat("é", huge/2) + `"}`, "Bad Request", strings.Repeat("é", 512) + "…", 0},
		"a message after other fields":         {`{"a":{"b":[1,"x",null]},"c":true,"message":"short","d":"` + strings.Repeat("a", huge) + `"}`, "Bad Request", "short", 0},
		"other fields before a message":        {`{"d":"` + strings.Repeat("a", huge) + `","message":"short"}`, "Bad Request", "", 0},
		"many short details":                   {`{"message":[` + strings.Repeat(`"a",`, huge/4) + `"a"]}`, "Bad Request", strings.Repeat("a; ", 700)[:2048] + "…", 1000},
		"many empty details":                   {`{"message":[` + strings.Repeat(`"",`, huge/3) + `""]}`, "Bad Request", strings.Repeat("; ", 999), 1000},
		"one long detail":                      {`{"message":["` + strings.Repeat("a", huge) + `"]}`, "Bad Request", long, 1},
		"a long detail after short ones":       {`{"message":["a","b","` + strings.Repeat("c", huge) + `"]}`, "Bad Request", "a; b; " + strings.Repeat("c", 512) + "…", 3},
		"details that are not texts":           {`{"message":[` + strings.Repeat(`{"a":1},`, huge/8) + `"a"]}`, "Bad Request", "", 0},
		"deep nesting":                         {`{"message":"short","d":` + strings.Repeat(`[`, huge), "Bad Request", "short", 0},
		"a page":                               {strings.Repeat("<br>", huge/4), "Bad Request", fmt.Sprintf("the response is not StackBE's JSON but %d bytes of application/json", huge), 0},
		"an array":                             {`[` + strings.Repeat(`1,`, huge/2) + `1]`, "Bad Request", fmt.Sprintf("the response is not StackBE's JSON but %d bytes of application/json", huge+3), 0},
		"JSON that ends in something else":     {`{"message":"short"}` + strings.Repeat("x", huge), "Bad Request", "short", 0},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { respondJSON(w, 400, test.body) })
			_, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
			require.ErrorIs(t, err, stackbe.ErrBadRequest)
			var e *stackbe.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, test.kind, e.Kind)
			assert.Equal(t, test.message, e.Message)
			assert.Len(t, e.Details, test.details)
			assert.Less(t, utf8.RuneCountInString(err.Error()), 4<<10)
			assert.Len(t, e.Body, 16<<10)
		})
	}
}

func TestTruncatedErrorBodyIsNotReadAsJSON(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { respondJSON(w, 400, `{"message":"sho`) })
	_, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
	assert.ErrorContains(t, err, "the response is not StackBE's JSON")
}

func TestErrorFieldsAreReadInAnyCase(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		respondJSON(w, 400, `{"Message":"no","ERROR":"Odd","errors":[{"message":"other"}]}`)
	})
	_, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
	assert.EqualError(t, err, "stackbe: GET /v1/affiliate/by-customer/{customerID}: 400 Odd: no")
}

func TestLongContentTypeIsNotShown(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Type", "text/"+strings.Repeat("x", 255))
		w.WriteHeader(502)
		_, _ = w.Write([]byte("x"))
	})
	_, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
	assert.ErrorContains(t, err, "1 bytes of an unknown type")
}

func TestErrorBodyIsCapped(t *testing.T) {
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
				respondJSON(w, 400, test.body)
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

// Only the first 64 KiB of a body are read. Invalid JSON is read up to its first fault.
func TestErrorBodyIsReadUpToItsFirstFault(t *testing.T) {
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

// An error from below the SDK is matched, and shown redacted, for every verb.
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

func TestErrorHasAHint(t *testing.T) {
	for status, hints := range map[int]map[string]string{
		401: {"Get": "check Config.APIKey", "GetDashboard": "check the token given to AsCustomer", "GetSettings": "check the JWT given to AsAdmin"},
		403: {"Get": "check that Config.APIKey is for this app", "GetDashboard": "check that the token given to AsCustomer is for this app",
			"GetSettings": "check that the JWT given to AsAdmin is for this app"},
		404: {"Get": "", "GetDashboard": "", "GetSettings": ""},
	} {
		for name, hint := range hints {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { respondJSON(w, status, `{"message":"m"}`) })
			err := calls[name](t.Context(), newClient(t, server.URL).Affiliates)
			if hint != "" {
				hint = "; " + hint
			}
			assert.True(t, strings.HasSuffix(err.Error(), ": m"+hint), "%v", err)
		}
	}
}

func TestHintFollowsASemicolonWhateverTheMessage(t *testing.T) {
	for message, want := range map[string]string{
		"The key is unknown":  "401 Unauthorized: The key is unknown; check Config.APIKey",
		"The key is unknown.": "401 Unauthorized: The key is unknown; check Config.APIKey",
		"":                    "401 Unauthorized; check Config.APIKey",
	} {
		e := &stackbe.Error{}
		server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
			respondJSON(w, 401, fmt.Sprintf(`{"message":%q}`, message))
		})
		err := call(newClient(t, server.URL), t.Context())
		require.ErrorAs(t, err, &e)
		e.Message = message
		assert.True(t, strings.HasSuffix(e.Error(), want), e.Error())
	}
}

func TestErrorOfAnotherShapeLeadsToTheContract(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { respondJSON(w, 200, `{"items":[]}`) })
	_, err := newClient(t, server.URL).Affiliates.ListApplications(t.Context(), affiliates.ApplicationFilter{})
	require.ErrorIs(t, err, stackbe.ErrInvalidResponse)
	assert.Contains(t, err.Error(), `the field "data" is missing; if the server names its fields otherwise, set Config.Contract`)
}

func TestErrorOfCallThatContractDoesNotTranslateDoesNotLeadToIt(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { respondJSON(w, 200, `[7]`) })
	for _, c := range []stackbe.Contract{{}, {CursorParameter: "after"}} {
		client := newClient(t, server.URL, func(cfg *stackbe.Config) { cfg.Contract = c })
		_, ofAccount := client.AsCustomer("session").Account.Users.Get(t.Context(), "cust_1")
		_, ofAdmin := client.AsAdmin("jwt").Admin.Customers.Get(t.Context(), "cust_1")
		own := client.Do(t.Context(), get("/v1/affiliate"), &struct{}{})
		for _, err := range []error{ofAccount, ofAdmin, own} {
			require.ErrorIs(t, err, stackbe.ErrInvalidResponse)
			assert.NotContains(t, err.Error(), "Config.Contract")
		}
		_, ofContract := client.AsCustomer("session").Account.Deals.List(t.Context(), affiliates.DealFilter{})
		assert.ErrorContains(t, ofContract, "Config.Contract")
	}
}

func TestLongErrorBodyIsReadWhole(t *testing.T) {
	details := make([]string, 1000)
	for i := range details {
		details[i] = fmt.Sprintf("levels.%d.name should not be empty", i)
	}
	body, err := json.Marshal(map[string]any{"message": details, "error": map[string]int{"code": 7}})
	require.NoError(t, err)
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { respondJSON(w, 400, string(body)) })
	_, err = newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
	var e *stackbe.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, details, e.Details)
	assert.Equal(t, "Bad Request", e.Kind)
	assert.Len(t, e.Body, 16<<10)
}

func TestErrorCountsItsAttempts(t *testing.T) {
	for retries, text := range map[int]string{0: "503 Service Unavailable: m", 1: "m (after 2 attempts)", 2: "m (after 3 attempts)"} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { respondJSON(w, 503, `{"message":"m"}`) })
		err := call(newClient(t, server.URL, func(c *stackbe.Config) {
			c.Retry = &stackbe.Retry{}
			if retries > 0 {
				c.Retry = quick(retries)
			}
		}), t.Context())
		assert.True(t, strings.HasSuffix(err.Error(), text), "%v", err)
	}
}

func TestStatusMatchesItsSentinelAlone(t *testing.T) {
	sentinels := map[int]error{
		400: stackbe.ErrBadRequest, 401: stackbe.ErrUnauthorized, 403: stackbe.ErrForbidden, 404: stackbe.ErrNotFound,
		499: nil, 600: nil, 409: stackbe.ErrConflict, 429: stackbe.ErrRateLimited, 500: stackbe.ErrServer, 599: stackbe.ErrServer, 418: nil,
		422: stackbe.ErrBadRequest, 421: nil, 423: nil,
	}
	for status, want := range sentinels {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { respondJSON(w, status, `{"message":"m"}`) })
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

func TestErrorOfRoundTripperIsShownWithoutURL(t *testing.T) {
	broken := errors.New("the tunnel is down")
	client := newClient(t, "http://localhost", func(c *stackbe.Config) {
		c.HTTPClient = &http.Client{Transport: roundTripperFunc(func(*http.Request) (*http.Response, error) { return nil, broken })}
	})
	_, err := client.Affiliates.GetApplicationStatus(t.Context(), "jane@acme.com")
	require.ErrorIs(t, err, broken)
	assert.EqualError(t, err, "stackbe: GET /v1/affiliate/apply/status: the tunnel is down (after 4 attempts)")
}
