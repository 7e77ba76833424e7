// Package inprocess connects an HTTP client to a handler in the same process, without a socket, so
// that both can be in one testing/synctest bubble.
//
// The handler runs on a goroutine of its own, and neither side can tell it from a connection of
// HTTP/1.1: bodies are streamed and bounded, the client's context ends the request's, and a handler
// that panics breaks the connection. There are no trailers, and a connection cannot be hijacked.
package inprocess

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
)

// A Transport sends requests to a handler, whatever their host. It is an [http.RoundTripper], safe for
// concurrent use. Requests after [Transport.Close] fail.
type Transport struct {
	handler  http.Handler
	lifetime context.Context
	end      context.CancelFunc
	running  sync.WaitGroup

	mu     sync.Mutex
	closed bool
}

// New makes a transport. The caller closes it.
func New(handler http.Handler) *Transport {
	lifetime, end := context.WithCancel(context.Background())
	return &Transport{handler: handler, lifetime: lifetime, end: end}
}

// Close breaks the connections, and waits for their handlers to return. It may be called more than
// once.
func (t *Transport) Close() {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.end()
	t.running.Wait()
}

// errors of a connection.
var (
	errClosed = errors.New("the server is closed")
	// errBroken is what a client sees of a connection that was closed before the response.
	errBroken = fmt.Errorf("the server closed the connection without a response: %w", io.EOF)
)

// RoundTrip sends a request. It returns once the header of the response is sent.
func (t *Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	c, err := t.connect(request)
	if err != nil {
		if request.Body != nil {
			_ = request.Body.Close()
		}
		return nil, err
	}
	select {
	case <-c.response.ready:
		return c.result()
	case <-request.Context().Done():
		c.disconnect()
		return nil, context.Cause(request.Context())
	case <-t.lifetime.Done():
		c.disconnect()
		return nil, errBroken
	}
}

// A connection is one request on its way, and its response.
type connection struct {
	request  *http.Request
	body     *requestBody
	response *response
	// disconnect ends the context of the handler, and the reading of the request's body.
	disconnect func()
}

func (t *Transport) connect(request *http.Request) (*connection, error) {
	if err := check(request); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()

	if t.closed {
		return nil, errClosed
	}
	ctx, cancel := context.WithCancel(t.lifetime)
	c := &connection{request: request, body: newRequestBody(request)}
	c.response = newResponse(ctx, request.Method == http.MethodHead)
	received, err := c.received(context.WithValue(ctx, http.LocalAddrContextKey, address{}))
	if err != nil {
		cancel()
		return nil, err
	}
	stop := context.AfterFunc(request.Context(), cancel)
	c.disconnect = func() {
		stop()
		cancel()
		_ = c.body.Close()
	}
	t.running.Go(func() {
		defer stop()
		defer cancel()
		c.serve(t.handler, received)
	})
	return c, nil
}

// address is that of both ends of a connection.
type address struct{}

func (address) Network() string { return "tcp" }
func (address) String() string  { return "127.0.0.1:0" }

// received is the request as the server sees it.
func (c *connection) received(ctx context.Context) (*http.Request, error) {
	sent := c.request
	target, err := url.ParseRequestURI(sent.URL.RequestURI())
	if err != nil {
		return nil, err
	}
	received := (&http.Request{
		Method:        sent.Method,
		URL:           target,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        receivedHeader(sent),
		Body:          http.NoBody,
		Host:          sent.Host,
		RemoteAddr:    address{}.String(),
		RequestURI:    sent.URL.RequestURI(),
		ContentLength: c.body.length,
	}).WithContext(ctx)
	if received.Method == "" {
		received.Method = http.MethodGet
	}
	if received.Host == "" {
		received.Host = sent.URL.Host
	}
	if sent.URL.Scheme == "https" {
		received.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: sent.URL.Hostname()}
	}
	switch {
	case c.body.length < 0:
		received.TransferEncoding = []string{"chunked"}
		received.Body = c.body
	case c.body.length > 0:
		received.Header.Set("Content-Length", strconv.FormatInt(c.body.length, 10))
		received.Body = c.body
	}
	return received, nil
}

// receivedHeader is the header of a request with what net/http's transport adds.
func receivedHeader(sent *http.Request) http.Header {
	header := http.Header{}
	for name, values := range sent.Header {
		for _, value := range values {
			header.Add(name, value)
		}
	}
	header.Del("Host")
	if agents, given := header["User-Agent"]; !given {
		header.Set("User-Agent", "Go-http-client/1.1")
	} else if len(agents) == 0 || agents[0] == "" {
		header.Del("User-Agent")
	}
	return header
}

// serve runs the handler, and ends the response.
func (c *connection) serve(handler http.Handler, received *http.Request) {
	returned := false
	defer func() {
		_ = c.body.Close()
		if returned {
			c.response.finish()
			return
		}
		failure := recover() // nil after runtime.Goexit
		if failure != nil && failure != http.ErrAbortHandler {
			log.Printf("inprocess: panic serving %s %s: %v\n%s", received.Method, received.URL.Path, failure, debug.Stack())
		}
		c.response.abort()
	}()
	handler.ServeHTTP(c.response, received)
	returned = true
}

// result returns the response as the client sees it.
func (c *connection) result() (*http.Response, error) {
	r := c.response
	if err := c.failure(); err != nil {
		c.disconnect()
		return nil, err
	}
	closes := strings.EqualFold(r.sent.Get("Connection"), "close")
	if closes {
		r.sent.Del("Connection") // as net/http's transport does
	}
	response := &http.Response{
		Status:        strconv.Itoa(r.status) + " " + cmp.Or(http.StatusText(r.status), "status code "+strconv.Itoa(r.status)),
		StatusCode:    r.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        r.sent,
		Body:          http.NoBody,
		ContentLength: r.length,
		Close:         closes,
		Request:       c.request,
	}
	if !r.hasBody() || r.length == 0 {
		return response, nil
	}
	response.Body = &responseBody{c: c}
	if r.length < 0 {
		response.TransferEncoding = []string{"chunked"}
	}
	return response, nil
}

// failure is why there is no response.
func (c *connection) failure() error {
	if err := c.body.failure(); err != nil {
		return err
	}
	if c.response.status != 0 {
		return nil
	}
	if cause := context.Cause(c.request.Context()); cause != nil {
		return cause
	}
	return errBroken
}

// responseBody is the body of a response as the client reads it.
type responseBody struct {
	c     *connection
	ended bool
}

func (b *responseBody) Read(p []byte) (int, error) {
	n, err := b.c.response.stream.read(b.c.request.Context(), p)
	if err != nil {
		b.ended = true
	}
	return n, err
}

// Close breaks the connection, unless the body was read to its end.
func (b *responseBody) Close() error {
	b.c.response.stream.close()
	if !b.ended {
		b.c.disconnect()
	}
	return nil
}
