package webhooks_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

// The secret is in the environment: os.Getenv("STACKBE_WEBHOOK_SECRET").
const exampleSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// A receiver with its own router that remembers events itself needs only a Verifier.
func ExampleVerifier_ParseRequest() {
	verifier, err := webhooks.NewVerifier(exampleSecret)
	if err != nil {
		log.Fatal(err)
	}
	receive := func(w http.ResponseWriter, r *http.Request) {
		event, err := verifier.ParseRequest(r)
		if errors.Is(err, webhooks.ErrUnverified) {
			http.Error(w, "not verified", http.StatusUnauthorized)
			return
		}
		if err != nil {
			http.Error(w, "no event", http.StatusBadRequest)
			return
		}
		fmt.Println(event.Type, string(event.Data))
	}

	request, err := webhooks.NewRequest(context.Background(), "https://example.com/webhooks",
		[]byte(`{"id":"evt_1","type":"customer.created","data":{"customer":{"id":"cust_123"}}}`),
		webhooks.Signing{Secrets: []string{exampleSecret}})
	if err != nil {
		log.Fatal(err)
	}
	receive(httptest.NewRecorder(), request)
	// Output: customer.created {"customer":{"id":"cust_123"}}
}

// While the secret is being changed, both are accepted.
func ExampleWithSecrets() {
	const oldSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
	verifier, err := webhooks.NewVerifier(exampleSecret, webhooks.WithSecrets(oldSecret))
	if err != nil {
		log.Fatal(err)
	}
	body := []byte(`{"event":"partner_application_approved"}`)
	header, err := webhooks.Sign(body, webhooks.Signing{Secrets: []string{oldSecret}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(verifier.Verify(header, body))
	// Output: <nil>
}

// A Handler calls a function for each type of event, once for each event.
func ExampleNewHandler() {
	verifier, err := webhooks.NewVerifier(exampleSecret)
	if err != nil {
		log.Fatal(err)
	}
	handler, err := webhooks.NewHandler(verifier,
		webhooks.OnApplicationApproved(func(ctx context.Context, event *webhooks.Event, approved webhooks.ApplicationApproved) error {
			fmt.Println("welcome", approved.Application.Name, "with the code", approved.Affiliate.Code)
			return nil
		}),
		webhooks.OnApplicationRejected(func(ctx context.Context, event *webhooks.Event, rejected webhooks.ApplicationRejected) error {
			fmt.Println("sorry", rejected.Application.Name)
			return nil
		}))
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/webhooks/stackbe", handler)

	approved := []byte(`{"event":"partner_application_approved","data":{
		"application":{"id":"cmapp1","email":"partner@example.com","name":"Jane Smith"},
		"affiliate":{"id":"cmaff1","code":"JANE20","customer_id":"cust_123"}}}`)
	for range 2 { // the sender retries what was not acknowledged in time
		request, err := webhooks.NewRequest(context.Background(), "/webhooks/stackbe", approved, webhooks.Signing{Secrets: []string{exampleSecret}})
		if err != nil {
			log.Fatal(err)
		}
		response := httptest.NewRecorder()
		mux.ServeHTTP(response, request)
		fmt.Println(response.Code)
	}
	// Output:
	// welcome Jane Smith with the code JANE20
	// 200
	// 200
}

// A general event has data of its type, as StackBE documents it.
func ExampleOnSubscriptionCreated() {
	verifier, err := webhooks.NewVerifier(exampleSecret)
	if err != nil {
		log.Fatal(err)
	}
	handler, err := webhooks.NewHandler(verifier,
		webhooks.OnSubscriptionCreated(func(ctx context.Context, event *webhooks.Event, created webhooks.SubscriptionChanged) error {
			fmt.Println(created.Customer.Email, "has", created.Plan.Name, "until", created.Subscription.CurrentPeriodEnd.Format(time.DateOnly))
			return nil
		}))
	if err != nil {
		log.Fatal(err)
	}

	request, err := webhooks.NewRequest(context.Background(), "/webhooks",
		[]byte(`{"id":"evt_1","type":"subscription.created","timestamp":"2025-01-15T10:30:00Z","data":{
			"subscription":{"id":"sub_1","customerId":"cust_123","planId":"pro","status":"active","currentPeriodEnd":"2025-02-15T10:30:00Z"},
			"customer":{"id":"cust_123","email":"lee@example.com"},
			"plan":{"id":"pro","name":"Pro","entitlements":{"requests":1000}}}}`),
		webhooks.Signing{Secrets: []string{exampleSecret}})
	if err != nil {
		log.Fatal(err)
	}
	handler.ServeHTTP(httptest.NewRecorder(), request)
	// Output: lee@example.com has Pro until 2025-02-15
}

// An event that the package has no type for gets one of the receiver's own.
func ExampleOnTyped() {
	type ticket struct {
		CustomerID string `json:"customerId"`
		Subject    string `json:"subject"`
	}
	verifier, err := webhooks.NewVerifier(exampleSecret)
	if err != nil {
		log.Fatal(err)
	}
	handler, err := webhooks.NewHandler(verifier,
		webhooks.OnTyped("ticket.opened", func(ctx context.Context, event *webhooks.Event, opened ticket) error {
			fmt.Println(event.ID, opened.CustomerID, opened.Subject)
			return nil
		}))
	if err != nil {
		log.Fatal(err)
	}

	request, err := webhooks.NewRequest(context.Background(), "/webhooks",
		[]byte(`{"id":"evt_1","type":"ticket.opened","data":{"customerId":"cust_123","subject":"Help"}}`),
		webhooks.Signing{Scheme: webhooks.SchemeStandard, Secrets: []string{exampleSecret}})
	if err != nil {
		log.Fatal(err)
	}
	handler.ServeHTTP(httptest.NewRecorder(), request)
	// Output: evt_1 cust_123 Help
}

// A test of a receiver signs its requests.
func ExampleNewRequest() {
	receiver := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		verifier, err := webhooks.NewVerifier(exampleSecret, webhooks.RequireTimestamp())
		if err != nil {
			log.Fatal(err)
		}
		_, err = verifier.ParseRequest(r)
		fmt.Println(err)
	})
	server := httptest.NewServer(receiver)
	defer server.Close()

	for _, scheme := range []webhooks.Scheme{webhooks.SchemeTimestamped, webhooks.SchemeStandard, webhooks.SchemeBody} {
		request, err := webhooks.NewRequest(context.Background(), server.URL,
			[]byte(`{"event":"partner_application_approved"}`),
			webhooks.Signing{Scheme: scheme, Secrets: []string{exampleSecret}})
		if err != nil {
			log.Fatal(err)
		}
		response, err := server.Client().Do(request)
		if err != nil {
			log.Fatal(err)
		}
		response.Body.Close()
	}
	// Output:
	// <nil>
	// <nil>
	// webhooks: the signature has no timestamp, and RequireTimestamp asks for one
}
