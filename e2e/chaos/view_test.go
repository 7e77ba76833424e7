package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// A view is what can be seen of a partner: lines without ids and times, by the call that reads
// them. The same story has the same view on every server.
type view map[string][]string

// look reads with a call, and keeps its lines.
func look[T any](p *partner, v view, what string, send func(context.Context, *stackbe.Client) (T, error), lines func(T) []string) T {
	result := read(p.player, what, send)
	v[what] = lines(result)
	return result
}

// list is look for a list: a page of it and all pages.
func list[T any](p *partner, v view, what string, page func(context.Context, *stackbe.Client) (*affiliates.Page[T], error),
	all func(context.Context, *stackbe.Client) iter.Seq2[*T, error], lineOf func(*T) string) []*T {
	look(p, v, what+".List", page, func(page *affiliates.Page[T]) []string { return linesOf(pointers(page.Data), lineOf) })
	return look(p, v, what+".All",
		func(ctx context.Context, c *stackbe.Client) ([]*T, error) { return collect(all(ctx, c)) },
		func(elements []*T) []string { return linesOf(elements, lineOf) })
}

func pointers[T any](elements []T) (result []*T) {
	for i := range elements {
		result = append(result, &elements[i])
	}
	return result
}

// linesOf leaves out elements without a line, which are of other stories.
func linesOf[T any](elements []*T, lineOf func(*T) string) (lines []string) {
	for _, element := range elements {
		if text := lineOf(element); text != "" {
			lines = append(lines, text)
		}
	}
	return lines
}

func collect[T any](elements iter.Seq2[*T, error]) (all []*T, err error) {
	for element, err := range elements {
		if err != nil {
			return nil, err
		}
		all = append(all, element)
	}
	return all, nil
}

// many is a page that has all of a list, few is a page that does not.
const few, many = 3, 100

func (p *partner) view() view {
	v := view{}
	p.viewProgram(v)
	p.viewUsers(v)
	p.viewMoney(v)
	p.viewAdministration(v)
	return v
}

func line(values ...any) string { return strings.TrimSpace(fmt.Sprintln(values...)) }

func one[T any](lineOf func(T) string) func(T) []string {
	return func(value T) []string { return []string{lineOf(value)} }
}

func lineOfAffiliate(a *affiliates.Affiliate) string {
	return line(a.Enrolled, a.Code, a.Type, a.Status, a.CommissionRate, a.TotalEarned, a.PendingBalance)
}

func (p *partner) viewProgram(v view) {
	lineOfApplication := func(a *affiliates.Application) string {
		if !p.mine(a.Email) {
			return ""
		}
		return line(a.Email, a.Name, a.Status, a.RejectionReason)
	}
	look(p, v, "Affiliates.GetApplicationStatus", func(ctx context.Context, c *stackbe.Client) (*affiliates.ApplicationCheck, error) {
		return c.Affiliates.GetApplicationStatus(ctx, p.email("rejected"))
	}, one(func(a *affiliates.ApplicationCheck) string { return line(a.Applied, a.Status, a.RejectionReason) }))
	look(p, v, "Affiliates.ListApplications", func(ctx context.Context, c *stackbe.Client) (*affiliates.Page[affiliates.Application], error) {
		return c.Affiliates.ListApplications(ctx, affiliates.ApplicationFilter{Limit: many})
	}, func(page *affiliates.Page[affiliates.Application]) []string {
		return linesOf(pointers(page.Data), lineOfApplication)
	})
	applications := look(p, v, "Affiliates.Applications", func(ctx context.Context, c *stackbe.Client) ([]*affiliates.Application, error) {
		return collect(c.Affiliates.Applications(ctx, affiliates.ApplicationFilter{Limit: many}))
	}, func(all []*affiliates.Application) []string { return linesOf(all, lineOfApplication) })
	mine := slices.IndexFunc(applications, func(a *affiliates.Application) bool { return a.Email == p.email("jane") })
	look(p, v, "Affiliates.GetApplication", func(ctx context.Context, c *stackbe.Client) (*affiliates.Application, error) {
		return c.Affiliates.GetApplication(ctx, applications[mine].ID)
	}, one(lineOfApplication))
	look(p, v, "Affiliates.Get", func(ctx context.Context, c *stackbe.Client) (*affiliates.Affiliate, error) {
		return c.Affiliates.Get(ctx, p.customerID)
	}, one(lineOfAffiliate))
	look(p, v, "Affiliates.GetCurrent", func(ctx context.Context, c *stackbe.Client) (*affiliates.Affiliate, error) {
		return p.as(c).Affiliates.GetCurrent(ctx)
	}, one(lineOfAffiliate))
	look(p, v, "Affiliates.GetDashboard", func(ctx context.Context, c *stackbe.Client) (*affiliates.Dashboard, error) {
		return p.as(c).Affiliates.GetDashboard(ctx)
	}, one(func(d *affiliates.Dashboard) string {
		return line(lineOfAffiliate(&d.Affiliate), d.ReferralLink, d.Stats, d.Earnings, len(d.RecentDeals), len(d.RecentUsers), len(d.RecentPayouts))
	}))
	look(p, v, "Affiliates.GetPortalLink", func(ctx context.Context, c *stackbe.Client) (*affiliates.PortalLink, error) {
		return p.as(c).Affiliates.GetPortalLink(ctx)
	}, one(func(l *affiliates.PortalLink) string { return line(l.URL != "", l.ExpiresAt.IsZero()) }))
	look(p, v, "Affiliates.GetSettings", func(ctx context.Context, c *stackbe.Client) (*affiliates.Settings, error) {
		return c.Affiliates.GetSettings(ctx)
	}, one(func(s *affiliates.Settings) string { return line(s.HoldingPeriodDays, s.MinPayoutAmount) }))
	look(p, v, "Account.Info.Get", func(ctx context.Context, c *stackbe.Client) (*affiliates.Info, error) {
		return p.as(c).Account.Info.Get(ctx)
	}, one(func(i *affiliates.Info) string {
		return line(lineOfAffiliate(&i.Affiliate), i.Name, i.Email, i.PaidSubscriptions, i.MonthlyReferralValue)
	}))
	look(p, v, "Account.Info.Badge", func(ctx context.Context, c *stackbe.Client) (*affiliates.Badge, error) {
		return p.as(c).Account.Info.Badge(ctx)
	}, one(func(b *affiliates.Badge) string { return b.HTML }))
	look(p, v, "Do", func(ctx context.Context, c *stackbe.Client) (string, error) {
		var info struct{ Email string }
		err := p.as(c).Do(ctx, stackbe.Request{Method: http.MethodGet, Path: "/v1/affiliate/account/info", Credential: stackbe.CredentialSession}, &info)
		return info.Email, err
	}, one(func(email string) string { return email }))
}

// mine reports whether an email is of this story.
func (p *partner) mine(email string) bool {
	return strings.HasSuffix(email, strings.ToLower("."+p.code+"@example.com"))
}

func (p *partner) viewUsers(v view) {
	lineOfSubscription := func(s *affiliates.Subscription) string {
		return line(s.Plan, s.Status, s.Billing, s.MonthlyPrice, s.MonthlyCommission, s.PaymentMethod, s.PausedAt.IsZero())
	}
	lineOfUser := func(u *affiliates.User) string {
		return line(u.Email, u.Name, u.Source, u.Access, u.Subscriptions, u.MonthlyValue, u.Earned)
	}
	users := list(p, v, "Account.Users", func(ctx context.Context, c *stackbe.Client) (*affiliates.Page[affiliates.User], error) {
		return p.as(c).Account.Users.List(ctx, affiliates.UserFilter{})
	}, func(ctx context.Context, c *stackbe.Client) iter.Seq2[*affiliates.User, error] {
		return p.as(c).Account.Users.All(ctx, affiliates.UserFilter{Limit: few})
	}, lineOfUser)
	user := users[slices.IndexFunc(users, func(u *affiliates.User) bool { return u.Email == p.email("user") })].ID
	look(p, v, "Account.Users.Get", func(ctx context.Context, c *stackbe.Client) (*affiliates.User, error) {
		return p.as(c).Account.Users.Get(ctx, user)
	}, one(lineOfUser))
	look(p, v, "Account.Users.Subscriptions", func(ctx context.Context, c *stackbe.Client) (*affiliates.Page[affiliates.Subscription], error) {
		return p.as(c).Account.Users.Subscriptions(ctx, user, affiliates.UserSubscriptionFilter{})
	}, func(page *affiliates.Page[affiliates.Subscription]) []string {
		return linesOf(pointers(page.Data), lineOfSubscription)
	})
	look(p, v, "Account.Users.AllSubscriptions", func(ctx context.Context, c *stackbe.Client) ([]*affiliates.Subscription, error) {
		return collect(p.as(c).Account.Users.AllSubscriptions(ctx, user, affiliates.UserSubscriptionFilter{Limit: few}))
	}, func(all []*affiliates.Subscription) []string { return linesOf(all, lineOfSubscription) })
	lineOfDeal := func(d *affiliates.Deal) string { return line(d.LeadEmail, d.LeadName, d.Notes, d.Status) }
	list(p, v, "Account.Deals", func(ctx context.Context, c *stackbe.Client) (*affiliates.Page[affiliates.Deal], error) {
		return p.as(c).Account.Deals.List(ctx, affiliates.DealFilter{})
	}, func(ctx context.Context, c *stackbe.Client) iter.Seq2[*affiliates.Deal, error] {
		return p.as(c).Account.Deals.All(ctx, affiliates.DealFilter{Limit: 1})
	}, lineOfDeal)
	session := p.signIn(user)
	list(p, v, "Account.Access", func(ctx context.Context, c *stackbe.Client) (*affiliates.Page[affiliates.Access], error) {
		return c.AsCustomer(session).Account.Access.List(ctx, affiliates.AccessFilter{})
	}, func(ctx context.Context, c *stackbe.Client) iter.Seq2[*affiliates.Access, error] {
		return c.AsCustomer(session).Account.Access.All(ctx, affiliates.AccessFilter{})
	}, func(a *affiliates.Access) string { return line(a.AffiliateEmail, a.UserEmail, a.Status) })
	p.viewCSV(v)
}

// viewCSV keeps how many records each file has: they show ids and times.
func (p *partner) viewCSV(v view) {
	csv := func(what string, write func(affiliates.Account, context.Context, *bytes.Buffer) error) {
		look(p, v, what, func(ctx context.Context, c *stackbe.Client) (int, error) {
			var file bytes.Buffer
			err := write(p.as(c).Account, ctx, &file)
			return bytes.Count(file.Bytes(), []byte("\n")), err
		}, one(func(lines int) string { return line(lines) }))
	}
	csv("Account.Users.WriteCSV", func(a affiliates.Account, ctx context.Context, w *bytes.Buffer) error {
		return a.Users.WriteCSV(ctx, w, affiliates.UserFilter{})
	})
	csv("Account.Invoices.WriteCSV", func(a affiliates.Account, ctx context.Context, w *bytes.Buffer) error {
		return a.Invoices.WriteCSV(ctx, w, affiliates.InvoiceFilter{})
	})
	csv("Account.Commissions.WriteCSV", func(a affiliates.Account, ctx context.Context, w *bytes.Buffer) error {
		return a.Commissions.WriteCSV(ctx, w, affiliates.CommissionFilter{})
	})
	csv("Account.Commissions.WriteSubscriptionsCSV", func(a affiliates.Account, ctx context.Context, w *bytes.Buffer) error {
		return a.Commissions.WriteSubscriptionsCSV(ctx, w, affiliates.SubscriptionEarningsFilter{})
	})
	csv("Account.Payouts.WriteCSV", func(a affiliates.Account, ctx context.Context, w *bytes.Buffer) error {
		return a.Payouts.WriteCSV(ctx, w, affiliates.PayoutFilter{})
	})
	csv("Account.Statement.WriteCSV", func(a affiliates.Account, ctx context.Context, w *bytes.Buffer) error {
		return a.Statement.WriteCSV(ctx, w, affiliates.StatementFilter{Limit: few})
	})
	csv("Account.Deals.WriteCSV", func(a affiliates.Account, ctx context.Context, w *bytes.Buffer) error {
		return a.Deals.WriteCSV(ctx, w, affiliates.DealFilter{})
	})
}

func lineOfInvoice(i *affiliates.Invoice) string {
	return line(i.UserEmail, i.Plan, i.Billing, i.Amount, i.Refunded, i.Status)
}

func lineOfPayout(o *affiliates.Payout) string {
	return line(o.Amount, o.Status, o.Automatic, o.FailureReason, o.Commissions)
}

func lineOfRefund(r *affiliates.Refund) string { return r.Amount.String() }

// invoices returns those of the partner's users.
func (p *partner) invoices() []*affiliates.Invoice {
	return read(p.player, "Account.Invoices.All", func(ctx context.Context, c *stackbe.Client) ([]*affiliates.Invoice, error) {
		return collect(p.as(c).Account.Invoices.All(ctx, affiliates.InvoiceFilter{Limit: few}))
	})
}

func (p *partner) viewMoney(v view) {
	invoices := list(p, v, "Account.Invoices", func(ctx context.Context, c *stackbe.Client) (*affiliates.Page[affiliates.Invoice], error) {
		return p.as(c).Account.Invoices.List(ctx, affiliates.InvoiceFilter{})
	}, func(ctx context.Context, c *stackbe.Client) iter.Seq2[*affiliates.Invoice, error] {
		return p.as(c).Account.Invoices.All(ctx, affiliates.InvoiceFilter{Limit: few})
	}, lineOfInvoice)
	look(p, v, "Account.Invoices.Get", func(ctx context.Context, c *stackbe.Client) (*affiliates.Invoice, error) {
		return p.as(c).Account.Invoices.Get(ctx, invoices[0].ID)
	}, one(lineOfInvoice))
	look(p, v, "Account.Invoices.Receipt", func(ctx context.Context, c *stackbe.Client) (*affiliates.Receipt, error) {
		return p.as(c).Account.Invoices.Receipt(ctx, invoices[0].ID)
	}, one(func(r *affiliates.Receipt) string {
		return line(r.Customer.Email, r.Lines, len(r.Refunds), r.Total)
	}))
	look(p, v, "Account.Invoices.Refunds", func(ctx context.Context, c *stackbe.Client) (*affiliates.Page[affiliates.Refund], error) {
		return p.as(c).Account.Invoices.Refunds(ctx, invoices[0].ID, affiliates.RefundFilter{})
	}, func(page *affiliates.Page[affiliates.Refund]) []string {
		return linesOf(pointers(page.Data), lineOfRefund)
	})
	look(p, v, "Account.Invoices.AllRefunds", func(ctx context.Context, c *stackbe.Client) ([]*affiliates.Refund, error) {
		return collect(p.as(c).Account.Invoices.AllRefunds(ctx, invoices[0].ID, affiliates.RefundFilter{Limit: 1}))
	}, func(all []*affiliates.Refund) []string { return linesOf(all, lineOfRefund) })
	list(p, v, "Account.Commissions", func(ctx context.Context, c *stackbe.Client) (*affiliates.Page[affiliates.Commission], error) {
		return p.as(c).Account.Commissions.List(ctx, affiliates.CommissionFilter{})
	}, func(ctx context.Context, c *stackbe.Client) iter.Seq2[*affiliates.Commission, error] {
		return p.as(c).Account.Commissions.All(ctx, affiliates.CommissionFilter{Limit: few})
	}, func(o *affiliates.Commission) string {
		return line(o.UserEmail, o.Plan, o.Payment, o.Rate, o.Amount, o.Status)
	})
	lineOfEarnings := func(e *affiliates.SubscriptionEarnings) string { return withoutIDs(e.Raw) }
	look(p, v, "Account.Commissions.Subscriptions", func(ctx context.Context, c *stackbe.Client) (*affiliates.Page[affiliates.SubscriptionEarnings], error) {
		return p.as(c).Account.Commissions.Subscriptions(ctx, affiliates.SubscriptionEarningsFilter{})
	}, func(page *affiliates.Page[affiliates.SubscriptionEarnings]) []string {
		return linesOf(pointers(page.Data), lineOfEarnings)
	})
	look(p, v, "Account.Commissions.AllSubscriptions", func(ctx context.Context, c *stackbe.Client) ([]*affiliates.SubscriptionEarnings, error) {
		return collect(p.as(c).Account.Commissions.AllSubscriptions(ctx, affiliates.SubscriptionEarningsFilter{}))
	}, func(all []*affiliates.SubscriptionEarnings) []string { return linesOf(all, lineOfEarnings) })
	look(p, v, "Account.Commissions.Summary", func(ctx context.Context, c *stackbe.Client) (*affiliates.CommissionSummary, error) {
		return p.as(c).Account.Commissions.Summary(ctx)
	}, one(func(s *affiliates.CommissionSummary) string { return withoutIDs(s.Raw) }))
	payouts := list(p, v, "Account.Payouts", func(ctx context.Context, c *stackbe.Client) (*affiliates.Page[affiliates.Payout], error) {
		return p.as(c).Account.Payouts.List(ctx, affiliates.PayoutFilter{})
	}, func(ctx context.Context, c *stackbe.Client) iter.Seq2[*affiliates.Payout, error] {
		return p.as(c).Account.Payouts.All(ctx, affiliates.PayoutFilter{Limit: 1})
	}, lineOfPayout)
	look(p, v, "Account.Payouts.Get", func(ctx context.Context, c *stackbe.Client) (*affiliates.Payout, error) {
		return p.as(c).Account.Payouts.Get(ctx, payouts[0].ID)
	}, one(lineOfPayout))
	look(p, v, "Admin.Payouts.Get", func(ctx context.Context, c *stackbe.Client) (*affiliates.Payout, error) {
		return c.Admin.Payouts.Get(ctx, payouts[0].ID)
	}, one(lineOfPayout))
	look(p, v, "Account.Payouts.Schedule", func(ctx context.Context, c *stackbe.Client) (*affiliates.PayoutSchedule, error) {
		return p.as(c).Account.Payouts.Schedule(ctx)
	}, one(func(s *affiliates.PayoutSchedule) string { return string(s.Interval) }))
	list(p, v, "Account.Statement", func(ctx context.Context, c *stackbe.Client) (*affiliates.Page[affiliates.Entry], error) {
		return p.as(c).Account.Statement.List(ctx, affiliates.StatementFilter{Limit: many})
	}, func(ctx context.Context, c *stackbe.Client) iter.Seq2[*affiliates.Entry, error] {
		return p.as(c).Account.Statement.All(ctx, affiliates.StatementFilter{Limit: few})
	}, func(e *affiliates.Entry) string {
		return line(e.Sequence, e.Kind, e.Amount, e.From, e.To, e.Cause.Type, e.Balances)
	})
}

// withoutIDs is an object without its ids and times.
func withoutIDs(object json.RawMessage) string {
	var fields map[string]any
	if err := json.Unmarshal(object, &fields); err != nil {
		return err.Error()
	}
	for name := range fields {
		if strings.HasSuffix(name, "Id") || name == "id" || strings.HasSuffix(name, "At") {
			delete(fields, name)
		}
	}
	return fmt.Sprint(fields)
}

// viewAdministration keeps what is of this partner in the lists of the app.
func (p *partner) viewAdministration(v view) {
	partners := list(p, v, "Admin.Partners", func(ctx context.Context, c *stackbe.Client) (*affiliates.Page[affiliates.Partner], error) {
		return c.Admin.Partners.List(ctx, affiliates.PartnerFilter{Limit: many})
	}, func(ctx context.Context, c *stackbe.Client) iter.Seq2[*affiliates.Partner, error] {
		return c.Admin.Partners.All(ctx, affiliates.PartnerFilter{Limit: many})
	}, p.lineOfPartner)
	id := partners[slices.IndexFunc(partners, func(other *affiliates.Partner) bool { return other.Code == p.code })].ID
	look(p, v, "Admin.Partners.Get", func(ctx context.Context, c *stackbe.Client) (*affiliates.Partner, error) {
		return c.Admin.Partners.Get(ctx, id)
	}, one(p.lineOfPartner))
	list(p, v, "Admin.Payouts", func(ctx context.Context, c *stackbe.Client) (*affiliates.Page[affiliates.Payout], error) {
		return c.Admin.Payouts.List(ctx, affiliates.PayoutFilter{Limit: many})
	}, func(ctx context.Context, c *stackbe.Client) iter.Seq2[*affiliates.Payout, error] {
		return c.Admin.Payouts.All(ctx, affiliates.PayoutFilter{Limit: many})
	}, func(o *affiliates.Payout) string {
		if o.AffiliateCode != p.code {
			return ""
		}
		return lineOfPayout(o)
	})
	lineOfCustomer := func(c *affiliates.Customer) string {
		if !p.mine(c.Email) {
			return ""
		}
		return line(c.Email, c.Name, c.AffiliateID == id)
	}
	customers := list(p, v, "Admin.Customers", func(ctx context.Context, c *stackbe.Client) (*affiliates.Page[affiliates.Customer], error) {
		return c.Admin.Customers.List(ctx, affiliates.CustomerFilter{Limit: many})
	}, func(ctx context.Context, c *stackbe.Client) iter.Seq2[*affiliates.Customer, error] {
		return c.Admin.Customers.All(ctx, affiliates.CustomerFilter{Limit: many})
	}, lineOfCustomer)
	byEmail := func(name string) string {
		return customers[slices.IndexFunc(customers, func(c *affiliates.Customer) bool { return c.Email == p.email(name) })].ID
	}
	user, lead := byEmail("user"), byEmail("lead")
	look(p, v, "Admin.Customers.Get", func(ctx context.Context, c *stackbe.Client) (*affiliates.Customer, error) {
		return c.Admin.Customers.Get(ctx, user)
	}, one(lineOfCustomer))

	lineOfSubscription := func(s *affiliates.Subscription) string {
		return line(s.Plan, s.Status, s.MonthlyPrice, s.PaymentMethod)
	}
	subscriptions := list(p, v, "Admin.Subscriptions", func(ctx context.Context, c *stackbe.Client) (*affiliates.Page[affiliates.Subscription], error) {
		return c.Admin.Subscriptions.List(ctx, affiliates.SubscriptionFilter{CustomerID: user})
	}, func(ctx context.Context, c *stackbe.Client) iter.Seq2[*affiliates.Subscription, error] {
		return c.Admin.Subscriptions.All(ctx, affiliates.SubscriptionFilter{CustomerID: user, Limit: 2})
	}, lineOfSubscription)
	look(p, v, "Admin.Subscriptions.Get", func(ctx context.Context, c *stackbe.Client) (*affiliates.Subscription, error) {
		return c.Admin.Subscriptions.Get(ctx, subscriptions[0].ID)
	}, one(lineOfSubscription))
	invoices := list(p, v, "Admin.Invoices", func(ctx context.Context, c *stackbe.Client) (*affiliates.Page[affiliates.Invoice], error) {
		return c.Admin.Invoices.List(ctx, affiliates.AdminInvoiceFilter{CustomerID: lead})
	}, func(ctx context.Context, c *stackbe.Client) iter.Seq2[*affiliates.Invoice, error] {
		return c.Admin.Invoices.All(ctx, affiliates.AdminInvoiceFilter{CustomerID: lead, Limit: 1})
	}, lineOfInvoice)
	look(p, v, "Admin.Invoices.Get", func(ctx context.Context, c *stackbe.Client) (*affiliates.Invoice, error) {
		return c.Admin.Invoices.Get(ctx, invoices[0].ID)
	}, one(lineOfInvoice))
	look(p, v, "Admin.Invoices.Refunds", func(ctx context.Context, c *stackbe.Client) (*affiliates.Page[affiliates.Refund], error) {
		return c.Admin.Invoices.Refunds(ctx, invoices[0].ID, affiliates.RefundFilter{})
	}, func(page *affiliates.Page[affiliates.Refund]) []string {
		return linesOf(pointers(page.Data), lineOfRefund)
	})
	look(p, v, "Admin.Invoices.AllRefunds", func(ctx context.Context, c *stackbe.Client) ([]*affiliates.Refund, error) {
		return collect(c.Admin.Invoices.AllRefunds(ctx, invoices[0].ID, affiliates.RefundFilter{Limit: 1}))
	}, func(all []*affiliates.Refund) []string { return linesOf(all, lineOfRefund) })
}

func (p *partner) lineOfPartner(other *affiliates.Partner) string {
	if other.Code != p.code {
		return ""
	}
	return line(lineOfAffiliate(&other.Affiliate), other.Name, other.Email, other.Balances, other.Customers, other.Subscriptions)
}
