package webhooks_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sharedKey is the key of all schemes: as a plain secret by its text, and as a secret
// of Standard Webhooks by the bytes that this stands for. With a secret in one of
// these forms, SchemeStandard and the others never share a key; here they do, to see
// that the schemes are told apart without that.
const sharedKey = "0123456789abcdef0123456789abcdef"

var sharedStandardSecret = "whsec_" + base64.StdEncoding.EncodeToString([]byte(sharedKey))

// signedBytes returns the bytes that a scheme signs for a body.
func signedBytes(scheme webhooks.Scheme, id, timestamp, body string) string {
	switch scheme {
	case webhooks.SchemeTimestamped:
		return timestamp + "." + body
	case webhooks.SchemeStandard:
		return id + "." + timestamp + "." + body
	}
	return body
}

// readings are all ways to present signed bytes under a scheme, so that the scheme
// signs just these bytes: with them as the body, and with every division of them that
// the scheme's full stops allow.
func readings(scheme webhooks.Scheme, signed string, sum []byte) (readings []reading) {
	digits := hex.EncodeToString(sum)
	switch scheme {
	case webhooks.SchemeBody:
		return []reading{
			{http.Header{"X-Stackbe-Signature": {"sha256=" + digits}}, signed},
			{http.Header{"X-Stackbe-Signature": {digits}}, signed},
		}
	case webhooks.SchemeTimestamped:
		for timestamp, body := range divisions(signed) {
			header := http.Header{"X-Stackbe-Signature": {"t=" + timestamp + ",v1=" + digits}}
			readings = append(readings, reading{header, body})
		}
	case webhooks.SchemeStandard:
		for id, rest := range divisions(signed) {
			for timestamp, body := range divisions(rest) {
				readings = append(readings, reading{http.Header{
					"Webhook-Id":        {id},
					"Webhook-Timestamp": {timestamp},
					"Webhook-Signature": {"v1," + base64.StdEncoding.EncodeToString(sum)},
				}, body})
			}
		}
	}
	return readings
}

type reading struct {
	header http.Header
	body   string
}

// divisions yields what is before and after each full stop, and nothing before all.
func divisions(text string) func(yield func(string, string) bool) {
	return func(yield func(string, string) bool) {
		if !yield("", text) {
			return
		}
		for i, c := range text {
			if c == '.' && !yield(text[:i], text[i+1:]) {
				return
			}
		}
	}
}

func TestVerifyRefusesSignatureOfAnotherScheme(t *testing.T) {
	verifier := newVerifier(t, sharedKey, webhooks.WithSecrets(sharedStandardSecret))
	bodies := map[string]string{
		"an event": string(approvedBody),
		"an event in which an applicant wrote one": `{"event":"payment.failed","data":{"name":".1700000000.{\"event\":\"payment.succeeded\"}","note":"x.1700000000.{}"}}`,
		"an event with numbers like timestamps":    `{"event":"x","data":{"amount":1700000000.1700000000,"t":1700000000.5}}`,
		"an event after white space":               " \n" + `{"event":"x","data":"1700000000.1700000000.{}"}`,
	}
	ids := []string{"msg_1", "1700000000", "0", `"`, "[", "sha256=", "t=1700000000"}
	for name, body := range bodies {
		for _, from := range schemes {
			for _, to := range schemes {
				if from == to {
					continue
				}
				t.Run(fmt.Sprintf("%s: from %v to %v", name, from, to), func(t *testing.T) {
					for _, id := range ids {
						signed := signedBytes(from, id, "1700000000", body)
						for _, r := range readings(to, signed, mac(sharedKey, signed)) {
							require.Error(t, verifier.Verify(r.header, []byte(r.body)), "%v: %s", r.header, r.body)
							event, err := verifier.ParseEvent(r.header, []byte(r.body))
							require.Error(t, err, "%v: %s", r.header, r.body)
							require.Nil(t, event)
						}
					}
				})
			}
		}
	}
}

// The test above finds nothing where it should; this shows that it would. The readings
// under the scheme that the bytes were signed in hold the right one, and only it; of
// SchemeBody, whose header has two forms, in both.
func TestVerifyAcceptsSignedBytesUnderTheirOwnScheme(t *testing.T) {
	verifier := newVerifier(t, sharedKey, webhooks.WithSecrets(sharedStandardSecret))
	for _, scheme := range schemes {
		signed := signedBytes(scheme, "msg_1", "1700000000", string(approvedBody))
		passed := 0
		for _, r := range readings(scheme, signed, mac(sharedKey, signed)) {
			if verifier.Verify(r.header, []byte(r.body)) == nil {
				passed++
				assert.Equal(t, string(approvedBody), r.body)
			}
		}
		want := 1
		if scheme == webhooks.SchemeBody {
			want = 2
		}
		assert.Equal(t, want, passed, scheme)
	}
}

func TestVerifyRefusesSignedBodyThatIsNotAnObject(t *testing.T) {
	verifier := newVerifier(t, plainSecret)
	for _, body := range []string{"", " ", "[]", `"{}"`, "1700000000.{}", "null", "\ufeff{}", "\v{}", "\x00{}"} {
		header := http.Header{"X-Stackbe-Signature": {"sha256=" + hexMAC(plainSecret, body)}}
		err := verifier.Verify(header, []byte(body))
		assert.ErrorIs(t, err, webhooks.ErrMalformedEvent, "%q", body)
		assert.NotErrorIs(t, err, webhooks.ErrUnverified, "%q", body)
	}
}

func TestSchemeStandardKeyIsNotUsedBySchemeBody(t *testing.T) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(standardSecret, "whsec_"))
	require.NoError(t, err)
	header := http.Header{"X-Stackbe-Signature": {"sha256=" + hexMAC(string(key), string(approvedBody))}}
	assert.ErrorIs(t, newVerifier(t, standardSecret).Verify(header, approvedBody), webhooks.ErrSignatureMismatch)
}
