package transport

import (
	"cmp"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/stackbe/stackbe-go/internal/contract"
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

// headers is the names of those that the contract leaves open, canonical.
type headers struct {
	apiKey      string
	session     string
	admin       string
	idempotency string
	requestID   string
}

func newHeaders(c contract.Contract, idempotency string) headers {
	c = c.Complete()
	return headers{
		apiKey:      textproto.CanonicalMIMEHeaderKey(c.APIKeyHeader),
		session:     textproto.CanonicalMIMEHeaderKey(c.SessionHeader),
		admin:       textproto.CanonicalMIMEHeaderKey(c.AdminHeader),
		idempotency: textproto.CanonicalMIMEHeaderKey(cmp.Or(idempotency, c.IdempotencyHeader)),
		requestID:   textproto.CanonicalMIMEHeaderKey(c.RequestIDHeader),
	}
}

// set reports whether the SDK sets the header itself.
func (h *headers) set(name string) bool {
	switch textproto.CanonicalMIMEHeaderKey(name) {
	case h.apiKey, h.session, h.admin, h.idempotency:
		return true
	}
	return false
}

// secret is a credential, and the headers of a request that carries it and has no body:
// nil if no header can carry it. A closure holds it, because fmt, slog and test diffs
// print through pointers and fields, but not through closures.
type secret func() (token string, header http.Header)

// newSecret holds a token for a header: in Authorization after Bearer, in others alone.
func newSecret(name, token string, userAgent []string) secret {
	if token == "" {
		return nil
	}
	value := token
	if name == bearerHeader {
		value = "Bearer " + token
	}
	header := http.Header{name: {value}, "Accept": acceptJSON, "User-Agent": userAgent}
	if !ValidHeaderValue(token) {
		header = nil
	}
	return func() (string, http.Header) { return token, header }
}

// credentials holds at most one credential of each kind.
type credentials struct {
	apiKey  secret
	session secret
	admin   secret
}

func (cs *credentials) of(kind Credential) secret {
	switch kind {
	case Session:
		return cs.session
	case Admin:
		return cs.admin
	default:
		return cs.apiKey
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

// ValidHeaderValue reports whether s can be sent as a header value: visible ASCII
// only, so that no value can add another header.
func ValidHeaderValue(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// CheckCredential returns the error of a call that takes the credential if it is missing.
func (t *Transport) CheckCredential(kind Credential) error {
	if t.of(kind) == nil {
		return t.errors.NoCredential(kind)
	}
	return nil
}
