package affiliates

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"time"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// AdminCustomers manages the customers of an app.
type AdminCustomers struct{ service *Service }

// Customer is a customer of an app: a partner, a partner's user, or neither.
type Customer struct {
	ID          string          `json:"id"`
	Email       string          `json:"email"`
	Name        string          `json:"name"`        // empty if the customer has none
	AffiliateID string          `json:"affiliateId"` // the partner that the customer is attributed to; empty if none
	CreatedAt   time.Time       `json:"createdAt"`   // when the customer signed up
	Raw         json.RawMessage `json:"-"`           // the customer as the server sent it
}

// UnmarshalJSON reads a customer and keeps the JSON in Raw.
func (c *Customer) UnmarshalJSON(data []byte) error {
	type plain Customer
	return decode(data, (*plain)(c), &c.Raw)
}

// CustomerFilter selects the page to read. The zero value selects the first.
type CustomerFilter struct {
	Limit  int    `url:"limit,omitempty"`  // customers in a page, 1 to 100; the server's default, 20, if 0
	Cursor string `url:"cursor,omitempty"` // where to start: the Cursor of the page before
}

func (f *CustomerFilter) paging() (*int, *string) { return &f.Limit, &f.Cursor }

// List returns one page of the app's customers, newest first. Use [AdminCustomers.All] to go
// through all pages.
//
// Contract: GET /v1/apps/{appId}/customers (admin)
func (c AdminCustomers) List(ctx context.Context, filter CustomerFilter) (*Page[Customer], error) {
	to := transport.Call{Route: routeAdminCustomers, Credential: transport.Admin}
	return list[Customer](ctx, c.service, to, filter)
}

// All goes through all customers, newest first, as [Service.Applications] does.
//
// Contract: GET /v1/apps/{appId}/customers (admin)
func (c AdminCustomers) All(ctx context.Context, filter CustomerFilter) iter.Seq2[*Customer, error] {
	return all(ctx, c.service, routeAdminCustomers, filter, c.List)
}

// Get returns one customer. For an unknown id it returns an error matching
// stackbe.ErrNotFound, with the code CUSTOMER_NOT_FOUND.
//
// Contract: GET /v1/apps/{appId}/customers/{customerId} (admin)
func (c AdminCustomers) Get(ctx context.Context, customerID string) (*Customer, error) {
	return getRecord[Customer](ctx, c.service, transport.Admin, routeAdminCustomer, customerID)
}

// CreateCustomerParams is a customer who signs up. Email is required.
type CreateCustomerParams struct {
	Email        string `json:"email"`
	Name         string `json:"name,omitempty"`         // at most 200 characters
	ReferralCode string `json:"referralCode,omitempty"` // an unknown code is ignored
	ClickID      string `json:"clickId,omitempty"`      // from [Click]

	// IdempotencyKey is as in [ApplyParams].
	IdempotencyKey string `json:"-"`
}

// Create signs a customer up, and attributes it to the partner of the referral code or the
// click, or else to the partner who has registered the email as a deal. If a customer has
// the email already, it returns an error matching stackbe.ErrConflict, with the code
// ALREADY_EXISTS.
//
// Contract: POST /v1/apps/{appId}/customers (admin)
func (c AdminCustomers) Create(ctx context.Context, params CreateCustomerParams) (*Customer, error) {
	to := transport.Call{Route: routeAdminCustomers, Credential: transport.Admin, Body: &params, IdempotencyKey: params.IdempotencyKey}
	return postRecord[Customer](ctx, c.service, to,
		emailAddress("Email", params.Email),
		optional("Name", params.Name),
		token("ReferralCode", params.ReferralCode),
		token("ClickID", params.ClickID))
}

// UpdateCustomerParams holds the fields to change. Name is required.
type UpdateCustomerParams struct {
	Name string `json:"name"` // at most 200 characters

	// IdempotencyKey is as in [ApplyParams].
	IdempotencyKey string `json:"-"`
}

// Update changes a customer's name. For an unknown id it returns an error matching
// stackbe.ErrNotFound, with the code CUSTOMER_NOT_FOUND.
//
// Contract: PATCH /v1/apps/{appId}/customers/{customerId} (admin)
func (c AdminCustomers) Update(ctx context.Context, customerID string, params UpdateCustomerParams) (*Customer, error) {
	to := transport.Call{
		Method: http.MethodPatch, Route: routeAdminCustomer, ID: customerID, Credential: transport.Admin,
		Body: &params, IdempotencyKey: params.IdempotencyKey,
	}
	return postRecord[Customer](ctx, c.service, to, required("Name", params.Name))
}

// CreateSessionParams has the parameters of a new session. The zero value is valid.
type CreateSessionParams struct {
	IdempotencyKey string `json:"-"` // as in [ApplyParams]
}

// CustomerSession is a session of a customer: whoever has the token acts as the customer.
// It prints without the token, except from an unexported field of another struct, where fmt
// calls no methods; encoding/json writes the token.
type CustomerSession struct {
	CustomerID   string          `json:"customerId"`
	SessionToken string          `json:"sessionToken"` // for stackbe.Client.AsCustomer
	ExpiresAt    time.Time       `json:"expiresAt"`
	Raw          json.RawMessage `json:"-"` // the response as the server sent it
}

// UnmarshalJSON reads a session, which has a token, and keeps the JSON in Raw.
func (s *CustomerSession) UnmarshalJSON(data []byte) error {
	type plain CustomerSession
	return decodeWith(data, (*plain)(s), &s.Raw, "sessionToken")
}

// String describes s without its token.
func (s CustomerSession) String() string {
	return fmt.Sprintf("affiliates.CustomerSession{CustomerID: %q, SessionToken: (hidden), ExpiresAt: %s}", s.CustomerID, s.ExpiresAt.Format(time.RFC3339))
}

// Format prints [CustomerSession.String] under every verb.
func (s CustomerSession) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), s.String())
}

// LogValue returns [CustomerSession.String], for slog.
func (s CustomerSession) LogValue() slog.Value { return slog.StringValue(s.String()) }

// CreateSession signs a customer in. For an unknown id it returns an error matching
// stackbe.ErrNotFound, with the code CUSTOMER_NOT_FOUND.
//
// Contract: POST /v1/apps/{appId}/customers/{customerId}/sessions (admin)
func (c AdminCustomers) CreateSession(ctx context.Context, customerID string, params CreateSessionParams) (*CustomerSession, error) {
	to := transport.Call{Route: routeAdminSessions, ID: customerID, Credential: transport.Admin, Body: &params, IdempotencyKey: params.IdempotencyKey}
	return post[CustomerSession](ctx, c.service, to)
}
