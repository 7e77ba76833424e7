package affiliates

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// Dashboard is a partner's view of its own account. StackBE documents
// Affiliate.TotalEarned and Affiliate.PendingBalance; Contract: the rest.
type Dashboard struct {
	Affiliate     Affiliate       `json:"affiliate"`
	ReferralLink  string          `json:"referralLink"` // the link to share
	Stats         DashboardStats  `json:"stats"`
	Earnings      Earnings        `json:"earnings"`
	RecentDeals   []Deal          `json:"recentDeals"`   // the five newest, newest first
	RecentUsers   []User          `json:"recentUsers"`   // the five that were attributed last, the last one first
	RecentPayouts []Payout        `json:"recentPayouts"` // the five newest, newest first
	Raw           json.RawMessage `json:"-"`             // the dashboard as the server sent it
}

// DashboardStats has a partner's counts. Contract.
type DashboardStats struct {
	Clicks    int `json:"clicks"`    // on referral links
	Customers int `json:"customers"` // attributed to the partner
	Deals     int `json:"deals"`     // registered
}

// Earnings divides a partner's earnings by their state. Affiliate.TotalEarned
// is InReview + Ready - Debt + InPayout + Paid, to the cent. Contract.
type Earnings struct {
	InReview     Money `json:"inReview"` // within the holding period
	Ready        Money `json:"ready"`    // past it, ready to be paid out; 0 if there is a debt
	Debt         Money `json:"debt"`     // taken back beyond what is ready; later commissions pay it off first
	InPayout     Money `json:"inPayout"` // in a payout that is not paid yet
	Paid         Money `json:"paid"`
	MonthlyValue Money `json:"monthlyValue"` // what the users' subscriptions earn in a month, at the present rate
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
	d.Affiliate.isEnrolled()
	return nil
}

// GetDashboard returns the dashboard of the session's own customer. If the customer
// is not a partner, it returns an error matching stackbe.ErrNotFound.
//
// StackBE: GET /v1/affiliate/dashboard (session)
func (s *Service) GetDashboard(ctx context.Context) (*Dashboard, error) {
	return do[Dashboard](ctx, s, transport.Call{
		Method:     http.MethodGet,
		Route:      routeDashboard,
		Credential: transport.Session,
	})
}
