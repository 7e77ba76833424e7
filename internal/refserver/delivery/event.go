package delivery

import (
	"encoding/json"
	"fmt"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// An event is what happened, as endpoints are told of it.
type event struct {
	program.Event
	data json.RawMessage
}

func newEvent(happened program.Event) *event {
	return &event{Event: happened, data: encode(dataOf(happened))}
}

// dataOf is the data of an event: snake_case for a partner event, and camelCase for a general one, as
// StackBE's pages on them have it.
func dataOf(happened program.Event) any {
	switch happened.Kind {
	case program.ApplicationApproved:
		return approval{newApplication(*happened.Application), affiliate{
			ID:         happened.Affiliate.ID,
			Code:       happened.Affiliate.Code,
			CustomerID: happened.Affiliate.CustomerID,
		}}
	case program.ApplicationRejected:
		rejected := newApplication(*happened.Application)
		rejected.Reason = happened.Application.RejectionReason
		return rejection{rejected}
	case program.CustomerCreated, program.CustomerUpdated:
		return customerData{newCustomer(*happened.Customer)}
	}
	panic(fmt.Sprintf("delivery: the event %q has no form", happened.Kind))
}

type approval struct {
	Application application `json:"application"`
	Affiliate   affiliate   `json:"affiliate"`
}

type rejection struct {
	Application application `json:"application"`
}

type application struct {
	ID     string `json:"id"`
	Email  string `json:"email"`
	Name   string `json:"name"`
	Reason string `json:"reason,omitempty"` // of the rejection
}

func newApplication(a program.Application) application {
	return application{ID: a.ID, Email: a.Email, Name: a.Name}
}

type affiliate struct {
	ID         string `json:"id"`
	Code       string `json:"code"`
	CustomerID string `json:"customer_id"`
}

type customerData struct {
	Customer customer `json:"customer"`
}

type customer struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Name  string `json:"name,omitempty"`
}

func newCustomer(c program.Customer) customer {
	return customer{ID: c.ID, Email: c.Email, Name: c.Name}
}

// withOtherID is the data of the event, where what comes first has another id.
func (e *event) withOtherID(id string) json.RawMessage {
	switch changed := dataOf(e.Event).(type) {
	case approval:
		changed.Application.ID = id
		return encode(changed)
	case rejection:
		changed.Application.ID = id
		return encode(changed)
	case customerData:
		changed.Customer.ID = id
		return encode(changed)
	default:
		panic(fmt.Sprintf("delivery: the event %q has no id to change", e.Kind))
	}
}

func encode(data any) json.RawMessage {
	encoded, err := json.Marshal(data)
	if err != nil {
		panic(fmt.Sprintf("delivery: %v", err)) // a time beyond the year 9999
	}
	return encoded
}
