package affiliates

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// ApplicationStatus is the state of an application. StackBE: GET
// /v1/affiliate/apply/status.
type ApplicationStatus string

// The states that StackBE documents.
const (
	ApplicationPending  ApplicationStatus = "pending"
	ApplicationApproved ApplicationStatus = "approved"
	ApplicationRejected ApplicationStatus = "rejected"
)

// ApplyParams is an application to become a partner. Email and Name are required.
// Contract: at most 254 and 200 characters; Company 200, Website 2,048, Reason
// 5,000. The server checks them.
type ApplyParams struct {
	Email   string `json:"email"`
	Name    string `json:"name"`
	Company string `json:"company,omitempty"`
	Website string `json:"website,omitempty"` // an http or https URL
	Reason  string `json:"reason,omitempty"`  // why the applicant wants to be a partner

	// IdempotencyKey lets the call be retried after a failure whose outcome is unknown;
	// see stackbe.Retry. Visible ASCII, at most 255 characters.
	// Without one, a key is generated for the call.
	IdempotencyKey string `json:"-"`
}

// ApplyResult is the receipt of an application.
type ApplyResult struct {
	ID      string            `json:"id"`
	Status  ApplicationStatus `json:"status"`  // ApplicationPending
	Message string            `json:"message"` // for the applicant to read
	Raw     json.RawMessage   `json:"-"`       // the response as the server sent it
}

// UnmarshalJSON reads a result and keeps the JSON in Raw.
func (r *ApplyResult) UnmarshalJSON(data []byte) error {
	type plain ApplyResult
	if err := decode(data, (*plain)(r), &r.Raw); err != nil {
		return err
	}
	if r.ID == "" {
		return missing("id")
	}
	return nil
}

// Apply submits a partner application. Anyone may apply: no account is needed.
// If the email has applied before, whatever the decision, it returns an error matching
// stackbe.ErrConflict. If the server refuses a field, it returns one matching
// stackbe.ErrBadRequest, with Details.
//
// StackBE: POST /v1/affiliate/apply (key)
func (s *Service) Apply(ctx context.Context, params ApplyParams) (*ApplyResult, error) {
	err := s.check(
		emailAddress("Email", params.Email),
		required("Name", params.Name),
		optional("Company", params.Company),
		webURL("Website", params.Website),
		optional("Reason", params.Reason),
	)
	if err != nil {
		return nil, err
	}
	return do[ApplyResult](ctx, s, transport.Call{
		Method:         http.MethodPost,
		Route:          routeApply,
		Credential:     transport.APIKey,
		Body:           &params,
		IdempotencyKey: params.IdempotencyKey,
	})
}

// ApplicationCheck says whether an email has applied, and the state of the application.
type ApplicationCheck struct {
	Applied         bool              `json:"applied"` // the other fields are zero if false
	ID              string            `json:"id"`
	Status          ApplicationStatus `json:"status"`
	RejectionReason string            `json:"rejectionReason"` // of a rejected application, if the reviewer gave one
	CreatedAt       time.Time         `json:"createdAt"`       // Contract
	ReviewedAt      time.Time         `json:"reviewedAt"`      // Contract; zero while pending
	Raw             json.RawMessage   `json:"-"`               // the response as the server sent it
}

// UnmarshalJSON reads a check and keeps the JSON in Raw.
func (c *ApplicationCheck) UnmarshalJSON(data []byte) error {
	type plain ApplicationCheck
	if err := decode(data, (*plain)(c), &c.Raw); err != nil {
		return err
	}
	if !c.Applied && !has(data, "applied") {
		return missing("applied")
	}
	return nil
}

// GetApplicationStatus returns whether email has applied and the state of the
// application, without side effects. An email that has not applied is not an error: Applied is
// false.
//
// StackBE: GET /v1/affiliate/apply/status (key)
func (s *Service) GetApplicationStatus(ctx context.Context, email string) (*ApplicationCheck, error) {
	if err := s.check(emailAddress("email", email)); err != nil {
		return nil, err
	}
	return do[ApplicationCheck](ctx, s, transport.Call{
		Method: http.MethodGet,
		Route:  routeApplicationStatus,
		Query: struct {
			Email string `url:"email"`
		}{email},
		Credential: transport.APIKey,
	})
}

// Application is a partner application as its reviewer sees it. Contract: its
// fields beyond those of [ApplyParams] and [ApplicationCheck].
type Application struct {
	ID              string            `json:"id"`
	Email           string            `json:"email"`
	Name            string            `json:"name"`
	Company         string            `json:"company"`
	Website         string            `json:"website"`
	Reason          string            `json:"reason"` // why the applicant wants to be a partner
	Status          ApplicationStatus `json:"status"`
	RejectionReason string            `json:"rejectionReason"` // why the reviewer rejected it
	AffiliateID     string            `json:"affiliateId"`     // of an approved application
	CreatedAt       time.Time         `json:"createdAt"`
	ReviewedAt      time.Time         `json:"reviewedAt"` // zero while pending
	Raw             json.RawMessage   `json:"-"`          // the application as the server sent it
}

// UnmarshalJSON reads an application and keeps the JSON in Raw.
func (a *Application) UnmarshalJSON(data []byte) error {
	type plain Application
	return decode(data, (*plain)(a), &a.Raw)
}

// ApplicationFilter selects applications and the page to read. The zero value
// selects all, newest first. Contract: StackBE documents no filter.
type ApplicationFilter struct {
	Status ApplicationStatus `url:"status,omitempty"` // all if empty
	Limit  int               `url:"limit,omitempty"`  // applications in a page, 1 to 100; the server's default, 20, if 0
	Cursor string            `url:"cursor,omitempty"` // where to start: the Cursor of the page before
}

// ListApplications returns one page of the app's applications, newest first. Use
// [Service.Applications] to go through all pages.
//
// StackBE: GET /v1/apps/{appId}/affiliates/applications (admin)
func (s *Service) ListApplications(ctx context.Context, filter ApplicationFilter) (*Page[Application], error) {
	to := transport.Call{Route: routeApplications, Credential: transport.Admin}
	return list[Application](ctx, s, to, filter, token("Status", string(filter.Status)))
}

func (f *ApplicationFilter) paging() (*int, *string) { return &f.Limit, &f.Cursor }

// Applications goes through all applications that filter selects, newest first,
// reading each page when it is needed. An error ends the sequence and comes with a nil
// application. The sequence starts again each time it is ranged over.
//
// StackBE: GET /v1/apps/{appId}/affiliates/applications (admin)
func (s *Service) Applications(ctx context.Context, filter ApplicationFilter) iter.Seq2[*Application, error] {
	return all(ctx, s, routeApplications, filter, s.ListApplications)
}

// GetApplication returns one application. For an unknown id it returns an error
// matching stackbe.ErrNotFound.
//
// Contract: GET /v1/apps/{appId}/affiliates/applications/{applicationId} (admin)
func (s *Service) GetApplication(ctx context.Context, applicationID string) (*Application, error) {
	return do[Application](ctx, s, transport.Call{
		Method:     http.MethodGet,
		Route:      routeApplication,
		ID:         applicationID,
		Credential: transport.Admin,
	})
}
