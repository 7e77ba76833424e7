package transport

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// expand fills the {name} elements of a route, in order, and returns the path
// both as it reads and as it is escaped on the wire.
func expand(route string, values []string) (path, escaped string) {
	path = fill(route, values, func(value string) string { return value })
	if !slices.ContainsFunc(values, needsEscape) {
		return path, path
	}
	return path, fill(route, values, url.PathEscape)
}

func needsEscape(value string) bool { return !ordinary(value) && url.PathEscape(value) != value }

// ordinary reports whether every character of id is one that most ids are made of, and
// that needs neither a closer look nor an escape.
func ordinary(id string) bool {
	for i := range len(id) {
		if c := id[i]; !isAlphanumeric(rune(c)) && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

func fill(route string, values []string, encode func(string) string) string {
	if len(values) == 0 {
		return route
	}
	var path strings.Builder
	path.Grow(len(route) + len(values[0]))
	for _, value := range values {
		open, end := strings.IndexByte(route, '{'), strings.IndexByte(route, '}')
		path.WriteString(route[:open])
		path.WriteString(encode(value))
		route = route[end+1:]
	}
	path.WriteString(route)
	return path.String()
}

var (
	errEmptyID   = errors.New("is empty")
	errDotID     = errors.New(`is "." or "..", which names another path`)
	errUnsafeID  = errors.New("holds a character that no id has: a slash, backslash, percent sign, question mark, hash, space or control character")
	errIDTooLong = errors.New("is longer than 255 bytes")
)

// CheckID returns an error if id is not one element of a path. Escaping alone is not
// enough: proxies decode %2f and resolve "..", and the request would reach another
// endpoint.
func CheckID(id string) error {
	switch {
	case id == "":
		return errEmptyID
	case len(id) > 255:
		return errIDTooLong
	case ordinary(id):
		return nil
	case dots(id):
		return errDotID
	case !utf8.ValidString(id) || strings.ContainsFunc(id, unsafeInPath):
		return errUnsafeID
	}
	return nil
}

// dots reports whether id is "." or "..", to a proxy that drops parameters as well.
func dots(id string) bool {
	id, _, _ = strings.Cut(id, ";")
	return id == "." || id == ".."
}

func unsafeInPath(r rune) bool {
	return strings.ContainsRune(`/\%?#`, r) || unicode.IsSpace(r) || !unicode.IsPrint(r)
}

var (
	errRelativePath = errors.New(`does not begin with "/"; it is relative to Config.BaseURL`)
	errBrace        = errors.New("has a brace that does not enclose a whole path element, as /v1/apps/{appID} does")
)

// CheckRoute returns an error if route is not a template of paths below the base URL.
func CheckRoute(route string) error {
	if !strings.HasPrefix(route, "/") {
		return errRelativePath
	}
	for element := range strings.SplitSeq(strings.TrimSuffix(route[1:], "/"), "/") {
		name := element
		if strings.HasPrefix(element, "{") && strings.HasSuffix(element, "}") {
			name = element[1 : len(element)-1]
		}
		if strings.ContainsAny(name, "{}") {
			return errBrace
		}
		if err := CheckID(name); err != nil {
			return fmt.Errorf("has an element that %w", err)
		}
	}
	return nil
}
