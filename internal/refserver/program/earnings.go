package program

import "time"

// A MonthEarnings is what a partner's commissions of one month add up to, clawbacks of that month
// among them.
type MonthEarnings struct {
	Month  time.Time // its first moment, in UTC
	Amount Cents
}

// An earningMonth names a month of a partner.
type earningMonth struct {
	affiliateID string
	month       int // since the year 0
}

func monthOf(at time.Time) int { return at.UTC().Year()*12 + int(at.UTC().Month()) - 1 }

// EarningsByMonth returns the last months of the partner that the customer is, oldest first. The last
// one is the present. It returns [NotFound].
func (p *Program) EarningsByMonth(customerID string, months int) ([]MonthEarnings, error) {
	return query(p, func(s *state, now time.Time) ([]MonthEarnings, error) {
		partner, err := s.partners.ofCustomer(customerID)
		if err != nil {
			return nil, err
		}
		all := make([]MonthEarnings, 0, months)
		for month := monthOf(now) - months + 1; month <= monthOf(now); month++ {
			all = append(all, MonthEarnings{
				Month:  time.Date(0, time.Month(month+1), 1, 0, 0, 0, 0, time.UTC),
				Amount: s.commissions.earnedIn.sum(earningMonth{partner.ID, month}),
			})
		}
		return all, nil
	})
}
