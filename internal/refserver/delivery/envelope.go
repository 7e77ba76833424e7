package delivery

import (
	"encoding/json"
	"fmt"
	"time"
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
	ID        string          `json:"id,omitempty"`
	Event     string          `json:"event,omitempty"`
	Type      string          `json:"type,omitempty"`
	Timestamp time.Time       `json:"timestamp,omitzero"`
	Data      json.RawMessage `json:"data"`
}

// body is the event in an envelope, with data that are its own or were changed.
func (e *event) body(form Envelope, data json.RawMessage) []byte {
	filled := envelope{ID: e.ID, Event: string(e.Kind), Timestamp: e.At, Data: data}
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
