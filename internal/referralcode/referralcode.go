// Package referralcode has the grammar of referral codes: one rule for the SDK and the reference
// server.
package referralcode

import "strings"

// The bounds of a code's length.
const (
	MinLength = 3
	MaxLength = 32
)

// Canonical returns a code in the form in which codes are shown and compared, and whether it is
// one: 3 to 32 of A-Z, a-z, 0-9, _ and -.
func Canonical(code string) (canonical string, ok bool) {
	if len(code) < MinLength || len(code) > MaxLength {
		return "", false
	}
	for i := range len(code) {
		if !character(code[i]) {
			return "", false
		}
	}
	return strings.ToUpper(code), true
}

func character(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}
