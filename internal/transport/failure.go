package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// errNotSent is matched by the error of a request that the server cannot have
// acted on: no connection was made, or the request did not get onto it, or the
// server says that it did not process it.
var errNotSent = errors.New("the request was not sent")

// errReplayPrevented takes the place of an error that net/http has kept to itself.
var errReplayPrevented = errors.New("the connection failed, or the server reset the stream, before it sent a response")

// notSentError is an error that matches errNotSent.
type notSentError struct {
	text string
	err  error
}

func (e *notSentError) Error() string        { return e.text }
func (e *notSentError) Unwrap() error        { return e.err }
func (e *notSentError) Is(target error) bool { return target == errNotSent }

// explain returns err, the RoundTripper's, in words that tell who failed, and
// matching errNotSent where that is certain.
func (h *hop) explain(err error, ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return err
	case h.replayed.Load():
		return errReplayPrevented
	case !h.traced.Load() && connecting(err), h.traced.Load() && !h.connected.Load():
		return &notSentError{noConnection(err), err}
	case nothingWritten(err), h.connected.Load() && !h.sent.Load() && !timedOut(err):
		return &notSentError{"the connection failed before the request was sent: " + err.Error(), err}
	}
	err = withoutAdvice(err)
	if unprocessed(err) {
		return &notSentError{"the server did not process the request: " + err.Error(), err}
	}
	return err
}

// connecting reports whether err is of making a connection, for RoundTrippers that do
// not report to httptrace.
func connecting(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && slices.Contains([]string{"dial", "proxyconnect", "socks connect"}, op.Op)
}

func noConnection(err error) string {
	if connecting(err) {
		return err.Error() // which says that, and to whom
	}
	if status := refusedConnect(err); status != 0 {
		return "no connection was made: " + connectRefused(strconv.Itoa(status)+" "+http.StatusText(status)).Error()
	}
	return "no connection was made: " + err.Error()
}

func connectRefused(status string) error {
	return fmt.Errorf("the proxy responded to CONNECT with %s", status)
}

// CheckConnect returns an OnProxyConnectResponse for an [http.Transport], which asks
// own if that is not nil. Without it net/http reports a proxy's refusal as a mere
// "Forbidden", as though the API had said it.
func CheckConnect(own onProxyConnectResponse) onProxyConnectResponse {
	return func(ctx context.Context, proxy *url.URL, request *http.Request, response *http.Response) error {
		if own != nil {
			if err := own(ctx, proxy, request, response); err != nil {
				return err
			}
		}
		if response.StatusCode != http.StatusOK {
			return connectRefused(response.Status)
		}
		return nil
	}
}

type onProxyConnectResponse = func(context.Context, *url.URL, *http.Request, *http.Response) error

// refusedConnect returns the status of a proxy's response to CONNECT, or 0. Of a
// transport that is not the SDK's only the text tells: net/http makes an error of the
// reason behind the status.
func refusedConnect(err error) int {
	for status := 300; status < 600; status++ {
		if text := http.StatusText(status); text != "" && text == err.Error() {
			return status
		}
	}
	return 0
}

// nothingWritten reports whether net/http says that it wrote nothing to the
// connection. Its error has no other mark than the name of its type.
func nothingWritten(err error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		if fmt.Sprintf("%T", err) == "http.nothingWrittenError" {
			return true
		}
	}
	return false
}

// timedOut reports whether a timeout of http.Client ended the request, while it might
// have been being written.
func timedOut(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.Is(err, context.Canceled) || errors.As(err, &timeout) && timeout.Timeout()
}

// withoutAdvice returns err without what net/http wraps around the error that it
// would have replayed the request after, which is advice to let it.
func withoutAdvice(err error) error {
	_, rest, ok := strings.Cut(err.Error(), "http2: Transport: cannot retry err [")
	reason, _, complete := strings.Cut(rest, "] after Request.Body was written")
	if !ok || !complete {
		return err
	}
	return errors.New(reason)
}

// unprocessed reports whether err is a GOAWAY for streams before this one, by which
// an HTTP/2 server says that it did not act on the request. REFUSED_STREAM says so
// too, but HAProxy sends it as well when its upstream has acted and failed.
//
// The errors of net/http have no types to tell. A text that it should change one day
// makes a write fail that could have been retried.
func unprocessed(err error) bool {
	text := err.Error()
	return strings.HasPrefix(text, "http2: Transport received GOAWAY from server ErrCode:") ||
		text == "http2: Transport received Server's graceful shutdown GOAWAY"
}
