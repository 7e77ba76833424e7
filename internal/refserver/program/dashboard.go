package program

import (
	"slices"
	"strings"
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
	p.mu.RLock()
	defer p.mu.RUnlock()

	partner, err := p.partner(customerID)
	if err != nil {
		return Dashboard{}, err
	}
	inReview, ready := partner.ledger.balances(p.now())
	dashboard := Dashboard{
		Affiliate:    p.describe(partner),
		Name:         partner.customer.name,
		ReferralLink: p.referralLink(partner.code),
		Clicks:       partner.clicks,
		Customers:    partner.customers,
		Deals:        len(partner.deals),
		InReview:     inReview,
		Ready:        ready,
	}
	for _, deal := range slices.Backward(partner.deals[max(0, len(partner.deals)-recentDeals):]) {
		dashboard.RecentDeals = append(dashboard.RecentDeals, *deal)
	}
	return dashboard, nil
}

func (p *Program) referralLink(code string) string {
	separator := "?"
	if strings.Contains(p.siteURL, "?") {
		separator = "&"
	}
	return p.siteURL + separator + "ref=" + code
}
