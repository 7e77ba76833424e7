package api

import (
	"math"
	"strconv"
	"strings"
)

// hundredths is a number with two decimals: an amount of money, or a rate. Its JSON is exact,
// without trailing zeros.
type hundredths int64

// hundredth is how many hundredths make 1.
const hundredth = 100

// MarshalJSON writes 1250 as 12.5.
func (h hundredths) MarshalJSON() ([]byte, error) {
	return h.append(nil), nil
}

func (h hundredths) append(to []byte) []byte {
	if h < 0 {
		to, h = append(to, '-'), -h
	}
	to = strconv.AppendInt(to, int64(h/hundredth), 10)
	fraction := h % hundredth
	if fraction == 0 {
		return to
	}
	to = append(to, '.', byte('0'+fraction/10))
	if fraction%10 != 0 {
		to = append(to, byte('0'+fraction%10))
	}
	return to
}

// parseHundredths reads a JSON number in any notation. A number that is too large is read as the
// largest integer; exact is false if the number has more than two decimals.
func parseHundredths(number string) (value int64, exact bool) {
	unsigned, negative := strings.CutPrefix(number, "-")
	mantissa, exponentText, _ := strings.Cut(strings.ToLower(unsigned), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	significant := strings.TrimRight(digits, "0")
	if significant == "" {
		return 0, true
	}

	// The number is significant × 10^power hundredths. The exponent is limited to what the digits
	// of a body can balance: beyond that, the result is the same.
	exponent, _ := strconv.Atoi(exponentText)
	exponent = max(-2*maxBody, min(exponent, 2*maxBody))
	power := exponent - len(fraction) + len(digits) - len(significant) + len("00")
	if power < 0 {
		return 0, false
	}
	if power > len("9223372036854775807") {
		return saturated(negative), true
	}
	value, err := strconv.ParseInt(significant+strings.Repeat("0", power), 10, 64)
	if err != nil {
		return saturated(negative), true
	}
	if negative {
		return -value, true
	}
	return value, true
}

// saturated is the largest integer, or the smallest.
func saturated(negative bool) int64 {
	const largest = math.MaxInt64 - math.MaxInt64%hundredth
	if negative {
		return -largest
	}
	return largest
}
