package console_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// valid is a form of the settings with changes of it.
func valid(changed ...string) []string {
	form := map[string]string{
		"defaultCommissionRate": "12.5", "holdingPeriodDays": "0", "minPayoutAmount": "99.99", "cookieDurationDays": "7",
		"plan.free": "0", "plan.pro": "21", "plan.business": "100.50", "plan.enterprise": "250",
		"levels.1.name": " Gold ", "levels.1.minPaidSubscriptions": "6", "levels.1.minMonthlyValue": "50", "levels.1.commissionRate": "40",
	}
	for i := 0; i < len(changed); i += 2 {
		form[changed[i]] = changed[i+1]
	}
	var fields []string
	for name, value := range form {
		fields = append(fields, name, value)
	}
	return fields
}

func TestSettingsAreSaved(t *testing.T) {
	w := newWorld(t)
	b := w.admin(t, w.AdminToken)
	assert.Equal(t, "20", b.page("/console/settings").value(t, "defaultCommissionRate"))

	got := b.done("/console/settings", valid()...)
	assert.Contains(t, got.text(), "The settings are saved.")
	settings := w.Program.Settings()
	assert.EqualValues(t, 12_50, settings.DefaultCommissionRate)
	assert.Equal(t, 0, settings.HoldingPeriodDays)
	assert.EqualValues(t, 99_99, settings.MinPayoutAmount)
	assert.Equal(t, 7, settings.CookieDurationDays)
	assert.EqualValues(t, 100_50, settings.Plans[2].MonthlyPrice)
	assert.Equal(t, []program.Level{{Name: "Gold", MinPaidSubscriptions: 6, MinMonthlyValue: 50_00, CommissionRate: 40_00}}, settings.Levels)
	assert.Equal(t, "12.5", got.value(t, "defaultCommissionRate"))
	assert.Equal(t, "Gold", got.value(t, "levels.0.name"))

	t.Run("as they were, by the form that shows them", func(t *testing.T) {
		var form []string
		for _, name := range []string{
			"defaultCommissionRate", "holdingPeriodDays", "minPayoutAmount", "cookieDurationDays", "plan.free", "plan.pro", "plan.business", "plan.enterprise",
			"levels.0.name", "levels.0.minPaidSubscriptions", "levels.0.minMonthlyValue", "levels.0.commissionRate", "levels.1.name",
		} {
			form = append(form, name, got.value(t, name))
		}
		b.done("/console/settings", form...)
		assert.Equal(t, settings, w.Program.Settings())
	})

	t.Run("without the levels that are emptied", func(t *testing.T) {
		b.done("/console/settings", valid("levels.1.name", "", "levels.1.minPaidSubscriptions", "", "levels.1.minMonthlyValue", "", "levels.1.commissionRate", "")...)
		assert.Empty(t, w.Program.Settings().Levels)
	})

	t.Run("up to 20 levels", func(t *testing.T) {
		var levels []string
		for i := range 20 {
			levels = append(levels, fmt.Sprintf("levels.%d.name", i), fmt.Sprint("L", i), fmt.Sprintf("levels.%d.minPaidSubscriptions", i), "1", fmt.Sprintf("levels.%d.minMonthlyValue", i), "0", fmt.Sprintf("levels.%d.commissionRate", i), "30")
		}
		got := b.done("/console/settings", valid(levels...)...)
		assert.Len(t, w.Program.Settings().Levels, 20)
		assert.Equal(t, "L19", got.value(t, "levels.19.name"))
	})
}

func TestInvalidSettingsAreRefusedAtTheirField(t *testing.T) {
	w := newWorld(t)
	b := w.admin(t, w.AdminToken)
	before := w.Program.Settings()
	for _, test := range [][3]string{
		{"defaultCommissionRate", "101", "Must not be greater than 100."},
		{"defaultCommissionRate", "-1", "Must not be less than 0."},
		{"defaultCommissionRate", "20%", "Must be a number"},
		{"defaultCommissionRate", "", "Must be a number"},
		{"holdingPeriodDays", "366", "Must not be greater than 365."},
		{"holdingPeriodDays", "1.5", "Must be a whole number"},
		{"minPayoutAmount", "1000000.01", "Must not be greater than $1000000.00."},
		{"minPayoutAmount", "0.001", "Must be a number"},
		{"cookieDurationDays", "0", "Must not be less than 1."},
		{"cookieDurationDays", "x", "Must be a whole number"},
		{"plan.pro", "-1", "Must not be less than $0.00."},
		{"plan.enterprise", "x", "Must be a number"},
		{"levels.1.name", "", "Should not be empty."},
		{"levels.1.minPaidSubscriptions", "x", "Must be a whole number"},
		{"levels.1.minPaidSubscriptions", "", "Must be a whole number"},
		{"levels.1.minMonthlyValue", "-1", "Must not be less than $0.00."},
		{"minPayoutAmount", "-1", "Must not be less than $0.00."},
		{"plan.pro", "1000000.01", "Must not be greater than $1000000.00."},
		{"levels.1.minMonthlyValue", "1000000.01", "Must not be greater than $1000000.00."},
		{"levels.1.minPaidSubscriptions", "1000001", "Must not be greater than 1000000."},
		{"levels.1.commissionRate", "100.01", "Must not be greater than 100."},
	} {
		t.Run(test[0]+" "+test[1], func(t *testing.T) {
			got := b.post("/console/settings", valid(test[0], test[1])...)
			assert.Equal(t, http.StatusUnprocessableEntity, got.status)
			id := map[string]string{"plan.pro": "plan-pro", "plan.enterprise": "plan-enterprise"}[test[0]]
			if id == "" {
				id = test[0]
			}
			id = replaceDots(id)
			assert.Contains(t, got.problem(id), test[2])
			assert.Equal(t, test[1], got.value(t, test[0]), "what was entered is kept")
			assert.Equal(t, "21", map[bool]string{true: "21", false: got.value(t, "plan.pro")}[test[0] == "plan.pro"], "and so is the rest")
			assert.Contains(t, got.text(), "Nothing was saved yet.")
		})
	}
	t.Run("two levels with one name", func(t *testing.T) {
		got := b.post("/console/settings", valid("levels.4.name", "Gold", "levels.4.minPaidSubscriptions", "1", "levels.4.minMonthlyValue", "0", "levels.4.commissionRate", "1")...)
		assert.Equal(t, http.StatusUnprocessableEntity, got.status)
		assert.Equal(t, "Must be unique.", got.problem("levels-4-name"))
	})
	t.Run("all problems at once", func(t *testing.T) {
		got := b.post("/console/settings", valid("defaultCommissionRate", "x", "holdingPeriodDays", "999", "plan.pro", "-5")...)
		assert.NotEmpty(t, got.problem("defaultCommissionRate"))
		assert.NotEmpty(t, got.problem("holdingPeriodDays"))
		assert.NotEmpty(t, got.problem("plan-pro"))
	})
	require.Equal(t, before, w.Program.Settings())
}
