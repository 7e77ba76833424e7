package affiliates

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// argument is a value to be checked before any I/O.
type argument struct {
	field   string
	problem string // "" if there is none
}

// check returns the error for the first argument that has a problem.
func (s *Service) check(arguments ...argument) error {
	if s == nil || s.transport == nil {
		return transport.ErrNoClient
	}
	for _, a := range arguments {
		if a.problem != "" {
			return s.transport.InvalidArgument(a.field, a.problem)
		}
	}
	return nil
}

// required is a text that may not be blank.
func required(field, value string) argument {
	if strings.TrimSpace(value) == "" {
		return argument{field, "is empty"}
	}
	return optional(field, value)
}

// optional is a text that JSON can carry unchanged.
func optional(field, value string) argument {
	if !utf8.ValidString(value) {
		return argument{field, "is not valid UTF-8"}
	}
	return argument{field: field}
}

// token is a text of one line, such as a code or a URL.
func token(field, value string) argument {
	if !tokenCharacters.all(value) {
		return argument{field, "holds a space, a line break or a control character"}
	}
	return argument{field: field}
}

const maxEmail = 254

// email is an address that mail can be sent to: one @ with something on both
// sides and none of the characters that only a list or a display name has. The
// server may be stricter.
func email(field, value string) argument {
	local, domain, _ := strings.Cut(value, "@")
	switch {
	case strings.TrimSpace(value) == "":
		return argument{field, "is empty"}
	case len(value) > maxEmail && utf8.RuneCountInString(value) > maxEmail:
		return argument{field, "is longer than 254 characters"}
	case !emailCharacters.all(value):
		return argument{field, "holds a character that no email address has, such as a space or a comma"}
	case !dotted(local) || !dotted(domain) || strings.Contains(domain, "@"):
		return argument{field, "is not an email address"}
	}
	return argument{field: field}
}

// dotted reports whether s is words with single dots between them.
func dotted(s string) bool {
	return s != "" && s[0] != '.' && s[len(s)-1] != '.' && !strings.Contains(s, "..")
}

var (
	tokenCharacters = newCharacters(func(r rune) bool {
		return !unicode.IsSpace(r) && !unicode.IsControl(r)
	})
	emailCharacters = newCharacters(func(r rune) bool {
		return unicode.IsPrint(r) && !unicode.IsSpace(r) && !strings.ContainsRune(`()<>[]:;,\"`, r)
	})
)

// characters is a set of them. ASCII is looked up, since the functions of
// package unicode would cost more than the rest of a call's checks.
type characters struct {
	ascii [utf8.RuneSelf]bool
	has   func(rune) bool
}

func newCharacters(has func(rune) bool) *characters {
	c := &characters{has: has}
	for r := range c.ascii {
		c.ascii[r] = has(rune(r))
	}
	return c
}

// all reports whether s is valid UTF-8 of these characters alone.
func (c *characters) all(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !c.has(r) })
		}
		if !c.ascii[s[i]] {
			return false
		}
	}
	return true
}
