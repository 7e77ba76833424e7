package program_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func TestAttribution(t *testing.T) {
	type world struct {
		fixture
		byCode, byClick, byDeal program.Affiliate
		click                   program.Click
	}
	newWorld := func(t *testing.T) world {
		f := newFixture()
		w := world{
			fixture: f,
			byCode:  f.enroll(t, "code@acme.com", "CODE"),
			byClick: f.enroll(t, "click@acme.com", "CLICK"),
			byDeal:  f.enroll(t, "deal@acme.com", "DEAL"),
		}
		var err error
		w.click, err = f.TrackClick(program.ClickParams{Code: "click", URL: "https://yoursite.com?ref=CLICK"})
		require.NoError(t, err)
		_, err = f.RegisterDeal(w.byDeal.CustomerID, program.DealParams{LeadEmail: "Lead@Example.com", LeadName: "Lead"})
		require.NoError(t, err)
		return w
	}

	cases := []struct {
		name   string
		params func(world) program.CustomerParams
		wait   time.Duration
		want   func(world) string
	}{
		{
			name: "a code comes before a click and a deal",
			params: func(w world) program.CustomerParams {
				return program.CustomerParams{ReferralCode: "code", ClickID: w.click.ID}
			},
			want: func(w world) string { return w.byCode.ID },
		},
		{
			name:   "an unexpired click comes before a deal",
			params: func(w world) program.CustomerParams { return program.CustomerParams{ClickID: w.click.ID} },
			wait:   30*day - time.Nanosecond,
			want:   func(w world) string { return w.byClick.ID },
		},
		{
			name: "an unknown code leaves it to the click",
			params: func(w world) program.CustomerParams {
				return program.CustomerParams{ReferralCode: "NOBODY", ClickID: w.click.ID}
			},
			want: func(w world) string { return w.byClick.ID },
		},
		{
			name:   "an expired click leaves it to the deal",
			params: func(w world) program.CustomerParams { return program.CustomerParams{ClickID: w.click.ID} },
			wait:   30 * day,
			want:   func(w world) string { return w.byDeal.ID },
		},
		{
			name:   "a deal attributes by itself",
			params: func(world) program.CustomerParams { return program.CustomerParams{} },
			want:   func(w world) string { return w.byDeal.ID },
		},
		{
			name: "nothing known attributes to no partner",
			params: func(world) program.CustomerParams {
				return program.CustomerParams{Email: "other@example.com", ReferralCode: "*", ClickID: "cm0"}
			},
			want: func(world) string { return "" },
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.clock.Advance(c.wait)
			params := c.params(w)
			if params.Email == "" {
				params.Email = "lead@example.com"
			}
			customer := w.signUp(t, params)

			assert.Equal(t, c.want(w), customer.AffiliateID)
			for _, partner := range []program.Affiliate{w.byCode, w.byClick, w.byDeal} {
				want := 0
				if partner.ID == customer.AffiliateID {
					want = 1
				}
				assert.Equal(t, want, w.dashboard(t, partner.CustomerID).Customers, partner.Code)
			}
		})
	}

	t.Run("a lead that becomes a customer makes the deal won, whoever referred it", func(t *testing.T) {
		w := newWorld(t)
		w.signUp(t, program.CustomerParams{Email: "LEAD@example.com", ReferralCode: "CODE"})
		assert.Equal(t, program.Won, w.dashboard(t, w.byDeal.CustomerID).RecentDeals[0].Status)
	})

	t.Run("a lead that becomes a partner is attributed like any other customer", func(t *testing.T) {
		w := newWorld(t)
		lead := w.enroll(t, "lead@example.com", "LEAD")
		assert.Equal(t, 1, w.dashboard(t, w.byDeal.CustomerID).Customers)
		commission, err := w.RecordPayment(lead.CustomerID, 1000)
		require.NoError(t, err)
		assert.Equal(t, w.byDeal.ID, commission.AffiliateID)
	})

	t.Run("a partner cannot refer itself", func(t *testing.T) {
		w := newWorld(t)
		_, err := w.CreateCustomer(program.CustomerParams{Email: "CODE@acme.com", ReferralCode: "CODE"})
		requireConflict(t, err)
		_, err = w.RegisterDeal(w.byCode.CustomerID, program.DealParams{LeadEmail: "code@acme.com", LeadName: "Me"})
		requireConflict(t, err)
		commission, err := w.RecordPayment(w.byCode.CustomerID, 10_000)
		require.NoError(t, err)
		assert.Nil(t, commission)
		assert.Zero(t, w.dashboard(t, w.byCode.CustomerID).Affiliate.TotalEarned)
	})

	t.Run("a customer that signed up before it was referred is attributed to no partner", func(t *testing.T) {
		w := newWorld(t)
		w.signUp(t, program.CustomerParams{Email: "early@example.com"})
		_, err := w.CreateCustomer(program.CustomerParams{Email: "early@example.com", ReferralCode: "CODE"})
		requireConflict(t, err)
		assert.Zero(t, w.dashboard(t, w.byCode.CustomerID).Customers)
	})

	t.Run("an invalid sign-up is refused", func(t *testing.T) {
		_, err := newFixture().CreateCustomer(program.CustomerParams{Email: "no", Name: strings.Repeat("n", 201)})
		requireInvalid(t, err, "email must be an email", "name must be shorter than or equal to 200 characters")
	})
}

func TestClicks(t *testing.T) {
	t.Run("a click lasts for the cookie duration of its time", func(t *testing.T) {
		f := newFixture()
		f.enroll(t, "jane@acme.com", "JANE20")
		long, err := f.TrackClick(program.ClickParams{Code: "jane20"})
		require.NoError(t, err)
		assert.Equal(t, "JANE20", long.Code)
		assert.Equal(t, start.Add(30*day), long.ExpiresAt)

		oneDay := 1
		_, err = f.UpdateSettings(program.SettingsChange{CookieDurationDays: &oneDay})
		require.NoError(t, err)
		short, err := f.TrackClick(program.ClickParams{Code: "JANE20"})
		require.NoError(t, err)
		assert.Equal(t, start.Add(day), short.ExpiresAt)

		f.clock.Advance(2 * day)
		assert.Empty(t, f.signUp(t, program.CustomerParams{Email: "a@b.co", ClickID: short.ID}).AffiliateID)
		assert.NotEmpty(t, f.signUp(t, program.CustomerParams{Email: "b@b.co", ClickID: long.ID}).AffiliateID)
	})

	t.Run("every click is counted, even after it has expired", func(t *testing.T) {
		f := newFixture()
		jane := f.enroll(t, "jane@acme.com", "JANE20")
		for range 3 {
			_, err := f.TrackClick(program.ClickParams{Code: "JANE20"})
			require.NoError(t, err)
			f.clock.Advance(40 * day)
		}
		assert.Equal(t, 3, f.dashboard(t, jane.CustomerID).Clicks)
	})

	t.Run("a code that no partner has is not found", func(t *testing.T) {
		for _, code := range []string{"NOBODY", "?", strings.Repeat("x", 1000)} {
			_, err := newFixture().TrackClick(program.ClickParams{Code: code})
			requireNotFound(t, err)
		}
	})

	t.Run("an invalid click is refused", func(t *testing.T) {
		_, err := newFixture().TrackClick(program.ClickParams{URL: "yoursite.com"})
		requireInvalid(t, err, "code should not be empty", "url must be an http or https URL")
	})
}

func TestDeals(t *testing.T) {
	params := program.DealParams{LeadEmail: "lead@example.com", LeadName: "Lead", Notes: "Met at a fair"}

	t.Run("a lead that is registered already is refused, whoever registered it", func(t *testing.T) {
		f := newFixture()
		jane, john := f.enroll(t, "jane@acme.com", "JANE"), f.enroll(t, "john@acme.com", "JOHN")
		deal, err := f.RegisterDeal(jane.CustomerID, params)
		require.NoError(t, err)
		assert.Equal(t, program.Registered, deal.Status)
		assert.Equal(t, start, deal.CreatedAt)
		for _, partner := range []program.Affiliate{jane, john} {
			again := params
			again.LeadEmail = "LEAD@example.com"
			_, err := f.RegisterDeal(partner.CustomerID, again)
			requireConflict(t, err)
		}
	})

	t.Run("a lead that is a customer already is refused", func(t *testing.T) {
		f := newFixture()
		jane := f.enroll(t, "jane@acme.com", "JANE")
		f.signUp(t, program.CustomerParams{Email: "lead@example.com"})
		_, err := f.RegisterDeal(jane.CustomerID, params)
		requireConflict(t, err)
	})

	t.Run("a customer who is not a partner is not found", func(t *testing.T) {
		f := newFixture()
		customer := f.signUp(t, program.CustomerParams{Email: "c@example.com"})
		for _, id := range []string{customer.ID, "cust_0"} {
			_, err := f.RegisterDeal(id, params)
			requireNotFound(t, err)
		}
	})

	t.Run("invalid parameters are refused", func(t *testing.T) {
		_, err := newFixture().RegisterDeal("cust_0", program.DealParams{Notes: strings.Repeat("n", 5001)})
		requireInvalid(t, err, "leadEmail must be an email", "leadName should not be empty", "notes must be shorter than or equal to 5000 characters")
	})

	t.Run("a dashboard shows the five newest, newest first", func(t *testing.T) {
		f := newFixture()
		jane := f.enroll(t, "jane@acme.com", "JANE")
		for _, lead := range []string{"a", "b", "c", "d", "e", "f", "g"} {
			_, err := f.RegisterDeal(jane.CustomerID, program.DealParams{LeadEmail: lead + "@example.com", LeadName: lead})
			require.NoError(t, err)
		}
		dashboard := f.dashboard(t, jane.CustomerID)
		var names []string
		for _, deal := range dashboard.RecentDeals {
			names = append(names, deal.LeadName)
		}
		assert.Equal(t, []string{"g", "f", "e", "d", "c"}, names)
		assert.Equal(t, 7, dashboard.Deals)
	})
}
