package delivery

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// Envelope is the form of a delivery's body.
type Envelope int

const (
	// PartnerEnvelope is {"id", "event", "timestamp", "data"} for the partner events: event and data
	// as StackBE's page on the partner program shows them, id and timestamp as its page on webhooks
	// does. Contract. The general events come as with GeneralEnvelope.
	PartnerEnvelope Envelope = iota
	// GeneralEnvelope is {"id", "type", "timestamp", "data"}. StackBE: Webhooks.
	GeneralEnvelope
	// BareEnvelope is {"event", "data"}. StackBE: Partner Program.
	BareEnvelope
)

func (e Envelope) valid() bool { return e >= PartnerEnvelope && e <= BareEnvelope }

// envelope has the fields of every Envelope.
type envelope struct {
	ID        string    `json:"id,omitempty"`
	Event     string    `json:"event,omitempty"`
	Type      string    `json:"type,omitempty"`
	Timestamp time.Time `json:"timestamp,omitzero"`
	Data      data      `json:"data"`
}

// data is what an event is about.
type data interface {
	// withID is the same about something with another id.
	withID(id string) data
}

// partnerData is the data of an event of the partner program, which is in snake_case.
type partnerData struct {
	Application application `json:"application"`
	Affiliate   *affiliate  `json:"affiliate,omitempty"`
}

type application struct {
	ID     string `json:"id"`
	Email  string `json:"email"`
	Name   string `json:"name"`
	Reason string `json:"reason,omitempty"` // of the rejection
}

type affiliate struct {
	ID         string `json:"id"`
	Code       string `json:"code"`
	CustomerID string `json:"customer_id"`
}

// An event is the form in which endpoints receive what happened.
type event struct {
	program.Event
	data data
}

// Body is the body of a delivery of an event. It returns an error if the event lacks the records of its
// kind.
func Body(happened program.Event, form Envelope) ([]byte, error) {
	if err := happened.Check(); err != nil {
		return nil, err
	}
	return newEvent(happened).body(form), nil
}

func newEvent(happened program.Event) *event {
	happened.At = happened.At.UTC() // a document may have it in any zone
	return &event{Event: happened, data: newData(happened)}
}

func newData(happened program.Event) data {
	switch happened.Kind {
	case program.ApplicationApproved:
		return partnerData{
			Application: newApplication(*happened.Application),
			Affiliate: &affiliate{
				ID:         happened.Affiliate.ID,
				Code:       happened.Affiliate.Code,
				CustomerID: happened.Affiliate.CustomerID,
			},
		}
	case program.ApplicationRejected:
		rejected := partnerData{Application: newApplication(*happened.Application)}
		rejected.Application.Reason = happened.Application.RejectionReason
		return rejected
	case program.CustomerCreated, program.CustomerUpdated:
		return customerData{newCustomer(*happened.Customer)}
	case program.PaymentSucceeded, program.PaymentFailed:
		return newPayment(happened)
	case program.EntitlementsUpdated:
		made := newSubscription(happened)
		return entitlementsData{made.Customer, made.Plan, made.Subscription.ID}
	}
	if happened.Subscription == nil {
		panic(fmt.Sprintf("delivery: the event %q has no form", happened.Kind))
	}
	return newSubscription(happened)
}

func newApplication(a program.Application) application {
	return application{ID: a.ID, Email: a.Email, Name: a.Name}
}

func (d partnerData) withID(id string) data { d.Application.ID = id; return d }

// withID is the same event about something with another id.
func (e *event) withID(id string) *event {
	changed := *e
	changed.data = e.data.withID(id)
	return &changed
}

// body is the event in an envelope. A general event is in its own where the partner program's is the
// endpoint's.
func (e *event) body(form Envelope) []byte {
	filled := envelope{ID: e.ID, Event: string(e.Kind), Timestamp: e.At, Data: e.data}
	switch {
	case form == GeneralEnvelope, form == PartnerEnvelope && !e.Kind.OfPartner():
		filled.Event, filled.Type = "", filled.Event
	case form == BareEnvelope:
		filled.ID, filled.Timestamp = "", time.Time{}
	}
	body, err := json.Marshal(filled)
	if err != nil {
		panic(fmt.Sprintf("delivery: %v", err)) // a time beyond the year 9999
	}
	return body
}
