package program

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/ids"
)

// A PortalLink opens a partner's portal without further sign-in.
type PortalLink struct {
	Token string
	// ExpiresAt is 24 hours after the link was made.
	ExpiresAt time.Time
}

const portalLinkLife = 24 * time.Hour

// A portal token is the app's id, a dot, and what is encoded: when the token expires, in seconds
// since 1970 and nanoseconds, the MAC over that, the app's and the customer's id, and the latter.
const (
	expirySize = 8 + 4
	macSize    = sha256.Size
	// maxToken is longer than any token, so that no long text is decoded.
	maxToken = 1024
)

var portalEncoding = base64.RawURLEncoding.Strict()

// NewPortalKey makes a secret that portal links are signed with.
func NewPortalKey(source *ids.Source) string { return source.Secret("portal key", "") }

// PortalLink makes a link to the portal of the partner that the customer is; earlier ones stay
// valid. It fails with [NotFound] for a customer that is not a partner.
//
// The token carries what it opens, signed, so a link takes no memory and an expired one can
// still be told from one that never existed.
func (p *Program) PortalLink(customerID string) (PortalLink, error) {
	return query(p, func(s *state, now time.Time) (PortalLink, error) {
		if _, err := s.partners.ofCustomer(customerID); err != nil {
			return PortalLink{}, err
		}
		expiresAt := now.Add(portalLinkLife)
		token := appendTime(nil, expiresAt)
		token = append(token, s.portalMAC(token, p.appID, customerID)...)
		token = append(token, customerID...)
		return PortalLink{Token: p.appID + "." + portalEncoding.EncodeToString(token), ExpiresAt: expiresAt}, nil
	})
}

// OpenPortal is the dashboard that a portal link leads to. It fails with [NotFound] for a token
// that the program did not make, and with [Expired] for one that is too old.
func (p *Program) OpenPortal(token string) (Dashboard, error) {
	return query(p, func(s *state, now time.Time) (Dashboard, error) {
		customerID, expiresAt, ok := s.parsePortalToken(p.appID, token)
		if !ok {
			return Dashboard{}, &NotFound{Message: "This portal link does not exist"}
		}
		if !now.Before(expiresAt) {
			return Dashboard{}, &Expired{"This portal link has expired; ask for a new one"}
		}
		return s.dashboard(customerID, p.siteURL)
	})
}

// PortalApp is the app that a portal token names.
func PortalApp(token string) (appID string) {
	appID, _, _ = strings.Cut(token, ".")
	return appID
}

func (s *state) parsePortalToken(app, token string) (customerID string, expiresAt time.Time, ok bool) {
	named, encoded, _ := strings.Cut(token, ".")
	if named != app || len(encoded) > maxToken {
		return "", time.Time{}, false
	}
	decoded, err := portalEncoding.DecodeString(encoded)
	if err != nil || len(decoded) < expirySize+macSize || portalEncoding.EncodeToString(decoded) != encoded {
		return "", time.Time{}, false
	}
	expiry, mac, id := decoded[:expirySize], decoded[expirySize:expirySize+macSize], decoded[expirySize+macSize:]
	if !hmac.Equal(mac, s.portalMAC(expiry, app, string(id))) {
		return "", time.Time{}, false
	}
	return string(id), parseTime(expiry), true
}

// appendTime writes a time of any year; nanoseconds alone would end in 2262.
func appendTime(to []byte, t time.Time) []byte {
	to = binary.BigEndian.AppendUint64(to, uint64(t.Unix()))
	return binary.BigEndian.AppendUint32(to, uint32(t.Nanosecond()))
}

func parseTime(from []byte) time.Time {
	return time.Unix(int64(binary.BigEndian.Uint64(from)), int64(binary.BigEndian.Uint32(from[8:])))
}

// portalMAC has a dot between the ids, which no app's has.
func (s *state) portalMAC(expiry []byte, appID, customerID string) []byte {
	mac := hmac.New(sha256.New, []byte(s.portalKey))
	mac.Write(expiry)
	mac.Write([]byte(appID + "." + customerID))
	return mac.Sum(nil)
}
