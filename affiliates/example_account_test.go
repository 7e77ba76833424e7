package affiliates_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"log"
	"slices"
	"time"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// onNewYear stops the clock of a server where the dates of a new year are printed.
func onNewYear() stackbetest.Option {
	return stackbetest.WithClock(func() time.Time { return time.Date(2026, time.January, 1, 9, 0, 0, 0, time.UTC) })
}

// subscribe makes John a user of Jane's who pays for a plan. It returns his customer id.
func subscribe(ctx context.Context, server *stackbetest.Server, plan affiliates.Plan) (userID string) {
	admin := server.Client().AsAdmin(server.AdminToken).Admin
	john, err := admin.Customers.Create(ctx, affiliates.CreateCustomerParams{Email: "john@company.com", Name: "John Smith", ReferralCode: "JANE20"})
	if err != nil {
		log.Fatal(err)
	}
	_, err = admin.Subscriptions.Create(ctx, affiliates.CreateSubscriptionParams{CustomerID: john.ID, Plan: plan})
	if err != nil {
		log.Fatal(err)
	}
	return john.ID
}

func ExampleAccount() {
	server := startServer(onNewYear())
	defer server.Close()
	ctx := context.Background()
	jane := server.Client().AsCustomer(server.SessionToken(enroll(ctx, server)))

	john, err := jane.Account.Users.CreateSubAccount(ctx, affiliates.CreateSubAccountParams{Email: "john@company.com", Name: "John Smith"})
	if err != nil {
		log.Fatal(err)
	}
	admin := server.Client().AsAdmin(server.AdminToken).Admin
	_, err = admin.Subscriptions.Create(ctx, affiliates.CreateSubscriptionParams{CustomerID: john.ID, Plan: affiliates.PlanEnterprise})
	if err != nil {
		log.Fatal(err)
	}
	server.Advance(40 * 24 * time.Hour) // the holding period of the first payment, and a renewal

	summary, err := jane.Account.Commissions.Summary(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("in review: $%s, ready: $%s, a month: $%s\n", summary.InReview, summary.Ready, summary.MonthlyValue)

	for commission, err := range jane.Account.Commissions.All(ctx, affiliates.CommissionFilter{Plan: affiliates.PlanEnterprise}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(commission.UserEmail, commission.Payment, commission.Rate, commission.Amount, commission.Status)
	}
	// Output:
	// in review: $50.00, ready: $50.00, a month: $50.00
	// john@company.com 250.00 20% 50.00 in_review
	// john@company.com 250.00 20% 50.00 ready
}

// A partner asks a user for access, and logs in as the user once it is granted.
func ExampleAccountUsers_LogInAs() {
	server := startServer()
	defer server.Close()
	ctx := context.Background()
	jane := server.Client().AsCustomer(server.SessionToken(enroll(ctx, server)))
	userID := subscribe(ctx, server, affiliates.PlanPro)

	_, err := jane.Account.Users.LogInAs(ctx, userID, affiliates.LogInAsParams{})
	var refused *stackbe.Error
	if errors.As(err, &refused) && refused.Code == stackbe.CodeAccessNotGranted {
		asked, err := jane.Account.Users.RequestAccess(ctx, userID, affiliates.RequestAccessParams{})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(asked.Status)
	}

	// The user sees who asks, and decides.
	john := server.Client().AsCustomer(server.SessionToken(userID))
	for asked, err := range john.Account.Access.All(ctx, affiliates.AccessFilter{Status: affiliates.AccessRequested}) {
		if err != nil {
			log.Fatal(err)
		}
		granted, err := john.Account.Access.Grant(ctx, asked.ID, affiliates.DecideAccessParams{})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(granted.AffiliateEmail, granted.Status)
	}

	link, err := jane.Account.Users.LogInAs(ctx, userID, affiliates.LogInAsParams{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("a link:", link.URL != "") // redirect the partner there
	// Output:
	// requested
	// jane@acme.com granted
	// a link: true
}

func ExampleAccountPayouts_Request() {
	server := startServer(onNewYear())
	defer server.Close()
	ctx := context.Background()
	jane := server.Client().AsCustomer(server.SessionToken(enroll(ctx, server)))
	subscribe(ctx, server, affiliates.PlanEnterprise)

	_, err := jane.Account.Payouts.Request(ctx, affiliates.RequestPayoutParams{})
	var refused *stackbe.Error
	if errors.As(err, &refused) && refused.Code == stackbe.CodePayoutBelowMinimum {
		fmt.Println(refused.Message)
	}

	server.Advance(30 * 24 * time.Hour) // the holding period
	payout, err := jane.Account.Payouts.Request(ctx, affiliates.RequestPayoutParams{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(payout.Amount, payout.Status)
	// Output:
	// 0.00 is ready; 50.00 is the least that is paid out; 50.00 is missing
	// 50.00 pending
}

// With a schedule, payouts need no request.
func ExampleAccountPayouts_SetSchedule() {
	server := startServer(onNewYear())
	defer server.Close()
	ctx := context.Background()
	jane := server.Client().AsCustomer(server.SessionToken(enroll(ctx, server)))
	subscribe(ctx, server, affiliates.PlanEnterprise)

	schedule, err := jane.Account.Payouts.SetSchedule(ctx, affiliates.SetPayoutScheduleParams{Interval: affiliates.PayoutIntervalMonthly})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(schedule.NextAt)

	server.Advance(40 * 24 * time.Hour)
	for payout, err := range jane.Account.Payouts.All(ctx, affiliates.PayoutFilter{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(payout.RequestedAt, payout.Amount, payout.Automatic)
	}
	// Output:
	// 2026-02-01 00:00:00 +0000 UTC
	// 2026-02-01 00:00:00 +0000 UTC 50.00 true
}

func ExampleAccountStatement_WriteCSV() {
	server := startServer(onNewYear())
	defer server.Close()
	ctx := context.Background()
	jane := server.Client().AsCustomer(server.SessionToken(enroll(ctx, server)))
	subscribe(ctx, server, affiliates.PlanEnterprise)
	server.Advance(30 * 24 * time.Hour)

	var statement bytes.Buffer // or an http.ResponseWriter
	if err := jane.Account.Statement.WriteCSV(ctx, &statement, affiliates.StatementFilter{}); err != nil {
		log.Fatal(err)
	}

	rows, err := csv.NewReader(&statement).ReadAll()
	if err != nil {
		log.Fatal(err)
	}
	columns := rows[0]
	for _, row := range rows {
		for _, name := range []string{"Created at (UTC)", "Kind", "Amount", "In review", "Ready"} {
			fmt.Printf("%s,", row[slices.Index(columns, name)])
		}
		fmt.Println()
	}
	// Output:
	// Created at (UTC),Kind,Amount,In review,Ready,
	// 2026-01-31T09:00:00Z,matured,50.00,0.00,50.00,
	// 2026-01-01T09:00:00Z,commission,50.00,50.00,0.00,
}

// An admin pays what is requested.
func ExampleAdminPayouts_MarkPaid() {
	server := startServer(onNewYear())
	defer server.Close()
	ctx := context.Background()
	admin := server.Client().AsAdmin(server.AdminToken).Admin
	requestPayout(ctx, server)

	for payout, err := range admin.Payouts.All(ctx, affiliates.PayoutFilter{Status: affiliates.PayoutPending}) {
		if err != nil {
			log.Fatal(err)
		}
		if _, err := admin.Payouts.Process(ctx, payout.ID, affiliates.ProcessPayoutParams{}); err != nil {
			log.Fatal(err)
		}
		// Transfer the money here.
		paid, err := admin.Payouts.MarkPaid(ctx, payout.ID, affiliates.MarkPayoutPaidParams{})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(paid.AffiliateCode, paid.Amount, paid.Status)
	}
	// Output:
	// JANE20 50.00 paid
}

func ExampleAdminPayouts_Fail() {
	server := startServer(onNewYear())
	defer server.Close()
	ctx := context.Background()
	admin := server.Client().AsAdmin(server.AdminToken).Admin
	requestPayout(ctx, server)

	for payout, err := range admin.Payouts.All(ctx, affiliates.PayoutFilter{Status: affiliates.PayoutPending}) {
		if err != nil {
			log.Fatal(err)
		}
		failed, err := admin.Payouts.Fail(ctx, payout.ID, affiliates.FailPayoutParams{Reason: "The bank account is closed"})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(failed.AffiliateCode, failed.Amount, failed.Status)
	}
	// Output:
	// JANE20 50.00 failed
}

// requestPayout makes Jane a partner who has requested a payout.
func requestPayout(ctx context.Context, server *stackbetest.Server) {
	jane := server.Client().AsCustomer(server.SessionToken(enroll(ctx, server)))
	subscribe(ctx, server, affiliates.PlanEnterprise)
	server.Advance(30 * 24 * time.Hour)
	if _, err := jane.Account.Payouts.Request(ctx, affiliates.RequestPayoutParams{}); err != nil {
		log.Fatal(err)
	}
}

// A refund within the holding period reduces the commission; one after it is a clawback.
func ExampleAdminInvoices_Refund() {
	server := startServer(onNewYear())
	defer server.Close()
	ctx := context.Background()
	admin := server.Client().AsAdmin(server.AdminToken).Admin
	jane := server.Client().AsCustomer(server.SessionToken(enroll(ctx, server)))
	userID := subscribe(ctx, server, affiliates.PlanFree)

	invoice, err := admin.Invoices.Create(ctx, affiliates.CreateInvoiceParams{CustomerID: userID, Amount: affiliates.MoneyFromCents(100_00)})
	if err != nil {
		log.Fatal(err)
	}
	part := affiliates.MoneyFromCents(25_00)
	for range 2 {
		refunded, err := admin.Invoices.Refund(ctx, invoice.ID, affiliates.RefundInvoiceParams{Amount: &part})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(refunded.Invoice.Number, refunded.Invoice.Status, refunded.Invoice.Refunded)
		server.Advance(30 * 24 * time.Hour)
	}
	for entry, err := range jane.Account.Statement.All(ctx, affiliates.StatementFilter{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(entry.CreatedAt.Format(time.DateOnly), entry.Kind, entry.Amount, entry.Balances.Earned)
	}
	// Output:
	// INV-000001 partially_refunded 25.00
	// INV-000001 partially_refunded 50.00
	// 2026-01-31 clawback 5.00 10.00
	// 2026-01-31 matured 15.00 15.00
	// 2026-01-01 reduction 5.00 15.00
	// 2026-01-01 commission 20.00 20.00
}
