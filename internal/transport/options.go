package transport

import (
	"context"
	"errors"
	"maps"
	"net/http"
)

// Options are the options of a context for its calls.
type Options struct {
	Header  http.Header // names are as the caller wrote them
	Retry   *Retry      // nil for the Transport's own
	Invalid error       // of Retry, to be returned by the call
	Capture func(Captured)
}

// Captured is the metadata of a call and of the response to its last attempt.
type Captured struct {
	StatusCode int // 0 where no response came
	Header     http.Header
	RequestID  string
	RateLimit  RateLimit
	Attempts   int
}

type optionsKey struct{}

// WithOptions returns a context with the options of ctx as change leaves a copy of them.
func WithOptions(ctx context.Context, change func(*Options)) context.Context {
	var options Options
	if before := optionsOf(ctx); before != nil {
		options = *before
		options.Header = maps.Clone(before.Header)
	}
	change(&options)
	return context.WithValue(ctx, optionsKey{}, &options)
}

func optionsOf(ctx context.Context) *Options {
	options, _ := ctx.Value(optionsKey{}).(*Options)
	return options
}

var (
	errTakenHeader = errors.New("was given an invalid header name, or the name of a header that the SDK sets itself, such as a credential's")
	errHeaderValue = errors.New("was given a value with a line break or another character that a header cannot carry")
)

// apply checks the options of the call's context, and takes its retries.
func (x *exchange) apply() error {
	if x.options == nil {
		return nil
	}
	if x.options.Invalid != nil {
		return x.options.Invalid
	}
	if x.options.Retry != nil {
		x.retry = x.options.Retry
	}
	for name, values := range x.options.Header {
		if name == "" || !FreeHeaderName(name) || x.t.headers.set(name) {
			return x.t.errors.InvalidArgument("WithHeader", errTakenHeader)
		}
		for _, value := range values {
			if !validText(value) {
				return x.t.errors.InvalidArgument("WithHeader", errHeaderValue)
			}
		}
	}
	return nil
}

// validText reports whether s can be sent as a header value, spaces and all.
func validText(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' && s[i] != '\t' || s[i] == 0x7f {
			return false
		}
	}
	return true
}

// capture tells the caller who asked for it of the last attempt.
func (x *exchange) capture() {
	if x.options == nil || x.options.Capture == nil {
		return
	}
	captured := Captured{Attempts: x.attempt}
	if x.response != nil {
		f := x.describe(x.response, nil)
		captured.StatusCode, captured.Header = f.StatusCode, x.response.Header
		captured.RequestID, captured.RateLimit = f.RequestID, f.RateLimit
	}
	x.options.Capture(captured)
}
