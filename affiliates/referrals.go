package affiliates

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// trackBody is a click on the wire. Contract: StackBE documents neither name.
type trackBody struct {
	Code string `json:"code"`
	URL  string `json:"url,omitempty"`
}

// Click is a tracked referral click. Contract: StackBE documents no answer, nor
// what takes the ID at a sign-up; all fields are zero where the server sends none.
type Click struct {
	ID        string          `json:"clickId"`
	Code      string          `json:"code"`
	ExpiresAt time.Time       `json:"expiresAt"` // until when a sign-up is attributed to it
	Raw       json.RawMessage `json:"-"`         // the answer as the server sent it
}

// UnmarshalJSON reads a click and keeps the JSON in Raw.
func (c *Click) UnmarshalJSON(data []byte) error {
	type plain Click
	return decode(data, (*plain)(c), &c.Raw)
}

// TrackReferral counts a click on a partner's referral link. url is the page
// that was opened, an absolute http or https URL, and may be empty. An unknown code is stackbe.ErrNotFound; it
// comes from a visitor's address bar, and should not break the page. Keep the
// code, in a cookie say, for the visitor's sign-up.
//
// StackBE: POST /v1/affiliate/track (key)
func (s *Service) TrackReferral(ctx context.Context, code, url string) (*Click, error) {
	if err := s.check(required("code", code), token("code", code), webURL("url", url)); err != nil {
		return nil, err
	}
	return do[Click](ctx, s, transport.Call{
		Method:     http.MethodPost,
		Route:      routeTrack,
		Credential: transport.APIKey,
		Body:       &trackBody{Code: code, URL: url},
		EmptyOK:    true,
	})
}
