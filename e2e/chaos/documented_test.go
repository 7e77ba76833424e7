package chaos

import (
	"context"
	"errors"
	"fmt"
	"strings"

	stackbe "github.com/stackbe/stackbe-go"
)

var sentinels = []error{
	stackbe.ErrBadRequest, stackbe.ErrUnauthorized, stackbe.ErrForbidden, stackbe.ErrNotFound,
	stackbe.ErrConflict, stackbe.ErrRateLimited, stackbe.ErrServer,
}

// undocumented says why err is not an error that the docs describe, for a call that was sent;
// "" if it is. A call may time out before its context does if the client has timeouts of its own.
func undocumented(ctx context.Context, err error, observed int, ownTimeout, csv bool) string {
	if csv && err == ctx.Err() {
		return "" // WriteCSV returns the error of ctx as it is
	}
	e, ok := err.(*stackbe.Error) // and not one that wraps it
	if !ok {
		return fmt.Sprintf("it is a %T", err)
	}
	if reason := revealed(err); reason != "" {
		return reason
	}
	if e.Attempts != observed {
		return fmt.Sprintf("it counts %d attempts, and %d were observed", e.Attempts, observed)
	}
	accepted := e.StatusCode >= 200 && e.StatusCode <= 299
	timedOut, canceled := errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled)
	switch {
	case e.Method == "" || !strings.HasPrefix(e.Route, "/"):
		return "it does not name the call"
	case e.Err == nil && (e.StatusCode == 0 || accepted):
		return "it gives no reason"
	case errors.Is(err, stackbe.ErrInvalidResponse), errors.Is(err, stackbe.ErrResponseTooLarge), errors.Is(err, stackbe.ErrRedirectRefused):
		return "no response was like that"
	case timedOut && ctx.Err() != context.DeadlineExceeded && !ownTimeout:
		return "the deadline has not passed"
	case canceled && ctx.Err() != context.Canceled:
		return "the context is not canceled"
	case !timedOut && !canceled && e.Err != nil && ctx.Err() != nil && errors.Is(e.Err, ctx.Err()):
		return "it does not match the context's error"
	}
	matches := 0
	for _, sentinel := range sentinels {
		if errors.Is(err, sentinel) {
			matches++
		}
	}
	if e.StatusCode >= 400 && matches != 1 {
		return fmt.Sprintf("the status %d matches %d errors", e.StatusCode, matches)
	}
	return ""
}

// revealed says which secret the text of err or of an error below it shows.
func revealed(err error) string {
	for ; err != nil; err = errors.Unwrap(err) {
		for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err)} {
			for _, secret := range []string{"@", "?", "sk_", "Bearer", adminToken} {
				if strings.Contains(text, secret) {
					return fmt.Sprintf("its text has %q", secret)
				}
			}
		}
	}
	return ""
}
