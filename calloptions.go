package stackbe

import (
	"context"
	"net/http"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// Response is what is known of the last response of a call besides its body.
type Response struct {
	StatusCode int         // 0 where none came
	Header     http.Header // as the server sent it; nil where no response came
	RequestID  string      // the server's x-request-id
	RateLimit  RateLimit   // zero where the server sent none
	Attempts   int         // requests sent for the call
}

// WithResponse returns a context whose calls store what is known of their response in
// response, whether they succeed or fail; those that are refused before any I/O leave
// it as it is. An iterator stores each page's. Calls that are made at the same time need
// a context each.
func WithResponse(ctx context.Context, response *Response) context.Context {
	return transport.WithOptions(ctx, func(options *transport.Options) {
		options.Capture = nil
		if response == nil {
			return
		}
		options.Capture = func(c transport.Captured) {
			*response = Response{
				StatusCode: c.StatusCode,
				Header:     c.Header,
				RequestID:  c.RequestID,
				RateLimit:  RateLimit(c.RateLimit),
				Attempts:   c.Attempts,
			}
		}
	})
}

// WithHeader returns a context whose calls send the header, in all their attempts, in
// place of any other value that the context has for it. A header that the SDK sets
// itself, a credential's above all, makes these calls return an [*ArgumentError].
func WithHeader(ctx context.Context, name, value string) context.Context {
	return transport.WithOptions(ctx, func(options *transport.Options) {
		if options.Header == nil {
			options.Header = http.Header{}
		}
		options.Header[http.CanonicalHeaderKey(name)] = []string{value}
	})
}

// WithRetry returns a context whose calls are retried as retry says, in place of
// [Config.Retry]. A retry that [New] would refuse makes these calls return an
// [*ArgumentError].
func WithRetry(ctx context.Context, retry Retry) context.Context {
	return transport.WithOptions(ctx, func(options *transport.Options) {
		if problem := retry.problem(); problem != "" {
			options.Invalid = &ArgumentError{Field: "WithRetry", Problem: problem}
			return
		}
		effective := retry.effective()
		options.Retry, options.Invalid = &effective, nil
	})
}
