package control_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/control"
	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// world is a server with an app, a partner, and a control API.
type world struct {
	*refserver.Server
	app     refserver.App
	partner program.Affiliate
	url     string
}

func newWorld(t *testing.T, access control.Access) world {
	server := refserver.New(refserver.Config{Now: func() time.Time { return start }, Seed: "seed"})
	t.Cleanup(server.Close)
	app, err := server.AddApp(refserver.AppParams{ID: "app_test", APIKey: "sk_test", AdminToken: "admin_test"})
	require.NoError(t, err)
	w := world{Server: server, app: app}
	w.partner = w.approve(t, "jane@acme.com", "JANE20")
	controls := control.New(control.Config{Server: server, Initial: server.Snapshot(), Access: access, Logger: slog.New(slog.DiscardHandler)})
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, control.Prefix) {
			controls.ServeHTTP(w, r)
			return
		}
		server.ServeHTTP(w, r)
	}))
	t.Cleanup(listener.Close)
	w.url = listener.URL
	return w
}

func (w world) approve(t *testing.T, email, code string) program.Affiliate {
	application, err := w.app.Program.Apply(program.ApplicationParams{Email: email, Name: "Jane"})
	require.NoError(t, err)
	review, err := w.app.Program.Approve(application.ID, code)
	require.NoError(t, err)
	return *review.Affiliate
}

// send sends a request; a body is JSON unless a header says otherwise.
func (w world) send(t *testing.T, method, path, body string, headers ...string) (status int, response string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, w.url+path, strings.NewReader(body))
	require.NoError(t, err)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			request.Host = headers[i+1]
		}
	}
	got, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(t, err)
	defer got.Body.Close()
	read, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	return got.StatusCode, string(read)
}

func (w world) want(t *testing.T, status int, method, path, body string, headers ...string) string {
	t.Helper()
	got, response := w.send(t, method, path, body, headers...)
	require.Equal(t, status, got, "%s %s: %s", method, path, response)
	return response
}

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var read map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &read), text)
	return read
}

func TestSessionsAreMade(t *testing.T) {
	w := newWorld(t, control.Local)
	for name, body := range map[string]string{
		"of the first app":    `{"customerId": "` + w.partner.CustomerID + `"}`,
		"of an app by its id": `{"customerId": "` + w.partner.CustomerID + `", "appId": "app_test"}`,
	} {
		made := object(t, w.want(t, 201, "POST", "/_mock/sessions", body))
		assert.Equal(t, w.partner.CustomerID, made["customerId"], name)
		assert.Equal(t, start.Add(refserver.SessionLife).Format(time.RFC3339), made["expiresAt"], name)
		shown := w.want(t, 200, "GET", "/v1/affiliate", "", "Authorization", "Bearer "+made["sessionToken"].(string))
		assert.Contains(t, shown, "JANE20", name)
	}
}

func TestClockMoves(t *testing.T) {
	w := newWorld(t, control.Local)
	now := func(response string) string { return object(t, response)["now"].(string) }
	assert.Equal(t, "2026-03-01T12:00:00Z", now(w.want(t, 200, "GET", "/_mock/clock", "")))
	assert.Equal(t, "2026-03-01T13:30:00Z", now(w.want(t, 200, "POST", "/_mock/clock", `{"advance": "1h30m"}`)))
	assert.Equal(t, "2026-03-31T14:30:00Z", now(w.want(t, 200, "POST", "/_mock/clock", `{"advance": "30d1h"}`)))
	assert.Equal(t, "2026-04-01T00:00:00Z", now(w.want(t, 200, "POST", "/_mock/clock", `{"to": "2026-04-01T02:00:00+02:00"}`)))
	assert.Nil(t, object(t, w.want(t, 200, "GET", "/_mock/clock", ""))["nextDue"])
	w.want(t, 404, "POST", "/_mock/clock", `{"toNextDue": true}`)

	_, err := w.app.Program.TrackClick(program.ClickParams{Code: "JANE20"})
	require.NoError(t, err)
	due := "2026-05-01T00:00:00Z"
	assert.Equal(t, due, object(t, w.want(t, 200, "GET", "/_mock/clock", ""))["nextDue"])
	moved := object(t, w.want(t, 200, "POST", "/_mock/clock", `{"toNextDue": true}`))
	assert.Equal(t, due, moved["now"])
	assert.Nil(t, moved["nextDue"])
	assert.Equal(t, due, w.Now().Format(time.RFC3339), "the clock is that of the server")
}

func TestNextDueIsOfWhatStillHappens(t *testing.T) {
	const five = 5 * 24 * time.Hour
	pause := true
	for name, test := range map[string]struct {
		do   func(t *testing.T, w world, customerID string)
		want string
	}{
		"after a subscription is canceled": {func(t *testing.T, w world, customerID string) {
			w.changeOlder(t, customerID, program.SubscriptionChange{Status: program.SubscriptionCanceled})
		}, "2026-04-06T12:00:00Z"},
		"after a subscription is paused": {func(t *testing.T, w world, customerID string) {
			w.changeOlder(t, customerID, program.SubscriptionChange{Paused: &pause})
		}, "2026-04-06T12:00:00Z"},
		"after a commission is voided": {func(t *testing.T, w world, customerID string) {
			older, err := w.app.Program.CreateInvoice(program.InvoiceParams{CustomerID: customerID, Amount: 10_00})
			require.NoError(t, err)
			require.NoError(t, w.Advance(five))
			_, err = w.app.Program.CreateInvoice(program.InvoiceParams{CustomerID: customerID, Amount: 10_00})
			require.NoError(t, err)
			_, err = w.app.Program.RefundInvoice(older.ID, nil)
			require.NoError(t, err)
		}, "2026-04-05T12:00:00Z"},
		"after the payout interval has changed": {func(t *testing.T, w world, _ string) {
			for _, interval := range []program.PayoutInterval{program.PayoutsWeekly, program.PayoutsMonthly} {
				_, err := w.app.Program.SetPayoutSchedule(w.partner.CustomerID, interval)
				require.NoError(t, err)
			}
		}, "2026-04-01T00:00:00Z"},
		"after the payout interval is off": {func(t *testing.T, w world, _ string) {
			_, err := w.app.Program.TrackClick(program.ClickParams{Code: "JANE20"})
			require.NoError(t, err)
			for _, interval := range []program.PayoutInterval{program.PayoutsWeekly, program.PayoutsOff} {
				_, err := w.app.Program.SetPayoutSchedule(w.partner.CustomerID, interval)
				require.NoError(t, err)
			}
		}, "2026-03-31T12:00:00Z"},
		"behind something that happened": {func(t *testing.T, w world, customerID string) {
			w.changeOlder(t, customerID, program.SubscriptionChange{})
			_, err := w.app.Program.SetPayoutSchedule(w.partner.CustomerID, program.PayoutsWeekly)
			require.NoError(t, err)
			older := w.app.Program.Document().Subscriptions[0].ID
			_, err = w.app.Program.UpdateSubscription(older, program.SubscriptionChange{Status: program.SubscriptionCanceled})
			require.NoError(t, err)
			require.NoError(t, w.Advance(25*24*time.Hour)) // past the run of 30 March, which was before it
		}, "2026-04-06T00:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, control.Local)
			user, err := w.app.Program.CreateCustomer(program.CustomerParams{Email: "lee@example.com", ReferralCode: "JANE20"})
			require.NoError(t, err)
			test.do(t, w, user.ID)
			w.want(t, 204, "PUT", "/_mock/snapshot", w.want(t, 200, "GET", "/_mock/snapshot", ""))
			assert.Equal(t, test.want, object(t, w.want(t, 200, "GET", "/_mock/clock", ""))["nextDue"], "restored")
		})
		t.Run(name+", without a restart", func(t *testing.T) {
			w := newWorld(t, control.Local)
			user, err := w.app.Program.CreateCustomer(program.CustomerParams{Email: "lee@example.com", ReferralCode: "JANE20"})
			require.NoError(t, err)
			test.do(t, w, user.ID)
			assert.Equal(t, test.want, object(t, w.want(t, 200, "GET", "/_mock/clock", ""))["nextDue"])
			assert.Equal(t, test.want, object(t, w.want(t, 200, "POST", "/_mock/clock", `{"toNextDue": true}`))["now"])
		})
	}
}

// changeOlder makes two subscriptions, the second five days later, and changes the first.
func (w world) changeOlder(t *testing.T, customerID string, change program.SubscriptionChange) {
	older, err := w.app.Program.Subscribe(program.SubscriptionParams{CustomerID: customerID, Plan: program.Free})
	require.NoError(t, err)
	require.NoError(t, w.Advance(5*24*time.Hour))
	_, err = w.app.Program.Subscribe(program.SubscriptionParams{CustomerID: customerID, Plan: program.Free})
	require.NoError(t, err)
	_, err = w.app.Program.UpdateSubscription(older.ID, change)
	require.NoError(t, err)
}

func TestResponseMayTakeLongerThanOthers(t *testing.T) {
	w := newWorld(t, control.Local)
	controls := control.New(control.Config{Server: w.Server, Access: control.Local, Logger: slog.New(slog.DiscardHandler)})
	listener := httptest.NewUnstartedServer(controls)
	listener.Config.WriteTimeout = time.Nanosecond // which is over before any response
	listener.Start()
	t.Cleanup(listener.Close)
	w.url = listener.URL
	w.want(t, 200, "POST", "/_mock/clock", `{"advance": "1h"}`)
}

func TestFaultsActOnTheAPI(t *testing.T) {
	w := newWorld(t, control.Local)
	added := object(t, w.want(t, 201, "POST", "/_mock/faults", `{"method": "GET", "path": "/v1/affiliate", "status": 503, "times": 1, "header": {"Retry-After": ["3"]}}`))
	id := added["id"].(string)
	w.want(t, 503, "GET", "/v1/affiliate", "")
	w.want(t, 401, "GET", "/v1/affiliate", "")
	listed := object(t, w.want(t, 200, "GET", "/_mock/faults", ""))["data"].([]any)
	require.Len(t, listed, 1)
	assert.Equal(t, id, listed[0].(map[string]any)["id"])
	assert.EqualValues(t, 1, listed[0].(map[string]any)["fired"])

	w.want(t, 204, "DELETE", "/_mock/faults/"+id, "")
	w.want(t, 404, "DELETE", "/_mock/faults/"+id, "")
	w.want(t, 201, "POST", "/_mock/faults", `{"drop": true, "delay": "1ms"}`)
	w.want(t, 200, "GET", "/_mock/clock", "") // the control API has no faults
	w.want(t, 204, "DELETE", "/_mock/faults", "")
	assert.Empty(t, object(t, w.want(t, 200, "GET", "/_mock/faults", ""))["data"])
	w.want(t, 401, "GET", "/v1/affiliate", "")
}

func TestRequestsAreListedWithoutCredentials(t *testing.T) {
	w := newWorld(t, control.Local)
	w.want(t, 200, "GET", "/v1/affiliate/apply/status?email=jane@acme.com", "", "X-Api-Key", "sk_test")
	listed := w.want(t, 200, "GET", "/_mock/requests", "")
	all := object(t, listed)["data"].([]any)
	require.Len(t, all, 1, "those to the control API are not listed")
	assert.Equal(t, "/v1/affiliate/apply/status", all[0].(map[string]any)["path"])
	assert.EqualValues(t, 200, all[0].(map[string]any)["status"])
	assert.NotContains(t, listed, "sk_test")
	w.want(t, 204, "DELETE", "/_mock/requests", "")
	assert.Empty(t, object(t, w.want(t, 200, "GET", "/_mock/requests", ""))["data"])
}

func TestDeliveriesAreListedAndMadeAgain(t *testing.T) {
	w := newWorld(t, control.Local)
	statuses := make(chan int, 2)
	statuses <- 500
	statuses <- 200
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(<-statuses) }))
	t.Cleanup(receiver.Close)
	_, err := w.Webhooks.AddEndpoint(w.app.ID, delivery.EndpointParams{URL: receiver.URL, Secret: "a secret of a webhook"})
	require.NoError(t, err)
	w.approve(t, "joe@acme.com", "JOE20")

	failed := object(t, w.want(t, 200, "GET", "/_mock/deliveries?settle=true", ""))["data"].([]any)[0].(map[string]any)
	assert.Equal(t, "partner_application_approved", failed["eventType"])
	assert.Equal(t, "pending", failed["state"])
	assert.Equal(t, "2026-03-01T12:01:00Z", failed["nextAttempt"])
	assert.EqualValues(t, 500, failed["attempts"].([]any)[0].(map[string]any)["status"])
	assert.Equal(t, "JOE20", failed["body"].(map[string]any)["data"].(map[string]any)["affiliate"].(map[string]any)["code"])

	w.want(t, 202, "POST", "/_mock/deliveries/"+failed["eventId"].(string)+"/redeliver", "")
	again := object(t, w.want(t, 200, "GET", "/_mock/deliveries?settle=true", ""))["data"].([]any)[0].(map[string]any)
	assert.Equal(t, "delivered", again["state"])
	assert.Nil(t, again["nextAttempt"])
	assert.Len(t, again["attempts"], 2)
	w.want(t, 404, "POST", "/_mock/deliveries/evt_none/redeliver", "")
	w.want(t, 400, "GET", "/_mock/deliveries?settle=maybe", "")
}

func TestSnapshotIsRestored(t *testing.T) {
	w := newWorld(t, control.Local)
	before := w.want(t, 200, "GET", "/_mock/snapshot", "")
	w.approve(t, "joe@acme.com", "JOE20")
	require.NoError(t, w.Advance(time.Hour))
	require.NotEqual(t, before, w.want(t, 200, "GET", "/_mock/snapshot", ""))
	w.want(t, 204, "PUT", "/_mock/snapshot", before)
	assert.JSONEq(t, before, w.want(t, 200, "GET", "/_mock/snapshot", ""))

	response := w.want(t, 400, "PUT", "/_mock/snapshot", `{"version": 1, "apps": [{"id": "a/b"}]}`)
	assert.Contains(t, response, "an app id must be")
	assert.JSONEq(t, before, w.want(t, 200, "GET", "/_mock/snapshot", ""), "nothing has changed")
}

func TestSnapshotThatContradictsItsScheduleIsRefused(t *testing.T) {
	w := newWorld(t, control.Local)
	_, err := w.app.Program.SetPayoutSchedule(w.partner.CustomerID, program.PayoutsMonthly)
	require.NoError(t, err)
	snapshot := object(t, w.want(t, 200, "GET", "/_mock/snapshot", ""))
	app := snapshot["apps"].([]any)[0].(map[string]any)
	app["subscriptions"] = []any{map[string]any{"id": "added", "customerId": w.partner.CustomerID, "plan": "pro"}}
	text := func() string {
		written, err := json.Marshal(snapshot)
		require.NoError(t, err)
		return string(written)
	}
	before := w.Snapshot()
	refused := w.want(t, 400, "PUT", "/_mock/snapshot", text())
	assert.Contains(t, object(t, refused)["message"], `schedule: the item "renewal" of the subscription "added" at 2026-04-01T12:00:00Z is missing; leave schedule out and it is made anew`)
	assert.Equal(t, before, w.Snapshot(), "nothing has changed")

	delete(app, "schedule")
	w.want(t, 204, "PUT", "/_mock/snapshot", text())
	require.NoError(t, w.Advance(32*24*time.Hour))
	invoices, err := w.app.Program.Invoices(program.InvoiceQuery{PageQuery: program.PageQuery{Limit: 10}})
	require.NoError(t, err)
	assert.Len(t, invoices.Rows, 1, "it renews")
}

func TestResetReturnsToTheStart(t *testing.T) {
	w := newWorld(t, control.Local)
	before := w.want(t, 200, "GET", "/_mock/snapshot", "")
	w.approve(t, "joe@acme.com", "JOE20")
	w.want(t, 200, "POST", "/_mock/clock", `{"advance": "100d"}`)
	w.want(t, 201, "POST", "/_mock/faults", `{"drop": true}`)
	w.want(t, 204, "POST", "/_mock/reset", "")
	assert.Empty(t, object(t, w.want(t, 200, "GET", "/_mock/faults", ""))["data"])
	assert.Empty(t, object(t, w.want(t, 200, "GET", "/_mock/requests", ""))["data"])
	assert.JSONEq(t, before, w.want(t, 200, "GET", "/_mock/snapshot", ""))
}

func TestRefusalsHaveTheDocumentedShape(t *testing.T) {
	for name, c := range map[string]struct {
		status             int
		method, path, body string
		headers            []string
		want               string
	}{
		"an unknown path":                  {404, "GET", "/_mock/weather", "", nil, "/openapi.yaml"},
		"the prefix alone":                 {404, "GET", "/_mock/", "", nil, "/openapi.yaml"},
		"a path with a slash too many":     {404, "GET", "/_mock//clock", "", nil, "/openapi.yaml"},
		"a method that the path lacks":     {405, "DELETE", "/_mock/clock", "", nil, "GET, HEAD, POST"},
		"a write of the health":            {405, "POST", "/_mock/health", "{}", nil, "GET, HEAD"},
		"a form":                           {415, "POST", "/_mock/clock", "advance=1h", []string{"Content-Type", "application/x-www-form-urlencoded"}, "application/json"},
		"a snapshot as text":               {415, "PUT", "/_mock/snapshot", "{}", []string{"Content-Type", "text/plain"}, "application/json"},
		"an empty body":                    {400, "POST", "/_mock/clock", "", []string{"Content-Type", "application/json"}, "empty"},
		"broken JSON":                      {400, "POST", "/_mock/clock", "{", nil, "JSON"},
		"two objects":                      {400, "POST", "/_mock/clock", `{"advance": "1h"}{}`, nil, "single"},
		"an array":                         {400, "POST", "/_mock/clock", "[]", nil, "object"},
		"an unknown field":                 {400, "POST", "/_mock/clock", `{"forward": "1h"}`, nil, "forward should not exist"},
		"a field of another type":          {400, "POST", "/_mock/clock", `{"advance": 5}`, nil, "advance must not be a number"},
		"a header that is not an array":    {400, "POST", "/_mock/faults", `{"status": 429, "header": {"Retry-After": "2"}}`, nil, "header must be an object of arrays of strings"},
		"a delay as a number":              {400, "POST", "/_mock/faults", `{"delay": 2}`, nil, "delay must be a string"},
		"no way to move the clock":         {400, "POST", "/_mock/clock", `{}`, nil, "exactly one of the fields"},
		"two ways to move the clock":       {400, "POST", "/_mock/clock", `{"advance": "1h", "toNextDue": true}`, nil, "exactly one of the fields"},
		"not to what falls due":            {400, "POST", "/_mock/clock", `{"toNextDue": false}`, nil, "toNextDue must be true"},
		"a duration without a unit":        {400, "POST", "/_mock/clock", `{"advance": "5"}`, nil, "advance must be a duration"},
		"a duration of nothing":            {400, "POST", "/_mock/clock", `{"advance": ""}`, nil, "advance must be a duration"},
		"a day without a number":           {400, "POST", "/_mock/clock", `{"advance": "d"}`, nil, "advance must be a duration"},
		"a duration back":                  {400, "POST", "/_mock/clock", `{"advance": "-1h"}`, nil, "advance is not possible: time cannot go backwards"},
		"days back":                        {400, "POST", "/_mock/clock", `{"advance": "1d-1h"}`, nil, "advance must be a duration"},
		"a time of the past":               {400, "POST", "/_mock/clock", `{"to": "2020-01-01T00:00:00Z"}`, nil, "to is not possible: time cannot go backwards"},
		"a time too far ahead":             {400, "POST", "/_mock/clock", `{"to": "9999-12-31T00:00:00Z"}`, nil, "to is not possible: a server can be advanced"},
		"too many days":                    {400, "POST", "/_mock/clock", `{"advance": "4294967295d"}`, nil, "advance is not possible: a server can be advanced"},
		"a session without a customer":     {400, "POST", "/_mock/sessions", `{}`, nil, "customerId should not be empty"},
		"a session of an unknown customer": {404, "POST", "/_mock/sessions", `{"customerId": "cust_none"}`, nil, "customer"},
		"a session of an unknown app":      {404, "POST", "/_mock/sessions", `{"customerId": "x", "appId": "app_none"}`, nil, "app_none"},
		"a fault without an effect":        {400, "POST", "/_mock/faults", `{"path": "/v1/affiliate"}`, nil, "nothing goes wrong"},
		"a fault with a wrong status":      {400, "POST", "/_mock/faults", `{"status": 99}`, nil, "status: 99"},
		"a snapshot of another version":    {400, "PUT", "/_mock/snapshot", `{"version": 9}`, nil, "version"},
		"a snapshot with unknown fields":   {400, "PUT", "/_mock/snapshot", `{"version": 1, "color": "green"}`, nil, `"the document: unknown field \"color\""`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, control.Local)
			before := w.Snapshot()
			response := w.want(t, c.status, c.method, c.path, c.body, c.headers...)
			refused := object(t, response)
			assert.EqualValues(t, c.status, refused["statusCode"])
			assert.NotEmpty(t, refused["code"])
			assert.Equal(t, http.StatusText(c.status), refused["error"])
			assert.Contains(t, response, c.want)
			assert.Equal(t, before, w.Snapshot(), "nothing has changed")
		})
	}
}

func TestAccess(t *testing.T) {
	for name, c := range map[string]struct {
		access control.Access
		header []string
		status int
	}{
		"local, for a loopback address":            {control.Local, nil, 200},
		"local, for localhost":                     {control.Local, []string{"Host", "localhost:4010"}, 200},
		"local, for a name below localhost":        {control.Local, []string{"Host", "Mock.Localhost."}, 200},
		"local, for the loopback address of IPv6":  {control.Local, []string{"Host", "[::1]:4010"}, 200},
		"local, for one that an IPv6 address maps": {control.Local, []string{"Host", "[::ffff:127.0.0.1]"}, 200},
		"local, for a name that leads to loopback": {control.Local, []string{"Host", "rebound.example:4010"}, 403},
		"local, for a name that looks like it":     {control.Local, []string{"Host", "localhost.example"}, 403},
		"local, for an address of a network":       {control.Local, []string{"Host", "192.0.2.1"}, 403},
		"none":                                     {control.None, nil, 403},
		"none, for localhost":                      {control.None, []string{"Host", "localhost"}, 403},
		"public, for a name":                       {control.Public, []string{"Host", "mock.example.com"}, 200},
		"public, for a loopback address":           {control.Public, nil, 200},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.access)
			w.want(t, c.status, "GET", "/_mock/clock", "", c.header...)
			w.want(t, c.status, "POST", "/_mock/clock", `{"advance": "1h"}`, c.header...)
			assert.Equal(t, c.status == 200, w.Now().After(start))
			assert.JSONEq(t, `{"status": "ok"}`, w.want(t, 200, "GET", "/_mock/health", "", c.header...), "a health check works always")
		})
	}
}

func TestPageOfAnotherSiteCannotWrite(t *testing.T) {
	for name, header := range map[string][]string{
		"by its origin":         {"Origin", "https://evil.example"},
		"by its fetch metadata": {"Sec-Fetch-Site", "cross-site"},
	} {
		for _, access := range []control.Access{control.Local, control.Public} {
			w := newWorld(t, access)
			w.want(t, 403, "POST", "/_mock/clock", `{"advance": "1h"}`, header...)
			w.want(t, 403, "POST", "/_mock/reset", "", header...)
			w.want(t, 403, "DELETE", "/_mock/requests", "", header...)
			assert.Equal(t, start, w.Now(), name)
		}
	}
}
