package console_test

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

var start = time.Date(2026, 3, 1, 12, 0, 20, 0, time.UTC)

const (
	day    = 24 * time.Hour
	secret = "a secret of the tests"
)

// world is a running server with one app.
type world struct {
	*refserver.Server
	refserver.App
	url string
	// real is how far the clock below the server's was moved.
	real *atomic.Int64
}

func newWorld(t testing.TB, configure ...func(*refserver.Config)) world {
	t.Helper()
	moved := new(atomic.Int64)
	config := refserver.Config{Now: func() time.Time { return start.Add(time.Duration(moved.Load())) }}
	for _, change := range configure {
		change(&config)
	}
	server := refserver.New(config)
	listener := httptest.NewServer(server)
	t.Cleanup(func() { listener.Close(); server.Close() })
	app, err := server.AddApp(refserver.AppParams{})
	require.NoError(t, err)
	return world{Server: server, App: app, url: listener.URL, real: moved}
}

// browser keeps cookies, and follows no redirect.
type browser struct {
	t      testing.TB
	world  world
	client *http.Client
}

func (w world) browser(t testing.TB) browser {
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return browser{t, w, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// admin is a browser that is signed in.
func (w world) admin(t testing.TB, adminToken string) browser {
	b := w.browser(t)
	got := b.post("/console/sign-in", "token", adminToken)
	require.Equal(t, http.StatusSeeOther, got.status, got.body)
	return b
}

// reply is a response that was read.
type reply struct {
	status int
	header http.Header
	body   string
	path   string
}

// text is the body without tags and with single spaces.
func (r reply) text() string {
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(r.body, " "))), " ")
}

var tags = regexp.MustCompile(`<[^>]*>`)

func (r reply) location() string { return r.header.Get("Location") }

func (b browser) send(method, path string, form url.Values, header ...string) reply {
	b.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	request, err := http.NewRequest(method, b.world.url+path, body)
	require.NoError(b.t, err)
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := b.client.Do(request)
	require.NoError(b.t, err)
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)
	return reply{response.StatusCode, response.Header, string(read), path}
}

func (b browser) get(path string) reply { b.t.Helper(); return b.send(http.MethodGet, path, nil) }

// page is a page that is there.
func (b browser) page(path string) reply {
	b.t.Helper()
	got := b.get(path)
	require.Equal(b.t, http.StatusOK, got.status, "%s: %s", path, got.text())
	return got
}

// post sends a form of names and values.
func (b browser) post(path string, fields ...string) reply {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return b.send(http.MethodPost, path, form)
}

// done sends a form that is accepted, and returns the page that it leads to.
func (b browser) done(path string, fields ...string) reply {
	b.t.Helper()
	got := b.post(path, fields...)
	require.Equal(b.t, http.StatusSeeOther, got.status, got.text())
	return b.page(got.location())
}

// value is the value of an input with the name, or the text of a textarea with it.
func (r reply) value(t testing.TB, name string) string {
	t.Helper()
	for _, pattern := range []string{
		`<input[^>]*\bname="` + regexp.QuoteMeta(name) + `"[^>]*\bvalue="([^"]*)"`,
		`(?s)<textarea[^>]*\bname="` + regexp.QuoteMeta(name) + `"[^>]*>\n?(.*?)</textarea>`,
	} {
		if found := regexp.MustCompile(pattern).FindStringSubmatch(r.body); found != nil {
			return html.UnescapeString(found[1])
		}
	}
	t.Fatalf("there is no field %q", name)
	return ""
}

// problem is the problem at the field with the id.
func (r reply) problem(id string) string {
	found := regexp.MustCompile(`(?s)<span class="problem" id="` + regexp.QuoteMeta(id) + `-problem">(.*?)</span>`).FindStringSubmatch(r.body)
	if found == nil {
		return ""
	}
	return strings.TrimSpace(html.UnescapeString(tags.ReplaceAllString(found[1], "")))
}

// shop is an app with a record of each kind; each has the mark in its text.
type shop struct {
	refserver.App
	mark                                   string
	pending, rejected, partner, asCustomer string
	customer, invoice, failed              string
	payout, paid                           string
	endpoint, event                        string
	request                                string
}

// openShop plays a program. The mark is in every text that people enter.
func openShop(t testing.TB, w world, app refserver.App, mark string) shop {
	t.Helper()
	s := shop{App: app, mark: mark}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Reason", mark)
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, mark)
	}))
	t.Cleanup(receiver.Close)
	added, err := w.Webhooks.AddEndpoint(app.ID, delivery.EndpointParams{URL: receiver.URL + "/" + url.PathEscape(mark), Secret: secret, Events: []program.EventKind{program.ApplicationApproved}})
	require.NoError(t, err)
	s.endpoint = added.ID

	p := app.Program
	apply := func(email string) string {
		application, err := p.Apply(program.ApplicationParams{Email: email, Name: mark, Company: mark, Reason: mark, Website: "https://acme.com/?q=" + url.QueryEscape(mark)})
		require.NoError(t, err)
		return application.ID
	}
	s.pending, s.rejected = apply("pat@acme.com"), apply("ron@acme.com")
	_, err = p.Reject(s.rejected, mark)
	require.NoError(t, err)
	review, err := p.Approve(apply("jane@acme.com"), "JANE20")
	require.NoError(t, err)
	s.partner, s.asCustomer = review.Affiliate.ID, review.Affiliate.CustomerID
	w.Webhooks.Settle()
	s.event = w.Webhooks.App(app.ID).Deliveries(delivery.DeliveryQuery{PageQuery: program.PageQuery{Limit: 1}}).Rows[0].EventID

	customer, err := p.CreateCustomer(program.CustomerParams{Email: "lee@example.com", Name: mark, ReferralCode: "JANE20"})
	require.NoError(t, err)
	s.customer = customer.ID
	_, err = p.Subscribe(program.SubscriptionParams{CustomerID: customer.ID, Plan: program.Pro, PaymentMethod: program.DeclinedMethod})
	require.NoError(t, err)
	invoices, err := p.Invoices(program.InvoiceQuery{PageQuery: program.PageQuery{Limit: 1}})
	require.NoError(t, err)
	s.failed = invoices.Rows[0].ID
	pay := func() string {
		invoice, err := p.CreateInvoice(program.InvoiceParams{CustomerID: customer.ID, Amount: 1_000_00, Description: mark})
		require.NoError(t, err)
		return invoice.ID
	}
	zero := 0
	_, err = p.UpdateSettings(program.SettingsChange{HoldingPeriodDays: &zero, Levels: &[]program.Level{{Name: mark, MinPaidSubscriptions: 5, CommissionRate: 30_00}}})
	require.NoError(t, err)
	pay()
	require.NoError(t, w.Advance(time.Second))
	first, err := p.RequestPayout(s.asCustomer)
	require.NoError(t, err)
	_, err = p.MovePayout(first.ID, program.PayoutStep{Status: program.PayoutFailed, FailureReason: mark})
	require.NoError(t, err)
	s.paid = first.ID
	second, err := p.RequestPayout(s.asCustomer)
	require.NoError(t, err)
	s.payout = second.ID
	s.invoice = pay()
	return s
}

// ids replace the placeholders of a route, by its section.
func (s shop) ids(route string) string {
	section := strings.Split(strings.TrimPrefix(route, "/console"), "/")
	id := ""
	if len(section) > 1 {
		id = map[string]string{
			"applications": s.pending, "partners": s.partner, "payouts": s.payout, "customers": s.customer,
			"invoices": s.invoice, "webhooks": s.endpoint,
		}[section[1]]
	}
	return strings.NewReplacer("{$}", "", "{id}", id, "{event}", s.event, "{sequence}", s.request).Replace(route)
}
