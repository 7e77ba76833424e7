package program

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// A PortalLink opens a partner's portal without further sign-in.
type PortalLink struct {
	Token string
	// ExpiresAt is 24 hours after the link was made.
	ExpiresAt time.Time
}

const portalLinkLife = 24 * time.Hour

// The parts of a portal token before it is encoded: when it expires, in seconds since 1970 and
// nanoseconds, the MAC over that and the customer's id, and the customer's id.
const (
	expirySize = 8 + 4
	macSize    = sha256.Size
	// maxPortalToken is longer than any token, so that no long text is decoded.
	maxPortalToken = 512
)

var portalEncoding = base64.RawURLEncoding.Strict()

// PortalLink makes a link to the portal of the partner that the customer is; earlier ones stay
// valid. It fails with [NotFound] for a customer that is not a partner.
//
// The token carries what it opens, signed, so a link takes no memory and an expired one can
// still be told from one that never existed.
func (p *Program) PortalLink(customerID string) (PortalLink, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()

	if _, err := p.partner(customerID); err != nil {
		return PortalLink{}, err
	}
	expiresAt := p.now().Add(portalLinkLife)
	token := appendTime(nil, expiresAt)
	token = append(token, p.portalMAC(token, customerID)...)
	token = append(token, customerID...)
	return PortalLink{Token: portalEncoding.EncodeToString(token), ExpiresAt: expiresAt}, nil
}

// OpenPortal is the dashboard that a portal link leads to. It fails with [NotFound] for a token
// that the program did not make, and with [Expired] for one that is too old.
func (p *Program) OpenPortal(token string) (Dashboard, error) {
	customerID, expiresAt, ok := p.parsePortalToken(token)
	if !ok {
		return Dashboard{}, &NotFound{Message: "This portal link does not exist"}
	}
	if !p.now().Before(expiresAt) {
		return Dashboard{}, &Expired{"This portal link has expired; ask for a new one"}
	}
	return p.Dashboard(customerID)
}

func (p *Program) parsePortalToken(token string) (customerID string, expiresAt time.Time, ok bool) {
	if len(token) > maxPortalToken {
		return "", time.Time{}, false
	}
	decoded, err := portalEncoding.DecodeString(token)
	if err != nil || len(decoded) < expirySize+macSize || portalEncoding.EncodeToString(decoded) != token {
		return "", time.Time{}, false
	}
	expiry, mac, id := decoded[:expirySize], decoded[expirySize:expirySize+macSize], decoded[expirySize+macSize:]
	if !hmac.Equal(mac, p.portalMAC(expiry, string(id))) {
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

func (p *Program) portalMAC(expiry []byte, customerID string) []byte {
	mac := hmac.New(sha256.New, p.portalKey)
	mac.Write(expiry)
	mac.Write([]byte(customerID))
	return mac.Sum(nil)
}
