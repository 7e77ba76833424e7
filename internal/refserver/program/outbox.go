package program

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// An Event is something that the program tells the world of. It has the records that it is about,
// as they were then.
type Event struct {
	ID           string        `json:"id"`
	Kind         EventKind     `json:"kind"`
	At           time.Time     `json:"at"`
	Application  *Application  `json:"application,omitempty"`
	Affiliate    *Affiliate    `json:"affiliate,omitempty"`
	Customer     *Customer     `json:"customer,omitempty"`
	Subscription *Subscription `json:"subscription,omitempty"`
	Invoice      *Invoice      `json:"invoice,omitempty"`
}

// EventKind is what has happened.
type EventKind string

// The kinds of events, each with the records that it has.
const (
	// ApplicationApproved made its applicant a partner: Application and Affiliate.
	ApplicationApproved EventKind = "partner_application_approved"
	// ApplicationRejected is an application that was turned down: Application.
	ApplicationRejected EventKind = "partner_application_rejected"

	// These are StackBE's general events. Of a subscription: Customer and Subscription.
	SubscriptionCreated     EventKind = "subscription.created"
	SubscriptionUpdated     EventKind = "subscription.updated"
	SubscriptionWasCanceled EventKind = "subscription.canceled"
	SubscriptionPaused      EventKind = "subscription.paused"
	SubscriptionResumed     EventKind = "subscription.resumed"
	EntitlementsUpdated     EventKind = "entitlements.updated" // the plan was changed
	// Of a payment: Customer and Invoice.
	PaymentSucceeded EventKind = "payment.succeeded"
	PaymentFailed    EventKind = "payment.failed"
)

// emit appends an event to the outbox, which gives it its id.
func (s *state) emit(event Event) {
	event.ID = s.ids.ID("event", eventIDPrefix)
	s.outbox = append(s.outbox, event)
}

// Deliver gives the events of the outbox to the listener. An event leaves the outbox once the
// listener has it: so a document has it in the one or in the other.
func (p *Program) Deliver() {
	p.delivering.Lock()
	defer p.delivering.Unlock()

	for events := p.waiting(); len(events) > 0; events = p.waiting() {
		for _, event := range events {
			if p.listener != nil {
				p.listener(event)
			}
		}
		p.delivered(len(events))
	}
}

func (p *Program) waiting() []Event {
	p.mu.RLock()
	defer p.mu.RUnlock()

	return slices.Clone(p.state.outbox)
}

func (p *Program) delivered(count int) {
	p.mu.Lock()
	defer p.mu.Unlock()

	p.state.outbox = slices.Delete(p.state.outbox, 0, count)
}

// HoldEvents keeps events in the outbox until release is called; commands wait for that before they
// return.
func (p *Program) HoldEvents() (release func()) {
	p.delivering.Lock()
	return p.delivering.Unlock
}

// Check fails for an event without the records of its kind.
func (e Event) Check() error {
	if e.ID == "" || e.At.IsZero() {
		return errors.New("the id or the time of the event is missing")
	}
	complete := false
	switch e.Kind {
	case ApplicationApproved:
		complete = e.Application != nil && e.Affiliate != nil
	case ApplicationRejected:
		complete = e.Application != nil
	case SubscriptionCreated, SubscriptionUpdated, SubscriptionWasCanceled, SubscriptionPaused, SubscriptionResumed, EntitlementsUpdated:
		complete = e.Customer != nil && e.Subscription != nil && e.Subscription.Plan.known()
	case PaymentSucceeded, PaymentFailed:
		complete = e.Customer != nil && e.Invoice != nil
	default:
		return fmt.Errorf("kind: it cannot be %q", e.Kind)
	}
	if !complete {
		return errors.New("the records of the event are missing")
	}
	return nil
}
