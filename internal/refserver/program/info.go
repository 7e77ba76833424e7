package program

import "time"

// An Info is a partner's place in the program.
type Info struct {
	Affiliate Affiliate
	// Name and Email are the partner's as a customer; the name may be empty.
	Name            string
	Email           string
	ReferralLink    string
	MinPayoutAmount Cents
	// Level is the reached level with the greatest rate; nil before the first.
	Level *Level
	// NextLevel is the level with the lowest rate above the present one; nil after the last.
	NextLevel *NextLevel
	// PaidSubscriptions and MonthlyReferralValue are compared with the minimums of levels.
	PaidSubscriptions    int
	MonthlyReferralValue Cents
}

// A NextLevel is a level that is not reached. Either of the missing numbers is enough to reach it; a
// number that the level does not ask for is 0.
type NextLevel struct {
	Level
	MissingPaidSubscriptions int
	MissingMonthlyValue      Cents
}

// Info returns the place in the program of the partner that the customer is. It returns [NotFound] for a
// customer that is not a partner.
func (p *Program) Info(customerID string) (Info, error) {
	return query(p, func(s *state, _ time.Time) (Info, error) {
		partner, err := s.partners.ofCustomer(customerID)
		if err != nil {
			return Info{}, err
		}
		as := s.customers.mustGet(customerID)
		info := Info{
			Affiliate:       s.view(partner),
			Name:            as.Name,
			Email:           as.Email,
			ReferralLink:    referralLink(p.siteURL, partner.Code),
			MinPayoutAmount: s.settings.MinPayoutAmount,
		}
		info.PaidSubscriptions, info.MonthlyReferralValue = s.referred(partner.ID)
		info.placeAmong(s.settings.Levels)
		return info, nil
	})
}

// placeAmong finds the partner's level, and the next. Of levels with the same rate it takes the first.
func (i *Info) placeAmong(levels []Level) {
	for _, level := range levels {
		if level.reached(i.PaidSubscriptions, i.MonthlyReferralValue) {
			if i.Level == nil || level.CommissionRate > i.Level.CommissionRate {
				i.Level = &level
			}
			continue
		}
		isAbove := level.CommissionRate > i.Affiliate.CommissionRate
		if isAbove && (i.NextLevel == nil || level.CommissionRate < i.NextLevel.CommissionRate) {
			i.NextLevel = &NextLevel{
				Level:                    level,
				MissingPaidSubscriptions: max(level.MinPaidSubscriptions-i.PaidSubscriptions, 0),
				MissingMonthlyValue:      max(level.MinMonthlyValue-i.MonthlyReferralValue, 0),
			}
		}
	}
}
