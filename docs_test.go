package stackbe_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
	"github.com/stackbe/stackbe-go/webhooks"
)

// The snippets of docs/webhooks.md stand in the functions below.
func TestSnippetsOfTheWebhooksPageAreTheCodeBelow(t *testing.T) {
	assertSnippets(t, "docs/webhooks.md", "docs_test.go")
}

func docsReceiver(welcome, explain func(ctx context.Context, email, text string) error) (*http.ServeMux, error) {
	verifier, err := webhooks.NewVerifier(os.Getenv("STACKBE_WEBHOOK_SECRET"))
	if err != nil {
		return nil, err
	}
	handler, err := webhooks.NewHandler(verifier,
		webhooks.OnApplicationApproved(func(ctx context.Context, event *webhooks.Event, approved webhooks.ApplicationApproved) error {
			return welcome(ctx, approved.Application.Email, approved.Affiliate.Code)
		}),
		webhooks.OnApplicationRejected(func(ctx context.Context, event *webhooks.Event, rejected webhooks.ApplicationRejected) error {
			return explain(ctx, rejected.Application.Email, rejected.Application.Reason)
		}),
	)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/webhooks/stackbe", handler)
	return mux, nil
}

// welcomed starts the receiver of the page, and collects whom it welcomes.
func welcomed(t *testing.T, secret string) (http.Handler, *[]string) {
	t.Setenv("STACKBE_WEBHOOK_SECRET", secret)
	var emails []string
	note := func(_ context.Context, email, _ string) error {
		emails = append(emails, email)
		return nil
	}
	handler, err := docsReceiver(note, note)
	require.NoError(t, err)
	return handler, &emails
}

const webhookSecret = "a secret of sixteen bytes or more"

func TestWebhooksPageOnASignedRequest(t *testing.T) {
	const secret = webhookSecret
	handler, emails := welcomed(t, secret)

	body := []byte(`{"event":"partner_application_approved","data":{
		"application":{"id":"app_1","email":"jane@acme.com","name":"Jane Smith"},
		"affiliate":{"id":"aff_1","code":"JANE20","customer_id":"cust_123"}}}`)
	request, err := webhooks.NewRequest(t.Context(), "/webhooks/stackbe", body, webhooks.Signing{Secrets: []string{secret}})
	require.NoError(t, err)
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	require.Equal(t, http.StatusOK, answer.Code)
	assert.Equal(t, []string{"jane@acme.com"}, *emails)
}

func TestWebhooksPageOnTheReferenceServer(t *testing.T) {
	const secret = webhookSecret
	handler, emails := welcomed(t, secret)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = "/webhooks/stackbe"
		handler.ServeHTTP(w, r)
	}))
	defer receiver.Close()

	server := stackbetest.New(t, stackbetest.WithWebhook(receiver.URL, secret))
	admin := server.Client().AsAdmin(server.AdminToken())
	receipt, err := server.Client().Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane"})
	require.NoError(t, err)
	_, err = admin.Affiliates.Approve(t.Context(), receipt.ID, affiliates.ApproveParams{})
	require.NoError(t, err)

	server.WaitForDeliveries()
	require.Equal(t, stackbetest.DeliveryDelivered, server.Deliveries()[0].State)
	server.Redeliver(server.Deliveries()[0].EventID) // must change nothing
	server.WaitForDeliveries()
	assert.Equal(t, []string{"jane@acme.com"}, *emails)
}
