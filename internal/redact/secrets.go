package redact

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Redactor takes secrets, and all that [Redactor.Text] names, out of texts. The
// zero Redactor knows no secrets.
type Redactor struct {
	forms   []form
	longest int // bytes of a text that a secret can take
}

// form is a text in which a secret may be written.
type form struct {
	text string
	kind kind
}

type kind int

const (
	anywhere kind = iota
	asWord        // a short secret: within a word it is a part of that word, as the k in "unknown"
	inBase64      // what all encodings at one offset share
)

// shortest is the length from which on a secret is taken out wherever it stands.
const shortest = 8

// New returns a Redactor for secrets, the empty ones left out.
func New(secrets ...string) *Redactor {
	r := &Redactor{}
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		r.longest = max(r.longest, len(secret)*maxEscape)
		r.forms = append(r.forms, plain(secret))
		if len(secret) >= shortest {
			r.forms = append(r.forms, encoded(secret)...)
		}
	}
	return r
}

func plain(secret string) form {
	if len(secret) < shortest {
		return form{secret, asWord}
	}
	return form{secret, anywhere}
}

// encoded returns what base64 makes of secret, alone or after another text, as in
// the userinfo of Basic authentication: that depends on the length of the text
// before it, in threes. The digits at both ends, which hold bits of the neighbors, are left out.
func encoded(secret string) []form {
	var forms []form
	for offset, first := range []int{0, 2, 3} {
		digits := base64.StdEncoding.EncodeToString([]byte("\x00\x00"[:offset] + secret))
		core := digits[first : (offset+len(secret))*8/6]
		forms = append(forms, form{core, inBase64})
		if other := strings.NewReplacer("+", "-", "/", "_").Replace(core); other != core {
			forms = append(forms, form{other, inBase64})
		}
	}
	return forms
}

// Holds reports whether s holds one of secrets, in any of the forms that Text takes out.
func Holds(s string, secrets ...string) bool { return len(New(secrets...).secretsIn(s)) > 0 }

// secretsIn finds the secrets in s.
func (r *Redactor) secretsIn(s string) []span {
	var spans []span
	for _, f := range r.forms {
		spans = append(spans, f.in(s)...)
	}
	return spans
}

// in finds f in s.
func (f form) in(s string) []span {
	var spans []span
	first := f.text[:1] + `%\&`
	for at := 0; ; {
		i := strings.IndexAny(s[at:], first)
		if i < 0 {
			return spans
		}
		at += i
		n := match(s[at:], f.text)
		found := span{at, at + n, mask}
		at++
		if n < 0 || f.kind == asWord && !apart(s, found) {
			continue
		}
		if f.kind == inBase64 {
			found.start = len(strings.TrimRightFunc(s[:found.start], isBase64))
			found.end = len(s) - len(strings.TrimLeftFunc(s[found.end:], isBase64))
			at = found.end
		}
		spans = append(spans, found)
	}
}

func isBase64(r rune) bool {
	return r < utf8.RuneSelf && (isAlphanumeric(byte(r)) || strings.ContainsRune("+/-_=%", r))
}

// apart reports whether p is not part of a longer word of s, such as "isn't", "e.g." or
// "x-request-id".
func apart(s string, p span) bool {
	before, n := lastRune(s[:p.start])
	further, _ := lastRune(s[:p.start-n])
	after, m := utf8.DecodeRuneInString(s[p.end:])
	beyond, _ := utf8.DecodeRuneInString(s[p.end+m:])
	return !joined(before, further) && !joined(after, beyond)
}

// lastRune returns the last character of s, which may be percent-encoded, and its length.
func lastRune(s string) (rune, int) {
	if i := len(s) - len("%20"); i >= 0 && s[i] == '%' {
		if c, err := strconv.ParseUint(s[i+1:], 16, 7); err == nil {
			return rune(c), len("%20")
		}
	}
	return utf8.DecodeLastRuneInString(s)
}

// joined reports whether next, the character at one end of a word, and the one
// beyond it make the word longer.
func joined(next, beyond rune) bool {
	if strings.ContainsRune("'’.-", next) {
		return ofWord(beyond)
	}
	return ofWord(next)
}

func ofWord(r rune) bool {
	return r != utf8.RuneError && (r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}
