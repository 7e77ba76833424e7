package affiliates

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// TrackParams is a click on a partner's referral link. Code is required. Contract:
// StackBE documents the call's two arguments, but not their names in JSON.
type TrackParams struct {
	Code string `json:"code"`          // the referral code
	URL  string `json:"url,omitempty"` // the page that was opened, an absolute http or https URL

	// IdempotencyKey is as in [ApplyParams].
	IdempotencyKey string `json:"-"`
}

// Click is a tracked referral click. Contract: StackBE documents no response, and no
// use of the ID at a sign-up; a field that the server does not send is zero.
type Click struct {
	ID        string          `json:"clickId"`
	Code      string          `json:"code"`
	ExpiresAt time.Time       `json:"expiresAt"` // sign-ups after that are not attributed to it
	Raw       json.RawMessage `json:"-"`         // the response as the server sent it
}

// UnmarshalJSON reads a click and keeps the JSON in Raw.
func (c *Click) UnmarshalJSON(data []byte) error {
	type plain Click
	return decode(data, (*plain)(c), &c.Raw)
}

// TrackReferral counts a click on a partner's referral link. For an unknown
// code it returns an error matching stackbe.ErrNotFound; since the code comes from a
// visitor's address bar, this should not break the page. On a website, [ReferralCapture] makes the call
// in the background, and keeps the code for the visitor's sign-up.
//
// StackBE: POST /v1/affiliate/track (key)
func (s *Service) TrackReferral(ctx context.Context, params TrackParams) (*Click, error) {
	err := s.check(
		required("Code", params.Code),
		token("Code", params.Code),
		webURL("URL", params.URL),
	)
	if err != nil {
		return nil, err
	}
	return do[Click](ctx, s, transport.Call{
		Method:         http.MethodPost,
		Route:          routeTrack,
		Credential:     transport.APIKey,
		Body:           &params,
		IdempotencyKey: params.IdempotencyKey,
		EmptyOK:        true,
	})
}
