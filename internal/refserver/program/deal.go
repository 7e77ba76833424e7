package program

import "time"

// DealStatus is the state of a deal.
type DealStatus string

// The states of a deal.
const (
	Registered DealStatus = "registered"
	Won        DealStatus = "won"
)

// A Deal is a lead that a partner has registered. It is won once the lead is a customer.
type Deal struct {
	ID          string     `json:"id"`
	AffiliateID string     `json:"affiliateId"`
	LeadEmail   string     `json:"leadEmail"`
	LeadName    string     `json:"leadName"`
	Notes       string     `json:"notes,omitempty"`
	Status      DealStatus `json:"status"`
	CreatedAt   time.Time  `json:"createdAt"`
}

// dealsInStatus are a partner's deals that have the status.
type dealsInStatus struct {
	affiliateID string
	status      DealStatus
}

type deals struct {
	*book[Deal]
	byLead      *unique[Deal, emailKey]
	byAffiliate *group[Deal, string]
	byStatus    *group[Deal, dealsInStatus]
}

func newDeals() deals {
	b := newBook(func(d Deal) string { return d.ID })
	return deals{
		book:        b,
		byLead:      uniqueBy(b, func(d Deal) emailKey { return keyOf(d.LeadEmail) }),
		byAffiliate: groupBy(b, func(d Deal) string { return d.AffiliateID }),
		byStatus:    groupBy(b, func(d Deal) dealsInStatus { return dealsInStatus{d.AffiliateID, d.Status} }),
	}
}

// DealParams describes a lead. LeadEmail and LeadName are required.
type DealParams struct {
	LeadEmail string
	LeadName  string
	Notes     string
}

// Problems returns the problems of the parameters; none if they are valid.
func (d DealParams) Problems() []Problem {
	var p problems
	p.email("leadEmail", d.LeadEmail)
	p.required("leadName", d.LeadName, maxName)
	p.atMost("notes", d.Notes, maxNotes)
	return p
}

// RegisterDeal registers a lead for the partner that the customer is. It returns [Invalid],
// [NotFound] for a customer that is not a partner, and [Conflict] for a lead that is
// registered already, by any partner, or is already a customer.
func (p *Program) RegisterDeal(customerID string, params DealParams) (Deal, error) {
	if err := invalid(params.Problems()); err != nil {
		return Deal{}, err
	}
	return command(p, func(s *state, now time.Time) (change[Deal], error) {
		partner, err := s.partners.ofCustomer(customerID)
		if err != nil {
			return nil, err
		}
		lead := keyOf(params.LeadEmail)
		if s.deals.byLead.has(lead) {
			return nil, &Conflict{ErrorCodeAlreadyExists, "This lead has been registered already"}
		}
		if s.customers.byEmail.has(lead) {
			return nil, &Conflict{ErrorCodeAlreadyExists, "This lead is a customer already"}
		}
		return func() Deal {
			deal := Deal{
				ID:          fresh(s.ids, s.deals.book, "deal", idPrefix),
				AffiliateID: partner.ID,
				LeadEmail:   params.LeadEmail,
				LeadName:    params.LeadName,
				Notes:       params.Notes,
				Status:      Registered,
				CreatedAt:   now,
			}
			s.deals.put(deal)
			return deal
		}, nil
	})
}

// A DealQuery asks for one page of a partner's deals.
type DealQuery struct {
	// Status, unless empty, leaves out deals of another status.
	Status DealStatus
	PageQuery
}

// Problems returns the problems of the query; none if it is valid.
func (d DealQuery) Problems() []Problem {
	var p problems
	p.choice("status", d.Status == "" || d.Status == Registered || d.Status == Won,
		"must be one of the following values: registered, won")
	return p
}

// Deals returns one page of the deals of the partner that the customer is. It returns [Invalid], and
// [NotFound] for a customer that is not a partner.
func (p *Program) Deals(customerID string, asked DealQuery) (Page[Deal], error) {
	if err := invalid(asked.Problems()); err != nil {
		return Page[Deal]{}, err
	}
	return query(p, func(s *state, _ time.Time) (Page[Deal], error) {
		partner, err := s.partners.ofCustomer(customerID)
		if err != nil {
			return Page[Deal]{}, err
		}
		seqs := s.deals.byAffiliate.of(partner.ID)
		if asked.Status != "" {
			seqs = s.deals.byStatus.of(dealsInStatus{partner.ID, asked.Status})
		}
		return show(s.deals.book, asked.PageQuery, seqs, itself)
	})
}
