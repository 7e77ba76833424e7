package program

import "time"

// A Click is a visit through a referral link. It is dropped when it expires.
type Click struct {
	ID          string `json:"id"`
	AffiliateID string `json:"affiliateId"`
	Code        string `json:"code"`
	// ExpiresAt is when the click stops attributing a sign-up.
	ExpiresAt time.Time `json:"expiresAt"`
}

type clicks struct{ *book[Click] }

func newClicks() clicks { return clicks{newBook(func(c Click) string { return c.ID })} }

// ClickParams describes a click. Code is required; URL is the page that was opened.
type ClickParams struct {
	Code string
	URL  string
}

// Problems returns the problems of the parameters; none if they are valid.
func (c ClickParams) Problems() []Problem {
	var p problems
	if c.Code == "" {
		p.add(ProblemMissing, "code", "should not be empty")
	}
	p.webAddress("url", c.URL)
	return p
}

// TrackClick counts a click, which attributes a sign-up for the present cookie duration.
// It returns [Invalid], and [NotFound] for a code that no partner has.
func (p *Program) TrackClick(params ClickParams) (Click, error) {
	if err := invalid(params.Problems()); err != nil {
		return Click{}, err
	}
	return command(p, func(s *state, now time.Time) (change[Click], error) {
		partner, known := s.partners.withCode(params.Code)
		if !known {
			return nil, &NotFound{ErrorCodeReferralCodeNotFound, "No partner of this app has this referral code"}
		}
		return func() Click {
			click := Click{
				ID:          fresh(s.ids, s.clicks.book, "click", idPrefix),
				AffiliateID: partner.ID,
				Code:        partner.Code,
				ExpiresAt:   now.Add(s.settings.cookieDuration()),
			}
			s.clicks.put(click)
			s.at(click.due())
			partner.Clicks++
			s.partners.put(partner)
			return click
		}, nil
	})
}

func (c Click) due() Due { return Due{At: c.ExpiresAt, Kind: DueClickExpires, ID: c.ID} }

func (s *state) expireClick(due Due) { s.clicks.remove(due.ID) }
