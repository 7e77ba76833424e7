package refserver_test

import (
	"bytes"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/directory"
	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/portal"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func TestPortalLinkIsExchangedForASession(t *testing.T) {
	w := newWorld(t)
	jane := w.partner(t, "jane@acme.com", "JANE20").CustomerID

	t.Run("the token leaves the address", func(t *testing.T) {
		b := newBrowser(t, w)
		got := b.request(t, "GET", w.link(t, jane), nil)
		assert.Equal(t, 303, got.status)
		assert.Equal(t, "/portal", got.header.Get("Location"))
		assert.Empty(t, got.body)
		assertProtected(t, got)
		cookie, err := http.ParseSetCookie(got.header.Get("Set-Cookie"))
		require.NoError(t, err)
		assert.Equal(t, "/portal", cookie.Path)
		assert.True(t, cookie.HttpOnly)
		assert.Equal(t, http.SameSiteLaxMode, cookie.SameSite)
		assert.False(t, cookie.Secure, "the link was http")
		assert.Contains(t, b.open(t, 200, "/portal").body, "JANE20")
	})

	t.Run("a link can be opened more than once, such as by a program that looks ahead", func(t *testing.T) {
		link := w.link(t, jane)
		ahead := newBrowser(t, w)
		ahead.headers.Set("Sec-Purpose", "prefetch")
		assert.Equal(t, 303, ahead.request(t, "GET", link, nil).status)
		b := newBrowser(t, w)
		assert.Equal(t, 303, b.request(t, "GET", link, nil).status)
		b.open(t, 200, "/portal")
	})

	t.Run("HEAD signs nobody in", func(t *testing.T) {
		b := newBrowser(t, w)
		got := b.request(t, "HEAD", w.link(t, jane), nil)
		assert.Equal(t, 303, got.status)
		assert.Empty(t, got.header.Values("Set-Cookie"))
		b.open(t, 401, "/portal")
	})

	t.Run("another partner's link replaces the session", func(t *testing.T) {
		rick := w.partner(t, "rick@acme.com", "RICK").CustomerID
		b := w.visitor(t, jane)
		b.request(t, "GET", w.link(t, rick), nil)
		page := b.open(t, 200, "/portal").body
		assert.Contains(t, page, "RICK")
		assert.NotContains(t, page, "JANE20")
	})

	t.Run("links that open nothing", func(t *testing.T) {
		link := w.link(t, jane)
		other := newWorld(t)
		other.partner(t, "rick@acme.com", "RICK")
		for path, status := range map[string]int{
			"/portal/unknown":  404,
			link + "A":         404,
			link[:len(link)-1]: 404,
			"/portal/" + strings.ToUpper(link[len("/portal/"):]): 404,
			"/portal/" + w.ID + ".":                              404,
			"/portal/" + w.ID + ".AAAA":                          404,
			"/portal/a/b":                                        404,
			"/portal/%00":                                        404,
			"/portal/" + other.ID + ".login":                     404,
			strings.Replace(link, w.ID, other.ID, 1):             404,
		} {
			b := newBrowser(t, w)
			page := b.open(t, status, path)
			assert.NotContains(t, page.body, "JANE20")
			assert.Empty(t, page.header.Values("Set-Cookie"), path)
		}
		newBrowser(t, other).open(t, 404, link)
	})

	t.Run("a link of 24 hours ago", func(t *testing.T) {
		link := w.link(t, jane)
		w.advance(day - 1)
		assert.Equal(t, 303, newBrowser(t, w).request(t, "GET", link, nil).status)
		w.advance(1)
		b := newBrowser(t, w)
		page := b.open(t, 410, link)
		assert.Contains(t, page.body, "more than 24 hours old")
		assert.NotContains(t, page.body, "JANE20")
		b.open(t, 401, "/portal")
	})

	t.Run("a link of a future that a restored document has undone", func(t *testing.T) {
		w := newWorld(t)
		jane := w.partner(t, "jane@acme.com", "JANE20").CustomerID
		lee := w.customer(t, program.CustomerParams{Email: "lee@example.com", ReferralCode: "JANE20"})
		w.decide(t, w.session(lee), w.ask(t, w.session(jane), lee), "grant")
		document := w.Snapshot()
		require.NoError(t, w.Advance(time.Hour))
		link := w.link(t, jane)
		login, err := w.Program.LogInAs(jane, lee)
		require.NoError(t, err)
		require.NoError(t, w.Restore(document))
		for _, path := range []string{link, "/portal/" + login.Token} {
			assert.Empty(t, newBrowser(t, w).open(t, 404, path).header.Values("Set-Cookie"))
		}
		require.NoError(t, w.Advance(time.Hour)) // the same link is made again
		assert.Equal(t, 303, newBrowser(t, w).request(t, "GET", link, nil).status)
	})

	t.Run("a link accepts only GET and HEAD", func(t *testing.T) {
		page := newBrowser(t, w).post(t, "/portal/x")
		assert.Equal(t, 405, page.status)
		assert.Equal(t, "GET, HEAD", page.header.Get("Allow"))
		assertPage(t, page)
	})
}

func TestLinksLeadToThePublicURL(t *testing.T) {
	w := newWorld(t, func(c *refserver.Config) { c.PublicURL = "https://partners.example.com/" })
	jane := w.partner(t, "jane@acme.com", "JANE")
	lee := w.customer(t, program.CustomerParams{Email: "lee@example.com", ReferralCode: "JANE"})
	partner := w.session(jane.CustomerID)
	w.decide(t, w.session(lee), w.ask(t, partner, lee), "grant")

	link := w.send(t, "GET", "/v1/affiliate/portal-link", "", partner).json(t)["url"].(string)
	path, ok := strings.CutPrefix(link, "https://partners.example.com")
	require.True(t, ok, link)
	require.True(t, strings.HasPrefix(path, "/portal/"), link)
	login := w.send(t, "POST", users+"/"+lee+"/login", `{}`, partner).json(t)["url"].(string)
	assert.True(t, strings.HasPrefix(login, "https://partners.example.com/portal/"), login)

	got := newBrowser(t, w).request(t, "GET", path, nil)
	cookie, err := http.ParseSetCookie(got.header.Get("Set-Cookie"))
	require.NoError(t, err)
	assert.True(t, cookie.Secure, "readers come by https")
	assert.Equal(t, "/portal", got.header.Get("Location"))
}

func TestMinimumPayoutIsTheSameOnEveryPage(t *testing.T) {
	for _, minimum := range []program.Cents{0, 1, 75_00} {
		w := newWorld(t)
		_, err := w.Program.UpdateSettings(program.SettingsChange{MinPayoutAmount: &minimum})
		require.NoError(t, err)
		b := w.visitor(t, w.partner(t, "jane@acme.com", "JANE").CustomerID)
		for _, path := range []string{"/portal/payouts", "/portal/info"} {
			shown := regexp.MustCompile(`<dt>Minimum payout</dt><dd><span class="amount">([^<]*)</span>`).FindStringSubmatch(b.open(t, 200, path).body)
			require.NotNil(t, shown, path)
			assert.Equal(t, page.Money(minimum), shown[1], path)
		}
	}
}

func TestPageOfTheAPIFollowsTheContract(t *testing.T) {
	w := newWorld(t, func(c *refserver.Config) {
		c.Contract = contract.Contract{DashboardPath: "/v2/board", DealsPath: "/v2/leads", SessionHeader: "X-Session"}
	})
	jane := w.partner(t, "jane@acme.com", "JANE").CustomerID
	link := w.send(t, "GET", "/v1/affiliate/portal-link", "", []string{"X-Session", w.token(jane)}).json(t)["url"].(string)
	b := newBrowser(t, w)
	b.request(t, "GET", strings.TrimPrefix(link, w.url), nil)
	page := html.UnescapeString(b.open(t, 200, "/portal/api").body)
	assert.Contains(t, page, `curl -H "X-Session: $SESSION_TOKEN" `+w.url)
	assert.Contains(t, page, "GET /v2/board<")
	assert.Contains(t, page, "GET /v2/leads<")
	assert.NotContains(t, page, "Bearer")
}

func TestPublicURLIsChecked(t *testing.T) {
	assert.NoError(t, refserver.CheckPublicURL(""))
	assert.Error(t, refserver.CheckPublicURL("partners.example.com"))
	assert.Panics(t, func() { refserver.New(refserver.Config{PublicURL: "https://partners.example.com/x"}) })
}

func TestLinkIgnoresHeadersOfProxies(t *testing.T) {
	w := newWorld(t)
	jane := w.session(w.partner(t, "jane@acme.com", "JANE").CustomerID)
	got := w.send(t, "GET", "/v1/affiliate/portal-link", "", jane,
		[]string{"X-Forwarded-Host", "evil.example.com"}, []string{"X-Forwarded-Proto", "https"}, []string{"Forwarded", "host=evil.example.com"})
	assert.True(t, strings.HasPrefix(got.json(t)["url"].(string), w.url+"/portal/"))
}

const hostile = `<script>alert(1)</script>`

// A shownAccount is a partner with something on every page.
type shownAccount struct {
	world
	customerID, code                                           string
	user, invoice, failed, payout, deal, subscription, granted string
}

// newAccount fills an account. All texts that people choose are hostile.
func newAccount(t testing.TB, w world, code string) shownAccount {
	t.Helper()
	a := shownAccount{world: w, code: code, customerID: w.partner(t, strings.ToLower(code)+"@acme.com", code).CustomerID}
	_, err := w.Program.RenameCustomer(a.customerID, hostile)
	require.NoError(t, err)
	a.user = w.customer(t, program.CustomerParams{Email: strings.ToLower(code) + "-user@example.com", Name: hostile, ReferralCode: code})
	a.granted = w.customer(t, program.CustomerParams{Email: strings.ToLower(code) + "-granted@example.com", Name: "=1+1", ReferralCode: code})
	w.decide(t, w.session(a.granted), w.ask(t, w.session(a.customerID), a.granted), "grant")
	subscription, err := w.Program.Subscribe(program.SubscriptionParams{CustomerID: a.user, Plan: program.Pro, Name: hostile})
	require.NoError(t, err)
	a.subscription = subscription.ID
	declined, err := w.Program.Subscribe(program.SubscriptionParams{CustomerID: a.granted, Plan: program.Business, PaymentMethod: program.DeclinedMethod})
	require.NoError(t, err)
	_, err = w.Program.UpdateSubscription(a.subscription, program.SubscriptionChange{Status: program.SubscriptionLimitExceeded})
	require.NoError(t, err)
	invoice, err := w.Program.CreateInvoice(program.InvoiceParams{CustomerID: a.user, Amount: 6_172_839_45, Description: hostile})
	require.NoError(t, err)
	a.invoice = invoice.ID
	deal, err := w.Program.RegisterDeal(a.customerID, program.DealParams{LeadEmail: strings.ToLower(code) + "-lead@example.com", LeadName: hostile, Notes: hostile})
	require.NoError(t, err)
	a.deal = deal.ID
	w.advance(31 * day)
	payout, err := w.Program.RequestPayout(a.customerID)
	require.NoError(t, err)
	_, err = w.Program.MovePayout(payout.ID, program.PayoutStep{Status: program.PayoutFailed, FailureReason: hostile})
	require.NoError(t, err)
	a.payout = payout.ID
	five := program.Cents(12_34)
	_, err = w.Program.RefundInvoice(a.invoice, &five)
	require.NoError(t, err)
	invoices, err := w.Program.UserInvoices(a.customerID, a.granted, program.PageQuery{Limit: 10})
	require.NoError(t, err)
	require.NotEmpty(t, invoices.Rows, declined)
	a.failed = invoices.Rows[0].ID
	return a
}

// pages are all pages of an account, with its ids.
func (a shownAccount) pages() []string {
	return []string{
		"/portal", "/portal/users", "/portal/users?filter=limit_exceeded", "/portal/users?filter=error",
		"/portal/users/" + a.user, "/portal/users/" + a.granted, "/portal/create-sub-account", "/portal/add-user",
		"/portal/deals", "/portal/deals?status=won", "/portal/register-deal",
		"/portal/invoices", "/portal/invoices?user=" + a.user, "/portal/invoices/" + a.invoice, "/portal/invoices/" + a.invoice + "/receipt", "/portal/invoices/" + a.failed,
		"/portal/commissions", "/portal/commissions?status=clawback&plan=", "/portal/commissions?user=" + a.user, "/portal/commissions?payout=" + a.payout,
		"/portal/containers", "/portal/payouts", "/portal/payouts?status=failed", "/portal/payouts/" + a.payout,
		"/portal/statement", "/portal/info", "/portal/api",
	}
}

var csvPaths = []string{"/portal/users.csv", "/portal/deals.csv", "/portal/invoices.csv", "/portal/commissions.csv", "/portal/containers.csv", "/portal/payouts.csv", "/portal/statement.csv"}

// filteredCSV are lists of one user or one payout of an account.
func (a shownAccount) filteredCSV() []string {
	return []string{"/portal/users/" + a.user + "/containers.csv", "/portal/invoices.csv?user=" + a.user, "/portal/commissions.csv?user=" + a.user, "/portal/commissions.csv?payout=" + a.payout}
}

// forms are all forms of an account, with its ids.
func (a shownAccount) forms() []string {
	return []string{
		"/portal/create-sub-account", "/portal/add-user", "/portal/register-deal", "/portal/payouts", "/portal/payout-schedule",
		"/portal/users/" + a.user + "/access", "/portal/users/" + a.user + "/login",
	}
}

func TestTextsOfOthersAreTextOnEveryPage(t *testing.T) {
	a := newAccount(t, newWorld(t), "JANE")
	b := a.visitor(t, a.customerID)
	shown := 0
	for _, path := range a.pages() {
		page := b.open(t, 200, path) // which counts the scripts
		shown += strings.Count(page.body, "&lt;script&gt;alert(1)")
		assert.Contains(t, page.body, "UTC", path)
	}
	assert.Greater(t, shown, 40)

	for _, path := range csvPaths {
		file := b.request(t, "GET", path, nil)
		assertProtected(t, file)
		assert.Equal(t, 200, file.status)
		assert.Equal(t, "text/csv; charset=utf-8", file.header.Get("Content-Type"))
		assert.Regexp(t, `^attachment; filename="[a-z]+\.csv"$`, file.header.Get("Content-Disposition"))
		assert.NotRegexp(t, `(^|,|\n)"?=1\+1`, file.body, "no spreadsheet takes a name for a formula")
	}
	assert.Contains(t, b.request(t, "GET", "/portal/users.csv", nil).body, "'=1+1")
}

func TestPagesLinkOnlyToPagesThatThereAre(t *testing.T) {
	a := newAccount(t, newWorld(t), "JANE")
	b := a.visitor(t, a.customerID)
	href := regexp.MustCompile(` href="([^"]*)"`)
	action := regexp.MustCompile(`<form [^>]*action="([^"]*)"`)
	seen := map[string]bool{}
	forms := map[string]bool{}
	for _, path := range a.pages() {
		page := b.open(t, 200, path).body
		for _, link := range href.FindAllStringSubmatch(page, -1) {
			if path := strings.ReplaceAll(link[1], "&amp;", "&"); strings.HasPrefix(path, "/") && !seen[path] {
				seen[path] = true
				assert.Equal(t, 200, b.request(t, "GET", path, nil).status, path)
			}
		}
		for _, form := range action.FindAllStringSubmatch(page, -1) {
			forms[form[1]] = true
		}
	}
	assert.True(t, seen["/openapi.yaml"])
	for _, csv := range append(a.filteredCSV(), csvPaths...) {
		assert.True(t, seen[csv], "no page links to %s", csv)
	}
	for _, form := range a.forms() {
		assert.True(t, forms[form], "no page has the form %s", form)
	}
}

func TestPortalShowsNothingToStrangers(t *testing.T) {
	a := newAccount(t, newWorld(t), "JANE")
	before := a.state(t)
	stranger := newBrowser(t, a.world)
	for name, b := range map[string]*browser{"nobody": stranger, "a forged cookie": forged(t, a.world)} {
		for _, path := range append(a.pages(), csvPaths...) {
			page := b.open(t, 401, path)
			assert.NotContains(t, page.body, "JANE", "%s, %s", name, path)
			assert.Contains(t, page.body, "Open your portal link again")
		}
		for _, path := range a.forms() {
			assert.Equal(t, 401, b.post(t, path, "email", "new@example.com").status, path)
		}
	}
	assert.Equal(t, before, a.state(t))
}

func forged(t *testing.T, w world) *browser {
	b := newBrowser(t, w)
	b.headers.Set("Cookie", "stackbe_portal=AAAAAAAAAAAAAAAAAAAAAAAAAA")
	return b
}

// state is all that the server keeps, as a document.
func (w world) state(t testing.TB) string {
	var written bytes.Buffer
	document := w.Snapshot()
	document.IDs = nil // each request has an id
	require.NoError(t, document.Write(&written))
	return written.String()
}

func TestPartnerNeverReachesWhatIsAnothers(t *testing.T) {
	w := newWorld(t)
	jane, rick := newAccount(t, w, "JANE"), newAccount(t, w, "RICK")
	b := w.visitor(t, rick.customerID)
	before := w.state(t)
	for _, path := range slices.Concat(jane.pages(), csvPaths, jane.filteredCSV()) {
		page := b.request(t, "GET", path, nil)
		assert.NotContains(t, strings.ToLower(page.body), "jane", path)
		switch {
		case strings.Contains(path, "/"+jane.user), strings.Contains(path, "/"+jane.granted), strings.Contains(path, "/"+jane.invoice), strings.Contains(path, "/"+jane.failed), strings.Contains(path, "/"+jane.payout), strings.Contains(path, "user="), strings.Contains(path, "payout="):
			assert.Equal(t, 404, page.status, path)
		default:
			assert.Equal(t, 200, page.status, path)
		}
	}
	for _, path := range jane.forms() {
		if !strings.Contains(path, jane.user) {
			continue // the form is about the sender itself
		}
		page := b.post(t, path, "userId", jane.user, "customerId", jane.customerID)
		assert.Equal(t, 404, page.status, path)
		assertPage(t, page)
	}
	assert.Equal(t, 404, b.post(t, "/portal/users/"+jane.granted+"/login").status)
	assert.Equal(t, before, w.state(t), "nothing has moved")

	t.Run("with another partner's id among the fields", func(t *testing.T) {
		b.post(t, "/portal/payout-schedule", "interval", "weekly", "customerId", jane.customerID, "affiliateId", "x")
		schedule, err := w.Program.PayoutSchedule(jane.customerID)
		require.NoError(t, err)
		assert.Equal(t, program.PayoutsOff, schedule.Interval)
	})
}

func TestPartnerIsTestedAgainstEveryRoute(t *testing.T) {
	a := newAccount(t, newWorld(t), "JANE")
	served := http.NewServeMux()
	missing := map[string]bool{}
	for _, pattern := range portal.New(portal.Config{Directory: directory.New()}).Routes() {
		served.HandleFunc(pattern, func(http.ResponseWriter, *http.Request) {})
		missing[pattern] = true
	}
	require.Greater(t, len(missing), 30)
	tested := map[string][]string{"GET": slices.Concat(a.pages(), csvPaths, a.filteredCSV()), "POST": a.forms()}
	for method, paths := range tested {
		for _, path := range paths {
			_, pattern := served.Handler(httptest.NewRequest(method, path, nil))
			delete(missing, pattern)
		}
	}
	assert.Empty(t, missing, "add the paths to pages, csvPaths, filteredCSV or forms")
}

func TestFormFromAnotherSiteChangesNothing(t *testing.T) {
	a := newAccount(t, newWorld(t), "JANE")
	b := a.visitor(t, a.customerID)
	before := a.state(t)
	for _, header := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example.com"}} {
		b.headers = http.Header{header[0]: {header[1]}}
		for _, path := range append(a.forms(), "/portal/sign-out", "/portal/as-user/end") {
			page := b.post(t, path, "email", "new@example.com", "interval", "weekly")
			assert.Equal(t, 403, page.status, path)
			assertPage(t, page)
		}
	}
	b.headers = http.Header{}
	b.open(t, 200, "/portal")
	assert.Equal(t, before, a.state(t))
}

func TestSignOutEndsTheSession(t *testing.T) {
	w := newWorld(t)
	jane := w.partner(t, "jane@acme.com", "JANE20").CustomerID
	b, elsewhere := w.visitor(t, jane), w.visitor(t, jane)
	address, err := url.Parse(w.url + "/portal")
	require.NoError(t, err)
	cookies := b.client.Jar.Cookies(address)
	require.Len(t, cookies, 1)

	page := b.submit(t, "/portal/sign-out")
	assert.Contains(t, page.body, "You are signed out")
	b.open(t, 401, "/portal")
	assert.Empty(t, b.client.Jar.Cookies(address))
	elsewhere.open(t, 200, "/portal")

	b.headers.Set("Cookie", cookies[0].String())
	b.open(t, 401, "/portal")
	assert.Equal(t, 405, b.request(t, "DELETE", "/portal/sign-out", nil).status)
	assert.Equal(t, 303, newBrowser(t, w).post(t, "/portal/sign-out").status, "nobody can sign out as well")
}

func TestPortalSessionEnds(t *testing.T) {
	t.Run("after 24 hours", func(t *testing.T) {
		w := newWorld(t)
		b := w.visitor(t, w.partner(t, "jane@acme.com", "JANE").CustomerID)
		w.advance(day - 1)
		b.open(t, 200, "/portal")
		w.advance(1)
		b.open(t, 401, "/portal")
	})

	t.Run("when the partner is removed", func(t *testing.T) {
		w := newWorld(t)
		empty := w.Snapshot()
		jane := w.partner(t, "jane@acme.com", "JANE").CustomerID
		b := w.visitor(t, jane)
		require.NoError(t, w.Restore(empty))
		b.open(t, 401, "/portal")
		assert.Equal(t, 401, b.post(t, "/portal/payout-schedule", "interval", "weekly").status)
	})

	t.Run("when the state is replaced, even by one with the same partner", func(t *testing.T) {
		w := newWorld(t)
		b := w.visitor(t, w.partner(t, "jane@acme.com", "JANE").CustomerID)
		require.NoError(t, w.Restore(w.Snapshot()))
		b.open(t, 401, "/portal")
	})
}

func TestAddressOfFormLeadsToItsPage(t *testing.T) {
	a := newAccount(t, newWorld(t), "JANE")
	b := a.visitor(t, a.customerID)
	for path, page := range map[string]string{
		"/portal/payout-schedule":             "/portal/payouts",
		"/portal/users/" + a.user + "/access": "/portal/users/" + a.user,
		"/portal/users/" + a.user + "/login":  "/portal/users/" + a.user,
		"/portal/users/a%2Fb/access":          "/portal/users/a%2Fb",
		"/portal/as-user/end":                 "/portal/as-user",
		"/portal/sign-out":                    "/portal",
	} {
		got := b.request(t, "GET", path, nil)
		assert.Equal(t, 303, got.status, path)
		assert.Equal(t, page, got.header.Get("Location"))
	}
	b.open(t, 200, "/portal")
}

func TestPortalHasFriendlyPagesForMistakes(t *testing.T) {
	w := newWorld(t)
	b := w.visitor(t, w.partner(t, "jane@acme.com", "JANE").CustomerID)
	for path, status := range map[string]int{
		"/portal/users/nobody":                404,
		"/portal/invoices/nothing":            404,
		"/portal/invoices/nothing/receipt":    404,
		"/portal/payouts/nothing":             404,
		"/portal/nothing":                     404,
		"/portal/users/a/b":                   404,
		"/portal/users?filter=nothing":        400,
		"/portal/users?before=0":              400,
		"/portal/users?before=x":              400,
		"/portal/users?before=-1":             400,
		"/portal/users?before=99999":          400,
		"/portal/users?before=99999999999999": 400,
		"/portal/commissions?status=nothing":  400,
		"/portal/commissions?plan=nothing":    400,
		"/portal/payouts?status=nothing":      400,
		"/portal/deals?status=nothing":        400,
		"/portal/statement?before=7":          400,
		"/portal/users.csv?filter=nothing":    400,
	} {
		b.open(t, status, path)
	}
	assert.Equal(t, 405, b.request(t, "PUT", "/portal/users", nil).status)
	assert.Equal(t, 404, b.request(t, "GET", "/portal/users/nobody/other", nil).status)
	redirected := b.request(t, "GET", "/portal/", nil)
	assert.Equal(t, 303, redirected.status)
	head := b.request(t, "HEAD", "/portal/users", nil)
	assert.Equal(t, 200, head.status)
	assert.Empty(t, head.body)
}

func TestFormsShowProblemsWithWhatWasEntered(t *testing.T) {
	w := newWorld(t)
	jane := w.partner(t, "jane@acme.com", "JANE").CustomerID
	w.partner(t, "rick@acme.com", "RICK")
	w.customer(t, program.CustomerParams{Email: "taken@example.com"})
	w.customer(t, program.CustomerParams{Email: "ricks@example.com", ReferralCode: "RICK"})
	b := w.visitor(t, jane)
	before := w.state(t)
	for name, c := range map[string]struct {
		path   string
		fields []string
		status int
		shown  []string
	}{
		"a sub account without an email":      {"/portal/create-sub-account", []string{"email", "", "name", `Lee "<b>"`}, 422, []string{`value="Lee &#34;&lt;b&gt;&#34;"`, `aria-invalid="true"`, "Must be an email"}},
		"a sub account with a long name":      {"/portal/create-sub-account", []string{"email", "lee@example.com", "name", strings.Repeat("x", 201)}, 422, []string{`value="lee@example.com"`, "200 characters"}},
		"a sub account of a customer":         {"/portal/create-sub-account", []string{"email", "TAKEN@example.com"}, 409, []string{`value="TAKEN@example.com"`, "exists already"}},
		"a user whom nobody knows":            {"/portal/add-user", []string{"email", "nobody@example.com"}, 404, []string{`value="nobody@example.com"`, "No customer"}},
		"a user without an email":             {"/portal/add-user", []string{"email", "nobody"}, 422, []string{`value="nobody"`, "Must be an email"}},
		"a user of another partner":           {"/portal/add-user", []string{"email", "ricks@example.com"}, 409, []string{"another partner"}},
		"the partner itself as a user":        {"/portal/add-user", []string{"email", "jane@acme.com"}, 403, []string{"not its own user"}},
		"a deal without a name":               {"/portal/register-deal", []string{"leadEmail", "l@example.com", "notes", "</textarea>x"}, 422, []string{`value="l@example.com"`, "&lt;/textarea&gt;x", "Should not be empty"}},
		"a deal with a customer":              {"/portal/register-deal", []string{"leadEmail", "taken@example.com", "leadName", "T"}, 409, []string{"customer already"}},
		"an interval that there is not":       {"/portal/payout-schedule", []string{"interval", "daily"}, 422, []string{"Choose off, weekly or monthly"}},
		"a payout of too little":              {"/portal/payouts", nil, 422, []string{"Too little is ready", "$50.00 is missing"}},
		"access to a user whom nobody knows":  {"/portal/users/nobody/access", nil, 404, nil},
		"a login as a user whom nobody knows": {"/portal/users/nobody/login", nil, 404, nil},
	} {
		t.Run(name, func(t *testing.T) {
			page := b.post(t, c.path, c.fields...)
			assert.Equal(t, c.status, page.status)
			assertPage(t, page)
			for _, text := range c.shown {
				assert.Contains(t, page.body, text)
			}
			for _, link := range regexp.MustCompile(`href="(/portal[^"]*)"`).FindAllStringSubmatch(page.body, -1) {
				assert.Equal(t, 200, b.request(t, "GET", html.UnescapeString(link[1]), nil).status, link[1])
			}
		})
	}
	assert.Equal(t, before, w.state(t))
}

func TestFormsChangeWhatTheySay(t *testing.T) {
	w := newWorld(t)
	jane := w.partner(t, "jane@acme.com", "JANE").CustomerID
	b := w.visitor(t, jane)

	page := b.submit(t, "/portal/create-sub-account", "email", " lee@example.com ", "name", "Lee")
	assert.Contains(t, page.body, "The account of lee@example.com is created.")
	assert.Contains(t, page.body, "<h1>Lee</h1>")
	list := b.open(t, 200, "/portal/users").body
	assert.NotContains(t, list, "is created.", "the message is shown once")
	assert.Contains(t, list, "lee@example.com")

	added := w.customer(t, program.CustomerParams{Email: "max@example.com"})
	assert.Contains(t, b.submit(t, "/portal/add-user", "email", "max@example.com").body, "max@example.com is your user now.")

	assert.Contains(t, b.submit(t, "/portal/register-deal", "leadEmail", "l@example.com", "leadName", "Lou", "notes", "a\r\nb").body, "The deal with Lou is registered.")
	deals, err := w.Program.Deals(jane, program.DealQuery{PageQuery: program.PageQuery{Limit: 1}})
	require.NoError(t, err)
	assert.Equal(t, "a\nb", deals.Rows[0].Notes)

	assert.Contains(t, b.submit(t, "/portal/users/"+added+"/access").body, "Access is requested.")
	assert.Equal(t, 409, b.post(t, "/portal/users/"+added+"/access").status)
	assert.Equal(t, 403, b.post(t, "/portal/users/"+added+"/login").status)

	assert.Contains(t, b.submit(t, "/portal/payout-schedule", "interval", "weekly").body, "Automatic payouts are weekly. The next one is due on 2 Mar 2026, 00:00 UTC.")
	assert.Contains(t, b.submit(t, "/portal/payout-schedule", "interval", "off").body, "Automatic payouts are off.")
}

func TestPayoutIsRequestedWhenAllowed(t *testing.T) {
	w := newWorld(t)
	jane := w.partner(t, "jane@acme.com", "JANE").CustomerID
	lee := w.customer(t, program.CustomerParams{Email: "lee@example.com", ReferralCode: "JANE"})
	button := regexp.MustCompile(`<button[^>]*>Request a payout</button>`)

	w.pay(t, lee, 200_00)
	w.advance(31 * day)
	b := w.visitor(t, jane)
	page := b.open(t, 200, "/portal/payouts").body
	assert.Contains(t, button.FindString(page), "disabled")
	assert.Contains(t, page, "A payout needs $50.00. $10.00 is missing.")

	w.pay(t, lee, 50_00)
	w.advance(31 * day)
	b = w.visitor(t, jane)
	page = b.open(t, 200, "/portal/payouts").body
	require.NotEmpty(t, button.FindString(page))
	assert.NotContains(t, button.FindString(page), "disabled")
	page = b.submit(t, "/portal/payouts").body
	assert.Contains(t, page, "A payout of $50.00 is requested.")
	assert.Contains(t, button.FindString(page), "disabled")
	assert.Contains(t, page, "Another payout is pending or processing")
	again := b.post(t, "/portal/payouts")
	assert.Equal(t, 409, again.status)
	assert.Contains(t, again.body, "No payout was requested.")
}

func TestFormsAreBounded(t *testing.T) {
	w := newWorld(t, func(c *refserver.Config) { c.EnforceRateLimits, c.RateLimitPerSession = true, 2 })
	jane := w.partner(t, "jane@acme.com", "JANE").CustomerID
	b := w.visitor(t, jane)
	assert.Equal(t, 413, b.post(t, "/portal/register-deal", "notes", strings.Repeat("x", 64<<10)).status)
	assert.Equal(t, 415, b.upload(t, "/portal/register-deal"))
	limited := b.post(t, "/portal/payout-schedule", "interval", "weekly")
	assert.Equal(t, 429, limited.status)
	assert.Equal(t, "40", limited.header.Get("Retry-After"))
	assertPage(t, limited)
	w.advance(time.Minute)
	assert.Equal(t, 303, b.post(t, "/portal/payout-schedule", "interval", "weekly").status)
}

// upload sends what is not a form.
func (b *browser) upload(t *testing.T, path string) (status int) {
	request, err := http.NewRequestWithContext(t.Context(), "POST", b.url+path, strings.NewReader(`{"leadEmail": "a@b.co"}`))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := b.client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	return response.StatusCode
}

func TestPagesOfAListFollowEachOther(t *testing.T) {
	w := newWorld(t)
	jane := w.partner(t, "jane@acme.com", "JANE").CustomerID
	for i := range 45 {
		w.customer(t, program.CustomerParams{Email: "user-" + string(rune('a'+i/26)) + string(rune('a'+i%26)) + "@example.com", ReferralCode: "JANE"})
	}
	b := w.visitor(t, jane)
	row := regexp.MustCompile(`user-\w\w@example\.com`)
	next := regexp.MustCompile(`<a class="button small" href="([^"]+)" rel="next">`)
	seen := map[string]bool{}
	path := "/portal/users"
	for pages := range 3 {
		page := b.open(t, 200, path).body
		assert.Equal(t, pages > 0, strings.Contains(page, "First page"))
		for _, email := range row.FindAllString(page, -1) {
			seen[email] = true
		}
		link := next.FindStringSubmatch(page)
		if pages == 2 {
			assert.Nil(t, link)
			break
		}
		require.NotNil(t, link)
		path = link[1]
	}
	assert.Len(t, seen, 45)
}

func TestEmptyAccountSaysWhatToDoNext(t *testing.T) {
	w := newWorld(t)
	jane := w.partner(t, "jane@acme.com", "JANE").CustomerID
	b := w.visitor(t, jane)
	for path, text := range map[string]string{
		"/portal":                           `Share your referral link, or <a href="/portal/create-sub-account">`,
		"/portal/users":                     "Share your referral link",
		"/portal/users?filter=error":        "Show all users",
		"/portal/deals":                     "Register a lead",
		"/portal/deals?status=won":          "Show all deals",
		"/portal/invoices":                  "Bring users first",
		"/portal/commissions":               "You earn one each time a user pays",
		"/portal/commissions?status=paid":   "Show all commissions",
		"/portal/containers":                "once your users subscribe",
		"/portal/payouts":                   "Request one once enough is ready",
		"/portal/payouts?status=processing": "Show all payouts",
		"/portal/statement":                 "with your first commission",
	} {
		assert.Contains(t, b.open(t, 200, path).body, text, path)
	}

	lee := w.customer(t, program.CustomerParams{Email: "lee@example.com", ReferralCode: "JANE"})
	w.decide(t, w.session(lee), w.ask(t, w.session(jane), lee), "grant")
	b.post(t, "/portal/users/"+lee+"/login")
	for path, text := range map[string]string{
		"/portal/users/" + lee:                "Ask the user to subscribe to a plan",
		"/portal/commissions":                 `Ask <a href="/portal/users">your users</a> to subscribe to a plan`,
		"/portal/commissions?user=" + lee:     "Show all commissions",
		"/portal/invoices?user=" + lee:        "Show all invoices",
		"/portal/users?filter=limit_exceeded": "Show all users",
		"/portal/as-user":                     "Ask the user to subscribe to a plan",
	} {
		assert.Contains(t, b.open(t, 200, path).body, text, path)
	}
}
