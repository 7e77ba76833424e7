// Command stackbe-mock runs the reference server of the partner program: StackBE's API in
// memory, on a local port, with one partner to begin with. Nothing is kept when it ends.
//
//	go run github.com/stackbe/stackbe-go/cmd/stackbe-mock
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
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

const (
	// readHeaderTimeout ends connections that send nothing.
	readHeaderTimeout = 10 * time.Second
	// shutdownTimeout is how long requests at work may take when the server is to end.
	shutdownTimeout = 5 * time.Second
)

// run serves until the context ends.
func run(ctx context.Context, args []string, stdout io.Writer) error {
	options, err := parse(args, stdout)
	if err != nil {
		return err
	}
	reference := refserver.New(refserver.Config{
		EnforceRateLimits: options.rateLimits,
		WebhookRetries:    options.webhookRetries,
		Logger:            slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	defer reference.Close()
	demo, err := seed(reference, options.app)
	if err != nil {
		return err
	}
	if err := addWebhook(reference, demo.ID, options.webhook); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", options.addr)
	if err != nil {
		return fmt.Errorf("%w; choose another address with -addr", err)
	}
	if err := greet(stdout, "http://"+listener.Addr().String(), demo, options.webhook); err != nil {
		_ = listener.Close() // the failure to greet is what matters
		return err
	}
	return serve(ctx, listener, reference)
}

type options struct {
	addr           string
	rateLimits     bool
	app            refserver.AppParams
	webhook        delivery.EndpointParams // none without a URL
	webhookRetries []time.Duration         // nil without the flag
}

func parse(args []string, output io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("stackbe-mock", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.StringVar(&o.addr, "addr", "127.0.0.1:4010", "`host:port` to listen on")
	flags.StringVar(&o.app.APIKey, "api-key", "sk_test_mock", "the app's API `key`")
	flags.StringVar(&o.app.ID, "app-id", "app_mock", "the app's `id`")
	flags.StringVar(&o.app.AdminToken, "admin-token", "admin_mock", "the `token` of the app's administrator")
	flags.StringVar(&o.webhook.URL, "webhook-url", "", "`URL` to deliver the events of reviews to")
	flags.StringVar(&o.webhook.Secret, "webhook-secret", "webhook_secret_mock", "the `secret` that deliveries are signed with")
	flags.Func("webhook-retries", "`delays` after which failed deliveries are retried, such as 5s,1m; empty for none (default 1m,5m,15m,1h,6h,12h,24h,24h)",
		func(text string) (err error) { o.webhookRetries, err = parseDelays(text); return err })
	flags.BoolVar(&o.rateLimits, "rate-limits", true, "enforce the documented rate limits")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if flags.NArg() > 0 {
		return options{}, fmt.Errorf("unexpected argument %q; see -help", flags.Arg(0))
	}
	return o, nil
}

// parseDelays reads durations with commas between them.
func parseDelays(text string) ([]time.Duration, error) {
	delays := []time.Duration{}
	if text == "" {
		return delays, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		delay, err := time.ParseDuration(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		delays = append(delays, delay)
	}
	return delays, delivery.CheckRetryDelays(delays)
}

func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: readHeaderTimeout}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()

	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return server.Close()
	}
	return nil
}

// demo is what the server starts with.
type demo struct {
	refserver.App
	partner program.Affiliate
	session string
}

const (
	demoEmail = "demo@example.com"
	demoCode  = "DEMO20"
)

// seed makes the app, and a partner in it.
func seed(reference *refserver.Server, params refserver.AppParams) (demo, error) {
	app, err := reference.AddApp(params)
	if err != nil {
		return demo{}, err
	}
	application, err := app.Program.Apply(program.ApplicationParams{Email: demoEmail, Name: "Demo Partner"})
	if err != nil {
		return demo{}, err
	}
	review, err := app.Program.Approve(application.ID, demoCode)
	if err != nil {
		return demo{}, err
	}
	session, err := reference.SessionToken(app.ID, review.Affiliate.CustomerID)
	if err != nil {
		return demo{}, err
	}
	return demo{App: app, partner: *review.Affiliate, session: session}, nil
}

// addWebhook comes after seed, whose events nobody waits for.
func addWebhook(reference *refserver.Server, appID string, params delivery.EndpointParams) error {
	if params.URL == "" {
		return nil
	}
	if _, err := reference.Webhooks.AddEndpoint(appID, params); err != nil {
		return fmt.Errorf("%w; see -webhook-url and -webhook-secret", err)
	}
	return nil
}

func greet(stdout io.Writer, url string, d demo, webhook delivery.EndpointParams) error {
	_, err := fmt.Fprintf(stdout, `StackBE reference server: %[1]s

  API key        %[2]s  (x-api-key)
  app id         %[3]s
  admin token    %[4]s  (Authorization: Bearer)
  demo partner   `+demoEmail+`, code %[5]s, customer %[6]s
  session token  %[7]s  (Authorization: Bearer)
  webhook        %[8]s

Submit a partner application:

curl -X POST %[1]s/v1/affiliate/apply \
-H "x-api-key: %[2]s" \
-H "Content-Type: application/json" \
-d '{
"email": "partner@example.com",
"name": "Jane Smith",
"company": "Acme Inc",
"website": "https://acme.com",
"reason": "I have a large audience in the SaaS space"
}'

The contract is at %[1]s/openapi.yaml. Ctrl-C ends the server, and forgets everything.
`, url, d.APIKey, d.ID, d.AdminToken, d.partner.Code, d.partner.CustomerID, d.session, describe(webhook))
	return err
}

func describe(webhook delivery.EndpointParams) string {
	if webhook.URL == "" {
		return "none; give one with -webhook-url"
	}
	return fmt.Sprintf("%s, secret %s", webhook.URL, webhook.Secret)
}
