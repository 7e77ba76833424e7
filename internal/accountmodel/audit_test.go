package accountmodel_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/accountmodel"
)

func onDay(n int) time.Time { return time.Date(2027, 1, n, 0, 0, 0, 0, time.UTC) }

// A ledger writes books as the rules have them, with the balances that it is told.
type ledger struct{ accountmodel.Books }

func (l *ledger) write(day int, kind, causeID string, amount int64, after accountmodel.Balances) {
	places := map[string][3]string{
		"commission":       {"outside", "in_review", "invoice"},
		"matured":          {"in_review", "ready", "commission"},
		"reduction":        {"in_review", "outside", "refund"},
		"clawback":         {"ready", "outside", "refund"},
		"payout_requested": {"ready", "in_payout", "payout"},
		"payout_paid":      {"in_payout", "paid", "payout"},
		"payout_failed":    {"in_payout", "ready", "payout"},
	}[kind]
	l.Statement = append(l.Statement, accountmodel.BookedEntry{
		Sequence: len(l.Statement) + 1, Kind: kind, Amount: amount, From: places[0], To: places[1],
		CauseType: places[2], CauseID: causeID, CreatedAt: onDay(day), Balances: after,
	})
	l.Balances = after
}

// goodBooks are of a partner at 20 %, who waits ten days, at noon of the 29th. Of three invoices, one was
// refunded in part within the holding period and once more after its payout, which failed at first; one was
// refunded as a whole; and one is in review. Two more are of a subscription, which was consolidated at first,
// and whose payment method was declined at its renewal.
func goodBooks() accountmodel.Books {
	type balances = accountmodel.Balances
	l := &ledger{accountmodel.Books{
		Terms: accountmodel.Settings{
			Rate: 2000, Holding: 10 * 24 * time.Hour, LeastPaid: 5000,
			Levels:     []accountmodel.Level{{Subscriptions: 2, Rate: 3000}},
			PriceOfAll: map[string]int64{"free": 0, "pro": 7000},
		},
		Now:       onDay(29).Add(12 * time.Hour),
		SettledAt: onDay(19),
	}}
	l.Subscriptions = []accountmodel.BookedSubscription{
		{ID: "s1", Plan: "pro", Declined: true, CreatedAt: onDay(-5), PeriodEnd: onDay(57)}, // from 26 December to 26 February
		{ID: "s2", Plan: "free", CreatedAt: onDay(16), PeriodEnd: onDay(47)},
	}
	l.Invoices = []accountmodel.BookedInvoice{
		{ID: "i1", Status: "partially_refunded", Amount: 50000, Refunded: 30000, PaidAt: onDay(1)},
		{ID: "i2", Status: "refunded", Amount: 10000, Refunded: 10000, PaidAt: onDay(2)},
		{ID: "i3", Status: "paid", Amount: 20002, PaidAt: onDay(20)},
		{ID: "i4", Status: "paid", Amount: 7000, PaidAt: onDay(3), Consolidated: true, SubscriptionID: "s1", Plan: "pro",
			CreatedAt: onDay(-5), PeriodStart: onDay(-5), PeriodEnd: onDay(26)},
		{ID: "i5", Status: "failed", Amount: 7000, SubscriptionID: "s1", Plan: "pro",
			CreatedAt: onDay(26), PeriodStart: onDay(26), PeriodEnd: onDay(57)},
	}
	l.Refunds = []accountmodel.BookedRefund{
		{ID: "r1", InvoiceID: "i1", Amount: 10000, CreatedAt: onDay(4)},
		{ID: "r2", InvoiceID: "i2", Amount: 10000, CreatedAt: onDay(5)},
		{ID: "r3", InvoiceID: "i1", Amount: 20000, CreatedAt: onDay(21)},
	}
	l.Commissions = []accountmodel.BookedCommission{
		{ID: "c1", InvoiceID: "i1", PayoutID: "p2", Status: "paid", Payment: 50000, Rate: 2000, Amount: 8000, CreatedAt: onDay(1), ReadyAt: onDay(11)},
		{ID: "c2", InvoiceID: "i2", Status: "voided", Payment: 10000, Rate: 2000, CreatedAt: onDay(2)},
		{ID: "c3", InvoiceID: "i3", Status: "in_review", Payment: 20002, Rate: 2000, Amount: 4000, CreatedAt: onDay(20), ReadyAt: onDay(30)},
		{ID: "c4", InvoiceID: "i1", Status: "clawback", Payment: 50000, Rate: 2000, Amount: -4000, CreatedAt: onDay(21), Reverses: "c1"},
	}
	l.Payouts = []accountmodel.BookedPayout{
		{ID: "p1", Status: "failed", Amount: 8000, Commissions: 1},
		{ID: "p2", Status: "paid", Amount: 8000, Commissions: 1},
	}
	l.write(1, "commission", "i1", 10000, balances{Earned: 10000, InReview: 10000})
	l.write(2, "commission", "i2", 2000, balances{Earned: 12000, InReview: 12000})
	l.write(4, "reduction", "r1", 2000, balances{Earned: 10000, InReview: 10000})
	l.write(5, "reduction", "r2", 2000, balances{Earned: 8000, InReview: 8000})
	l.write(11, "matured", "c1", 8000, balances{Earned: 8000, Ready: 8000})
	l.write(12, "payout_requested", "p1", 8000, balances{Earned: 8000, InPayout: 8000})
	l.write(13, "payout_failed", "p1", 8000, balances{Earned: 8000, Ready: 8000})
	l.write(14, "payout_requested", "p2", 8000, balances{Earned: 8000, InPayout: 8000})
	l.write(15, "payout_paid", "p2", 8000, balances{Earned: 8000, Paid: 8000})
	l.write(20, "commission", "i3", 4000, balances{Earned: 12000, InReview: 4000, Paid: 8000})
	l.write(21, "clawback", "r3", 4000, balances{Earned: 8000, InReview: 4000, Debt: 4000, Paid: 8000})
	return l.Books
}

func TestAuditAcceptsGoodBooks(t *testing.T) {
	assert.Empty(t, accountmodel.Audit(goodBooks()))
	assert.Empty(t, accountmodel.Audit(accountmodel.Books{}))
}

func TestAuditNotices(t *testing.T) {
	remove := func(b *accountmodel.Books, entry int) {
		b.Statement = append(b.Statement[:entry], b.Statement[entry+1:]...)
	}
	for _, fault := range []struct {
		name, says string
		plant      func(b *accountmodel.Books)
	}{
		{"a commission off by a cent", "commission c3 is 4001, and should be 4000", func(b *accountmodel.Books) { b.Commissions[2].Amount++ }},
		{"a commission rounded down", "commission c3 is 4000, and should be 4001", func(b *accountmodel.Books) { b.Invoices[2].Amount, b.Commissions[2].Payment = 20003, 20003 }},
		{"a commission that is lost", "the commission of invoice i3 is lost", func(b *accountmodel.Books) { b.Commissions = b.Commissions[:2] }},
		{"a commission twice", "commission c3 is there twice", func(b *accountmodel.Books) { b.Commissions = append(b.Commissions, b.Commissions[2]) }},
		{"a second commission of an invoice", "invoice i3 has 2 commissions", func(b *accountmodel.Books) {
			c := b.Commissions[2]
			c.ID = "c9"
			b.Commissions = append(b.Commissions, c)
		}},
		{"a commission of what is consolidated", "invoice i3 earns, and should not", func(b *accountmodel.Books) { b.Invoices[2].Consolidated = true }},
		{"a commission of a failed payment", "invoice i3 earns, and should not", func(b *accountmodel.Books) { b.Invoices[2].PaidAt, b.Invoices[2].Status = time.Time{}, "failed" }},
		{"an invoice that earned nothing", "the commission of invoice i4 is lost", func(b *accountmodel.Books) { b.Invoices[3].Consolidated = false }},
		{"a commission of another moment", "commission c3 is not of the moment of the payment", func(b *accountmodel.Books) { b.Commissions[2].CreatedAt = onDay(19) }},
		{"a commission of another payment", "commission c3 is of a payment of 20001", func(b *accountmodel.Books) { b.Commissions[2].Payment = 20001 }},
		{"a commission that is not ready", "commission c3 is ready, and never became ready", func(b *accountmodel.Books) { b.Commissions[2].Status = "ready" }},
		{"a commission that is not voided", "commission c2 of 0 is in_review", func(b *accountmodel.Books) { b.Commissions[1].Status = "in_review" }},
		{"a commission ready before its time", "commission c1 became ready as", func(b *accountmodel.Books) { b.Commissions[0].ReadyAt = onDay(12) }},
		{"a commission that is paid twice", "payout p1 is 8000, and what is in it 0", func(b *accountmodel.Books) { b.Payouts[0].Status = "paid" }},
		{"a commission in a failed payout", "payout p1 has failed, and 1 commissions are still in it", func(b *accountmodel.Books) { b.Commissions[0].PayoutID = "p1" }},
		{"a commission in no payout that is paid", "commission c1 is paid, and should be ready", func(b *accountmodel.Books) { b.Commissions[0].PayoutID = "" }},
		{"a commission in an unknown payout", "commission c4 is in payout p9", func(b *accountmodel.Books) { b.Commissions[3].PayoutID = "p9" }},
		{"a commission in review in a payout", "commission c3 is in a payout before it is ready", func(b *accountmodel.Books) { b.Commissions[2].PayoutID = "p2" }},
		{"a refund beyond the payment", "10001 of 10000 is refunded", func(b *accountmodel.Books) { b.Refunds[1].Amount, b.Invoices[1].Refunded = 10001, 10001 }},
		{"a refund that is lost", "30000 is refunded, and the refunds are 10000", func(b *accountmodel.Books) { b.Refunds = b.Refunds[:2] }},
		{"a refund of an unknown invoice", "refund r3 is of 20000, of invoice", func(b *accountmodel.Books) { b.Refunds[2].InvoiceID = "i9" }},
		{"a refund that reduces nothing", "commission c1 is 10000, and its entries come to 8000", func(b *accountmodel.Books) { b.Commissions[0].Amount = 10000 }},
		{"a status of an invoice", "invoice i1 is refunded, and should be partially_refunded", func(b *accountmodel.Books) { b.Invoices[0].Status = "refunded" }},
		{"a clawback that is lost", "of commission c1 8000 is left, and should be 4000", func(b *accountmodel.Books) { b.Commissions = b.Commissions[:3] }},
		{"a clawback off by a cent", "there are 1 entries more than clawbacks", func(b *accountmodel.Books) { b.Commissions[3].Amount-- }},
		{"a clawback above 0", "clawback c4 is 4000", func(b *accountmodel.Books) { b.Commissions[3].Amount = 4000 }},
		{"a clawback of another commission", "reverses \"c3\", which is not of its invoice and rate", func(b *accountmodel.Books) { b.Commissions[3].Reverses = "c3" }},
		{"a clawback of another moment", "there are 1 entries more than clawbacks", func(b *accountmodel.Books) { b.Commissions[3].CreatedAt = onDay(22) }},
		{"a clawback of what was in review", "commission c1 is 8000, and should be 4000", func(b *accountmodel.Books) { b.Commissions[0].ReadyAt = onDay(22) }},
		{"a payout off by a cent", "payout p2 is 8001, and entry 8 of 8000", func(b *accountmodel.Books) { b.Payouts[1].Amount++ }},
		{"a payout below the minimum", "payout p1 is of 8000", func(b *accountmodel.Books) { b.Terms.LeastPaid = 8001 }},
		{"a payout that miscounts", "payout p2 has 1 commissions, and says 2", func(b *accountmodel.Books) { b.Payouts[1].Commissions = 2 }},
		{"a payout that is lost", "entry 6 is of an unknown payout", func(b *accountmodel.Books) { b.Payouts = b.Payouts[1:] }},
		{"a payout twice", "payout p1 is there twice", func(b *accountmodel.Books) { b.Payouts = append(b.Payouts, b.Payouts[0]) }},
		{"a payout that is not paid", "payout p2 (processing) is booked 1 times as payout_paid", func(b *accountmodel.Books) { b.Payouts[1].Status = "processing" }},
		{"a second open payout", "another payout is open", func(b *accountmodel.Books) { b.Statement[7].Balances.InPayout = 16000 }},
		{"an entry off by a cent", "entry 5 (matured): the balances are", func(b *accountmodel.Books) { b.Statement[4].Amount++ }},
		{"an entry of nothing", "entry 5 (matured) is of 0", func(b *accountmodel.Books) { b.Statement[4].Amount = 0 }},
		{"an entry from another place", "entry 3 (reduction) goes from ready to outside", func(b *accountmodel.Books) { b.Statement[2].From = "ready" }},
		{"an entry to another place", "entry 5 (matured) goes from in_review to in_payout", func(b *accountmodel.Books) { b.Statement[4].To = "in_payout" }},
		{"an entry of another kind", "entry 7 (payout_paid) goes from in_payout to ready", func(b *accountmodel.Books) { b.Statement[6].Kind = "payout_paid" }},
		{"an entry of an unknown kind", "entry 7 (correction) goes from", func(b *accountmodel.Books) { b.Statement[6].Kind = "correction" }},
		{"an entry of another cause", "commission c3 became ready as", func(b *accountmodel.Books) { b.Statement[4].CauseID = "c3" }},
		{"an entry of an unknown refund", "entry 11 is of an unknown refund", func(b *accountmodel.Books) { b.Statement[10].CauseID = "r9" }},
		{"an entry of an unknown invoice", "entry 10 is of an invoice without a commission", func(b *accountmodel.Books) { b.Statement[9].CauseID = "i9" }},
		{"an entry out of order", "entry 10 (commission) is older than the one before", func(b *accountmodel.Books) { b.Statement[9].CreatedAt = onDay(2) }},
		{"a gap in the sequence", "entry 11 (clawback) has the sequence 12", func(b *accountmodel.Books) { b.Statement[10].Sequence++ }},
		{"balances off by a cent", "the balances of now are", func(b *accountmodel.Books) { b.Balances.Ready++ }},
		{"a debt that is shown as nothing", "what is earned is not what is there", func(b *accountmodel.Books) { b.Statement[10].Balances.Debt, b.Balances.Debt = 0, 0 }},
		{"a commission of an unknown invoice", "commission c3 is of an unknown invoice", func(b *accountmodel.Books) { b.Commissions[2].InvoiceID = "i9" }},
		{"a commission ready before it was earned", "commission c3 is ready at", func(b *accountmodel.Books) { b.Commissions[2].ReadyAt = onDay(19) }},
		{"a commission held too long", "commission c3 is ready at", func(b *accountmodel.Books) { b.Commissions[2].ReadyAt = onDay(31) }},
		{"a commission that never becomes ready", "commission c3 is in review beyond", func(b *accountmodel.Books) { b.Now = onDay(30) }},
		{"a rate that the terms do not have", "commission c1 has a rate of 2500", func(b *accountmodel.Books) { b.Commissions[0].Rate = 2500 }},
		{"a rate of a level that was not reached", "commission c1 has a rate of 3000, with 1 subscriptions", func(b *accountmodel.Books) { b.Commissions[0].Rate = 3000 }},
		{"a rate of a level that is not reached", "commission c3 has a rate of 3000, and should have 2000", func(b *accountmodel.Books) { b.Commissions[2].Rate = 3000 }},
		{"a rate below the level that is reached", "commission c3 has a rate of 2000, and should have 3000", func(b *accountmodel.Books) { b.Terms.Levels[0].Subscriptions = 0 }},
		{"a clawback at another rate", "which is not of its invoice and rate", func(b *accountmodel.Books) { b.Commissions[3].Rate = 3000 }},
		{"a renewal that is lost", "the renewal of subscription s1 at 2027-01-26 00:00:00 +0000 UTC is lost", func(b *accountmodel.Books) { b.Invoices = b.Invoices[:4] }},
		{"a renewal twice", "subscription s1 is billed 2 times for 2027-01-26", func(b *accountmodel.Books) {
			again := b.Invoices[4]
			again.ID = "i6"
			b.Invoices = append(b.Invoices, again)
		}},
		{"a renewal later than its day", "invoice i5 is of 2027-01-27", func(b *accountmodel.Books) { b.Invoices[4].CreatedAt = onDay(27) }},
		{"a renewal on another day", "invoice i5 is of no period of the subscription", func(b *accountmodel.Books) { b.Invoices[4].PeriodStart = onDay(27) }},
		{"a renewal for a longer period", "invoice i5 is of no period of the subscription", func(b *accountmodel.Books) { b.Invoices[4].PeriodEnd = onDay(58) }},
		{"a renewal at another price", "invoice i5 is of 7001, and the plan costs 7000", func(b *accountmodel.Books) { b.Invoices[4].Amount = 7001 }},
		{"a renewal that has not happened", "subscription s1 should have renewed at 2027-01-26", func(b *accountmodel.Books) { b.Subscriptions[0].PeriodEnd = onDay(26) }},
		{"a renewal that is to be on another day", "subscription s1 renews at 2027-02-27", func(b *accountmodel.Books) { b.Subscriptions[0].PeriodEnd = onDay(58) }},
		{"a renewal of a canceled subscription", "invoice i5 is of a subscription that was canceled", func(b *accountmodel.Books) { b.Subscriptions[0].CanceledAt = onDay(25) }},
		{"a renewal of a paused subscription", "invoice i5 is of a subscription that is paused", func(b *accountmodel.Books) { b.Subscriptions[0].Paused = true }},
		{"a renewal of an unknown subscription", "invoice i4 is of an unknown subscription", func(b *accountmodel.Books) { b.Subscriptions = b.Subscriptions[1:] }},
		{"an entry of an unknown commission", "entry 5 is of an unknown commission", func(b *accountmodel.Books) { b.Statement[4].CauseID = "c9" }},
		{"a commission that reverses another", "commission c3 is 4000, and reverses", func(b *accountmodel.Books) { b.Commissions[2].Reverses = "c1" }},
		{"a commission booked with another amount", "commission c3 is booked as", func(b *accountmodel.Books) { b.Statement[9].Amount = 4001 }},
		{"a balance below 0", "a balance is below 0", func(b *accountmodel.Books) { b.Statement[10].Balances.Ready = -4000 }},
		{"a payout that leaves something", "leaves something that was ready", func(b *accountmodel.Books) { b.Statement[7].Balances.Ready = 1 }},
		{"a reduction twice", "refund r1 is booked 2 times", func(b *accountmodel.Books) { b.Statement[3].CauseID = "r1" }},
		{"a clawback twice", "refund r3 is clawed back 2 times", func(b *accountmodel.Books) { b.Statement = append(b.Statement, b.Statement[10]) }},
		{"a clawback later than its refund", "entry 11 is not of the moment of the refund", func(b *accountmodel.Books) { b.Statement[10].CreatedAt = onDay(22) }},
		{"a refund that reduces and is clawed back", "refund r3 is booked twice", func(b *accountmodel.Books) { b.Statement[2].CauseID = "r3" }},
		{"sums that are not the balances", "and what is there comes to", func(b *accountmodel.Books) { b.Commissions[3].PayoutID = "p1" }},
		{"a payout with another sum in it", "payout p2 is 8000, and what is in it 4000", func(b *accountmodel.Books) { b.Commissions[3].PayoutID = "p2" }},
	} {
		t.Run(fault.name, func(t *testing.T) {
			b := goodBooks()
			fault.plant(&b)
			assert.Contains(t, strings.Join(accountmodel.Audit(b), "\n"), fault.says)
		})
	}
	for i, entry := range goodBooks().Statement {
		t.Run(fmt.Sprintf("the loss of entry %d, %s", i+1, entry.Kind), func(t *testing.T) {
			b := goodBooks()
			remove(&b, i)
			for j := range b.Statement { // so that only the loss shows
				b.Statement[j].Sequence = j + 1
			}
			require.NotEmpty(t, accountmodel.Audit(b))
		})
	}
}
