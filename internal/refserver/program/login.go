package program

import (
	"strings"
	"time"
)

const loginLife = 10 * time.Minute

// LogInAs makes a link that opens the account of a user for the partner that the customer is, while
// access is granted. It returns [NotFound], and [Forbidden] if access is not granted.
func (p *Program) LogInAs(customerID, userID string) (PortalLink, error) {
	return query(p, func(s *state, now time.Time) (PortalLink, error) {
		if _, err := s.ownUser(customerID, userID); err != nil {
			return PortalLink{}, err
		}
		access := s.accesses.ofUser(userID)
		if access.Status != AccessGranted {
			return PortalLink{}, &Forbidden{ErrorCodeAccessNotGranted, "The user grants no access: " + untilGranted(access.Status)}
		}
		expiresAt := now.Add(loginLife)
		return PortalLink{Token: s.signToken(toLogIn, p.appID, access.ID, expiresAt), ExpiresAt: expiresAt}, nil
	})
}

// untilGranted says what has to happen in a state before access is granted.
func untilGranted(status AccessStatus) string {
	switch status {
	case AccessNone:
		return "it was not asked; request access first"
	case AccessRequested:
		return "it has not decided on the request yet"
	default:
		return "it has " + string(status) + " the last request; request access again"
	}
}

// A Login is a partner logged in as a user.
type Login struct {
	Partner   Affiliate
	Name      string // the partner's as a customer; it may be empty
	Email     string // the partner's as a customer
	User      User
	GrantedAt time.Time
	ExpiresAt time.Time
}

// IsLogin reports whether a token of the portal is one of [Program.LogInAs], by its form.
func IsLogin(token string) bool {
	_, rest, _ := strings.Cut(token, ".")
	return strings.HasPrefix(rest, string(toLogIn))
}

// OpenLogin returns the login behind a link of [Program.LogInAs]. It returns [NotFound] for a token that
// the program did not make, [Expired] for one that is too old, and [Forbidden] once the
// user has withdrawn the access, even if it grants access again later.
func (p *Program) OpenLogin(token string) (Login, error) {
	return query(p, func(s *state, now time.Time) (Login, error) {
		accessID, expiresAt, ok := s.openToken(toLogIn, p.appID, token, now.Add(loginLife))
		access, known := s.accesses.get(accessID)
		switch {
		case !ok || !known:
			return Login{}, &NotFound{Message: "This login link does not exist"}
		case !now.Before(expiresAt):
			return Login{}, &Expired{"This login link has expired; ask for a new one"}
		case access.Status != AccessGranted:
			return Login{}, &Forbidden{ErrorCodeAccessNotGranted, "The user has withdrawn the access; request it again"}
		}
		partner := s.partners.mustGet(access.AffiliateID)
		as := s.customers.mustGet(partner.CustomerID)
		return Login{
			Partner:   s.view(partner),
			Name:      as.Name,
			Email:     as.Email,
			User:      s.viewUser(s.attributions.mustGet(access.UserID)),
			GrantedAt: access.DecidedAt,
			ExpiresAt: expiresAt.UTC(),
		}, nil
	})
}
