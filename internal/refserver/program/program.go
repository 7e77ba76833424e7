// Package program is the partner program of one app: applications and their review, customers,
// affiliates, referral codes, clicks, deals, subscriptions, invoices, commissions, payouts and
// sessions, all in memory.
//
// It is deterministic given a clock and a seed, and knows nothing of HTTP. The rules are those of
// docs/contract.md. No look-up costs more when there is more data.
//
// How it is made: records are values that refer to each other by id (book.go). What a partner earns
// is a list of entries (ledger.go). What is to happen by itself is on one schedule (schedule.go).
// Every change is a command, every look a query (command.go). All of it is the state, which can be
// written as a document and read back (document.go).
//
// How it grows. A kind of record has a file: its type with JSON tags, its book with the indexes that
// its lists and look-ups need, its parameters with their Problems, its commands and queries. It is
// then a field of state and of newState, of Document and of [Program.Document], and a line of
// [Program.Read] with a method of reader that checks it. What happens to it by itself is a
// [DueKind], with a line in happening, and in scheduleRecords. What moves money is an [EntryKind],
// with a line in moves. What is told to webhooks is an [EventKind], with a field of [Event] for
// records that it did not have, a case in [Event.Check], and one in package delivery.
package program

import (
	"sync"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/ids"
)

// Options is what a [Program] needs from outside. All of it is required, apart from Listener.
type Options struct {
	// AppID is the app that tokens name: letters, digits, _ and -.
	AppID string
	// Now is the clock. It must not call the program. While it is behind what has happened already, the
	// time of the program stands still.
	Now func() time.Time
	// IDs makes the ids, and the secrets of sessions. It is the program's alone.
	IDs *ids.Source
	// PortalKey is the secret that portal links are signed with.
	PortalKey string
	// SiteURL is the address that referral links lead to, such as "https://yoursite.com".
	SiteURL string
	// Listener gets each event, in the order in which they happen, before the call that caused it
	// returns. The program goes on meanwhile, but the listener must not call it: it would wait for
	// its own end.
	Listener func(Event)
}

// A Program is one app's partner program. It is safe for concurrent use.
type Program struct {
	appID    string
	clock    func() time.Time
	siteURL  string
	listener func(Event)

	// delivering is held while the listener is given events. It is taken before mu.
	delivering sync.Mutex
	mu         sync.RWMutex
	state      *state
}

// A state is all that a program knows. Only the holder of the program's lock may touch it.
type state struct {
	ids       *ids.Source
	portalKey string
	settings  Settings

	applications  applications
	customers     customers
	attributions  attributions
	accesses      accesses
	partners      partners
	deals         deals
	clicks        clicks
	subscriptions subscriptions
	invoices      invoices
	refunds       refunds
	commissions   commissions
	payouts       payouts
	sessions      sessions
	ledger        ledger
	schedule      schedule
	lapsed        int // how many on the schedule no longer apply
	outbox        []Event
	last          time.Time // when anything has happened last
}

const day = 24 * time.Hour

// New makes an empty program with the default settings.
func New(options Options) *Program {
	return &Program{
		appID:    options.AppID,
		clock:    options.Now,
		siteURL:  options.SiteURL,
		listener: options.Listener,
		state:    newState(options.IDs, options.PortalKey),
	}
}

func newState(source *ids.Source, portalKey string) *state {
	customers := newCustomers()
	s := &state{
		ids:           source,
		portalKey:     portalKey,
		settings:      defaultSettings(),
		applications:  newApplications(),
		customers:     customers,
		attributions:  newAttributions(),
		accesses:      newAccesses(),
		partners:      newPartners(),
		deals:         newDeals(),
		clicks:        newClicks(),
		subscriptions: newSubscriptions(),
		invoices:      newInvoices(customers.affiliateOf),
		refunds:       newRefunds(),
		commissions:   newCommissions(),
		payouts:       newPayouts(),
		sessions:      newSessions(),
		ledger:        ledger{},
	}
	watchOn(s.subscriptions.book, s.subscriptionPut)
	return s
}

// now is the time, for the holder of the lock, without the reading of the monotonic clock, which no
// document holds.
func (p *Program) now() time.Time { return p.state.notBeforeLast(p.clock().UTC().Round(0)) }
