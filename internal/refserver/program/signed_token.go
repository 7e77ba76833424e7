package program

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"
)

// A signed token says what it opens and until when, so that it takes no memory, and an expired one
// can be distinguished from one that never existed. It is the app's id, a dot, the mark of its purpose,
// and an encoded part: when it expires, in seconds since 1970 and nanoseconds, a MAC, and the id of what
// it opens. The MAC is over the expiry and both ids.
const (
	expirySize = 8 + 4
	macSize    = sha256.Size
	// maxToken is longer than any token, so that no long text is decoded.
	maxToken = 1024
)

// A purpose is what a signed token is for. A token for one purpose is invalid for any other.
type purpose string

const (
	toPortal purpose = ""       // opens the portal of a customer that is a partner
	toLogIn  purpose = "login." // opens a user's account under an access
)

var tokenEncoding = base64.RawURLEncoding.Strict()

func (s *state) signToken(of purpose, app, id string, expiresAt time.Time) string {
	token := appendTime(nil, expiresAt)
	token = append(token, s.tokenMAC(of, token, app, id)...)
	token = append(token, id...)
	return app + "." + string(of) + tokenEncoding.EncodeToString(token)
}

// openToken returns what a token opens; ok is false if it was not made for the purpose. latest is when a
// token that is made now expires: one that expires later was made in a future that the program has left
// for an earlier state.
func (s *state) openToken(of purpose, app, token string, latest time.Time) (id string, expiresAt time.Time, ok bool) {
	encoded, ok := strings.CutPrefix(token, app+"."+string(of))
	if !ok || len(encoded) > maxToken {
		return "", time.Time{}, false
	}
	decoded, err := tokenEncoding.DecodeString(encoded)
	if err != nil || len(decoded) < expirySize+macSize || tokenEncoding.EncodeToString(decoded) != encoded {
		return "", time.Time{}, false
	}
	expiry, mac, opens := decoded[:expirySize], decoded[expirySize:expirySize+macSize], decoded[expirySize+macSize:]
	if !hmac.Equal(mac, s.tokenMAC(of, expiry, app, string(opens))) {
		return "", time.Time{}, false
	}
	expiresAt = parseTime(expiry)
	return string(opens), expiresAt, !expiresAt.After(latest)
}

// appendTime writes a time of any year; nanoseconds alone would end in 2262.
func appendTime(to []byte, t time.Time) []byte {
	to = binary.BigEndian.AppendUint64(to, uint64(t.Unix()))
	return binary.BigEndian.AppendUint32(to, uint32(t.Nanosecond()))
}

func parseTime(from []byte) time.Time {
	return time.Unix(int64(binary.BigEndian.Uint64(from)), int64(binary.BigEndian.Uint32(from[8:])))
}

// tokenMAC has a key for each purpose, since an id may begin with the mark of one; and a dot between
// the ids, which no app's has.
func (s *state) tokenMAC(of purpose, expiry []byte, app, id string) []byte {
	key := []byte(s.portalKey)
	if of != toPortal {
		derived := hmac.New(sha256.New, key)
		derived.Write([]byte(of))
		key = derived.Sum(nil)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(expiry)
	mac.Write([]byte(app + "." + id))
	return mac.Sum(nil)
}
