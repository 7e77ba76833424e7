package affiliates_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// paging has the fields of every filter of a list.
type paging struct {
	Limit  int
	Cursor string
}

// listing is one list of Account or Admin.
type listing struct {
	all     string // the method that goes through all pages
	csv     string // the method that writes CSV; "" for none
	path    string
	id      string // the field of an element that its string is in
	each    func(ctx context.Context, c *stackbe.Client, p paging) iter.Seq2[string, error]
	write   func(ctx context.Context, c *stackbe.Client, w io.Writer, p paging) error
	element string // one that fills every column
	rows    string // the CSV of it, with the names
}

func strung[T any](elements iter.Seq2[*T, error], id func(*T) string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for element, err := range elements {
			if element == nil {
				if !yield("", err) {
					return
				}
				continue
			}
			if !yield(id(element), err) {
				return
			}
		}
	}
}

var listings = []listing{
	{
		all: "Account.Users.All", csv: "Account.Users.WriteCSV", path: "/v1/affiliate/account/users", id: "id",
		each: func(ctx context.Context, c *stackbe.Client, p paging) iter.Seq2[string, error] {
			return strung(c.Account.Users.All(ctx, affiliates.UserFilter{Limit: p.Limit, Cursor: p.Cursor}), func(u *affiliates.User) string { return u.ID })
		},
		write: func(ctx context.Context, c *stackbe.Client, w io.Writer, p paging) error {
			return c.Account.Users.WriteCSV(ctx, w, affiliates.UserFilter{Limit: p.Limit, Cursor: p.Cursor})
		},
		element: userJSON,
		rows: `ID,Email,Name,Source,Signed up at (UTC),Attributed at (UTC),Access,Free,Pro,Business,Enterprise,Limit exceeded,Errors,Monthly value,Earned
cust_9,john@company.com,John Smith,referral_code,2026-03-01T10:00:00Z,2026-03-01T10:00:01.5Z,granted,1,2,3,4,5,6,12.34,99.50
`,
	},
	{
		all: "Account.Users.AllSubscriptions", path: "/v1/affiliate/account/users/cust_9/subscriptions", id: "id",
		each: func(ctx context.Context, c *stackbe.Client, p paging) iter.Seq2[string, error] {
			return strung(c.Account.Users.AllSubscriptions(ctx, "cust_9", affiliates.UserSubscriptionFilter{Limit: p.Limit, Cursor: p.Cursor}), func(s *affiliates.Subscription) string { return s.ID })
		},
	},
	{
		all: "Account.Invoices.All", csv: "Account.Invoices.WriteCSV", path: "/v1/affiliate/account/invoices", id: "id",
		each: func(ctx context.Context, c *stackbe.Client, p paging) iter.Seq2[string, error] {
			return strung(c.Account.Invoices.All(ctx, affiliates.InvoiceFilter{Limit: p.Limit, Cursor: p.Cursor}), func(i *affiliates.Invoice) string { return i.ID })
		},
		write: func(ctx context.Context, c *stackbe.Client, w io.Writer, p paging) error {
			return c.Account.Invoices.WriteCSV(ctx, w, affiliates.InvoiceFilter{Limit: p.Limit, Cursor: p.Cursor})
		},
		element: invoiceJSON,
		rows: `ID,Number,User ID,User email,Subscription ID,Plan,Billing,Description,Amount,Refunded,Status,Period start (UTC),Period end (UTC),Created at (UTC),Paid at (UTC)
inv_1,INV-000001,cust_9,john@company.com,sub_1,pro,individual,"Pro, a month",20.00,5.25,partially_refunded,2026-03-01T10:00:00Z,2026-04-01T10:00:00Z,2026-03-01T10:00:00Z,2026-03-01T10:00:02Z
`,
	},
	{
		all: "Account.Invoices.AllRefunds", path: "/v1/affiliate/account/invoices/inv_1/refunds", id: "id",
		each: func(ctx context.Context, c *stackbe.Client, p paging) iter.Seq2[string, error] {
			return strung(c.Account.Invoices.AllRefunds(ctx, "inv_1", affiliates.RefundFilter{Limit: p.Limit, Cursor: p.Cursor}), func(r *affiliates.Refund) string { return r.ID })
		},
	},
	{
		all: "Account.Commissions.All", csv: "Account.Commissions.WriteCSV", path: "/v1/affiliate/account/commissions", id: "id",
		each: func(ctx context.Context, c *stackbe.Client, p paging) iter.Seq2[string, error] {
			return strung(c.Account.Commissions.All(ctx, affiliates.CommissionFilter{Limit: p.Limit, Cursor: p.Cursor}), func(c *affiliates.Commission) string { return c.ID })
		},
		write: func(ctx context.Context, c *stackbe.Client, w io.Writer, p paging) error {
			return c.Account.Commissions.WriteCSV(ctx, w, affiliates.CommissionFilter{Limit: p.Limit, Cursor: p.Cursor})
		},
		element: commissionJSON,
		rows: `ID,Created at (UTC),Status,User ID,User email,Plan,Subscription ID,Invoice ID,Payment,Rate (%),Amount,Ready at (UTC),Payout ID,Reverses
com_1,2026-03-01T10:00:02Z,clawback,cust_9,john@company.com,pro,sub_1,inv_1,20.00,20,-2.95,2026-03-31T10:00:02Z,pay_1,com_0
`,
	},
	{
		all: "Account.Commissions.AllSubscriptions", csv: "Account.Commissions.WriteSubscriptionsCSV", path: "/v1/affiliate/account/commissions/subscriptions", id: "subscriptionId",
		each: func(ctx context.Context, c *stackbe.Client, p paging) iter.Seq2[string, error] {
			return strung(c.Account.Commissions.AllSubscriptions(ctx, affiliates.SubscriptionEarningsFilter{Limit: p.Limit, Cursor: p.Cursor}), func(e *affiliates.SubscriptionEarnings) string { return e.SubscriptionID })
		},
		write: func(ctx context.Context, c *stackbe.Client, w io.Writer, p paging) error {
			return c.Account.Commissions.WriteSubscriptionsCSV(ctx, w, affiliates.SubscriptionEarningsFilter{Limit: p.Limit, Cursor: p.Cursor})
		},
		element: earningsJSON,
		rows: `Subscription ID,Name,User ID,User email,Plan,Status,Billing,Monthly price,Commission rate (%),Monthly commission,Earned
sub_1,Shop,cust_9,john@company.com,pro,active,individual,20.00,20,4.00,12.00
`,
	},
	{
		all: "Account.Payouts.All", csv: "Account.Payouts.WriteCSV", path: "/v1/affiliate/account/payouts", id: "id",
		each: func(ctx context.Context, c *stackbe.Client, p paging) iter.Seq2[string, error] {
			return strung(c.Account.Payouts.All(ctx, affiliates.PayoutFilter{Limit: p.Limit, Cursor: p.Cursor}), func(p *affiliates.Payout) string { return p.ID })
		},
		write: func(ctx context.Context, c *stackbe.Client, w io.Writer, p paging) error {
			return c.Account.Payouts.WriteCSV(ctx, w, affiliates.PayoutFilter{Limit: p.Limit, Cursor: p.Cursor})
		},
		element: payoutJSON,
		rows: `ID,Amount,Status,Automatic,Commissions,Requested at (UTC),Processing at (UTC),Paid at (UTC),Failed at (UTC),Failure reason
pay_1,80.25,failed,yes,7,2026-04-01T00:00:00Z,2026-04-02T00:00:00Z,2026-04-03T00:00:00Z,2026-04-04T00:00:00Z,The account is closed
`,
	},
	{
		all: "Account.Statement.All", csv: "Account.Statement.WriteCSV", path: "/v1/affiliate/account/statement", id: "id",
		each: func(ctx context.Context, c *stackbe.Client, p paging) iter.Seq2[string, error] {
			return strung(c.Account.Statement.All(ctx, affiliates.StatementFilter{Limit: p.Limit, Cursor: p.Cursor}), func(e *affiliates.Entry) string { return e.ID })
		},
		write: func(ctx context.Context, c *stackbe.Client, w io.Writer, p paging) error {
			return c.Account.Statement.WriteCSV(ctx, w, affiliates.StatementFilter{Limit: p.Limit, Cursor: p.Cursor})
		},
		element: entryJSON,
		rows: `Sequence,ID,Created at (UTC),Kind,Amount,From,To,Cause,Cause ID,Earned,In review,Ready,Debt,In payout,Paid
42,ent_1,2026-03-06T10:00:00Z,clawback,2.95,ready,outside,refund,ref_1,1.01,2.02,3.03,4.04,5.05,6.06
`,
	},
	{
		all: "Account.Deals.All", csv: "Account.Deals.WriteCSV", path: "/v1/affiliate/deals", id: "id",
		each: func(ctx context.Context, c *stackbe.Client, p paging) iter.Seq2[string, error] {
			return strung(c.Account.Deals.All(ctx, affiliates.DealFilter{Limit: p.Limit, Cursor: p.Cursor}), func(d *affiliates.Deal) string { return d.ID })
		},
		write: func(ctx context.Context, c *stackbe.Client, w io.Writer, p paging) error {
			return c.Account.Deals.WriteCSV(ctx, w, affiliates.DealFilter{Limit: p.Limit, Cursor: p.Cursor})
		},
		element: dealJSON,
		rows: `ID,Lead email,Lead name,Notes,Status,Created at (UTC)
cmdeal1,p@company.com,John Smith,Met at a fair,registered,2026-03-02T10:00:00.123456Z
`,
	},
	{
		all: "Account.Access.All", path: "/v1/affiliate/access", id: "id",
		each: func(ctx context.Context, c *stackbe.Client, p paging) iter.Seq2[string, error] {
			return strung(c.Account.Access.All(ctx, affiliates.AccessFilter{Limit: p.Limit, Cursor: p.Cursor}), func(a *affiliates.Access) string { return a.ID })
		},
	},
	{
		all: "Admin.Partners.All", path: "/v1/apps/app_1/affiliates/partners", id: "id",
		each: func(ctx context.Context, c *stackbe.Client, p paging) iter.Seq2[string, error] {
			return strung(c.Admin.Partners.All(ctx, affiliates.PartnerFilter{Limit: p.Limit, Cursor: p.Cursor}), func(p *affiliates.Partner) string { return p.ID })
		},
	},
	{
		all: "Admin.Payouts.All", path: "/v1/apps/app_1/affiliates/payouts", id: "id",
		each: func(ctx context.Context, c *stackbe.Client, p paging) iter.Seq2[string, error] {
			return strung(c.Admin.Payouts.All(ctx, affiliates.PayoutFilter{Limit: p.Limit, Cursor: p.Cursor}), func(p *affiliates.Payout) string { return p.ID })
		},
	},
	{
		all: "Admin.Customers.All", path: "/v1/apps/app_1/customers", id: "id",
		each: func(ctx context.Context, c *stackbe.Client, p paging) iter.Seq2[string, error] {
			return strung(c.Admin.Customers.All(ctx, affiliates.CustomerFilter{Limit: p.Limit, Cursor: p.Cursor}), func(c *affiliates.Customer) string { return c.ID })
		},
	},
	{
		all: "Admin.Subscriptions.All", path: "/v1/apps/app_1/subscriptions", id: "id",
		each: func(ctx context.Context, c *stackbe.Client, p paging) iter.Seq2[string, error] {
			return strung(c.Admin.Subscriptions.All(ctx, affiliates.SubscriptionFilter{Limit: p.Limit, Cursor: p.Cursor}), func(s *affiliates.Subscription) string { return s.ID })
		},
	},
	{
		all: "Admin.Invoices.All", path: "/v1/apps/app_1/invoices", id: "id",
		each: func(ctx context.Context, c *stackbe.Client, p paging) iter.Seq2[string, error] {
			return strung(c.Admin.Invoices.All(ctx, affiliates.AdminInvoiceFilter{Limit: p.Limit, Cursor: p.Cursor}), func(i *affiliates.Invoice) string { return i.ID })
		},
	},
	{
		all: "Admin.Invoices.AllRefunds", path: "/v1/apps/app_1/invoices/inv_1/refunds", id: "id",
		each: func(ctx context.Context, c *stackbe.Client, p paging) iter.Seq2[string, error] {
			return strung(c.Admin.Invoices.AllRefunds(ctx, "inv_1", affiliates.RefundFilter{Limit: p.Limit, Cursor: p.Cursor}), func(r *affiliates.Refund) string { return r.ID })
		},
	},
}

// page is [page] with elements of the listing.
func (l listing) page(cursor string, hasMore bool, ids ...string) response {
	given := page(cursor, hasMore, ids...)
	given.body = strings.ReplaceAll(given.body, `"id":`, `"`+l.id+`":`)
	return given
}

// collected ranges over elements. It fails if anything follows an error.
func collected(t *testing.T, elements iter.Seq2[string, error]) (ids []string, failure error) {
	t.Helper()
	for id, err := range elements {
		require.NoError(t, failure, "something follows the error")
		if err != nil {
			failure = err
			continue
		}
		ids = append(ids, id)
	}
	return ids, failure
}

func eachListing(t *testing.T, test func(t *testing.T, l listing)) {
	t.Helper()
	for _, l := range listings {
		t.Run(l.all, func(t *testing.T) { test(t, l) })
	}
}

func TestAllReadsAllPagesEachTimeItIsRangedOver(t *testing.T) {
	eachListing(t, func(t *testing.T, l listing) {
		pages := []response{l.page("c2", true, "a", "b"), l.page("c3", true), l.page("", false, "c")}
		server := newServer(t, append(pages, pages...)...)
		elements := l.each(t.Context(), server.client(), paging{Limit: 2})
		assert.Empty(t, server.received(), "nothing is sent before the first step")
		for range 2 {
			ids, err := collected(t, elements)
			require.NoError(t, err)
			assert.Equal(t, []string{"a", "b", "c"}, ids, "an empty page is not the end")
		}
		once := []string{"limit=2", "cursor=c2&limit=2", "cursor=c3&limit=2"}
		assert.Equal(t, append(once, once...), queries(server))
		for _, r := range server.received() {
			assert.Equal(t, "GET "+l.path, r.method+" "+r.path)
		}
	})
}

func TestAllStartsAtFilterCursor(t *testing.T) {
	eachListing(t, func(t *testing.T, l listing) {
		server := newServer(t, l.page("", false, "c"))
		ids, err := collected(t, l.each(t.Context(), server.client(), paging{Cursor: "c3"}))
		require.NoError(t, err)
		assert.Equal(t, []string{"c"}, ids)
		assert.Equal(t, []string{"cursor=c3"}, queries(server))
	})
}

func TestAllReadsPagesOnDemand(t *testing.T) {
	eachListing(t, func(t *testing.T, l listing) {
		server := newServer(t, l.page("c2", true, "a", "b"))
		for id, err := range l.each(t.Context(), server.client(), paging{}) {
			require.NoError(t, err)
			if id == "b" {
				break
			}
		}
		assert.Len(t, server.received(), 1)
	})
}

func TestAllEndsWithError(t *testing.T) {
	eachListing(t, func(t *testing.T, l listing) {
		for name, test := range map[string]struct {
			responses []response
			start     string
			ids       []string
			err       error
		}{
			"when the first page fails":        {[]response{{401, `{}`}}, "", nil, stackbe.ErrUnauthorized},
			"when the second page fails":       {[]response{l.page("c2", true, "a"), {500, `{}`}}, "", []string{"a"}, stackbe.ErrServer},
			"when a page is not a list":        {[]response{l.page("c2", true, "a"), {body: `{}`}}, "", []string{"a"}, stackbe.ErrInvalidResponse},
			"when there is more but no cursor": {[]response{l.page("", true, "a")}, "", []string{"a"}, stackbe.ErrInvalidResponse},
			"when the next page is the same":   {[]response{l.page("c2", true, "a"), l.page("c2", true, "b")}, "", []string{"a", "b"}, stackbe.ErrInvalidResponse},
			"when a cursor is repeated":        {[]response{l.page("c1", true, "a")}, "c1", []string{"a"}, stackbe.ErrInvalidResponse},
		} {
			t.Run(name, func(t *testing.T) {
				server := newServer(t, test.responses...)
				ids, err := collected(t, l.each(t.Context(), server.client(), paging{Cursor: test.start}))
				assert.ErrorIs(t, err, test.err)
				assert.Equal(t, test.ids, ids)
				assert.Len(t, server.received(), len(test.responses))
			})
		}
	})
}

func TestAllChecksItsArguments(t *testing.T) {
	eachListing(t, func(t *testing.T, l listing) {
		for field, p := range map[string]paging{"Limit": {Limit: 101}, "Cursor": {Cursor: "a\nb"}} {
			server := newServer(t)
			_, err := collected(t, l.each(t.Context(), server.client(), p))
			assertRefused(t, server, err, field, "")
		}
		server := newServer(t)
		_, err := collected(t, l.each(t.Context(), server.client(), paging{Limit: -1}))
		assertRefused(t, server, err, "Limit", "")
	})
}

func TestAllOfClientNotMadeByNewReturnsErrNoClient(t *testing.T) {
	eachListing(t, func(t *testing.T, l listing) {
		_, err := collected(t, l.each(t.Context(), &stackbe.Client{}, paging{}))
		assert.ErrorIs(t, err, stackbe.ErrNoClient)
	})
}

func eachCSV(t *testing.T, test func(t *testing.T, l listing)) {
	t.Helper()
	eachListing(t, func(t *testing.T, l listing) {
		if l.csv == "" {
			t.Skip("has no CSV")
		}
		test(t, l)
	})
}

func TestWriteCSVWritesEveryColumn(t *testing.T) {
	eachCSV(t, func(t *testing.T, l listing) {
		server := newServer(t, response{body: `{"data":[` + l.element + `]}`})
		var table strings.Builder
		require.NoError(t, l.write(t.Context(), server.client(), &table, paging{}))
		assert.Equal(t, strings.ReplaceAll(l.rows, "\n", "\r\n"), table.String())
		assert.Equal(t, []string{"limit=100"}, queries(server))
	})
}

func TestWriteCSVReadsAllPagesFromFilterCursor(t *testing.T) {
	eachCSV(t, func(t *testing.T, l listing) {
		server := newServer(t, l.page("c3", true, "a", "b"), l.page("", false, "c"))
		var w writes
		require.NoError(t, l.write(t.Context(), server.client(), &w, paging{Limit: 2, Cursor: "c2"}))
		assert.Equal(t, []string{"cursor=c2&limit=2", "cursor=c3&limit=2"}, queries(server))
		assert.Len(t, w, 2, "a page at a time")
		rows, err := csv.NewReader(strings.NewReader(strings.Join(w, ""))).ReadAll()
		require.NoError(t, err)
		assert.Len(t, rows, 1+3)
	})
}

// writes holds what was written, one element for each call of Write.
type writes []string

func (w *writes) Write(p []byte) (int, error) {
	*w = append(*w, string(p))
	return len(p), nil
}

func TestWriteCSVOfEmptyListWritesHeader(t *testing.T) {
	eachCSV(t, func(t *testing.T, l listing) {
		server := newServer(t, l.page("", false))
		var table strings.Builder
		require.NoError(t, l.write(t.Context(), server.client(), &table, paging{}))
		names, _, _ := strings.Cut(l.rows, "\n")
		assert.Equal(t, names+"\r\n", table.String())
	})
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestWriteCSVReturnsErrors(t *testing.T) {
	eachCSV(t, func(t *testing.T, l listing) {
		t.Run("of the first page, and writes nothing", func(t *testing.T) {
			server := newServer(t, response{401, `{}`})
			var w writes
			assert.ErrorIs(t, l.write(t.Context(), server.client(), &w, paging{}), stackbe.ErrUnauthorized)
			assert.Empty(t, w)
		})
		t.Run("of a later page, after those before", func(t *testing.T) {
			server := newServer(t, l.page("c2", true, "a"), response{500, `{}`})
			var w writes
			assert.ErrorIs(t, l.write(t.Context(), server.client(), &w, paging{}), stackbe.ErrServer)
			assert.Len(t, w, 1)
		})
		t.Run("of the writer, and reads no further page", func(t *testing.T) {
			server := newServer(t, l.page("c2", true, "a"))
			full := errors.New("the disk is full")
			assert.ErrorIs(t, l.write(t.Context(), server.client(), failing{full}, paging{}), full)
			assert.Len(t, server.received(), 1)
		})
		t.Run("of the context", func(t *testing.T) {
			server := newServer(t, l.page("c2", true, "a"))
			ctx, cancel := context.WithCancel(t.Context())
			var w writes
			err := l.write(ctx, server.client(), io.MultiWriter(&w, canceling(cancel)), paging{})
			assert.ErrorIs(t, err, context.Canceled)
			assert.Len(t, w, 1)
			assert.Len(t, server.received(), 1)
		})
		t.Run("of its arguments", func(t *testing.T) {
			server := newServer(t)
			assertRefused(t, server, l.write(t.Context(), server.client(), nil, paging{}), "w", "")
			assertRefused(t, server, l.write(t.Context(), server.client(), io.Discard, paging{Limit: 101}), "Limit", "")
			var none context.Context
			assertRefused(t, server, l.write(none, server.client(), io.Discard, paging{}), "ctx", "")
			assert.ErrorIs(t, l.write(t.Context(), &stackbe.Client{}, io.Discard, paging{}), stackbe.ErrNoClient)
		})
	})
}

// canceling cancels a context once something is written.
type canceling context.CancelFunc

func (c canceling) Write(p []byte) (int, error) {
	c()
	return len(p), nil
}

func TestWriteCSVEscapesFormulas(t *testing.T) {
	const hostile = `=HYPERLINK("http://evil.example","x")`
	eachCSV(t, func(t *testing.T, l listing) {
		texts := strings.NewReplacer(
			"John Smith", strings.ReplaceAll(hostile, `"`, `\"`), "Pro, a month", strings.ReplaceAll(hostile, `"`, `\"`),
			"The account is closed", strings.ReplaceAll(hostile, `"`, `\"`), "Met at a fair", `two\r\nlines`, "cust_9", "-cust", "com_0", "+com", "ent_1", "@ent")
		server := newServer(t, response{body: `{"data":[` + texts.Replace(l.element) + `]}`})
		var table strings.Builder
		require.NoError(t, l.write(t.Context(), server.client(), &table, paging{}))
		rows, err := csv.NewReader(strings.NewReader(table.String())).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 2)
		inert := 0
		for i, cell := range rows[1] {
			if rows[0][i] == "Amount" {
				continue // a number, which may be negative
			}
			assert.NotContains(t, "=+-@", fmt.Sprintf("%.1s", cell+"x"), rows[0][i])
			if strings.HasPrefix(cell, "'") {
				inert++
			}
		}
		assert.NotZero(t, inert, "the texts are still there")
	})
}
