package program_test

import (
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func TestCommissions(t *testing.T) {
	newReferred := func(t *testing.T) (f fixture, partner, customer string) {
		f = newFixture()
		partner = f.enroll(t, "jane@acme.com", "JANE").CustomerID
		customer = f.signUp(t, program.CustomerParams{Email: "c@example.com", ReferralCode: "JANE"}).ID
		return f, partner, customer
	}
	rate := func(f fixture, rate program.BasisPoints) {
		_, err := f.UpdateSettings(program.SettingsChange{DefaultCommissionRate: &rate})
		require.NoError(t, err)
	}

	t.Run("a commission is in review up to its holding period and ready from then on", func(t *testing.T) {
		f, partner, customer := newReferred(t)
		commission, err := f.RecordPayment(customer, 49_00)
		require.NoError(t, err)
		assert.EqualValues(t, 9_80, commission.Amount)
		assert.EqualValues(t, 2000, commission.Rate)
		assert.Equal(t, start.Add(30*day), commission.ReadyAt)

		f.clock.Advance(30*day - time.Nanosecond)
		before := f.dashboard(t, partner)
		assert.EqualValues(t, 9_80, before.InReview)
		assert.EqualValues(t, 0, before.Ready)
		f.clock.Advance(time.Nanosecond)
		after := f.dashboard(t, partner)
		assert.EqualValues(t, 0, after.InReview)
		assert.EqualValues(t, 9_80, after.Ready)
		assert.EqualValues(t, 9_80, after.Affiliate.TotalEarned)
		assert.EqualValues(t, 9_80, after.Affiliate.PendingBalance)
	})

	t.Run("the rate and the holding period are those of the payment", func(t *testing.T) {
		f, partner, customer := newReferred(t)
		_, err := f.RecordPayment(customer, 100_00)
		require.NoError(t, err)
		rate(f, 4000)
		noHolding := 0
		_, err = f.UpdateSettings(program.SettingsChange{HoldingPeriodDays: &noHolding})
		require.NoError(t, err)
		_, err = f.RecordPayment(customer, 100_00)
		require.NoError(t, err)

		dashboard := f.dashboard(t, partner)
		assert.EqualValues(t, 20_00, dashboard.InReview, "the earlier one stays in review")
		assert.EqualValues(t, 40_00, dashboard.Ready, "the later one is ready at once")
		assert.EqualValues(t, 4000, dashboard.Affiliate.CommissionRate)
	})

	t.Run("amounts are rounded half up to the cent", func(t *testing.T) {
		for _, c := range []struct {
			payment program.Cents
			rate    program.BasisPoints
			want    program.Cents
		}{
			{payment: 2, rate: 2500, want: 1},  // 0.5
			{payment: 6, rate: 2500, want: 2},  // 1.5
			{payment: 10, rate: 2499, want: 2}, // 2.499
			{payment: 10, rate: 2500, want: 3}, // 2.5
			{payment: 1, rate: 10000, want: 1},
			{payment: 10_000_000_000_000, rate: 10000, want: 10_000_000_000_000},
		} {
			f, _, customer := newReferred(t)
			rate(f, c.rate)
			commission, err := f.RecordPayment(customer, c.payment)
			require.NoError(t, err)
			assert.Equal(t, c.want, commission.Amount, "%d at %d", c.payment, c.rate)
		}
	})

	t.Run("a share of less than half a cent is not a commission", func(t *testing.T) {
		f, partner, customer := newReferred(t)
		commission, err := f.RecordPayment(customer, 2)
		require.NoError(t, err)
		assert.Nil(t, commission)
		rate(f, 0)
		commission, err = f.RecordPayment(customer, 100_00)
		require.NoError(t, err)
		assert.Nil(t, commission)
		assert.Zero(t, f.dashboard(t, partner).Affiliate.TotalEarned)
	})

	t.Run("a payment of a customer that no partner referred earns nothing", func(t *testing.T) {
		f := newFixture()
		customer := f.signUp(t, program.CustomerParams{Email: "c@example.com"})
		commission, err := f.RecordPayment(customer.ID, 100_00)
		require.NoError(t, err)
		assert.Nil(t, commission)
	})

	t.Run("amounts that are not payments are refused", func(t *testing.T) {
		f, _, customer := newReferred(t)
		for _, amount := range []program.Cents{0, -1, 10_000_000_000_001} {
			_, err := f.RecordPayment(customer, amount)
			requireInvalid(t, err, "amount must be from 0.01 to 100000000000.00")
		}
	})

	t.Run("an unknown customer is not found", func(t *testing.T) {
		_, err := newFixture().RecordPayment("cust_0", 1)
		requireNotFound(t, err)
	})
}

func TestEarningsAddUpToTheCent(t *testing.T) {
	type earning struct {
		partner int
		amount  program.Cents
		readyAt time.Time
	}
	rapid.Check(t, func(t *rapid.T) {
		f := newFixture()
		partners := []string{f.enroll(t, "a@acme.com", "AAA").CustomerID, f.enroll(t, "b@acme.com", "BBB").CustomerID}
		customers := []string{
			f.signUp(t, program.CustomerParams{Email: "a@example.com", ReferralCode: "AAA"}).ID,
			f.signUp(t, program.CustomerParams{Email: "b@example.com", ReferralCode: "BBB"}).ID,
		}
		rate, holding := program.BasisPoints(2000), 30
		var model []earning

		t.Repeat(map[string]func(*rapid.T){
			"pay": func(t *rapid.T) {
				who := rapid.IntRange(0, 1).Draw(t, "who")
				amount := program.Cents(rapid.OneOf(rapid.Int64Range(1, 500), rapid.Int64Range(1, 10_000_000_000_000)).Draw(t, "amount"))
				_, err := f.RecordPayment(customers[who], amount)
				require.NoError(t, err)
				model = append(model, earning{who, halfUp(amount, rate), f.clock.Now().AddDate(0, 0, holding)})
			},
			"wait": func(t *rapid.T) {
				f.clock.Advance(time.Duration(rapid.IntRange(0, 20*24).Draw(t, "hours")) * time.Hour)
			},
			"change the settings": func(t *rapid.T) {
				rate = program.BasisPoints(rapid.IntRange(0, 10000).Draw(t, "rate"))
				holding = rapid.IntRange(0, 60).Draw(t, "holding")
				_, err := f.UpdateSettings(program.SettingsChange{DefaultCommissionRate: &rate, HoldingPeriodDays: &holding})
				require.NoError(t, err)
			},
			"": func(t *rapid.T) {
				for who, partner := range partners {
					var inReview, ready program.Cents
					for _, e := range model {
						switch {
						case e.partner != who:
						case f.clock.Now().Before(e.readyAt):
							inReview += e.amount
						default:
							ready += e.amount
						}
					}
					affiliate, _ := f.Affiliate(partner) // before the dashboard settles anything
					require.Equal(t, inReview+ready, affiliate.TotalEarned)
					require.Equal(t, inReview+ready, affiliate.PendingBalance)
					dashboard := f.dashboard(t, partner)
					require.Equal(t, inReview, dashboard.InReview)
					require.Equal(t, ready, dashboard.Ready)
					require.Equal(t, inReview+ready, dashboard.Affiliate.TotalEarned)
				}
			},
		})
	})
}

// halfUp is the share of an amount, by exact fractions.
func halfUp(amount program.Cents, rate program.BasisPoints) program.Cents {
	share := new(big.Rat).Mul(big.NewRat(int64(amount), 1), big.NewRat(int64(rate), 10000))
	share.Add(share, big.NewRat(1, 2))
	return program.Cents(new(big.Int).Div(share.Num(), share.Denom()).Int64())
}
