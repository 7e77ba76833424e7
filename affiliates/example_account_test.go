package affiliates_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

func ExampleAccount() {
	server := startServer()
	defer server.Close()
	ctx := context.Background()
	jane := server.Client().AsCustomer(server.SessionToken(enroll(ctx, server)))

	john, err := jane.Account.Users.CreateSubAccount(ctx, affiliates.CreateSubAccountParams{Email: "john@company.com", Name: "John Smith"})
	if err != nil {
		log.Fatal(err)
	}
	admin := server.Client().AsAdmin(server.AdminToken)
	_, err = admin.Admin.Subscriptions.Create(ctx, affiliates.CreateSubscriptionParams{CustomerID: john.ID, Plan: affiliates.PlanEnterprise})
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
}

func ExampleAccountPayouts_Request() {
	server := startServer()
	defer server.Close()
	ctx := context.Background()
	jane := server.Client().AsCustomer(server.SessionToken(enroll(ctx, server)))

	_, err := jane.Account.Payouts.Request(ctx, affiliates.RequestParams{})
	var refused *stackbe.Error
	if errors.As(err, &refused) && refused.Code == stackbe.CodePayoutBelowMinimum {
		fmt.Println(refused.Message)
	}
}

func ExampleAccountStatement_WriteCSV() {
	server := startServer()
	defer server.Close()
	ctx := context.Background()
	jane := server.Client().AsCustomer(server.SessionToken(enroll(ctx, server)))

	if err := jane.Account.Statement.WriteCSV(ctx, os.Stdout, affiliates.StatementFilter{}); err != nil {
		log.Fatal(err)
	}
}

func ExampleAdminPayouts_Fail() {
	server := startServer()
	defer server.Close()
	ctx := context.Background()
	admin := server.Client().AsAdmin(server.AdminToken)

	for payout, err := range admin.Admin.Payouts.All(ctx, affiliates.PayoutFilter{Status: affiliates.PayoutPending}) {
		if err != nil {
			log.Fatal(err)
		}
		failed, err := admin.Admin.Payouts.Fail(ctx, payout.ID, affiliates.FailParams{Reason: "The bank account is closed"})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(failed.AffiliateCode, failed.Amount, failed.Status)
	}
}
