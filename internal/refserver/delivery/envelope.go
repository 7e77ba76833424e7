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

type data struct {
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

func newEvent(happened program.Event) *event {
	made := &event{Event: happened}
	switch happened.Kind {
	case program.ApplicationApproved:
		made.data.Application = newApplication(*happened.Application)
		made.data.Affiliate = &affiliate{
			ID:         happened.Affiliate.ID,
			Code:       happened.Affiliate.Code,
			CustomerID: happened.Affiliate.CustomerID,
		}
	case program.ApplicationRejected:
		made.data.Application = newApplication(*happened.Application)
		made.data.Application.Reason = happened.Application.RejectionReason
	default:
		panic(fmt.Sprintf("delivery: the event %q has no form", happened.Kind))
	}
	return made
}

func newApplication(a program.Application) application {
	return application{ID: a.ID, Email: a.Email, Name: a.Name}
}

// withApplicationID is the same event about another application.
func (e *event) withApplicationID(id string) *event {
	changed := *e
	changed.data.Application.ID = id
	return &changed
}

// body is the event in an envelope.
func (e *event) body(form Envelope) []byte {
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
