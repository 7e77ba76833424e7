package webhooks

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// ApplicationApproved is the data of [EventApplicationApproved]. StackBE: Partner Program.
type ApplicationApproved struct {
	Application Application `json:"application"`
	Affiliate   Affiliate   `json:"affiliate"`
}

// ApplicationRejected is the data of [EventApplicationRejected]. StackBE: Partner Program.
type ApplicationRejected struct {
	Application Application `json:"application"`
}

// Application is the partner application that was reviewed.
type Application struct {
	ID              string `json:"id"`
	Email           string `json:"email"`
	Name            string `json:"name"`
	RejectionReason string `json:"reason,omitempty"` // why it was rejected; empty if it was approved, or for no stated reason
}

// Affiliate is the partner record that an approval made.
type Affiliate struct {
	ID         string `json:"id"`
	Code       string `json:"code"` // the referral code
	CustomerID string `json:"customer_id"`
}

// ApplicationApproved decodes the event's data. Other fields than those of the struct
// are in [Event.Data].
//
// Errors: [ErrWrongType]; [ErrMalformedEvent], also where the application or the
// affiliate has no id.
func (e *Event) ApplicationApproved() (ApplicationApproved, error) {
	approved, err := decodeAs[ApplicationApproved](e, EventApplicationApproved)
	if err != nil {
		return ApplicationApproved{}, err
	}
	if approved.Application.ID == "" || approved.Affiliate.ID == "" {
		return ApplicationApproved{}, fmt.Errorf("%w: the data has no application.id or no affiliate.id", ErrMalformedEvent)
	}
	return approved, nil
}

// ApplicationRejected decodes the event's data. Other fields than those of the struct
// are in [Event.Data].
//
// Errors: [ErrWrongType]; [ErrMalformedEvent], also where the application has no id.
func (e *Event) ApplicationRejected() (ApplicationRejected, error) {
	rejected, err := decodeAs[ApplicationRejected](e, EventApplicationRejected)
	if err != nil {
		return ApplicationRejected{}, err
	}
	if rejected.Application.ID == "" {
		return ApplicationRejected{}, fmt.Errorf("%w: the data has no application.id", ErrMalformedEvent)
	}
	return rejected, nil
}

// decodeAs decodes the data of an event that is of one of the types.
func decodeAs[T any](e *Event, types ...EventType) (T, error) {
	if !slices.Contains(types, e.Type) {
		var none T
		return none, fmt.Errorf("%w: it is %q, not %s", ErrWrongType, e.Type, oneOf(types))
	}
	return Decode[T](e)
}

// oneOf lists the types: "a", "b" or "c".
func oneOf(types []EventType) string {
	quoted := make([]string, len(types))
	for i, eventType := range types {
		quoted[i] = strconv.Quote(string(eventType))
	}
	last := len(quoted) - 1
	if last == 0 {
		return quoted[0]
	}
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}

// Decode decodes the data of an event of any type into a T, as encoding/json does.
// Errors match [ErrMalformedEvent], also if there is no data.
func Decode[T any](e *Event) (T, error) {
	var data T
	if e.Data == nil {
		return data, fmt.Errorf("%w: it has no data", ErrMalformedEvent)
	}
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return data, fmt.Errorf("%w: %s", ErrMalformedEvent, misfit[T](harmless("the data", err)))
	}
	return data, nil
}

// misfit says what keeps data from being a T. The decoder's own text may quote it.
func misfit[T any](err error) string {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return fmt.Sprintf("its data has a field %q that is not of type %s", wrong.Field, wrong.Type)
	}
	return fmt.Sprintf("its data is not of type %s", reflect.TypeFor[T]())
}
