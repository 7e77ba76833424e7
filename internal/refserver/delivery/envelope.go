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
	// PartnerEnvelope is {"id", "event", "timestamp", "data"}: event and data as StackBE's page
	// on the partner program shows them, id and timestamp as its page on webhooks does. Contract.
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

// An event is what happened, as endpoints are told of it.
type event struct {
	program.Event
	data data
}

func newEvent(happened program.Event) *event {
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

// general reports whether the event is one of StackBE's general events, which are in the envelope of
// that page whatever the endpoint's own is.
func (e *event) general() bool {
	_, partners := e.data.(partnerData)
	return !partners
}

// body is the event in an envelope.
func (e *event) body(form Envelope) []byte {
	if e.general() {
		form = GeneralEnvelope
	}
	filled := envelope{ID: e.ID, Event: string(e.Kind), Timestamp: e.At, Data: e.data}
	switch form {
	case GeneralEnvelope:
		filled.Event, filled.Type = "", filled.Event
	case BareEnvelope:
		filled.ID, filled.Timestamp = "", time.Time{}
	}
	body, err := json.Marshal(filled)
	if err != nil {
		panic(fmt.Sprintf("delivery: %v", err)) // a time beyond the year 9999
	}
	return body
}
