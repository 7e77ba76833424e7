package transport

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// exchange is the state of one call over all its attempts. go-retryablehttp
// runs the loop, and calls check, receive and renew.
type exchange struct {
	t       *Transport
	call    Call
	options *Options // nil without any
	retry   *Retry
	url     url.URL
	body    []byte

	header http.Header // of the first request; each that follows gets one of its own

	attempt int  // the one in flight, from 1
	notSent bool // the server cannot have acted on it
	started time.Time

	response *http.Response // the last one; if it is final, its body is in received
	received *bytes.Buffer  // pooled

	// These are here, and not where they are used, so that one allocation holds
	// them all.
	context callContext
	client  retryablehttp.Client
	request retryablehttp.Request
	first   http.Request
}

// callContext is the context of a call. It leads from a request back to the
// exchange, for the hooks of go-retryablehttp and for wire.
type callContext struct {
	context.Context
	x *exchange
}

type exchangeKey struct{}

func (c *callContext) Value(key any) any {
	if key == (exchangeKey{}) {
		return c.x
	}
	return c.Context.Value(key)
}

func exchangeOf(ctx context.Context) *exchange { return ctx.Value(exchangeKey{}).(*exchange) }

// send makes attempts until one is final.
func (x *exchange) send(ctx context.Context) error {
	x.client = retryablehttp.Client{
		HTTPClient:   x.t.http,
		RetryMax:     x.retry.Max,
		CheckRetry:   check,
		Backoff:      chosenWait,
		PrepareRetry: renew,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	x.context = callContext{ctx, x}
	x.request.Request = x.newRequest()
	x.request.SetResponseHandler(receive)
	x.begin()
	_, err := x.client.Do(&x.request) // receive keeps the response
	return err
}

// newRequest builds the request by hand: http.NewRequest would parse the URL anew.
// wire adds the headers, and the host.
func (x *exchange) newRequest() *http.Request {
	request := http.Request{
		Method:     x.call.Method,
		URL:        &x.url,
		Header:     noHeader,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
	}
	if x.body != nil {
		request.Body, _ = x.newBody()
		request.ContentLength = int64(len(x.body))
		request.GetBody = x.newBody
	}
	x.first = *request.WithContext(&x.context)
	return &x.first
}

// newBody returns a body of a type that net/http knows to be in memory. Each request
// has its own: that of the one before may still be being read.
func (x *exchange) newBody() (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(x.body)), nil
}

// noHeader is never written to: http.Client writes only to those of redirects,
// which it makes itself.
var noHeader = http.Header{}

// begin starts an attempt.
func (x *exchange) begin() {
	x.attempt++
	x.notSent = false
	x.response = nil
	if x.t.observed() {
		x.started = time.Now()
	}
	if x.received != nil {
		x.received.Reset() // half of a response that broke off
	}
}

// renew makes request the one of the next attempt, with a new URL and body: a
// RoundTripper may still read those of the attempt before.
func renew(request *http.Request) error {
	x := exchangeOf(request.Context())
	x.begin()
	if x.body != nil {
		request.Body, _ = x.newBody()
	}
	target, err := x.t.target(&x.call)
	request.URL = &target
	return err
}

// takeHeader returns the headers of a request: a separate map for each, since a
// RoundTripper may write to it.
func (x *exchange) takeHeader() (http.Header, error) {
	if header := x.header; header != nil {
		x.header = nil
		return header, nil
	}
	return x.newHeader()
}

func (x *exchange) newHeader() (http.Header, error) {
	header, err := x.t.header(&x.call)
	if err == nil && x.options != nil {
		maps.Copy(header, x.options.Header)
	}
	return header, err
}

// check decides on a retry by status or error, before anything is decoded. It is called
// again for a response that is not retried, once receive has read its body, which may
// have broken off.
func check(ctx context.Context, response *http.Response, err error) (bool, error) {
	x := exchangeOf(ctx)
	if err == nil && response == x.response {
		x.report(ctx, response, nil, false)
		return false, nil
	}
	retry := x.retryable(ctx, response, err)
	if err == nil && !retry {
		return false, nil // receive is next
	}
	if retry && response != nil {
		discard(response)
	}
	x.response = response // of interest even if the wait for the next attempt is cut short
	x.report(ctx, response, err, retry)
	return retry, err
}

// chosenWait is the wait that check has chosen: it is known there, to be observed
// and to be held against the context's deadline.
func chosenWait(chosen, _ time.Duration, _ int, _ *http.Response) time.Duration { return chosen }

// receive reads the body of a response inside the loop: a GET whose response breaks off
// is retried like any broken connection.
func receive(response *http.Response) error {
	defer response.Body.Close()
	x := exchangeOf(response.Request.Context())
	x.response = response
	if x.received == nil {
		x.received = buffers.Get().(*bytes.Buffer)
	}
	err := readBounded(x.received, response.Body)
	if failed(response) {
		return nil // the status says more than a broken body does
	}
	return err
}

// readBounded reads a body of at most maxBody. An io.LimitedReader would be one more
// allocation.
func readBounded(into *bytes.Buffer, body io.Reader) error {
	for {
		into.Grow(bytes.MinRead)
		free := into.AvailableBuffer()
		free = free[:min(cap(free), maxBody+1-into.Len())]
		n, err := body.Read(free)
		into.Write(free[:n])
		switch {
		case into.Len() > maxBody:
			return ErrResponseTooLarge
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

const (
	drainSize = 4 << 10
	drainTime = 100 * time.Millisecond
)

// discard reads the rest of a response that another attempt follows, so that its
// connection can be used again: not much of it, and not for long.
func discard(response *http.Response) {
	body := response.Body
	response.Body = http.NoBody // go-retryablehttp would wait for the rest without end
	hurry := time.AfterFunc(drainTime, func() { _ = body.Close() })
	defer hurry.Stop()
	_, _ = io.Copy(io.Discard, io.LimitReader(body, drainSize))
	_ = body.Close()
}

func failed(response *http.Response) bool {
	return response.StatusCode < 200 || response.StatusCode > 299
}

const (
	maxBody   = 10 << 20
	maxPooled = 64 << 10 // a buffer that grew larger is left to the collector
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// release gives the buffer back. Nothing decoded may refer to it.
func (x *exchange) release() {
	if x.received == nil || x.received.Cap() > maxPooled {
		return
	}
	x.received.Reset()
	buffers.Put(x.received)
}

// decode reads the final response into call.Out.
func (x *exchange) decode() error {
	if failed(x.response) {
		return x.failure(nil)
	}
	if x.call.takesAnyType() {
		if err := x.call.Own.Out(x.received); err != nil {
			return x.failure(err)
		}
		return nil
	}
	if x.call.Out == nil {
		return nil
	}
	body, err := readable(x.received.Bytes(), contentType(x.response.Header))
	if err != nil {
		return x.failure(fmt.Errorf("%w: %w", ErrInvalidResponse, err))
	}
	body = bytes.TrimSpace(body)
	if len(body) == 0 && x.call.EmptyOK {
		return nil
	}
	if len(body) == 0 {
		return x.failure(ErrInvalidResponse)
	}
	if err := x.call.Out.UnmarshalJSON(x.call.endpoint.StandardResponse(body)); err != nil {
		return x.failure(fmt.Errorf("%w: %w", ErrInvalidResponse, asSent(err, x.call.endpoint)))
	}
	return nil
}
