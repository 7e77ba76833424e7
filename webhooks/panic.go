package webhooks

import (
	"fmt"
	"runtime/debug"
)

// panicError is a panic of what a [Handler] calls.
type panicError struct {
	culprit string
	value   any
	stack   []byte
}

func (p *panicError) Error() string {
	return fmt.Sprintf("webhooks: %s panicked: %v", p.culprit, p.value)
}

// recovered, deferred, turns a panic into the error.
func recovered(culprit string, err *error) {
	if value := recover(); value != nil {
		*err = &panicError{culprit, value, debug.Stack()}
	}
}
