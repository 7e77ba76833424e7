package program

import "time"

// A Summary sums up a partner's commissions.
type Summary struct {
	// MonthlyValue is the commission that the users' subscriptions earn in a month at the present rate.
	MonthlyValue Cents
	// MonthlyReferralValue is the sum of their prices.
	MonthlyReferralValue Cents
	Balances             Balances
	// Subscriptions counts the users' subscriptions that are not canceled.
	Subscriptions PlanCounts
}

// CommissionSummary returns the summary of the partner that the customer is. It returns [NotFound].
func (p *Program) CommissionSummary(customerID string) (Summary, error) {
	return query(p, func(s *state, _ time.Time) (Summary, error) {
		partner, err := s.partners.ofCustomer(customerID)
		if err != nil {
			return Summary{}, err
		}
		_, value := s.referred(partner.ID)
		return Summary{
			MonthlyValue:         s.monthlyValue(owner{affiliateID: partner.ID}, s.rate(partner.ID)),
			MonthlyReferralValue: value,
			Balances:             s.ledger[partner.ID].balances.shown(),
			Subscriptions:        s.planCounts(owner{affiliateID: partner.ID}),
		}, nil
	})
}
