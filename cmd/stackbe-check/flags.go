package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/internal/redact"
	"github.com/stackbe/stackbe-go/internal/transport"
	"github.com/stackbe/stackbe-go/webhooks"
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
	save  string // file for the contract

	webhook       string // address to listen on
	webhookSecret string
}

// newFlags are those of the command. The doc comment of the package lists them.
func newFlags(o *options) *flag.FlagSet {
	flags := flag.NewFlagSet(checkName, flag.ContinueOnError)
	fromEnv := func(variable, usage, standard string) {
		flags.StringVar(o.inputs()[variable], flagOf(variable), "", usage+"; default: "+strings.TrimSuffix(variable+", or "+standard, ", or "))
	}
	fromEnv(baseURLVariable, "`URL` of the API", stackbe.DefaultBaseURL)
	fromEnv(apiKeyVariable, "API `key`", "")
	fromEnv(appIDVariable, "`id` of the app", "")
	fromEnv(sessionTokenVariable, "session `token` of a customer who is a partner", "")
	fromEnv(customerIDVariable, "customer `id` of a partner, who may be that of the session", "")
	fromEnv(adminTokenVariable, "`JWT` of an admin of the app", "")
	fromEnv(webhookSecretVariable, "`secret` that deliveries are signed with", "")
	flags.BoolVar(&o.allowInsecure, "allow-insecure", false, "send credentials over plain http to other hosts than this one")
	flags.BoolVar(&o.write, "write", false, "also make requests that change something, under emails stackbe-check+…@stackbe-go.example")
	flags.BoolVar(&o.json, "json", false, "print JSON")
	flags.StringVar(&o.save, "save", "", "write the contract as JSON to `file`, for stackbe-mock -contract and for the conformance suite")
	flags.StringVar(&o.webhook, "webhook", "", "listen on `host:port` for the delivery of any event, and report how it is signed; nothing else is checked")
	return flags
}

// parse returns flag.ErrHelp after it has written the help.
func parse(args []string, getenv func(string) string, help io.Writer) (options, error) {
	var o options
	flags := newFlags(&o)
	flags.SetOutput(io.Discard) // an error is printed by the caller, alone
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		flags.SetOutput(help)
		flags.Usage()
		return o, err
	} else if err != nil {
		return o, fmt.Errorf("%w; -help lists the flags", err)
	}
	for variable, value := range o.inputs() {
		*value = cmp.Or(*value, getenv(variable))
	}
	o.baseURL = cmp.Or(o.baseURL, stackbe.DefaultBaseURL)
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q; -help lists the flags", flags.Arg(0))
	}
	return o, o.validate()
}

func (o options) validate() error {
	if o.webhook != "" {
		if o.save != "" {
			return errors.New("-save and -webhook exclude each other: a delivery shows one field of the contract only")
		}
		if lacking := o.notGiven(webhookSecretVariable); lacking != "" {
			return errors.New("-webhook needs the secret that deliveries are signed with; " + lacking)
		}
		if _, err := webhooks.NewVerifier(o.webhookSecret); err != nil {
			return fmt.Errorf("the secret in %s: %w", either(webhookSecretVariable), err)
		}
		return nil
	}
	if o.apiKey == "" && o.sessionToken == "" && o.adminToken == "" {
		return fmt.Errorf("no credential is given: set at least one of %s, %s and %s; go doc %s says what each is for",
			either(apiKeyVariable), either(sessionTokenVariable), either(adminTokenVariable), importPath)
	}
	if err := o.validateConfig(); err != nil {
		return err
	}
	for _, variable := range []string{sessionTokenVariable, adminTokenVariable} {
		if !transport.ValidHeaderValue(*o.inputs()[variable]) {
			return fmt.Errorf("the token in %s holds a character that an HTTP header cannot carry", either(variable))
		}
	}
	if o.customerID != "" {
		if err := transport.CheckID(o.customerID); err != nil {
			return fmt.Errorf("the customer id in %s %w", either(customerIDVariable), err)
		}
	}
	return nil
}

const importPath = "github.com/stackbe/stackbe-go/cmd/stackbe-check"

// validateConfig has the rules of stackbe.New for an address, a key and an app.
func (o options) validateConfig() error {
	_, err := stackbe.New(stackbe.Config{BaseURL: o.baseURL, APIKey: o.apiKey, AppID: o.appID, AllowInsecure: o.allowInsecure})
	var unusable *stackbe.ArgumentError
	if !errors.As(err, &unusable) {
		return err
	}
	variable := map[string]string{"Config.BaseURL": baseURLVariable, "Config.APIKey": apiKeyVariable, "Config.AppID": appIDVariable}[unusable.Field]
	problem := strings.NewReplacer("set Config.AllowInsecure", "give -allow-insecure", "localhost:port", "localhost:4010").Replace(unusable.Problem)
	return fmt.Errorf("%s: %s %s", either(variable), unusable.Field, problem)
}

// redact removes credentials, emails and queries from a text.
func (o options) redact(text string) string {
	var secrets []string
	for _, secret := range []string{o.apiKey, o.sessionToken, o.adminToken, o.webhookSecret, o.customerID} {
		if secret != "" {
			secrets = append(secrets, secret)
		}
	}
	return redact.Text(text, secrets...)
}
