package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// TestChartOfLargeAmountsShowsItsLabels draws a chart with long labels, on the desktop and on the phone.
func TestChartOfLargeAmountsShowsItsLabels(t *testing.T) {
	h := newHost(t)
	jane := h.enroll(t, "jane@acme.example", "Jane Cooper", "JANE20")
	customer, err := h.App.Program.CreateCustomer(program.CustomerParams{Email: "bob@beta.example", ReferralCode: "JANE20"})
	require.NoError(t, err)
	_, err = h.App.Program.CreateInvoice(program.InvoiceParams{CustomerID: customer.ID, Amount: 49_999_999_99})
	require.NoError(t, err)
	person := h.enterPortal(t, look{}, jane)
	for _, width := range []int{desktop, phone} {
		person.appear(look{Width: width})
		person.open(h.URL + "/portal")
		const labels = `[...document.querySelectorAll(".chart text")].filter(text => text.checkVisibility()).map(text => {
			const box = text.getBBox();
			return {Text: text.textContent, Left: box.x, Right: box.x + box.width};
		})`
		found := get(person.tab, chromedp.Evaluate[[]struct {
			Text        string
			Left, Right float64
		}](labels))
		var texts []string
		for _, label := range found {
			texts = append(texts, label.Text)
			assert.GreaterOrEqual(t, label.Left, 0.0, label.Text)
			assert.LessOrEqual(t, label.Right, 720.0, label.Text)
		}
		assert.Contains(t, texts, "$10000000.00")
	}
}
