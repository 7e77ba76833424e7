package delivery

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func TestGeneralEvents(t *testing.T) {
	at := time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC)
	customer := program.Customer{ID: "cust_1", Email: "lee@example.com", Name: "Lee"}
	subscription := program.Subscription{ID: "sub", CustomerID: "cust_1", Plan: program.Pro, Status: program.SubscriptionActive, Months: 1, CreatedAt: at}
	paused := subscription
	paused.PausedAt = at
	invoice := program.Invoice{ID: "inv", CustomerID: "cust_1", SubscriptionID: "sub", Amount: 20_50, Status: program.InvoicePaid}
	const (
		lee        = `{"id": "cust_1", "email": "lee@example.com", "name": "Lee"}`
		pro        = `{"id": "pro", "name": "Pro", "entitlements": {}}`
		subscribed = `{"id": "sub", "customerId": "cust_1", "planId": "pro", "status": "active", "currentPeriodEnd": "2026-02-28T10:00:00Z", "cancelAtPeriodEnd": false, "trialEnd": null, "resumesAt": null, "pausedAt": `
	)
	for _, c := range []struct {
		event program.Event
		data  string
	}{
		{program.Event{Kind: program.SubscriptionCreated, Subscription: &subscription}, `{"subscription": ` + subscribed + `null}, "customer": ` + lee + `, "plan": ` + pro + `}`},
		{program.Event{Kind: program.SubscriptionPaused, Subscription: &paused}, `{"subscription": ` + subscribed + `"2026-01-31T10:00:00Z"}, "customer": ` + lee + `, "plan": ` + pro + `}`},
		{program.Event{Kind: program.EntitlementsUpdated, Subscription: &subscription}, `{"customer": ` + lee + `, "plan": ` + pro + `, "subscriptionId": "sub"}`},
		{program.Event{Kind: program.PaymentSucceeded, Invoice: &invoice}, `{"payment": {"id": "inv", "customerId": "cust_1", "subscriptionId": "sub", "amount": 20.5, "status": "paid"}, "customer": ` + lee + `}`},
	} {
		c.event.ID, c.event.At, c.event.Customer = "evt_1", at, &customer
		assert.NoError(t, c.event.Check())
		made := newEvent(c.event)
		for _, form := range []Envelope{PartnerEnvelope, GeneralEnvelope} {
			assert.JSONEq(t, `{"id": "evt_1", "type": "`+string(c.event.Kind)+`", "timestamp": "2026-01-31T10:00:00Z", "data": `+c.data+`}`, string(made.body(form)))
			assert.NotEqual(t, made.body(form), made.withID("other").body(form))
			assert.Contains(t, string(made.withID("other").body(form)), `"other"`)
		}
		assert.JSONEq(t, `{"event": "`+string(c.event.Kind)+`", "data": `+c.data+`}`, string(made.body(BareEnvelope)))
	}
}
