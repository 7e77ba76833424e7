// Package address says what an email address and a web address are. The SDK refuses by these
// rules before it sends anything, the reference server refuses by the same ones, and
// docs/contract.md states them.
package address

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible reports whether text is valid UTF-8 of characters that a reader sees: none is a
// space, a control or format character such as a zero-width space, a byte order mark or a
// direction override, an unassigned code point, or another that is drawn as nothing.
func visible(text string) bool {
	for i := range len(text) {
		c := text[i]
		if c >= utf8.RuneSelf {
			return utf8.ValidString(text) && !strings.ContainsFunc(text, hidden)
		}
		if c <= ' ' || c == 0x7f {
			return false
		}
	}
	return true
}

func hidden(r rune) bool {
	return r == ' ' || !unicode.IsPrint(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
