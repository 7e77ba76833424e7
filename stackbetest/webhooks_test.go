package stackbetest_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/stackbetest"
	"github.com/stackbe/stackbe-go/webhooks"
)

// standardSecret serves every scheme: its key is 24 bytes of zero.
const standardSecret = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func TestDeliveredBodyAndHeaders(t *testing.T) {
	t.Parallel()

	t.Run("an approval, signed with the time and the secret", func(t *testing.T) {
		to := newReceiver(t, withStatus(http.StatusNoContent))
		server := atNoon(t, to.URL)
		review := approve(t, server, "jane@acme.com")
		server.WaitForDeliveries()

		require.Len(t, to.deliveries(), 1)
		got := to.deliveries()[0]
		id := got.event(t).ID
		assert.Regexp(t, `^evt_[a-z0-9]{23}$`, id)
		assert.JSONEq(t, fmt.Sprintf(`{
			"id": %q, "event": "partner_application_approved", "timestamp": "2026-03-01T12:00:00Z",
			"data": {
				"application": {"id": %q, "email": "jane@acme.com", "name": "Jane Smith"},
				"affiliate": {"id": %q, "code": %q, "customer_id": %q}
			}
		}`, id, review.Application.ID, review.Affiliate.ID, review.Affiliate.Code, review.Affiliate.CustomerID), got.body)
		assert.Equal(t, "application/json", got.header.Get("Content-Type"))
		assert.Equal(t, fmt.Sprintf("t=%d,v1=%s", noon.Unix(), signature(secret, noon, got.body)), got.header.Get("X-StackBE-Signature"))

		shown := only(t, server)
		assert.Equal(t, id, shown.EventID)
		assert.Equal(t, webhooks.EventApplicationApproved, shown.EventType)
		assert.Equal(t, stackbetest.DeliveryDelivered, shown.State)
		assert.Equal(t, to.URL, shown.URL)
		assert.Equal(t, server.Webhooks()[0].ID, shown.WebhookID)
		assert.Equal(t, got.body, string(shown.Body))
		assert.Zero(t, shown.NextAttempt)
		require.Len(t, shown.Attempts, 1)
		assert.Positive(t, shown.Attempts[0].Duration)
		shown.Attempts[0].Duration = 0
		assert.Equal(t, stackbetest.DeliveryAttempt{Started: noon, StatusCode: http.StatusNoContent}, shown.Attempts[0])
	})

	t.Run("a rejection, with its reason", func(t *testing.T) {
		to := newReceiver(t, withStatus(http.StatusOK))
		server := atNoon(t, to.URL)
		review := reject(t, server, "jane@acme.com", "Not a good fit")
		server.WaitForDeliveries()

		require.Len(t, to.deliveries(), 1)
		got := to.deliveries()[0]
		assert.JSONEq(t, fmt.Sprintf(`{
			"id": %q, "event": "partner_application_rejected", "timestamp": "2026-03-01T12:00:00Z",
			"data": {"application": {"id": %q, "email": "jane@acme.com", "name": "Jane Smith", "reason": "Not a good fit"}}
		}`, got.event(t).ID, review.Application.ID), got.body)
	})

	t.Run("each envelope in each scheme is the same event to a Verifier", func(t *testing.T) {
		to := newReceiver(t, withStatus(http.StatusOK))
		server := stackbetest.New(t)
		verifier, err := webhooks.NewVerifier(standardSecret, webhooks.WithSignatureHeader("X-Own"), webhooks.WithClock(server.Now))
		require.NoError(t, err)
		fields := map[stackbetest.Envelope][]string{
			stackbetest.EnvelopePartner: {"data", "event", "id", "timestamp"},
			stackbetest.EnvelopeGeneral: {"data", "id", "timestamp", "type"},
			stackbetest.EnvelopeBare:    {"data", "event"},
		}
		var want [][]string
		for envelope, fields := range fields {
			for _, scheme := range []webhooks.Scheme{webhooks.SchemeTimestamped, webhooks.SchemeBody, webhooks.SchemeStandard} {
				server.AddWebhook(stackbetest.WebhookParams{URL: to.URL, Secret: standardSecret, Envelope: envelope, Scheme: scheme, Header: "X-Own"})
				want = append(want, fields)
			}
		}
		review := approve(t, server, "jane@acme.com")
		server.WaitForDeliveries()

		require.Len(t, server.Deliveries(), len(want))
		for i, shown := range server.Deliveries() {
			var envelope map[string]json.RawMessage
			require.NoError(t, json.Unmarshal(shown.Body, &envelope))
			assert.Equal(t, want[i], slices.Sorted(maps.Keys(envelope)))
		}
		for _, got := range to.deliveries() {
			event, err := verifier.ParseEvent(got.header, []byte(got.body))
			require.NoError(t, err)
			approved, err := event.ApplicationApproved()
			require.NoError(t, err)
			assert.Equal(t, review.Affiliate.CustomerID, approved.Affiliate.CustomerID)
			if !strings.Contains(got.body, "evt_") && got.header.Get("webhook-id") == "" {
				continue // that event has no id
			}
			assert.Equal(t, server.Deliveries()[0].EventID, event.ID)
		}
	})

	t.Run("to every webhook of the app, and to no webhook of another app", func(t *testing.T) {
		first, second, others := newReceiver(t, withStatus(200)), newReceiver(t, withStatus(200)), newReceiver(t, withStatus(200))
		server := atNoon(t, first.URL)
		server.AddWebhook(stackbetest.WebhookParams{URL: second.URL, Secret: secret})
		other := server.AddApp()
		other.AddWebhook(stackbetest.WebhookParams{URL: others.URL, Secret: secret})
		approve(t, server, "jane@acme.com")
		server.WaitForDeliveries()
		assert.Equal(t, first.deliveries()[0].body, second.deliveries()[0].body, "the event and its id are the same")
		assert.Empty(t, others.deliveries())

		enroll(t, other, "li@acme.com", "LI20")
		server.WaitForDeliveries()
		assert.Equal(t, []string{"li@acme.com"}, others.emails(t))
		assert.Len(t, first.deliveries(), 1)
	})

	t.Run("no events from before the webhook was added", func(t *testing.T) {
		to := newReceiver(t, withStatus(http.StatusOK))
		server := stackbetest.New(t)
		approve(t, server, "before@acme.com")
		server.AddWebhook(stackbetest.WebhookParams{URL: to.URL, Secret: secret})
		approve(t, server, "after@acme.com")
		server.WaitForDeliveries()
		assert.Equal(t, []string{"after@acme.com"}, to.emails(t))
	})

	t.Run("to a receiver with a certificate of its own", func(t *testing.T) {
		to := httptest.NewTLSServer(withStatus(http.StatusOK))
		defer to.Close()
		server := stackbetest.New(t)
		server.AddWebhook(stackbetest.WebhookParams{URL: to.URL, Secret: secret, Transport: to.Client().Transport})
		approve(t, server, "jane@acme.com")
		server.WaitForDeliveries()
		assert.Equal(t, stackbetest.DeliveryDelivered, only(t, server).State)
	})
}

// signature is the v1 of the timestamped scheme, as docs/contract.md describes it.
func signature(secret string, at time.Time, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
	return fmt.Sprintf("%x", mac.Sum(nil))
}

func TestDeliveryOrder(t *testing.T) {
	t.Parallel()

	t.Run("events are sent in the order of the reviews", func(t *testing.T) {
		to := newReceiver(t, withStatus(http.StatusOK))
		server := atNoon(t, to.URL)
		for _, email := range numbered(20) {
			approve(t, server, email)
		}
		server.WaitForDeliveries()
		assert.Equal(t, numbered(20), to.emails(t))
	})

	t.Run("a failed event does not delay the next", func(t *testing.T) {
		to := newReceiver(t, withStatus(http.StatusInternalServerError))
		server := atNoon(t, to.URL)
		approve(t, server, "first@acme.com")
		server.WaitForDeliveries()
		to.respondWith(withStatus(http.StatusOK))
		approve(t, server, "second@acme.com")
		server.WaitForDeliveries()
		server.Advance(time.Minute)
		assert.Equal(t, []string{"first@acme.com", "second@acme.com", "first@acme.com"}, to.emails(t))
	})

	t.Run("a slow receiver does not delay another", func(t *testing.T) {
		release := make(chan struct{})
		slow := newReceiver(t, func(http.ResponseWriter, *http.Request) { <-release })
		arrived := make(chan struct{})
		quick := newReceiver(t, func(http.ResponseWriter, *http.Request) { close(arrived) })
		server := atNoon(t, slow.URL)
		server.AddWebhook(stackbetest.WebhookParams{URL: quick.URL, Secret: secret})
		approve(t, server, "jane@acme.com")
		<-arrived
		assert.Equal(t, stackbetest.DeliveryPending, server.Deliveries()[0].State)
		close(release)
		server.WaitForDeliveries()
		assert.Equal(t, stackbetest.DeliveryDelivered, server.Deliveries()[0].State)
	})

	t.Run("a receiver has one delivery at a time, however many receivers there are", func(t *testing.T) {
		server := stackbetest.New(t)
		for range 40 {
			var atWork atomic.Int32
			to := newReceiver(t, func(http.ResponseWriter, *http.Request) {
				assert.EqualValues(t, 1, atWork.Add(1))
				runtime.Gosched()
				atWork.Add(-1)
			})
			server.AddWebhook(stackbetest.WebhookParams{URL: to.URL, Secret: secret})
		}
		for _, email := range numbered(3) {
			approve(t, server, email)
		}
		server.WaitForDeliveries()
		require.Len(t, server.Deliveries(), 120)
		for _, shown := range server.Deliveries() {
			assert.Equal(t, stackbetest.DeliveryDelivered, shown.State)
		}
	})
}

func TestSecretRotation(t *testing.T) {
	t.Parallel()
	const second, third = "the second secret, 16 bytes", "the third secret, 16 bytes"
	to := newReceiver(t, withStatus(http.StatusOK))
	server := atNoon(t, to.URL)
	webhook := server.Webhooks()[0].ID
	signedWith := func() (secrets []string) {
		approve(t, server, fmt.Sprintf("%d@acme.com", len(to.deliveries())))
		server.WaitForDeliveries()
		got := to.deliveries()[len(to.deliveries())-1]
		elements := strings.Split(got.header.Get("X-StackBE-Signature"), ",")
		for _, element := range elements[1:] {
			for _, s := range []string{secret, second, third} {
				if element == "v1="+signature(s, server.Now(), got.body) {
					secrets = append(secrets, s)
				}
			}
		}
		assert.Len(t, elements, len(secrets)+1)
		return secrets
	}

	assert.Equal(t, []string{secret}, signedWith())
	server.RotateWebhookSecret(webhook, second)
	assert.Equal(t, []string{second, secret}, signedWith())
	server.Advance(12 * time.Hour)
	server.RotateWebhookSecret(webhook, third)
	assert.Equal(t, []string{third, second, secret}, signedWith())
	server.Advance(12*time.Hour - 1)
	assert.Equal(t, []string{third, second, secret}, signedWith())
	server.Advance(1)
	assert.Equal(t, []string{third, second}, signedWith())
	server.Advance(12 * time.Hour)
	assert.Equal(t, []string{third}, signedWith())

	t.Run("the scheme with room for one signature has the new one at once", func(t *testing.T) {
		body := newReceiver(t, withStatus(http.StatusOK))
		id := server.AddWebhook(stackbetest.WebhookParams{URL: body.URL, Secret: secret, Scheme: webhooks.SchemeBody})
		server.RotateWebhookSecret(id, second)
		approve(t, server, "body@acme.com")
		server.WaitForDeliveries()
		verifier, err := webhooks.NewVerifier(second)
		require.NoError(t, err)
		assert.NoError(t, verifier.Verify(body.deliveries()[0].header, []byte(body.deliveries()[0].body)))
	})
}

func TestMisuseOfWebhooksFailsTheTest(t *testing.T) {
	t.Parallel()
	misuses := map[string]struct {
		do   func(*stackbetest.Server)
		want string
	}{
		"a misbehavior that is zero":    {func(s *stackbetest.Server) { s.Misbehave(stackbetest.Misbehavior{}) }, "a Misbehavior is zero"},
		"an unknown webhook is enabled": {func(s *stackbetest.Server) { s.EnableWebhook("wh_0") }, `no webhook "wh_0"`},
		"an unknown webhook's rotation": {func(s *stackbetest.Server) { s.RotateWebhookSecret("wh_0", secret) }, `no webhook "wh_0"`},
		"an unknown event":              {func(s *stackbetest.Server) { s.Redeliver("evt_0") }, `no event "evt_0"`},
		"a short secret in a rotation": {func(s *stackbetest.Server) {
			s.RotateWebhookSecret(s.AddWebhook(stackbetest.WebhookParams{URL: "http://localhost", Secret: secret}), "short")
		}, "too short"},
		"the same secret in a rotation": {func(s *stackbetest.Server) {
			s.RotateWebhookSecret(s.AddWebhook(stackbetest.WebhookParams{URL: "http://localhost", Secret: secret}), secret)
		}, "in use already"},
	}
	for name, params := range map[string]struct {
		stackbetest.WebhookParams
		want string
	}{
		"no secret":               {stackbetest.WebhookParams{URL: "http://localhost"}, "secret is empty"},
		"no URL":                  {stackbetest.WebhookParams{Secret: secret}, "http or https URL"},
		"a relative URL":          {stackbetest.WebhookParams{URL: "/hook", Secret: secret}, "http or https URL"},
		"another scheme of URL":   {stackbetest.WebhookParams{URL: "ftp://localhost", Secret: secret}, "http or https URL"},
		"an unparsable URL":       {stackbetest.WebhookParams{URL: "http://a b", Secret: secret}, "http or https URL"},
		"credentials in the URL":  {stackbetest.WebhookParams{URL: "http://a:b@localhost", Secret: secret}, "credentials"},
		"an unknown envelope":     {stackbetest.WebhookParams{URL: "http://localhost", Secret: secret, Envelope: 7}, "envelope 7"},
		"an unknown event":        {stackbetest.WebhookParams{URL: "http://localhost", Secret: secret, Events: []webhooks.EventType{"customer.deleted"}}, `no event "customer.deleted"; leave the events out`},
		"an unknown scheme":       {stackbetest.WebhookParams{URL: "http://localhost", Secret: secret, Scheme: 7}, "Scheme(7)"},
		"a header that is none":   {stackbetest.WebhookParams{URL: "http://localhost", Secret: secret, Header: "a b"}, "header"},
		"a negative timeout":      {stackbetest.WebhookParams{URL: "http://localhost", Secret: secret, Timeout: -1}, "negative"},
		"a secret not for whsec_": {stackbetest.WebhookParams{URL: "http://localhost", Secret: secret, Scheme: webhooks.SchemeStandard}, "whsec_"},
	} {
		misuses[name] = struct {
			do   func(*stackbetest.Server)
			want string
		}{func(s *stackbetest.Server) { s.AddWebhook(params.WebhookParams) }, params.want}
	}
	for name, misuse := range misuses {
		t.Run(name, func(t *testing.T) {
			test := &failures{}
			server := stackbetest.New(test)
			defer server.Close()
			assert.Panics(t, func() { misuse.do(server) })
			require.Len(t, test.messages, 1)
			assert.Contains(t, test.messages[0], misuse.want)
			assert.NotContains(t, test.messages[0], secret)
		})
	}

	_, err := stackbetest.Start(stackbetest.WithWebhook("http://localhost", ""))
	assert.ErrorIs(t, err, webhooks.ErrEmptySecret)
}
