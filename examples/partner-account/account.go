package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// account prints all that Jane sees at the end of the year.
func (y *year) account(ctx context.Context) error {
	y.chapter(time.December, 31, "The account")
	jane, err := y.signIn(ctx, y.jane)
	if err != nil {
		return err
	}
	for _, part := range []struct {
		title string
		print func(context.Context, *stackbe.Client) error
	}{
		{"Partner info", y.info},
		{"Users", y.users},
		{"Customer invoices, the newest five", y.invoices},
		{"Commissions", y.summary},
		{"What each container earns", y.containers},
		{"Payouts", y.payouts},
		{"Statement (US dollars, times in UTC)", y.statement},
	} {
		fmt.Fprintf(y.out, "\n%s\n", part.title)
		if err := part.print(ctx, jane); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(y.out)
	return err
}

func (y *year) users(ctx context.Context, jane *stackbe.Client) error {
	rows := [][]string{{"USER", "BY", "FREE", "PRO", "BUSINESS", "ENTERPRISE", right("PER MONTH"), right("EARNED")}}
	for user, err := range jane.Account.Users.All(ctx, affiliates.UserFilter{}) {
		if err != nil {
			return err
		}
		of := user.Subscriptions
		rows = append(rows, []string{
			user.Email, words(string(user.Source)),
			strconv.Itoa(of.Free), strconv.Itoa(of.Pro), strconv.Itoa(of.Business), strconv.Itoa(of.Enterprise),
			money(user.MonthlyValue), money(user.Earned),
		})
	}
	return table(y.out, rows...)
}

// info prints what Jane shares, and how far she has come.
func (y *year) info(ctx context.Context, jane *stackbe.Client) error {
	info, err := jane.Account.Info.Get(ctx)
	if err != nil {
		return err
	}
	y.say("%s, %s, referral link %s", info.Name, info.Email, info.ReferralLink)
	return y.level(ctx, jane, "Now")
}

// level prints a partner's level and the way to the next.
func (y *year) level(ctx context.Context, jane *stackbe.Client, when string) error {
	info, err := jane.Account.Info.Get(ctx)
	if err != nil {
		return err
	}
	level, way := "no level yet", "the highest there is"
	if info.Level.Name != "" {
		level = fmt.Sprintf("%s, %s", info.Level.Name, info.Level.CommissionRate)
	}
	if next := info.NextLevel; next.Name != "" {
		way = fmt.Sprintf("%s is %s a month away", next.Name, dollars(next.MissingMonthlyValue))
		if next.MissingPaidSubscriptions > 0 {
			way = fmt.Sprintf("%s is %s a month or %d paid subscriptions away", next.Name, dollars(next.MissingMonthlyValue), next.MissingPaidSubscriptions)
		}
	}
	y.say("%s, with %s of monthly referral value: %s; %s", when, dollars(info.MonthlyReferralValue), level, way)
	return nil
}

func (y *year) invoices(ctx context.Context, jane *stackbe.Client) error {
	page, err := jane.Account.Invoices.List(ctx, affiliates.InvoiceFilter{Limit: 5})
	if err != nil {
		return err
	}
	rows := [][]string{{"NUMBER", "DATE", "USER", "FOR", right("AMOUNT"), "STATUS"}}
	for _, invoice := range page.Data {
		rows = append(rows, []string{
			invoice.Number, day(invoice.CreatedAt), invoice.UserEmail, invoice.Description, money(invoice.Amount), words(string(invoice.Status)),
		})
	}
	return table(y.out, rows...)
}

// summary prints the figures of the section Commissions.
func (y *year) summary(ctx context.Context, jane *stackbe.Client) error {
	s, err := jane.Account.Commissions.Summary(ctx)
	if err != nil {
		return err
	}
	y.say("Free %d, Pro %d, Business %d, Enterprise %d",
		s.Subscriptions.Free, s.Subscriptions.Pro, s.Subscriptions.Business, s.Subscriptions.Enterprise)
	return table(y.out,
		[]string{"Monthly value", money(s.MonthlyValue)},
		[]string{"In review", money(s.InReview)},
		[]string{"Ready to payout", money(s.Ready)},
		[]string{"Debt", money(s.Debt)},
		[]string{"In a payout", money(s.InPayout)},
		[]string{"Paid", money(s.Paid)},
		[]string{"Earned in all", money(s.TotalEarned)},
	)
}

// balances prints where what Jane has earned stands.
func (y *year) balances(ctx context.Context, jane *stackbe.Client) error {
	s, err := jane.Account.Commissions.Summary(ctx)
	if err != nil {
		return err
	}
	y.say("Jane's account: in review %s, ready %s, debt %s, paid %s; earned %s in all",
		dollars(s.InReview), dollars(s.Ready), dollars(s.Debt), dollars(s.Paid), dollars(s.TotalEarned))
	return nil
}

// containers prints what each subscription earns.
func (y *year) containers(ctx context.Context, jane *stackbe.Client) error {
	rows := [][]string{{"USER", "PLAN", right("PRICE"), "RATE", right("PER MONTH"), right("EARNED")}}
	for container, err := range jane.Account.Commissions.AllSubscriptions(ctx, affiliates.SubscriptionEarningsFilter{}) {
		if err != nil {
			return err
		}
		rows = append(rows, []string{
			container.UserEmail, string(container.Plan), money(container.MonthlyPrice),
			container.CommissionRate.String(), money(container.MonthlyCommission), money(container.Earned),
		})
	}
	return table(y.out, rows...)
}

// commissions prints those that were earned since a time.
func (y *year) commissions(ctx context.Context, jane *stackbe.Client, since time.Time) error {
	rows := [][]string{{"EARNED ON", "USER", right("PAYMENT"), "RATE", right("AMOUNT"), "STATUS"}}
	for commission, err := range jane.Account.Commissions.All(ctx, affiliates.CommissionFilter{From: since}) {
		if err != nil {
			return err
		}
		rows = append(rows, []string{
			day(commission.CreatedAt), commission.UserEmail, money(commission.Payment),
			commission.Rate.String(), money(commission.Amount), words(string(commission.Status)),
		})
	}
	return table(y.out, rows...)
}

func (y *year) receipt(ctx context.Context, jane *stackbe.Client, invoiceID string) error {
	receipt, err := jane.Account.Invoices.Receipt(ctx, invoiceID)
	if err != nil {
		return err
	}
	y.say("Receipt %s of %s", receipt.Number, receipt.Customer.Email)
	var rows [][]string
	for _, line := range receipt.Lines {
		rows = append(rows, []string{line.Description, money(line.Amount)})
	}
	for _, refund := range receipt.Refunds {
		rows = append(rows, []string{"Refund of " + date(refund.CreatedAt), right("-" + dollars(refund.Amount))})
	}
	return table(y.out, append(rows, []string{"Total", money(receipt.Total)})...)
}

func (y *year) payouts(ctx context.Context, jane *stackbe.Client) error {
	rows := [][]string{{"REQUESTED", right("AMOUNT"), "BY", "STATUS", "REASON"}}
	for payout, err := range jane.Account.Payouts.All(ctx, affiliates.PayoutFilter{}) {
		if err != nil {
			return err
		}
		by := "request"
		if payout.Automatic {
			by = "schedule"
		}
		rows = append(rows, []string{day(payout.RequestedAt), money(payout.Amount), by, string(payout.Status), payout.FailureReason})
	}
	return table(y.out, rows...)
}

// statement prints every entry, the oldest first; the list begins with the newest.
func (y *year) statement(ctx context.Context, jane *stackbe.Client) error {
	var rows [][]string
	for entry, err := range jane.Account.Statement.All(ctx, affiliates.StatementFilter{Limit: 100}) {
		if err != nil {
			return err
		}
		after := entry.Balances
		rows = append(rows, []string{
			strconv.Itoa(entry.Sequence), entry.CreatedAt.UTC().Format("2006-01-02 15:04"), words(string(entry.Kind)), money(entry.Amount),
			balance(after.InReview), balance(after.Ready), balance(after.Debt), balance(after.InPayout), balance(after.Paid), balance(after.Earned),
		})
	}
	rows = append(rows, []string{
		"#", "TIME", "ENTRY", right("AMOUNT"),
		right("IN REVIEW"), right("READY"), right("DEBT"), right("IN PAYOUT"), right("PAID"), right("EARNED"),
	})
	slices.Reverse(rows)
	return table(y.out, rows...)
}
