package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// errReplayPrevented takes the place of an error that net/http has kept to itself.
var errReplayPrevented = errors.New("the connection failed, or the server reset the stream, before it sent a response; sending the request again was prevented")

// explained is an error in words that tell who failed.
type explained struct {
	text string
	err  error
}

func (e *explained) Error() string { return e.text }
func (e *explained) Unwrap() error { return e.err }

// explain returns err, which the RoundTripper returned, with a text that says what
// failed, and whether it is certain that the server has not acted on the request. It is
// certain if no connection was made, or the request was not written to it, or the
// server says that it did not process it. Only net/http's own Transport is sure to
// report a connection.
func (h *hop) explain(err error, standard bool) (explanation error, notSent bool) {
	if v := reflect.ValueOf(err); v.Kind() == reflect.Pointer && v.IsNil() { // its methods may panic
		return fmt.Errorf("the RoundTripper returned a nil %T as its error", err), false
	}
	switch {
	case h.prevented.Load():
		return errReplayPrevented, false
	case h.conn.Load() == nil && (standard || connecting(err)):
		return noConnection(err), true
	case nothingWritten(err), standard && !h.sent.Load() && closedIdle(err):
		return &explained{"the connection failed before the request was sent: " + err.Error(), err}, true
	}
	err = withoutAdvice(err)
	if unprocessed(err) {
		return &explained{"the server did not process the request: " + err.Error(), err}, true
	}
	return err, false
}

// connecting reports whether err is of making a connection.
func connecting(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && slices.Contains([]string{"dial", "proxyconnect", "socks connect"}, op.Op)
}

// closedIdle reports whether HTTP/1 found a kept connection closed.
func closedIdle(err error) bool { return err.Error() == "http: server closed idle connection" }

func noConnection(err error) error {
	const prefix = "no connection was made: "
	if connecting(err) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err // which says enough
	}
	if status := refusedConnect(err); status != 0 {
		return &explained{prefix + connectRefused(strconv.Itoa(status)+" "+http.StatusText(status)).Error(), err}
	}
	return &explained{prefix + err.Error(), err}
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
// connection. Only the name of its type identifies the error.
func nothingWritten(err error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		if fmt.Sprintf("%T", err) == "http.nothingWrittenError" {
			return true
		}
	}
	return false
}

// withoutAdvice returns err without the text that net/http wraps around it if it
// could not replay the request, which advises to set GetBody.
func withoutAdvice(err error) error {
	rest, before := strings.CutPrefix(err.Error(), "http2: Transport: cannot retry err [")
	reason, after := strings.CutSuffix(rest, "] after Request.Body was written; define Request.GetBody to avoid this error")
	if !before || !after {
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
