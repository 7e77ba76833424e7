package program_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func TestSettings(t *testing.T) {
	t.Run("the defaults are the documented ones", func(t *testing.T) {
		plans := []program.Plan{{"free", "Free", 0}, {"pro", "Pro", 20_00}, {"business", "Business", 100_00}, {"enterprise", "Enterprise", 250_00}}
		assert.Equal(t, program.Settings{DefaultCommissionRate: 2000, HoldingPeriodDays: 30, MinPayoutAmount: 50_00, CookieDurationDays: 30, Plans: plans}, newFixture().Settings())
	})

	t.Run("fields that are left out are not changed", func(t *testing.T) {
		f := newFixture()
		rate := program.BasisPoints(1250)
		changed, err := f.UpdateSettings(program.SettingsChange{DefaultCommissionRate: &rate})
		require.NoError(t, err)
		want := newFixture().Settings()
		want.DefaultCommissionRate = 1250
		assert.Equal(t, want, changed)
		assert.Equal(t, want, f.Settings())
	})

	t.Run("levels are replaced as a whole, and copied", func(t *testing.T) {
		f := newFixture()
		levels := []program.Level{{Name: "Silver"}, {Name: "Gold", MinPaidSubscriptions: 5, MinMonthlyValue: 50_00, CommissionRate: 4000}}
		_, err := f.UpdateSettings(program.SettingsChange{Levels: &levels})
		require.NoError(t, err)
		levels[0].Name = "changed by the caller"
		f.Settings().Levels[1].Name = "changed by a reader"
		assert.Equal(t, []program.Level{{Name: "Silver"}, {Name: "Gold", MinPaidSubscriptions: 5, MinMonthlyValue: 50_00, CommissionRate: 4000}}, f.Settings().Levels)

		levels = []program.Level{}
		changed, err := f.UpdateSettings(program.SettingsChange{Levels: &levels})
		require.NoError(t, err)
		assert.Empty(t, changed.Levels)
	})

	t.Run("values at the limits are accepted", func(t *testing.T) {
		f := newFixture()
		for _, c := range []struct {
			rate    program.BasisPoints
			holding int
			payout  program.Cents
			cookie  int
		}{{0, 0, 0, 1}, {10000, 365, 1_000_000_00, 365}} {
			levels := make([]program.Level, 20)
			for i := range levels {
				levels[i] = program.Level{Name: strings.Repeat("é", 50-i), MinMonthlyValue: c.payout, CommissionRate: c.rate}
			}
			_, err := f.UpdateSettings(program.SettingsChange{DefaultCommissionRate: &c.rate, HoldingPeriodDays: &c.holding, MinPayoutAmount: &c.payout, CookieDurationDays: &c.cookie, Levels: &levels})
			assert.NoError(t, err)
		}
	})

	t.Run("values beyond the limits are refused together, and change nothing", func(t *testing.T) {
		f := newFixture()
		before := f.Settings()
		rate, holding, payout, cookie := program.BasisPoints(10001), 366, program.Cents(1_000_000_01), 366
		levels := []program.Level{{Name: "A"}, {Name: "A", MinPaidSubscriptions: -1, MinMonthlyValue: -1, CommissionRate: -1}, {Name: strings.Repeat("n", 51), MinPaidSubscriptions: 1_000_001}, {}}
		_, err := f.UpdateSettings(program.SettingsChange{DefaultCommissionRate: &rate, HoldingPeriodDays: &holding, MinPayoutAmount: &payout, CookieDurationDays: &cookie, Levels: &levels})
		requireInvalid(t, err,
			"defaultCommissionRate must not be greater than 100",
			"holdingPeriodDays must not be greater than 365",
			"minPayoutAmount must not be greater than 1000000",
			"cookieDurationDays must not be greater than 365",
			"levels.1.minPaidSubscriptions must not be less than 0",
			"levels.1.minMonthlyValue must not be less than 0",
			"levels.1.commissionRate must not be less than 0",
			"levels.1.name must be unique",
			"levels.2.name must be shorter than or equal to 50 characters",
			"levels.2.minPaidSubscriptions must not be greater than 1000000",
			"levels.3.name should not be empty",
		)

		rate, holding, payout, cookie = -1, -1, -1, 0
		levels = make([]program.Level, 21)
		_, err = f.UpdateSettings(program.SettingsChange{DefaultCommissionRate: &rate, HoldingPeriodDays: &holding, MinPayoutAmount: &payout, CookieDurationDays: &cookie, Levels: &levels})
		requireInvalid(t, err,
			"defaultCommissionRate must not be less than 0",
			"holdingPeriodDays must not be less than 0",
			"minPayoutAmount must not be less than 0",
			"cookieDurationDays must not be less than 1",
			"levels must contain no more than 20 elements",
		)
		assert.Equal(t, before, f.Settings())
	})
}
