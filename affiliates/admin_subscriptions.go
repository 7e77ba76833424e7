package affiliates

import (
	"context"
	"iter"
	"net/http"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// AdminSubscriptions are the subscriptions of an app's customers.
type AdminSubscriptions struct{ service *Service }

// SubscriptionFilter selects subscriptions and the page to read. The zero value selects all,
// from the newest on.
type SubscriptionFilter struct {
	CustomerID string `url:"customerId,omitempty"` // all customers if empty
	Limit      int    `url:"limit,omitempty"`      // subscriptions in a page, 1 to 100; the server's default, 20, if 0
	Cursor     string `url:"cursor,omitempty"`     // where to start: the Cursor of the page before
}

func (f *SubscriptionFilter) paging() (*int, *string) { return &f.Limit, &f.Cursor }

// List returns one page of the app's subscriptions, newest first. Use
// [AdminSubscriptions.All] to go through all pages. An unknown CustomerID selects none.
//
// Contract: GET /v1/apps/{appId}/subscriptions (admin)
func (s AdminSubscriptions) List(ctx context.Context, filter SubscriptionFilter) (*Page[Subscription], error) {
	to := transport.Call{Route: routeAdminSubscriptions, Credential: transport.Admin}
	return list[Subscription](ctx, s.service, to, filter, token("CustomerID", filter.CustomerID))
}

// All goes through all subscriptions that filter selects, as [Service.Applications] does.
//
// Contract: GET /v1/apps/{appId}/subscriptions (admin)
func (s AdminSubscriptions) All(ctx context.Context, filter SubscriptionFilter) iter.Seq2[*Subscription, error] {
	return all(ctx, s.service, routeAdminSubscriptions, filter, s.List)
}

// Get returns one subscription. An unknown id returns an error matching
// stackbe.ErrNotFound, with the code SUBSCRIPTION_NOT_FOUND.
//
// Contract: GET /v1/apps/{appId}/subscriptions/{subscriptionId} (admin)
func (s AdminSubscriptions) Get(ctx context.Context, subscriptionID string) (*Subscription, error) {
	return getRecord[Subscription](ctx, s.service, transport.Admin, routeAdminSubscription, subscriptionID)
}

// CreateSubscriptionParams is a subscription to begin. CustomerID and Plan are required.
type CreateSubscriptionParams struct {
	CustomerID    string        `json:"customerId"`
	Plan          Plan          `json:"plan"`
	Billing       Billing       `json:"billing,omitempty"`       // BillingIndividual if empty
	Name          string        `json:"name,omitempty"`          // to tell it from others; at most 200 characters
	PaymentMethod PaymentMethod `json:"paymentMethod,omitempty"` // PaymentMethodValid if empty

	// IdempotencyKey is as in [ApplyParams].
	IdempotencyKey string `json:"-"`
}

// Create begins a subscription, with its first invoice at once unless the plan is free. An
// unknown customer returns an error matching stackbe.ErrNotFound; an unknown plan, one
// matching stackbe.ErrBadRequest, with Details.
//
// Contract: POST /v1/apps/{appId}/subscriptions (admin)
func (s AdminSubscriptions) Create(ctx context.Context, params CreateSubscriptionParams) (*Subscription, error) {
	to := transport.Call{Route: routeAdminSubscriptions, Credential: transport.Admin, Body: &params, IdempotencyKey: params.IdempotencyKey}
	return postRecord[Subscription](ctx, s.service, to,
		required("CustomerID", params.CustomerID),
		required("Plan", string(params.Plan)),
		optional("Billing", string(params.Billing)),
		optional("Name", params.Name),
		optional("PaymentMethod", string(params.PaymentMethod)))
}

// UpdateSubscriptionParams holds what of a subscription is to change: a field that is empty
// or nil stays as it is.
type UpdateSubscriptionParams struct {
	Plan          Plan               `json:"plan,omitempty"` // from the next renewal on
	Status        SubscriptionStatus `json:"status,omitempty"`
	Billing       Billing            `json:"billing,omitempty"`
	PaymentMethod PaymentMethod      `json:"paymentMethod,omitempty"`
	Paused        *bool              `json:"paused,omitempty"`

	// IdempotencyKey is as in [ApplyParams].
	IdempotencyKey string `json:"-"`
}

// Update changes a subscription. One that is canceled returns an error matching
// stackbe.ErrConflict, with the code SUBSCRIPTION_CANCELED; an unknown id, one matching
// stackbe.ErrNotFound; values that are not known, one matching stackbe.ErrBadRequest, with
// Details.
//
// Contract: PATCH /v1/apps/{appId}/subscriptions/{subscriptionId} (admin)
func (s AdminSubscriptions) Update(ctx context.Context, subscriptionID string, params UpdateSubscriptionParams) (*Subscription, error) {
	to := transport.Call{
		Method: http.MethodPatch, Route: routeAdminSubscription, ID: subscriptionID, Credential: transport.Admin,
		Body: &params, IdempotencyKey: params.IdempotencyKey,
	}
	return postRecord[Subscription](ctx, s.service, to,
		optional("Plan", string(params.Plan)),
		optional("Status", string(params.Status)),
		optional("Billing", string(params.Billing)),
		optional("PaymentMethod", string(params.PaymentMethod)))
}

// CancelParams goes with a cancellation. The zero value is valid.
type CancelParams struct {
	IdempotencyKey string // as in [ApplyParams]
}

// Cancel ends a subscription at once and for good. Its errors are those of
// [AdminSubscriptions.Update].
//
// Contract: PATCH /v1/apps/{appId}/subscriptions/{subscriptionId} (admin)
func (s AdminSubscriptions) Cancel(ctx context.Context, subscriptionID string, params CancelParams) (*Subscription, error) {
	return s.Update(ctx, subscriptionID, UpdateSubscriptionParams{Status: SubscriptionCanceled, IdempotencyKey: params.IdempotencyKey})
}

// PauseParams goes with a pause. The zero value is valid.
type PauseParams struct {
	IdempotencyKey string // as in [ApplyParams]
}

// Pause keeps a subscription from renewing until it is resumed. Its errors are those of
// [AdminSubscriptions.Update].
//
// Contract: PATCH /v1/apps/{appId}/subscriptions/{subscriptionId} (admin)
func (s AdminSubscriptions) Pause(ctx context.Context, subscriptionID string, params PauseParams) (*Subscription, error) {
	return s.pause(ctx, subscriptionID, true, params.IdempotencyKey)
}

// ResumeParams goes with the end of a pause. The zero value is valid.
type ResumeParams struct {
	IdempotencyKey string // as in [ApplyParams]
}

// Resume lets a subscription renew again, on the days on which it would have; what was
// missed is not made up. Its errors are those of [AdminSubscriptions.Update].
//
// Contract: PATCH /v1/apps/{appId}/subscriptions/{subscriptionId} (admin)
func (s AdminSubscriptions) Resume(ctx context.Context, subscriptionID string, params ResumeParams) (*Subscription, error) {
	return s.pause(ctx, subscriptionID, false, params.IdempotencyKey)
}

func (s AdminSubscriptions) pause(ctx context.Context, subscriptionID string, paused bool, key string) (*Subscription, error) {
	return s.Update(ctx, subscriptionID, UpdateSubscriptionParams{Paused: &paused, IdempotencyKey: key})
}
