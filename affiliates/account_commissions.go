package affiliates

import (
	"context"
	"encoding/json"
	"io"
	"iter"
	"time"

	"github.com/stackbe/stackbe-go/internal/csvtable"
	"github.com/stackbe/stackbe-go/internal/transport"
)

// AccountCommissions reads what a partner has earned.
type AccountCommissions struct{ service *Service }

// CommissionStatus is the state of a commission.
type CommissionStatus string

// The states of a commission, in their order.
const (
	CommissionInReview CommissionStatus = "in_review" // within the holding period
	CommissionReady    CommissionStatus = "ready"     // past it, ready to be paid out
	CommissionInPayout CommissionStatus = "in_payout" // in a payout that is not paid yet
	CommissionPaid     CommissionStatus = "paid"
	CommissionVoided   CommissionStatus = "voided"   // 0: the payment was refunded within the holding period
	CommissionClawback CommissionStatus = "clawback" // a negative entry: the payment was refunded later
)

// Commission is the partner's share of one payment, or the part of one that is taken back.
type Commission struct {
	ID             string           `json:"id"`
	UserID         string           `json:"userId"`
	UserEmail      string           `json:"userEmail"`
	SubscriptionID string           `json:"subscriptionId"` // empty for a payment without a subscription
	InvoiceID      string           `json:"invoiceId"`
	Plan           Plan             `json:"plan"`    // empty for a payment without a subscription
	Payment        Money            `json:"payment"` // the amount of the invoice
	Rate           Percent          `json:"rate"`    // at the time of the payment
	Amount         Money            `json:"amount"`  // after refunds in the holding period; a later refund is a clawback, an entry of its own, which is negative
	Status         CommissionStatus `json:"status"`
	CreatedAt      time.Time        `json:"createdAt"`
	ReadyAt        time.Time        `json:"readyAt"`  // when the holding period ends, or ended
	PayoutID       string           `json:"payoutId"` // the payout that it is in; empty if in none
	Reverses       string           `json:"reverses"` // of a clawback: the ID of the commission
	Raw            json.RawMessage  `json:"-"`        // the commission as the server sent it
}

// UnmarshalJSON reads a commission and keeps the JSON in Raw.
func (c *Commission) UnmarshalJSON(data []byte) error {
	type plain Commission
	return decode(data, (*plain)(c), &c.Raw)
}

// CommissionFilter selects the commissions that match all of its fields, and the page to
// read. The zero value selects all, newest first. A To that is not after From is an invalid
// argument, as is a time that is not in the years 0 to 9999.
type CommissionFilter struct {
	Status   CommissionStatus `url:"status,omitempty"`
	UserID   string           `url:"userId,omitempty"`
	Plan     Plan             `url:"plan,omitempty"`
	PayoutID string           `url:"payoutId,omitempty"`
	From     time.Time        `url:"from,omitempty" layout:"2006-01-02T15:04:05.999999999Z07:00"` // the earliest CreatedAt
	To       time.Time        `url:"to,omitempty" layout:"2006-01-02T15:04:05.999999999Z07:00"`   // after the latest CreatedAt
	Limit    int              `url:"limit,omitempty"`                                             // commissions in a page, 1 to 100; the server's default, 20, if 0
	Cursor   string           `url:"cursor,omitempty"`                                            // where to start: the Cursor of the page before
}

func (f *CommissionFilter) paging() (*int, *string) { return &f.Limit, &f.Cursor }

// List returns one page of the partner's commissions and clawbacks, newest first. Use
// [AccountCommissions.All] to go through all pages. If UserID or PayoutID is not the
// partner's, the page is empty; for an unknown Status or Plan, List returns an error
// matching stackbe.ErrBadRequest, with Details.
//
// Contract: GET /v1/affiliate/account/commissions (session)
func (c AccountCommissions) List(ctx context.Context, filter CommissionFilter) (*Page[Commission], error) {
	filter.From, filter.To = filter.From.UTC(), filter.To.UTC()
	to := transport.Call{Route: routeCommissions, Credential: transport.Session}
	return list[Commission](ctx, c.service, to, filter,
		token("Status", string(filter.Status)),
		token("UserID", filter.UserID),
		token("Plan", string(filter.Plan)),
		token("PayoutID", filter.PayoutID),
		moment("From", filter.From),
		moment("To", filter.To),
		after("To", filter.To, filter.From))
}

// All goes through all commissions that filter selects, as [Service.Applications] does.
//
// Contract: GET /v1/affiliate/account/commissions (session)
func (c AccountCommissions) All(ctx context.Context, filter CommissionFilter) iter.Seq2[*Commission, error] {
	return all(ctx, c.service, routeCommissions, filter, c.List)
}

// WriteCSV writes all commissions that filter selects to w as CSV (RFC 4180, in UTF-8), one
// page after the other: a row with the names of the columns, and a row for each commission.
// Times are in UTC, as the names say. Amounts are plain decimals, including negative ones. A
// text that a spreadsheet would read as a formula is prefixed with an apostrophe. If Limit
// is 0, a page has 100 commissions.
//
// It returns the errors of [AccountCommissions.List], of ctx and of w. If the first page
// fails, nothing is written; if a later page fails, the pages before it are written.
//
// Contract: GET /v1/affiliate/account/commissions (session)
func (c AccountCommissions) WriteCSV(ctx context.Context, w io.Writer, filter CommissionFilter) error {
	return writeCSV(ctx, c.service, w, commissionColumns, routeCommissions, filter, c.List)
}

var commissionColumns = []csvtable.Column[Commission]{
	csvtable.Text("ID", func(c *Commission) string { return c.ID }),
	csvtable.Time("Created at", func(c *Commission) time.Time { return c.CreatedAt }),
	csvtable.Text("Status", func(c *Commission) string { return string(c.Status) }),
	csvtable.Text("User ID", func(c *Commission) string { return c.UserID }),
	csvtable.Text("User email", func(c *Commission) string { return c.UserEmail }),
	csvtable.Text("Plan", func(c *Commission) string { return string(c.Plan) }),
	csvtable.Text("Subscription ID", func(c *Commission) string { return c.SubscriptionID }),
	csvtable.Text("Invoice ID", func(c *Commission) string { return c.InvoiceID }),
	number("Payment", func(c *Commission) Money { return c.Payment }),
	rate("Rate", func(c *Commission) Percent { return c.Rate }),
	number("Amount", func(c *Commission) Money { return c.Amount }),
	csvtable.Time("Ready at", func(c *Commission) time.Time { return c.ReadyAt }),
	csvtable.Text("Payout ID", func(c *Commission) string { return c.PayoutID }),
	csvtable.Text("Reverses", func(c *Commission) string { return c.Reverses }),
}

// CommissionSummary sums up what a partner earns and has earned. TotalEarned is InReview +
// Ready - Debt + InPayout + Paid, to the cent.
type CommissionSummary struct {
	MonthlyValue         Money           `json:"monthlyValue"`         // what the users' subscriptions earn in a month, at the present rate
	MonthlyReferralValue Money           `json:"monthlyReferralValue"` // what the users pay for these in a month
	InReview             Money           `json:"inReview"`             // within the holding period
	Ready                Money           `json:"ready"`                // ready to be paid out; 0 if there is a debt
	Debt                 Money           `json:"debt"`                 // taken back beyond what is ready; later commissions pay it off first
	InPayout             Money           `json:"inPayout"`             // in a payout that is not paid yet
	Paid                 Money           `json:"paid"`
	TotalEarned          Money           `json:"totalEarned"`
	Subscriptions        PlanCounts      `json:"subscriptions"` // of the partner's users
	Raw                  json.RawMessage `json:"-"`             // the summary as the server sent it
}

// UnmarshalJSON reads a summary, which has a total, and keeps the JSON in Raw.
func (s *CommissionSummary) UnmarshalJSON(data []byte) error {
	type plain CommissionSummary
	return decodeWith(data, (*plain)(s), &s.Raw, "totalEarned")
}

// Summary returns what the partner earns and has earned.
//
// Contract: GET /v1/affiliate/account/commissions/summary (session)
func (c AccountCommissions) Summary(ctx context.Context) (*CommissionSummary, error) {
	return get[CommissionSummary](ctx, c.service, transport.Session, routeCommissionSummary, "")
}

// SubscriptionEarnings is what one subscription of a partner's user earns.
type SubscriptionEarnings struct {
	SubscriptionID    string             `json:"subscriptionId"`
	Name              string             `json:"name"` // empty if the subscription has none
	UserID            string             `json:"userId"`
	UserEmail         string             `json:"userEmail"`
	Plan              Plan               `json:"plan"`
	Status            SubscriptionStatus `json:"status"`
	Billing           Billing            `json:"billing"`
	MonthlyPrice      Money              `json:"monthlyPrice"`
	CommissionRate    Percent            `json:"commissionRate"`    // at present
	MonthlyCommission Money              `json:"monthlyCommission"` // 0 if it earns nothing, such as while its payment method is declined
	Earned            Money              `json:"earned"`            // in total
	Raw               json.RawMessage    `json:"-"`                 // as the server sent it
}

// UnmarshalJSON reads earnings and keeps the JSON in Raw.
func (e *SubscriptionEarnings) UnmarshalJSON(data []byte) error {
	type plain SubscriptionEarnings
	return decode(data, (*plain)(e), &e.Raw)
}

// SubscriptionEarningsFilter selects the page to read. The zero value selects the first.
type SubscriptionEarningsFilter struct {
	Limit  int    `url:"limit,omitempty"`  // subscriptions in a page, 1 to 100; the server's default, 20, if 0
	Cursor string `url:"cursor,omitempty"` // where to start: the Cursor of the page before
}

func (f *SubscriptionEarningsFilter) paging() (*int, *string) { return &f.Limit, &f.Cursor }

// Subscriptions returns one page of what each subscription of the partner's users earns,
// newest first, canceled ones left out. Use [AccountCommissions.AllSubscriptions] to go
// through all pages.
//
// Contract: GET /v1/affiliate/account/commissions/subscriptions (session)
func (c AccountCommissions) Subscriptions(ctx context.Context, filter SubscriptionEarningsFilter) (*Page[SubscriptionEarnings], error) {
	to := transport.Call{Route: routeCommissionSubscriptions, Credential: transport.Session}
	return list[SubscriptionEarnings](ctx, c.service, to, filter)
}

// AllSubscriptions goes through what each subscription earns, as [Service.Applications]
// does.
//
// Contract: GET /v1/affiliate/account/commissions/subscriptions (session)
func (c AccountCommissions) AllSubscriptions(ctx context.Context, filter SubscriptionEarningsFilter) iter.Seq2[*SubscriptionEarnings, error] {
	return all(ctx, c.service, routeCommissionSubscriptions, filter, c.Subscriptions)
}

// WriteSubscriptionsCSV writes what each subscription earns to w, as
// [AccountCommissions.WriteCSV] does.
//
// Contract: GET /v1/affiliate/account/commissions/subscriptions (session)
func (c AccountCommissions) WriteSubscriptionsCSV(ctx context.Context, w io.Writer, filter SubscriptionEarningsFilter) error {
	return writeCSV(ctx, c.service, w, earningsColumns, routeCommissionSubscriptions, filter, c.Subscriptions)
}

var earningsColumns = []csvtable.Column[SubscriptionEarnings]{
	csvtable.Text("Subscription ID", func(e *SubscriptionEarnings) string { return e.SubscriptionID }),
	csvtable.Text("Name", func(e *SubscriptionEarnings) string { return e.Name }),
	csvtable.Text("User ID", func(e *SubscriptionEarnings) string { return e.UserID }),
	csvtable.Text("User email", func(e *SubscriptionEarnings) string { return e.UserEmail }),
	csvtable.Text("Plan", func(e *SubscriptionEarnings) string { return string(e.Plan) }),
	csvtable.Text("Status", func(e *SubscriptionEarnings) string { return string(e.Status) }),
	csvtable.Text("Billing", func(e *SubscriptionEarnings) string { return string(e.Billing) }),
	number("Monthly price", func(e *SubscriptionEarnings) Money { return e.MonthlyPrice }),
	rate("Commission rate", func(e *SubscriptionEarnings) Percent { return e.CommissionRate }),
	number("Monthly commission", func(e *SubscriptionEarnings) Money { return e.MonthlyCommission }),
	number("Earned", func(e *SubscriptionEarnings) Money { return e.Earned }),
}
