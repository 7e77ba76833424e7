package program

import "time"

// A Customer is somebody who has signed up with the app.
type Customer struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Name  string `json:"name,omitempty"`
	// AffiliateID is the partner that the customer is attributed to; empty if there is none.
	AffiliateID string    `json:"affiliateId,omitempty"`
	CreatedAt   time.Time `json:"createdAt"`
}

type customers struct {
	*book[Customer]
	byEmail     *unique[Customer, emailKey]
	byAffiliate *group[Customer, string]
}

func newCustomers() customers {
	b := newBook(func(c Customer) string { return c.ID })
	return customers{
		book:        b,
		byEmail:     uniqueBy(b, func(c Customer) emailKey { return keyOf(c.Email) }),
		byAffiliate: groupBy(b, func(c Customer) string { return c.AffiliateID }),
	}
}

func (c customers) find(id string) (Customer, error) {
	found, known := c.get(id)
	if !known {
		return Customer{}, &NotFound{ErrorCodeCustomerNotFound, "No customer of this app has this id"}
	}
	return found, nil
}

// userOf is a customer that is attributed to a partner. It fails with [NotFound].
func (s *state) userOf(partner Partner, id string) (Customer, error) {
	found, known := s.customers.get(id)
	if !known || found.AffiliateID != partner.ID {
		return Customer{}, &NotFound{ErrorCodeCustomerNotFound, "No customer of this partner has this id"}
	}
	return found, nil
}

// attribute makes a customer, who is nobody's, a partner's, with all that the customer has. What was
// paid before earns nothing.
func (s *state) attribute(customer Customer, partner Partner) Customer {
	customer.AffiliateID = partner.ID
	s.customers.put(customer)
	for seq := range s.subscriptions.byCustomer.of(customer.ID)(s.subscriptions.len()) {
		subscription := *s.subscriptions.at(seq)
		subscription.AffiliateID = partner.ID
		s.subscriptions.put(subscription)
	}
	for seq := range s.invoices.byCustomer.of(customer.ID)(s.invoices.len()) {
		invoice := *s.invoices.at(seq)
		invoice.AffiliateID = partner.ID
		s.invoices.put(invoice)
	}
	return customer
}

// CustomerParams is what a sign-up says. Email is required.
type CustomerParams struct {
	Email string
	Name  string
	// ReferralCode and ClickID tell where the customer comes from. One that is unknown, or has
	// expired, does not attribute the customer, and does not keep it from signing up.
	ReferralCode string
	ClickID      string
}

// Problems names what is wrong with the parameters; nothing when they can be used.
func (c CustomerParams) Problems() []Problem {
	var p problems
	p.email("email", c.Email)
	p.atMost("name", c.Name, maxName)
	return p
}

// CreateCustomer signs a customer up and attributes it: to the partner whose referral code or
// unexpired click came with it, else to the one who registered its email as a deal. It fails
// with [Invalid], and with [Conflict] when the email is a customer's already.
func (p *Program) CreateCustomer(params CustomerParams) (Customer, error) {
	if err := invalid(params.Problems()); err != nil {
		return Customer{}, err
	}
	return command(p, func(s *state, now time.Time) (change[Customer], error) {
		if s.customers.byEmail.has(keyOf(params.Email)) {
			return nil, &Conflict{ErrorCodeAlreadyExists, "A customer with this email exists already"}
		}
		return func() Customer { return s.signUp(params, now) }, nil
	})
}

// HasCustomer tells whether the app has a customer with the id.
func (p *Program) HasCustomer(id string) bool {
	known, _ := query(p, func(s *state, _ time.Time) (bool, error) { return s.customers.has(id), nil })
	return known
}

// signUp creates the customer of an email that has none. A partner cannot be attributed to
// itself: it is a customer before it has a code, and an email is one customer only.
func (s *state) signUp(params CustomerParams, now time.Time) Customer {
	signedUp := Customer{
		ID:          fresh(s.ids, s.customers.book, "customer", customerIDPrefix),
		Email:       params.Email,
		Name:        params.Name,
		AffiliateID: s.referrer(params),
		CreatedAt:   now,
	}
	s.customers.put(signedUp)
	if deal, registered := s.deals.byLead.get(keyOf(params.Email)); registered {
		deal.Status = Won
		s.deals.put(deal)
	}
	return signedUp
}

// referrer is the id of the partner that a sign-up is attributed to, or empty.
func (s *state) referrer(params CustomerParams) (affiliateID string) {
	if partner, known := s.partners.withCode(params.ReferralCode); known {
		return partner.ID
	}
	if click, unexpired := s.clicks.get(params.ClickID); unexpired {
		return click.AffiliateID
	}
	deal, _ := s.deals.byLead.get(keyOf(params.Email))
	return deal.AffiliateID
}
