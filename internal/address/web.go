package address

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// MaxWeb is how many characters a web address may have.
const MaxWeb = 2048

// WebProblem says what keeps text from being the address of a web page, as in "is not an http
// or https URL"; "" if nothing does. An address is absolute, names a host, and holds visible
// characters only. It may be an IRI, and may hold what browsers leave as it is in a query.
func WebProblem(text string) string {
	if len(text) > MaxWeb && utf8.RuneCountInString(text) > MaxWeb {
		return "is longer than 2048 characters"
	}
	if !visible(text) {
		return "holds a character that no URL has, such as a space or a line break"
	}
	if plain(text) {
		return ""
	}
	address, err := url.Parse(text)
	if err != nil || address.Hostname() == "" || (address.Scheme != "http" && address.Scheme != "https") {
		return "is not an http or https URL"
	}
	return ""
}

// plain reports whether a visible text is a web address of the usual form, which there is no
// need to parse: net/url took a twentieth of the time of an application.
func plain(text string) bool {
	rest, ok := strings.CutPrefix(text, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(text, "http://")
	}
	name := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		name = rest[:end]
	}
	return ok && name != "" && hostCharacters.holdAll(name) && strings.IndexByte(text, '%') < 0
}
