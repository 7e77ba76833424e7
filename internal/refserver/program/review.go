package program

// A Review is the outcome of reviewing an application.
type Review struct {
	Application Application
	// Affiliate is the partner record that an approval made; nil after a rejection.
	Affiliate *Affiliate
}

// ApprovalProblems names what is wrong with a referral code; empty asks for a generated one.
func ApprovalProblems(code string) []string {
	var p problems
	if _, ok := parseCode(code); code != "" && !ok {
		p.add("code must be 3 to 32 characters of A-Z, 0-9, _ and -")
	}
	return p
}

// RejectionProblems names what is wrong with the reason of a rejection; it may be empty.
func RejectionProblems(reason string) []string {
	var p problems
	p.atMost("rejectionReason", reason, maxRejectionReason)
	return p
}

// Approve makes the applicant a partner, and a customer if it is none yet. An empty code asks
// for a generated one. It fails with [Invalid], with [NotFound], and with [Conflict] when the
// application is reviewed already or the code is in use.
func (p *Program) Approve(applicationID, code string) (Review, error) {
	if err := invalid(ApprovalProblems(code)); err != nil {
		return Review{}, err
	}

	p.mu.Lock()
	defer p.mu.Unlock()

	application, err := p.pendingApplication(applicationID)
	if err != nil {
		return Review{}, err
	}
	if p.affiliateWithCode(code) != nil {
		return Review{}, &Conflict{ErrorCodeReferralCodeInUse, "This referral code is in use; choose another, or leave it out to have one generated"}
	}
	if code == "" {
		code = p.newCode(application.Name)
	}
	code, _ = parseCode(code)

	now := p.now()
	applicant := p.customersByEmail[keyOf(application.Email)]
	if applicant == nil {
		applicant = p.signUp(CustomerParams{Email: application.Email, Name: application.Name}, now)
	}
	partner := p.enrol(applicant, code, now)
	application.AffiliateID = partner.id
	application.ReviewedAt = now
	p.applications.setStatus(application, Approved)

	described := p.describe(partner)
	p.publish(ApplicationApproved{Application: application.Application, Affiliate: described})
	return Review{Application: application.Application, Affiliate: &described}, nil
}

// Reject turns an application down. The reason may be empty. It fails with [Invalid], with
// [NotFound], and with [Conflict] when the application is reviewed already.
func (p *Program) Reject(applicationID, reason string) (Review, error) {
	if err := invalid(RejectionProblems(reason)); err != nil {
		return Review{}, err
	}

	p.mu.Lock()
	defer p.mu.Unlock()

	application, err := p.pendingApplication(applicationID)
	if err != nil {
		return Review{}, err
	}
	application.RejectionReason = reason
	application.ReviewedAt = p.now()
	p.applications.setStatus(application, Rejected)
	p.publish(ApplicationRejected{Application: application.Application})
	return Review{Application: application.Application}, nil
}

func (p *Program) pendingApplication(id string) (*numberedApplication, error) {
	application, err := p.applications.find(id)
	if err != nil {
		return nil, err
	}
	if application.Status != Pending {
		return nil, &Conflict{ErrorCodeAlreadyReviewed, "This application has been reviewed already: it is " + string(application.Status)}
	}
	return application, nil
}
