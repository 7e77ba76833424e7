package transport

import (
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"sync/atomic"
)

// wire is the RoundTripper between http.Client and the caller's own. It prevents
// that a request reaches the server more than once.
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
	x, ok := request.Context().Value(exchangeKey{}).(*exchange)
	if !ok {
		return nil, errContextReplaced
	}
	base := w.roundTripper()
	_, standard := base.(*http.Transport)
	h, err := newHop(x, request, standard)
	if err != nil {
		return nil, err
	}
	response, err := base.RoundTrip(&h.request)
	if err != nil {
		h.done.Store(true) // from here on nothing more is sent, and what is known is final
		h.cancel()
		err, x.notSent = h.explain(err, standard)
		return nil, err
	}
	if response == nil { // http.Client says what is wrong with that
		h.cancel()
		return nil, nil
	}
	response.Request = request // for receive; another RoundTripper may leave it out
	if response.Body == nil {
		h.cancel()
		return response, nil
	}
	h.body, response.Body = response.Body, h
	return response, nil
}

var errContextReplaced = errors.New("the CheckRedirect of Config.HTTPClient has replaced the request's context; it must keep that context")

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

	// The reports of the hooks of httptrace, some of which run on other goroutines.
	conn      atomic.Pointer[net.Conn] // the last one to send the request on
	sent      atomic.Bool              // all headers have been written
	waiting   atomic.Bool              // no response has begun since
	prevented atomic.Bool              // a replay was, or would have been
	done      atomic.Bool              // the RoundTripper has returned an error
}

func newHop(x *exchange, request *http.Request, standard bool) (*hop, error) {
	header, err := x.takeHeader()
	if err != nil {
		return nil, err
	}
	maps.Copy(header, request.Header) // those of the caller's CheckRedirect
	h := &hop{cancel: func() {}}
	ctx := request.Context()
	if request.Body == nil || !standard { // another RoundTripper may have made the body one that can be sent again
		ctx, h.cancel = context.WithCancel(ctx)
	}
	h.request = *request.WithContext(h.watch(ctx, standard))
	h.request.Header = header
	if request.Host == "" {
		h.request.Host = request.URL.Host
	}
	// A body that cannot be made again cannot be replayed. http.Client keeps
	// the function, for redirects.
	h.request.GetBody = nil
	return h, nil
}

// watch returns a context whose hooks find out how far the request came.
func (h *hop) watch(ctx context.Context, standard bool) context.Context {
	h.trace.GotConn = h.gotConn
	h.trace.WroteHeaders = h.wroteHeaders
	if !standard { // net/http's own sends nothing more in view of a response
		h.trace.Got1xxResponse = h.got1xxResponse
		h.trace.GotFirstResponseByte = h.gotFirstResponseByte
	}
	return httptrace.WithClientTrace(ctx, &h.trace)
}

// gotConn is called before a request is written, and once more for each replay.
// HTTP/2 looks at the context before it writes.
func (h *hop) gotConn(info httptrace.GotConnInfo) {
	h.conn.Store(&info.Conn)
	if h.waiting.Load() {
		h.prevented.Store(true)
		h.cancel()
	}
}

// wroteHeaders is called by HTTP/1, which does not look at the context, before the
// headers leave its buffer whole.
func (h *hop) wroteHeaders() {
	h.sent.Store(true)
	h.waiting.Store(true)
	if h.prevented.Load() || h.done.Load() {
		if conn := h.conn.Load(); conn != nil && *conn != nil {
			(*conn).Close()
		}
	}
}

// gotFirstResponseByte lets a RoundTripper of the caller's send the request again
// in view of a response, as for digest authentication.
func (h *hop) gotFirstResponseByte() { h.waiting.Store(false) }

// got1xxResponse goes on waiting: that was not the response yet.
func (h *hop) got1xxResponse(int, textproto.MIMEHeader) error {
	h.waiting.Store(true)
	return nil
}

// Read and Close make h the body of the response.
func (h *hop) Read(p []byte) (int, error) { return h.body.Read(p) }

func (h *hop) Close() error {
	defer h.cancel()
	return h.body.Close()
}
