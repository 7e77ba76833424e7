// Partner-account plays a year of a partner's life and prints what the partner
// sees of it: its users, the levels that it reaches, refunds within the holding
// period and after it, a debt that later commissions pay off, a payout that
// fails, automatic ones, and at the end the account with its statement.
//
//	go run ./examples/partner-account
//
// It runs on the in-memory reference server, whose clock it moves, and needs
// nothing else. Everything goes through the SDK: what the partner sees and does
// is stackbe.Client.Account, what the business does stackbe.Client.Admin. The
// chapters are in chapters.go, one function each, and account.go prints the
// account.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "Usage: go run ./examples/partner-account\n\nIt plays a year of a partner's life on the reference server.")
	}
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "partner-account: takes no arguments")
		os.Exit(2)
	}
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "partner-account:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	y, err := begin(out)
	if err != nil {
		return err
	}
	defer y.server.Close()
	for _, chapter := range []func(context.Context) error{
		y.partner,
		y.firstUsers,
		y.access,
		y.silver,
		y.refundInReview,
		y.tooLittle,
		y.gold,
		y.failedPayout,
		y.clawback,
		y.automaticPayouts,
		y.debtIsPaidOff,
		y.account,
	} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	return nil
}
