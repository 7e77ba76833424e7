package main

import (
	"net"
	"net/url"
	"strconv"
	"time"
)

// baseURL is a URL by which a program on this machine reaches the listener. If the listener is
// on every address, the URL has the first loopback address that accepts connections.
func baseURL(listening net.Addr) string {
	address, ok := listening.(*net.TCPAddr)
	if !ok || !address.IP.IsUnspecified() {
		return httpURL(listening.String())
	}
	port := strconv.Itoa(address.Port)
	for _, host := range []string{"127.0.0.1", "::1"} {
		if accepts(net.JoinHostPort(host, port)) {
			return httpURL(net.JoinHostPort(host, port))
		}
	}
	return httpURL(net.JoinHostPort("localhost", port))
}

// httpURL escapes characters that a URL may not have, as in the zone of an IPv6 address.
func httpURL(hostPort string) string { return (&url.URL{Scheme: "http", Host: hostPort}).String() }

// dialTimeout is more than a connection to a listener on loopback takes.
const dialTimeout = time.Second

func accepts(hostPort string) bool {
	connection, err := net.DialTimeout("tcp", hostPort, dialTimeout)
	if err != nil {
		return false
	}
	_ = connection.Close() // it has served its purpose
	return true
}

// insecure says what stackbe.New needs for a base URL that is not on loopback.
func insecure(base string) string {
	parsed, err := url.Parse(base)
	if err != nil {
		return ""
	}
	ip := net.ParseIP(parsed.Hostname())
	if parsed.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
		return ""
	}
	return "  (stackbe.Config takes it with AllowInsecure)"
}
