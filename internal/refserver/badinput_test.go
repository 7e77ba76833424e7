package refserver_test

import (
	"fmt"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const (
	maxRefusal = 8 << 10  // bytes of a response to bad input
	maxCost    = 16 << 20 // bytes that may be allocated for a body of 1 MiB
	maxObjects = 10_000   // that may be allocated for it
)

// filled is a text of 1 MiB: a part over and over, between a beginning and an end.
func filled(begin, part, end string) string {
	return begin + strings.Repeat(part, (1<<20-len(begin)-len(end))/len(part)) + end
}

func distinct(begin, format, end string) string {
	var made strings.Builder
	made.WriteString(begin)
	for i := 0; made.Len() < 1<<20-len(end)-40; i++ {
		fmt.Fprintf(&made, format, i)
	}
	return strings.TrimSuffix(made.String(), ",") + end
}

func TestBadInputTakesLittleMemoryAndGetsShortResponse(t *testing.T) {
	w := newWorld(t)
	session := w.session(w.partner(t, "jane@acme.com", "JANE20").CustomerID)
	credentials := map[string][]string{"key": w.key(), "session": session, "admin": w.admin()}

	bodies := map[string]string{
		"an array of empty objects":           filled(`{"levels": [`, `{},`, `{}]}`),
		"an array of numbers":                 filled(`{"levels": [`, `1,`, `1]}`),
		"an object among many numbers":        filled(`{"levels": [{},`, `1,`, `1]}`),
		"arrays in arrays":                    strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000),
		"arrays in arrays without end":        filled(`{"levels": `, "[", ""),
		"objects in objects":                  `{"levels": [` + strings.Repeat(`{"name":`, 9_000) + "1" + strings.Repeat("}", 9_000) + "]}",
		"many unknown fields":                 distinct("{", `"f%d":1,`, "}"),
		"one field many times":                filled("{", `"x":1,`, `"x":1}`),
		"many unknown fields of a level":      distinct(`{"levels": [{`, `"f%d":1,`, "}]}"),
		"a long unknown name":                 filled(`{"`, "x", `": 1}`),
		"a long unknown name in escapes":      filled(`{"`, `\u0001`, `": 1}`),
		"twenty long unknown names of levels": `{"levels": [` + strings.TrimSuffix(strings.Repeat(`{"`+strings.Repeat("<", 50_000)+`": 1},`, 20), ",") + `]}`,
		"forty long unknown names":            distinct("{", `"%d`+strings.Repeat("<", 25_000)+`":1,`, "}"),
		"a long text":                         filled(`{"email": "`, "e", `@acme.com", "name": "A", "leadEmail": "lead@acme.com", "code": "J"}`),
		"a long number":                       filled(`{"holdingPeriodDays": 1`, "0", `}`),
		"a long fraction":                     filled(`{"minPayoutAmount": 0.`, "0", `1}`),
		"a long exponent":                     filled(`{"minPayoutAmount": 1e`, "9", `}`),
		"a long URL":                          filled(`{"website": "https://acme.com/`, "%zz", `", "url": "https://acme.com"}`),
		"a long code":                         filled(`{"code": "`, "J", `", "action": "approve"}`),
		"a long reason":                       filled(`{"rejectionReason": "`, "ä", `", "action": "reject"}`),
		"a long action":                       filled(`{"action": "`, "a", `"}`),
		"not JSON":                            filled(`{"email": "`, "x", ``),
		"not UTF-8":                           filled(`{"email": "`, "\xff", `"}`),
	}
	// What all endpoints share is tested at one of them, and everything else at each.
	ofAll := []string{"many unknown fields", "one field many times", "a long unknown name in escapes", "a long text", "a long code", "a long action", "a long URL", "a long reason"}
	for name, body := range bodies {
		for _, e := range endpoints(w) {
			if e.body == "" || e.path != w.path("settings") && !slices.Contains(ofAll, name) {
				continue
			}
			t.Run(name+" to "+e.method+" "+e.path, func(t *testing.T) {
				w.assertCheap(t, e.method, e.path, body, credentials[e.needs])
			})
		}
	}

	long := strings.Repeat("x", 1<<19)
	for name, target := range map[string]string{
		"a long path":                 "/v1/" + long,
		"a long path of escapes":      "/v1/" + strings.Repeat("%01", 1<<18),
		"a long query":                "/v1/affiliate/apply/status?email=" + long,
		"a long name in the query":    "/v1/affiliate/apply/status?" + long + "=1",
		"many parameters":             "/v1/affiliate/apply/status?" + strings.Repeat("a&", 1<<18),
		"many different parameters":   distinct("/v1/affiliate/apply/status?", "%d&", ""),
		"eight KiB of parameters":     distinct("/v1/affiliate/apply/status?", "%d&", "")[:8<<10],
		"forty rests of an email":     "/v1/affiliate/apply/status?" + distinct("", "@%d"+strings.Repeat("%%01", 60)+"&", "")[:8<<10-100],
		"eight KiB of one parameter":  "/v1/affiliate/apply/status?" + strings.Repeat("%01", 2<<10),
		"a long cursor":               w.path("applications?cursor=" + long),
		"a long status":               w.path("applications?status=" + long),
		"a long limit":                w.path("applications?limit=" + long),
		"a long id of an application": w.path("applications/" + long),
		"a long id of a customer":     "/v1/affiliate/by-customer/" + long,
		"a long id of an app":         "/v1/apps/" + long + "/affiliates/settings",
	} {
		for kind, credential := range credentials {
			t.Run(name+" with the credential of kind "+kind, func(t *testing.T) {
				w.assertCheap(t, "GET", target, "", credential)
			})
		}
	}
	t.Run("a long method", func(t *testing.T) { w.assertCheap(t, long, "/v1/affiliate", "", w.key()) })
	t.Run("a long method of an unknown path", func(t *testing.T) { w.assertCheap(t, long, "/v1/nothing", "", w.key()) })
	w.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/portal/unknown", nil)) // the first page parses the templates
	t.Run("a long token of a portal link", func(t *testing.T) { w.assertCheap(t, "GET", "/portal/"+long, "") })
	t.Run("a long key", func(t *testing.T) { w.assertCheap(t, "GET", "/v1/affiliate", "", []string{"x-api-key", long}) })
	t.Run("a long idempotency key", func(t *testing.T) {
		w.assertCheap(t, "POST", "/v1/affiliate/apply", jane, w.key(), idempotent(long))
	})
}

// assertCheap sends a request without a socket.
func (w world) assertCheap(t *testing.T, method, target, body string, headers ...[]string) {
	t.Helper()
	request := httptest.NewRequest("GET", "/", strings.NewReader(body))
	parsed, err := request.URL.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	request.Method, request.URL, request.RequestURI = method, parsed, target
	request.Header.Set("Content-Type", "application/json")
	for _, pair := range headers {
		request.Header.Set(pair[0], pair[1])
	}
	response := httptest.NewRecorder()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	w.ServeHTTP(response, request)
	runtime.ReadMemStats(&after)

	assert.LessOrEqual(t, response.Body.Len(), maxRefusal, "bytes of the response")
	assert.LessOrEqual(t, after.TotalAlloc-before.TotalAlloc, uint64(maxCost), "bytes allocated")
	assert.LessOrEqual(t, after.Mallocs-before.Mallocs, uint64(maxObjects), "objects allocated")
	if method != "GET" && response.Code < 300 {
		t.Errorf("%d: %.200s", response.Code, response.Body)
	}
}

func TestProblemsAreListedUpToTwenty(t *testing.T) {
	w := newWorld(t)
	fields := func(n int) string { return "{" + strings.TrimSuffix(numbered(n), ",") + "}" }
	for n, want := range map[int]string{20: "property f19 should not exist", 21: "and 1 more problem", 50: "and 30 more problems"} {
		problems := w.refused(t, 400, "PATCH", w.path("settings"), fields(n), w.admin())
		assert.Len(t, problems, min(n, 21))
		assert.Equal(t, "property f0 should not exist", problems[0])
		assert.Equal(t, want, problems[len(problems)-1])
	}
	assert.Equal(t, []string{"The body must not have more than 50 fields"}, w.refused(t, 400, "PATCH", w.path("settings"), fields(51), w.admin()))

	level := func(fields string) string { return `{"levels": [` + fields + `]}` }
	assert.Equal(t, []string{"levels.0 must not have more than 50 fields"}, w.refused(t, 400, "PATCH", w.path("settings"), level(fields(51)), w.admin()))
	incomplete := w.refused(t, 400, "PATCH", w.path("settings"), level(strings.Repeat("{},", 19)+"{}"), w.admin())
	assert.Len(t, incomplete, 21)
	assert.Equal(t, "and 60 more problems", incomplete[20])
	assert.Equal(t, []string{"levels must contain no more than 20 elements"},
		w.refused(t, 400, "PATCH", w.path("settings"), level(strings.Repeat("{},", 300_000)+"{}"), w.admin()))
	assert.Equal(t, []string{"property " + strings.Repeat("ä", 40) + "… should not exist"},
		w.refused(t, 400, "PATCH", w.path("settings"), `{"`+strings.Repeat("ä", 41)+`": 1}`, w.admin()))
	assert.Equal(t, []string{"property " + strings.Repeat("ä", 40) + " should not exist"},
		w.refused(t, 400, "PATCH", w.path("settings"), `{"`+strings.Repeat("ä", 40)+`": 1}`, w.admin()))
}

// numbered is that many fields, from f0 on.
func numbered(n int) string {
	var fields strings.Builder
	for i := range n {
		fmt.Fprintf(&fields, `"f%d": 1,`, i)
	}
	return fields.String()
}
