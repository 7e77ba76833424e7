package main

import (
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// sample is an event of a kind, with every record that an event may have.
func sample(kind program.EventKind, now time.Time) program.Event {
	customer := program.Customer{ID: "cust_123", Email: "customer@example.com", Name: "John Smith", CreatedAt: now}
	subscription := program.Subscription{
		ID:            "sub_123",
		CustomerID:    customer.ID,
		Plan:          program.Pro,
		Status:        program.SubscriptionActive,
		Billing:       program.Individual,
		PaymentMethod: program.ValidMethod,
		Months:        1,
		CreatedAt:     now,
	}
	invoice := program.Invoice{
		ID:             "inv_123",
		CustomerID:     customer.ID,
		SubscriptionID: subscription.ID,
		Amount:         20_00,
		Status:         program.InvoicePaid,
	}
	application := program.Application{ID: "app_123", Email: "partner@example.com", Name: "Jane Smith"}
	switch kind {
	case program.ApplicationRejected:
		application.RejectionReason = "Not a good fit at this time"
	case program.SubscriptionWasCanceled:
		subscription.Status = program.SubscriptionCanceled
	case program.SubscriptionPaused:
		subscription.PausedAt = now
	case program.PaymentFailed:
		invoice.Status = program.InvoiceFailed
	}
	return program.Event{
		ID:           newID(),
		Kind:         kind,
		At:           now,
		Application:  &application,
		Affiliate:    &program.Affiliate{ID: "aff_123", Code: "JANE20", CustomerID: customer.ID},
		Customer:     &customer,
		Subscription: &subscription,
		Invoice:      &invoice,
	}
}
