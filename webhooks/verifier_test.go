package webhooks_test

import (
	"encoding/base64"
	"fmt"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestVerifyAcceptsSignedDelivery(t *testing.T) {
	for _, scheme := range schemes {
		t.Run(scheme.String(), func(t *testing.T) {
			verifier := newVerifier(t, standardSecret)
			header := sign(t, approvedBody, webhooks.Signing{Scheme: scheme})
			assert.NoError(t, verifier.Verify(header, approvedBody))
			assert.NoError(t, verifier.Verify(header, approvedBody), "the second time")
		})
	}
	t.Run("with a plain secret", func(t *testing.T) {
		for _, scheme := range schemes[:2] {
			header := sign(t, approvedBody, webhooks.Signing{Scheme: scheme, Secrets: []string{plainSecret}})
			assert.NoError(t, newVerifier(t, plainSecret).Verify(header, approvedBody))
		}
	})
	t.Run("with white space around the body's object", func(t *testing.T) {
		body := []byte(" \t\r\n{} \t\r\n")
		assert.NoError(t, newVerifier(t, standardSecret).Verify(sign(t, body, webhooks.Signing{}), body))
	})
}

// The signatures here are computed by hand, so that Sign and Verify cannot be wrong
// together.
func TestSchemesSignDocumentedBytes(t *testing.T) {
	verifier := newVerifier(t, standardSecret)
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(standardSecret, "whsec_"))
	require.NoError(t, err)

	t.Run("timestamped: the secret's text over the time, a full stop and the body", func(t *testing.T) {
		signature := hexMAC(standardSecret, "1700000000."+string(approvedBody))
		header := http.Header{"X-Stackbe-Signature": {"t=1700000000,v1=" + signature}}
		assert.NoError(t, verifier.Verify(header, approvedBody))
		assert.Equal(t, header, sign(t, approvedBody, webhooks.Signing{}))
	})
	t.Run("body: the secret's text over the body", func(t *testing.T) {
		header := http.Header{"X-Stackbe-Signature": {"sha256=" + hexMAC(standardSecret, string(approvedBody))}}
		assert.NoError(t, verifier.Verify(header, approvedBody))
		assert.Equal(t, header, sign(t, approvedBody, webhooks.Signing{Scheme: webhooks.SchemeBody}))
	})
	t.Run("standard: the secret's decoded bytes over the id, the time and the body", func(t *testing.T) {
		signature := base64.StdEncoding.EncodeToString(mac(string(key), "msg_1.1700000000."+string(approvedBody)))
		header := http.Header{
			"Webhook-Id":        {"msg_1"},
			"Webhook-Timestamp": {"1700000000"},
			"Webhook-Signature": {"v1," + signature},
		}
		assert.NoError(t, verifier.Verify(header, approvedBody))
		assert.Equal(t, header, sign(t, approvedBody, webhooks.Signing{Scheme: webhooks.SchemeStandard}))
	})
	t.Run("standard: the published test vector", func(t *testing.T) {
		verifier := newVerifier(t, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
			webhooks.WithClock(func() time.Time { return time.Unix(1614265330, 0) }))
		header := http.Header{
			"Webhook-Id":        {"msg_p5jXN8AQM9LWM0D4loKWxJek"},
			"Webhook-Timestamp": {"1614265330"},
			"Webhook-Signature": {"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
		}
		assert.NoError(t, verifier.Verify(header, []byte(`{"test": 2432232314}`)))
	})
}

func TestVerifyRefusesForgedDelivery(t *testing.T) {
	for _, scheme := range schemes {
		t.Run(scheme.String(), func(t *testing.T) {
			verifier := newVerifier(t, standardSecret)
			header := sign(t, approvedBody, webhooks.Signing{Scheme: scheme})

			t.Run("a body that was changed in one bit, anywhere", func(t *testing.T) {
				for i := range approvedBody {
					body := append([]byte(nil), approvedBody...)
					body[i] ^= 1
					require.ErrorIs(t, verifier.Verify(header, body), webhooks.ErrSignatureMismatch, "byte %d", i)
				}
			})
			t.Run("a body that was cut or added to", func(t *testing.T) {
				for _, body := range []string{"", string(approvedBody[:len(approvedBody)-1]), string(approvedBody) + " ", " " + string(approvedBody)} {
					require.ErrorIs(t, verifier.Verify(header, []byte(body)), webhooks.ErrSignatureMismatch)
				}
			})
			t.Run("another secret", func(t *testing.T) {
				header := sign(t, approvedBody, webhooks.Signing{Scheme: scheme, Secrets: []string{otherSecret}})
				assert.ErrorIs(t, verifier.Verify(header, approvedBody), webhooks.ErrSignatureMismatch)
			})
			t.Run("a header that was changed, anywhere", func(t *testing.T) {
				for name, values := range header {
					for i := range values[0] {
						changed := header.Clone()
						value := []byte(values[0])
						value[i] ^= 1
						changed[name] = []string{string(value)}
						require.ErrorIs(t, verifier.Verify(changed, approvedBody), webhooks.ErrUnverified, "%s: %s", name, value)
					}
				}
			})
			t.Run("a signature that was cut, anywhere", func(t *testing.T) {
				for name, values := range header {
					for i := range values[0] {
						changed := header.Clone()
						changed[name] = []string{values[0][:i]}
						require.ErrorIs(t, verifier.Verify(changed, approvedBody), webhooks.ErrUnverified, "%s: %s", name, changed[name])
					}
				}
			})
		})
	}
}

func TestWithSecretsAcceptsEachSecret(t *testing.T) {
	both := newVerifier(t, otherSecret, webhooks.WithSecrets(standardSecret))
	for _, scheme := range schemes {
		t.Run(scheme.String()+": either secret signs while both are accepted", func(t *testing.T) {
			for _, secret := range []string{standardSecret, otherSecret} {
				header := sign(t, approvedBody, webhooks.Signing{Scheme: scheme, Secrets: []string{secret}})
				assert.NoError(t, both.Verify(header, approvedBody))
			}
		})
	}
	for _, scheme := range []webhooks.Scheme{webhooks.SchemeTimestamped, webhooks.SchemeStandard} {
		t.Run(scheme.String()+": either receiver accepts what both secrets signed", func(t *testing.T) {
			header := sign(t, approvedBody, webhooks.Signing{Scheme: scheme, Secrets: []string{standardSecret, otherSecret}})
			for _, secret := range []string{standardSecret, otherSecret} {
				assert.NoError(t, newVerifier(t, secret).Verify(header, approvedBody))
			}
			assert.ErrorIs(t, newVerifier(t, plainSecret).Verify(header, approvedBody), webhooks.ErrUnverified)
		})
	}
	t.Run("a plain secret is rotated to one of Standard Webhooks", func(t *testing.T) {
		verifier := newVerifier(t, standardSecret, webhooks.WithSecrets(plainSecret))
		assert.NoError(t, verifier.Verify(sign(t, approvedBody, webhooks.Signing{Secrets: []string{plainSecret}}), approvedBody))
		assert.NoError(t, verifier.Verify(sign(t, approvedBody, webhooks.Signing{Scheme: webhooks.SchemeStandard}), approvedBody))
	})
}

func TestWithToleranceHasTwoSides(t *testing.T) {
	for _, test := range []struct {
		name string
		now  time.Duration // after the delivery was signed
		want error
	}{
		{"just within it, late", 5 * time.Minute, nil},
		{"just beyond it, late", 5*time.Minute + 1, webhooks.ErrTimestampTooOld},
		{"a year late", 365 * 24 * time.Hour, webhooks.ErrTimestampTooOld},
		{"just within it, early", -5 * time.Minute, nil},
		{"just beyond it, early", -5*time.Minute - 1, webhooks.ErrTimestampTooNew},
		{"a year early", -365 * 24 * time.Hour, webhooks.ErrTimestampTooNew},
	} {
		for _, scheme := range []webhooks.Scheme{webhooks.SchemeTimestamped, webhooks.SchemeStandard} {
			t.Run(scheme.String()+": "+test.name, func(t *testing.T) {
				verifier := newVerifier(t, standardSecret, webhooks.WithClock(func() time.Time { return signedAt.Add(test.now) }))
				err := verifier.Verify(sign(t, approvedBody, webhooks.Signing{Scheme: scheme}), approvedBody)
				assert.ErrorIs(t, err, test.want)
			})
		}
	}
	t.Run("it can be set", func(t *testing.T) {
		clock := newClock()
		verifier := newVerifier(t, standardSecret, webhooks.WithTolerance(time.Second), webhooks.WithClock(clock.Now))
		header := sign(t, approvedBody, webhooks.Signing{})
		clock.advance(time.Second)
		assert.NoError(t, verifier.Verify(header, approvedBody))
		clock.advance(time.Nanosecond)
		assert.ErrorIs(t, verifier.Verify(header, approvedBody), webhooks.ErrTimestampTooOld)
	})
	t.Run("the largest timestamp is too new, and does not overflow", func(t *testing.T) {
		timestamp := strings.Repeat("9", 18)
		header := http.Header{"X-Stackbe-Signature": {"t=" + timestamp + ",v1=" + hexMAC(standardSecret, timestamp+"."+string(approvedBody))}}
		assert.ErrorIs(t, newVerifier(t, standardSecret).Verify(header, approvedBody), webhooks.ErrTimestampTooNew)
	})
}

func TestVerifyRefusesMalformedTimestamp(t *testing.T) {
	for _, timestamp := range []string{
		"", " ", "+1700000000", "-1700000000", "01700000000", "00", "1700000000 ", " 1700000000", "1_700_000_000",
		"1.7e9", "1700000000.0", "0x6553f100", "١٧٠٠٠٠٠٠٠٠", "1700000000\x00", "170000000:", "170000000/", "9223372036854775807",
		"9223372036854775808", "18446744073709551615", "18446744075409551616", strings.Repeat("1", 400),
	} {
		t.Run(fmt.Sprintf("%.30q", timestamp), func(t *testing.T) {
			verifier := newVerifier(t, standardSecret)
			timestamped := http.Header{"X-Stackbe-Signature": {"t=" + timestamp + ",v1=" + hexMAC(standardSecret, timestamp+"."+string(approvedBody))}}
			assert.ErrorIs(t, verifier.Verify(timestamped, approvedBody), webhooks.ErrMalformedTimestamp)

			standard := sign(t, approvedBody, webhooks.Signing{Scheme: webhooks.SchemeStandard})
			standard["Webhook-Timestamp"] = []string{timestamp}
			assert.ErrorIs(t, verifier.Verify(standard, approvedBody), webhooks.ErrMalformedTimestamp)
		})
	}
}

func TestTimestampZeroIs1970(t *testing.T) {
	for _, scheme := range []webhooks.Scheme{webhooks.SchemeTimestamped, webhooks.SchemeStandard} {
		verifier := newVerifier(t, standardSecret, webhooks.WithClock(func() time.Time { return time.Unix(0, 0) }))
		assert.NoError(t, verifier.Verify(sign(t, approvedBody, webhooks.Signing{Scheme: scheme, Time: time.Unix(0, 0)}), approvedBody))
	}
}

func TestVerifyRefusesMalformedSignatureHeader(t *testing.T) {
	hex := hexMAC(standardSecret, "1700000000."+string(approvedBody))
	ofBody := hexMAC(standardSecret, string(approvedBody))
	signed := "t=1700000000,v1=" + hex
	for name, test := range map[string]struct {
		value string
		want  error
	}{
		"empty":                                    {"", webhooks.ErrMalformedSignature},
		"no scheme's":                              {"signature=" + hex, webhooks.ErrMalformedSignature},
		"of another algorithm":                     {"sha1=" + ofBody, webhooks.ErrMalformedSignature},
		"body: upper-case hex":                     {"sha256=" + strings.ToUpper(ofBody), webhooks.ErrMalformedSignature},
		"body: upper-case prefix":                  {"SHA256=" + ofBody, webhooks.ErrMalformedSignature},
		"body: without hex":                        {"sha256=", webhooks.ErrMalformedSignature},
		"body: one digit short":                    {"sha256=" + ofBody[1:], webhooks.ErrMalformedSignature},
		"body: one digit more":                     {"sha256=" + ofBody + "0", webhooks.ErrMalformedSignature},
		"body: white space before":                 {" sha256=" + ofBody, webhooks.ErrMalformedSignature},
		"body: white space after":                  {"sha256=" + ofBody + " ", webhooks.ErrMalformedSignature},
		"body: two signatures":                     {"sha256=" + ofBody + ",sha256=" + ofBody, webhooks.ErrMalformedSignature},
		"body: no hex digit":                       {"sha256=g" + ofBody[1:], webhooks.ErrMalformedSignature},
		"body: a digit beyond ASCII":               {"sha256=\xff" + ofBody[1:], webhooks.ErrMalformedSignature},
		"timestamped: the timestamp alone":         {"t=1700000000", webhooks.ErrNoSignature},
		"timestamped: of unknown versions only":    {"t=1700000000,v0=" + hex + ",v2=" + hex, webhooks.ErrNoSignature},
		"timestamped: the signature before":        {"v1=" + hex + ",t=1700000000", webhooks.ErrMalformedSignature},
		"timestamped: two timestamps":              {"t=1700000000,t=1700000000,v1=" + hex, webhooks.ErrMalformedSignature},
		"timestamped: a timestamp after":           {signed + ",t=1700000001", webhooks.ErrMalformedSignature},
		"timestamped: upper-case hex":              {strings.ToUpper(signed[16:]), webhooks.ErrMalformedSignature},
		"timestamped: upper-case hex, kept prefix": {"t=1700000000,v1=" + strings.ToUpper(hex), webhooks.ErrMalformedSignature},
		"timestamped: a comma at the end":          {signed + ",", webhooks.ErrMalformedSignature},
		"timestamped: two commas":                  {"t=1700000000,,v1=" + hex, webhooks.ErrMalformedSignature},
		"timestamped: white space":                 {"t=1700000000, v1=" + hex, webhooks.ErrMalformedSignature},
		"timestamped: two headers in one":          {signed + ", " + signed, webhooks.ErrMalformedSignature},
		"timestamped: without a version":           {"t=1700000000,=" + hex, webhooks.ErrMalformedSignature},
		"timestamped: without an equals sign":      {"t=1700000000,v1" + hex, webhooks.ErrMalformedSignature},
		"timestamped: one malformed of two":        {signed + ",v1=00", webhooks.ErrMalformedSignature},
		"timestamped: an empty signature":          {"t=1700000000,v1=", webhooks.ErrMalformedSignature},
		"timestamped: nine signatures":             {signed + strings.Repeat(",v1="+hex, 8), webhooks.ErrTooManySignatures},
		"timestamped: nine, of unknown versions":   {signed + strings.Repeat(",v2=0", 8), webhooks.ErrTooManySignatures},
		"of 1,024 bytes":                           {signed + strings.Repeat(" ", 1024-len(signed)), webhooks.ErrMalformedSignature},
		"of 1,025 bytes":                           {signed + strings.Repeat(" ", 1025-len(signed)), webhooks.ErrHeaderTooLong},
		"too long":                                 {signed + strings.Repeat(" ", 1024), webhooks.ErrHeaderTooLong},
	} {
		t.Run(name, func(t *testing.T) {
			header := http.Header{"X-Stackbe-Signature": {test.value}}
			err := newVerifier(t, standardSecret).Verify(header, approvedBody)
			assert.ErrorIs(t, err, test.want)
			assert.ErrorIs(t, err, webhooks.ErrUnverified)
		})
	}
	t.Run("the last of eight signatures may be the right one", func(t *testing.T) {
		value := "t=1700000000" + strings.Repeat(",v1="+strings.Repeat("0", 64), 7) + ",v1=" + hex
		assert.NoError(t, newVerifier(t, standardSecret).Verify(http.Header{"X-Stackbe-Signature": {value}}, approvedBody))
	})
	t.Run("a version consists of lower-case letters and digits", func(t *testing.T) {
		for c := range 0x100 {
			value := "t=1700000000,v" + string([]byte{byte(c)}) + "=0,v1=" + hex
			err := newVerifier(t, standardSecret).Verify(http.Header{"X-Stackbe-Signature": {value}}, approvedBody)
			if isVersionByte(c) && c != '1' || c == '=' { // "v==0" is of version "v"
				assert.NoError(t, err, "%q", c)
			} else {
				assert.ErrorIs(t, err, webhooks.ErrMalformedSignature, "%q", c)
			}
		}
	})
	t.Run("signatures of other versions are ignored", func(t *testing.T) {
		value := "t=1700000000,v0=x,v1=" + hex + ",v2="
		assert.NoError(t, newVerifier(t, standardSecret).Verify(http.Header{"X-Stackbe-Signature": {value}}, approvedBody))
	})
}

func TestVerifyRefusesMalformedStandardHeaders(t *testing.T) {
	good := sign(t, approvedBody, webhooks.Signing{Scheme: webhooks.SchemeStandard})
	signature := good.Get("Webhook-Signature")
	digits := strings.TrimPrefix(signature, "v1,")
	nonCanonical := digits[:42] + nextDigit(digits[42]) + "="
	for name, test := range map[string]struct {
		header, value string
		want          error
	}{
		"no id":                          {"Webhook-Id", "", webhooks.ErrMalformedID},
		"an id with a full stop":         {"Webhook-Id", "msg.1", webhooks.ErrMalformedID},
		"an id with a space":             {"Webhook-Id", "msg 1", webhooks.ErrMalformedID},
		"an id with a line break":        {"Webhook-Id", "msg\n1", webhooks.ErrMalformedID},
		"an id with a NUL":               {"Webhook-Id", "msg\x00", webhooks.ErrMalformedID},
		"an id with a DEL":               {"Webhook-Id", "msg\x7f", webhooks.ErrMalformedID},
		"an id beyond ASCII":             {"Webhook-Id", "msgé", webhooks.ErrMalformedID},
		"an id with a brace":             {"Webhook-Id", "{", webhooks.ErrMalformedID},
		"an id that is too long":         {"Webhook-Id", strings.Repeat("x", 256), webhooks.ErrHeaderTooLong},
		"another id":                     {"Webhook-Id", "msg_2", webhooks.ErrSignatureMismatch},
		"another timestamp":              {"Webhook-Timestamp", "1700000001", webhooks.ErrSignatureMismatch},
		"a timestamp that is too long":   {"Webhook-Timestamp", strings.Repeat("1", 1025), webhooks.ErrHeaderTooLong},
		"no signature":                   {"Webhook-Signature", "", webhooks.ErrMalformedSignature},
		"other versions only":            {"Webhook-Signature", "v1a," + digits + " v2,x", webhooks.ErrNoSignature},
		"no version":                     {"Webhook-Signature", digits, webhooks.ErrMalformedSignature},
		"an empty version":               {"Webhook-Signature", "," + digits, webhooks.ErrMalformedSignature},
		"two spaces":                     {"Webhook-Signature", signature + "  " + signature, webhooks.ErrMalformedSignature},
		"a space at the end":             {"Webhook-Signature", signature + " ", webhooks.ErrMalformedSignature},
		"base64 without padding":         {"Webhook-Signature", strings.TrimSuffix(signature, "="), webhooks.ErrMalformedSignature},
		"base64 of more bytes":           {"Webhook-Signature", strings.TrimSuffix(signature, "=") + "A", webhooks.ErrMalformedSignature},
		"base64 of fewer bytes":          {"Webhook-Signature", "v1," + digits[:42] + "==", webhooks.ErrMalformedSignature},
		"base64 with unused bits set":    {"Webhook-Signature", "v1," + nonCanonical, webhooks.ErrMalformedSignature},
		"base64 with a line break":       {"Webhook-Signature", "v1," + digits[:40] + "\n" + digits[41:], webhooks.ErrMalformedSignature},
		"base64 of line breaks":          {"Webhook-Signature", "v1," + strings.Repeat("\n", 44), webhooks.ErrMalformedSignature},
		"base64 of the URL's alphabet":   {"Webhook-Signature", "v1,_" + digits[1:], webhooks.ErrMalformedSignature},
		"hex":                            {"Webhook-Signature", "v1," + strings.Repeat("0", 64), webhooks.ErrMalformedSignature},
		"nine signatures":                {"Webhook-Signature", signature + strings.Repeat(" "+signature, 8), webhooks.ErrTooManySignatures},
		"a signature that is too long":   {"Webhook-Signature", signature + strings.Repeat("x", 1024), webhooks.ErrHeaderTooLong},
		"one malformed signature of two": {"Webhook-Signature", signature + " v1,AAAA", webhooks.ErrMalformedSignature},
	} {
		t.Run(name, func(t *testing.T) {
			header := good.Clone()
			header[test.header] = []string{test.value}
			err := newVerifier(t, standardSecret).Verify(header, approvedBody)
			assert.ErrorIs(t, err, test.want)
			assert.ErrorIs(t, err, webhooks.ErrUnverified)
		})
	}
	for _, missing := range []string{"Webhook-Id", "Webhook-Timestamp"} {
		t.Run("without "+missing, func(t *testing.T) {
			header := good.Clone()
			header.Del(missing)
			assert.ErrorIs(t, newVerifier(t, standardSecret).Verify(header, approvedBody), webhooks.ErrMissingHeader)
		})
	}
	t.Run("the last of eight signatures may be the right one", func(t *testing.T) {
		header := good.Clone()
		header.Set("Webhook-Signature", strings.Repeat("v1,"+strings.Repeat("A", 43)+"= ", 7)+signature)
		assert.NoError(t, newVerifier(t, standardSecret).Verify(header, approvedBody))
	})
	t.Run("a version consists of lower-case letters and digits", func(t *testing.T) {
		for c := range 0x100 {
			header := good.Clone()
			header["Webhook-Signature"] = []string{"v" + string([]byte{byte(c)}) + ",0 " + signature}
			err := newVerifier(t, standardSecret).Verify(header, approvedBody)
			if isVersionByte(c) && c != '1' || c == ',' { // "v,,0" is of version "v"
				assert.NoError(t, err, "%q", c)
			} else {
				assert.ErrorIs(t, err, webhooks.ErrMalformedSignature, "%q", c)
			}
		}
	})
	t.Run("an id consists of visible ASCII characters except . and {", func(t *testing.T) {
		for c := range 0x100 {
			header := good.Clone()
			header["Webhook-Id"] = []string{"msg" + string([]byte{byte(c)})}
			want := webhooks.ErrMalformedID
			if c > ' ' && c < 0x7f && c != '.' && c != '{' {
				want = webhooks.ErrSignatureMismatch
			}
			assert.ErrorIs(t, newVerifier(t, standardSecret).Verify(header, approvedBody), want, "%q", c)
		}
	})
	t.Run("an id of 255 bytes is accepted", func(t *testing.T) {
		header := sign(t, approvedBody, webhooks.Signing{Scheme: webhooks.SchemeStandard, ID: strings.Repeat("x", 255)})
		assert.NoError(t, newVerifier(t, standardSecret).Verify(header, approvedBody))
	})
	t.Run("signatures of other versions are ignored", func(t *testing.T) {
		header := good.Clone()
		header.Set("Webhook-Signature", "v1a,"+strings.Repeat("x", 88)+" "+signature)
		assert.NoError(t, newVerifier(t, standardSecret).Verify(header, approvedBody))
	})
}

func isVersionByte(c int) bool {
	return strings.IndexByte("abcdefghijklmnopqrstuvwxyz0123456789", byte(c)) >= 0
}

func TestVerifyReadsCanonicalBase64Only(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	verify := func(digits string) error {
		header := sign(t, approvedBody, webhooks.Signing{Scheme: webhooks.SchemeStandard})
		header.Set("Webhook-Signature", "v1,"+digits)
		return newVerifier(t, standardSecret).Verify(header, approvedBody)
	}
	zeros := strings.Repeat("A", 43) + "="
	for at := range 43 {
		for c := range 0x100 {
			value := strings.IndexByte(alphabet, byte(c))
			want := webhooks.ErrMalformedSignature
			if value >= 0 && (at < 42 || value%4 == 0) { // of the last digit, two bits are unused
				want = webhooks.ErrSignatureMismatch
			}
			require.ErrorIs(t, verify(zeros[:at]+string([]byte{byte(c)})+zeros[at+1:]), want, "%q at %d", c, at)
		}
	}
}

// nextDigit returns the base64 digit after c, whose bits differ in the last place.
func nextDigit(c byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	return string(alphabet[strings.IndexByte(alphabet, c)+1])
}

func TestVerifyRefusesMissingAndDuplicateHeaders(t *testing.T) {
	verifier := newVerifier(t, standardSecret)
	t.Run("none", func(t *testing.T) {
		assert.ErrorIs(t, verifier.Verify(nil, approvedBody), webhooks.ErrNoSignature)
		assert.ErrorIs(t, verifier.Verify(http.Header{"X-Stackbe-Signature": {}}, approvedBody), webhooks.ErrNoSignature)
		assert.ErrorIs(t, verifier.Verify(http.Header{"Webhook-Id": {"msg_1"}, "Webhook-Timestamp": {"1700000000"}}, approvedBody), webhooks.ErrNoSignature)
	})
	for _, scheme := range schemes {
		header := sign(t, approvedBody, webhooks.Signing{Scheme: scheme})
		for name := range header {
			t.Run("two of "+name, func(t *testing.T) {
				doubled := header.Clone()
				doubled.Add(name, header.Get(name))
				assert.ErrorIs(t, verifier.Verify(doubled, approvedBody), webhooks.ErrDuplicateHeader)
			})
		}
	}
	t.Run("those of two schemes", func(t *testing.T) {
		header := sign(t, approvedBody, webhooks.Signing{})
		for name, values := range sign(t, approvedBody, webhooks.Signing{Scheme: webhooks.SchemeStandard}) {
			header[name] = values
		}
		assert.ErrorIs(t, verifier.Verify(header, approvedBody), webhooks.ErrAmbiguousScheme)
		for _, scheme := range []webhooks.Scheme{webhooks.SchemeTimestamped, webhooks.SchemeStandard} {
			assert.NoError(t, newVerifier(t, standardSecret, webhooks.WithSchemes(scheme)).Verify(header, approvedBody))
		}
	})
	t.Run("an unsigned id is ignored", func(t *testing.T) {
		header := sign(t, approvedBody, webhooks.Signing{})
		header.Set("Webhook-Id", "msg_forged")
		event, err := verifier.ParseEvent(header, approvedBody)
		require.NoError(t, err)
		assert.NotEqual(t, "msg_forged", event.ID)
	})
}

func TestWithSchemesRefusesOtherSchemes(t *testing.T) {
	for _, accepted := range schemes {
		for _, scheme := range schemes {
			t.Run(fmt.Sprintf("%v where %v is accepted", scheme, accepted), func(t *testing.T) {
				verifier := newVerifier(t, standardSecret, webhooks.WithSchemes(accepted))
				err := verifier.Verify(sign(t, approvedBody, webhooks.Signing{Scheme: scheme}), approvedBody)
				if scheme == accepted {
					assert.NoError(t, err)
				} else {
					assert.ErrorIs(t, err, webhooks.ErrSchemeNotAccepted)
				}
			})
		}
	}
	t.Run("a required timestamp refuses SchemeBody", func(t *testing.T) {
		verifier := newVerifier(t, standardSecret, webhooks.RequireTimestamp())
		assert.ErrorIs(t, verifier.Verify(sign(t, approvedBody, webhooks.Signing{Scheme: webhooks.SchemeBody}), approvedBody), webhooks.ErrTimestampRequired)
		for _, scheme := range []webhooks.Scheme{webhooks.SchemeTimestamped, webhooks.SchemeStandard} {
			assert.NoError(t, verifier.Verify(sign(t, approvedBody, webhooks.Signing{Scheme: scheme}), approvedBody))
		}
	})
	t.Run("a plain secret verifies no delivery of Standard Webhooks", func(t *testing.T) {
		header := sign(t, approvedBody, webhooks.Signing{Scheme: webhooks.SchemeStandard})
		assert.ErrorIs(t, newVerifier(t, plainSecret).Verify(header, approvedBody), webhooks.ErrSchemeNotAccepted)
	})
}

func TestErrNoSignatureNamesHeaders(t *testing.T) {
	standardOnly := webhooks.WithSchemes(webhooks.SchemeStandard)
	for name, test := range map[string]struct {
		verifier *webhooks.Verifier
		signed   webhooks.Scheme // 0 is not at all
		want     string
	}{
		"the header of the secret's schemes": {newVerifier(t, plainSecret), 0, "there is no signature: no header X-StackBE-Signature; see WithSignatureHeader"},
		"both headers":                       {newVerifier(t, standardSecret), 0, "no header X-StackBE-Signature or Webhook-Signature;"},
		"the header that was set":            {newVerifier(t, plainSecret, webhooks.WithSignatureHeader("X-Dispatch-Signature")), 0, "no header X-Dispatch-Signature;"},
		"the header that is left":            {newVerifier(t, standardSecret, standardOnly), 0, "no header Webhook-Signature;"},
		"the secret's form":                  {newVerifier(t, plainSecret), webhooks.SchemeStandard, "not accepted: standard takes a secret that begins with whsec_"},
		"the scheme that was left out":       {newVerifier(t, standardSecret, webhooks.WithSchemes(webhooks.SchemeBody)), webhooks.SchemeTimestamped, "not accepted: it is timestamped, see WithSchemes"},
		"standard, which no secret needs":    {newVerifier(t, plainSecret, webhooks.WithSchemes(webhooks.SchemeBody)), webhooks.SchemeStandard, "not accepted: it is standard, see WithSchemes"},
		"standard, which was left out":       {newVerifier(t, standardSecret, webhooks.WithSchemes(webhooks.SchemeBody)), webhooks.SchemeStandard, "not accepted: it is standard, see WithSchemes"},
		"the schemes that are left":          {newVerifier(t, standardSecret, standardOnly), webhooks.SchemeBody, "not accepted: see WithSchemes"},
	} {
		t.Run(name, func(t *testing.T) {
			header := http.Header{}
			if test.signed != 0 {
				header = sign(t, approvedBody, webhooks.Signing{Scheme: test.signed})
			}
			assert.ErrorContains(t, test.verifier.Verify(header, approvedBody), test.want)
		})
	}
}

func TestErrSignatureMismatchSaysThatBodyIsEmpty(t *testing.T) {
	err := newVerifier(t, standardSecret).Verify(sign(t, approvedBody, webhooks.Signing{}), nil)
	assert.ErrorIs(t, err, webhooks.ErrSignatureMismatch)
	assert.ErrorIs(t, err, webhooks.ErrUnverified)
	assert.ErrorContains(t, err, "it is empty, so something may have read it before")
}

func TestWithSignatureHeaderNamesHeader(t *testing.T) {
	verifier := newVerifier(t, standardSecret, webhooks.WithSignatureHeader("x-dispatch-SIGNATURE"))
	header := sign(t, approvedBody, webhooks.Signing{Header: "X-Dispatch-Signature"})
	assert.Contains(t, header, "X-Dispatch-Signature")
	assert.NoError(t, verifier.Verify(header, approvedBody))
	assert.ErrorIs(t, verifier.Verify(sign(t, approvedBody, webhooks.Signing{}), approvedBody), webhooks.ErrNoSignature)
}

func TestNewVerifierRefuses(t *testing.T) {
	valid := strings.TrimPrefix(standardSecret, "whsec_")
	standard := []webhooks.VerifierOption{webhooks.WithSchemes(webhooks.SchemeStandard)}
	for name, test := range map[string]struct {
		secret  string
		options []webhooks.VerifierOption
		want    error
	}{
		"an empty secret":                                    {"", nil, webhooks.ErrEmptySecret},
		"an empty secret besides a good one":                 {plainSecret, []webhooks.VerifierOption{webhooks.WithSecrets("")}, webhooks.ErrEmptySecret},
		"a secret of 15 bytes":                               {"0123456789abcde", nil, webhooks.ErrShortSecret},
		"a whsec_ secret of 23 bytes":                        {"whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 23)), standard, webhooks.ErrShortSecret},
		"whsec_ alone":                                       {"whsec_", nil, webhooks.ErrShortSecret},
		"a secret of white space":                            {strings.Repeat(" ", 20), nil, webhooks.ErrMalformedSecret},
		"a secret with a line break at the end":              {plainSecret + "\n", nil, webhooks.ErrMalformedSecret},
		"a secret with a space before it":                    {" " + plainSecret, nil, webhooks.ErrMalformedSecret},
		"whsec_ and no base64":                               {"whsec_!" + valid[1:], standard, webhooks.ErrMalformedSecret},
		"whsec_ and base64 without padding":                  {"whsec_" + base64.RawStdEncoding.EncodeToString(make([]byte, 25)), standard, webhooks.ErrMalformedSecret},
		"whsec_ and base64 with a line break":                {"whsec_" + valid[:8] + "\n" + valid[8:], standard, webhooks.ErrMalformedSecret},
		"whsec_ and base64 with set spare bits":              {"whsec_" + valid + "AB==", standard, webhooks.ErrMalformedSecret},
		"nine secrets":                                       {plainSecret, []webhooks.VerifierOption{webhooks.WithSecrets(strings.Split(strings.Repeat(plainSecret+",", 7)+plainSecret, ",")...)}, webhooks.ErrTooManySecrets},
		"no tolerance":                                       {plainSecret, []webhooks.VerifierOption{webhooks.WithTolerance(0)}, webhooks.ErrInvalidOption},
		"a negative tolerance":                               {plainSecret, []webhooks.VerifierOption{webhooks.WithTolerance(-1)}, webhooks.ErrInvalidOption},
		"no clock":                                           {plainSecret, []webhooks.VerifierOption{webhooks.WithClock(nil)}, webhooks.ErrInvalidOption},
		"no schemes":                                         {plainSecret, []webhooks.VerifierOption{webhooks.WithSchemes()}, webhooks.ErrInvalidOption},
		"Standard Webhooks among others, and a plain secret": {plainSecret, []webhooks.VerifierOption{webhooks.WithSchemes(webhooks.SchemeTimestamped, webhooks.SchemeStandard)}, webhooks.ErrInvalidOption},
		"an unknown scheme besides a known one":              {plainSecret, []webhooks.VerifierOption{webhooks.WithSchemes(webhooks.SchemeBody, 99)}, webhooks.ErrInvalidOption},
		"an unknown scheme":                                  {plainSecret, []webhooks.VerifierOption{webhooks.WithSchemes(99)}, webhooks.ErrInvalidOption},
		"a zero scheme":                                      {plainSecret, []webhooks.VerifierOption{webhooks.WithSchemes(0)}, webhooks.ErrInvalidOption},
		"a negative scheme":                                  {plainSecret, []webhooks.VerifierOption{webhooks.WithSchemes(-1)}, webhooks.ErrInvalidOption},
		"a timestamp required of a scheme without":           {plainSecret, []webhooks.VerifierOption{webhooks.RequireTimestamp(), webhooks.WithSchemes(webhooks.SchemeBody)}, webhooks.ErrInvalidOption},
		"Standard Webhooks and a plain secret":               {plainSecret, []webhooks.VerifierOption{webhooks.WithSchemes(webhooks.SchemeStandard)}, webhooks.ErrInvalidOption},
		"an empty header name":                               {plainSecret, []webhooks.VerifierOption{webhooks.WithSignatureHeader("")}, webhooks.ErrInvalidOption},
		"a header name with a space":                         {plainSecret, []webhooks.VerifierOption{webhooks.WithSignatureHeader("X Signature")}, webhooks.ErrInvalidOption},
		"a header name with a line break":                    {plainSecret, []webhooks.VerifierOption{webhooks.WithSignatureHeader("X-Signature\r\n")}, webhooks.ErrInvalidOption},
		"the id of Standard Webhooks":                        {plainSecret, []webhooks.VerifierOption{webhooks.WithSignatureHeader("webhook-id")}, webhooks.ErrInvalidOption},
		"the timestamp of Standard Webhooks":                 {plainSecret, []webhooks.VerifierOption{webhooks.WithSignatureHeader("webhook-timestamp")}, webhooks.ErrInvalidOption},
		"a header of Standard Webhooks":                      {plainSecret, []webhooks.VerifierOption{webhooks.WithSignatureHeader("webhook-signature")}, webhooks.ErrInvalidOption},
		"an empty body":                                      {plainSecret, []webhooks.VerifierOption{webhooks.WithMaxBody(0)}, webhooks.ErrInvalidOption},
		"a nil option":                                       {plainSecret, []webhooks.VerifierOption{nil}, webhooks.ErrInvalidOption},
	} {
		t.Run(name, func(t *testing.T) {
			verifier, err := webhooks.NewVerifier(test.secret, test.options...)
			assert.ErrorIs(t, err, test.want)
			assert.Nil(t, verifier)
			for _, secret := range []string{plainSecret, valid[8:]} {
				assert.NotContains(t, fmt.Sprint(err), secret)
			}
		})
	}
}

func TestNewVerifierAcceptsBounds(t *testing.T) {
	for name, option := range map[string]webhooks.VerifierOption{
		"the least tolerance": webhooks.WithTolerance(1),
		"the smallest body":   webhooks.WithMaxBody(1),
		"eight secrets":       webhooks.WithSecrets(strings.Split(strings.Repeat(plainSecret+",", 6)+plainSecret, ",")...),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := webhooks.NewVerifier(plainSecret, option)
			assert.NoError(t, err)
		})
	}
	t.Run("secrets of 16 bytes, and of 24 after whsec_", func(t *testing.T) {
		for _, secret := range []string{"0123456789abcdef", "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 24))} {
			verifier := newVerifier(t, secret)
			assert.NoError(t, verifier.Verify(sign(t, approvedBody, webhooks.Signing{Secrets: []string{secret}}), approvedBody))
		}
		_, err := webhooks.NewVerifier("whsec_"+base64.StdEncoding.EncodeToString(make([]byte, 24)), webhooks.WithSchemes(webhooks.SchemeStandard))
		assert.NoError(t, err)
	})
	t.Run("header names of the characters of a token", func(t *testing.T) {
		for c := range 0x100 {
			_, err := webhooks.NewVerifier(plainSecret, webhooks.WithSignatureHeader("X-"+string([]byte{byte(c)})))
			want := strings.IndexByte("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", byte(c)) >= 0
			assert.Equal(t, want, err == nil, "%q", c)
		}
	})
}

func TestZeroVerifierReturnsErrNoVerifier(t *testing.T) {
	header := sign(t, approvedBody, webhooks.Signing{})
	for name, verifier := range map[string]*webhooks.Verifier{"nil": nil, "zero": {}} {
		t.Run(name, func(t *testing.T) {
			assert.ErrorIs(t, verifier.Verify(header, approvedBody), webhooks.ErrNoVerifier)
			_, err := verifier.ParseEvent(header, approvedBody)
			assert.ErrorIs(t, err, webhooks.ErrNoVerifier)
			_, err = verifier.ParseRequest(delivery(t, string(approvedBody)))
			assert.ErrorIs(t, err, webhooks.ErrNoVerifier)
			_, err = webhooks.NewHandler(verifier, webhooks.On("x", nothing))
			assert.ErrorIs(t, err, webhooks.ErrNoVerifier)
		})
	}
}

func TestEachRefusalMatchesErrUnverified(t *testing.T) {
	texts := map[string]bool{}
	for _, err := range []error{
		webhooks.ErrNoSignature, webhooks.ErrMissingHeader, webhooks.ErrDuplicateHeader, webhooks.ErrHeaderTooLong,
		webhooks.ErrAmbiguousScheme, webhooks.ErrSchemeNotAccepted, webhooks.ErrTimestampRequired, webhooks.ErrMalformedSignature,
		webhooks.ErrTooManySignatures, webhooks.ErrMalformedTimestamp, webhooks.ErrTimestampTooOld, webhooks.ErrTimestampTooNew,
		webhooks.ErrMalformedID, webhooks.ErrSignatureMismatch,
	} {
		assert.ErrorIs(t, err, webhooks.ErrUnverified)
		assert.Regexp(t, "^webhooks: .+", err)
		texts[err.Error()] = true
	}
	assert.Len(t, texts, 14)
}

func TestErrorsAndVerifierHoldNoSecret(t *testing.T) {
	verifier := newVerifier(t, standardSecret, webhooks.WithSecrets(plainSecret))
	signing := webhooks.Signing{Secrets: []string{standardSecret, plainSecret}}
	computed := hexMAC(standardSecret, "1700000000."+string(approvedBody))
	err := verifier.Verify(http.Header{"X-Stackbe-Signature": {"t=1700000000,v1=" + strings.Repeat("0", 64)}}, approvedBody)
	require.ErrorIs(t, err, webhooks.ErrSignatureMismatch)
	for _, format := range []string{"%v", "%#v"} {
		assert.Equal(t, "webhooks.Verifier", fmt.Sprintf(format, verifier))
		assert.Equal(t, "webhooks.Signing{Scheme: Scheme(0), Secrets: 2}", fmt.Sprintf(format, signing))
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, value := range []any{verifier, signing, &signing, err} {
			text := fmt.Sprintf(format, value)
			for _, secret := range []string{standardSecret, plainSecret, computed, "MfKQ9r8", "partner@example.com"} {
				assert.NotContains(t, text, secret)
			}
		}
	}
}

func TestVerifierIsSafeForConcurrentUse(t *testing.T) {
	verifier := newVerifier(t, standardSecret, webhooks.WithSecrets(plainSecret))
	var group sync.WaitGroup
	for worker := range 16 {
		group.Go(func() {
			body := fmt.Appendf(nil, `{"type":"payment.succeeded","data":{"worker":%d,"filler":%q}}`, worker, strings.Repeat("x", worker*100))
			for n := range 200 {
				header := sign(t, body, webhooks.Signing{Scheme: schemes[n%len(schemes)]})
				assert.NoError(t, verifier.Verify(header, body))
				assert.ErrorIs(t, verifier.Verify(header, body[:len(body)-1]), webhooks.ErrSignatureMismatch)
			}
		})
	}
	group.Wait()
}

func TestVerifyDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector empties pools")
	}
	for _, scheme := range schemes {
		verifier := newVerifier(t, standardSecret)
		header := sign(t, approvedBody, webhooks.Signing{Scheme: scheme})
		assert.Zero(t, testing.AllocsPerRun(1000, func() {
			if verifier.Verify(header, approvedBody) != nil {
				panic("not verified")
			}
		}), scheme)
	}
}

func TestNewVerifierNamesInvalidSecret(t *testing.T) {
	_, err := webhooks.NewVerifier(plainSecret, webhooks.WithSecrets(otherSecret, ""))
	assert.ErrorIs(t, err, webhooks.ErrEmptySecret)
	assert.ErrorContains(t, err, "secret 3, of WithSecrets")
	_, err = webhooks.NewVerifier("", webhooks.WithSecrets(otherSecret))
	assert.Equal(t, webhooks.ErrEmptySecret, err, "the first is not of WithSecrets")
}

func TestWithMaxBodyAcceptsMaxInt64(t *testing.T) {
	verifier, err := webhooks.NewVerifier(plainSecret, webhooks.WithMaxBody(math.MaxInt64))
	require.NoError(t, err)
	request, err := webhooks.NewRequest(t.Context(), "/", []byte(`{"event":"x","data":{}}`), webhooks.Signing{Secrets: []string{plainSecret}})
	require.NoError(t, err)
	_, err = verifier.ParseRequest(request)
	assert.NoError(t, err)
}

func TestWithSignatureHeaderRefusesHeadersOfHTTP(t *testing.T) {
	for _, name := range []string{"content-type", "User-Agent", "Host", "Content-Length"} {
		_, err := webhooks.NewVerifier(plainSecret, webhooks.WithSignatureHeader(name))
		assert.ErrorIs(t, err, webhooks.ErrInvalidOption, name)
	}
}
