// Package program is the partner program of one app: applications and their review, customers,
// affiliates, referral codes, clicks, deals, subscriptions, invoices, commissions, payouts and
// sessions, all in memory.
//
// It is deterministic given a clock and a seed, and knows nothing of HTTP. The rules are those of
// docs/contract.md. The cost of a look-up does not grow with the data.
//
// Its parts: records are values that refer to each other by id (book.go). A partner's earnings are a
// list of entries (ledger.go). What happens at a later time is on one schedule (schedule.go). Every
// change is a command, every read a query (command.go). All of it is the state, which can be written
// as a document and read back (document.go).
//
// To extend it: a kind of record has a file: its type with JSON tags, its book with the indexes that
// its lists and look-ups need, its parameters with their Problems, its commands and queries. It is
// then a field of state and of newState, of Document and of [Program.Document], and a line of
// [Program.Read] with a method of reader that checks it. What happens to it later is a
// [DueKind], with a line in happening, and in [Document.dues]. What moves money is an [EntryKind],
// with a line in moves. What is sent to webhooks is an [EventKind], with a field of [Event] for
// records that it did not have, a case in [Event.Check], and one in package delivery.
package program

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/ids"
)

// Options configures a [Program]. Every field except Listener is required.
type Options struct {
	// AppID is the app that tokens name: letters, digits, _ and -.
	AppID string
	// Now is the clock. It must not call the program. While it is behind what has happened already, the
	// time of the program stands still.
	Now func() time.Time
	// IDs makes the ids, and the secrets of sessions. It must not be shared.
	IDs *ids.Source
	// PortalKey is the secret that portal links are signed with.
	PortalKey string
	// SiteURL is the address that referral links lead to, such as "https://yoursite.com".
	SiteURL string
	// Listener receives each event, in order, before the call that caused it returns. The program is
	// not locked meanwhile, but the listener must not call it: that would deadlock.
	Listener func(Event)
}

// A Program is one app's partner program. It is safe for concurrent use.
type Program struct {
	appID    string
	clock    func() time.Time
	siteURL  string
	listener func(Event)

	// delivering is held while events are passed to the listener. It is locked before mu.
	delivering sync.Mutex
	mu         sync.RWMutex
	state      *state
	// changes counts changes of the state.
	changes atomic.Uint64
}

// Changes is a number that grows with each change of the state, before the change is visible.
func (p *Program) Changes() uint64 { return p.changes.Load() }

// A state is all data of a program. Only the holder of the program's lock may use it.
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

// New returns an empty program with the default settings.
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

// now returns the time, for the holder of the lock, without the reading of the monotonic clock, which no
// document holds.
func (p *Program) now() time.Time { return p.state.notBeforeLast(p.clock().UTC().Round(0)) }
