package interop

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v86"
	"github.com/stripe/stripe-go/v86/webhook"

	"github.com/stackbe/stackbe-go/webhooks"
)

// Stripe signs like SchemeTimestamped, in another header.
const stripeHeader = "Stripe-Signature"

// stripeEvent is an event that stripe-go takes.
var stripeEvent = `{"id":"evt_1","object":"event","api_version":"` + stripe.APIVersion +
	`","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1","description":"Zoë 株式会社 🙂"}}}`

func stripeSigned(body, secret string, at time.Time) http.Header {
	signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: []byte(body), Secret: secret, Timestamp: at})
	return http.Header{stripeHeader: {signed.Header}}
}

func TestVerifierAcceptsSignaturesOfStripe(t *testing.T) {
	verifier := newVerifier(t, secret, webhooks.WithSignatureHeader(stripeHeader))
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			header := stripeSigned(body, secret, time.Now())
			assert.NoError(t, verifier.Verify(header, []byte(body)))
			assert.ErrorIs(t, verifier.Verify(header, []byte(body+" ")), webhooks.ErrSignatureMismatch)
		})
	}
	t.Run("an event of Stripe is parsed", func(t *testing.T) {
		header := stripeSigned(stripeEvent, secret, time.Now())
		event, err := verifier.ParseEvent(header, []byte(stripeEvent))
		require.NoError(t, err)
		theirs, err := webhook.ConstructEvent([]byte(stripeEvent), header.Get(stripeHeader), secret)
		require.NoError(t, err)
		assert.Equal(t, theirs.ID, event.ID)
		assert.EqualValues(t, theirs.Type, event.Type)
		assert.JSONEq(t, `{"object":`+string(theirs.Data.Raw)+`}`, string(event.Data))
	})
	t.Run("a secret of any text", func(t *testing.T) {
		const text = "a secret, not of base64"
		header := stripeSigned(stripeEvent, text, time.Now())
		assert.NoError(t, newVerifier(t, text, webhooks.WithSignatureHeader(stripeHeader)).Verify(header, []byte(stripeEvent)))
		assert.ErrorIs(t, verifier.Verify(header, []byte(stripeEvent)), webhooks.ErrSignatureMismatch)
	})
	t.Run("signatures of two secrets, and of an older version", func(t *testing.T) {
		now := time.Now()
		header := http.Header{stripeHeader: {fmt.Sprintf("t=%d,v1=%s,v1=%s,v0=%s", now.Unix(),
			hex.EncodeToString(webhook.ComputeSignature(now, []byte(stripeEvent), otherSecret)),
			hex.EncodeToString(webhook.ComputeSignature(now, []byte(stripeEvent), secret)),
			strings.Repeat("0", 64))}}
		assert.NoError(t, verifier.Verify(header, []byte(stripeEvent)))
		assert.NoError(t, webhook.ValidatePayload([]byte(stripeEvent), header.Get(stripeHeader), secret))
		assert.NoError(t, webhook.ValidatePayload([]byte(stripeEvent), header.Get(stripeHeader), otherSecret))
	})
	t.Run("a timestamp that is too old or too new is refused", func(t *testing.T) {
		old := stripeSigned(stripeEvent, secret, time.Now().Add(-6*time.Minute))
		assert.ErrorIs(t, verifier.Verify(old, []byte(stripeEvent)), webhooks.ErrTimestampTooOld)
		early := stripeSigned(stripeEvent, secret, time.Now().Add(1000*time.Hour))
		assert.ErrorIs(t, verifier.Verify(early, []byte(stripeEvent)), webhooks.ErrTimestampTooNew)
	})
}

func TestStripeAcceptsSignaturesOfSign(t *testing.T) {
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			header := newRequest(t, body, webhooks.Signing{Secrets: []string{secret, otherSecret}, Header: stripeHeader}).Header.Get(stripeHeader)
			assert.NoError(t, webhook.ValidatePayload([]byte(body), header, secret))
			assert.NoError(t, webhook.ValidatePayload([]byte(body), header, otherSecret))
			assert.Error(t, webhook.ValidatePayload([]byte(body+" "), header, secret))
			assert.Error(t, webhook.ValidatePayload([]byte(body), header, "another secret"))
		})
	}
	t.Run("the header is the same as that of stripe-go", func(t *testing.T) {
		now := time.Now()
		header, err := webhooks.Sign([]byte(stripeEvent), webhooks.Signing{Secrets: []string{secret}, Header: stripeHeader, Time: now})
		require.NoError(t, err)
		assert.Equal(t, stripeSigned(stripeEvent, secret, now), header)
	})
}
