package affiliates_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
)

func TestUpdateSettingsSendsSetFields(t *testing.T) {
	zero, days := 0, 45
	noRate, rate := affiliates.Percent{}, percent("33.33")
	noMoney, amount := affiliates.Money{}, money("12345678901234567.89")

	for name, test := range map[string]struct {
		params affiliates.UpdateSettingsParams
		body   string
	}{
		"no fields change nothing": {
			affiliates.UpdateSettingsParams{},
			`{}`,
		},
		"one field does not change the others": {
			affiliates.UpdateSettingsParams{HoldingPeriodDays: &days},
			`{"holdingPeriodDays":45}`,
		},
		"zero values are sent": {
			affiliates.UpdateSettingsParams{DefaultCommissionRate: &noRate, HoldingPeriodDays: &zero, MinPayoutAmount: &noMoney, CookieDurationDays: &zero},
			`{"defaultCommissionRate":0,"holdingPeriodDays":0,"minPayoutAmount":0,"cookieDurationDays":0}`,
		},
		"amounts and rates are sent as exact numbers": {
			affiliates.UpdateSettingsParams{DefaultCommissionRate: &rate, MinPayoutAmount: &amount},
			`{"defaultCommissionRate":33.33,"minPayoutAmount":12345678901234567.89}`,
		},
		"empty levels remove all levels": {
			affiliates.UpdateSettingsParams{Levels: []affiliates.Level{}},
			`{"levels":[]}`,
		},
		"a level is sent with its zero values": {
			affiliates.UpdateSettingsParams{Levels: []affiliates.Level{{Name: "Start"}}},
			`{"levels":[{"name":"Start","minPaidSubscriptions":0,"minMonthlyValue":0,"commissionRate":0}]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := newServer(t, response{body: settingsJSON})
			_, err := server.affiliates().UpdateSettings(t.Context(), test.params)
			require.NoError(t, err)
			assert.Equal(t, test.body, server.only().body)
		})
	}
}
