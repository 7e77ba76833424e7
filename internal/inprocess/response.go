package inprocess

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// bufferedBody is how much of a body net/http keeps back before it sends the header.
const bufferedBody = 2048

// response is the response as the handler writes it.
type response struct {
	ctx  context.Context // of the handler
	head bool            // there is no body, since the request is a HEAD

	header  http.Header
	status  int         // 0 before WriteHeader; of a response that is sent, the client reads it
	sent    http.Header // as it was at WriteHeader
	length  int64       // of the body; -1 while it is unknown
	written int64
	isSent  bool
	ready   chan struct{} // closed when the header is sent, or when there will be none
	stream  stream
}

func newResponse(ctx context.Context, head bool) *response {
	return &response{ctx: ctx, head: head, header: http.Header{}, length: -1, ready: make(chan struct{})}
}

func (r *response) Header() http.Header { return r.header }

func (r *response) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic("inprocess: invalid status " + strconv.Itoa(status))
	}
	if r.status != 0 || status < 200 {
		return
	}
	r.status = status
	r.sent = http.Header{}
	for name, values := range r.header {
		if strings.HasPrefix(name, http.TrailerPrefix) || values == nil {
			continue
		}
		for _, value := range values {
			r.sent.Add(name, value)
		}
	}
	if _, given := r.header["Date"]; !given {
		r.sent.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	}
	if length, err := strconv.ParseInt(r.sent.Get("Content-Length"), 10, 64); err == nil && length >= 0 {
		r.length = length
	} else {
		r.sent.Del("Content-Length")
	}
	if r.bodiless() {
		r.length = 0
	}
}

// hasBody reports whether the response has a body, which may be empty.
func (r *response) hasBody() bool { return !r.head && !r.bodiless() }

func (r *response) bodiless() bool {
	return r.status == http.StatusNoContent || r.status == http.StatusNotModified
}

func (r *response) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.WriteHeader(http.StatusOK)
	}
	if r.written == 0 && !r.bodiless() {
		r.sniff(p)
	}
	switch {
	case r.head:
		r.written += int64(len(p))
		return len(p), nil
	case !r.hasBody():
		return 0, http.ErrBodyNotAllowed
	case r.length >= 0 && r.written+int64(len(p)) > r.length:
		return 0, http.ErrContentLength
	}
	r.written += int64(len(p))
	if r.written > bufferedBody {
		r.send()
	}
	return r.stream.write(r.ctx, p)
}

// sniff sets the type of a body from its first bytes, unless the handler has set it.
func (r *response) sniff(p []byte) {
	if _, given := r.header["Content-Type"]; !given && len(p) > 0 && !r.isSent {
		r.sent.Set("Content-Type", http.DetectContentType(p))
	}
}

// Flush sends what was written.
func (r *response) Flush() {
	if r.status == 0 {
		r.WriteHeader(http.StatusOK)
	}
	r.send()
}

// send sends the header. The client reads the response from then on.
func (r *response) send() {
	if !r.isSent {
		r.isSent = true
		close(r.ready)
	}
}

// finish ends the response of a handler that has returned.
func (r *response) finish() {
	if r.status == 0 {
		r.WriteHeader(http.StatusOK)
	}
	if !r.isSent && r.length < 0 && (r.hasBody() || r.head && r.written > 0) {
		r.length = r.written
		r.sent.Set("Content-Length", strconv.FormatInt(r.length, 10))
	}
	end := io.EOF
	if r.hasBody() && r.length > r.written {
		end = io.ErrUnexpectedEOF
	}
	r.stream.end(end)
	r.send()
}

// abort breaks the connection. What is not sent yet is lost.
func (r *response) abort() {
	if !r.isSent {
		r.status = 0
	}
	r.stream.end(io.ErrUnexpectedEOF)
	r.send()
}

// errClientGone is what a handler sees that writes to a client which has gone away.
var errClientGone = errors.New("the client has closed the connection")
