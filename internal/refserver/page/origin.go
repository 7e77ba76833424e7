package page

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// CheckPublicURL returns an error if text is not a valid public URL of the server: the scheme and the
// host, and nothing else.
func CheckPublicURL(text string) error {
	parsed, err := url.Parse(text)
	switch {
	case err != nil:
		return errors.New("the public URL is not a URL")
	case parsed.Scheme != "https" && parsed.Scheme != "http":
		return errors.New("the public URL must begin with https:// or http://")
	case parsed.Hostname() == "":
		return errors.New("the public URL must have a host")
	case parsed.User != nil:
		return errors.New("the public URL must have no user and no password")
	case strings.TrimSuffix(text, "/") != parsed.Scheme+"://"+parsed.Host:
		return errors.New("the public URL must end after the host: it has no path, no query and no fragment")
	}
	return nil
}

// Origin is the scheme and the host of links for the sender of a request: publicURL, or else the
// host that the request was sent to. Headers such as X-Forwarded-Host are ignored: anyone can send
// them.
func Origin(publicURL string, r *http.Request) string {
	if publicURL != "" {
		return strings.TrimSuffix(publicURL, "/")
	}
	if r.TLS != nil {
		return "https://" + calledAs(r)
	}
	return "http://" + calledAs(r)
}

// browserOrigin is a public URL as browsers send it in an Origin: in small letters, without the port
// that its scheme has anyway.
func browserOrigin(publicURL string) string {
	origin := strings.ToLower(strings.TrimSuffix(publicURL, "/"))
	scheme, _, _ := strings.Cut(origin, ":")
	return strings.TrimSuffix(origin, map[string]string{"http": ":80", "https": ":443"}[scheme])
}

// IsHTTPS reports whether the links of [Origin] are https.
func IsHTTPS(publicURL string, r *http.Request) bool {
	return strings.HasPrefix(Origin(publicURL, r), "https://")
}

// calledAs is the host under which a caller reaches the server: its Host header, or else the address
// of the connection. HTTP/1.0 has no Host.
func calledAs(r *http.Request) string {
	if r.Host != "" {
		return r.Host
	}
	if address, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		return address.String()
	}
	return "localhost"
}
