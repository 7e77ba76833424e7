package browser

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
)

const day = 24 * time.Hour

// TestApplicantBecomesPartnerAndIsPaid plays both roles, from the application to the money.
func TestApplicantBecomesPartnerAndIsPaid(t *testing.T) {
	for _, as := range []look{{}, {NoScript: true}} {
		t.Run(as.String(), func(t *testing.T) {
			t.Parallel()
			h := newHost(t)
			apply(t, h, "jane@acme.example", "Jane Smith")
			admin := newTab(t, as)
			h.signIn(admin)

			jane := approveInConsole(t, h, admin, "jane@acme.example", "Jane Smith", "JANE20")
			earn(t, h)
			person := newTab(t, as)
			person.open(jane.link(t))
			assert.Equal(t, h.URL+"/portal", get(person, chromedp.Location()), "the token has left the address bar")

			createSubAccount(t, h, person, jane)
			requestAccess(t, h, person, jane)
			requestPayout(t, h, person, jane)
			switchAutomaticPayoutsOn(t, h, person, jane)
			downloadLists(t, h, person, jane)
			payInConsole(t, h, admin)

			person.open(h.URL + "/portal/payouts")
			assert.Equal(t, "$200.00", person.content().Facts["Paid"])
			assert.Equal(t, "You are signed out", person.follow(control("Sign out")).Heading)
			person.openAs(401, h.URL+"/portal/payouts")
			admin.follow(control("Sign out"))
			admin.openAs(401, h.URL+"/console/payouts")
		})
	}
}

func apply(t *testing.T, h *host, email, name string) (applicationID string) {
	t.Helper()
	receipt, err := h.Client.Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: email, Name: name})
	require.NoError(t, err)
	return receipt.ID
}

// signIn signs the admin in with a link that can be used once.
func (h *host) signIn(admin *tab) {
	admin.t.Helper()
	link, err := h.ConsoleLink(h.App.ID)
	require.NoError(admin.t, err)
	admin.open(h.URL + link)
	assert.Equal(admin.t, "Overview", admin.follow(control("Sign in")).Heading)
	assert.Equal(admin.t, h.URL+"/console", get(admin, chromedp.Location()), "the token has left the address bar")
}

func approveInConsole(t *testing.T, h *host, admin *tab, email, name, code string) partner {
	t.Helper()
	admin.open(h.URL + "/console/applications")
	admin.follow(control(name))
	admin.fill(field("Referral code"), code)
	approved := admin.follow(control("Approve"))
	assert.Contains(t, approved.Text, name+" is a partner now, with the code "+code)
	assert.Equal(t, code, approved.Facts["Partner"])
	status, err := h.Client.Affiliates.GetApplicationStatus(t.Context(), email)
	require.NoError(t, err)
	assert.Equal(t, affiliates.ApplicationApproved, status.Status)
	partners, err := h.Admin.Admin.Partners.List(t.Context(), affiliates.PartnerFilter{Limit: 1})
	require.NoError(t, err)
	return h.partner(t, partners.Data[0].CustomerID)
}

// earn has a customer of Jane's pay, and the holding period pass: a fifth of a thousand dollars is ready.
func earn(t *testing.T, h *host) {
	t.Helper()
	customer, err := h.Admin.Admin.Customers.Create(t.Context(), affiliates.CreateCustomerParams{Email: "anna@lindenbakery.example", Name: "Anna Keller", ReferralCode: "JANE20"})
	require.NoError(t, err)
	_, err = h.Admin.Admin.Invoices.Create(t.Context(), affiliates.CreateInvoiceParams{CustomerID: customer.ID, Amount: affiliates.MoneyFromCents(1000_00)})
	require.NoError(t, err)
	require.NoError(t, h.Advance(31*day))
}

func createSubAccount(t *testing.T, h *host, person *tab, jane partner) {
	t.Helper()
	person.open(h.URL + "/portal/users")
	person.follow(control("Create sub account"))
	person.fill(field("Client's email"), "not an email")
	refused := person.followTo(422, control("Create sub account"))
	assert.Contains(t, refused.Text, "Nothing was saved yet")
	person.fill(field("Client's email"), "grace@tealeafhouse.example")
	person.fill(field("Client's name"), "Grace Liu")
	created := person.follow(control("Create sub account"))
	assert.Equal(t, "Grace Liu", created.Heading)
	assert.Contains(t, created.Text, "The account of grace@tealeafhouse.example is created.")
	users, err := jane.Account.Users.List(t.Context(), affiliates.UserFilter{})
	require.NoError(t, err)
	require.Len(t, users.Data, 2)
	assert.Equal(t, "grace@tealeafhouse.example", users.Data[0].Email)
	assert.Equal(t, "Sub account", created.Facts["Came by"])
}

// requestAccess has Jane ask her newest user for access, and log in as the user, who grants it.
func requestAccess(t *testing.T, h *host, person *tab, jane partner) {
	t.Helper()
	person.open(h.URL + "/portal/users")
	person.follow(control("Grace Liu"))
	requested := person.follow(control("Request access"))
	assert.Contains(t, requested.Text, "The user has not decided yet")
	users, err := jane.Account.Users.List(t.Context(), affiliates.UserFilter{Limit: 1})
	require.NoError(t, err)
	assert.Equal(t, affiliates.AccessRequested, users.Data[0].Access)

	grace := h.partner(t, users.Data[0].ID)
	asked, err := grace.Account.Access.List(t.Context(), affiliates.AccessFilter{})
	require.NoError(t, err)
	_, err = grace.Account.Access.Grant(t.Context(), asked.Data[0].ID, affiliates.DecideAccessParams{})
	require.NoError(t, err)
	person.open(h.URL + "/portal/users")
	loggedIn := person.follow(control("Login as user " + users.Data[0].Email))
	assert.Equal(t, "Grace Liu", loggedIn.Heading)
	assert.Contains(t, loggedIn.Text, "as that user")
	assert.Equal(t, "Dashboard", person.follow(control("Back to the portal")).Heading)
}

func requestPayout(t *testing.T, h *host, person *tab, jane partner) {
	t.Helper()
	person.open(h.URL + "/portal/payouts")
	requested := person.follow(control("Request a payout"))
	assert.Contains(t, requested.Text, "A payout of $200.00 is requested.")
	assert.Equal(t, []string{"Pending"}, requested.table(t, "Payouts").column("Status"))
	assert.Equal(t, "$200.00", requested.Facts["In a payout"])
	assert.Contains(t, requested.Text, "Another payout is pending or processing")
	payouts, err := jane.Account.Payouts.List(t.Context(), affiliates.PayoutFilter{})
	require.NoError(t, err)
	require.Len(t, payouts.Data, 1)
	assert.Equal(t, "200.00", payouts.Data[0].Amount.String())
}

func switchAutomaticPayoutsOn(t *testing.T, h *host, person *tab, jane partner) {
	t.Helper()
	person.open(h.URL + "/portal/payouts")
	person.do(chromedp.Click(chromedp.Search(`//label[contains(., "Monthly")]`)))
	saved := person.follow(control("Save"))
	schedule, err := jane.Account.Payouts.Schedule(t.Context())
	require.NoError(t, err)
	assert.Equal(t, affiliates.PayoutIntervalMonthly, schedule.Interval)
	assert.Contains(t, saved.Text, "Automatic payouts are monthly. The next one is due on "+utc(schedule.NextAt)+".")
}

// downloadLists fails the test if a file has anything else than the SDK writes.
func downloadLists(t *testing.T, h *host, person *tab, jane partner) {
	t.Helper()
	account := jane.Account
	for path, write := range map[string]func(context.Context, io.Writer) error{
		"users": func(ctx context.Context, w io.Writer) error {
			return account.Users.WriteCSV(ctx, w, affiliates.UserFilter{})
		},
		"deals": func(ctx context.Context, w io.Writer) error {
			return account.Deals.WriteCSV(ctx, w, affiliates.DealFilter{})
		},
		"invoices": func(ctx context.Context, w io.Writer) error {
			return account.Invoices.WriteCSV(ctx, w, affiliates.InvoiceFilter{})
		},
		"commissions": func(ctx context.Context, w io.Writer) error {
			return account.Commissions.WriteCSV(ctx, w, affiliates.CommissionFilter{})
		},
		"payouts": func(ctx context.Context, w io.Writer) error {
			return account.Payouts.WriteCSV(ctx, w, affiliates.PayoutFilter{})
		},
		"statement": func(ctx context.Context, w io.Writer) error {
			return account.Statement.WriteCSV(ctx, w, affiliates.StatementFilter{})
		},
	} {
		person.open(h.URL + "/portal/" + path)
		name, text := person.download(control("Download CSV"))
		assert.Equal(t, path+".csv", name)
		var written strings.Builder
		require.NoError(t, write(t.Context(), &written))
		assert.Equal(t, written.String(), text, path)
	}
}

func payInConsole(t *testing.T, h *host, admin *tab) {
	t.Helper()
	admin.open(h.URL + "/console/payouts")
	admin.follow(control("Payout to JANE20"))
	assert.Contains(t, admin.follow(control("Mark as processing")).Text, "Processing since")
	assert.NotEmpty(t, admin.follow(control("Mark as paid")).Facts["Paid"])
	payouts, err := h.Admin.Admin.Payouts.List(t.Context(), affiliates.PayoutFilter{})
	require.NoError(t, err)
	assert.Equal(t, affiliates.PayoutPaid, payouts.Data[0].Status)
}

func TestConsoleSaysWhyReviewIsRefused(t *testing.T) {
	for _, as := range []look{{}, {NoScript: true}} {
		t.Run(as.String(), func(t *testing.T) {
			t.Parallel()
			h := newHost(t)
			h.enroll(t, "bob@beta.example", "Bob Fischer", "BOB10")
			application := h.URL + "/console/applications/" + apply(t, h, "jane@acme.example", "Jane Smith")
			admin := newTab(t, as)
			h.signIn(admin)

			admin.open(application)
			admin.fill(field("Referral code"), "BOB10")
			taken := admin.followTo(409, control("Approve"))
			assert.Contains(t, taken.Text, "in use")
			assert.Equal(t, "BOB10", get(admin, chromedp.Value(field("Referral code"))), "what was entered is still there")

			other := newTab(t, as)
			h.signIn(other)
			other.open(application)
			other.fill(field("Reason"), "Not a good fit")
			rejected := other.follow(control("Reject"))
			assert.Equal(t, "Not a good fit", rejected.Facts["Reason of the rejection"])
			admin.fill(field("Referral code"), "JANE20")
			second := admin.followTo(409, control("Approve"))
			assert.Contains(t, second.Text, "has been reviewed already: it is rejected")
			status, err := h.Client.Affiliates.GetApplicationStatus(t.Context(), "jane@acme.example")
			require.NoError(t, err)
			assert.Equal(t, "Not a good fit", status.RejectionReason)
		})
	}
}

// TestScriptOfPagesCopiesAndFilters checks the little that needs JavaScript.
func TestScriptOfPagesCopiesAndFilters(t *testing.T) {
	h, jane := newDemo(t)
	person := h.enterPortal(t, look{}, jane)
	for _, name := range []string{"clipboard-read", "clipboard-write"} {
		_, err := chromedp.CallBrowser(person.ctx, browser.SetPermission, browser.SetPermissionParams{
			Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted,
			BrowserContextID: chromedp.FromContext(person.ctx).BrowserContextID,
		})
		require.NoError(t, err)
	}
	person.open(h.URL + "/portal")
	person.do(chromedp.Click(control("Copy")), chromedp.WaitVisible(control("Copied")))
	assert.Equal(t, "https://yoursite.com?ref=JANE20", get(person.tab, chromedp.Evaluate[string](`navigator.clipboard.readText()`, chromedp.EvalAwaitPromise)))

	person.open(h.URL + "/portal/users")
	filter := chromedp.Search(`//input[@type="search"]`)
	person.do(chromedp.SendKeys(filter, "BOB.FISCHER"))
	const rows = `[...document.querySelectorAll("tbody tr")].filter(row => row.checkVisibility()).map(row => row.cells[0].innerText).join()`
	assert.Equal(t, "Bob Fischer\nbob.fischer@fischertools.example", get(person.tab, chromedp.Evaluate[string](rows)))
	const shown = `document.querySelector(".toolbar [role=status]").textContent`
	assert.Equal(t, "1 of 15 rows shown", get(person.tab, chromedp.Evaluate[string](shown)))
	person.open(h.URL + "/portal/users")
	person.do(chromedp.SendKeys(filter, "login as user"))
	assert.Equal(t, "0 of 15 rows shown", get(person.tab, chromedp.Evaluate[string](shown)), "a button is not what a row says")
}
