package affiliates

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// AffiliateType is the kind of a partner. StackBE documents the field but no
// values.
type AffiliateType string

// AffiliateTypePartner is a partner whose application was approved. Contract.
const AffiliateTypePartner AffiliateType = "partner"

// AffiliateStatus is the state of a partner.
type AffiliateStatus string

// AffiliateActive is a partner who earns commissions; StackBE documents no other state.
const AffiliateActive AffiliateStatus = "active"

// Affiliate is a customer as the partner program sees it. Every field is zero
// for a customer who is not a partner.
type Affiliate struct {
	Enrolled       bool            `json:"enrolled"` // whether the customer is a partner at all
	ID             string          `json:"id"`
	CustomerID     string          `json:"customerId"`
	Code           string          `json:"code"` // the referral code
	Type           AffiliateType   `json:"type"`
	Status         AffiliateStatus `json:"status"`
	CommissionRate Percent         `json:"commissionRate"` // Contract: what a payment of a referred customer earns
	TotalEarned    Money           `json:"totalEarned"`    // everything that was ever earned, minus what was taken back
	PendingBalance Money           `json:"pendingBalance"` // earned and not paid out yet; below 0 for a partner in debt
	CreatedAt      time.Time       `json:"createdAt"`      // Contract: when the application was approved
	Raw            json.RawMessage `json:"-"`              // the partner as the server sent it
}

// UnmarshalJSON reads a partner and keeps the JSON in Raw. A partner with an id
// or a code, and without "enrolled", is enrolled.
func (a *Affiliate) UnmarshalJSON(data []byte) error {
	type plain Affiliate
	if err := decode(data, (*plain)(a), &a.Raw); err != nil {
		return err
	}
	a.Enrolled = a.Enrolled || (a.ID != "" || a.Code != "") && !has(data, "enrolled")
	return nil
}

// isEnrolled sets Enrolled in a partner's account, where the server may leave it out: only
// an enrolled customer has one.
func (a *Affiliate) isEnrolled() {
	a.Enrolled = a.Enrolled || !has(a.Raw, "enrolled")
}

// lookup is an Affiliate that must have "enrolled": JSON about something else must
// not mean that the customer is not enrolled.
type lookup Affiliate

func (l *lookup) UnmarshalJSON(data []byte) error {
	if err := (*Affiliate)(l).UnmarshalJSON(data); err != nil {
		return err
	}
	if !l.Enrolled && !has(data, "enrolled") {
		return missing("enrolled")
	}
	return nil
}

// Get looks a partner up by customer, from a backend. A customer who is unknown or not
// a partner is not an error: Enrolled is false. For a customer of another app it
// returns an error matching stackbe.ErrForbidden.
//
// StackBE: GET /v1/affiliate/by-customer/{customerId} (key)
func (s *Service) Get(ctx context.Context, customerID string) (*Affiliate, error) {
	found, err := do[lookup](ctx, s, transport.Call{
		Method:     http.MethodGet,
		Route:      routeByCustomer,
		ID:         customerID,
		Credential: transport.APIKey,
	})
	return (*Affiliate)(found), err
}

// GetCurrent is [Service.Get] for the session's own customer.
//
// StackBE: GET /v1/affiliate (session)
func (s *Service) GetCurrent(ctx context.Context) (*Affiliate, error) {
	found, err := do[lookup](ctx, s, transport.Call{
		Method:     http.MethodGet,
		Route:      routeCurrent,
		Credential: transport.Session,
	})
	return (*Affiliate)(found), err
}
