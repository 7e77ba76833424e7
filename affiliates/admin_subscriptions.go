package affiliates

import (
	"context"
	"iter"
	"net/http"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// AdminSubscriptions manages the subscriptions of an app's customers.
type AdminSubscriptions struct{ service *Service }

// SubscriptionFilter selects subscriptions and the page to read. The zero value selects all,
// newest first.
type SubscriptionFilter struct {
	CustomerID string `url:"customerId,omitempty"` // all customers if empty
	Limit      int    `url:"limit,omitempty"`      // subscriptions in a page, 1 to 100; the server's default, 20, if 0
	Cursor     string `url:"cursor,omitempty"`     // where to start: the Cursor of the page before
}

func (f *SubscriptionFilter) paging() (*int, *string) { return &f.Limit, &f.Cursor }

// List returns one page of the app's subscriptions, newest first. Use
// [AdminSubscriptions.All] to go through all pages. If CustomerID is unknown, the page is
// empty.
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

// Get returns one subscription. For an unknown id it returns an error matching
// stackbe.ErrNotFound, with the code SUBSCRIPTION_NOT_FOUND.
//
// Contract: GET /v1/apps/{appId}/subscriptions/{subscriptionId} (admin)
func (s AdminSubscriptions) Get(ctx context.Context, subscriptionID string) (*Subscription, error) {
	return getRecord[Subscription](ctx, s.service, transport.Admin, routeAdminSubscription, subscriptionID)
}

// CreateSubscriptionParams is a new subscription. CustomerID and Plan are required.
type CreateSubscriptionParams struct {
	CustomerID    string        `json:"customerId"`
	Plan          Plan          `json:"plan"`
	Billing       Billing       `json:"billing,omitempty"`       // BillingIndividual if empty
	Name          string        `json:"name,omitempty"`          // to tell it from others; at most 200 characters
	PaymentMethod PaymentMethod `json:"paymentMethod,omitempty"` // PaymentMethodValid if empty

	// IdempotencyKey is as in [ApplyParams].
	IdempotencyKey string `json:"-"`
}

// Create starts a subscription. Its first invoice is made at once, unless the plan is free.
// For an unknown customer it returns an error matching stackbe.ErrNotFound, with the code
// CUSTOMER_NOT_FOUND; for an unknown plan, one matching stackbe.ErrBadRequest, with Details.
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

// UpdateSubscriptionParams holds the fields to change: a field that is empty or nil is not
// changed.
type UpdateSubscriptionParams struct {
	Plan          Plan               `json:"plan,omitempty"` // shown at once, and charged from the next renewal on
	Status        SubscriptionStatus `json:"status,omitempty"`
	Billing       Billing            `json:"billing,omitempty"`
	PaymentMethod PaymentMethod      `json:"paymentMethod,omitempty"`
	Paused        *bool              `json:"paused,omitempty"`

	// IdempotencyKey is as in [ApplyParams].
	IdempotencyKey string `json:"-"`
}

// Update changes a subscription. If it is canceled, Update returns an error matching
// stackbe.ErrConflict, with the code SUBSCRIPTION_CANCELED; for an unknown id, one matching
// stackbe.ErrNotFound, with SUBSCRIPTION_NOT_FOUND; for unknown values, one matching
// stackbe.ErrBadRequest, with Details.
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

// CancelSubscriptionParams has the parameters of a cancellation. The zero value is valid.
type CancelSubscriptionParams struct {
	IdempotencyKey string // as in [ApplyParams]
}

// Cancel ends a subscription immediately, which is final. Its errors are those of
// [AdminSubscriptions.Update].
//
// Contract: PATCH /v1/apps/{appId}/subscriptions/{subscriptionId} (admin)
func (s AdminSubscriptions) Cancel(ctx context.Context, subscriptionID string, params CancelSubscriptionParams) (*Subscription, error) {
	return s.Update(ctx, subscriptionID, UpdateSubscriptionParams{Status: SubscriptionCanceled, IdempotencyKey: params.IdempotencyKey})
}

// PauseSubscriptionParams has the parameters of a pause. The zero value is valid.
type PauseSubscriptionParams struct {
	IdempotencyKey string // as in [ApplyParams]
}

// Pause stops a subscription from renewing until it is resumed. Its errors are those of
// [AdminSubscriptions.Update].
//
// Contract: PATCH /v1/apps/{appId}/subscriptions/{subscriptionId} (admin)
func (s AdminSubscriptions) Pause(ctx context.Context, subscriptionID string, params PauseSubscriptionParams) (*Subscription, error) {
	return s.pause(ctx, subscriptionID, true, params.IdempotencyKey)
}

// ResumeSubscriptionParams has the parameters of the end of a pause. The zero value is valid.
type ResumeSubscriptionParams struct {
	IdempotencyKey string // as in [ApplyParams]
}

// Resume lets a subscription renew again, on the same days as before; missed renewals are
// not made up. Its errors are those of [AdminSubscriptions.Update].
//
// Contract: PATCH /v1/apps/{appId}/subscriptions/{subscriptionId} (admin)
func (s AdminSubscriptions) Resume(ctx context.Context, subscriptionID string, params ResumeSubscriptionParams) (*Subscription, error) {
	return s.pause(ctx, subscriptionID, false, params.IdempotencyKey)
}

func (s AdminSubscriptions) pause(ctx context.Context, subscriptionID string, paused bool, key string) (*Subscription, error) {
	return s.Update(ctx, subscriptionID, UpdateSubscriptionParams{Paused: &paused, IdempotencyKey: key})
}
