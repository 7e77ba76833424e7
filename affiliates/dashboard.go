package affiliates

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// Dashboard is what a partner sees of its own account. StackBE documents
// Affiliate.TotalEarned and Affiliate.PendingBalance; Contract: the rest.
type Dashboard struct {
	Affiliate    Affiliate       `json:"affiliate"`
	ReferralLink string          `json:"referralLink"` // the link to share
	Stats        DashboardStats  `json:"stats"`
	Earnings     Earnings        `json:"earnings"`
	RecentDeals  []Deal          `json:"recentDeals"` // the five newest, newest first
	Raw          json.RawMessage `json:"-"`           // the dashboard as the server sent it
}

// DashboardStats counts what a partner has brought. Contract.
type DashboardStats struct {
	Clicks    int `json:"clicks"`    // on referral links
	Customers int `json:"customers"` // attributed to the partner
	Deals     int `json:"deals"`     // registered
}

// Earnings divides what a partner has earned by where it stands. Contract.
type Earnings struct {
	InReview Money `json:"inReview"` // within the holding period
	Ready    Money `json:"ready"`    // past it, ready to be paid out
}

// UnmarshalJSON reads a dashboard and keeps the JSON in Raw.
func (d *Dashboard) UnmarshalJSON(data []byte) error {
	type plain Dashboard
	if err := decode(data, (*plain)(d), &d.Raw); err != nil {
		return err
	}
	if d.Affiliate.Raw == nil {
		return missing("affiliate")
	}
	if !has(d.Affiliate.Raw, "enrolled") {
		d.Affiliate.Enrolled = true // who is not enrolled has no dashboard
	}
	return nil
}

// GetDashboard returns the dashboard of the session's own customer. A customer
// who is not a partner returns an error matching stackbe.ErrNotFound.
//
// StackBE: GET /v1/affiliate/dashboard (session)
func (s *Service) GetDashboard(ctx context.Context) (*Dashboard, error) {
	return do[Dashboard](ctx, s, transport.Call{
		Method:     http.MethodGet,
		Route:      routeDashboard,
		Credential: transport.Session,
	})
}
