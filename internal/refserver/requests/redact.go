package requests

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/stackbe/stackbe-go/internal/redact"
)

const mask = "[redacted]"

// Text returns a text without the secrets that can be told by their form or by their names.
func Text(text string) string {
	text = withoutFields(text)
	text = withoutParameters(text)
	text = withoutInputs(text)
	text = withoutPortalTokens(text)
	text = withoutSignedTokens(text)
	return sessionToken().ReplaceAllString(text, mask)
}

// The expressions are compiled when they are first needed, which a server's start is not.
var (
	secretName   = lazy(`^(?i:[\w-]*(?:token|secret|password|csrf)|api_?key|portal_?key|seed)$`)
	input        = lazy(`name="([\w-]+)"[^>]*?value="([^"]*)`)
	portalToken  = lazy(`/portal/([^/?#\s"'<>\\&]*\.[^/?#\s"'<>\\&]*)`)
	sessionToken = lazy(`sess_[A-Za-z0-9]{8,}`)
)

func lazy(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// maxSecretName is longer than any name that secretName is to match.
const maxSecretName = 64

// A masker copies a text and masks parts of it.
type masker struct {
	text string
	done int
	made strings.Builder
}

func (m *masker) mask(start, end int) {
	if start < m.done {
		return
	}
	m.made.WriteString(m.text[m.done:start])
	m.made.WriteString(mask)
	m.done = end
}

func (m *masker) String() string {
	if m.done == 0 {
		return m.text
	}
	return m.made.String() + m.text[m.done:]
}

// withoutFields masks the values of JSON fields with secret names, also a value that is cut.
func withoutFields(text string) string {
	m := masker{text: text}
	for at := 0; ; {
		quote := strings.IndexByte(text[at:], '"')
		if quote < 0 {
			return m.String()
		}
		at += quote + 1
		name := leadingWord(text[at:])
		start, isField := valueAfter(text, at+len(name))
		if !isField || len(name) > maxSecretName || !secretName().MatchString(name) {
			continue
		}
		at = endOfString(text, start)
		m.mask(start, at)
	}
}

func leadingWord(text string) string {
	for i := range len(text) {
		if !isWord(text[i]) {
			return text[:i]
		}
	}
	return text
}

func isWord(c byte) bool {
	return c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// valueAfter returns where a string begins that is the value of a field whose name ends at a quote.
func valueAfter(text string, quote int) (start int, ok bool) {
	rest, ok := strings.CutPrefix(text[quote:], `"`)
	if !ok {
		return 0, false
	}
	rest, ok = strings.CutPrefix(strings.TrimLeft(rest, " \t\r\n"), ":")
	if !ok {
		return 0, false
	}
	rest, ok = strings.CutPrefix(strings.TrimLeft(rest, " \t\r\n"), `"`)
	return len(text) - len(rest), ok
}

// endOfString returns where a JSON string ends.
func endOfString(text string, start int) int {
	for at := start; at < len(text); at++ {
		switch text[at] {
		case '\\':
			at++
		case '"':
			return at
		}
	}
	return len(text)
}

// withoutParameters masks the values of parameters of a query or a form with secret names.
func withoutParameters(text string) string {
	m := masker{text: text}
	for at := 0; ; {
		sign := strings.IndexByte(text[at:], '=')
		if sign < 0 {
			return m.String()
		}
		at += sign
		start := at
		for start > 0 && at-start <= maxSecretName && isWord(text[start-1]) {
			start--
		}
		name, begins := text[start:at], start == 0 || strings.IndexByte("?&;", text[start-1]) >= 0
		at++
		if begins && secretName().MatchString(name) {
			end := at + indexAnyOrEnd(text[at:], "& \t\r\n\"<>")
			m.mask(at, end)
			at = end
		}
	}
}

func indexAnyOrEnd(text, chars string) int {
	if at := strings.IndexAny(text, chars); at >= 0 {
		return at
	}
	return len(text)
}

// withoutInputs masks the values of the inputs of an HTML form with secret names.
func withoutInputs(text string) string {
	m := masker{text: text}
	for _, found := range input().FindAllStringSubmatchIndex(text, -1) {
		if secretName().MatchString(text[found[2]:found[3]]) {
			m.mask(found[4], found[5])
		}
	}
	return m.String()
}

// withoutPortalTokens masks what follows /portal/, if it has the dot of a token.
func withoutPortalTokens(text string) string {
	m := masker{text: text}
	for _, found := range portalToken().FindAllStringSubmatchIndex(text, -1) {
		m.mask(found[2], found[3])
	}
	return m.String()
}

// shortestMAC is how long the last part of a signed token is at least, in base64.
const shortestMAC = 43

// withoutSignedTokens masks the tokens of links, which the program signs, and JWTs: words with dots
// between them, the last of which is long.
func withoutSignedTokens(text string) string {
	m := masker{text: text}
	for at := 0; ; {
		dot := strings.IndexByte(text[at:], '.')
		if dot < 0 {
			return m.String()
		}
		at += dot
		long := len(leadingWord(text[at+1:]))
		if long >= shortestMAC && at > 0 && isWord(text[at-1]) {
			start := at
			for start > m.done && (isWord(text[start-1]) || text[start-1] == '.') {
				start--
			}
			m.mask(start, at+1+long)
		}
		at += 1 + long
	}
}

// usualCredentials are headers that hold credentials whatever the contract.
var usualCredentials = []string{"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Api-Key"}

// redacted returns copies without credentials.
func (l *Log) redacted(all []*kept) []Request {
	secrets := l.config.Secrets()
	copies := make([]Request, len(all))
	for i, one := range all {
		copies[i] = l.copy(one, secrets)
	}
	return copies
}

func (l *Log) copy(one *kept, secrets []string) Request {
	clean := l.cleaner(one, secrets)
	made := l.summary(one, clean)
	made.Body = clean(string(one.body), MaxBody)
	made.ResponseBody = clean(string(one.response), MaxBody)
	made.Header = l.header(one.request.Header, clean)
	made.ResponseHeader = l.header(one.request.ResponseHeader, clean)
	return made
}

// summary is a request without its headers and bodies.
func (l *Log) summary(one *kept, clean cleaner) Request {
	made := one.request
	made.ID = made.ResponseHeader.Get(l.config.RequestIDHeader)
	made.Path = clean.all(made.Path)
	made.Query = clean.all(made.Query)
	made.Header, made.ResponseHeader = nil, nil
	return made
}

// A cleaner redacts the first bytes of a text of a request.
type cleaner func(text string, first int) string

func (c cleaner) all(text string) string { return c(text, len(text)) }

func (l *Log) cleaner(of *kept, secrets []string) cleaner {
	known := redact.New(slices.Concat(l.presented(of.request.Header), l.former(of), secrets)...)
	return func(text string, first int) string { return Text(known.First(text, first)) }
}

// presented returns the credentials of a request, which its body may repeat.
func (l *Log) presented(header http.Header) []string {
	var credentials []string
	for name, values := range header {
		if !l.isCredential(name) {
			continue
		}
		for _, value := range values {
			scheme, token := cutScheme(value)
			credentials = append(credentials, strings.TrimPrefix(value, scheme), token)
		}
	}
	return credentials
}

func (l *Log) isCredential(name string) bool {
	same := func(other string) bool { return strings.EqualFold(name, other) }
	return slices.ContainsFunc(usualCredentials, same) || slices.ContainsFunc(l.config.CredentialHeaders, same)
}

func (l *Log) header(header http.Header, clean cleaner) http.Header {
	made := make(http.Header, len(header))
	for name, values := range header {
		for _, value := range values {
			if l.isCredential(name) {
				scheme, _ := cutScheme(value)
				value = scheme + mask
			} else {
				value = clean.all(value)
			}
			made[name] = append(made[name], value)
		}
	}
	return made
}

// cutScheme cuts the name of the authentication scheme off, if it is a usual one.
func cutScheme(value string) (scheme, credential string) {
	before, after, found := strings.Cut(value, " ")
	if found && slices.Contains([]string{"bearer", "basic"}, strings.ToLower(before)) {
		return before + " ", strings.TrimSpace(after)
	}
	return "", value
}
