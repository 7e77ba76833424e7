package conformance_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/internal/conformance"
)

// A fault makes a server depart from the contract. Either function may be nil.
type fault struct {
	name    string
	request func(*http.Request)
	respond func(*http.Request, *http.Response, []byte) []byte
	noticed string // the case that must fail
}

func faults() []fault {
	return []fault{
		{name: "no request id", respond: withoutHeader("X-Request-Id"), noticed: "every response/names the request, each with another id"},
		{name: "no rate limit", respond: withoutHeader("X-RateLimit-Remaining"), noticed: "every response/says where the rate limit stands"},
		{name: "a date of another clock", respond: dated("Mon, 02 Jan 2006 15:04:05 GMT"), noticed: "every response/has the date of the clock that the rate limit goes by"},
		{name: "emails folded beyond ASCII", request: foldQuery, noticed: "applying/emails that only Unicode folds into one are different"},
		{name: "errors without their status", respond: replaced(`"statusCode":`, `"status":`), noticed: "every response/that refuses has the documented body"},
		{name: "errors without a code", respond: withoutCode, noticed: "every response/that refuses has a code"},
		{name: "another code", respond: replaced(`"code":"NOT_FOUND"`, `"code":"NO_SUCH_PATH"`), noticed: "refusals/an unknown path is not found"},
		{name: "another code of a call", respond: replaced(`"code":"ALREADY_REVIEWED"`, `"code":"ALREADY_EXISTS"`), noticed: "review/a second review is refused, whatever it says"},
		{name: "another code of a failed validation", respond: replaced(`"code":"INVALID_EMAIL"`, `"code":"VALIDATION_ERROR"`), noticed: "applying/an invalid email is refused"},
		{name: "no Allow", respond: withoutHeader("Allow"), noticed: "refusals/a method that a path does not have is named, with those that it has"},
		{name: "401 as 403", respond: status(401, 403), noticed: "credentials/an endpoint without a credential is unauthorized"},
		{name: "another app's customers as 200", respond: status(403, 200), noticed: "partner lookup/a customer of another app is forbidden"},
		{name: "duplicates accepted", respond: status(409, 201), noticed: "applying/a second application from the email is refused"},
		{name: "a field too many", respond: replaced(`{"id":`, `{"color":"green","id":`), noticed: "field names/a receipt has exactly the names of the contract"},
		{name: "a name in another case", respond: replaced(`"status":`, `"Status":`), noticed: "field names/an application's receipt has the documented names"},
		{name: "amounts as texts", respond: replaced(`"totalEarned":0`, `"totalEarned":"0"`), noticed: "field names/amounts and rates are JSON numbers"},
		{name: "times not in UTC", respond: replaced(`Z"`, `+00:00"`), noticed: "application status/times are in UTC, and reviewedAt comes with the review"},
		{name: "oldest first", respond: reversed, noticed: "list of applications/applications are listed newest first"},
		{name: "a page without the rest", respond: replaced(`"hasMore":true`, `"hasMore":false`), noticed: "list of applications/a page holds no more than its limit, and says whether there is more"},
		{name: "filters ignored", request: withoutParameter("status"), noticed: "list of applications/a filter shows only applications of the status"},
		{name: "unknown parameters ignored", request: withoutParameter("color"), noticed: "refusals/an unknown query parameter is refused"},
		{name: "idempotency keys ignored", request: withoutKeys, noticed: "idempotency/a replay does nothing"},
		{name: "replays not marked", respond: withoutHeader("Idempotency-Replayed"), noticed: "idempotency/the first response to a key is given again"},
		{name: "keys of each path", request: keyOfPath, noticed: "idempotency/a key is of one method, path and body"},
		{name: "keys of a second header ignored", request: withoutSecondKey, noticed: "idempotency/X-Idempotency-Key is read as well"},
		{name: "an expired session as an unknown one", respond: replaced(`"code":"SESSION_EXPIRED"`, `"code":"SESSION_INVALID"`), noticed: "idempotency/a session that has expired gets no replay"},
		{name: "paths resolved", request: resolvePath, noticed: "hostile ids/escaped paths never reach another endpoint"},
		{name: "a click not counted", respond: replaced(`"clicks":3`, `"clicks":2`), noticed: "dashboard/clicks and deals are counted"},
		{name: "portal pages not found", respond: portalGone, noticed: "portal link/a link opens a page without further sign-in"},
	}
}

func withoutHeader(name string) func(*http.Request, *http.Response, []byte) []byte {
	return func(_ *http.Request, response *http.Response, body []byte) []byte {
		response.Header.Del(name)
		return body
	}
}

var errorCode = regexp.MustCompile(`("statusCode":\d+),"code":"[A-Z_]+"`)

func withoutCode(_ *http.Request, _ *http.Response, body []byte) []byte {
	return errorCode.ReplaceAll(body, []byte("$1"))
}

func dated(date string) func(*http.Request, *http.Response, []byte) []byte {
	return func(_ *http.Request, response *http.Response, body []byte) []byte {
		response.Header.Set("Date", date)
		return body
	}
}

// foldQuery lets the server compare emails as Unicode folds them.
func foldQuery(request *http.Request) {
	query := request.URL.Query()
	if email := query.Get("email"); email != "" {
		query.Set("email", strings.ToLower(email))
		request.URL.RawQuery = query.Encode()
	}
}

func status(from, to int) func(*http.Request, *http.Response, []byte) []byte {
	return func(_ *http.Request, response *http.Response, body []byte) []byte {
		if response.StatusCode == from {
			response.StatusCode = to
		}
		return body
	}
}

func replaced(from, to string) func(*http.Request, *http.Response, []byte) []byte {
	return func(_ *http.Request, _ *http.Response, body []byte) []byte {
		return bytes.ReplaceAll(body, []byte(from), []byte(to))
	}
}

func reversed(_ *http.Request, _ *http.Response, body []byte) []byte {
	var page struct {
		Data       []json.RawMessage `json:"data"`
		Pagination json.RawMessage   `json:"pagination"`
	}
	if json.Unmarshal(body, &page) != nil || page.Data == nil {
		return body
	}
	slices.Reverse(page.Data)
	return []byte(`{"data":[` + string(bytes.Join(raws(page.Data), []byte(","))) + `],"pagination":` + string(page.Pagination) + `}`)
}

func raws(values []json.RawMessage) [][]byte {
	var all [][]byte
	for _, value := range values {
		all = append(all, value)
	}
	return all
}

func withoutParameter(name string) func(*http.Request) {
	return func(request *http.Request) {
		query := request.URL.Query()
		query.Del(name)
		request.URL.RawQuery = query.Encode()
	}
}

func withoutKeys(request *http.Request) {
	request.Header.Del("Idempotency-Key")
	request.Header.Del("X-Idempotency-Key")
}

func keyOfPath(request *http.Request) {
	if key := request.Header.Get("Idempotency-Key"); key != "" {
		request.Header.Set("Idempotency-Key", key+request.URL.RequestURI())
	}
}

func withoutSecondKey(request *http.Request) { request.Header.Del("X-Idempotency-Key") }

func resolvePath(request *http.Request) {
	request.URL.Path, request.URL.RawPath = path.Clean(request.URL.Path), ""
}

func portalGone(request *http.Request, response *http.Response, body []byte) []byte {
	if strings.HasPrefix(request.URL.Path, "/portal/") {
		response.StatusCode = http.StatusNotFound
	}
	return body
}

// RoundTrip sends the request and responds with the fault.
func (f fault) RoundTrip(request *http.Request) (*http.Response, error) {
	changed := request.Clone(request.Context())
	if f.request != nil {
		f.request(changed)
	}
	response, err := http.DefaultTransport.RoundTrip(changed)
	if err != nil || f.respond == nil {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(f.respond(request, response, body)))
	return response, nil
}

const envFault = "STACKBE_CONFORMANCE_TEST_FAULT"

// The suite fails its test, so a faulty server is run in a process of its own.
func TestSuiteDetectsFaults(t *testing.T) {
	for i, fault := range faults() {
		t.Run(fault.name, func(t *testing.T) {
			failed := "TestFaultyServer/" + strings.ReplaceAll(fault.noticed, " ", "_")
			command := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run="+exactly(failed))
			command.Env = append(os.Environ(), envFault+"="+strconv.Itoa(i))
			output, err := command.CombinedOutput()
			require.Error(t, err, "the suite passes")
			assert.Contains(t, string(output), "--- FAIL: "+failed)
			assert.NotContains(t, string(output), "panic:")
		})
	}
}

// exactly is a -run pattern for one subtest.
func exactly(name string) string {
	elements := strings.Split(name, "/")
	for i := range elements {
		elements[i] = "^" + elements[i] + "$"
	}
	return strings.Join(elements, "/")
}

func TestFaultyServer(t *testing.T) {
	chosen, err := strconv.Atoi(cmp.Or(os.Getenv(envFault), "-1"))
	require.NoError(t, err)
	if chosen < 0 {
		t.Skip("TestSuiteDetectsFaults runs this")
	}
	target := referenceServer(t, stackbe.Contract{})
	target.HTTPClient = &http.Client{Transport: faults()[chosen]}
	conformance.Run(t, target)
}
