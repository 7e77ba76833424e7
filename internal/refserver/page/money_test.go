package page_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func TestMoneyIsWhatTheSDKWrites(t *testing.T) {
	for _, cents := range []int64{0, 1, 9, 10, 99, 100, 1250, -1, -5, -100, -1999, math.MaxInt64, math.MinInt64 + 1} {
		assert.Equal(t, "$"+affiliates.MoneyFromCents(cents).String(), page.Money(program.Cents(cents)))
	}
	rapid.Check(t, func(t *rapid.T) {
		cents := rapid.Int64().Draw(t, "cents")
		assert.Equal(t, affiliates.MoneyFromCents(cents).String(), page.Decimal(program.Cents(cents)))
	})
}

func TestPercentHasNoTrailingZeros(t *testing.T) {
	for rate, want := range map[program.BasisPoints]string{0: "0%", 5: "0.05%", 1250: "12.5%", 2000: "20%", 10000: "100%"} {
		assert.Equal(t, want, page.Percent(rate))
	}
}
