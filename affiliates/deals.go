package affiliates

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// DealStatus is the state of a deal. Contract.
type DealStatus string

// The states of a deal. Contract.
const (
	DealRegistered DealStatus = "registered"
	DealWon        DealStatus = "won" // the lead has become a customer
)

// DealParams is a lead that a partner registers. LeadEmail and LeadName are
// required. StackBE documents the three fields.
type DealParams struct {
	LeadEmail string `json:"leadEmail"`
	LeadName  string `json:"leadName"`
	Notes     string `json:"notes,omitempty"`

	// IdempotencyKey is as in [ApplyParams].
	IdempotencyKey string `json:"-"`
}

// Deal is a lead that a partner has registered. Contract; a field that the
// server does not send is zero.
type Deal struct {
	ID        string          `json:"id"`
	LeadEmail string          `json:"leadEmail"`
	LeadName  string          `json:"leadName"`
	Notes     string          `json:"notes"`
	Status    DealStatus      `json:"status"`
	CreatedAt time.Time       `json:"createdAt"`
	Raw       json.RawMessage `json:"-"` // the deal as the server sent it
}

// UnmarshalJSON reads a deal and keeps the JSON in Raw.
func (d *Deal) UnmarshalJSON(data []byte) error {
	type plain Deal
	return decode(data, (*plain)(d), &d.Raw)
}

// RegisterDeal registers a lead for the session's own customer, so that its
// sign-up is attributed to the partner. If the lead is registered or a customer
// already, it returns an error matching stackbe.ErrConflict; if the session's customer is
// not a partner, one matching stackbe.ErrNotFound.
//
// Contract: POST /v1/affiliate/deals (session); StackBE documents the call in
// its TypeScript SDK, not its path.
func (s *Service) RegisterDeal(ctx context.Context, params DealParams) (*Deal, error) {
	err := s.check(
		emailAddress("LeadEmail", params.LeadEmail),
		required("LeadName", params.LeadName),
		optional("Notes", params.Notes),
	)
	if err != nil {
		return nil, err
	}
	return do[Deal](ctx, s, transport.Call{
		Method:         http.MethodPost,
		Route:          routeDeals,
		Credential:     transport.Session,
		Body:           &params,
		IdempotencyKey: params.IdempotencyKey,
		EmptyOK:        true,
	})
}
