package transport

import (
	"cmp"
	"net/netip"
	"net/url"
	"strings"
)

// sameOrigin reports whether a and b have the same scheme, host and port, however
// they are written. A host with a dot at its end is another one.
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && sameHost(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func sameHost(a, b string) bool {
	if addr := address(a); addr.IsValid() {
		return addr == address(b)
	}
	return lowerASCII(a) == lowerASCII(b)
}

// address returns the IP address that host is, with its zone; invalid if it is a name.
func address(host string) netip.Addr {
	addr, _ := netip.ParseAddr(host)
	return addr
}

// lowerASCII leaves other letters alone: a Kelvin sign would become a k, and
// another host this one.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

var defaultPorts = map[string]string{"http": "80", "https": "443"}

func port(u *url.URL) string { return cmp.Or(u.Port(), defaultPorts[u.Scheme]) }

// Loopback reports whether host can only be this machine.
func Loopback(host string) bool {
	return sameHost(host, "localhost") || address(host).IsLoopback()
}
