package program

import (
	"slices"
	"time"
)

// Status is the state of an application.
type Status string

// The states of an application.
const (
	Pending  Status = "pending"
	Approved Status = "approved"
	Rejected Status = "rejected"
)

func statuses() []Status { return []Status{Pending, Approved, Rejected} }

// StatusProblems returns the problems of a status; none if it is valid.
func StatusProblems(status Status) []Problem {
	if slices.Contains(statuses(), status) {
		return nil
	}
	return []Problem{{Field: "status", Text: "must be one of the following values: pending, approved, rejected"}}
}

// An Application is an application to become a partner. Texts that were not given are empty;
// ReviewedAt is zero while the application is pending.
type Application struct {
	ID              string    `json:"id"`
	Email           string    `json:"email"`
	Name            string    `json:"name"`
	Company         string    `json:"company,omitempty"`
	Website         string    `json:"website,omitempty"`
	Reason          string    `json:"reason,omitempty"`
	Status          Status    `json:"status"`
	RejectionReason string    `json:"rejectionReason,omitempty"`
	AffiliateID     string    `json:"affiliateId,omitempty"`
	CreatedAt       time.Time `json:"createdAt"`
	ReviewedAt      time.Time `json:"reviewedAt,omitzero"`
}

type applications struct {
	*book[Application]
	byEmail  *unique[Application, emailKey]
	byStatus *group[Application, Status]
}

func newApplications() applications {
	b := newBook(func(a Application) string { return a.ID })
	return applications{
		book:     b,
		byEmail:  uniqueBy(b, func(a Application) emailKey { return keyOf(a.Email) }),
		byStatus: groupBy(b, func(a Application) Status { return a.Status }),
	}
}

func (a applications) find(id string) (Application, error) {
	found, known := a.get(id)
	if !known {
		return Application{}, &NotFound{ErrorCodeApplicationNotFound, "No application of this app has this id"}
	}
	return found, nil
}

// ApplicationParams has the texts of an application. Email and Name are required.
type ApplicationParams struct {
	Email   string
	Name    string
	Company string
	Website string
	Reason  string
}

// Problems returns the problems of the parameters; none if they are valid.
func (a ApplicationParams) Problems() []Problem {
	var p problems
	p.email("email", a.Email)
	p.required("name", a.Name, maxName)
	p.atMost("company", a.Company, maxCompany)
	p.webAddress("website", a.Website)
	p.atMost("reason", a.Reason, maxReason)
	return p
}

// Apply records an application. It returns [Invalid], and [Conflict] if the email has
// applied before, whatever the decision.
func (p *Program) Apply(params ApplicationParams) (Application, error) {
	if err := invalid(params.Problems()); err != nil {
		return Application{}, err
	}
	return command(p, func(s *state, now time.Time) (change[Application], error) {
		if s.applications.byEmail.has(keyOf(params.Email)) {
			return nil, &Conflict{ErrorCodeAlreadyExists, "An application from this email exists already; ask for its status instead of applying again"}
		}
		return func() Application {
			application := Application{
				ID:        fresh(s.ids, s.applications.book, "application", idPrefix),
				Email:     params.Email,
				Name:      params.Name,
				Company:   params.Company,
				Website:   params.Website,
				Reason:    params.Reason,
				Status:    Pending,
				CreatedAt: now,
			}
			s.applications.put(application)
			return application
		}, nil
	})
}

// ApplicationOf returns the application of an email, if it has applied. It returns [Invalid].
func (p *Program) ApplicationOf(email string) (application Application, applied bool, err error) {
	var wrong problems
	wrong.email("email", email)
	if err := invalid(wrong); err != nil {
		return Application{}, false, err
	}
	application, err = query(p, func(s *state, _ time.Time) (Application, error) {
		found, _ := s.applications.byEmail.get(keyOf(email))
		return found, nil
	})
	return application, application.ID != "", err
}

// Application returns the application with the id. It returns [NotFound].
func (p *Program) Application(id string) (Application, error) {
	return query(p, func(s *state, _ time.Time) (Application, error) { return s.applications.find(id) })
}

// An ApplicationQuery asks for one page of applications, newest first.
type ApplicationQuery struct {
	// Status, unless empty, leaves out applications of another status.
	Status Status
	// Limit is the length of the page.
	Limit int
	// Before is the Next of the page before; 0 asks for the first page.
	Before int
}

// An ApplicationPage is a part of the list of applications.
type ApplicationPage struct {
	Applications []Application
	// Next is where the next page starts, as [ApplicationQuery].Before; 0 after the last page.
	Next int
}

// Applications returns one page of the applications. Its cost depends on the length of the page,
// and on nothing else. It returns [Invalid] for a status that does not exist, and when no
// page can have ended at query.Before.
func (p *Program) Applications(asked ApplicationQuery) (ApplicationPage, error) {
	if asked.Status != "" {
		if err := invalid(StatusProblems(asked.Status)); err != nil {
			return ApplicationPage{}, err
		}
	}
	return query(p, func(s *state, _ time.Time) (ApplicationPage, error) {
		before, ok := s.applications.start(asked.Before)
		if !ok {
			return ApplicationPage{}, badCursor()
		}
		seqs := s.applications.backward(before)
		if asked.Status != "" {
			seqs = s.applications.byStatus.backward(asked.Status, before)
		}
		found := s.applications.page(seqs, asked.Limit)
		return ApplicationPage{Applications: found.rows, Next: found.next}, nil
	})
}
