package affiliates

import (
	"errors"
	"strconv"

	"github.com/shopspring/decimal"
)

// Limits for numbers that are read: otherwise a short text such as 1e999999999
// would fill the memory when printed. A number within them has at most
// maxNumberText characters when it is written.
const (
	maxNumberText = 64
	maxDigits     = 36
	maxExponent   = 18
)

var errNotNumber = errors.New("not a decimal number of at most 36 digits and 18 decimal places")

// parseExact reads a decimal number within the limits.
func parseExact(text string) (decimal.Decimal, error) {
	if len(text) > maxNumberText {
		return decimal.Decimal{}, errNotNumber
	}
	d, err := decimal.NewFromString(text)
	if err != nil || !bounded(d) {
		return decimal.Decimal{}, errNotNumber // err would quote the text
	}
	return d, nil
}

func bounded(d decimal.Decimal) bool {
	return d.Exponent() >= -maxExponent && d.Exponent() <= maxExponent &&
		d.NumDigits()+max(0, int(d.Exponent())) <= maxDigits
}

// unmarshalExact reads a JSON number, or a string that holds one. null changes
// nothing, as everywhere in encoding/json.
func unmarshalExact(data []byte, into *decimal.Decimal) error {
	text := string(data)
	if text == "null" {
		return nil
	}
	if len(data) > 0 && data[0] == '"' {
		unquoted, err := strconv.Unquote(text)
		if err != nil {
			return errNotNumber
		}
		text = unquoted
	}
	d, err := parseExact(text)
	if err != nil {
		return err
	}
	*into = d
	return nil
}
