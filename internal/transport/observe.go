package transport

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// Attempt is one request of a call and its result, for an observer.
type Attempt struct {
	Method     string
	Route      string
	Number     int
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
	level := slog.LevelDebug
	if retry {
		level = slog.LevelWarn
	}
	logged := x.t.logger != nil && x.t.logger.Enabled(ctx, level)
	if x.t.observe == nil && !logged {
		return
	}
	a := x.attempted(response, err, retry)
	if x.t.observe != nil {
		x.t.observe(ctx, a)
	}
	if logged {
		x.t.logger.LogAttrs(ctx, level, "stackbe: attempt", a.attributes()...)
	}
}

func (x *exchange) attempted(response *http.Response, err error, retry bool) Attempt {
	f := x.describe(response, err)
	a := Attempt{
		Method:     f.Method,
		Route:      f.Route,
		Number:     x.attempt,
		Started:    x.started,
		Duration:   time.Since(x.started),
		StatusCode: f.StatusCode,
		RequestID:  f.RequestID,
		RateLimit:  f.RateLimit,
	}
	if retry {
		a.RetryIn = x.client.RetryWaitMin
	}
	if err != nil {
		a.Err = x.t.errors.Failed(f)
	}
	return a
}

func (a Attempt) attributes() []slog.Attr {
	attributes := []slog.Attr{
		slog.String("method", a.Method),
		slog.String("route", a.Route),
		slog.Int("attempt", a.Number),
		slog.Int("status", a.StatusCode),
		slog.Duration("duration", a.Duration),
		slog.String("request_id", a.RequestID),
	}
	if a.RetryIn > 0 {
		attributes = append(attributes, slog.Duration("retry_in", a.RetryIn))
	}
	if a.Err != nil {
		attributes = append(attributes, slog.String("error", a.Err.Error()))
	}
	return attributes
}
