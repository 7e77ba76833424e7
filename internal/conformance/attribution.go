package conformance

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
)

var attributionCases = []testCase{
	{"a sign-up with a code, a click or a deal is the partner's", contract, needKey | needControl, signUpsAreAttributed},
	{"a code goes before the deal of another partner", contract, needKey | needControl, aCodeGoesBeforeADeal},
	{"an expired click attributes nothing", contract, needKey | needControl | needAdmin | alone, anExpiredClickAttributesNothing},
	{"a lead that becomes a partner is won", contract, needKey | needAdmin | needSession, aLeadIsWon},
}

func signUpsAreAttributed(t *testing.T, s *suite) {
	partner, lead := s.partner(t), newEmail()
	click, err := s.client.Affiliates.TrackReferral(t.Context(), affiliates.TrackParams{Code: partner.Code})
	require.NoError(t, err)
	s.registerDeal(t, partner, lead)

	s.signUp(t, Customer{})
	assert.Zero(t, partner.dashboard(t).Stats.Customers)
	s.signUp(t, Customer{ReferralCode: partner.Code})
	assert.Equal(t, 1, partner.dashboard(t).Stats.Customers)
	s.signUp(t, Customer{ClickID: click.ID})
	assert.Equal(t, 2, partner.dashboard(t).Stats.Customers)
	s.signUpAs(Customer{Email: lead, Name: testName})
	assert.Equal(t, 3, partner.dashboard(t).Stats.Customers)
}

func aCodeGoesBeforeADeal(t *testing.T, s *suite) {
	ofCode, ofDeal, lead := s.partner(t), s.partner(t), newEmail()
	s.registerDeal(t, ofDeal, lead)
	s.signUpAs(Customer{Email: lead, Name: testName, ReferralCode: ofCode.Code})
	assert.Equal(t, 1, ofCode.dashboard(t).Stats.Customers)
	assert.Zero(t, ofDeal.dashboard(t).Stats.Customers)
}

func anExpiredClickAttributesNothing(t *testing.T, s *suite) {
	settings, err := s.admin.Affiliates.GetSettings(t.Context())
	require.NoError(t, err)
	partner := s.partner(t)
	click, err := s.client.Affiliates.TrackReferral(t.Context(), affiliates.TrackParams{Code: partner.Code})
	require.NoError(t, err)

	s.target.Control.Advance(time.Duration(settings.CookieDurationDays) * day)
	s.signUp(t, Customer{ClickID: click.ID})
	assert.Zero(t, partner.dashboard(t).Stats.Customers)
}

func aLeadIsWon(t *testing.T, s *suite) {
	partner, lead := s.partner(t), newEmail()
	before := partner.dashboard(t).Stats.Customers
	deal := s.registerDeal(t, partner, lead)
	s.approve(t, s.applyAs(t, lead))

	dashboard := partner.dashboard(t)
	assert.Equal(t, before+1, dashboard.Stats.Customers)
	require.NotEmpty(t, dashboard.RecentDeals)
	assert.Equal(t, deal.ID, dashboard.RecentDeals[0].ID)
	assert.Equal(t, affiliates.DealWon, dashboard.RecentDeals[0].Status)
}
