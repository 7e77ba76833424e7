// Package freeport finds ports for servers that a test starts as a program, and which cannot tell
// what port the system gave them.
package freeport

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// The ports are below those that the systems give away, to listeners on port 0 and to connections:
// such a port may be another's a moment after it was free.
const (
	first = 20_000
	count = 10_000
)

// Address returns the address of a port of 127.0.0.1 that nobody listens on.
func Address(t testing.TB) string {
	t.Helper()
	return address(Port(t))
}

// Port returns the port of such an address.
func Port(t testing.TB) string {
	t.Helper()
	for range count {
		port := strconv.Itoa(first + rand.IntN(count))
		listener, err := net.Listen("tcp", address(port))
		if err != nil {
			continue
		}
		if err := listener.Close(); err != nil {
			t.Fatal(err)
		}
		return port
	}
	t.Fatalf("no port from %d on is free", first)
	return ""
}

func address(port string) string { return net.JoinHostPort("127.0.0.1", port) }
