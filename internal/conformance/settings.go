package conformance

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

var settingsCases = []testCase{
	{"the defaults are those that StackBE documents", contract, needForeign, defaultSettings},
	{"a change touches only what it names", contract, needAdmin | needChange | alone, aChangeTouchesOnlyItsFields},
	{"an empty change changes nothing", contract, needAdmin | needChange | alone, anEmptyChange},
	{"levels are replaced whole", contract, needAdmin | needChange | alone, levelsAreReplaced},
	{"the bounds themselves are valid", contract, needAdmin | needChange | alone, boundsAreValid},
	{"an invalid change is refused, with every problem, and changes nothing", contract, needAdmin | needChange | alone, anInvalidChangeIsRefused},
	{"apps have settings of their own", contract, needAdmin | needForeign | needChange | alone, appsHaveTheirOwnSettings},
}

func (s *suite) settings(t *testing.T) *affiliates.Settings {
	t.Helper()
	settings, err := s.admin.Affiliates.GetSettings(t.Context())
	require.NoError(t, err)
	return settings
}

// change changes settings until the test is over.
func (s *suite) change(t *testing.T, params affiliates.UpdateSettingsParams) *affiliates.Settings {
	t.Helper()
	s.restoreLater(t)
	settings, err := s.admin.Affiliates.UpdateSettings(t.Context(), params)
	require.NoError(t, err)
	return settings
}

// restoreLater puts back the settings that the server has: it may refuse others.
func (s *suite) restoreLater(t *testing.T) {
	t.Helper()
	before := s.settings(t)
	has := fieldsOf(t, before.Raw)
	var params affiliates.UpdateSettingsParams
	if has["defaultCommissionRate"] != nil {
		params.DefaultCommissionRate = &before.DefaultCommissionRate
	}
	if has["holdingPeriodDays"] != nil {
		params.HoldingPeriodDays = &before.HoldingPeriodDays
	}
	if has["minPayoutAmount"] != nil {
		params.MinPayoutAmount = &before.MinPayoutAmount
	}
	if has["cookieDurationDays"] != nil {
		params.CookieDurationDays = &before.CookieDurationDays
	}
	if has[s.contract.SettingsLevelsField] != nil {
		params.Levels = append([]affiliates.Level{}, before.Levels...)
	}
	for _, plan := range before.Plans {
		params.Plans = append(params.Plans, affiliates.PlanPrice{ID: plan.ID, MonthlyPrice: plan.MonthlyPrice})
	}
	t.Cleanup(func() {
		_, err := s.admin.Affiliates.UpdateSettings(context.WithoutCancel(t.Context()), params)
		assert.NoError(t, err, "the app's settings could not be put back")
	})
}

// defaultSettings reads the settings of the other app, which no case changes.
func defaultSettings(t *testing.T, s *suite) {
	if s.target.Control == nil && !s.target.Complete {
		t.Skip("a live app's settings may have been changed")
	}
	client := s.clientOf(t, s.target.Foreign.APIKey, s.target.Foreign.AppID).AsAdmin(s.target.Foreign.AdminToken)
	settings, err := client.Affiliates.GetSettings(t.Context())
	require.NoError(t, err)
	want := s.settingsBody(`{
		"defaultCommissionRate": <20>,
		"holdingPeriodDays": 30,
		"minPayoutAmount": 50,
		"cookieDurationDays": 30,
		"levels": [],
		"plans": PLANS
	}`)
	assert.JSONEq(t, strings.Replace(want, "PLANS", plansOfTheContract, 1), string(settings.Raw))
}

// plansOfTheContract are the plans by default, which no configured contract names otherwise.
const plansOfTheContract = `[
	{"id": "free", "name": "Free", "monthlyPrice": 0},
	{"id": "pro", "name": "Pro", "monthlyPrice": 20},
	{"id": "business", "name": "Business", "monthlyPrice": 100},
	{"id": "enterprise", "name": "Enterprise", "monthlyPrice": 250}
]`

var rateInBody = regexp.MustCompile(`<[^>]*>`)

// settingsBody is a body of the default contract in the configured one. Its rates are in angle
// brackets.
func (s *suite) settingsBody(body string) string {
	c := s.contract
	body = strings.NewReplacer(
		`"levels"`, `"`+c.SettingsLevelsField+`"`,
		`"name"`, `"`+c.LevelNameField+`"`,
		`"minPaidSubscriptions"`, `"`+c.LevelMinPaidSubscriptionsField+`"`,
		`"minMonthlyValue"`, `"`+c.LevelMinMonthlyValueField+`"`,
		`"commissionRate"`, `"`+c.LevelCommissionRateField+`"`,
	).Replace(body)
	return rateInBody.ReplaceAllStringFunc(body, func(rate string) string {
		rate = strings.Trim(rate, "<>")
		if c.FractionalRates {
			return decimal.RequireFromString(rate).Div(decimal.NewFromInt(100)).String()
		}
		return rate
	})
}

func aChangeTouchesOnlyItsFields(t *testing.T, s *suite) {
	rate, err := affiliates.ParsePercent("12.34")
	require.NoError(t, err)
	payout, days, cookie := affiliates.MoneyFromCents(75_05), 14, 60
	gold := []affiliates.Level{{Name: "Gold", MinPaidSubscriptions: 5, MinMonthlyValue: affiliates.MoneyFromCents(50_00), CommissionRate: affiliates.PercentFromInt(40)}}
	for _, change := range []struct {
		params affiliates.UpdateSettingsParams
		fields string
	}{
		{affiliates.UpdateSettingsParams{DefaultCommissionRate: &rate}, `{"defaultCommissionRate": <12.34>}`},
		{affiliates.UpdateSettingsParams{HoldingPeriodDays: &days}, `{"holdingPeriodDays": 14}`},
		{affiliates.UpdateSettingsParams{MinPayoutAmount: &payout}, `{"minPayoutAmount": 75.05}`},
		{affiliates.UpdateSettingsParams{CookieDurationDays: &cookie}, `{"cookieDurationDays": 60}`},
		{affiliates.UpdateSettingsParams{Levels: gold}, `{"levels": [{"name": "Gold", "minPaidSubscriptions": 5, "minMonthlyValue": 50, "commissionRate": <40>}]}`},
	} {
		want := fieldsOf(t, s.settings(t).Raw)
		maps.Copy(want, fieldsOf(t, json.RawMessage(s.settingsBody(change.fields))))

		changed := s.change(t, change.params)
		assert.Equal(t, want, fieldsOf(t, changed.Raw), "the response to a change of %s", change.fields)
		assert.Equal(t, want, fieldsOf(t, s.settings(t).Raw), "the settings after a change of %s", change.fields)
	}
}

func fieldsOf(t *testing.T, object json.RawMessage) map[string]any {
	t.Helper()
	return response{body: object}.object(t)
}

func anEmptyChange(t *testing.T, s *suite) {
	before := s.settings(t)
	after := s.change(t, affiliates.UpdateSettingsParams{})
	assert.JSONEq(t, string(before.Raw), string(after.Raw))
}

func levelsAreReplaced(t *testing.T, s *suite) {
	level := func(name string) affiliates.Level {
		return affiliates.Level{Name: name, MinPaidSubscriptions: 5, MinMonthlyValue: affiliates.MoneyFromCents(50_50), CommissionRate: affiliates.PercentFromInt(40)}
	}
	names := func(settings *affiliates.Settings) []string {
		names := []string{}
		for _, level := range settings.Levels {
			names = append(names, level.Name)
		}
		return names
	}
	s.change(t, affiliates.UpdateSettingsParams{Levels: []affiliates.Level{level("Silver"), level("Gold")}})
	assert.Equal(t, []string{"Silver", "Gold"}, names(s.settings(t)))
	s.change(t, affiliates.UpdateSettingsParams{Levels: []affiliates.Level{level("Platinum")}})
	assert.Equal(t, []string{"Platinum"}, names(s.settings(t)))
	s.change(t, affiliates.UpdateSettingsParams{Levels: []affiliates.Level{}})
	assert.Empty(t, names(s.settings(t)))
	assert.Contains(t, string(s.settings(t).Raw), `"`+s.contract.SettingsLevelsField+`":[]`)
}

func (s *suite) patchSettings(t *testing.T, body string) response {
	t.Helper()
	return s.send(t, request{
		method:     s.contract.UpdateSettingsMethod,
		path:       fill(s.contract.SettingsPath, s.target.AppID, ""),
		credential: s.asAdmin(s.target.AdminToken),
		body:       s.settingsBody(body),
	})
}

func boundsAreValid(t *testing.T, s *suite) {
	s.restoreLater(t)
	longest := `{"name": "` + strings.Repeat("ä", 50) + `", "minPaidSubscriptions": 0, "minMonthlyValue": 1000000, "commissionRate": <100>}`
	for _, body := range []string{
		`{"defaultCommissionRate": <0>, "holdingPeriodDays": 0, "minPayoutAmount": 0, "cookieDurationDays": 1}`,
		`{"defaultCommissionRate": <100>, "holdingPeriodDays": 365, "minPayoutAmount": 1000000, "cookieDurationDays": 365}`,
		`{"defaultCommissionRate": <0.01>, "minPayoutAmount": 999999.99, "levels": [` + longest + `]}`,
		`{"defaultCommissionRate": <1e1>, "holdingPeriodDays": 3.0e1}`,
	} {
		requireStatus(t, http.StatusOK, s.patchSettings(t, body))
	}
	assert.Equal(t, 30, s.settings(t).HoldingPeriodDays)
}

func anInvalidChangeIsRefused(t *testing.T, s *suite) {
	before := s.settings(t)
	level := func(name, rest string) string {
		return `{"name": "` + name + `", "minPaidSubscriptions": 5, "minMonthlyValue": 50, "commissionRate": <40>` + rest + `}`
	}
	for _, invalid := range []struct{ body, field string }{
		{`{"defaultCommissionRate": <-1>}`, "defaultCommissionRate"},
		{`{"defaultCommissionRate": <100.01>}`, "defaultCommissionRate"},
		{`{"defaultCommissionRate": <20.001>}`, "defaultCommissionRate"},
		{`{"defaultCommissionRate": "20"}`, "defaultCommissionRate"},
		{`{"defaultCommissionRate": null}`, "defaultCommissionRate"},
		{`{"holdingPeriodDays": -1}`, "holdingPeriodDays"},
		{`{"holdingPeriodDays": 366}`, "holdingPeriodDays"},
		{`{"holdingPeriodDays": 1.5}`, "holdingPeriodDays"},
		{`{"holdingPeriodDays": 4294967297}`, "holdingPeriodDays"},            // 1 in 32 bits
		{`{"holdingPeriodDays": 18446744073709551617}`, "holdingPeriodDays"},  // 1 in 64
		{`{"defaultCommissionRate": <42949673.96>}`, "defaultCommissionRate"}, // 1 in 32 bits of hundredths
		{`{"minPayoutAmount": -0.01}`, "minPayoutAmount"},
		{`{"minPayoutAmount": 1000000.01}`, "minPayoutAmount"},
		{`{"minPayoutAmount": 1e300}`, "minPayoutAmount"},
		{`{"cookieDurationDays": 0}`, "cookieDurationDays"},
		{`{"cookieDurationDays": 366}`, "cookieDurationDays"},
		{`{"levels": {}}`, "levels"},
		{`{"levels": [` + level(strings.Repeat("x", 51), "") + `]}`, "name"},
		{`{"levels": [` + level("Gold", `, "color": "gold"`) + `]}`, "color"},
		{`{"levels": [` + level("Gold", "") + `, ` + level("Gold", "") + `]}`, "name"},
		{`{"levels": [` + strings.Repeat(level("Gold", "")+",", 20) + level("Gold", "") + `]}`, "levels"},
		{`{"rate": 20}`, "rate"},
	} {
		got := s.patchSettings(t, invalid.body)
		s.requireRefused(t, http.StatusBadRequest, stackbe.CodeValidationError, got)
		field := strings.Trim(s.settingsBody(`"`+invalid.field+`"`), `"`)
		assert.Contains(t, string(got.body), field, invalid.body)
	}
	s.requireProblems(t, stackbe.CodeMissingRequiredField, s.patchSettings(t, `{"levels": [`+level("", "")+`]}`), s.contract.LevelNameField)
	s.requireProblems(t, stackbe.CodeValidationError, s.patchSettings(t, `{"holdingPeriodDays": 14, "cookieDurationDays": 0, "minPayoutAmount": -1}`), "cookieDurationDays", "minPayoutAmount")
	assert.JSONEq(t, string(before.Raw), string(s.settings(t).Raw))
}

func appsHaveTheirOwnSettings(t *testing.T, s *suite) {
	foreign := s.clientOf(t, s.target.Foreign.APIKey, s.target.Foreign.AppID).AsAdmin(s.target.Foreign.AdminToken)
	before, err := foreign.Affiliates.GetSettings(t.Context())
	require.NoError(t, err)
	days := before.HoldingPeriodDays%365 + 1
	s.change(t, affiliates.UpdateSettingsParams{HoldingPeriodDays: &days})

	after, err := foreign.Affiliates.GetSettings(t.Context())
	require.NoError(t, err)
	assert.JSONEq(t, string(before.Raw), string(after.Raw))
}
