package refserver_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// A refusal is a request that is refused, and the code of the response to it.
type refusal struct {
	code         string
	method, path string
	body         string
	header       []string
}

func (w world) badRequests(t *testing.T) map[string]refusal {
	const (
		apply  = "/v1/affiliate/apply"
		status = apply + "/status"
		track  = "/v1/affiliate/track"
		deals  = "/v1/affiliate/deals"
	)
	partner := w.session(w.partner(t, "partner@acme.com", "").CustomerID)
	pending := w.review(w.apply(t, "pending@acme.com"))
	return map[string]refusal{
		"a body that is not JSON":                 {"BAD_REQUEST", "POST", apply, `{`, w.key()},
		"an empty body":                           {"BAD_REQUEST", "POST", apply, ` `, w.key()},
		"a body that is not an object":            {"BAD_REQUEST", "POST", apply, `[]`, w.key()},
		"a body that is not UTF-8":                {"BAD_REQUEST", "POST", apply, "{\"email\": \"\xff\"}", w.key()},
		"a malformed query":                       {"BAD_REQUEST", "GET", status + "?email=%", "", w.key()},
		"a query that is too long":                {"BAD_REQUEST", "GET", status + "?email=" + strings.Repeat("a", 8<<10), "", w.key()},
		"an unusable idempotency key":             {"BAD_REQUEST", "POST", apply, jane, append(w.key(), idempotent("a b")...)},
		"an unknown field":                        {"VALIDATION_ERROR", "POST", apply, `{"email": "a@b.co", "name": "A", "x": 1}`, w.key()},
		"an unknown field beside a missing one":   {"VALIDATION_ERROR", "POST", apply, `{"email": "a@b.co", "x": 1}`, w.key()},
		"a field given twice":                     {"VALIDATION_ERROR", "POST", apply, `{"email": "a@b.co", "name": "A", "name": "A"}`, w.key()},
		"an unknown field of an odd name, twice":  {"VALIDATION_ERROR", "POST", apply, `{"email": "a@b.co", "x should not be empty": 1, "x should not be empty": 1}`, w.key()},
		"a field of another type":                 {"VALIDATION_ERROR", "POST", apply, `{"email": 1, "name": "A"}`, w.key()},
		"null for a required field":               {"VALIDATION_ERROR", "POST", apply, `{"email": "a@b.co", "name": null}`, w.key()},
		"a field that is too long":                {"VALIDATION_ERROR", "POST", apply, `{"email": "a@b.co", "name": "` + strings.Repeat("A", 201) + `"}`, w.key()},
		"an invalid URL":                          {"VALIDATION_ERROR", "POST", apply, `{"email": "a@b.co", "name": "A", "website": "x"}`, w.key()},
		"an invalid email beside a missing field": {"VALIDATION_ERROR", "POST", apply, `{"email": "x"}`, w.key()},
		"an unknown action":                       {"VALIDATION_ERROR", "POST", pending, `{"action": "x"}`, w.admin()},
		"an unusable code":                        {"VALIDATION_ERROR", "POST", pending, `{"action": "approve", "code": "a b"}`, w.admin()},
		"a setting out of range":                  {"VALIDATION_ERROR", "PATCH", w.path("settings"), `{"holdingPeriodDays": 366}`, w.admin()},
		"a level's field out of range":            {"VALIDATION_ERROR", "PATCH", w.path("settings"), `{"levels": [{"name": "A", "minPaidSubscriptions": -1, "minMonthlyValue": 0, "commissionRate": 0}]}`, w.admin()},
		"more problems than are listed":           {"VALIDATION_ERROR", "PATCH", w.path("settings"), `{"levels": [{}, {}, {}, {}, {}, {}]}`, w.admin()},
		"an unknown parameter":                    {"VALIDATION_ERROR", "GET", status + "?email=a@b.co&x=1", "", w.key()},
		"an unusable parameter":                   {"VALIDATION_ERROR", "GET", w.path("applications?limit=0"), "", w.admin()},
		"a cursor beyond the list":                {"VALIDATION_ERROR", "GET", w.path("applications?cursor=AQAAAGQ"), "", w.admin()},
		"no field of several":                     {"MISSING_REQUIRED_FIELD", "POST", apply, `{}`, w.key()},
		"no name":                                 {"MISSING_REQUIRED_FIELD", "POST", apply, `{"email": "a@b.co"}`, w.key()},
		"no email":                                {"MISSING_REQUIRED_FIELD", "POST", apply, `{"name": "A"}`, w.key()},
		"an empty name":                           {"MISSING_REQUIRED_FIELD", "POST", apply, `{"email": "a@b.co", "name": " "}`, w.key()},
		"no email to look up":                     {"MISSING_REQUIRED_FIELD", "GET", status, "", w.key()},
		"no code to track":                        {"MISSING_REQUIRED_FIELD", "POST", track, `{}`, w.key()},
		"no lead":                                 {"MISSING_REQUIRED_FIELD", "POST", deals, `{"notes": "n"}`, partner},
		"no action":                               {"MISSING_REQUIRED_FIELD", "POST", pending, `{}`, w.admin()},
		"a level without fields":                  {"MISSING_REQUIRED_FIELD", "PATCH", w.path("settings"), `{"levels": [{}]}`, w.admin()},
		"an invalid email":                        {"INVALID_EMAIL", "POST", apply, `{"email": "x", "name": "A"}`, w.key()},
		"an email that is too long":               {"INVALID_EMAIL", "POST", apply, `{"email": "` + strings.Repeat("a", 255) + `@b.co", "name": "A"}`, w.key()},
		"an empty email":                          {"INVALID_EMAIL", "POST", apply, `{"email": "", "name": "A"}`, w.key()},
		"an invalid email to look up":             {"INVALID_EMAIL", "GET", status + "?email=x", "", w.key()},
		"an email to look up without its escapes": {"INVALID_EMAIL", "GET", status + "?email=a+b@c.co", "", w.key()},
		"an invalid lead":                         {"INVALID_EMAIL", "POST", deals, `{"leadEmail": "x", "leadName": "L"}`, partner},
	}
}

// codeOf is the code of an error, whose shape it checks.
func (r reply) codeOf(t *testing.T) string {
	t.Helper()
	r.problems(t)
	return r.json(t)["code"].(string)
}

// The conformance suite has the codes of other refusals.
func TestCodeOfBadRequest(t *testing.T) {
	w := newWorld(t)
	for name, r := range w.badRequests(t) {
		t.Run(name, func(t *testing.T) {
			got := w.try(t, r)
			assert.Equal(t, 400, got.status)
			assert.Equal(t, r.code, got.codeOf(t))
		})
	}
}

// The conformance suite has the refusals of each endpoint without a partner, for another partner and of an
// unknown id, and those of the forms that add a user.
func TestCodeOfARefusal(t *testing.T) {
	money, users := newWorld(t), newWorld(t)
	for name, r := range money.moneyRefusals(t) {
		t.Run(name, func(t *testing.T) { assert.Equal(t, r.code, money.try(t, r).codeOf(t)) })
	}
	for name, r := range users.userRefusals(t) {
		t.Run(name, func(t *testing.T) { assert.Equal(t, r.code, users.try(t, r).codeOf(t)) })
	}
}

// try sends the request that is refused.
func (w world) try(t *testing.T, r refusal) reply {
	t.Helper()
	var headers [][]string
	for pair := range slices.Chunk(r.header, 2) {
		headers = append(headers, pair)
	}
	return w.send(t, r.method, r.path, r.body, headers...)
}

func TestCodeOfRefusalOutsideConformanceSuite(t *testing.T) {
	for code, send := range map[string]func(t *testing.T) reply{
		stackbe.CodeUnauthorized: func(t *testing.T) reply { // of an expired session where an admin token is needed
			w := newWorld(t)
			session := w.session(w.customer(t, program.CustomerParams{Email: "a@b.co"}))
			w.advance(refserver.SessionLife)
			return w.send(t, "GET", w.path("settings"), "", session)
		},
		stackbe.CodeRateLimited: func(t *testing.T) reply {
			w := newWorld(t, limits(1, 1))
			w.send(t, "GET", "/v1/nothing", "", w.key())
			return w.send(t, "GET", "/v1/nothing", "", w.key())
		},
		stackbe.CodeInternalError: func(t *testing.T) reply {
			w := newWorld(t, func(c *refserver.Config) { c.Now = func() time.Time { panic("the clock is broken") } })
			return w.send(t, "GET", "/v1/affiliate", "")
		},
	} {
		t.Run(code, func(t *testing.T) { assert.Equal(t, code, send(t).codeOf(t)) })
	}
}
