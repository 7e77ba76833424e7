package program

import "time"

// tellOfSubscription emits an event of a subscription, as it is now.
func (s *state) tellOfSubscription(kind EventKind, subscription Subscription, now time.Time) {
	customer := s.customers.mustGet(subscription.CustomerID)
	s.emit(Event{Kind: kind, At: now, Customer: &customer, Subscription: &subscription})
}

// tellOfPayment emits an event of an invoice that was paid, or whose payment has failed.
func (s *state) tellOfPayment(kind EventKind, invoice Invoice, now time.Time) {
	customer := s.customers.mustGet(invoice.CustomerID)
	s.emit(Event{Kind: kind, At: now, Customer: &customer, Invoice: &invoice})
}

// tellOfChange emits an event for each thing that has changed about a subscription. For one that
// was canceled it emits only that event: its other changes never take effect.
func (s *state) tellOfChange(before, after Subscription, now time.Time) {
	if before.Status != after.Status && after.Status == SubscriptionCanceled {
		s.tellOfSubscription(SubscriptionWasCanceled, after, now)
		return
	}
	switch {
	case before.PausedAt.IsZero() && !after.PausedAt.IsZero():
		s.tellOfSubscription(SubscriptionPaused, after, now)
	case !before.PausedAt.IsZero() && after.PausedAt.IsZero():
		s.tellOfSubscription(SubscriptionResumed, after, now)
	}
	if before.Status != after.Status || before.Plan != after.Plan || before.Billing != after.Billing || before.PaymentMethod != after.PaymentMethod {
		s.tellOfSubscription(SubscriptionUpdated, after, now)
	}
	if before.Plan != after.Plan {
		s.tellOfSubscription(EntitlementsUpdated, after, now)
	}
}
