package program

import "time"

// An Info is who a partner is in the program.
type Info struct {
	Affiliate Affiliate
	// Name and Email are the partner's as a customer; the name may be empty.
	Name            string
	Email           string
	ReferralLink    string
	MinPayoutAmount Cents
}

// Info is who the partner that the customer is, is in the program. It fails with [NotFound] for a
// customer that is not a partner.
func (p *Program) Info(customerID string) (Info, error) {
	return query(p, func(s *state, _ time.Time) (Info, error) {
		partner, err := s.partners.ofCustomer(customerID)
		if err != nil {
			return Info{}, err
		}
		as := s.customers.mustGet(customerID)
		return Info{
			Affiliate:       s.view(partner),
			Name:            as.Name,
			Email:           as.Email,
			ReferralLink:    referralLink(p.siteURL, partner.Code),
			MinPayoutAmount: s.settings.MinPayoutAmount,
		}, nil
	})
}
