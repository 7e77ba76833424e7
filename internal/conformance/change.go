package conformance

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A guard sends no request that may change the settings of the app or move money, to a target that
// does not allow it. The cases that make such requests are marked; the guard is for one that is not.
type guard struct {
	next    http.RoundTripper
	changes func(*http.Request) bool
}

func (g guard) RoundTrip(request *http.Request) (*http.Response, error) {
	if g.changes(request) {
		if request.Body != nil {
			request.Body.Close()
		}
		return nil, errors.New("not sent, since it may change settings or move money: the case, or its endpoint, must need " + envChange)
	}
	return g.next.RoundTrip(request)
}

// guarded is next, behind a guard unless the target allows changes.
func (s *suite) guarded(next http.RoundTripper) http.RoundTripper {
	if len(s.target.missing(needChange)) == 0 {
		return next
	}
	base := ""
	if parsed, err := url.Parse(s.target.BaseURL); err == nil {
		base = parsed.EscapedPath()
	}
	return guard{next, func(request *http.Request) bool {
		path := strings.TrimPrefix(request.URL.EscapedPath(), base)
		for _, e := range s.endpoints() {
			if e.method == request.Method && s.changes(e) && e.matches(path) {
				return true
			}
		}
		return false
	}}
}

// changes reports whether an endpoint changes settings or moves money.
func (s *suite) changes(e endpoint) bool {
	if e.path == s.contract.SettingsPath {
		return e.method == s.contract.UpdateSettingsMethod
	}
	moves := strings.Contains(e.path, "/payouts") || strings.HasSuffix(e.path, "/refunds")
	return (e.isOfAccount() || e.isOfAdministration()) && e.writes() && moves
}

// matches reports whether a path is of the endpoint, whatever its ids are.
func (e endpoint) matches(path string) bool {
	wanted, elements := strings.Split(e.path, "/"), strings.Split(path, "/")
	return slices.EqualFunc(wanted, elements, func(wanted, element string) bool {
		return strings.HasPrefix(wanted, "{") || wanted == element
	})
}
