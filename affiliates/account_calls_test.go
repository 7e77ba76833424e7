package affiliates_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// client returns one that holds a credential of every kind.
func (s *server) client() *stackbe.Client {
	s.t.Helper()
	return s.bare(stackbe.Config{APIKey: apiKey, AppID: appID}).AsCustomer(sessionToken).AsAdmin(adminJWT)
}

// resourceCall is one method of Account or Admin with what it sends and how it reads the response.
type resourceCall struct {
	name     string // as it is called on a Client
	does     string
	do       func(context.Context, *stackbe.Client) (any, error)
	method   string
	path     string
	query    string
	sent     string // the body; "" for none
	key      string // the Idempotency-Key that the caller gives
	status   int
	response string
	want     any
}

// auth is the credential that a call of Account or of Admin takes.
func (c resourceCall) auth() credential {
	if strings.HasPrefix(c.name, "Admin.") {
		return admin
	}
	return session
}

var resourceCalls = []resourceCall{
	// Users.
	{
		name: "Account.Users.List", does: "sends the filter",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Users.List(ctx, affiliates.UserFilter{Having: affiliates.SubscriptionLimitExceeded, Limit: 5, Cursor: "c1"})
		},
		method: "GET", path: "/v1/affiliate/account/users", query: "cursor=c1&filter=limit_exceeded&limit=5",
		response: pageOf(userJSON), want: wantPage(wantUser, userJSON),
	},
	{
		name: "Account.Users.List", does: "sends no empty parameter, and keeps values that it does not know",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Users.List(ctx, affiliates.UserFilter{})
		},
		method: "GET", path: "/v1/affiliate/account/users",
		response: pageOf(`{"id":"a","source":"import","access":"revoked"}`),
		want:     wantPage(affiliates.User{ID: "a", Source: "import", Access: "revoked", Raw: []byte(`{"id":"a","source":"import","access":"revoked"}`)}, `{"id":"a","source":"import","access":"revoked"}`),
	},
	{
		name: "Account.Users.Get", does: "reads a user",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Users.Get(ctx, "cust_9")
		},
		method: "GET", path: "/v1/affiliate/account/users/cust_9", response: userJSON, want: &wantUser,
	},
	{
		name: "Account.Users.CreateSubAccount", does: "sends every field",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Users.CreateSubAccount(ctx, affiliates.CreateSubAccountParams{Email: "john@company.com", Name: "John Smith", IdempotencyKey: "sub-1"})
		},
		method: "POST", path: "/v1/affiliate/account/users", key: "sub-1",
		sent: `{"email":"john@company.com","name":"John Smith"}`, status: 201, response: userJSON, want: &wantUser,
	},
	{
		name: "Account.Users.CreateSubAccount", does: "leaves an empty name out",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Users.CreateSubAccount(ctx, affiliates.CreateSubAccountParams{Email: "john@company.com"})
		},
		method: "POST", path: "/v1/affiliate/account/users", sent: `{"email":"john@company.com"}`, status: 201, response: userJSON, want: &wantUser,
	},
	{
		name: "Account.Users.AddExisting", does: "sends the email",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Users.AddExisting(ctx, affiliates.AddExistingUserParams{Email: "john@company.com", IdempotencyKey: "link-1"})
		},
		method: "POST", path: "/v1/affiliate/account/users/link", key: "link-1",
		sent: `{"email":"john@company.com"}`, status: 201, response: userJSON, want: &wantUser,
	},
	{
		name: "Account.Users.Subscriptions", does: "reads a page",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Users.Subscriptions(ctx, "cust_9", affiliates.UserSubscriptionFilter{Limit: 5, Cursor: "c1"})
		},
		method: "GET", path: "/v1/affiliate/account/users/cust_9/subscriptions", query: "cursor=c1&limit=5",
		response: pageOf(subscriptionJSON), want: wantPage(wantSubscription, subscriptionJSON),
	},
	{
		name: "Account.Users.RequestAccess", does: "sends an empty object",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Users.RequestAccess(ctx, "cust_9", affiliates.RequestAccessParams{IdempotencyKey: "ask-1"})
		},
		method: "POST", path: "/v1/affiliate/account/users/cust_9/access", key: "ask-1",
		sent: `{}`, status: 201, response: accessJSON, want: &wantAccess,
	},
	{
		name: "Account.Users.LogInAs", does: "reads the link",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Users.LogInAs(ctx, "cust_9", affiliates.LogInAsParams{IdempotencyKey: "login-1"})
		},
		method: "POST", path: "/v1/affiliate/account/users/cust_9/login", key: "login-1",
		sent: `{}`, status: 201, response: loginJSON, want: &wantLogin,
	},

	// Invoices.
	{
		name: "Account.Invoices.List", does: "sends the filter",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Invoices.List(ctx, affiliates.InvoiceFilter{UserID: "cust_9", Limit: 5, Cursor: "c1"})
		},
		method: "GET", path: "/v1/affiliate/account/invoices", query: "cursor=c1&limit=5&userId=cust_9",
		response: pageOf(invoiceJSON), want: wantPage(wantInvoice, invoiceJSON),
	},
	{
		name: "Account.Invoices.Get", does: "reads an invoice",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Invoices.Get(ctx, "inv_1")
		},
		method: "GET", path: "/v1/affiliate/account/invoices/inv_1", response: invoiceJSON, want: &wantInvoice,
	},
	{
		name: "Account.Invoices.Receipt", does: "reads all of a receipt",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Invoices.Receipt(ctx, "inv_1")
		},
		method: "GET", path: "/v1/affiliate/account/invoices/inv_1/receipt", response: receiptJSON, want: &wantReceipt,
	},
	{
		name: "Account.Invoices.Refunds", does: "reads a page",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Invoices.Refunds(ctx, "inv_1", affiliates.RefundFilter{Limit: 5, Cursor: "c1"})
		},
		method: "GET", path: "/v1/affiliate/account/invoices/inv_1/refunds", query: "cursor=c1&limit=5",
		response: pageOf(refundJSON), want: wantPage(wantRefund, refundJSON),
	},

	// Commissions.
	{
		name: "Account.Commissions.List", does: "sends the filter, with times in UTC and all their decimals",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Commissions.List(ctx, affiliates.CommissionFilter{
				Status: affiliates.CommissionReady, UserID: "cust_9", Plan: affiliates.PlanPro, PayoutID: "pay_1",
				From: time.Date(2026, 3, 1, 1, 0, 0, 5e8, time.FixedZone("CET", 3600)), To: at("2026-04-01T00:00:00.000000001Z"), Limit: 5, Cursor: "c1",
			})
		},
		method: "GET", path: "/v1/affiliate/account/commissions",
		query:    "cursor=c1&from=2026-03-01T00%3A00%3A00.5Z&limit=5&payoutId=pay_1&plan=pro&status=ready&to=2026-04-01T00%3A00%3A00.000000001Z&userId=cust_9",
		response: pageOf(commissionJSON), want: wantPage(wantCommission, commissionJSON),
	},
	{
		name: "Account.Commissions.List", does: "sends no time that is zero, and keeps values that it does not know",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Commissions.List(ctx, affiliates.CommissionFilter{Status: "disputed"})
		},
		method: "GET", path: "/v1/affiliate/account/commissions", query: "status=disputed",
		response: pageOf(`{"id":"a","status":"disputed","plan":"custom"}`),
		want:     wantPage(affiliates.Commission{ID: "a", Status: "disputed", Plan: "custom", Raw: []byte(`{"id":"a","status":"disputed","plan":"custom"}`)}, `{"id":"a","status":"disputed","plan":"custom"}`),
	},
	{
		name: "Account.Commissions.Summary", does: "reads every figure",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Commissions.Summary(ctx)
		},
		method: "GET", path: "/v1/affiliate/account/commissions/summary", response: summaryJSON, want: &wantSummary,
	},
	{
		name: "Account.Commissions.Subscriptions", does: "reads a page",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Commissions.Subscriptions(ctx, affiliates.SubscriptionEarningsFilter{Limit: 5, Cursor: "c1"})
		},
		method: "GET", path: "/v1/affiliate/account/commissions/subscriptions", query: "cursor=c1&limit=5",
		response: pageOf(earningsJSON), want: wantPage(wantEarnings, earningsJSON),
	},

	// Payouts.
	{
		name: "Account.Payouts.List", does: "sends the filter",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Payouts.List(ctx, affiliates.PayoutFilter{Status: affiliates.PayoutFailed, Limit: 5, Cursor: "c1"})
		},
		method: "GET", path: "/v1/affiliate/account/payouts", query: "cursor=c1&limit=5&status=failed",
		response: pageOf(payoutJSON), want: wantPage(wantPayout, payoutJSON),
	},
	{
		name: "Account.Payouts.Get", does: "reads a payout",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Payouts.Get(ctx, "pay_1")
		},
		method: "GET", path: "/v1/affiliate/account/payouts/pay_1", response: payoutJSON, want: &wantPayout,
	},
	{
		name: "Account.Payouts.Request", does: "sends an empty object",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Payouts.Request(ctx, affiliates.RequestPayoutParams{IdempotencyKey: "payout-1"})
		},
		method: "POST", path: "/v1/affiliate/account/payouts", key: "payout-1", sent: `{}`, status: 201, response: payoutJSON, want: &wantPayout,
	},
	{
		name: "Account.Payouts.Schedule", does: "reads the schedule",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Payouts.Schedule(ctx)
		},
		method: "GET", path: "/v1/affiliate/account/payouts/schedule", response: scheduleJSON, want: &wantSchedule,
	},
	{
		name: "Account.Payouts.Schedule", does: "reads a schedule that is off",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Payouts.Schedule(ctx)
		},
		method: "GET", path: "/v1/affiliate/account/payouts/schedule", response: `{"interval":"off"}`,
		want: &affiliates.PayoutSchedule{Interval: affiliates.PayoutIntervalOff, Raw: []byte(`{"interval":"off"}`)},
	},
	{
		name: "Account.Payouts.SetSchedule", does: "sends the interval",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Payouts.SetSchedule(ctx, affiliates.SetPayoutScheduleParams{Interval: affiliates.PayoutIntervalMonthly, IdempotencyKey: "schedule-1"})
		},
		method: "PATCH", path: "/v1/affiliate/account/payouts/schedule", key: "schedule-1", sent: `{"interval":"monthly"}`, response: scheduleJSON, want: &wantSchedule,
	},

	// Statement, deals, info.
	{
		name: "Account.Statement.List", does: "reads a page",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Statement.List(ctx, affiliates.StatementFilter{Limit: 5, Cursor: "c1"})
		},
		method: "GET", path: "/v1/affiliate/account/statement", query: "cursor=c1&limit=5",
		response: pageOf(entryJSON), want: wantPage(wantEntry, entryJSON),
	},
	{
		name: "Account.Deals.List", does: "sends the filter",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Deals.List(ctx, affiliates.DealFilter{Status: affiliates.DealWon, Limit: 5, Cursor: "c1"})
		},
		method: "GET", path: "/v1/affiliate/deals", query: "cursor=c1&limit=5&status=won",
		response: pageOf(dealJSON), want: wantPage(wantDeal, dealJSON),
	},
	{
		name: "Account.Info.Get", does: "reads all fields",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Info.Get(ctx)
		},
		method: "GET", path: "/v1/affiliate/account/info", response: infoJSON, want: &wantInfo,
	},
	{
		name: "Account.Info.Get", does: "reads a partner without the flag as enrolled, and no level as zero",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Info.Get(ctx)
		},
		method: "GET", path: "/v1/affiliate/account/info", response: `{"affiliate":{"totalEarned":1}}`,
		want: &affiliates.Info{
			Affiliate: affiliates.Affiliate{Enrolled: true, TotalEarned: money("1"), Raw: []byte(`{"totalEarned":1}`)},
			Raw:       []byte(`{"affiliate":{"totalEarned":1}}`),
		},
	},
	{
		name: "Account.Info.Badge", does: "reads both forms",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Info.Badge(ctx)
		},
		method: "GET", path: "/v1/affiliate/account/badge", response: badgeJSON, want: &wantBadge,
	},

	// Access.
	{
		name: "Account.Access.List", does: "sends the filter",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Access.List(ctx, affiliates.AccessFilter{Status: affiliates.AccessRequested, Limit: 5, Cursor: "c1"})
		},
		method: "GET", path: "/v1/affiliate/access", query: "cursor=c1&limit=5&status=requested",
		response: pageOf(accessJSON), want: wantPage(wantAccess, accessJSON),
	},
	{
		name: "Account.Access.Grant", does: "sends the action",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Access.Grant(ctx, "acc_1", affiliates.DecideAccessParams{IdempotencyKey: "grant-1"})
		},
		method: "POST", path: "/v1/affiliate/access/acc_1", key: "grant-1", sent: `{"action":"grant"}`, response: accessJSON, want: &wantAccess,
	},
	{
		name: "Account.Access.Decline", does: "sends the action",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Access.Decline(ctx, "acc_1", affiliates.DecideAccessParams{IdempotencyKey: "decline-1"})
		},
		method: "POST", path: "/v1/affiliate/access/acc_1", key: "decline-1", sent: `{"action":"decline"}`, response: accessJSON, want: &wantAccess,
	},
	{
		name: "Account.Access.Withdraw", does: "sends the action",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Access.Withdraw(ctx, "acc_1", affiliates.DecideAccessParams{IdempotencyKey: "withdraw-1"})
		},
		method: "POST", path: "/v1/affiliate/access/acc_1", key: "withdraw-1", sent: `{"action":"withdraw"}`, response: accessJSON, want: &wantAccess,
	},

	// The admin's partners and payouts.
	{
		name: "Admin.Partners.List", does: "reads a page",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Partners.List(ctx, affiliates.PartnerFilter{Limit: 5, Cursor: "c1"})
		},
		method: "GET", path: "/v1/apps/app_1/affiliates/partners", query: "cursor=c1&limit=5",
		response: pageOf(partnerJSON), want: wantPage(wantPartner, partnerJSON),
	},
	{
		name: "Admin.Partners.Get", does: "reads a partner",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Partners.Get(ctx, "cmaff1")
		},
		method: "GET", path: "/v1/apps/app_1/affiliates/partners/cmaff1", response: partnerJSON, want: &wantPartner,
	},
	{
		name: "Admin.Partners.Get", does: "reads a partner without the flag as enrolled",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Partners.Get(ctx, "cmaff1")
		},
		method: "GET", path: "/v1/apps/app_1/affiliates/partners/cmaff1", response: `{"id":"a"}`,
		want: &affiliates.Partner{Affiliate: affiliates.Affiliate{Enrolled: true, ID: "a", Raw: []byte(`{"id":"a"}`)}},
	},
	{
		name: "Admin.Payouts.List", does: "sends the filter",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Payouts.List(ctx, affiliates.PayoutFilter{Status: affiliates.PayoutPending, Limit: 5, Cursor: "c1"})
		},
		method: "GET", path: "/v1/apps/app_1/affiliates/payouts", query: "cursor=c1&limit=5&status=pending",
		response: pageOf(payoutJSON), want: wantPage(wantPayout, payoutJSON),
	},
	{
		name: "Admin.Payouts.Get", does: "reads a payout",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Payouts.Get(ctx, "pay_1")
		},
		method: "GET", path: "/v1/apps/app_1/affiliates/payouts/pay_1", response: payoutJSON, want: &wantPayout,
	},
	{
		name: "Admin.Payouts.Process", does: "sends the status",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Payouts.Process(ctx, "pay_1", affiliates.ProcessPayoutParams{IdempotencyKey: "process-1"})
		},
		method: "POST", path: "/v1/apps/app_1/affiliates/payouts/pay_1/status", key: "process-1", sent: `{"status":"processing"}`, response: payoutJSON, want: &wantPayout,
	},
	{
		name: "Admin.Payouts.MarkPaid", does: "sends the status",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Payouts.MarkPaid(ctx, "pay_1", affiliates.MarkPayoutPaidParams{IdempotencyKey: "paid-1"})
		},
		method: "POST", path: "/v1/apps/app_1/affiliates/payouts/pay_1/status", key: "paid-1", sent: `{"status":"paid"}`, response: payoutJSON, want: &wantPayout,
	},
	{
		name: "Admin.Payouts.Fail", does: "sends the status and the reason",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Payouts.Fail(ctx, "pay_1", affiliates.FailPayoutParams{Reason: "The account is closed", IdempotencyKey: "fail-1"})
		},
		method: "POST", path: "/v1/apps/app_1/affiliates/payouts/pay_1/status", key: "fail-1",
		sent: `{"status":"failed","failureReason":"The account is closed"}`, response: payoutJSON, want: &wantPayout,
	},
	{
		name: "Admin.Payouts.Fail", does: "leaves an empty reason out",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Payouts.Fail(ctx, "pay_1", affiliates.FailPayoutParams{})
		},
		method: "POST", path: "/v1/apps/app_1/affiliates/payouts/pay_1/status", sent: `{"status":"failed"}`, response: payoutJSON, want: &wantPayout,
	},

	// The admin's customers.
	{
		name: "Admin.Customers.List", does: "reads a page",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Customers.List(ctx, affiliates.CustomerFilter{Limit: 5, Cursor: "c1"})
		},
		method: "GET", path: "/v1/apps/app_1/customers", query: "cursor=c1&limit=5",
		response: pageOf(customerJSON), want: wantPage(wantCustomer, customerJSON),
	},
	{
		name: "Admin.Customers.Get", does: "reads a customer",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Customers.Get(ctx, "cust_9")
		},
		method: "GET", path: "/v1/apps/app_1/customers/cust_9", response: customerJSON, want: &wantCustomer,
	},
	{
		name: "Admin.Customers.Create", does: "sends every field",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Customers.Create(ctx, affiliates.CreateCustomerParams{
				Email: "john@company.com", Name: "John Smith", ReferralCode: "JANE20", ClickID: "cmclick1", IdempotencyKey: "customer-1",
			})
		},
		method: "POST", path: "/v1/apps/app_1/customers", key: "customer-1",
		sent:   `{"email":"john@company.com","name":"John Smith","referralCode":"JANE20","clickId":"cmclick1"}`,
		status: 201, response: customerJSON, want: &wantCustomer,
	},
	{
		name: "Admin.Customers.Create", does: "leaves empty fields out",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Customers.Create(ctx, affiliates.CreateCustomerParams{Email: "john@company.com"})
		},
		method: "POST", path: "/v1/apps/app_1/customers", sent: `{"email":"john@company.com"}`, status: 201, response: customerJSON, want: &wantCustomer,
	},
	{
		name: "Admin.Customers.Update", does: "sends the name",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Customers.Update(ctx, "cust_9", affiliates.UpdateCustomerParams{Name: "John Smith", IdempotencyKey: "name-1"})
		},
		method: "PATCH", path: "/v1/apps/app_1/customers/cust_9", key: "name-1", sent: `{"name":"John Smith"}`, response: customerJSON, want: &wantCustomer,
	},
	{
		name: "Admin.Customers.CreateSession", does: "sends an empty object",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Customers.CreateSession(ctx, "cust_9", affiliates.CreateSessionParams{IdempotencyKey: "session-1"})
		},
		method: "POST", path: "/v1/apps/app_1/customers/cust_9/sessions", key: "session-1", sent: `{}`, status: 201,
		response: customerSessionJSON, want: &wantCustomerSession,
	},

	// The admin's subscriptions.
	{
		name: "Admin.Subscriptions.List", does: "sends the filter",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Subscriptions.List(ctx, affiliates.SubscriptionFilter{CustomerID: "cust_9", Limit: 5, Cursor: "c1"})
		},
		method: "GET", path: "/v1/apps/app_1/subscriptions", query: "cursor=c1&customerId=cust_9&limit=5",
		response: pageOf(subscriptionJSON), want: wantPage(wantSubscription, subscriptionJSON),
	},
	{
		name: "Admin.Subscriptions.Get", does: "reads a subscription",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Subscriptions.Get(ctx, "sub_1")
		},
		method: "GET", path: "/v1/apps/app_1/subscriptions/sub_1", response: subscriptionJSON, want: &wantSubscription,
	},
	{
		name: "Admin.Subscriptions.Create", does: "sends every field",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Subscriptions.Create(ctx, affiliates.CreateSubscriptionParams{
				CustomerID: "cust_9", Plan: affiliates.PlanPro, Billing: affiliates.BillingConsolidated, Name: "Shop",
				PaymentMethod: affiliates.PaymentMethodDeclined, IdempotencyKey: "subscription-1",
			})
		},
		method: "POST", path: "/v1/apps/app_1/subscriptions", key: "subscription-1",
		sent:   `{"customerId":"cust_9","plan":"pro","billing":"consolidated","name":"Shop","paymentMethod":"declined"}`,
		status: 201, response: subscriptionJSON, want: &wantSubscription,
	},
	{
		name: "Admin.Subscriptions.Create", does: "leaves empty fields out",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Subscriptions.Create(ctx, affiliates.CreateSubscriptionParams{CustomerID: "cust_9", Plan: affiliates.PlanFree})
		},
		method: "POST", path: "/v1/apps/app_1/subscriptions", sent: `{"customerId":"cust_9","plan":"free"}`,
		status: 201, response: subscriptionJSON, want: &wantSubscription,
	},
	{
		name: "Admin.Subscriptions.Update", does: "sends every field",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			paused := false
			return c.Admin.Subscriptions.Update(ctx, "sub_1", affiliates.UpdateSubscriptionParams{
				Plan: affiliates.PlanBusiness, Status: affiliates.SubscriptionError, Billing: affiliates.BillingIndividual,
				PaymentMethod: affiliates.PaymentMethodValid, Paused: &paused, IdempotencyKey: "update-1",
			})
		},
		method: "PATCH", path: "/v1/apps/app_1/subscriptions/sub_1", key: "update-1",
		sent:     `{"plan":"business","status":"error","billing":"individual","paymentMethod":"valid","paused":false}`,
		response: subscriptionJSON, want: &wantSubscription,
	},
	{
		name: "Admin.Subscriptions.Update", does: "sends no field that is not changed",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Subscriptions.Update(ctx, "sub_1", affiliates.UpdateSubscriptionParams{})
		},
		method: "PATCH", path: "/v1/apps/app_1/subscriptions/sub_1", sent: `{}`, response: subscriptionJSON, want: &wantSubscription,
	},
	{
		name: "Admin.Subscriptions.Cancel", does: "is an update of the status",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Subscriptions.Cancel(ctx, "sub_1", affiliates.CancelSubscriptionParams{IdempotencyKey: "cancel-1"})
		},
		method: "PATCH", path: "/v1/apps/app_1/subscriptions/sub_1", key: "cancel-1", sent: `{"status":"canceled"}`, response: subscriptionJSON, want: &wantSubscription,
	},
	{
		name: "Admin.Subscriptions.Pause", does: "is an update",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Subscriptions.Pause(ctx, "sub_1", affiliates.PauseSubscriptionParams{IdempotencyKey: "pause-1"})
		},
		method: "PATCH", path: "/v1/apps/app_1/subscriptions/sub_1", key: "pause-1", sent: `{"paused":true}`, response: subscriptionJSON, want: &wantSubscription,
	},
	{
		name: "Admin.Subscriptions.Resume", does: "is an update",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Subscriptions.Resume(ctx, "sub_1", affiliates.ResumeSubscriptionParams{IdempotencyKey: "resume-1"})
		},
		method: "PATCH", path: "/v1/apps/app_1/subscriptions/sub_1", key: "resume-1", sent: `{"paused":false}`, response: subscriptionJSON, want: &wantSubscription,
	},

	// The admin's invoices.
	{
		name: "Admin.Invoices.List", does: "sends the filter",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Invoices.List(ctx, affiliates.AdminInvoiceFilter{CustomerID: "cust_9", SubscriptionID: "sub_1", Limit: 5, Cursor: "c1"})
		},
		method: "GET", path: "/v1/apps/app_1/invoices", query: "cursor=c1&customerId=cust_9&limit=5&subscriptionId=sub_1",
		response: pageOf(invoiceJSON), want: wantPage(wantInvoice, invoiceJSON),
	},
	{
		name: "Admin.Invoices.Get", does: "reads an invoice",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Invoices.Get(ctx, "inv_1")
		},
		method: "GET", path: "/v1/apps/app_1/invoices/inv_1", response: invoiceJSON, want: &wantInvoice,
	},
	{
		name: "Admin.Invoices.Create", does: "sends every field",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Invoices.Create(ctx, affiliates.CreateInvoiceParams{
				CustomerID: "cust_9", Amount: money("19.99"), Description: "Setup", IdempotencyKey: "invoice-1",
			})
		},
		method: "POST", path: "/v1/apps/app_1/invoices", key: "invoice-1",
		sent: `{"customerId":"cust_9","amount":19.99,"description":"Setup"}`, status: 201, response: invoiceJSON, want: &wantInvoice,
	},
	{
		name: "Admin.Invoices.Pay", does: "sends an empty object",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Invoices.Pay(ctx, "inv_1", affiliates.PayInvoiceParams{IdempotencyKey: "pay-1"})
		},
		method: "POST", path: "/v1/apps/app_1/invoices/inv_1/pay", key: "pay-1", sent: `{}`, response: invoiceJSON, want: &wantInvoice,
	},
	{
		name: "Admin.Invoices.Refund", does: "sends the amount",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			amount := money("5.25")
			return c.Admin.Invoices.Refund(ctx, "inv_1", affiliates.RefundInvoiceParams{Amount: &amount, IdempotencyKey: "refund-1"})
		},
		method: "POST", path: "/v1/apps/app_1/invoices/inv_1/refunds", key: "refund-1", sent: `{"amount":5.25}`,
		status: 201, response: refundResultJSON, want: &wantRefundResult,
	},
	{
		name: "Admin.Invoices.Refund", does: "sends no amount for the rest of the payment",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Invoices.Refund(ctx, "inv_1", affiliates.RefundInvoiceParams{})
		},
		method: "POST", path: "/v1/apps/app_1/invoices/inv_1/refunds", sent: `{}`, status: 201, response: refundResultJSON, want: &wantRefundResult,
	},
	{
		name: "Admin.Invoices.Refunds", does: "reads a page",
		do: func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Invoices.Refunds(ctx, "inv_1", affiliates.RefundFilter{Limit: 5, Cursor: "c1"})
		},
		method: "GET", path: "/v1/apps/app_1/invoices/inv_1/refunds", query: "cursor=c1&limit=5",
		response: pageOf(refundJSON), want: wantPage(wantRefund, refundJSON),
	},
}

func TestResourceCallsCoverMethods(t *testing.T) {
	tested := map[string]bool{}
	for _, c := range resourceCalls {
		tested[c.name] = true
	}
	for _, l := range listings {
		tested[l.all] = true
		tested[l.csv] = true
	}
	for side, kind := range map[string]reflect.Type{
		"Account": reflect.TypeFor[affiliates.Account](), "Admin": reflect.TypeFor[affiliates.Admin](),
	} {
		for i := range kind.NumField() {
			resource := kind.Field(i)
			for j := range resource.Type.NumMethod() {
				name := side + "." + resource.Name + "." + resource.Type.Method(j).Name
				assert.True(t, tested[name], name)
			}
		}
	}
}

func TestResourceCalls(t *testing.T) {
	for _, c := range resourceCalls {
		t.Run(c.name+" "+c.does, func(t *testing.T) {
			server := newServer(t, response{c.status, c.response})
			got, err := c.do(t.Context(), server.client())
			require.NoError(t, err)
			assert.Equal(t, c.want, got)

			sent := server.only()
			assert.Equal(t, c.method, sent.method)
			assert.Equal(t, c.path, sent.path)
			assert.Equal(t, c.query, sent.query)
			assertHeaders(t, call{auth: c.auth(), method: c.method, key: c.key}, sent.header)
			if c.sent == "" {
				assert.Empty(t, sent.body)
				return
			}
			assert.JSONEq(t, c.sent, sent.body)
		})
	}
}

func TestResourceWritesTakeIdempotencyKey(t *testing.T) {
	takes := map[string]bool{}
	for _, c := range resourceCalls {
		if c.method != http.MethodGet {
			takes[c.name] = takes[c.name] || c.key != ""
		}
	}
	for name, key := range takes {
		assert.True(t, key, name)
	}
}

func TestResourceCallsRequireCredential(t *testing.T) {
	for _, c := range resourceCalls {
		t.Run(c.name+" without its credential sends nothing, whatever others there are", func(t *testing.T) {
			server := newServer(t)
			client, missing := server.bare(stackbe.Config{APIKey: apiKey, AppID: appID}).AsCustomer(sessionToken), stackbe.ErrNoAdminToken
			if c.auth() == session {
				client, missing = server.bare(stackbe.Config{APIKey: apiKey, AppID: appID}).AsAdmin(adminJWT), stackbe.ErrNoSession
			}
			got, err := c.do(t.Context(), client)
			assert.ErrorIs(t, err, missing)
			assert.Nil(t, got)
			assert.Empty(t, server.received())
		})
	}
}

func TestAdminResourcesRequireAppID(t *testing.T) {
	for _, c := range resourceCalls {
		if c.auth() != admin {
			continue
		}
		t.Run(c.name+" without an app id sends nothing", func(t *testing.T) {
			server := newServer(t)
			got, err := c.do(t.Context(), server.bare(stackbe.Config{}).AsAdmin(adminJWT))
			assert.ErrorIs(t, err, stackbe.ErrNoAppID)
			assert.Nil(t, got)
			assert.Empty(t, server.received())
		})
	}
}

func TestResourceOfClientNotMadeByNewReturnsErrNoClient(t *testing.T) {
	for _, c := range resourceCalls {
		for name, client := range map[string]*stackbe.Client{
			"the zero client":             {},
			"one made from it":            (&stackbe.Client{}).AsAdmin(adminJWT).AsCustomer(sessionToken),
			"one made from a nil client":  (*stackbe.Client)(nil).AsCustomer(sessionToken),
			"a client of a zero resource": {Affiliates: &affiliates.Service{}},
		} {
			t.Run(c.name+" of "+name+" is an error", func(t *testing.T) {
				got, err := c.do(t.Context(), client)
				assert.ErrorIs(t, err, stackbe.ErrNoClient)
				assert.Nil(t, got)
			})
		}
	}
}

func TestResourceCallsReturnRefusal(t *testing.T) {
	for status, sentinel := range map[int]error{
		400: stackbe.ErrBadRequest, 403: stackbe.ErrForbidden, 404: stackbe.ErrNotFound, 409: stackbe.ErrConflict, 422: stackbe.ErrBadRequest,
	} {
		for _, c := range resourceCalls {
			t.Run(c.name+" returns only the server's refusal", func(t *testing.T) {
				server := newServer(t, response{status, `{"statusCode":1,"code":"PAYOUT_OPEN","message":"12.50 is ready; 50.00 is the least","error":"No"}`})
				got, err := c.do(t.Context(), server.client())
				assert.ErrorIs(t, err, sentinel)
				assert.ErrorContains(t, err, "(PAYOUT_OPEN): 12.50 is ready; 50.00 is the least")
				assert.Nil(t, got)
				var failure *stackbe.Error
				require.ErrorAs(t, err, &failure)
				assert.Equal(t, stackbe.CodePayoutOpen, failure.Code)
				assert.NotContains(t, err.Error(), "check", "the code says what is wrong, and it is not the credential")
			})
		}
	}
}

func TestResourceResponseOfAnotherShapeIsInvalid(t *testing.T) {
	for _, body := range []string{
		``, `null`, `7`, `"text"`, `{"id":`, `{} {}`, `<html></html>`, `{}`, `{"ok":true}`, `{"id":""}`, `{"id":null}`,
		`{"id":7,"number":7,"url":7,"svg":7,"data":7,"affiliate":7,"interval":7,"sessionToken":7,"refund":7,"totalEarned":"x"}`,
	} {
		for _, c := range resourceCalls {
			t.Run(c.name+" refuses "+body, func(t *testing.T) {
				server := newServer(t, response{body: body})
				got, err := c.do(t.Context(), server.client())
				assert.ErrorIs(t, err, stackbe.ErrInvalidResponse)
				assert.Nil(t, got)
			})
		}
	}
}

func TestResourceCallsRefuseNilContext(t *testing.T) {
	for _, c := range resourceCalls {
		t.Run(c.name+" refuses a nil context, and ends with a canceled one", func(t *testing.T) {
			server := newServer(t)
			var none context.Context
			got, err := c.do(none, server.client())
			assertRefused(t, server, err, "ctx", "")
			assert.Nil(t, got)

			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			got, err = c.do(ctx, server.client())
			assert.ErrorIs(t, err, context.Canceled)
			assert.Nil(t, got)
			assert.Empty(t, server.received())
		})
	}
}

// Calls that take an id, with what is before and after it in the path.
var resourceIDCalls = []struct {
	name, field, before, after string
	do                         func(ctx context.Context, c *stackbe.Client, id string) error
}{
	{"Account.Users.Get", "userID", "/v1/affiliate/account/users/", "", func(ctx context.Context, c *stackbe.Client, id string) error {
		_, err := c.Account.Users.Get(ctx, id)
		return err
	}},
	{"Account.Users.Subscriptions", "userID", "/v1/affiliate/account/users/", "/subscriptions", func(ctx context.Context, c *stackbe.Client, id string) error {
		_, err := c.Account.Users.Subscriptions(ctx, id, affiliates.UserSubscriptionFilter{})
		return err
	}},
	{"Account.Users.RequestAccess", "userID", "/v1/affiliate/account/users/", "/access", func(ctx context.Context, c *stackbe.Client, id string) error {
		_, err := c.Account.Users.RequestAccess(ctx, id, affiliates.RequestAccessParams{})
		return err
	}},
	{"Account.Users.LogInAs", "userID", "/v1/affiliate/account/users/", "/login", func(ctx context.Context, c *stackbe.Client, id string) error {
		_, err := c.Account.Users.LogInAs(ctx, id, affiliates.LogInAsParams{})
		return err
	}},
	{"Account.Invoices.Get", "invoiceID", "/v1/affiliate/account/invoices/", "", func(ctx context.Context, c *stackbe.Client, id string) error {
		_, err := c.Account.Invoices.Get(ctx, id)
		return err
	}},
	{"Account.Invoices.Refunds", "invoiceID", "/v1/affiliate/account/invoices/", "/refunds", func(ctx context.Context, c *stackbe.Client, id string) error {
		_, err := c.Account.Invoices.Refunds(ctx, id, affiliates.RefundFilter{})
		return err
	}},
	{"Account.Invoices.Receipt", "invoiceID", "/v1/affiliate/account/invoices/", "/receipt", func(ctx context.Context, c *stackbe.Client, id string) error {
		_, err := c.Account.Invoices.Receipt(ctx, id)
		return err
	}},
	{"Account.Payouts.Get", "payoutID", "/v1/affiliate/account/payouts/", "", func(ctx context.Context, c *stackbe.Client, id string) error {
		_, err := c.Account.Payouts.Get(ctx, id)
		return err
	}},
	{"Account.Access.Grant", "accessID", "/v1/affiliate/access/", "", func(ctx context.Context, c *stackbe.Client, id string) error {
		_, err := c.Account.Access.Grant(ctx, id, affiliates.DecideAccessParams{})
		return err
	}},
	{"Admin.Partners.Get", "affiliateID", "/v1/apps/app_1/affiliates/partners/", "", func(ctx context.Context, c *stackbe.Client, id string) error {
		_, err := c.Admin.Partners.Get(ctx, id)
		return err
	}},
	{"Admin.Payouts.Get", "payoutID", "/v1/apps/app_1/affiliates/payouts/", "", func(ctx context.Context, c *stackbe.Client, id string) error {
		_, err := c.Admin.Payouts.Get(ctx, id)
		return err
	}},
	{"Admin.Payouts.Process", "payoutID", "/v1/apps/app_1/affiliates/payouts/", "/status", func(ctx context.Context, c *stackbe.Client, id string) error {
		_, err := c.Admin.Payouts.Process(ctx, id, affiliates.ProcessPayoutParams{})
		return err
	}},
	{"Admin.Customers.Get", "customerID", "/v1/apps/app_1/customers/", "", func(ctx context.Context, c *stackbe.Client, id string) error {
		_, err := c.Admin.Customers.Get(ctx, id)
		return err
	}},
	{"Admin.Customers.Update", "customerID", "/v1/apps/app_1/customers/", "", func(ctx context.Context, c *stackbe.Client, id string) error {
		_, err := c.Admin.Customers.Update(ctx, id, affiliates.UpdateCustomerParams{Name: "John"})
		return err
	}},
	{"Admin.Customers.CreateSession", "customerID", "/v1/apps/app_1/customers/", "/sessions", func(ctx context.Context, c *stackbe.Client, id string) error {
		_, err := c.Admin.Customers.CreateSession(ctx, id, affiliates.CreateSessionParams{})
		return err
	}},
	{"Admin.Subscriptions.Get", "subscriptionID", "/v1/apps/app_1/subscriptions/", "", func(ctx context.Context, c *stackbe.Client, id string) error {
		_, err := c.Admin.Subscriptions.Get(ctx, id)
		return err
	}},
	{"Admin.Subscriptions.Cancel", "subscriptionID", "/v1/apps/app_1/subscriptions/", "", func(ctx context.Context, c *stackbe.Client, id string) error {
		_, err := c.Admin.Subscriptions.Cancel(ctx, id, affiliates.CancelSubscriptionParams{})
		return err
	}},
	{"Admin.Invoices.Get", "invoiceID", "/v1/apps/app_1/invoices/", "", func(ctx context.Context, c *stackbe.Client, id string) error {
		_, err := c.Admin.Invoices.Get(ctx, id)
		return err
	}},
	{"Admin.Invoices.Pay", "invoiceID", "/v1/apps/app_1/invoices/", "/pay", func(ctx context.Context, c *stackbe.Client, id string) error {
		_, err := c.Admin.Invoices.Pay(ctx, id, affiliates.PayInvoiceParams{})
		return err
	}},
	{"Admin.Invoices.Refund", "invoiceID", "/v1/apps/app_1/invoices/", "/refunds", func(ctx context.Context, c *stackbe.Client, id string) error {
		_, err := c.Admin.Invoices.Refund(ctx, id, affiliates.RefundInvoiceParams{})
		return err
	}},
	{"Admin.Invoices.Refunds", "invoiceID", "/v1/apps/app_1/invoices/", "/refunds", func(ctx context.Context, c *stackbe.Client, id string) error {
		_, err := c.Admin.Invoices.Refunds(ctx, id, affiliates.RefundFilter{})
		return err
	}},
}

func TestInvalidResourceIDsAreRefused(t *testing.T) {
	for _, c := range resourceIDCalls {
		for _, id := range []string{"", ".", "..", "a/b", "../x", "a?b", "a#b", "%2e", `a\b`, "a b", "a\r\nb", "\xff", strings.Repeat("a", 256)} {
			server := newServer(t)
			assertRefused(t, server, c.do(t.Context(), server.client(), id), c.field, "")
		}
	}
}

func TestResourceIDIsOnePathElement(t *testing.T) {
	for _, c := range resourceIDCalls {
		for _, id := range []string{"cust_123", "日本", "a;b", "a+b", "a&b=c", "a:b@c", "{appID}", "...", "link", strings.Repeat("a", 255)} {
			server := newServer(t, response{body: `{"id":"a","number":"a","url":"a","sessionToken":"a","refund":{},"data":[]}`})
			require.NoError(t, c.do(t.Context(), server.client(), id), c.name)
			element, ok := strings.CutPrefix(server.only().path, c.before)
			require.True(t, ok, server.only().path)
			element, ok = strings.CutSuffix(element, c.after)
			require.True(t, ok, server.only().path)
			received, err := url.PathUnescape(element)
			require.NoError(t, err)
			assert.Equal(t, id, received, c.name)
			assert.NotContains(t, element, "/")
		}
	}
}

func TestIDThatIsAnotherPathIsRefused(t *testing.T) {
	server := newServer(t)
	_, err := server.client().Account.Payouts.Get(t.Context(), "schedule")
	assertRefused(t, server, err, "payoutID", "")
}

func TestInvalidResourceArgumentsAreRefused(t *testing.T) {
	amount := func(text string) *affiliates.Money {
		m := money(text)
		return &m
	}
	for name, test := range map[string]struct {
		field string
		do    func(ctx context.Context, c *stackbe.Client) (any, error)
	}{
		"a sub account without an email": {"Email", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Users.CreateSubAccount(ctx, affiliates.CreateSubAccountParams{Name: "John"})
		}},
		"a sub account with a name that is not UTF-8": {"Name", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Users.CreateSubAccount(ctx, affiliates.CreateSubAccountParams{Email: "john@company.com", Name: "\xff"})
		}},
		"an existing user without an @": {"Email", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Users.AddExisting(ctx, affiliates.AddExistingUserParams{Email: "john.company.com"})
		}},
		"a state of users of two words": {"Having", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Users.List(ctx, affiliates.UserFilter{Having: "limit exceeded"})
		}},
		"a state of users that is not a problem": {"Having", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Users.List(ctx, affiliates.UserFilter{Having: affiliates.SubscriptionActive})
		}},
		"CSV of users of an unknown state": {"Having", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return nil, c.Account.Users.WriteCSV(ctx, io.Discard, affiliates.UserFilter{Having: "limitExceeded"})
		}},
		"a user of two lines": {"UserID", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Invoices.List(ctx, affiliates.InvoiceFilter{UserID: "a\nb"})
		}},
		"a state of commissions of two words": {"Status", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Commissions.List(ctx, affiliates.CommissionFilter{Status: "in review"})
		}},
		"a user of commissions of two words": {"UserID", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Commissions.List(ctx, affiliates.CommissionFilter{UserID: "a b"})
		}},
		"a plan of two words": {"Plan", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Commissions.List(ctx, affiliates.CommissionFilter{Plan: "a b"})
		}},
		"a payout of two words": {"PayoutID", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Commissions.List(ctx, affiliates.CommissionFilter{PayoutID: "a b"})
		}},
		"a period that begins after year 9999": {"From", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Commissions.List(ctx, affiliates.CommissionFilter{From: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)})
		}},
		"a period that ends before year 0": {"To", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Commissions.List(ctx, affiliates.CommissionFilter{To: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)})
		}},
		"an empty period": {"To", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Commissions.List(ctx, affiliates.CommissionFilter{From: at("2026-03-01T00:00:00Z"), To: at("2026-03-01T00:00:00Z")})
		}},
		"a period that ends before it begins": {"To", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Commissions.List(ctx, affiliates.CommissionFilter{From: at("2026-03-02T00:00:00Z"), To: at("2026-03-01T00:00:00Z")})
		}},
		"a state of payouts of two words": {"Status", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Payouts.List(ctx, affiliates.PayoutFilter{Status: "a b"})
		}},
		"a schedule without an interval": {"Interval", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Payouts.SetSchedule(ctx, affiliates.SetPayoutScheduleParams{})
		}},
		"a state of deals of two words": {"Status", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Deals.List(ctx, affiliates.DealFilter{Status: "a b"})
		}},
		"a state of access of two words": {"Status", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Access.List(ctx, affiliates.AccessFilter{Status: "a b"})
		}},
		"a state of an app's payouts of two words": {"Status", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Payouts.List(ctx, affiliates.PayoutFilter{Status: "a b"})
		}},
		"a reason that is not UTF-8": {"Reason", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Payouts.Fail(ctx, "pay_1", affiliates.FailPayoutParams{Reason: "\xff"})
		}},
		"a customer without an email": {"Email", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Customers.Create(ctx, affiliates.CreateCustomerParams{})
		}},
		"a customer with a name that is not UTF-8": {"Name", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Customers.Create(ctx, affiliates.CreateCustomerParams{Email: "john@company.com", Name: "\xff"})
		}},
		"a referral code of two words": {"ReferralCode", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Customers.Create(ctx, affiliates.CreateCustomerParams{Email: "john@company.com", ReferralCode: "JANE 20"})
		}},
		"a click of two words": {"ClickID", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Customers.Create(ctx, affiliates.CreateCustomerParams{Email: "john@company.com", ClickID: "a b"})
		}},
		"a customer's new name that is blank": {"Name", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Customers.Update(ctx, "cust_9", affiliates.UpdateCustomerParams{Name: " "})
		}},
		"a customer of subscriptions of two words": {"CustomerID", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Subscriptions.List(ctx, affiliates.SubscriptionFilter{CustomerID: "a b"})
		}},
		"a subscription of no customer": {"CustomerID", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Subscriptions.Create(ctx, affiliates.CreateSubscriptionParams{Plan: affiliates.PlanPro})
		}},
		"a subscription to no plan": {"Plan", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Subscriptions.Create(ctx, affiliates.CreateSubscriptionParams{CustomerID: "cust_9"})
		}},
		"a subscription with a name that is not UTF-8": {"Name", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Subscriptions.Create(ctx, affiliates.CreateSubscriptionParams{CustomerID: "cust_9", Plan: affiliates.PlanPro, Name: "\xff"})
		}},
		"a subscription with a billing that is not UTF-8": {"Billing", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Subscriptions.Create(ctx, affiliates.CreateSubscriptionParams{CustomerID: "cust_9", Plan: affiliates.PlanPro, Billing: "\xff"})
		}},
		"a new plan that is not UTF-8": {"Plan", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Subscriptions.Update(ctx, "sub_1", affiliates.UpdateSubscriptionParams{Plan: "\xff"})
		}},
		"a new status that is not UTF-8": {"Status", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Subscriptions.Update(ctx, "sub_1", affiliates.UpdateSubscriptionParams{Status: "\xff"})
		}},
		"a new payment method that is not UTF-8": {"PaymentMethod", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Subscriptions.Update(ctx, "sub_1", affiliates.UpdateSubscriptionParams{PaymentMethod: "\xff"})
		}},
		"a customer of invoices of two words": {"CustomerID", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Invoices.List(ctx, affiliates.AdminInvoiceFilter{CustomerID: "a b"})
		}},
		"a subscription of invoices of two words": {"SubscriptionID", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Invoices.List(ctx, affiliates.AdminInvoiceFilter{SubscriptionID: "a b"})
		}},
		"an invoice of no customer": {"CustomerID", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Invoices.Create(ctx, affiliates.CreateInvoiceParams{Amount: money("1")})
		}},
		"an invoice of nothing": {"Amount", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Invoices.Create(ctx, affiliates.CreateInvoiceParams{CustomerID: "cust_9"})
		}},
		"an invoice of half a cent": {"Amount", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Invoices.Create(ctx, affiliates.CreateInvoiceParams{CustomerID: "cust_9", Amount: money("1.005")})
		}},
		"an invoice with a description that is not UTF-8": {"Description", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Invoices.Create(ctx, affiliates.CreateInvoiceParams{CustomerID: "cust_9", Amount: money("1"), Description: "\xff"})
		}},
		"a refund of nothing": {"Amount", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Invoices.Refund(ctx, "inv_1", affiliates.RefundInvoiceParams{Amount: amount("0")})
		}},
		"a refund of less than nothing": {"Amount", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Invoices.Refund(ctx, "inv_1", affiliates.RefundInvoiceParams{Amount: amount("-5")})
		}},
		"a refund of a tenth of a cent": {"Amount", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Admin.Invoices.Refund(ctx, "inv_1", affiliates.RefundInvoiceParams{Amount: amount("0.001")})
		}},
		"a payout with an idempotency key of two words": {"IdempotencyKey", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Account.Payouts.Request(ctx, affiliates.RequestPayoutParams{IdempotencyKey: "a b"})
		}},
		"a plan of the settings without an id": {"Plans.ID", func(ctx context.Context, c *stackbe.Client) (any, error) {
			return c.Affiliates.UpdateSettings(ctx, affiliates.UpdateSettingsParams{Plans: []affiliates.PlanPrice{{MonthlyPrice: money("1")}}})
		}},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			server := newServer(t)
			got, err := test.do(t.Context(), server.client())
			assertRefused(t, server, err, test.field, "")
			assert.Nil(t, got)
		})
	}
}
