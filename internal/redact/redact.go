// Package redact takes out of a text what must not reach a log: email
// addresses, what follows the host in a URL, credentials and control
// characters.
package redact

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const (
	maxRunes = 512
	mask     = "[redacted]"
)

var (
	// A URL keeps its scheme and host: paths hold portal tokens, queries hold emails.
	urls = regexp.MustCompile(`(?i)\b([a-z][a-z0-9+.-]*://)(?:[^\s/?#"'<>@]*@([^\s/?#"'<>]*)(?:[/?#][^\s"'<>]*)?|([^\s/?#"'<>]*)[/?#][^\s"'<>]*)`)
	// A query without a URL around it, as in "GET /path?email=jane".
	queries = regexp.MustCompile(`\?[^\s"'<>]*=[^\s"'<>]*`)
	// The percent-encoded @ is for emails quoted out of a query.
	emails = regexp.MustCompile(`(?i)[^\s"<>(),;:\[\]]*(?:@|%40)[^\s"'<>(),;:=?&\[\]]+`)
)

// Text returns s without emails, URL paths and queries, control characters and
// the given secrets, cut to a length that a log line can bear.
func Text(s string, secrets ...string) string {
	s = withoutSecrets(s, secrets)
	s = urls.ReplaceAllString(s, "${1}${2}${3}/"+mask)
	s = queries.ReplaceAllString(s, "?"+mask)
	s = emails.ReplaceAllString(s, mask)
	return cut(strings.Map(printable, s))
}

// withoutSecrets takes the longest out first: one may be the beginning of another.
func withoutSecrets(s string, secrets []string) string {
	byLength := slices.SortedFunc(slices.Values(secrets), func(a, b string) int { return len(b) - len(a) })
	for _, secret := range byLength {
		if secret != "" {
			s = strings.ReplaceAll(s, secret, mask)
		}
	}
	return s
}

func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return ' '
}

func cut(s string) string {
	count := 0
	for i := range s {
		if count == maxRunes {
			return s[:i] + "…"
		}
		count++
	}
	return s
}
