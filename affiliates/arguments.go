package affiliates

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stackbe/stackbe-go/internal/address"
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

// token is a text of one word, such as a code.
func token(field, value string) argument {
	if !tokenCharacters.all(value) {
		return argument{field, "holds a space, a line break or a control character"}
	}
	return argument{field: field}
}

// emailAddress is an address that mail can be sent to.
func emailAddress(field, value string) argument {
	return argument{field, address.EmailProblem(value)}
}

// webURL is the address of a page, or empty.
func webURL(field, value string) argument {
	if value == "" {
		return argument{field: field}
	}
	return argument{field, address.WebProblem(value)}
}

var tokenCharacters = newCharacters(func(r rune) bool {
	return !unicode.IsSpace(r) && !unicode.IsControl(r)
})

// characters is a set of characters. ASCII is looked up, since the functions of
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

// moment is a time that RFC 3339 can write, or zero.
func moment(field string, value time.Time) argument {
	if year := value.UTC().Year(); year < 0 || year > 9999 {
		return argument{field, "is not in the years 0 to 9999"}
	}
	return argument{field: field}
}

// after is a time that is after another, if both are given.
func after(field string, value, other time.Time) argument {
	if !value.IsZero() && !other.IsZero() && !value.After(other) {
		return argument{field, "is not after From"}
	}
	return argument{field: field}
}

// payable is an amount that can be paid.
func payable(field string, value Money) argument {
	switch _, whole := value.Cents(); {
	case value.Cmp(Money{}) <= 0:
		return argument{field, "is not above 0"}
	case !whole:
		return argument{field, "has more than two decimals, or too many digits"}
	}
	return argument{field: field}
}

// otherPath is an id that is the last element of another path.
func otherPath(field, value, other string) argument {
	if value == other {
		return argument{field, "names another path of the API, and no id"}
	}
	return argument{field: field}
}
