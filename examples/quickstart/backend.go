package main

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"os"
	"strings"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// backend is the server that the tour runs on.
type backend struct {
	name                   string
	client                 *stackbe.Client
	adminToken             string
	sessionToken           func(customerID string) string
	signUpAndPay           func(*affiliates.Click, affiliates.Money) // nil for StackBE itself
	email, leadEmail, code string
	events                 func() []string // what arrived at the webhook since the last call; nil for StackBE itself
	close                  func()
}

// connect returns StackBE if a key is set, else a reference server of its own.
func connect() (*backend, error) {
	if os.Getenv("STACKBE_API_KEY") != "" {
		return connectStackBE()
	}
	for _, name := range []string{"STACKBE_BASE_URL", "STACKBE_APP_ID", "STACKBE_ADMIN_TOKEN", "STACKBE_SESSION_TOKEN"} {
		if os.Getenv(name) != "" {
			return nil, fmt.Errorf("%s is set, and STACKBE_API_KEY is not: set STACKBE_API_KEY too, or unset both to use the embedded server", name)
		}
	}
	server, err := stackbetest.Start()
	if err != nil {
		return nil, err
	}
	inbox, err := receive(server)
	if err != nil {
		server.Close()
		return nil, err
	}
	return &backend{
		name:         "the reference server, embedded at " + server.URL,
		client:       server.Client(),
		adminToken:   server.AdminToken,
		sessionToken: server.SessionToken,
		signUpAndPay: func(click *affiliates.Click, amount affiliates.Money) {
			visitor := server.CreateCustomer(stackbetest.CustomerParams{Email: "visitor@example.com", Name: "A Visitor", ClickID: click.ID})
			server.RecordPayment(visitor, amount)
		},
		events:    inbox.take,
		email:     "jane@acme.com",
		leadEmail: "john@company.com",
		code:      "JANE20",
		close: func() {
			server.Close()
			inbox.close()
		},
	}, nil
}

func connectStackBE() (*backend, error) {
	cfg := stackbe.ConfigFromEnv()
	client, err := stackbe.New(cfg)
	if err != nil {
		return nil, err
	}
	unique := strings.ToLower(rand.Text()[:8]) // each run needs an email that has not applied yet
	return &backend{
		name:         cmp.Or(cfg.BaseURL, stackbe.DefaultBaseURL),
		client:       client,
		adminToken:   os.Getenv("STACKBE_ADMIN_TOKEN"),
		sessionToken: func(string) string { return os.Getenv("STACKBE_SESSION_TOKEN") },
		email:        fmt.Sprintf("stackbe-go-quickstart+%s@example.com", unique),
		leadEmail:    fmt.Sprintf("stackbe-go-quickstart+lead-%s@example.com", unique),
		close:        func() {},
	}, nil
}
