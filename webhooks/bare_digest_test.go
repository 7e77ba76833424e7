package webhooks_test

import (
	"context"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestVerifyReadsBareHexDigestAsSchemeBody(t *testing.T) {
	digest := hexMAC(standardSecret, string(approvedBody))
	header := http.Header{"X-Stackbe-Signature": {digest}}
	for name, test := range map[string]struct {
		options []webhooks.VerifierOption
		want    error
	}{
		"by default":                   {nil, nil},
		"where the scheme is accepted": {[]webhooks.VerifierOption{webhooks.WithSchemes(webhooks.SchemeBody)}, nil},
		"where it is not":              {[]webhooks.VerifierOption{webhooks.WithSchemes(webhooks.SchemeTimestamped)}, webhooks.ErrSchemeNotAccepted},
		"where a timestamp is needed":  {[]webhooks.VerifierOption{webhooks.RequireTimestamp()}, webhooks.ErrTimestampRequired},
	} {
		t.Run(name, func(t *testing.T) {
			assert.ErrorIs(t, newVerifier(t, standardSecret, test.options...).Verify(header, approvedBody), test.want)
		})
	}
	t.Run("in the header that was named", func(t *testing.T) {
		verifier := newVerifier(t, plainSecret, webhooks.WithSignatureHeader("X-Signature"))
		named := http.Header{"X-Signature": {hexMAC(plainSecret, string(approvedBody))}}
		event, err := verifier.ParseEvent(named, approvedBody)
		require.NoError(t, err)
		assert.Equal(t, webhooks.SchemeBody, event.Scheme)
	})
	t.Run("delivered to a handler", func(t *testing.T) {
		calls := 0
		handler := newHandler(t, webhooks.OnApplicationApproved(func(context.Context, *webhooks.Event, webhooks.ApplicationApproved) error {
			calls++
			return nil
		}))
		request := delivery(t, string(approvedBody))
		request.Header = header
		assert.Equal(t, http.StatusOK, deliver(handler, request).Code)
		assert.Equal(t, 1, calls)
	})
	t.Run("after a rotation", func(t *testing.T) {
		assert.NoError(t, newVerifier(t, plainSecret, webhooks.WithSecrets(standardSecret)).Verify(header, approvedBody))
	})
}

// The digest has exactly one form, with and without its prefix.
func TestVerifyRefusesBareDigestOfAnotherForm(t *testing.T) {
	digest := hexMAC(standardSecret, string(approvedBody))
	for name, value := range map[string]string{
		"in upper case":             strings.ToUpper(digest),
		"one digit short":           digest[1:],
		"one digit more":            digest + "0",
		"with a space before it":    " " + digest,
		"with a space after it":     digest + " ",
		"twice, joined by a proxy":  digest + ", " + digest,
		"twice, without a space":    digest + "," + digest,
		"with a digit of no hex":    "g" + digest[1:],
		"with a version before it":  "v1=" + digest,
		"with a colon for the sign": "sha256:" + digest,
		"with 0x":                   "0x" + digest[2:],
		"of SHA-1":                  digest[:40],
		"of SHA-512":                digest + digest,
	} {
		t.Run(name, func(t *testing.T) {
			header := http.Header{"X-Stackbe-Signature": {value}}
			assert.ErrorIs(t, newVerifier(t, standardSecret).Verify(header, approvedBody), webhooks.ErrMalformedSignature)
		})
	}
	t.Run("of another body", func(t *testing.T) {
		header := http.Header{"X-Stackbe-Signature": {hexMAC(standardSecret, "{}")}}
		assert.ErrorIs(t, newVerifier(t, standardSecret).Verify(header, approvedBody), webhooks.ErrSignatureMismatch)
	})
	t.Run("in the header of Standard Webhooks", func(t *testing.T) {
		header := sign(t, approvedBody, webhooks.Signing{Scheme: webhooks.SchemeStandard})
		header.Set("Webhook-Signature", digest)
		assert.ErrorIs(t, newVerifier(t, standardSecret).Verify(header, approvedBody), webhooks.ErrMalformedSignature)
	})
	t.Run("as a signature of the timestamped scheme", func(t *testing.T) {
		header := http.Header{"X-Stackbe-Signature": {"t=1700000000," + digest}}
		assert.ErrorIs(t, newVerifier(t, standardSecret).Verify(header, approvedBody), webhooks.ErrMalformedSignature)
	})
}

func TestVerifyOfBareDigestDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector empties pools")
	}
	verifier := newVerifier(t, standardSecret)
	header := http.Header{"X-Stackbe-Signature": {hex.EncodeToString(mac(standardSecret, string(approvedBody)))}}
	assert.Zero(t, testing.AllocsPerRun(1000, func() {
		if verifier.Verify(header, approvedBody) != nil {
			panic("not verified")
		}
	}))
}
