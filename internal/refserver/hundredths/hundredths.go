// Package hundredths reads and writes the JSON of numbers with two decimals, such as amounts of money
// and rates in percent, as the integers that count their hundredths.
package hundredths

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// One is how many hundredths make 1.
const One = 100

// Append appends 12.5 for 1250: exactly, and without trailing zeros.
func Append(to []byte, value int64) []byte {
	magnitude := uint64(value)
	if value < 0 {
		to, magnitude = append(to, '-'), -magnitude
	}
	to = strconv.AppendUint(to, magnitude/One, 10)
	fraction := magnitude % One
	if fraction == 0 {
		return to
	}
	to = append(to, '.', byte('0'+fraction/10))
	if fraction%10 != 0 {
		to = append(to, byte('0'+fraction%10))
	}
	return to
}

// Errors of [Parse].
var (
	ErrDecimals = errors.New("the number has more than two decimals")
	ErrRange    = errors.New("the number is out of range")
)

// Parse reads a JSON number in any notation. With ErrRange, it returns the nearest whole number that the
// result can be.
func Parse(number string) (int64, error) {
	unsigned, negative := strings.CutPrefix(number, "-")
	mantissa, exponentText, _ := strings.Cut(strings.ToLower(unsigned), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	significant := strings.TrimRight(digits, "0")
	if significant == "" {
		return 0, nil
	}

	// The number is significant × 10^power hundredths. The exponent is limited to what the digits can
	// balance: beyond that, the result is the same.
	exponent, _ := strconv.Atoi(exponentText)
	limit := len(number) + len("9223372036854775807")
	exponent = max(-limit, min(exponent, limit))
	power := exponent - len(fraction) + len(digits) - len(significant) + len("00")
	if power < 0 {
		return 0, ErrDecimals
	}
	if power > len("9223372036854775807") {
		return nearest(negative), ErrRange
	}
	sign := ""
	if negative {
		sign = "-"
	}
	value, err := strconv.ParseInt(sign+significant+strings.Repeat("0", power), 10, 64)
	if err != nil {
		return nearest(negative), ErrRange
	}
	return value, nil
}

func nearest(negative bool) int64 {
	const largest = math.MaxInt64 - math.MaxInt64%One
	if negative {
		return -largest
	}
	return largest
}
