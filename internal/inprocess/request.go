package inprocess

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
)

// check returns an error for a request that cannot be sent.
func check(request *http.Request) error {
	switch {
	case request.URL == nil:
		return errors.New("the request has no URL")
	case request.URL.Scheme != "http" && request.URL.Scheme != "https":
		return fmt.Errorf("the scheme %q is neither http nor https", request.URL.Scheme)
	case request.URL.Host == "":
		return errors.New("the URL has no host")
	case request.Method != "" && !isToken(request.Method):
		return fmt.Errorf("the method %q is invalid", request.Method)
	case request.ContentLength > 0 && request.Body == nil:
		return fmt.Errorf("the request has no body, and a ContentLength of %d", request.ContentLength)
	}
	for name, values := range request.Header {
		if !isToken(name) {
			return fmt.Errorf("the header name %q is invalid", name)
		}
		for _, value := range values {
			if strings.ContainsFunc(value, isControl) {
				return fmt.Errorf("a value of the header %q is invalid", name)
			}
		}
	}
	return context.Cause(request.Context())
}

// isToken reports whether a text is a token of RFC 9110.
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// requestBody is the body of a request as the server reads it: as long as the request says that it
// is, or else the connection is broken.
type requestBody struct {
	sent   io.ReadCloser // nil if there is none
	length int64         // -1 if it is unknown
	closed atomic.Bool

	mu   sync.Mutex
	read int64
	err  error // of the client's body
}

func newRequestBody(request *http.Request) *requestBody {
	b := &requestBody{sent: request.Body, length: request.ContentLength}
	switch {
	case b.sent == nil || b.sent == http.NoBody:
		b.length = 0
	case b.length == 0:
		b.length = -1
	}
	return b
}

func (b *requestBody) Read(p []byte) (int, error) {
	if b.closed.Load() {
		return 0, http.ErrBodyReadAfterClose
	}
	b.mu.Lock()
	defer b.mu.Unlock()

	if b.err != nil {
		return 0, io.ErrUnexpectedEOF
	}
	left := b.length - b.read
	if b.length >= 0 {
		p = p[:min(int64(len(p)), max(left, 1))] // one more, to see that there is none
	}
	n, err := b.sent.Read(p)
	b.read += int64(n)
	switch {
	case b.length >= 0 && b.read > b.length, errors.Is(err, io.EOF) && b.read < b.length:
		b.err = fmt.Errorf("the body of the request is not of its ContentLength %d", b.length)
	case err != nil && !errors.Is(err, io.EOF):
		b.err = err
	}
	if b.err != nil {
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

// Close closes the client's body, which ends a Read of it.
func (b *requestBody) Close() error {
	if b.closed.Swap(true) || b.sent == nil {
		return nil
	}
	return b.sent.Close()
}

// failure is why the body could not be sent.
func (b *requestBody) failure() error {
	if !b.mu.TryLock() {
		return nil // it is being read
	}
	defer b.mu.Unlock()

	return b.err
}
