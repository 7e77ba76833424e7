// Command stackbe-mock runs the reference server of the partner program: StackBE's API in memory,
// on a local port. It starts with one partner, and keeps nothing when it ends.
//
//	go run github.com/stackbe/stackbe-go/cmd/stackbe-mock@latest
//
// It prints its address, the credentials, and a first request. With -contract it follows the
// contract in a file: a JSON object with the names of the fields of stackbe.Contract, such as
// {"ListField": "items", "FractionalRates": true}. A field that is not in the file has its default.
// The OpenAPI document at /openapi.yaml stays that of the default contract.
//
// The exit status is 0 after an interrupt, and 1 after an error, such as an invalid flag.
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
//	-rate-limits
//		enforce the documented rate limits; -rate-limits=false does not (default true)
//	-webhook-retries delays
//		delays after which failed deliveries are retried, such as 5s,1m; empty for none (default 1m,5m,15m,1h,6h,12h,24h,24h)
//	-webhook-secret secret
//		the secret that deliveries are signed with (default "webhook_secret_mock")
//	-webhook-url URL
//		URL to deliver events to: those of reviews, customers, subscriptions and payments
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

	"github.com/stackbe/stackbe-go/internal/contract"
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

// shutdownTimeout is how long requests in flight may take when the server is to end.
const shutdownTimeout = 5 * time.Second

// run serves until the context ends.
func run(ctx context.Context, args []string, stdout io.Writer) error {
	options, err := parse(args, stdout)
	if err != nil {
		return err
	}
	reference := refserver.New(refserver.Config{
		EnforceRateLimits: options.rateLimits,
		WebhookRetries:    options.webhookRetries,
		Contract:          options.contract,
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
		return fmt.Errorf("-addr: %w; choose another", err)
	}
	if err := greet(stdout, baseURL(listener.Addr()), demo, options); err != nil {
		_ = listener.Close() // the failure to greet is what matters
		return err
	}
	return serve(ctx, listener, reference.HTTPServer())
}

func serve(ctx context.Context, listener net.Listener, server *http.Server) error {
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

// demo is the data that the server starts with.
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

// addWebhook comes after seed, whose events no receiver expects.
func addWebhook(reference *refserver.Server, appID string, params delivery.EndpointParams) error {
	if params.URL == "" {
		return nil
	}
	_, err := reference.Webhooks.AddEndpoint(appID, params)
	return err
}

func greet(stdout io.Writer, url string, d demo, o options) error {
	c := o.contract.Complete()
	_, err := fmt.Fprintf(stdout, `StackBE reference server: %[1]s%[9]s

  API key        %[2]s  (%[10]s)
  app id         %[3]s
  admin token    %[4]s  (%[11]s)
  demo partner   `+demoEmail+`, code %[5]s, customer %[6]s
  session token  %[7]s  (%[12]s)
  webhook        %[8]s

Submit a partner application:

curl -X POST %[1]s%[13]s \
--noproxy '*' \
-H "%[14]s" \
-H "Content-Type: application/json" \
-d '{
"email": "partner@example.com",
"name": "Jane Smith",
"company": "Acme Inc",
"website": "https://acme.com",
"reason": "I have a large audience in the SaaS space"
}'

%[15]s
Ctrl-C ends the server, and forgets everything.
`, url, d.APIKey, d.ID, d.AdminToken, d.partner.Code, d.partner.CustomerID, d.session, describe(o.webhook), insecure(url),
		carrier(c.APIKeyHeader), carrier(c.AdminHeader), carrier(c.SessionHeader), c.ApplyPath, header(c.APIKeyHeader, d.APIKey), describeContract(url, o))
	return err
}

// describeContract says where the contract can be read, and whether the server follows it.
func describeContract(url string, o options) string {
	if o.contract.Complete() == contract.Default() {
		return "The contract is at " + url + "/openapi.yaml."
	}
	return "The contract is that of " + o.contractFile + ". " + url + "/openapi.yaml is that of the default contract,\nand has none of the changes."
}

// carrier says how a credential is sent.
func carrier(name string) string { return strings.TrimSuffix(header(name, ""), ": ") }

// header is that of a request, with a token.
func header(name, token string) string {
	if strings.EqualFold(name, "Authorization") {
		return strings.TrimSpace(name + ": Bearer " + token)
	}
	return name + ": " + token
}

func describe(webhook delivery.EndpointParams) string {
	if webhook.URL == "" {
		return "none; give one with -webhook-url"
	}
	return fmt.Sprintf("%s, secret %s", webhook.URL, webhook.Secret)
}
