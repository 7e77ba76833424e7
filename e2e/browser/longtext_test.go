package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// TestLongWordsFitOnEveryPage has texts without a space, as long as they may be.
func TestLongWordsFitOnEveryPage(t *testing.T) {
	h := newHost(t)
	jane := h.enroll(t, "jane@acme.example", strings.Repeat("J", 100), "JANE20")
	app := h.App.Program
	customer, err := app.CreateCustomer(program.CustomerParams{
		Email: strings.Repeat("b", 60) + "@" + strings.Repeat("beta.", 30) + "example", Name: strings.Repeat("B", 100), ReferralCode: "JANE20",
	})
	require.NoError(t, err)
	invoice, err := app.CreateInvoice(program.InvoiceParams{CustomerID: customer.ID, Amount: 1_000_00, Description: strings.Repeat("x", 200)})
	require.NoError(t, err)
	require.NoError(t, h.Advance(31*day))
	payout, err := app.RequestPayout(jane.CustomerID)
	require.NoError(t, err)
	_, err = app.MovePayout(payout.ID, program.PayoutStep{Status: program.PayoutFailed, FailureReason: strings.Repeat("x", 1_000)})
	require.NoError(t, err)

	person := h.enterPortal(t, look{}, jane)
	person.Places = append(person.Places, place{Name: "invoice", Path: "/portal/invoices/" + invoice.ID})
	for _, person := range []walk{person, h.enterConsole(t, look{})} {
		person.each(func(at place) {
			for _, width := range append(between, desktop, phone) {
				person.appear(look{Width: width})
				person.assertNothingOverflows(fmt.Sprintf("%s, %d pixels wide", at.Path, width))
				if width == desktop {
					const scrolling = `[...document.querySelectorAll(".table-wrap")].filter(wrap => wrap.scrollWidth > wrap.clientWidth).length`
					assert.Zero(t, get(person.tab, chromedp.Evaluate[int](scrolling)), "tables of %s that are too wide", at.Path)
				}
			}
			person.assertPrints(at.Path)
		})
	}
}
