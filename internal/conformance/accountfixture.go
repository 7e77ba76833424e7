package conformance

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
)

// newPartner makes one, and signs it in as an admin can. Its figures start at zero.
func (s *suite) newPartner(t *testing.T) partner {
	t.Helper()
	affiliate := s.enroll(t)
	token := s.session(t, affiliate.CustomerID)
	return partner{Affiliate: affiliate, client: s.client.AsCustomer(token), token: token}
}

func (s *suite) session(t *testing.T, customerID string) string {
	t.Helper()
	session, err := s.admin.Admin.Customers.CreateSession(t.Context(), customerID, affiliates.CreateSessionParams{})
	require.NoError(t, err)
	require.Equal(t, customerID, session.CustomerID)
	return session.SessionToken
}

// signIn is a customer with a session.
func (s *suite) signIn(t *testing.T, customerID, email string) customer {
	t.Helper()
	token := s.session(t, customerID)
	return customer{id: customerID, email: email, client: s.client.AsCustomer(token), token: token}
}

// newCustomer is nobody's.
func (s *suite) newCustomer(t *testing.T) customer {
	t.Helper()
	created, err := s.admin.Admin.Customers.Create(t.Context(), affiliates.CreateCustomerParams{Email: newEmail(), Name: testName})
	require.NoError(t, err)
	return s.signIn(t, created.ID, created.Email)
}

// addUser makes a sub account of the partner.
func (p partner) addUser(t *testing.T) *affiliates.User {
	t.Helper()
	user, err := p.client.Account.Users.CreateSubAccount(t.Context(), affiliates.CreateSubAccountParams{Email: newEmail(), Name: testName})
	require.NoError(t, err)
	return user
}

func (p partner) user(t *testing.T, userID string) *affiliates.User {
	t.Helper()
	user, err := p.client.Account.Users.Get(t.Context(), userID)
	require.NoError(t, err)
	return user
}

func (p partner) askForAccess(t *testing.T, userID string) *affiliates.Access {
	t.Helper()
	access, err := p.client.Account.Users.RequestAccess(t.Context(), userID, affiliates.RequestAccessParams{})
	require.NoError(t, err)
	return access
}

// grant has the user grant the partner access, and returns it with the user, who is signed in.
func (s *suite) grant(t *testing.T, partner partner, userID string) (*affiliates.Access, customer) {
	t.Helper()
	user := s.signIn(t, userID, "")
	access, err := user.client.Account.Access.Grant(t.Context(), partner.askForAccess(t, userID).ID, affiliates.DecideAccessParams{})
	require.NoError(t, err)
	return access, user
}

func (s *suite) subscribe(t *testing.T, customerID string, plan affiliates.Plan) *affiliates.Subscription {
	t.Helper()
	return s.subscribeWith(t, affiliates.CreateSubscriptionParams{CustomerID: customerID, Plan: plan})
}

func (s *suite) subscribeWith(t *testing.T, params affiliates.CreateSubscriptionParams) *affiliates.Subscription {
	t.Helper()
	subscription, err := s.admin.Admin.Subscriptions.Create(t.Context(), params)
	require.NoError(t, err)
	return subscription
}

func (s *suite) update(t *testing.T, subscriptionID string, params affiliates.UpdateSubscriptionParams) *affiliates.Subscription {
	t.Helper()
	subscription, err := s.admin.Admin.Subscriptions.Update(t.Context(), subscriptionID, params)
	require.NoError(t, err)
	return subscription
}

func (s *suite) charge(t *testing.T, customerID string, cents int64) *affiliates.Invoice {
	t.Helper()
	invoice, err := s.admin.Admin.Invoices.Create(t.Context(), affiliates.CreateInvoiceParams{CustomerID: customerID, Amount: affiliates.MoneyFromCents(cents)})
	require.NoError(t, err)
	return invoice
}

// failedInvoice is the one of a subscription whose payment was declined.
func (s *suite) failedInvoice(t *testing.T, customerID string) *affiliates.Invoice {
	t.Helper()
	subscription := s.subscribeWith(t, affiliates.CreateSubscriptionParams{CustomerID: customerID, Plan: affiliates.PlanPro, PaymentMethod: affiliates.PaymentMethodDeclined})
	invoices := s.invoicesOf(t, subscription.ID)
	require.Len(t, invoices, 1)
	require.Equal(t, affiliates.InvoiceFailed, invoices[0].Status)
	return invoices[0]
}

// invoicesOf are those of a subscription, newest first.
func (s *suite) invoicesOf(t *testing.T, subscriptionID string) []*affiliates.Invoice {
	t.Helper()
	var invoices []*affiliates.Invoice
	for invoice, err := range s.admin.Admin.Invoices.All(t.Context(), affiliates.AdminInvoiceFilter{SubscriptionID: subscriptionID, Limit: 100}) {
		require.NoError(t, err)
		invoices = append(invoices, invoice)
	}
	return invoices
}

// refund gives back an amount, or all that is left at 0.
func (s *suite) refund(t *testing.T, invoiceID string, cents int64) *affiliates.RefundResult {
	t.Helper()
	var params affiliates.RefundInvoiceParams
	if cents > 0 {
		amount := affiliates.MoneyFromCents(cents)
		params.Amount = &amount
	}
	result, err := s.admin.Admin.Invoices.Refund(t.Context(), invoiceID, params)
	require.NoError(t, err)
	return result
}

func (p partner) requestPayout(t *testing.T) *affiliates.Payout {
	t.Helper()
	payout, err := p.client.Account.Payouts.Request(t.Context(), affiliates.RequestPayoutParams{})
	require.NoError(t, err)
	return payout
}

func (s *suite) process(t *testing.T, payoutID string) *affiliates.Payout {
	t.Helper()
	payout, err := s.admin.Admin.Payouts.Process(t.Context(), payoutID, affiliates.ProcessPayoutParams{})
	require.NoError(t, err)
	return payout
}

func (s *suite) markPaid(t *testing.T, payoutID string) *affiliates.Payout {
	t.Helper()
	payout, err := s.admin.Admin.Payouts.MarkPaid(t.Context(), payoutID, affiliates.MarkPayoutPaidParams{})
	require.NoError(t, err)
	return payout
}

func (s *suite) fail(t *testing.T, payoutID, reason string) *affiliates.Payout {
	t.Helper()
	payout, err := s.admin.Admin.Payouts.Fail(t.Context(), payoutID, affiliates.FailPayoutParams{Reason: reason})
	require.NoError(t, err)
	return payout
}

// commissions are all of the partner's that a filter selects, newest first.
func (p partner) commissions(t *testing.T, filter affiliates.CommissionFilter) []*affiliates.Commission {
	t.Helper()
	filter.Limit = 100
	var commissions []*affiliates.Commission
	for commission, err := range p.client.Account.Commissions.All(t.Context(), filter) {
		require.NoError(t, err)
		commissions = append(commissions, commission)
	}
	return commissions
}

func (p partner) summary(t *testing.T) *affiliates.CommissionSummary {
	t.Helper()
	summary, err := p.client.Account.Commissions.Summary(t.Context())
	require.NoError(t, err)
	return summary
}

// balances are in cents.
type balances struct{ earned, inReview, ready, debt, inPayout, paid int64 }

// assertBalances asserts what the summary, the dashboard, the administration and the newest entry of the
// statement say.
func (s *suite) assertBalances(t *testing.T, partner partner, want balances) {
	t.Helper()
	summary := partner.summary(t)
	assert.Equal(t, want, balances{
		cents(summary.TotalEarned), cents(summary.InReview), cents(summary.Ready),
		cents(summary.Debt), cents(summary.InPayout), cents(summary.Paid),
	}, "the summary")

	dashboard := partner.dashboard(t)
	earnings := dashboard.Earnings
	assert.Equal(t, want, balances{
		cents(dashboard.Affiliate.TotalEarned), cents(earnings.InReview), cents(earnings.Ready),
		cents(earnings.Debt), cents(earnings.InPayout), cents(earnings.Paid),
	}, "the dashboard")
	assert.Equal(t, want.earned-want.paid, cents(dashboard.Affiliate.PendingBalance), "what is pending")

	seen, err := s.admin.Admin.Partners.Get(t.Context(), partner.ID)
	require.NoError(t, err)
	assert.Equal(t, want, balancesOf(seen.Balances), "the administration")

	entries := partner.statement(t)
	if len(entries) > 0 {
		assert.Equal(t, want, balancesOf(entries[len(entries)-1].Balances), "the statement")
	}
}

func balancesOf(b affiliates.Balances) balances {
	return balances{cents(b.Earned), cents(b.InReview), cents(b.Ready), cents(b.Debt), cents(b.InPayout), cents(b.Paid)}
}

// statement is all of it, oldest first, after each entry has been held to the one before.
func (p partner) statement(t *testing.T) []*affiliates.Entry {
	t.Helper()
	var entries []*affiliates.Entry
	for entry, err := range p.client.Account.Statement.All(context.WithoutCancel(t.Context()), affiliates.StatementFilter{Limit: 100}) {
		require.NoError(t, err)
		entries = append([]*affiliates.Entry{entry}, entries...)
	}
	places := map[affiliates.Place]int64{}
	for i, entry := range entries {
		assert.Equal(t, i+1, entry.Sequence)
		assert.Positive(t, cents(entry.Amount), "entry %d", i+1)
		places[entry.From] -= cents(entry.Amount)
		places[entry.To] += cents(entry.Amount)
		want := balances{
			earned:   -places[affiliates.PlaceOutside],
			inReview: places[affiliates.PlaceInReview],
			ready:    max(0, places[affiliates.PlaceReady]),
			debt:     max(0, -places[affiliates.PlaceReady]),
			inPayout: places[affiliates.PlaceInPayout],
			paid:     places[affiliates.PlacePaid],
		}
		assert.Equal(t, want, balancesOf(entry.Balances), "the balances after entry %d, %s", i+1, entry.Kind)
	}
	return entries
}

// now is the server's time, as a new customer shows it.
func (s *suite) now(t *testing.T) time.Time {
	t.Helper()
	created, err := s.admin.Admin.Customers.Create(t.Context(), affiliates.CreateCustomerParams{Email: newEmail(), Name: testName})
	require.NoError(t, err)
	return created.CreatedAt
}

// paused is a change that pauses or resumes a subscription.
func paused(yes bool) affiliates.UpdateSubscriptionParams {
	return affiliates.UpdateSubscriptionParams{Paused: &yes}
}
