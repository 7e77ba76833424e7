package refserver_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// A refusal is a request of some kind, and the code of the response to it.
type refusal struct {
	code         string
	method, path string
	body         string
	header       []string
}

func (w world) refusals(t *testing.T) map[string]refusal {
	const (
		apply  = "/v1/affiliate/apply"
		status = apply + "/status"
		track  = "/v1/affiliate/track"
		deals  = "/v1/affiliate/deals"
	)
	other := w.addApp(t)
	foreign, err := other.Program.CreateCustomer(program.CustomerParams{Email: "foreign@acme.com"})
	require.NoError(t, err)
	reviewed := w.partner(t, "partner@acme.com", "TAKEN")
	partner, customer := w.session(reviewed.CustomerID), w.session(w.customer(t, program.CustomerParams{Email: "customer@acme.com"}))
	w.send(t, "POST", deals, `{"leadEmail": "lead@acme.com", "leadName": "L"}`, partner)
	w.send(t, "POST", track, `{"code": "TAKEN"}`, w.key(), idempotent("used"))
	pending := w.review(w.apply(t, "pending@acme.com"))
	decided := w.review(w.apply(t, "decided@acme.com"))
	w.send(t, "POST", decided, `{"action": "reject"}`, w.admin())

	return map[string]refusal{
		"a body that is not JSON":                     {"BAD_REQUEST", "POST", apply, `{`, w.key()},
		"a body that is not an object":                {"BAD_REQUEST", "POST", apply, `[]`, w.key()},
		"a body that is not UTF-8":                    {"BAD_REQUEST", "POST", apply, "{\"email\": \"\xff\"}", w.key()},
		"a malformed query":                           {"BAD_REQUEST", "GET", status + "?email=%", "", w.key()},
		"a query that is too long":                    {"BAD_REQUEST", "GET", status + "?email=" + strings.Repeat("a", 8<<10), "", w.key()},
		"an unusable idempotency key":                 {"BAD_REQUEST", "POST", apply, jane, append(w.key(), idempotent("a b")...)},
		"an unknown field":                            {"VALIDATION_ERROR", "POST", apply, `{"email": "a@b.co", "name": "A", "x": 1}`, w.key()},
		"an unknown field beside a missing one":       {"VALIDATION_ERROR", "POST", apply, `{"email": "a@b.co", "x": 1}`, w.key()},
		"a field given twice":                         {"VALIDATION_ERROR", "POST", apply, `{"email": "a@b.co", "name": "A", "name": "A"}`, w.key()},
		"an unknown field of an odd name, twice":      {"VALIDATION_ERROR", "POST", apply, `{"email": "a@b.co", "x should not be empty": 1, "x should not be empty": 1}`, w.key()},
		"a field of another type":                     {"VALIDATION_ERROR", "POST", apply, `{"email": 1, "name": "A"}`, w.key()},
		"null for a required field":                   {"VALIDATION_ERROR", "POST", apply, `{"email": "a@b.co", "name": null}`, w.key()},
		"a field that is too long":                    {"VALIDATION_ERROR", "POST", apply, `{"email": "a@b.co", "name": "` + strings.Repeat("A", 201) + `"}`, w.key()},
		"an invalid URL":                              {"VALIDATION_ERROR", "POST", apply, `{"email": "a@b.co", "name": "A", "website": "x"}`, w.key()},
		"an invalid email beside a missing field":     {"VALIDATION_ERROR", "POST", apply, `{"email": "x"}`, w.key()},
		"an unknown action":                           {"VALIDATION_ERROR", "POST", pending, `{"action": "x"}`, w.admin()},
		"an unusable code":                            {"VALIDATION_ERROR", "POST", pending, `{"action": "approve", "code": "a b"}`, w.admin()},
		"a setting out of range":                      {"VALIDATION_ERROR", "PATCH", w.path("settings"), `{"holdingPeriodDays": 366}`, w.admin()},
		"a level's field out of range":                {"VALIDATION_ERROR", "PATCH", w.path("settings"), `{"levels": [{"name": "A", "minPaidSubscriptions": -1, "minMonthlyValue": 0, "commissionRate": 0}]}`, w.admin()},
		"more problems than are listed":               {"VALIDATION_ERROR", "PATCH", w.path("settings"), `{"levels": [{}, {}, {}, {}, {}, {}]}`, w.admin()},
		"an unknown parameter":                        {"VALIDATION_ERROR", "GET", status + "?email=a@b.co&x=1", "", w.key()},
		"an unusable parameter":                       {"VALIDATION_ERROR", "GET", w.path("applications?limit=0"), "", w.admin()},
		"a cursor beyond the list":                    {"VALIDATION_ERROR", "GET", w.path("applications?cursor=AQAAAGQ"), "", w.admin()},
		"no field of several":                         {"MISSING_REQUIRED_FIELD", "POST", apply, `{}`, w.key()},
		"no name":                                     {"MISSING_REQUIRED_FIELD", "POST", apply, `{"email": "a@b.co"}`, w.key()},
		"no email":                                    {"MISSING_REQUIRED_FIELD", "POST", apply, `{"name": "A"}`, w.key()},
		"an empty name":                               {"MISSING_REQUIRED_FIELD", "POST", apply, `{"email": "a@b.co", "name": " "}`, w.key()},
		"no email to look up":                         {"MISSING_REQUIRED_FIELD", "GET", status, "", w.key()},
		"no code to track":                            {"MISSING_REQUIRED_FIELD", "POST", track, `{}`, w.key()},
		"no lead":                                     {"MISSING_REQUIRED_FIELD", "POST", deals, `{"notes": "n"}`, partner},
		"no action":                                   {"MISSING_REQUIRED_FIELD", "POST", pending, `{}`, w.admin()},
		"a level without fields":                      {"MISSING_REQUIRED_FIELD", "PATCH", w.path("settings"), `{"levels": [{}]}`, w.admin()},
		"an invalid email":                            {"INVALID_EMAIL", "POST", apply, `{"email": "x", "name": "A"}`, w.key()},
		"an email that is too long":                   {"INVALID_EMAIL", "POST", apply, `{"email": "` + strings.Repeat("a", 255) + `@b.co", "name": "A"}`, w.key()},
		"an empty email":                              {"INVALID_EMAIL", "POST", apply, `{"email": "", "name": "A"}`, w.key()},
		"an invalid email to look up":                 {"INVALID_EMAIL", "GET", status + "?email=x", "", w.key()},
		"an email to look up without its escapes":     {"INVALID_EMAIL", "GET", status + "?email=a+b@c.co", "", w.key()},
		"an invalid lead":                             {"INVALID_EMAIL", "POST", deals, `{"leadEmail": "x", "leadName": "L"}`, partner},
		"no API key":                                  {"UNAUTHORIZED", "GET", status, "", nil},
		"an unknown API key":                          {"UNAUTHORIZED", "GET", status, "", []string{"x-api-key", "x"}},
		"a session as an API key":                     {"UNAUTHORIZED", "GET", status, "", []string{"x-api-key", w.token(reviewed.CustomerID)}},
		"no session":                                  {"UNAUTHORIZED", "GET", "/v1/affiliate", "", nil},
		"an unknown admin token":                      {"UNAUTHORIZED", "GET", w.path("settings"), "", bearer("x")},
		"an unknown session":                          {"SESSION_INVALID", "GET", "/v1/affiliate", "", bearer("x")},
		"an admin token as a session":                 {"SESSION_INVALID", "GET", "/v1/affiliate", "", w.admin()},
		"an admin of another app":                     {"FORBIDDEN", "GET", w.path("settings"), "", bearer(other.AdminToken)},
		"an admin of an app that does not exist":      {"FORBIDDEN", "GET", "/v1/apps/x/affiliates/settings", "", w.admin()},
		"a customer of another app":                   {"FORBIDDEN", "GET", "/v1/affiliate/by-customer/" + foreign.ID, "", w.key()},
		"an unknown path":                             {"NOT_FOUND", "GET", "/v1/nothing", "", w.key()},
		"a path that is not in its shortest form":     {"NOT_FOUND", "GET", "/v1//affiliate", "", w.key()},
		"the dashboard of a customer":                 {"AFFILIATE_NOT_FOUND", "GET", "/v1/affiliate/dashboard", "", customer},
		"the portal link of a customer":               {"AFFILIATE_NOT_FOUND", "GET", "/v1/affiliate/portal-link", "", customer},
		"a deal of a customer":                        {"AFFILIATE_NOT_FOUND", "POST", deals, `{"leadEmail": "new@acme.com", "leadName": "L"}`, customer},
		"an unknown application":                      {"APPLICATION_NOT_FOUND", "GET", w.path("applications/x"), "", w.admin()},
		"a review of an unknown application":          {"APPLICATION_NOT_FOUND", "POST", w.review("x"), `{"action": "approve"}`, w.admin()},
		"a click on an unknown code":                  {"REFERRAL_CODE_NOT_FOUND", "POST", track, `{"code": "NOBODY"}`, w.key()},
		"a method that the path does not have":        {"METHOD_NOT_ALLOWED", "DELETE", apply, "", w.key()},
		"a second application":                        {"ALREADY_EXISTS", "POST", apply, `{"email": "PARTNER@acme.com", "name": "A"}`, w.key()},
		"a lead that is registered":                   {"ALREADY_EXISTS", "POST", deals, `{"leadEmail": "lead@acme.com", "leadName": "L"}`, partner},
		"a lead that is a customer":                   {"ALREADY_EXISTS", "POST", deals, `{"leadEmail": "customer@acme.com", "leadName": "L"}`, partner},
		"a second review":                             {"ALREADY_REVIEWED", "POST", decided, `{"action": "approve"}`, w.admin()},
		"a code in use":                               {"REFERRAL_CODE_IN_USE", "POST", pending, `{"action": "approve", "code": "taken"}`, w.admin()},
		"an idempotency key used for another request": {"IDEMPOTENCY_KEY_REUSED", "POST", apply, jane, append(w.key(), idempotent("used")...)},
		"a body that is too large":                    {"PAYLOAD_TOO_LARGE", "POST", apply, strings.Repeat(" ", 1<<20+1), w.key()},
		"a body that is not called JSON":              {"UNSUPPORTED_MEDIA_TYPE", "POST", apply, jane, append(w.key(), "Content-Type", "text/plain")},
	}
}

// codeOf is the code of an error, whose shape it checks.
func (r reply) codeOf(t *testing.T) string {
	t.Helper()
	r.problems(t)
	return r.json(t)["code"].(string)
}

func TestEveryErrorHasItsCode(t *testing.T) {
	seen := map[string]bool{}
	want := func(name, code string, send func(t *testing.T) reply) {
		t.Run(name, func(t *testing.T) { assert.Equal(t, code, send(t).codeOf(t)) })
		seen[code] = true
	}
	w := newWorld(t)
	all := func(w world, refusals map[string]refusal) {
		for name, r := range refusals {
			want(name, r.code, func(t *testing.T) reply {
				var headers [][]string
				for pair := range slices.Chunk(r.header, 2) {
					headers = append(headers, pair)
				}
				return w.send(t, r.method, r.path, r.body, headers...)
			})
		}
	}
	all(w, w.refusals(t))
	rich := newWorld(t)
	all(rich, rich.moneyRefusals(t))
	want("a session that has expired", "SESSION_EXPIRED", func(t *testing.T) reply {
		w := newWorld(t)
		session := w.session(w.customer(t, program.CustomerParams{Email: "a@b.co"}))
		w.advance(refserver.SessionLife)
		return w.send(t, "GET", "/v1/affiliate", "", session)
	})
	want("an expired session where an admin token is needed", "UNAUTHORIZED", func(t *testing.T) reply {
		w := newWorld(t)
		session := w.session(w.customer(t, program.CustomerParams{Email: "a@b.co"}))
		w.advance(refserver.SessionLife)
		return w.send(t, "GET", w.path("settings"), "", session)
	})
	want("a request over the rate limit", "RATE_LIMITED", func(t *testing.T) reply {
		w := newWorld(t, func(c *refserver.Config) { c.EnforceRateLimits, c.RateLimitPerKey = true, 1 })
		w.send(t, "GET", "/v1/nothing", "", w.key())
		return w.send(t, "GET", "/v1/nothing", "", w.key())
	})
	want("a panic", "INTERNAL_ERROR", func(t *testing.T) reply {
		w := newWorld(t, func(c *refserver.Config) { c.Now = func() time.Time { panic("the clock is broken") } })
		return w.send(t, "GET", "/v1/affiliate", "")
	})
	// One that gives up waiting for another is in the tests of package api.
	seen["SERVICE_UNAVAILABLE"] = true

	codes := map[string]bool{}
	source, err := os.ReadFile(filepath.FromSlash("../../codes.go"))
	require.NoError(t, err)
	for _, match := range regexp.MustCompile(`(?m)^\tCode\w+ += "(\w+)"`).FindAllSubmatch(source, -1) {
		codes[string(match[1])] = true
	}
	assert.Equal(t, codes, seen, "every constant of the SDK is the code of some error, and there are no other codes")
}
