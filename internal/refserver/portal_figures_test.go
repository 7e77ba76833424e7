package refserver_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/demo"
)

// demoWorld is a server with a year of history, and its partner.
func demoWorld(t testing.TB) (world, demo.Partner) {
	t.Helper()
	w := newWorld(t, func(c *refserver.Config) { c.Seed = "figures" })
	jane, err := demo.Play(w.Server, w.ID)
	require.NoError(t, err)
	return w, jane
}

func (w world) sdk(t testing.TB, customerID string) *stackbe.Client {
	t.Helper()
	client, err := stackbe.New(stackbe.Config{BaseURL: w.url, APIKey: w.APIKey, AppID: w.ID})
	require.NoError(t, err)
	return client.AsCustomer(w.token(customerID))
}

func shown(amount affiliates.Money) string { return "$" + amount.String() }

// assertShown checks that a page has texts, in their order.
func assertShown(t *testing.T, page, name string, texts ...string) {
	t.Helper()
	rest := html.UnescapeString(page)
	for _, text := range texts {
		_, after, found := strings.Cut(rest, text)
		if !assert.True(t, found, "%s does not show %q where it should", name, text) {
			return
		}
		rest = after
	}
}

func TestPagesShowTheFiguresOfTheSDK(t *testing.T) {
	w, jane := demoWorld(t)
	b, client := w.visitor(t, jane.CustomerID), w.sdk(t, jane.CustomerID)
	ctx := t.Context()

	dashboard, err := client.Affiliates.GetDashboard(ctx)
	require.NoError(t, err)
	page := b.open(t, 200, "/portal").body
	assertShown(t, page, "the dashboard",
		"Total earned", shown(dashboard.Affiliate.TotalEarned), "Ready to payout", shown(dashboard.Earnings.Ready), "In review", shown(dashboard.Earnings.InReview),
		"Monthly value", shown(dashboard.Earnings.MonthlyValue), "In a payout", shown(dashboard.Earnings.InPayout), "Paid", shown(dashboard.Earnings.Paid),
		dashboard.ReferralLink, "Clicks", fmt.Sprint(dashboard.Stats.Clicks), "Users", fmt.Sprint(dashboard.Stats.Customers), "Deals", fmt.Sprint(dashboard.Stats.Deals))
	for _, user := range dashboard.RecentUsers {
		assertShown(t, page, "the dashboard", "Recent users", user.Email, shown(user.MonthlyValue), shown(user.Earned))
	}
	for _, payout := range dashboard.RecentPayouts {
		assertShown(t, page, "the dashboard", "Recent payouts", payout.ID, shown(payout.Amount))
	}

	summary, err := client.Account.Commissions.Summary(ctx)
	require.NoError(t, err)
	assertShown(t, b.open(t, 200, "/portal/commissions").body, "the commissions",
		"Monthly value", shown(summary.MonthlyValue), shown(summary.MonthlyReferralValue), "In review", shown(summary.InReview),
		"Ready to payout", shown(summary.Ready), "In a payout", shown(summary.InPayout), "Paid", shown(summary.Paid), "Total earned", shown(summary.TotalEarned),
		"Free", fmt.Sprint(summary.Subscriptions.Free), "Pro", fmt.Sprint(summary.Subscriptions.Pro),
		"Business", fmt.Sprint(summary.Subscriptions.Business), "Enterprise", fmt.Sprint(summary.Subscriptions.Enterprise))

	info, err := client.Account.Info.Get(ctx)
	require.NoError(t, err)
	badge, err := client.Account.Info.Badge(ctx)
	require.NoError(t, err)
	page = b.open(t, 200, "/portal/info").body
	assertShown(t, page, "the info", info.Affiliate.Code, shown(info.Affiliate.TotalEarned), shown(info.Affiliate.PendingBalance), shown(info.MinPayoutAmount),
		info.Level.Name, fmt.Sprint(info.PaidSubscriptions), shown(info.MonthlyReferralValue), "The way to "+info.NextLevel.Name,
		shown(info.NextLevel.MissingMonthlyValue)+" is missing", info.ReferralLink, badge.HTML)

	for invoice, err := range firstPage(client.Account.Invoices.All(ctx, affiliates.InvoiceFilter{})) {
		require.NoError(t, err)
		page := b.open(t, 200, "/portal/invoices/"+invoice.ID).body
		assertShown(t, page, invoice.Number, invoice.Number, invoice.UserEmail, invoice.Description, shown(invoice.Amount))
		if !invoice.PaidAt.IsZero() {
			receipt, err := client.Account.Invoices.Receipt(ctx, invoice.ID)
			require.NoError(t, err)
			assertShown(t, b.open(t, 200, "/portal/invoices/"+invoice.ID+"/receipt").body, "the receipt", receipt.Number, "Total paid", shown(receipt.Total))
		}
	}
}

// firstPage is as many elements as a page shows.
func firstPage[T any](all func(func(T, error) bool)) func(func(T, error) bool) {
	return func(yield func(T, error) bool) {
		left := 20
		for element, err := range all {
			if left == 0 || !yield(element, err) {
				return
			}
			left--
		}
	}
}

func TestChartShowsWhatTheCommissionsOfEachMonthAddUpTo(t *testing.T) {
	w, jane := demoWorld(t)
	client := w.sdk(t, jane.CustomerID)
	page := html.UnescapeString(w.visitor(t, jane.CustomerID).open(t, 200, "/portal").body)
	now := w.Now().UTC()
	for back := range 12 {
		month := time.Date(now.Year(), now.Month()-time.Month(back), 1, 0, 0, 0, 0, time.UTC)
		sum := affiliates.Money{}
		for commission, err := range client.Account.Commissions.All(t.Context(), affiliates.CommissionFilter{From: month, To: month.AddDate(0, 1, 0)}) {
			require.NoError(t, err)
			sum = sum.Add(commission.Amount)
		}
		assert.Contains(t, page, `<th scope="row">`+month.Format("January 2006")+`</th><td class="num">`+shown(sum)+`</td>`)
	}
}

func TestCSVIsThatOfTheSDK(t *testing.T) {
	w, jane := demoWorld(t)
	b, client := w.visitor(t, jane.CustomerID), w.sdk(t, jane.CustomerID)
	account := client.Account
	user, payout := mostContainers(t, client), paidPayout(t, client)
	for path, write := range map[string]func(context.Context, io.Writer) error{
		"users.csv": func(ctx context.Context, to io.Writer) error {
			return account.Users.WriteCSV(ctx, to, affiliates.UserFilter{})
		},
		"users/" + user + "/containers.csv": func(ctx context.Context, to io.Writer) error {
			var all bytes.Buffer
			if err := account.Commissions.WriteSubscriptionsCSV(ctx, &all, affiliates.SubscriptionEarningsFilter{}); err != nil {
				return err
			}
			return keepRows(to, &all, "User ID", user)
		},
		"users.csv?filter=error": func(ctx context.Context, to io.Writer) error {
			return account.Users.WriteCSV(ctx, to, affiliates.UserFilter{Having: affiliates.SubscriptionError})
		},
		"deals.csv": func(ctx context.Context, to io.Writer) error {
			return account.Deals.WriteCSV(ctx, to, affiliates.DealFilter{})
		},
		"deals.csv?status=won": func(ctx context.Context, to io.Writer) error {
			return account.Deals.WriteCSV(ctx, to, affiliates.DealFilter{Status: affiliates.DealWon})
		},
		"invoices.csv?user=" + user: func(ctx context.Context, to io.Writer) error {
			return account.Invoices.WriteCSV(ctx, to, affiliates.InvoiceFilter{UserID: user})
		},
		"commissions.csv?user=" + user: func(ctx context.Context, to io.Writer) error {
			return account.Commissions.WriteCSV(ctx, to, affiliates.CommissionFilter{UserID: user})
		},
		"commissions.csv?plan=pro": func(ctx context.Context, to io.Writer) error {
			return account.Commissions.WriteCSV(ctx, to, affiliates.CommissionFilter{Plan: affiliates.PlanPro})
		},
		"commissions.csv?payout=" + payout: func(ctx context.Context, to io.Writer) error {
			return account.Commissions.WriteCSV(ctx, to, affiliates.CommissionFilter{PayoutID: payout})
		},
		"payouts.csv?status=paid": func(ctx context.Context, to io.Writer) error {
			return account.Payouts.WriteCSV(ctx, to, affiliates.PayoutFilter{Status: affiliates.PayoutPaid})
		},
		"invoices.csv": func(ctx context.Context, to io.Writer) error {
			return account.Invoices.WriteCSV(ctx, to, affiliates.InvoiceFilter{})
		},
		"commissions.csv": func(ctx context.Context, to io.Writer) error {
			return account.Commissions.WriteCSV(ctx, to, affiliates.CommissionFilter{})
		},
		"containers.csv": func(ctx context.Context, to io.Writer) error {
			return account.Commissions.WriteSubscriptionsCSV(ctx, to, affiliates.SubscriptionEarningsFilter{})
		},
		"commissions.csv?status=paid": func(ctx context.Context, to io.Writer) error {
			return account.Commissions.WriteCSV(ctx, to, affiliates.CommissionFilter{Status: affiliates.CommissionPaid})
		},
		"payouts.csv": func(ctx context.Context, to io.Writer) error {
			return account.Payouts.WriteCSV(ctx, to, affiliates.PayoutFilter{})
		},
		"statement.csv": func(ctx context.Context, to io.Writer) error {
			return account.Statement.WriteCSV(ctx, to, affiliates.StatementFilter{})
		},
	} {
		t.Run(path, func(t *testing.T) {
			var want bytes.Buffer
			require.NoError(t, write(t.Context(), &want))
			got := b.request(t, "GET", "/portal/"+path, nil)
			assert.Equal(t, 200, got.status)
			assert.Equal(t, want.String(), got.body)
			assert.Greater(t, strings.Count(got.body, "\n"), 1)
			if list, filter, _ := strings.Cut(path, "?"); filter != "" {
				whole := b.request(t, "GET", "/portal/"+list, nil).body
				assert.Less(t, strings.Count(got.body, "\n"), strings.Count(whole, "\n"), "it is part of the list")
			}
		})
	}
}

// mostContainers is the id of the partner's user with the most containers.
func mostContainers(t *testing.T, client *stackbe.Client) string {
	t.Helper()
	counts := make(map[string]int)
	user := ""
	for container, err := range client.Account.Commissions.AllSubscriptions(t.Context(), affiliates.SubscriptionEarningsFilter{}) {
		require.NoError(t, err)
		if counts[container.UserID]++; counts[container.UserID] > counts[user] {
			user = container.UserID
		}
	}
	require.Greater(t, counts[user], 1)
	return user
}

// paidPayout is the id of the partner's newest payout that was paid.
func paidPayout(t *testing.T, client *stackbe.Client) string {
	t.Helper()
	payouts, err := client.Account.Payouts.List(t.Context(), affiliates.PayoutFilter{Status: affiliates.PayoutPaid, Limit: 1})
	require.NoError(t, err)
	require.Len(t, payouts.Data, 1)
	return payouts.Data[0].ID
}

// keepRows writes the header of a CSV file, and the rows with a value in a column.
func keepRows(to io.Writer, from io.Reader, column, value string) error {
	rows, err := csv.NewReader(from).ReadAll()
	if err != nil {
		return err
	}
	at := slices.Index(rows[0], column)
	kept := slices.DeleteFunc(rows[1:], func(row []string) bool { return row[at] != value })
	w := csv.NewWriter(to)
	w.UseCRLF = true
	return w.WriteAll(append(rows[:1], kept...))
}

func TestContainersAreThoseOfTheSDK(t *testing.T) {
	w, jane := demoWorld(t)
	b, client := w.visitor(t, jane.CustomerID), w.sdk(t, jane.CustomerID)
	page := b.open(t, 200, "/portal/containers").body
	count := 0
	for container, err := range firstPage(client.Account.Commissions.AllSubscriptions(t.Context(), affiliates.SubscriptionEarningsFilter{})) {
		require.NoError(t, err)
		require.NotEmpty(t, container.Name)
		assertShown(t, page, "the containers", container.Name, container.UserEmail, shown(container.MonthlyPrice), shown(container.MonthlyCommission), shown(container.Earned))
		count++
	}
	assert.Equal(t, count, strings.Count(page, `data-label="Monthly price"`))
	assert.Positive(t, count)
}
