package main

import (
	"context"
	"fmt"
	"io"
	"time"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// year is a year of Jane's, who is a partner.
type year struct {
	out    io.Writer
	server *stackbetest.Server // its clock alone; everything else goes through the SDK
	client *stackbe.Client     // with the API key and an admin's token

	jane                       string // her customer
	ann, bob, carl, erin, finn string // those of her users
}

// begin starts a server whose clock stands still unless it is moved: every run is the same.
func begin(out io.Writer) (*year, error) {
	newYear := time.Date(2026, time.January, 1, 9, 0, 0, 0, time.UTC)
	server, err := stackbetest.Start(stackbetest.WithClock(func() time.Time { return newYear }))
	if err != nil {
		return nil, err
	}
	return &year{out: out, server: server, client: server.Client().AsAdmin(server.AdminToken)}, nil
}

// chapter moves the clock to 9:00 UTC of a day, which lets happen what falls due until then, and
// prints a heading.
func (y *year) chapter(month time.Month, day int, title string) {
	y.moveTo(time.Date(2026, month, day, 9, 0, 0, 0, time.UTC))
	fmt.Fprintf(y.out, "\n%s: %s\n", date(y.server.Now()), title)
}

func (y *year) moveTo(t time.Time) { y.server.Advance(t.Sub(y.server.Now())) }

func (y *year) say(format string, args ...any) {
	fmt.Fprintf(y.out, "  %s\n", fmt.Sprintf(format, args...))
}

// signIn returns a customer's own client. A session lasts 90 days, so each chapter signs in anew.
func (y *year) signIn(ctx context.Context, customerID string) (*stackbe.Client, error) {
	session, err := y.client.Admin.Customers.CreateSession(ctx, customerID, affiliates.CreateSessionParams{})
	if err != nil {
		return nil, err
	}
	return y.client.AsCustomer(session.SessionToken), nil
}

// signUp makes a customer.
func (y *year) signUp(ctx context.Context, params affiliates.CreateCustomerParams) (customerID string, err error) {
	customer, err := y.client.Admin.Customers.Create(ctx, params)
	if err != nil {
		return "", err
	}
	return customer.ID, nil
}

// subscribe begins a subscription of a customer, and pays its first month.
func (y *year) subscribe(ctx context.Context, customerID string, plan affiliates.Plan) error {
	_, err := y.client.Admin.Subscriptions.Create(ctx, affiliates.CreateSubscriptionParams{CustomerID: customerID, Plan: plan})
	return err
}

// exceedLimit is what happens where a customer uses more than its plan has.
func (y *year) exceedLimit(ctx context.Context, customerID string) error {
	for subscription, err := range y.client.Admin.Subscriptions.All(ctx, affiliates.SubscriptionFilter{CustomerID: customerID}) {
		if err != nil {
			return err
		}
		exceeded := affiliates.UpdateSubscriptionParams{Status: affiliates.SubscriptionLimitExceeded}
		if _, err := y.client.Admin.Subscriptions.Update(ctx, subscription.ID, exceeded); err != nil {
			return err
		}
	}
	return nil
}

// leave cancels every subscription of a customer.
func (y *year) leave(ctx context.Context, customerID string) error {
	for subscription, err := range y.client.Admin.Subscriptions.All(ctx, affiliates.SubscriptionFilter{CustomerID: customerID}) {
		if err != nil {
			return err
		}
		if _, err := y.client.Admin.Subscriptions.Cancel(ctx, subscription.ID, affiliates.CancelSubscriptionParams{}); err != nil {
			return err
		}
	}
	return nil
}

// refundAll pays everything back that a customer has paid since a time.
func (y *year) refundAll(ctx context.Context, customerID string, since time.Time) error {
	for invoice, err := range y.client.Admin.Invoices.All(ctx, affiliates.AdminInvoiceFilter{CustomerID: customerID}) {
		if err != nil {
			return err
		}
		if invoice.CreatedAt.Before(since) {
			return nil // the newest come first
		}
		if _, err := y.client.Admin.Invoices.Refund(ctx, invoice.ID, affiliates.RefundInvoiceParams{}); err != nil {
			return err
		}
	}
	return nil
}

// payOut pays every payout that waits, as the business does after a bank transfer.
func (y *year) payOut(ctx context.Context) error {
	for payout, err := range y.client.Admin.Payouts.All(ctx, affiliates.PayoutFilter{Status: affiliates.PayoutPending}) {
		if err != nil {
			return err
		}
		if _, err := y.client.Admin.Payouts.Process(ctx, payout.ID, affiliates.ProcessPayoutParams{}); err != nil {
			return err
		}
		if _, err := y.client.Admin.Payouts.MarkPaid(ctx, payout.ID, affiliates.MarkPayoutPaidParams{}); err != nil {
			return err
		}
	}
	return nil
}
