package chaos

import (
	"context"
	"fmt"
	"strings"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// settings makes commissions ready at once, and pays them out from one cent on.
func settings(p *player) {
	write(p, "Affiliates.UpdateSettings", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.Settings, error) {
		least := affiliates.MoneyFromCents(1)
		return c.Affiliates.UpdateSettings(ctx, affiliates.UpdateSettingsParams{HoldingPeriodDays: new(int), MinPayoutAmount: &least, IdempotencyKey: key})
	})
}

// A partner is one whom a story has made.
type partner struct {
	*player
	customerID, session, code string
}

// story plays the life of the partner of that number, and returns what can be seen of it in the end.
// It makes every write of the SDK.
func story(p *player, number int) view {
	jane := partner{player: p, code: fmt.Sprintf("JANE%d", number)}
	jane.enroll()
	jane.bring()
	users := jane.users()
	jane.sell(users)
	jane.decide(users[0])
	jane.payOut()
	return jane.view()
}

func (p *partner) email(name string) string {
	return strings.ToLower(fmt.Sprintf("%s.%s@example.com", name, p.code))
}

func (p *partner) as(c *stackbe.Client) *stackbe.Client { return c.AsCustomer(p.session) }

// enroll has one application approved, and two rejected.
func (p *partner) enroll() {
	apply := func(name string) string {
		return write(p.player, "Affiliates.Apply", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.ApplyResult, error) {
			return c.Affiliates.Apply(ctx, affiliates.ApplyParams{Email: p.email(name), Name: name, IdempotencyKey: key})
		}).ID
	}
	first, second, third := apply("jane"), apply("rejected"), apply("reviewed")
	review := write(p.player, "Affiliates.Approve", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.Review, error) {
		return c.Affiliates.Approve(ctx, first, affiliates.ApproveParams{Code: p.code, IdempotencyKey: key})
	})
	write(p.player, "Affiliates.Reject", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.Review, error) {
		return c.Affiliates.Reject(ctx, second, affiliates.RejectParams{Reason: "too small", IdempotencyKey: key})
	})
	write(p.player, "Affiliates.Review", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.Review, error) {
		return c.Affiliates.Review(ctx, third, affiliates.ReviewParams{Action: affiliates.ReviewActionReject, RejectionReason: "too late", IdempotencyKey: key})
	})
	p.customerID = review.Affiliate.CustomerID
	p.session = p.signIn(p.customerID)
}

func (p *partner) signIn(customerID string) (session string) {
	return write(p.player, "Admin.Customers.CreateSession", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.CustomerSession, error) {
		return c.Admin.Customers.CreateSession(ctx, customerID, affiliates.CreateSessionParams{IdempotencyKey: key})
	}).SessionToken
}

// bring tracks clicks and registers deals.
func (p *partner) bring() {
	for range 3 {
		write(p.player, "Affiliates.TrackReferral", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.Click, error) {
			return c.Affiliates.TrackReferral(ctx, affiliates.TrackParams{Code: p.code, URL: "https://yoursite.com/?ref=" + p.code, IdempotencyKey: key})
		})
	}
	for _, lead := range []string{"lead", "prospect"} {
		write(p.player, "Affiliates.RegisterDeal", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.Deal, error) {
			return p.as(c).Affiliates.RegisterDeal(ctx, affiliates.DealParams{LeadEmail: p.email(lead), LeadName: lead, IdempotencyKey: key})
		})
	}
}

// users makes users of the partner, in each way that there is.
func (p *partner) users() (ids []string) {
	signUp := func(params affiliates.CreateCustomerParams) string {
		return write(p.player, "Admin.Customers.Create", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.Customer, error) {
			params.IdempotencyKey = key
			return c.Admin.Customers.Create(ctx, params)
		}).ID
	}
	ids = append(ids, signUp(affiliates.CreateCustomerParams{Email: p.email("user"), ReferralCode: p.code}))
	ids = append(ids, signUp(affiliates.CreateCustomerParams{Email: p.email("lead")}))
	signUp(affiliates.CreateCustomerParams{Email: p.email("stranger")})
	write(p.player, "Account.Users.AddExisting", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.User, error) {
		return p.as(c).Account.Users.AddExisting(ctx, affiliates.AddExistingUserParams{Email: p.email("stranger"), IdempotencyKey: key})
	})
	write(p.player, "Account.Users.CreateSubAccount", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.User, error) {
		return p.as(c).Account.Users.CreateSubAccount(ctx, affiliates.CreateSubAccountParams{Email: p.email("sub"), IdempotencyKey: key})
	})
	write(p.player, "Admin.Customers.Update", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.Customer, error) {
		return c.Admin.Customers.Update(ctx, ids[0], affiliates.UpdateCustomerParams{Name: "User of " + p.code, IdempotencyKey: key})
	})
	return ids
}

// sell books payments of the users, and refunds some.
func (p *partner) sell(users []string) {
	subscribe := func(plan affiliates.Plan, method affiliates.PaymentMethod) string {
		return write(p.player, "Admin.Subscriptions.Create", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.Subscription, error) {
			return c.Admin.Subscriptions.Create(ctx, affiliates.CreateSubscriptionParams{CustomerID: users[0], Plan: plan, PaymentMethod: method, IdempotencyKey: key})
		}).ID
	}
	kept, canceled := subscribe(affiliates.PlanPro, ""), subscribe(affiliates.PlanBusiness, "")
	subscribe(affiliates.PlanEnterprise, affiliates.PaymentMethodDeclined)
	write(p.player, "Admin.Subscriptions.Pause", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.Subscription, error) {
		return c.Admin.Subscriptions.Pause(ctx, kept, affiliates.PauseSubscriptionParams{IdempotencyKey: key})
	})
	write(p.player, "Admin.Subscriptions.Resume", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.Subscription, error) {
		return c.Admin.Subscriptions.Resume(ctx, kept, affiliates.ResumeSubscriptionParams{IdempotencyKey: key})
	})
	write(p.player, "Admin.Subscriptions.Update", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.Subscription, error) {
		return c.Admin.Subscriptions.Update(ctx, kept, affiliates.UpdateSubscriptionParams{Plan: affiliates.PlanBusiness, IdempotencyKey: key})
	})
	write(p.player, "Admin.Subscriptions.Cancel", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.Subscription, error) {
		return c.Admin.Subscriptions.Cancel(ctx, canceled, affiliates.CancelSubscriptionParams{IdempotencyKey: key})
	})

	for _, invoice := range p.invoices() {
		if invoice.Status != affiliates.InvoiceFailed {
			continue
		}
		write(p.player, "Admin.Invoices.Pay", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.Invoice, error) {
			return c.Admin.Invoices.Pay(ctx, invoice.ID, affiliates.PayInvoiceParams{IdempotencyKey: key})
		})
	}
	for _, cents := range []int64{100_00, 33_33} {
		invoice := write(p.player, "Admin.Invoices.Create", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.Invoice, error) {
			return c.Admin.Invoices.Create(ctx, affiliates.CreateInvoiceParams{CustomerID: users[1], Amount: affiliates.MoneyFromCents(cents), IdempotencyKey: key})
		})
		part := affiliates.MoneyFromCents(cents / 10)
		for range 2 {
			write(p.player, "Admin.Invoices.Refund", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.RefundResult, error) {
				return c.Admin.Invoices.Refund(ctx, invoice.ID, affiliates.RefundInvoiceParams{Amount: &part, IdempotencyKey: key})
			})
		}
	}
}

// decide has the user grant access and withdraw it, and then decline it.
func (p *partner) decide(user string) {
	session := p.signIn(user)
	ask := func() string {
		return write(p.player, "Account.Users.RequestAccess", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.Access, error) {
			return p.as(c).Account.Users.RequestAccess(ctx, user, affiliates.RequestAccessParams{IdempotencyKey: key})
		}).ID
	}
	decision := func(what, access string, make func(affiliates.AccountAccess, context.Context, string, affiliates.DecideAccessParams) (*affiliates.Access, error)) {
		write(p.player, what, func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.Access, error) {
			return make(c.AsCustomer(session).Account.Access, ctx, access, affiliates.DecideAccessParams{IdempotencyKey: key})
		})
	}
	access := ask()
	decision("Account.Access.Grant", access, affiliates.AccountAccess.Grant)
	write(p.player, "Account.Users.LogInAs", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.LoginLink, error) {
		return p.as(c).Account.Users.LogInAs(ctx, user, affiliates.LogInAsParams{IdempotencyKey: key})
	})
	decision("Account.Access.Withdraw", access, affiliates.AccountAccess.Withdraw)
	decision("Account.Access.Decline", ask(), affiliates.AccountAccess.Decline)
}

// payOut has one payout fail, and the next one paid.
func (p *partner) payOut() {
	request := func() string {
		return write(p.player, "Account.Payouts.Request", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.Payout, error) {
			return p.as(c).Account.Payouts.Request(ctx, affiliates.RequestPayoutParams{IdempotencyKey: key})
		}).ID
	}
	process := func(id string) {
		write(p.player, "Admin.Payouts.Process", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.Payout, error) {
			return c.Admin.Payouts.Process(ctx, id, affiliates.ProcessPayoutParams{IdempotencyKey: key})
		})
	}
	first := request()
	process(first)
	write(p.player, "Admin.Payouts.Fail", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.Payout, error) {
		return c.Admin.Payouts.Fail(ctx, first, affiliates.FailPayoutParams{Reason: "no account", IdempotencyKey: key})
	})
	second := request()
	process(second)
	write(p.player, "Admin.Payouts.MarkPaid", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.Payout, error) {
		return c.Admin.Payouts.MarkPaid(ctx, second, affiliates.MarkPayoutPaidParams{IdempotencyKey: key})
	})
	write(p.player, "Account.Payouts.SetSchedule", func(ctx context.Context, c *stackbe.Client, key string) (*affiliates.PayoutSchedule, error) {
		return p.as(c).Account.Payouts.SetSchedule(ctx, affiliates.SetPayoutScheduleParams{Interval: affiliates.PayoutIntervalWeekly, IdempotencyKey: key})
	})
}
