package stackbe_test

import (
	"context"
	"fmt"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// A server that has deals elsewhere, and names the id of a deal in another way.
func ExampleContract() {
	contract := stackbe.Contract{DealsPath: "/v1/affiliate/leads", DealIDField: "leadId"}
	server, err := stackbetest.Start(stackbetest.WithContract(contract))
	if err != nil {
		panic(err)
	}
	defer server.Close()
	customerID := server.CreateCustomer(stackbetest.CustomerParams{Email: "jane@acme.com"})

	client, err := stackbe.New(stackbe.Config{APIKey: server.APIKey, AppID: server.AppID, BaseURL: server.URL, Contract: contract})
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	applied, err := client.Affiliates.Apply(ctx, affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane Smith"})
	if err != nil {
		panic(err)
	}
	if _, err := client.AsAdmin(server.AdminToken).Affiliates.Approve(ctx, applied.ID, affiliates.ApproveParams{}); err != nil {
		panic(err)
	}
	deal, err := client.AsCustomer(server.SessionToken(customerID)).Affiliates.RegisterDeal(ctx, affiliates.DealParams{
		LeadEmail: "prospect@company.com",
		LeadName:  "John Smith",
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(deal.ID != "", deal.LeadName)
	// Output: true John Smith
}
