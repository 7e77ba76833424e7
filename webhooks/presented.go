package webhooks

import (
	"crypto/sha256"
	"fmt"
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

// presented holds the values of a delivery's headers, none of them trusted yet.
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
	if elements, ok := strings.CutPrefix(value, timestampedPrefix); ok {
		p.scheme = SchemeTimestamped
		return p.readTimestamped(elements)
	}
	p.scheme = SchemeBody
	return p.addHex(strings.TrimPrefix(value, bodyPrefix)) // which may be missing
}

// readTimestamped reads what follows "t=": the timestamp, and elements like
// "v1=<hex>". It ignores other versions, so that a sender can introduce one.
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
		signature, ok := strings.CutPrefix(element, "v1=")
		if !ok {
			if version, _, ok := strings.Cut(element, "="); !ok || !isVersion(version) || version == "t" {
				return ErrMalformedSignature
			}
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
		signature, ok := strings.CutPrefix(element, "v1,")
		if !ok {
			if version, _, ok := strings.Cut(element, ","); !ok || !isVersion(version) {
				return ErrMalformedSignature
			}
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
		return fmt.Errorf("%w of a known version, which is v1", ErrNoSignature)
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

// addHex takes 32 bytes in lower-case hex.
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
	if invalid > 0x0f {
		return ErrMalformedSignature
	}
	p.count++
	return nil
}

// addBase64 takes the one canonical form of 32 bytes: 43 digits, the unused bits of the
// last of which are zero, and one "=".
func (p *presented) addBase64(digits string) error {
	if len(digits) != base64Length || digits[base64Length-1] != '=' {
		return ErrMalformedSignature
	}
	sum := p.sums[p.count][:]
	var invalid byte
	for len(digits) > 4 && len(sum) > 2 {
		a, b, c, d := base64Value[digits[0]], base64Value[digits[1]], base64Value[digits[2]], base64Value[digits[3]]
		invalid |= a | b | c | d
		sum[0], sum[1], sum[2] = a<<2|b>>4, b<<4|c>>2, c<<6|d
		digits, sum = digits[4:], sum[3:]
	}
	a, b, c := base64Value[digits[0]], base64Value[digits[1]], base64Value[digits[2]]
	sum[0], sum[1] = a<<2|b>>4, b<<4|c>>2
	invalid |= a | b | c<<6 // of c's six bits, the lowest two are unused
	if invalid > 0x3f {
		return ErrMalformedSignature
	}
	p.count++
	return nil
}

// hexValue and base64Value hold the value of each digit, and 0xff for any other byte.
var (
	hexValue    = digitValues("0123456789abcdef")
	base64Value = digitValues("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
)

func digitValues(digits string) (table [256]byte) {
	for i := range table {
		table[i] = 0xff
	}
	for value, digit := range []byte(digits) {
		table[digit] = byte(value)
	}
	return table
}

// validStandardID reports whether id is distinct from its surroundings in the signed
// bytes, and from the beginning of a JSON object.
func validStandardID(id string) bool {
	if id == "" || len(id) > maxIDLength {
		return false
	}
	for i := range len(id) {
		if !allowedInID[id[i]] {
			return false
		}
	}
	return true
}

var allowedInID = func() (table [256]bool) {
	for c := '!'; c <= '~'; c++ {
		table[c] = c != '.' && c != '{'
	}
	return table
}()

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
