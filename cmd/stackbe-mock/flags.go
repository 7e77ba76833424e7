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
	"github.com/stackbe/stackbe-go/internal/contractfile"
	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
)

const serverUsage = `Usage:

  stackbe-mock [flags]          run the reference server
  stackbe-mock trigger EVENT    send an event to a receiver
  stackbe-mock send -body FILE  sign a body, and send it to a receiver
  stackbe-mock health           ask whether a server is there

stackbe-mock COMMAND -help lists the flags of a command. Flags of the server:
`

const defaultAddr = "127.0.0.1:4010"

type options struct {
	addr           string
	public         bool
	publicURL      string
	data           string // the name of a file; empty for none
	demo           bool
	seed           string // empty for a random one
	json           bool
	version        bool
	rateLimits     bool
	app            refserver.AppParams
	webhook        delivery.EndpointParams // none without a URL
	webhookRetries []time.Duration         // nil without the flag
	contractFile   string
	contract       contract.Contract // of the file
	given          map[string]bool   // the flags on the command line
}

// newFlags are those of the command. The doc comment of the package lists them.
func newFlags(o *options) *flag.FlagSet {
	flags := flag.NewFlagSet("stackbe-mock", flag.ContinueOnError)
	flags.StringVar(&o.addr, "addr", defaultAddr, "`host:port` to listen on")
	flags.StringVar(&o.app.APIKey, "api-key", "sk_test_mock", "the app's API `key`")
	flags.StringVar(&o.app.ID, "app-id", "app_mock", "the app's `id`")
	flags.StringVar(&o.app.AdminToken, "admin-token", "admin_mock", "the `token` of the app's administrator")
	flags.StringVar(&o.webhook.URL, "webhook-url", "", "`URL` to deliver events to: those of reviews, customers, subscriptions and payments")
	flags.StringVar(&o.webhook.Secret, "webhook-secret", defaultSecret, "the `secret` that deliveries are signed with")
	flags.Func("webhook-retries", "`delays` after which failed deliveries are retried, such as 5s,1m; empty for none (default 1m,5m,15m,1h,6h,12h,24h,24h)",
		func(text string) (err error) { o.webhookRetries, err = parseDelays(text); return err })
	flags.StringVar(&o.contractFile, "contract", "", "JSON `file` with the fields of stackbe.Contract to change, such as {\"ListField\": \"items\"}")
	flags.StringVar(&o.data, "data", "", "`file` to keep the state in; it is read at the start if it exists")
	flags.BoolVar(&o.demo, "demo", false, "start with a partner program that has a year of history; a file of -data that exists is not changed by it")
	flags.BoolVar(&o.json, "json", false, "print one line at the start, a JSON object with the address and the credentials")
	flags.BoolVar(&o.public, "public", false, "serve the control API and the console although -addr is not on loopback: everyone who reaches the server can then read every secret, move the clock and change all data")
	flags.StringVar(&o.publicURL, "public-url", "", "`URL` under which browsers reach the server, such as https://mock.example.com, for links to pages (default: the host of the request)")
	flags.Func("seed", "`number` that ids, keys and tokens are made from: the same calls then have the same results (default: random)",
		func(text string) (err error) { o.seed, err = parseSeed(text); return err })
	flags.BoolVar(&o.version, "version", false, "print the version, and end")
	flags.BoolVar(&o.rateLimits, "rate-limits", true, "enforce the documented rate limits; -rate-limits=false does not")
	return flags
}

// parse returns flag.ErrHelp after it has written the help.
func parse(args []string, help io.Writer) (options, error) {
	var o options
	flags := newFlags(&o)
	flags.SetOutput(io.Discard) // an error is printed by the caller, alone
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(help, serverUsage)
		flags.SetOutput(help)
		flags.PrintDefaults()
		return options{}, err
	} else if err != nil {
		return options{}, fmt.Errorf("%w; -help lists the flags", err)
	}
	o.given = given(flags)
	if flags.NArg() > 0 {
		return options{}, unexpected(flags.Arg(0), o.given)
	}
	if o.version {
		return o, nil
	}
	if err := o.check(o.given); err != nil {
		return options{}, err
	}
	if !o.given["contract"] {
		return o, nil
	}
	var err error
	if o.contract, err = contractfile.Read(o.contractFile); err != nil {
		return options{}, fmt.Errorf("-contract: %w", err)
	}
	if err := refserver.CheckContract(o.contract); err != nil {
		return options{}, fmt.Errorf("-contract: %s: %w", o.contractFile, err)
	}
	return o, nil
}

func unexpected(argument string, given map[string]bool) error {
	for _, name := range []string{"rate-limits", "demo", "json", "public", "version"} {
		if _, err := strconv.ParseBool(argument); err == nil && given[name] {
			return fmt.Errorf("-%s: the value comes after an equals sign: -%s=%s", name, name, argument)
		}
	}
	return fmt.Errorf("unexpected argument %q; -help lists the flags and commands", argument)
}

func parseSeed(text string) (string, error) {
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return "", errors.New("must be a whole number of 64 bits")
	}
	return strconv.FormatInt(number, 10), nil
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
		{"data", o.checkData(given["data"])},
		{"public-url", o.checkPublicURL(given["public-url"])},
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

func (o options) checkData(given bool) error {
	if given && o.data == "" {
		return errors.New("the name of the file is empty")
	}
	return nil
}

func (o options) checkPublicURL(given bool) error {
	if given && o.publicURL == "" {
		return errors.New("the URL is empty")
	}
	return refserver.CheckPublicURL(o.publicURL)
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
