package webhooks_test

import (
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Secrets that begin like one of Standard Webhooks but hold no key.
var notStandard = map[string]struct {
	secret string
	err    error // of SchemeStandard
}{
	"no base64":              {"whsec_this is no base64 at all", webhooks.ErrMalformedSecret},
	"base64url":              {"whsec_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_", webhooks.ErrMalformedSecret},
	"base64 without padding": {"whsec_" + base64.RawStdEncoding.EncodeToString(make([]byte, 25)), webhooks.ErrMalformedSecret},
	"base64 of 23 bytes":     {"whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 23)), webhooks.ErrShortSecret},
	"hex":                    {"whsec_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde", webhooks.ErrMalformedSecret},
}

var textSchemes = []webhooks.Scheme{webhooks.SchemeTimestamped, webhooks.SchemeBody}

func TestSecretWorksInEverySchemeThatTakesItsText(t *testing.T) {
	for name, test := range notStandard {
		t.Run("whsec_ and "+name, func(t *testing.T) {
			for _, scheme := range textSchemes {
				header := sign(t, approvedBody, webhooks.Signing{Scheme: scheme, Secrets: []string{test.secret}})
				message := signedBytes(scheme, "", "1700000000", string(approvedBody))
				assert.Contains(t, header.Get("X-StackBE-Signature"), hexMAC(test.secret, message), "the key is the whole text")
				for _, options := range [][]webhooks.VerifierOption{
					nil,
					{webhooks.WithSchemes(scheme)},
					{webhooks.WithSchemes(textSchemes...)},
					{webhooks.WithSchemes(webhooks.SchemeStandard), webhooks.WithSchemes(textSchemes...)}, // the last one counts
				} {
					assert.NoError(t, newVerifier(t, test.secret, options...).Verify(header, approvedBody))
				}
				request, err := webhooks.NewRequest(t.Context(), "/", approvedBody, webhooks.Signing{Scheme: scheme, Secrets: []string{test.secret}})
				require.NoError(t, err)
				assert.NotNil(t, request)
			}
		})
	}
}

func TestNewVerifierRefusesSecretWithoutKeyOfSchemeStandardWhenAskedForIt(t *testing.T) {
	standard := webhooks.WithSchemes(webhooks.SchemeStandard)
	all := webhooks.WithSchemes(schemes...)
	for name, test := range notStandard {
		t.Run("whsec_ and "+name, func(t *testing.T) {
			for _, scheme := range []webhooks.VerifierOption{standard, all} {
				for _, options := range [][]webhooks.VerifierOption{
					{scheme},
					{scheme, webhooks.WithSecrets(standardSecret)},
					{webhooks.WithSecrets(standardSecret), scheme},
				} {
					_, err := webhooks.NewVerifier(test.secret, options...)
					assert.ErrorIs(t, err, test.err)
				}
				for _, options := range [][]webhooks.VerifierOption{
					{scheme, webhooks.WithSecrets(test.secret)},
					{webhooks.WithSecrets(test.secret), scheme},
				} {
					_, err := webhooks.NewVerifier(standardSecret, options...)
					assert.ErrorIs(t, err, test.err)
					assert.ErrorContains(t, err, "secret 2, of WithSecrets")
				}
			}
			signing := webhooks.Signing{Scheme: webhooks.SchemeStandard, Secrets: []string{standardSecret, test.secret}}
			_, err := webhooks.Sign(approvedBody, signing)
			assert.ErrorIs(t, err, test.err)
			_, err = webhooks.NewRequest(t.Context(), "/", approvedBody, signing)
			assert.ErrorIs(t, err, test.err)
		})
	}
	t.Run("a plain secret besides another, where no scheme is left that takes it", func(t *testing.T) {
		for _, options := range [][]webhooks.VerifierOption{
			{standard, webhooks.WithSecrets(plainSecret)},
			{webhooks.WithSecrets(plainSecret), standard},
		} {
			_, err := webhooks.NewVerifier(standardSecret, options...)
			assert.ErrorIs(t, err, webhooks.ErrInvalidOption)
			assert.ErrorContains(t, err, "secret 2, of WithSecrets")
		}
		_, err := webhooks.NewVerifier(standardSecret, webhooks.WithSecrets(plainSecret), webhooks.RequireTimestamp(),
			webhooks.WithSchemes(webhooks.SchemeBody, webhooks.SchemeStandard))
		assert.ErrorIs(t, err, webhooks.ErrInvalidOption, "a required timestamp leaves SchemeStandard alone")
		_, err = webhooks.NewVerifier(standardSecret, all, webhooks.WithSecrets(plainSecret))
		assert.NoError(t, err, "the schemes that take its text are left")
	})
}

func TestWithSecretsAcceptsSecretsOfAnyForm(t *testing.T) {
	noBase64 := notStandard["no base64"].secret
	for _, secrets := range [][]string{{noBase64, standardSecret}, {standardSecret, noBase64}, {noBase64, plainSecret}} {
		verifier := newVerifier(t, secrets[0], webhooks.WithSecrets(secrets[1:]...))
		for _, secret := range secrets {
			for _, scheme := range textSchemes {
				header := sign(t, approvedBody, webhooks.Signing{Scheme: scheme, Secrets: []string{secret}})
				assert.NoError(t, verifier.Verify(header, approvedBody))
			}
		}
		err := verifier.Verify(sign(t, approvedBody, webhooks.Signing{Scheme: webhooks.SchemeStandard}), approvedBody)
		if secrets[1] == plainSecret {
			assert.ErrorIs(t, err, webhooks.ErrSchemeNotAccepted)
			assert.ErrorContains(t, err, "base64", "what the secret lacks")
		} else {
			assert.NoError(t, err, "the secret that has a key of it")
		}
	}
}

func TestSecretWithoutKeyOfSchemeStandardVerifiesNothingInIt(t *testing.T) {
	const secret = "whsec_this is no base64 at all"
	verifier := newVerifier(t, secret)
	for _, key := range []string{secret, "this is no base64 at all", ""} {
		sum := base64.StdEncoding.EncodeToString(mac(key, "msg_1.1700000000."+string(approvedBody)))
		header := http.Header{"Webhook-Id": {"msg_1"}, "Webhook-Timestamp": {"1700000000"}, "Webhook-Signature": {"v1," + sum}}
		assert.ErrorIs(t, verifier.Verify(header, approvedBody), webhooks.ErrSchemeNotAccepted)
	}
}
