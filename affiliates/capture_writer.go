package affiliates

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
)

// captureWriter adds the cookie to a response, and keeps caches off it, when its header is
// written: a handler may set Cache-Control until then.
type captureWriter struct {
	http.ResponseWriter
	cookie  string           // the Set-Cookie, or ""
	private bool             // no cache may keep the response
	hidden  *captureSettings // of a cookie that Forget does not know; nil if it does
	written bool             // the header is, or the connection is hijacked
}

// complete adds to the header what it has to have, once.
func (w *captureWriter) complete() {
	if w.written {
		return
	}
	w.written = true
	header := w.Header()
	if w.hidden != nil && forgets(header) {
		w.hidden.forget(w)
	}
	if w.private {
		keepPrivate(header)
	}
	if w.cookie != "" && !sets(header, w.cookie) {
		header.Add("Set-Cookie", w.cookie)
	}
}

// sets reports whether a header sets the cookie already, as after Forget.
func sets(header http.Header, cookie string) bool {
	name, _, _ := strings.Cut(cookie, "=")
	for _, line := range header["Set-Cookie"] {
		if set, _, _ := strings.Cut(line, "="); set == name {
			return true
		}
	}
	return false
}

// forgotten is a line of the function Forget.
var forgotten = cookieLine(defaultCookieNames.host, "", "", 0, true)

// forgets reports whether the function Forget has removed the cookie that it knows.
func forgets(header http.Header) bool { return slices.Contains(header["Set-Cookie"], forgotten) }

// keepPrivate keeps a response out of every cache. It deletes the headers that some caches
// obey in place of Cache-Control, such as CDN-Cache-Control (RFC 9213).
func keepPrivate(header http.Header) {
	for name := range header {
		switch canonical := http.CanonicalHeaderKey(name); canonical {
		case "Cache-Control", "Expires", "Surrogate-Control", "Edge-Control", "X-Accel-Expires":
			delete(header, name)
		default:
			if strings.HasSuffix(canonical, "-Cache-Control") {
				delete(header, name)
			}
		}
	}
	header["Cache-Control"] = []string{"private, no-store"}
}

func (w *captureWriter) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		w.complete() // any other is followed by another header
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *captureWriter) Write(p []byte) (int, error) {
	w.complete()
	return w.ResponseWriter.Write(p)
}

func (w *captureWriter) WriteString(s string) (int, error) {
	w.complete()
	return io.WriteString(w.ResponseWriter, s)
}

// FlushError is what http.ResponseController calls to flush.
func (w *captureWriter) FlushError() error {
	if !flushes(w.ResponseWriter) {
		return http.ErrNotSupported
	}
	w.complete()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController find what else the server's writer can do.
func (w *captureWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// flushes reports whether http.ResponseController can flush w.
func flushes(w http.ResponseWriter) bool {
	for {
		switch inner := w.(type) {
		case interface{ FlushError() error }, http.Flusher:
			return true
		case interface{ Unwrap() http.ResponseWriter }:
			w = inner.Unwrap()
		default:
			return false
		}
	}
}

// hijack, readFrom and push are optional methods, for those that have them.
func (w *captureWriter) hijack() (net.Conn, *bufio.ReadWriter, error) {
	connection, buffer, err := w.ResponseWriter.(http.Hijacker).Hijack()
	if err == nil {
		w.written = true
	}
	return connection, buffer, err
}

func (w *captureWriter) readFrom(source io.Reader) (int64, error) {
	w.complete()
	return w.ResponseWriter.(io.ReaderFrom).ReadFrom(source)
}

func (w *captureWriter) push(target string, options *http.PushOptions) error {
	return w.ResponseWriter.(http.Pusher).Push(target, options)
}

// Each of these is a captureWriter with the optional methods that its letters stand for: Flush,
// Hijack, ReadFrom and Push. An interface holds a struct of one pointer without an allocation.
type (
	writerF    struct{ *captureWriter }
	writerH    struct{ *captureWriter }
	writerR    struct{ *captureWriter }
	writerP    struct{ *captureWriter }
	writerFH   struct{ writerF }
	writerFR   struct{ writerF }
	writerFP   struct{ writerF }
	writerHR   struct{ writerH }
	writerHP   struct{ writerH }
	writerRP   struct{ writerR }
	writerFHR  struct{ writerFH }
	writerFHP  struct{ writerFH }
	writerFRP  struct{ writerFR }
	writerHRP  struct{ writerHR }
	writerFHRP struct{ writerFHR }
)

func (w writerF) Flush() { _ = w.FlushError() } // as the server's Flush, which returns nothing

func (w writerH) Hijack() (net.Conn, *bufio.ReadWriter, error)  { return w.hijack() }
func (w writerFH) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.hijack() }

func (w writerR) ReadFrom(source io.Reader) (int64, error)   { return w.readFrom(source) }
func (w writerFR) ReadFrom(source io.Reader) (int64, error)  { return w.readFrom(source) }
func (w writerHR) ReadFrom(source io.Reader) (int64, error)  { return w.readFrom(source) }
func (w writerFHR) ReadFrom(source io.Reader) (int64, error) { return w.readFrom(source) }

func (w writerP) Push(target string, o *http.PushOptions) error    { return w.push(target, o) }
func (w writerFP) Push(target string, o *http.PushOptions) error   { return w.push(target, o) }
func (w writerHP) Push(target string, o *http.PushOptions) error   { return w.push(target, o) }
func (w writerRP) Push(target string, o *http.PushOptions) error   { return w.push(target, o) }
func (w writerFHP) Push(target string, o *http.PushOptions) error  { return w.push(target, o) }
func (w writerFRP) Push(target string, o *http.PushOptions) error  { return w.push(target, o) }
func (w writerHRP) Push(target string, o *http.PushOptions) error  { return w.push(target, o) }
func (w writerFHRP) Push(target string, o *http.PushOptions) error { return w.push(target, o) }

// withOptionalMethods returns w with those optional methods that the server's writer has, and
// no others: handlers ask for them to see what they can do.
func (w *captureWriter) withOptionalMethods() http.ResponseWriter {
	const (
		canFlush = 1 << iota
		canHijack
		canRead
		canPush
	)
	can := 0
	if _, ok := w.ResponseWriter.(http.Flusher); ok {
		can |= canFlush
	}
	if _, ok := w.ResponseWriter.(http.Hijacker); ok {
		can |= canHijack
	}
	if _, ok := w.ResponseWriter.(io.ReaderFrom); ok {
		can |= canRead
	}
	if _, ok := w.ResponseWriter.(http.Pusher); ok {
		can |= canPush
	}
	f, h, r, p := writerF{w}, writerH{w}, writerR{w}, writerP{w}
	switch can {
	case canFlush:
		return f
	case canHijack:
		return h
	case canRead:
		return r
	case canPush:
		return p
	case canFlush | canHijack:
		return writerFH{f}
	case canFlush | canRead:
		return writerFR{f}
	case canFlush | canPush:
		return writerFP{f}
	case canHijack | canRead:
		return writerHR{h}
	case canHijack | canPush:
		return writerHP{h}
	case canRead | canPush:
		return writerRP{r}
	case canFlush | canHijack | canRead:
		return writerFHR{writerFH{f}}
	case canFlush | canHijack | canPush:
		return writerFHP{writerFH{f}}
	case canFlush | canRead | canPush:
		return writerFRP{writerFR{f}}
	case canHijack | canRead | canPush:
		return writerHRP{writerHR{h}}
	case canFlush | canHijack | canRead | canPush:
		return writerFHRP{writerFHR{writerFH{f}}}
	}
	return w
}
