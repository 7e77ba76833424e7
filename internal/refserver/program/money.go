package program

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/stackbe/stackbe-go/internal/refserver/hundredths"
)

// Cents is an amount of money in hundredths of the program's currency. In a document it is a
// number with two decimals at most: 980 is 9.8.
type Cents int64

// BasisPoints is a rate in hundredths of a percent: 2000 is 20 %, and so it is in a document.
type BasisPoints int64

// Fractions of one.
const (
	onePercent   BasisPoints = 100
	wholeRate                = 100 * onePercent
	oneUnit      Cents       = 100
	maxPayment   Cents       = 10_000_000_000_000
	maxSetAmount             = 1_000_000 * oneUnit
	// maxEarned is how much a partner can earn from payments that are recorded. The other half of the
	// range is left to renewals, which cannot be refused: they never earn that much.
	maxEarned Cents = math.MaxInt64 / 2
)

// shareOf returns the rate's share of an amount of at most maxPayment, rounded half up to the cent.
func shareOf(amount Cents, rate BasisPoints) Cents {
	return (amount*Cents(rate) + Cents(wholeRate)/2) / Cents(wholeRate)
}

// plus returns the sum of two amounts; ok is false if it is out of range. The smallest int64 has no
// opposite, and is not an amount.
func (c Cents) plus(other Cents) (sum Cents, ok bool) {
	sum = c + other
	return sum, (other >= 0) == (sum >= c) && sum != math.MinInt64
}

// text returns 12.50 for 1250, and -0.05 for -5.
func (c Cents) text() string {
	if c < 0 {
		return "-" + (-c).text()
	}
	return fmt.Sprintf("%d.%02d", c/oneUnit, c%oneUnit)
}

// MarshalJSON writes 980 as 9.8.
func (c Cents) MarshalJSON() ([]byte, error) { return hundredths.Append(nil, int64(c)), nil }

// UnmarshalJSON reads what [Cents.MarshalJSON] writes.
func (c *Cents) UnmarshalJSON(text []byte) error { return parseHundredths(text, (*int64)(c)) }

// MarshalJSON writes 1250 as 12.5.
func (b BasisPoints) MarshalJSON() ([]byte, error) { return hundredths.Append(nil, int64(b)), nil }

// UnmarshalJSON reads what [BasisPoints.MarshalJSON] writes.
func (b *BasisPoints) UnmarshalJSON(text []byte) error { return parseHundredths(text, (*int64)(b)) }

var errHundredths = errors.New("not a number with at most two decimals, such as 9.8, or out of range")

func parseHundredths(text []byte, to *int64) error {
	var number json.Number
	if err := json.Unmarshal(text, &number); err != nil {
		return errHundredths
	}
	value, err := hundredths.Parse(number.String())
	if err != nil {
		return errHundredths
	}
	*to = value
	return nil
}
