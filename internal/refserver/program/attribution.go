package program

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Source is how a customer was attributed to a partner.
type Source string

// The ways in which a customer is attributed.
const (
	SourceReferralCode Source = "referral_code" // it signed up with the partner's code
	SourceClick        Source = "click"         // it signed up after a click
	SourceDeal         Source = "deal"          // the partner had registered it as a lead
	SourceSubAccount   Source = "sub_account"   // the partner has created it
	SourceLinked       Source = "linked"        // the partner has added it after its sign-up
)

// An Attribution makes a customer a user of a partner. It is final.
type Attribution struct {
	CustomerID  string    `json:"customerId"`
	AffiliateID string    `json:"affiliateId"`
	Source      Source    `json:"source"`
	At          time.Time `json:"at"`
	// exceeds and fails are computed from the customer's subscriptions: whether any exceeds its
	// limit, or is in error.
	exceeds, fails bool
}

type attributions struct {
	*book[Attribution]
	byAffiliate *group[Attribution, string]
	// exceeding and failing are the attributions with these fields set, by partner.
	exceeding *group[Attribution, string]
	failing   *group[Attribution, string]
}

func newAttributions() attributions {
	b := newBook(func(a Attribution) string { return a.CustomerID })
	return attributions{
		book:        b,
		byAffiliate: groupBy(b, func(a Attribution) string { return a.AffiliateID }),
		exceeding:   groupBy(b, func(a Attribution) string { return a.affiliateIf(a.exceeds) }),
		failing:     groupBy(b, func(a Attribution) string { return a.affiliateIf(a.fails) }),
	}
}

func (a Attribution) affiliateIf(condition bool) string {
	if !condition {
		return ""
	}
	return a.AffiliateID
}

// withCondition returns the attribution with exceeds and fails as they are now.
func (s *state) withCondition(a Attribution) Attribution {
	a.exceeds, a.fails = s.conditions(a.CustomerID, exceeded) > 0, s.conditions(a.CustomerID, failing) > 0
	return a
}

// conditions counts the subscriptions of a customer that are in a condition.
func (s *state) conditions(customerID string, what countedAs) int {
	return s.subscriptions.counts.count(subscriptionCount{owner{customerID: customerID}, "", what})
}

// subscriptionPut keeps the lists of users by the condition of their subscriptions.
func (s *state) subscriptionPut(subscription Subscription) {
	before, attributed := s.attributions.get(subscription.CustomerID)
	if after := s.withCondition(before); attributed && after != before {
		s.attributions.put(after)
	}
}

// A referral says which partner a customer comes from, if any.
type referral struct {
	affiliateID string
	source      Source
}

// attribute attributes a customer, with all of its records, to the partner that it comes from, if any.
// The customer must not be attributed yet. Earlier payments earn nothing; of its invoices, only the
// partner's list changes.
func (s *state) attribute(customer Customer, from referral, now time.Time) Customer {
	if from.affiliateID == "" {
		return customer
	}
	customer.AffiliateID = from.affiliateID
	s.customers.put(customer)
	for seq := range s.subscriptions.byCustomer.of(customer.ID)(s.subscriptions.len()) {
		subscription := *s.subscriptions.at(seq)
		subscription.AffiliateID = from.affiliateID
		s.subscriptions.put(subscription)
	}
	s.invoices.byAffiliate.join(from.affiliateID, s.invoices.byCustomer.backward(customer.ID, s.invoices.len()))
	s.attributions.put(s.withCondition(Attribution{CustomerID: customer.ID, AffiliateID: from.affiliateID, Source: from.source, At: now}))
	return customer
}

// attributions reads the list of a document, and adds those that follow from the customers, in the
// order of their sign-ups.
func (r reader) attributions(given []*Attribution) error {
	into := r.state.attributions.book
	if err := fill("attributions", into, given, r.attribution); err != nil {
		return err
	}
	var missing []*Attribution
	for _, customer := range r.state.customers.rows {
		if customer.AffiliateID == "" || into.has(customer.ID) {
			continue
		}
		if err := unknown("affiliateId", customer.AffiliateID, r.state.partners.book); err != nil {
			return fmt.Errorf("customers: %q: %w", customer.ID, err)
		}
		missing = append(missing, &Attribution{CustomerID: customer.ID, AffiliateID: customer.AffiliateID, At: customer.CreatedAt})
	}
	slices.SortStableFunc(missing, func(a, b *Attribution) int { return a.At.Compare(b.At) })
	return fill("customers", into, missing, r.attribution)
}

func (r reader) attribution(a *Attribution) error {
	r.since(&a.At)
	a.Source = cmp.Or(a.Source, SourceReferralCode)
	customer, _ := r.state.customers.get(a.CustomerID)
	if customer.AffiliateID != a.AffiliateID {
		return fmt.Errorf("customerId: the customer %q is not attributed to %q", a.CustomerID, a.AffiliateID)
	}
	return errors.Join(
		oneOf("source", a.Source, SourceReferralCode, SourceClick, SourceDeal, SourceSubAccount, SourceLinked),
		unknown("customerId", a.CustomerID, r.state.customers.book),
		unknown("affiliateId", a.AffiliateID, r.state.partners.book),
	)
}
