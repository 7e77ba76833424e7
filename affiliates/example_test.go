package affiliates_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/internal/conformance/fixture"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// startServer starts the in-memory server that the examples talk to.
func startServer(opts ...stackbetest.Option) *stackbetest.Server {
	server, err := stackbetest.Start(opts...)
	if err != nil {
		log.Fatal(err)
	}
	return server
}

// enroll makes Jane a partner and returns her customer id.
func enroll(ctx context.Context, server *stackbetest.Server) (customerID string) {
	jane := affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane Smith"}
	review, err := fixture.Enroll(ctx, server.Client().AsAdmin(server.AdminToken), jane, "JANE20")
	if err != nil {
		log.Fatal(err)
	}
	return review.Affiliate.CustomerID
}

func ExampleService_Apply() {
	server := startServer()
	defer server.Close()
	ctx := context.Background()
	client := server.Client()

	params := affiliates.ApplyParams{
		Email:   "jane@acme.com",
		Name:    "Jane Smith",
		Company: "Acme Inc",
		Website: "https://acme.com",
		Reason:  "I have a large audience in the SaaS space",
	}
	applied, err := client.Affiliates.Apply(ctx, params)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(applied.Status)

	_, err = client.Affiliates.Apply(ctx, params)
	if errors.Is(err, stackbe.ErrConflict) {
		fmt.Println("has applied before")
	}
	// Output:
	// pending
	// has applied before
}

func ExampleService_GetApplicationStatus() {
	server := startServer()
	defer server.Close()
	ctx := context.Background()
	client := server.Client()
	enroll(ctx, server)

	for _, email := range []string{"jane@acme.com", "joe@acme.com"} {
		application, err := client.Affiliates.GetApplicationStatus(ctx, email)
		switch {
		case err != nil:
			log.Fatal(err)
		case !application.Applied:
			fmt.Println("become a partner!")
		case application.Status == affiliates.ApplicationPending:
			fmt.Println("under review")
		case application.Status == affiliates.ApplicationApproved:
			fmt.Println("a partner")
		case application.Status == affiliates.ApplicationRejected:
			fmt.Println("turned down:", application.RejectionReason)
		}
	}
	// Output:
	// a partner
	// become a partner!
}

func ExampleService_Get() {
	server := startServer()
	defer server.Close()
	ctx := context.Background()
	client := server.Client()
	customerID := enroll(ctx, server)

	partner, err := client.Affiliates.Get(ctx, customerID)
	if err != nil {
		log.Fatal(err)
	}
	if partner.Enrolled && partner.Status == affiliates.AffiliateActive {
		fmt.Printf("%s has earned $%s\n", partner.Code, partner.TotalEarned)
	}

	stranger, err := client.Affiliates.Get(ctx, "cust_123")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("enrolled:", stranger.Enrolled)
	// Output:
	// JANE20 has earned $0.00
	// enrolled: false
}

func ExampleService_GetDashboard() {
	server := startServer()
	defer server.Close()
	ctx := context.Background()
	customerID := enroll(ctx, server)
	referred := server.CreateCustomer(stackbetest.CustomerParams{Email: "joe@company.com", ReferralCode: "JANE20"})
	server.RecordPayment(referred, affiliates.MoneyFromCents(49_90))

	jane := server.Client().AsCustomer(server.SessionToken(customerID))
	dashboard, err := jane.Affiliates.GetDashboard(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("customers:", dashboard.Stats.Customers)
	fmt.Println("rate:", dashboard.Affiliate.CommissionRate)
	fmt.Printf("earned: $%s, in review: $%s\n", dashboard.Affiliate.TotalEarned, dashboard.Earnings.InReview)
	// Output:
	// customers: 1
	// rate: 20%
	// earned: $9.98, in review: $9.98
}

func ExampleService_GetPortalLink() {
	server := startServer()
	defer server.Close()
	ctx := context.Background()
	customerID := enroll(ctx, server)

	jane := server.Client().AsCustomer(server.SessionToken(customerID))
	link, err := jane.Affiliates.GetPortalLink(ctx)
	if err != nil {
		log.Fatal(err)
	}
	// In a handler: http.Redirect(w, r, link.URL, http.StatusSeeOther)
	fmt.Println("there is a link:", link.URL != "")
	fmt.Println("hours left:", link.ExpiresAt.Sub(server.Now()).Round(time.Minute).Hours())
	// Output:
	// there is a link: true
	// hours left: 24
}

func ExampleService_TrackReferral() {
	server := startServer()
	defer server.Close()
	ctx := context.Background()
	client := server.Client()
	enroll(ctx, server)

	click, err := client.Affiliates.TrackReferral(ctx, affiliates.TrackParams{Code: "JANE20", URL: "https://yoursite.com?ref=JANE20"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(click.Code)

	_, err = client.Affiliates.TrackReferral(ctx, affiliates.TrackParams{Code: "NOBODY", URL: "https://yoursite.com?ref=NOBODY"})
	if errors.Is(err, stackbe.ErrNotFound) {
		fmt.Println("no partner has that code")
	}
	// Output:
	// JANE20
	// no partner has that code
}

func ExampleService_RegisterDeal() {
	server := startServer()
	defer server.Close()
	ctx := context.Background()
	customerID := enroll(ctx, server)

	jane := server.Client().AsCustomer(server.SessionToken(customerID))
	deal, err := jane.Affiliates.RegisterDeal(ctx, affiliates.DealParams{
		LeadEmail: "prospect@company.com",
		LeadName:  "John Smith",
		Notes:     "Met at a conference",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(deal.LeadName, deal.Status)
	// Output: John Smith registered
}

func ExampleService_Applications() {
	server := startServer()
	defer server.Close()
	ctx := context.Background()
	for _, name := range []string{"Ada", "Bob", "Cem"} {
		params := affiliates.ApplyParams{Email: name + "@acme.com", Name: name}
		if _, err := server.Client().Affiliates.Apply(ctx, params); err != nil {
			log.Fatal(err)
		}
	}

	admin := server.Client().AsAdmin(server.AdminToken)
	filter := affiliates.ApplicationFilter{Status: affiliates.ApplicationPending, Limit: 2}
	for application, err := range admin.Affiliates.Applications(ctx, filter) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(application.Name)
	}
	// Output:
	// Cem
	// Bob
	// Ada
}

func ExampleService_Approve() {
	server := startServer()
	defer server.Close()
	ctx := context.Background()
	applied, err := server.Client().Affiliates.Apply(ctx, affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane Smith"})
	if err != nil {
		log.Fatal(err)
	}

	admin := server.Client().AsAdmin(server.AdminToken)
	review, err := admin.Affiliates.Approve(ctx, applied.ID, affiliates.ApproveParams{Code: "JANE20"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(review.Application.Status, review.Affiliate.Code)

	_, err = admin.Affiliates.Reject(ctx, applied.ID, affiliates.RejectParams{Reason: "Not a good fit"})
	if errors.Is(err, stackbe.ErrConflict) {
		fmt.Println("decided already")
	}
	// Output:
	// approved JANE20
	// decided already
}

func ExampleService_UpdateSettings() {
	server := startServer()
	defer server.Close()
	admin := server.Client().AsAdmin(server.AdminToken)

	rate, days := affiliates.PercentFromInt(25), 14
	settings, err := admin.Affiliates.UpdateSettings(context.Background(), affiliates.UpdateSettingsParams{
		DefaultCommissionRate: &rate,
		HoldingPeriodDays:     &days,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("rate:", settings.DefaultCommissionRate)
	fmt.Println("days in review:", settings.HoldingPeriodDays)
	fmt.Println("least payout:", settings.MinPayoutAmount)
	// Output:
	// rate: 25%
	// days in review: 14
	// least payout: 50.00
}
