package stackbetest

import (
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

// A Delivery is one event on its way to one webhook.
type Delivery struct {
	EventID   string // the same for every webhook that the event goes to
	EventType webhooks.EventType
	WebhookID string
	URL       string
	Body      []byte // the same on every attempt
	State     DeliveryState
	Attempts  []DeliveryAttempt // in the order in which they were made, the newest 100

	// DroppedAttempts is how many earlier attempts are not in Attempts.
	DroppedAttempts int

	// NextAttempt is when the next attempt falls due on the server's clock; zero if none waits.
	NextAttempt time.Time
}

// DeliveryState is how far a [Delivery] has come.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryPending   DeliveryState = "pending"   // an attempt is in flight, or is to be made
	DeliveryDelivered DeliveryState = "delivered" // an attempt got a 2xx response
	DeliveryGivenUp   DeliveryState = "given up"  // the last attempt failed as well
	DeliveryCanceled  DeliveryState = "canceled"  // the webhook was disabled before one succeeded
)

// A DeliveryAttempt is one request to a webhook.
type DeliveryAttempt struct {
	Started    time.Time     // on the server's clock
	StatusCode int           // of the response; 0 if there was none
	Err        error         // why there was no response; nil if there was one
	Duration   time.Duration // until the response, in real time
}

// Deliveries returns the deliveries to the webhooks of every app, sent or pending, oldest event
// first. The server keeps the newest 10,000. Beyond those, it drops the oldest that is finished; if
// none is finished, it drops the oldest pending one, which is then not sent. See
// [Server.DroppedDeliveries].
func (s *Server) Deliveries() []Delivery {
	var all []Delivery
	for _, d := range s.reference.Webhooks.Deliveries() {
		shown := Delivery{
			EventID:     d.EventID,
			EventType:   webhooks.EventType(d.EventType),
			WebhookID:   d.EndpointID,
			URL:         d.URL,
			Body:        d.Body,
			State:       DeliveryState(d.State),
			NextAttempt: d.NextAttempt,

			DroppedAttempts: d.DroppedAttempts,
		}
		for _, attempt := range d.Attempts {
			shown.Attempts = append(shown.Attempts, DeliveryAttempt{attempt.Started, attempt.StatusCode, attempt.Err, attempt.Duration})
		}
		all = append(all, shown)
	}
	return all
}

// DroppedDeliveries returns how many deliveries [Server.Deliveries] no longer has. The logger of
// [WithLogger] receives a warning for each delivery that was dropped before it was sent.
func (s *Server) DroppedDeliveries() int { return s.reference.Webhooks.Dropped() }

// Redeliver delivers an event again to each of its webhooks, whatever its state: at once, and then
// on the schedule from its beginning. An event that [Server.Deliveries] does not have fails the
// test, and so does one whose webhooks are all disabled.
func (s *Server) Redeliver(eventID string) {
	s.t.Helper()
	if err := s.reference.Webhooks.Redeliver(eventID); err != nil {
		s.t.Fatalf("stackbetest: Redeliver: %v", err)
	}
}
