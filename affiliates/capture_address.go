package affiliates

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/stackbe/stackbe-go/internal/address"
)

// secure reports whether the visitor sees the site on https. A site that is not on loopback is
// taken to be, since a proxy may end TLS. A request can claim https, which changes its own
// response only.
func (s *captureSettings) secure(r *http.Request) bool {
	if s.origin != "" {
		return strings.HasPrefix(s.origin, "https:")
	}
	return r.TLS != nil || !onLoopback(r.Host) || forwardedHTTPS(r)
}

// sharedDomain returns the domain of the cookie; "" if it has none, and on loopback, where
// browsers refuse one.
func (s *captureSettings) sharedDomain(r *http.Request) string {
	host := r.Host
	if s.origin != "" {
		_, host, _ = strings.Cut(s.origin, "://")
	}
	if s.domain == "" || onLoopback(host) {
		return ""
	}
	return s.domain
}

func forwardedHTTPS(r *http.Request) bool {
	schemes := r.Header["X-Forwarded-Proto"]
	if len(schemes) == 0 {
		return false
	}
	first, _, _ := strings.Cut(schemes[0], ",")
	return strings.EqualFold(strings.TrimSpace(first), "https")
}

// onLoopback reports whether a Host, with or without a port, is this machine.
func onLoopback(host string) bool {
	name := host
	if end := strings.LastIndexByte(host, ':'); end >= 0 && !strings.HasSuffix(host, "]") {
		name = host[:end]
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	const local = "localhost"
	if end := len(name) - len(local); end >= 0 && strings.EqualFold(name[end:], local) {
		return end == 0 || name[end-1] == '.'
	}
	if name == "" || !strings.Contains(name, ":") && !digit(name[0]) { // to parse a name would allocate an error
		return false
	}
	address, err := netip.ParseAddr(name)
	return err == nil && address.IsLoopback()
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// validHost reports whether a Host can be part of a URL as it is.
func validHost(host string) bool {
	if host == "" || len(host) > 255 {
		return false
	}
	for i := range len(host) {
		c := host[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && !strings.ContainsRune("-._:[]", rune(c)) {
			return false
		}
	}
	return true
}

// addressed returns the path and query that the visitor's browser asked for: handlers around
// the middleware, such as http.StripPrefix, may have changed the request's URL.
func addressed(r *http.Request) *url.URL {
	if !strings.HasPrefix(r.RequestURI, "/") {
		return r.URL
	}
	u, err := url.ParseRequestURI(r.RequestURI)
	if err != nil {
		return r.URL
	}
	return u
}

// pageURL returns the URL to track: the origin, the path, and the parameters that are allowed.
// It is "" if there is no valid one.
func (s *captureSettings) pageURL(r *http.Request) string {
	origin := s.origin
	if origin == "" {
		if !validHost(r.Host) {
			return ""
		}
		origin = "http://" + r.Host
		if s.secure(r) {
			origin = "https://" + r.Host
		}
	}
	asked := addressed(r)
	page := origin + rooted(asked)
	if query := s.allowed(asked.RawQuery); query != "" && len(page)+1+len(query) <= address.MaxWeb {
		page += "?" + query
	}
	if len(page) > address.MaxWeb || address.WebProblem(page) != "" {
		return ""
	}
	return page
}

// allowed returns the parameters of a query that may be sent.
func (s *captureSettings) allowed(query string) string {
	if len(s.kept) == 0 || query == "" {
		return ""
	}
	kept, _ := url.ParseQuery(filterQuery(query, func(key string) bool {
		return slices.ContainsFunc(s.kept, func(name string) bool { return isParameter(key, name) })
	}))
	return kept.Encode()
}

// rooted returns the escaped path of a URL, which begins with a slash.
func rooted(u *url.URL) string {
	path := u.EscapedPath()
	if !strings.HasPrefix(path, "/") {
		return "/" + path
	}
	return path
}

// cleanLocation returns where to redirect a request to for an address without the code; "" for
// not at all. It is a path, never one that browsers take for a host.
func (s *captureSettings) cleanLocation(r *http.Request) string {
	asked := addressed(r)
	if !s.cleanAddress || asked.Opaque != "" || s.linkedCode(asked.RawQuery) == "" {
		return ""
	}
	location := rooted(asked)
	if strings.HasPrefix(location, "//") {
		location = "/." + location
	}
	if query := withoutParameter(asked.RawQuery, s.parameter); query != "" {
		location += "?" + escapeRaw(query)
	}
	return location
}

// escapeRaw escapes what a query may hold in a request, but not in a Location: a # would begin
// a fragment.
func escapeRaw(query string) string {
	var escaped strings.Builder
	for i := range len(query) {
		if c := query[i]; c <= ' ' || c >= 0x7f || c == '#' {
			fmt.Fprintf(&escaped, "%%%02X", c)
		} else {
			escaped.WriteByte(c)
		}
	}
	return escaped.String()
}

// redirectPrivately sends the visitor to the clean address.
func redirectPrivately(w http.ResponseWriter, v visit) {
	header := w.Header()
	keepPrivate(header)
	if v.cookie != "" {
		header.Add("Set-Cookie", v.cookie)
	}
	header.Set("Location", v.location)
	w.WriteHeader(http.StatusSeeOther)
}
