package address_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/stackbe/stackbe-go/internal/address"
)

// hidden are characters that a reader does not see, by name.
var hidden = map[string]string{
	"a space": " ", "a tab": "\t", "a line break": "\n", "a null byte": "\x00", "a delete": "\x7f",
	"a next line": "\u0085", "a no-break space": "\u00a0", "a soft hyphen": "\u00ad", "a combining grapheme joiner": "\u034f",
	"an Arabic letter mark": "\u061c", "a Hangul filler": "\u115f", "an Ogham space": "\u1680", "a Mongolian vowel separator": "\u180e",
	"an en quad": "\u2000", "a hair space": "\u200a", "a zero-width space": "\u200b", "a zero-width non-joiner": "\u200c",
	"a zero-width joiner": "\u200d", "a left-to-right mark": "\u200e", "a line separator": "\u2028", "a paragraph separator": "\u2029",
	"a left-to-right embedding": "\u202a", "a right-to-left override": "\u202e", "a narrow no-break space": "\u202f",
	"a medium mathematical space": "\u205f", "a word joiner": "\u2060", "an invisible times": "\u2062", "a left-to-right isolate": "\u2066",
	"an ideographic space": "\u3000", "a halfwidth Hangul filler": "\uffa0", "a Hangul letter filler": "\u3164", "a variation selector": "\ufe0f",
	"a byte order mark": "\ufeff", "an interlinear anchor": "\ufff9", "a private character": "\ue000", "a noncharacter": "\ufdd0",
	"the last of a plane": "\uffff", "the last of all": "\U0010ffff", "a tag": "\U000e0041", "a supplementary variation selector": "\U000e0100",
	"a lone surrogate's bytes": "\xed\xa0\x80", "Latin-1": "\xe9", "an overlong slash": "\xc0\xaf",
}

func TestHiddenCharactersAreRefused(t *testing.T) {
	for name, character := range hidden {
		for _, email := range []string{"ja" + character + "ne@acme.com", character + "jane@acme.com", "jane@acme.com" + character, "jane@ac" + character + "me.com", "jané" + character + "@acme.com"} {
			assert.NotEmpty(t, address.EmailProblem(email), "an email with %s", name)
		}
		for _, web := range []string{"https://acme.com/" + character, "https://ac" + character + "me.com", "https://acme.com/?a=" + character + "b", character + "https://acme.com", "https://acme.com/é" + character} {
			assert.NotEmpty(t, address.WebProblem(web), "a URL with %s", name)
		}
	}
}

func TestEmailProblem(t *testing.T) {
	for _, email := range []string{
		"j@x.co", "JANE@Acme.COM", "jane.smith+tag@mail.acme.co", "o'brien@acme.ie", "jané@acmé.com", "jane\u0301@acme.com", "日本@例え.jp", "info@paral·lel.cat",
		"!#$%&*+-/=?^_`{|}~@acme.com", "j@xn--bcher-kva.example", "j@3com.com", "\u212a@acme.com", strings.Repeat("j", 245) + "@acme.com", strings.Repeat("é", 245) + "@acme.com",
	} {
		assert.Empty(t, address.EmailProblem(email), email)
	}
	for _, email := range []string{
		"", " ", "jane", "jane@", "@acme.com", "@", "jane@acme", "jane@localhost", "jane@home@acme.com", "@@acme.com", ".jane@acme.com", "jane.@acme.com", "ja..ne@acme.com",
		"jane@.acme.com", "jane@acme.com.", "jane@acme..com", "jane@-acme.com", "jane@acme-.com", "jane@acme.-com", "jane@acme.com-", "jane@ac_me.com", "jane@ac!me.com",
		"Jane <jane@acme.com>", "<jane@acme.com>", "jane@acme.com,joe@acme.com", "jane@acme.com;joe@acme.com", `"jane"@acme.com`, `jane\@acme.com`,
		"jane@[127.0.0.1]", "jane(work)@acme.com", "mailto:jane@acme.com", "jane\uff20acme.com", "jane@acme\u3002com", strings.Repeat("j", 246) + "@acme.com", strings.Repeat("é", 246) + "@acme.com",
	} {
		assert.NotEmpty(t, address.EmailProblem(email), email)
	}
}

func TestFoldEmailChangesASCIIOnly(t *testing.T) {
	for email, want := range map[string]string{
		"JANE.Smith+Tag@ACME.Com": "jane.smith+tag@acme.com",
		"jac\u212a@example.com":   "jac\u212a@example.com", // a Kelvin sign
		"\u0130@example.com":      "\u0130@example.com",    // an I with a dot
		"\u017fam@example.com":    "\u017fam@example.com",  // a long s
		"JANÉ@ACMÉ.COM":           "janÉ@acmÉ.com",
		"@[`{":                    "@[`{", // the neighbors of the letters
	} {
		assert.Equal(t, want, address.FoldEmail(email))
	}
}

func TestFoldEmailTellsDifferentEmailsApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Rune().Draw(t, "a"), rapid.Rune().Draw(t, "b")
		if address.FoldEmail(string(a)) != address.FoldEmail(string(b)) || a == b {
			return
		}
		assert.True(t, a < utf8.RuneSelf && b < utf8.RuneSelf && unicode.ToLower(a) == unicode.ToLower(b), "%q and %q", a, b)
	})
}

func TestWebProblem(t *testing.T) {
	for _, web := range []string{
		"http://acme.com", "HTTPS://ACME.COM", "https://acme.com:8443/path?x=1#y", "http://acmé.com/é", "https://[::1]:8080/", "https://acme.com/?a[]=b|c&d={e}",
		"https://a.de/" + strings.Repeat("w", 2048-13), "https://a.de/" + strings.Repeat("é", 2048-13),
	} {
		assert.Empty(t, address.WebProblem(web), web)
	}
	for _, web := range []string{
		"", "acme.com", "https://", "https:acme.com", "//acme.com", "http://:80", "https://?x", "ftp://acme.com", "javascript:alert(1)", "https://acme.com/%zz",
		"https://a.de/" + strings.Repeat("w", 2049-13), "https://a.de/" + strings.Repeat("é", 2049-13),
	} {
		assert.NotEmpty(t, address.WebProblem(web), web)
	}
}
