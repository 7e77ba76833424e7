// Quickstart runs through the whole partner program: an application, its review,
// and the calls of the new partner.
//
//	go run ./examples/quickstart
//
// It starts the in-memory reference server and needs nothing else. With
// STACKBE_API_KEY set, it calls StackBE instead, and leaves records there. Then
// STACKBE_APP_ID and STACKBE_ADMIN_TOKEN let it review, and the
// STACKBE_SESSION_TOKEN of a partner lets it make that partner's calls.
// STACKBE_BASE_URL sets another address.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "Usage: go run ./examples/quickstart\n\nIt calls the reference server, or StackBE if STACKBE_API_KEY is set.")
	}
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "quickstart: takes no arguments; its settings are in the environment")
		os.Exit(2)
	}
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	b, err := connect()
	if err != nil {
		return err
	}
	defer b.close()
	fmt.Fprintf(out, "The StackBE partner program, on %s\n\n", b.name)

	t := &tour{backend: b, out: out}
	applicationID, err := t.apply(ctx)
	if err != nil {
		return err
	}
	partner, err := t.review(ctx, applicationID)
	if err != nil {
		return err
	}
	return t.partner(ctx, partner)
}

// tour prints a numbered line for each step.
type tour struct {
	*backend
	out   io.Writer
	steps int
}

func (t *tour) say(step, format string, args ...any) {
	t.steps++
	fmt.Fprintf(t.out, "%2d. %-14s %s\n", t.steps, step, fmt.Sprintf(format, args...))
}

// apply is the part of a website's sign-up page. It needs the API key.
func (t *tour) apply(ctx context.Context) (applicationID string, err error) {
	application := affiliates.ApplyParams{
		Email:   t.email,
		Name:    "Jane Smith",
		Company: "Acme Inc",
		Website: "https://acme.com",
		Reason:  "I have a large audience in the SaaS space",
	}
	receipt, err := t.client.Affiliates.Apply(ctx, application)
	if err != nil {
		return "", err
	}
	t.say("apply", "%s applied; the application is %s", application.Name, receipt.Status)

	_, err = t.client.Affiliates.Apply(ctx, application)
	var refused *stackbe.Error
	if !errors.Is(err, stackbe.ErrConflict) || !errors.As(err, &refused) {
		return "", fmt.Errorf("a second application was not refused as a duplicate: %w", err)
	}
	t.say("apply again", "refused, as it should be: %d %s: %s", refused.StatusCode, refused.Kind, refused.Message)

	check, err := t.client.Affiliates.GetApplicationStatus(ctx, application.Email)
	if err != nil {
		return "", err
	}
	t.say("status", "applied: %t, status: %s", check.Applied, check.Status)
	return receipt.ID, nil
}

// review is the part of an admin, and needs an admin's JWT. It returns the new
// partner's customer, or "" without an admin.
func (t *tour) review(ctx context.Context, applicationID string) (customerID string, err error) {
	if t.adminToken == "" {
		t.say("review", "left out: set STACKBE_ADMIN_TOKEN to approve the application")
		return "", nil
	}
	admin := t.client.AsAdmin(t.adminToken)

	pending, err := admin.Affiliates.ListApplications(ctx, affiliates.ApplicationFilter{Status: affiliates.ApplicationPending})
	if err != nil {
		return "", err
	}
	t.say("review", "applications waiting for a decision on the first page: %d", len(pending.Data))

	review, err := admin.Affiliates.Approve(ctx, applicationID, affiliates.ApproveParams{Code: t.code})
	if err != nil {
		return "", err
	}
	t.say("approve", "%s is a partner now, with the referral code %s", review.Application.Name, review.Affiliate.Code)

	if t.events != nil {
		for _, event := range t.events() {
			t.say("webhook", "%s", event)
		}
	}

	partner, err := t.client.Affiliates.Get(ctx, review.Affiliate.CustomerID)
	if err != nil {
		return "", err
	}
	t.say("look-up", "customer %s: enrolled: %t, status: %s, commission: %s", partner.CustomerID, partner.Enrolled, partner.Status, partner.CommissionRate)
	return partner.CustomerID, nil
}

// partner makes the calls of a signed-in partner. It needs the customer's session
// token.
func (t *tour) partner(ctx context.Context, customerID string) error {
	token := t.sessionToken(customerID)
	if token == "" {
		t.say("partner", "left out: set STACKBE_SESSION_TOKEN to that of a customer who is a partner")
		return nil
	}
	jane := t.client.AsCustomer(token)

	dashboard, err := jane.Affiliates.GetDashboard(ctx)
	if err != nil {
		return err
	}
	t.say("dashboard", "of %s: clicks: %d, earned: $%s; the link to share is %s",
		dashboard.Affiliate.Code, dashboard.Stats.Clicks, dashboard.Affiliate.TotalEarned, dashboard.ReferralLink)

	link, err := jane.Affiliates.GetPortalLink(ctx)
	if err != nil {
		return err
	}
	t.say("portal link", "made, for a redirect; valid until %s", link.ExpiresAt.Format("2006-01-02 15:04 MST"))

	code := dashboard.Affiliate.Code
	click, err := t.client.Affiliates.TrackReferral(ctx, affiliates.TrackParams{Code: code, URL: "https://yoursite.com?ref=" + code})
	if err != nil {
		return err
	}
	t.say("click", "a visitor followed the link of %s", code)

	deal, err := jane.Affiliates.RegisterDeal(ctx, affiliates.DealParams{
		LeadEmail: t.leadEmail,
		LeadName:  "John Smith",
		Notes:     "Met at conference",
	})
	if err != nil {
		return err
	}
	t.say("deal", "%s is %s as a lead", deal.LeadName, deal.Status)
	return t.earn(ctx, jane, click)
}

// earn shows what the click earns, on a server that can record that the visitor
// signed up and paid.
func (t *tour) earn(ctx context.Context, jane *stackbe.Client, click *affiliates.Click) error {
	if t.signUpAndPay == nil {
		t.say("commission", "left out: only the embedded server can be told that a visitor paid")
		return nil
	}
	paid := affiliates.MoneyFromCents(49_99)
	t.signUpAndPay(click, paid)
	dashboard, err := jane.Affiliates.GetDashboard(ctx)
	if err != nil {
		return err
	}
	t.say("commission", "the visitor signed up and paid $%s; clicks: %d, earned: $%s (%s, to the cent), of which in review: $%s",
		paid, dashboard.Stats.Clicks, dashboard.Affiliate.TotalEarned, dashboard.Affiliate.CommissionRate, dashboard.Earnings.InReview)
	return t.account(ctx, jane)
}

// account is what the partner sees of the user and of the money. examples/partner-account goes on
// from here.
func (t *tour) account(ctx context.Context, jane *stackbe.Client) error {
	for user, err := range jane.Account.Users.All(ctx, affiliates.UserFilter{}) {
		if err != nil {
			return err
		}
		t.say("user", "%s came by a %s; earned so far: $%s", user.Email, user.Source, user.Earned)
	}
	for commission, err := range jane.Account.Commissions.All(ctx, affiliates.CommissionFilter{}) {
		if err != nil {
			return err
		}
		t.say("ready", "$%s of it can be paid out from %s on", commission.Amount, commission.ReadyAt.Format("2006-01-02 15:04 MST"))
	}
	return nil
}
