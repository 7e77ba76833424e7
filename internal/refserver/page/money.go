package page

import (
	"strconv"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// Decimal is an amount as affiliates.Money.String writes it: 1250 is 12.50.
func Decimal(amount program.Cents) string {
	sign, magnitude := "", uint64(amount)
	if amount < 0 {
		sign, magnitude = "-", -magnitude
	}
	digits := strconv.FormatUint(magnitude, 10)
	for len(digits) < len("000") {
		digits = "0" + digits
	}
	point := len(digits) - len("00")
	return sign + digits[:point] + "." + digits[point:]
}

// Money is an amount with the currency. Every amount of a page is written by it.
func Money(amount program.Cents) string { return "$" + Decimal(amount) }

// Percent is a rate without trailing zeros, and a percent sign: 1250 is 12.5%.
func Percent(rate program.BasisPoints) string {
	text := Decimal(program.Cents(rate))
	for text[len(text)-1] == '0' {
		text = text[:len(text)-1]
	}
	if text[len(text)-1] == '.' {
		text = text[:len(text)-1]
	}
	return text + "%"
}

// UTC is a time as it is shown: "1 Mar 2026, 09:30 UTC".
func UTC(at time.Time) string { return at.UTC().Format("2 Jan 2006, 15:04 UTC") }

// Date is the day of a time, in UTC: "1 Mar 2026".
func Date(at time.Time) string { return at.UTC().Format("2 Jan 2006") }
