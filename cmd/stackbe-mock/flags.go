package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
)

type options struct {
	addr           string
	rateLimits     bool
	app            refserver.AppParams
	webhook        delivery.EndpointParams // none without a URL
	webhookRetries []time.Duration         // nil without the flag
	contractFile   string
	contract       contract.Contract // of the file
}

// newFlags are those of the command. The doc comment of the package lists them.
func newFlags(o *options) *flag.FlagSet {
	flags := flag.NewFlagSet("stackbe-mock", flag.ContinueOnError)
	flags.StringVar(&o.addr, "addr", "127.0.0.1:4010", "`host:port` to listen on")
	flags.StringVar(&o.app.APIKey, "api-key", "sk_test_mock", "the app's API `key`")
	flags.StringVar(&o.app.ID, "app-id", "app_mock", "the app's `id`")
	flags.StringVar(&o.app.AdminToken, "admin-token", "admin_mock", "the `token` of the app's administrator")
	flags.StringVar(&o.webhook.URL, "webhook-url", "", "`URL` to deliver events to: those of reviews, customers, subscriptions and payments")
	flags.StringVar(&o.webhook.Secret, "webhook-secret", "webhook_secret_mock", "the `secret` that deliveries are signed with")
	flags.Func("webhook-retries", "`delays` after which failed deliveries are retried, such as 5s,1m; empty for none (default 1m,5m,15m,1h,6h,12h,24h,24h)",
		func(text string) (err error) { o.webhookRetries, err = parseDelays(text); return err })
	flags.StringVar(&o.contractFile, "contract", "", "JSON `file` with the fields of stackbe.Contract to change, such as {\"ListField\": \"items\"}")
	flags.BoolVar(&o.rateLimits, "rate-limits", true, "enforce the documented rate limits; -rate-limits=false does not")
	return flags
}

// parse returns flag.ErrHelp after it has written the help.
func parse(args []string, help io.Writer) (options, error) {
	var o options
	flags := newFlags(&o)
	flags.SetOutput(io.Discard) // an error is printed by the caller, alone
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		flags.SetOutput(help)
		flags.Usage()
		return options{}, err
	} else if err != nil {
		return options{}, fmt.Errorf("%w; -help lists the flags", err)
	}
	given := given(flags)
	if flags.NArg() > 0 {
		return options{}, unexpected(flags.Arg(0), given)
	}
	if err := o.check(given); err != nil {
		return options{}, err
	}
	if !given["contract"] {
		return o, nil
	}
	var err error
	if o.contract, err = readContract(o.contractFile); err != nil {
		return options{}, fmt.Errorf("-contract: %w", err)
	}
	return o, nil
}

func unexpected(argument string, given map[string]bool) error {
	if _, err := strconv.ParseBool(argument); err == nil && given["rate-limits"] {
		return fmt.Errorf("-rate-limits: the value comes after an equals sign: -rate-limits=%s", argument)
	}
	return fmt.Errorf("unexpected argument %q; -help lists the flags", argument)
}

// given is the flags that stand on the command line.
func given(flags *flag.FlagSet) map[string]bool {
	names := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { names[f.Name] = true })
	return names
}

// check names the flag whose value is unusable.
func (o options) check(given map[string]bool) error {
	for _, one := range []struct {
		flag string
		err  error
	}{
		{"addr", checkAddr(o.addr)},
		{"app-id", refserver.CheckAppID(o.app.ID)},
		{"api-key", refserver.CheckToken(o.app.APIKey)},
		{"admin-token", refserver.CheckToken(o.app.AdminToken)},
		{"webhook-url", o.checkWebhookURL()},
		{"webhook-secret", o.needsWebhook(given["webhook-secret"])},
		{"webhook-secret", o.webhook.CheckSecret()},
		{"webhook-retries", o.needsWebhook(given["webhook-retries"])},
	} {
		if one.err != nil {
			return fmt.Errorf("-%s: %w", one.flag, one.err)
		}
	}
	if o.app.APIKey == o.app.AdminToken {
		return sameToken(given)
	}
	return nil
}

func checkAddr(addr string) error {
	_, _, err := net.SplitHostPort(addr)
	return err
}

// sameToken names first the flag that was given, which is the one to change.
func sameToken(given map[string]bool) error {
	changed, other := "api-key", "admin-token"
	if !given[changed] {
		changed, other = other, changed
	}
	return fmt.Errorf("-%s: the value is that of -%s; choose another", changed, other)
}

func (o options) checkWebhookURL() error {
	if o.webhook.URL == "" {
		return nil
	}
	return delivery.CheckURL(o.webhook.URL)
}

// needsWebhook returns an error if a flag is given that needs a webhook.
func (o options) needsWebhook(given bool) error {
	if given && o.webhook.URL == "" {
		return errors.New("there is no webhook; give -webhook-url as well")
	}
	return nil
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
