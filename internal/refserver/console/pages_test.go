package console_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/console"
	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func TestApplicationIsReviewed(t *testing.T) {
	w := newWorld(t)
	s := openShop(t, w, w.App, "Jane")
	b := w.admin(t, w.AdminToken)
	apply := func(email string) string {
		application, err := w.Program.Apply(program.ApplicationParams{Email: email, Name: "Kim <b>Lee</b>"})
		require.NoError(t, err)
		return "/console/applications/" + application.ID
	}

	t.Run("pending ones come first", func(t *testing.T) {
		got := b.page("/console/applications")
		assert.Contains(t, got.body, s.pending)
		assert.NotContains(t, got.body, s.rejected)
		assert.Contains(t, got.text(), "Pending (1) Approved (1) Rejected (1) All (3)")
		assert.Contains(t, b.page("/console/applications?status=rejected").body, s.rejected)
		assert.Contains(t, b.page("/console/applications?status=all").body, s.rejected)
	})

	t.Run("approved with a code", func(t *testing.T) {
		path := apply("kim@acme.com")
		got := b.done(path+"/approve", "code", " kim20 ")
		assert.Contains(t, got.text(), "Kim <b>Lee</b> is a partner now, with the code KIM20.")
		assert.Contains(t, got.text(), "Approved")
		assert.NotContains(t, got.body, `action="`+path)
		assert.NotContains(t, b.page(path).text(), "is a partner now", "the message is shown once")
	})

	t.Run("approved without a code", func(t *testing.T) {
		got := b.done(apply("kim2@acme.com") + "/approve")
		assert.Regexp(t, `with the code KIM-[A-Z2-7]{6}\.`, got.text())
	})

	t.Run("a code in use is refused at its field", func(t *testing.T) {
		path := apply("kim3@acme.com")
		got := b.post(path+"/approve", "code", "jane20")
		assert.Equal(t, http.StatusConflict, got.status)
		assert.Contains(t, got.problem("code"), "This referral code is in use")
		assert.Equal(t, "jane20", got.value(t, "code"))
		assert.Contains(t, got.body, `aria-invalid="true"`)
		b.done(path+"/approve", "code", "KIM30")
	})

	t.Run("an invalid code is refused at its field", func(t *testing.T) {
		got := b.post(apply("kim4@acme.com")+"/approve", "code", "no spaces")
		assert.Equal(t, http.StatusUnprocessableEntity, got.status)
		assert.Equal(t, "Must be 3 to 32 characters of A-Z, 0-9, _ and -.", got.problem("code"))
		assert.Equal(t, "no spaces", got.value(t, "code"))
	})

	t.Run("rejected with a reason", func(t *testing.T) {
		got := b.done(apply("kim5@acme.com")+"/reject", "rejectionReason", "Not\r\nnow")
		assert.Contains(t, got.text(), "is rejected.")
		assert.Contains(t, got.body, "Not\nnow")
	})

	t.Run("too long a reason is refused at its field", func(t *testing.T) {
		reason := strings.Repeat("é", 1001)
		got := b.post(apply("kim6@acme.com")+"/reject", "rejectionReason", reason)
		assert.Equal(t, http.StatusUnprocessableEntity, got.status)
		assert.Contains(t, got.problem("rejectionReason"), "1000")
		assert.Equal(t, reason, got.value(t, "rejectionReason"))
	})

	t.Run("a second review says what became of the first", func(t *testing.T) {
		path := "/console/applications/" + s.rejected
		for _, form := range [][]string{{path + "/approve", "code", "MYCODE"}, {path + "/reject", "rejectionReason", "MYREASON"}} {
			got := b.post(form[0], form[1:]...)
			assert.Equal(t, http.StatusConflict, got.status)
			assert.Contains(t, got.text(), "This application has been reviewed already: it is rejected.")
			assert.Contains(t, got.text(), form[2], "what was entered is kept")
		}
	})

	t.Run("found by its email", func(t *testing.T) {
		got := b.get("/console/applications?find=%20PAT@acme.com")
		assert.Equal(t, http.StatusSeeOther, got.status)
		assert.Equal(t, "/console/applications/"+s.pending, got.location())
		assert.Contains(t, b.page("/console/applications?find=nobody@acme.com").text(), "No application is from this email.")
		assert.Contains(t, b.page("/console/applications?find=nobody").text(), "This is not an email.")
	})
}

func TestPayoutIsMovedOn(t *testing.T) {
	w := newWorld(t)
	s := openShop(t, w, w.App, "Jane")
	b := w.admin(t, w.AdminToken)
	path := "/console/payouts/" + s.payout

	assert.Contains(t, b.page("/console/payouts").text(), "Pending (1) Processing (0) Paid (0) Failed (1) All (2)")
	assert.NotContains(t, b.page("/console/payouts").body, s.paid)
	assert.Contains(t, b.page("/console/payouts?status=failed").body, s.paid)
	assert.Contains(t, b.page(path).text(), "$200.00 to JANE20")

	t.Run("a step that its status does not allow is refused", func(t *testing.T) {
		got := b.post(path+"/move", "status", "paid")
		assert.Equal(t, http.StatusConflict, got.status)
		assert.Contains(t, got.text(), "This payout is pending, and cannot become paid.")
	})
	for _, status := range []string{"", "lost"} {
		got := b.post(path+"/move", "status", status)
		assert.Equal(t, http.StatusUnprocessableEntity, got.status)
		assert.Contains(t, got.text(), "must be one of the following values")
	}
	t.Run("too long a reason is refused at its field", func(t *testing.T) {
		got := b.post(path+"/move", "status", "failed", "failureReason", strings.Repeat("a", 1001))
		assert.Equal(t, http.StatusUnprocessableEntity, got.status)
		assert.Contains(t, got.problem("failureReason"), "1000")
		assert.Equal(t, strings.Repeat("a", 1001), got.value(t, "failureReason"))
	})

	assert.Contains(t, b.done(path+"/move", "status", "processing").text(), "The payout of $200.00 to JANE20 is processing.")
	assert.Contains(t, b.done(path+"/move", "status", "paid").text(), "is paid.")
	got := b.post(path+"/move", "status", "failed", "failureReason", "MYREASON")
	assert.Equal(t, http.StatusConflict, got.status)
	assert.Contains(t, got.text(), "MYREASON", "what was entered is kept")

	failed := b.page("/console/payouts/" + s.paid)
	assert.Contains(t, failed.text(), "Failed")
	assert.Contains(t, failed.text(), "Jane", "the reason")
}

func TestPartnerHasItsFigures(t *testing.T) {
	w := newWorld(t)
	s := openShop(t, w, w.App, "Jane")
	b := w.admin(t, w.AdminToken)
	partner, err := w.Program.Partner(s.partner)
	require.NoError(t, err)
	info, err := w.Program.Info(s.asCustomer)
	require.NoError(t, err)

	got := b.page("/console/partners/" + s.partner)
	for name, amount := range map[string]program.Cents{
		"Total earned": partner.TotalEarned, "In review": partner.Balances.InReview, "Ready": partner.Balances.Ready,
		"In payout": partner.Balances.InPayout, "Paid": partner.Balances.Paid, "Monthly referral value": info.MonthlyReferralValue,
	} {
		assert.Contains(t, got.text(), name+" "+page.Money(amount))
	}
	assert.Contains(t, got.text(), "JANE20")
	assert.Contains(t, got.text(), "Commission rate 20%")
	assert.Contains(t, got.text(), "Jane, with 30%: 5 more paid subscriptions")
	assert.Contains(t, b.page("/console/partners").text(), page.Money(partner.TotalEarned))

	t.Run("found by its code or email", func(t *testing.T) {
		for _, text := range []string{"jane20", "jane@acme.com"} {
			assert.Equal(t, "/console/partners/"+s.partner, b.get("/console/partners?find="+text).location())
		}
		assert.Contains(t, b.page("/console/partners?find=nobody").text(), "No partner has this code or email.")
	})

	t.Run("its portal opens", func(t *testing.T) {
		assert.NotContains(t, got.body, "/portal/", "the page has no link that could be copied")
		opened := b.post("/console/partners/" + s.partner + "/portal")
		assert.Equal(t, http.StatusSeeOther, opened.status)
		_, err := w.Program.OpenPortal(strings.TrimPrefix(opened.location(), "/portal/"))
		assert.NoError(t, err)
	})
}

func TestInvoiceIsRefundedAndPaid(t *testing.T) {
	w := newWorld(t)
	s := openShop(t, w, w.App, "Jane")
	b := w.admin(t, w.AdminToken)
	path := "/console/invoices/" + s.invoice

	assert.Contains(t, b.page("/console/invoices").body, path)
	assert.Contains(t, b.page("/console/customers/"+s.customer).body, path)
	for text, problem := range map[string]string{
		"x": "Must be a number", "1.234": "Must be a number", "1,5": "Must be a number", "-1": "Must be from $0.01", "0": "Must be from $0.01",
		"1000.01": "$1000.00 of this payment of $1000.00 is left to refund.",
	} {
		got := b.post(path+"/refund", "amount", text)
		assert.Equal(t, http.StatusUnprocessableEntity, got.status, text)
		assert.Contains(t, got.problem("amount"), problem, text)
		assert.Equal(t, text, got.value(t, "amount"))
	}
	assert.Contains(t, b.done(path+"/refund", "amount", "300.5").text(), "$300.50 of INV-000003 is refunded.")
	got := b.done(path+"/refund", "amount", "")
	assert.Contains(t, got.text(), "$699.50 of INV-000003 is refunded.")
	assert.NotContains(t, got.body, path+"/refund", "nothing is left")
	again := b.post(path+"/refund", "amount", "")
	assert.Equal(t, http.StatusUnprocessableEntity, again.status)
	assert.Contains(t, again.text(), "$0.00 of this payment of $1000.00 is left to refund.")

	failed := "/console/invoices/" + s.failed
	refused := b.post(failed+"/refund", "amount", "")
	assert.Equal(t, http.StatusConflict, refused.status)
	assert.Contains(t, refused.text(), "its payment has failed.")
	assert.Contains(t, b.done(failed+"/pay").text(), "INV-000001 is paid.")
	assert.Equal(t, http.StatusConflict, b.post(failed+"/pay").status)
}

func TestCustomerIsShownWithItsPartner(t *testing.T) {
	w := newWorld(t)
	s := openShop(t, w, w.App, "Jane")
	b := w.admin(t, w.AdminToken)
	got := b.page("/console/customers/" + s.customer)
	assert.Contains(t, got.text(), "Attributed to JANE20")
	assert.Contains(t, b.page("/console/customers/"+s.asCustomer).text(), "Is a partner JANE20")
	assert.Contains(t, b.page("/console/customers").text(), "lee@example.com")
	assert.Equal(t, "/console/customers/"+s.customer, b.get("/console/customers?find=LEE@example.com").location())
	assert.Contains(t, b.page("/console/customers?find=nobody").text(), "No customer has this email.")
}

func TestListsGoThroughAllRowsByCursor(t *testing.T) {
	w := newWorld(t)
	const rows = 60
	for i := range rows {
		email := fmt.Sprintf("p%d@acme.com", i)
		application, err := w.Program.Apply(program.ApplicationParams{Email: email, Name: "P"})
		require.NoError(t, err)
		review, err := w.Program.Approve(application.ID, "")
		require.NoError(t, err)
		_, err = w.Program.CreateInvoice(program.InvoiceParams{CustomerID: review.Affiliate.CustomerID, Amount: 100})
		require.NoError(t, err)
	}
	receiver, err := w.Webhooks.AddEndpoint(w.ID, delivery.EndpointParams{URL: "http://receiver.test", Secret: secret, Transport: nowhere{}})
	require.NoError(t, err)
	for i := range rows {
		_, err := w.Program.CreateCustomer(program.CustomerParams{Email: fmt.Sprintf("c%d@acme.com", i)})
		require.NoError(t, err)
	}
	w.Webhooks.Settle()
	for i := range rows {
		w.browser(t).send(http.MethodGet, fmt.Sprintf("/v1/affiliate/by-customer/c%d", i), nil, "x-api-key", w.APIKey)
	}
	b := w.admin(t, w.AdminToken)
	for list, want := range map[string]int{
		"/console/applications?status=approved": rows,
		"/console/partners":                     rows,
		"/console/customers":                    2 * rows,
		"/console/invoices":                     rows,
		"/console/webhooks":                     rows,
		"/console/webhooks/" + receiver.ID:      rows,
		"/console/webhooks?state=pending":       rows,
		"/console/requests":                     rows,
	} {
		t.Run(list, func(t *testing.T) {
			section, _, _ := strings.Cut(strings.TrimPrefix(list, "/console/"), "?")
			section, _, _ = strings.Cut(section, "/")
			link := regexp.MustCompile(`<th scope="row"><a href="(/console/` + section + `/[^"]+)"`)
			next := regexp.MustCompile(`href="([^"]*)" rel="next"`)
			seen := map[string]bool{}
			for path, pages := list, 1; path != ""; pages++ {
				got := b.page(path)
				for _, row := range link.FindAllStringSubmatch(got.body, -1) {
					if section == "webhooks" && !strings.Contains(row[1], "/deliveries/") {
						continue
					}
					assert.False(t, seen[row[1]], "%s comes twice", row[1])
					seen[row[1]] = true
				}
				path = ""
				if found := next.FindStringSubmatch(got.body); found != nil {
					path = strings.ReplaceAll(found[1], "&amp;", "&")
				}
				if pages > 1 {
					assert.Contains(t, got.body, "First page")
				}
				require.Less(t, pages, 10)
			}
			assert.Len(t, seen, want)
		})
	}
}

// nowhere is a transport without a receiver.
type nowhere struct{}

func (nowhere) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("connection refused")
}

func TestEmptyPagesSayWhatToDo(t *testing.T) {
	w := newWorld(t)
	b := w.admin(t, w.AdminToken)
	for path, text := range map[string]string{
		"/console":                              "A new one appears here when a person applies",
		"/console/applications":                 "No application waits for you",
		"/console/applications?status=approved": "Approve a pending one",
		"/console/applications?status=rejected": "No application is rejected",
		"/console/applications?status=all":      "POST /v1/affiliate/apply",
		"/console/partners":                     "Approve an application",
		"/console/payouts":                      "One appears here when a partner requests it",
		"/console/payouts?status=processing":    "Move a pending one on",
		"/console/payouts?status=paid":          "Mark a processing one as paid",
		"/console/payouts?status=failed":        "No payout has failed",
		"/console/payouts?status=all":           "once enough is ready",
		"/console/customers":                    "POST /v1/apps/{appId}/customers",
		"/console/invoices":                     "Admin.Subscriptions.Create",
		"/console/webhooks":                     "Add the first webhook",
		"/console/requests":                     "Send one with the app’s API key",
	} {
		got := b.page(path)
		assert.Contains(t, got.text(), text, path)
		assert.NotContains(t, got.body, "<table", path)
	}
}

func TestOverviewCountsWhatWaits(t *testing.T) {
	w := newWorld(t)
	s := openShop(t, w, w.App, "Jane")
	b := w.admin(t, w.AdminToken)
	for _, path := range []string{"/console", "/console/"} {
		got := b.page(path)
		assert.Contains(t, got.text(), "Applications to review 1 Payouts to move on 1 Partners 1 Customers 2")
		assert.Contains(t, got.body, "/console/applications/"+s.pending)
		assert.Contains(t, got.body, "/console/payouts/"+s.payout)
		assert.Contains(t, got.text(), page.UTC(w.Now()))
	}
}

func TestNumbersOfForms(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "12": 1200, "12.5": 1250, "12.50": 1250, "-0.01": -1, "007": 700, "999999999999999.99": 99999999999999999} {
		got, problem := console.ReadHundredths(text)
		assert.Empty(t, problem, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{"", " ", "1.", ".5", "1.234", "1,5", "1e3", "+1", "$1", "null", "٣", "1000000000000000"} {
		_, problem := console.ReadHundredths(text)
		assert.NotEmpty(t, problem, text)
	}
	got, problem := console.ReadInteger("-30")
	assert.Equal(t, -30, got)
	assert.Empty(t, problem)
	for _, text := range []string{"", "1.0", "x", "9999999999", "1 "} {
		_, problem := console.ReadInteger(text)
		assert.NotEmpty(t, problem, text)
	}
}
