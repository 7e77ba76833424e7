package program

import "time"

// A Click is a visit through a referral link.
type Click struct {
	ID   string
	Code string
	// ExpiresAt is when the click stops attributing a sign-up.
	ExpiresAt time.Time
}

// ClickParams is what is known of a click. Code is required; URL is the page that was opened.
type ClickParams struct {
	Code string
	URL  string
}

// Problems names what is wrong with the parameters; nothing when they can be used.
func (c ClickParams) Problems() []string {
	var p problems
	if c.Code == "" {
		p.add("code should not be empty")
	}
	p.webAddress("url", c.URL)
	return p
}

// TrackClick counts a click, which attributes a sign-up for the cookie duration of this moment.
// It fails with [Invalid], and with [NotFound] for a code that is nobody's.
func (p *Program) TrackClick(params ClickParams) (Click, error) {
	if err := invalid(params.Problems()); err != nil {
		return Click{}, err
	}

	p.mu.Lock()
	defer p.mu.Unlock()

	partner := p.affiliateWithCode(params.Code)
	if partner == nil {
		return Click{}, &NotFound{"No partner of this app has this referral code"}
	}
	now := p.now()
	p.dropExpiredClicks(now)
	tracked := Click{
		ID:        p.newID(idPrefix),
		Code:      partner.code,
		ExpiresAt: now.Add(p.settings.cookieDuration()),
	}
	partner.clicks++
	p.clicks[tracked.ID] = partner
	p.clickExpiry.Add(tracked.ExpiresAt, tracked.ID)
	return tracked, nil
}

// affiliateOfClick is the partner that an unexpired click belongs to, or nil.
func (p *Program) affiliateOfClick(id string, now time.Time) *affiliate {
	p.dropExpiredClicks(now)
	return p.clicks[id]
}

// dropExpiredClicks keeps the clicks that are remembered to those that still matter.
func (p *Program) dropExpiredClicks(now time.Time) {
	for id := range p.clickExpiry.Due(now) {
		delete(p.clicks, id)
	}
}
