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

// An ending is how a call has ended that was sent.
type ending struct {
	ctx        context.Context
	secrets    []string
	attempts   int  // that Config.Observe reports
	ownTimeout bool // the client has timeouts, which may end before ctx
	replaced   bool // the response may be anything
	csv        bool // of WriteCSV or similar, which return the error of ctx as it is
}

// undocumented says why err is not an error that the docs describe; "" if it is.
func (e ending) undocumented(err error) string {
	if e.csv && err == e.ctx.Err() {
		return ""
	}
	failure, ok := err.(*stackbe.Error) // and not one that wraps it
	if !ok {
		return fmt.Sprintf("it is a %T", err)
	}
	if reason := e.revealed(err); reason != "" {
		return reason
	}
	invalid := errors.Is(err, stackbe.ErrInvalidResponse) || errors.Is(err, stackbe.ErrResponseTooLarge) || errors.Is(err, stackbe.ErrRedirectRefused)
	timedOut, canceled := errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled)
	switch {
	case failure.Attempts < 1 || failure.Attempts != e.attempts:
		return fmt.Sprintf("it counts %d attempts, and %d were observed", failure.Attempts, e.attempts)
	case failure.Method == "" || !strings.HasPrefix(failure.Route, "/"):
		return "it does not name the call"
	case failure.Err == nil && (failure.StatusCode == 0 || failure.StatusCode <= 299):
		return "it gives no reason"
	case invalid && !e.replaced:
		return "no response was like that"
	case timedOut && e.ctx.Err() != context.DeadlineExceeded && !e.ownTimeout:
		return "the deadline has not passed"
	case canceled && e.ctx.Err() != context.Canceled:
		return "the context is not canceled"
	case failure.StatusCode >= 400 && matches(err) != 1:
		return fmt.Sprintf("the status %d matches %d errors", failure.StatusCode, matches(err))
	}
	return ""
}

// matches returns how many errors of a status err matches.
func matches(err error) (count int) {
	for _, sentinel := range sentinels {
		if errors.Is(err, sentinel) {
			count++
		}
	}
	return count
}

// revealed says which secret the text of err or of an error below it shows.
func (e ending) revealed(err error) string {
	for ; err != nil; err = errors.Unwrap(err) {
		for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err)} {
			for _, secret := range append(e.secrets, "@", "?", "Bearer") {
				if strings.Contains(text, secret) {
					return fmt.Sprintf("its text has %q", secret)
				}
			}
		}
	}
	return ""
}
