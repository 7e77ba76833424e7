// Command stackbe-check checks which statements of docs/contract.md hold on a real account:
//
//	STACKBE_API_KEY=… STACKBE_APP_ID=… go run github.com/stackbe/stackbe-go/cmd/stackbe-check@latest
//
// It prints each statement of the contract that a stackbe.Contract can change, with its outcome and
// the reason, and ends with the stackbe.Contract to paste:
//
//   - confirmed: a response shows it.
//   - refuted: a response shows another value, which is in the stackbe.Contract; or the server has
//     none of the paths that were tried, and the stackbe.Contract has a comment instead.
//   - unknown: no response shows it. A credential is missing or refused, the app has no such
//     record, the request failed, or only a write shows it.
//
// If a credential got 401 wherever it was sent, a last line names its variable.
//
// It only reads, unless -write is given: then it creates records that no API deletes, named so that
// they can be found. It makes an application, and up to two more until it has found the header of
// idempotency; repeats the last without a key, which a server may take for one more; approves one,
// which makes a partner; registers a deal; and tracks a click on the code of the session's partner.
// The applications and the deal are by stackbe-check, with emails of the form
// stackbe-check+…@stackbe-go.example, and the click is on https://stackbe-go.example/stackbe-check.
// Paths are tried without a credential, so that nothing is executed; paths of reads are also tried
// with their credential.
//
// With -webhook it listens instead, and reports from the first verified delivery how deliveries are
// signed and which envelope they have.
//
// Give each credential in its variable or flag; other users of the machine can see flags. At least
// one of API key, session token and admin token is needed; a statement that needs a missing
// credential is unknown. The output holds no credential, no email address and no body of a
// response.
//
// # Exit status
//
//   - 0: no statement is refuted. Some may be unknown: the summary counts them.
//   - 1: at least one statement is refuted; with -webhook, the scheme, the header or the envelope of
//     the delivery is not that of the contract.
//   - 2: nothing could be checked: there is no credential, a flag is invalid, no response came, or
//     every statement is unknown; or the file of -save cannot be written, which is tried before the
//     first request. With -webhook, no delivery was verified.
//
// # Flags
//
//	-admin-token JWT
//		JWT of an admin of the app; default: STACKBE_ADMIN_TOKEN
//	-allow-insecure
//		send credentials over plain http to other hosts than this one
//	-api-key key
//		API key; default: STACKBE_API_KEY
//	-app-id id
//		id of the app; default: STACKBE_APP_ID
//	-base-url URL
//		URL of the API; default: STACKBE_BASE_URL, or https://api.stackbe.io
//	-customer-id id
//		customer id of a partner, who may be that of the session; default: STACKBE_CUSTOMER_ID
//	-json
//		print JSON
//	-save file
//		write the contract as JSON to file, for stackbe-mock -contract and for the conformance suite
//	-session-token token
//		session token of a customer who is a partner; default: STACKBE_SESSION_TOKEN
//	-webhook host:port
//		listen on host:port for the delivery of any event, and report how it is signed; nothing else is checked
//	-webhook-secret secret
//		secret that deliveries are signed with; default: STACKBE_WEBHOOK_SECRET
//	-write
//		also make requests that change something, under emails stackbe-check+…@stackbe-go.example
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
	o, err := parse(args, getenv, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return exitHolds
	}
	if err == nil && o.webhook != "" {
		return listen(ctx, o, stdout, stderr)
	}
	var r report
	if err == nil {
		r, err = checkAndSave(ctx, o, stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "stackbe-check:", o.redact(err.Error()))
		return exitFailed
	}
	return r.exitStatus()
}

// checkAndSave prints the report before it is saved: what -write has shown is not lost with a full disk.
func checkAndSave(ctx context.Context, o options, stdout io.Writer) (r report, err error) {
	file, err := openSaved(o.save)
	if err != nil {
		return report{}, err
	}
	defer func() { err = errors.Join(err, file.close()) }()
	if r, err = check(ctx, o); err != nil {
		return report{}, err
	}
	if err := r.print(stdout, o.json); err != nil {
		return report{}, err
	}
	return r, file.write(r)
}
