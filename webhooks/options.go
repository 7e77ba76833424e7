package webhooks

import (
	"fmt"
	"net/textproto"
	"strings"
	"time"
)

const (
	defaultTolerance = 5 * time.Minute
	defaultMaxBody   = 1 << 20
)

// VerifierOption changes what a [Verifier] accepts: see [NewVerifier].
type VerifierOption func(*verifierSettings) error

type verifierSettings struct {
	secrets          []string
	accepted         schemeSet
	schemesChosen    bool
	requireTimestamp bool
	header           string // canonical
	headerName       string // as it was given
	tolerance        time.Duration
	now              func() time.Time
	maxBody          int64
}

func defaultVerifierSettings(secret string) verifierSettings {
	return verifierSettings{
		secrets:    []string{secret},
		accepted:   allSchemes,
		header:     textproto.CanonicalMIMEHeaderKey(DefaultSignatureHeader),
		headerName: DefaultSignatureHeader,
		tolerance:  defaultTolerance,
		now:        time.Now,
		maxBody:    defaultMaxBody,
	}
}

// WithSecrets adds further accepted secrets, up to 8 in all: the old and the new one,
// while a secret is rotated.
func WithSecrets(more ...string) VerifierOption {
	return func(s *verifierSettings) error {
		s.secrets = append(s.secrets, more...)
		return nil
	}
}

// WithTolerance sets how far a timestamp may be from now, before or after; 5 minutes
// by default.
func WithTolerance(tolerance time.Duration) VerifierOption {
	return func(s *verifierSettings) error {
		if tolerance <= 0 {
			return invalidOption("the tolerance %v is not positive", tolerance)
		}
		s.tolerance = tolerance
		return nil
	}
}

// WithClock sets the clock that timestamps are compared with; [time.Now] by default.
// It must be safe for concurrent use.
func WithClock(now func() time.Time) VerifierOption {
	return func(s *verifierSettings) error {
		if now == nil {
			return invalidOption("the clock is nil")
		}
		s.now = now
		return nil
	}
}

// RequireTimestamp refuses [SchemeBody], whose deliveries can be replayed at any time.
func RequireTimestamp() VerifierOption {
	return func(s *verifierSettings) error {
		s.requireTimestamp = true
		return nil
	}
}

// WithSchemes accepts these schemes only; all by default. The headers of other schemes
// are ignored. With [SchemeStandard] among them, a secret that begins with whsec_ has
// to hold a key of that scheme; by default it may be any text.
func WithSchemes(schemes ...Scheme) VerifierOption {
	return func(s *verifierSettings) error {
		s.accepted, s.schemesChosen = 0, true
		for _, scheme := range schemes {
			if !scheme.valid() {
				return invalidOption("there is no %v", scheme)
			}
			s.accepted |= 1 << scheme
		}
		return nil
	}
}

// WithSignatureHeader names the header of [SchemeTimestamped] and [SchemeBody];
// [DefaultSignatureHeader] by default.
func WithSignatureHeader(name string) VerifierOption {
	return func(s *verifierSettings) error {
		canonical, err := signatureHeader(name)
		if err != nil {
			return err
		}
		s.header, s.headerName = canonical, name
		return nil
	}
}

// WithMaxBody sets how many bytes of a body [Verifier.ParseRequest] and [Handler]
// read before they refuse it; 1 MiB by default.
func WithMaxBody(bytes int64) VerifierOption {
	return func(s *verifierSettings) error {
		if bytes <= 0 {
			return invalidOption("the largest body of %d bytes is not positive", bytes)
		}
		s.maxBody = bytes
		return nil
	}
}

func (s verifierSettings) verifier() (*Verifier, error) {
	if s.requireTimestamp && s.accepted == 1<<SchemeBody {
		return nil, invalidOption("RequireTimestamp leaves nothing of WithSchemes")
	}
	if s.accepted == 0 {
		return nil, invalidOption("WithSchemes has no scheme")
	}
	v := &Verifier{
		accepted:         s.accepted,
		requireTimestamp: s.requireTimestamp,
		header:           s.header,
		headerName:       s.headerName,
		tolerance:        s.tolerance,
		now:              s.now,
		maxBody:          s.maxBody,
	}
	if err := v.addKeys(s.secrets, s.schemesChosen); err != nil {
		return nil, err
	}
	if len(v.standardKeys) > 0 || !v.accepted.has(SchemeStandard) {
		return v, nil
	}
	if s.schemesChosen {
		return nil, errPlainSecret
	}
	v.accepted &^= 1 << SchemeStandard
	v.lacksStandardKey = true
	return v, nil
}

func (v *Verifier) addKeys(secrets []string, schemesChosen bool) error {
	if len(secrets) > maxSecrets {
		return ErrTooManySecrets
	}
	for i, secret := range secrets {
		err := v.addKey(secret, schemesChosen)
		if err != nil && i > 0 {
			return fmt.Errorf("%w (secret %d, of WithSecrets)", err, i+1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// addKey adds the keys that a secret has in the accepted schemes. A secret without one of
// SchemeStandard serves the others, unless that scheme was asked for and the secret
// begins like one of it, or serves no other.
func (v *Verifier) addKey(secret string, schemesChosen bool) error {
	if err := checkSecret(secret); err != nil {
		return err
	}
	textServes := v.accepted.has(SchemeTimestamped) || v.accepted.has(SchemeBody) && !v.requireTimestamp
	if textServes {
		v.textKeys = append(v.textKeys, newKey([]byte(secret)))
	}
	if !v.accepted.has(SchemeStandard) {
		return nil
	}
	key, err := standardKey(secret)
	switch {
	case err == nil:
		v.standardKeys = append(v.standardKeys, newKey(key))
		return nil
	case textServes && (!schemesChosen || err == errPlainSecret):
		return nil
	}
	return err
}

// signatureHeader returns the canonical form of a name for the signature's header.
func signatureHeader(name string) (string, error) {
	for _, c := range []byte(name) {
		if !isTokenByte(c) {
			return "", invalidOption("%q is not a header name", name)
		}
	}
	switch canonical := textproto.CanonicalMIMEHeaderKey(name); canonical {
	case "":
		return "", invalidOption("the header name is empty")
	case headerStandardID, headerStandardTimestamp, headerStandardSignature:
		return "", invalidOption("the header %s belongs to SchemeStandard", canonical)
	case "Content-Type", "Content-Length", "Host", "User-Agent":
		return "", invalidOption("the header %s has a meaning of its own", canonical)
	default:
		return canonical, nil
	}
}

func isTokenByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}
