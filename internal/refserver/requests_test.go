package refserver_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
	"github.com/stackbe/stackbe-go/internal/refserver/requests"
)

// endpoints are all that need a credential, with a request that they take.
func endpoints(w world) []struct{ method, path, body, needs string } {
	return []struct{ method, path, body, needs string }{
		{"POST", "/v1/affiliate/apply", `{"email": "a@b.co", "name": "A"}`, "key"},
		{"GET", "/v1/affiliate/apply/status?email=a@b.co", "", "key"},
		{"GET", "/v1/affiliate/by-customer/cust_1", "", "key"},
		{"POST", "/v1/affiliate/track", `{"code": "JANE20"}`, "key"},
		{"GET", "/v1/affiliate", "", "session"},
		{"GET", "/v1/affiliate/dashboard", "", "session"},
		{"GET", "/v1/affiliate/portal-link", "", "session"},
		{"POST", "/v1/affiliate/deals", `{"leadEmail": "lead@b.co", "leadName": "L"}`, "session"},
		{"GET", w.path("applications"), "", "admin"},
		{"GET", w.path("applications/cm0"), "", "admin"},
		{"POST", w.review("cm0"), `{"action": "approve"}`, "admin"},
		{"GET", w.path("settings"), "", "admin"},
		{"PATCH", w.path("settings"), `{}`, "admin"},
	}
}

func TestUnauthorizedNamesNeededCredential(t *testing.T) {
	w := newWorld(t)
	for path, expected := range map[string]string{
		"/v1/affiliate/by-customer/cust_1": "a valid API key in x-api-key",
		"/v1/affiliate":                    "a valid customer session token as Authorization: Bearer",
		w.path("settings"):                 "a valid admin token as Authorization: Bearer",
	} {
		for _, header := range [][]string{{"X-Nothing", "1"}, {"x-api-key", ""}, {"x-api-key", "sk_test_unknown"}, bearer("unknown"), bearer(w.APIKey), {"Authorization", "Basic " + w.AdminToken}} {
			assert.Contains(t, w.refused(t, 401, "GET", path, "", header)[0], expected, header)
		}
	}
}

func TestSessionExpiresAfter90Days(t *testing.T) {
	w := newWorld(t)
	customer := w.customer(t, program.CustomerParams{Email: "c@example.com"})
	session := w.session(customer)

	w.advance(90*day - 1)
	assert.Equal(t, 200, w.send(t, "GET", "/v1/affiliate", "", session).status)
	w.advance(1)
	assert.Contains(t, w.refused(t, 401, "GET", "/v1/affiliate", "", session)[0], "expired")

	w.advance(60 * day) // long enough to be forgotten, when another session is made
	w.session(customer)
	assert.Contains(t, w.refused(t, 401, "GET", "/v1/affiliate", "", session)[0], "unknown, or it expired more than 30 days ago")
}

func TestSessionTokenRefusesUnknownCustomerAndApp(t *testing.T) {
	w := newWorld(t)
	customer, other := w.customer(t, program.CustomerParams{Email: "c@example.com"}), w.addApp(t)
	_, err := w.SessionToken(other.ID, customer)
	assert.ErrorContains(t, err, "has no customer")
	_, err = w.SessionToken("app_unknown", customer)
	assert.ErrorContains(t, err, "no app")
}

func TestAddApp(t *testing.T) {
	server := refserver.New(refserver.Config{})
	given := refserver.AppParams{ID: "app_mock", APIKey: "sk_test_mock", AdminToken: "admin_mock"}
	app, err := server.AddApp(given)
	require.NoError(t, err)
	assert.Equal(t, given, refserver.AppParams{ID: app.ID, APIKey: app.APIKey, AdminToken: app.AdminToken})

	for name, params := range map[string]refserver.AppParams{
		"an id in use":             {ID: "app_mock"},
		"a key in use":             {APIKey: "sk_test_mock"},
		"an admin token in use":    {AdminToken: "admin_mock"},
		"a key that is a token":    {APIKey: "admin_mock"},
		"one token for two things": {APIKey: "same", AdminToken: "same"},
		"an id with a slash":       {ID: "a/b"},
		"a key with a space":       {APIKey: "a b"},
		"a token with a line end":  {AdminToken: "a\n"},
	} {
		_, err := server.AddApp(params)
		assert.Error(t, err, name)
	}
	_, err = server.AddApp(refserver.AppParams{ID: "app_2", APIKey: "sk_test_mock"})
	require.Error(t, err)
	_, err = server.AddApp(refserver.AppParams{ID: "app_2"})
	assert.NoError(t, err, "an app that could not be added leaves nothing behind")
}

func TestRefusalNamesTheMethodAndThePath(t *testing.T) {
	w := newWorld(t)
	for path, status := range map[string]int{"/v1/nothing": 404, "/v1/affiliate/track": 405, "/openapi.yaml": 405} {
		assert.Contains(t, w.refused(t, status, "DELETE", path, "", w.key())[0], "Cannot DELETE "+path)
	}
}

func TestHeadIsGetWithoutBody(t *testing.T) {
	w := newWorld(t)
	got := w.send(t, "HEAD", w.path("settings"), "", w.admin())
	assert.Equal(t, 200, got.status)
	assert.Empty(t, got.body)
	assert.Equal(t, "GET, HEAD, PATCH", w.send(t, "PUT", w.path("settings"), "", w.admin()).header.Get("Allow"))
}

func TestDateHeaderIsServerClock(t *testing.T) {
	w := newWorld(t)
	for range 2 {
		w.advance(100*365*day + time.Hour)
		for _, path := range []string{"/openapi.yaml", "/portal/x", "/nowhere", "/v1/affiliate", "/v1/affiliate/apply/status?email=a@b.co"} {
			got := w.send(t, "GET", path, "", w.key())
			date, err := http.ParseTime(got.header.Get("Date"))
			require.NoError(t, err)
			assert.Equal(t, start.Add(time.Duration(w.ahead.Load())), date, path)
			reset, err := strconv.ParseInt(got.header.Get("X-RateLimit-Reset"), 10, 64)
			require.NoError(t, err)
			assert.EqualValues(t, 40, reset-date.Unix(), "20 seconds into a minute")
			assert.Len(t, got.header.Values("Date"), 1)
		}
	}
}

func TestRefusalNamesEachProblemOfBody(t *testing.T) {
	w := newWorld(t)
	const path = "/v1/affiliate/apply"
	for _, c := range []struct {
		method, path, body string
		header             []string
		problems           []string
	}{
		{"POST", path, `{}`, w.key(), []string{"email must be an email", "name should not be empty"}},
		{"POST", path, `{"email": 1, "name": null, "company": [], "website": "x", "foo": 1, "bar": 2}`, w.key(), []string{
			"email must be a string", "name must be a string", "company must be a string", "property foo should not exist", "property bar should not exist",
			"website must be an http or https URL",
		}},
		{"POST", path, `{"email": "a@b.co", "name": "A", "Email": "a@b.co"}`, w.key(), []string{"property Email should not exist"}},
		{"POST", path, `{"email": "x@b.co", "name": "A", "email": "y@b.co"}`, w.key(), []string{"email should be given once"}},
		{"POST", "/v1/affiliate/track", `{"code": "", "url": "x", "page": 1}`, w.key(), []string{"property page should not exist", "code should not be empty", "url must be an http or https URL"}},
		{"POST", w.review("cm0"), `{}`, w.admin(), []string{"action must be one of the following values: approve, reject"}},
		{"POST", w.review("cm0"), `{"action": "delete", "code": "x"}`, w.admin(), []string{"code must be 3 to 32 characters of A-Z, 0-9, _ and -", "action must be one of the following values: approve, reject"}},
		{"POST", w.review("cm0"), `{"action": 1}`, w.admin(), []string{"action must be a string"}},
		{"POST", w.review("cm0"), `{"action": "approve", "rejectionReason": "x"}`, w.admin(), []string{"property rejectionReason should not exist"}},
		{"POST", w.review("cm0"), `{"action": "reject", "code": "JANE20"}`, w.admin(), []string{"property code should not exist"}},
		{"POST", w.review("cm0"), `{"action": "approve", "code": "a b"}`, w.admin(), []string{"code must be 3 to 32 characters of A-Z, 0-9, _ and -"}},
		{"PATCH", w.path("settings"), `{"defaultCommissionRate": null, "holdingPeriodDays": "30", "minPayoutAmount": 0.001, "cookieDurationDays": 1.5, "levels": null, "currency": "EUR"}`, w.admin(), []string{
			"defaultCommissionRate must be a number", "holdingPeriodDays must be a number", "minPayoutAmount must be a number with at most two decimals",
			"cookieDurationDays must be an integer number", "levels must be an array", "property currency should not exist",
		}},
		{"PATCH", w.path("settings"), `{"defaultCommissionRate": 100.01, "holdingPeriodDays": 1e400, "minPayoutAmount": -0.01, "cookieDurationDays": 0}`, w.admin(), []string{
			"defaultCommissionRate must not be greater than 100", "holdingPeriodDays must not be greater than 365", "minPayoutAmount must not be less than 0", "cookieDurationDays must not be less than 1",
		}},
		{"PATCH", w.path("settings"), `{"levels": [1]}`, w.admin(), []string{"levels must be an array of objects"}},
		{"PATCH", w.path("settings"), `{"levels": {}}`, w.admin(), []string{"levels must be an array"}},
		{"PATCH", w.path("settings"), `{"levels": [{"name": "A", "minPaidSubscriptions": true, "minMonthlyValue": 0, "commissionRate": 0, "rate": 1}, {}]}`, w.admin(), []string{
			"levels.0.minPaidSubscriptions must be a number", "property levels.0.rate should not exist",
			"levels.1.name should not be empty", "levels.1.minPaidSubscriptions should not be empty", "levels.1.minMonthlyValue should not be empty", "levels.1.commissionRate should not be empty",
		}},
		{"GET", "/v1/affiliate/apply/status", "", w.key(), []string{"email must be an email"}},
		{"GET", "/v1/affiliate/apply/status?email=a@b.co&verbose=1", "", w.key(), []string{"property verbose should not exist"}},
		{"GET", "/v1/affiliate/apply/status?email=a@b.co;x", "", w.key(), []string{"The query of the URL is malformed; escape its values"}},
		{"POST", path + "?dry=1", jane, w.key(), []string{"property dry should not exist"}},
	} {
		assert.Equal(t, c.problems, w.refused(t, 400, c.method, c.path, c.body, c.header), c.body)
	}
	session := w.session(w.partner(t, "p@acme.com", "").CustomerID)
	assert.Equal(t, []string{"notes must be a string", "leadEmail must be an email", "leadName should not be empty"},
		w.refused(t, 400, "POST", "/v1/affiliate/deals", `{"leadEmail": "x", "notes": 1}`, session))
}

func TestRequestsOfPortalAreOfItsApp(t *testing.T) {
	w := newWorld(t)
	w.addApp(t)
	jane := w.partner(t, "jane@acme.com", "JANE").CustomerID
	lee := w.customer(t, program.CustomerParams{Email: "lee@example.com", ReferralCode: "JANE"})
	w.decide(t, w.session(lee), w.ask(t, w.session(jane), lee), "grant")
	link := w.link(t, jane)
	login, err := w.Program.LogInAs(jane, lee)
	require.NoError(t, err)
	w.Requests.Clear()

	b := newBrowser(t, w)
	b.request(t, "GET", link, nil)
	b.open(t, 200, "/portal/users")
	b.request(t, "GET", "/portal/"+login.Token, nil)
	b.open(t, 200, "/portal/as-user")
	b.submit(t, "/portal/as-user/end")
	b.request(t, "GET", "/portal/"+login.Token, nil)
	b.post(t, "/portal/sign-out")
	w.advance(day)
	b.open(t, 410, "/portal/"+login.Token)
	b.open(t, 410, link)
	all := w.Requests.All()
	ofApp, _ := w.Requests.Page(requests.Filter{AppID: w.ID}, 100, 0)
	assert.Len(t, all, 10)
	assert.Len(t, ofApp, len(all))

	b.open(t, 404, link+"A")
	b.open(t, 401, "/portal/as-user")
	ofNone, _ := w.Requests.Page(requests.Filter{}, 100, 0)
	assert.Len(t, ofNone, 2, "whoever forges a link names any app")
}

func TestPanicReturns500AndIsLogged(t *testing.T) {
	var log bytes.Buffer
	broken := false
	w := newWorld(t, func(c *refserver.Config) {
		c.Logger = slog.New(slog.NewTextHandler(&log, nil))
		now := c.Now
		c.Now = func() time.Time {
			if broken {
				panic("the clock is broken")
			}
			return now()
		}
	})
	broken = true
	recorder := httptest.NewRecorder()
	w.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/v1/affiliate", nil))
	got := reply{recorder.Code, recorder.Header(), recorder.Body.String()}

	assert.Equal(t, 500, got.status)
	assert.NotContains(t, got.problems(t)[0], "clock", "what went wrong is for the log only")
	assert.Contains(t, log.String(), "the clock is broken")
	assert.Contains(t, log.String(), got.header.Get("X-Request-Id"))
}
