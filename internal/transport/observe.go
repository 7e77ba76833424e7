package transport

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// Exchange is one attempt of a call, as an observer sees it.
type Exchange struct {
	Method     string
	Route      string
	Attempt    int
	Started    time.Time
	Duration   time.Duration
	StatusCode int
	RequestID  string
	RateLimit  RateLimit
	RetryIn    time.Duration // 0 where this attempt is the last
	Err        error
}

func (s *settings) observed() bool { return s.observe != nil || s.logger != nil }

// report tells the observer and the log of the attempt that has just ended.
func (x *exchange) report(ctx context.Context, response *http.Response, err error, retry bool) {
	if !x.t.observed() {
		return
	}
	level := slog.LevelDebug
	if retry {
		level = slog.LevelWarn
	}
	logged := x.t.logger != nil && x.t.logger.Enabled(ctx, level)
	if x.t.observe == nil && !logged {
		return
	}
	e := x.attempted(response, err, retry)
	if x.t.observe != nil {
		x.t.observe(ctx, e)
	}
	if logged {
		x.t.logger.LogAttrs(ctx, level, "stackbe: attempt", e.attributes()...)
	}
}

func (x *exchange) attempted(response *http.Response, err error, retry bool) Exchange {
	f := x.describe(response, err)
	e := Exchange{
		Method:     f.Method,
		Route:      f.Route,
		Attempt:    x.attempt,
		Started:    x.started,
		Duration:   time.Since(x.started),
		StatusCode: f.StatusCode,
		RequestID:  f.RequestID,
		RateLimit:  f.RateLimit,
	}
	if retry {
		e.RetryIn = x.pause
	}
	if err != nil {
		e.Err = x.t.errors.Failed(f)
	}
	return e
}

func (e Exchange) attributes() []slog.Attr {
	attributes := []slog.Attr{
		slog.String("method", e.Method),
		slog.String("route", e.Route),
		slog.Int("attempt", e.Attempt),
		slog.Int("status", e.StatusCode),
		slog.Duration("duration", e.Duration),
		slog.String("request_id", e.RequestID),
	}
	if e.RetryIn > 0 {
		attributes = append(attributes, slog.Duration("retry_in", e.RetryIn))
	}
	if e.Err != nil {
		attributes = append(attributes, slog.String("error", e.Err.Error()))
	}
	return attributes
}
