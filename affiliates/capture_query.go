package affiliates

import (
	"net/url"
	"strings"

	"github.com/stackbe/stackbe-go/internal/referralcode"
)

// linkedCode returns the code of a query, in upper case; "" if it has none that is valid.
func (s *captureSettings) linkedCode(query string) string {
	value, _ := firstValue(query, s.parameter)
	code, _ := referralcode.Canonical(value)
	return code
}

// firstValue returns the first value of a parameter as url.ParseQuery reads it, without reading
// the others.
func firstValue(query, name string) (value string, found bool) {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		key, escaped, _ := strings.Cut(pair, "=")
		if !isParameter(key, name) || strings.Contains(escaped, ";") {
			continue
		}
		if value, err := url.QueryUnescape(escaped); err == nil {
			return value, true
		}
	}
	return "", false
}

// isParameter reports whether an escaped key is a parameter's name, which needs no escapes.
func isParameter(key, name string) bool {
	if len(key) <= len(name) {
		return key == name
	}
	if len(key) > 3*len(name) || !strings.Contains(key, "%") {
		return false
	}
	unescaped, err := url.QueryUnescape(key)
	return err == nil && unescaped == name
}

// withoutParameter returns a query without a parameter, and otherwise as it is.
func withoutParameter(query, name string) string {
	return filterQuery(query, func(key string) bool { return !isParameter(key, name) })
}

// filterQuery returns the parameters of a query whose escaped key is kept.
func filterQuery(query string, keep func(key string) bool) string {
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		key, _, _ := strings.Cut(pair, "=")
		if keep(key) {
			kept = append(kept, pair)
		}
	}
	return strings.Join(kept, "&")
}
