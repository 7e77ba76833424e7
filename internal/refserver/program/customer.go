package program

import (
	"time"
)

// A Customer is somebody who has signed up with the app.
type Customer struct {
	ID    string
	Email string
	Name  string
	// AffiliateID is the partner that the customer is attributed to; empty if there is none.
	AffiliateID string
	CreatedAt   time.Time
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
func (c CustomerParams) Problems() []string {
	var p problems
	p.email("email", c.Email)
	p.atMost("name", c.Name, maxName)
	return p
}

type customer struct {
	id        string
	email     string
	name      string
	createdAt time.Time
	referrer  *affiliate // who earns on the customer's payments; may be nil
	partner   *affiliate // what the customer is itself; may be nil
}

// CreateCustomer signs a customer up and attributes it: to the partner whose referral code or
// unexpired click came with it, else to the one who registered its email as a deal. It fails
// with [Invalid], and with [Conflict] when the email is a customer's already.
func (p *Program) CreateCustomer(params CustomerParams) (Customer, error) {
	if err := invalid(params.Problems()); err != nil {
		return Customer{}, err
	}

	p.mu.Lock()
	defer p.mu.Unlock()

	if p.customersByEmail[keyOf(params.Email)] != nil {
		return Customer{}, &Conflict{ErrorCodeAlreadyExists, "A customer with this email exists already"}
	}
	return p.signUp(params, p.now()).describe(), nil
}

// HasCustomer tells whether the app has a customer with the id.
func (p *Program) HasCustomer(id string) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()

	return p.customers[id] != nil
}

// signUp creates the customer of an email that has none. A partner cannot be attributed to
// itself: it is a customer before it has a code, and an email is one customer only.
func (p *Program) signUp(params CustomerParams, now time.Time) *customer {
	email := keyOf(params.Email)
	signedUp := &customer{
		id:        p.newID(customerIDPrefix),
		email:     params.Email,
		name:      params.Name,
		createdAt: now,
		referrer:  p.referrer(params, now),
	}
	if signedUp.referrer != nil {
		signedUp.referrer.customers++
	}
	if deal := p.dealsByLead[email]; deal != nil {
		deal.Status = Won
	}
	p.customers[signedUp.id] = signedUp
	p.customersByEmail[email] = signedUp
	return signedUp
}

// referrer is the partner that a sign-up is attributed to, or nil.
func (p *Program) referrer(params CustomerParams, now time.Time) *affiliate {
	if partner := p.affiliateWithCode(params.ReferralCode); partner != nil {
		return partner
	}
	if partner := p.affiliateOfClick(params.ClickID, now); partner != nil {
		return partner
	}
	if deal := p.dealsByLead[keyOf(params.Email)]; deal != nil {
		return deal.partner
	}
	return nil
}

func (c *customer) describe() Customer {
	described := Customer{ID: c.id, Email: c.email, Name: c.name, CreatedAt: c.createdAt}
	if c.referrer != nil {
		described.AffiliateID = c.referrer.id
	}
	return described
}
