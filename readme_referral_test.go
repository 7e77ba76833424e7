package stackbe_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// referralDays is the cookieDurationDays of the program's settings.
const referralDays = 30

var (
	referralCode = regexp.MustCompile(`^[A-Za-z0-9_-]{3,32}$`)
	clicks       = make(chan struct{}, 16) // calls in flight
)

// captureReferral keeps the code of a referral link in a cookie, and counts the click.
func captureReferral(client *stackbe.Client, w http.ResponseWriter, r *http.Request) {
	code := r.URL.Query().Get("ref")
	if r.Method != http.MethodGet || !referralCode.MatchString(code) {
		return
	}
	code = strings.ToUpper(code)
	http.SetCookie(w, &http.Cookie{
		Name: "ref", Value: code, Path: "/", MaxAge: referralDays * 24 * 60 * 60,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})

	page := url.URL{Scheme: "https", Host: r.Host, Path: r.URL.Path, RawQuery: "ref=" + code}
	address := page.String()
	if len(address) > 2048 {
		address = "" // the click counts without it
	}
	ctx := context.WithoutCancel(r.Context()) // the click counts when the visitor moves on
	select {
	case clicks <- struct{}{}:
		go func() {
			defer func() { <-clicks }()
			ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
			defer cancel()
			if _, err := client.Affiliates.TrackReferral(ctx, affiliates.TrackParams{Code: code, URL: address}); err != nil {
				slog.WarnContext(ctx, "a referral click is not counted", "error", err)
			}
		}()
	default:
		slog.WarnContext(ctx, "a referral click is not counted: too many calls in flight")
	}
}

// referralOf returns the code that a visitor came with, for its sign-up; "" for none.
func referralOf(r *http.Request) string {
	cookie, err := r.Cookie("ref")
	if err != nil || !referralCode.MatchString(cookie.Value) {
		return ""
	}
	return cookie.Value
}

const referralCookie = "ref=JANE20; Path=/; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax"

// visit opens a page of the site, and returns its cookie once the page is written.
func visit(t *testing.T, client *stackbe.Client, request *http.Request) (cookie string) {
	t.Helper()
	w := httptest.NewRecorder()
	captureReferral(client, w, request)
	w.WriteHeader(http.StatusOK)
	return w.Result().Header.Get("Set-Cookie")
}

// waitForClicks waits until no call is in flight.
func waitForClicks() {
	for range cap(clicks) {
		clicks <- struct{}{}
	}
	for range cap(clicks) {
		<-clicks
	}
}

func TestREADMEReferralKeepsThePartnerIfTheAPIFails(t *testing.T) {
	for name, respond := range map[string]http.HandlerFunc{
		"the click is counted": func(w http.ResponseWriter, _ *http.Request) { respondJSON(w, 201, `{"clickId":"c","code":"JANE20"}`) },
		"the API asks for a minute": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "60")
			respondJSON(w, 429, `{"statusCode":429,"message":"Too many requests","error":"Too Many Requests"}`)
		},
		"no partner has the code": func(w http.ResponseWriter, _ *http.Request) {
			respondJSON(w, 404, `{"statusCode":404,"message":"There is no such code","error":"Not Found"}`)
		},
		"the API fails": func(w http.ResponseWriter, _ *http.Request) { respondJSON(w, 400, `{}`) },
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { respond(w, r) })
			cookie := visit(t, newClient(t, server.URL), httptest.NewRequest("GET", "/pricing?ref=jane20", nil))
			assert.Equal(t, referralCookie, cookie)
			waitForClicks()
			assert.Len(t, server.received(), 1)
		})
	}
}

func TestREADMEReferralDoesNotPileUpOnAHangingAPI(t *testing.T) {
	release := make(chan struct{})
	var reached atomic.Int32
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		reached.Add(1)
		<-release
		respondJSON(w, 201, `{}`)
	})
	client := newClient(t, server.URL)
	for range 1000 {
		require.Equal(t, referralCookie, visit(t, client, httptest.NewRequest("GET", "/?ref=JANE20", nil)))
	}
	assert.Len(t, clicks, cap(clicks))
	close(release)
	waitForClicks()
	assert.EqualValues(t, cap(clicks), reached.Load())
}

func TestREADMEReferralGivesUpOnACallThatHangs(t *testing.T) {
	deadline := make(chan time.Duration, 1)
	client := newClient(t, "http://127.0.0.1", func(cfg *stackbe.Config) {
		cfg.HTTPClient = &http.Client{Transport: roundTrip(func(request *http.Request) (*http.Response, error) {
			end, ok := request.Context().Deadline()
			assert.True(t, ok)
			deadline <- time.Until(end)
			return nil, context.DeadlineExceeded
		})}
	})
	visit(t, client, httptest.NewRequest("GET", "/?ref=JANE20", nil))
	assert.LessOrEqual(t, <-deadline, 5*time.Second)
	waitForClicks()
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

func TestREADMEReferralCountsTheClickOfAVisitorWhoMovesOn(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { respondJSON(w, 201, `{}`) })
	request := httptest.NewRequest("GET", "/?ref=JANE20", nil).WithContext(canceled(t))
	assert.Equal(t, referralCookie, visit(t, newClient(t, server.URL), request))
	waitForClicks()
	assert.Len(t, server.received(), 1)
}

func TestREADMEReferralSendsTheAddressOfThePageAlone(t *testing.T) {
	for target, want := range map[string]string{
		"/?ref=jane20": "https://example.com/?ref=JANE20",
		"/pricing?token=secret&ref=JANE20&email=a@b.com": "https://example.com/pricing?ref=JANE20",
		"/caf%C3%A9?ref=JANE20":                          "https://example.com/caf%C3%A9?ref=JANE20",
		"/?ref=JANE20&" + strings.Repeat("x", 5000):      "https://example.com/?ref=JANE20",
		"/" + strings.Repeat("x", 2016) + "?ref=JANE20":  "https://example.com/" + strings.Repeat("x", 2016) + "?ref=JANE20",
		"/" + strings.Repeat("x", 2018) + "?ref=JANE20":  "",
	} {
		t.Run(target[:min(len(target), 30)], func(t *testing.T) {
			var body struct{ Code, URL string }
			server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
				assert.NoError(t, json.NewDecoder(r.Body).Decode(&body))
				respondJSON(w, 201, `{}`)
			})
			assert.Equal(t, referralCookie, visit(t, newClient(t, server.URL), httptest.NewRequest("GET", target, nil)))
			waitForClicks()
			assert.Equal(t, "JANE20", body.Code)
			assert.Equal(t, want, body.URL)
		})
	}
}

func TestREADMEReferralIgnoresOtherRequestsAndCodes(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { respondJSON(w, 201, `{}`) })
	client := newClient(t, server.URL)
	for name, request := range map[string]*http.Request{
		"HEAD":                   httptest.NewRequest("HEAD", "/?ref=JANE20", nil),
		"POST":                   httptest.NewRequest("POST", "/?ref=JANE20", nil),
		"no code":                httptest.NewRequest("GET", "/", nil),
		"an empty code":          httptest.NewRequest("GET", "/?ref=", nil),
		"two characters":         httptest.NewRequest("GET", "/?ref=ab", nil),
		"33 characters":          httptest.NewRequest("GET", "/?ref="+strings.Repeat("a", 33), nil),
		"a line break":           httptest.NewRequest("GET", "/?ref=JANE20%0a", nil),
		"a cookie's semicolon":   httptest.NewRequest("GET", "/?ref=JANE%3B20", nil),
		"a letter beyond ASCII":  httptest.NewRequest("GET", "/?ref=%C5%BFAM20", nil), // a long s, whose upper case is S
		"a Kelvin sign":          httptest.NewRequest("GET", "/?ref=%E2%84%AAIM20", nil),
		"another parameter's":    httptest.NewRequest("GET", "/?REF=JANE20", nil),
		"a query that is broken": httptest.NewRequest("GET", "/?ref=%zz", nil),
	} {
		assert.Empty(t, visit(t, client, request), name)
	}
	waitForClicks()
	assert.Empty(t, server.received())
}

func TestREADMEReferralCookieLastsForCookieDurationDays(t *testing.T) {
	server := stackbetest.New(t)
	settings, err := server.Client().AsAdmin(server.AdminToken).Affiliates.GetSettings(t.Context())
	require.NoError(t, err)
	assert.Equal(t, settings.CookieDurationDays, referralDays)
}

func TestREADMEReferralAttributesTheSignUp(t *testing.T) {
	server := stackbetest.New(t)
	client := server.Client()
	partner := partnerOf(t, server)
	affiliate, err := client.Affiliates.Get(t.Context(), partner)
	require.NoError(t, err)
	w := httptest.NewRecorder()
	captureReferral(client, w, httptest.NewRequest("GET", "/?ref="+strings.ToLower(affiliate.Code), nil))
	waitForClicks()

	signUp := httptest.NewRequest("POST", "/sign-up", nil)
	assert.Empty(t, referralOf(signUp))
	signUp.AddCookie(w.Result().Cookies()[0])
	require.Equal(t, affiliate.Code, referralOf(signUp))
	customer := server.CreateCustomer(stackbetest.CustomerParams{Email: "john@company.com", ReferralCode: referralOf(signUp)})
	server.RecordPayment(customer, affiliates.MoneyFromCents(49_00))
	dashboard, err := client.AsCustomer(server.SessionToken(partner)).Affiliates.GetDashboard(t.Context())
	require.NoError(t, err)
	assert.EqualValues(t, 1, dashboard.Stats.Clicks)
	assert.EqualValues(t, 1, dashboard.Stats.Customers)
	assert.Equal(t, "9.80", dashboard.Affiliate.TotalEarned.String())

	forged := httptest.NewRequest("POST", "/sign-up", nil)
	forged.Header.Set("Cookie", "ref=JANE 20<script>")
	assert.Empty(t, referralOf(forged), "a visitor can write any cookie")
}
