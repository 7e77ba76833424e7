package hundredths_test

import (
	"encoding/json"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stackbe/stackbe-go/internal/refserver/hundredths"
)

func TestAppendIsExact(t *testing.T) {
	for value, want := range map[int64]string{
		0: "0", 1: "0.01", 10: "0.1", 99: "0.99", 100: "1", 1250: "12.5", 1205: "12.05", 1_000_000_00: "1000000",
		-1: "-0.01", -1250: "-12.5", math.MaxInt64: "92233720368547758.07", math.MinInt64: "-92233720368547758.08",
	} {
		assert.Equal(t, want, string(hundredths.Append(nil, value)))
	}
}

func TestParseReadsWhatAppendWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.Int64().Draw(t, "value")
		got, err := hundredths.Parse(string(hundredths.Append(nil, value)))
		require.NoError(t, err)
		assert.Equal(t, value, got)
	})
}

func TestParseReadsEveryNotation(t *testing.T) {
	for number, want := range map[string]int64{
		"0": 0, "-0": 0, "0.000": 0, "0e999999999999999999999": 0, "12.5": 1250, "12.50": 1250, "12.5000": 1250, "1.25e1": 1250, "1.25E+1": 1250,
		"1250e-2": 1250, "12500000e-6": 1250, "0.00000125e7": 1250, "1e2": 100_00, "-7": -7_00,
		"92233720368547758.07": math.MaxInt64, "-92233720368547758.08": math.MinInt64,
	} {
		got, err := hundredths.Parse(number)
		require.NoError(t, err, number)
		assert.Equal(t, want, got, number)
	}
}

func TestParseRefusesWhatIsNoHundredth(t *testing.T) {
	for _, number := range []string{"0.001", "12.345", "1e-3", "1e-999999999999999999999", "-0.001", "99999999999999999999.001"} {
		_, err := hundredths.Parse(number)
		assert.ErrorIs(t, err, hundredths.ErrDecimals, number)
	}
}

func TestParseReturnsTheNearestWholeNumberInRange(t *testing.T) {
	const largest = 9223372036854775800
	for number, want := range map[string]int64{
		"1e17": largest, "-1e17": -largest, "1e999999999999999999999": largest, "92233720368547758.08": largest, "-92233720368547758.09": -largest,
	} {
		got, err := hundredths.Parse(number)
		require.ErrorIs(t, err, hundredths.ErrRange, number)
		assert.Equal(t, want, got, number)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"0", "12.5", "-1e2", "1.25E+1", "0.001", "1e30", "100e-2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, number string) {
		if !json.Valid([]byte(number)) || number == "" || len(number) > 40 || (number[0] != '-' && (number[0] < '0' || number[0] > '9')) {
			t.Skip()
		}
		got, err := hundredths.Parse(number)
		want, ok := new(big.Rat).SetString(number)
		if !ok {
			t.Skip() // an exponent that big.Rat refuses
		}
		want.Mul(want, big.NewRat(100, 1))
		switch {
		case !want.IsInt():
			assert.ErrorIs(t, err, hundredths.ErrDecimals)
		case !want.Num().IsInt64():
			assert.ErrorIs(t, err, hundredths.ErrRange)
		default:
			require.NoError(t, err)
			assert.Equal(t, want.Num().Int64(), got)
		}
	})
}
