package console

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
)

var (
	decimalPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(-?)(\d{1,15})(?:\.(\d{1,2}))?$`) })
	amountPattern  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\d+(\.\d\d)?`) })
	integerPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^-?\d{1,9}$`) })
)

// readHundredths reads a number with at most two decimals as hundredths. The problem is empty if it is
// one.
func readHundredths(text string) (hundredths int64, problem string) {
	parts := decimalPattern().FindStringSubmatch(text)
	if parts == nil {
		return 0, "Must be a number with at most two decimals, such as 12.50."
	}
	hundredths, _ = strconv.ParseInt(parts[1]+parts[2]+(parts[3] + "00")[:2], 10, 64) // the pattern fits an int64
	return hundredths, ""
}

// readInteger reads a whole number. The problem is empty if it is one.
func readInteger(text string) (number int, problem string) {
	if !integerPattern().MatchString(text) {
		return 0, "Must be a whole number, such as 30."
	}
	number, _ = strconv.Atoi(text) // the pattern fits an int
	return number, ""
}

// inDollars writes the amounts in a message of the program as pages do.
func inDollars(message string) string {
	return amountPattern().ReplaceAllStringFunc(message, func(amount string) string {
		if !strings.Contains(amount, ".") {
			amount += ".00"
		}
		return "$" + amount
	})
}
