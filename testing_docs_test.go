package stackbe_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
	"github.com/stackbe/stackbe-go/webhooks"
)

// The snippets of docs/testing.md stand in the functions below.
func TestSnippetsOfTestingPageAreTheCodeBelow(t *testing.T) {
	assertSnippets(t, "docs/testing.md", "testing_docs_test.go")
}

// The commands of docs/testing.md are run by the test that the line above each block names.
func TestEveryBlockOfCommandsOnTestingPageNamesItsTest(t *testing.T) {
	page, err := os.ReadFile("docs/testing.md")
	require.NoError(t, err)
	tests := ""
	for _, pattern := range []string{"cmd/stackbe-mock/*_test.go", "e2e/mock/*_test.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			tests += string(content)
		}
	}
	blocks := regexp.MustCompile("(?m)(.*)\n(?:```(?:sh|console))$").FindAllStringSubmatch(string(page), -1)
	require.NotEmpty(t, blocks)
	for _, block := range blocks {
		name := regexp.MustCompile(`^<!-- test: (\w+) -->$`).FindStringSubmatch(block[1])
		require.NotNil(t, name, "above a block of commands stands %q", block[1])
		assert.Contains(t, tests, "\nfunc "+name[1]+"(t *testing.T) {\n")
	}
}

func TestTestingPageOnUnitTests(t *testing.T) {
	server := stackbetest.New(t)
	client := server.Client()     // with the API key
	admin := server.AdminClient() // of the app's administrator

	receipt, err := client.Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane"})
	require.NoError(t, err)
	review, err := admin.Affiliates.Approve(t.Context(), receipt.ID, affiliates.ApproveParams{Code: "JANE20"})
	require.NoError(t, err)

	jane := server.CustomerClient(review.Affiliate.CustomerID) // signs the customer in
	dashboard, err := jane.Affiliates.GetDashboard(t.Context())
	require.NoError(t, err)
	require.Equal(t, "JANE20", dashboard.Affiliate.Code)
}

// withJane is a server with one partner, and the client of it.
func withJane(t *testing.T) (*stackbetest.Server, *stackbe.Client) {
	server := stackbetest.New(t)
	receipt := receiptOf(t, server)
	review, err := server.AdminClient().Affiliates.Approve(t.Context(), receipt, affiliates.ApproveParams{Code: "JANE20"})
	require.NoError(t, err)
	return server, server.CustomerClient(review.Affiliate.CustomerID)
}

func TestTestingPageOnState(t *testing.T) {
	server, _ := withJane(t)

	john := server.CreateCustomer(stackbetest.CustomerParams{Email: "john@company.com", ReferralCode: "JANE20"})
	server.Subscribe(john, affiliates.PlanEnterprise) // $250 a month, of which Jane earns 20 %
	invoice := server.Invoices(john)[0]
	server.Refund(invoice.ID, affiliates.MoneyFromCents(100_00))

	jane := server.Affiliate("JANE20")
	require.Equal(t, "30.00", jane.PendingBalance.String())
	for _, entry := range server.Statement(jane.ID) {
		t.Log(entry.Kind, entry.Amount, entry.Balances.Earned)
	}
}

func TestTestingPageOnTime(t *testing.T) {
	server, jane := withJane(t)
	admin := server.AdminClient()
	john := server.CreateCustomer(stackbetest.CustomerParams{Email: "john@company.com", ReferralCode: "JANE20"})
	server.Subscribe(john, affiliates.PlanEnterprise)

	server.Advance(30 * 24 * time.Hour) // the holding period

	payout, err := jane.Account.Payouts.Request(t.Context(), affiliates.RequestPayoutParams{})
	require.NoError(t, err)
	require.Equal(t, "50.00", payout.Amount.String())

	_, err = admin.Admin.Payouts.Process(t.Context(), payout.ID, affiliates.ProcessPayoutParams{})
	require.NoError(t, err)
	_, err = admin.Admin.Payouts.MarkPaid(t.Context(), payout.ID, affiliates.MarkPayoutPaidParams{})
	require.NoError(t, err)
}

func TestTestingPageOnRateLimit(t *testing.T) {
	server := stackbetest.New(t)

	server.Fail(stackbetest.Fault{
		Method: http.MethodGet,
		Path:   "/v1/affiliate/by-customer/{id}", // as in http.ServeMux; empty for any
		Status: http.StatusTooManyRequests,
		Header: http.Header{"Retry-After": {"3600"}},
	})
	_, err := server.Client().Affiliates.Get(t.Context(), "cust_123")
	require.ErrorIs(t, err, stackbe.ErrRateLimited)
	var refused *stackbe.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, time.Hour, refused.RetryAfter)
}

func TestTestingPageOnLostResponse(t *testing.T) {
	server := stackbetest.New(t)

	server.Fail(stackbetest.Fault{Path: "/v1/affiliate/apply", Times: 1, Drop: true, AfterCommit: true})
	params := affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane", IdempotencyKey: "jane-1"}
	receipt, err := server.Client().Affiliates.Apply(t.Context(), params)
	require.NoError(t, err)
	require.Equal(t, server.Application("jane@acme.com").ID, receipt.ID)

	requests := server.Requests()
	require.Len(t, requests, 2)
	require.Equal(t, "/v1/affiliate/apply", requests[0].Path)
	require.True(t, requests[0].Fault)
	require.Zero(t, requests[0].Status, "the response was lost")
	require.Equal(t, http.StatusCreated, requests[1].Status)
	require.Equal(t, requests[0].Header.Get("Idempotency-Key"), requests[1].Header.Get("Idempotency-Key"))
}

func TestTestingPageOnWebhooks(t *testing.T) {
	const secret = webhookSecret
	server := stackbetest.New(t)

	verifier, err := webhooks.NewVerifier(secret, webhooks.WithClock(server.Now))
	require.NoError(t, err)
	var welcomed atomic.Int32
	handler, err := webhooks.NewHandler(verifier, webhooks.OnApplicationApproved(
		func(ctx context.Context, event *webhooks.Event, approved webhooks.ApplicationApproved) error {
			if welcomed.Add(1) == 1 {
				return errors.New("the mail server is down")
			}
			return nil
		}))
	require.NoError(t, err)
	server.AddWebhook(stackbetest.WebhookParams{Handler: handler, Secret: secret})

	receipt, err := server.Client().Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane"})
	require.NoError(t, err)
	_, err = server.AdminClient().Affiliates.Approve(t.Context(), receipt.ID, affiliates.ApproveParams{})
	require.NoError(t, err)
	server.WaitForDeliveries()
	require.Equal(t, stackbetest.DeliveryPending, server.Deliveries()[0].State)

	server.Advance(time.Minute) // the first retry
	require.Equal(t, stackbetest.DeliveryDelivered, server.Deliveries()[0].State)
}

func TestTestingPageOnFakeTime(t *testing.T) {
	const secret = webhookSecret
	var calls atomic.Int32
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) < 5 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})

	synctest.Test(t, func(t *testing.T) {
		server := stackbetest.New(t)
		server.AddWebhook(stackbetest.WebhookParams{Handler: handler, Secret: secret})
		server.Fail(stackbetest.Fault{Times: 2, Status: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"20"}}})

		begin := time.Now()
		receipt, err := server.Client().Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane"})
		require.NoError(t, err)
		require.GreaterOrEqual(t, time.Since(begin), 40*time.Second) // two retries

		_, err = server.AdminClient().Affiliates.Approve(t.Context(), receipt.ID, affiliates.ApproveParams{})
		require.NoError(t, err)
		time.Sleep(24 * time.Hour) // and with it all retries of a delivery in a day
		require.Equal(t, stackbetest.DeliveryDelivered, server.Deliveries()[0].State)
	})
}

func TestTestingPageOnDocuments(t *testing.T) {
	server := stackbetest.New(t)

	server.Seed(`{"apps": [{
		"settings": {"holdingPeriodDays": 0},
		"customers": [
			{"id": "cust_jane", "email": "jane@acme.com"},
			{"id": "cust_john", "email": "john@company.com", "affiliateId": "aff_jane"}
		],
		"partners": [{"id": "aff_jane", "customerId": "cust_jane", "code": "JANE20"}]
	}]}`)
	server.RecordPayment("cust_john", affiliates.MoneyFromCents(100_00))

	before := server.Snapshot()
	server.Advance(365 * 24 * time.Hour)
	server.Restore(before)
	require.Equal(t, "20.00", server.Affiliate("JANE20").TotalEarned.String())
}

func TestTestingPageOnRealAccount(t *testing.T) {
	contract := stackbe.Contract{DealsPath: "/v1/affiliate/leads"} // as stackbe-check printed it
	server := stackbetest.New(t, stackbetest.WithContract(contract))
	client := server.Client() // has the contract, like server.Config() and every other client of the server

	require.Equal(t, contract, server.Config().Contract)
	jane := client.AsCustomer(server.SessionToken(partnerOf(t, server)))
	_, err := jane.Affiliates.RegisterDeal(t.Context(), affiliates.DealParams{LeadEmail: "lead@acme.com", LeadName: "Lead"})
	require.NoError(t, err)
	requests := server.Requests()
	require.Equal(t, "/v1/affiliate/leads", requests[len(requests)-1].Path)
}
