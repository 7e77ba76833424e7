package program

import "time"

// A Review is the result of reviewing an application.
type Review struct {
	Application Application
	// Affiliate is the partner record that an approval made; nil after a rejection.
	Affiliate *Affiliate
}

// ApprovalProblems returns the problems of a referral code; if it is empty, one is generated.
func ApprovalProblems(code string) []Problem {
	var p problems
	if _, ok := parseCode(code); code != "" && !ok {
		p.add(ProblemValue, "code", "must be 3 to 32 characters of A-Z, 0-9, _ and -")
	}
	return p
}

// RejectionProblems returns the problems of the reason of a rejection; it may be empty.
func RejectionProblems(reason string) []Problem {
	var p problems
	p.atMost("rejectionReason", reason, maxRejectionReason)
	return p
}

// Approve makes the applicant a partner, and a customer if it is not one yet. If the code is
// empty, one is generated. It returns [Invalid], [NotFound], and [Conflict] if the
// application is reviewed already or the code is in use.
func (p *Program) Approve(applicationID, code string) (Review, error) {
	if err := invalid(ApprovalProblems(code)); err != nil {
		return Review{}, err
	}
	return command(p, func(s *state, now time.Time) (change[Review], error) {
		application, err := s.pendingApplication(applicationID)
		if err != nil {
			return nil, err
		}
		if _, used := s.partners.withCode(code); used {
			return nil, &Conflict{ErrorCodeReferralCodeInUse, "This referral code is in use; choose another, or leave it out to have one generated"}
		}
		return func() Review { return s.approve(application, code, now) }, nil
	})
}

func (s *state) approve(application Application, code string, now time.Time) Review {
	if code == "" {
		code = s.newCode(application.Name)
	}
	applicant, isCustomer := s.customers.byEmail.get(keyOf(application.Email))
	if !isCustomer {
		params := CustomerParams{Email: application.Email, Name: application.Name}
		applicant = s.signUp(params, s.referrer(params), now)
	}
	affiliate := s.view(s.enroll(applicant, code, now))

	application.Status = Approved
	application.AffiliateID = affiliate.ID
	application.ReviewedAt = now
	s.applications.put(application)
	s.emit(Event{Kind: ApplicationApproved, At: now, Application: &application, Affiliate: &affiliate})
	return Review{Application: application, Affiliate: &affiliate}
}

// Reject turns an application down. The reason may be empty. It returns [Invalid],
// [NotFound], and [Conflict] if the application is reviewed already.
func (p *Program) Reject(applicationID, reason string) (Review, error) {
	if err := invalid(RejectionProblems(reason)); err != nil {
		return Review{}, err
	}
	return command(p, func(s *state, now time.Time) (change[Review], error) {
		application, err := s.pendingApplication(applicationID)
		if err != nil {
			return nil, err
		}
		return func() Review {
			application.Status = Rejected
			application.RejectionReason = reason
			application.ReviewedAt = now
			s.applications.put(application)
			s.emit(Event{Kind: ApplicationRejected, At: now, Application: &application})
			return Review{Application: application}
		}, nil
	})
}

func (s *state) pendingApplication(id string) (Application, error) {
	application, err := s.applications.find(id)
	if err != nil {
		return Application{}, err
	}
	if application.Status != Pending {
		return Application{}, &Conflict{ErrorCodeAlreadyReviewed, "This application has been reviewed already: it is " + string(application.Status)}
	}
	return application, nil
}
