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
	// Level is the reached level with the greatest rate; nil before the first.
	Level *Level
	// NextLevel is the one with the least rate above the present; nil after the last.
	NextLevel *NextLevel
	// PaidSubscriptions and MonthlyReferralValue are what a level is reached with.
	PaidSubscriptions    int
	MonthlyReferralValue Cents
}

// A NextLevel is a level that is not reached. One of what is missing is enough; what the level does
// not ask for is 0.
type NextLevel struct {
	Level
	MissingPaidSubscriptions int
	MissingMonthlyValue      Cents
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
