package affiliates_test

import (
	"encoding/json"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stackbe/stackbe-go/affiliates"
)

func TestParsePercentRefusesInvalidText(t *testing.T) {
	for name, text := range notNumbers {
		t.Run(name+" is not a rate", func(t *testing.T) {
			_, err := affiliates.ParsePercent(text)
			require.Error(t, err)
			assert.ErrorContains(t, err, "affiliates: percent: ")

			rate := percent("20")
			require.Error(t, json.Unmarshal([]byte(jsonText(t, text)), &rate))
			assert.Equal(t, "20%", rate.String(), "what cannot be read changes nothing")
		})
	}
}

func TestPercentIsExact(t *testing.T) {
	for _, test := range []struct{ json, text string }{
		{`0`, "0%"},
		{`20`, "20%"},
		{`12.5`, "12.5%"},
		{`33.33`, "33.33%"},
		{`0.1`, "0.1%"},
		{`100`, "100%"},
		{`"20"`, "20%"},
		{`2e1`, "20%"},
		{`null`, "0%"},
	} {
		t.Run(test.json+" is "+test.text, func(t *testing.T) {
			var rate affiliates.Percent
			require.NoError(t, json.Unmarshal([]byte(test.json), &rate))
			assert.Equal(t, test.text, rate.String())

			written, err := json.Marshal(rate)
			require.NoError(t, err)
			assert.Equal(t, test.text, string(written)+"%")
		})
	}
}

func TestPercentIsOrdered(t *testing.T) {
	assert.Equal(t, -1, percent("12.5").Cmp(percent("20")))
	assert.Equal(t, +1, percent("20.01").Cmp(percent("20")))
	assert.Equal(t, 0, affiliates.PercentFromInt(20).Cmp(percent("20.0")))
	assert.True(t, affiliates.Percent{}.IsZero())
	assert.False(t, affiliates.PercentFromInt(20).IsZero())
	assert.True(t, percent("12.5").Decimal().Equal(decimal.RequireFromString("12.5")))
}

func TestPercentSurvivesJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := percent(rapid.StringMatching(`-?(0|[1-9][0-9]{0,5})(\.[0-9]{1,6})?`).Draw(t, "rate"))
		written, err := json.Marshal(rate)
		assert.NoError(t, err)
		var back affiliates.Percent
		assert.NoError(t, json.Unmarshal(written, &back))
		assert.Equal(t, 0, rate.Cmp(back))
	})
}
