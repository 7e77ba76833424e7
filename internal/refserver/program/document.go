package program

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/ids"
)

// A Document is the state of a program as JSON, written by a program or a person. Records come oldest
// first. Fields that are left out are empty or the default; a person may leave out the ledger and the
// schedule, which are then derived from the records. A schedule that is given must have the items that
// follow from the records, and no others: it only says which of those at the same time comes first. The
// records of a program's document belong to the program and must not be changed.
type Document struct {
	PortalKey     string            `json:"portalKey"`
	Settings      *Settings         `json:"settings,omitempty"` // nil, and what is left out, mean the default
	Applications  []*Application    `json:"applications,omitempty"`
	Customers     []*Customer       `json:"customers,omitempty"`
	Partners      []*Partner        `json:"partners,omitempty"`
	Attributions  []*Attribution    `json:"attributions,omitempty"` // those that are left out are derived from the customers
	Accesses      []*Access         `json:"accesses,omitempty"`
	Deals         []*Deal           `json:"deals,omitempty"`
	Clicks        []*Click          `json:"clicks,omitempty"`
	Subscriptions []*Subscription   `json:"subscriptions,omitempty"`
	Invoices      []*Invoice        `json:"invoices,omitempty"`
	Refunds       []*Refund         `json:"refunds,omitempty"`
	Commissions   []*Commission     `json:"commissions,omitempty"`
	Payouts       []*Payout         `json:"payouts,omitempty"`
	Ledger        []Entry           `json:"ledger"` // of each partner, oldest first; null derives it from the records
	Sessions      []*Session        `json:"sessions,omitempty"`
	Schedule      []Due             `json:"schedule"` // in the order of its times; null derives it from the records
	Outbox        []Event           `json:"outbox,omitempty"`
	IDs           map[string]uint64 `json:"ids,omitempty"` // how many of each kind were made
}

// Document returns a snapshot of the state. The program is locked while the rows of the books are
// copied, not while the document is made. Items that are due are not processed first, but once the
// document is restored.
func (p *Program) Document() Document {
	document, schedule, entries := p.capture()
	document.Ledger = []Entry{}
	document.Schedule = document.unlapsed(schedule)
	for _, list := range entries {
		document.Ledger = slices.AppendSeq(document.Ledger, list.all())
	}
	return document
}

func (p *Program) capture() (Document, schedule, []entryList) {
	p.mu.RLock()
	defer p.mu.RUnlock()

	s := p.state
	settings := s.settings.clone()
	document := Document{
		PortalKey:     s.portalKey,
		Settings:      &settings,
		Applications:  s.applications.copyRows(),
		Customers:     s.customers.copyRows(),
		Partners:      s.partners.copyRows(),
		Attributions:  s.attributions.copyRows(),
		Accesses:      s.accesses.copyRows(),
		Deals:         s.deals.copyRows(),
		Clicks:        s.clicks.copyRows(),
		Subscriptions: s.subscriptions.copyRows(),
		Invoices:      s.invoices.copyRows(),
		Refunds:       s.refunds.copyRows(),
		Commissions:   s.commissions.copyRows(),
		Payouts:       s.payouts.copyRows(),
		Sessions:      s.sessions.copyRows(),
		Outbox:        slices.Clone(s.outbox),
		IDs:           s.ids.Drawn(),
	}
	var entries []entryList
	for _, partner := range document.Partners {
		entries = append(entries, s.ledger[partner.ID].entries.clone())
	}
	return document, s.schedule.Clone(), entries
}

// A State is a document that was read, for [Program.Restore].
type State struct{ state *state }

// Restore replaces the program's state. Its events are delivered with the next ones, or
// by [Program.Deliver].
func (p *Program) Restore(read State) {
	p.delivering.Lock()
	defer p.delivering.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()

	p.changes.Add(1)
	p.state = read.state
}

// Read reads a document without changing anything. Its ids continue from the seed, and a record without
// its time of the past gets the present time. It returns an error that says which records are invalid.
func (p *Program) Read(document Document, seed string, now time.Time) (State, error) {
	source := ids.New(seed, p.appID, document.IDs)
	s := newState(source, document.PortalKey)
	if s.portalKey == "" {
		s.portalKey = NewPortalKey(source)
	}
	r := reader{state: s, appID: p.appID, now: now.UTC().Round(0)}
	if document.Settings != nil {
		s.settings = document.Settings.clone()
	}
	err := errors.Join(
		r.settings(),
		fill("customers", s.customers.book, document.Customers, r.customer),
		fill("partners", s.partners.book, document.Partners, r.partner),
		r.attributions(document.Attributions),
		fill("accesses", s.accesses.book, document.Accesses, r.access),
		fill("applications", s.applications.book, document.Applications, r.application),
		fill("deals", s.deals.book, document.Deals, r.deal),
		fill("clicks", s.clicks.book, document.Clicks, r.click),
		fill("subscriptions", s.subscriptions.book, document.Subscriptions, r.subscription),
		fill("invoices", s.invoices.book, document.Invoices, r.invoice),
		fill("refunds", s.refunds.book, document.Refunds, r.refund),
		r.refunded(),
		cmp.Or(
			fill("payouts", s.payouts.book, document.Payouts, r.payout),
			fill("commissions", s.commissions.book, document.Commissions, r.commission),
			r.clawedBack(),
			r.inPayouts(),
		),
		r.payoutSchedules(),
		fill("sessions", s.sessions.book, document.Sessions, r.session),
		r.ledger(document.Ledger),
		r.outbox(document.Outbox),
	)
	if err == nil { // or it would repeat what is wrong with the records
		err = r.schedule(document.Schedule)
	}
	s.last = s.lastOfRecords()
	return State{s}, errors.Join(err, r.withinReach(s.last))
}
