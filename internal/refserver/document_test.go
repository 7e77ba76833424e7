package refserver_test

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// A player plays a history on a server, without a socket, and writes down what the server responds.
type player struct {
	*refserver.Server
	apps []refserver.App
	// The records of each app.
	customers, sessions, clicks [2][]string
	people                      int
	log                         bytes.Buffer
}

func documentClock() time.Time { return time.Date(2026, 1, 31, 8, 0, 0, 0, time.UTC) }

func newPlayer(t require.TestingT, seed string) *player {
	p := &player{Server: refserver.New(refserver.Config{Now: documentClock, Seed: seed})}
	for range 2 {
		app, err := p.AddApp(refserver.AppParams{})
		require.NoError(t, err)
		p.apps = append(p.apps, app)
	}
	return p
}

// settle gives each app a partner with all records of a partner.
func (p *player) settle() {
	for app := range p.apps {
		for _, what := range []int{doApply, doApprove, doClick, doSignUpByCode, doPay, doSignIn, doPay} {
			p.play(step{what: what, app: app, other: 1, amount: 5000})
		}
	}
}

// restored is a player that goes on from another's document, which was JSON in between.
func (p *player) restored(t require.TestingT) *player {
	var written bytes.Buffer
	require.NoError(t, p.Snapshot().Write(&written))
	document, err := refserver.ReadDocument(bytes.NewReader(written.Bytes()))
	require.NoError(t, err)
	twin := newPlayer(t, "another seed")
	old := twin.apps
	require.NoError(t, twin.Restore(document))
	for _, app := range old {
		status, _ := twin.send("GET", "/v1/affiliate/apply/status?email=a@b.co", "", "X-Api-Key", app.APIKey)
		require.Equal(t, http.StatusUnauthorized, status, "an app that the document does not have is gone")
	}
	// The requests above drew request ids.
	require.NoError(t, twin.Restore(document))

	twin.log.Reset()
	twin.apps = nil
	for _, app := range p.apps {
		twin.apps = append(twin.apps, twin.App(app.ID))
	}
	twin.customers, twin.sessions, twin.clicks, twin.people = p.customers, p.sessions, p.clicks, p.people
	return twin
}

func (p *player) send(method, path, body string, headers ...string) (status int, response string) {
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	p.ServeHTTP(recorder, request)
	recorder.Header().Del("X-Ratelimit-Remaining") // no document has the counts of a minute
	recorder.Header().Del("Set-Cookie")            // no seed gives the sessions of browsers
	fmt.Fprintf(&p.log, "%s %s %d %v\n%s\n", method, path, recorder.Code, recorder.Header(), recorder.Body)
	return recorder.Code, recorder.Body.String()
}

// A step is one call of a history. Its numbers choose among the existing records.
type step struct{ what, app, who, other, amount int }

// The actions of a step.
const (
	doApply = iota
	doApprove
	doReject
	doClick
	doSignUpByCode
	doSignUpByClick
	doPay
	doChangeTerms
	doWait
	doSignIn
	doRegisterDeal
	doOpenPortal
	doLook
	doLookAsAdmin
	doAddUser
	doAskForAccess
	doDecideOnAccess
	doLogInAs
	doRename
	doLookAtUsers
	doSubscribe
	doChangeSubscription
	doRefund
	doPayOut
	doMovePayout
	doPlanPayouts
	doLookAtMoney
	kindsOfSteps
)

func drawStep(t *rapid.T) step {
	return step{
		what:   rapid.IntRange(0, kindsOfSteps-1).Draw(t, "what"),
		app:    rapid.IntRange(0, 1).Draw(t, "app"),
		who:    rapid.IntRange(0, 9).Draw(t, "who"),
		other:  rapid.IntRange(0, 3).Draw(t, "other"),
		amount: rapid.IntRange(1, 100_000).Draw(t, "amount"),
	}
}

func (p *player) play(s step) {
	app := p.apps[s.app]
	key := []string{"X-Api-Key", app.APIKey}
	admin := []string{"Authorization", "Bearer " + app.AdminToken}
	session := []string{"Authorization", "Bearer " + one(p.sessions[s.app], s.who)}
	path := "/v1/apps/" + app.ID + "/affiliates/"
	code := fmt.Sprint("CODE", s.other)
	customer := one(p.customers[s.app], s.who)
	switch s.what {
	case doApply:
		p.send("POST", "/v1/affiliate/apply", fmt.Sprintf(`{"email": %q, "name": "Jane"}`, p.person(s)), key...)
	case doApprove, doReject:
		_, list := p.send("GET", path+fmt.Sprintf("applications?limit=%d&status=pending", s.amount%3+1), "", admin...)
		action := `{"action": "approve", "code": "` + code + `"}`
		if s.what == doReject {
			action = `{"action": "reject", "rejectionReason": "No"}`
		}
		_, review := p.send("POST", path+"applications/"+between(list, `"id":"`, `"`)+"/review", action, admin...)
		keep(&p.customers[s.app], between(review, `"customerId":"`, `"`))
	case doClick:
		_, click := p.send("POST", "/v1/affiliate/track", `{"code": "`+code+`"}`, key...)
		keep(&p.clicks[s.app], between(click, `"clickId":"`, `"`))
	case doSignUpByCode, doSignUpByClick:
		params := program.CustomerParams{Email: p.person(s), ReferralCode: code}
		if s.what == doSignUpByClick {
			params.ReferralCode, params.ClickID = "", one(p.clicks[s.app], s.who)
		}
		signedUp, err := app.Program.CreateCustomer(params)
		fmt.Fprintf(&p.log, "%+v %v\n", signedUp, err)
		keep(&p.customers[s.app], signedUp.ID)
	case doPay:
		for _, customer := range p.customers[s.app] {
			commission, err := app.Program.RecordPayment(customer, program.Cents(s.amount))
			fmt.Fprintf(&p.log, "%+v %v\n", commission, err)
		}
	case doChangeTerms:
		p.send("PATCH", path+"settings", fmt.Sprintf(`{"holdingPeriodDays": %d, "defaultCommissionRate": %d.5, "cookieDurationDays": %d}`, s.amount%60, s.who, s.other*10+1), admin...)
	case doWait:
		fmt.Fprintln(&p.log, p.Advance(time.Duration(s.amount)*time.Minute))
	case doSignIn:
		token, err := p.SessionToken(app.ID, customer)
		fmt.Fprintln(&p.log, token, err)
		keep(&p.sessions[s.app], token)
	case doRegisterDeal:
		p.send("POST", "/v1/affiliate/deals", fmt.Sprintf(`{"leadEmail": %q, "leadName": "L"}`, p.person(s)), session...)
	case doOpenPortal:
		_, link := p.send("GET", "/v1/affiliate/portal-link", "", session...)
		p.send("GET", "/portal/"+between(link, "/portal/", `"`), "")
	case doAddUser:
		path := "/v1/affiliate/account/users"
		if s.other > 1 {
			path += "/link"
		}
		_, user := p.send("POST", path, fmt.Sprintf(`{"email": %q}`, p.person(s)), session...)
		keep(&p.customers[s.app], between(user, `"id":"`, `"`))
	case doAskForAccess:
		p.send("POST", "/v1/affiliate/account/users/"+customer+"/access", `{}`, session...)
	case doDecideOnAccess:
		_, asked := p.send("GET", "/v1/affiliate/access?limit=1", "", session...)
		action := one([]string{"grant", "grant", "decline", "withdraw"}, s.other)
		p.send("POST", "/v1/affiliate/access/"+between(asked, `"id":"`, `"`), `{"action": "`+action+`"}`, session...)
	case doLogInAs:
		_, link := p.send("POST", "/v1/affiliate/account/users/"+customer+"/login", `{}`, session...)
		p.send("GET", "/portal/"+between(link, "/portal/", `"`), "")
	case doRename:
		p.send("PATCH", "/v1/apps/"+app.ID+"/customers/"+customer, fmt.Sprintf(`{"name": "Name %d"}`, s.other), admin...)
	case doLookAtUsers:
		p.send("GET", fmt.Sprintf("/v1/affiliate/account/users?limit=%d", s.other+1), "", session...)
		p.send("GET", "/v1/affiliate/account/users?filter=error", "", session...)
		p.send("GET", "/v1/affiliate/access", "", session...)
		p.send("GET", "/v1/affiliate/deals", "", session...)
		p.send("GET", "/v1/affiliate/account/info", "", session...)
		p.send("GET", path+"partners", "", admin...)
		p.send("GET", "/v1/apps/"+app.ID+"/customers?limit=5", "", admin...)
	case doLook:
		p.send("GET", "/v1/affiliate/apply/status?email="+p.person(step{who: s.who}), "", key...)
		p.send("GET", "/v1/affiliate/by-customer/"+customer, "", key...)
		p.send("GET", "/v1/affiliate/dashboard", "", session...)
	case doLookAsAdmin:
		p.send("GET", path+"applications?status=approved", "", admin...)
		p.send("GET", path+"applications?limit=3", "", admin...)
		p.send("GET", path+"settings", "", admin...)
	default:
		p.playMoney(s, session, admin)
	}
}

func (p *player) playMoney(s step, session, admin []string) {
	path := "/v1/apps/" + p.apps[s.app].ID + "/"
	newest := func(list string) string {
		_, page := p.send("GET", path+list+fmt.Sprintf("?limit=%d", s.who+1), "", admin...)
		ids := strings.Split(page, `{"id":"`)
		id, _, _ := strings.Cut(ids[len(ids)-1], `"`)
		return path + list + "/" + id
	}
	switch s.what {
	case doSubscribe:
		plan := []string{"free", "pro", "business", "enterprise"}[s.other]
		for _, customer := range p.customers[s.app] {
			p.send("POST", path+"subscriptions", fmt.Sprintf(`{"customerId": %q, "plan": %q, "paymentMethod": %q}`, customer, plan, []string{"valid", "declined"}[s.who%2]), admin...)
		}
	case doChangeSubscription:
		change := []string{`{"paused": true}`, `{"paused": false}`, `{"plan": "business"}`, `{"status": "canceled"}`}[s.other]
		p.send("PATCH", newest("subscriptions"), change, admin...)
	case doRefund:
		p.send("POST", newest("invoices")+"/refunds", []string{`{}`, fmt.Sprintf(`{"amount": %d.01}`, s.who)}[s.amount%2], admin...)
		p.send("POST", newest("invoices")+"/pay", `{}`, admin...)
	case doPayOut:
		p.send("PATCH", path+"affiliates/settings", fmt.Sprintf(`{"minPayoutAmount": %d}`, s.who), admin...)
		for who := range p.sessions[s.app] {
			p.send("POST", account+"payouts", `{}`, "Authorization", "Bearer "+p.sessions[s.app][who])
		}
	case doMovePayout:
		p.send("POST", newest("affiliates/payouts")+"/status", fmt.Sprintf(`{"status": %q}`, []string{"processing", "paid", "failed", "processing"}[s.other]), admin...)
	case doPlanPayouts:
		p.send("PATCH", account+"payouts/schedule", fmt.Sprintf(`{"interval": %q}`, []string{"off", "weekly", "monthly", "weekly"}[s.other]), session...)
	case doLookAtMoney:
		for _, list := range []string{"statement", "commissions?status=ready", "commissions?status=paid", "commissions?limit=3", "commissions/summary", "commissions/subscriptions", "invoices", "payouts", "payouts/schedule"} {
			p.send("GET", account+list, "", session...)
		}
		for _, list := range []string{"subscriptions", "invoices", "affiliates/payouts"} {
			p.send("GET", path+list, "", admin...)
		}
	}
}

// lookAtAll looks at everything that there is, now and after the time in which all of it ends.
func (p *player) lookAtAll() {
	for _, days := range []int{0, 30, 90} {
		_ = p.Advance(time.Duration(days) * day)
		for app := range p.apps {
			for who := range 2 {
				for _, what := range []int{doOpenPortal, doLogInAs, doLook, doLookAtUsers, doLookAtMoney, doLookAsAdmin, doSignUpByClick} {
					p.play(step{what: what, app: app, who: who, amount: 100})
				}
			}
		}
	}
}

// person returns an email address: one of the first ten, or a new one.
func (p *player) person(s step) string {
	if s.amount%3 == 0 {
		return fmt.Sprintf("person%d@acme.com", s.who)
	}
	p.people++
	return fmt.Sprintf("person%d@acme.com", p.people)
}

// one of several; none where there is none.
func one(all []string, which int) string {
	if len(all) == 0 {
		return "none"
	}
	return all[which%len(all)]
}

// keep appends to a copy, since a twin has the same texts.
func keep(to *[]string, text string) {
	if text != "" {
		*to = append(slices.Clip(*to), text)
	}
}

func between(text, before, after string) string {
	_, rest, _ := strings.Cut(text, before)
	found, _, _ := strings.Cut(rest, after)
	return found
}

func TestRestoredServerRespondsAsOriginal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		original := newPlayer(t, "seed")
		defer original.Close()
		original.settle()
		for range rapid.IntRange(0, 25).Draw(t, "steps before") {
			original.play(drawStep(t))
		}
		twin := original.restored(t)
		defer twin.Close()
		original.log.Reset()
		for range rapid.IntRange(1, 15).Draw(t, "steps after") {
			next := drawStep(t)
			original.play(next)
			twin.play(next)
			requireSameLog(t, original, twin)
		}
		original.lookAtAll()
		twin.lookAtAll()
		requireSameLog(t, original, twin)
		requireSameState(t, original.Server, twin.Server)
	})
}

func requireSameLog(t require.TestingT, one, other *player) {
	require.Equal(t, one.log.String(), other.log.String())
	one.log.Reset()
	other.log.Reset()
}

func requireSameState(t require.TestingT, one, other *refserver.Server) {
	var first, second bytes.Buffer
	require.NoError(t, one.Snapshot().Write(&first))
	require.NoError(t, other.Snapshot().Write(&second))
	require.Equal(t, first.String(), second.String())
}

func TestSameSeedAndCallsGiveSameDocument(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one, other := newPlayer(t, "seed"), newPlayer(t, "seed")
		one.settle()
		other.settle()
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			next := drawStep(t)
			one.play(next)
			other.play(next)
		}
		requireSameLog(t, one, other)
		requireSameState(t, one.Server, other.Server)
	})
	assert.NotEqual(t, newPlayer(t, "").apps[0].APIKey, newPlayer(t, "").apps[0].APIKey, "without a seed, nothing can be guessed")
}

func TestReadDocumentReadsHandWrittenDocument(t *testing.T) {
	server := refserver.New(refserver.Config{Now: documentClock})
	document, err := refserver.ReadDocument(strings.NewReader(`{
		"version": 1,
		"ahead": "24h",
		"apps": [{
			"id": "app_shop",
			"apiKey": "sk_test_shop",
			"settings": {"holdingPeriodDays": 10},
			"customers": [
				{"id": "cust_jane", "email": "jane@acme.com", "name": "Jane"},
				{"id": "cust_lee", "email": "lee@example.com", "affiliateId": "aff_jane"}
			],
			"partners": [{"id": "aff_jane", "customerId": "cust_jane", "code": "jane20"}],
			"applications": [{"id": "app_1", "email": "joe@acme.com", "name": "Joe"}],
			"deals": [{"id": "deal_1", "affiliateId": "aff_jane", "leadEmail": "lead@example.com", "leadName": "Lead"}],
			"clicks": [{"id": "click_1", "affiliateId": "aff_jane", "code": "JANE20", "expiresAt": "2026-02-02T10:00:00+02:00"}],
			"invoices": [
				{"id": "inv_1", "customerId": "cust_lee", "amount": 49, "createdAt": "2025-12-01T00:00:00Z"},
				{"id": "inv_2", "customerId": "cust_lee", "amount": 49.5}
			],
			"commissions": [
				{"id": "com_1", "affiliateId": "aff_jane", "customerId": "cust_lee", "invoiceId": "inv_1", "payment": 49, "rate": 20, "amount": 9.8, "state": "ready", "createdAt": "2025-12-01T00:00:00Z", "readyAt": "2025-12-31T00:00:00Z"},
				{"id": "com_2", "affiliateId": "aff_jane", "customerId": "cust_lee", "invoiceId": "inv_2", "payment": 49.5, "rate": 20, "amount": 9.9, "readyAt": "2026-02-05T00:00:00Z"}
			]
		}]
	}`))
	require.NoError(t, err)
	require.NoError(t, server.Restore(document))
	app := server.App("app_shop")
	assert.Equal(t, documentClock().Add(day), server.Now())
	assert.NotEmpty(t, app.AdminToken)
	settings := app.Program.Settings()
	assert.Equal(t, 10, settings.HoldingPeriodDays)
	assert.Equal(t, 30, settings.CookieDurationDays, "the default of what is left out")

	dashboard, err := app.Program.Dashboard("cust_jane")
	require.NoError(t, err)
	assert.EqualValues(t, 9_90, dashboard.InReview)
	assert.EqualValues(t, 9_80, dashboard.Ready)
	assert.EqualValues(t, 19_70, dashboard.Affiliate.TotalEarned)
	assert.Equal(t, "JANE20", dashboard.Affiliate.Code)
	assert.Equal(t, 1, dashboard.Customers)
	assert.Equal(t, documentClock().Add(day), dashboard.RecentDeals[0].CreatedAt, "what has no time is of now")
	due, ok := server.NextDue()
	assert.True(t, ok)
	assert.Equal(t, time.Date(2026, 2, 2, 8, 0, 0, 0, time.UTC), due, "the click expires first")

	require.NoError(t, server.Advance(10*day))
	dashboard, err = app.Program.Dashboard("cust_jane")
	require.NoError(t, err)
	assert.EqualValues(t, 19_70, dashboard.Ready)
	customer, err := app.Program.CreateCustomer(program.CustomerParams{Email: "lead@example.com"})
	require.NoError(t, err)
	assert.Equal(t, "aff_jane", customer.AffiliateID)
}

func TestRestoreRefusesInvalidDocumentAndChangesNothing(t *testing.T) {
	const jane = `"customers": [{"id": "c", "email": "jane@acme.com"}], "partners": [{"id": "p", "customerId": "c", "code": "JANE"}]`
	const users = `"customers": [{"id": "c", "email": "jane@acme.com"}, {"id": "u", "email": "u@b.co", "affiliateId": "p"}], "partners": [{"id": "p", "customerId": "c", "code": "JANE"}]`
	app := func(records string) string {
		return `{"version": 1, "apps": [{"id": "app", "apiKey": "k", "adminToken": "a", ` + records + `}]}`
	}
	for name, c := range map[string]struct{ document, problem string }{
		"of another version":                             {`{"version": 2}`, "version"},
		"with a field that there is not":                 {`{"version": 1, "app": []}`, "app"},
		"with something after it":                        {`{"version": 1} {}`, "after"},
		"with a clock that went backwards":               {`{"version": 1, "ahead": "-1h"}`, "ahead"},
		"with two apps of one id":                        {`{"version": 1, "apps": [{"id": "app"}, {"id": "app"}]}`, "apps[1]"},
		"with an unusable app id":                        {`{"version": 1, "apps": [{"id": "a b"}]}`, "apps[0]"},
		"with null for a record":                         {app(`"customers": [null]`), "customers[0]"},
		"with two records of one id":                     {app(`"customers": [{"id": "c", "email": "a@b.co"}, {"id": "c", "email": "b@b.co"}]`), "customers[1]"},
		"with a record without an id":                    {app(`"customers": [{"email": "a@b.co"}]`), "customers[0]"},
		"with two customers of one email":                {app(`"customers": [{"id": "c", "email": "a@b.co"}, {"id": "d", "email": "A@b.co"}]`), "customers[1]"},
		"with an invalid email":                          {app(`"customers": [{"id": "c", "email": "x"}]`), "email must be an email"},
		"with a customer of no partner":                  {app(`"customers": [{"id": "c", "email": "a@b.co", "affiliateId": "p"}]`), `"p"`},
		"with an attribution of nobody":                  {app(jane + `, "attributions": [{"customerId": "x", "affiliateId": "p"}]`), "attributions[0]"},
		"with an attribution that is not the customer's": {app(jane + `, "attributions": [{"customerId": "c", "affiliateId": "p"}]`), "attributions[0]"},
		"with an attribution of an unknown source":       {app(users + `, "attributions": [{"customerId": "u", "affiliateId": "p", "source": "luck"}]`), "source"},
		"with access to nobody's account":                {app(jane + `, "accesses": [{"id": "x", "affiliateId": "p", "userId": "c"}]`), "accesses[0]"},
		"with access of an unknown status":               {app(users + `, "accesses": [{"id": "x", "affiliateId": "p", "userId": "u", "status": "none"}]`), "status"},
		"with access that is asked twice":                {app(users + `, "accesses": [{"id": "x", "affiliateId": "p", "userId": "u"}, {"id": "y", "affiliateId": "p", "userId": "u"}]`), "accesses[1]"},
		"with a partner that is no customer":             {app(`"partners": [{"id": "p", "customerId": "c", "code": "JANE"}]`), "partners[0]"},
		"with an unusable code":                          {app(`"customers": [{"id": "c", "email": "a@b.co"}], "partners": [{"id": "p", "customerId": "c", "code": "?"}]`), "code"},
		"with an application of an unknown status":       {app(`"applications": [{"id": "x", "email": "a@b.co", "name": "A", "status": "new"}]`), "status"},
		"with an approval of no partner":                 {app(`"applications": [{"id": "x", "email": "a@b.co", "name": "A", "status": "approved"}]`), "affiliateId"},
		"with a deal of no partner":                      {app(`"deals": [{"id": "d", "leadEmail": "a@b.co", "leadName": "L", "affiliateId": "p"}]`), "deals[0]"},
		"with a click that never expires":                {app(jane + `, "clicks": [{"id": "d", "affiliateId": "p"}]`), "expiresAt"},
		"with a commission of nobody":                    {app(jane + `, "commissions": [{"id": "d", "affiliateId": "p", "payment": 1, "amount": 1, "readyAt": "2026-01-01T00:00:00Z"}]`), "customerId"},
		"with a commission of a negative amount":         {app(jane + `, "commissions": [{"id": "d", "affiliateId": "p", "customerId": "c", "payment": 1, "amount": -1, "readyAt": "2026-01-01T00:00:00Z"}]`), "amount"},
		"with an amount of three decimals":               {app(jane + `, "commissions": [{"id": "d", "payment": 1.234}]`), "two decimals"},
		"with an entry that moves nothing":               {app(jane + `, "ledger": [{"affiliateId": "p", "kind": "gift", "amount": 1, "at": "2026-01-01T00:00:00Z", "cause": "x"}]`), "ledger[0]"},
		"with earnings out of range":                     {app(jane + `, "ledger": [{"affiliateId": "p", "kind": "commission", "amount": 92233720368547758.07, "at": "2026-01-01T00:00:00Z", "cause": "x"}, {"affiliateId": "p", "kind": "commission", "amount": 1, "at": "2026-01-01T00:00:00Z", "cause": "x"}]`), "ledger[1]"},
		"with something to happen that cannot":           {app(`"schedule": [{"at": "2026-01-01T00:00:00Z", "kind": "rain", "id": "x"}]`), "schedule[0]"},
		"with a commission to be ready that is not":      {app(`"schedule": [{"at": "2026-01-01T00:00:00Z", "kind": "commission_ready", "id": "x"}]`), "schedule[0]"},
		"with a session of another app":                  {app(jane + `, "sessions": [{"token": "sess_x", "customerId": "c", "expiresAt": "2026-01-01T00:00:00Z"}]`), "sessions[0]"},
		"with an event without its records":              {app(`"outbox": [{"id": "evt_1", "kind": "partner_application_rejected", "at": "2026-01-01T00:00:00Z"}]`), "outbox[0]"},
		"with a setting that there is not":               {app(`"settings": {"days": 1}`), "days"},
		"with unusable settings":                         {app(`"settings": {"holdingPeriodDays": 1000, "cookieDurationDays": 1}`), "holdingPeriodDays"},
		"with a webhook of no app":                       {`{"version": 1, "webhooks": [{"id": "w", "appId": "x", "url": "http://a.b", "secrets": [{"secret": "a secret of the tests"}]}]}`, "webhooks[0]"},
		"with a webhook without a secret":                {`{"version": 1, "apps": [{"id": "x"}], "webhooks": [{"id": "w", "appId": "x", "url": "http://a.b"}]}`, "secrets"},
		"with a webhook of an unknown event":             {`{"version": 1, "apps": [{"id": "x"}], "webhooks": [{"id": "w", "appId": "x", "url": "http://a.b", "events": ["rain"], "secrets": [{"secret": "a secret of the tests"}]}]}`, "rain"},
		"with an event without its customer":             {app(`"outbox": [{"id": "evt_1", "kind": "customer.created", "at": "2026-01-01T00:00:00Z"}]`), "outbox[0]"},
		"with a webhook of an unknown scheme":            {`{"version": 1, "apps": [{"id": "x"}], "webhooks": [{"id": "w", "appId": "x", "url": "http://a.b", "scheme": "x", "secrets": [{"secret": "a secret of the tests"}]}]}`, "scheme"},
		"with a response that is not JSON":               {`{"version": 1, "idempotency": [{"token": "t", "key": "k"}]}`, "idempotency[0]"},
		"with a response of no request":                  {`{"version": 1, "idempotency": [{"token": "t", "key": "k", "body": {}, "status": 200}]}`, "idempotency[0]"},
		"with a delivery to no webhook":                  {`{"version": 1, "deliveries": [{"webhookId": "w", "state": "pending"}]}`, "deliveries[0]"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlayer(t, "seed")
			defer p.Close()
			p.play(step{what: doApply})
			var before, after bytes.Buffer
			require.NoError(t, p.Snapshot().Write(&before))
			document, err := refserver.ReadDocument(strings.NewReader(c.document))
			if err == nil {
				err = p.Restore(document)
			}
			require.ErrorContains(t, err, c.problem)
			require.NoError(t, p.Snapshot().Write(&after))
			assert.Equal(t, before.String(), after.String())
		})
	}
}

func TestRestoreDerivesAttributionsFromCustomers(t *testing.T) {
	server := refserver.New(refserver.Config{Now: documentClock})
	document, err := refserver.ReadDocument(strings.NewReader(`{"version": 1, "apps": [{"id": "app",
		"customers": [
			{"id": "c", "email": "jane@acme.com"},
			{"id": "late", "email": "late@b.co", "affiliateId": "p", "createdAt": "2026-01-03T00:00:00Z"},
			{"id": "early", "email": "early@b.co", "affiliateId": "p", "createdAt": "2026-01-01T00:00:00Z"},
			{"id": "linked", "email": "linked@b.co", "affiliateId": "p", "createdAt": "2026-01-01T00:00:00Z"}
		],
		"partners": [{"id": "p", "customerId": "c", "code": "JANE"}],
		"attributions": [{"customerId": "linked", "affiliateId": "p", "source": "linked", "at": "2026-01-02T00:00:00Z"}],
		"subscriptions": [{"id": "s", "customerId": "early", "plan": "free", "status": "error"}],
		"accesses": [{"id": "a", "affiliateId": "p", "userId": "early", "status": "granted"}]
	}]}`))
	require.NoError(t, err)
	require.NoError(t, server.Restore(document))
	app := server.App("app").Program
	page, err := app.Users("c", program.UserQuery{PageQuery: program.PageQuery{Limit: 10}})
	require.NoError(t, err)
	var shown []string
	for _, user := range page.Rows {
		shown = append(shown, fmt.Sprint(user.ID, " ", user.Source, " ", user.AttributedAt.Day(), " ", user.Access))
	}
	assert.Equal(t, []string{"late referral_code 3 none", "early referral_code 1 granted", "linked linked 2 none"}, shown, "those of the list come before those that follow")
	page, err = app.Users("c", program.UserQuery{Having: program.SubscriptionError, PageQuery: program.PageQuery{Limit: 10}})
	require.NoError(t, err)
	require.Len(t, page.Rows, 1)
	assert.Equal(t, "early", page.Rows[0].ID)
}

func TestRestoreKeepsProgramPointer(t *testing.T) {
	p := newPlayer(t, "seed")
	held := p.apps[0].Program
	empty := p.Snapshot()
	_, err := held.Apply(program.ApplicationParams{Email: "jane@acme.com", Name: "Jane"})
	require.NoError(t, err)
	require.NoError(t, p.Restore(empty))
	_, applied, err := held.ApplicationOf("jane@acme.com")
	require.NoError(t, err)
	assert.False(t, applied)
	assert.Same(t, held, p.App(p.apps[0].ID).Program)
}

func TestRestoreReplacesIdempotentResponses(t *testing.T) {
	p := newPlayer(t, "seed")
	applyWith := func(p *player, key string) (status int, response string) {
		return p.send("POST", "/v1/affiliate/apply", fmt.Sprintf(`{"email": "%s@acme.com", "name": "<Jane> & Co"}`, key), "X-Api-Key", p.apps[0].APIKey, "Idempotency-Key", key)
	}
	_, first := applyWith(p, "first")
	before := p.Snapshot()
	_, _ = applyWith(p, "second")
	twin := p.restored(t)
	require.NoError(t, p.Restore(before))

	for name, restored := range map[string]*player{"here": p, "elsewhere": twin} {
		restored.log.Reset()
		_, again := applyWith(restored, "first")
		assert.Equal(t, first, again, name)
		assert.Contains(t, restored.log.String(), "Idempotency-Replayed", name)
	}
	status, _ := applyWith(p, "second")
	assert.Equal(t, http.StatusCreated, status, "what came after the document is made anew")
	p.log.Reset()
	status, _ = p.send("POST", "/v1/affiliate/track", `{"code": "X"}`, "X-Api-Key", p.apps[0].APIKey, "Idempotency-Key", "first")
	assert.Equal(t, http.StatusConflict, status, "the request is remembered with its key")
	require.NoError(t, p.Advance(day))
	status, _ = applyWith(p, "first")
	assert.Equal(t, http.StatusConflict, status, "after a day it is a second application")
}

// receives responds to deliveries without a network.
type receives func(*http.Request) int

func (f receives) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: f(r), Body: io.NopCloser(strings.NewReader(""))}, nil
}

func TestDeliveriesContinueAfterRestore(t *testing.T) {
	var received atomic.Int64
	works := new(atomic.Bool)
	receiver := receives(func(*http.Request) int {
		received.Add(1)
		if works.Load() {
			return http.StatusOK
		}
		return http.StatusServiceUnavailable
	})
	p := newPlayer(t, "seed")
	defer p.Close()
	_, err := p.Webhooks.AddEndpoint(p.apps[0].ID, delivery.EndpointParams{URL: "http://receiver.test", Secret: "a secret of the tests", Transport: receiver})
	require.NoError(t, err)
	p.play(step{what: doApply})
	p.play(step{what: doApprove})
	p.Webhooks.Settle()
	require.EqualValues(t, 1, received.Load())
	require.NoError(t, p.Webhooks.RotateSecret(p.Webhooks.Endpoints()[0].ID, "another secret of the tests"))

	var written bytes.Buffer
	require.NoError(t, p.Snapshot().Write(&written))
	document, err := refserver.ReadDocument(&written)
	require.NoError(t, err)
	made := p.Webhooks.Deliveries()
	require.NoError(t, p.Advance(time.Minute))
	require.EqualValues(t, 2, received.Load())
	require.NoError(t, p.Restore(document))
	assert.Equal(t, made, p.Webhooks.Deliveries(), "what was sent since is not of this state")

	works.Store(true)
	require.NoError(t, p.Advance(time.Minute))
	assert.EqualValues(t, 3, received.Load())
	delivered := p.Webhooks.Deliveries()
	require.Len(t, delivered, 1)
	assert.Equal(t, delivery.Delivered, delivered[0].State)
	assert.Equal(t, made[0].EventID, delivered[0].EventID)
	assert.Equal(t, made[0].Body, delivered[0].Body)
	assert.Len(t, delivered[0].Attempts, 2)
}

func TestSnapshotIsConsistentDuringCalls(t *testing.T) {
	p := newPlayer(t, "seed")
	defer p.Close()
	p.settle()
	app := p.apps[0]
	payer := p.customers[0][1]
	partner, err := app.Program.Dashboard(p.customers[0][0])
	require.NoError(t, err)
	_, err = p.Webhooks.AddEndpoint(app.ID, delivery.EndpointParams{URL: "http://receiver.test", Secret: "a secret of the tests", Transport: receives(func(*http.Request) int { return http.StatusOK })})
	require.NoError(t, err)

	before := len(p.Snapshot().Apps[0].Invoices)
	var working sync.WaitGroup
	for worker := range 8 {
		working.Go(func() {
			for i := range 20 {
				_, err := app.Program.RecordPayment(payer, 100)
				assert.NoError(t, err)
				application, err := app.Program.Apply(program.ApplicationParams{Email: fmt.Sprintf("w%d-%d@acme.com", worker, i), Name: "W"})
				assert.NoError(t, err)
				_, err = app.Program.Reject(application.ID, "")
				assert.NoError(t, err)
				assert.NoError(t, p.Advance(time.Hour))
			}
		})
	}
	stopped := make(chan struct{})
	go func() { working.Wait(); close(stopped) }()
	for taken := 0; ; taken++ {
		document := p.Snapshot()
		twin := refserver.New(refserver.Config{Now: documentClock})
		require.NoError(t, twin.Restore(document))
		restored, err := twin.App(app.ID).Program.Dashboard(partner.Affiliate.CustomerID)
		require.NoError(t, err)
		assert.Equal(t, restored.Affiliate.TotalEarned, restored.InReview+restored.Ready)

		happened := len(document.Apps[0].Invoices) - before
		for _, application := range document.Apps[0].Applications {
			if application.Status == program.Rejected {
				happened++
			}
		}
		assert.Equal(t, happened, len(document.Deliveries)+len(document.Apps[0].Outbox), "an event is in one place")
		twin.Close()
		select {
		case <-stopped:
			return
		default:
		}
	}
}

func TestAdvanceStopsAtDueDeliveries(t *testing.T) {
	p := newPlayer(t, "seed")
	defer p.Close()
	p.settle()
	_, waiting := p.NextDue()
	require.True(t, waiting)
	require.NoError(t, p.Advance(30*day))
	document := p.Snapshot()
	require.NotEmpty(t, document.Apps[0].Ledger)
	for _, entry := range document.Apps[0].Ledger {
		if entry.Kind == program.EntryMatured {
			assert.Equal(t, documentClock().Add(30*day), entry.At)
		}
	}
	assert.ErrorIs(t, p.Advance(-1), refserver.ErrBackwards)
	assert.ErrorIs(t, p.Advance(math.MaxInt64), refserver.ErrTooFar)
	assert.Equal(t, documentClock().Add(30*day), p.Now(), "what is refused moves nothing")
}

func TestChangesGrowWithEachRestore(t *testing.T) {
	w := newUnservedWorld(t)
	atStart := w.Snapshot()
	w.partner(t, "jane@acme.com", "JANE20")
	require.NoError(t, w.Advance(day))
	busy := w.Snapshot()
	last := w.Changes()
	for name, document := range map[string]refserver.Document{
		"the state that there is":   busy,
		"an earlier state":          atStart,
		"the state of another app":  {Apps: []refserver.AppDocument{{ID: "app_other"}}},
		"no app":                    {},
		"a clock that is not ahead": {Apps: busy.Apps},
	} {
		require.NoError(t, w.Restore(document), name)
		now := w.Changes()
		assert.Greater(t, now, last, name)
		last = now
	}
	_, err := w.AddApp(refserver.AppParams{ID: "app_added", APIKey: "sk_added", AdminToken: "admin_of_the_added"})
	require.NoError(t, err)
	assert.Greater(t, w.Changes(), last, "an app that was added")
}
