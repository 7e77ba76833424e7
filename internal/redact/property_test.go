package redact_test

import (
	"encoding/base64"
	"encoding/json"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/stackbe/stackbe-go/internal/redact"
)

// words are what an error says: without a sign that has a meaning in a URL or an address.
var words = rapid.StringMatching(`[a-zA-Z0-9éß日,;.!'()-]{0,12}( [a-zA-Z0-9éß日,;.!'()-]{1,12}){0,6}`)

// anything is any text at all.
var anything = rapid.OneOf(words, rapid.String(), rapid.StringMatching("[ -~\n]{0,40}"), filler)

// filler is as long as to move what follows it across the end of what is shown.
var filler = rapid.Custom(func(t *rapid.T) string {
	unit := rapid.SampledFrom([]string{"a", "é", "a ", "jane@acme.com ", "http://u:p@h/x ", "%"}).Draw(t, "unit")
	return strings.Repeat(unit, rapid.IntRange(0, 7<<10).Draw(t, "bytes")/len(unit))
})

// secrets are those that are taken out wherever they stand; long enough to be no part of a mask.
var secrets = rapid.StringMatching(`[!-~]{12,80}`)

func TestTextRedactsSecretInAnyEncoding(t *testing.T) {
	forms := map[string]func(string) string{
		"unchanged":                     func(s string) string { return s },
		"in a query":                    url.QueryEscape,
		"in a path":                     url.PathEscape,
		"in userinfo":                   func(s string) string { return url.UserPassword("user", s).String() },
		"in a query, twice":             func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
		"in JSON":                       func(s string) string { b, _ := json.Marshal(s); return string(b[1 : len(b)-1]) },
		"in HTML":                       template.HTMLEscapeString,
		"in quotes":                     func(s string) string { return strconv.Quote(s)[1 : len(strconv.Quote(s))-1] },
		"in base64":                     func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"in base64 of URLs":             func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
		"in Basic authentication":       func(s string) string { return base64.StdEncoding.EncodeToString([]byte("u:" + s)) },
		"in base64 after a longer user": func(s string) string { return base64.StdEncoding.EncodeToString([]byte("jane:" + s + ":x")) },
		"in base64 after a third user":  func(s string) string { return base64.StdEncoding.EncodeToString([]byte("john1:" + s + "x")) },
	}
	for name, write := range forms {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			secret := secrets.Draw(t, "secret")
			before, after := anything.Draw(t, "before"), anything.Draw(t, "after")
			text := redact.Text(before+write(secret)+after, secret)
			assert.NotContains(t, text, secret)
			assert.NotContains(t, text, write(secret))
			for at := range len(secret) - 10 {
				if part := secret[at : at+10]; strings.Contains(text, part) {
					t.Fatalf("%q holds %q", text, part)
				}
			}
		}))
	}
}

func TestTextLeavesRestUnchanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringMatching(`[A-Z_]{8,80}`).Draw(t, "secret")
		before, after := words.Draw(t, "before"), words.Draw(t, "after")
		assert.Equal(t, before+"[redacted]"+after, redact.Text(before+secret+after, secret))
	})
}

func TestTextRedactsShortSecretAsAWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringMatching(`[a-z]{1,7}`).Draw(t, "secret")
		letter := rapid.StringMatching(`[A-Zé_0-9]`).Draw(t, "letter")
		before, after := words.Draw(t, "before"), words.Draw(t, "after")
		if redact.Holds(before+" "+after, secret) {
			t.Skip("a word of the text is the secret")
		}
		assert.Equal(t, before+" [redacted] "+after, redact.Text(before+" "+secret+" "+after, secret))
		for _, longer := range []string{letter + secret, secret + letter, letter + secret + letter} {
			text := before + " " + longer + " " + after
			assert.Equal(t, text, redact.Text(text, secret))
		}
	})
}

func TestTextRedactsUserinfo(t *testing.T) {
	scheme := rapid.SampledFrom([]string{"http://", "https://", "socks5://", "POSTGRES://", "git+ssh://"})
	host := rapid.SampledFrom([]string{"@proxy", "@proxy:3128", "@10.0.0.1:1/path?x=1", "@[::1]:80", "@[fe80::1%25eth0]/"})
	password := func(signs string) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string {
			between := rapid.StringMatching(signs).Draw(t, "between")
			return "SECRET" + between + "SECRET" + rapid.StringMatching(signs).Draw(t, "last")
		})
	}
	for name, test := range map[string]struct {
		password *rapid.Generator[string]
		write    func(scheme, userinfo, host string) string
	}{
		"in a URL": {password(`[!-~]{0,3}`), func(scheme, userinfo, host string) string {
			return scheme + userinfo + host
		}},
		"in a URL, with spaces": {password(`[ -?A-~]{0,3}`), func(scheme, userinfo, host string) string {
			return scheme + userinfo + host
		}},
		"in a quoted URL": {password(`[ -~\n\x00é]{0,3}`), func(scheme, userinfo, host string) string {
			return "parse " + strconv.Quote(scheme+userinfo+host) + ": net/url: invalid userinfo"
		}},
		"without a scheme": {password(`[!#-;=?-~]{0,3}`), func(_, userinfo, host string) string {
			return userinfo + host
		}},
		"without a scheme, in quotes": {password(`[ -~]{0,3}`), func(_, userinfo, host string) string {
			return "invalid proxy address " + strconv.Quote(userinfo+host)
		}},
		"as net/url refuses it": {password(`[ -~]{0,3}`), func(scheme, userinfo, host string) string {
			_, err := url.Parse(scheme + userinfo + host)
			if err == nil {
				return ""
			}
			return err.Error()
		}},
		"as net/url refuses it without a scheme": {password(`[ -~]{0,3}`), func(_, userinfo, host string) string {
			_, err := url.Parse(userinfo + host)
			if err == nil {
				return ""
			}
			return err.Error()
		}},
	} {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			before, after := words.Draw(t, "before"), words.Draw(t, "after")
			text := test.write(scheme.Draw(t, "scheme"), "user:"+test.password.Draw(t, "password"), host.Draw(t, "host"))
			assert.NotContains(t, redact.Text(before+" "+text+" "+after), "SECRET", text)
			assert.NotContains(t, redact.Text("("+text+")"), "SECRET", text)
		}))
	}
}
