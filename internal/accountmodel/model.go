// Package accountmodel is what a partner account comes to, worked out in the plainest
// way: everything is kept, each sum is taken anew, and time moves by looking for what
// falls due next. The reference server is held to it by tests that play random
// histories on both. It shares nothing with the server.
package accountmodel

import (
	"slices"
	"time"
)

// Cents is an amount in hundredths of the currency.
type Cents = int64

// Model is a program with its partners and customers.
type Model struct {
	Now           time.Time
	Settings      Settings
	Partners      []*Partner
	Customers     []*Customer
	Subscriptions []*Subscription
	Invoices      []*Invoice // in the order of their numbers
	turn          int        // of the next thing that is planned
}

// Settings are the terms of the program.
type Settings struct {
	Rate       int64 // hundredths of a percent
	Holding    time.Duration
	LeastPaid  Cents // the least payout
	Levels     []Level
	PriceOfAll map[string]Cents // by plan
}

// Level is a better rate.
type Level struct {
	Subscriptions int
	Monthly       Cents
	Rate          int64
}

// Partner is one who earns.
type Partner struct {
	Commissions []*Commission // clawbacks among them, in order
	Payouts     []*Payout
	Statement   []Line
	Interval    string
	run         planned // the next automatic payout
}

// Customer is one who pays.
type Customer struct {
	Partner  *Partner // nil for nobody's
	SignedUp time.Time
}

// Subscription is one container.
type Subscription struct {
	Customer     *Customer
	Plan         string
	Consolidated bool
	Declined     bool
	Canceled     bool
	Paused       bool
	since        time.Time
	months       int // until the next renewal, from since
	renewal      planned
}

// Invoice is a payment, or one that failed.
type Invoice struct {
	Customer     *Customer
	Subscription *Subscription
	Amount       Cents
	Refunded     Cents
	Refunds      []Cents // in order
	Failed       bool
	consolidated bool
	At           time.Time
}

// Status is "paid", unless it failed or was refunded.
func (i *Invoice) Status() string { return statusOf(i.Failed, i.Refunded, i.Amount) }

func statusOf(failed bool, refunded, amount Cents) string {
	switch {
	case failed:
		return "failed"
	case refunded == 0:
		return "paid"
	case refunded < amount:
		return "partially_refunded"
	default:
		return "refunded"
	}
}

// Commission is a share of an invoice, or what a refund took back of one.
type Commission struct {
	Invoice *Invoice
	Rate    int64
	Amount  Cents
	Status  string
	Payout  *Payout
	At      time.Time
	ready   planned
	left    Cents // of the amount, after clawbacks
}

// Payout is money on its way.
type Payout struct {
	Amount      Cents
	Status      string
	Automatic   bool
	Commissions int // how many are in it, or were before it failed
	items       []*Commission
}

// Line is an entry of a statement.
type Line struct {
	Kind     string
	From, To string
	Cause    string // its type
	Amount   Cents
	At       time.Time
	Balances Balances
}

// Balances are what a partner's account comes to.
type Balances struct {
	Earned, InReview, Ready, Debt, InPayout, Paid Cents
}

// planned is when something falls due; things that fall due together do so in turn, and payouts after
// all others.
type planned struct {
	at   time.Time
	last bool
	turn int
}

// before says whether it falls due before the other.
func (p planned) before(other planned) bool {
	switch {
	case !p.at.Equal(other.at):
		return p.at.Before(other.at)
	case p.last != other.last:
		return other.last
	}
	return p.turn < other.turn
}

// New returns a program with StackBE's defaults and this project's prices.
func New(now time.Time) *Model {
	return &Model{Now: now, Settings: Settings{
		Rate:       2000,
		Holding:    30 * 24 * time.Hour,
		LeastPaid:  5000,
		PriceOfAll: map[string]Cents{"free": 0, "pro": 2000, "business": 10000, "enterprise": 25000},
	}}
}

func (m *Model) plan(at time.Time) planned {
	m.turn++
	return planned{at: at, turn: m.turn}
}

// Balances adds up the partner's commissions and payouts.
func (p *Partner) Balances() Balances {
	var b Balances
	for _, c := range p.Commissions {
		b.Earned += c.Amount
		if c.Status == "in_review" {
			b.InReview += c.Amount
		}
		if c.Status == "ready" || c.Status == "clawback" && c.Payout == nil {
			b.Ready += c.Amount
		}
	}
	for _, payout := range p.Payouts {
		switch payout.Status {
		case "paid":
			b.Paid += payout.Amount
		case "pending", "processing":
			b.InPayout += payout.Amount
		}
	}
	if b.Ready < 0 {
		b.Ready, b.Debt = 0, -b.Ready
	}
	return b
}

func (m *Model) note(p *Partner, kind string, amount Cents) {
	if amount != 0 {
		does := movements[kind]
		p.Statement = append(p.Statement, Line{kind, does.from, does.to, does.cause, amount, m.Now, p.Balances()})
	}
}

// share is the rate's share of an amount, rounded half up.
func share(amount Cents, rate int64) Cents {
	whole, rest := amount*rate/10000, amount*rate%10000
	if rest >= 5000 {
		whole++
	}
	return whole
}

// rate is what the partner's next payment earns.
func (m *Model) rate(p *Partner) int64 {
	count, monthly := m.referred(p)
	best := m.Settings.Rate
	for _, level := range m.Settings.Levels {
		if level.reached(count, monthly) {
			best = max(best, level.Rate)
		}
	}
	return best
}

func (l Level) reached(count int, monthly Cents) bool {
	everyone := l.Subscriptions == 0 && l.Monthly == 0
	many := l.Subscriptions > 0 && count >= l.Subscriptions
	much := l.Monthly > 0 && monthly >= l.Monthly
	return everyone || many || much
}

// referred counts the paid subscriptions of the partner's users, and their monthly prices.
func (m *Model) referred(p *Partner) (count int, monthly Cents) {
	for _, s := range m.Subscriptions {
		price := m.Settings.PriceOfAll[s.Plan]
		if s.Customer.Partner == p && price > 0 && s.pays() {
			count++
			monthly += price
		}
	}
	return count, monthly
}

// pays says whether the customer will pay for the next month itself.
func (s *Subscription) pays() bool { return !s.Consolidated && !s.Canceled && !s.Paused && !s.Declined }

// MonthlyValue is what the partner's users bring it in a month, at the present rate.
func (m *Model) MonthlyValue(p *Partner) (commission, referral Cents) {
	_, referral = m.referred(p)
	for _, s := range m.Subscriptions {
		if s.Customer.Partner == p && s.pays() {
			commission += share(m.Settings.PriceOfAll[s.Plan], m.rate(p))
		}
	}
	return commission, referral
}

// AddPartner adds one who earns.
func (m *Model) AddPartner() *Partner {
	p := &Partner{Interval: "off"}
	m.Partners = append(m.Partners, p)
	return p
}

// AddCustomer adds one of the partner's, or of nobody's.
func (m *Model) AddCustomer(p *Partner) *Customer {
	c := &Customer{Partner: p, SignedUp: m.Now}
	m.Customers = append(m.Customers, c)
	return c
}

// Link makes an existing customer the partner's; it reports what is refused.
func (m *Model) Link(p *Partner, c *Customer) string {
	switch {
	case c.Partner != nil:
		return "ALREADY_ATTRIBUTED"
	case m.Now.Sub(c.SignedUp) >= 7*24*time.Hour:
		return "LINK_PERIOD_OVER"
	}
	c.Partner = p
	return ""
}

// Refund gives money back: at 0 all that is left. It reports what is refused.
func (m *Model) Refund(invoice *Invoice, amount Cents) string {
	left := invoice.Amount - invoice.Refunded
	if invoice.Failed {
		return "NOT_PAID"
	}
	if amount == 0 {
		amount = left
	}
	if amount > left || left == 0 {
		return "REFUND_EXCEEDS_PAYMENT"
	}
	invoice.Refunded += amount
	invoice.Refunds = append(invoice.Refunds, amount)
	if p := invoice.Customer.Partner; p != nil {
		m.takeBack(p, invoice)
	}
	return ""
}

func (m *Model) takeBack(p *Partner, invoice *Invoice) {
	i := slices.IndexFunc(p.Commissions, func(c *Commission) bool { return c.Invoice == invoice && c.Status != "clawback" })
	if i < 0 {
		return
	}
	c := p.Commissions[i]
	less := c.left - share(invoice.Amount-invoice.Refunded, c.Rate)
	if less == 0 {
		return
	}
	c.left -= less
	if c.Status != "in_review" {
		p.Commissions = append(p.Commissions, &Commission{Invoice: invoice, Rate: c.Rate, Amount: -less, Status: "clawback", At: m.Now})
		m.note(p, "clawback", less)
		return
	}
	c.Amount -= less
	if c.Amount == 0 {
		c.Status = "voided"
	}
	m.note(p, "reduction", less)
}

// Charge makes a paid invoice without a subscription.
func (m *Model) Charge(c *Customer, amount Cents) *Invoice {
	invoice := &Invoice{Customer: c, Amount: amount, At: m.Now}
	m.Invoices = append(m.Invoices, invoice)
	m.earn(invoice)
	return invoice
}

// PayFailed pays an invoice that failed; it reports what is refused.
func (m *Model) PayFailed(invoice *Invoice) string {
	if !invoice.Failed {
		return "ALREADY_PAID"
	}
	invoice.Failed = false
	m.earn(invoice)
	return ""
}

func (m *Model) earn(invoice *Invoice) {
	p := invoice.Customer.Partner
	if p == nil || invoice.consolidated {
		return
	}
	rate := m.rate(p)
	amount := share(invoice.Amount, rate)
	if amount == 0 {
		return
	}
	c := &Commission{Invoice: invoice, Rate: rate, Amount: amount, Status: "in_review", At: m.Now, left: amount, ready: m.plan(m.Now.Add(m.Settings.Holding))}
	p.Commissions = append(p.Commissions, c)
	m.note(p, "commission", amount)
	if m.Settings.Holding == 0 {
		m.mature(p, c)
	}
}

func (m *Model) mature(p *Partner, c *Commission) {
	if c.Status != "in_review" {
		return
	}
	c.Status = "ready"
	m.note(p, "matured", c.Amount)
}
