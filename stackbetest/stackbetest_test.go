package stackbetest_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/internal/conformance/fixture"
	"github.com/stackbe/stackbe-go/stackbetest"
)

const day = 24 * time.Hour

// enroll makes a partner of an app.
func enroll(t *testing.T, app stackbetest.App, email, code string) *affiliates.Review {
	t.Helper()
	review, err := fixture.Enroll(t.Context(), app.Client().AsAdmin(app.AdminToken), affiliates.ApplyParams{Email: email, Name: "Jane Smith"}, code)
	require.NoError(t, err)
	return review
}

func TestPartnerFromApplicationToEarnings(t *testing.T) {
	t.Parallel()
	server := stackbetest.New(t)
	client := server.Client()
	admin := client.AsAdmin(server.AdminToken)

	applied, err := client.Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane Smith"})
	require.NoError(t, err)
	_, err = client.Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: "JANE@acme.com", Name: "Jane Smith"})
	require.ErrorIs(t, err, stackbe.ErrConflict)
	review, err := admin.Affiliates.Approve(t.Context(), applied.ID, affiliates.ApproveParams{Code: "JANE20"})
	require.NoError(t, err)

	click, err := client.Affiliates.TrackReferral(t.Context(), affiliates.TrackParams{Code: "JANE20", URL: "https://yoursite.com?ref=JANE20"})
	require.NoError(t, err)
	byCode := server.CreateCustomer(stackbetest.CustomerParams{Email: "a@example.com", ReferralCode: "jane20"})
	byClick := server.CreateCustomer(stackbetest.CustomerParams{Email: "b@example.com", ClickID: click.ID})
	nobodys := server.CreateCustomer(stackbetest.CustomerParams{Email: "c@example.com", ReferralCode: "UNKNOWN"})
	server.RecordPayment(byCode, affiliates.MoneyFromCents(100_00))
	server.Advance(30 * day)
	for _, customer := range []string{byClick, nobodys} {
		server.RecordPayment(customer, affiliates.MoneyFromCents(10_01))
	}

	jane := client.AsCustomer(server.SessionToken(review.Affiliate.CustomerID))
	dashboard, err := jane.Affiliates.GetDashboard(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "22.00", dashboard.Affiliate.TotalEarned.String())
	assert.Equal(t, "20.00", dashboard.Earnings.Ready.String())
	assert.Equal(t, "2.00", dashboard.Earnings.InReview.String())
	assert.Equal(t, 2, dashboard.Stats.Customers)
	assert.Equal(t, 1, dashboard.Stats.Clicks)
}

func TestAppsAreSeparate(t *testing.T) {
	t.Parallel()
	server := stackbetest.New(t)
	first, second := server.AddApp(), server.AddApp()
	assert.Len(t, map[string]bool{server.AppID: true, first.AppID: true, second.AppID: true}, 3)
	jane := enroll(t, first, "jane@acme.com", "JANE20").Affiliate
	enroll(t, second, "jane@acme.com", "JANE20")

	customer := second.CreateCustomer(stackbetest.CustomerParams{Email: "c@example.com", ReferralCode: "JANE20"})
	second.RecordPayment(customer, affiliates.MoneyFromCents(100_00))
	own, err := first.Client().AsCustomer(first.SessionToken(jane.CustomerID)).Affiliates.GetCurrent(t.Context())
	require.NoError(t, err)
	assert.True(t, own.TotalEarned.IsZero())

	_, err = second.Client().Affiliates.Get(t.Context(), jane.CustomerID)
	assert.ErrorIs(t, err, stackbe.ErrForbidden)
	_, err = first.Client().AsAdmin(second.AdminToken).Affiliates.GetSettings(t.Context())
	assert.ErrorIs(t, err, stackbe.ErrForbidden)
	_, err = server.Client().Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane"})
	assert.NoError(t, err)
}

func TestAppsShareOneClock(t *testing.T) {
	t.Parallel()
	stands := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	server := stackbetest.New(t, stackbetest.WithClock(func() time.Time { return stands }))
	app := server.AddApp()
	jane := enroll(t, app, "jane@acme.com", "JANE20").Affiliate
	session := app.Client().AsCustomer(app.SessionToken(jane.CustomerID))

	server.Advance(time.Hour)
	server.Advance(time.Minute)
	assert.Equal(t, stands.Add(61*time.Minute), server.Now())
	link, err := session.Affiliates.GetPortalLink(t.Context())
	require.NoError(t, err)
	assert.Equal(t, server.Now().Add(day), link.ExpiresAt)
	assert.Equal(t, http.StatusOK, status(t, link.URL))

	server.Advance(day)
	assert.Equal(t, http.StatusGone, status(t, link.URL))
	server.Advance(90 * day)
	_, err = session.Affiliates.GetCurrent(t.Context())
	assert.ErrorIs(t, err, stackbe.ErrUnauthorized)
}

func TestAdvanceByCenturies(t *testing.T) {
	t.Parallel()
	stands := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	to := newReceiver(t, withStatus(http.StatusInternalServerError))
	server := stackbetest.New(t, stackbetest.WithClock(func() time.Time { return stands }), stackbetest.WithWebhook(to.URL, secret))
	jane := approve(t, server, "jane@acme.com").Affiliate
	customer := server.CreateCustomer(stackbetest.CustomerParams{Email: "c@example.com", ReferralCode: jane.Code})
	for range 2 {
		server.Advance(100 * 365 * day)
		session := server.Client().AsCustomer(server.SessionToken(jane.CustomerID))
		link, err := session.Affiliates.GetPortalLink(t.Context())
		require.NoError(t, err)
		assert.Equal(t, server.Now().Add(day), link.ExpiresAt)
		assert.Equal(t, http.StatusOK, status(t, link.URL))

		server.RecordPayment(customer, affiliates.MoneyFromCents(100_00))
		dashboard, err := session.Affiliates.GetDashboard(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "20.00", dashboard.Earnings.InReview.String())
	}
	server.Advance(80 * 365 * day)
	assert.Equal(t, 2305, server.Now().Year())
	session := server.Client().AsCustomer(server.SessionToken(jane.CustomerID))
	link, err := session.Affiliates.GetPortalLink(t.Context())
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, status(t, link.URL))
	dashboard, err := session.Affiliates.GetDashboard(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "40.00", dashboard.Earnings.Ready.String())
	approve(t, server, "after@acme.com")
	server.Advance(30 * day)
	for _, shown := range server.Deliveries() {
		assert.Equal(t, stackbetest.DeliveryGivenUp, shown.State)
	}
}

func TestAdvanceEndsBeforeTheYear9999(t *testing.T) {
	t.Parallel()
	test := &failures{}
	server := stackbetest.New(test, stackbetest.WithClock(func() time.Time { return time.Date(9998, 12, 31, 0, 0, 0, 0, time.UTC) }))
	defer server.Close()
	server.Advance(day - 1)
	assert.Panics(t, func() { server.Advance(1) })
	assert.Contains(t, test.messages[0], "up to the year 9998")
}

func TestClockRunsByDefault(t *testing.T) {
	t.Parallel()
	server := stackbetest.New(t)
	before := time.Now()
	assert.False(t, server.Now().Before(before))
	server.Advance(time.Hour)
	assert.False(t, server.Now().Before(before.Add(time.Hour)))
}

func TestWithRateLimits(t *testing.T) {
	t.Parallel()
	limited := stackbetest.New(t, stackbetest.WithRateLimits(2, 1), stackbetest.WithClock(func() time.Time { return noon }))
	open := stackbetest.New(t)
	for _, want := range []int{200, 200, 429} {
		assert.Equal(t, want, statusOfApplication(t, limited))
	}
	for range 1001 {
		require.Equal(t, 200, statusOfApplication(t, open))
	}
	limited.Advance(time.Minute)
	assert.Equal(t, 200, statusOfApplication(t, limited))
}

func statusOfApplication(t *testing.T, server *stackbetest.Server) int {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/v1/affiliate/apply/status?email=a@b.co", nil)
	require.NoError(t, err)
	request.Header.Set("x-api-key", server.APIKey)
	return send(t, request)
}

func status(t *testing.T, url string) int {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	return send(t, request)
}

// send sends a request as a browser does, which keeps the cookies of a redirect.
func send(t *testing.T, request *http.Request) int {
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	response, err := (&http.Client{Jar: jar}).Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}

func TestPanicIsLogged(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	var broken bool
	server := stackbetest.New(t,
		stackbetest.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
		stackbetest.WithClock(func() time.Time {
			if broken {
				panic("the clock is broken")
			}
			return time.Now()
		}),
	)
	broken = true
	assert.Equal(t, http.StatusInternalServerError, status(t, server.URL+"/v1/affiliate"))
	assert.Contains(t, log.String(), "the clock is broken")
}

func TestCloseLeavesNothingRunning(t *testing.T) { // not parallel: it counts goroutines
	before := runtime.NumGoroutine()
	server, err := stackbetest.Start()
	require.NoError(t, err)
	client := server.Client()
	approve(t, server, "jane@acme.com")
	for range 3 {
		_, err := client.Affiliates.GetApplicationStatus(t.Context(), "jane@acme.com")
		require.NoError(t, err)
	}
	server.Close()
	server.Close()

	waitForGoroutines(t, before)
	check, err := client.Affiliates.GetApplicationStatus(stackbe.WithRetry(t.Context(), stackbe.Retry{}), "jane@acme.com")
	assert.False(t, err == nil && check.Applied, "the server still responds") // another program may have its port
}

// waitForGoroutines gives the ends of closed connections a moment to notice.
func waitForGoroutines(t *testing.T, want int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > want && time.Now().Before(deadline); {
		runtime.Gosched()
	}
	assert.LessOrEqual(t, runtime.NumGoroutine(), want)
}

// failures is a test that notes how it failed.
type failures struct {
	testing.TB
	messages []string
}

func (f *failures) Helper()        {}
func (f *failures) Cleanup(func()) {}
func (f *failures) Fatalf(format string, args ...any) {
	f.messages = append(f.messages, fmt.Sprintf(format, args...))
	panic(f) // instead of runtime.Goexit
}

func TestMisuseFailsTheTestOrPanics(t *testing.T) {
	t.Parallel()
	misuses := map[string]struct {
		do   func(*stackbetest.Server)
		want string
	}{
		"a session of an unknown customer":  {func(s *stackbetest.Server) { s.SessionToken("cust_0") }, "has no customer"},
		"a payment of an unknown customer":  {func(s *stackbetest.Server) { s.RecordPayment("cust_0", affiliates.MoneyFromCents(1)) }, `RecordPayment("cust_0"): No customer`},
		"a subscription to an unknown plan": {func(s *stackbetest.Server) { s.Subscribe("cust_0", "Gold") }, `Subscribe("cust_0", "Gold"): plan must be one of`},
		"a refund of an unknown invoice":    {func(s *stackbetest.Server) { s.Refund("inv_0", affiliates.Money{}) }, `Refund("inv_0"): There is no invoice`},
		"a payment of an unknown invoice":   {func(s *stackbetest.Server) { s.PayInvoice("inv_0") }, `PayInvoice("inv_0"): There is no invoice`},
		"the statement of a code":           {func(s *stackbetest.Server) { s.Statement("JANE20") }, `Statement("JANE20"): No partner`},
		"a webhook that leads nowhere":      {func(s *stackbetest.Server) { s.AddWebhook(stackbetest.WebhookParams{Secret: secret}) }, "give a Handler, or a URL"},
		"a payment of nothing":              {func(s *stackbetest.Server) { s.RecordPayment("cust_0", affiliates.Money{}) }, "amount must be"},
		"a payment with fractions of cents": {func(s *stackbetest.Server) { s.RecordPayment("cust_0", money(t, "0.001")) }, "0.001 is not a whole number of cents"},
		"a sign-up without an email":        {func(s *stackbetest.Server) { s.CreateCustomer(stackbetest.CustomerParams{}) }, "email must be an email"},
		"a sign-up with a zero-width space": {func(s *stackbetest.Server) {
			s.CreateCustomer(stackbetest.CustomerParams{Email: "ja\u200bne@acme.com"})
		}, "email must be an email"},
		"a sign-up twice": {func(s *stackbetest.Server) {
			for range 2 {
				s.CreateCustomer(stackbetest.CustomerParams{Email: "a@b.co"})
			}
		}, "exists already"},
		"too many copies":    {func(s *stackbetest.Server) { s.Misbehave(stackbetest.Duplicate(101)) }, "at most 100"},
		"going back in time": {func(s *stackbetest.Server) { s.Advance(-1) }, "cannot go backwards"},
	}
	for name, misuse := range misuses {
		t.Run(name, func(t *testing.T) {
			test := &failures{}
			inTest := stackbetest.New(test)
			defer inTest.Close()
			assert.Panics(t, func() { misuse.do(inTest) })
			require.Len(t, test.messages, 1)
			assert.Contains(t, test.messages[0], misuse.want)

			outside, err := stackbetest.Start()
			require.NoError(t, err)
			defer outside.Close()
			func() {
				defer func() { assert.Contains(t, fmt.Sprint(recover()), misuse.want) }()
				misuse.do(outside)
			}()
		})
	}
}

func money(t *testing.T, text string) affiliates.Money {
	parsed, err := affiliates.ParseMoney(text)
	require.NoError(t, err)
	return parsed
}

func TestServersAreSeparateAndLocal(t *testing.T) {
	t.Parallel()
	first, second := stackbetest.New(t), stackbetest.New(t)
	assert.NotEqual(t, first.URL, second.URL)
	assert.NotEqual(t, first.APIKey, second.APIKey)
	assert.True(t, strings.HasPrefix(first.URL, "http://127.0.0.1:"))
	assert.True(t, strings.HasPrefix(first.APIKey, "sk_test_"))
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		server, err := stackbetest.Start()
		if err != nil {
			b.Fatal(err)
		}
		server.Close()
	}
}

// BenchmarkNewAndOneCall has a connection that is idle when the server is closed.
func BenchmarkNewAndOneCall(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		server, err := stackbetest.Start()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := server.Client().Affiliates.GetApplicationStatus(b.Context(), "a@b.co"); err != nil {
			b.Fatal(err)
		}
		server.Close()
	}
}

func TestStartLeavesTheCallersOptionsAlone(t *testing.T) {
	options := []stackbetest.Option{stackbetest.WithoutSocket(), nil}
	server, err := stackbetest.Start(options[:1]...)
	require.NoError(t, err)
	server.Close()
	assert.Nil(t, options[1])
}
