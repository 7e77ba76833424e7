package affiliates

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"time"

	"github.com/stackbe/stackbe-go/internal/csvtable"
	"github.com/stackbe/stackbe-go/internal/transport"
)

// AccountUsers reads and adds a partner's users: the customers attributed to it.
type AccountUsers struct{ service *Service }

// User is a customer attributed to the partner, as the partner sees it.
type User struct {
	ID            string          `json:"id"` // the customer's
	Email         string          `json:"email"`
	Name          string          `json:"name"` // empty if the user has none
	Source        UserSource      `json:"source"`
	CreatedAt     time.Time       `json:"createdAt"`    // when the user signed up
	AttributedAt  time.Time       `json:"attributedAt"` // when the user was attributed to the partner
	Access        AccessStatus    `json:"access"`       // the partner's to the user's account
	Subscriptions PlanCounts      `json:"subscriptions"`
	LimitExceeded int             `json:"limitExceeded"` // subscriptions that are SubscriptionLimitExceeded
	Errors        int             `json:"errors"`        // subscriptions that are SubscriptionError
	MonthlyValue  Money           `json:"monthlyValue"`  // what the subscriptions earn in a month, at the present rate
	Earned        Money           `json:"earned"`        // what they have earned in total
	Raw           json.RawMessage `json:"-"`             // the user as the server sent it
}

// UserSource is how a user was attributed to the partner.
type UserSource string

// The ways in which a customer is attributed.
const (
	UserSourceReferralCode UserSource = "referral_code" // signed up with the code
	UserSourceClick        UserSource = "click"         // signed up after a click on the link
	UserSourceDeal         UserSource = "deal"          // the partner had registered the email as a lead
	UserSourceSubAccount   UserSource = "sub_account"   // the partner created the account
	UserSourceLinked       UserSource = "linked"        // the partner added the user after its sign-up
)

// UnmarshalJSON reads a user and keeps the JSON in Raw.
func (u *User) UnmarshalJSON(data []byte) error {
	type plain User
	return decode(data, (*plain)(u), &u.Raw)
}

// UserFilter selects users and the page to read. The zero value selects all, the last
// attributed first.
type UserFilter struct {
	// Having selects users with a subscription in this state, SubscriptionLimitExceeded or
	// SubscriptionError; all users if empty. Any other state is an invalid argument.
	Having SubscriptionStatus `url:"filter,omitempty"`
	Limit  int                `url:"limit,omitempty"`  // users in a page, 1 to 100; the server's default, 20, if 0
	Cursor string             `url:"cursor,omitempty"` // where to start: the Cursor of the page before
}

// having is a state that the users can be filtered by, or empty.
func having(status SubscriptionStatus) argument {
	switch status {
	case "", SubscriptionLimitExceeded, SubscriptionError:
		return argument{field: "Having"}
	}
	return argument{"Having", "is not SubscriptionLimitExceeded or SubscriptionError"}
}

func (f *UserFilter) paging() (*int, *string) { return &f.Limit, &f.Cursor }

// List returns one page of the partner's users, the last attributed first. Use
// [AccountUsers.All] to go through all pages.
//
// Contract: GET /v1/affiliate/account/users (session)
func (u AccountUsers) List(ctx context.Context, filter UserFilter) (*Page[User], error) {
	to := transport.Call{Route: routeUsers, Credential: transport.Session}
	return list[User](ctx, u.service, to, filter, having(filter.Having))
}

// All goes through all users that filter selects, as [Service.Applications] does.
//
// Contract: GET /v1/affiliate/account/users (session)
func (u AccountUsers) All(ctx context.Context, filter UserFilter) iter.Seq2[*User, error] {
	return all(ctx, u.service, routeUsers, filter, u.List)
}

// WriteCSV writes all users that filter selects to w, as [AccountCommissions.WriteCSV]
// does.
//
// Contract: GET /v1/affiliate/account/users (session)
func (u AccountUsers) WriteCSV(ctx context.Context, w io.Writer, filter UserFilter) error {
	return writeCSV(ctx, u.service, w, userColumns, routeUsers, filter, u.List)
}

var userColumns = []csvtable.Column[User]{
	csvtable.Text("ID", func(u *User) string { return u.ID }),
	csvtable.Text("Email", func(u *User) string { return u.Email }),
	csvtable.Text("Name", func(u *User) string { return u.Name }),
	csvtable.Text("Source", func(u *User) string { return string(u.Source) }),
	csvtable.Time("Signed up at", func(u *User) time.Time { return u.CreatedAt }),
	csvtable.Time("Attributed at", func(u *User) time.Time { return u.AttributedAt }),
	csvtable.Text("Access", func(u *User) string { return string(u.Access) }),
	count("Free", func(u *User) int { return u.Subscriptions.Free }),
	count("Pro", func(u *User) int { return u.Subscriptions.Pro }),
	count("Business", func(u *User) int { return u.Subscriptions.Business }),
	count("Enterprise", func(u *User) int { return u.Subscriptions.Enterprise }),
	count("Limit exceeded", func(u *User) int { return u.LimitExceeded }),
	count("Errors", func(u *User) int { return u.Errors }),
	number("Monthly value", func(u *User) Money { return u.MonthlyValue }),
	number("Earned", func(u *User) Money { return u.Earned }),
}

// Get returns one user. If it is not the partner's, Get returns an error matching
// stackbe.ErrNotFound, with the code CUSTOMER_NOT_FOUND.
//
// Contract: GET /v1/affiliate/account/users/{userId} (session)
func (u AccountUsers) Get(ctx context.Context, userID string) (*User, error) {
	return getRecord[User](ctx, u.service, transport.Session, routeUser, userID)
}

// CreateSubAccountParams is a client for whom the partner creates an account. Email is
// required.
type CreateSubAccountParams struct {
	Email string `json:"email"`
	Name  string `json:"name,omitempty"` // at most 200 characters

	// IdempotencyKey is as in [ApplyParams].
	IdempotencyKey string `json:"-"`
}

// CreateSubAccount creates a customer who is attributed to the partner. If a customer has
// the email already, it returns an error matching stackbe.ErrConflict, with the code
// ALREADY_EXISTS.
//
// Contract: POST /v1/affiliate/account/users (session)
func (u AccountUsers) CreateSubAccount(ctx context.Context, params CreateSubAccountParams) (*User, error) {
	to := transport.Call{Route: routeUsers, Credential: transport.Session, Body: &params, IdempotencyKey: params.IdempotencyKey}
	return postRecord[User](ctx, u.service, to, emailAddress("Email", params.Email), optional("Name", params.Name))
}

// AddExistingUserParams is an existing customer to add. Email is required.
type AddExistingUserParams struct {
	Email string `json:"email"`

	// IdempotencyKey is as in [ApplyParams].
	IdempotencyKey string `json:"-"`
}

// AddExisting makes an existing customer the partner's user. The customer must have signed up
// within the last 7 days and have no partner. It returns an error matching stackbe.ErrForbidden
// after those days, with the code LINK_PERIOD_OVER, and for the partner's own email, with
// OWN_ACCOUNT; one matching stackbe.ErrConflict, with ALREADY_ATTRIBUTED, if the customer is
// attributed already, to this partner or another; and one matching stackbe.ErrNotFound, with
// CUSTOMER_NOT_FOUND, if no customer has the email.
//
// Contract: POST /v1/affiliate/account/users/link (session)
func (u AccountUsers) AddExisting(ctx context.Context, params AddExistingUserParams) (*User, error) {
	to := transport.Call{Route: routeUserLink, Credential: transport.Session, Body: &params, IdempotencyKey: params.IdempotencyKey}
	return postRecord[User](ctx, u.service, to, emailAddress("Email", params.Email))
}

// UserSubscriptionFilter selects the page of a user's subscriptions to read. The zero
// value selects the first.
type UserSubscriptionFilter struct {
	Limit  int    `url:"limit,omitempty"`  // subscriptions in a page, 1 to 100; the server's default, 20, if 0
	Cursor string `url:"cursor,omitempty"` // where to start: the Cursor of the page before
}

func (f *UserSubscriptionFilter) paging() (*int, *string) { return &f.Limit, &f.Cursor }

// Subscriptions returns one page of a user's subscriptions, newest first, with what each
// earns. Use [AccountUsers.AllSubscriptions] to go through all pages. If the user is
// not the partner's, it returns an error matching stackbe.ErrNotFound, with the code
// CUSTOMER_NOT_FOUND.
//
// Contract: GET /v1/affiliate/account/users/{userId}/subscriptions (session)
func (u AccountUsers) Subscriptions(ctx context.Context, userID string, filter UserSubscriptionFilter) (*Page[Subscription], error) {
	to := transport.Call{Route: routeUserSubscriptions, ID: userID, Credential: transport.Session}
	return list[Subscription](ctx, u.service, to, filter)
}

// AllSubscriptions goes through all subscriptions of a user, as [Service.Applications] does.
//
// Contract: GET /v1/affiliate/account/users/{userId}/subscriptions (session)
func (u AccountUsers) AllSubscriptions(ctx context.Context, userID string, filter UserSubscriptionFilter) iter.Seq2[*Subscription, error] {
	return all(ctx, u.service, routeUserSubscriptions, filter,
		func(ctx context.Context, filter UserSubscriptionFilter) (*Page[Subscription], error) {
			return u.Subscriptions(ctx, userID, filter)
		})
}

// RequestAccessParams has the parameters of a request for access. The zero value is valid.
type RequestAccessParams struct {
	IdempotencyKey string `json:"-"` // as in [ApplyParams]
}

// RequestAccess requests access to a user's account, which the user grants or declines; see
// [AccountAccess]. It can be called again once the access is declined or withdrawn; before
// that it returns an error matching stackbe.ErrConflict, with the code ACCESS_STATUS. If the
// user is not the partner's, it returns one matching stackbe.ErrNotFound, with
// CUSTOMER_NOT_FOUND.
//
// Contract: POST /v1/affiliate/account/users/{userId}/access (session)
func (u AccountUsers) RequestAccess(ctx context.Context, userID string, params RequestAccessParams) (*Access, error) {
	to := transport.Call{Route: routeUserAccess, ID: userID, Credential: transport.Session, Body: &params, IdempotencyKey: params.IdempotencyKey}
	return postRecord[Access](ctx, u.service, to)
}

// LogInAsParams has the parameters of a login as a user. The zero value is valid.
type LogInAsParams struct {
	IdempotencyKey string `json:"-"` // as in [ApplyParams]
}

// LoginLink opens a user's account without further sign-in: whoever has the URL has
// the user's access. It prints without the URL, except from an unexported field of another
// struct, where fmt calls no methods; encoding/json writes the URL.
type LoginLink struct {
	URL       string          `json:"url"`       // redirect the partner there
	ExpiresAt time.Time       `json:"expiresAt"` // 10 minutes from now; earlier if the user withdraws the access
	Raw       json.RawMessage `json:"-"`         // the response as the server sent it
}

// UnmarshalJSON reads a link and keeps the JSON in Raw.
func (l *LoginLink) UnmarshalJSON(data []byte) error {
	type plain LoginLink
	return decodeWith(data, (*plain)(l), &l.Raw, "url")
}

// String describes l without its URL.
func (l LoginLink) String() string {
	return "affiliates.LoginLink{URL: (hidden), ExpiresAt: " + l.ExpiresAt.Format(time.RFC3339) + "}"
}

// Format prints [LoginLink.String] under every verb.
func (l LoginLink) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), l.String())
}

// LogValue returns [LoginLink.String], for slog.
func (l LoginLink) LogValue() slog.Value { return slog.StringValue(l.String()) }

// LogInAs returns a link that opens a user's account. The link is valid for 10 minutes, and
// only while access is granted. If access is not granted, LogInAs returns an error matching
// stackbe.ErrForbidden, with the code ACCESS_NOT_GRANTED; if the user is not the partner's,
// one matching stackbe.ErrNotFound, with CUSTOMER_NOT_FOUND.
//
// Contract: POST /v1/affiliate/account/users/{userId}/login (session)
func (u AccountUsers) LogInAs(ctx context.Context, userID string, params LogInAsParams) (*LoginLink, error) {
	to := transport.Call{Route: routeUserLogin, ID: userID, Credential: transport.Session, Body: &params, IdempotencyKey: params.IdempotencyKey}
	return post[LoginLink](ctx, u.service, to)
}
