package transport

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/stackbe/stackbe-go/internal/redact"
)

// Recovered returns the error for a panic of culprit on a goroutine of the SDK's own, and logs
// it with the stack. It is for the deferred function that recovered value.
func (t *Transport) Recovered(culprit string, value any) error {
	err := fmt.Errorf("%s panicked: %s", culprit, redact.Text(describe(value), t.tokens()...))
	if t.logger != nil {
		defer func() { _ = recover() }() // of the logger, which may be what panicked
		t.logger.LogAttrs(context.Background(), slog.LevelError, "stackbe: panic",
			slog.String("error", err.Error()), slog.String("stack", string(debug.Stack())))
	}
	return err
}

// describe is fmt.Sprint for a value whose methods may panic, and panic again when fmt prints
// what they panicked with.
func describe(value any) (text string) {
	text = fmt.Sprintf("a value of type %T that cannot be printed", value)
	defer func() { _ = recover() }()
	return fmt.Sprint(value)
}
