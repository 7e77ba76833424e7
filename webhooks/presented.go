package webhooks

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
)

// The headers of Standard Webhooks, as net/http spells them.
const (
	headerStandardID        = "Webhook-Id"
	headerStandardTimestamp = "Webhook-Timestamp"
	headerStandardSignature = "Webhook-Signature"
)

const (
	maxHeaderLength    = 1024
	maxIDLength        = 255
	maxTimestampLength = 18 // digits, so that it always fits an int64
	maxSignatures      = 8
)

const (
	bodyPrefix        = "sha256="
	timestampedPrefix = "t="
	hexLength         = 2 * sha256.Size
	base64Length      = (sha256.Size + 2) / 3 * 4
)

// presented is what a delivery's headers hold, none of it trusted yet.
type presented struct {
	scheme    Scheme
	id        string // SchemeStandard
	timestamp string // all but SchemeBody
	seconds   int64  // the timestamp's value
	sums      [maxSignatures][sha256.Size]byte
	count     int // signatures in sums
}

func (p *presented) signatures() [][sha256.Size]byte { return p.sums[:p.count] }

// readSignatureHeader reads the header that SchemeTimestamped and SchemeBody share.
func (p *presented) readSignatureHeader(value string) error {
	if hex, ok := strings.CutPrefix(value, bodyPrefix); ok {
		p.scheme = SchemeBody
		return p.addHex(hex)
	}
	if elements, ok := strings.CutPrefix(value, timestampedPrefix); ok {
		p.scheme = SchemeTimestamped
		return p.readTimestamped(elements)
	}
	return ErrMalformedSignature
}

// readTimestamped reads what follows "t=": the timestamp, and elements like
// "v1=<hex>". Those of other versions are left alone, so that a sender can
// introduce one.
func (p *presented) readTimestamped(elements string) error {
	timestamp, rest, more := strings.Cut(elements, ",")
	if err := p.setTimestamp(timestamp); err != nil {
		return err
	}
	for seen := 1; more; seen++ {
		if seen > maxSignatures {
			return ErrTooManySignatures
		}
		var element string
		element, rest, more = strings.Cut(rest, ",")
		version, signature, ok := strings.Cut(element, "=")
		if !ok || !isVersion(version) || version == "t" {
			return ErrMalformedSignature
		}
		if version != "v1" {
			continue
		}
		if err := p.addHex(signature); err != nil {
			return err
		}
	}
	return p.someSignature()
}

// isVersion tells a version that is not known from text that is none, such as that
// of two headers that a proxy has joined.
func isVersion(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// readStandard reads the three headers of Standard Webhooks.
func (p *presented) readStandard(header http.Header, signatures string) error {
	p.scheme = SchemeStandard
	id, hasID, err := singleHeader(header, headerStandardID, maxIDLength)
	if err != nil {
		return err
	}
	timestamp, hasTimestamp, err := singleHeader(header, headerStandardTimestamp, maxHeaderLength)
	if err != nil {
		return err
	}
	if !hasID || !hasTimestamp {
		return ErrMissingHeader
	}
	if !validStandardID(id) {
		return ErrMalformedID
	}
	p.id = id
	if err := p.setTimestamp(timestamp); err != nil {
		return err
	}
	return p.readStandardSignatures(signatures)
}

// readStandardSignatures reads "v1,<base64>" elements between single spaces. Those
// of other versions are left alone, as the specification says.
func (p *presented) readStandardSignatures(elements string) error {
	rest, more := elements, true
	for seen := 1; more; seen++ {
		if seen > maxSignatures {
			return ErrTooManySignatures
		}
		var element string
		element, rest, more = strings.Cut(rest, " ")
		version, signature, ok := strings.Cut(element, ",")
		if !ok || !isVersion(version) {
			return ErrMalformedSignature
		}
		if version != "v1" {
			continue
		}
		if err := p.addBase64(signature); err != nil {
			return err
		}
	}
	return p.someSignature()
}

func (p *presented) someSignature() error {
	if p.count == 0 {
		return ErrNoSignature
	}
	return nil
}

// setTimestamp takes a decimal number in its one canonical form: no sign, no leading
// zero, no overflow.
func (p *presented) setTimestamp(text string) error {
	if text == "" || len(text) > maxTimestampLength || (text[0] == '0' && len(text) > 1) {
		return ErrMalformedTimestamp
	}
	var seconds int64
	for i := range len(text) {
		digit := text[i] - '0'
		if digit > 9 {
			return ErrMalformedTimestamp
		}
		seconds = seconds*10 + int64(digit)
	}
	p.timestamp, p.seconds = text, seconds
	return nil
}

func (p *presented) addHex(digits string) error {
	if len(digits) != hexLength {
		return ErrMalformedSignature
	}
	sum := &p.sums[p.count]
	var invalid byte
	for i := range sum {
		high, low := hexValue[digits[2*i]], hexValue[digits[2*i+1]]
		invalid |= high | low
		sum[i] = high<<4 | low
	}
	if invalid > 0xf {
		return ErrMalformedSignature
	}
	p.count++
	return nil
}

// hexValue holds 0xff for all that is no lower-case hex digit.
var hexValue = func() (table [256]byte) {
	for i := range table {
		table[i] = 0xff
	}
	for value, digit := range []byte("0123456789abcdef") {
		table[digit] = byte(value)
	}
	return table
}()

// strictBase64 refuses unused bits that are set, so that a signature has one form.
var strictBase64 = base64.StdEncoding.Strict()

func (p *presented) addBase64(digits string) error {
	if len(digits) != base64Length {
		return ErrMalformedSignature
	}
	var encoded [base64Length]byte
	var decoded [base64Length / 4 * 3]byte
	copy(encoded[:], digits)
	// Line breaks, which the decoder skips, would leave fewer bytes.
	n, err := strictBase64.Decode(decoded[:], encoded[:])
	if err != nil || n != sha256.Size {
		return ErrMalformedSignature
	}
	copy(p.sums[p.count][:], decoded[:])
	p.count++
	return nil
}

// validStandardID reports whether id can be told from what surrounds it in the
// signed bytes, and from the beginning of a JSON object.
func validStandardID(id string) bool {
	if id == "" || len(id) > maxIDLength {
		return false
	}
	for i := range len(id) {
		if c := id[i]; c <= ' ' || c > '~' || c == '.' || c == '{' {
			return false
		}
	}
	return true
}

// singleHeader returns the one value of a header whose name is canonical.
func singleHeader(header http.Header, name string, maxLength int) (value string, ok bool, err error) {
	values := header[name]
	if len(values) == 0 {
		return "", false, nil
	}
	if len(values) > 1 {
		return "", false, ErrDuplicateHeader
	}
	if len(values[0]) > maxLength {
		return "", false, ErrHeaderTooLong
	}
	return values[0], true, nil
}
