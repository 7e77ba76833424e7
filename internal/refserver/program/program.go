// Package program is the partner program of one app: applications and their review, customers,
// affiliates, referral codes, clicks, deals and commissions, all in memory.
//
// It is deterministic given a clock and a source of ids, and knows nothing of HTTP. The rules
// are those of docs/contract.md. No look-up costs more when there is more data.
package program

import (
	"sync"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/timeline"
)

// Options is what a [Program] needs from outside. All of it is required, apart from Listener.
type Options struct {
	// Now is the clock. It must not go backwards and must not call the program.
	Now func() time.Time
	// NewID makes a unique id that starts with the prefix, otherwise of lower-case letters and
	// digits, six of them at least.
	NewID func(prefix string) string
	// PortalKey is the secret that portal links are signed with.
	PortalKey []byte
	// SiteURL is the address that referral links lead to, such as "https://yoursite.com".
	SiteURL string
	// Listener hears of each event, in the order in which they happen, before the call that
	// caused it returns. It must return soon and must not call the program, which is locked.
	Listener func(Event)
}

// A Program is one app's partner program. It is safe for concurrent use.
type Program struct {
	clock     func() time.Time
	newID     func(prefix string) string
	portalKey []byte
	siteURL   string
	listener  func(Event)

	mu               sync.RWMutex
	settings         Settings
	applications     applicationBook
	customers        map[string]*customer
	customersByEmail map[emailKey]*customer
	affiliatesByCode map[string]*affiliate
	clicks           map[string]liveClick // by id
	clickExpiry      timeline.Timeline[string]
	dealsByLead      map[emailKey]*Deal
}

// Prefixes of the ids that a program asks its source for.
const (
	idPrefix         = "cm"
	customerIDPrefix = "cust_"
)

const day = 24 * time.Hour

// New makes an empty program with the default settings.
func New(options Options) *Program {
	return &Program{
		clock:            options.Now,
		newID:            options.NewID,
		portalKey:        options.PortalKey,
		siteURL:          options.SiteURL,
		listener:         options.Listener,
		settings:         defaultSettings(),
		applications:     newApplicationBook(),
		customers:        map[string]*customer{},
		customersByEmail: map[emailKey]*customer{},
		affiliatesByCode: map[string]*affiliate{},
		clicks:           map[string]liveClick{},
		dealsByLead:      map[emailKey]*Deal{},
	}
}

func (p *Program) now() time.Time { return p.clock().UTC() }
