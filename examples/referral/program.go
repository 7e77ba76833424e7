package main

import (
	"context"
	"fmt"
	"io"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

const (
	partnerName = "Jane Smith"
	partnerCode = "JANE20"
)

// program is the partner program on a reference server, with one partner.
type program struct {
	client  *stackbe.Client // with the API key, as a site has it
	admin   *stackbe.Client // creates customers and subscriptions
	partner *stackbe.Client // sees what the partner sees
	close   func()
}

func startProgram(ctx context.Context) (*program, error) {
	server, err := stackbetest.Start()
	if err != nil {
		return nil, err
	}
	client := server.Client()
	p := &program{client: client, admin: client.AsAdmin(server.AdminToken), close: server.Close}
	receipt, err := client.Affiliates.Apply(ctx, affiliates.ApplyParams{Email: "jane@acme.com", Name: partnerName})
	if err != nil {
		server.Close()
		return nil, err
	}
	review, err := p.admin.Affiliates.Approve(ctx, receipt.ID, affiliates.ApproveParams{Code: partnerCode})
	if err != nil {
		server.Close()
		return nil, err
	}
	p.partner = client.AsCustomer(server.SessionToken(review.Affiliate.CustomerID))
	return p, nil
}

// report prints what the partner has earned.
func report(ctx context.Context, p *program, out io.Writer) error {
	dashboard, err := p.partner.Affiliates.GetDashboard(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s: clicks: %d, customers: %d, earned: $%s\n",
		partnerName, dashboard.Stats.Clicks, dashboard.Stats.Customers, dashboard.Affiliate.TotalEarned)
	return err
}
