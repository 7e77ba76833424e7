package program

import (
	"cmp"
	"iter"
	"time"
)

// SubscriptionStatus is the state of a subscription.
type SubscriptionStatus string

// The states of a subscription. It renews and is paid for in each except the last.
const (
	SubscriptionActive        SubscriptionStatus = "active"
	SubscriptionLimitExceeded SubscriptionStatus = "limit_exceeded"
	SubscriptionError         SubscriptionStatus = "error"
	SubscriptionCanceled      SubscriptionStatus = "canceled"
)

// Billing is who pays.
type Billing string

// The ways of billing. Only what the customer pays itself earns a commission.
const (
	Individual   Billing = "individual"
	Consolidated Billing = "consolidated"
)

// PaymentMethod says whether a customer can be charged.
type PaymentMethod string

// The results of charging a customer.
const (
	ValidMethod    PaymentMethod = "valid"
	DeclinedMethod PaymentMethod = "declined"
)

// A Subscription is a customer's subscription to a plan. It renews each month on the day of its creation.
type Subscription struct {
	ID         string `json:"id"`
	CustomerID string `json:"customerId"`
	// AffiliateID is the partner of the customer.
	AffiliateID   string             `json:"-"`
	Plan          PlanID             `json:"plan"`
	Name          string             `json:"name,omitempty"`
	Status        SubscriptionStatus `json:"status"`
	Billing       Billing            `json:"billing"`
	PaymentMethod PaymentMethod      `json:"paymentMethod"`
	// Months is how many months after CreatedAt the subscription renews next.
	Months int `json:"months"`
	// Turn is how often the renewal was rescheduled after a pause.
	Turn       int       `json:"turn,omitempty"`
	CreatedAt  time.Time `json:"createdAt"`
	CanceledAt time.Time `json:"canceledAt,omitzero"`
	PausedAt   time.Time `json:"pausedAt,omitzero"`
}

// CurrentPeriodStart returns when the subscription last renewed, or would have.
func (s Subscription) CurrentPeriodStart() time.Time { return monthsAfter(s.CreatedAt, s.Months-1) }

// CurrentPeriodEnd returns when the subscription renews next.
func (s Subscription) CurrentPeriodEnd() time.Time { return monthsAfter(s.CreatedAt, s.Months) }

// renews reports whether the subscription renews by itself.
func (s Subscription) renews() bool {
	return s.Status != SubscriptionCanceled && s.PausedAt.IsZero()
}

// earns reports whether its renewals earn a commission.
func (s Subscription) earns() bool {
	return s.renews() && s.Billing == Individual && s.PaymentMethod != DeclinedMethod
}

type subscriptions struct {
	*book[Subscription]
	byCustomer *group[Subscription, string]
	// liveBy are, by partner, the subscriptions that are not canceled.
	liveBy *group[Subscription, string]
	counts *totals[Subscription, subscriptionCount]
}

func newSubscriptions() subscriptions {
	b := newBook(func(s Subscription) string { return s.ID })
	return subscriptions{
		book:       b,
		byCustomer: groupBy(b, func(s Subscription) string { return s.CustomerID }),
		liveBy: groupBy(b, func(s Subscription) string {
			if s.Status == SubscriptionCanceled {
				return ""
			}
			return s.AffiliateID
		}),
		counts: totalBy(b, Subscription.count),
	}
}

func (s subscriptions) find(id string) (Subscription, error) {
	found, known := s.get(id)
	if !known {
		return Subscription{}, &NotFound{ErrorCodeSubscriptionNotFound, "No subscription of this app has this id"}
	}
	return found, nil
}

// A PricedSubscription is a subscription, and what the next renewal costs.
type PricedSubscription struct {
	Subscription
	MonthlyPrice Cents
}

func (s *state) priced(subscription Subscription) PricedSubscription {
	return PricedSubscription{subscription, s.settings.plan(subscription.Plan).MonthlyPrice}
}

// SubscriptionParams describes a new subscription. CustomerID and Plan are required. Billing is
// individual and PaymentMethod valid if empty.
type SubscriptionParams struct {
	CustomerID    string
	Plan          PlanID
	Billing       Billing
	Name          string
	PaymentMethod PaymentMethod
}

// Problems returns the problems of the parameters; none if they are valid.
func (s SubscriptionParams) Problems() []Problem {
	var p problems
	p.required("customerId", s.CustomerID, maxName)
	if s.Plan == "" {
		p.add(ProblemMissing, "plan", "should not be empty")
	} else {
		p.choice("plan", s.Plan.known(), onePlan)
	}
	p.billing(s.Billing)
	p.atMost("name", s.Name, maxName)
	p.paymentMethod(s.PaymentMethod)
	return p
}

// billing checks a kind of billing, which may be empty.
func (p *problems) billing(billing Billing) {
	p.choice("billing", billing == "" || billing == Individual || billing == Consolidated,
		"must be one of the following values: individual, consolidated")
}

// paymentMethod checks a payment method, which may be empty.
func (p *problems) paymentMethod(method PaymentMethod) {
	p.choice("paymentMethod", method == "" || method == ValidMethod || method == DeclinedMethod,
		"must be one of the following values: valid, declined")
}

// Subscribe makes a subscription, and its first invoice if the plan has a price. It returns
// [Invalid], and [NotFound] for an unknown customer.
func (p *Program) Subscribe(params SubscriptionParams) (PricedSubscription, error) {
	if err := invalid(params.Problems()); err != nil {
		return PricedSubscription{}, err
	}
	return command(p, func(s *state, now time.Time) (change[PricedSubscription], error) {
		customer, err := s.customers.find(params.CustomerID)
		if err != nil {
			return nil, err
		}
		return func() PricedSubscription { return s.priced(s.subscribe(customer, params, now)) }, nil
	})
}

func (s *state) subscribe(customer Customer, params SubscriptionParams, now time.Time) Subscription {
	subscription := Subscription{
		ID:            fresh(s.ids, s.subscriptions.book, "subscription", idPrefix),
		CustomerID:    customer.ID,
		AffiliateID:   customer.AffiliateID,
		Plan:          params.Plan,
		Name:          params.Name,
		Status:        SubscriptionActive,
		Billing:       cmp.Or(params.Billing, Individual),
		PaymentMethod: cmp.Or(params.PaymentMethod, ValidMethod),
		Months:        1,
		CreatedAt:     now,
	}
	s.subscriptions.put(subscription) // before it is paid, so that it counts for the level
	s.tellOfSubscription(SubscriptionCreated, subscription, now)
	s.bill(subscription, now)
	s.at(subscription.due())
	return subscription
}

// bill makes the invoice of the period that begins.
func (s *state) bill(subscription Subscription, now time.Time) {
	price := s.settings.plan(subscription.Plan).MonthlyPrice
	if price == 0 {
		return
	}
	invoice := Invoice{
		CustomerID:     subscription.CustomerID,
		SubscriptionID: subscription.ID,
		Plan:           subscription.Plan,
		Billing:        subscription.Billing,
		Amount:         price,
		PeriodStart:    subscription.CurrentPeriodStart(),
		PeriodEnd:      subscription.CurrentPeriodEnd(),
		Status:         InvoicePaid,
	}
	if subscription.PaymentMethod == DeclinedMethod {
		invoice.Status = InvoiceFailed
	}
	s.charge(invoice, now)
}

// due returns the item of the next renewal.
func (s Subscription) due() Due {
	return Due{At: s.CurrentPeriodEnd(), Kind: DueRenewal, ID: s.ID, Turn: s.Turn}
}

// renewSubscription begins the next period.
func (s *state) renewSubscription(due Due) {
	subscription := s.subscriptions.mustGet(due.ID)
	subscription.Months++
	s.subscriptions.put(subscription)
	s.bill(subscription, due.At)
	s.at(subscription.due())
}

// A SubscriptionQuery asks for one page of subscriptions.
type SubscriptionQuery struct {
	// CustomerID, unless empty, leaves out subscriptions of other customers.
	CustomerID string
	PageQuery
}

// Subscriptions returns one page of the subscriptions. An unknown customer has none. It returns [Invalid]
// when no page can have ended at asked.Before.
func (p *Program) Subscriptions(asked SubscriptionQuery) (Page[PricedSubscription], error) {
	return query(p, func(s *state, _ time.Time) (Page[PricedSubscription], error) {
		list := s.subscriptions.backward
		if asked.CustomerID != "" {
			list = s.subscriptions.byCustomer.of(asked.CustomerID)
		}
		return show(s.subscriptions.book, asked.PageQuery, list, s.priced)
	})
}

// Subscription returns the subscription with the id. It returns [NotFound].
func (p *Program) Subscription(id string) (PricedSubscription, error) {
	return query(p, func(s *state, _ time.Time) (PricedSubscription, error) {
		found, err := s.subscriptions.find(id)
		if err != nil {
			return PricedSubscription{}, err
		}
		return s.priced(found), nil
	})
}

// An EarningSubscription is a subscription as the partner of its customer sees it.
type EarningSubscription struct {
	PricedSubscription
	UserEmail string
	// CommissionRate is what its next payment earns, and MonthlyCommission how much that is: 0 if
	// it earns nothing.
	CommissionRate    BasisPoints
	MonthlyCommission Cents
	// Earned is what its payments have earned, minus what was taken back.
	Earned Cents
}

// earningSubscription shows a subscription to its partner, which has the rate.
func (s *state) earningSubscription(subscription Subscription, rate BasisPoints) EarningSubscription {
	shown := EarningSubscription{
		PricedSubscription: s.priced(subscription),
		UserEmail:          s.customers.mustGet(subscription.CustomerID).Email,
		CommissionRate:     rate,
		Earned:             s.commissions.earned.sum(owner{subscriptionID: subscription.ID}),
	}
	if subscription.earns() {
		shown.MonthlyCommission = shareOf(shown.MonthlyPrice, rate)
	}
	return shown
}

// EarningSubscriptions returns one page of the subscriptions that are not canceled, of all customers of the
// partner that the customer is. It returns [NotFound] and [Invalid].
func (p *Program) EarningSubscriptions(customerID string, asked PageQuery) (Page[EarningSubscription], error) {
	return p.earningSubscriptions(customerID, asked, func(s *state, partner Partner) (func(int) iter.Seq[int], error) {
		return s.subscriptions.liveBy.of(partner.ID), nil
	})
}

// UserSubscriptions returns one page of all subscriptions of a user of the partner that the customer is. It
// returns [NotFound] for a user that is not the partner's, and [Invalid].
func (p *Program) UserSubscriptions(customerID, userID string, asked PageQuery) (Page[EarningSubscription], error) {
	return p.earningSubscriptions(customerID, asked, func(s *state, partner Partner) (func(int) iter.Seq[int], error) {
		user, err := s.userOf(partner, userID)
		return s.subscriptions.byCustomer.of(user.ID), err
	})
}

func (p *Program) earningSubscriptions(customerID string, asked PageQuery, of func(*state, Partner) (func(int) iter.Seq[int], error)) (Page[EarningSubscription], error) {
	return query(p, func(s *state, _ time.Time) (Page[EarningSubscription], error) {
		partner, err := s.partners.ofCustomer(customerID)
		if err != nil {
			return Page[EarningSubscription]{}, err
		}
		list, err := of(s, partner)
		if err != nil {
			return Page[EarningSubscription]{}, err
		}
		rate := s.rate(partner.ID)
		return show(s.subscriptions.book, asked, list, func(subscription Subscription) EarningSubscription {
			return s.earningSubscription(subscription, rate)
		})
	})
}
