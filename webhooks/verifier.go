package webhooks

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Verifier verifies that a delivery comes from a sender that knows the secret. It is
// immutable, safe for concurrent use, and prints without its secrets.
type Verifier struct {
	accepted         schemeSet
	requireTimestamp bool
	header           string // canonical
	headerName       string // as it was given
	tolerance        time.Duration
	now              func() time.Time
	maxBody          int64
	textKeys         []*key // SchemeTimestamped, SchemeBody
	standardKeys     []*key // SchemeStandard
	lacksStandardKey bool   // so that SchemeStandard, which no option left out, is not accepted
}

// NewVerifier returns a Verifier for the secret, StackBE's "Webhook Signing Secret": any
// text of at least 16 bytes. [SchemeStandard] takes only "whsec_" and the canonical
// base64 of at least 24 bytes; the other schemes take any text unchanged. Without
// options a Verifier accepts every [Scheme] that takes the secret, and a timestamp of at
// most 5 minutes before or after now.
//
// NewVerifier returns an error for a secret that no accepted scheme takes. It also does
// so if [WithSchemes] asks for [SchemeStandard] and the secret begins with whsec_ but is
// not of its form.
//
// Errors: [ErrEmptySecret], [ErrShortSecret], [ErrMalformedSecret],
// [ErrTooManySecrets], [ErrInvalidOption].
func NewVerifier(secret string, options ...VerifierOption) (*Verifier, error) {
	settings := defaultVerifierSettings(secret)
	for _, option := range options {
		if option == nil {
			return nil, invalidOption("a VerifierOption is nil")
		}
		if err := option(&settings); err != nil {
			return nil, err
		}
	}
	return settings.verifier()
}

// Verify returns nil if header and body are those of a delivery that was signed with one
// of the secrets, within the tolerance. The names in header are canonical, as net/http
// makes them; body is the raw body, a JSON object.
//
// Errors match [ErrUnverified], apart from [ErrMalformedEvent] for a signed body that
// does not begin like a JSON object.
func (v *Verifier) Verify(header http.Header, body []byte) error {
	var p presented
	if err := v.inspect(header, &p); err != nil {
		return err
	}
	return v.authenticate(&p, body)
}

// inspect refuses a request whose headers show that it is not a delivery, or is outside
// the tolerance.
func (v *Verifier) inspect(header http.Header, p *presented) error {
	if v == nil || v.now == nil {
		return ErrNoVerifier
	}
	if err := v.read(header, p); err != nil {
		return err
	}
	return v.checkAge(p)
}

func (v *Verifier) authenticate(p *presented, body []byte) error {
	if !v.signed(p, body) {
		return mismatch(body)
	}
	// Without this, bytes signed with a timestamp would pass as a body signed without.
	if !beginsObject(body) {
		return errNoObject
	}
	return nil
}

func mismatch(body []byte) error {
	if len(body) == 0 {
		return fmt.Errorf("%w; it is empty, so something may have read it before", ErrSignatureMismatch)
	}
	return ErrSignatureMismatch
}

// read finds the headers of one accepted scheme. A header of which no scheme is
// accepted is left alone, so that a sender may use both.
func (v *Verifier) read(header http.Header, p *presented) error {
	own, hasOwn, err := v.acceptedHeader(header, v.header, v.acceptsOwn())
	if err != nil {
		return err
	}
	standard, hasStandard, err := v.acceptedHeader(header, headerStandardSignature, v.accepted.has(SchemeStandard))
	if err != nil {
		return err
	}
	switch {
	case hasOwn && hasStandard:
		return ErrAmbiguousScheme
	case hasStandard:
		return p.readStandard(header, standard)
	case hasOwn:
		return v.readOwn(own, p)
	}
	return v.unread(header)
}

// unread says why no header can be read.
func (v *Verifier) unread(header http.Header) error {
	switch {
	case len(header[headerStandardSignature]) > 0 && v.lacksStandardKey:
		return fmt.Errorf("%w: %v takes a secret that begins with %s, followed by canonical base64 of at least %d bytes",
			ErrSchemeNotAccepted, SchemeStandard, standardPrefix, minStandardKeyLength)
	case len(header[headerStandardSignature]) > 0:
		return notAccepted(SchemeStandard)
	case len(header[v.header]) > 0:
		return fmt.Errorf("%w: see WithSchemes", ErrSchemeNotAccepted)
	}
	return fmt.Errorf("%w: no header %s; see WithSignatureHeader", ErrNoSignature, strings.Join(v.headers(), " or "))
}

func notAccepted(scheme Scheme) error {
	return fmt.Errorf("%w: it is %v, see WithSchemes", ErrSchemeNotAccepted, scheme)
}

// headers are those that a signature is looked for in.
func (v *Verifier) headers() (names []string) {
	if v.acceptsOwn() {
		names = append(names, v.headerName)
	}
	if v.accepted.has(SchemeStandard) {
		names = append(names, headerStandardSignature)
	}
	return names
}

func (v *Verifier) acceptedHeader(header http.Header, name string, accepted bool) (string, bool, error) {
	if !accepted {
		return "", false, nil
	}
	return singleHeader(header, name, maxHeaderLength)
}

// acceptsOwn reports whether a scheme of the header v.header can be accepted. A
// delivery in SchemeBody is read even if a timestamp is required, to be refused
// with the right error.
func (v *Verifier) acceptsOwn() bool {
	return v.accepted.has(SchemeTimestamped) || v.accepted.has(SchemeBody)
}

func (v *Verifier) readOwn(value string, p *presented) error {
	if err := p.readSignatureHeader(value); err != nil {
		return err
	}
	if !v.accepted.has(p.scheme) {
		return notAccepted(p.scheme)
	}
	if v.requireTimestamp && p.scheme == SchemeBody {
		return ErrTimestampRequired
	}
	return nil
}

// checkAge refuses a timestamp further than the tolerance from now, on either side.
func (v *Verifier) checkAge(p *presented) error {
	if p.scheme == SchemeBody {
		return nil
	}
	age := v.now().Sub(time.Unix(p.seconds, 0)) // at most the longest duration
	if age > v.tolerance {
		return ErrTimestampTooOld
	}
	if age < -v.tolerance {
		return ErrTimestampTooNew
	}
	return nil
}

// signed reports whether one of the secrets made one of the signatures. It stops at
// the first that did, which tells a sender no more than it knew.
func (v *Verifier) signed(p *presented, body []byte) bool {
	keys := v.textKeys
	if p.scheme == SchemeStandard {
		keys = v.standardKeys
	}
	m := message{id: p.id, timestamp: p.timestamp, body: body}
	for _, key := range keys {
		if key.made(p.signatures(), m) {
			return true
		}
	}
	return false
}

// String names the type, and shows nothing that v holds.
func (v *Verifier) String() string { return "webhooks.Verifier" }

// GoString is [Verifier.String], for %#v.
func (v *Verifier) GoString() string { return v.String() }
