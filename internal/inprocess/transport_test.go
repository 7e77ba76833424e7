package inprocess_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/inprocess"
)

// exchange is what both sides of a connection see.
type exchange struct {
	status   string
	header   string
	length   int64
	body     string
	closes   bool // the response says that the connection ends with it
	failed   bool // RoundTrip
	brokeOff bool // the body
}

func roundTrip(t *testing.T, transport http.RoundTripper, url string, send func(url string) *http.Request) (made exchange) {
	request := send(url)
	response, err := transport.RoundTrip(request.WithContext(t.Context()))
	if err != nil {
		return exchange{failed: true}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	made = exchange{status: response.Status, length: response.ContentLength, body: string(body), closes: response.Close, brokeOff: err != nil}
	if err != nil {
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	}
	for _, name := range []string{"Content-Type", "Content-Length", "Connection", "X-A"} {
		made.header += name + "=" + strings.Join(response.Header[name], ",") + " "
	}
	return made
}

func get(url string) *http.Request {
	request, _ := http.NewRequest(http.MethodGet, url+"/a%2Fb/c?d=e", nil)
	return request
}

func head(url string) *http.Request {
	request, _ := http.NewRequest(http.MethodHead, url, nil)
	return request
}

func post(body func() io.Reader) func(url string) *http.Request {
	return func(url string) *http.Request {
		request, _ := http.NewRequest(http.MethodPost, url, body())
		return request
	}
}

func text(s string) func() io.Reader { return func() io.Reader { return strings.NewReader(s) } }

// stream is a text of unknown length.
func stream(s string) func() io.Reader {
	return func() io.Reader { return io.MultiReader(strings.NewReader(s)) }
}

func withLength(n int64, made func(url string) *http.Request) func(url string) *http.Request {
	return func(url string) *http.Request {
		request := made(url)
		request.ContentLength = n
		return request
	}
}

// failing is a body that fails after some bytes.
func failing() io.Reader { return io.MultiReader(strings.NewReader("abc"), failingReader{}) }

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errors.New("a disk failed") }

// Each case is the same on a connection of net/http.
func TestTransportBehavesAsConnection(t *testing.T) {
	large := strings.Repeat("x", 300<<10)
	echo := func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %v", body, err)
	}
	for name, test := range map[string]struct {
		send   func(url string) *http.Request
		handle http.HandlerFunc
	}{
		"what the server sees of a GET": {get, func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, r.Method, r.URL, r.URL.Path, r.RequestURI, r.Proto, r.Header["User-Agent"], r.ContentLength, r.Body == http.NoBody, r.TransferEncoding)
		}},
		"what the server sees of a POST": {post(text("abc")), func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			fmt.Fprint(w, r.ContentLength, r.Header["Content-Length"], r.TransferEncoding, string(body), err)
		}},
		"a body of unknown length": {post(stream("abc")), func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			fmt.Fprint(w, r.ContentLength, r.Header["Content-Length"], r.TransferEncoding, string(body), err)
		}},
		"a body that is too short": {withLength(5, post(stream("abc"))), echo},
		"a body that fails":        {withLength(5, post(failing)), echo},
		"a body that is not read":  {post(text("abc")), func(http.ResponseWriter, *http.Request) {}},
		"no response body":         {get, func(http.ResponseWriter, *http.Request) {}},
		"a short body":             {get, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>hello") }},
		"a long body":              {get, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, large) }},
		"a long body in many writes": {get, func(w http.ResponseWriter, _ *http.Request) {
			io.Copy(w, struct{ io.Reader }{strings.NewReader(large)})
		}},
		"a status":                      {get, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }},
		"a status without a name":       {get, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(599) }},
		"a connection that ends":        {get, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") }},
		"a status without a body":       {get, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204); io.WriteString(w, "x") }},
		"a HEAD":                        {head, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }},
		"a HEAD with a length":          {head, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "9") }},
		"header values":                 {get, func(w http.ResponseWriter, _ *http.Request) { w.Header()["x-a"] = []string{"1", "2"} }},
		"a header that is set too late": {get, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200); w.Header().Set("X-A", "1") }},
		"a type that is turned off":     {get, func(w http.ResponseWriter, _ *http.Request) { w.Header()["Content-Type"] = nil; io.WriteString(w, "a") }},
		"a length that is kept": {get, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "3")
			io.WriteString(w, "abc")
		}},
		"a length that the body is longer than": {get, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "3")
			io.WriteString(w, "ab")
			io.WriteString(w, "cd")
		}},
		"a panic before the response":      {get, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		"a panic after an unsent response": {get, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "a"); panic(http.ErrAbortHandler) }},
		"a panic after a flush": {get, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5")
			io.WriteString(w, "ab")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}},
		"a panic after a flush of chunks": {get, func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "ab")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}},
		"an invalid header": {func(url string) *http.Request {
			request := get(url)
			request.Header.Set("X-A", "a\r\nX-B: b")
			return request
		}, echo},
		"an invalid method": {func(url string) *http.Request {
			request := get(url)
			request.Method = "G T"
			return request
		}, echo},
		"no scheme": {func(string) *http.Request { return get("") }, echo},
		"no user agent": {func(url string) *http.Request {
			request := get(url)
			request.Header.Set("User-Agent", "")
			return request
		}, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Header["User-Agent"]) }},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(test.handle)
			defer server.Close()
			real := &http.Transport{DisableCompression: true}
			defer real.CloseIdleConnections()
			want := roundTrip(t, real, server.URL, test.send)

			transport := inprocess.New(test.handle)
			defer transport.Close()
			assert.Equal(t, want, roundTrip(t, transport, "http://127.0.0.1:1", test.send))
		})
	}
}

func TestBodyMustHaveItsLength(t *testing.T) {
	transport := inprocess.New(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	defer transport.Close()
	for name, body := range map[string]string{"shorter": "ab", "longer": "abcd"} {
		request := withLength(3, post(stream(body)))("http://h")
		_, err := transport.RoundTrip(request)
		assert.ErrorContains(t, err, "ContentLength", name)
	}
}

func TestResponseIsStreamed(t *testing.T) {
	more := make(chan struct{})
	transport := inprocess.New(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "a")
		w.(http.Flusher).Flush()
		<-more
		io.WriteString(w, "b")
	}))
	defer transport.Close()
	response, err := transport.RoundTrip(get("http://h"))
	require.NoError(t, err)
	first := make([]byte, 8)
	n, err := response.Body.Read(first)
	require.NoError(t, err)
	assert.Equal(t, "a", string(first[:n]))
	close(more)
	rest, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Equal(t, "b", string(rest))
}

func TestClientsContextEndsRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended error
		transport := inprocess.New(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			ended = r.Context().Err()
		}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err := transport.RoundTrip(get("http://h").WithContext(ctx))
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		transport.Close()
		assert.ErrorIs(t, ended, context.Canceled)
	})
}

func TestContextOfClientIsNotThatOfHandler(t *testing.T) {
	type key struct{}
	transport := inprocess.New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Context().Value(key{}))
	}))
	defer transport.Close()
	response, err := transport.RoundTrip(get("http://h").WithContext(context.WithValue(t.Context(), key{}, "leaked")))
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Equal(t, "<nil>", string(body))
}

func TestClosedBodyEndsHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var wrote error
		transport := inprocess.New(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, wrote = w.Write(bytes.Repeat([]byte("x"), 1<<20))
		}))
		response, err := transport.RoundTrip(get("http://h"))
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		transport.Close()
		assert.Error(t, wrote)
	})
}

func TestCloseBreaksConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := inprocess.New(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		failed := make(chan error, 1)
		go func() {
			_, err := transport.RoundTrip(get("http://h"))
			failed <- err
		}()
		synctest.Wait()
		transport.Close()
		assert.Error(t, <-failed)
		_, err := transport.RoundTrip(get("http://h"))
		assert.ErrorContains(t, err, "closed")
	})
}

func TestRequestsBodyIsClosed(t *testing.T) {
	var closed atomic.Int32
	body := func() io.Reader { return closing{strings.NewReader("abc"), &closed} }
	transport := inprocess.New(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	_, err := transport.RoundTrip(post(body)("http://h"))
	require.NoError(t, err)
	_, err = transport.RoundTrip(post(body)(""))
	require.Error(t, err)
	transport.Close()
	assert.EqualValues(t, 2, closed.Load())
}

type closing struct {
	io.Reader
	closed *atomic.Int32
}

func (c closing) Close() error { c.closed.Add(1); return nil }
