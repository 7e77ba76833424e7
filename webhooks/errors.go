package webhooks

import (
	"errors"
	"fmt"
)

// ErrUnverified is matched, through [errors.Is], by every error for a delivery that is not
// verified, such as [ErrSignatureMismatch]. Respond to such a delivery with 401 and a fixed text.
var ErrUnverified = errors.New("webhooks: the delivery is not verified")

// Returned for a delivery that is not verified. Each matches [ErrUnverified]. None holds anything
// of the delivery, or a computed signature.
var (
	// ErrNoSignature is returned for a delivery without a signature header, or with a header that
	// holds no signature of a known version. The text names the header. Check
	// [WithSignatureHeader].
	ErrNoSignature = refusal("there is no signature")

	// ErrMissingHeader is returned for a webhook-signature without webhook-id or webhook-timestamp.
	ErrMissingHeader = refusal("webhook-id or webhook-timestamp is missing")

	// ErrDuplicateHeader is returned for a signature header that occurs more than once.
	ErrDuplicateHeader = refusal("a signature header occurs more than once")

	// ErrHeaderTooLong is returned for a signature header of more than 1,024 bytes, or a
	// webhook-id of more than 255.
	ErrHeaderTooLong = refusal("a signature header is too long")

	// ErrAmbiguousScheme is returned for a delivery with the headers of two accepted schemes. If
	// the sender sends both on purpose, choose one with [WithSchemes].
	ErrAmbiguousScheme = refusal("the headers of two schemes are present: choose one with WithSchemes")

	// ErrSchemeNotAccepted is returned for a delivery signed in a scheme that the verifier does
	// not take: see [WithSchemes]. [SchemeStandard] also needs a whsec_ secret.
	ErrSchemeNotAccepted = refusal("the delivery is signed in a scheme that is not accepted")

	// ErrTimestampRequired is returned for a delivery in [SchemeBody] under [RequireTimestamp].
	ErrTimestampRequired = refusal("the signature has no timestamp, and RequireTimestamp asks for one")

	// ErrMalformedSignature is returned for a signature header that is not of its scheme's form:
	// lower-case hex of 64 digits, or canonical base64 of 32 bytes.
	ErrMalformedSignature = refusal("the signature header is malformed")

	// ErrTooManySignatures is returned for a header of more than 8 signatures.
	ErrTooManySignatures = refusal("there are more than 8 signatures")

	// ErrMalformedTimestamp is returned for a timestamp that is not a plain decimal number of
	// seconds since 1970: signed, with leading zeros, or too large.
	ErrMalformedTimestamp = refusal("the timestamp is malformed")

	// ErrTimestampTooOld is returned for a delivery signed longer ago than the tolerance: it is a
	// replay, or a clock is wrong.
	ErrTimestampTooOld = refusal("the timestamp is too old: check the clock, or see WithTolerance")

	// ErrTimestampTooNew is returned for a delivery signed further in the future than the
	// tolerance: check the clock.
	ErrTimestampTooNew = refusal("the timestamp is in the future: check the clock, which a test sets with WithClock")

	// ErrMalformedID is returned for a webhook-id with a full stop, a brace, or anything but
	// visible ASCII characters.
	ErrMalformedID = refusal("the webhook-id is malformed")

	// ErrSignatureMismatch is returned if none of the secrets makes the signature over this body:
	// the delivery is forged, the secret is wrong, or the body was changed on its way, for
	// example decoded and encoded again by a middleware.
	ErrSignatureMismatch = refusal("the signature does not match: check the secret, and that the body is the raw one")
)

// Returned for a delivery whose body is refused.
var (
	// ErrMalformedEvent is returned for a verified body that is not a strict JSON envelope;
	// the text says what is wrong, and where. Respond with 400.
	ErrMalformedEvent = errors.New("webhooks: the event is malformed")

	// ErrBodyTooLarge is returned for a body over the limit: see [WithMaxBody]. Respond with 413.
	ErrBodyTooLarge = errors.New("webhooks: the body is too large: see WithMaxBody")

	// ErrBodyUnreadable is returned for a body that ended early or could not be read.
	ErrBodyUnreadable = errors.New("webhooks: the body could not be read")

	// ErrWrongType is returned if the data of another type is asked of an event.
	ErrWrongType = errors.New("webhooks: the event is of another type")
)

// Returned for an invalid setup.
var (
	ErrEmptySecret     = errors.New("webhooks: the secret is empty: set it to the Webhook Signing Secret of the dashboard")
	ErrShortSecret     = fmt.Errorf("webhooks: the secret is too short: it takes at least %d bytes, and SchemeStandard the base64 of %d after whsec_", minSecretLength, minStandardKeyLength)
	ErrMalformedSecret = errors.New("webhooks: the secret is malformed")
	ErrTooManySecrets  = fmt.Errorf("webhooks: there are more than %d secrets", maxSecrets)
	ErrInvalidOption   = errors.New("webhooks: invalid option")

	// ErrNoVerifier is returned by a [Verifier] that [NewVerifier] did not make.
	ErrNoVerifier = errors.New("webhooks: the Verifier was not made with NewVerifier")
)

// refused is a reason not to trust a delivery.
type refused struct{ reason string }

func refusal(reason string) error { return &refused{reason} }

func (r *refused) Error() string { return "webhooks: " + r.reason }

func (r *refused) Is(target error) bool { return target == ErrUnverified }

func invalidOption(problem string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalidOption, fmt.Sprintf(problem, args...))
}
