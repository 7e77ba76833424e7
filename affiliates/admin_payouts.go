package affiliates

import (
	"context"
	"iter"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// AdminPayouts manages the payouts of all partners of an app.
type AdminPayouts struct{ service *Service }

// List returns one page of the app's payouts, newest first, each with its partner. Use
// [AdminPayouts.All] to go through all pages. For an unknown Status it returns an error
// matching stackbe.ErrBadRequest, with Details.
//
// Contract: GET /v1/apps/{appId}/affiliates/payouts (admin)
func (p AdminPayouts) List(ctx context.Context, filter PayoutFilter) (*Page[Payout], error) {
	to := transport.Call{Route: routeAdminPayouts, Credential: transport.Admin}
	return list[Payout](ctx, p.service, to, filter, token("Status", string(filter.Status)))
}

// All goes through all payouts that filter selects, as [Service.Applications] does.
//
// Contract: GET /v1/apps/{appId}/affiliates/payouts (admin)
func (p AdminPayouts) All(ctx context.Context, filter PayoutFilter) iter.Seq2[*Payout, error] {
	return all(ctx, p.service, routeAdminPayouts, filter, p.List)
}

// Get returns one payout. For an unknown id it returns an error matching
// stackbe.ErrNotFound, with the code PAYOUT_NOT_FOUND.
//
// Contract: GET /v1/apps/{appId}/affiliates/payouts/{payoutId} (admin)
func (p AdminPayouts) Get(ctx context.Context, payoutID string) (*Payout, error) {
	return getRecord[Payout](ctx, p.service, transport.Admin, routeAdminPayout, payoutID)
}

// ProcessPayoutParams has the parameters of [AdminPayouts.Process]. The zero value is valid.
type ProcessPayoutParams struct {
	IdempotencyKey string // as in [ApplyParams]
}

// Process sets a pending payout to processing. If the payout is in another state, it returns
// an error matching stackbe.ErrConflict, with the code PAYOUT_STATUS; for an unknown id, one
// matching stackbe.ErrNotFound, with PAYOUT_NOT_FOUND.
//
// Contract: POST /v1/apps/{appId}/affiliates/payouts/{payoutId}/status (admin)
func (p AdminPayouts) Process(ctx context.Context, payoutID string, params ProcessPayoutParams) (*Payout, error) {
	return p.move(ctx, payoutID, payoutStep{Status: PayoutProcessing}, params.IdempotencyKey)
}

// MarkPayoutPaidParams has the parameters of [AdminPayouts.MarkPaid]. The zero value is valid.
type MarkPayoutPaidParams struct {
	IdempotencyKey string // as in [ApplyParams]
}

// MarkPaid sets a processing payout to paid, which is final. Its errors are
// those of [AdminPayouts.Process].
//
// Contract: POST /v1/apps/{appId}/affiliates/payouts/{payoutId}/status (admin)
func (p AdminPayouts) MarkPaid(ctx context.Context, payoutID string, params MarkPayoutPaidParams) (*Payout, error) {
	return p.move(ctx, payoutID, payoutStep{Status: PayoutPaid}, params.IdempotencyKey)
}

// FailPayoutParams has the parameters of [AdminPayouts.Fail]. The zero value is valid.
type FailPayoutParams struct {
	Reason         string // for the partner to read; at most 1,000 characters
	IdempotencyKey string // as in [ApplyParams]
}

// Fail sets a pending or processing payout to failed, which is final: its money and its
// commissions are ready again. Its errors are those of [AdminPayouts.Process].
//
// Contract: POST /v1/apps/{appId}/affiliates/payouts/{payoutId}/status (admin)
func (p AdminPayouts) Fail(ctx context.Context, payoutID string, params FailPayoutParams) (*Payout, error) {
	step := payoutStep{Status: PayoutFailed, FailureReason: params.Reason}
	return p.move(ctx, payoutID, step, params.IdempotencyKey, optional("Reason", params.Reason))
}

type payoutStep struct {
	Status        PayoutStatus `json:"status"`
	FailureReason string       `json:"failureReason,omitempty"`
}

func (p AdminPayouts) move(ctx context.Context, payoutID string, step payoutStep, key string, arguments ...argument) (*Payout, error) {
	to := transport.Call{Route: routeAdminPayoutStatus, ID: payoutID, Credential: transport.Admin, Body: &step, IdempotencyKey: key}
	return postRecord[Payout](ctx, p.service, to, arguments...)
}
