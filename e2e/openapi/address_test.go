package openapi_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stackbe/stackbe-go/api"
	"github.com/stackbe/stackbe-go/e2e/openapi"
	"github.com/stackbe/stackbe-go/internal/address"
)

// A rule is what a schema and internal/address say of the same texts.
type rule struct {
	pattern *regexp.Regexp
	problem func(text string) string
	longest int
}

func ruleOf(t *testing.T, schema string, problem func(string) string) rule {
	t.Helper()
	document, err := openapi.Load(api.OpenAPI())
	require.NoError(t, err)
	stated := document.Components.Schemas[schema].Value
	pattern, err := regexp.Compile(stated.Pattern)
	require.NoError(t, err)
	return rule{pattern, problem, int(*stated.MaxLength)}
}

// accepts reports whether the schema accepts a text.
func (r rule) accepts(text string) bool {
	return utf8.RuneCountInString(text) <= r.longest && r.pattern.MatchString(text)
}

// beyondPatterns reports whether a character is hidden although no pattern leaves it out: in
// ECMAScript, ranges beyond the Basic Multilingual Plane need a flag, and which characters are
// unassigned differs with the version of Unicode.
func beyondPatterns(r rune) bool {
	if r > 0xFFFF {
		return !unicode.IsPrint(r) || unicode.In(r, unicode.Variation_Selector)
	}
	return !unicode.IsPrint(r) &&
		!unicode.In(r, unicode.Z, unicode.Cc, unicode.Cf, unicode.Co, unicode.Other_Default_Ignorable_Code_Point, unicode.Noncharacter_Code_Point)
}

// agree fails the test if the schema refuses a text that internal/address accepts, or accepts one that
// it refuses for another reason than a character that patterns cannot leave out.
func (r rule) agree(t require.TestingT, text string) {
	switch problem := r.problem(text); {
	case problem == "" && !r.accepts(text):
		assert.Fail(t, "the pattern refuses what is valid", "%+q", text)
	case problem != "" && r.accepts(text) && !strings.ContainsFunc(text, beyondPatterns):
		assert.Fail(t, "the pattern accepts what is not valid", "%+q %s", text, problem)
	}
}

func TestPatternOfEmailsAcceptsWhatTheServerAccepts(t *testing.T) {
	emails := ruleOf(t, "Email", address.EmailProblem)
	for _, email := range []string{
		"jane@acme.com", "JANE.Smith+tag@Mail.Acme.CO", "o'brien@3com.com", "jané@acmé.com", "用户@例子.广告", "😀@acme.com", "jane@a-b--c.xn--bcher-kva.example",
		"!#$%&'*+-/=?^_`{|}~@acme.com", "\u212a@acme.com", "jane\u0301@acme.com", strings.Repeat("é", 245) + "@acme.com", strings.Repeat("é", 246) + "@acme.com",
		"", "@", "jane", "jane@acme", "jane@@acme.com", "ja..ne@acme.com", ".jane@acme.com", "jane.@acme.com", "jane@-acme.com", "jane@acme-.com", "jane@acme.com.",
		"jane@acme.com,joe@acme.com", `"jane"@acme.com`, "jane@[127.0.0.1]", "jane@ac_me.com", "jane@acme.com\n", "\u200bjane@acme.com", "jane\u202e@acme.com",
	} {
		emails.agree(t, email)
	}
	for r := rune(0); r <= unicode.MaxRune && !t.Failed(); r++ {
		if !utf8.ValidRune(r) || r > 0x20000 && r < 0xE0000 && r%0x100 != 0 {
			continue // most of these planes is unassigned
		}
		for _, email := range []string{"ja" + string(r) + "ne@acme.com", "jane@ac" + string(r) + "me.com"} {
			emails.agree(t, email)
		}
	}
	if t.Failed() {
		return
	}
	character := rapid.OneOf(rapid.SampledFrom([]rune("abAB12.-@+_é \u200b\u00a0\U0001F600")), rapid.Rune())
	rapid.Check(t, func(t *rapid.T) {
		local, domain := rapid.StringOfN(character, 0, 6, -1).Draw(t, "local"), rapid.StringOfN(character, 0, 6, -1).Draw(t, "domain")
		for _, email := range []string{local + "@" + domain, local + "@" + domain + ".com", "jane@" + domain + ".a" + local} {
			emails.agree(t, email)
		}
	})
}

// The pattern of web addresses leaves the syntax of hosts, ports and escapes to a parser of URLs.
func TestPatternOfWebURLsAcceptsWhatTheServerAccepts(t *testing.T) {
	webs := ruleOf(t, "WebURL", address.WebProblem)
	for _, web := range []string{
		"http://acme.com", "HTTPS://ACME.COM", "https://acme.com:8443/path?x=1#y", "http://acmé.com/é", "https://[::1]:8080/", "https://acme.com/?a[]=b|c&d={e}", "https://😀.example",
		"https://a.de/" + strings.Repeat("é", 2048-13), "", "acme.com", "https://", "https:///x", "ftp://acme.com", "javascript:alert(1)",
	} {
		webs.agree(t, web)
	}
	for r := rune(0); r <= 0x1FFFF && !t.Failed(); r++ {
		if utf8.ValidRune(r) {
			webs.agree(t, "https://acme.com/a"+string(r)+"41") // an escape, if it is a percent sign
		}
	}
	if t.Failed() {
		return
	}
	rapid.Check(t, func(t *rapid.T) {
		web := "https://" + rapid.StringOfN(rapid.OneOf(rapid.SampledFrom([]rune("ab1.-:/?#[]@%é\u200b")), rapid.Rune()), 0, 12, -1).Draw(t, "web")
		if address.WebProblem(web) == "" {
			assert.True(t, webs.accepts(web), "%+q", web)
		}
	})
}
