// Command stackbe-check tells what of docs/contract.md holds on a real account:
//
//	STACKBE_API_KEY=… STACKBE_APP_ID=… go run github.com/stackbe/stackbe-go/cmd/stackbe-check@latest
//
// It prints each statement of the contract that a stackbe.Contract can change as confirmed, refuted
// or unknown, and why, and ends with the stackbe.Contract to paste. It only reads, unless -write is
// given: then it applies, tracks a click, registers a deal and approves an application, all under
// emails of the form stackbe-check+…@stackbe-go.example, which no API deletes. Paths are tried without
// a credential, so that nothing is executed.
//
// With -webhook it listens instead, and tells from the first delivery that verifies how deliveries
// are signed and what they look like.
//
// Credentials come from STACKBE_API_KEY, STACKBE_APP_ID, STACKBE_SESSION_TOKEN, STACKBE_CUSTOMER_ID
// (of a partner), STACKBE_ADMIN_TOKEN and STACKBE_WEBHOOK_SECRET, or from flags, which other users of
// the machine can see. What is missing makes the statements unknown that need it. Nothing that is
// printed holds a credential, an email address or the body of a response.
//
// The exit status is 0 where nothing is refuted, 1 where something is, and 2 where nothing could be
// checked.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

const (
	exitHolds = iota
	exitRefuted
	exitFailed
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	o, err := parse(args, getenv, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return exitHolds
	}
	if err == nil && o.webhook != "" {
		return listen(ctx, o, stdout, stderr)
	}
	var r report
	if err == nil {
		r, err = check(ctx, o)
	}
	if err == nil {
		err = r.print(stdout, o.json)
	}
	if err != nil {
		fmt.Fprintln(stderr, "stackbe-check:", o.redact(err.Error()))
		return exitFailed
	}
	return r.exitStatus()
}
