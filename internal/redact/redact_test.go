package redact_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/stackbe/stackbe-go/internal/redact"
)

func TestText(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"a text without secrets is kept":        {"Email must be an email, not 7 (or 8)!", "Email must be an email, not 7 (or 8)!"},
		"an empty text is kept":                 {"", ""},
		"a URL without a path is kept":          {"dial https://api.stackbe.io: refused", "dial https://api.stackbe.io: refused"},
		"a question is kept":                    {"Is it open? Yes = no", "Is it open? Yes = no"},
		"letters beyond ASCII are kept":         {"Ungültige Prüfsumme: 日本", "Ungültige Prüfsumme: 日本"},
		"an email is taken out":                 {"jane@acme.com has applied", "[redacted] has applied"},
		"an email in quotes is taken out":       {`"jane@acme.com" has applied`, `"[redacted]" has applied`},
		"an email in brackets is taken out":     {"Jane <jane@acme.com>", "Jane <[redacted]>"},
		"emails in a list are taken out":        {"jane@acme.com,joe@acme.com", "[redacted],[redacted]"},
		"an email beyond ASCII is taken out":    {"of jané@acmé.com", "of [redacted]"},
		"an escaped email is taken out":         {"of jane%40acme.com", "of [redacted]"},
		"a path is taken out of a URL":          {"at https://portal.stackbe.io/portal/tok_1 now", "at https://portal.stackbe.io/[redacted] now"},
		"a query is taken out of a URL":         {"https://h?email=jane", "https://h/[redacted]"},
		"a fragment is taken out of a URL":      {"https://h#token=1", "https://h/[redacted]"},
		"a port is kept":                        {"http://127.0.0.1:8080/a", "http://127.0.0.1:8080/[redacted]"},
		"a user is taken out of a URL":          {"https://user:pass@h/a", "https://h/[redacted]"},
		"a URL of any scheme and case":          {"POSTGRES://h/db?password=x", "POSTGRES://h/[redacted]"},
		"a URL in quotes keeps its quotes":      {`Get "https://h/a": EOF`, `Get "https://h/[redacted]": EOF`},
		"a query without a URL is taken out":    {"GET /v1/status?email=jane&x=1 failed", "GET /v1/status?[redacted] failed"},
		"line breaks become blanks":             {"one\r\ntwo\tthree", "one  two three"},
		"terminal escapes lose their escape":    {"\x1b[31mred", " [31mred"},
		"a direction override becomes a blank":  {"a\u202eb", "a b"},
		"bytes that are not UTF-8 are replaced": {"caf\xe9", "caf\ufffd"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, redact.Text(test.text))
		})
	}
}

func TestTextTakesSecretsOut(t *testing.T) {
	for name, test := range map[string]struct {
		text    string
		secrets []string
		want    string
	}{
		"wherever they are":     {"sk_live_1, then sk_live_1", []string{"sk_live_1"}, "[redacted], then [redacted]"},
		"all of them":           {"key sk_live_1 token t.o.k", []string{"sk_live_1", "t.o.k"}, "key [redacted] token [redacted]"},
		"within a word":         {"Bearersk_live_1x", []string{"sk_live_1"}, "Bearer[redacted]x"},
		"and knows empty ones":  {"text", []string{"", ""}, "text"},
		"and longer ones whole": {"key sk_live_12", []string{"sk_live_1", "sk_live_12"}, "key [redacted]"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, redact.Text(test.text, test.secrets...))
		})
	}
}

func TestTextIsCut(t *testing.T) {
	assert.Equal(t, strings.Repeat("a", 512), redact.Text(strings.Repeat("a", 512)))
	assert.Equal(t, strings.Repeat("a", 512)+"…", redact.Text(strings.Repeat("a", 513)))
	assert.Equal(t, strings.Repeat("é", 512)+"…", redact.Text(strings.Repeat("é", 2000)), "between characters")
	assert.NotContains(t, redact.Text(strings.Repeat("a ", 254)+"jane@acme.com"), "jane", "emails go before the cut")
}

// Every address that the SDK sends, and so every one that a server may quote.
var addresses = rapid.StringMatching("[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,12}(\\.[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,12})?@[a-z0-9]{1,8}(\\.[a-z]{1,4}){0,2}")

func TestNoEmailSurvives(t *testing.T) {
	for name, quote := range map[string]func(string) string{
		"on its own":           func(email string) string { return email },
		"in a sentence":        func(email string) string { return "The email " + email + " is taken." },
		"in quotes":            func(email string) string { return `email "` + email + `" is taken` },
		"in angle brackets":    func(email string) string { return "Jane <" + email + ">" },
		"in parentheses":       func(email string) string { return "Jane (" + email + ")" },
		"after a colon":        func(email string) string { return "mailto:" + email },
		"after an equals sign": func(email string) string { return "email=" + email },
		"in a URL":             func(email string) string { return "https://h/status?email=" + email },
		"after another one":    func(email string) string { return "joe@acme.com," + email },
	} {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			email := addresses.Draw(t, "email")
			assert.NotContains(t, redact.Text(quote(email)), email)
		}))
		t.Run(name+", escaped", rapid.MakeCheck(func(t *rapid.T) {
			email := url.QueryEscape(addresses.Draw(t, "email"))
			assert.NotContains(t, redact.Text(quote(email)), email)
		}))
	}
}

func TestNoQuerySurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		query := url.Values{
			rapid.StringMatching(`[a-z]{1,8}`).Draw(t, "first name"):  {rapid.StringMatching(`secret[a-z]{8}`).Draw(t, "first value")},
			rapid.StringMatching(`[a-z]{1,8}`).Draw(t, "second name"): {rapid.StringMatching(`secret[a-z]{8}`).Draw(t, "second value")},
		}.Encode()
		for _, text := range []string{"https://h/a?" + query, "https://h?" + query, "GET /a?" + query + " failed", `Get "/a?` + query + `": EOF`} {
			assert.NotContains(t, redact.Text(text), "secret", text)
		}
	})
}

// A plain address, whatever is around it.
var plainEmail = regexp.MustCompile(`[[:alnum:]]@[[:alnum:]]`)

func FuzzText(f *testing.F) {
	f.Add("jane@acme.com has ", "sk_live_4f2a9c1d", " applied")
	f.Add("https://user:", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "@h/a?email=jane%40acme.com")
	f.Add("?a=", "https://h/a@b.c?d=e", "\x00\xff\u202e")
	f.Add("a@b@c,d@e", "12345678", "@x")
	f.Fuzz(func(t *testing.T, before, secret, after string) {
		const shortest = 12 // what is shorter may be part of the mask itself
		if len(secret) < shortest || strings.ContainsFunc(secret, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Skip("no credential is like that")
		}
		text := redact.Text(before+secret+after, secret)
		assert.NotContains(t, text, secret)
		assert.NotRegexp(t, plainEmail, text)
		assert.True(t, utf8.ValidString(text))
		assert.LessOrEqual(t, utf8.RuneCountInString(text), 513)
		assert.False(t, strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", text)
		assert.NotRegexp(t, plainEmail, redact.Text(before+after))
	})
}
