package affiliates

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// ReviewAction is a reviewer's decision on an application.
type ReviewAction string

// The decisions that StackBE documents.
const (
	ReviewActionApprove ReviewAction = "approve"
	ReviewActionReject  ReviewAction = "reject"
)

// ReviewParams is a decision with its parameters. [Service.Approve] and
// [Service.Reject] take only the parameters of theirs.
type ReviewParams struct {
	Action          ReviewAction `json:"action"`
	Code            string       `json:"code,omitempty"`            // with ReviewActionApprove: the referral code; generated if empty
	RejectionReason string       `json:"rejectionReason,omitempty"` // with ReviewActionReject: for the applicant to read

	// IdempotencyKey is as in [ApplyParams].
	IdempotencyKey string `json:"-"`
}

// ApproveParams has the parameters of an approval. The zero value is valid.
type ApproveParams struct {
	Code           string // the partner's referral code; generated if empty
	IdempotencyKey string // as in [ApplyParams]
}

// RejectParams has the parameters of a rejection. The zero value is valid.
type RejectParams struct {
	Reason         string // for the applicant to read
	IdempotencyKey string // as in [ApplyParams]
}

// Review is the result of a decision. Contract: StackBE documents no response; a
// field that the server does not send is zero.
type Review struct {
	Application Application     `json:"application"`
	Affiliate   Affiliate       `json:"affiliate"` // the new partner; zero for a rejection, or if the server sends none
	Raw         json.RawMessage `json:"-"`         // the response as the server sent it
}

// UnmarshalJSON reads a review and keeps the JSON in Raw.
func (r *Review) UnmarshalJSON(data []byte) error {
	var fields struct {
		Application Application `json:"application"`
		Affiliate   *Affiliate  `json:"affiliate"`
	}
	if err := decode(data, &fields, &r.Raw); err != nil {
		return err
	}
	r.Application = fields.Application
	if fields.Affiliate != nil {
		r.Affiliate = *fields.Affiliate
	}
	return nil
}

// Review decides on an application. For an unknown id it returns an error matching
// stackbe.ErrNotFound; if the application is decided already, or the referral code is
// in use, one matching stackbe.ErrConflict.
//
// StackBE: POST /v1/apps/{appId}/affiliates/applications/{applicationId}/review (admin)
func (s *Service) Review(ctx context.Context, applicationID string, params ReviewParams) (*Review, error) {
	err := s.check(
		required("Action", string(params.Action)),
		token("Code", params.Code),
		optional("RejectionReason", params.RejectionReason),
	)
	if err != nil {
		return nil, err
	}
	return do[Review](ctx, s, transport.Call{
		Method:         http.MethodPost,
		Route:          routeReview,
		ID:             applicationID,
		Credential:     transport.Admin,
		Body:           &params,
		IdempotencyKey: params.IdempotencyKey,
		EmptyOK:        true,
	})
}

// Approve makes the applicant a partner, and a customer if the app has none with that
// email. Its errors are those of [Service.Review].
//
// StackBE: POST /v1/apps/{appId}/affiliates/applications/{applicationId}/review (admin)
func (s *Service) Approve(ctx context.Context, applicationID string, params ApproveParams) (*Review, error) {
	return s.Review(ctx, applicationID, ReviewParams{
		Action:         ReviewActionApprove,
		Code:           params.Code,
		IdempotencyKey: params.IdempotencyKey,
	})
}

// Reject turns the application down. Its errors are those of [Service.Review].
//
// StackBE: POST /v1/apps/{appId}/affiliates/applications/{applicationId}/review (admin)
func (s *Service) Reject(ctx context.Context, applicationID string, params RejectParams) (*Review, error) {
	return s.Review(ctx, applicationID, ReviewParams{
		Action:          ReviewActionReject,
		RejectionReason: params.Reason,
		IdempotencyKey:  params.IdempotencyKey,
	})
}
