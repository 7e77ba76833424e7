package affiliates_test

import (
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/internal/conformance/fixture"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// The tests of this file are the rows of docs/partner-account.md: what the pages about Stape's
// partner account describe, through the SDK and on the reference server.

const holdingPeriod = 30 * 24 * time.Hour // the default

// story is a program with one partner, Jane.
type story struct {
	t              *testing.T
	server         *stackbetest.Server
	business, jane *stackbe.Client
	janeID         string // her customer
}

func newStory(t *testing.T) *story {
	begin := time.Date(2026, time.January, 31, 9, 0, 0, 0, time.UTC)
	server := stackbetest.New(t, stackbetest.WithClock(func() time.Time { return begin }))
	business := server.Client().AsAdmin(server.AdminToken)
	review, err := fixture.Enroll(t.Context(), business, affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane Smith"}, "JANE20")
	require.NoError(t, err)
	s := &story{t: t, server: server, business: business, janeID: review.Affiliate.CustomerID}
	s.jane = s.signIn(s.janeID)
	return s
}

func (s *story) signIn(customerID string) *stackbe.Client {
	s.t.Helper()
	session, err := s.business.Admin.Customers.CreateSession(s.t.Context(), customerID, affiliates.CreateSessionParams{})
	require.NoError(s.t, err)
	return s.business.AsCustomer(session.SessionToken)
}

// user makes a customer who comes with Jane's code, and subscriptions of it.
func (s *story) user(email string, plans ...affiliates.Plan) (customerID string) {
	s.t.Helper()
	customer, err := s.business.Admin.Customers.Create(s.t.Context(), affiliates.CreateCustomerParams{Email: email, ReferralCode: "JANE20"})
	require.NoError(s.t, err)
	for _, plan := range plans {
		s.subscribe(affiliates.CreateSubscriptionParams{CustomerID: customer.ID, Plan: plan})
	}
	return customer.ID
}

func (s *story) subscribe(params affiliates.CreateSubscriptionParams) *affiliates.Subscription {
	s.t.Helper()
	subscription, err := s.business.Admin.Subscriptions.Create(s.t.Context(), params)
	require.NoError(s.t, err)
	return subscription
}

func (s *story) settings(change affiliates.UpdateSettingsParams) {
	s.t.Helper()
	_, err := s.business.Affiliates.UpdateSettings(s.t.Context(), change)
	require.NoError(s.t, err)
}

// levels sets the level of the pages: more than 5 paid subscriptions or $50 a month, for 40 %.
func (s *story) levels() {
	s.settings(affiliates.UpdateSettingsParams{Levels: []affiliates.Level{
		{Name: "First", MinPaidSubscriptions: 6, MinMonthlyValue: money("50"), CommissionRate: affiliates.PercentFromInt(40)},
	}})
}

func (s *story) info() *affiliates.Info {
	s.t.Helper()
	info, err := s.jane.Account.Info.Get(s.t.Context())
	require.NoError(s.t, err)
	return info
}

func (s *story) summary() *affiliates.CommissionSummary {
	s.t.Helper()
	summary, err := s.jane.Account.Commissions.Summary(s.t.Context())
	require.NoError(s.t, err)
	return summary
}

func (s *story) dashboard() *affiliates.Dashboard {
	s.t.Helper()
	dashboard, err := s.jane.Affiliates.GetDashboard(s.t.Context())
	require.NoError(s.t, err)
	return dashboard
}

// commissions are all of the partner's, newest first.
func (s *story) commissions() []affiliates.Commission {
	s.t.Helper()
	page, err := s.jane.Account.Commissions.List(s.t.Context(), affiliates.CommissionFilter{Limit: 100})
	require.NoError(s.t, err)
	return page.Data
}

func (s *story) payout() *affiliates.Payout {
	s.t.Helper()
	payout, err := s.jane.Account.Payouts.Request(s.t.Context(), affiliates.RequestPayoutParams{})
	require.NoError(s.t, err)
	return payout
}

func assertAmount(t *testing.T, want string, amount affiliates.Money) {
	t.Helper()
	assert.Equal(t, want, amount.String())
}

func requireRefused(t *testing.T, err, kind error, code string) {
	t.Helper()
	var refused *stackbe.Error
	require.ErrorAs(t, err, &refused)
	require.ErrorIs(t, err, kind)
	require.Equal(t, code, refused.Code)
}

// The levels.

func TestFirstLevelIsReachedBySubscriptionsOrMonthlyValue(t *testing.T) {
	pro, business := affiliates.PlanPro, affiliates.PlanBusiness
	for name, test := range map[string]struct {
		price string // of Pro
		plans []affiliates.Plan
		level string
	}{
		"5 paid subscriptions are not enough":          {"1", slices.Repeat([]affiliates.Plan{pro}, 5), ""},
		"more than 5 paid subscriptions are":           {"1", slices.Repeat([]affiliates.Plan{pro}, 6), "First"},
		"free subscriptions do not count":              {"0", slices.Repeat([]affiliates.Plan{pro, affiliates.PlanFree}, 6), ""},
		"$40 of monthly referral value are not enough": {"20", []affiliates.Plan{pro, pro}, ""},
		"$50 of monthly referral value are":            {"50", []affiliates.Plan{pro}, "First"},
		"more than $50 are":                            {"20", []affiliates.Plan{business}, "First"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t)
			s.levels()
			s.settings(affiliates.UpdateSettingsParams{Plans: []affiliates.PlanPrice{{ID: pro, MonthlyPrice: money(test.price)}}})
			s.user("john@company.com", test.plans...)
			assert.Equal(t, test.level, s.info().Level.Name)
		})
	}
}

func TestLevelPaysUpTo40Percent(t *testing.T) {
	s := newStory(t)
	s.levels()
	s.user("john@company.com", affiliates.PlanPro, affiliates.PlanBusiness)
	earned := s.commissions()
	require.Len(t, earned, 2)
	assert.Equal(t, "20%", earned[1].Rate.String(), "before the level")
	assertAmount(t, "4.00", earned[1].Amount)
	assert.Equal(t, "40%", earned[0].Rate.String(), "with the payment that reaches it")
	assertAmount(t, "40.00", earned[0].Amount)
}

func TestApprovedApplicantHasAnAccount(t *testing.T) {
	s := newStory(t)
	applied, err := s.business.Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: "amir@example.com", Name: "Amir"})
	require.NoError(t, err)
	customer, err := s.business.Admin.Customers.Create(t.Context(), affiliates.CreateCustomerParams{Email: "amir@example.com"})
	require.NoError(t, err)
	amir := s.signIn(customer.ID)
	_, err = amir.Account.Info.Get(t.Context())
	requireRefused(t, err, stackbe.ErrNotFound, stackbe.CodeAffiliateNotFound)

	_, err = s.business.Affiliates.Approve(t.Context(), applied.ID, affiliates.ApproveParams{})
	require.NoError(t, err)
	info, err := amir.Account.Info.Get(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "amir@example.com", info.Email)
}

// The dashboard.

func TestDashboardSumsUpAccount(t *testing.T) {
	s := newStory(t)
	s.user("john@company.com", affiliates.PlanEnterprise)
	s.server.Advance(holdingPeriod)
	requested := s.payout()
	s.user("mary@company.com", affiliates.PlanBusiness)

	dashboard := s.dashboard()
	t.Run("how much the partner earns", func(t *testing.T) {
		assertAmount(t, "120.00", dashboard.Affiliate.TotalEarned) // two months of John's, one of Mary's
		assertAmount(t, "70.00", dashboard.Earnings.InReview)
		assertAmount(t, "50.00", dashboard.Earnings.InPayout)
		assertAmount(t, "70.00", dashboard.Earnings.MonthlyValue)
	})
	t.Run("its referral link", func(t *testing.T) {
		assert.Contains(t, dashboard.ReferralLink, "?ref=JANE20")
	})
	t.Run("recent users", func(t *testing.T) {
		require.Len(t, dashboard.RecentUsers, 2)
		assert.Equal(t, "mary@company.com", dashboard.RecentUsers[0].Email)
	})
	t.Run("recent payouts", func(t *testing.T) {
		require.Len(t, dashboard.RecentPayouts, 1)
		assert.Equal(t, requested.ID, dashboard.RecentPayouts[0].ID)
	})
}

func TestCreateSubAccountAddsUser(t *testing.T) {
	s := newStory(t)
	created, err := s.jane.Account.Users.CreateSubAccount(t.Context(), affiliates.CreateSubAccountParams{Email: "john@company.com"})
	require.NoError(t, err)
	assert.Equal(t, affiliates.UserSourceSubAccount, created.Source)
	assert.Equal(t, "john@company.com", s.dashboard().RecentUsers[0].Email)
	account, err := s.business.Admin.Customers.Get(t.Context(), created.ID)
	require.NoError(t, err, "the client has an account of its own")
	assert.Equal(t, "john@company.com", account.Email)

	_, err = s.jane.Account.Users.CreateSubAccount(t.Context(), affiliates.CreateSubAccountParams{Email: "John@company.com"})
	requireRefused(t, err, stackbe.ErrConflict, stackbe.CodeAlreadyExists)
}

func TestAddExistingAddsUser(t *testing.T) {
	s := newStory(t)
	for _, email := range []string{"old@company.com", "john@company.com"} {
		_, err := s.business.Admin.Customers.Create(t.Context(), affiliates.CreateCustomerParams{Email: email})
		require.NoError(t, err)
		if email == "old@company.com" {
			s.server.Advance(7 * 24 * time.Hour)
		}
	}
	added, err := s.jane.Account.Users.AddExisting(t.Context(), affiliates.AddExistingUserParams{Email: "john@company.com"})
	require.NoError(t, err)
	assert.Equal(t, affiliates.UserSourceLinked, added.Source)
	assert.Equal(t, "john@company.com", s.dashboard().RecentUsers[0].Email)

	for email, refusal := range map[string]struct {
		kind error
		code string
	}{
		"john@company.com":   {stackbe.ErrConflict, stackbe.CodeAlreadyAttributed},
		"old@company.com":    {stackbe.ErrForbidden, stackbe.CodeLinkPeriodOver},
		"jane@acme.com":      {stackbe.ErrForbidden, stackbe.CodeOwnAccount},
		"nobody@company.com": {stackbe.ErrNotFound, stackbe.CodeCustomerNotFound},
	} {
		_, err := s.jane.Account.Users.AddExisting(t.Context(), affiliates.AddExistingUserParams{Email: email})
		requireRefused(t, err, refusal.kind, refusal.code)
	}
}

func TestReferralLinkAddsUser(t *testing.T) {
	s := newStory(t)
	info := s.info()
	click, err := s.business.Affiliates.TrackReferral(t.Context(), affiliates.TrackParams{Code: info.Affiliate.Code, URL: info.ReferralLink})
	require.NoError(t, err)
	_, err = s.business.Admin.Customers.Create(t.Context(), affiliates.CreateCustomerParams{Email: "john@company.com", ClickID: click.ID})
	require.NoError(t, err)
	require.Len(t, s.dashboard().RecentUsers, 1)
	assert.Equal(t, affiliates.UserSourceClick, s.dashboard().RecentUsers[0].Source)
}

// Users.

func TestUserHasSubscriptions(t *testing.T) {
	s := newStory(t)
	john := s.user("john@company.com")
	shop := s.subscribe(affiliates.CreateSubscriptionParams{CustomerID: john, Plan: affiliates.PlanPro, Name: "Shop"})

	users, err := s.jane.Account.Users.List(t.Context(), affiliates.UserFilter{})
	require.NoError(t, err)
	require.Len(t, users.Data, 1)
	user, err := s.jane.Account.Users.Get(t.Context(), john)
	require.NoError(t, err)
	assert.Equal(t, users.Data[0], *user)
	assert.Equal(t, "john@company.com", user.Email)
	assert.Equal(t, affiliates.PlanCounts{Pro: 1}, user.Subscriptions)
	assertAmount(t, "4.00", user.MonthlyValue)

	subscriptions, err := s.jane.Account.Users.Subscriptions(t.Context(), john, affiliates.UserSubscriptionFilter{})
	require.NoError(t, err)
	require.Len(t, subscriptions.Data, 1)
	seen := subscriptions.Data[0]
	assert.Equal(t, shop.ID, seen.ID)
	assert.Equal(t, "Shop", seen.Name)
	assert.Equal(t, affiliates.PlanPro, seen.Plan)
	assert.Equal(t, affiliates.SubscriptionActive, seen.Status)
	assertAmount(t, "20.00", seen.MonthlyPrice)
	assert.Equal(t, time.Date(2026, time.February, 28, 9, 0, 0, 0, time.UTC), seen.CurrentPeriodEnd)
}

func TestUserIsBilledForSubscriptions(t *testing.T) {
	s := newStory(t)
	john := s.user("john@company.com")
	own := s.subscribe(affiliates.CreateSubscriptionParams{CustomerID: john, Plan: affiliates.PlanPro})
	s.subscribe(affiliates.CreateSubscriptionParams{CustomerID: john, Plan: affiliates.PlanPro, Billing: affiliates.BillingConsolidated})

	assert.Equal(t, affiliates.BillingIndividual, own.Billing, "the default")
	var billing []affiliates.Billing
	for invoice, err := range s.jane.Account.Invoices.All(t.Context(), affiliates.InvoiceFilter{}) {
		require.NoError(t, err)
		assert.Equal(t, john, invoice.CustomerID)
		billing = append(billing, invoice.Billing)
	}
	assert.Equal(t, []affiliates.Billing{affiliates.BillingConsolidated, affiliates.BillingIndividual}, billing)
	earned := s.commissions()
	require.Len(t, earned, 1, "what someone else pays for earns nothing")
	assert.Equal(t, own.ID, earned[0].SubscriptionID)
}

func TestUserDecidesOnRequestAccess(t *testing.T) {
	s := newStory(t)
	john := s.user("john@company.com")
	johns := s.signIn(john)
	access := func() affiliates.AccessStatus {
		user, err := s.jane.Account.Users.Get(t.Context(), john)
		require.NoError(t, err)
		return user.Access
	}
	assert.Equal(t, affiliates.AccessNone, access())

	for _, decide := range []struct {
		do   func(*affiliates.Access) (*affiliates.Access, error)
		want affiliates.AccessStatus
	}{
		{func(a *affiliates.Access) (*affiliates.Access, error) {
			return johns.Account.Access.Decline(t.Context(), a.ID, affiliates.DecideAccessParams{})
		}, affiliates.AccessDeclined},
		{func(a *affiliates.Access) (*affiliates.Access, error) {
			return johns.Account.Access.Grant(t.Context(), a.ID, affiliates.DecideAccessParams{})
		}, affiliates.AccessGranted},
	} {
		_, err := s.jane.Account.Users.RequestAccess(t.Context(), john, affiliates.RequestAccessParams{})
		require.NoError(t, err)
		asked, err := johns.Account.Access.List(t.Context(), affiliates.AccessFilter{Status: affiliates.AccessRequested})
		require.NoError(t, err)
		require.Len(t, asked.Data, 1)
		assert.Equal(t, "jane@acme.com", asked.Data[0].AffiliateEmail)
		_, err = decide.do(&asked.Data[0])
		require.NoError(t, err)
		assert.Equal(t, decide.want, access())
	}
}

func TestLogInAsOpensTheAccountWhileAccessIsGranted(t *testing.T) {
	s := newStory(t)
	john := s.user("john@company.com")
	_, err := s.jane.Account.Users.LogInAs(t.Context(), john, affiliates.LogInAsParams{})
	requireRefused(t, err, stackbe.ErrForbidden, stackbe.CodeAccessNotGranted)

	johns := s.signIn(john)
	asked, err := s.jane.Account.Users.RequestAccess(t.Context(), john, affiliates.RequestAccessParams{})
	require.NoError(t, err)
	_, err = johns.Account.Access.Grant(t.Context(), asked.ID, affiliates.DecideAccessParams{})
	require.NoError(t, err)
	link, err := s.jane.Account.Users.LogInAs(t.Context(), john, affiliates.LogInAsParams{})
	require.NoError(t, err)
	assert.Equal(t, s.server.Now().Add(10*time.Minute), link.ExpiresAt)
	assert.Equal(t, http.StatusOK, s.open(link.URL))

	_, err = johns.Account.Access.Withdraw(t.Context(), asked.ID, affiliates.DecideAccessParams{})
	require.NoError(t, err)
	assert.Equal(t, http.StatusForbidden, s.open(link.URL))
	_, err = s.jane.Account.Users.LogInAs(t.Context(), john, affiliates.LogInAsParams{})
	requireRefused(t, err, stackbe.ErrForbidden, stackbe.CodeAccessNotGranted)
}

// open opens a page as a browser does, which keeps the cookies of a redirect.
func (s *story) open(url string) (status int) {
	s.t.Helper()
	browser := *s.server.Config().HTTPClient
	jar, err := cookiejar.New(nil)
	require.NoError(s.t, err)
	browser.Jar = jar
	response, err := browser.Get(url)
	require.NoError(s.t, err)
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	require.NoError(s.t, err)
	return response.StatusCode
}

func TestUsersAreFilteredBySubscriptionStatus(t *testing.T) {
	s := newStory(t)
	s.user("fine@company.com", affiliates.PlanPro)
	for email, status := range map[string]affiliates.SubscriptionStatus{
		"limit@company.com": affiliates.SubscriptionLimitExceeded,
		"error@company.com": affiliates.SubscriptionError,
	} {
		subscription := s.subscribe(affiliates.CreateSubscriptionParams{CustomerID: s.user(email), Plan: affiliates.PlanPro})
		_, err := s.business.Admin.Subscriptions.Update(t.Context(), subscription.ID, affiliates.UpdateSubscriptionParams{Status: status})
		require.NoError(t, err)
	}
	for filter, want := range map[affiliates.SubscriptionStatus][]string{
		affiliates.SubscriptionLimitExceeded: {"limit@company.com"},
		affiliates.SubscriptionError:         {"error@company.com"},
	} {
		var emails []string
		for user, err := range s.jane.Account.Users.All(t.Context(), affiliates.UserFilter{Having: filter}) {
			require.NoError(t, err)
			emails = append(emails, user.Email)
		}
		assert.Equal(t, want, emails)
	}
}

// Customer invoices.

func TestInvoicesAreUsersHistory(t *testing.T) {
	s := newStory(t)
	s.user("john@company.com", affiliates.PlanPro)
	s.server.Advance(2 * 31 * 24 * time.Hour)
	var days []string
	for invoice, err := range s.jane.Account.Invoices.All(t.Context(), affiliates.InvoiceFilter{}) {
		require.NoError(t, err)
		assert.Equal(t, "john@company.com", invoice.UserEmail)
		assert.Equal(t, affiliates.InvoicePaid, invoice.Status)
		days = append(days, invoice.CreatedAt.Format(time.DateOnly))
	}
	assert.Equal(t, []string{"2026-03-31", "2026-02-28", "2026-01-31"}, days)
}

func TestInvoiceHasReceipt(t *testing.T) {
	s := newStory(t)
	john := s.user("john@company.com", affiliates.PlanPro)
	list, err := s.jane.Account.Invoices.List(t.Context(), affiliates.InvoiceFilter{UserID: john})
	require.NoError(t, err)
	require.Len(t, list.Data, 1)
	part := money("5")
	_, err = s.business.Admin.Invoices.Refund(t.Context(), list.Data[0].ID, affiliates.RefundInvoiceParams{Amount: &part})
	require.NoError(t, err)

	invoice, err := s.jane.Account.Invoices.Get(t.Context(), list.Data[0].ID)
	require.NoError(t, err)
	assert.Equal(t, affiliates.InvoicePartiallyRefunded, invoice.Status)
	receipt, err := s.jane.Account.Invoices.Receipt(t.Context(), invoice.ID)
	require.NoError(t, err)
	assert.Equal(t, invoice.Number, receipt.Number)
	assert.Equal(t, "john@company.com", receipt.Customer.Email)
	require.Len(t, receipt.Lines, 1)
	assertAmount(t, "20.00", receipt.Lines[0].Amount)
	require.Len(t, receipt.Refunds, 1)
	assertAmount(t, "15.00", receipt.Total)
	refunds, err := s.jane.Account.Invoices.Refunds(t.Context(), invoice.ID, affiliates.RefundFilter{})
	require.NoError(t, err)
	require.Len(t, refunds.Data, 1)
	assertAmount(t, "5.00", refunds.Data[0].Amount)
}

// Commissions.

func TestCommissionsAndStatementShowAllIncome(t *testing.T) {
	s := newStory(t)
	john := s.user("john@company.com", affiliates.PlanPro, affiliates.PlanBusiness)
	s.server.Advance(holdingPeriod)

	earned := affiliates.Money{}
	for commission, err := range s.jane.Account.Commissions.All(t.Context(), affiliates.CommissionFilter{UserID: john}) {
		require.NoError(t, err)
		assert.Equal(t, "john@company.com", commission.UserEmail)
		earned = earned.Add(commission.Amount)
	}
	summary := s.summary()
	assertAmount(t, "48.00", earned) // two months of 4 and 20
	assert.Equal(t, earned.String(), summary.TotalEarned.String())

	statement, err := s.jane.Account.Statement.List(t.Context(), affiliates.StatementFilter{})
	require.NoError(t, err)
	require.Len(t, statement.Data, 6, "each was earned, and the first two have matured")
	last := statement.Data[0].Balances
	assert.Equal(t, []string{"48.00", "24.00", "24.00"}, []string{last.Earned.String(), last.InReview.String(), last.Ready.String()})
}

func TestMonthlyValueIsCommissionOfAMonth(t *testing.T) {
	s := newStory(t)
	john := s.user("john@company.com", affiliates.PlanPro, affiliates.PlanBusiness, affiliates.PlanFree)
	consolidated := affiliates.CreateSubscriptionParams{CustomerID: john, Plan: affiliates.PlanPro, Billing: affiliates.BillingConsolidated}
	s.subscribe(consolidated)
	summary := s.summary()
	assertAmount(t, "24.00", summary.MonthlyValue)
	assertAmount(t, "120.00", summary.MonthlyReferralValue)

	before := summary.TotalEarned
	s.server.Advance(28 * 24 * time.Hour) // to the renewals of 28 February
	assert.Equal(t, "24.00", s.summary().TotalEarned.Sub(before).String())
}

func TestPaymentIsInReviewForHoldingPeriod(t *testing.T) {
	s := newStory(t)
	john := s.user("john@company.com", affiliates.PlanPro)
	require.Equal(t, affiliates.CommissionInReview, s.commissions()[0].Status)
	s.server.Advance(holdingPeriod - time.Nanosecond)
	ready := affiliates.CommissionFilter{UserID: john, Status: affiliates.CommissionReady}
	page, err := s.jane.Account.Commissions.List(t.Context(), ready)
	require.NoError(t, err)
	assert.Empty(t, page.Data)
	s.server.Advance(time.Nanosecond)
	page, err = s.jane.Account.Commissions.List(t.Context(), ready)
	require.NoError(t, err)
	require.Len(t, page.Data, 1)
	assertAmount(t, "4.00", s.summary().Ready)
}

func TestRenewalEarnsCommission(t *testing.T) {
	s := newStory(t)
	s.user("john@company.com", affiliates.PlanPro)
	s.server.Advance(365 * 24 * time.Hour)
	s.jane = s.signIn(s.janeID) // the first session has expired
	earned := s.commissions()
	require.Len(t, earned, 13)
	for _, commission := range earned {
		assertAmount(t, "4.00", commission.Amount)
	}
}

func TestSummaryCountsSubscriptionsOfEachPlan(t *testing.T) {
	s := newStory(t)
	s.user("john@company.com", affiliates.PlanFree, affiliates.PlanPro, affiliates.PlanPro)
	s.user("mary@company.com", affiliates.PlanBusiness, affiliates.PlanEnterprise)
	assert.Equal(t, affiliates.PlanCounts{Free: 1, Pro: 2, Business: 1, Enterprise: 1}, s.summary().Subscriptions)
}

func TestSubscriptionShowsCommission(t *testing.T) {
	s := newStory(t)
	john := s.user("john@company.com", affiliates.PlanPro)
	s.user("mary@company.com", affiliates.PlanBusiness)
	var rows []string
	for row, err := range s.jane.Account.Commissions.AllSubscriptions(t.Context(), affiliates.SubscriptionEarningsFilter{}) {
		require.NoError(t, err)
		rows = append(rows, fmt.Sprintf("%s %s %s %s", row.UserEmail, row.Plan, row.CommissionRate, row.MonthlyCommission))
	}
	assert.Equal(t, []string{"mary@company.com business 20% 20.00", "john@company.com pro 20% 4.00"}, rows)

	for subscription, err := range s.jane.Account.Users.AllSubscriptions(t.Context(), john, affiliates.UserSubscriptionFilter{}) {
		require.NoError(t, err)
		assertAmount(t, "4.00", subscription.MonthlyCommission)
	}
}

// Payouts.

func TestPayoutIsRequestedAtMinimum(t *testing.T) {
	s := newStory(t)
	least := money("100")
	s.settings(affiliates.UpdateSettingsParams{MinPayoutAmount: &least})
	s.user("john@company.com", affiliates.PlanEnterprise) // earns 50 a month
	s.server.Advance(holdingPeriod)
	_, err := s.jane.Account.Payouts.Request(t.Context(), affiliates.RequestPayoutParams{})
	requireRefused(t, err, stackbe.ErrBadRequest, stackbe.CodePayoutBelowMinimum)
	assert.ErrorContains(t, err, "50.00 is missing")

	s.server.Advance(holdingPeriod)
	payout := s.payout()
	assertAmount(t, "100.00", payout.Amount)
	assert.Equal(t, affiliates.PayoutPending, payout.Status)
	_, err = s.jane.Account.Payouts.Request(t.Context(), affiliates.RequestPayoutParams{})
	requireRefused(t, err, stackbe.ErrConflict, stackbe.CodePayoutOpen)
}

func TestSupportRequestsPayoutWithPartnerSession(t *testing.T) {
	s := newStory(t)
	s.user("john@company.com", affiliates.PlanEnterprise)
	s.server.Advance(holdingPeriod)
	support := s.signIn(s.janeID)
	payout, err := support.Account.Payouts.Request(t.Context(), affiliates.RequestPayoutParams{})
	require.NoError(t, err)
	waiting, err := s.business.Admin.Payouts.List(t.Context(), affiliates.PayoutFilter{Status: affiliates.PayoutPending})
	require.NoError(t, err)
	require.Len(t, waiting.Data, 1)
	assert.Equal(t, payout.ID, waiting.Data[0].ID)
	assert.Equal(t, "JANE20", waiting.Data[0].AffiliateCode)
}

func TestPayoutsListHistory(t *testing.T) {
	s := newStory(t)
	s.user("john@company.com", affiliates.PlanEnterprise)
	s.server.Advance(holdingPeriod)
	failed := s.payout()
	_, err := s.business.Admin.Payouts.Fail(t.Context(), failed.ID, affiliates.FailPayoutParams{Reason: "The bank account is closed"})
	require.NoError(t, err)
	paid := s.payout()
	_, err = s.business.Admin.Payouts.Process(t.Context(), paid.ID, affiliates.ProcessPayoutParams{})
	require.NoError(t, err)
	_, err = s.business.Admin.Payouts.MarkPaid(t.Context(), paid.ID, affiliates.MarkPayoutPaidParams{})
	require.NoError(t, err)

	history, err := s.jane.Account.Payouts.List(t.Context(), affiliates.PayoutFilter{})
	require.NoError(t, err)
	require.Len(t, history.Data, 2)
	assert.Equal(t, affiliates.PayoutPaid, history.Data[0].Status)
	assert.Equal(t, affiliates.PayoutFailed, history.Data[1].Status)
	assert.Equal(t, "The bank account is closed", history.Data[1].FailureReason)
	one, err := s.jane.Account.Payouts.Get(t.Context(), paid.ID)
	require.NoError(t, err)
	assert.Equal(t, history.Data[0], *one)
}

func TestScheduleMakesPayoutsAutomatic(t *testing.T) {
	s := newStory(t)
	s.user("john@company.com", affiliates.PlanEnterprise)
	set, err := s.jane.Account.Payouts.SetSchedule(t.Context(), affiliates.SetPayoutScheduleParams{Interval: affiliates.PayoutIntervalMonthly})
	require.NoError(t, err)
	schedule, err := s.jane.Account.Payouts.Schedule(t.Context())
	require.NoError(t, err)
	assert.Equal(t, set, schedule)
	assert.Equal(t, time.Date(2026, time.February, 1, 0, 0, 0, 0, time.UTC), schedule.NextAt)

	s.server.Advance(2 * holdingPeriod)
	history, err := s.jane.Account.Payouts.List(t.Context(), affiliates.PayoutFilter{})
	require.NoError(t, err)
	require.Len(t, history.Data, 1, "on 1 March too little was ready")
	assert.True(t, history.Data[0].Automatic)
	assert.Equal(t, time.Date(2026, time.April, 1, 0, 0, 0, 0, time.UTC), history.Data[0].RequestedAt)
}

// Partner info.

func TestInfoHasLinkAndNextLevel(t *testing.T) {
	s := newStory(t)
	s.levels()
	s.user("john@company.com", affiliates.PlanPro)
	info := s.info()
	assert.Equal(t, "Jane Smith", info.Name)
	assert.Equal(t, "JANE20", info.Affiliate.Code)
	assert.Contains(t, info.ReferralLink, "?ref=JANE20")
	assert.Equal(t, 1, info.PaidSubscriptions)
	assert.Zero(t, info.Level)
	assert.Equal(t, "First", info.NextLevel.Name)
	assert.Equal(t, 5, info.NextLevel.MissingPaidSubscriptions)
	assertAmount(t, "30.00", info.NextLevel.MissingMonthlyValue)
}

func TestBadgeLinksToReferralLink(t *testing.T) {
	s := newStory(t)
	badge, err := s.jane.Account.Info.Badge(t.Context())
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(badge.SVG, "<svg "), badge.SVG)
	assert.True(t, strings.HasPrefix(badge.HTML, `<a href="`+s.info().ReferralLink+`"`), badge.HTML)
	assert.Contains(t, badge.HTML, base64.StdEncoding.EncodeToString([]byte(badge.SVG)))
}

func TestAccountIsReadAsStructuredData(t *testing.T) {
	s := newStory(t)
	s.user("john@company.com", affiliates.PlanPro)
	t.Run("as JSON", func(t *testing.T) {
		var page struct{ Data []json.RawMessage }
		err := s.jane.Do(t.Context(), stackbe.Request{
			Method: http.MethodGet, Path: "/v1/affiliate/account/commissions", Credential: stackbe.CredentialSession,
		}, &page)
		require.NoError(t, err)
		require.Len(t, page.Data, 1)
		assert.JSONEq(t, string(s.commissions()[0].Raw), string(page.Data[0]))
	})
	t.Run("as CSV", func(t *testing.T) {
		var out strings.Builder
		require.NoError(t, s.jane.Account.Commissions.WriteCSV(t.Context(), &out, affiliates.CommissionFilter{}))
		rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 2)
		amount, created := slices.Index(rows[0], "Amount"), slices.Index(rows[0], "Created at (UTC)")
		assert.Equal(t, "4.00", rows[1][amount])
		assert.Equal(t, "2026-01-31T09:00:00Z", rows[1][created])
	})
}
