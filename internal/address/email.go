package address

import (
	"strings"
	"unicode/utf8"
)

// MaxEmail is how many characters an email address may have.
const MaxEmail = 254

// EmailProblem says what keeps text from being an email address, as in "is empty"; "" if
// nothing does. An address has one @, and a dot in its domain. Both sides are words with single
// dots between them. A word of the domain is letters, digits and inner hyphens; one before the @
// may also hold any of !#$%&'*+-/=?^_`{|}~. Beyond ASCII, every visible character is a letter.
func EmailProblem(text string) string {
	local, domain, _ := strings.Cut(text, "@")
	switch {
	case strings.TrimSpace(text) == "":
		return "is empty"
	case len(text) > MaxEmail && utf8.RuneCountInString(text) > MaxEmail:
		return "is longer than 254 characters"
	case !holdsOnly(&emailCharacters, text):
		return "holds a character that no email address has, such as a space or a comma"
	case !dotted(local) || !dotted(domain) || !strings.Contains(domain, ".") || !host(domain):
		return "is not an email address"
	}
	return ""
}

// FoldEmail is the form in which email addresses are compared: A to Z in lower case, and nothing
// else changed. Beyond ASCII, characters that look alike are different ones, so nobody can take
// the place of another's address.
func FoldEmail(email string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, email)
}

// dotted reports whether text is words with single dots between them.
func dotted(text string) bool {
	return text != "" && text[0] != '.' && text[len(text)-1] != '.' && !strings.Contains(text, "..")
}

// host reports whether a dotted text can be the name of a host.
func host(text string) bool {
	return holdsOnly(&hostCharacters, text) && text[0] != '-' && text[len(text)-1] != '-' &&
		!strings.Contains(text, ".-") && !strings.Contains(text, "-.")
}

// ascii is a set of ASCII characters.
type ascii [utf8.RuneSelf]bool

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

var (
	emailCharacters = asciiOf(alphanumeric + "!#$%&'*+-/=?^_`{|}~.@")
	hostCharacters  = asciiOf(alphanumeric + "-.")
)

func asciiOf(characters string) (set ascii) {
	for _, c := range characters {
		set[c] = true
	}
	return set
}

// holdAll reports whether text is made of the set alone.
func (set *ascii) holdAll(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf || !set[text[i]] {
			return false
		}
	}
	return true
}

// holdsOnly reports whether text is made of the set and of visible characters beyond ASCII.
func holdsOnly(set *ascii, text string) bool {
	if set.holdAll(text) {
		return true
	}
	for i := range len(text) {
		if text[i] < utf8.RuneSelf && !set[text[i]] {
			return false
		}
	}
	return visible(text)
}
