package affiliates

import (
	"context"
	"iter"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// AdminPartners reads the partners of an app.
type AdminPartners struct{ service *Service }

// Partner is an [Affiliate] as an admin sees it. Raw holds the whole partner.
type Partner struct {
	Affiliate
	Name          string   `json:"name"`          // empty if the customer has none
	Email         string   `json:"email"`         // the customer's
	Balances      Balances `json:"balances"`      // its earnings, by their state
	Customers     int      `json:"customers"`     // attributed to it
	Subscriptions int      `json:"subscriptions"` // of these customers, without canceled ones
}

// UnmarshalJSON reads a partner and keeps the JSON in Raw.
func (p *Partner) UnmarshalJSON(data []byte) error {
	if err := p.Affiliate.UnmarshalJSON(data); err != nil {
		return err
	}
	var own struct {
		Name          string   `json:"name"`
		Email         string   `json:"email"`
		Balances      Balances `json:"balances"`
		Customers     int      `json:"customers"`
		Subscriptions int      `json:"subscriptions"`
	}
	if err := decode(data, &own, &p.Raw); err != nil {
		return err
	}
	p.isEnrolled()
	p.Name, p.Email, p.Balances = own.Name, own.Email, own.Balances
	p.Customers, p.Subscriptions = own.Customers, own.Subscriptions
	return nil
}

// PartnerFilter selects the page to read. The zero value selects the first.
type PartnerFilter struct {
	Limit  int    `url:"limit,omitempty"`  // partners in a page, 1 to 100; the server's default, 20, if 0
	Cursor string `url:"cursor,omitempty"` // where to start: the Cursor of the page before
}

func (f *PartnerFilter) paging() (*int, *string) { return &f.Limit, &f.Cursor }

// List returns one page of the app's partners, newest first. Use [AdminPartners.All] to go
// through all pages.
//
// Contract: GET /v1/apps/{appId}/affiliates/partners (admin)
func (p AdminPartners) List(ctx context.Context, filter PartnerFilter) (*Page[Partner], error) {
	to := transport.Call{Route: routeAdminPartners, Credential: transport.Admin}
	return list[Partner](ctx, p.service, to, filter)
}

// All goes through all partners, newest first, as [Service.Applications] does.
//
// Contract: GET /v1/apps/{appId}/affiliates/partners (admin)
func (p AdminPartners) All(ctx context.Context, filter PartnerFilter) iter.Seq2[*Partner, error] {
	return all(ctx, p.service, routeAdminPartners, filter, p.List)
}

// Get returns one partner by its own id; [Service.Get] takes the customer's.
// For an unknown id it returns an error matching stackbe.ErrNotFound, with the code
// AFFILIATE_NOT_FOUND.
//
// Contract: GET /v1/apps/{appId}/affiliates/partners/{affiliateId} (admin)
func (p AdminPartners) Get(ctx context.Context, affiliateID string) (*Partner, error) {
	return getRecord[Partner](ctx, p.service, transport.Admin, routeAdminPartner, affiliateID)
}
