// Webhook receives partner events: verified, and each handled once.
//
//	go run ./examples/webhook
//
// It starts the receiver and the in-memory reference server, which sends it real
// events, and ends. To receive the events of StackBE, or of stackbe-mock, until
// it is interrupted:
//
//	STACKBE_WEBHOOK_SECRET=… go run ./examples/webhook -listen 127.0.0.1:8080
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "webhook:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("webhook", flag.ContinueOnError)
	address := flags.String("listen", "", "receive on this `host:port` until interrupted, with the secret of STACKBE_WEBHOOK_SECRET")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *address == "" {
		return demonstrate(ctx, out)
	}
	verifier, err := newVerifier()
	if err != nil {
		return err
	}
	handler, err := newHandler(verifier, out)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Receiving at http://%s%s\n", listener.Addr(), path)
	return serve(ctx, listener, handler)
}

// newVerifier takes the secret of the environment, and while that is being changed the
// old one, too.
func newVerifier() (*webhooks.Verifier, error) {
	var options []webhooks.VerifierOption
	if old := os.Getenv("STACKBE_OLD_WEBHOOK_SECRET"); old != "" {
		options = append(options, webhooks.WithSecrets(old))
	}
	verifier, err := webhooks.NewVerifier(os.Getenv("STACKBE_WEBHOOK_SECRET"), options...)
	if err != nil {
		return nil, fmt.Errorf("STACKBE_WEBHOOK_SECRET: %w", err)
	}
	return verifier, nil
}

const (
	path = "/webhooks/stackbe"

	// readTimeout ends requests that do not come to an end.
	readTimeout = 10 * time.Second
	// shutdownTimeout is enough for an event whose handling has begun.
	shutdownTimeout = webhooks.SenderTimeout
)

// serve receives until the context ends, and then lets the handler finish what
// has begun.
func serve(ctx context.Context, listener net.Listener, handler *webhooks.Handler) error {
	mux := http.NewServeMux()
	mux.Handle(path, handler)
	server := &http.Server{Handler: mux, ReadTimeout: readTimeout}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()

	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	return server.Shutdown(ctx)
}
