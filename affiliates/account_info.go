package affiliates

import (
	"context"
	"encoding/json"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// AccountInfo reads a partner's link, badge and level.
type AccountInfo struct{ service *Service }

// Info is a partner's place in the program: its link, its level and the next level.
type Info struct {
	Affiliate            Affiliate       `json:"affiliate"`
	Name                 string          `json:"name"` // empty if the customer has none
	Email                string          `json:"email"`
	ReferralLink         string          `json:"referralLink"`         // the link to share
	Level                Level           `json:"level"`                // zero before the first
	NextLevel            NextLevel       `json:"nextLevel"`            // zero after the last
	PaidSubscriptions    int             `json:"paidSubscriptions"`    // of the partner's users, as a level counts them; see [Level]
	MonthlyReferralValue Money           `json:"monthlyReferralValue"` // what they pay in a month, as a level counts it
	MinPayoutAmount      Money           `json:"minPayoutAmount"`      // the minimum for a payout
	Raw                  json.RawMessage `json:"-"`                    // the response as the server sent it
}

// NextLevel is the level that a partner reaches next. It is reached by either
// MissingPaidSubscriptions more or MissingMonthlyValue more.
type NextLevel struct {
	Name                     string  `json:"name"`
	CommissionRate           Percent `json:"commissionRate"`
	MinPaidSubscriptions     int     `json:"minPaidSubscriptions"`     // not used if 0
	MinMonthlyValue          Money   `json:"minMonthlyValue"`          // not used if 0
	MissingPaidSubscriptions int     `json:"missingPaidSubscriptions"` // up to MinPaidSubscriptions
	MissingMonthlyValue      Money   `json:"missingMonthlyValue"`      // up to MinMonthlyValue
}

// UnmarshalJSON reads a partner's info and keeps the JSON in Raw.
func (i *Info) UnmarshalJSON(data []byte) error {
	type plain Info
	if err := decodeWith(data, (*plain)(i), &i.Raw, "affiliate"); err != nil {
		return err
	}
	i.Affiliate.isEnrolled()
	return nil
}

// Get returns the partner's link, its level and what is missing for the next level.
//
// Contract: GET /v1/affiliate/account/info (session)
func (i AccountInfo) Get(ctx context.Context) (*Info, error) {
	return get[Info](ctx, i.service, transport.Session, routeInfo, "")
}

// Badge is a picture for the partner's own site.
type Badge struct {
	SVG  string          `json:"svg"`  // the picture
	HTML string          `json:"html"` // the picture inside a link to the partner's referral link, escaped
	Raw  json.RawMessage `json:"-"`    // the response as the server sent it
}

// UnmarshalJSON reads a badge, which has a picture, and keeps the JSON in Raw.
func (b *Badge) UnmarshalJSON(data []byte) error {
	type plain Badge
	return decodeWith(data, (*plain)(b), &b.Raw, "svg")
}

// Badge returns the partner's badge.
//
// Contract: GET /v1/affiliate/account/badge (session)
func (i AccountInfo) Badge(ctx context.Context) (*Badge, error) {
	return get[Badge](ctx, i.service, transport.Session, routeBadge, "")
}
