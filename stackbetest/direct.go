package stackbetest

import (
	"bytes"
	"net/http"
	"runtime"
)

// unreachable is the URL of a server without a socket: no one can connect to port 0.
const unreachable = "http://127.0.0.1:0"

// Handler returns the server as a handler, for a test or a server of the caller's own.
func (s *Server) Handler() http.Handler { return s.reference }

// Transport returns a transport that sends requests to the server without a socket, whatever their
// host, also if the server has one. A connection behaves as over a network: the request's context ends
// it, and so does [Server.Close]. Give it to an [http.Client], such as that of a [stackbe.Config].
func (s *Server) Transport() http.RoundTripper { return s.direct }

// inBubble reports whether the caller is in a bubble of testing/synctest, where a socket would keep
// the clock from moving. No function says so; the runtime does, in the first line of a goroutine's
// trace: "goroutine 21 [running, synctest bubble 1]:".
func inBubble() bool {
	var trace [128]byte
	line, _, _ := bytes.Cut(trace[:runtime.Stack(trace[:], false)], []byte("\n"))
	return bytes.Contains(line, []byte("synctest bubble"))
}
