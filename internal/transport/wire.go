package transport

import (
	"context"
	"crypto/tls"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// wire is the RoundTripper between http.Client and the caller's own. It lets a
// request reach the server at most once.
//
// net/http replays requests by itself, below every hook of http.Client: over
// HTTP/1 on a kept connection that breaks, over HTTP/2 after a GOAWAY, a refused
// stream or a PROTOCOL_ERROR, there without a bound (golang/go#52459). Each
// replay may be executed, and nobody would know. Retries are the SDK's: counted,
// observed, after a wait, and never of a write that may have been executed.
//
// The credentials are added here, to a request that is about to leave for the
// configured origin, so that http.Client has none to copy to another.
type wire struct{ base http.RoundTripper } // nil is http.DefaultTransport, whatever it is at the time

func (w wire) RoundTrip(request *http.Request) (*http.Response, error) {
	h, err := newHop(request)
	if err != nil {
		return nil, err
	}
	response, err := w.roundTripper().RoundTrip(&h.request)
	if err != nil {
		h.cancel()
		return nil, h.explain(err, request.Context())
	}
	if response == nil || response.Body == nil { // http.Client says what is wrong with that
		h.cancel()
		return response, nil
	}
	h.body, response.Body = response.Body, h
	return response, nil
}

func (w wire) roundTripper() http.RoundTripper {
	if w.base == nil {
		return http.DefaultTransport
	}
	return w.base
}

// hop is one request on the wire: an attempt, or one of its redirects.
type hop struct {
	request http.Request
	trace   httptrace.ClientTrace
	cancel  context.CancelFunc
	body    io.ReadCloser // of the response

	// What the hooks of httptrace have reported, some of them on other goroutines.
	traced    atomic.Bool // the RoundTripper reports at all
	connected atomic.Bool // there was a connection
	sent      atomic.Bool // all headers have been written to it
	waiting   atomic.Bool // no response has begun since
	replayed  atomic.Bool // a replay was prevented
}

func newHop(request *http.Request) (*hop, error) {
	header, err := exchangeOf(request.Context()).takeHeader()
	if err != nil {
		return nil, err
	}
	maps.Copy(header, request.Header) // those of the caller's CheckRedirect
	h := &hop{}
	h.request = *request.WithContext(h.watch(request.Context()))
	h.request.Header = header
	if request.Host == "" {
		h.request.Host = request.URL.Host
	}
	// A body that cannot be made again cannot be replayed. http.Client keeps
	// the function, for redirects.
	h.request.GetBody = nil
	return h, nil
}

// watch returns a context that prevents replays of a request without a body, and
// finds out how far it came.
func (h *hop) watch(parent context.Context) context.Context {
	ctx, cancel := context.WithCancel(parent)
	h.cancel = cancel
	h.trace = httptrace.ClientTrace{
		GetConn:              h.getConn,
		GotConn:              h.gotConn,
		WroteHeaders:         h.wroteHeaders,
		GotFirstResponseByte: h.gotFirstResponseByte,
	}
	return httptrace.WithClientTrace(ctx, &h.trace)
}

func (h *hop) getConn(string) { h.traced.Store(true) }

// gotConn is called before a request is written, and once more for each replay.
func (h *hop) gotConn(info httptrace.GotConnInfo) {
	h.traced.Store(true)
	h.connected.Store(true)
	if !h.waiting.Load() {
		return
	}
	h.replayed.Store(true)
	h.cancel() // HTTP/2 looks at the context before it writes
	if info.Conn != nil && !isHTTP2(info.Conn) {
		info.Conn.Close() // HTTP/1 does not
	}
}

func (h *hop) wroteHeaders() {
	h.sent.Store(true)
	h.waiting.Store(true)
}

// gotFirstResponseByte lets a RoundTripper of the caller's send the request again
// in view of a response, as for digest authentication.
func (h *hop) gotFirstResponseByte() { h.waiting.Store(false) }

func isHTTP2(conn net.Conn) bool {
	secure, ok := conn.(interface{ ConnectionState() tls.ConnectionState })
	return ok && secure.ConnectionState().NegotiatedProtocol == "h2"
}

// Read and Close make h the body of the response.
func (h *hop) Read(p []byte) (int, error) { return h.body.Read(p) }

func (h *hop) Close() error {
	defer h.cancel()
	return h.body.Close()
}
