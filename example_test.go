package stackbe_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// A Client takes its credentials from Config; ConfigFromEnv reads them from the environment.
func ExampleNew() {
	server, err := stackbetest.Start() // in place of StackBE
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	client, err := stackbe.New(stackbe.Config{
		APIKey:  server.APIKey,
		AppID:   server.AppID,
		BaseURL: server.URL, // StackBE's own if empty
		Timeout: 10 * time.Second,
	})
	if err != nil {
		log.Fatal(err)
	}
	check, err := client.Affiliates.GetApplicationStatus(context.Background(), "jane@acme.com")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("applied:", check.Applied)

	_, err = stackbe.New(stackbe.Config{BaseURL: "http://api.stackbe.io"})
	fmt.Println(err)
	// Output:
	// applied: false
	// stackbe: Config.BaseURL is plain http, which sends the API key in the clear; use https, or set Config.AllowInsecure
}

// The calls of a partner take the partner's session.
func ExampleClient_AsCustomer() {
	server, err := stackbetest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	ctx := context.Background()
	client := server.Client()
	customerID := server.CreateCustomer(stackbetest.CustomerParams{Email: "jane@acme.com"})

	jane := client.AsCustomer(server.SessionToken(customerID))
	partner, err := jane.Affiliates.GetCurrent(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("enrolled:", partner.Enrolled)

	_, err = client.Affiliates.GetCurrent(ctx)
	fmt.Println(errors.Is(err, stackbe.ErrNoSession))
	// Output:
	// enrolled: false
	// true
}

// The kind of a failure is a sentinel, for errors.Is; its details are in the Error.
func ExampleError() {
	server, err := stackbetest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	ctx := context.Background()
	client := server.Client()

	application := affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane Smith"}
	for range 2 {
		_, err = client.Affiliates.Apply(ctx, application)
		switch {
		case err == nil:
			fmt.Println("thank you")
		case errors.Is(err, stackbe.ErrConflict):
			fmt.Println("you have applied before")
		default:
			log.Fatal(err)
		}
	}

	var e *stackbe.Error
	if errors.As(err, &e) {
		fmt.Println(e.Method, e.Route, e.StatusCode, e.Code == stackbe.CodeAlreadyExists)
	}
	// Output:
	// thank you
	// you have applied before
	// POST /v1/affiliate/apply 409 true
}

// Observe receives each attempt of a call: here one that a proxy refuses, and its retry.
func ExampleConfig_observe() {
	var requests atomic.Int32
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) == 1 {
			http.Error(w, "no backend", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, `{"enrolled": false}`)
	}))
	defer api.Close()

	client, err := stackbe.New(stackbe.Config{
		APIKey:  "sk_test_123",
		BaseURL: api.URL,
		Retry:   &stackbe.Retry{Max: 1, MinWait: time.Millisecond},
		Observe: func(_ context.Context, a stackbe.Attempt) {
			fmt.Println(a.Number, a.Method, a.Route, a.StatusCode, "retried:", a.RetryIn > 0)
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.Affiliates.Get(context.Background(), "cust_123"); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 1 GET /v1/affiliate/by-customer/{customerID} 503 retried: true
	// 2 GET /v1/affiliate/by-customer/{customerID} 200 retried: false
}

// Do calls an endpoint that the SDK has no method for.
func ExampleClient_Do() {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"path": %q, "plan": "pro"}`, r.URL.Path)
	}))
	defer api.Close()
	client, err := stackbe.New(stackbe.Config{APIKey: "sk_test_123", AppID: "app_1", BaseURL: api.URL})
	if err != nil {
		log.Fatal(err)
	}

	var subscription struct{ Path, Plan string }
	err = client.Do(context.Background(), stackbe.Request{
		Method:     http.MethodGet,
		Path:       "/v1/apps/{appID}/customers/{customerID}/subscription",
		PathValues: map[string]string{"customerID": "cust_123"},
		Credential: stackbe.CredentialAPIKey,
	}, &subscription)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(subscription.Path, subscription.Plan)
	// Output:
	// /v1/apps/app_1/customers/cust_123/subscription pro
}

// WithResponse gives the response's metadata, of a call that succeeds as well.
func ExampleWithResponse() {
	server, err := stackbetest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	var response stackbe.Response
	ctx := stackbe.WithResponse(context.Background(), &response)
	if _, err := server.Client().Affiliates.Get(ctx, "cust_123"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.StatusCode, response.Header.Get("Content-Type"), response.Attempts)
	fmt.Println(response.RateLimit.Remaining, "of", response.RateLimit.Limit)
	// Output:
	// 200 application/json; charset=utf-8 1
	// 999 of 1000
}
