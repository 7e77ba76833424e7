package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// backend is the server that the admin works on.
type backend struct {
	name  string
	admin *stackbe.Client
	own   bool // a reference server that ends with the program
	close func()
}

// connect returns StackBE if a key is set, else a reference server of its own
// with three applications.
func connect(ctx context.Context) (*backend, error) {
	if os.Getenv("STACKBE_API_KEY") != "" {
		return connectStackBE()
	}
	for _, name := range []string{"STACKBE_BASE_URL", "STACKBE_APP_ID", "STACKBE_ADMIN_TOKEN"} {
		if os.Getenv(name) != "" {
			return nil, fmt.Errorf("%s is set, and STACKBE_API_KEY is not: set STACKBE_API_KEY too, or unset both to use the embedded server", name)
		}
	}
	server, err := stackbetest.Start()
	if err != nil {
		return nil, err
	}
	for _, applicant := range []affiliates.ApplyParams{
		{Email: "jane@acme.com", Name: "Jane Smith", Company: "Acme Inc"},
		{Email: "amir@example.com", Name: "Amir Haddad", Company: "Haddad Media"},
		{Email: "li@example.com", Name: "Li Wei"},
	} {
		if _, err := server.Client().Affiliates.Apply(ctx, applicant); err != nil {
			server.Close()
			return nil, err
		}
	}
	return &backend{
		name:  "the reference server, embedded at " + server.URL,
		admin: server.Client().AsAdmin(server.AdminToken),
		own:   true,
		close: server.Close,
	}, nil
}

func connectStackBE() (*backend, error) {
	jwt := os.Getenv("STACKBE_ADMIN_TOKEN")
	if jwt == "" || os.Getenv("STACKBE_APP_ID") == "" {
		return nil, errors.New("set STACKBE_APP_ID, and STACKBE_ADMIN_TOKEN to an admin's JWT")
	}
	cfg := stackbe.ConfigFromEnv()
	client, err := stackbe.New(cfg)
	if err != nil {
		return nil, err
	}
	return &backend{
		name:  cmp.Or(cfg.BaseURL, stackbe.DefaultBaseURL),
		admin: client.AsAdmin(jwt),
		close: func() {},
	}, nil
}
