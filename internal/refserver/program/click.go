package program

import "time"

// A Click is a visit through a referral link.
type Click struct {
	ID   string
	Code string
	// ExpiresAt is when the click stops attributing a sign-up.
	ExpiresAt time.Time
}

// A liveClick attributes a sign-up to a partner until it expires.
type liveClick struct {
	partner   *affiliate
	expiresAt time.Time
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
// It fails with [Invalid], and with [NotFound] for a code that no partner has.
func (p *Program) TrackClick(params ClickParams) (Click, error) {
	if err := invalid(params.Problems()); err != nil {
		return Click{}, err
	}

	p.mu.Lock()
	defer p.mu.Unlock()

	partner := p.affiliateWithCode(params.Code)
	if partner == nil {
		return Click{}, &NotFound{ErrorCodeReferralCodeNotFound, "No partner of this app has this referral code"}
	}
	now := p.now()
	p.dropExpiredClicks(now)
	tracked := Click{
		ID:        p.newID(idPrefix),
		Code:      partner.code,
		ExpiresAt: now.Add(p.settings.cookieDuration()),
	}
	partner.clicks++
	p.clicks[tracked.ID] = liveClick{partner, tracked.ExpiresAt}
	p.clickExpiry.Add(tracked.ExpiresAt, tracked.ID)
	return tracked, nil
}

// affiliateOfClick is the partner that an unexpired click belongs to, or nil.
func (p *Program) affiliateOfClick(id string, now time.Time) *affiliate {
	click, known := p.clicks[id]
	if !known || !now.Before(click.expiresAt) {
		return nil
	}
	return click.partner
}

// droppedAtOnce is how many expired clicks one that is tracked drops: more than the one that it
// adds, so that those remembered come down to those that still matter, and none waits for many.
const droppedAtOnce = 4

func (p *Program) dropExpiredClicks(now time.Time) {
	dropped := 0
	for id := range p.clickExpiry.Due(now) {
		delete(p.clicks, id)
		if dropped++; dropped == droppedAtOnce {
			return
		}
	}
}
