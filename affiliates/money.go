package affiliates

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// Money is an exact amount in the currency of the program, dollars in StackBE's
// documentation. It is read from a JSON number or string and written as a
// number. The zero value is 0. Compare with [Money.Cmp], not with ==.
type Money struct{ amount decimal.Decimal }

// ParseMoney reads an amount such as "12.50".
func ParseMoney(text string) (Money, error) {
	amount, err := parseExact(text)
	if err != nil {
		return Money{}, fmt.Errorf("affiliates: money: %w", err)
	}
	return Money{amount}, nil
}

// MoneyFromCents returns an amount given in hundredths: 1250 is 12.50.
func MoneyFromCents(cents int64) Money { return Money{decimal.New(cents, -2)} }

// MoneyFromDecimal returns d as an amount. It returns an error for more than 36
// digits or 18 decimal places, which could not be read back.
func MoneyFromDecimal(d decimal.Decimal) (Money, error) {
	if !bounded(d) {
		return Money{}, fmt.Errorf("affiliates: money: %w", errNotNumber)
	}
	return Money{d}, nil
}

// Decimal returns the amount as a decimal, for calculations that Money does not have.
func (m Money) Decimal() decimal.Decimal { return m.amount }

// Cents returns the amount in hundredths, and false if that is not a whole number or
// overflows an int64.
func (m Money) Cents() (int64, bool) {
	cents := m.amount.Shift(2)
	if !cents.IsInteger() || !cents.BigInt().IsInt64() {
		return 0, false
	}
	return cents.IntPart(), true
}

// Add returns m + n.
func (m Money) Add(n Money) Money { return Money{m.amount.Add(n.amount)} }

// Sub returns m - n.
func (m Money) Sub(n Money) Money { return Money{m.amount.Sub(n.amount)} }

// Cmp returns -1 if m < n, 0 if they are equal, and +1 if m > n.
func (m Money) Cmp(n Money) int { return m.amount.Cmp(n.amount) }

// IsZero reports whether m is 0.
func (m Money) IsZero() bool { return m.amount.IsZero() }

// String returns the amount with at least two decimals, as "12.50".
func (m Money) String() string {
	if m.amount.Equal(m.amount.Truncate(2)) {
		return m.amount.StringFixed(2)
	}
	return m.amount.String()
}

// MarshalJSON writes the amount as a number.
func (m Money) MarshalJSON() ([]byte, error) { return []byte(m.amount.String()), nil }

// UnmarshalJSON reads the amount from a number or a string.
func (m *Money) UnmarshalJSON(data []byte) error {
	if err := unmarshalExact(data, &m.amount); err != nil {
		return fmt.Errorf("affiliates: money: %w", err)
	}
	return nil
}
