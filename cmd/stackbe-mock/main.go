// Command stackbe-mock runs the reference server of the partner program: StackBE's API in memory,
// on a local port. It starts with one partner, or with -demo in the middle of a busy year, and forgets
// everything when it ends, unless -data names a file to keep the state in.
//
//	go run github.com/stackbe/stackbe-go/cmd/stackbe-mock@latest
//
// It prints its address, the credentials, a link to the console, and a first request. With -json it
// prints them as one line of JSON, and nothing else on standard output. With -contract it follows the
// contract in a file: a JSON object with the names of the fields of stackbe.Contract, such as
// {"ListField": "items", "FractionalRates": true}. A field that is not in the file has its default.
// The OpenAPI document at /openapi.yaml stays that of the default contract.
//
// The server runs in real time. The control API under /_mock/ moves its clock, makes sessions, and
// reads and replaces the state; docs/contract.md describes it. It needs no credential, and so it is off
// if the server listens beyond loopback, as the console is, unless -public turns them on. On loopback
// they respond only to requests for localhost or a loopback address, and the console to those for the host
// of -public-url.
//
// -data keeps the state on every change, at most a second later, and at the end. A file of more than
// about 20 MiB takes longer to write, and then a change is kept after the time of two writes. A process
// or a machine that stops at any moment leaves a complete state in the file. A file that cannot be read
// is an error, and is not changed. The file belongs to one process: beside it is a file with .lock at
// the end of its name, by which a second process is refused. It holds secrets, and only its owner may
// read it. With a file that exists, -demo and -seed change nothing; -api-key, -admin-token and
// -webhook-secret replace what the file has, if they are given, and -webhook-url adds a webhook unless
// the file has it.
//
// The commands send events to a receiver of webhooks, signed as StackBE's are, and ask whether a server
// is there:
//
//	stackbe-mock trigger subscription.created -set customer.email=jane@acme.com
//	stackbe-mock send -body event.json -scheme standard -secret whsec_…
//	stackbe-mock health
//
// The exit status is 0 after an interrupt, and 1 after an error, such as an invalid flag, an event that
// the receiver did not accept, or a server that is not there.
//
// # Flags
//
//	-addr host:port
//		host:port to listen on (default "127.0.0.1:4010")
//	-admin-token token
//		the token of the app's administrator (default "admin_mock")
//	-api-key key
//		the app's API key (default "sk_test_mock")
//	-app-id id
//		the app's id (default "app_mock")
//	-contract file
//		JSON file with the fields of stackbe.Contract to change, such as {"ListField": "items"}
//	-data file
//		file to keep the state in; it is read at the start if it exists
//	-demo
//		start with a partner program that has a year of history; a file of -data that exists is not changed by it
//	-json
//		print one line at the start, a JSON object with the address and the credentials
//	-public
//		serve the control API and the console although -addr is not on loopback: everyone who reaches the server can then read every secret, move the clock and change all data
//	-public-url URL
//		URL under which browsers reach the server, such as https://mock.example.com, for links to pages (default: the host of the request)
//	-rate-limits
//		enforce the documented rate limits; -rate-limits=false does not (default true)
//	-seed number
//		number that ids, keys and tokens are made from: the same calls then have the same results (default: random)
//	-version
//		print the version, and end
//	-webhook-retries delays
//		delays after which failed deliveries are retried, such as 5s,1m; empty for none (default 1m,5m,15m,1h,6h,12h,24h,24h)
//	-webhook-secret secret
//		the secret that deliveries are signed with (default "webhook_secret_mock")
//	-webhook-url URL
//		URL to deliver events to: those of reviews, customers, subscriptions and payments
//
// # Flags of trigger
//
//	-envelope form
//		form of the body: partner, general, or bare, which is {"event", "data"} (default partner, or general for a general event)
//	-header name
//		name of the header with the signature, except in the scheme standard (default "X-StackBE-Signature")
//	-scheme scheme
//		scheme of the signature: timestamped, body, or standard, which needs a secret that begins with whsec_ (default timestamped)
//	-secret secret
//		secret to sign with (default: that of STACKBE_WEBHOOK_SECRET, or else webhook_secret_mock)
//	-set path=value
//		path=value of a field to change; may be given more than once
//	-timeout duration
//		duration that the receiver has to respond (default 30s)
//	-to URL
//		URL of the receiver (default "http://127.0.0.1:8080/webhooks/stackbe")
//
// # Flags of send
//
//	-body file
//		file with the body, a JSON object; - for standard input
//	-header name
//		name of the header with the signature, except in the scheme standard (default "X-StackBE-Signature")
//	-id id
//		webhook-id of the scheme standard (default: the id of the body, or else a random one)
//	-scheme scheme
//		scheme of the signature: timestamped, body, or standard, which needs a secret that begins with whsec_ (default timestamped)
//	-secret secret
//		secret to sign with (default: that of STACKBE_WEBHOOK_SECRET, or else webhook_secret_mock)
//	-timeout duration
//		duration that the receiver has to respond (default 30s)
//	-to URL
//		URL of the receiver (default "http://127.0.0.1:8080/webhooks/stackbe")
//
// # Flags of health
//
//	-addr host:port
//		host:port that the server listens on, as its own -addr has it (default "127.0.0.1:4010")
//	-timeout duration
//		duration that the server has to respond (default 5s)
//	-url URL
//		URL of the server, in place of -addr
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

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	err := run(ctx, os.Args[1:], os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "stackbe-mock:", err)
		os.Exit(1)
	}
}

// run runs the command that the first argument names: the server, if it names none.
func run(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case "trigger":
			return trigger(ctx, args[1:], stdout)
		case "send":
			return send(ctx, args[1:], stdout)
		case "health":
			return health(ctx, args[1:], stdout)
		}
	}
	options, err := parse(args, stdout)
	if err != nil {
		return err
	}
	if options.version {
		_, err := fmt.Fprintln(stdout, describeVersion())
		return err
	}
	return runServer(ctx, options, stdout)
}
