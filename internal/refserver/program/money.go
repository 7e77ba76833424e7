package program

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
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

// shareOf is the rate's share of an amount of at most maxPayment, rounded half up to the cent.
func shareOf(amount Cents, rate BasisPoints) Cents {
	return (amount*Cents(rate) + Cents(wholeRate)/2) / Cents(wholeRate)
}

// plus returns the sum of two amounts; ok is false if it is out of range. The smallest int64 has no
// opposite, and is not an amount.
func (c Cents) plus(other Cents) (sum Cents, ok bool) {
	sum = c + other
	return sum, (other >= 0) == (sum >= c) && sum != math.MinInt64
}

// text is 12.50 for 1250, and -0.05 for -5.
func (c Cents) text() string {
	if c < 0 {
		return "-" + (-c).text()
	}
	return fmt.Sprintf("%d.%02d", c/oneUnit, c%oneUnit)
}

// MarshalJSON writes 980 as 9.8.
func (c Cents) MarshalJSON() ([]byte, error) { return appendHundredths(nil, int64(c)), nil }

// UnmarshalJSON reads what [Cents.MarshalJSON] writes.
func (c *Cents) UnmarshalJSON(text []byte) error { return parseHundredths(text, (*int64)(c)) }

// MarshalJSON writes 1250 as 12.5.
func (b BasisPoints) MarshalJSON() ([]byte, error) { return appendHundredths(nil, int64(b)), nil }

// UnmarshalJSON reads what [BasisPoints.MarshalJSON] writes.
func (b *BasisPoints) UnmarshalJSON(text []byte) error { return parseHundredths(text, (*int64)(b)) }

func appendHundredths(to []byte, h int64) []byte {
	magnitude := uint64(h)
	if h < 0 {
		to, magnitude = append(to, '-'), -magnitude
	}
	to = strconv.AppendUint(to, magnitude/100, 10)
	if fraction := magnitude % 100; fraction != 0 {
		to = append(to, '.', byte('0'+fraction/10))
		if fraction%10 != 0 {
			to = append(to, byte('0'+fraction%10))
		}
	}
	return to
}

var errHundredths = errors.New("not a number with at most two decimals, such as 9.8, or out of range")

func parseHundredths(text []byte, to *int64) error {
	var number json.Number
	if err := json.Unmarshal(text, &number); err != nil {
		return errHundredths
	}
	whole, fraction, _ := strings.Cut(number.String(), ".")
	if len(fraction) > 2 {
		return errHundredths
	}
	value, err := strconv.ParseInt(whole+(fraction + "00")[:2], 10, 64)
	if err != nil {
		return errHundredths
	}
	*to = value
	return nil
}
