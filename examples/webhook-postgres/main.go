// Webhook-postgres receives partner events in several replicas: each event's row is
// inserted in the transaction that claims the event, and so exactly once.
//
//	cd examples/webhook-postgres
//	DATABASE_URL='postgres://user:password@127.0.0.1:5432/database' go run .
//
// It starts three replicas and delivers each event several times, to all of them at
// once, while every first attempt fails after its insert; shows the rows; and deletes
// its tables, which are in a schema of their own. To run one replica, for as many
// processes as you like, that receives StackBE's events until it is interrupted:
//
//	STACKBE_WEBHOOK_SECRET=… DATABASE_URL=… go run . -listen 127.0.0.1:8080
//
// The example is a separate module, because of the database's driver.
package main

import (
	"context"
	"database/sql"
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

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stackbe/stackbe-go/webhooks"
)

const path = "/webhooks/stackbe"

var errUsage = errors.New(`set DATABASE_URL to that of a PostgreSQL in which it may create a schema, such as
	DATABASE_URL='postgres://user:password@127.0.0.1:5432/database'
Debian has the server as the package postgresql; and in a clone of the repository
	sudo .ci/services start
installs and starts one, and prints its URL`)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, "webhook-postgres:", err)
		os.Exit(2)
	}
	fmt.Fprintln(os.Stderr, "webhook-postgres:", err)
	os.Exit(1)
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("webhook-postgres", flag.ContinueOnError)
	address := flags.String("listen", "", "run one replica on this `host:port` until interrupted, with the secret of STACKBE_WEBHOOK_SECRET")
	if err := flags.Parse(args); err != nil {
		return err
	}
	url := os.Getenv("DATABASE_URL")
	if url == "" {
		return errUsage
	}
	db, err := sql.Open("pgx", url)
	if err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	defer db.Close()
	// Each event that is being handled has a connection. Without a bound a thousand
	// deliveries at once would ask the server for a thousand.
	db.SetMaxOpenConns(maxConnections)
	db.SetMaxIdleConns(maxConnections)
	if *address == "" {
		return demonstrate(ctx, db, out)
	}
	return listen(ctx, db, *address, out)
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

// listen runs one replica until the context ends.
func listen(ctx context.Context, db *sql.DB, address string, out io.Writer) error {
	verifier, err := newVerifier()
	if err != nil {
		return err
	}
	partners, err := openPartners(ctx, db, "stackbe_partners")
	if err != nil {
		return err
	}
	handler, err := partners.receiver(verifier, partners.insert)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Receiving at http://%s%s\n", listener.Addr(), path)
	return serve(ctx, listener, handler)
}

// maxConnections is of a replica; all replicas together have fewer than the server's
// max_connections.
const maxConnections = 20

const (
	// readTimeout ends requests that do not come to an end.
	readTimeout = 10 * time.Second
	// shutdownTimeout is enough for an event whose handling has begun.
	shutdownTimeout = webhooks.SenderTimeout
)

// serve receives until the context ends, and then lets the handler finish what has
// begun.
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
