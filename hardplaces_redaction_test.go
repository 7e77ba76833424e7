package stackbe_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
)

// A proxy's password is often put into its URL without an escape.
func TestHardPlaceProxyPasswords(t *testing.T) {
	for _, proxy := range []string{
		"http://user:SECRET1/SECRET2@proxy:3128", "http://user:SECRET1?SECRET2@proxy", "http://user:SECRET1#SECRET2@proxy",
		"http://user:SECRET1 SECRET2@proxy", "http://user:SECRET1%SECRET2@proxy", "http://user:SECRET1\x7fSECRET2@proxy",
		`http://user:SECRET1"SECRET2@proxy`, "http://user:SECRET1<SECRET2>@proxy:3128", "socks5://user:[SECRET1]@SECRET2/@proxy",
		"user:SECRET1/SECRET2@proxy:3128", "user:SECRET1 SECRET2@proxy:3128", "://user:SECRET1@proxy", "http://[user:SECRET1@proxy",
	} {
		_, err := url.Parse(proxy)
		if err == nil {
			err = fmt.Errorf("proxy %q refused the connection", proxy)
		}
		t.Run(proxy, func(t *testing.T) {
			for _, err := range []error{err, fmt.Errorf("tunnel (%v)", err), &url.Error{Op: "Proxy", URL: proxy, Err: err}} {
				transport := newTransport(t)
				transport.Proxy = func(*http.Request) (*url.URL, error) { return nil, err }
				client := newClient(t, "http://stackbe.internal", func(c *stackbe.Config) {
					c.AllowInsecure, c.HTTPClient = true, &http.Client{Transport: transport}
				})
				_, got := client.Affiliates.Get(t.Context(), "cust_1")
				require.ErrorIs(t, got, err)
				shown := &printed{}
				shown.errorTree(got)
				assert.NotContains(t, shown.buf.String(), "SECRET", err.Error())
			}
		})
	}
}

func TestAConfigPrintsWithoutThePasswordInItsBaseURL(t *testing.T) {
	for base, want := range map[string]string{
		"https://user:SECRET@host/path":    "https://host/[redacted]",
		"https://user:SECRET/SECRET@host":  "https://[redacted]",
		"https://host/path?key=SECRET":     "https://host/[redacted]",
		"https://host/path#SECRET":         "https://host/[redacted]",
		"user:SECRET@host":                 "[redacted]",
		"https://proxy.internal:1/stackbe": "https://proxy.internal:1/stackbe",
		"":                                 "",
	} {
		assert.Equal(t, "stackbe.Config{APIKey: (none), AppID: , BaseURL: "+want+"}", fmt.Sprint(stackbe.Config{BaseURL: base}))
	}
}

func TestAShortCredentialIsRedactedAsAWord(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
		w.Header().Set("X-Request-Id", []string{"req_k1", "k"}[n])
		answerJSON(w, 401, `{"message":"The key k is unknown","error":"k"}`)
	})
	client := newClient(t, server.URL, func(c *stackbe.Config) { c.APIKey = "k" }).AsCustomer("s").AsAdmin("a.b")
	_, err := client.Affiliates.Get(t.Context(), "cust_1")
	assert.EqualError(t, err, "stackbe: GET /v1/affiliate/by-customer/{customerID}: 401 [redacted]: The key [redacted] is unknown: check Config.APIKey (request req_k1)")
	_, err = client.Affiliates.Get(t.Context(), "cust_1")
	var e *stackbe.Error
	require.ErrorAs(t, err, &e)
	assert.Empty(t, e.RequestID)
}

// What the server sends back of the request may be written in another way.
func TestEscapedCredentialsAreRedacted(t *testing.T) {
	const key = `sk_live+/="1&2`
	for name, text := range map[string]string{
		"in a query":            url.QueryEscape(key),
		"in a path":             url.PathEscape(key),
		"in JSON":               strings.Trim(fmt.Sprintf("%q", key), `"`),
		"in Basic":              "Basic " + basic("user", key),
		"in Basic as the user":  "Basic " + basic(key, ""),
		"in a query in a query": url.QueryEscape("https://h/?key=" + url.QueryEscape(key)),
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				body, _ := json.Marshal(map[string]any{"message": []string{"not " + text + " here"}})
				answerJSON(w, 400, string(body))
			})
			_, err := newClient(t, server.URL, func(c *stackbe.Config) { c.APIKey = key }).Affiliates.Get(t.Context(), "cust_1")
			var e *stackbe.Error
			require.ErrorAs(t, err, &e)
			assert.Regexp(t, `^not .*\[redacted\] here$`, e.Message)
			assert.NotContains(t, e.Message, "live")
			assert.NotContains(t, e.Message, strings.TrimPrefix(text, "Basic "))
		})
	}
}

func basic(user, password string) string {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, password)
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Basic ")
}

// An error's texts are short, and made of the beginning of a body.
func TestHardPlaceHugeErrorBodies(t *testing.T) {
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
		"details that are no texts":            {`{"message":[` + strings.Repeat(`{"a":1},`, huge/8) + `"a"]}`, "Bad Request", "", 0},
		"deep nesting":                         {`{"message":"short","d":` + strings.Repeat(`[`, huge), "Bad Request", "short", 0},
		"a page":                               {strings.Repeat("<br>", huge/4), "Bad Request", fmt.Sprintf("the response is not StackBE's JSON but %d bytes of application/json", huge), 0},
		"an array":                             {`[` + strings.Repeat(`1,`, huge/2) + `1]`, "Bad Request", fmt.Sprintf("the response is not StackBE's JSON but %d bytes of application/json", huge+3), 0},
		"JSON that ends in something else":     {`{"message":"short"}` + strings.Repeat("x", huge), "Bad Request", "short", 0},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answerJSON(w, 400, test.body) })
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

func TestAnErrorBodyThatIsCutOffIsNotReadAsAWholeOne(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answerJSON(w, 400, `{"message":"sho`) })
	_, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
	assert.ErrorContains(t, err, "the response is not StackBE's JSON")
}

func TestErrorsAreReadWhateverTheCaseOfTheirFields(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		answerJSON(w, 400, `{"Message":"no","ERROR":"Odd","errors":[{"message":"other"}]}`)
	})
	_, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
	assert.EqualError(t, err, "stackbe: GET /v1/affiliate/by-customer/{customerID}: 400 Odd: no")
}

func TestALongContentTypeIsNotShown(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Type", "text/"+strings.Repeat("x", 255))
		w.WriteHeader(502)
		_, _ = w.Write([]byte("x"))
	})
	_, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
	assert.ErrorContains(t, err, "1 bytes of an unknown type")
}
