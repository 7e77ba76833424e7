package program

import "time"

// An Affiliate is a partner: a customer that earns commissions.
type Affiliate struct {
	ID         string
	CustomerID string
	Code       string
	// CommissionRate is what the next payment earns.
	CommissionRate BasisPoints
	// TotalEarned is everything that the partner has ever earned.
	TotalEarned Cents
	// PendingBalance is what of it has not been paid out.
	PendingBalance Cents
	CreatedAt      time.Time
}

type affiliate struct {
	id        string
	code      string
	customer  *customer
	createdAt time.Time

	clicks    int
	customers int
	deals     []*Deal
	ledger    ledger
}

// enrol makes a customer a partner under a code that is free.
func (p *Program) enrol(customer *customer, code string, now time.Time) *affiliate {
	partner := &affiliate{
		id:        p.newID(idPrefix),
		code:      code,
		customer:  customer,
		createdAt: now,
	}
	customer.partner = partner
	p.affiliatesByCode[code] = partner
	return partner
}

// Affiliate is the partner that a customer is, if it is one. A customer that the program does
// not know is none.
func (p *Program) Affiliate(customerID string) (partner Affiliate, enrolled bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()

	found, err := p.partner(customerID)
	if err != nil {
		return Affiliate{}, false
	}
	return p.describe(found), true
}

func (p *Program) partner(customerID string) (*affiliate, error) {
	customer := p.customers[customerID]
	if customer == nil || customer.partner == nil {
		return nil, &NotFound{ErrorCodeAffiliateNotFound, "This customer is not a partner; a partner application has to be approved first"}
	}
	return customer.partner, nil
}

func (p *Program) describe(partner *affiliate) Affiliate {
	total := partner.ledger.total()
	return Affiliate{
		ID:             partner.id,
		CustomerID:     partner.customer.id,
		Code:           partner.code,
		CommissionRate: p.settings.DefaultCommissionRate,
		TotalEarned:    total,
		PendingBalance: total, // nothing is paid out: the program has no payouts
		CreatedAt:      partner.createdAt,
	}
}
