package program

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// paidBefore is a partner, and a customer of nobody's with a number of invoices.
func paidBefore(t require.TestingT, invoices int) (h *heard, partner string) {
	h = newHeard()
	application, err := h.Apply(ApplicationParams{Email: "jane@acme.com", Name: "Jane"})
	require.NoError(t, err)
	review, err := h.Approve(application.ID, "JANE")
	require.NoError(t, err)
	customer, err := h.CreateCustomer(CustomerParams{Email: "lee@example.com"})
	require.NoError(t, err)
	for range invoices {
		_, err := h.RecordPayment(customer.ID, 1_00)
		require.NoError(t, err)
	}
	return h, review.Affiliate.CustomerID
}

func TestLinkingACustomerShowsItsInvoicesWithoutRewritingThem(t *testing.T) {
	h, partner := paidBefore(t, 1200)
	before := h.state.invoices.copyRows()
	_, err := h.LinkUser(partner, "lee@example.com")
	require.NoError(t, err)
	assert.Same(t, before[0], h.state.invoices.rows[0])
	assert.Same(t, before[1199], h.state.invoices.rows[1199])

	for _, each := range []*heard{h, reread(t, h, func(*Document) {})} {
		page, err := each.UserInvoices(partner, "", PageQuery{Limit: 2000})
		require.NoError(t, err)
		require.Len(t, page.Rows, 1200)
		assert.Equal(t, 1200, page.Rows[0].Number)
		_, err = each.UserInvoice(partner, before[7].ID)
		assert.NoError(t, err)
	}
}

func BenchmarkLinkingACustomer(b *testing.B) {
	for _, invoices := range []int{100, 10_000} {
		b.Run(fmt.Sprint(invoices), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				h, partner := paidBefore(b, invoices)
				b.StartTimer()
				_, err := h.LinkUser(partner, "lee@example.com")
				require.NoError(b, err)
			}
		})
	}
}
