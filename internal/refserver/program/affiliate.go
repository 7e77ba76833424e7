package program

import "time"

// A Partner is the record of a customer that earns commissions.
type Partner struct {
	ID         string    `json:"id"`
	CustomerID string    `json:"customerId"`
	Code       string    `json:"code"` // as [parseCode] gives it
	Clicks     int       `json:"clicks,omitempty"`
	CreatedAt  time.Time `json:"createdAt"`
	// PayoutInterval is how often the partner is paid out without a request, and PayoutAt when next.
	PayoutInterval PayoutInterval `json:"payoutInterval,omitempty"`
	PayoutAt       time.Time      `json:"payoutAt,omitzero"`
	PayoutTurn     int            `json:"payoutTurn,omitempty"` // how often the interval was set
}

// An Affiliate is a partner as it is shown: its record, and what is computed from others.
type Affiliate struct {
	ID         string `json:"id"`
	CustomerID string `json:"customerId"`
	Code       string `json:"code"`
	// CommissionRate is what the next payment earns.
	CommissionRate BasisPoints `json:"commissionRate"`
	// TotalEarned is everything that the partner has ever earned.
	TotalEarned Cents `json:"totalEarned"`
	// PendingBalance is the part that has not been paid out.
	PendingBalance Cents     `json:"pendingBalance"`
	CreatedAt      time.Time `json:"createdAt"`
}

type partners struct {
	*book[Partner]
	byCustomer *unique[Partner, string]
	byCode     *unique[Partner, string]
}

func newPartners() partners {
	b := newBook(func(p Partner) string { return p.ID })
	return partners{
		book:       b,
		byCustomer: uniqueBy(b, func(p Partner) string { return p.CustomerID }),
		byCode:     uniqueBy(b, func(p Partner) string { return p.Code }),
	}
}

// ofCustomer returns the partner that a customer is. It returns [NotFound].
func (p partners) ofCustomer(customerID string) (Partner, error) {
	partner, enrolled := p.byCustomer.get(customerID)
	if !enrolled {
		return Partner{}, &NotFound{ErrorCodeAffiliateNotFound, "This customer is not a partner; a partner application has to be approved first"}
	}
	return partner, nil
}

// enroll makes a customer a partner under a code that is valid and free.
func (s *state) enroll(customer Customer, code string, now time.Time) Partner {
	code, _ = parseCode(code)
	partner := Partner{
		ID:         fresh(s.ids, s.partners.book, "affiliate", idPrefix),
		CustomerID: customer.ID,
		Code:       code,
		CreatedAt:  now,
	}
	s.partners.put(partner)
	return partner
}

// Affiliate returns the partner that a customer is, if it is one. An unknown customer is not.
func (p *Program) Affiliate(customerID string) (partner Affiliate, enrolled bool) {
	partner, err := query(p, func(s *state, _ time.Time) (Affiliate, error) {
		found, err := s.partners.ofCustomer(customerID)
		if err != nil {
			return Affiliate{}, err
		}
		return s.view(found), nil
	})
	return partner, err == nil
}

func (s *state) view(partner Partner) Affiliate {
	balances := s.ledger[partner.ID].balances
	return Affiliate{
		ID:             partner.ID,
		CustomerID:     partner.CustomerID,
		Code:           partner.Code,
		CommissionRate: s.rate(partner.ID),
		TotalEarned:    balances.earned(),
		PendingBalance: balances.earned() - balances[paid],
		CreatedAt:      partner.CreatedAt,
	}
}
