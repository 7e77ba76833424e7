package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/internal/redact"
	"github.com/stackbe/stackbe-go/internal/transport"
)

type options struct {
	baseURL       string
	allowInsecure bool
	apiKey        string
	appID         string
	sessionToken  string
	customerID    string
	adminToken    string

	write bool
	json  bool

	webhook       string // address to listen on
	webhookSecret string
}

func parse(args []string, getenv func(string) string, output io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("stackbe-check", flag.ContinueOnError)
	flags.SetOutput(output)
	fromEnv := func(target *string, name, variable, usage string) {
		flags.StringVar(target, name, "", usage+"; default: "+variable)
	}
	fromEnv(&o.baseURL, "base-url", "STACKBE_BASE_URL, or "+stackbe.DefaultBaseURL, "`URL` of the API")
	fromEnv(&o.apiKey, "api-key", "STACKBE_API_KEY", "API `key`")
	fromEnv(&o.appID, "app-id", "STACKBE_APP_ID", "`id` of the app")
	fromEnv(&o.sessionToken, "session-token", "STACKBE_SESSION_TOKEN", "session `token` of a partner")
	fromEnv(&o.customerID, "customer-id", "STACKBE_CUSTOMER_ID", "customer `id` of that partner")
	fromEnv(&o.adminToken, "admin-token", "STACKBE_ADMIN_TOKEN", "`JWT` of an admin of the app")
	fromEnv(&o.webhookSecret, "webhook-secret", "STACKBE_WEBHOOK_SECRET", "`secret` that deliveries are signed with")
	flags.BoolVar(&o.allowInsecure, "allow-insecure", false, "send credentials over plain http to other hosts than this one")
	flags.BoolVar(&o.write, "write", false, "also make requests that change something, under emails stackbe-check+…@stackbe-go.example")
	flags.BoolVar(&o.json, "json", false, "print JSON")
	flags.StringVar(&o.webhook, "webhook", "", "listen on `host:port` for a delivery, and tell how it is signed; nothing else is checked")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.baseURL = cmp.Or(o.baseURL, getenv("STACKBE_BASE_URL"), stackbe.DefaultBaseURL)
	o.apiKey = cmp.Or(o.apiKey, getenv("STACKBE_API_KEY"))
	o.appID = cmp.Or(o.appID, getenv("STACKBE_APP_ID"))
	o.sessionToken = cmp.Or(o.sessionToken, getenv("STACKBE_SESSION_TOKEN"))
	o.customerID = cmp.Or(o.customerID, getenv("STACKBE_CUSTOMER_ID"))
	o.adminToken = cmp.Or(o.adminToken, getenv("STACKBE_ADMIN_TOKEN"))
	o.webhookSecret = cmp.Or(o.webhookSecret, getenv("STACKBE_WEBHOOK_SECRET"))
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q; see -help", flags.Arg(0))
	}
	return o, o.validate()
}

func (o options) validate() error {
	if o.webhook != "" {
		if o.webhookSecret == "" {
			return errors.New("-webhook needs the secret: set STACKBE_WEBHOOK_SECRET")
		}
		return nil
	}
	if o.apiKey == "" && o.sessionToken == "" && o.adminToken == "" {
		return errors.New("there is no credential: set STACKBE_API_KEY, STACKBE_SESSION_TOKEN or STACKBE_ADMIN_TOKEN")
	}
	// New has the rules for an address, a key and an app.
	_, err := stackbe.New(stackbe.Config{BaseURL: o.baseURL, APIKey: o.apiKey, AppID: o.appID, AllowInsecure: o.allowInsecure})
	if err != nil {
		return err
	}
	if !transport.ValidHeaderValue(o.sessionToken) || !transport.ValidHeaderValue(o.adminToken) {
		return errors.New("a token holds a character that no HTTP header can carry")
	}
	if o.customerID != "" {
		if err := transport.CheckID(o.customerID); err != nil {
			return fmt.Errorf("the customer id %w", err)
		}
	}
	return nil
}

// redact takes credentials, emails and what is in a query out of a text.
func (o options) redact(text string) string {
	var secrets []string
	for _, secret := range []string{o.apiKey, o.sessionToken, o.adminToken, o.webhookSecret, o.customerID} {
		if secret != "" {
			secrets = append(secrets, secret)
		}
	}
	return redact.Text(text, secrets...)
}
