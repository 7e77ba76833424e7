package bench

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stripe/stripe-go/v86"
	"github.com/stripe/stripe-go/v86/webhook"
	svix "github.com/svix/svix-webhooks/go"

	"github.com/stackbe/stackbe-go/webhooks"
)

const (
	webhookSecret  = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	stripeHeader   = "Stripe-Signature"
	standardID     = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	eventType      = webhooks.EventPaymentSucceeded
	maxWebhookBody = 1 << 20 // as of webhooks.Verifier
)

// payload is the size of a received event, and the element that its data lists repeatedly.
type payload struct {
	name  string
	bytes int
	item  string
}

const (
	applicationItem = `{"id":"app_7d2f9c41","email":"jane@acme.com","name":"Jane Smith","status":"approved","code":"JANE20","commissionRate":20}`

	// denseItem is hard on a reader of JSON: of 103 bytes every second one is of its grammar.
	denseItem = `{"id":"item_0001","amount":12.5,"quantity":3,"paid":true,"note":"two \"large\" boxes","tags":["a","b"]}`
)

var payloads = []payload{
	{"300B", 300, applicationItem},
	{"4KiB", 4 << 10, applicationItem},
	{"64KiB", 64 << 10, applicationItem},
	{"64KiB-dense", 64 << 10, denseItem},
}

// event returns an event of exactly that size. It is also a valid event of Stripe, so that
// stripe-go reads it.
func (p payload) event(id string) []byte {
	const rest = `],"note":"%s"}}}`
	var event strings.Builder
	fmt.Fprintf(&event, `{"id":"%s","object":"event","api_version":"%s","type":"%s","timestamp":"2026-01-15T10:30:00Z",`+
		`"data":{"object":{"items":[`, id, stripe.APIVersion, eventType)
	for separator := ""; event.Len()+len(separator+p.item+rest) <= p.bytes+len("%s"); separator = "," {
		event.WriteString(separator + p.item)
	}
	fmt.Fprintf(&event, rest, strings.Repeat("x", p.bytes-event.Len()-len(rest)+len("%s")))
	return []byte(event.String())
}

// delivered is the header of a delivery, signed for a row of the table. Others than the
// signature's are there as they are in any request.
func delivered(signature http.Header) http.Header {
	header := signature.Clone()
	header.Set("Content-Type", "application/json")
	header.Set("User-Agent", "StackBE")
	header.Set("Accept-Encoding", "gzip")
	return header
}

// verification is a row of the table: a way to verify. open returns a function that verifies
// a body signed at this time.
type verification struct {
	name string
	open func(body []byte) (verify func(body []byte) error, err error)
}

// verifications starts with raw, which the others are measured against.
var verifications = []verification{
	{"raw", openRaw},
	{"raw-standard", openRawStandard},
	{"fresh", openFresh},
	{"timestamped", openScheme(webhooks.SchemeTimestamped)},
	{"body", openScheme(webhooks.SchemeBody)},
	{"standard", openScheme(webhooks.SchemeStandard)},
	{"stripe", openStripeSignature},
	{"standard-webhooks", openStandardWebhooks},
	{"svix", openSvix},
}

var errMismatch = errors.New("the signature does not match")

// openRaw is the floor: one HMAC of the body with a reused state, and nothing else that a
// receiver has to do.
func openRaw(body []byte) (func([]byte) error, error) { return rawHMAC("", body) }

// openRawStandard is the floor of the scheme standard, which signs 40 bytes more: at 300 of
// them this is a block more to hash.
func openRawStandard(body []byte) (func([]byte) error, error) {
	return rawHMAC(standardID+".1700000000.", body)
}

func rawHMAC(prefix string, body []byte) (func([]byte) error, error) {
	mac := hmac.New(sha256.New, []byte(webhookSecret))
	signed := []byte(prefix)
	mac.Write(signed)
	mac.Write(body)
	want := [sha256.Size]byte(mac.Sum(nil))
	var sum [sha256.Size]byte
	return func(body []byte) error {
		mac.Reset()
		mac.Write(signed)
		mac.Write(body)
		mac.Sum(sum[:0])
		if sum != want {
			return errMismatch
		}
		return nil
	}, nil
}

// openFresh makes a state for each HMAC, as most receivers that are written by hand do.
func openFresh(body []byte) (func([]byte) error, error) {
	mac := hmac.New(sha256.New, []byte(webhookSecret))
	mac.Write(body)
	want := mac.Sum(nil)
	return func(body []byte) error {
		mac := hmac.New(sha256.New, []byte(webhookSecret))
		mac.Write(body)
		if !hmac.Equal(mac.Sum(nil), want) {
			return errMismatch
		}
		return nil
	}, nil
}

func openScheme(scheme webhooks.Scheme) func([]byte) (func([]byte) error, error) {
	return func(body []byte) (func([]byte) error, error) {
		verifier, header, err := signedFor(scheme, body)
		return func(body []byte) error { return verifier.Verify(header, body) }, err
	}
}

// signedFor returns a verifier with its defaults, and the header of a delivery to it.
func signedFor(scheme webhooks.Scheme, body []byte) (*webhooks.Verifier, http.Header, error) {
	verifier, err := webhooks.NewVerifier(webhookSecret)
	if err != nil {
		return nil, nil, err
	}
	signature, err := webhooks.Sign(body, webhooks.Signing{Scheme: scheme, Secrets: []string{webhookSecret}, ID: standardID})
	return verifier, delivered(signature), err
}

func openStripeSignature(body []byte) (func([]byte) error, error) {
	header := stripeSigned(body)
	return func(body []byte) error {
		return webhook.ValidatePayload(body, header.Get(stripeHeader), webhookSecret)
	}, nil
}

func stripeSigned(body []byte) http.Header {
	signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: webhookSecret})
	return delivered(http.Header{stripeHeader: {signed.Header}})
}

func openStandardWebhooks(body []byte) (func([]byte) error, error) {
	library, err := standardwebhooks.NewWebhook(webhookSecret)
	if err != nil {
		return nil, err
	}
	header, err := standardSigned("webhook-", library.Sign, body)
	return func(body []byte) error { return library.Verify(body, header) }, err
}

func openSvix(body []byte) (func([]byte) error, error) {
	library, err := svix.NewWebhook(webhookSecret)
	if err != nil {
		return nil, err
	}
	header, err := standardSigned("svix-", library.Sign, body)
	return func(body []byte) error { return library.Verify(body, header) }, err
}

func standardSigned(prefix string, sign func(string, time.Time, []byte) (string, error), body []byte) (http.Header, error) {
	now := time.Now()
	signature, err := sign(standardID, now, body)
	header := make(http.Header)
	header.Set(prefix+"id", standardID)
	header.Set(prefix+"timestamp", strconv.FormatInt(now.Unix(), 10))
	header.Set(prefix+"signature", signature)
	return delivered(header), err
}

// parsing is a row of the table: a way to verify a delivery and read its envelope.
type parsing struct {
	name string
	open func(body []byte) (parse func(body []byte) (envelope, error), err error)
}

// envelope holds the fields that all of them read.
type envelope struct {
	ID        string             `json:"id"`
	Type      webhooks.EventType `json:"type"`
	Timestamp time.Time          `json:"timestamp"`
	Data      json.RawMessage    `json:"data"`
}

// parsings starts with bare, which the others are measured against.
var parsings = []parsing{
	{"bare", openUnmarshal},
	{"stackbe", openParseEvent},
	{"stripe", openConstructEvent},
}

// openUnmarshal does what a receiver does without ParseEvent: Verify and json.Unmarshal.
func openUnmarshal(body []byte) (func([]byte) (envelope, error), error) {
	verifier, header, err := signedFor(webhooks.SchemeTimestamped, body)
	return func(body []byte) (read envelope, err error) {
		if err := verifier.Verify(header, body); err != nil {
			return envelope{}, err
		}
		err = json.Unmarshal(body, &read)
		return read, err
	}, err
}

func openParseEvent(body []byte) (func([]byte) (envelope, error), error) {
	verifier, header, err := signedFor(webhooks.SchemeTimestamped, body)
	return func(body []byte) (envelope, error) {
		event, err := verifier.ParseEvent(header, body)
		if err != nil {
			return envelope{}, err
		}
		return envelope{ID: event.ID, Type: event.Type, Timestamp: event.CreatedAt, Data: event.Data}, nil
	}, err
}

// openConstructEvent also has stripe-go decode the event's object into a map, and leaves
// the timestamp, which Stripe writes in another field.
func openConstructEvent(body []byte) (func([]byte) (envelope, error), error) {
	header := stripeSigned(body)
	return func(body []byte) (envelope, error) {
		event, err := webhook.ConstructEvent(body, header.Get(stripeHeader), webhookSecret)
		if err != nil {
			return envelope{}, err
		}
		return envelope{ID: event.ID, Type: webhooks.EventType(event.Type), Data: event.Data.Raw}, nil
	}, nil
}

// bareReceiver reads a delivery, up to a bound, and verifies it: no more.
func bareReceiver(verifier *webhooks.Verifier) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxWebhookBody))
		if err != nil {
			http.Error(w, "the body could not be read", http.StatusBadRequest)
			return
		}
		if err := verifier.Verify(r.Header, body); err != nil {
			http.Error(w, "the delivery is not verified", http.StatusUnauthorized)
		}
	})
}
