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
	"time"

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
		{name: "a full page with a cursor, although it is the last", respond: fullWithCursor, noticed: "list of applications/the last page has no cursor"},
		{name: "filters ignored", request: withoutParameter("status"), noticed: "list of applications/a filter shows only applications of the status"},
		{name: "unknown parameters ignored", request: withoutParameter("color"), noticed: "refusals/an unknown query parameter is refused"},
		{name: "idempotency keys ignored", request: withoutKeys, noticed: "idempotency/a replay does nothing"},
		{name: "replays not marked", respond: withoutHeader("Idempotency-Replayed"), noticed: "idempotency/the first response to a key is given again"},
		{name: "keys of each path", request: keyOfPath, noticed: "idempotency/a key is of one method, path and body"},
		{name: "keys of a second header ignored", request: withoutSecondKey, noticed: "idempotency/X-Idempotency-Key is read as well"},
		{name: "an expired session as an unknown one", respond: replaced(`"code":"SESSION_EXPIRED"`, `"code":"SESSION_INVALID"`), noticed: "idempotency/a session that has expired gets no replay"},
		{name: "paths resolved", request: resolvePath, noticed: "hostile ids/escaped paths never reach another endpoint"},
		{name: "a click not counted", respond: replaced(`"clicks":3`, `"clicks":2`), noticed: "dashboard/clicks and deals are counted"},
		{name: "an invoice created as 200", respond: on("POST", "/invoices", status(201, 200)), noticed: "statuses of the account/what is created is 201, all else 200"},
		{name: "a user without a field", respond: replaced(`"limitExceeded":0,`, ``), noticed: "field names of the account/users, access and login links have exactly the names of the contract"},
		{name: "a balance off by a cent", respond: on("GET", "/commissions/summary", replaced(`"inReview":20,`, `"inReview":20.01,`)), noticed: "earnings/a commission is in review, and ready once its holding period has passed"},
		{name: "an entry off by a cent", respond: on("GET", "/statement", replaced(`"earned":180,`, `"earned":180.01,`)), noticed: "earnings/a statement tells each entry with its cause and places"},
		{name: "an entry that comes from elsewhere", respond: replaced(`"from":"in_review","to":"outside"`, `"from":"ready","to":"outside"`), noticed: "earnings/a statement tells each entry with its cause and places"},
		{name: "a clawback above 0", respond: on("GET", "/commissions", replaced(`"amount":-`, `"amount":`)), noticed: "earnings/a refund after it is a clawback, and a debt is paid off before anything is ready"},
		{name: "a list that loses a row at the end of a page", respond: lastOfPageLost, noticed: "lists of the account/a list of the account is newest first, with each element once, whatever the limit"},
		{name: "a list that repeats a row at the end of a page", respond: lastOfPageTwice, noticed: "lists of the account/a list of payouts is newest first, with each element once, whatever the limit"},
		{name: "a cursor of any list", respond: on("GET", "/refunds", status(400, 200)), noticed: "lists of the account/a cursor of another list, or of another partner's list, is refused"},
		{name: "commissions of every user", request: withoutParameter("userId"), noticed: "earnings/filters select commissions by status, user, plan, payout and time"},
		{name: "a refund beyond the payment", respond: accepted("/refunds", `{"refund":{"id":"refund_1","invoiceId":"invoice_1","amount":70},"invoice":{"id":"invoice_1"}}`), noticed: "invoices/an invoice is refunded in parts, and never beyond the payment"},
		{name: "a receipt that leaves the refunds out", respond: replaced(`"total":84.45`, `"total":100`), noticed: "invoices/a receipt has the lines, the refunds and the total"},
		{name: "a receipt that miscounts the refunds", respond: replaced(`"refundCount":2`, `"refundCount":1`), noticed: "invoices/a receipt has the lines, the refunds and the total"},
		{name: "refunds of another partner's user", respond: on("GET", "/refunds", status(404, 200)), noticed: "invoices/a receipt has the lines, the refunds and the total"},
		{name: "a payout below the minimum", respond: accepted("/payouts", `{"id":"payout_1","amount":12.5,"status":"pending"}`), noticed: "payouts/a payout below the minimum is refused, naming the shortfall"},
		{name: "a shortfall that is not named", respond: replaced(`37.50`, `something`), noticed: "payouts/a payout below the minimum is refused, naming the shortfall"},
		{name: "another partner's invoice", respond: on("GET", "/invoices/", status(404, 200)), noticed: "separation/what is another partner's is not found"},
		{name: "another app's payout", respond: on("POST", "/status", status(404, 200)), noticed: "separation/what is another app's is not found"},
		{name: "an account without a partner", respond: replaced(`"code":"AFFILIATE_NOT_FOUND"`, `"code":"CUSTOMER_NOT_FOUND"`), noticed: "separation/a customer who is not a partner has no account"},
		{name: "a login link that outlives its access", respond: on("GET", "/portal/", status(403, 200)), noticed: "access/a partner logs in as a user only while access is granted"},
		{name: "a renewal a day late", respond: on("GET", "/invoices", aDayLate), noticed: "subscriptions/a subscription renews on its day of each month"},
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

// fullWithCursor lets every page that holds as much as its limit have a cursor.
func fullWithCursor(request *http.Request, _ *http.Response, body []byte) []byte {
	var page struct{ Data []json.RawMessage }
	if json.Unmarshal(body, &page) != nil || strconv.Itoa(len(page.Data)) != request.URL.Query().Get("limit") {
		return body
	}
	return bytes.Replace(body, []byte(`"hasMore":false`), []byte(`"cursor":"more","hasMore":true`), 1)
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

// on is a fault of one method and of the paths that have a part.
func on(method, part string, respond func(*http.Request, *http.Response, []byte) []byte) func(*http.Request, *http.Response, []byte) []byte {
	return func(request *http.Request, response *http.Response, body []byte) []byte {
		if request.Method != method || !strings.Contains(request.URL.Path, part) {
			return body
		}
		return respond(request, response, body)
	}
}

// accepted is what should be 422, as if it were carried out.
func accepted(suffix, created string) func(*http.Request, *http.Response, []byte) []byte {
	return func(request *http.Request, response *http.Response, body []byte) []byte {
		if response.StatusCode != http.StatusUnprocessableEntity || !strings.HasSuffix(request.URL.Path, suffix) {
			return body
		}
		response.StatusCode = http.StatusCreated
		return []byte(created)
	}
}

func lastOfPageLost(_ *http.Request, _ *http.Response, body []byte) []byte {
	return withLast(body, func(rows []json.RawMessage) []json.RawMessage { return rows[:len(rows)-1] })
}

func lastOfPageTwice(_ *http.Request, _ *http.Response, body []byte) []byte {
	return withLast(body, func(rows []json.RawMessage) []json.RawMessage { return append(rows, rows[len(rows)-1]) })
}

// withLast changes the rows of a page that another follows.
func withLast(body []byte, change func([]json.RawMessage) []json.RawMessage) []byte {
	var page struct {
		Data       []json.RawMessage `json:"data"`
		Pagination json.RawMessage   `json:"pagination"`
	}
	if json.Unmarshal(body, &page) != nil || len(page.Data) < 2 || !bytes.Contains(page.Pagination, []byte("true")) {
		return body
	}
	page.Data = change(page.Data)
	return []byte(`{"data":[` + string(bytes.Join(raws(page.Data), []byte(","))) + `],"pagination":` + string(page.Pagination) + `}`)
}

var createdAt = regexp.MustCompile(`"createdAt":"[^"]+"`)

func aDayLate(_ *http.Request, _ *http.Response, body []byte) []byte {
	return createdAt.ReplaceAllFunc(body, func(field []byte) []byte {
		at, err := time.Parse(`"createdAt":"`+time.RFC3339Nano+`"`, string(field))
		if err != nil {
			return field
		}
		return []byte(at.AddDate(0, 0, 1).Format(`"createdAt":"` + time.RFC3339Nano + `"`))
	})
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
