package portal

import (
	"iter"
	"net/http"
	"strconv"
	"time"

	"github.com/stackbe/stackbe-go/internal/csvtable"
	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// rowsOfCSV is how many rows are read at once.
const rowsOfCSV = 100

// writeCSV responds with a whole list, page by page. The columns are those that the SDK writes.
func writeCSV[T any](v *visit, name string, columns []csvtable.Column[T], list func(program.PageQuery) (program.Page[T], error)) {
	read := func(asked program.PageQuery) (program.Page[T], error) {
		extendTimeout(v.w, v.r)
		return list(asked)
	}
	first, err := read(program.PageQuery{Limit: rowsOfCSV})
	if err != nil {
		v.fail(err)
		return
	}
	v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	v.w.Header().Set("Content-Disposition", `attachment; filename="`+name+`.csv"`)
	if v.r.Method == http.MethodHead {
		return
	}
	if err := csvtable.Write(v.r.Context(), v.w, columns, pagesFrom(first, read)); err != nil {
		panic(http.ErrAbortHandler) // the reader sees that the file is incomplete
	}
}

// extendTimeout starts the timeout of the server for writing a response again. A long list takes longer.
func extendTimeout(w http.ResponseWriter, r *http.Request) {
	server, served := r.Context().Value(http.ServerContextKey).(*http.Server)
	if served && server.WriteTimeout > 0 {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(server.WriteTimeout)) // some writers have none
	}
}

// pagesFrom yields the rows of a page, and of those after it.
func pagesFrom[T any](at program.Page[T], read func(program.PageQuery) (program.Page[T], error)) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		for {
			if !yield(at.Rows, nil) || at.Next == 0 {
				return
			}
			next, err := read(program.PageQuery{Limit: rowsOfCSV, Before: at.Next})
			if err != nil {
				yield(nil, err)
				return
			}
			at = next
		}
	}
}

func money[T any](name string, of func(*T) program.Cents) csvtable.Column[T] {
	return csvtable.Number(name, func(row *T) string { return page.Decimal(of(row)) })
}

func rate[T any](name string, of func(*T) program.BasisPoints) csvtable.Column[T] {
	return csvtable.Number(name+" (%)", func(row *T) string {
		text := page.Percent(of(row))
		return text[:len(text)-len("%")]
	})
}

func count[T any](name string, of func(*T) int) csvtable.Column[T] {
	return csvtable.Number(name, func(row *T) string { return strconv.Itoa(of(row)) })
}

func text[T any](name string, of func(*T) string) csvtable.Column[T] { return csvtable.Text(name, of) }

func at[T any](name string, of func(*T) time.Time) csvtable.Column[T] { return csvtable.Time(name, of) }

var userColumns = []csvtable.Column[program.User]{
	text("ID", func(u *program.User) string { return u.ID }),
	text("Email", func(u *program.User) string { return u.Email }),
	text("Name", func(u *program.User) string { return u.Name }),
	text("Source", func(u *program.User) string { return string(u.Source) }),
	at("Signed up at", func(u *program.User) time.Time { return u.CreatedAt }),
	at("Attributed at", func(u *program.User) time.Time { return u.AttributedAt }),
	text("Access", func(u *program.User) string { return string(u.Access) }),
	count("Free", func(u *program.User) int { return u.Subscriptions.Free }),
	count("Pro", func(u *program.User) int { return u.Subscriptions.Pro }),
	count("Business", func(u *program.User) int { return u.Subscriptions.Business }),
	count("Enterprise", func(u *program.User) int { return u.Subscriptions.Enterprise }),
	count("Limit exceeded", func(u *program.User) int { return u.LimitExceeded }),
	count("Errors", func(u *program.User) int { return u.Errors }),
	money("Monthly value", func(u *program.User) program.Cents { return u.MonthlyValue }),
	money("Earned", func(u *program.User) program.Cents { return u.Earned }),
}

func (v *visit) usersCSV() {
	writeCSV(v, "users", userColumns, func(asked program.PageQuery) (program.Page[program.User], error) {
		return v.app.Users(v.me(), v.userQuery(asked))
	})
}

var dealColumns = []csvtable.Column[program.Deal]{
	text("ID", func(d *program.Deal) string { return d.ID }),
	text("Lead email", func(d *program.Deal) string { return d.LeadEmail }),
	text("Lead name", func(d *program.Deal) string { return d.LeadName }),
	text("Notes", func(d *program.Deal) string { return d.Notes }),
	text("Status", func(d *program.Deal) string { return string(d.Status) }),
	at("Created at", func(d *program.Deal) time.Time { return d.CreatedAt }),
}

func (v *visit) dealsCSV() {
	writeCSV(v, "deals", dealColumns, func(asked program.PageQuery) (program.Page[program.Deal], error) {
		return v.app.Deals(v.me(), v.dealQuery(asked))
	})
}

var invoiceColumns = []csvtable.Column[program.UserInvoice]{
	text("ID", func(i *program.UserInvoice) string { return i.ID }),
	text("Number", func(i *program.UserInvoice) string { return i.Label() }),
	text("User ID", func(i *program.UserInvoice) string { return i.CustomerID }),
	text("User email", func(i *program.UserInvoice) string { return i.UserEmail }),
	text("Subscription ID", func(i *program.UserInvoice) string { return i.SubscriptionID }),
	text("Plan", func(i *program.UserInvoice) string { return string(i.Plan) }),
	text("Billing", func(i *program.UserInvoice) string { return string(i.Billing) }),
	text("Description", func(i *program.UserInvoice) string { return i.Text() }),
	money("Amount", func(i *program.UserInvoice) program.Cents { return i.Amount }),
	money("Refunded", func(i *program.UserInvoice) program.Cents { return i.Refunded }),
	text("Status", func(i *program.UserInvoice) string { return string(i.Status) }),
	at("Period start", func(i *program.UserInvoice) time.Time { return i.PeriodStart }),
	at("Period end", func(i *program.UserInvoice) time.Time { return i.PeriodEnd }),
	at("Created at", func(i *program.UserInvoice) time.Time { return i.CreatedAt }),
	at("Paid at", func(i *program.UserInvoice) time.Time { return i.PaidAt }),
}

func (v *visit) invoicesCSV() {
	writeCSV(v, "invoices", invoiceColumns, func(asked program.PageQuery) (program.Page[program.UserInvoice], error) {
		return v.app.UserInvoices(v.me(), v.r.URL.Query().Get("user"), asked)
	})
}

var commissionColumns = []csvtable.Column[program.UserCommission]{
	text("ID", func(c *program.UserCommission) string { return c.ID }),
	at("Created at", func(c *program.UserCommission) time.Time { return c.CreatedAt }),
	text("Status", func(c *program.UserCommission) string { return string(c.Status) }),
	text("User ID", func(c *program.UserCommission) string { return c.CustomerID }),
	text("User email", func(c *program.UserCommission) string { return c.UserEmail }),
	text("Plan", func(c *program.UserCommission) string { return string(c.Plan) }),
	text("Subscription ID", func(c *program.UserCommission) string { return c.SubscriptionID }),
	text("Invoice ID", func(c *program.UserCommission) string { return c.InvoiceID }),
	money("Payment", func(c *program.UserCommission) program.Cents { return c.Payment }),
	rate("Rate", func(c *program.UserCommission) program.BasisPoints { return c.Rate }),
	money("Amount", func(c *program.UserCommission) program.Cents { return c.Amount }),
	at("Ready at", func(c *program.UserCommission) time.Time { return c.ReadyAt }),
	text("Payout ID", func(c *program.UserCommission) string { return c.PayoutID }),
	text("Reverses", func(c *program.UserCommission) string { return c.Reverses }),
}

func (v *visit) commissionsCSV() {
	writeCSV(v, "commissions", commissionColumns, func(asked program.PageQuery) (program.Page[program.UserCommission], error) {
		return v.app.Commissions(v.me(), v.commissionQuery(asked))
	})
}

var containerColumns = []csvtable.Column[program.EarningSubscription]{
	text("Subscription ID", func(s *program.EarningSubscription) string { return s.ID }),
	text("Name", func(s *program.EarningSubscription) string { return s.Name }),
	text("User ID", func(s *program.EarningSubscription) string { return s.CustomerID }),
	text("User email", func(s *program.EarningSubscription) string { return s.UserEmail }),
	text("Plan", func(s *program.EarningSubscription) string { return string(s.Plan) }),
	text("Status", func(s *program.EarningSubscription) string { return string(s.Status) }),
	text("Billing", func(s *program.EarningSubscription) string { return string(s.Billing) }),
	money("Monthly price", func(s *program.EarningSubscription) program.Cents { return s.MonthlyPrice }),
	rate("Commission rate", func(s *program.EarningSubscription) program.BasisPoints { return s.CommissionRate }),
	money("Monthly commission", func(s *program.EarningSubscription) program.Cents { return s.MonthlyCommission }),
	money("Earned", func(s *program.EarningSubscription) program.Cents { return s.Earned }),
}

func (v *visit) containersCSV() {
	writeCSV(v, "containers", containerColumns, func(asked program.PageQuery) (program.Page[program.EarningSubscription], error) {
		return v.app.EarningSubscriptions(v.me(), asked)
	})
}

func (v *visit) userContainersCSV() {
	writeCSV(v, "containers", containerColumns, func(asked program.PageQuery) (program.Page[program.EarningSubscription], error) {
		return v.app.UserSubscriptions(v.me(), v.r.PathValue("userID"), asked)
	})
}

var payoutColumns = []csvtable.Column[program.Payout]{
	text("ID", func(p *program.Payout) string { return p.ID }),
	money("Amount", func(p *program.Payout) program.Cents { return p.Amount }),
	text("Status", func(p *program.Payout) string { return string(p.Status) }),
	text("Automatic", func(p *program.Payout) string { return yesNo(p.Automatic) }),
	count("Commissions", func(p *program.Payout) int { return p.Commissions }),
	at("Requested at", func(p *program.Payout) time.Time { return p.RequestedAt }),
	at("Processing at", func(p *program.Payout) time.Time { return p.ProcessingAt }),
	at("Paid at", func(p *program.Payout) time.Time { return p.PaidAt }),
	at("Failed at", func(p *program.Payout) time.Time { return p.FailedAt }),
	text("Failure reason", func(p *program.Payout) string { return p.FailureReason }),
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func (v *visit) payoutsCSV() {
	writeCSV(v, "payouts", payoutColumns, func(asked program.PageQuery) (program.Page[program.Payout], error) {
		return v.app.PartnerPayouts(v.me(), v.payoutQuery(asked))
	})
}

var entryColumns = []csvtable.Column[program.StatementLine]{
	count("Sequence", func(l *program.StatementLine) int { return l.Sequence }),
	text("ID", func(l *program.StatementLine) string { return l.ID }),
	at("Created at", func(l *program.StatementLine) time.Time { return l.At }),
	text("Kind", func(l *program.StatementLine) string { return string(l.Kind) }),
	money("Amount", func(l *program.StatementLine) program.Cents { return l.Amount }),
	text("From", func(l *program.StatementLine) string { return l.From }),
	text("To", func(l *program.StatementLine) string { return l.To }),
	text("Cause", func(l *program.StatementLine) string { return l.CauseType }),
	text("Cause ID", func(l *program.StatementLine) string { return l.Cause }),
	money("Earned", func(l *program.StatementLine) program.Cents { return l.Balances.Earned }),
	money("In review", func(l *program.StatementLine) program.Cents { return l.Balances.InReview }),
	money("Ready", func(l *program.StatementLine) program.Cents { return l.Balances.Ready }),
	money("Debt", func(l *program.StatementLine) program.Cents { return l.Balances.Debt }),
	money("In payout", func(l *program.StatementLine) program.Cents { return l.Balances.InPayout }),
	money("Paid", func(l *program.StatementLine) program.Cents { return l.Balances.Paid }),
}

func (v *visit) statementCSV() {
	writeCSV(v, "statement", entryColumns, func(asked program.PageQuery) (program.Page[program.StatementLine], error) {
		return v.app.Statement(v.me(), asked)
	})
}
