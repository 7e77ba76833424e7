package webhooks

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
)

// panicError is a panic in a function that a [Handler] calls.
type panicError struct {
	culprit string
	text    string
	stack   []byte
}

func newPanicError(culprit string, value any) *panicError {
	return &panicError{culprit, describe(value), debug.Stack()}
}

func (p *panicError) Error() string {
	return fmt.Sprintf("webhooks: %s panicked: %s", p.culprit, p.text)
}

// errExited is the error of a call that ended its goroutine.
var errExited = errors.New("webhooks: runtime.Goexit ended the goroutine; a test's FailNow calls it")

// recovered, deferred, turns a panic into the error. It does not go by the value alone,
// which a panic(nil) does not have under GODEBUG=panicnil=1.
func recovered(culprit string, returned *bool, err *error) {
	value := recover()
	if !*returned {
		*err = newPanicError(culprit, value)
	}
}

// describe is fmt.Sprint for a value whose methods may panic, and panic again when fmt
// prints what they panicked with.
func describe(value any) (text string) {
	text = fmt.Sprintf("a value of type %T that cannot be printed", value)
	defer func() { _ = recover() }()
	return fmt.Sprint(value)
}

// harmless returns err, which a function of the receiver's or a store returned; or
// another error in its place, if one of its methods panics, as those of a nil pointer do.
// Whoever sees the result may call errors.Is, errors.As and Error.
func harmless(culprit string, err error) (checked error) {
	if err == nil {
		return nil
	}
	returned := false
	defer func() {
		if value := recover(); !returned {
			checked = newPanicError(fmt.Sprintf("an error of %s, of type %T,", culprit, err), value)
		}
	}()
	tryMethods(err)
	returned = true
	return err
}

// matched are the errors that the package asks for in those of others.
var matched = []error{ErrMalformedEvent, ErrDone, ErrInFlight, ErrClaimLost, ErrShuttingDown, context.DeadlineExceeded}

// tryMethods calls the methods of an error that errors.Is, errors.As and a log call.
func tryMethods(err error) {
	wrapped := maxWrapped
	countWrapped(err, &wrapped)
	for _, target := range matched {
		_ = errors.Is(err, target)
	}
	_ = errors.As(err, new(*panicError))
	_ = err.Error()
}

// maxWrapped bounds the number of wrapped errors: errors.Is never returns for an error
// that wraps itself.
const maxWrapped = 10_000

func countWrapped(err error, left *int) {
	if *left--; *left < 0 {
		panic("it wraps too many errors, or itself")
	}
	switch wrapper := err.(type) {
	case interface{ Unwrap() error }:
		countWrapped(wrapper.Unwrap(), left)
	case interface{ Unwrap() []error }:
		for _, inner := range wrapper.Unwrap() {
			countWrapped(inner, left)
		}
	}
}
