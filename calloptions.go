package stackbe

import (
	"context"
	"net/http"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// Response is the metadata of a call and of the response to its last attempt.
type Response struct {
	StatusCode int         // of the last attempt; 0 if it got no response
	Header     http.Header // as the server sent it; nil if the last attempt got no response
	RequestID  string      // the server's x-request-id
	RateLimit  RateLimit   // zero where the server sent none
	Attempts   int         // requests sent for the call
}

// WithResponse returns a context whose calls store the metadata of their response in
// response, whether they succeed or fail. A call that is refused before any I/O leaves
// response unchanged. An iterator stores the response of each page. Concurrent calls
// need separate contexts.
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

// WithHeader returns a context whose calls send the header in all their attempts. It
// replaces an earlier value of the header in the context. If the SDK sets the header
// itself, as for a credential, these calls return an [*ArgumentError].
func WithHeader(ctx context.Context, name, value string) context.Context {
	return transport.WithOptions(ctx, func(options *transport.Options) {
		if options.Header == nil {
			options.Header = http.Header{}
		}
		options.Header[http.CanonicalHeaderKey(name)] = []string{value}
	})
}

// WithRetry returns a context whose calls are retried as retry says, in place of
// [Config.Retry]. An invalid retry makes these calls return an [*ArgumentError].
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
