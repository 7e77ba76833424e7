package webhooks_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	subscriptionData = `{"subscription":{"id":"sub_1","customerId":"cust_1","planId":"pro","status":"active","currentPeriodEnd":"2025-02-15T10:30:00Z",` +
		`"cancelAtPeriodEnd":true,"trialEnd":null,"pausedAt":"2025-01-20T08:00:00Z","resumesAt":null,"seats":3},` +
		`"customer":{"id":"cust_1","email":"lee@example.com"},"plan":{"id":"pro","name":"Pro","entitlements":{"requests":1000,"sso":true,"regions":["eu","us"]}}}`
	customerData     = `{"customer":{"id":"cust_1","email":"lee@example.com","name":"Lee"}}`
	paymentData      = `{"payment":{"id":"inv_1","customerId":"cust_1","subscriptionId":"sub_1","amount":9007199254740993.01,"status":"paid"},"customer":{"id":"cust_1","email":"lee@example.com"}}`
	entitlementsData = `{"customer":{"id":"cust_1","email":"lee@example.com"},"plan":{"id":"pro","name":"Pro","entitlements":{}},"subscriptionId":"sub_1"}`
)

// generalData is an example of the data of each general event.
var generalData = map[webhooks.EventType]string{
	webhooks.EventSubscriptionCreated:  subscriptionData,
	webhooks.EventSubscriptionUpdated:  subscriptionData,
	webhooks.EventSubscriptionCanceled: subscriptionData,
	webhooks.EventSubscriptionPaused:   subscriptionData,
	webhooks.EventSubscriptionResumed:  subscriptionData,
	webhooks.EventCustomerCreated:      customerData,
	webhooks.EventCustomerUpdated:      customerData,
	webhooks.EventPaymentSucceeded:     paymentData,
	webhooks.EventPaymentFailed:        paymentData,
	webhooks.EventEntitlementsUpdated:  entitlementsData,
}

func generalBody(eventType webhooks.EventType, data string) string {
	return `{"id":"evt_1","type":"` + string(eventType) + `","timestamp":"2025-01-15T10:30:00Z","data":` + data + `}`
}

// decoders decode the data of an event with each method for the general events.
var decoders = map[string]func(*webhooks.Event) (any, error){
	"SubscriptionChanged": func(e *webhooks.Event) (any, error) { return e.SubscriptionChanged() },
	"CustomerChanged":     func(e *webhooks.Event) (any, error) { return e.CustomerChanged() },
	"PaymentAttempted":    func(e *webhooks.Event) (any, error) { return e.PaymentAttempted() },
	"EntitlementsUpdated": func(e *webhooks.Event) (any, error) { return e.EntitlementsUpdated() },
}

func TestGeneralEventsDecodeData(t *testing.T) {
	lee := webhooks.Customer{ID: "cust_1", Email: "lee@example.com"}
	subscription := webhooks.SubscriptionChanged{
		Subscription: webhooks.Subscription{
			ID: "sub_1", CustomerID: "cust_1", PlanID: "pro", Status: "active", CancelAtPeriodEnd: true,
			CurrentPeriodEnd: time.Date(2025, 2, 15, 10, 30, 0, 0, time.UTC),
			PausedAt:         time.Date(2025, 1, 20, 8, 0, 0, 0, time.UTC),
		},
		Customer: lee,
		Plan: webhooks.Plan{ID: "pro", Name: "Pro", Entitlements: map[string]json.RawMessage{
			"requests": json.RawMessage(`1000`), "sso": json.RawMessage(`true`), "regions": json.RawMessage(`["eu","us"]`),
		}},
	}
	named := lee
	named.Name = "Lee"
	customer := webhooks.CustomerChanged{Customer: named}
	payment := webhooks.PaymentAttempted{
		Payment:  webhooks.Payment{ID: "inv_1", CustomerID: "cust_1", SubscriptionID: "sub_1", Amount: "9007199254740993.01", Status: "paid"},
		Customer: lee,
	}
	entitlements := webhooks.EntitlementsUpdated{
		Customer: lee, SubscriptionID: "sub_1",
		Plan: webhooks.Plan{ID: "pro", Name: "Pro", Entitlements: map[string]json.RawMessage{}},
	}
	for eventType, want := range map[webhooks.EventType]struct {
		decoder string
		data    any
	}{
		webhooks.EventSubscriptionCreated:  {"SubscriptionChanged", subscription},
		webhooks.EventSubscriptionUpdated:  {"SubscriptionChanged", subscription},
		webhooks.EventSubscriptionCanceled: {"SubscriptionChanged", subscription},
		webhooks.EventSubscriptionPaused:   {"SubscriptionChanged", subscription},
		webhooks.EventSubscriptionResumed:  {"SubscriptionChanged", subscription},
		webhooks.EventCustomerCreated:      {"CustomerChanged", customer},
		webhooks.EventCustomerUpdated:      {"CustomerChanged", customer},
		webhooks.EventPaymentSucceeded:     {"PaymentAttempted", payment},
		webhooks.EventPaymentFailed:        {"PaymentAttempted", payment},
		webhooks.EventEntitlementsUpdated:  {"EntitlementsUpdated", entitlements},
	} {
		event := mustParse(t, generalBody(eventType, generalData[eventType]))
		for name, decode := range decoders {
			data, err := decode(event)
			if name != want.decoder {
				assert.ErrorIs(t, err, webhooks.ErrWrongType, "%s of %s", name, eventType)
				assert.Zero(t, data)
				continue
			}
			require.NoError(t, err, eventType)
			assert.Equal(t, want.data, data, eventType)
		}
	}

	_, err := mustParse(t, rejectedBody).CustomerChanged()
	assert.ErrorContains(t, err, `it is "partner_application_rejected", not "customer.created" or "customer.updated"`)
}

func TestGeneralEventsRefuseDataThatDoesNotFit(t *testing.T) {
	for name, test := range map[string]struct {
		decoder   string
		eventType webhooks.EventType
		data      string
		problem   string
	}{
		"no data":                           {"SubscriptionChanged", webhooks.EventSubscriptionPaused, `null`, "it has no data"},
		"an array":                          {"SubscriptionChanged", webhooks.EventSubscriptionPaused, `[]`, "its data is not of type webhooks.SubscriptionChanged"},
		"a subscription without an id":      {"SubscriptionChanged", webhooks.EventSubscriptionPaused, `{"subscription":{"status":"active"}}`, "no subscription.id"},
		"a subscription that is null":       {"SubscriptionChanged", webhooks.EventSubscriptionPaused, `{"subscription":null}`, "no subscription.id"},
		"snake_case, as partner events are": {"SubscriptionChanged", webhooks.EventSubscriptionPaused, `{"subscription_id":"sub_1"}`, "no subscription.id"},
		"a time that is none":               {"SubscriptionChanged", webhooks.EventSubscriptionPaused, `{"subscription":{"id":"sub_1","pausedAt":"yesterday"}}`, "its data is not of type"},
		"entitlements that are a list":      {"SubscriptionChanged", webhooks.EventSubscriptionPaused, `{"subscription":{"id":"sub_1"},"plan":{"entitlements":[]}}`, `a field "plan.entitlements"`},
		"a customer without an id":          {"CustomerChanged", webhooks.EventCustomerCreated, `{"customer":{"email":"lee@example.com"}}`, "no customer.id"},
		"an id that is a number":            {"CustomerChanged", webhooks.EventCustomerUpdated, `{"customer":{"id":1}}`, `a field "customer.id" that is not of type string`},
		"a payment without an id":           {"PaymentAttempted", webhooks.EventPaymentFailed, `{"payment":{"amount":1}}`, "no payment.id or no payment.amount"},
		"a payment without an amount":       {"PaymentAttempted", webhooks.EventPaymentFailed, `{"payment":{"id":"inv_1","amount":null}}`, "no payment.id or no payment.amount"},
		"an amount that is none":            {"PaymentAttempted", webhooks.EventPaymentFailed, `{"payment":{"id":"inv_1","amount":"free"}}`, "its data is not of type webhooks.PaymentAttempted"},
		"entitlements of nobody":            {"EntitlementsUpdated", webhooks.EventEntitlementsUpdated, `{"plan":{"id":"pro"}}`, "no customer.id or no plan.id"},
		"entitlements of no plan":           {"EntitlementsUpdated", webhooks.EventEntitlementsUpdated, `{"customer":{"id":"cust_1"}}`, "no customer.id or no plan.id"},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := decoders[test.decoder](mustParse(t, generalBody(test.eventType, test.data)))
			assert.ErrorIs(t, err, webhooks.ErrMalformedEvent)
			assert.ErrorContains(t, err, test.problem)
			assert.NotContains(t, err.Error(), "lee@example.com")
			assert.Zero(t, data)
		})
	}
}

func TestHandlerCallsFunctionOfEachGeneralEvent(t *testing.T) {
	var got []string
	note := func(event *webhooks.Event, id string) error {
		got = append(got, string(event.Type)+" "+id)
		return nil
	}
	subscription := func(_ context.Context, event *webhooks.Event, data webhooks.SubscriptionChanged) error {
		return note(event, data.Subscription.ID)
	}
	customer := func(_ context.Context, event *webhooks.Event, data webhooks.CustomerChanged) error {
		return note(event, data.Customer.ID)
	}
	payment := func(_ context.Context, event *webhooks.Event, data webhooks.PaymentAttempted) error {
		return note(event, data.Payment.ID)
	}
	handler := newHandler(t,
		webhooks.OnSubscriptionCreated(subscription),
		webhooks.OnSubscriptionUpdated(subscription),
		webhooks.OnSubscriptionCanceled(subscription),
		webhooks.OnSubscriptionPaused(subscription),
		webhooks.OnSubscriptionResumed(subscription),
		webhooks.OnCustomerCreated(customer),
		webhooks.OnCustomerUpdated(customer),
		webhooks.OnPaymentSucceeded(payment),
		webhooks.OnPaymentFailed(payment),
		webhooks.OnEntitlementsUpdated(func(_ context.Context, event *webhooks.Event, data webhooks.EntitlementsUpdated) error {
			return note(event, data.SubscriptionID)
		}),
	)
	var want []string
	for eventType, id := range map[webhooks.EventType]string{
		webhooks.EventSubscriptionCreated:  "sub_1",
		webhooks.EventSubscriptionUpdated:  "sub_1",
		webhooks.EventSubscriptionCanceled: "sub_1",
		webhooks.EventSubscriptionPaused:   "sub_1",
		webhooks.EventSubscriptionResumed:  "sub_1",
		webhooks.EventCustomerCreated:      "cust_1",
		webhooks.EventCustomerUpdated:      "cust_1",
		webhooks.EventPaymentSucceeded:     "inv_1",
		webhooks.EventPaymentFailed:        "inv_1",
		webhooks.EventEntitlementsUpdated:  "sub_1",
	} {
		body := `{"id":"evt_` + string(eventType) + `","type":"` + string(eventType) + `","data":` + generalData[eventType] + `}`
		assert.Equal(t, http.StatusOK, deliverBody(t, handler, body).Code, eventType)
		want = append(want, string(eventType)+" "+id)
	}
	assert.ElementsMatch(t, want, got)
	assert.Equal(t, http.StatusBadRequest, deliverBody(t, handler, generalBody(webhooks.EventCustomerCreated, `{}`)).Code)
}

func FuzzEventData(f *testing.F) {
	f.Add(approvedBody)
	f.Add([]byte(rejectedBody))
	for eventType, data := range generalData {
		f.Add([]byte(generalBody(eventType, data)))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		event, err := parse(t, string(body))
		if err != nil {
			return
		}
		wrongType := 0
		for name, decode := range decoders {
			data, err := decode(event)
			if err == nil {
				assert.NotZero(t, data)
				continue
			}
			assert.Zero(t, data, "%s returns nothing with an error", name)
			if errors.Is(err, webhooks.ErrWrongType) {
				wrongType++
				continue
			}
			assert.ErrorIs(t, err, webhooks.ErrMalformedEvent)
		}
		assert.GreaterOrEqual(t, wrongType, len(decoders)-1, "an event is decoded by one method at most")
	})
}
