package stackbe_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

func readmeReferrals(client *stackbe.Client, site http.Handler, serve func(*http.Server, *affiliates.ReferralCapture)) error {
	capture, err := affiliates.NewReferralCapture(client.Affiliates,
		affiliates.WithCookieDays(30), // the cookieDurationDays of the program's settings
		affiliates.WithConsent(func(r *http.Request) bool {
			cookie, err := r.Cookie("consent") // as your cookie banner sets it
			return err == nil && cookie.Value == "yes"
		}),
		affiliates.WithReport(func(r affiliates.ReferralReport) {
			slog.Warn("referral clicks are not tracked", "clicks", r.Clicks, "error", r.Err)
		}),
	)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: capture.Middleware(site)}
	serve(server, capture)
	return nil
}

// createCustomer is what a site has of its own.
var createCustomer func(ctx context.Context, email, code, clickID string) error

func signUp(w http.ResponseWriter, r *http.Request) {
	referral := affiliates.ReferralFromRequest(r)
	if err := createCustomer(r.Context(), r.FormValue("email"), referral.Code, referral.ClickID); err != nil {
		http.Error(w, "Please try again later.", http.StatusInternalServerError)
		return
	}
	affiliates.Forget(w)
}

func TestREADMEReferralLinks(t *testing.T) {
	reference := stackbetest.New(t)
	client := reference.Client()
	partner := partnerOf(t, reference)
	affiliate, err := client.Affiliates.Get(t.Context(), partner)
	require.NoError(t, err)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "Pricing") })
	mux.HandleFunc("POST /sign-up", signUp)
	createCustomer = func(_ context.Context, email, code, clickID string) error {
		customer := reference.CreateCustomer(stackbetest.CustomerParams{Email: email, ReferralCode: code, ClickID: clickID})
		reference.RecordPayment(customer, affiliates.MoneyFromCents(49_00))
		return nil
	}
	require.NoError(t, readmeReferrals(client, mux, func(server *http.Server, capture *affiliates.ReferralCapture) {
		site := httptest.NewServer(server.Handler)
		defer site.Close()
		visitor := newVisitor(t, site.URL)
		visitor.open("/pricing?ref=" + strings.ToLower(affiliate.Code))
		visitor.open("/pricing?ref=" + affiliate.Code)
		visitor.signUp("john@company.com")
		assert.Equal(t, []string{"consent"}, visitor.cookies(), "the referral is forgotten")

		stranger := newVisitor(t, site.URL)
		stranger.jar.SetCookies(stranger.site, []*http.Cookie{{Name: "consent", Value: "no", Path: "/"}})
		stranger.open("/pricing?ref=" + affiliate.Code)
		stranger.signUp("amir@company.com")
		require.NoError(t, capture.Close(t.Context()))
	}))
	dashboard, err := client.AsCustomer(reference.SessionToken(partner)).Affiliates.GetDashboard(t.Context())
	require.NoError(t, err)
	assert.EqualValues(t, 1, dashboard.Stats.Clicks)
	assert.EqualValues(t, 1, dashboard.Stats.Customers)
	assert.Equal(t, "9.80", dashboard.Affiliate.TotalEarned.String())
}

// visitor is a browser with cookies, whose visitor has consented.
type visitor struct {
	t      *testing.T
	site   *url.URL
	jar    *cookiejar.Jar
	client http.Client
}

func newVisitor(t *testing.T, site string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	address, err := url.Parse(site)
	require.NoError(t, err)
	jar.SetCookies(address, []*http.Cookie{{Name: "consent", Value: "yes", Path: "/"}})
	return &visitor{t: t, site: address, jar: jar, client: http.Client{Jar: jar}}
}

func (v *visitor) open(target string) {
	v.t.Helper()
	response, err := v.client.Get(v.site.String() + target)
	v.expectOK(response, err)
}

func (v *visitor) signUp(email string) {
	v.t.Helper()
	response, err := v.client.PostForm(v.site.String()+"/sign-up", url.Values{"email": {email}})
	v.expectOK(response, err)
}

func (v *visitor) expectOK(response *http.Response, err error) {
	v.t.Helper()
	require.NoError(v.t, err)
	require.NoError(v.t, response.Body.Close())
	require.Equal(v.t, http.StatusOK, response.StatusCode)
}

func (v *visitor) cookies() (names []string) {
	for _, cookie := range v.jar.Cookies(v.site) {
		names = append(names, cookie.Name)
	}
	return names
}

func TestCaptureHasTheCookieDurationOfTheProgramByDefault(t *testing.T) {
	server := stackbetest.New(t)
	settings, err := server.Client().AsAdmin(server.AdminToken).Affiliates.GetSettings(t.Context())
	require.NoError(t, err)
	capture, err := affiliates.NewReferralCapture(server.Client().Affiliates)
	require.NoError(t, err)
	defer func() { assert.NoError(t, capture.Close(context.WithoutCancel(t.Context()))) }()
	w := httptest.NewRecorder()
	capture.Middleware(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("GET", "/?ref=JANE20", nil))
	require.Len(t, w.Result().Cookies(), 1)
	assert.Equal(t, settings.CookieDurationDays*24*60*60, w.Result().Cookies()[0].MaxAge)
}
