package control

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/stackbe/stackbe-go/internal/refserver/api"
)

// Access says to whom the control API and the console respond.
type Access int

const (
	// Local is access for programs on the same machine, on a server that listens on loopback.
	Local Access = iota
	// None is the access to a server that listens beyond loopback.
	None
	// Public is access for everyone who reaches the server.
	Public
)

// Guard refuses requests by the access. A request that came through a name of another host is refused
// as well unless access is Public: whoever owns the name can have it lead to loopback. trusted, unless
// empty, is a name of the server that its owner vouches for.
func Guard(access Access, trusted string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := hostname(r.Host)
		switch {
		case access == None:
			api.Refuse(w, api.CodeForbidden, "The control API and the console are off, since the server listens beyond loopback; start it with -public to turn them on")
		case access == Local && !isLoopback(name) && (trusted == "" || !strings.EqualFold(name, trusted)):
			api.Refuse(w, api.CodeForbidden, "The control API and the console respond only to requests for localhost or a loopback address; start the server with -public for others")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// refuseOtherSites refuses the writes that a page of another site has its visitor's browser send.
func refuseOtherSites(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		api.Refuse(w, api.CodeForbidden, "This request comes from a page of another site")
	}))
	return protection.Handler(next)
}

// hostname is a Host header without its port.
func hostname(host string) string {
	name := host
	if before, _, err := net.SplitHostPort(host); err == nil {
		name = before
	}
	return strings.TrimSuffix(strings.ToLower(name), ".")
}

// isLoopback reports whether a host names this machine, and no other can have it.
func isLoopback(name string) bool {
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return err == nil && address.Unmap().IsLoopback()
}
