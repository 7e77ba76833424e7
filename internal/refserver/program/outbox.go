package program

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// An Event is something that has happened in the program. It has the records that it is about, as
// they were then.
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

// EventKind is the kind of an event.
type EventKind string

// The kinds of events, each with the records that it has.
const (
	// ApplicationApproved made its applicant a partner: Application and Affiliate.
	ApplicationApproved EventKind = "partner_application_approved"
	// ApplicationRejected is an application that was turned down: Application.
	ApplicationRejected EventKind = "partner_application_rejected"
	// CustomerCreated is a sign-up: Customer. An approval only emits ApplicationApproved.
	CustomerCreated EventKind = "customer.created"
	// CustomerUpdated gave a customer another name: Customer.
	CustomerUpdated EventKind = "customer.updated"

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

// Deliver passes the events of the outbox to the listener. An event leaves the outbox once the
// listener has it, so a document has it in one or the other. One that the listener panics at leaves it
// as well: it would come again with each later command.
func (p *Program) Deliver() {
	p.delivering.Lock()
	defer p.delivering.Unlock()

	for events := p.waiting(); len(events) > 0; events = p.waiting() {
		p.pass(events)
	}
}

func (p *Program) pass(events []Event) {
	passed := 0
	defer func() { p.delivered(passed) }()
	for _, event := range events {
		passed++
		if p.listener != nil {
			p.listener(event)
		}
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

	p.changes.Add(1)
	p.state.outbox = slices.Delete(p.state.outbox, 0, count)
}

// HoldEvents keeps events in the outbox until release is called; commands wait for that before they
// return.
func (p *Program) HoldEvents() (release func()) {
	p.delivering.Lock()
	return p.delivering.Unlock
}

// Check returns an error if the event lacks the records of its kind, or has a subscription of no date.
func (e Event) Check() error {
	if e.ID == "" || e.At.IsZero() {
		return errors.New("the id or the time of the event is missing")
	}
	complete, known := e.records()
	if !known {
		return fmt.Errorf("kind: %q is not valid", e.Kind)
	}
	if !complete {
		return errors.New("the records of the event are missing")
	}
	if e.Subscription != nil {
		if err := e.Subscription.checkMonths(); err != nil {
			return fmt.Errorf("subscription: %w", err)
		}
	}
	return nil
}

// records reports whether the event has the records of its kind, and whether there is such a kind.
func (e Event) records() (complete, known bool) {
	switch e.Kind {
	case ApplicationApproved:
		return e.Application != nil && e.Affiliate != nil, true
	case ApplicationRejected:
		return e.Application != nil, true
	case CustomerCreated, CustomerUpdated:
		return e.Customer != nil, true
	case SubscriptionCreated, SubscriptionUpdated, SubscriptionWasCanceled, SubscriptionPaused, SubscriptionResumed, EntitlementsUpdated:
		return e.Customer != nil && e.Subscription != nil && e.Subscription.Plan.known(), true
	case PaymentSucceeded, PaymentFailed:
		return e.Customer != nil && e.Invoice != nil, true
	}
	return false, false
}

// Known reports whether the kind exists.
func (k EventKind) Known() bool {
	_, known := Event{Kind: k}.records()
	return known
}

// OfPartner reports whether the event belongs to the partner program, not to the general events.
func (k EventKind) OfPartner() bool { return k == ApplicationApproved || k == ApplicationRejected }
