// Referral is a small website that credits its partners: a landing page, a sign-up and a
// checkout, behind affiliates.ReferralCapture.
//
//	go run ./examples/referral
//
// It starts the site and the in-memory reference server, plays a visitor who follows a partner's
// link, signs up and pays, prints what the partner earned, and ends. To click through the
// site yourself, until you interrupt it:
//
//	go run ./examples/referral -listen 127.0.0.1:8080
package main

import (
	"cmp"
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

	"github.com/stackbe/stackbe-go/affiliates"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "referral:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("referral", flag.ContinueOnError)
	address := flags.String("listen", "", "serve the site on this `host:port` until interrupted")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return errors.New("takes no arguments; see -help")
	}
	program, err := startProgram(ctx)
	if err != nil {
		return err
	}
	defer program.close()
	listener, err := net.Listen("tcp", cmp.Or(*address, "127.0.0.1:0"))
	if err != nil {
		return err
	}
	defer listener.Close()
	capture, err := affiliates.NewReferralCapture(program.client.Affiliates, affiliates.WithCleanAddress())
	if err != nil {
		return err
	}
	if *address == "" {
		return errors.Join(play(ctx, listener, capture, program, out), report(ctx, program, out))
	}
	fmt.Fprintf(out, "Open http://%s/?ref=%s, the link of %s. Interrupt to end.\n", listener.Addr(), partnerCode, partnerName)
	site := newSite(program, func(line string) {
		fmt.Fprintln(out, line)
		_ = report(ctx, program, out) // the next checkout reports again
	})
	return serve(ctx, listener, site, capture)
}

// serve serves the site until the context ends, then lets requests and clicks finish.
func serve(ctx context.Context, listener net.Listener, site http.Handler, capture *affiliates.ReferralCapture) error {
	server := &http.Server{Handler: capture.Middleware(site), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(err, server.Shutdown(ending), capture.Close(ending))
}
