package program

import (
	"slices"
	"time"
)

// Status is how far the review of an application has come.
type Status string

// What an application can be.
const (
	Pending  Status = "pending"
	Approved Status = "approved"
	Rejected Status = "rejected"
)

func statuses() []Status { return []Status{Pending, Approved, Rejected} }

// StatusProblems names what is wrong with a status; nothing when an application can have it.
func StatusProblems(status Status) []string {
	if slices.Contains(statuses(), status) {
		return nil
	}
	return []string{"status must be one of the following values: pending, approved, rejected"}
}

// An Application is somebody's wish to become a partner. Texts that were not given are empty;
// ReviewedAt is zero while the application is pending.
type Application struct {
	ID              string
	Email           string
	Name            string
	Company         string
	Website         string
	Reason          string
	Status          Status
	RejectionReason string
	AffiliateID     string
	CreatedAt       time.Time
	ReviewedAt      time.Time
}

// ApplicationParams is what an applicant says. Email and Name are required.
type ApplicationParams struct {
	Email   string
	Name    string
	Company string
	Website string
	Reason  string
}

// Problems names what is wrong with the parameters; nothing when they can be used.
func (a ApplicationParams) Problems() []string {
	var p problems
	p.email("email", a.Email)
	p.required("name", a.Name, maxName)
	p.atMost("company", a.Company, maxCompany)
	p.webAddress("website", a.Website)
	p.atMost("reason", a.Reason, maxReason)
	return p
}

// Apply records an application. It fails with [Invalid], and with [Conflict] when the email has
// applied before, whatever became of it.
func (p *Program) Apply(params ApplicationParams) (Application, error) {
	if err := invalid(params.Problems()); err != nil {
		return Application{}, err
	}

	p.mu.Lock()
	defer p.mu.Unlock()

	email := keyOf(params.Email)
	if p.applications.byEmail[email] != nil {
		return Application{}, &Conflict{ErrorCodeAlreadyExists, "An application from this email exists already; ask for its status instead of applying again"}
	}
	application := &Application{
		ID:        p.newID(idPrefix),
		Email:     params.Email,
		Name:      params.Name,
		Company:   params.Company,
		Website:   params.Website,
		Reason:    params.Reason,
		Status:    Pending,
		CreatedAt: p.now(),
	}
	p.applications.add(email, application)
	return *application, nil
}

// ApplicationOf is the application of an email, if it has applied. It fails with [Invalid].
func (p *Program) ApplicationOf(email string) (application Application, applied bool, err error) {
	var wrong problems
	wrong.email("email", email)
	if err := invalid(wrong); err != nil {
		return Application{}, false, err
	}

	p.mu.RLock()
	defer p.mu.RUnlock()

	found := p.applications.byEmail[keyOf(email)]
	if found == nil {
		return Application{}, false, nil
	}
	return found.Application, true, nil
}

// Application is the application with the id. It fails with [NotFound].
func (p *Program) Application(id string) (Application, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()

	found, err := p.applications.find(id)
	if err != nil {
		return Application{}, err
	}
	return found.Application, nil
}
