package program

import "time"

// A Customer has signed up with the app.
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
	byEmail *unique[Customer, emailKey]
}

func newCustomers() customers {
	b := newBook(func(c Customer) string { return c.ID })
	return customers{
		book:    b,
		byEmail: uniqueBy(b, func(c Customer) emailKey { return keyOf(c.Email) }),
	}
}

// affiliateOf returns the partner of a customer; empty where it has none.
func (c customers) affiliateOf(id string) string {
	customer, _ := c.get(id)
	return customer.AffiliateID
}

func (c customers) find(id string) (Customer, error) {
	found, known := c.get(id)
	if !known {
		return Customer{}, &NotFound{ErrorCodeCustomerNotFound, "No customer of this app has this id"}
	}
	return found, nil
}

// CustomerParams has the parameters of a sign-up. Email is required.
type CustomerParams struct {
	Email string
	Name  string
	// ReferralCode and ClickID say where the customer comes from. An unknown or expired one is
	// ignored.
	ReferralCode string
	ClickID      string
}

// Problems returns the problems of the parameters; none if they are valid.
func (c CustomerParams) Problems() []Problem {
	var p problems
	p.email("email", c.Email)
	p.atMost("name", c.Name, maxName)
	return p
}

// CreateCustomer signs a customer up and attributes it: to the partner whose referral code or
// unexpired click came with it, else to the one who registered its email as a deal. It returns
// [Invalid], and [Conflict] if a customer has the email already.
func (p *Program) CreateCustomer(params CustomerParams) (Customer, error) {
	if err := invalid(params.Problems()); err != nil {
		return Customer{}, err
	}
	return command(p, func(s *state, now time.Time) (change[Customer], error) {
		if s.customers.byEmail.has(keyOf(params.Email)) {
			return nil, &Conflict{ErrorCodeAlreadyExists, "A customer with this email exists already"}
		}
		return func() Customer {
			customer := s.signUp(params, s.referrer(params), now)
			s.emit(Event{Kind: CustomerCreated, At: now, Customer: &customer})
			return customer
		}, nil
	})
}

// HasCustomer reports whether the app has a customer with the id.
func (p *Program) HasCustomer(id string) bool {
	known, _ := query(p, func(s *state, _ time.Time) (bool, error) { return s.customers.has(id), nil })
	return known
}

// signUp creates the customer of an email that has none, who comes from a partner or from nobody. A
// partner cannot be attributed to itself: it is a customer before it has a code, and an email is one
// customer only. The caller emits the event.
func (s *state) signUp(params CustomerParams, from referral, now time.Time) Customer {
	signedUp := Customer{
		ID:        fresh(s.ids, s.customers.book, "customer", customerIDPrefix),
		Email:     params.Email,
		Name:      params.Name,
		CreatedAt: now,
	}
	s.customers.put(signedUp)
	signedUp = s.attribute(signedUp, from, now)
	if deal, registered := s.deals.byLead.get(keyOf(params.Email)); registered {
		deal.Status = Won
		s.deals.put(deal)
	}
	return signedUp
}

// referrer returns the partner that a sign-up is attributed to, if any.
func (s *state) referrer(params CustomerParams) referral {
	if partner, known := s.partners.withCode(params.ReferralCode); known {
		return referral{partner.ID, SourceReferralCode}
	}
	if click, unexpired := s.clicks.get(params.ClickID); unexpired {
		return referral{click.AffiliateID, SourceClick}
	}
	deal, _ := s.deals.byLead.get(keyOf(params.Email))
	return referral{deal.AffiliateID, SourceDeal}
}

// Customer returns the customer with the id. It returns [NotFound].
func (p *Program) Customer(id string) (Customer, error) {
	return query(p, func(s *state, _ time.Time) (Customer, error) { return s.customers.find(id) })
}

// Customers returns one page of the customers. It returns [Invalid].
func (p *Program) Customers(asked PageQuery) (Page[Customer], error) {
	return query(p, func(s *state, _ time.Time) (Page[Customer], error) {
		return show(s.customers.book, asked, s.customers.backward, itself)
	})
}

// CustomerNameProblems returns the problems of a new name of a customer.
func CustomerNameProblems(name string) []Problem {
	var p problems
	p.required("name", name, maxName)
	return p
}

// RenameCustomer gives a customer a name, which may not be blank. It returns [Invalid] and
// [NotFound].
func (p *Program) RenameCustomer(id, name string) (Customer, error) {
	if err := invalid(CustomerNameProblems(name)); err != nil {
		return Customer{}, err
	}
	return command(p, func(s *state, now time.Time) (change[Customer], error) {
		customer, err := s.customers.find(id)
		if err != nil {
			return nil, err
		}
		return func() Customer {
			if customer.Name == name {
				return customer
			}
			customer.Name = name
			s.customers.put(customer)
			s.emit(Event{Kind: CustomerUpdated, At: now, Customer: &customer})
			return customer
		}, nil
	})
}
