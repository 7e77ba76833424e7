package stackbetest_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"
	"time"

	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/internal/conformance/fixture"
	"github.com/stackbe/stackbe-go/stackbetest"
	"github.com/stackbe/stackbe-go/webhooks"
)

// A program starts a server with Start. In a test, use New(t).
func Example() {
	server, err := stackbetest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	ctx := context.Background()
	client := server.Client()
	admin := server.AdminClient()

	applied, err := client.Affiliates.Apply(ctx, affiliates.ApplyParams{Email: "jane@example.com", Name: "Jane Smith"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(applied.Status)

	review, err := admin.Affiliates.Approve(ctx, applied.ID, affiliates.ApproveParams{Code: "JANE20"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(review.Application.Status, review.Affiliate.Code)
	// Output:
	// pending
	// approved JANE20
}

// A commission is in review for the holding period; Advance ends it.
func ExampleServer_Advance() {
	server, err := stackbetest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	ctx := context.Background()
	partner := makePartner(ctx, server, "jane@example.com", "JANE20")

	customerID := server.CreateCustomer(stackbetest.CustomerParams{Email: "customer@example.com", ReferralCode: "JANE20"})
	server.RecordPayment(customerID, affiliates.MoneyFromCents(49_00))

	jane := server.CustomerClient(partner)
	for range 2 {
		dashboard, err := jane.Affiliates.GetDashboard(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("in review", dashboard.Earnings.InReview, "ready", dashboard.Earnings.Ready)
		server.Advance(30 * 24 * time.Hour)
	}
	// Output:
	// in review 9.80 ready 0.00
	// in review 0.00 ready 9.80
}

// A receiver under test is a handler with the server's clock. A delivery that it refuses is retried on
// the schedule.
func ExampleServer_AddWebhook() {
	server, err := stackbetest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	const secret = "a secret for the example"
	verifier, err := webhooks.NewVerifier(secret, webhooks.WithClock(server.Now))
	if err != nil {
		log.Fatal(err)
	}
	handler, err := webhooks.NewHandler(verifier, webhooks.OnApplicationApproved(
		func(_ context.Context, _ *webhooks.Event, approved webhooks.ApplicationApproved) error {
			fmt.Println("welcome,", approved.Affiliate.Code)
			return nil
		}))
	if err != nil {
		log.Fatal(err)
	}
	server.AddWebhook(stackbetest.WebhookParams{Handler: handler, Secret: secret})

	server.Misbehave(stackbetest.CorruptSignature())
	makePartner(context.Background(), server, "jane@example.com", "JANE20")
	server.WaitForDeliveries()
	fmt.Println("behave")
	server.Misbehave()
	server.Advance(time.Minute)
	for _, attempt := range server.Deliveries()[0].Attempts {
		fmt.Println(attempt.StatusCode)
	}
	// Output:
	// behave
	// welcome, JANE20
	// 401
	// 200
}

// The response to an application is lost. Since the call has an idempotency key, the client retries
// it, and the application is there once.
func ExampleServer_Fail() {
	server, err := stackbetest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	server.Fail(stackbetest.Fault{Method: "POST", Path: "/v1/affiliate/apply", Times: 1, Drop: true, AfterCommit: true})
	receipt, err := server.Client().Affiliates.Apply(context.Background(), affiliates.ApplyParams{
		Email: "jane@example.com", Name: "Jane Smith", IdempotencyKey: "jane-1",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(receipt.Status, server.Application("jane@example.com").ID == receipt.ID)
	for _, request := range server.Requests() {
		fmt.Println(request.Method, request.Path, request.Status)
	}
	// Output:
	// pending true
	// POST /v1/affiliate/apply 0
	// POST /v1/affiliate/apply 201
}

// A test starts from records that it writes down.
func ExampleServer_Seed() {
	server, err := stackbetest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	server.Seed(`{"apps": [{
		"customers": [
			{"id": "cust_jane", "email": "jane@example.com"},
			{"id": "cust_john", "email": "john@example.com", "affiliateId": "aff_jane"}
		],
		"partners": [{"id": "aff_jane", "customerId": "cust_jane", "code": "JANE20"}]
	}]}`)
	server.Subscribe("cust_john", affiliates.PlanEnterprise)
	for _, entry := range server.Statement("aff_jane") {
		fmt.Println(entry.Kind, entry.Amount, entry.To)
	}
	// Output:
	// commission 50.00 in_review
}

// A partner with a year behind it.
func ExampleApp_Demo() {
	server, err := stackbetest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	partner := server.Demo()
	payouts := 0
	for _, err := range server.CustomerClient(partner.CustomerID).Account.Payouts.All(context.Background(), affiliates.PayoutFilter{}) {
		if err != nil {
			log.Fatal(err)
		}
		payouts++
	}
	fmt.Println(server.Affiliate(partner.Code).Status, payouts > 0)
	// Output:
	// active true
}

// A handler of the caller's own serves the partner program, for example below another path.
func ExampleServer_Handler() {
	server, err := stackbetest.Start(stackbetest.WithoutSocket())
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	request := httptest.NewRequest("GET", "/v1/affiliate/apply/status?email=jane@example.com", nil)
	request.Header.Set("X-Api-Key", server.APIKey)
	response := httptest.NewRecorder()
	server.Handler().ServeHTTP(response, request)
	fmt.Println(response.Body)
	// Output:
	// {"applied":false}
}

// makePartner returns the customer id of a new partner.
func makePartner(ctx context.Context, server *stackbetest.Server, email, code string) string {
	review, err := fixture.Enroll(ctx, server.Client().AsAdmin(server.AdminToken), affiliates.ApplyParams{Email: email, Name: "Jane Smith"}, code)
	if err != nil {
		log.Fatal(err)
	}
	return review.Affiliate.CustomerID
}
