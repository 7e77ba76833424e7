package fault

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxDrained is how much of a request's body is read before the request is delayed or fails, as a
// server that was to execute it would have done. Until the body is read, net/http does not notice that
// the client has closed the connection.
const maxDrained = 1 << 20

// Serve responds to a request as the fault says. next executes it. A connection that is to be closed
// is closed by the panic with [http.ErrAbortHandler].
func (f Fault) Serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	own := newBuffered()
	switch {
	case f.AfterCommit:
		next.ServeHTTP(own, r)
		drain(r)
		f.wait(w, r)
	case f.keepsResponse():
		if f.Delay > 0 {
			r = received(r)
		}
		f.wait(w, r)
		next.ServeHTTP(own, r)
	default:
		drain(r)
		f.wait(w, r)
	}
	if f.Drop {
		panic(http.ErrAbortHandler)
	}
	f.respond(w, own)
}

func drain(r *http.Request) {
	if r.Body != nil {
		_, _ = io.CopyN(io.Discard, r.Body, maxDrained)
	}
}

// received returns a request whose body has been read, and can be read once more.
func received(r *http.Request) *http.Request {
	if r.Body == nil {
		return r
	}
	var start bytes.Buffer
	_, _ = io.CopyN(&start, r.Body, maxDrained) // the next read returns what it fails with
	read := r.WithContext(r.Context())
	read.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(&start, r.Body), r.Body}
	return read
}

// keepsResponse reports whether the request gets its own response, however changed.
func (f Fault) keepsResponse() bool { return f.Status == 0 && f.Body == "" && !f.Drop }

// wait waits for the delay. The limit on how long the connection may take does not count it.
func (f Fault) wait(w http.ResponseWriter, r *http.Request) {
	if f.Delay == 0 {
		return
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // some writers have none
	if err := sleep(r.Context(), time.Duration(f.Delay)); err != nil {
		panic(http.ErrAbortHandler)
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f Fault) respond(w http.ResponseWriter, own *buffered) {
	header := w.Header()
	for name, values := range own.header {
		header[name] = values
	}
	status, body := own.status, own.body.Bytes()
	if !f.keepsResponse() {
		status, body = f.replacement(status)
		header.Del("Content-Length")
		setContentType(header, body)
	}
	for name, values := range f.Header {
		header[http.CanonicalHeaderKey(name)] = nil // without values, net/http adds no Date and no Content-Type
		for _, value := range values {
			header.Add(name, value)
		}
	}
	if f.Truncate == 0 {
		w.WriteHeader(status)
		_, _ = w.Write(body) // a client that has gone away needs no response
		return
	}
	sent := min(f.Truncate, len(body))
	header.Set("Content-Length", strconv.Itoa(max(len(body), sent+1)))
	w.WriteHeader(status)
	_, _ = w.Write(body[:sent])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// replacement is the response in the place of the request's own, which has a status if there is one.
func (f Fault) replacement(own int) (status int, body []byte) {
	status = f.Status
	if status == 0 {
		status = own
	}
	if f.Body == "" && status >= http.StatusBadRequest {
		return status, errorBody(status)
	}
	return status, []byte(f.Body)
}

func setContentType(header http.Header, body []byte) {
	switch {
	case len(body) == 0:
		header.Del("Content-Type")
	case json.Valid(body):
		header.Set("Content-Type", "application/json; charset=utf-8")
	default:
		header.Set("Content-Type", http.DetectContentType(body))
	}
}

// codes are those of docs/contract.md for statuses that a whole service has.
var codes = map[int]string{
	http.StatusBadRequest:          "BAD_REQUEST",
	http.StatusUnauthorized:        "UNAUTHORIZED",
	http.StatusForbidden:           "FORBIDDEN",
	http.StatusNotFound:            "NOT_FOUND",
	http.StatusTooManyRequests:     "RATE_LIMITED",
	http.StatusInternalServerError: "INTERNAL_ERROR",
	http.StatusServiceUnavailable:  "SERVICE_UNAVAILABLE",
}

func errorBody(status int) []byte {
	body, _ := json.Marshal(struct { // strings always encode
		StatusCode int    `json:"statusCode"`
		Code       string `json:"code,omitempty"`
		Message    string `json:"message"`
		Error      string `json:"error"`
	}{status, codes[status], "A fault of the reference server", http.StatusText(status)})
	return body
}

// buffered is the response writer of a request whose response is changed before it is sent.
type buffered struct {
	header http.Header
	status int
	wrote  bool
	body   bytes.Buffer
}

func newBuffered() *buffered { return &buffered{header: http.Header{}, status: http.StatusOK} }

func (b *buffered) Header() http.Header { return b.header }

func (b *buffered) WriteHeader(status int) {
	if !b.wrote && status >= http.StatusOK {
		b.status, b.wrote = status, true
	}
}

func (b *buffered) Write(p []byte) (int, error) {
	b.wrote = true
	return b.body.Write(p)
}
