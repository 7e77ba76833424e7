package webhooks

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// SubscriptionChanged is the data of the events of a subscription: [EventSubscriptionCreated],
// [EventSubscriptionUpdated], [EventSubscriptionCanceled], [EventSubscriptionPaused] and
// [EventSubscriptionResumed]. StackBE: Webhooks.
type SubscriptionChanged struct {
	Subscription Subscription `json:"subscription"`
	Customer     Customer     `json:"customer"`
	Plan         Plan         `json:"plan"`
}

// Subscription is a customer's subscription, as it is after the event. A time that is null,
// or left out, is zero.
type Subscription struct {
	ID                string    `json:"id"`
	CustomerID        string    `json:"customerId"`
	PlanID            string    `json:"planId"`
	Status            string    `json:"status"` // an open set: StackBE may send any
	CurrentPeriodEnd  time.Time `json:"currentPeriodEnd"`
	CancelAtPeriodEnd bool      `json:"cancelAtPeriodEnd"`
	TrialEnd          time.Time `json:"trialEnd"`
	PausedAt          time.Time `json:"pausedAt"`
	ResumesAt         time.Time `json:"resumesAt"`
}

// Plan is what a customer has subscribed to.
type Plan struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Entitlements are what the plan entitles to, by keys of the app's own. StackBE shows
	// numbers, booleans and arrays.
	Entitlements map[string]json.RawMessage `json:"entitlements"`
}

// CustomerChanged is the data of [EventCustomerCreated] and [EventCustomerUpdated].
// StackBE: Webhooks.
type CustomerChanged struct {
	Customer Customer `json:"customer"`
}

// Customer is a customer of the app.
type Customer struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Name  string `json:"name,omitempty"` // empty if it has none. Contract.
}

// PaymentAttempted is the data of [EventPaymentSucceeded] and [EventPaymentFailed]. StackBE
// documents the events and not their data. Contract.
type PaymentAttempted struct {
	Payment  Payment  `json:"payment"`
	Customer Customer `json:"customer"`
}

// Payment is an attempt to collect an invoice.
type Payment struct {
	ID             string `json:"id"` // the invoice's
	CustomerID     string `json:"customerId"`
	SubscriptionID string `json:"subscriptionId,omitempty"` // empty for an invoice without one
	// Amount is in the app's currency, as it was sent, so that nothing is rounded:
	// affiliates.ParseMoney(payment.Amount.String()) reads it.
	Amount json.Number `json:"amount"`
	Status string      `json:"status"` // an open set
}

// EntitlementsUpdated is the data of [EventEntitlementsUpdated]. StackBE documents the event
// and not its data. Contract.
type EntitlementsUpdated struct {
	Customer       Customer `json:"customer"`
	Plan           Plan     `json:"plan"`           // what the customer is entitled to now
	SubscriptionID string   `json:"subscriptionId"` // the subscription whose plan was changed
}

// SubscriptionChanged decodes the event's data, of any of the five events of a subscription.
// Other fields than those of the struct are in [Event.Data].
//
// Errors: [ErrWrongType]; [ErrMalformedEvent], also where the subscription has no id.
func (e *Event) SubscriptionChanged() (SubscriptionChanged, error) {
	changed, err := decodeAs[SubscriptionChanged](e, EventSubscriptionCreated, EventSubscriptionUpdated,
		EventSubscriptionCanceled, EventSubscriptionPaused, EventSubscriptionResumed)
	if err != nil {
		return SubscriptionChanged{}, err
	}
	if changed.Subscription.ID == "" {
		return SubscriptionChanged{}, missing("subscription.id")
	}
	return changed, nil
}

// CustomerChanged decodes the event's data, of either event of a customer. Other fields than
// those of the struct are in [Event.Data].
//
// Errors: [ErrWrongType]; [ErrMalformedEvent], also where the customer has no id.
func (e *Event) CustomerChanged() (CustomerChanged, error) {
	changed, err := decodeAs[CustomerChanged](e, EventCustomerCreated, EventCustomerUpdated)
	if err != nil {
		return CustomerChanged{}, err
	}
	if changed.Customer.ID == "" {
		return CustomerChanged{}, missing("customer.id")
	}
	return changed, nil
}

// PaymentAttempted decodes the event's data, of either event of a payment. Other fields than
// those of the struct are in [Event.Data].
//
// Errors: [ErrWrongType]; [ErrMalformedEvent], also where the payment has no id or no amount.
func (e *Event) PaymentAttempted() (PaymentAttempted, error) {
	attempted, err := decodeAs[PaymentAttempted](e, EventPaymentSucceeded, EventPaymentFailed)
	if err != nil {
		return PaymentAttempted{}, err
	}
	if attempted.Payment.ID == "" || attempted.Payment.Amount == "" {
		return PaymentAttempted{}, missing("payment.id or no payment.amount")
	}
	return attempted, nil
}

// EntitlementsUpdated decodes the event's data. Other fields than those of the struct are in
// [Event.Data].
//
// Errors: [ErrWrongType]; [ErrMalformedEvent], also where the customer or the plan has no id.
func (e *Event) EntitlementsUpdated() (EntitlementsUpdated, error) {
	updated, err := decodeAs[EntitlementsUpdated](e, EventEntitlementsUpdated)
	if err != nil {
		return EntitlementsUpdated{}, err
	}
	if updated.Customer.ID == "" || updated.Plan.ID == "" {
		return EntitlementsUpdated{}, missing("customer.id or no plan.id")
	}
	return updated, nil
}

func missing(fields string) error {
	return fmt.Errorf("%w: the data has no %s", ErrMalformedEvent, fields)
}

// OnSubscriptionCreated registers the function for [EventSubscriptionCreated].
func OnSubscriptionCreated(function func(context.Context, *Event, SubscriptionChanged) error) HandlerOption {
	return onDecoded(EventSubscriptionCreated, (*Event).SubscriptionChanged, function)
}

// OnSubscriptionUpdated registers the function for [EventSubscriptionUpdated].
func OnSubscriptionUpdated(function func(context.Context, *Event, SubscriptionChanged) error) HandlerOption {
	return onDecoded(EventSubscriptionUpdated, (*Event).SubscriptionChanged, function)
}

// OnSubscriptionCanceled registers the function for [EventSubscriptionCanceled].
func OnSubscriptionCanceled(function func(context.Context, *Event, SubscriptionChanged) error) HandlerOption {
	return onDecoded(EventSubscriptionCanceled, (*Event).SubscriptionChanged, function)
}

// OnSubscriptionPaused registers the function for [EventSubscriptionPaused].
func OnSubscriptionPaused(function func(context.Context, *Event, SubscriptionChanged) error) HandlerOption {
	return onDecoded(EventSubscriptionPaused, (*Event).SubscriptionChanged, function)
}

// OnSubscriptionResumed registers the function for [EventSubscriptionResumed].
func OnSubscriptionResumed(function func(context.Context, *Event, SubscriptionChanged) error) HandlerOption {
	return onDecoded(EventSubscriptionResumed, (*Event).SubscriptionChanged, function)
}

// OnCustomerCreated registers the function for [EventCustomerCreated].
func OnCustomerCreated(function func(context.Context, *Event, CustomerChanged) error) HandlerOption {
	return onDecoded(EventCustomerCreated, (*Event).CustomerChanged, function)
}

// OnCustomerUpdated registers the function for [EventCustomerUpdated].
func OnCustomerUpdated(function func(context.Context, *Event, CustomerChanged) error) HandlerOption {
	return onDecoded(EventCustomerUpdated, (*Event).CustomerChanged, function)
}

// OnPaymentSucceeded registers the function for [EventPaymentSucceeded].
func OnPaymentSucceeded(function func(context.Context, *Event, PaymentAttempted) error) HandlerOption {
	return onDecoded(EventPaymentSucceeded, (*Event).PaymentAttempted, function)
}

// OnPaymentFailed registers the function for [EventPaymentFailed].
func OnPaymentFailed(function func(context.Context, *Event, PaymentAttempted) error) HandlerOption {
	return onDecoded(EventPaymentFailed, (*Event).PaymentAttempted, function)
}

// OnEntitlementsUpdated registers the function for [EventEntitlementsUpdated].
func OnEntitlementsUpdated(function func(context.Context, *Event, EntitlementsUpdated) error) HandlerOption {
	return onDecoded(EventEntitlementsUpdated, (*Event).EntitlementsUpdated, function)
}
