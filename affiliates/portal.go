package affiliates

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// PortalLink opens the hosted partner portal without further sign-in: whoever
// has the URL has the partner's access. It prints without the URL, except from an
// unexported field of another struct, where fmt calls no methods; encoding/json writes it.
type PortalLink struct {
	URL       string          `json:"url"`       // redirect the partner there
	ExpiresAt time.Time       `json:"expiresAt"` // Contract; StackBE: 24 hours from now
	Raw       json.RawMessage `json:"-"`         // the response as the server sent it
}

// UnmarshalJSON reads a link and keeps the JSON in Raw.
func (l *PortalLink) UnmarshalJSON(data []byte) error {
	type plain PortalLink
	if err := decode(data, (*plain)(l), &l.Raw); err != nil {
		return err
	}
	if l.URL == "" {
		return missing("url")
	}
	return nil
}

// String describes l without its URL.
func (l PortalLink) String() string {
	return "affiliates.PortalLink{URL: (hidden), ExpiresAt: " + l.ExpiresAt.Format(time.RFC3339) + "}"
}

// Format prints [PortalLink.String] under every verb.
func (l PortalLink) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), l.String())
}

// LogValue returns [PortalLink.String], for slog.
func (l PortalLink) LogValue() slog.Value { return slog.StringValue(l.String()) }

// GetPortalLink returns a link to the hosted partner portal of the session's own
// customer, valid for 24 hours. If the customer is not a partner, it returns an error
// matching stackbe.ErrNotFound.
//
// StackBE: GET /v1/affiliate/portal-link (session)
func (s *Service) GetPortalLink(ctx context.Context) (*PortalLink, error) {
	return do[PortalLink](ctx, s, transport.Call{
		Method:     http.MethodGet,
		Route:      routePortalLink,
		Credential: transport.Session,
	})
}
