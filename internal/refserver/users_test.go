package refserver_test

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

const (
	users    = account + "users"
	accesses = "/v1/affiliate/access"
)

// ask requests access to a user's account and gives its id.
func (w world) ask(t testing.TB, partner []string, userID string) string {
	t.Helper()
	asked := w.send(t, "POST", users+"/"+userID+"/access", `{}`, partner)
	require.Equal(t, 201, asked.status, asked.body)
	return asked.json(t)["id"].(string)
}

// decide is what a user says to a request for access.
func (w world) decide(t testing.TB, user []string, accessID, action string) {
	t.Helper()
	decided := w.send(t, "POST", accesses+"/"+accessID, `{"action": "`+action+`"}`, user)
	require.Equal(t, 200, decided.status, decided.body)
}

// userRefusals are those of users, access, customers and partners.
func (w world) userRefusals(t *testing.T) map[string]refusal {
	partner, rival := w.session(w.partner(t, "jane@acme.com", "JANE").CustomerID), w.session(w.partner(t, "rival@acme.com", "RIVAL").CustomerID)
	old := w.customer(t, program.CustomerParams{Email: "old@example.com"})
	w.advance(7 * day)
	nobody := w.session(w.customer(t, program.CustomerParams{Email: "nobody@example.com"}))
	user := w.customer(t, program.CustomerParams{Email: "user@example.com", ReferralCode: "JANE"})
	asked := w.customer(t, program.CustomerParams{Email: "asked@example.com", ReferralCode: "JANE"})
	requested := w.ask(t, partner, asked)
	granting := w.customer(t, program.CustomerParams{Email: "granting@example.com", ReferralCode: "JANE"})
	granted := w.ask(t, partner, granting)
	w.decide(t, w.session(granting), granted, "grant")
	withdrawing := w.customer(t, program.CustomerParams{Email: "withdrawing@example.com", ReferralCode: "JANE"})
	withdrawn := w.ask(t, partner, withdrawing)
	w.decide(t, w.session(withdrawing), withdrawn, "grant")
	w.decide(t, w.session(withdrawing), withdrawn, "withdraw")

	get := func(code, path string, as []string) refusal { return refusal{code, "GET", path, "", as} }
	post := func(code, path, body string, as []string) refusal { return refusal{code, "POST", path, body, as} }
	link := func(code, email string) refusal {
		return post(code, users+"/link", fmt.Sprintf(`{"email": %q}`, email), partner)
	}
	step := func(code, accessID, action, customerID string) refusal {
		return post(code, accesses+"/"+accessID, `{"action": "`+action+`"}`, w.session(customerID))
	}
	return map[string]refusal{
		"the deals of a customer":                    get("AFFILIATE_NOT_FOUND", "/v1/affiliate/deals", nobody),
		"users of an unknown filter":                 get("VALIDATION_ERROR", users+"?filter=active", partner),
		"users of a filter without a value":          get("VALIDATION_ERROR", users+"?filter=", partner),
		"users of an unknown parameter":              get("VALIDATION_ERROR", users+"?status=error", partner),
		"users of a cursor of no page":               get("VALIDATION_ERROR", users+"?cursor=AQAAAGQ", partner),
		"another partner's user":                     get("CUSTOMER_NOT_FOUND", users+"/"+user, rival),
		"nobody's user":                              get("CUSTOMER_NOT_FOUND", users+"/"+old, partner),
		"a sub account with a code":                  post("VALIDATION_ERROR", users, `{"email": "new@example.com", "referralCode": "JANE"}`, partner),
		"a sub account of a customer's email":        post("ALREADY_EXISTS", users, `{"email": "OLD@example.com"}`, partner),
		"an email that no customer has":              link("CUSTOMER_NOT_FOUND", "new@example.com"),
		"the partner's own email":                    link("OWN_ACCOUNT", "JANE@acme.com"),
		"a customer who is the partner's already":    link("ALREADY_ATTRIBUTED", "user@example.com"),
		"a customer who signed up 7 days ago":        link("LINK_PERIOD_OVER", "old@example.com"),
		"another's customer":                         post("ALREADY_ATTRIBUTED", users+"/link", `{"email": "user@example.com"}`, rival),
		"access with a field":                        post("VALIDATION_ERROR", users+"/"+user+"/access", `{"status": "granted"}`, partner),
		"access that is requested":                   post("ACCESS_STATUS", users+"/"+asked+"/access", `{}`, partner),
		"access that is granted":                     post("ACCESS_STATUS", users+"/"+granting+"/access", `{}`, partner),
		"a login without a request":                  post("ACCESS_NOT_GRANTED", users+"/"+user+"/login", `{}`, partner),
		"a login before the grant":                   post("ACCESS_NOT_GRANTED", users+"/"+asked+"/login", `{}`, partner),
		"a login after a withdrawal":                 post("ACCESS_NOT_GRANTED", users+"/"+withdrawing+"/login", `{}`, partner),
		"a grant of what another customer was asked": step("ACCESS_NOT_FOUND", requested, "grant", user),
		"a grant of the partner itself":              post("ACCESS_NOT_FOUND", accesses+"/"+requested, `{"action": "grant"}`, partner),
		"a grant of nothing":                         step("ACCESS_NOT_FOUND", "x", "grant", asked),
		"a second grant":                             step("ACCESS_STATUS", granted, "grant", granting),
		"declining what is granted":                  step("ACCESS_STATUS", granted, "decline", granting),
		"withdrawing what is requested":              step("ACCESS_STATUS", requested, "withdraw", asked),
		"granting what is withdrawn":                 step("ACCESS_STATUS", withdrawn, "grant", withdrawing),
		"an unknown decision":                        step("VALIDATION_ERROR", requested, "approve", asked),
		"no decision":                                post("MISSING_REQUIRED_FIELD", accesses+"/"+requested, `{}`, w.session(asked)),
		"access of an unknown status":                get("VALIDATION_ERROR", accesses+"?status=none", nobody),
		"deals of an unknown status":                 get("VALIDATION_ERROR", "/v1/affiliate/deals?status=open", partner),
		"a session of a chosen life":                 post("VALIDATION_ERROR", w.appPath("customers/"+user+"/sessions"), `{"days": 1}`, w.admin()),
		"a customer of an email that is taken":       post("ALREADY_EXISTS", w.appPath("customers"), `{"email": "User@example.com"}`, w.admin()),
		"a customer without an email":                post("MISSING_REQUIRED_FIELD", w.appPath("customers"), `{}`, w.admin()),
		"a customer who is made a partner's":         post("VALIDATION_ERROR", w.appPath("customers"), `{"email": "a@b.co", "affiliateId": "x"}`, w.admin()),
		"a blank name":                               {"MISSING_REQUIRED_FIELD", "PATCH", w.appPath("customers/" + user), `{"name": " "}`, w.admin()},
		"a change of nothing":                        {"MISSING_REQUIRED_FIELD", "PATCH", w.appPath("customers/" + user), `{}`, w.admin()},
		"a change of the email":                      {"VALIDATION_ERROR", "PATCH", w.appPath("customers/" + user), `{"name": "X", "email": "x@b.co"}`, w.admin()},
		"a partner by its customer":                  get("AFFILIATE_NOT_FOUND", w.path("partners/"+user), w.admin()),
	}
}

func TestARefusalSaysWhatToDoNext(t *testing.T) {
	w := newWorld(t)
	next := map[string]string{
		"a sub account of a customer's email":     "add it as an existing user instead, within 7 days of its sign-up",
		"an email that no customer has":           "create a sub account for it instead",
		"the partner's own email":                 "give the email of a client",
		"a customer who is the partner's already": "there is nothing to add",
		"another's customer":                      "only a customer who is nobody's can be added",
		"a customer who signed up 7 days ago":     "which were over at 2026-03-08T12:00:20Z; add the next one in time",
		"another partner's user":                  "GET /v1/affiliate/account/users lists them",
		"access that is requested":                "the user has to grant or decline it first",
		"access that is granted":                  "log in as the user instead",
		"a login without a request":               "request access first",
		"a login before the grant":                "it has not decided on the request yet",
		"a login after a withdrawal":              "it has withdrawn the last request; request access again",
		"a second grant":                          "withdraw it to end it",
		"withdrawing what is requested":           "grant or decline it first",
		"granting what is withdrawn":              "the partner has to ask again",
		"a grant of nothing":                      "GET /v1/affiliate/access lists what it was asked for",
		"a partner by its customer":               "it is the id of the affiliate, not that of the customer",
	}
	refusals := w.userRefusals(t)
	for name, want := range next {
		r, known := refusals[name]
		require.True(t, known, name)
		got := w.try(t, r)
		assert.Contains(t, strings.Join(got.problems(t), "; "), want, name)
	}
}

func TestUsers(t *testing.T) {
	w := newWorld(t)
	jane := w.session(w.partner(t, "jane@acme.com", "JANE").CustomerID)
	early := w.customer(t, program.CustomerParams{Email: "early@example.com", Name: "Early"})
	w.advance(time.Minute)
	referred := w.customer(t, program.CustomerParams{Email: "referred@example.com", ReferralCode: "JANE"})
	w.advance(time.Minute)
	none := `"subscriptions": {"free": 0, "pro": 0, "business": 0, "enterprise": 0}, "limitExceeded": 0, "errors": 0, "monthlyValue": 0, "earned": 0`

	linked := w.want(t, 201, fmt.Sprintf(`{"id": %q, "email": "early@example.com", "name": "Early", "source": "linked", "access": "none",
		"createdAt": "2026-03-01T12:00:20Z", "attributedAt": "2026-03-01T12:02:20Z", %s}`, early, none),
		"POST", users+"/link", `{"email": "EARLY@example.com"}`, jane)
	created := w.send(t, "POST", users, `{"email": "sub@example.com", "name": "Sub"}`, jane)
	require.Equal(t, 201, created.status, created.body)
	sub := created.json(t)["id"].(string)
	assert.JSONEq(t, fmt.Sprintf(`{"id": %q, "email": "sub@example.com", "name": "Sub", "source": "sub_account", "access": "none",
		"createdAt": "2026-03-01T12:02:20Z", "attributedAt": "2026-03-01T12:02:20Z", %s}`, sub, none), created.body)

	assert.Equal(t, []any{sub, early, referred}, column(w.rows(t, users, jane), "id"), "by attribution, not by sign-up")
	w.want(t, 200, linked.body, "GET", users+"/"+early, "", jane)

	subscribe := func(customerID, plan string) string {
		return w.create(t, "subscriptions", fmt.Sprintf(`{"customerId": %q, "plan": %q}`, customerID, plan))
	}
	exceeding, failing := subscribe(early, "pro"), subscribe(early, "business")
	subscribe(early, "free")
	update := func(id, body string) { w.send(t, "PATCH", w.appPath("subscriptions/"+id), body, w.admin()) }
	filtered := func(filter string) []any { return column(w.rows(t, users+"?filter="+filter, jane), "id") }
	assert.Empty(t, filtered("limit_exceeded"))
	update(exceeding, `{"status": "limit_exceeded"}`)
	update(failing, `{"status": "error"}`)
	update(subscribe(referred, "free"), `{"status": "error"}`)
	assert.Equal(t, []any{early}, filtered("limit_exceeded"))
	assert.Equal(t, []any{early, referred}, filtered("error"))
	w.want(t, 200, fmt.Sprintf(`{"id": %q, "email": "early@example.com", "name": "Early", "source": "linked", "access": "none",
		"createdAt": "2026-03-01T12:00:20Z", "attributedAt": "2026-03-01T12:02:20Z",
		"subscriptions": {"free": 1, "pro": 1, "business": 1, "enterprise": 0}, "limitExceeded": 1, "errors": 1, "monthlyValue": 24, "earned": 24}`, early),
		"GET", users+"/"+early, "", jane)
	assert.Equal(t, []any{"free", "business", "pro"}, column(w.rows(t, users+"/"+early+"/subscriptions", jane), "plan"))

	update(exceeding, `{"status": "active"}`)
	update(failing, `{"status": "canceled"}`)
	assert.Empty(t, filtered("limit_exceeded"))
	assert.Equal(t, []any{referred}, filtered("error"))
}

func TestUserIsListedBySubscriptionStatusOnceAttributed(t *testing.T) {
	w := newWorld(t)
	jane := w.session(w.partner(t, "jane@acme.com", "JANE").CustomerID)
	early := w.customer(t, program.CustomerParams{Email: "early@example.com"})
	subscription := w.create(t, "subscriptions", fmt.Sprintf(`{"customerId": %q, "plan": "pro"}`, early))
	w.send(t, "PATCH", w.appPath("subscriptions/"+subscription), `{"status": "error"}`, w.admin())
	assert.Empty(t, w.rows(t, users+"?filter=error", jane))
	w.send(t, "POST", users+"/link", `{"email": "early@example.com"}`, jane)
	assert.Equal(t, []any{early}, column(w.rows(t, users+"?filter=error", jane), "id"))
}

func TestAccess(t *testing.T) {
	w := newWorld(t)
	jane := w.partner(t, "jane@acme.com", "JANE")
	partner := w.session(jane.CustomerID)
	lee := w.customer(t, program.CustomerParams{Email: "lee@example.com", ReferralCode: "JANE"})
	user := w.session(lee)
	status := func() any { return w.send(t, "GET", users+"/"+lee, "", partner).json(t)["access"] }
	body := func(id, rest string) string {
		return fmt.Sprintf(`{"id": %q, "affiliateId": %q, "affiliateName": "Jane Smith", "affiliateEmail": "jane@acme.com", "userId": %q, "userEmail": "lee@example.com",
			"requestedAt": "2026-03-01T12:00:20Z", %s}`, id, jane.ID, lee, rest)
	}

	assert.Equal(t, "none", status())
	w.want(t, 200, `{"data": [], "pagination": {"hasMore": false}}`, "GET", accesses, "", user)
	first := w.ask(t, partner, lee)
	assert.Equal(t, "requested", status())
	w.want(t, 200, `{"data": [`+body(first, `"status": "requested"`)+`], "pagination": {"hasMore": false}}`, "GET", accesses, "", user)
	w.advance(time.Hour)
	w.want(t, 200, body(first, `"status": "declined", "decidedAt": "2026-03-01T13:00:20Z"`), "POST", accesses+"/"+first, `{"action": "decline"}`, user)
	assert.Equal(t, "declined", status())

	second := w.ask(t, partner, lee)
	assert.NotEqual(t, first, second)
	w.decide(t, user, second, "grant")
	assert.Equal(t, "granted", status())
	w.decide(t, user, second, "withdraw")
	assert.Equal(t, "withdrawn", status())
	third := w.ask(t, partner, lee)

	assert.Equal(t, []any{third, second, first}, column(w.rows(t, accesses, user), "id"), "newest first")
	assert.Equal(t, []any{second}, column(w.rows(t, accesses+"?status=withdrawn", user), "id"))
	assert.Empty(t, w.rows(t, accesses, partner), "the partner itself was asked for nothing")
}

func TestLogInAs(t *testing.T) {
	w := newWorld(t)
	jane := w.partner(t, "jane@acme.com", "JANE")
	partner := w.session(jane.CustomerID)
	lee := w.customer(t, program.CustomerParams{Email: "lee@example.com", Name: `<script>alert("lee")</script>`, ReferralCode: "JANE"})
	user := w.session(lee)
	access := w.ask(t, partner, lee)
	w.decide(t, user, access, "grant")
	logIn := func() string {
		link := w.send(t, "POST", users+"/"+lee+"/login", `{}`, partner)
		require.Equal(t, 201, link.status, link.body)
		path, ok := strings.CutPrefix(link.json(t)["url"].(string), w.url)
		require.True(t, ok, "the link leads to the server that gave it")
		assert.Equal(t, w.Now().Add(10*time.Minute).UTC().Format(time.RFC3339), link.json(t)["expiresAt"])
		return path
	}
	// open opens a link in a browser, and goes where it leads.
	open := func(path string, status int, shown ...string) *browser {
		t.Helper()
		b := newBrowser(t, w)
		page := b.request(t, "GET", path, nil)
		if status == 200 {
			require.Equal(t, 303, page.status)
			require.Equal(t, "/portal/as-user", page.header.Get("Location"))
			page = b.request(t, "GET", "/portal/as-user", nil)
		}
		assert.Equal(t, status, page.status)
		for _, text := range shown {
			assert.Contains(t, page.body, text)
		}
		assertPage(t, page)
		return b
	}

	path := logIn()
	b := open(path, 200, "You are <strong>Jane Smith</strong> (jane@acme.com), partner JANE. You are viewing the account of <strong>&lt;script&gt;", "(lee@example.com) as that user", "1 Mar 2026, 12:10 UTC")
	b.open(t, 401, "/portal") // a login shows nothing of the partner
	open(path+"A", 404, "Link unknown")
	open("/portal/"+w.ID+".login.", 404, "Link unknown")
	open("/portal/other.login.AAAA", 404, "Link unknown")
	w.advance(10*time.Minute - time.Nanosecond)
	open(path, 200)
	assert.Contains(t, b.open(t, 200, "/portal/as-user").body, "Times are in UTC; this page was made on")
	w.advance(time.Nanosecond)
	open(path, 410, "Link expired")
	assert.Contains(t, b.open(t, 410, "/portal/as-user").body, "Link expired")
	b.open(t, 401, "/portal/as-user")

	path = logIn()
	b = open(path, 200)
	w.decide(t, user, access, "withdraw")
	open(path, 403, "Access withdrawn", "Request access again")
	b.open(t, 403, "/portal/as-user")
	w.decide(t, user, w.ask(t, partner, lee), "grant")
	open(path, 403, "Access withdrawn")
	b = open(logIn(), 200)
	assert.Equal(t, 303, b.post(t, "/portal/as-user/end").status)
	b.open(t, 401, "/portal/as-user")
	w.advance(10 * time.Minute)
	open(path, 410)
}

func TestLoginAsUserFromThePortal(t *testing.T) {
	w := newWorld(t)
	jane := w.partner(t, "jane@acme.com", "JANE").CustomerID
	lee := w.customer(t, program.CustomerParams{Email: "lee@example.com", ReferralCode: "JANE"})
	_, err := w.Program.Subscribe(program.SubscriptionParams{CustomerID: lee, Plan: program.Pro, Name: "Shop"})
	require.NoError(t, err)
	b := w.visitor(t, jane)
	page := b.submit(t, "/portal/users/"+lee+"/access").body
	assert.Contains(t, page, "The user has not decided yet")
	asked := column(w.rows(t, accesses, w.session(lee)), "id")
	w.decide(t, w.session(lee), asked[0].(string), "grant")

	got := b.post(t, "/portal/users/"+lee+"/login")
	assert.Equal(t, "/portal/as-user", got.header.Get("Location"), "without a token")
	page = b.open(t, 200, "/portal/as-user").body
	assert.Contains(t, page, "lee@example.com")
	assert.Contains(t, page, "Shop")
	b.submit(t, "/portal/as-user/end")
	b.open(t, 401, "/portal/as-user")
	b.open(t, 200, "/portal")

	b.post(t, "/portal/users/"+lee+"/login")
	b.submit(t, "/portal/sign-out")
	b.open(t, 401, "/portal/as-user")

	b = w.visitor(t, jane)
	b.post(t, "/portal/users/"+lee+"/login")
	b.request(t, "GET", w.link(t, jane), nil)
	b.open(t, 200, "/portal/as-user")
	b.request(t, "GET", w.link(t, w.partner(t, "rick@acme.com", "RICK").CustomerID), nil)
	b.open(t, 401, "/portal/as-user") // it was Jane's
}

func TestCustomersOfAnAdmin(t *testing.T) {
	w := newWorld(t)
	jane := w.partner(t, "jane@acme.com", "JANE")
	created := w.send(t, "POST", w.appPath("customers"), `{"email": "lee@example.com", "name": "Lee", "referralCode": "jane"}`, w.admin())
	require.Equal(t, 201, created.status, created.body)
	lee := created.json(t)["id"].(string)
	body := fmt.Sprintf(`{"id": %q, "email": "lee@example.com", "name": "Lee", "affiliateId": %q, "createdAt": "2026-03-01T12:00:20Z"}`, lee, jane.ID)
	assert.JSONEq(t, body, created.body)
	w.want(t, 200, body, "GET", w.appPath("customers/"+lee), "", w.admin())
	renamed := strings.Replace(body, `"Lee"`, `"Lee Wong"`, 1)
	w.want(t, 200, renamed, "PATCH", w.appPath("customers/"+lee), `{"name": "Lee Wong"}`, w.admin())
	assert.Equal(t, []any{lee, jane.CustomerID}, column(w.rows(t, w.appPath("customers"), w.admin()), "id"))

	session := w.send(t, "POST", w.appPath("customers/"+jane.CustomerID+"/sessions"), `{}`, w.admin())
	require.Equal(t, 201, session.status, session.body)
	assert.Equal(t, jane.CustomerID, session.json(t)["customerId"])
	assert.Equal(t, "2026-05-30T12:00:20Z", session.json(t)["expiresAt"])
	token := session.json(t)["sessionToken"].(string)
	assert.Equal(t, "JANE", w.send(t, "GET", "/v1/affiliate", "", bearer(token)).json(t)["code"])

	tracked := w.send(t, "POST", "/v1/affiliate/track", `{"code": "JANE"}`, w.key()).json(t)["clickId"].(string)
	byClick := w.send(t, "POST", w.appPath("customers"), fmt.Sprintf(`{"email": "click@example.com", "clickId": %q}`, tracked), w.admin()).json(t)
	assert.Equal(t, jane.ID, byClick["affiliateId"])
	assert.Equal(t, "click", w.send(t, "GET", users+"/"+byClick["id"].(string), "", w.session(jane.CustomerID)).json(t)["source"])
}

func TestPartnersOfAnAdmin(t *testing.T) {
	w := newWorld(t)
	jane := w.partner(t, "jane@acme.com", "JANE")
	lee := w.customer(t, program.CustomerParams{Email: "lee@example.com", ReferralCode: "JANE"})
	w.create(t, "subscriptions", fmt.Sprintf(`{"customerId": %q, "plan": "pro"}`, lee))
	w.create(t, "subscriptions", fmt.Sprintf(`{"customerId": %q, "plan": "free"}`, lee))
	john := w.partner(t, "john@acme.com", "JOHN")

	w.want(t, 200, fmt.Sprintf(`{"enrolled": true, "id": %q, "customerId": %q, "code": "JANE", "type": "partner", "status": "active", "commissionRate": 20,
		"totalEarned": 4, "pendingBalance": 4, "createdAt": "2026-03-01T12:00:20Z", "name": "Jane Smith", "email": "jane@acme.com",
		"balances": {"earned": 4, "inReview": 4, "ready": 0, "debt": 0, "inPayout": 0, "paid": 0}, "customers": 1, "subscriptions": 2}`, jane.ID, jane.CustomerID),
		"GET", w.path("partners/"+jane.ID), "", w.admin())
	assert.Equal(t, []any{john.ID, jane.ID}, column(w.rows(t, w.path("partners"), w.admin()), "id"))
}

func TestDashboardShowsWhatThePartnerEarns(t *testing.T) {
	w := newWorld(t)
	jane := w.partner(t, "jane@acme.com", "JANE")
	partner := w.session(jane.CustomerID)
	var newest []any
	for i := range 6 {
		id := w.customer(t, program.CustomerParams{Email: fmt.Sprintf("%d@example.com", i), ReferralCode: "JANE"})
		newest = append([]any{id}, newest...)
	}
	w.pay(t, newest[0].(string), 1000_00)
	w.advance(30 * day)
	payout := w.send(t, "POST", account+"payouts", `{}`, partner).json(t)["id"]
	w.create(t, "subscriptions", fmt.Sprintf(`{"customerId": %q, "plan": "pro"}`, newest[5]))
	w.pay(t, newest[1].(string), 100_00)

	got := w.send(t, "GET", "/v1/affiliate/dashboard", "", partner).json(t)
	assert.Equal(t, map[string]any{"inReview": 24.0, "ready": 0.0, "debt": 0.0, "inPayout": 200.0, "paid": 0.0, "monthlyValue": 4.0}, got["earnings"])
	assert.Equal(t, newest[:5], column(got["recentUsers"].([]any), "id"))
	assert.Equal(t, 200.0, got["recentUsers"].([]any)[0].(map[string]any)["earned"])
	assert.Equal(t, []any{payout}, column(got["recentPayouts"].([]any), "id"))
	assert.NotContains(t, got["recentPayouts"].([]any)[0], "affiliateId", "that is for an admin")
	assert.Equal(t, 6.0, got["stats"].(map[string]any)["customers"])
}

func TestInfoShowsTheWayToTheNextLevel(t *testing.T) {
	w := newWorld(t)
	partner := w.session(w.partner(t, "jane@acme.com", "JANE").CustomerID)
	w.send(t, "PATCH", w.path("settings"), `{"levels": [
		{"name": "Gold", "minPaidSubscriptions": 3, "minMonthlyValue": 50, "commissionRate": 30},
		{"name": "Silver", "minPaidSubscriptions": 2, "minMonthlyValue": 0, "commissionRate": 25},
		{"name": "Lead", "minPaidSubscriptions": 1, "minMonthlyValue": 0, "commissionRate": 10}]}`, w.admin())
	lee := w.customer(t, program.CustomerParams{Email: "lee@example.com", ReferralCode: "JANE"})
	info := func() map[string]any { return w.send(t, "GET", account+"info", "", partner).json(t) }
	level := func(name string, paid, value, rate float64) map[string]any {
		return map[string]any{"name": name, "minPaidSubscriptions": paid, "minMonthlyValue": value, "commissionRate": rate}
	}
	next := func(level map[string]any, paid, value float64) map[string]any {
		level["missingPaidSubscriptions"], level["missingMonthlyValue"] = paid, value
		return level
	}

	got := info()
	assert.NotContains(t, got, "level")
	assert.Equal(t, next(level("Silver", 2, 0, 25), 2, 0), got["nextLevel"], "the next is the one with the least rate above the present")
	assert.Equal(t, "https://yoursite.com?ref=JANE", got["referralLink"])
	assert.Equal(t, []any{"Jane Smith", "jane@acme.com", 50.0, 0.0, 0.0}, []any{got["name"], got["email"], got["minPayoutAmount"], got["paidSubscriptions"], got["monthlyReferralValue"]})

	subscribe := func() string {
		return w.create(t, "subscriptions", fmt.Sprintf(`{"customerId": %q, "plan": "pro"}`, lee))
	}
	subscribe()
	got = info()
	assert.Equal(t, level("Lead", 1, 0, 10), got["level"], "a level is reached that pays less than the default rate")
	assert.Equal(t, 20.0, got["affiliate"].(map[string]any)["commissionRate"])
	assert.Equal(t, next(level("Silver", 2, 0, 25), 1, 0), got["nextLevel"])

	second := subscribe()
	got = info()
	assert.Equal(t, level("Silver", 2, 0, 25), got["level"])
	assert.Equal(t, next(level("Gold", 3, 50, 30), 1, 10), got["nextLevel"])
	assert.Equal(t, []any{2.0, 40.0}, []any{got["paidSubscriptions"], got["monthlyReferralValue"]})

	subscribe()
	got = info()
	assert.Equal(t, level("Gold", 3, 50, 30), got["level"])
	assert.NotContains(t, got, "nextLevel")
	w.send(t, "PATCH", w.appPath("subscriptions/"+second), `{"paused": true}`, w.admin())
	assert.Equal(t, "Silver", info()["level"].(map[string]any)["name"])
}

func TestABadgeIsSafeWhateverThePartnerIsCalled(t *testing.T) {
	for name, c := range map[string]struct{ given, shown string }{
		"a plain name":              {"Jane Smith", "Jane Smith"},
		"markup":                    {`</text><script>alert("x")</script>`, `</text><script>alert("x")</scr…`},
		"an attribute":              {`" onload="x' & y`, `" onload="x' & y`},
		"control characters":        {"Jane\x00\x1b\r\nSmith", "Jane Smith"},
		"text that turns around":    {"Jane\u202egnp.exe", "Jane gnp.exe"},
		"a very long name":          {strings.Repeat("é", 200), strings.Repeat("é", 30) + "…"},
		"what XML cannot have":      {"Jane\uffff", "Jane\ufffd"},
		"a name that shows nothing": {"\u200b\u200b", "BADGE-1"},
		"fillers":                   {"\u3164\u2800 \u115f\uffa0", "BADGE-1"},
		"fillers before a name":     {strings.Repeat("\u3164\u2800", 30) + "Jane", "Jane"},
		"combining marks alone":     {"\u0301\u20dd \u0301\u034f\ufe0f", "BADGE-1"},
		"marks before a name":       {strings.Repeat("\u0301 ", 30) + "Jane", "Jane"},
		"marks of letters":          {"Jane\u0301 \u2764\ufe0f", "Jane\u0301 \u2764\ufe0f"},
		"a musical note of nothing": {"\U0001d159", "BADGE-1"},
		"no name":                   {"", "BADGE-1"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(c *refserver.Config) { c.SiteURL = `https://shop.example.com/?a="b"&c=<d>` })
			jane := w.partner(t, "jane@acme.com", "BADGE-1")
			document := w.Snapshot()
			for _, customer := range document.Apps[0].Customers {
				if customer.ID == jane.CustomerID {
					customer.Name = c.given
				}
			}
			require.NoError(t, w.Restore(document))
			got := w.send(t, "GET", account+"badge", "", w.session(jane.CustomerID)).json(t)
			svg, html := got["svg"].(string), got["html"].(string)

			texts := xmlTexts(t, svg)
			assert.Equal(t, []string{"Official partner: " + c.shown, "Official partner", c.shown}, texts)
			assert.NotContains(t, svg, "<script")
			encoded := base64.StdEncoding.EncodeToString([]byte(svg))
			assert.Contains(t, html, `<a href="https://shop.example.com/?a=&#34;b&#34;&amp;c=&lt;d&gt;&amp;ref=BADGE-1"><img alt="Official partner: `)
			assert.True(t, strings.HasSuffix(html, ` src="data:image/svg+xml;base64,`+encoded+`"></a>`), html)
			assert.Equal(t, 6, strings.Count(html, `"`), "no text ends an attribute")
			assert.Equal(t, 3, strings.Count(html, "<"), "no text opens an element")
		})
	}
}

// xmlTexts are the texts of the elements of a document, which it checks to be one.
func xmlTexts(t *testing.T, document string) (texts []string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(document))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return texts
		}
		require.NoError(t, err, document)
		if text, ok := token.(xml.CharData); ok {
			texts = append(texts, string(text))
		}
	}
}
