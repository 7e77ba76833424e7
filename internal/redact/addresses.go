package redact

import (
	"regexp"
	"strings"
	"sync"
)

// addresses finds URLs, queries, emails and userinfo.
func addresses(s string) []span {
	var spans []span
	at := 0
	for {
		i := strings.Index(s[at:], "://")
		if i < 0 {
			return append(spans, words(s, at, len(s))...)
		}
		scheme, authority := at+i, at+i+len("://")
		for scheme > at && isScheme(s[scheme-1]) {
			scheme--
		}
		spans = append(spans, words(s, at, scheme)...)
		var found []span
		found, at = location(s, scheme, authority)
		spans = append(spans, found...)
	}
}

// location finds what to take out of the URL that begins at scheme, and returns
// the URL's end.
//
// A URL keeps its scheme and host: paths hold portal tokens, queries hold emails.
// Where userinfo is not escaped, nothing tells where it ends, and the host goes too.
func location(s string, scheme, authority int) ([]span, int) {
	limit := lineEnd(s, authority)
	inQuotes := scheme > 0 && s[scheme-1] == '"'
	if inQuotes {
		limit = closingQuote(s, scheme-1)
	}
	refused := inQuotes && strings.HasSuffix(s[:scheme-1], parsing)
	end := limit
	if !refused {
		end = authority + until(s[authority:limit], urlEnds)
	}
	path := authority + until(s[authority:end], `/?#\`)
	host := authority + strings.LastIndexByte(s[authority:path], '@') + 1
	hostEnd := host + len(hosts().FindString(s[host:path]))

	at := func(from, to int) bool { return strings.IndexByte(s[from:to], '@') >= 0 }
	userinfo, beyond := host > authority, at(end, limit)
	blank := end + until(s[end:limit], blanks)
	torn := at(end, blank) && (userinfo || userAndPassword(s[authority:blank])) // by a quote or a bracket
	unclear := at(path, end) ||
		strings.Trim(s[hostEnd:path], punctuation) != "" || // no host
		inQuotes && beyond ||
		torn ||
		userinfo && refused // net/url takes off what follows a hash, and so the host
	switch {
	case unclear && inQuotes:
		return []span{{authority, limit, mask}}, limit
	case unclear:
		if torn || beyond && strings.ContainsAny(s[authority:path], ":@") {
			end = wordAfterAt(s, end)
		}
		return []span{{authority, end, mask}}, end
	case userinfo:
		return []span{{authority, host, ""}, {hostEnd, end, "/" + mask}}, end
	case path < end:
		return []span{{path, end, "/" + mask}}, end
	}
	return nil, hostEnd
}

// userAndPassword reports whether there is a colon before an @ in s.
func userAndPassword(s string) bool {
	return strings.IndexByte(s[:strings.LastIndexByte(s, '@')+1], ':') >= 0
}

// hosts is a host with its port, at the beginning of a text.
var hosts = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:\[[0-9A-Fa-f:.]+(?:%[0-9A-Za-z._~%-]+)?\]|[\pL\pN\pM._-]*)(?::[0-9]{1,5}\b)?`)
})

// wordAfterAt returns where the word ends that holds the first @ from start on: a
// userinfo with spaces or quotes reaches there.
func wordAfterAt(s string, start int) int {
	at := start + strings.IndexByte(s[start:], '@')
	return at + until(s[at:], urlEnds)
}

// words finds queries, emails and userinfo in the part of s from start to end, in
// which there is no URL.
func words(s string, start, end int) []span {
	spans := quotedUserinfo(s, start, end)
	for at := start; at < end; {
		length := until(s[at:end], wordEnds)
		spans = append(spans, word(s[:at+length], at)...)
		at += max(length, 1)
	}
	return spans
}

// word looks at the end of s, from start on.
func word(s string, start int) []span {
	var spans []span
	for {
		if userAndPassword(s[start:]) {
			end := domainEnd(s, start+strings.LastIndexByte(s[start:], '@')+1) // user:password@host
			spans = append(spans, span{start, end, mask})
			start = end
		}
		query := start + until(s[start:], "?")
		if strings.IndexByte(s[query:], '=') < 0 {
			return append(spans, emails(s, start)...)
		}
		spans = append(spans, emails(s[:query], start)...)
		start = query + 1 + until(s[query+1:], urlEnds)
		spans = append(spans, span{query + 1, start, mask})
	}
}

// emails looks at the end of s, from start on.
func emails(s string, start int) []span {
	var spans []span
	for at := start; at < len(s); {
		sign := indexAt(s[at:])
		if sign < 0 {
			break
		}
		sign += at
		domain := sign + signLength(s[sign:])
		local := at + strings.LastIndexAny(s[at:sign], "(),;:[]") + 1
		at = max(domain, domainEnd(s, domain))
		if local < sign || domain < at {
			spans = append(spans, span{local, at, mask})
		}
	}
	return spans
}

// indexAt returns the index of the first @ in s, or of one that is escaped: that
// is for emails quoted out of a query.
func indexAt(s string) int {
	at, escaped := strings.IndexByte(s, '@'), strings.Index(s, "%40")
	if at < 0 || escaped >= 0 && escaped < at {
		return escaped
	}
	return at
}

func signLength(s string) int {
	if s[0] == '@' {
		return 1
	}
	return len("%40")
}

// domainEnd returns where the domain ends that begins at start, after an @.
func domainEnd(s string, start int) int {
	if strings.HasPrefix(s[start:], "[") { // an address of IPv6
		if end := strings.IndexByte(s[start:], ']'); end > 0 {
			return start + end + 1
		}
	}
	return start + until(s[start:], domainEnds)
}

// quotedUserinfo finds "user:password@host" with spaces within the quotes.
func quotedUserinfo(s string, start, end int) []span {
	var spans []span
	for at := start; ; {
		open := strings.IndexByte(s[at:end], '"')
		if open < 0 {
			return spans
		}
		open += at
		closing := closingQuote(s[:end], open)
		at = min(end, closing+1)
		sign := open + 1 + strings.LastIndexByte(s[open+1:closing], '@')
		if sign > open && userAndColon().MatchString(s[open+1:sign]) {
			spans = append(spans, span{open + 1, domainEnd(s[:end], sign+1), mask})
		}
	}
}

var userAndColon = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[^\s:]+:\S`) })

// parsing is what net/url puts before the quoted URL that it cannot parse.
const parsing = "parse "

// quoted finds what net/url quotes of a URL that it cannot parse: parts of it, and
// all of it, where it has no scheme. They may be of a password that is not escaped.
func quoted(s string) []span {
	var spans []span
	for _, phrase := range []string{parsing, "invalid port ", "invalid URL escape "} {
		for at := 0; ; {
			i := strings.Index(s[at:], phrase+`"`)
			if i < 0 {
				break
			}
			open := at + i + len(phrase)
			at = closingQuote(s, open)
			if phrase != parsing || !strings.Contains(s[open:at], "://") {
				spans = append(spans, span{open + 1, at, mask})
			}
		}
	}
	return spans
}

const (
	blanks      = " \t\n\v\f\r"
	wordEnds    = blanks + `"<>`
	urlEnds     = wordEnds + `'`
	domainEnds  = urlEnds + "(),;:=?&[]"
	punctuation = ".,;:!?)]}'"
)

// until returns the length of what stands in s before the first of ends.
func until(s, ends string) int {
	if i := strings.IndexAny(s, ends); i >= 0 {
		return i
	}
	return len(s)
}

func lineEnd(s string, start int) int { return start + until(s[start:], "\r\n") }

// closingQuote returns where the quotation ends that begins with the quote at
// open: one that is escaped ends with one that is escaped.
func closingQuote(s string, open int) int {
	nested := open > 0 && s[open-1] == '\\'
	for i := open + 1; i < len(s); i++ {
		switch {
		case s[i] == '"' || s[i] == '\n':
			return i
		case s[i] == '\\' && nested && strings.HasPrefix(s[i:], `\"`):
			return i
		case s[i] == '\\':
			i++
		}
	}
	return len(s)
}

func isScheme(c byte) bool { return isAlphanumeric(c) || c == '+' || c == '.' || c == '-' }

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
