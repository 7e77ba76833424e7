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
	admin := client.AsAdmin(server.AdminToken)

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
	client := server.Client()
	partner := makePartner(ctx, server, "jane@example.com", "JANE20")

	customerID := server.CreateCustomer(stackbetest.CustomerParams{Email: "customer@example.com", ReferralCode: "JANE20"})
	server.RecordPayment(customerID, affiliates.MoneyFromCents(49_00))

	jane := client.AsCustomer(server.SessionToken(partner))
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

// A receiver under test uses the server's clock. A delivery that it refuses is retried on
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
	receiver := httptest.NewServer(handler)
	defer receiver.Close()
	server.AddWebhook(stackbetest.WebhookParams{URL: receiver.URL, Secret: secret})

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

// makePartner returns the customer id of a new partner.
func makePartner(ctx context.Context, server *stackbetest.Server, email, code string) string {
	review, err := fixture.Enroll(ctx, server.Client().AsAdmin(server.AdminToken), affiliates.ApplyParams{Email: email, Name: "Jane Smith"}, code)
	if err != nil {
		log.Fatal(err)
	}
	return review.Affiliate.CustomerID
}
