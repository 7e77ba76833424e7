package program

// A subscriptionCount names one of the counts that are kept of a customer's subscriptions, and of those
// of all customers of a partner.
type subscriptionCount struct {
	of   owner
	plan PlanID // empty for the counts of a condition
	what countedAs
}

// An owner is whom something is counted for, by the id of one kind of record: a customer and a partner
// may have the same id.
type owner struct{ customerID, affiliateID, subscriptionID string }

// countedAs says which subscriptions are counted.
type countedAs int

const (
	live     countedAs = iota // not canceled
	earning                   // live, billed individually, not paused, and not declined
	exceeded                  // live, and over its limit
	failing                   // live, and in error
)

// count adds a subscription to its counts.
func (s Subscription) count(add func(key subscriptionCount, amount Cents)) {
	if s.Status == SubscriptionCanceled {
		return
	}
	for _, of := range []owner{{customerID: s.CustomerID}, {affiliateID: s.AffiliateID}} {
		if of == (owner{}) {
			continue
		}
		add(subscriptionCount{of, s.Plan, live}, 1)
		if s.earns() {
			add(subscriptionCount{of, s.Plan, earning}, 1)
		}
		switch s.Status {
		case SubscriptionLimitExceeded:
			add(subscriptionCount{of, "", exceeded}, 1)
		case SubscriptionError:
			add(subscriptionCount{of, "", failing}, 1)
		}
	}
}

// planCounts counts the subscriptions, of a customer or a partner, that are not canceled.
func (s *state) planCounts(of owner) PlanCounts {
	count := func(plan PlanID) int { return s.subscriptions.counts.count(subscriptionCount{of, plan, live}) }
	return PlanCounts{Free: count(Free), Pro: count(Pro), Business: count(Business), Enterprise: count(Enterprise)}
}

// referred has what counts for a partner's level: the number of its customers' paid subscriptions, and
// the sum of their monthly prices.
func (s *state) referred(affiliateID string) (paidSubscriptions int, monthlyReferralValue Cents) {
	for _, plan := range s.settings.Plans {
		if plan.MonthlyPrice == 0 {
			continue
		}
		count := s.subscriptions.counts.count(subscriptionCount{owner{affiliateID: affiliateID}, plan.ID, earning})
		paidSubscriptions += count
		monthlyReferralValue += Cents(count) * plan.MonthlyPrice
	}
	return paidSubscriptions, monthlyReferralValue
}

// rate returns what the next payment of a partner's customer earns.
func (s *state) rate(affiliateID string) BasisPoints {
	best := s.settings.DefaultCommissionRate
	if len(s.settings.Levels) == 0 {
		return best
	}
	paidSubscriptions, monthlyReferralValue := s.referred(affiliateID)
	for _, level := range s.settings.Levels {
		if level.reached(paidSubscriptions, monthlyReferralValue) {
			best = max(best, level.CommissionRate)
		}
	}
	return best
}

func (l Level) reached(paidSubscriptions int, monthlyReferralValue Cents) bool {
	everyones := l.MinPaidSubscriptions == 0 && l.MinMonthlyValue == 0
	byCount := l.MinPaidSubscriptions > 0 && paidSubscriptions >= l.MinPaidSubscriptions
	byValue := l.MinMonthlyValue > 0 && monthlyReferralValue >= l.MinMonthlyValue
	return everyones || byCount || byValue
}

// monthlyValue returns the commission that the subscriptions of a customer, or of all customers of a
// partner, earn in a month at a rate.
func (s *state) monthlyValue(of owner, rate BasisPoints) Cents {
	value := Cents(0)
	for _, plan := range s.settings.Plans {
		count := s.subscriptions.counts.count(subscriptionCount{of, plan.ID, earning})
		value += Cents(count) * shareOf(plan.MonthlyPrice, rate)
	}
	return value
}
