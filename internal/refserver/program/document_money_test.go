package program

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A person could have written this: a partner, a user, a payment of 1.00 by a subscription, which is
// half refunded, and its commission.
const earnedDocument = `{
	"customers": [{"id": "cj", "email": "jane@x.com"}, {"id": "u", "email": "u@x.com", "affiliateId": "jane"},
		{"id": "other", "email": "other@x.com", "affiliateId": "jane"}, {"id": "cb", "email": "bob@x.com"}],
	"partners": [{"id": "jane", "customerId": "cj", "code": "JANE"}, {"id": "bob", "customerId": "cb", "code": "BOB"}],
	"subscriptions": [{"id": "s1", "customerId": "u", "plan": "pro", "createdAt": "2025-11-01T00:00:00Z"},
		{"id": "s2", "customerId": "u", "plan": "pro", "createdAt": "2025-11-01T00:00:00Z"}],
	"invoices": [
		{"id": "i1", "customerId": "u", "subscriptionId": "s1", "plan": "pro", "amount": 100, "refunded": 50, "status": "partially_refunded", "createdAt": "2025-11-01T00:00:00Z"},
		{"id": "failed", "customerId": "u", "amount": 100, "status": "failed", "createdAt": "2025-11-01T00:00:00Z"},
		{"id": "consolidated", "customerId": "u", "amount": 100, "billing": "consolidated", "createdAt": "2025-11-01T00:00:00Z"}],
	"refunds": [{"id": "r1", "invoiceId": "i1", "amount": 20, "createdAt": "2025-11-10T00:00:00Z"},
		{"id": "r2", "invoiceId": "i1", "amount": 30, "createdAt": "2025-12-10T00:00:00Z"}],
	"commissions": [
		{"id": "c1", "affiliateId": "jane", "customerId": "u", "invoiceId": "i1", "subscriptionId": "s1", "plan": "pro", "payment": 100, "rate": 20, "amount": 16, "state": "ready",
			"createdAt": "2025-11-01T00:00:00Z", "readyAt": "2025-12-01T00:00:00Z"},
		{"id": "c2", "affiliateId": "jane", "customerId": "u", "invoiceId": "i1", "subscriptionId": "s1", "plan": "pro", "payment": 100, "rate": 20, "amount": -6, "state": "clawback",
			"createdAt": "2025-12-10T00:00:00Z", "reverses": "c1", "refundId": "r2"}]
}`

func readEarned(t *testing.T, change func(*Document)) (*heard, error) {
	var document Document
	require.NoError(t, json.Unmarshal([]byte(earnedDocument), &document))
	change(&document)
	h := newHeard()
	state, err := h.Read(document, "seed", h.now)
	if err == nil {
		h.Restore(state)
	}
	return h, err
}

func TestReadRefusesACommissionThatItsInvoiceCannotHaveEarned(t *testing.T) {
	inReview := func(d *Document) {
		d.Commissions = d.Commissions[:1]
		c := d.Commissions[0]
		c.State, c.ReadyAt, c.Amount = CommissionInReview, c.ReadyAt.Add(90*day), 10_00
	}
	for name, test := range map[string]struct {
		change func(*Document)
		want   string
	}{
		"a payment of another amount": {func(d *Document) { d.Commissions[0].Payment = 99_00 }, "payment"},
		"another rate":                {func(d *Document) { d.Commissions[0].Rate = 2100 }, "amount"},
		"more than its share":         {func(d *Document) { d.Commissions[0].Amount++ }, "amount"},
		"less than its share":         {func(d *Document) { d.Commissions[0].Amount-- }, "amount"},
		"a refund in review missing":  {func(d *Document) { d.Commissions[0].Amount = 20_00 }, "amount"},
		"more than its share, in review": {func(d *Document) {
			inReview(d)
			d.Commissions[0].Amount++
		}, "amount"},
		"in review with a refund after it": {func(d *Document) {
			d.Commissions = d.Commissions[:1]
			d.Commissions[0].State, d.Commissions[0].Amount = CommissionInReview, 10_00
		}, "refund"},
		"void with something left": {func(d *Document) {
			inReview(d)
			d.Commissions[0].State, d.Commissions[0].Amount, d.Commissions[0].ReadyAt = CommissionVoided, 0, time.Time{}
		}, "amount"},
		"a partner whose customer it is not": {func(d *Document) { d.Commissions[0].AffiliateID = "bob" }, "affiliateId"},
		"a customer of another invoice":      {func(d *Document) { d.Commissions[0].CustomerID = "other" }, "customerId"},
		"another plan":                       {func(d *Document) { d.Commissions[0].Plan = Business }, "plan"},
		"another subscription":               {func(d *Document) { d.Commissions[0].SubscriptionID = "s2" }, "subscriptionId"},
		"a subscription that does not exist": {func(d *Document) { d.Commissions[0].SubscriptionID = "nosuch" }, "subscriptionId"},
		"an invoice that is not paid": {func(d *Document) {
			c := *d.Commissions[0]
			c.ID, c.InvoiceID, c.Plan, c.SubscriptionID = "c3", "failed", "", ""
			d.Commissions = []*Commission{d.Commissions[0], &c, d.Commissions[1]}
		}, "invoiceId"},
		"an invoice that somebody else pays": {func(d *Document) {
			c := *d.Commissions[0]
			c.ID, c.InvoiceID, c.Plan, c.SubscriptionID = "c3", "consolidated", "", ""
			d.Commissions = []*Commission{d.Commissions[0], &c, d.Commissions[1]}
		}, "invoiceId"},
		"a clawback of another amount":        {func(d *Document) { d.Commissions[1].Amount++ }, "amount"},
		"a clawback of a refund in review":    {func(d *Document) { d.Commissions[1].RefundID = "r1" }, "refund"},
		"a clawback of another partner":       {func(d *Document) { d.Commissions[1].AffiliateID = "bob" }, "affiliateId"},
		"a clawback of another payment":       {func(d *Document) { d.Commissions[1].Payment++ }, "payment"},
		"a clawback at another rate":          {func(d *Document) { d.Commissions[1].Rate++ }, "rate"},
		"a clawback of a clawback":            {func(d *Document) { d.Commissions[1].Reverses = "c2" }, "reverses"},
		"a refund that was never clawed back": {func(d *Document) { d.Commissions = d.Commissions[:1] }, "r2"},
		"a refund that was clawed back twice": {func(d *Document) {
			c := *d.Commissions[1]
			c.ID = "c3"
			d.Commissions = append(d.Commissions, &c)
		}, "unique"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readEarned(t, test.change)
			assert.ErrorContains(t, err, "commissions")
			assert.ErrorContains(t, err, test.want)
		})
	}
	for name, change := range map[string]func(*Document){
		"as it is":  func(*Document) {},
		"in review": inReview,
		"without what follows from the invoice": func(d *Document) {
			for _, c := range d.Commissions {
				c.Plan, c.SubscriptionID = "", ""
			}
		},
	} {
		t.Run("it reads a commission "+name, func(t *testing.T) {
			h, err := readEarned(t, change)
			require.NoError(t, err)
			assert.Equal(t, Pro, h.Document().Commissions[0].Plan)
			_, err = h.RefundInvoice("i1", nil)
			require.NoError(t, err)
			reread(t, h, func(*Document) {})
		})
	}
}

func TestReadRefusesALedgerThatContradictsTheRecords(t *testing.T) {
	read, err := readEarned(t, func(*Document) {})
	require.NoError(t, err)
	ledger := read.Document().Ledger
	require.Len(t, ledger, 4)
	for name, change := range map[string]func(*Document){
		"none":       func(d *Document) { d.Ledger = []Entry{} },
		"one less":   func(d *Document) { d.Ledger = ledger[:3] },
		"one more":   func(d *Document) { d.Ledger = append(ledger[:4:4], ledger[3]) },
		"other sums": func(d *Document) { d.Ledger = append(ledger[:3:3], ledger[3]); d.Ledger[3].Amount++ },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readEarned(t, change)
			assert.ErrorContains(t, err, "ledger")
			assert.ErrorContains(t, err, `"jane"`)
		})
	}
	_, err = readEarned(t, func(d *Document) {
		for _, entry := range ledger {
			entry.AffiliateID = "bob"
			d.Ledger = append(d.Ledger, entry)
		}
	})
	assert.ErrorContains(t, err, `ledger[0]: the records of the partner "bob"`)
}
