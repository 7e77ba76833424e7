package affiliates_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stackbe/stackbe-go/affiliates"
)

// Texts that are not numbers, or numbers that are too large to be held exactly at a
// bounded cost. Both money and rates refuse them.
var notNumbers = map[string]string{
	"nothing":                   ``,
	"a blank":                   ` `,
	"a word":                    `free`,
	"not a number":              `NaN`,
	"infinity":                  `Infinity`,
	"infinity for short":        `-Inf`,
	"hexadecimal":               `0x10`,
	"octal":                     `0o17`,
	"underscores":               `1_000`,
	"a thousands separator":     `1,000.00`,
	"a decimal comma":           `12,50`,
	"a currency":                `$12.50`,
	"a percent sign":            `20%`,
	"two points":                `1.2.3`,
	"two signs":                 `--5`,
	"a sign alone":              `-`,
	"a point alone":             `.`,
	"an exponent alone":         `e5`,
	"an empty exponent":         `1e`,
	"a fractional exponent":     `1e1.5`,
	"two exponents":             `1e1e1`,
	"a blank around it":         ` 5 `,
	"a line break after it":     "5\n",
	"a null byte after it":      "5\x00",
	"full-width digits":         `５`,
	"a huge exponent":           `1e999999999`,
	"a huge negative exponent":  `1e-999999999`,
	"an exponent over 32 bits":  `1e99999999999`,
	"an exponent just too big":  `1e19`,
	"19 decimal places":         `0.1234567890123456789`,
	"37 digits":                 strings.Repeat("9", 37),
	"37 digits before an e":     strings.Repeat("9", 37) + "e18",
	"65 characters":             "1." + strings.Repeat("0", 63),
	"a zero of a huge exponent": `0e999999999`,
}

func TestParseMoneyRefusesInvalidText(t *testing.T) {
	for name, text := range notNumbers {
		t.Run(name+" is not money", func(t *testing.T) {
			_, err := affiliates.ParseMoney(text)
			require.Error(t, err)
			assert.ErrorContains(t, err, "affiliates: money: ")

			amount := money("12.50")
			require.Error(t, json.Unmarshal([]byte(jsonText(t, text)), &amount), "as a string")
			assert.Equal(t, "12.50", amount.String(), "what cannot be read changes nothing")
			if json.Valid([]byte(text)) && text == strings.TrimSpace(text) {
				require.Error(t, json.Unmarshal([]byte(text), &amount), "as a number")
			}
		})
	}
}

func TestMoneyRefusesInvalidJSON(t *testing.T) {
	for _, text := range []string{`true`, `[]`, `{}`, `[12]`, `{"amount":12}`, `"\u0000"`, `"\ud800"`, `"null"`, `"\"12\""`} {
		t.Run(text+" is not money", func(t *testing.T) {
			var amount affiliates.Money
			assert.Error(t, json.Unmarshal([]byte(text), &amount))
		})
	}
}

func TestMoneyErrorsDoNotQuoteTheirInput(t *testing.T) {
	_, err := affiliates.ParseMoney("jane@acme.com")
	assert.NotContains(t, err.Error(), "jane")
}

func TestMoneyIsExact(t *testing.T) {
	for _, test := range []struct{ json, sent, text string }{
		{`0`, `0`, "0.00"},
		{`-0`, `0`, "0.00"},
		{`0.0`, `0`, "0.00"},
		{`12`, `12`, "12.00"},
		{`12.5`, `12.5`, "12.50"},
		{`12.50`, `12.5`, "12.50"},
		{`-12.5`, `-12.5`, "-12.50"},
		{`0.1`, `0.1`, "0.10"},
		{`0.30000000000000004`, `0.30000000000000004`, "0.30000000000000004"},
		{`12.345`, `12.345`, "12.345"},
		{`1e2`, `100`, "100.00"},
		{`1.25E+1`, `12.5`, "12.50"},
		{`125e-2`, `1.25`, "1.25"},
		{`1e18`, `1000000000000000000`, "1000000000000000000.00"},
		{`1e-18`, `0.000000000000000001`, "0.000000000000000001"},
		{`12345678901234567890`, `12345678901234567890`, "12345678901234567890.00"},
		{`9007199254740993`, `9007199254740993`, "9007199254740993.00"},
		{`123456789012345678.90`, `123456789012345678.9`, "123456789012345678.90"},
		{`"12.50"`, `12.5`, "12.50"},
		{`"12345678901234567890.01"`, `12345678901234567890.01`, "12345678901234567890.01"},
		{`"\u0031.5"`, `1.5`, "1.50"},
		{`null`, `0`, "0.00"},
	} {
		t.Run(test.json+" is "+test.text, func(t *testing.T) {
			var amount affiliates.Money
			require.NoError(t, json.Unmarshal([]byte(test.json), &amount))
			assert.Equal(t, test.text, amount.String())
			written, err := json.Marshal(amount)
			require.NoError(t, err)
			assert.Equal(t, 0, amount.Cmp(money(string(written))), "%s is written as %s", test.json, written)
			assert.Equal(t, test.sent, trimZeros(string(written)))
		})
	}
}

// trimZeros removes the trailing zeros of a fraction.
func trimZeros(number string) string {
	if !strings.Contains(number, ".") {
		return number
	}
	return strings.TrimSuffix(strings.TrimRight(number, "0"), ".")
}

func TestNullLeavesMoneyUnchanged(t *testing.T) {
	amount := money("12.50")
	require.NoError(t, json.Unmarshal([]byte(`null`), &amount))
	assert.Equal(t, "12.50", amount.String())
}

func TestMoneyArithmetic(t *testing.T) {
	sum := money("0.1").Add(money("0.2"))
	assert.Equal(t, 0, sum.Cmp(money("0.3")), "a tenth and two tenths are three tenths")
	assert.Equal(t, "0.30", sum.String())

	assert.Equal(t, "-0.10", money("0.1").Sub(money("0.2")).String())
	assert.True(t, money("0.3").Sub(sum).IsZero())
	assert.True(t, affiliates.Money{}.IsZero())
	assert.False(t, sum.IsZero())
	assert.Equal(t, -1, money("1").Cmp(money("1.01")))
	assert.Equal(t, +1, money("1").Cmp(money("-1")))
	assert.Equal(t, 0, money("1").Cmp(money("1.00")), "trailing zeros mean nothing")
	assert.True(t, money("12.5").Decimal().Equal(decimal.RequireFromString("12.5")))
}

func TestMoneyInCents(t *testing.T) {
	for _, test := range []struct {
		amount string
		cents  int64
		whole  bool
	}{
		{"0", 0, true},
		{"12.5", 1250, true},
		{"12.500", 1250, true},
		{"-0.01", -1, true},
		{"12.505", 0, false},
		{"0.001", 0, false},
		{"92233720368547758.07", math.MaxInt64, true},
		{"92233720368547758.08", 0, false},
		{"-92233720368547758.08", math.MinInt64, true},
		{"-92233720368547758.09", 0, false},
		{"1e18", 0, false},
	} {
		t.Run(test.amount, func(t *testing.T) {
			cents, whole := money(test.amount).Cents()
			assert.Equal(t, test.whole, whole)
			assert.Equal(t, test.cents, cents)
		})
	}
	for _, cents := range []int64{math.MinInt64, -1, 0, 1, 1250, math.MaxInt64} {
		back, whole := affiliates.MoneyFromCents(cents).Cents()
		assert.True(t, whole)
		assert.Equal(t, cents, back)
	}
}

func TestMoneyProperties(t *testing.T) {
	cents := rapid.Int64Range(-1e15, 1e15)

	t.Run("a sum is the sum of the cents", rapid.MakeCheck(func(t *rapid.T) {
		a, b := cents.Draw(t, "a"), cents.Draw(t, "b")
		sum, whole := affiliates.MoneyFromCents(a).Add(affiliates.MoneyFromCents(b)).Cents()
		assert.True(t, whole)
		assert.Equal(t, a+b, sum)
		difference, whole := affiliates.MoneyFromCents(a).Sub(affiliates.MoneyFromCents(b)).Cents()
		assert.True(t, whole)
		assert.Equal(t, a-b, difference)
	}))

	t.Run("the order is that of the cents", rapid.MakeCheck(func(t *rapid.T) {
		a, b := cents.Draw(t, "a"), cents.Draw(t, "b")
		assert.Equal(t, big.NewInt(a).Cmp(big.NewInt(b)), affiliates.MoneyFromCents(a).Cmp(affiliates.MoneyFromCents(b)))
	}))

	t.Run("cents survive JSON and text", rapid.MakeCheck(func(t *rapid.T) {
		amount := affiliates.MoneyFromCents(cents.Draw(t, "cents"))
		assert.NoError(t, survivesJSON(amount))
		assert.Equal(t, 0, amount.Cmp(money(amount.String())))
	}))

	t.Run("a number that is read is the number that was written", rapid.MakeCheck(func(t *rapid.T) {
		number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?`).Draw(t, "number")
		want, ok := new(big.Rat).SetString(number)
		assert.True(t, ok)
		assert.Zero(t, want.Cmp(money(number).Decimal().Rat()), number)
		assert.NoError(t, survivesJSON(money(number)))
	}))
}

// survivesJSON returns an error if amount changes when it is written and read again.
func survivesJSON(amount affiliates.Money) error {
	written, err := json.Marshal(amount)
	if err != nil {
		return err
	}
	var back affiliates.Money
	if err := json.Unmarshal(written, &back); err != nil {
		return err
	}
	if amount.Cmp(back) != 0 {
		return errors.New(amount.String() + " became " + back.String())
	}
	return nil
}

func FuzzMoney(f *testing.F) {
	for _, seed := range []string{
		`0`, `12.5`, `"12.50"`, `null`, `-0.01`, `1e18`, `1e-18`, `1e999999999`, `"\u0031"`, `"`, ``, `+5`, `"−5"`, `.5`, `5.`,
		`123456789012345678901234567890123456e18`, `"000000000000000000000000000000000000000000000000000001e-18"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var amount affiliates.Money
		if amount.UnmarshalJSON(data) != nil {
			assert.True(t, amount.IsZero(), "what cannot be read changes nothing")
			return
		}
		written, err := json.Marshal(amount)
		require.NoError(t, err, "what was read can be written")
		assert.LessOrEqual(t, len(written), 128, "a short text makes no long one")
		assert.LessOrEqual(t, len(amount.String()), 128)
		require.NoError(t, survivesJSON(amount))
		if cents, whole := amount.Cents(); whole {
			assert.Equal(t, 0, amount.Cmp(affiliates.MoneyFromCents(cents)))
		}
	})
}
