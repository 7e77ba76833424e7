package program

import (
	"iter"
	"strings"
	"time"
)

// A Dashboard is a partner's view of its own account.
type Dashboard struct {
	Affiliate Affiliate
	// Name is the partner's name as a customer; it may be empty.
	Name         string
	ReferralLink string
	Clicks       int
	// Customers is the number of customers attributed to the partner.
	Customers int
	Deals     int
	InReview  Cents
	Ready     Cents
	// Balances are the partner's earnings, by their state.
	Balances Balances
	// MonthlyValue is the commission that the users' subscriptions earn in a month at the present rate.
	MonthlyValue Cents
	// RecentDeals, RecentUsers and RecentPayouts are the five newest, newest first.
	RecentDeals   []Deal
	RecentUsers   []User
	RecentPayouts []Payout
}

const recent = 5

// Dashboard returns the dashboard of the partner that the customer is. It returns [NotFound] for
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
	affiliate := s.view(partner)
	return Dashboard{
		Affiliate:     affiliate,
		Name:          s.customers.mustGet(customerID).Name,
		ReferralLink:  referralLink(siteURL, partner.Code),
		Clicks:        partner.Clicks,
		Customers:     s.attributions.byAffiliate.count(partner.ID),
		Deals:         s.deals.byAffiliate.count(partner.ID),
		InReview:      balances.InReview,
		Ready:         balances.Ready,
		Balances:      balances,
		MonthlyValue:  s.monthlyValue(owner{affiliateID: partner.ID}, affiliate.CommissionRate),
		RecentDeals:   latest(s.deals.book, s.deals.byAffiliate.of(partner.ID), itself),
		RecentUsers:   latest(s.attributions.book, s.attributions.byAffiliate.of(partner.ID), s.viewUser),
		RecentPayouts: latest(s.payouts.book, s.payouts.byAffiliate.of(payoutKey{partner.ID, ""}), itself),
	}, nil
}

// latest returns the newest records of a list, with as applied to each.
func latest[T, V any](b *book[T], list func(before int) iter.Seq[int], as func(T) V) []V {
	page, _ := show(b, PageQuery{Limit: recent}, list, as) // the first page always exists
	return page.Rows
}

func referralLink(siteURL, code string) string {
	separator := "?"
	if strings.Contains(siteURL, "?") {
		separator = "&"
	}
	return siteURL + separator + "ref=" + code
}
