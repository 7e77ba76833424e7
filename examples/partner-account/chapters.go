package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// partner sets the program up, and takes Jane into it.
func (y *year) partner(ctx context.Context) error {
	y.chapter(time.January, 5, "Jane becomes a partner")
	least := affiliates.MoneyFromCents(100_00)
	settings, err := y.client.Affiliates.UpdateSettings(ctx, affiliates.UpdateSettingsParams{
		MinPayoutAmount: &least,
		Levels: []affiliates.Level{
			{Name: "Silver", MinPaidSubscriptions: 6, MinMonthlyValue: affiliates.MoneyFromCents(50_00), CommissionRate: affiliates.PercentFromInt(30)},
			{Name: "Gold", MinMonthlyValue: affiliates.MoneyFromCents(500_00), CommissionRate: affiliates.PercentFromInt(40)},
		},
	})
	if err != nil {
		return err
	}
	applied, err := y.client.Affiliates.Apply(ctx, affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane Smith"})
	if err != nil {
		return err
	}
	review, err := y.client.Affiliates.Approve(ctx, applied.ID, affiliates.ApproveParams{Code: "JANE20"})
	if err != nil {
		return err
	}
	y.jane = review.Affiliate.CustomerID
	y.say("She earns %s of what her users pay; %d days later it is ready, from %s on it is paid out.",
		review.Affiliate.CommissionRate, settings.HoldingPeriodDays, dollars(settings.MinPayoutAmount))
	for _, level := range settings.Levels {
		y.say("%s: %s, from %s on", level.Name, level.CommissionRate, minimums(level))
	}
	return nil
}

// minimums says what a level asks for: one of two numbers, or the one that is not 0.
func minimums(level affiliates.Level) string {
	value := dollars(level.MinMonthlyValue) + " of monthly referral value"
	if level.MinPaidSubscriptions == 0 {
		return value
	}
	return fmt.Sprintf("%d paid subscriptions or %s", level.MinPaidSubscriptions, value)
}

// firstUsers shows the ways in which a customer becomes a partner's: Ann by the referral link, Bob as
// a sub account, Carl by being added. A deal comes in April.
func (y *year) firstUsers(ctx context.Context) error {
	if _, err := y.signUp(ctx, affiliates.CreateCustomerParams{Email: "dora@early.example"}); err != nil {
		return err
	}
	y.chapter(time.January, 12, "The first users")
	jane, err := y.signIn(ctx, y.jane)
	if err != nil {
		return err
	}
	for _, comes := range []func(context.Context, *stackbe.Client) error{y.followLink, y.createSubAccount, y.addExisting} {
		if err := comes(ctx, jane); err != nil {
			return err
		}
	}
	for _, container := range []struct {
		customerID string
		plan       affiliates.Plan
	}{{y.ann, affiliates.PlanPro}, {y.bob, affiliates.PlanPro}, {y.carl, affiliates.PlanFree}} {
		if err := y.subscribe(ctx, container.customerID, container.plan); err != nil {
			return err
		}
	}
	return y.users(ctx, jane)
}

func (y *year) followLink(ctx context.Context, jane *stackbe.Client) error {
	info, err := jane.Account.Info.Get(ctx)
	if err != nil {
		return err
	}
	click, err := y.client.Affiliates.TrackReferral(ctx, affiliates.TrackParams{Code: info.Affiliate.Code, URL: info.ReferralLink})
	if err != nil {
		return err
	}
	y.ann, err = y.signUp(ctx, affiliates.CreateCustomerParams{Email: "ann@apps.example", Name: "Ann", ClickID: click.ID})
	return err
}

func (y *year) createSubAccount(ctx context.Context, jane *stackbe.Client) error {
	bob, err := jane.Account.Users.CreateSubAccount(ctx, affiliates.CreateSubAccountParams{Email: "bob@bakery.example", Name: "Bob"})
	if err != nil {
		return err
	}
	y.bob = bob.ID
	return nil
}

// addExisting adds Carl, who has just signed up, and not Dora, whom it is too late to add.
func (y *year) addExisting(ctx context.Context, jane *stackbe.Client) (err error) {
	if y.carl, err = y.signUp(ctx, affiliates.CreateCustomerParams{Email: "carl@cars.example", Name: "Carl"}); err != nil {
		return err
	}
	if _, err := jane.Account.Users.AddExisting(ctx, affiliates.AddExistingUserParams{Email: "carl@cars.example"}); err != nil {
		return err
	}
	_, err = jane.Account.Users.AddExisting(ctx, affiliates.AddExistingUserParams{Email: "dora@early.example"})
	var refused *stackbe.Error
	if !errors.As(err, &refused) || refused.Code != stackbe.CodeLinkPeriodOver {
		return fmt.Errorf("a customer of a week ago was not refused: %w", err)
	}
	y.say("Dora, who signed up a week ago, is refused: %s", refused.Message)
	return nil
}

// access is how a partner looks after a user's container that is in trouble.
func (y *year) access(ctx context.Context) error {
	y.chapter(time.February, 9, "Bob's container exceeds its limit")
	if err := y.exceedLimit(ctx, y.bob); err != nil {
		return err
	}
	jane, err := y.signIn(ctx, y.jane)
	if err != nil {
		return err
	}
	bob, err := y.signIn(ctx, y.bob)
	if err != nil {
		return err
	}
	exceeded, err := jane.Account.Users.List(ctx, affiliates.UserFilter{Having: affiliates.SubscriptionLimitExceeded})
	if err != nil {
		return err
	}
	for _, user := range exceeded.Data {
		asked, err := jane.Account.Users.RequestAccess(ctx, user.ID, affiliates.RequestAccessParams{})
		if err != nil {
			return err
		}
		y.say("Jane asks %s for access: %s", user.Email, asked.Status)
		granted, err := bob.Account.Access.Grant(ctx, asked.ID, affiliates.DecideAccessParams{})
		if err != nil {
			return err
		}
		link, err := jane.Account.Users.LogInAs(ctx, user.ID, affiliates.LogInAsParams{})
		if err != nil {
			return err
		}
		y.say("Bob decides: %s; the link to log in as Bob is valid for %d minutes",
			granted.Status, int(link.ExpiresAt.Sub(y.server.Now()).Minutes()))
	}
	return nil
}

// silver is the first level.
func (y *year) silver(ctx context.Context) error {
	y.chapter(time.March, 2, "Carl takes a Business container")
	jane, err := y.signIn(ctx, y.jane)
	if err != nil {
		return err
	}
	if err := y.level(ctx, jane, "Before"); err != nil {
		return err
	}
	if err := y.subscribe(ctx, y.carl, affiliates.PlanBusiness); err != nil {
		return err
	}
	return y.level(ctx, jane, "Now")
}

// refundInReview takes back what is not ready yet.
func (y *year) refundInReview(ctx context.Context) error {
	y.chapter(time.March, 16, "Refunds within the holding period")
	jane, err := y.signIn(ctx, y.jane)
	if err != nil {
		return err
	}
	invoices, err := jane.Account.Invoices.List(ctx, affiliates.InvoiceFilter{UserID: y.carl, Limit: 1})
	if err != nil {
		return err
	}
	carls, part := invoices.Data[0].ID, affiliates.MoneyFromCents(40_00)
	if _, err := y.client.Admin.Invoices.Refund(ctx, carls, affiliates.RefundInvoiceParams{Amount: &part}); err != nil {
		return err
	}
	if err := y.receipt(ctx, jane, carls); err != nil {
		return err
	}
	if err := y.refundAll(ctx, y.bob, y.server.Now().AddDate(0, 0, -7)); err != nil {
		return err
	}
	if err := y.leave(ctx, y.bob); err != nil {
		return err
	}
	y.say("Bob cancels, and has his last payment back.")
	return y.commissions(ctx, jane, y.server.Now().AddDate(0, 0, -15))
}

// tooLittle is a request for less than is paid out.
func (y *year) tooLittle(ctx context.Context) error {
	y.chapter(time.April, 20, "Jane asks for a payout too early")
	jane, err := y.signIn(ctx, y.jane)
	if err != nil {
		return err
	}
	_, err = jane.Account.Payouts.Request(ctx, affiliates.RequestPayoutParams{})
	var refused *stackbe.Error
	if !errors.As(err, &refused) || refused.Code != stackbe.CodePayoutBelowMinimum {
		return fmt.Errorf("a payout below the minimum was not refused: %w", err)
	}
	y.say("Refused: %s", refused.Message)

	_, err = jane.Affiliates.RegisterDeal(ctx, affiliates.DealParams{LeadEmail: "erin@enterprise.example", LeadName: "Erin"})
	if err != nil {
		return err
	}
	y.say("She registers Erin as a lead.")
	return nil
}

// gold is the second level: the payment that reaches it is paid at its rate.
func (y *year) gold(ctx context.Context) (err error) {
	y.chapter(time.May, 4, "Erin signs up and takes two Enterprise containers")
	if y.erin, err = y.signUp(ctx, affiliates.CreateCustomerParams{Email: "erin@enterprise.example", Name: "Erin"}); err != nil {
		return err
	}
	for range 2 {
		if err := y.subscribe(ctx, y.erin, affiliates.PlanEnterprise); err != nil {
			return err
		}
	}
	jane, err := y.signIn(ctx, y.jane)
	if err != nil {
		return err
	}
	if err := y.level(ctx, jane, "Now"); err != nil {
		return err
	}
	return y.commissions(ctx, jane, y.server.Now())
}

// failedPayout is a payout that fails, whose money is ready again, and one that is paid.
func (y *year) failedPayout(ctx context.Context) error {
	y.chapter(time.June, 8, "A payout fails, and the next one is paid")
	jane, err := y.signIn(ctx, y.jane)
	if err != nil {
		return err
	}
	requested, err := jane.Account.Payouts.Request(ctx, affiliates.RequestPayoutParams{})
	if err != nil {
		return err
	}
	y.say("Jane requests a payout: %s of %d commissions, %s", dollars(requested.Amount), requested.Commissions, requested.Status)

	_, err = jane.Account.Payouts.Request(ctx, affiliates.RequestPayoutParams{})
	if !errors.Is(err, stackbe.ErrConflict) {
		return fmt.Errorf("a second payout was not refused: %w", err)
	}
	y.say("A second one is refused while the first is open.")

	failed, err := y.client.Admin.Payouts.Fail(ctx, requested.ID, affiliates.FailPayoutParams{Reason: "The bank account is closed"})
	if err != nil {
		return err
	}
	summary, err := jane.Account.Commissions.Summary(ctx)
	if err != nil {
		return err
	}
	y.say("It fails: %s. Ready again: %s", failed.FailureReason, dollars(summary.Ready))

	if _, err := jane.Account.Payouts.Request(ctx, affiliates.RequestPayoutParams{}); err != nil {
		return err
	}
	if err := y.payOut(ctx); err != nil {
		return err
	}
	y.say("She names another account, and requests it again.")
	return y.payouts(ctx, jane)
}

// clawback takes back what is paid out already.
func (y *year) clawback(ctx context.Context) error {
	y.chapter(time.June, 15, "Erin leaves, and has everything back")
	if err := y.refundAll(ctx, y.erin, time.Time{}); err != nil {
		return err
	}
	if err := y.leave(ctx, y.erin); err != nil {
		return err
	}
	jane, err := y.signIn(ctx, y.jane)
	if err != nil {
		return err
	}
	for _, status := range []affiliates.CommissionStatus{affiliates.CommissionVoided, affiliates.CommissionClawback} {
		taken, err := jane.Account.Commissions.List(ctx, affiliates.CommissionFilter{UserID: y.erin, Status: status})
		if err != nil {
			return err
		}
		for _, commission := range taken.Data {
			y.say("%s: %s of a payment of %s", commission.Status, dollars(commission.Amount), dollars(commission.Payment))
		}
	}
	return y.balances(ctx, jane)
}

// automaticPayouts needs no request from here on.
func (y *year) automaticPayouts(ctx context.Context) error {
	y.chapter(time.July, 20, "Finn comes by a sub account, and payouts become automatic")
	jane, err := y.signIn(ctx, y.jane)
	if err != nil {
		return err
	}
	finn, err := jane.Account.Users.CreateSubAccount(ctx, affiliates.CreateSubAccountParams{Email: "finn@films.example", Name: "Finn"})
	if err != nil {
		return err
	}
	y.finn = finn.ID
	if err := y.subscribe(ctx, y.finn, affiliates.PlanEnterprise); err != nil {
		return err
	}
	schedule, err := jane.Account.Payouts.SetSchedule(ctx, affiliates.SetPayoutScheduleParams{Interval: affiliates.PayoutIntervalMonthly})
	if err != nil {
		return err
	}
	y.say("Her payouts are %s, the next on %s.", schedule.Interval, date(schedule.NextAt))
	return y.balances(ctx, jane)
}

// debtIsPaidOff goes on to the end of the year, month by month.
func (y *year) debtIsPaidOff(ctx context.Context) error {
	y.chapter(time.August, 3, "Commissions pay the debt off")
	rows := [][]string{{"DATE", right("IN REVIEW"), right("READY"), right("DEBT"), right("PAID"), right("EARNED")}}
	for month := time.August; month <= time.December; month++ {
		y.moveTo(time.Date(2026, month, 3, 9, 0, 0, 0, time.UTC))
		if err := y.payOut(ctx); err != nil {
			return err
		}
		jane, err := y.signIn(ctx, y.jane)
		if err != nil {
			return err
		}
		s, err := jane.Account.Commissions.Summary(ctx)
		if err != nil {
			return err
		}
		rows = append(rows, []string{
			day(y.server.Now()), balance(s.InReview), balance(s.Ready), balance(s.Debt), balance(s.Paid), balance(s.TotalEarned),
		})
	}
	return table(y.out, rows...)
}
