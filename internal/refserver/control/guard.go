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

// Guard refuses requests by the access, and requests that a page of another site makes its visitor's
// browser send. A request that came through a name of another host is refused as well unless access is
// Public: whoever owns the name can have it lead to loopback.
func Guard(access Access, next http.Handler) http.Handler {
	crossOrigin := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case access == None:
			api.Refuse(w, api.CodeForbidden, "The control API and the console are off, since the server listens beyond loopback; start it with -public to turn them on")
		case access == Local && !isLoopback(r.Host):
			api.Refuse(w, api.CodeForbidden, "The control API and the console respond only to requests for localhost or a loopback address; start the server with -public for others")
		case crossOrigin.Check(r) != nil:
			api.Refuse(w, api.CodeForbidden, "This request comes from a page of another site")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// isLoopback reports whether the Host header of a request names this machine, and no other can.
func isLoopback(host string) bool {
	name := host
	if before, _, err := net.SplitHostPort(host); err == nil {
		name = before
	}
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return err == nil && address.Unmap().IsLoopback()
}
