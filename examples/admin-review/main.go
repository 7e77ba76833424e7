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
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, "admin-review:", err)
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "admin-review:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	decision, err := parse(args, out)
	if err != nil {
		return err
	}
	b, err := connect(ctx)
	if err != nil {
		return err
	}
	defer b.close()
	fmt.Fprintf(out, "On %s:\n\n", b.name)

	oldest, err := list(ctx, b.admin, out)
	if err != nil {
		return err
	}
	if decision.id == "" && b.own {
		decision.id = oldest
	}
	if decision.id == "" {
		fmt.Fprintln(out, "\nNothing decided: name an application with -id.")
		return nil
	}
	return decide(ctx, b.admin, out, decision)
}

// decision is the decision that the flags describe.
type decision struct {
	id, code, reason string
	reject           bool
}

var errUsage = errors.New("usage: admin-review [-id ID] [-code CODE | -reject REASON]")

// parse refuses ambiguous arguments, because a decision cannot be undone.
func parse(args []string, out io.Writer) (d decision, err error) {
	flags := flag.NewFlagSet("admin-review", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&d.id, "id", "", "the application to decide on")
	flags.StringVar(&d.code, "code", "", "approve with this referral code; generated if left out")
	flags.StringVar(&d.reason, "reject", "", "reject, for this reason")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return d, err
		}
		return d, errUsage // flags has said why
	}
	empty := ""
	flags.Visit(func(f *flag.Flag) {
		d.reject = d.reject || f.Name == "reject"
		if f.Value.String() == "" {
			empty = f.Name
		}
	})
	switch {
	case empty != "":
		return d, fmt.Errorf("-%s is empty; %w", empty, errUsage)
	case flags.NArg() > 0:
		return d, fmt.Errorf("unexpected argument %q; quote a reason of several words; %w", flags.Arg(0), errUsage)
	case d.reject && d.code != "":
		return d, fmt.Errorf("-code is for an approval and cannot be combined with -reject; %w", errUsage)
	}
	return d, nil
}

// list prints the pending applications, and returns the id of the oldest.
func list(ctx context.Context, admin *stackbe.Client, out io.Writer) (oldest string, err error) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "APPLIED\tNAME\tEMAIL\tCOMPANY\tID")
	for a, err := range admin.Affiliates.Applications(ctx, affiliates.ApplicationFilter{Status: affiliates.ApplicationPending}) {
		if err != nil {
			return "", err
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", a.CreatedAt.Format(time.DateOnly), a.Name, a.Email, a.Company, a.ID)
		oldest = a.ID
	}
	return oldest, table.Flush()
}

func decide(ctx context.Context, admin *stackbe.Client, out io.Writer, d decision) error {
	if d.reject {
		review, err := admin.Affiliates.Reject(ctx, d.id, affiliates.RejectParams{Reason: d.reason})
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "\nRejected %s: %s\n", review.Application.Name, review.Application.RejectionReason)
		return nil
	}
	review, err := admin.Affiliates.Approve(ctx, d.id, affiliates.ApproveParams{Code: d.code})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nApproved %s: customer %s, referral code %s\n", review.Application.Name, review.Affiliate.CustomerID, review.Affiliate.Code)
	return nil
}
