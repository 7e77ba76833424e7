package demo

import "github.com/stackbe/stackbe-go/internal/refserver/program"

// A partner is a partner in the script. Its ids are known once it is approved.
type partner struct {
	Partner
	y *year
}

// partner enrolls a partner: the application is approved the day after it is sent.
func (y *year) partner(days int, is person, reason, code string) *partner {
	p := &partner{Partner{Email: is.email, Code: code}, y}
	id := y.apply(days, is, reason)
	y.ago(days-1, func() {
		review, err := y.Approve(*id, code)
		if must(y, "approval of "+is.name, review, err); err == nil {
			p.AffiliateID, p.CustomerID = review.Affiliate.ID, review.Affiliate.CustomerID
		}
	})
	return p
}

// clicks are visits through the referral link.
func (p *partner) clicks(interval, from, to int) {
	p.y.each(interval, from, to, func() { p.click() })
}

func (p *partner) click() program.Click {
	click, err := p.y.TrackClick(program.ClickParams{Code: p.Code, URL: "https://yoursite.com/?ref=" + p.Code})
	return must(p.y, "click", click, err)
}

// The ways in which a customer becomes a user of the partner.

func (p *partner) byClick(days int, email, name string) {
	p.y.ago(days, func() { p.y.create(program.CustomerParams{Email: email, Name: name, ClickID: p.click().ID}) })
}

func (p *partner) byCode(days int, email, name string) {
	p.y.ago(days, func() { p.y.create(program.CustomerParams{Email: email, Name: name, ReferralCode: p.Code}) })
}

func (p *partner) byDeal(registered, won int, email, name, notes string) {
	p.deal(registered, email, name, notes)
	p.y.signUp(won, email, name)
}

func (p *partner) bySubAccount(days int, email, name string) {
	p.y.ago(days, func() {
		user, err := p.y.CreateSubAccount(p.CustomerID, program.SubAccountParams{Email: email, Name: name})
		p.y.customers[email] = must(p.y, "sub account "+email, user, err).ID
	})
}

func (p *partner) byLink(days int, email, name string) {
	p.y.signUp(days+2, email, name)
	p.y.ago(days, func() {
		user, err := p.y.LinkUser(p.CustomerID, email)
		must(p.y, "linking of "+email, user, err)
	})
}

func (p *partner) deal(days int, email, name, notes string) {
	p.y.ago(days, func() {
		deal, err := p.y.RegisterDeal(p.CustomerID, program.DealParams{LeadEmail: email, LeadName: name, Notes: notes})
		must(p.y, "deal of "+email, deal, err)
	})
}

// access has the partner ask a user for access, and the user take decisions a day apart.
func (p *partner) access(days int, email string, decisions ...program.AccessAction) {
	id := new(string)
	p.y.ago(days, func() {
		access, err := p.y.RequestAccess(p.CustomerID, p.y.customers[email])
		*id = must(p.y, "request for access", access, err).ID
	})
	for i, decision := range decisions {
		p.y.ago(days-1-i, func() {
			access, err := p.y.DecideAccess(p.y.customers[email], *id, decision)
			must(p.y, "decision on access", access, err)
		})
	}
}

// payout has the partner request a payout, and the administrator move it in steps a day apart.
func (p *partner) payout(days int, steps ...program.PayoutStep) {
	id := new(string)
	p.y.ago(days, func() {
		payout, err := p.y.RequestPayout(p.CustomerID)
		*id = must(p.y, "payout of "+p.Email, payout, err).ID
	})
	for i, step := range steps {
		p.y.ago(days-1-i, func() {
			moved, err := p.y.MovePayout(*id, step)
			must(p.y, "payout", moved, err)
		})
	}
}

var (
	processing = program.PayoutStep{Status: program.PayoutProcessing}
	paid       = program.PayoutStep{Status: program.PayoutPaid}
)

func failed(reason string) program.PayoutStep {
	return program.PayoutStep{Status: program.PayoutFailed, FailureReason: reason}
}

// schedule sets the interval of automatic payouts.
func (p *partner) schedule(days int, interval program.PayoutInterval) {
	p.y.ago(days, func() {
		schedule, err := p.y.SetPayoutSchedule(p.CustomerID, interval)
		must(p.y, "payout schedule", schedule, err)
	})
}

// settled has the administrator move the open payout of the partner, if there is one, by a step on each
// day of a span. None is open at the end of it.
func (p *partner) settled(from, to int) {
	p.y.each(1, from, to, p.settle)
	p.y.ago(to, p.settle)
}

func (p *partner) settle() {
	page, err := p.y.PartnerPayouts(p.CustomerID, program.PayoutQuery{PageQuery: program.PageQuery{Limit: 1}})
	for _, payout := range must(p.y, "payouts", page, err).Rows {
		next := paid
		switch payout.Status {
		case program.PayoutPending:
			next = processing
		case program.PayoutPaid, program.PayoutFailed:
			return
		}
		moved, err := p.y.MovePayout(payout.ID, next)
		must(p.y, "payout", moved, err)
	}
}
