package transport

import (
	"net/textproto"
	"slices"
	"strings"
)

// Credential names the one kind of credential that a call is sent with.
type Credential int

// The kinds of credential that StackBE documents.
const (
	APIKey  Credential = iota + 1 // x-api-key: the app's key
	Session                       // Authorization: Bearer, a customer's session token
	Admin                         // Authorization: Bearer, an admin's JWT
)

const (
	apiKeyHeader = "X-Api-Key"
	bearerHeader = "Authorization"
)

// secret is a credential and the header value that carries it, held where no
// printer can reach it: fmt, slog and test diffs follow pointers and fields,
// but not closures.
type secret func() (token string, header []string)

func newSecret(prefix, token string) secret {
	if token == "" {
		return nil
	}
	header := []string{prefix + token}
	return func() (string, []string) { return token, header }
}

// credentials holds at most one credential of each kind.
type credentials struct {
	apiKey  secret
	session secret
	admin   secret
}

// header returns the name and value of the header that carries c.
func (cs *credentials) header(c Credential) (string, secret) {
	switch c {
	case Session:
		return bearerHeader, cs.session
	case Admin:
		return bearerHeader, cs.admin
	default:
		return apiKeyHeader, cs.apiKey
	}
}

// tokens returns every credential held, to be taken out of texts.
func (cs *credentials) tokens() []string {
	var tokens []string
	for _, held := range []secret{cs.apiKey, cs.session, cs.admin} {
		if held != nil {
			token, _ := held()
			tokens = append(tokens, token)
		}
	}
	return tokens
}

// FreeHeaderName reports whether name, or the default for "", can name a header
// of the SDK's own: it is a token (RFC 9110, 5.6.2) and has no other meaning in
// a request.
func FreeHeaderName(name string) bool {
	for i := range len(name) {
		if c := name[i]; !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(c)) && !isAlphanumeric(rune(c)) {
			return false
		}
	}
	return !slices.Contains(takenHeaders, textproto.CanonicalMIMEHeaderKey(name))
}

var takenHeaders = []string{
	apiKeyHeader, bearerHeader, "Accept", "Accept-Encoding", "Connection", "Content-Encoding", "Content-Length", "Content-Type",
	"Cookie", "Expect", "Host", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding",
	"Upgrade", "User-Agent",
}

func isAlphanumeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// ValidHeaderValue reports whether s can be sent as a header value: visible
// ASCII only, so that nothing can add a header of its own.
func ValidHeaderValue(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
