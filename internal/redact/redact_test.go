package redact_test

import (
	"net/url"
	"regexp"
	"runtime"
	"slices"
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
		"an email after a query is taken out":   {"'/a?b=c','jane@acme.com'", "'/a?[redacted]',[redacted]'"},
		"a query after a query is taken out":    {"/a?b=c'/d?e=f", "/a?[redacted]'/d?[redacted]"},
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

func TestTextTakesUserinfoOut(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"with a slash":                             {"http://user:SECRET1/SECRET2@proxy:3128 refused", "http://[redacted] refused"},
		"with a slash after digits":                {"http://user:1/SECRET@proxy:3128", "http://[redacted]"},
		"with a question mark":                     {"http://user:SECRET?SECRET@proxy", "http://[redacted]"},
		"with a hash":                              {"http://user:SECRET#SECRET@proxy", "http://[redacted]"},
		"with an at":                               {"http://user:SECRET@SECRET@proxy:3128/x", "http://proxy:3128/[redacted]"},
		"with an at and a slash":                   {"http://user:SEC@RET/SEC@proxy", "http://[redacted]"},
		"with a colon":                             {"http://user:SECRET:SECRET@proxy", "http://proxy/[redacted]"},
		"with brackets":                            {"http://user:[SECRET](SECRET)@proxy", "http://proxy/[redacted]"},
		"with spaces":                              {"http://user:SECRET SECRET@proxy:3128 refused", "http://[redacted] refused"},
		"with spaces, in quotes":                   {`parse "http://user:1 SECRET of@SECRET or@proxy": bad`, `parse "http://[redacted]": bad`},
		"with quotes":                              {`http://user:SECRET"SECRET@proxy refused`, "http://[redacted] refused"},
		"with quotes, in quotes":                   {`parse "http://user:1\"SECRET@proxy": bad`, `parse "http://[redacted]": bad`},
		"with an at and a quote":                   {`http://user:SECRET@SECRET"SECRET@proxy refused`, "http://[redacted] refused"},
		"with a space in the user, in quotes":      {`"http://user SECRET of@proxy"`, `"http://[redacted]"`},
		"with angle brackets":                      {"http://user:SECRET<SECRET>@proxy", "http://[redacted]"},
		"that begins with an angle bracket":        {"http://user:<SECRET>SECRET@proxy:3128 refused", "http://[redacted] refused"},
		"that begins with a quote":                 {`http://user:"SECRET"SECRET@proxy refused`, "http://[redacted] refused"},
		"that begins with an apostrophe":           {"http://user:'SECRET'SECRET@proxy refused", "http://[redacted] refused"},
		"that begins with a slash and a quote":     {"http://user:/'SECRET'SECRET@proxy refused", "http://[redacted] refused"},
		"with a bracket in the user":               {"http://us<er:SECRET<SECRET@proxy refused", "http://[redacted] refused"},
		"with a percent sign":                      {"http://user:%SECRET@proxy/", "http://proxy/[redacted]"},
		"without a password":                       {"https://SECRET@host/path", "https://host/[redacted]"},
		"without a host":                           {"https://user:SECRET@/path", "https:///[redacted]"},
		"without the host that should follow":      {"http://user:SECRET is wrong", "http://[redacted] is wrong"},
		"in front of an IPv6 address":              {"socks5://user:SECRET@[fe80::1%25eth0]:1080", "socks5://[fe80::1%25eth0]:1080/[redacted]"},
		"of a database":                            {"postgres://user:SECRET@db:5432/x?sslmode=off", "postgres://db:5432/[redacted]"},
		"of a scheme with signs":                   {"git+ssh://user:SECRET@host", "git+ssh://host/[redacted]"},
		"without a scheme":                         {"user:SECRET@proxy:3128 refused", "[redacted]:3128 refused"},
		"without a scheme, with a slash":           {"user:SECRET1/SECRET2@proxy:3128", "[redacted]:3128"},
		"without a scheme, with delimiters":        {"user:SECRET,SECRET;(SECRET)[SECRET]=SECRET?x=SECRET@proxy", "[redacted]"},
		"without a scheme, with an at":             {"user:SECRET@SECRET@proxy", "[redacted]"},
		"without a scheme, in quotes":              {`invalid proxy address "user:SECRET1 SECRET2@proxy:3128": bad`, `invalid proxy address "[redacted]:3128": bad`},
		"without a scheme, before IPv6":            {"user:SECRET@[::1]:3128", "[redacted]:3128"},
		"without a scheme and a host":              {"user:SECRET@ is wrong", "[redacted] is wrong"},
		"that is a token for a name":               {"SECRET:x-oauth-basic@host", "[redacted]"},
		"after slashes alone":                      {"//user:SECRET/SECRET@host/path", "[redacted]"},
		"after a scheme without slashes":           {"http:user:SECRET/SECRET@host", "[redacted]"},
		"after escaped slashes":                    {`http:\/\/user:SECRET@host`, "[redacted]"},
		"of which net/url quotes a port":           {`parse "http://user:SECRET1/SECRET2@proxy:3128": invalid port ":SECRET1" after host`, `parse "http://[redacted]": invalid port "[redacted]" after host`},
		"of which net/url quotes an escape":        {`parse "http://user:%SECRET@proxy": invalid URL escape "%SE"`, `parse "http://[redacted]": invalid URL escape "[redacted]"`},
		"of each of several URLs":                  {"http://a:SECRET@b http://c:SECRET/@d", "http://b/[redacted] http://[redacted]"},
		"and keeps a host with a port in brackets": {"(see http://127.0.0.1:8080)", "(see http://127.0.0.1:8080)"},
		"and keeps an IPv6 host":                   {"dial http://[::1]:8080: refused", "dial http://[::1]:8080: refused"},
		"and keeps a host beyond ASCII":            {"dial http://bücher.example:80, then", "dial http://bücher.example:80, then"},
		"and keeps times, ratios and an at":        {"at 10:30, 4:3 @ home: a//b", "at 10:30, 4:3 @ home: a//b"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, redact.Text(test.text))
		})
	}
}

func TestTextRedactsSecrets(t *testing.T) {
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

		"where one overlaps itself":         {"key abababababab", []string{"abababab"}, "key [redacted]"},
		"where they overlap":                {"key sk_live_12345", []string{"sk_live_123", "live_12345"}, "key [redacted]"},
		"percent-encoded":                   {"key sk%2Blive%2f1%3d.", []string{"sk+live/1="}, "key [redacted]."},
		"percent-encoded twice":             {"key sk%252Blive%252F1%253D.", []string{"sk+live/1="}, "key [redacted]."},
		"percent-encoded without need":      {"key %73%6b_live_1.", []string{"sk_live_1"}, "key [redacted]."},
		"with a percent sign in it":         {"key sk%41live_1.", []string{"sk%41live_1"}, "key [redacted]."},
		"escaped as JSON":                   {`key sk\"live\/\u003c1\\.`, []string{`sk"live/<1\`}, "key [redacted]."},
		"escaped as HTML":                   {`key sk&#43;&amp;&lt;&gt;&quot;&#34;&#39;1.`, []string{`sk+&<>""'1`}, "key [redacted]."},
		"escaped as HTML at its beginning":  {`key &lt;sk_live_1.`, []string{`<sk_live_1`}, "key [redacted]."},
		"in base64":                         {"key c2tfbGl2ZV8x, too", []string{"sk_live_1"}, "key [redacted], too"},
		"in base64 after a user":            {"Basic dXNlcjpza19saXZlXzE= failed", []string{"sk_live_1"}, "Basic [redacted] failed"},
		"in base64 after a longer user":     {"Basic dXNlcjE6c2tfbGl2ZV8x failed", []string{"sk_live_1"}, "Basic [redacted] failed"},
		"in base64 after the longest user":  {"Basic dXNlcjEyOnNrX2xpdmVfMTIz failed", []string{"sk_live_1"}, "Basic [redacted] failed"},
		"in base64 that is percent-encoded": {"auth=dXNlcjpza19saXZlXzE%3D&x", []string{"sk_live_1"}, "[redacted]&x"},
		"in base64 of URLs":                 {"key Pz8_Pj4-Pz8_", []string{"???>>>???"}, "key [redacted]"},

		"as a word, if they are short":             {"the key k is unknown, 'k' (k): key=k&x=1 k. /k", []string{"k"}, "the key [redacted] is unknown, '[redacted]' ([redacted]): key=[redacted]&x=1 [redacted]. /[redacted]"},
		"and not the letters of a word":            {"unknown, broken, ék, k8s, k_1, kk", []string{"k"}, "unknown, broken, ék, k8s, k_1, kk"},
		"and not the parts of a word":              {"it isn't e.g. x-t or t.g", []string{"t", "e", "g", "x"}, "it isn't e.g. x-t or t.g"},
		"and a short one that is percent-encoded":  {"key a%2Bb or a%2Bbc", []string{"a+b"}, "key [redacted] or a%2Bbc"},
		"and a token of seven letters as a word":   {"unknown token: knownun unknownun", []string{"knownun"}, "unknown token: [redacted] unknownun"},
		"and a token of eight letters anywhere":    {"unknown token: xknownun1x", []string{"knownun1"}, "unknown token: x[redacted]x"},
		"and a short one among what is escaped":    {"key%3Dk%26x, unk%2Fk", []string{"k"}, "key%3D[redacted]%26x, unk%2F[redacted]"},
		"and a short one at both ends of the text": {"k of k", []string{"k"}, "[redacted] of [redacted]"},
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

func TestTextCutsLongText(t *testing.T) {
	const long = 9 << 20
	for name, test := range map[string]struct{ text, secret, want string }{
		"one word":                          {strings.Repeat("a", long), "", strings.Repeat("a", 512) + "…"},
		"many words":                        {strings.Repeat("a ", long/2), "", strings.Repeat("a ", 256) + "…"},
		"many emails":                       {strings.Repeat("jane@acme.com ", long/14), "", cutTo512(strings.Repeat("[redacted] ", 400))},
		"many URLs":                         {strings.Repeat("http://a:b@c/d ", long/15), "", cutTo512(strings.Repeat("http://c/[redacted] ", 400))},
		"many ats":                          {strings.Repeat("@", long), "", "[redacted]…"},
		"many question marks":               {strings.Repeat("?=", long/2), "", "?[redacted]…"},
		"many quotes":                       {strings.Repeat(`"`, long), "", strings.Repeat(`"`, 512) + "…"},
		"many colons and slashes":           {strings.Repeat("://", long/3), "", "://:/[redacted]…"},
		"many secrets":                      {strings.Repeat("sk_live_1 ", long/10), "sk_live_1", cutTo512(strings.Repeat("[redacted] ", 400))},
		"many short secrets":                {strings.Repeat("k ", long/2), "k", cutTo512(strings.Repeat("[redacted] ", 400))},
		"many escapes":                      {strings.Repeat("%6b", long/3), "sk_live_1", strings.Repeat("%6b", 170) + "%6…"},
		"many readings of a secret":         {strings.Repeat("%25", long/3), strings.Repeat("%25", 40) + "x", strings.Repeat("%25", 170) + "%2…"},
		"a secret where the beginning ends": {strings.Repeat("jane@acme.com ", 292) + "sk_live_" + strings.Repeat("1", long), "sk_live_" + strings.Repeat("1", 3000), cutTo512(strings.Repeat("[redacted] ", 400))},
		"an email where the beginning ends": {strings.Repeat("@", 4000) + " " + strings.Repeat("é", 40) + " jane." + strings.Repeat("canary.", 100) + "@acme.com " + strings.Repeat("a ", long/2), "", "[redacted] " + strings.Repeat("é", 40) + " [redacted]…"},
		"what is only looked at":            {strings.Repeat("@", 4000) + " " + strings.Repeat("a ", long/2), "", "[redacted] " + strings.Repeat("a ", 47) + "a…"},
		"a secret that is longer than the beginning": {strings.Repeat("@", 4000) + " " + strings.Repeat("é", 90) + "secret" + strings.Repeat("t", 5000), "secret" + strings.Repeat("t", 5000), "[redacted] " + strings.Repeat("é", 90) + "[redacted]"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, redact.Text(test.text, test.secret))
		})
	}
}

// A match that looked at all of a text, or made a copy of it, would show here.
func TestTextOfLongTextTakesLittleMemory(t *testing.T) {
	text := strings.Repeat("jane@acme.com http://a:b@c/d?e=f k %6b ", 9<<20/39)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	redacted := redact.Text(text, "sk_live_1", "k")
	runtime.ReadMemStats(&after)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4<<20))
	assert.True(t, strings.HasPrefix(redacted, "[redacted] http://c/[redacted] [redacted] [redacted] "), redacted)
}

func cutTo512(s string) string { return string([]rune(s)[:512]) + "…" }

func TestJoin(t *testing.T) {
	assert.Equal(t, "", redact.Join(nil, 9))
	assert.Equal(t, "one", redact.Join([]string{"one"}, 9))
	assert.Equal(t, "one; two", redact.Join([]string{"one", "two"}, 9))
	assert.Equal(t, "éé; éé; é…", redact.Join([]string{"éé", "éé", "éé"}, 9))
	assert.Equal(t, "one; …", redact.Join(slices.Repeat([]string{"one"}, 1_000_000), 5))
}

// Every address that the SDK sends, and so every one that a server may quote.
var addresses = rapid.StringMatching("[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,12}(\\.[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,12})?@[a-z0-9]{1,8}(\\.[a-z]{1,4}){0,2}")

func TestTextRedactsEmails(t *testing.T) {
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

func TestTextRedactsQueries(t *testing.T) {
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
