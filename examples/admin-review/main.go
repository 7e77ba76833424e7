// Admin-review lists the applications that wait for a decision, newest first,
// and decides on one.
//
//	go run ./examples/admin-review                              # list, then approve the oldest
//	go run ./examples/admin-review -reject "Not a good fit"     # list, then reject it
//	go run ./examples/admin-review -id APPLICATION_ID -code JANE20
//
// It starts the in-memory reference server with three applications. With
// STACKBE_API_KEY, STACKBE_APP_ID and STACKBE_ADMIN_TOKEN set it talks to
// StackBE instead, and decides only on the application that -id names.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"text/tabwriter"
	"time"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "admin-review:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("admin-review", flag.ContinueOnError)
	id := flags.String("id", "", "the application to decide on")
	code := flags.String("code", "", "approve with this referral code; generated if empty")
	reason := flags.String("reject", "", "reject, for this reason")
	if err := flags.Parse(args); err != nil {
		return err
	}
	admin, done, err := connect(ctx)
	if err != nil {
		return err
	}
	defer done()
	oldest, err := list(ctx, admin, out)
	if err != nil {
		return err
	}
	if *id == "" && os.Getenv("STACKBE_API_KEY") == "" {
		*id = oldest
	}
	if *id == "" {
		fmt.Fprintln(out, "\nNothing decided: name an application with -id.")
		return nil
	}
	return decide(ctx, admin, out, *id, *code, *reason)
}

// list prints the pending applications, and returns the id of the oldest.
func list(ctx context.Context, admin *stackbe.Client, out io.Writer) (oldest string, err error) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "APPLIED\tNAME\tCOMPANY\tID")
	for a, err := range admin.Affiliates.Applications(ctx, affiliates.ApplicationFilter{Status: affiliates.Pending}) {
		if err != nil {
			return "", err
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", a.CreatedAt.Format(time.DateOnly), a.Name, a.Company, a.ID)
		oldest = a.ID
	}
	return oldest, table.Flush()
}

func decide(ctx context.Context, admin *stackbe.Client, out io.Writer, id, code, reason string) error {
	if reason != "" {
		review, err := admin.Affiliates.Reject(ctx, id, affiliates.RejectParams{Reason: reason})
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "\nRejected %s: %s\n", review.Application.Name, review.Application.RejectionReason)
		return nil
	}
	review, err := admin.Affiliates.Approve(ctx, id, affiliates.ApproveParams{Code: code})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nApproved %s: customer %s, referral code %s\n", review.Application.Name, review.Affiliate.CustomerID, review.Affiliate.Code)
	return nil
}

// connect returns an admin's client of StackBE if a key is set, else of a
// reference server with three applications.
func connect(ctx context.Context) (*stackbe.Client, func(), error) {
	if os.Getenv("STACKBE_API_KEY") != "" {
		client, err := stackbe.New(stackbe.ConfigFromEnv())
		if err != nil {
			return nil, nil, err
		}
		return client.AsAdmin(os.Getenv("STACKBE_ADMIN_TOKEN")), func() {}, nil
	}
	server, err := stackbetest.Start()
	if err != nil {
		return nil, nil, err
	}
	for _, applicant := range []affiliates.ApplyParams{
		{Email: "jane@acme.com", Name: "Jane Smith", Company: "Acme Inc"},
		{Email: "amir@example.com", Name: "Amir Haddad", Company: "Haddad Media"},
		{Email: "li@example.com", Name: "Li Wei"},
	} {
		if _, err := server.Client().Affiliates.Apply(ctx, applicant); err != nil {
			server.Close()
			return nil, nil, err
		}
	}
	return server.Client().AsAdmin(server.AdminToken()), server.Close, nil
}
