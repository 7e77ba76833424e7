// Package interop tests the webhooks package against other implementations: the Go
// libraries of Standard Webhooks, Svix and Stripe, programs in another language, and
// published vectors.
package interop

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	svix "github.com/svix/svix-webhooks/go"

	"github.com/stackbe/stackbe-go/webhooks"
)

// Two secrets of Standard Webhooks: Stripe's have the same form.
const (
	secret      = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	otherSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
)

// library is another implementation of Standard Webhooks.
type library struct {
	name   string
	prefix string // of its headers' names
	open   func(secret string) (signer, error)
}

type signer interface {
	Sign(id string, at time.Time, body []byte) (string, error)
	Verify(body []byte, header http.Header) error
}

var libraries = []library{
	{"standard-webhooks", "webhook-", func(secret string) (signer, error) { return standardwebhooks.NewWebhook(secret) }},
	{"svix with the standard's headers", "webhook-", func(secret string) (signer, error) { return svix.NewWebhook(secret) }},
	{"svix with its own headers", "svix-", func(secret string) (signer, error) { return svix.NewWebhook(secret) }},
}

// sign returns the headers of the library's delivery of body, signed with each secret.
func (l library) sign(t *testing.T, id string, at time.Time, body string, secrets ...string) http.Header {
	t.Helper()
	var signatures []string
	for _, secret := range secrets {
		opened, err := l.open(secret)
		require.NoError(t, err)
		signature, err := opened.Sign(id, at, []byte(body))
		require.NoError(t, err)
		signatures = append(signatures, signature)
	}
	header := make(http.Header)
	header.Set(l.prefix+"id", id)
	header.Set(l.prefix+"timestamp", strconv.FormatInt(at.Unix(), 10))
	header.Set(l.prefix+"signature", strings.Join(signatures, " "))
	return header
}

// verify has the library verify headers of the standard.
func (l library) verify(t *testing.T, secret string, header http.Header, body string) error {
	t.Helper()
	opened, err := l.open(secret)
	require.NoError(t, err)
	return opened.Verify([]byte(body), renamed(header, "webhook-", l.prefix))
}

// renamed is the header with the names of the standard's three headers changed.
func renamed(header http.Header, from, to string) http.Header {
	changed := make(http.Header)
	for _, name := range []string{"id", "timestamp", "signature"} {
		changed.Set(to+name, header.Get(from+name))
	}
	return changed
}

var bodies = map[string]string{
	"an event":                       `{"id":"evt_1","event":"partner_application_approved","data":{"application":{"id":"cmapp1"},"affiliate":{"id":"cmaff1"}}}`,
	"an event in several scripts":    `{"type":"x","data":{"name":"Zoë Ångström 株式会社 مرحبا 🙂 \u2028 ` + "\u2028" + `"}}`,
	"an event after white space":     " \r\n\t" + `{"type":"x"}` + "\n",
	"an event with full stops":       `{"type":"payment.succeeded","data":{"amount":1.5,"note":".1700000000.{}"}}`,
	"an object that is no event":     `{"test": 2432232314}`,
	"an event of more than 64 KiB":   `{"type":"x","data":"` + strings.Repeat("0123456789abcdef", 1<<12) + `"}`,
	"an event of exactly two blocks": `{"type":"x","data":"` + strings.Repeat("x", 2*64-len(`{"type":"x","data":""}`)) + `"}`,
}

func TestVerifierAcceptsSignaturesOfLibraries(t *testing.T) {
	verifier := newVerifier(t, secret)
	for _, l := range libraries {
		for name, body := range bodies {
			t.Run(l.name+": "+name, func(t *testing.T) {
				header := renamed(l.sign(t, "msg_1", time.Now(), body, secret), l.prefix, "webhook-")
				assert.NoError(t, verifier.Verify(header, []byte(body)))
				assert.ErrorIs(t, verifier.Verify(header, []byte(body+" ")), webhooks.ErrSignatureMismatch)
			})
		}
	}
}

func TestLibrariesAcceptSignaturesOfSign(t *testing.T) {
	for _, l := range libraries {
		for name, body := range bodies {
			t.Run(l.name+": "+name, func(t *testing.T) {
				request := newRequest(t, body, webhooks.Signing{Scheme: webhooks.SchemeStandard, Secrets: []string{secret}})
				assert.NoError(t, l.verify(t, secret, request.Header, body))
				assert.Error(t, l.verify(t, secret, request.Header, body+" "))
				assert.Error(t, l.verify(t, otherSecret, request.Header, body))
			})
		}
	}
}

func TestSignMakesSignaturesOfLibraries(t *testing.T) {
	now := time.Now()
	for _, l := range libraries {
		for name, body := range bodies {
			t.Run(l.name+": "+name, func(t *testing.T) {
				ours, err := webhooks.Sign([]byte(body), webhooks.Signing{
					Scheme: webhooks.SchemeStandard, Secrets: []string{secret, otherSecret}, ID: "msg_1", Time: now})
				require.NoError(t, err)
				assert.Equal(t, renamed(l.sign(t, "msg_1", now, body, secret, otherSecret), l.prefix, "webhook-"), ours)
			})
		}
	}
}

func TestSecretRotationRefusesNoDelivery(t *testing.T) {
	const oldSecret, newSecret = secret, otherSecret
	body := bodies["an event"]
	receivers := map[string]*webhooks.Verifier{
		"the old secret":   newVerifier(t, oldSecret),
		"the new secret":   newVerifier(t, newSecret),
		"both secrets":     newVerifier(t, oldSecret, webhooks.WithSecrets(newSecret)),
		"both, new before": newVerifier(t, newSecret, webhooks.WithSecrets(oldSecret)),
	}
	for _, l := range libraries {
		both := l.sign(t, "msg_1", time.Now(), body, oldSecret, newSecret)
		for name, verifier := range receivers {
			t.Run(l.name+" signs with both; the receiver has "+name, func(t *testing.T) {
				assert.NoError(t, verifier.Verify(renamed(both, l.prefix, "webhook-"), []byte(body)))
			})
		}
		for _, signing := range []string{oldSecret, newSecret} {
			t.Run(l.name+" signs with one; the receiver has both", func(t *testing.T) {
				header := renamed(l.sign(t, "msg_1", time.Now(), body, signing), l.prefix, "webhook-")
				assert.NoError(t, receivers["both secrets"].Verify(header, []byte(body)))
				assert.NoError(t, receivers["both, new before"].Verify(header, []byte(body)))
			})
			t.Run("Sign signs with both; "+l.name+" has one", func(t *testing.T) {
				request := newRequest(t, body, webhooks.Signing{Scheme: webhooks.SchemeStandard, Secrets: []string{oldSecret, newSecret}})
				assert.NoError(t, l.verify(t, signing, request.Header, body))
			})
		}
		t.Run(l.name+" signs with the old; the receiver has the new", func(t *testing.T) {
			header := renamed(l.sign(t, "msg_1", time.Now(), body, oldSecret), l.prefix, "webhook-")
			assert.ErrorIs(t, receivers["the new secret"].Verify(header, []byte(body)), webhooks.ErrSignatureMismatch)
		})
		t.Run(l.name+" signs, and others sign in versions of their own", func(t *testing.T) {
			header := renamed(l.sign(t, "msg_1", time.Now(), body, oldSecret), l.prefix, "webhook-")
			signature := header.Get("webhook-signature")
			header.Set("webhook-signature", "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg== "+signature+" v2,x")
			assert.NoError(t, receivers["the old secret"].Verify(header, []byte(body)))
			assert.NoError(t, l.verify(t, oldSecret, header, body))
		})
	}
}

// The libraries' tolerance is 5 minutes on both sides and cannot be changed: so is the
// default here.
func TestLibrariesAndVerifierAcceptSameTimestamps(t *testing.T) {
	body := bodies["an event"]
	verifier := newVerifier(t, secret)
	for _, l := range libraries {
		for _, age := range []time.Duration{-24 * time.Hour, -6 * time.Minute, -4 * time.Minute, 4 * time.Minute, 6 * time.Minute, 24 * time.Hour} {
			t.Run(l.name+": signed "+age.String()+" ago", func(t *testing.T) {
				header := renamed(l.sign(t, "msg_1", time.Now().Add(-age), body, secret), l.prefix, "webhook-")
				theirs, ours := l.verify(t, secret, header, body), verifier.Verify(header, []byte(body))
				assert.Equal(t, theirs == nil, ours == nil, "they say %v, we say %v", theirs, ours)
				assert.Equal(t, age.Abs() < 5*time.Minute, ours == nil)
			})
		}
	}
}

func newVerifier(t *testing.T, secret string, options ...webhooks.VerifierOption) *webhooks.Verifier {
	t.Helper()
	verifier, err := webhooks.NewVerifier(secret, options...)
	require.NoError(t, err)
	return verifier
}

func newRequest(t *testing.T, body string, signing webhooks.Signing) *http.Request {
	t.Helper()
	request, err := webhooks.NewRequest(t.Context(), "https://example.com/webhooks", []byte(body), signing)
	require.NoError(t, err)
	return request
}
