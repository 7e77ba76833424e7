package conformance

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

var dashboardCases = []testCase{
	{"a partner sees what it has earned", documented, needSession, aPartnerSeesItsEarnings},
	{"clicks and deals are counted", contract, needKey | needSession, clicksAndDealsAreCounted},
	{"the five newest deals are shown, newest first", contract, needSession, theNewestDealsAreShown},
	{"the referral link carries the code", contract, needSession, theReferralLinkCarriesTheCode},
	{"a partner sees only what is its own", contract, needKey | needControl, partnersAreSeparate},
	{"a customer who is not a partner has none", contract, needControl, noDashboardWithoutPartner},
}

func aPartnerSeesItsEarnings(t *testing.T, s *suite) {
	partner := s.partner(t)
	dashboard := partner.dashboard(t)
	earned, pending := dashboard.Affiliate.TotalEarned, dashboard.Affiliate.PendingBalance
	assert.GreaterOrEqual(t, earned.Cmp(affiliates.Money{}), 0)
	assert.GreaterOrEqual(t, earned.Cmp(pending), 0, "no more is pending than was earned")
}

func clicksAndDealsAreCounted(t *testing.T, s *suite) {
	partner := s.partner(t)
	before := partner.dashboard(t)
	for range 3 {
		_, err := s.client.Affiliates.TrackReferral(t.Context(), affiliates.TrackParams{Code: partner.Code})
		require.NoError(t, err)
	}
	for range 2 {
		s.registerDeal(t, partner, newEmail())
	}
	after := partner.dashboard(t)
	assert.Equal(t, before.Stats.Clicks+3, after.Stats.Clicks)
	assert.Equal(t, before.Stats.Deals+2, after.Stats.Deals)
	assert.Equal(t, before.Stats.Customers, after.Stats.Customers)
	assert.Zero(t, before.Affiliate.TotalEarned.Cmp(after.Affiliate.TotalEarned))
}

func (s *suite) registerDeal(t *testing.T, partner partner, leadEmail string) *affiliates.Deal {
	t.Helper()
	deal, err := partner.client.Affiliates.RegisterDeal(t.Context(), affiliates.DealParams{LeadEmail: leadEmail, LeadName: testName})
	require.NoError(t, err)
	return deal
}

func theNewestDealsAreShown(t *testing.T, s *suite) {
	partner := s.partner(t)
	var newest []string
	for range 7 {
		newest = append([]string{s.registerDeal(t, partner, newEmail()).ID}, newest...)
	}
	var shown []string
	for _, deal := range partner.dashboard(t).RecentDeals {
		shown = append(shown, deal.ID)
	}
	assert.Equal(t, newest[:5], shown)
}

func theReferralLinkCarriesTheCode(t *testing.T, s *suite) {
	partner := s.partner(t)
	link, err := url.Parse(partner.dashboard(t).ReferralLink)
	require.NoError(t, err)
	assert.Equal(t, partner.Code, link.Query().Get("ref"))
}

func partnersAreSeparate(t *testing.T, s *suite) {
	busy, idle := s.partner(t), s.partner(t)
	_, err := s.client.Affiliates.TrackReferral(t.Context(), affiliates.TrackParams{Code: busy.Code})
	require.NoError(t, err)
	s.registerDeal(t, busy, newEmail())

	dashboard := idle.dashboard(t)
	assert.Zero(t, dashboard.Stats)
	assert.Empty(t, dashboard.RecentDeals)
	assert.Equal(t, idle.ID, dashboard.Affiliate.ID)
}

func noDashboardWithoutPartner(t *testing.T, s *suite) {
	_, err := s.signUp(t, Customer{}).client.Affiliates.GetDashboard(t.Context())
	s.requireErrorIs(t, err, stackbe.ErrNotFound, stackbe.CodeAffiliateNotFound)
}
