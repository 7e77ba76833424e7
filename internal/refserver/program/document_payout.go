package program

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

func (r reader) payout(p *Payout) error {
	r.since(&p.RequestedAt)
	p.Status = cmp.Or(p.Status, PayoutPending)
	p.ProcessingAt, p.PaidAt, p.FailedAt = p.ProcessingAt.UTC(), p.PaidAt.UTC(), p.FailedAt.UTC()
	switch p.Status {
	case PayoutProcessing:
		r.since(&p.ProcessingAt)
	case PayoutPaid:
		r.since(&p.PaidAt)
	case PayoutFailed:
		r.since(&p.FailedAt)
	}
	if r.state.payouts.openOf.has(p.AffiliateID) {
		return errors.New("an open payout must be the last of its partner")
	}
	p.FirstBatch, p.Batch = r.state.payouts.firstReady(p.AffiliateID), r.state.payouts.count(p.AffiliateID)
	if p.Amount <= 0 {
		return errors.New("amount: it must be above zero")
	}
	return errors.Join(
		oneOf("status", p.Status, PayoutPending, PayoutProcessing, PayoutPaid, PayoutFailed),
		unknown("affiliateId", p.AffiliateID, r.state.partners.book),
		r.payoutSteps(*p),
	)
}

// payoutSteps checks what the status of a payout says against its times, which must be in order, and
// after the payout before it.
func (r reader) payoutSteps(p Payout) error {
	notWith := func(field string, given bool, statuses ...PayoutStatus) error {
		if !given || oneOf("", p.Status, statuses...) == nil {
			return nil
		}
		return fmt.Errorf("%s: a payout with the status %q has none", field, p.Status)
	}
	notBefore := func(field string, is time.Time, previous ...time.Time) error {
		for _, moment := range previous {
			if !is.IsZero() && is.Before(moment) {
				return fmt.Errorf("%s: it must not be before %s", field, moment.Format(time.RFC3339Nano))
			}
		}
		return nil
	}
	return cmp.Or(
		notWith("processingAt", !p.ProcessingAt.IsZero(), PayoutProcessing, PayoutPaid, PayoutFailed),
		notWith("paidAt", !p.PaidAt.IsZero(), PayoutPaid),
		notWith("failedAt", !p.FailedAt.IsZero(), PayoutFailed),
		notWith("failureReason", p.FailureReason != "", PayoutFailed),
		notBefore("requestedAt", p.RequestedAt, r.state.payouts.newest(p.AffiliateID).end()),
		notBefore("processingAt", p.ProcessingAt, p.RequestedAt),
		notBefore("paidAt", p.PaidAt, p.RequestedAt, p.ProcessingAt),
		notBefore("failedAt", p.FailedAt, p.RequestedAt, p.ProcessingAt),
		past("requestedAt", p.RequestedAt),
		past("processingAt", p.ProcessingAt),
		past("paidAt", p.PaidAt),
		past("failedAt", p.FailedAt),
	)
}

// newest returns the last payout of a partner; the zero value if it has none.
func (p payouts) newest(affiliateID string) Payout {
	end, _ := p.start(0)
	for seq := range p.byAffiliate.backward(payoutKey{affiliateID, ""}, end) {
		return *p.at(seq)
	}
	return Payout{}
}

// end returns when a payout was paid or failed; zero if it is open.
func (p Payout) end() time.Time { return later(p.PaidAt, p.FailedAt) }

// lastStep returns when the status of a payout last changed.
func (p Payout) lastStep() time.Time {
	return later(later(p.RequestedAt, p.ProcessingAt), p.end())
}

// A batchSum is what a batch of a partner's commissions adds up to, and how many they are, together
// with all batches before it.
type batchSum struct {
	amount      Cents
	commissions int
}

// inPayouts checks the payouts against the commissions that are in them, and completes how many those
// are. A failed payout had in it what is in the next one.
func (r reader) inPayouts() error {
	if err := r.inPayoutsInTime(); err != nil {
		return err
	}
	sums := r.batchSums()
	for i, row := range r.state.payouts.rows {
		payout := *row
		in := sums[payout.AffiliateID][payout.Batch]
		if payout.FirstBatch > 0 {
			before := sums[payout.AffiliateID][payout.FirstBatch-1]
			in.amount -= before.amount
			in.commissions -= before.commissions
		}
		if payout.Amount != in.amount {
			return fmt.Errorf("payouts[%d]: amount: it must be %s, the sum of the partner's commissions and clawbacks with a batch from %d to %d",
				i, in.amount.text(), payout.FirstBatch, payout.Batch)
		}
		if payout.Commissions = cmp.Or(payout.Commissions, in.commissions); payout.Commissions != in.commissions {
			return fmt.Errorf("payouts[%d]: commissions: it must be %d, the number of the partner's commissions and clawbacks with a batch from %d to %d",
				i, in.commissions, payout.FirstBatch, payout.Batch)
		}
		r.state.payouts.put(payout)
	}
	return nil
}

// inPayoutsInTime checks that no payout was requested before what is in it was ready.
func (r reader) inPayoutsInTime() error {
	requested := map[string][]time.Time{} // by partner: of the payout with the number of the batch
	for _, payout := range r.state.payouts.rows {
		requested[payout.AffiliateID] = append(requested[payout.AffiliateID], payout.RequestedAt)
	}
	for i, c := range r.state.commissions.rows {
		of := requested[c.AffiliateID]
		if !c.inBatch() || c.Batch >= len(of) {
			continue
		}
		if since := later(c.CreatedAt, c.ReadyAt); of[c.Batch].Before(since) {
			return fmt.Errorf("commissions[%d]: batch: %d is in a payout of %s, before the commission was ready", i, c.Batch, of[c.Batch].Format(time.RFC3339Nano))
		}
	}
	return nil
}

// batchSums are, by partner, those of all batches in order.
func (r reader) batchSums() map[string][]batchSum {
	all := map[string][]batchSum{}
	for _, partner := range r.state.partners.rows {
		all[partner.ID] = make([]batchSum, r.state.payouts.count(partner.ID)+1)
	}
	for _, c := range r.state.commissions.rows {
		if c.inBatch() {
			sum := &all[c.AffiliateID][c.Batch]
			sum.amount += c.Amount
			sum.commissions++
		}
	}
	for _, sums := range all {
		for i := range sums[1:] {
			sums[i+1].amount += sums[i].amount
			sums[i+1].commissions += sums[i].commissions
		}
	}
	return all
}
