package program

import (
	"strings"
	"time"
)

// A Dashboard is what a partner sees of its own program.
type Dashboard struct {
	Affiliate Affiliate
	// Name is the partner's name as a customer; it may be empty.
	Name         string
	ReferralLink string
	Clicks       int
	// Customers counts those attributed to the partner.
	Customers int
	Deals     int
	InReview  Cents
	Ready     Cents
	// RecentDeals are the five newest deals, newest first.
	RecentDeals []Deal
}

const recentDeals = 5

// Dashboard is the dashboard of the partner that the customer is. It fails with [NotFound] for
// a customer that is not a partner.
func (p *Program) Dashboard(customerID string) (Dashboard, error) {
	return query(p, func(s *state, _ time.Time) (Dashboard, error) { return s.dashboard(customerID, p.siteURL) })
}

func (s *state) dashboard(customerID, siteURL string) (Dashboard, error) {
	partner, err := s.partners.ofCustomer(customerID)
	if err != nil {
		return Dashboard{}, err
	}
	balances := s.ledger[partner.ID].balances.shown()
	newest, _ := s.deals.start(0)
	return Dashboard{
		Affiliate:    s.view(partner),
		Name:         s.customers.mustGet(customerID).Name,
		ReferralLink: referralLink(siteURL, partner.Code),
		Clicks:       partner.Clicks,
		Customers:    s.customers.byAffiliate.count(partner.ID),
		Deals:        s.deals.byAffiliate.count(partner.ID),
		InReview:     balances.InReview,
		Ready:        balances.Ready,
		RecentDeals:  s.deals.page(s.deals.byAffiliate.backward(partner.ID, newest), recentDeals).rows,
	}, nil
}

func referralLink(siteURL, code string) string {
	separator := "?"
	if strings.Contains(siteURL, "?") {
		separator = "&"
	}
	return siteURL + separator + "ref=" + code
}
