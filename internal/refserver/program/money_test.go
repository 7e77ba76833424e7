package program

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestAmountsInDocument(t *testing.T) {
	for amount, want := range map[Cents]string{0: "0", 1: "0.01", 10: "0.1", 980: "9.8", -5: "-0.05", -1250: "-12.5", 4900: "49", math.MaxInt64: "92233720368547758.07", math.MinInt64: "-92233720368547758.08"} {
		written, err := json.Marshal(amount)
		require.NoError(t, err)
		assert.Equal(t, want, string(written))
		var read Cents
		require.NoError(t, json.Unmarshal(written, &read))
		assert.Equal(t, amount, read)
	}
	for text, want := range map[string]BasisPoints{"20": 2000, "12.50": 1250, "0.0": 0, "1e1": 1000} {
		var read BasisPoints
		require.NoError(t, json.Unmarshal([]byte(text), &read))
		assert.Equal(t, want, read)
	}
	for _, text := range []string{"1.234", "1e-3", "1e300", `"x"`, "true", "92233720368547758.08", "[]"} {
		var read Cents
		assert.Error(t, json.Unmarshal([]byte(text), &read), text)
	}
}

func TestOverflowingSumsAreReported(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		edge := rapid.SampledFrom([]int64{0, 1, -1, math.MaxInt64, -math.MaxInt64, math.MaxInt64 / 2, -math.MaxInt64/2 - 1})
		amount := rapid.OneOf(edge, rapid.Int64Range(-math.MaxInt64, math.MaxInt64))
		a, b := amount.Draw(t, "a"), amount.Draw(t, "b")
		sum, ok := Cents(a).plus(Cents(b))
		wrapped := b > 0 && a > math.MaxInt64-b || b < 0 && a < -math.MaxInt64-b
		assert.Equal(t, !wrapped, ok)
		if ok {
			assert.Equal(t, Cents(a+b), sum)
		}
	})
}
