package stackbetest_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
	"github.com/stackbe/stackbe-go/webhooks"
)

// aYear lets a customer subscribe, change, pause, resume, fail to pay, and cancel.
func aYear(t *testing.T, server *stackbetest.Server) (customerID, subscriptionID string) {
	t.Helper()
	admin := server.Client().AsAdmin(server.AdminToken).Admin
	customer, err := admin.Customers.Create(t.Context(), affiliates.CreateCustomerParams{Email: "lee@example.com"})
	require.NoError(t, err)
	_, err = admin.Customers.Update(t.Context(), customer.ID, affiliates.UpdateCustomerParams{Name: "Lee"})
	require.NoError(t, err)
	subscription, err := admin.Subscriptions.Create(t.Context(), affiliates.CreateSubscriptionParams{CustomerID: customer.ID, Plan: affiliates.PlanPro})
	require.NoError(t, err)
	update := func(params affiliates.UpdateSubscriptionParams) {
		_, err := admin.Subscriptions.Update(t.Context(), subscription.ID, params)
		require.NoError(t, err)
	}
	update(affiliates.UpdateSubscriptionParams{Plan: affiliates.PlanBusiness})
	_, err = admin.Subscriptions.Pause(t.Context(), subscription.ID, affiliates.PauseSubscriptionParams{})
	require.NoError(t, err)
	_, err = admin.Subscriptions.Resume(t.Context(), subscription.ID, affiliates.ResumeSubscriptionParams{})
	require.NoError(t, err)
	update(affiliates.UpdateSubscriptionParams{PaymentMethod: affiliates.PaymentMethodDeclined})
	server.Advance(31 * 24 * time.Hour)
	_, err = admin.Subscriptions.Cancel(t.Context(), subscription.ID, affiliates.CancelSubscriptionParams{})
	require.NoError(t, err)
	return customer.ID, subscription.ID
}

func TestEveryGeneralEventIsDelivered(t *testing.T) {
	t.Parallel()
	var server *stackbetest.Server
	var told []string
	tell := func(event *webhooks.Event, format string, args ...any) error {
		told = append(told, string(event.Type)+": "+fmt.Sprintf(format, args...))
		return nil
	}
	subscription := func(_ context.Context, event *webhooks.Event, changed webhooks.SubscriptionChanged) error {
		return tell(event, "%s %s, paused %t", changed.Plan.Name, changed.Subscription.Status, !changed.Subscription.PausedAt.IsZero())
	}
	customer := func(_ context.Context, event *webhooks.Event, changed webhooks.CustomerChanged) error {
		return tell(event, "%s %q", changed.Customer.Email, changed.Customer.Name)
	}
	payment := func(_ context.Context, event *webhooks.Event, attempted webhooks.PaymentAttempted) error {
		return tell(event, "%s %s", attempted.Payment.Amount, attempted.Payment.Status)
	}
	verifier, err := webhooks.NewVerifier(secret, webhooks.WithClock(func() time.Time { return server.Now() }))
	require.NoError(t, err)
	handler, err := webhooks.NewHandler(verifier,
		webhooks.OnSubscriptionCreated(subscription), webhooks.OnSubscriptionUpdated(subscription), webhooks.OnSubscriptionCanceled(subscription),
		webhooks.OnSubscriptionPaused(subscription), webhooks.OnSubscriptionResumed(subscription),
		webhooks.OnCustomerCreated(customer), webhooks.OnCustomerUpdated(customer),
		webhooks.OnPaymentSucceeded(payment), webhooks.OnPaymentFailed(payment),
		webhooks.OnEntitlementsUpdated(func(_ context.Context, event *webhooks.Event, updated webhooks.EntitlementsUpdated) error {
			return tell(event, "%s", updated.Plan.ID)
		}))
	require.NoError(t, err)
	to := newReceiver(t, handler.ServeHTTP)
	server = stackbetest.New(t, stackbetest.WithWebhook(to.URL, secret))
	aYear(t, server)
	server.WaitForDeliveries()

	assert.Equal(t, []string{
		`customer.created: lee@example.com ""`,
		`customer.updated: lee@example.com "Lee"`,
		"subscription.created: Pro active, paused false",
		"payment.succeeded: 20 paid",
		"subscription.updated: Business active, paused false",
		"entitlements.updated: business",
		"subscription.paused: Business active, paused true",
		"subscription.resumed: Business active, paused false",
		"subscription.updated: Business active, paused false",
		"payment.failed: 100 failed",
		"subscription.canceled: Business canceled, paused false",
	}, told)
	for _, delivery := range server.Deliveries() {
		assert.Equal(t, stackbetest.DeliveryDelivered, delivery.State, delivery.EventType)
	}
}

func TestAGeneralEventIsInTheEnvelopeOfItsOwnUnlessAnotherIsAskedFor(t *testing.T) {
	t.Parallel()
	to := newReceiver(t, withStatus(http.StatusOK))
	server := atNoon(t, to.URL)
	for _, envelope := range []stackbetest.Envelope{stackbetest.EnvelopeGeneral, stackbetest.EnvelopeBare} {
		server.AddWebhook(stackbetest.WebhookParams{URL: to.URL, Secret: secret, Envelope: envelope})
	}
	id := server.CreateCustomer(stackbetest.CustomerParams{Email: "lee@example.com", Name: "Lee"})
	approve(t, server, "jane@acme.com")
	server.WaitForDeliveries()

	deliveries := server.Deliveries()
	require.Len(t, deliveries, 6, "an approval is one event")
	data := fmt.Sprintf(`{"customer": {"id": %q, "email": "lee@example.com", "name": "Lee"}}`, id)
	general := fmt.Sprintf(`{"id": %q, "type": "customer.created", "timestamp": "2026-03-01T12:00:00Z", "data": %s}`, deliveries[0].EventID, data)
	for i, want := range []string{general, general, `{"event": "customer.created", "data": ` + data + `}`} {
		assert.JSONEq(t, want, string(deliveries[i].Body))
	}
	assert.Contains(t, string(deliveries[3].Body), `"event":"partner_application_approved"`)
	assert.Contains(t, string(deliveries[4].Body), `"type":"partner_application_approved"`)
}

func TestAWebhookTakesTheEventsThatItNames(t *testing.T) {
	t.Parallel()
	to := newReceiver(t, withStatus(http.StatusOK))
	server := stackbetest.New(t)
	server.AddWebhook(stackbetest.WebhookParams{URL: to.URL, Secret: secret, Events: []webhooks.EventType{webhooks.EventPaymentFailed, webhooks.EventApplicationApproved}})
	aYear(t, server)
	approve(t, server, "jane@acme.com")
	server.WaitForDeliveries()
	var types []webhooks.EventType
	for _, delivery := range server.Deliveries() {
		types = append(types, delivery.EventType)
	}
	assert.Equal(t, []webhooks.EventType{webhooks.EventPaymentFailed, webhooks.EventApplicationApproved}, types)
}

func TestACorruptGeneralEventIsNotVerified(t *testing.T) {
	t.Parallel()
	to := newReceiver(t, withStatus(http.StatusOK))
	server := atNoon(t, to.URL)
	server.Misbehave(stackbetest.CorruptBody())
	admin := server.Client().AsAdmin(server.AdminToken).Admin
	customer, err := admin.Customers.Create(t.Context(), affiliates.CreateCustomerParams{Email: "lee@example.com"})
	require.NoError(t, err)
	subscription, err := admin.Subscriptions.Create(t.Context(), affiliates.CreateSubscriptionParams{CustomerID: customer.ID, Plan: affiliates.PlanPro})
	require.NoError(t, err)
	_, err = admin.Subscriptions.Update(t.Context(), subscription.ID, affiliates.UpdateSubscriptionParams{Plan: affiliates.PlanFree})
	require.NoError(t, err)
	server.WaitForDeliveries()
	verifier, err := webhooks.NewVerifier(secret, webhooks.WithClock(server.Now))
	require.NoError(t, err)
	require.Len(t, to.deliveries(), 5)
	for _, got := range to.deliveries() {
		assert.ErrorIs(t, verifier.Verify(got.header, []byte(got.body)), webhooks.ErrSignatureMismatch, got.body)
	}
}
