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

// AccountStatement reads every change of a partner's balances.
type AccountStatement struct{ service *Service }

// EntryKind is the reason why money moved.
type EntryKind string

// The kinds of entries, with the places between which each moves money.
const (
	EntryCommission      EntryKind = "commission"       // a payment of a user: outside to in review
	EntryMatured         EntryKind = "matured"          // the holding period has passed: in review to ready
	EntryReduction       EntryKind = "reduction"        // a refund within it: in review to outside
	EntryClawback        EntryKind = "clawback"         // a refund after it: ready to outside
	EntryPayoutRequested EntryKind = "payout_requested" // ready to in payout
	EntryPayoutPaid      EntryKind = "payout_paid"      // in payout to paid
	EntryPayoutFailed    EntryKind = "payout_failed"    // in payout to ready
)

// Place is where money is before or after an entry.
type Place string

// The places. PlaceOutside is outside the account: money comes from it when it is earned, and
// goes back when it is taken back.
const (
	PlaceOutside  Place = "outside"
	PlaceInReview Place = "in_review"
	PlaceReady    Place = "ready"
	PlaceInPayout Place = "in_payout"
	PlacePaid     Place = "paid"
)

// CauseType is the kind of a [Cause].
type CauseType string

// The causes of entries.
const (
	CauseInvoice    CauseType = "invoice"
	CauseCommission CauseType = "commission"
	CauseRefund     CauseType = "refund"
	CausePayout     CauseType = "payout"
)

// Cause names what has caused an entry.
type Cause struct {
	Type CauseType `json:"type"`
	ID   string    `json:"id"`
}

// Balances divides a partner's earnings by their state. Earned is InReview +
// Ready - Debt + InPayout + Paid, to the cent.
type Balances struct {
	Earned   Money `json:"earned"`
	InReview Money `json:"inReview"` // within the holding period
	Ready    Money `json:"ready"`    // ready to be paid out; 0 if there is a debt
	Debt     Money `json:"debt"`     // taken back beyond what was ready; later commissions pay it off first
	InPayout Money `json:"inPayout"` // in a payout that is not paid yet
	Paid     Money `json:"paid"`
}

// Entry is one movement of a partner's money: a line of the statement.
type Entry struct {
	ID        string          `json:"id"`
	Sequence  int             `json:"sequence"` // of the partner's entries, from 1 on
	Kind      EntryKind       `json:"kind"`
	Amount    Money           `json:"amount"` // above 0, whatever the kind
	From      Place           `json:"from"`
	To        Place           `json:"to"`
	Cause     Cause           `json:"cause"`
	CreatedAt time.Time       `json:"createdAt"`
	Balances  Balances        `json:"balances"` // after it
	Raw       json.RawMessage `json:"-"`        // the entry as the server sent it
}

// UnmarshalJSON reads an entry and keeps the JSON in Raw.
func (e *Entry) UnmarshalJSON(data []byte) error {
	type plain Entry
	return decode(data, (*plain)(e), &e.Raw)
}

// StatementFilter selects the page to read. The zero value selects the first, with the
// newest entries.
type StatementFilter struct {
	Limit  int    `url:"limit,omitempty"`  // entries in a page, 1 to 100; the server's default, 20, if 0
	Cursor string `url:"cursor,omitempty"` // where to start: the Cursor of the page before
}

func (f *StatementFilter) paging() (*int, *string) { return &f.Limit, &f.Cursor }

// List returns one page of the partner's entries, newest first. Use [AccountStatement.All]
// to go through all pages.
//
// Contract: GET /v1/affiliate/account/statement (session)
func (s AccountStatement) List(ctx context.Context, filter StatementFilter) (*Page[Entry], error) {
	to := transport.Call{Route: routeStatement, Credential: transport.Session}
	return list[Entry](ctx, s.service, to, filter)
}

// All goes through all entries, newest first, as [Service.Applications] does.
//
// Contract: GET /v1/affiliate/account/statement (session)
func (s AccountStatement) All(ctx context.Context, filter StatementFilter) iter.Seq2[*Entry, error] {
	return all(ctx, s.service, routeStatement, filter, s.List)
}

// WriteCSV writes all entries to w, newest first, as [AccountCommissions.WriteCSV] does.
//
// Contract: GET /v1/affiliate/account/statement (session)
func (s AccountStatement) WriteCSV(ctx context.Context, w io.Writer, filter StatementFilter) error {
	return writeCSV(ctx, s.service, w, entryColumns, routeStatement, filter, s.List)
}

var entryColumns = []csvtable.Column[Entry]{
	count("Sequence", func(e *Entry) int { return e.Sequence }),
	csvtable.Text("ID", func(e *Entry) string { return e.ID }),
	csvtable.Time("Created at", func(e *Entry) time.Time { return e.CreatedAt }),
	csvtable.Text("Kind", func(e *Entry) string { return string(e.Kind) }),
	number("Amount", func(e *Entry) Money { return e.Amount }),
	csvtable.Text("From", func(e *Entry) string { return string(e.From) }),
	csvtable.Text("To", func(e *Entry) string { return string(e.To) }),
	csvtable.Text("Cause", func(e *Entry) string { return string(e.Cause.Type) }),
	csvtable.Text("Cause ID", func(e *Entry) string { return e.Cause.ID }),
	number("Earned", func(e *Entry) Money { return e.Balances.Earned }),
	number("In review", func(e *Entry) Money { return e.Balances.InReview }),
	number("Ready", func(e *Entry) Money { return e.Balances.Ready }),
	number("Debt", func(e *Entry) Money { return e.Balances.Debt }),
	number("In payout", func(e *Entry) Money { return e.Balances.InPayout }),
	number("Paid", func(e *Entry) Money { return e.Balances.Paid }),
}
