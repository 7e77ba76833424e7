package csvtable

import (
	"strings"
	"unicode"
)

// Inert returns text with an apostrophe in front where a spreadsheet would take it for a formula:
// where it begins with one of = + - @, also in their wide forms, behind characters that are not
// seen, or with a tab or line break. A spreadsheet shows the rest as text.
func Inert(text string) string {
	if text == "" {
		return text
	}
	if strings.ContainsRune("\t\r\n", rune(text[0])) {
		return "'" + text
	}
	seen := strings.TrimLeftFunc(text, unseen)
	if seen != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(seen)[0]) {
		return "'" + text
	}
	return text
}

// unseen characters may be dropped before a spreadsheet looks at a cell.
func unseen(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

// isNumber reports whether text is digits, with a minus sign or without, and with decimals or without.
func isNumber(text string) bool {
	whole, decimals, pointed := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	return isDigits(whole) && (!pointed || isDigits(decimals))
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
