package program

import "time"

// A PartnerView is a partner as the administrator of the app sees it.
type PartnerView struct {
	Affiliate
	// Name and Email are the partner's as a customer; the name may be empty.
	Name     string
	Email    string
	Balances Balances
	// Customers counts the customers attributed to the partner, Subscriptions those of these customers
	// that are not canceled.
	Customers     int
	Subscriptions int
}

func (s *state) viewPartner(partner Partner) PartnerView {
	as := s.customers.mustGet(partner.CustomerID)
	counts := s.planCounts(owner{affiliateID: partner.ID})
	return PartnerView{
		Affiliate:     s.view(partner),
		Name:          as.Name,
		Email:         as.Email,
		Balances:      s.ledger[partner.ID].balances.shown(),
		Customers:     s.attributions.byAffiliate.count(partner.ID),
		Subscriptions: counts.Free + counts.Pro + counts.Business + counts.Enterprise,
	}
}

// Partner returns the partner with the id. It returns [NotFound].
func (p *Program) Partner(affiliateID string) (PartnerView, error) {
	return query(p, func(s *state, _ time.Time) (PartnerView, error) {
		partner, known := s.partners.get(affiliateID)
		if !known {
			return PartnerView{}, &NotFound{ErrorCodeAffiliateNotFound, "No partner of this app has this id; it is the id of the affiliate, not that of the customer"}
		}
		return s.viewPartner(partner), nil
	})
}

// Partners returns one page of the partners. It returns [Invalid].
func (p *Program) Partners(asked PageQuery) (Page[PartnerView], error) {
	return query(p, func(s *state, _ time.Time) (Page[PartnerView], error) {
		return show(s.partners.book, asked, s.partners.backward, s.viewPartner)
	})
}
