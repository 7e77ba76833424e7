package program

import (
	"time"
)

// DealStatus is what has become of a deal.
type DealStatus string

// What a deal can be.
const (
	Registered DealStatus = "registered"
	Won        DealStatus = "won"
)

// A Deal is a lead that a partner has registered. It is won once the lead is a customer.
type Deal struct {
	ID        string
	LeadEmail string
	LeadName  string
	Notes     string
	Status    DealStatus
	CreatedAt time.Time

	partner *affiliate
}

// DealParams is what a partner says about a lead. LeadEmail and LeadName are required.
type DealParams struct {
	LeadEmail string
	LeadName  string
	Notes     string
}

// Problems names what is wrong with the parameters; nothing when they can be used.
func (d DealParams) Problems() []string {
	var p problems
	p.email("leadEmail", d.LeadEmail)
	p.required("leadName", d.LeadName, maxName)
	p.atMost("notes", d.Notes, maxNotes)
	return p
}

// RegisterDeal registers a lead for the partner that the customer is. It fails with [Invalid],
// with [NotFound] for a customer that is not a partner, and with [Conflict] for a lead that is
// registered already, by whomever, or is a customer already.
func (p *Program) RegisterDeal(customerID string, params DealParams) (Deal, error) {
	if err := invalid(params.Problems()); err != nil {
		return Deal{}, err
	}

	p.mu.Lock()
	defer p.mu.Unlock()

	partner, err := p.partner(customerID)
	if err != nil {
		return Deal{}, err
	}
	lead := keyOf(params.LeadEmail)
	if p.dealsByLead[lead] != nil {
		return Deal{}, &Conflict{ErrorCodeAlreadyExists, "This lead has been registered already"}
	}
	if p.customersByEmail[lead] != nil {
		return Deal{}, &Conflict{ErrorCodeAlreadyExists, "This lead is a customer already"}
	}
	deal := &Deal{
		ID:        p.newID(idPrefix),
		LeadEmail: params.LeadEmail,
		LeadName:  params.LeadName,
		Notes:     params.Notes,
		Status:    Registered,
		CreatedAt: p.now(),
		partner:   partner,
	}
	p.dealsByLead[lead] = deal
	partner.deals = append(partner.deals, deal)
	return *deal, nil
}
