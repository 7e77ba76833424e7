package affiliates

import (
	"context"
	"encoding/json"
	"io"
	"iter"
	"net/http"
	"time"

	"github.com/stackbe/stackbe-go/internal/csvtable"
	"github.com/stackbe/stackbe-go/internal/transport"
)

// AccountPayouts reads, requests and schedules a partner's payouts.
type AccountPayouts struct{ service *Service }

// List returns one page of the partner's payouts, newest first. Use [AccountPayouts.All] to
// go through all pages. For an unknown Status it returns an error matching
// stackbe.ErrBadRequest, with Details.
//
// Contract: GET /v1/affiliate/account/payouts (session)
func (p AccountPayouts) List(ctx context.Context, filter PayoutFilter) (*Page[Payout], error) {
	to := transport.Call{Route: routePayouts, Credential: transport.Session}
	return list[Payout](ctx, p.service, to, filter, token("Status", string(filter.Status)))
}

// All goes through all payouts that filter selects, as [Service.Applications] does.
//
// Contract: GET /v1/affiliate/account/payouts (session)
func (p AccountPayouts) All(ctx context.Context, filter PayoutFilter) iter.Seq2[*Payout, error] {
	return all(ctx, p.service, routePayouts, filter, p.List)
}

// WriteCSV writes all payouts that filter selects to w, as [AccountCommissions.WriteCSV]
// does.
//
// Contract: GET /v1/affiliate/account/payouts (session)
func (p AccountPayouts) WriteCSV(ctx context.Context, w io.Writer, filter PayoutFilter) error {
	return writeCSV(ctx, p.service, w, payoutColumns, routePayouts, filter, p.List)
}

var payoutColumns = []csvtable.Column[Payout]{
	csvtable.Text("ID", func(p *Payout) string { return p.ID }),
	number("Amount", func(p *Payout) Money { return p.Amount }),
	csvtable.Text("Status", func(p *Payout) string { return string(p.Status) }),
	csvtable.Text("Automatic", func(p *Payout) string { return yesNo(p.Automatic) }),
	count("Commissions", func(p *Payout) int { return p.Commissions }),
	csvtable.Time("Requested at", func(p *Payout) time.Time { return p.RequestedAt }),
	csvtable.Time("Processing at", func(p *Payout) time.Time { return p.ProcessingAt }),
	csvtable.Time("Paid at", func(p *Payout) time.Time { return p.PaidAt }),
	csvtable.Time("Failed at", func(p *Payout) time.Time { return p.FailedAt }),
	csvtable.Text("Failure reason", func(p *Payout) string { return p.FailureReason }),
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// Get returns one payout. If it is not the partner's, Get returns an error matching
// stackbe.ErrNotFound, with the code PAYOUT_NOT_FOUND. The id "schedule" is an invalid
// argument, since its path is that of [AccountPayouts.Schedule].
//
// Contract: GET /v1/affiliate/account/payouts/{payoutId} (session)
func (p AccountPayouts) Get(ctx context.Context, payoutID string) (*Payout, error) {
	if err := p.service.check(otherPath("payoutID", payoutID, "schedule")); err != nil {
		return nil, err
	}
	return getRecord[Payout](ctx, p.service, transport.Session, routePayout, payoutID)
}

// RequestPayoutParams has the parameters of a request for a payout. The zero value is valid.
type RequestPayoutParams struct {
	IdempotencyKey string `json:"-"` // as in [ApplyParams]
}

// Request requests a payout of everything that is ready. If that is less than
// Settings.MinPayoutAmount, it returns an error matching stackbe.ErrBadRequest, with the code
// PAYOUT_BELOW_MINIMUM and a message that says how much is missing; if another payout is
// pending or processing, one matching stackbe.ErrConflict, with PAYOUT_OPEN.
//
// Contract: POST /v1/affiliate/account/payouts (session)
func (p AccountPayouts) Request(ctx context.Context, params RequestPayoutParams) (*Payout, error) {
	to := transport.Call{Route: routePayouts, Credential: transport.Session, Body: &params, IdempotencyKey: params.IdempotencyKey}
	return postRecord[Payout](ctx, p.service, to)
}

// PayoutInterval is how often a partner is paid out without a request.
type PayoutInterval string

// The intervals of a schedule, at 00:00 UTC.
const (
	PayoutIntervalOff     PayoutInterval = "off"
	PayoutIntervalWeekly  PayoutInterval = "weekly"  // on Mondays
	PayoutIntervalMonthly PayoutInterval = "monthly" // on the first of the month
)

// PayoutSchedule is when a partner is paid out without a request. No payout is made if less
// than Settings.MinPayoutAmount is ready, or if another payout is pending or processing.
type PayoutSchedule struct {
	Interval PayoutInterval  `json:"interval"` // PayoutIntervalOff by default
	NextAt   time.Time       `json:"nextAt"`   // zero if off
	Raw      json.RawMessage `json:"-"`        // the schedule as the server sent it
}

// UnmarshalJSON reads a schedule, which has an interval, and keeps the JSON in Raw.
func (s *PayoutSchedule) UnmarshalJSON(data []byte) error {
	type plain PayoutSchedule
	return decodeWith(data, (*plain)(s), &s.Raw, "interval")
}

// Schedule returns when the partner is paid out without a request.
//
// Contract: GET /v1/affiliate/account/payouts/schedule (session)
func (p AccountPayouts) Schedule(ctx context.Context) (*PayoutSchedule, error) {
	return get[PayoutSchedule](ctx, p.service, transport.Session, routePayoutSchedule, "")
}

// SetPayoutScheduleParams is the new schedule. Interval is required.
type SetPayoutScheduleParams struct {
	Interval PayoutInterval `json:"interval"`

	// IdempotencyKey is as in [ApplyParams].
	IdempotencyKey string `json:"-"`
}

// SetSchedule changes when the partner is paid out without a request. A run with too little
// ready is skipped; the next is at NextAt. For an unknown interval it returns an error
// matching stackbe.ErrBadRequest, with Details.
//
// Contract: PATCH /v1/affiliate/account/payouts/schedule (session)
func (p AccountPayouts) SetSchedule(ctx context.Context, params SetPayoutScheduleParams) (*PayoutSchedule, error) {
	to := transport.Call{
		Method: http.MethodPatch, Route: routePayoutSchedule, Credential: transport.Session,
		Body: &params, IdempotencyKey: params.IdempotencyKey,
	}
	return post[PayoutSchedule](ctx, p.service, to, required("Interval", string(params.Interval)))
}
