package program

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// paidDocument adds payouts to earnedDocument: one that failed, one that paid the same commission, and
// one of a later commission minus the clawback, which the partner owed until then.
const paidDocument = `{
	"invoices": [{"id": "i2", "customerId": "u", "amount": 100, "createdAt": "2025-11-20T00:00:00Z"}],
	"commissions": [
		{"id": "c3", "affiliateId": "jane", "customerId": "u", "invoiceId": "i2", "payment": 100, "rate": 20, "amount": 20, "state": "ready",
			"createdAt": "2025-11-20T00:00:00Z", "readyAt": "2025-12-20T00:00:00Z", "batch": 2}],
	"payouts": [
		{"id": "p1", "affiliateId": "jane", "amount": 16, "commissions": 1, "status": "failed", "failureReason": "closed",
			"requestedAt": "2025-12-02T00:00:00Z", "failedAt": "2025-12-03T00:00:00Z"},
		{"id": "p2", "affiliateId": "jane", "amount": 16, "commissions": 1, "status": "paid",
			"requestedAt": "2025-12-04T00:00:00Z", "processingAt": "2025-12-05T00:00:00Z", "paidAt": "2025-12-06T00:00:00Z"},
		{"id": "p3", "affiliateId": "jane", "amount": 14, "commissions": 2, "status": "processing",
			"requestedAt": "2025-12-21T00:00:00Z", "processingAt": "2025-12-22T00:00:00Z"}]
}`

func readPaid(t *testing.T, change func(*Document)) (*heard, error) {
	return readEarned(t, func(d *Document) {
		var more Document
		require.NoError(t, json.Unmarshal([]byte(paidDocument), &more))
		d.Invoices = append(d.Invoices, more.Invoices...)
		clawback := d.Commissions[1]
		clawback.Batch = 2
		d.Commissions = []*Commission{d.Commissions[0], more.Commissions[0], clawback}
		d.Payouts = more.Payouts
		change(d)
	})
}

func TestReadKeepsPayoutsAndTheirCommissions(t *testing.T) {
	for name, change := range map[string]func(*Document){
		"as they are": func(*Document) {},
		"without the number of their commissions": func(d *Document) {
			for _, payout := range d.Payouts {
				payout.Commissions = 0
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			h, err := readPaid(t, change)
			require.NoError(t, err)
			requireBalanced(t, h, "cj")
			page, err := h.PartnerPayouts("cj", PayoutQuery{PageQuery: everything})
			require.NoError(t, err)
			assert.Equal(t, []int{2, 1, 1}, []int{page.Rows[0].Commissions, page.Rows[1].Commissions, page.Rows[2].Commissions})
			_, err = h.MovePayout("p3", PayoutStep{Status: PayoutFailed})
			require.NoError(t, err)
			requireBalanced(t, h, "cj")
			requireSameDocument(t, h.Document(), reread(t, h, func(*Document) {}).Document())
		})
	}
}

func TestReadRefusesAPayoutThatContradictsItsCommissions(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2025, 12, day, 0, 0, 0, 0, time.UTC) }
	failed, paid, open := 0, 1, 2
	for name, test := range map[string]struct {
		change func(*Document)
		want   []string
	}{
		"a cent too much":                    {func(d *Document) { d.Payouts[paid].Amount++ }, []string{"payouts[1]", "amount", "16.00"}},
		"a cent too little":                  {func(d *Document) { d.Payouts[paid].Amount-- }, []string{"payouts[1]", "amount", "16.00"}},
		"a failed one with another amount":   {func(d *Document) { d.Payouts[failed].Amount++ }, []string{"payouts[0]", "amount", "16.00"}},
		"an open one that leaves out a debt": {func(d *Document) { d.Payouts[open].Amount = 20_00 }, []string{"payouts[2]", "amount", "14.00"}},
		"one that pays again what is paid":   {func(d *Document) { d.Payouts[open].Amount = 30_00 }, []string{"payouts[2]", "amount"}},
		"one without a commission":           {func(d *Document) { d.Commissions[1].Batch = 3 }, []string{"payouts[2]", "amount"}},
		"one that takes no more than a debt": {func(d *Document) { d.Commissions[1].Batch = 3; d.Payouts[open].Amount = 6_00 }, []string{"payouts[2]", "amount", "-6.00"}},
		"a clawback in an earlier one":       {func(d *Document) { d.Commissions[2].Batch = 1 }, []string{"commissions[2]", "batch"}},
		"a commission in an earlier one":     {func(d *Document) { d.Commissions[1].Batch = 0; d.Payouts[failed].Amount = 36_00 }, []string{"commissions[1]", "batch"}},
		"another number of commissions":      {func(d *Document) { d.Payouts[open].Commissions = 1 }, []string{"payouts[2]", "commissions", "2"}},
		"one that was paid instead of failing": {func(d *Document) {
			p := d.Payouts[failed]
			p.Status, p.PaidAt, p.FailedAt, p.FailureReason = PayoutPaid, at(3), time.Time{}, ""
		}, []string{"payouts[1]", "amount", "0.00"}},
		"one that failed instead of paid":     {func(d *Document) { d.Payouts[paid].Status = PayoutFailed }, []string{"payouts[1]", "paidAt"}},
		"one of another partner":              {func(d *Document) { d.Payouts[open].AffiliateID = "bob" }, []string{"payouts[2]", "amount"}},
		"a batch of a commission in review":   {func(d *Document) { d.Commissions[1].State = CommissionInReview }, []string{"commissions[1]", "batch"}},
		"a clawback of another batch":         {func(d *Document) { d.Commissions[2].Batch = 3 }, []string{"payouts[2]", "amount", "20.00"}},
		"one that is paid before its request": {func(d *Document) { d.Payouts[paid].PaidAt = at(3) }, []string{"payouts[1]", "paidAt"}},
		"one that fails before its request":   {func(d *Document) { d.Payouts[failed].FailedAt = at(1) }, []string{"payouts[0]", "failedAt"}},
		"one that is processed before":        {func(d *Document) { d.Payouts[paid].ProcessingAt = at(3) }, []string{"payouts[1]", "processingAt"}},
		"one that is processed after":         {func(d *Document) { d.Payouts[paid].ProcessingAt = at(7) }, []string{"payouts[1]", "paidAt"}},
		"one requested while one was open":    {func(d *Document) { d.Payouts[paid].RequestedAt = at(2).Add(time.Hour) }, []string{"payouts[1]", "requestedAt"}},
		"one requested before the last":       {func(d *Document) { d.Payouts[open].RequestedAt = at(1) }, []string{"payouts[2]", "requestedAt"}},
		"a reason without a failure":          {func(d *Document) { d.Payouts[paid].FailureReason = "closed" }, []string{"payouts[1]", "failureReason"}},
		"a pending one that is paid": {func(d *Document) {
			d.Payouts[open].Status, d.Payouts[open].ProcessingAt, d.Payouts[open].PaidAt = PayoutPending, time.Time{}, at(23)
		}, []string{"payouts[2]", "paidAt"}},
		"a pending one that is processing": {func(d *Document) { d.Payouts[open].Status = PayoutPending }, []string{"payouts[2]", "processingAt"}},
		"an open one that has failed":      {func(d *Document) { d.Payouts[open].FailedAt = at(23) }, []string{"payouts[2]", "failedAt"}},
		"two open ones":                    {func(d *Document) { d.Payouts[paid].Status, d.Payouts[paid].PaidAt = PayoutProcessing, time.Time{} }, []string{"payouts[2]", "open"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readPaid(t, test.change)
			for _, want := range test.want {
				assert.ErrorContains(t, err, want)
			}
		})
	}
}

func TestReadRefusesALedgerOfOtherPayouts(t *testing.T) {
	h, err := readPaid(t, func(*Document) {})
	require.NoError(t, err)
	ledger := h.Document().Ledger
	for name, change := range map[string]func([]Entry) []Entry{
		"one whose payout has another cause": func(entries []Entry) []Entry {
			for i := range entries {
				if entries[i].Cause == "p2" {
					entries[i].Cause = "p9"
				}
			}
			return entries
		},
		"one that leaves out a failed payout": func(entries []Entry) []Entry {
			kept := entries[:0]
			for _, entry := range entries {
				if entry.Cause != "p1" {
					kept = append(kept, entry)
				}
			}
			return kept
		},
		"one that has it twice": func(entries []Entry) []Entry {
			twice := []Entry{}
			for _, entry := range entries {
				twice = append(twice, entry)
				if entry.Kind == EntryPayoutFailed {
					again := entry
					again.Kind = EntryPayoutRequested
					twice = append(twice, again, entry)
				}
			}
			return twice
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readPaid(t, func(d *Document) { d.Ledger = change(append([]Entry(nil), ledger...)) })
			assert.ErrorContains(t, err, "ledger")
			assert.ErrorContains(t, err, `"jane"`)
		})
	}
	_, err = readPaid(t, func(d *Document) { d.Ledger = ledger })
	require.NoError(t, err)
}
