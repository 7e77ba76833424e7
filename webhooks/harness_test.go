package webhooks_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/require"
)

const (
	plainSecret    = "a plain secret of enough length"
	standardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	otherSecret    = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
)

var schemes = []webhooks.Scheme{webhooks.SchemeTimestamped, webhooks.SchemeBody, webhooks.SchemeStandard}

// signedAt is the time of the tests' clock.
var signedAt = time.Unix(1_700_000_000, 0).UTC()

var approvedBody = []byte(`{"event":"partner_application_approved","data":{"application":{"id":"cmapp1","email":"partner@example.com","name":"Jane Smith"},"affiliate":{"id":"cmaff1","code":"JANE20","customer_id":"cust_123"}}}`)

// clock is a clock that is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: signedAt} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newVerifier(t testing.TB, secret string, options ...webhooks.VerifierOption) *webhooks.Verifier {
	t.Helper()
	options = append([]webhooks.VerifierOption{webhooks.WithClock(newClock().Now)}, options...)
	verifier, err := webhooks.NewVerifier(secret, options...)
	require.NoError(t, err)
	return verifier
}

func sign(t testing.TB, body []byte, signing webhooks.Signing) http.Header {
	t.Helper()
	if signing.Time.IsZero() {
		signing.Time = signedAt
	}
	if signing.ID == "" {
		signing.ID = "msg_1"
	}
	if signing.Secrets == nil {
		signing.Secrets = []string{standardSecret}
	}
	header, err := webhooks.Sign(body, signing)
	require.NoError(t, err)
	return header
}

// delivery is a signed request for a Handler.
func delivery(t testing.TB, body string) *http.Request {
	t.Helper()
	request, err := webhooks.NewRequest(context.Background(), "https://example.com/webhooks", []byte(body),
		webhooks.Signing{Secrets: []string{standardSecret}, Time: signedAt})
	require.NoError(t, err)
	return request
}

// mac signs any bytes, as Sign does not.
func mac(key, message string) []byte {
	hash := hmac.New(sha256.New, []byte(key))
	hash.Write([]byte(message))
	return hash.Sum(nil)
}

func hexMAC(key, message string) string { return hex.EncodeToString(mac(key, message)) }
