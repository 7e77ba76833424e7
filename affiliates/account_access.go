package affiliates

import (
	"context"
	"encoding/json"
	"iter"
	"time"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// AccountAccess decides on partners' requests for access to the account of the session's
// customer. Any customer can call it, whether a partner or not. The requests are made with
// [AccountUsers.RequestAccess].
type AccountAccess struct{ service *Service }

// AccessStatus is the state of a partner's access.
type AccessStatus string

// The states of access.
const (
	AccessNone      AccessStatus = "none" // never requested; only in a [User]
	AccessRequested AccessStatus = "requested"
	AccessGranted   AccessStatus = "granted"
	AccessDeclined  AccessStatus = "declined"
	AccessWithdrawn AccessStatus = "withdrawn" // granted before
)

// Access is a partner's access to a user's account, requested or granted.
type Access struct {
	ID             string          `json:"id"`
	AffiliateID    string          `json:"affiliateId"`   // the partner
	AffiliateName  string          `json:"affiliateName"` // empty if the partner has none
	AffiliateEmail string          `json:"affiliateEmail"`
	UserID         string          `json:"userId"` // the customer who decides
	UserEmail      string          `json:"userEmail"`
	Status         AccessStatus    `json:"status"`
	RequestedAt    time.Time       `json:"requestedAt"`
	DecidedAt      time.Time       `json:"decidedAt"` // when it was granted, declined or withdrawn; zero before
	Raw            json.RawMessage `json:"-"`         // the access as the server sent it
}

// UnmarshalJSON reads an access and keeps the JSON in Raw.
func (a *Access) UnmarshalJSON(data []byte) error {
	type plain Access
	return decode(data, (*plain)(a), &a.Raw)
}

// AccessFilter selects access and the page to read. The zero value selects all, newest
// first.
type AccessFilter struct {
	Status AccessStatus `url:"status,omitempty"` // all if empty
	Limit  int          `url:"limit,omitempty"`  // elements in a page, 1 to 100; the server's default, 20, if 0
	Cursor string       `url:"cursor,omitempty"` // where to start: the Cursor of the page before
}

func (f *AccessFilter) paging() (*int, *string) { return &f.Limit, &f.Cursor }

// List returns one page of the access that partners have requested from the session's
// customer, newest first. Use [AccountAccess.All] to go through all pages. For an unknown
// Status it returns an error matching stackbe.ErrBadRequest, with Details.
//
// Contract: GET /v1/affiliate/access (session)
func (a AccountAccess) List(ctx context.Context, filter AccessFilter) (*Page[Access], error) {
	to := transport.Call{Route: routeAccesses, Credential: transport.Session}
	return list[Access](ctx, a.service, to, filter, token("Status", string(filter.Status)))
}

// All goes through all access that filter selects, as [Service.Applications] does.
//
// Contract: GET /v1/affiliate/access (session)
func (a AccountAccess) All(ctx context.Context, filter AccessFilter) iter.Seq2[*Access, error] {
	return all(ctx, a.service, routeAccesses, filter, a.List)
}

// DecideAccessParams has the parameters of a decision on access. The zero value is valid.
type DecideAccessParams struct {
	IdempotencyKey string // as in [ApplyParams]
}

// Grant lets the partner log in as the session's customer. If the access is not in the
// state requested, it returns an error matching stackbe.ErrConflict, with the code
// ACCESS_STATUS; if it was requested from another customer, one matching
// stackbe.ErrNotFound, with ACCESS_NOT_FOUND.
//
// Contract: POST /v1/affiliate/access/{accessId} (session)
func (a AccountAccess) Grant(ctx context.Context, accessID string, params DecideAccessParams) (*Access, error) {
	return a.decide(ctx, accessID, "grant", params)
}

// Decline refuses access that is requested. Its errors are those of [AccountAccess.Grant].
//
// Contract: POST /v1/affiliate/access/{accessId} (session)
func (a AccountAccess) Decline(ctx context.Context, accessID string, params DecideAccessParams) (*Access, error) {
	return a.decide(ctx, accessID, "decline", params)
}

// Withdraw ends access that is granted, and the links that were made with it. If the access
// is not granted, it returns an error matching stackbe.ErrConflict, with the code
// ACCESS_STATUS; if it was requested from another customer, one matching
// stackbe.ErrNotFound, with ACCESS_NOT_FOUND.
//
// Contract: POST /v1/affiliate/access/{accessId} (session)
func (a AccountAccess) Withdraw(ctx context.Context, accessID string, params DecideAccessParams) (*Access, error) {
	return a.decide(ctx, accessID, "withdraw", params)
}

func (a AccountAccess) decide(ctx context.Context, accessID, action string, params DecideAccessParams) (*Access, error) {
	decision := struct {
		Action string `json:"action"`
	}{action}
	to := transport.Call{Route: routeAccess, ID: accessID, Credential: transport.Session, Body: &decision, IdempotencyKey: params.IdempotencyKey}
	return postRecord[Access](ctx, a.service, to)
}
