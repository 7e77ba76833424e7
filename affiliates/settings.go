package affiliates

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// Settings are the settings of the partner program. StackBE documents the first four
// and their defaults; Contract: Levels and Plans.
type Settings struct {
	DefaultCommissionRate Percent         `json:"defaultCommissionRate"` // of referred subscription revenue; 20 % by default
	HoldingPeriodDays     int             `json:"holdingPeriodDays"`     // before a commission is ready; 30 by default
	MinPayoutAmount       Money           `json:"minPayoutAmount"`       // balance needed for a payout; 50 by default
	CookieDurationDays    int             `json:"cookieDurationDays"`    // how long a click attributes a sign-up; 30 by default
	Levels                []Level         `json:"levels"`                // none by default
	Plans                 []PlanTerms     `json:"plans"`                 // all of them; 0, 20, 100 and 250 a month by default
	Raw                   json.RawMessage `json:"-"`                     // the settings as the server sent them
}

// Level is a better rate for partners with more users. A partner reaches it by reaching one
// of its two minimums; a minimum of 0 is not used, and a level with both at 0 is reached
// by everyone. A payment earns the greatest of the default rate and the rates of the levels
// that are reached. Contract.
type Level struct {
	Name                 string  `json:"name"`
	MinPaidSubscriptions int     `json:"minPaidSubscriptions"` // of the partner's users, with a price, billed individually, neither paused nor declined
	MinMonthlyValue      Money   `json:"minMonthlyValue"`      // of the monthly prices of those
	CommissionRate       Percent `json:"commissionRate"`
}

// UnmarshalJSON reads settings and keeps the JSON in Raw.
func (s *Settings) UnmarshalJSON(data []byte) error {
	type plain Settings
	return decode(data, (*plain)(s), &s.Raw)
}

// GetSettings returns the settings of the app's partner program.
//
// Contract: GET /v1/apps/{appId}/affiliates/settings (admin)
func (s *Service) GetSettings(ctx context.Context) (*Settings, error) {
	return do[Settings](ctx, s, transport.Call{
		Method:     http.MethodGet,
		Route:      routeSettings,
		Credential: transport.Admin,
	})
}

// UpdateSettingsParams holds the settings to change: a nil field is not changed.
type UpdateSettingsParams struct {
	DefaultCommissionRate *Percent `json:"defaultCommissionRate,omitempty"`
	HoldingPeriodDays     *int     `json:"holdingPeriodDays,omitempty"`
	MinPayoutAmount       *Money   `json:"minPayoutAmount,omitempty"`
	CookieDurationDays    *int     `json:"cookieDurationDays,omitempty"`

	// Levels replaces all levels; an empty slice that is not nil removes them.
	Levels []Level `json:"levels,omitzero"`

	// Plans are the plans whose prices change.
	Plans []PlanPrice `json:"plans,omitempty"`

	// IdempotencyKey is as in [ApplyParams].
	IdempotencyKey string `json:"-"`
}

// UpdateSettings changes the given settings and returns all of them. If a
// value is out of range, it returns an error matching stackbe.ErrBadRequest, with
// Details.
//
// Contract: PATCH /v1/apps/{appId}/affiliates/settings (admin)
func (s *Service) UpdateSettings(ctx context.Context, params UpdateSettingsParams) (*Settings, error) {
	for _, level := range params.Levels {
		if err := s.check(required("Levels.Name", level.Name)); err != nil {
			return nil, err
		}
	}
	for _, plan := range params.Plans {
		if err := s.check(required("Plans.ID", string(plan.ID))); err != nil {
			return nil, err
		}
	}
	return do[Settings](ctx, s, transport.Call{
		Method:         http.MethodPatch,
		Route:          routeSettings,
		Credential:     transport.Admin,
		Body:           &params,
		IdempotencyKey: params.IdempotencyKey,
	})
}
