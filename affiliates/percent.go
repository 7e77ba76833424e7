package affiliates

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// Percent is an exact rate: 20 is 20 %. It is read from a JSON number or string
// and written as a number. The zero value is 0 %. Compare with [Percent.Cmp],
// not with ==. Contract: rates are percentages, not fractions.
type Percent struct{ rate decimal.Decimal }

// ParsePercent reads a rate without its sign, such as "12.5".
func ParsePercent(text string) (Percent, error) {
	rate, err := parseExact(text)
	if err != nil {
		return Percent{}, fmt.Errorf("affiliates: percent: %w", err)
	}
	return Percent{rate}, nil
}

// PercentFromInt returns a whole rate: 20 is 20 %.
func PercentFromInt(rate int64) Percent { return Percent{decimal.NewFromInt(rate)} }

// PercentFromDecimal returns d as a rate. It returns an error for more than 36 digits
// or 18 decimal places, which could not be read back.
func PercentFromDecimal(d decimal.Decimal) (Percent, error) {
	if !bounded(d) {
		return Percent{}, fmt.Errorf("affiliates: percent: %w", errNotNumber)
	}
	return Percent{d}, nil
}

// Decimal returns the number in front of the percent sign.
func (p Percent) Decimal() decimal.Decimal { return p.rate }

// Cmp returns -1 if p < q, 0 if they are equal, and +1 if p > q.
func (p Percent) Cmp(q Percent) int { return p.rate.Cmp(q.rate) }

// IsZero reports whether p is 0 %.
func (p Percent) IsZero() bool { return p.rate.IsZero() }

// String returns the rate with its sign, as "20%".
func (p Percent) String() string { return p.rate.String() + "%" }

// MarshalJSON writes the rate as a number.
func (p Percent) MarshalJSON() ([]byte, error) { return []byte(p.rate.String()), nil }

// UnmarshalJSON reads the rate from a number or a string.
func (p *Percent) UnmarshalJSON(data []byte) error {
	if err := unmarshalExact(data, &p.rate); err != nil {
		return fmt.Errorf("affiliates: percent: %w", err)
	}
	return nil
}
