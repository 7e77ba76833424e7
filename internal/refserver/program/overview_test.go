package program_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func TestOverviewCountsRecordsByStatus(t *testing.T) {
	s := newShop(t)
	_, err := s.Apply(program.ApplicationParams{Email: "pat@acme.com", Name: "Pat"})
	require.NoError(t, err)
	s.pay(t, 100_00)
	assert.Equal(t, program.Overview{
		Applications: map[program.Status]int{program.Pending: 1, program.Approved: 1, program.Rejected: 0},
		Partners:     1,
		Customers:    2,
		Invoices:     1,
		Payouts:      map[program.PayoutStatus]int{program.PayoutPending: 0, program.PayoutProcessing: 0, program.PayoutPaid: 0, program.PayoutFailed: 0},
	}, s.Overview())

	page, err := s.EmailedInvoices(program.InvoiceQuery{PageQuery: program.PageQuery{Limit: 10}})
	require.NoError(t, err)
	require.Len(t, page.Rows, 1)
	assert.Equal(t, "lee@example.com", page.Rows[0].UserEmail)
}

func TestPartnerIsFoundByItsCodeOrItsEmail(t *testing.T) {
	s := newShop(t)
	for text, found := range map[string]bool{
		"JANE": true, " jane ": true, "jane@acme.com": true, "JANE@acme.com\t": true,
		"": false, "JAN": false, "lee@example.com": false, "nobody@example.com": false,
	} {
		partner, err := s.FindPartner(text)
		if !found {
			assert.Equal(t, program.ErrorCodeAffiliateNotFound, err.(*program.NotFound).Code, "%q", text)
			continue
		}
		require.NoError(t, err, "%q", text)
		assert.Equal(t, s.partner, partner.CustomerID)
	}
}

func TestCustomerIsFoundByItsEmail(t *testing.T) {
	s := newShop(t)
	customer, err := s.FindCustomer(" Lee@example.com ")
	require.NoError(t, err)
	assert.Equal(t, s.user, customer.ID)
	for _, email := range []string{"", "JANE", "nobody@example.com"} {
		_, err := s.FindCustomer(email)
		assert.Equal(t, program.ErrorCodeCustomerNotFound, err.(*program.NotFound).Code, "%q", email)
	}
}
