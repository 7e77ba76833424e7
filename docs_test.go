package stackbe_test

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/sqlclaims"
)

// The snippets of docs/webhooks.md stand in the functions below.
func TestSnippetsOfWebhooksPageAreTheCodeBelow(t *testing.T) {
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
			return explain(ctx, rejected.Application.Email, rejected.Application.RejectionReason)
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

func TestWebhooksPageOnSignedRequest(t *testing.T) {
	const secret = webhookSecret
	handler, emails := welcomed(t, secret)

	body := []byte(`{"event":"partner_application_approved","data":{
		"application":{"id":"app_1","email":"jane@acme.com","name":"Jane Smith"},
		"affiliate":{"id":"aff_1","code":"JANE20","customer_id":"cust_123"}}}`)
	request, err := webhooks.NewRequest(t.Context(), "/webhooks/stackbe", body, webhooks.Signing{Secrets: []string{secret}})
	require.NoError(t, err)
	response := httptest.NewRecorder()
	handler.ServeHTTP(response, request)
	require.Equal(t, http.StatusOK, response.Code)
	assert.Equal(t, []string{"jane@acme.com"}, *emails)
}

func TestWebhooksPageOnTheReferenceServer(t *testing.T) {
	const secret = webhookSecret
	var emails []string
	welcome := func(_ context.Context, email, _ string) error {
		emails = append(emails, email)
		return nil
	}

	server := stackbetest.New(t)
	verifier, err := webhooks.NewVerifier(secret, webhooks.WithClock(server.Now))
	require.NoError(t, err)
	var calls atomic.Int32
	handler, err := webhooks.NewHandler(verifier, webhooks.OnApplicationApproved(
		func(ctx context.Context, event *webhooks.Event, approved webhooks.ApplicationApproved) error {
			if calls.Add(1) == 1 {
				return errors.New("the first call fails")
			}
			return welcome(ctx, approved.Application.Email, approved.Affiliate.Code)
		}))
	require.NoError(t, err)
	receiver := httptest.NewServer(handler)
	defer receiver.Close()
	server.AddWebhook(stackbetest.WebhookParams{URL: receiver.URL, Secret: secret})

	admin := server.Client().AsAdmin(server.AdminToken)
	receipt, err := server.Client().Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane"})
	require.NoError(t, err)
	_, err = admin.Affiliates.Approve(t.Context(), receipt.ID, affiliates.ApproveParams{})
	require.NoError(t, err)
	server.WaitForDeliveries()
	require.Equal(t, stackbetest.DeliveryPending, server.Deliveries()[0].State)

	server.Advance(time.Minute) // and wait for the second attempt
	require.Equal(t, stackbetest.DeliveryDelivered, server.Deliveries()[0].State)

	server.Redeliver(server.Deliveries()[0].EventID)
	server.WaitForDeliveries()
	require.EqualValues(t, 2, calls.Load(), "what was handled is not handled again")
	assert.Equal(t, []string{"jane@acme.com"}, emails)
}

// docsTransactional is a receiver whose rows and claims are one transaction, which
// examples/webhook-postgres runs.
func docsTransactional(ctx context.Context, db *sql.DB, verifier *webhooks.Verifier) (*webhooks.Handler, error) {
	store, err := sqlclaims.New(db, sqlclaims.DialectPostgres)
	if err != nil {
		return nil, err
	}
	if err := store.CreateTable(ctx); err != nil {
		return nil, err
	}
	return webhooks.NewHandler(verifier,
		webhooks.WithTransactionalClaims(store.Transactional()),
		webhooks.OnApplicationApproved(func(ctx context.Context, event *webhooks.Event, approved webhooks.ApplicationApproved) error {
			tx, ok := sqlclaims.Tx(ctx)
			if !ok {
				return errors.New("the claims are not transactional")
			}
			_, err := tx.ExecContext(ctx, "INSERT INTO partners (email, code) VALUES ($1, $2)",
				approved.Application.Email, approved.Affiliate.Code)
			return err
		}))
}

var _ = docsTransactional

func docsRotation() (*webhooks.Verifier, error) {
	var options []webhooks.VerifierOption
	if old := os.Getenv("STACKBE_OLD_WEBHOOK_SECRET"); old != "" {
		options = append(options, webhooks.WithSecrets(old))
	}
	verifier, err := webhooks.NewVerifier(os.Getenv("STACKBE_WEBHOOK_SECRET"), options...)
	return verifier, err
}

func TestWebhooksPageOnRotation(t *testing.T) {
	const oldSecret = "the secret that was, of enough bytes"
	body := []byte(`{"event":"x"}`)
	header, err := webhooks.Sign(body, webhooks.Signing{Secrets: []string{oldSecret}})
	require.NoError(t, err)
	t.Setenv("STACKBE_WEBHOOK_SECRET", webhookSecret)
	for old, want := range map[string]error{"": webhooks.ErrSignatureMismatch, oldSecret: nil} {
		t.Setenv("STACKBE_OLD_WEBHOOK_SECRET", old)
		verifier, err := docsRotation()
		require.NoError(t, err)
		assert.ErrorIs(t, verifier.Verify(header, body), want)
	}
}
