package browser

import (
	"cmp"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
)

// How the portal writes what the SDK returns.

func dollars(amount affiliates.Money) string { return "$" + amount.String() }

func date(at time.Time) string { return at.UTC().Format("2 Jan 2006") }

func utc(at time.Time) string { return at.UTC().Format("2 Jan 2006, 15:04 UTC") }

// words are the names of values, as the portal writes them.
var words = map[string]string{
	"none": "No access", "requested": "Requested", "granted": "Granted", "declined": "Declined", "withdrawn": "Withdrawn",
	"referral_code": "Referral code", "click": "Referral link", "deal": "Deal", "sub_account": "Sub account", "linked": "Added by you",
	"free": "Free", "pro": "Pro", "business": "Business", "enterprise": "Enterprise", "": "—",
	"in_review": "In review", "ready": "Ready", "in_payout": "In a payout", "paid": "Paid", "voided": "Voided", "clawback": "Clawback",
	"pending": "Pending", "processing": "Processing", "failed": "Failed", "refunded": "Refunded", "partially_refunded": "Partially refunded",
	"registered": "Registered", "won": "Won", "outside": "Outside",
}

func word[S ~string](value S) string { return words[string(value)] }

// entryWords are the names of the kinds of an entry.
var entryWords = map[affiliates.EntryKind]string{
	"commission": "Commission", "matured": "Commission ready", "reduction": "Refund in review", "clawback": "Clawback",
	"payout_requested": "Payout requested", "payout_paid": "Payout paid", "payout_failed": "Payout failed",
}

// containerWords are the names of the statuses of a container.
var containerWords = map[affiliates.SubscriptionStatus]string{
	"active": "Active", "limit_exceeded": "Limit exceeded", "error": "Error", "canceled": "Canceled",
}

func percent(rate affiliates.Percent) string { return rate.Decimal().String() + "%" }

func TestPortalShowsWhatTheSDKReturns(t *testing.T) {
	for _, as := range []look{{}, {NoScript: true}} {
		t.Run(as.String(), func(t *testing.T) {
			t.Parallel()
			h, jane := newDemo(t)
			person := h.enterPortal(t, as, jane)
			ctx, account := t.Context(), jane.Account

			assertDashboard(t, person, jane)
			assertCommissionSummary(t, person, jane)
			assertInfo(t, person, jane)
			assertSchedule(t, person, jane)
			assertUser(t, person, jane)
			assertAsUser(t, h, person, jane)
			assertPayout(t, person, jane)
			assertInvoice(t, person, jane)
			assertContainersOfCommissions(t, person, jane)
			assertCounts(t, person, jane)
			assertRows(t, person, "/portal/users", "Users", account.Users.All(ctx, affiliates.UserFilter{}), userRow)
			assertRows(t, person, "/portal/users?filter=limit_exceeded", "Users", account.Users.All(ctx, affiliates.UserFilter{Having: affiliates.SubscriptionLimitExceeded}), userRow)
			assertRows(t, person, "/portal/users?filter=error", "Users", account.Users.All(ctx, affiliates.UserFilter{Having: affiliates.SubscriptionError}), userRow)
			assertRows(t, person, "/portal/deals", "Deals", account.Deals.All(ctx, affiliates.DealFilter{}), dealRow)
			assertRows(t, person, "/portal/invoices", "Customer invoices", account.Invoices.All(ctx, affiliates.InvoiceFilter{}), invoiceRow)
			assertRows(t, person, "/portal/commissions", "Commissions", account.Commissions.All(ctx, affiliates.CommissionFilter{}), commissionRow)
			assertRows(t, person, "/portal/commissions?status=clawback", "Commissions", account.Commissions.All(ctx, affiliates.CommissionFilter{Status: affiliates.CommissionClawback}), commissionRow)
			assertRows(t, person, "/portal/containers", "Containers", account.Commissions.AllSubscriptions(ctx, affiliates.SubscriptionEarningsFilter{}), containerRow)
			assertRows(t, person, "/portal/payouts", "Payouts", account.Payouts.All(ctx, affiliates.PayoutFilter{}), payoutRow)
			assertRows(t, person, "/portal/statement", "Entries", account.Statement.All(ctx, affiliates.StatementFilter{}), entryRow)
			assertWayByCount(t, h, person, jane) // it changes the levels
		})
	}
}

// assertRows fails the test if a list, with all its pages, does not show a row for each record, in order.
func assertRows[R any](t *testing.T, person walk, path, title string, records iter.Seq2[*R, error], row func(*R) map[string]string) {
	t.Helper()
	person.open(person.URL + path)
	page := person.content()
	shown := page.table(t, title).Rows
	for page.Links["Next page"] != "" {
		page = person.follow(control("Next page"))
		shown = append(shown, page.table(t, title).Rows...)
	}
	var expected, columns []map[string]string
	for record, err := range records {
		require.NoError(t, err)
		expected = append(expected, row(record))
	}
	require.Len(t, shown, len(expected), path)
	require.NotEmpty(t, expected, path)
	for i, row := range shown {
		columns = append(columns, make(map[string]string))
		for name := range expected[i] {
			columns[i][name] = row[name]
		}
	}
	assert.Equal(t, expected, columns, path)
}

func named(name, email string) string { return strings.TrimSpace(name + " " + email) }

func userRow(user *affiliates.User) map[string]string {
	containers := fmt.Sprint(containersOf(user))
	if user.LimitExceeded > 0 {
		containers += fmt.Sprintf(" %d limit exceeded", user.LimitExceeded)
	}
	if user.Errors > 0 {
		containers += fmt.Sprintf(" %d in error", user.Errors)
	}
	access := word(user.Access)
	switch user.Access {
	case affiliates.AccessGranted:
		access += " Login as user " + user.Email
	case affiliates.AccessRequested: // the user has to decide
	default:
		access += " Request access to " + user.Email
	}
	return map[string]string{
		"User": named(user.Name, user.Email), "Since": date(user.AttributedAt) + " " + word(user.Source), "Access": access,
		"Containers": containers, "Monthly value": dollars(user.MonthlyValue), "Earned": dollars(user.Earned),
	}
}

func containersOf(user *affiliates.User) int {
	plans := user.Subscriptions
	return plans.Free + plans.Pro + plans.Business + plans.Enterprise
}

func dealRow(deal *affiliates.Deal) map[string]string {
	notes := deal.Notes
	if notes == "" {
		notes = "—"
	}
	return map[string]string{"Lead": named(deal.LeadName, deal.LeadEmail), "Status": word(deal.Status), "Registered": utc(deal.CreatedAt), "Notes": notes}
}

func invoiceRow(invoice *affiliates.Invoice) map[string]string {
	amount, receipt := dollars(invoice.Amount), "Receipt"
	if !invoice.Refunded.IsZero() {
		amount += " " + dollars(invoice.Refunded) + " refunded"
	}
	if invoice.PaidAt.IsZero() {
		receipt = "Not paid"
	}
	return map[string]string{
		"Invoice": invoice.Number + " " + invoice.Description, "User": invoice.UserEmail, "Date": date(invoice.CreatedAt),
		"Status": word(invoice.Status), "Amount": amount, "Receipt": receipt,
	}
}

func commissionRow(commission *affiliates.Commission) map[string]string {
	on := date(commission.CreatedAt)
	if commission.Status == affiliates.CommissionInReview {
		on += " Ready on " + date(commission.ReadyAt)
	}
	return map[string]string{
		"User": commission.UserEmail, "Date": on, "Plan": word(commission.Plan), "Status": word(commission.Status),
		"Payment": dollars(commission.Payment), "Rate": percent(commission.Rate), "Commission": dollars(commission.Amount),
	}
}

func containerRow(container *affiliates.SubscriptionEarnings) map[string]string {
	receives := dollars(container.MonthlyCommission) + " " + percent(container.CommissionRate)
	if container.Billing == affiliates.BillingConsolidated {
		receives = dollars(container.MonthlyCommission) + " Consolidated billing"
	}
	name := container.Name
	if name == "" {
		name = container.SubscriptionID
	}
	return map[string]string{
		"Container": name + " " + container.UserEmail,
		"Plan":      word(container.Plan), "Monthly price": dollars(container.MonthlyPrice), "You receive a month": receives, "Earned": dollars(container.Earned),
	}
}

func payoutRow(payout *affiliates.Payout) map[string]string {
	kind, finished := "Requested", "—"
	if payout.Automatic {
		kind = "Automatic"
	}
	for _, at := range []time.Time{payout.PaidAt, payout.FailedAt} {
		if !at.IsZero() {
			finished = utc(at)
		}
	}
	return map[string]string{
		"Requested": utc(payout.RequestedAt), "Status": strings.TrimSpace(word(payout.Status) + " " + payout.FailureReason), "Kind": kind,
		"Finished": finished, "Commissions": fmt.Sprint(payout.Commissions), "Amount": dollars(payout.Amount),
	}
}

func entryRow(entry *affiliates.Entry) map[string]string {
	after := entry.Balances
	ready := dollars(after.Ready)
	if !after.Debt.IsZero() {
		ready += " debt " + dollars(after.Debt)
	}
	return map[string]string{
		"Entry": fmt.Sprintf("%s Entry %d · %s", entryWords[entry.Kind], entry.Sequence, utc(entry.CreatedAt)), "Moved": word(entry.From) + " → " + word(entry.To),
		"Amount": dollars(entry.Amount), "In review": dollars(after.InReview), "Ready": ready, "In a payout": dollars(after.InPayout),
		"Paid": dollars(after.Paid), "Earned": dollars(after.Earned),
	}
}

// assertFacts fails the test if a page does not show these facts.
func assertFacts(t *testing.T, page content, facts map[string]string) {
	t.Helper()
	shown := make(map[string]string)
	for name := range facts {
		shown[name] = page.Facts[name]
	}
	assert.Equal(t, facts, shown, page.Title)
}

// assertTable fails the test if a table does not show a row for each record, in order.
func assertTable[R any](t *testing.T, page content, title string, records []R, row func(*R) map[string]string) {
	t.Helper()
	shown := page.table(t, title).Rows
	require.Len(t, shown, len(records), title)
	for i := range records {
		for name, cell := range row(&records[i]) {
			assert.Equal(t, cell, shown[i][name], "%s, row %d, %s", title, i+1, name)
		}
	}
}

func assertDashboard(t *testing.T, person walk, jane partner) {
	t.Helper()
	dashboard, err := jane.Affiliates.GetDashboard(t.Context())
	require.NoError(t, err)
	person.open(person.URL + "/portal")
	page := person.content()
	earnings := dashboard.Earnings
	assertFacts(t, page, map[string]string{
		"Total earned": dollars(dashboard.Affiliate.TotalEarned), "Ready to payout": dollars(earnings.Ready), "In review": dollars(earnings.InReview),
		"Monthly value": dollars(earnings.MonthlyValue), "In a payout": dollars(earnings.InPayout), "Paid": dollars(earnings.Paid),
		"Clicks": fmt.Sprint(dashboard.Stats.Clicks), "Users": fmt.Sprint(dashboard.Stats.Customers), "Deals": fmt.Sprint(dashboard.Stats.Deals),
		"Commission rate": percent(dashboard.Affiliate.CommissionRate), "Level": levelName(t, jane),
	})
	assert.Contains(t, page.Text, dashboard.ReferralLink)
	assertTable(t, page, "Recent users", dashboard.RecentUsers, func(user *affiliates.User) map[string]string {
		return map[string]string{
			"User": named(user.Name, user.Email), "Since": date(user.AttributedAt), "Containers": fmt.Sprint(containersOf(user)),
			"Monthly value": dollars(user.MonthlyValue), "Earned": dollars(user.Earned),
		}
	})
	assertTable(t, page, "Recent payouts", dashboard.RecentPayouts, func(payout *affiliates.Payout) map[string]string {
		return map[string]string{"Requested": date(payout.RequestedAt), "Status": word(payout.Status), "Amount": dollars(payout.Amount)}
	})
	assertTable(t, page, "Recent deals", dashboard.RecentDeals, func(deal *affiliates.Deal) map[string]string {
		return map[string]string{"Lead": named(deal.LeadName, deal.LeadEmail), "Status": word(deal.Status), "Registered": date(deal.CreatedAt)}
	})
	assert.Equal(t, commissionsByMonth(t, jane), page.table(t, "Commissions by month").Rows)
}

// commissionsByMonth are the rows below the chart of the dashboard: what the commissions of each of the last twelve months
// add up to.
func commissionsByMonth(t *testing.T, jane partner) (rows []map[string]string) {
	t.Helper()
	sums := make(map[string]affiliates.Money)
	for commission, err := range jane.Account.Commissions.All(t.Context(), affiliates.CommissionFilter{}) {
		require.NoError(t, err)
		month := commission.CreatedAt.UTC().Format("January 2006")
		sums[month] = sums[month].Add(commission.Amount)
	}
	first := time.Date(today.Year(), today.Month()-11, 1, 0, 0, 0, 0, time.UTC)
	for i := range 12 {
		month := first.AddDate(0, i, 0).Format("January 2006")
		rows = append(rows, map[string]string{"Month (UTC)": month, "Commissions": dollars(sums[month])})
	}
	return rows
}

func assertCommissionSummary(t *testing.T, person walk, jane partner) {
	t.Helper()
	summary, err := jane.Account.Commissions.Summary(t.Context())
	require.NoError(t, err)
	plans := summary.Subscriptions
	person.open(person.URL + "/portal/commissions")
	page := person.content()
	assertFacts(t, page, map[string]string{
		"Monthly value": dollars(summary.MonthlyValue), "In review": dollars(summary.InReview), "Ready to payout": dollars(summary.Ready),
		"In a payout": dollars(summary.InPayout), "Paid": dollars(summary.Paid), "Total earned": dollars(summary.TotalEarned),
		"Free": fmt.Sprint(plans.Free), "Pro": fmt.Sprint(plans.Pro), "Business": fmt.Sprint(plans.Business), "Enterprise": fmt.Sprint(plans.Enterprise),
	})
	assert.Contains(t, page.Text, "Of containers for "+dollars(summary.MonthlyReferralValue)+" a month")
}

func assertInfo(t *testing.T, person walk, jane partner) {
	t.Helper()
	info, err := jane.Account.Info.Get(t.Context())
	require.NoError(t, err)
	badge, err := jane.Account.Info.Badge(t.Context())
	require.NoError(t, err)
	person.open(person.URL + "/portal/info")
	page := person.content()
	assertFacts(t, page, map[string]string{
		"Name": info.Name, "Email": info.Email, "Partner code": info.Affiliate.Code, "Partner since": utc(info.Affiliate.CreatedAt), "Partner id": info.Affiliate.ID,
		"Commission rate": percent(info.Affiliate.CommissionRate), "Total earned": dollars(info.Affiliate.TotalEarned), "Not yet paid out": dollars(info.Affiliate.PendingBalance),
		"Minimum payout": dollars(info.MinPayoutAmount), "Paid containers": fmt.Sprint(info.PaidSubscriptions), "Monthly referral value": dollars(info.MonthlyReferralValue),
	})
	next := info.NextLevel
	for _, shown := range []string{
		info.Level.Name, info.ReferralLink, "The way to " + next.Name, next.Name + " pays " + percent(next.CommissionRate),
		dollars(info.MonthlyReferralValue) + " of " + dollars(next.MinMonthlyValue), dollars(next.MissingMonthlyValue) + " is missing",
		strings.Join(strings.Fields(badge.HTML), " "),
	} {
		assert.Contains(t, page.Text, shown)
	}
}

func assertSchedule(t *testing.T, person walk, jane partner) {
	t.Helper()
	summary, err := jane.Account.Commissions.Summary(t.Context())
	require.NoError(t, err)
	info, err := jane.Account.Info.Get(t.Context())
	require.NoError(t, err)
	person.open(person.URL + "/portal/payouts")
	page := person.content()
	assertFacts(t, page, map[string]string{
		"Minimum payout": dollars(info.MinPayoutAmount), "In a payout": dollars(summary.InPayout), "Paid": dollars(summary.Paid),
	})
	assert.Contains(t, page.Text, "Ready to payout "+dollars(summary.Ready))
}

// assertWayByCount compares the way to a level that a number of subscriptions reaches.
func assertWayByCount(t *testing.T, h *host, person walk, jane partner) {
	t.Helper()
	_, err := h.Admin.Affiliates.UpdateSettings(t.Context(), affiliates.UpdateSettingsParams{Levels: []affiliates.Level{
		{Name: "Gold", MinPaidSubscriptions: 100, CommissionRate: affiliates.PercentFromInt(40)},
	}})
	require.NoError(t, err)
	info, err := jane.Account.Info.Get(t.Context())
	require.NoError(t, err)
	person.open(person.URL + "/portal/info")
	text := person.content().Text
	assert.Contains(t, text, fmt.Sprintf("Paid containers: %d of %d", info.PaidSubscriptions, info.NextLevel.MinPaidSubscriptions))
	assert.Contains(t, text, fmt.Sprintf("%d is missing", info.NextLevel.MissingPaidSubscriptions))
}

func levelName(t *testing.T, jane partner) string {
	t.Helper()
	info, err := jane.Account.Info.Get(t.Context())
	require.NoError(t, err)
	return info.Level.Name
}

// assertUser compares the page of the user with the most containers.
func assertUser(t *testing.T, person walk, jane partner) {
	t.Helper()
	var shown *affiliates.User
	for user, err := range jane.Account.Users.All(t.Context(), affiliates.UserFilter{}) {
		require.NoError(t, err)
		if shown == nil || containersOf(user) > containersOf(shown) {
			shown = user
		}
	}
	path := "/portal/users/" + shown.ID
	person.open(person.URL + path)
	assertFacts(t, person.content(), map[string]string{
		"Email": shown.Email, "Customer id": shown.ID, "Signed up": utc(shown.CreatedAt), "Your user since": utc(shown.AttributedAt),
		"Came by": word(shown.Source), "Monthly value": dollars(shown.MonthlyValue), "Earned": dollars(shown.Earned),
	})
	assert.Contains(t, person.content().Text, "Access to the account "+word(shown.Access))
	earned := make(map[string]affiliates.Money)
	for container, err := range jane.Account.Commissions.AllSubscriptions(t.Context(), affiliates.SubscriptionEarningsFilter{}) {
		require.NoError(t, err)
		earned[container.SubscriptionID] = container.Earned
	}
	containers := jane.Account.Users.AllSubscriptions(t.Context(), shown.ID, affiliates.UserSubscriptionFilter{})
	assertRows(t, person, path, "Containers", containers, func(container *affiliates.Subscription) map[string]string {
		row := containerRow(&affiliates.SubscriptionEarnings{
			Plan: container.Plan, Billing: container.Billing, MonthlyPrice: container.MonthlyPrice,
			CommissionRate: container.CommissionRate, MonthlyCommission: container.MonthlyCommission, Earned: earned[container.ID],
		})
		row["Status"] = containerStatus(container)
		row["Container"] = named(cmp.Or(container.Name, container.ID), shown.Email)
		return row
	})
}

// assertAsUser compares the account of a user with what the SDK returns to the partner, and the access with
// what it returns to the user.
func assertAsUser(t *testing.T, h *host, person walk, jane partner) {
	t.Helper()
	shown := jane.granting(t)
	require.NotNil(t, shown)
	login, err := jane.Account.Users.LogInAs(t.Context(), shown.ID, affiliates.LogInAsParams{})
	require.NoError(t, err)
	given, err := h.partner(t, shown.ID).Account.Access.List(t.Context(), affiliates.AccessFilter{})
	require.NoError(t, err)
	require.Equal(t, affiliates.AccessGranted, given.Data[0].Status)

	person.open(login.URL)
	page := person.content()
	assert.Equal(t, shown.Name, page.Heading)
	assertFacts(t, page, map[string]string{
		"Email": shown.Email, "Customer id": shown.ID, "Signed up": utc(shown.CreatedAt), "Access granted": utc(given.Data[0].DecidedAt),
		"Valid until": utc(login.ExpiresAt) + " , unless the user withdraws the access",
	})
	containers := jane.Account.Users.AllSubscriptions(t.Context(), shown.ID, affiliates.UserSubscriptionFilter{})
	assertRows(t, person, "/portal/as-user", "Containers", containers, func(container *affiliates.Subscription) map[string]string {
		renews := date(container.CurrentPeriodEnd)
		if container.Status == affiliates.SubscriptionCanceled {
			renews = "—"
		}
		return map[string]string{
			"Container": cmp.Or(container.Name, container.ID), "Plan": word(container.Plan), "Status": containerStatus(container),
			"Renews": renews, "Monthly price": dollars(container.MonthlyPrice),
		}
	})
}

func containerStatus(container *affiliates.Subscription) string {
	if !container.PausedAt.IsZero() {
		return "Paused"
	}
	return containerWords[container.Status]
}

// assertPayout compares the page of a payout of each status.
func assertPayout(t *testing.T, person walk, jane partner) {
	t.Helper()
	compared := make(map[affiliates.PayoutStatus]bool)
	for payout, err := range jane.Account.Payouts.All(t.Context(), affiliates.PayoutFilter{}) {
		require.NoError(t, err)
		if compared[payout.Status] {
			continue
		}
		compared[payout.Status] = true
		facts := map[string]string{
			"Amount": dollars(payout.Amount), "Status": word(payout.Status), "Requested": utc(payout.RequestedAt), "Processing": utcOrDash(payout.ProcessingAt),
			"Paid": utcOrDash(payout.PaidAt), "Commissions": fmt.Sprint(payout.Commissions), "Id": payout.ID, "Kind": "Requested by you",
		}
		if payout.Automatic {
			facts["Kind"] = "Automatic"
		}
		if payout.Status == affiliates.PayoutFailed {
			facts["Failed"], facts["Why it failed"] = utc(payout.FailedAt), payout.FailureReason
		} else {
			facts["Commissions"] += " Show them"
		}
		person.open(person.URL + "/portal/payouts/" + payout.ID)
		page := person.content()
		assert.Equal(t, "Payout of "+dollars(payout.Amount), page.Heading)
		assertFacts(t, page, facts)
	}
	assert.Greater(t, len(compared), 1)
}

func utcOrDash(at time.Time) string {
	if at.IsZero() {
		return "—"
	}
	return utc(at)
}

// assertInvoice compares an invoice of each status, and its receipt.
func assertInvoice(t *testing.T, person walk, jane partner) {
	t.Helper()
	compared := make(map[affiliates.InvoiceStatus]bool)
	for invoice, err := range jane.Account.Invoices.All(t.Context(), affiliates.InvoiceFilter{}) {
		require.NoError(t, err)
		if compared[invoice.Status] {
			continue
		}
		compared[invoice.Status] = true
		path := "/portal/invoices/" + invoice.ID
		person.open(person.URL + path)
		page := person.content()
		facts := map[string]string{
			"Number": invoice.Number, "Issued": utc(invoice.CreatedAt), "Paid": "Not paid: the payment failed", "Billing": "By the user itself",
		}
		if invoice.Billing == affiliates.BillingConsolidated {
			facts["Billing"] = "Consolidated, which earns no commission"
		}
		if !invoice.PeriodStart.IsZero() {
			facts["Period"] = date(invoice.PeriodStart) + " to " + date(invoice.PeriodEnd)
		}
		if !invoice.PaidAt.IsZero() {
			facts["Paid"] = utc(invoice.PaidAt)
		}
		assertFacts(t, page, facts)
		assert.Contains(t, page.Facts["Billed to"], invoice.UserEmail)
		assert.Contains(t, page.Text, word(invoice.Status))
		assert.Equal(t, []map[string]string{{"Description": invoice.Description, "Amount": dollars(invoice.Amount)}}, page.table(t, "Lines").Rows)
		assert.Contains(t, page.Text, "Total "+dollars(invoice.Amount))
		if !invoice.PaidAt.IsZero() {
			assertReceipt(t, person, jane, path, invoice, facts)
		}
	}
	assert.Greater(t, len(compared), 2)
}

func assertReceipt(t *testing.T, person walk, jane partner, path string, invoice *affiliates.Invoice, facts map[string]string) {
	t.Helper()
	receipt, err := jane.Account.Invoices.Receipt(t.Context(), invoice.ID)
	require.NoError(t, err)
	person.open(person.URL + path + "/receipt")
	page := person.content()
	assertFacts(t, page, facts)
	assert.Equal(t, named(receipt.Customer.Name, receipt.Customer.Email), page.Facts["Billed to"])
	var rows []map[string]string
	for _, line := range receipt.Lines {
		rows = append(rows, map[string]string{"Description": line.Description, "Amount": dollars(line.Amount)})
	}
	for _, refund := range receipt.Refunds {
		rows = append(rows, map[string]string{"Description": "Refund of " + date(refund.CreatedAt), "Amount": dollars(affiliates.MoneyFromCents(0).Sub(refund.Amount))})
	}
	assert.Equal(t, rows, page.table(t, "Lines").Rows)
	assert.Contains(t, page.Text, "Total paid "+dollars(receipt.Total))
}

// assertContainersOfCommissions compares the first containers, which the page of commissions shows.
func assertContainersOfCommissions(t *testing.T, person walk, jane partner) {
	t.Helper()
	newest, err := jane.Account.Commissions.Subscriptions(t.Context(), affiliates.SubscriptionEarningsFilter{Limit: 5})
	require.NoError(t, err)
	person.open(person.URL + "/portal/commissions")
	assertTable(t, person.content(), "Containers", newest.Data, containerRow)
}

// assertCounts compares the counts beside the filters of the users.
func assertCounts(t *testing.T, person walk, jane partner) {
	t.Helper()
	person.open(person.URL + "/portal/users")
	page := person.content()
	for text, having := range map[string]affiliates.SubscriptionStatus{
		"All (%d)": "", "With exceeded limit (%d)": affiliates.SubscriptionLimitExceeded, "With error containers (%d)": affiliates.SubscriptionError,
	} {
		count := 0
		for _, err := range jane.Account.Users.All(t.Context(), affiliates.UserFilter{Having: having}) {
			require.NoError(t, err)
			count++
		}
		assert.Contains(t, page.Links, fmt.Sprintf(text, count))
	}
}

// TestEveryAmountOfThePortalIsOneOfTheSDK looks at all pages for an amount that the SDK returns nowhere.
func TestEveryAmountOfThePortalIsOneOfTheSDK(t *testing.T) {
	h, jane := newDemo(t)
	known := knownAmounts(t, jane)
	person := h.enterPortal(t, look{NoScript: true}, jane)
	seen := make(map[string]bool)
	person.each(func(at place) {
		for _, amount := range person.content().amounts() {
			seen[amount] = true
			assert.True(t, known[amount], "%s shows %s", at.Path, amount)
		}
	})
	assert.Greater(t, len(seen), 20)
}

// knownAmounts are all amounts that the SDK returns to a partner.
func knownAmounts(t *testing.T, jane partner) (known map[string]bool) {
	t.Helper()
	known = make(map[string]bool)
	add := func(amounts ...affiliates.Money) {
		for _, amount := range amounts {
			known[dollars(amount)] = true
			known[dollars(affiliates.MoneyFromCents(0).Sub(amount))] = true // a refund, in a receipt
		}
	}
	ctx, account := t.Context(), jane.Account
	summary, err := account.Commissions.Summary(ctx)
	require.NoError(t, err)
	add(summary.MonthlyValue, summary.MonthlyReferralValue, summary.InReview, summary.Ready, summary.InPayout, summary.Paid, summary.TotalEarned)
	info, err := account.Info.Get(ctx)
	require.NoError(t, err)
	add(info.Affiliate.PendingBalance, info.MinPayoutAmount, info.MonthlyReferralValue, info.NextLevel.MinMonthlyValue, info.NextLevel.MissingMonthlyValue)
	for user, err := range account.Users.All(ctx, affiliates.UserFilter{}) {
		require.NoError(t, err)
		add(user.Earned, user.MonthlyValue)
		for subscription, err := range account.Users.AllSubscriptions(ctx, user.ID, affiliates.UserSubscriptionFilter{}) {
			require.NoError(t, err)
			add(subscription.MonthlyPrice, subscription.MonthlyCommission)
		}
	}
	for container, err := range account.Commissions.AllSubscriptions(ctx, affiliates.SubscriptionEarningsFilter{}) {
		require.NoError(t, err)
		add(container.Earned)
	}
	for invoice, err := range account.Invoices.All(ctx, affiliates.InvoiceFilter{}) {
		require.NoError(t, err)
		add(invoice.Amount, invoice.Refunded, invoice.Amount.Sub(invoice.Refunded))
	}
	for commission, err := range account.Commissions.All(ctx, affiliates.CommissionFilter{}) {
		require.NoError(t, err)
		add(commission.Amount)
	}
	for payout, err := range account.Payouts.All(ctx, affiliates.PayoutFilter{}) {
		require.NoError(t, err)
		add(payout.Amount)
	}
	for entry, err := range account.Statement.All(ctx, affiliates.StatementFilter{}) {
		require.NoError(t, err)
		add(entry.Amount, entry.Balances.Earned, entry.Balances.InReview, entry.Balances.Ready, entry.Balances.Debt, entry.Balances.InPayout, entry.Balances.Paid)
	}
	for _, row := range commissionsByMonth(t, jane) {
		known[row["Commissions"]] = true
	}
	return known
}
