package affiliates_test

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// The responses of the server, each with a field that the SDK does not know.
const (
	affiliateJSON = `{"enrolled":true,"id":"cmaff1","customerId":"cust_123","code":"JANE20","type":"partner",
		"status":"active","commissionRate":20,"totalEarned":120.5,"pendingBalance":"80.25",
		"createdAt":"2026-03-01T10:00:00Z","tier":"gold"}`

	dealJSON = `{"id":"cmdeal1","leadEmail":"p@company.com","leadName":"John Smith","notes":"Met at a fair",
		"status":"registered","createdAt":"2026-03-02T10:00:00.123456Z","owner":"jane"}`

	pendingJSON = `{"id":"cmapp1","email":"jane@acme.com","name":"Jane Smith","company":"Acme","website":"https://acme.com",
		"reason":"A large audience","status":"pending","createdAt":"2026-03-01T10:00:00Z","score":7}`

	approvedJSON = `{"id":"cmapp1","email":"jane@acme.com","name":"Jane Smith","status":"approved",
		"affiliateId":"cmaff1","createdAt":"2026-03-01T10:00:00Z","reviewedAt":"2026-03-01T11:00:00.5Z"}`

	rejectedJSON = `{"id":"cmapp1","email":"jane@acme.com","name":"Jane Smith","status":"rejected",
		"rejectionReason":"Not a good fit","createdAt":"2026-03-01T10:00:00Z","reviewedAt":"2026-03-01T11:00:00.5Z"}`

	settingsJSON = `{"defaultCommissionRate":20,"holdingPeriodDays":30,"minPayoutAmount":50,"cookieDurationDays":30,
		"levels":[{"name":"Gold","minPaidSubscriptions":5,"minMonthlyValue":50,"commissionRate":40}],
		"plans":[{"id":"pro","name":"Pro","monthlyPrice":20}],"currency":"USD"}`

	applyJSON     = `{"id":"cmapp1","status":"pending","message":"Thank you","queue":3}`
	checkJSON     = `{"applied":true,"id":"cmapp1","status":"rejected","rejectionReason":"Not a good fit","createdAt":"2026-03-01T10:00:00Z","reviewedAt":"2026-03-01T11:00:00Z","score":7}`
	dashboardJSON = `{"affiliate":` + affiliateJSON + `,"referralLink":"https://yoursite.com?ref=JANE20",
		"stats":{"clicks":42,"customers":3,"deals":2},"earnings":{"inReview":40.25,"ready":80.25,"debt":1.01,"inPayout":2.02,"paid":3.03,"monthlyValue":4.04},
		"recentDeals":[` + dealJSON + `],"recentUsers":[` + userJSON + `],"recentPayouts":[` + payoutJSON + `],"announcement":"Welcome"}`
	linkJSON   = `{"url":"https://portal.stackbe.io/portal/tok_1","expiresAt":"2026-03-02T10:00:00Z","theme":"dark"}`
	clickJSON  = `{"clickId":"cmclick1","code":"JANE20","expiresAt":"2026-04-01T10:00:00Z","bot":false}`
	listJSON   = `{"data":[` + pendingJSON + `],"pagination":{"cursor":"c2","hasMore":true},"total":9}`
	reviewJSON = `{"application":` + approvedJSON + `,"affiliate":` + affiliateJSON + `,"mailSent":true}`
	refuseJSON = `{"application":` + rejectedJSON + `}`
)

var (
	wantAffiliate = affiliates.Affiliate{
		Enrolled: true, ID: "cmaff1", CustomerID: "cust_123", Code: "JANE20",
		Type: affiliates.AffiliateTypePartner, Status: affiliates.AffiliateActive, CommissionRate: percent("20"),
		TotalEarned: money("120.5"), PendingBalance: money("80.25"),
		CreatedAt: at("2026-03-01T10:00:00Z"), Raw: json.RawMessage(affiliateJSON),
	}
	wantDeal = affiliates.Deal{
		ID: "cmdeal1", LeadEmail: "p@company.com", LeadName: "John Smith", Notes: "Met at a fair",
		Status: affiliates.DealRegistered, CreatedAt: at("2026-03-02T10:00:00.123456Z"),
		Raw: json.RawMessage(dealJSON),
	}
	wantPending = affiliates.Application{
		ID: "cmapp1", Email: "jane@acme.com", Name: "Jane Smith", Company: "Acme", Website: "https://acme.com",
		Reason: "A large audience", Status: affiliates.ApplicationPending, CreatedAt: at("2026-03-01T10:00:00Z"),
		Raw: json.RawMessage(pendingJSON),
	}
	wantApproved = affiliates.Application{
		ID: "cmapp1", Email: "jane@acme.com", Name: "Jane Smith", Status: affiliates.ApplicationApproved,
		AffiliateID: "cmaff1", CreatedAt: at("2026-03-01T10:00:00Z"), ReviewedAt: at("2026-03-01T11:00:00.5Z"),
		Raw: json.RawMessage(approvedJSON),
	}
	wantRejected = affiliates.Application{
		ID: "cmapp1", Email: "jane@acme.com", Name: "Jane Smith", Status: affiliates.ApplicationRejected,
		RejectionReason: "Not a good fit", CreatedAt: at("2026-03-01T10:00:00Z"), ReviewedAt: at("2026-03-01T11:00:00.5Z"),
		Raw: json.RawMessage(rejectedJSON),
	}
	wantSettings = affiliates.Settings{
		DefaultCommissionRate: percent("20"), HoldingPeriodDays: 30, MinPayoutAmount: money("50"), CookieDurationDays: 30,
		Levels: []affiliates.Level{{Name: "Gold", MinPaidSubscriptions: 5, MinMonthlyValue: money("50"), CommissionRate: percent("40")}},
		Plans:  []affiliates.PlanTerms{{ID: affiliates.PlanPro, Name: "Pro", MonthlyPrice: money("20")}},
		Raw:    json.RawMessage(settingsJSON),
	}
)

// credential is the one header that a request may be authorized by.
type credential struct{ header, value string }

var (
	key     = credential{"X-Api-Key", apiKey}
	session = credential{"Authorization", "Bearer " + sessionToken}
	admin   = credential{"Authorization", "Bearer " + adminJWT}
)

// call is one method of the service with what it sends and how it reads the
// response.
type call struct {
	name     string // the method
	does     string
	do       func(context.Context, *affiliates.Service) (any, error)
	method   string
	path     string
	query    string
	auth     credential
	sent     string // the body; "" for none
	key      string // the Idempotency-Key that the caller gives
	status   int
	response string
	want     any
}

var calls = []call{
	{
		name: "Apply", does: "sends every field",
		do: func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Apply(ctx, affiliates.ApplyParams{
				Email: "jane@acme.com", Name: "Jane Smith", Company: "Acme", Website: "https://acme.com?a=1&b=2",
				Reason: "A large <audience>\nin SaaS", IdempotencyKey: "apply-1",
			})
		},
		method: "POST", path: "/v1/affiliate/apply", auth: key, key: "apply-1",
		sent: `{"email":"jane@acme.com","name":"Jane Smith","company":"Acme","website":"https://acme.com?a=1&b=2",
			"reason":"A large <audience>\nin SaaS"}`,
		status: 201, response: applyJSON,
		want: &affiliates.ApplyResult{ID: "cmapp1", Status: affiliates.ApplicationPending, Message: "Thank you", Raw: json.RawMessage(applyJSON)},
	},
	{
		name: "Apply", does: "leaves empty fields out",
		do: func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Apply(ctx, affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane Smith"})
		},
		method: "POST", path: "/v1/affiliate/apply", auth: key,
		sent:   `{"email":"jane@acme.com","name":"Jane Smith"}`,
		status: 201, response: `{"id":"a"}`,
		want: &affiliates.ApplyResult{ID: "a", Raw: json.RawMessage(`{"id":"a"}`)},
	},
	{
		name: "GetApplicationStatus", does: "sends the email as a query",
		do: func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.GetApplicationStatus(ctx, "jane+x&y=z@acme.com")
		},
		method: "GET", path: "/v1/affiliate/apply/status", query: "email=jane%2Bx%26y%3Dz%40acme.com", auth: key,
		response: checkJSON,
		want: &affiliates.ApplicationCheck{
			Applied: true, ID: "cmapp1", Status: affiliates.ApplicationRejected, RejectionReason: "Not a good fit",
			CreatedAt: at("2026-03-01T10:00:00Z"), ReviewedAt: at("2026-03-01T11:00:00Z"), Raw: json.RawMessage(checkJSON),
		},
	},
	{
		name: "GetApplicationStatus", does: "accepts a response without an application",
		do: func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.GetApplicationStatus(ctx, "jane@acme.com")
		},
		method: "GET", path: "/v1/affiliate/apply/status", query: "email=jane%40acme.com", auth: key,
		response: `{"applied":false}`,
		want:     &affiliates.ApplicationCheck{Raw: json.RawMessage(`{"applied":false}`)},
	},
	{
		name: "Get", does: "reads a partner",
		do: func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Get(ctx, "cust_123")
		},
		method: "GET", path: "/v1/affiliate/by-customer/cust_123", auth: key,
		response: affiliateJSON, want: &wantAffiliate,
	},
	{
		name: "Get", does: "reads null and missing fields as zero",
		do: func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Get(ctx, "cust_123")
		},
		method: "GET", path: "/v1/affiliate/by-customer/cust_123", auth: key,
		response: `{"enrolled":false,"id":null,"code":null,"type":null,"totalEarned":null,"commissionRate":null,"createdAt":null}`,
		want: &affiliates.Affiliate{
			Raw: json.RawMessage(`{"enrolled":false,"id":null,"code":null,"type":null,"totalEarned":null,"commissionRate":null,"createdAt":null}`),
		},
	},
	{
		name: "GetCurrent", does: "keeps values that it does not know",
		do: func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.GetCurrent(ctx)
		},
		method: "GET", path: "/v1/affiliate", auth: session,
		response: `{"enrolled":true,"type":"reseller","status":"on hold"}`,
		want: &affiliates.Affiliate{
			Enrolled: true, Type: "reseller", Status: "on hold",
			Raw: json.RawMessage(`{"enrolled":true,"type":"reseller","status":"on hold"}`),
		},
	},
	{
		name: "GetDashboard", does: "reads all sections",
		do: func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.GetDashboard(ctx)
		},
		method: "GET", path: "/v1/affiliate/dashboard", auth: session,
		response: dashboardJSON,
		want: &affiliates.Dashboard{
			Affiliate: wantAffiliate, ReferralLink: "https://yoursite.com?ref=JANE20",
			Stats: affiliates.DashboardStats{Clicks: 42, Customers: 3, Deals: 2},
			Earnings: affiliates.Earnings{
				InReview: money("40.25"), Ready: money("80.25"), Debt: money("1.01"), InPayout: money("2.02"), Paid: money("3.03"),
				MonthlyValue: money("4.04"),
			},
			RecentDeals: []affiliates.Deal{wantDeal}, RecentUsers: []affiliates.User{wantUser},
			RecentPayouts: []affiliates.Payout{wantPayout}, Raw: json.RawMessage(dashboardJSON),
		},
	},
	{
		name: "GetDashboard", does: "reads a partner without the flag as enrolled",
		do: func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.GetDashboard(ctx)
		},
		method: "GET", path: "/v1/affiliate/dashboard", auth: session,
		response: `{"affiliate":{"totalEarned":1}}`,
		want: &affiliates.Dashboard{
			Affiliate: affiliates.Affiliate{Enrolled: true, TotalEarned: money("1"), Raw: json.RawMessage(`{"totalEarned":1}`)},
			Raw:       json.RawMessage(`{"affiliate":{"totalEarned":1}}`),
		},
	},
	{
		name: "GetPortalLink", does: "reads the link",
		do: func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.GetPortalLink(ctx)
		},
		method: "GET", path: "/v1/affiliate/portal-link", auth: session,
		response: linkJSON,
		want: &affiliates.PortalLink{
			URL: "https://portal.stackbe.io/portal/tok_1", ExpiresAt: at("2026-03-02T10:00:00Z"), Raw: json.RawMessage(linkJSON),
		},
	},
	{
		name: "TrackReferral", does: "sends code and URL",
		do: func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.TrackReferral(ctx, affiliates.TrackParams{
				Code: "JANE20", URL: "https://yoursite.com?ref=JANE20", IdempotencyKey: "click-1",
			})
		},
		method: "POST", path: "/v1/affiliate/track", auth: key, key: "click-1",
		sent:   `{"code":"JANE20","url":"https://yoursite.com?ref=JANE20"}`,
		status: 201, response: clickJSON,
		want: &affiliates.Click{ID: "cmclick1", Code: "JANE20", ExpiresAt: at("2026-04-01T10:00:00Z"), Raw: json.RawMessage(clickJSON)},
	},
	{
		name: "TrackReferral", does: "leaves an empty URL out, and accepts an empty response",
		do: func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.TrackReferral(ctx, affiliates.TrackParams{Code: "JANE20"})
		},
		method: "POST", path: "/v1/affiliate/track", auth: key,
		sent: `{"code":"JANE20"}`, status: 201,
		want: &affiliates.Click{},
	},
	{
		name: "RegisterDeal", does: "sends every field",
		do: func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.RegisterDeal(ctx, affiliates.DealParams{
				LeadEmail: "p@company.com", LeadName: "John Smith", Notes: "Met at a fair", IdempotencyKey: "deal-1",
			})
		},
		method: "POST", path: "/v1/affiliate/deals", auth: session, key: "deal-1",
		sent:   `{"leadEmail":"p@company.com","leadName":"John Smith","notes":"Met at a fair"}`,
		status: 201, response: dealJSON, want: &wantDeal,
	},
	{
		name: "RegisterDeal", does: "leaves empty notes out, and keeps a status that it does not know",
		do: func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.RegisterDeal(ctx, affiliates.DealParams{LeadEmail: "p@company.com", LeadName: "John Smith"})
		},
		method: "POST", path: "/v1/affiliate/deals", auth: session,
		sent:   `{"leadEmail":"p@company.com","leadName":"John Smith"}`,
		status: 201, response: `{"status":"lost"}`,
		want: &affiliates.Deal{Status: "lost", Raw: json.RawMessage(`{"status":"lost"}`)},
	},
	{
		name: "ListApplications", does: "sends no query without a filter",
		do: func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.ListApplications(ctx, affiliates.ApplicationFilter{})
		},
		method: "GET", path: "/v1/apps/app_1/affiliates/applications", auth: admin,
		response: listJSON,
		want: &affiliates.Page[affiliates.Application]{
			Data: []affiliates.Application{wantPending}, Cursor: "c2", HasMore: true, Raw: json.RawMessage(listJSON),
		},
	},
	{
		name: "ListApplications", does: "sends the filter, and reads a bare array as the only page",
		do: func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.ListApplications(ctx, affiliates.ApplicationFilter{Status: affiliates.ApplicationPending, Limit: 100, Cursor: "a+b/c="})
		},
		method: "GET", path: "/v1/apps/app_1/affiliates/applications", auth: admin,
		query:    "cursor=a%2Bb%2Fc%3D&limit=100&status=pending",
		response: " \n[" + pendingJSON + "]",
		want: &affiliates.Page[affiliates.Application]{
			Data: []affiliates.Application{wantPending}, Raw: json.RawMessage("[" + pendingJSON + "]"),
		},
	},
	{
		name: "GetApplication", does: "reads an application",
		do: func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.GetApplication(ctx, "cmapp1")
		},
		method: "GET", path: "/v1/apps/app_1/affiliates/applications/cmapp1", auth: admin,
		response: pendingJSON, want: &wantPending,
	},
	{
		name: "Review", does: "sends only the action",
		do: func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Review(ctx, "cmapp1", affiliates.ReviewParams{Action: affiliates.ReviewActionApprove, IdempotencyKey: "review-0"})
		},
		method: "POST", path: "/v1/apps/app_1/affiliates/applications/cmapp1/review", auth: admin, key: "review-0",
		sent:     `{"action":"approve"}`,
		response: reviewJSON,
		want: &affiliates.Review{
			Application: wantApproved, Affiliate: wantAffiliate, Raw: json.RawMessage(reviewJSON),
		},
	},
	{
		name: "Approve", does: "sends the code",
		do: func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Approve(ctx, "cmapp1", affiliates.ApproveParams{Code: "JANE20", IdempotencyKey: "review-1"})
		},
		method: "POST", path: "/v1/apps/app_1/affiliates/applications/cmapp1/review", auth: admin, key: "review-1",
		sent:     `{"action":"approve","code":"JANE20"}`,
		response: `{"affiliate":{"code":"JANE20"}}`,
		want: &affiliates.Review{
			Affiliate: affiliates.Affiliate{Enrolled: true, Code: "JANE20", Raw: json.RawMessage(`{"code":"JANE20"}`)},
			Raw:       json.RawMessage(`{"affiliate":{"code":"JANE20"}}`),
		},
	},
	{
		name: "Reject", does: "sends the reason, and creates no partner",
		do: func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Reject(ctx, "cmapp1", affiliates.RejectParams{Reason: "Not a good fit", IdempotencyKey: "review-2"})
		},
		method: "POST", path: "/v1/apps/app_1/affiliates/applications/cmapp1/review", auth: admin, key: "review-2",
		sent:     `{"action":"reject","rejectionReason":"Not a good fit"}`,
		response: refuseJSON,
		want:     &affiliates.Review{Application: wantRejected, Raw: json.RawMessage(refuseJSON)},
	},
	{
		name: "GetSettings", does: "reads all settings",
		do: func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.GetSettings(ctx)
		},
		method: "GET", path: "/v1/apps/app_1/affiliates/settings", auth: admin,
		response: settingsJSON, want: &wantSettings,
	},
	{
		name: "UpdateSettings", does: "sends every field",
		do: func(ctx context.Context, s *affiliates.Service) (any, error) {
			rate, days, amount, cookie := percent("12.5"), 14, money("25.10"), 90
			return s.UpdateSettings(ctx, affiliates.UpdateSettingsParams{
				DefaultCommissionRate: &rate, HoldingPeriodDays: &days, MinPayoutAmount: &amount, CookieDurationDays: &cookie,
				Levels:         []affiliates.Level{{Name: "Gold", MinPaidSubscriptions: 5, MinMonthlyValue: money("50"), CommissionRate: percent("40")}},
				Plans:          []affiliates.PlanPrice{{ID: affiliates.PlanPro, MonthlyPrice: money("25")}, {ID: affiliates.PlanFree}},
				IdempotencyKey: "settings-1",
			})
		},
		method: "PATCH", path: "/v1/apps/app_1/affiliates/settings", auth: admin, key: "settings-1",
		sent: `{"defaultCommissionRate":12.5,"holdingPeriodDays":14,"minPayoutAmount":25.10,"cookieDurationDays":90,
			"levels":[{"name":"Gold","minPaidSubscriptions":5,"minMonthlyValue":50,"commissionRate":40}],
			"plans":[{"id":"pro","monthlyPrice":25},{"id":"free","monthlyPrice":0}]}`,
		response: settingsJSON, want: &wantSettings,
	},
}

func TestCallsCoverServiceMethods(t *testing.T) {
	var tested []string
	for _, c := range calls {
		tested = append(tested, c.name)
	}
	tested = append(tested, "Applications") // has tests of its own

	service := reflect.TypeFor[*affiliates.Service]()
	for i := range service.NumMethod() {
		assert.Contains(t, tested, service.Method(i).Name)
	}
}

func TestCalls(t *testing.T) {
	for _, c := range calls {
		t.Run(c.name+" "+c.does, func(t *testing.T) {
			server := newServer(t, response{c.status, c.response})
			got, err := c.do(t.Context(), server.affiliates())
			require.NoError(t, err)
			assert.Equal(t, c.want, got)

			sent := server.only()
			assert.Equal(t, c.method, sent.method)
			assert.Equal(t, c.path, sent.path)
			assert.Equal(t, c.query, sent.query)
			assertHeaders(t, c, sent.header)
			if c.sent == "" {
				assert.Empty(t, sent.body)
				return
			}
			assert.JSONEq(t, c.sent, sent.body)
		})
	}
}

func assertHeaders(t *testing.T, c call, header http.Header) {
	t.Helper()
	var credentials []credential
	for _, name := range []string{"X-Api-Key", "Authorization", "Cookie", "Proxy-Authorization"} {
		for _, value := range header.Values(name) {
			credentials = append(credentials, credential{name, value})
		}
	}
	assert.Equal(t, []credential{c.auth}, credentials, "exactly one credential")
	assert.Equal(t, []string{"application/json"}, header["Accept"])
	assert.Equal(t, []string{"stackbe-go/" + stackbe.Version}, header["User-Agent"])

	if c.method == http.MethodGet {
		assert.Empty(t, header["Content-Type"])
		assert.Empty(t, header["Idempotency-Key"])
		return
	}
	assert.Equal(t, []string{"application/json"}, header["Content-Type"])
	require.Len(t, header["Idempotency-Key"], 1)
	if c.key != "" {
		assert.Equal(t, c.key, header.Get("Idempotency-Key"))
	}
	assert.NotEmpty(t, header.Get("Idempotency-Key"))
}

func TestWritesTakeIdempotencyKey(t *testing.T) {
	takes := map[string]bool{}
	for _, c := range calls {
		if c.method != http.MethodGet {
			takes[c.name] = takes[c.name] || c.key != ""
		}
	}
	for name, key := range takes {
		assert.True(t, key, name)
	}
}

func TestEachWriteHasItsOwnIdempotencyKey(t *testing.T) {
	server := newServer(t, response{}, response{})
	for range 2 {
		_, err := server.affiliates().TrackReferral(t.Context(), affiliates.TrackParams{Code: "JANE20"})
		require.NoError(t, err)
	}
	received := server.received()
	assert.NotEqual(t, received[0].header.Get("Idempotency-Key"), received[1].header.Get("Idempotency-Key"))
}

func TestMissingCredentialIsAnError(t *testing.T) {
	missing := map[credential]error{
		key:     stackbe.ErrNoAPIKey,
		session: stackbe.ErrNoSession,
		admin:   stackbe.ErrNoAdminToken,
	}
	for _, c := range calls {
		t.Run(c.name+" without its credential sends nothing, whatever others there are", func(t *testing.T) {
			server := newServer(t)
			client := server.bare(stackbe.Config{AppID: appID})
			if c.auth != key {
				client = server.bare(stackbe.Config{AppID: appID, APIKey: apiKey})
			}
			if c.auth != session {
				client = client.AsCustomer(sessionToken)
			}
			if c.auth != admin {
				client = client.AsAdmin(adminJWT)
			}
			got, err := c.do(t.Context(), client.Affiliates)
			assert.ErrorIs(t, err, missing[c.auth])
			assert.Nil(t, got)
			assert.Empty(t, server.received())
		})
	}
}

func TestMissingAppIDIsAnError(t *testing.T) {
	for _, c := range calls {
		if c.auth != admin {
			continue
		}
		t.Run(c.name+" without an app id sends nothing", func(t *testing.T) {
			server := newServer(t)
			got, err := c.do(t.Context(), server.bare(stackbe.Config{}).AsAdmin(adminJWT).Affiliates)
			assert.ErrorIs(t, err, stackbe.ErrNoAppID)
			assert.Nil(t, got)
			assert.Empty(t, server.received())
		})
	}
}

func TestServiceNotMadeByNewReturnsErrNoClient(t *testing.T) {
	for _, c := range calls {
		for name, service := range map[string]*affiliates.Service{
			"a nil service":    nil,
			"the zero service": {},
			"the zero client":  (&stackbe.Client{}).AsAdmin(adminJWT).AsCustomer(sessionToken).Affiliates,
		} {
			t.Run(c.name+" of "+name+" is an error", func(t *testing.T) {
				got, err := c.do(t.Context(), service)
				assert.ErrorIs(t, err, stackbe.ErrNoClient)
				assert.Nil(t, got)
			})
		}
	}
}

func TestRefusalIsReturned(t *testing.T) {
	for _, c := range calls {
		t.Run(c.name+" returns only the server's refusal", func(t *testing.T) {
			server := newServer(t, response{409, `{"statusCode":409,"message":"Already done","error":"Conflict"}`})
			got, err := c.do(t.Context(), server.affiliates())
			assert.ErrorIs(t, err, stackbe.ErrConflict)
			assert.ErrorContains(t, err, "Already done")
			assert.Nil(t, got)
		})
	}
}

func TestResponseOfAnotherShapeIsInvalid(t *testing.T) {
	for _, body := range []string{
		`null`, `7`, `"text"`, `{"id":`, `{} {}`, `<html></html>`,
		`{"id":7,"applied":7,"clickId":7,"url":7,"data":7,"affiliate":7,"application":7,"levels":7}`,
	} {
		for _, c := range calls {
			t.Run(c.name+" refuses "+body, func(t *testing.T) {
				server := newServer(t, response{body: body})
				got, err := c.do(t.Context(), server.affiliates())
				assert.ErrorIs(t, err, stackbe.ErrInvalidResponse)
				assert.Nil(t, got)
				var failure *stackbe.Error
				require.ErrorAs(t, err, &failure)
				assert.Equal(t, body, string(failure.Body))
			})
		}
	}
}

func TestPortalLinkWithoutURLIsInvalid(t *testing.T) {
	server := newServer(t, response{body: `{"expiresAt":"2026-03-02T10:00:00Z"}`})
	link, err := server.affiliates().GetPortalLink(t.Context())
	assert.ErrorIs(t, err, stackbe.ErrInvalidResponse)
	assert.Nil(t, link)
}

func TestMissingEnrolledIsInferred(t *testing.T) {
	for body, enrolled := range map[string]bool{
		`{"enrolled":true}`: true, `{"enrolled":false}`: false, `{"enrolled":false,"id":"a"}`: false,
		`{"id":"a"}`: true, `{"code":"JANE20"}`: true, `{"totalEarned":1}`: false,
	} {
		var a affiliates.Affiliate
		require.NoError(t, json.Unmarshal([]byte(body), &a))
		assert.Equal(t, enrolled, a.Enrolled, body)
	}
	for body, enrolled := range map[string]bool{
		`{"affiliate":{"totalEarned":1}}`: true, `{"affiliate":{"enrolled":false}}`: false,
	} {
		var d affiliates.Dashboard
		require.NoError(t, json.Unmarshal([]byte(body), &d))
		assert.Equal(t, enrolled, d.Affiliate.Enrolled, body)
	}
}

func TestEmptyResponseIsInvalid(t *testing.T) {
	for _, c := range calls {
		if slices.Contains([]string{"TrackReferral", "RegisterDeal", "Review", "Approve", "Reject"}, c.name) {
			continue // StackBE documents no response to these
		}
		t.Run(c.name+" refuses an empty response", func(t *testing.T) {
			server := newServer(t, response{})
			got, err := c.do(t.Context(), server.affiliates())
			assert.ErrorIs(t, err, stackbe.ErrInvalidResponse)
			assert.Nil(t, got)
		})
	}
}

func TestRawIsACopy(t *testing.T) {
	data := []byte(affiliateJSON)
	var partner affiliates.Affiliate
	require.NoError(t, json.Unmarshal(data, &partner))
	clear(data)
	assert.JSONEq(t, affiliateJSON, string(partner.Raw))
}

func TestRawHoldsUnknownFields(t *testing.T) {
	server := newServer(t, response{body: affiliateJSON})
	partner, err := server.affiliates().Get(t.Context(), "cust_123")
	require.NoError(t, err)
	var extra struct{ Tier string }
	require.NoError(t, json.Unmarshal(partner.Raw, &extra))
	assert.Equal(t, "gold", extra.Tier)
}

func TestServiceIsSafeForConcurrentUse(t *testing.T) {
	server := newServer(t, slices.Repeat([]response{{body: affiliateJSON}}, 20)...)
	service := server.affiliates()
	results := make(chan error)
	for range 20 {
		go func() {
			partner, err := service.Get(t.Context(), "cust_123")
			if err == nil && partner.Code != "JANE20" {
				err = assert.AnError
			}
			results <- err
		}()
	}
	for range 20 {
		assert.NoError(t, <-results)
	}
}
