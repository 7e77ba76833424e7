package api

import (
	"encoding/json"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestHundredthsAreWrittenExactly(t *testing.T) {
	for value, want := range map[hundredths]string{
		0: "0", 1: "0.01", 10: "0.1", 99: "0.99", 100: "1", 1250: "12.5", 1205: "12.05", 1_000_000_00: "1000000",
		-1: "-0.01", -1250: "-12.5", 9223372036854775807: "92233720368547758.07",
	} {
		got, err := json.Marshal(value)
		require.NoError(t, err)
		assert.Equal(t, want, string(got))
	}
}

func TestHundredthsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.Int64Range(-9223372036854775807, 9223372036854775807).Draw(t, "value")
		got, exact := parseHundredths(string(hundredths(value).append(nil)))
		assert.True(t, exact)
		assert.Equal(t, value, got)
	})
}

func TestParseHundredthsReadsEveryNotation(t *testing.T) {
	const largest = 9223372036854775800
	for number, want := range map[string]int64{
		"0": 0, "-0": 0, "0.000": 0, "0e999999999999999999999": 0, "12.5": 1250, "12.50": 1250, "12.5000": 1250, "1.25e1": 1250, "1.25E+1": 1250,
		"1250e-2": 1250, "12500000e-6": 1250, "0.00000125e7": 1250, "1e2": 100_00, "-7": -7_00,
		"1e17": largest, "-1e17": -largest, "1e999999999999999999999": largest, "92233720368547758.08": largest,
	} {
		got, exact := parseHundredths(number)
		assert.True(t, exact, number)
		assert.Equal(t, want, got, number)
	}
	for _, number := range []string{"0.001", "12.345", "1e-3", "1e-999999999999999999999", "-0.001", "99999999999999999999.001"} {
		_, exact := parseHundredths(number)
		assert.False(t, exact, number)
	}
}

func FuzzParseHundredths(f *testing.F) {
	for _, seed := range []string{"0", "12.5", "-1e2", "1.25E+1", "0.001", "1e30", "100e-2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, number string) {
		if !json.Valid([]byte(number)) || number == "" || len(number) > 40 || (number[0] != '-' && (number[0] < '0' || number[0] > '9')) {
			t.Skip()
		}
		got, exact := parseHundredths(number)
		want, ok := new(big.Rat).SetString(number)
		if !ok {
			t.Skip() // an exponent that big.Rat refuses
		}
		want.Mul(want, big.NewRat(100, 1))
		assert.Equal(t, want.IsInt(), exact)
		if exact && want.Num().IsInt64() {
			assert.Equal(t, want.Num().Int64(), got)
		}
	})
}
