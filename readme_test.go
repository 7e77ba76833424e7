package stackbe_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/internal/conformance/fixture"
	"github.com/stackbe/stackbe-go/stackbetest"
	"github.com/stackbe/stackbe-go/webhooks"
)

// Every snippet of the README stands in one of the functions below, which are
// compiled and run.
func TestREADMESnippetsAreTheCodeBelow(t *testing.T) {
	assertSnippets(t, "README.md", "readme_test.go", "readme_referral_test.go")
}

// assertSnippets finds each Go snippet of a page in one of the source files, as it is or
// indented.
func assertSnippets(t *testing.T, page string, files ...string) {
	t.Helper()
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	var source strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		source.Write(content)
	}
	snippets := strings.Split(string(text), "```go\n")[1:]
	require.NotEmpty(t, snippets)
	for _, snippet := range snippets {
		snippet, _, _ = strings.Cut(snippet, "```")
		snippet = strings.TrimSpace(snippet)
		indented := "\t" + strings.ReplaceAll(snippet, "\n", "\n\t")
		indented = strings.ReplaceAll(indented, "\n\t\n", "\n\n")
		found := strings.Contains(source.String(), "\n"+snippet+"\n") || strings.Contains(source.String(), indented)
		assert.True(t, found, "%s has a snippet that is not in %v:\n%s", page, files, snippet)
	}
}

func TestREADMEQuickstart(t *testing.T) {
	server := stackbetest.New(t)
	t.Setenv("STACKBE_API_KEY", server.APIKey)
	t.Setenv("STACKBE_APP_ID", server.AppID)
	require.NoError(t, readmeStatus(t.Context(), server.Client()))
	receiptOf(t, server)
	require.NoError(t, readmeStatus(t.Context(), server.Client()))
	require.ErrorIs(t, readmeQuickstart(canceled(t)), context.Canceled, "StackBE itself is not asked")
}

// canceled keeps the quickstart, which has no BaseURL, off the network.
func canceled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func readmeQuickstart(ctx context.Context) error {
	client, err := stackbe.New(stackbe.Config{
		APIKey: os.Getenv("STACKBE_API_KEY"),
		AppID:  os.Getenv("STACKBE_APP_ID"),
	})
	if err != nil {
		return err
	}
	receipt, err := client.Affiliates.Apply(ctx, affiliates.ApplyParams{
		Email: "partner@example.com",
		Name:  "Jane Smith",
	})
	if err != nil {
		return err
	}
	fmt.Println(receipt.Status) // pending
	return nil
}

func readmeStatus(ctx context.Context, client *stackbe.Client) error {
	status, err := client.Affiliates.GetApplicationStatus(ctx, "partner@example.com")
	if err != nil {
		return err
	}
	switch {
	case !status.Applied:
		fmt.Println("Apply to become a partner")
	case status.Status == affiliates.ApplicationPending:
		fmt.Println("Your application is under review")
	case status.Status == affiliates.ApplicationApproved:
		fmt.Println("Welcome, partner")
	case status.Status == affiliates.ApplicationRejected:
		fmt.Println(status.RejectionReason)
	}
	return nil
}

func receiptOf(t *testing.T, server *stackbetest.Server) string {
	receipt, err := server.Client().Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: "partner@example.com", Name: "Jane Smith"})
	require.NoError(t, err)
	return receipt.ID
}

// partnerOf makes a partner, and returns its customer.
func partnerOf(t *testing.T, server *stackbetest.Server) string {
	params := affiliates.ApplyParams{Email: "partner@example.com", Name: "Jane Smith"}
	review, err := fixture.Enroll(t.Context(), server.Client().AsAdmin(server.AdminToken), params, "")
	require.NoError(t, err)
	return review.Affiliate.CustomerID
}

func TestREADMEAuthentication(t *testing.T) {
	server := stackbetest.New(t)
	w := httptest.NewRecorder()
	require.NoError(t, readmeAuthentication(t.Context(), server.Client(), server.SessionToken(partnerOf(t, server)), w, httptest.NewRequest("GET", "/", nil)))
	assert.Equal(t, http.StatusSeeOther, w.Code)
	assert.Contains(t, w.Header().Get("Location"), server.URL+"/portal/")
}

func readmeAuthentication(ctx context.Context, client *stackbe.Client, sessionToken string, w http.ResponseWriter, r *http.Request) error {
	partner, err := client.Affiliates.Get(ctx, "cust_123")
	if err != nil {
		return err
	}
	if partner.Enrolled && partner.Status == affiliates.AffiliateActive {
		fmt.Printf("%s has earned $%s\n", partner.Code, partner.TotalEarned)
	}

	jane := client.AsCustomer(sessionToken)
	dashboard, err := jane.Affiliates.GetDashboard(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("pending: $%s\n", dashboard.Affiliate.PendingBalance)

	link, err := jane.Affiliates.GetPortalLink(ctx)
	if err != nil {
		return err
	}
	http.Redirect(w, r, link.URL, http.StatusSeeOther)
	return nil
}

func TestREADMEPartnerAccount(t *testing.T) {
	server := stackbetest.New(t)
	jane := server.Client().AsCustomer(server.SessionToken(partnerOf(t, server)))
	require.NoError(t, readmeAccount(t.Context(), jane), "that nothing is ready is printed")
	require.ErrorIs(t, readmeAccount(t.Context(), server.Client().AsCustomer("unknown")), stackbe.ErrUnauthorized)
}

func readmeAccount(ctx context.Context, jane *stackbe.Client) error {
	summary, err := jane.Account.Commissions.Summary(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("in review: $%s, ready: $%s, a month: $%s\n", summary.InReview, summary.Ready, summary.MonthlyValue)

	_, err = jane.Account.Payouts.Request(ctx, affiliates.RequestPayoutParams{})
	var refused *stackbe.Error
	if errors.As(err, &refused) && refused.Code == stackbe.CodePayoutBelowMinimum {
		fmt.Println(refused.Message) // 12.50 is ready; 50.00 is the least that is paid out; 37.50 is missing
		return nil
	}
	return err
}

func TestREADMEErrors(t *testing.T) {
	server := stackbetest.New(t)
	client := server.Client()
	for _, params := range []affiliates.ApplyParams{
		{Email: "jane@acme.com", Name: "Jane"}, {Email: "jane@acme.com", Name: "Jane"}, {}, {Email: "a@b.com", Name: "A", Website: "no-url"},
	} {
		readmeErrors(t.Context(), client, params)
	}
}

func readmeErrors(ctx context.Context, client *stackbe.Client, params affiliates.ApplyParams) {
	_, err := client.Affiliates.Apply(ctx, params)
	var refused *stackbe.Error
	switch {
	case errors.Is(err, stackbe.ErrConflict):
		fmt.Println("This email has applied before")
	case errors.Is(err, stackbe.ErrInvalidArgument):
		fmt.Println(err) // stackbe: Email is empty
	case errors.As(err, &refused):
		fmt.Println(refused.StatusCode, refused.Message, refused.Details, refused.RequestID)
	}
}

func TestREADMEPagination(t *testing.T) {
	server := stackbetest.New(t)
	receiptOf(t, server)
	require.NoError(t, readmePagination(t.Context(), server.Client(), server.AdminToken))
	status, err := server.Client().Affiliates.GetApplicationStatus(t.Context(), "partner@example.com")
	require.NoError(t, err)
	assert.Equal(t, affiliates.ApplicationApproved, status.Status)
}

func readmePagination(ctx context.Context, client *stackbe.Client, jwt string) error {
	admin := client.AsAdmin(jwt)
	waiting := admin.Affiliates.Applications(ctx, affiliates.ApplicationFilter{Status: affiliates.ApplicationPending})
	for application, err := range waiting {
		if err != nil {
			return err
		}
		review, err := admin.Affiliates.Approve(ctx, application.ID, affiliates.ApproveParams{})
		if err != nil {
			return err
		}
		fmt.Println(review.Application.Name, "has the code", review.Affiliate.Code)
	}
	return nil
}

func TestREADMERetries(t *testing.T) {
	server := stackbetest.New(t)
	jane := server.Client().AsCustomer(server.SessionToken(partnerOf(t, server)))
	first, err := readmeRetries(t.Context(), jane)
	require.NoError(t, err)
	second, err := readmeRetries(t.Context(), jane)
	require.NoError(t, err)
	assert.Equal(t, first.ID, second.ID, "one key, one deal")

	for _, open := range []func() (*stackbe.Client, error){readmeWaits, readmePings} {
		client, err := open()
		require.NoError(t, err)
		require.NotNil(t, client)
	}
}

func readmeWaits() (*stackbe.Client, error) {
	cfg := stackbe.ConfigFromEnv()
	retry := stackbe.DefaultRetry()
	retry.MinWait = time.Second
	cfg.Retry = &retry
	client, err := stackbe.New(cfg)
	return client, err
}

func TestREADMEAnyOtherEndpoint(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		assert.Equal(t, "/v1/apps/app_1/customers/cust_123/subscription", r.URL.Path)
		assert.Equal(t, "de", r.Header.Get("Accept-Language"))
		respondJSON(w, 200, `{"plan":"pro"}`)
	})
	plan, err := readmeAnyOtherEndpoint(t.Context(), newClient(t, server.URL))
	require.NoError(t, err)
	assert.Equal(t, "pro", plan)
}

func readmeAnyOtherEndpoint(ctx context.Context, client *stackbe.Client) (string, error) {
	var response stackbe.Response // status, headers, request id, rate limit, attempts
	ctx = stackbe.WithResponse(ctx, &response)
	ctx = stackbe.WithHeader(ctx, "Accept-Language", "de")
	ctx = stackbe.WithRetry(ctx, stackbe.Retry{}) // none

	var subscription struct{ Plan string }
	err := client.Do(ctx, stackbe.Request{
		Method:     http.MethodGet,
		Path:       "/v1/apps/{appID}/customers/{customerID}/subscription",
		PathValues: map[string]string{"customerID": "cust_123"},
		Credential: stackbe.CredentialAPIKey,
	}, &subscription)
	return subscription.Plan, err
}

func readmePings() (*stackbe.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: 5 * time.Second, PingTimeout: 5 * time.Second}
	cfg := stackbe.ConfigFromEnv()
	cfg.HTTPClient = &http.Client{Transport: transport}
	client, err := stackbe.New(cfg)
	return client, err
}

func TestREADMEContract(t *testing.T) {
	client, err := readmeContract()
	require.NoError(t, err)
	require.NotNil(t, client)
}

func readmeContract() (*stackbe.Client, error) {
	cfg := stackbe.ConfigFromEnv()
	cfg.Contract = stackbe.Contract{
		DealsPath: "/v1/affiliate/leads",
		ListField: "applications", // and not "data"
	}
	client, err := stackbe.New(cfg)
	return client, err
}

func readmeRetries(ctx context.Context, jane *stackbe.Client) (*affiliates.Deal, error) {
	deal, err := jane.Affiliates.RegisterDeal(ctx, affiliates.DealParams{
		LeadEmail:      "prospect@company.com",
		LeadName:       "John Smith",
		Notes:          "Met at conference",
		IdempotencyKey: "crm-lead-4711", // the same for each try of the same deal
	})
	return deal, err
}

func TestREADMEMoneyAndSettings(t *testing.T) {
	server := stackbetest.New(t)
	require.NoError(t, readmeSettings(t.Context(), server.Client().AsAdmin(server.AdminToken)))
}

func readmeSettings(ctx context.Context, admin *stackbe.Client) error {
	rate, err := affiliates.ParsePercent("12.5")
	if err != nil {
		return err
	}
	settings, err := admin.Affiliates.UpdateSettings(ctx, affiliates.UpdateSettingsParams{
		DefaultCommissionRate: &rate, // what is nil stays as it is
	})
	if err != nil {
		return err
	}
	fmt.Println(settings.DefaultCommissionRate, settings.HoldingPeriodDays) // 12.5% 30
	return nil
}

func TestREADMELogsAndMetrics(t *testing.T) {
	server := stackbetest.New(t)
	t.Setenv("STACKBE_API_KEY", server.APIKey)
	t.Setenv("STACKBE_BASE_URL", server.URL)
	requests := &histogram{}
	client, err := readmeLogs(requests)
	require.NoError(t, err)
	_, err = client.Affiliates.Get(t.Context(), "cust_123")
	require.NoError(t, err)
	assert.Equal(t, []string{"GET", "/v1/affiliate/by-customer/{customerID}", "200"}, requests.labels)
}

// histogram has the methods of Prometheus's.
type histogram struct{ labels []string }

func (h *histogram) WithLabelValues(labels ...string) *histogram { h.labels = labels; return h }
func (h *histogram) Observe(float64)                             {}

func readmeLogs(requests *histogram) (*stackbe.Client, error) {
	cfg := stackbe.ConfigFromEnv()
	cfg.Logger = slog.Default()
	cfg.Observe = func(ctx context.Context, a stackbe.Attempt) {
		requests.WithLabelValues(a.Method, a.Route, strconv.Itoa(a.StatusCode)).Observe(a.Duration.Seconds())
	}
	client, err := stackbe.New(cfg)
	return client, err
}

func TestREADMEWebhooks(t *testing.T) {
	t.Setenv("STACKBE_WEBHOOK_SECRET", webhookSecret)
	codes := make(chan string, 1)
	mux := http.NewServeMux()
	require.NoError(t, readmeWebhooks(mux, func(_ context.Context, _, code string) error { codes <- code; return nil }))
	receiver := httptest.NewServer(mux)
	defer receiver.Close()
	server := stackbetest.New(t, stackbetest.WithWebhook(receiver.URL+"/webhooks/stackbe", webhookSecret))
	partnerOf(t, server)
	assert.NotEmpty(t, <-codes)
}

func readmeWebhooks(mux *http.ServeMux, welcome func(ctx context.Context, email, code string) error) error {
	verifier, err := webhooks.NewVerifier(os.Getenv("STACKBE_WEBHOOK_SECRET"))
	if err != nil {
		return err
	}
	handler, err := webhooks.NewHandler(verifier,
		webhooks.OnApplicationApproved(func(ctx context.Context, event *webhooks.Event, approved webhooks.ApplicationApproved) error {
			return welcome(ctx, approved.Application.Email, approved.Affiliate.Code)
		}))
	if err != nil {
		return err
	}
	mux.Handle("/webhooks/stackbe", handler)
	return nil
}

func TestREADMETesting(t *testing.T) {
	server := stackbetest.New(t)
	client := server.Client().AsAdmin(server.AdminToken)

	receipt, err := client.Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane"})
	require.NoError(t, err)
	review, err := client.Affiliates.Approve(t.Context(), receipt.ID, affiliates.ApproveParams{Code: "JANE20"})
	require.NoError(t, err)

	john, err := client.Admin.Customers.Create(t.Context(), affiliates.CreateCustomerParams{Email: "john@company.com", ReferralCode: "JANE20"})
	require.NoError(t, err)
	_, err = client.Admin.Subscriptions.Create(t.Context(), affiliates.CreateSubscriptionParams{CustomerID: john.ID, Plan: affiliates.PlanEnterprise})
	require.NoError(t, err)
	server.Advance(30 * 24 * time.Hour) // the holding period

	jane := client.AsCustomer(server.SessionToken(review.Affiliate.CustomerID))
	payout, err := jane.Account.Payouts.Request(t.Context(), affiliates.RequestPayoutParams{})
	require.NoError(t, err)
	require.Equal(t, "50.00", payout.Amount.String()) // 20 % of the first month

	_, err = client.Admin.Payouts.Process(t.Context(), payout.ID, affiliates.ProcessPayoutParams{})
	require.NoError(t, err)
	_, err = client.Admin.Payouts.MarkPaid(t.Context(), payout.ID, affiliates.MarkPayoutPaidParams{})
	require.NoError(t, err)
}
