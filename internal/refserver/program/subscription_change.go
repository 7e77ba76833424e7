package program

import (
	"cmp"
	"slices"
	"time"
)

// A SubscriptionChange holds the fields of a subscription to change: an empty field is not changed.
type SubscriptionChange struct {
	// Plan is charged from the next renewal on.
	Plan PlanID
	// Status canceled is final.
	Status        SubscriptionStatus
	Billing       Billing
	PaymentMethod PaymentMethod
	// Paused stops the subscription from renewing while it is true.
	Paused *bool
}

// Problems returns the problems of the change; none if it is valid.
func (c SubscriptionChange) Problems() []Problem {
	var p problems
	p.choice("plan", c.Plan == "" || c.Plan.known(), onePlan)
	p.choice("status", c.Status == "" || slices.Contains(subscriptionStatuses(), c.Status), "must be one of the following values: active, limit_exceeded, error, canceled")
	p.billing(c.Billing)
	p.paymentMethod(c.PaymentMethod)
	return p
}

func subscriptionStatuses() []SubscriptionStatus {
	return []SubscriptionStatus{SubscriptionActive, SubscriptionLimitExceeded, SubscriptionError, SubscriptionCanceled}
}

// UpdateSubscription makes the change. It returns [Invalid], [NotFound], and [Conflict]
// for a subscription that is canceled; an empty change is not an error.
func (p *Program) UpdateSubscription(id string, changed SubscriptionChange) (PricedSubscription, error) {
	if err := invalid(changed.Problems()); err != nil {
		return PricedSubscription{}, err
	}
	return command(p, func(s *state, now time.Time) (change[PricedSubscription], error) {
		subscription, err := s.subscriptions.find(id)
		if err != nil {
			return nil, err
		}
		if subscription.Status == SubscriptionCanceled && changed != (SubscriptionChange{}) {
			return nil, &Conflict{ErrorCodeSubscriptionCanceled, "This subscription is canceled, which is final; make another one"}
		}
		return func() PricedSubscription { return s.priced(s.changeSubscription(subscription, changed, now)) }, nil
	})
}

func (s *state) changeSubscription(before Subscription, changed SubscriptionChange, now time.Time) Subscription {
	after := before
	after.Plan = cmp.Or(changed.Plan, before.Plan)
	after.Status = cmp.Or(changed.Status, before.Status)
	after.Billing = cmp.Or(changed.Billing, before.Billing)
	after.PaymentMethod = cmp.Or(changed.PaymentMethod, before.PaymentMethod)
	if after.Status == SubscriptionCanceled && before.Status != SubscriptionCanceled {
		after.CanceledAt = now
	}
	resumed := false
	if changed.Paused != nil {
		after, resumed = after.withPause(*changed.Paused, now)
	}
	s.subscriptions.put(after)
	switch {
	case before.renews() && !after.renews():
		s.lapse()
	case resumed && after.renews():
		s.at(after.due())
	}
	s.tellOfChange(before, after, now)
	return after
}

// withPause returns the subscription, paused or resumed. A resumed one renews on its next day after
// now: missed renewals are not made up. The renewal is then rescheduled.
func (s Subscription) withPause(pause bool, now time.Time) (after Subscription, resumed bool) {
	switch {
	case pause && s.PausedAt.IsZero():
		s.PausedAt = now
	case !pause && !s.PausedAt.IsZero():
		s.PausedAt = time.Time{}
		s.Turn++
		for !s.CurrentPeriodEnd().After(now) {
			s.Months++
		}
		return s, true
	}
	return s, false
}
