package program

import (
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/ids"
)

// A PortalLink opens a page of the portal without further sign-in.
type PortalLink struct {
	Token string
	// ExpiresAt is 24 hours after the link was made, and 10 minutes for one of [Program.LogInAs].
	ExpiresAt time.Time
}

const portalLinkLife = 24 * time.Hour

// NewPortalKey makes a secret that portal links are signed with.
func NewPortalKey(source *ids.Source) string { return source.Secret("portal key", "") }

// PortalLink makes a link to the portal of the partner that the customer is; earlier ones stay
// valid. It returns [NotFound] for a customer that is not a partner.
func (p *Program) PortalLink(customerID string) (PortalLink, error) {
	return query(p, func(s *state, now time.Time) (PortalLink, error) {
		if _, err := s.partners.ofCustomer(customerID); err != nil {
			return PortalLink{}, err
		}
		expiresAt := now.Add(portalLinkLife)
		return PortalLink{Token: s.signToken(toPortal, p.appID, customerID, expiresAt), ExpiresAt: expiresAt}, nil
	})
}

// OpenPortal returns the dashboard that a portal link leads to. It returns [NotFound] for a token
// that the program did not make, and [Expired] for one that is too old.
func (p *Program) OpenPortal(token string) (Dashboard, error) {
	return query(p, func(s *state, now time.Time) (Dashboard, error) {
		customerID, expiresAt, ok := s.openToken(toPortal, p.appID, token, now.Add(portalLinkLife))
		if !ok {
			return Dashboard{}, &NotFound{Message: "This portal link does not exist"}
		}
		if !now.Before(expiresAt) {
			return Dashboard{}, &Expired{"This portal link has expired; ask for a new one"}
		}
		return s.dashboard(customerID, p.siteURL)
	})
}

// PortalApp returns the app that a token of the portal names.
func PortalApp(token string) (appID string) {
	appID, _, _ = strings.Cut(token, ".")
	return appID
}
