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

// forgets reports whether the function Forget has removed the cookie that it knows.
func forgets(header http.Header) bool {
	return slices.Contains(header["Set-Cookie"], cookieLine(defaultCookieNames.host, "", "", 0, true))
}

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

// Each of these is an optional method of a ResponseWriter.
type (
	flusher    struct{ to *captureWriter }
	hijacker   struct{ to *captureWriter }
	readerFrom struct{ to *captureWriter }
	pusher     struct{ http.Pusher }
)

func (f flusher) Flush() { _ = f.to.FlushError() } // as the server's Flush, which returns nothing

func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	connection, buffer, err := h.to.ResponseWriter.(http.Hijacker).Hijack()
	if err == nil {
		h.to.written = true
	}
	return connection, buffer, err
}

func (r readerFrom) ReadFrom(source io.Reader) (int64, error) {
	r.to.complete()
	return r.to.ResponseWriter.(io.ReaderFrom).ReadFrom(source)
}

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
	push, ok := w.ResponseWriter.(http.Pusher)
	if ok {
		can |= canPush
	}
	f, h, r, p := flusher{w}, hijacker{w}, readerFrom{w}, pusher{push}
	switch can {
	case canFlush:
		return struct {
			*captureWriter
			flusher
		}{w, f}
	case canHijack:
		return struct {
			*captureWriter
			hijacker
		}{w, h}
	case canRead:
		return struct {
			*captureWriter
			readerFrom
		}{w, r}
	case canPush:
		return struct {
			*captureWriter
			pusher
		}{w, p}
	case canFlush | canHijack:
		return struct {
			*captureWriter
			flusher
			hijacker
		}{w, f, h}
	case canFlush | canRead:
		return struct {
			*captureWriter
			flusher
			readerFrom
		}{w, f, r}
	case canFlush | canPush:
		return struct {
			*captureWriter
			flusher
			pusher
		}{w, f, p}
	case canHijack | canRead:
		return struct {
			*captureWriter
			hijacker
			readerFrom
		}{w, h, r}
	case canHijack | canPush:
		return struct {
			*captureWriter
			hijacker
			pusher
		}{w, h, p}
	case canRead | canPush:
		return struct {
			*captureWriter
			readerFrom
			pusher
		}{w, r, p}
	case canFlush | canHijack | canRead:
		return struct {
			*captureWriter
			flusher
			hijacker
			readerFrom
		}{w, f, h, r}
	case canFlush | canHijack | canPush:
		return struct {
			*captureWriter
			flusher
			hijacker
			pusher
		}{w, f, h, p}
	case canFlush | canRead | canPush:
		return struct {
			*captureWriter
			flusher
			readerFrom
			pusher
		}{w, f, r, p}
	case canHijack | canRead | canPush:
		return struct {
			*captureWriter
			hijacker
			readerFrom
			pusher
		}{w, h, r, p}
	case canFlush | canHijack | canRead | canPush:
		return struct {
			*captureWriter
			flusher
			hijacker
			readerFrom
			pusher
		}{w, f, h, r, p}
	}
	return w
}
