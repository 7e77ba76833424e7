package program

import (
	"fmt"
	"iter"
	"slices"
	"sort"
	"time"
)

// PayoutStatus is the state of a payout.
type PayoutStatus string

// The states of a payout.
const (
	PayoutPending    PayoutStatus = "pending"
	PayoutProcessing PayoutStatus = "processing"
	PayoutPaid       PayoutStatus = "paid"
	PayoutFailed     PayoutStatus = "failed"
)

func payoutStatuses() []PayoutStatus {
	return []PayoutStatus{PayoutPending, PayoutProcessing, PayoutPaid, PayoutFailed}
}

// A Payout is all money of a partner that was ready when it was requested: see Batch.
type Payout struct {
	ID          string `json:"id"`
	AffiliateID string `json:"affiliateId"`
	// FirstBatch up to Batch are the batches of commissions that are in the payout, unless it has
	// failed. Batch is how many payouts the partner had requested before.
	FirstBatch int   `json:"-"`
	Batch      int   `json:"-"`
	Amount     Cents `json:"amount"`
	// Commissions counts what was in the payout, clawbacks among them.
	Commissions   int          `json:"commissions"`
	Status        PayoutStatus `json:"status"`
	Automatic     bool         `json:"automatic,omitempty"`
	RequestedAt   time.Time    `json:"requestedAt"`
	ProcessingAt  time.Time    `json:"processingAt,omitzero"`
	PaidAt        time.Time    `json:"paidAt,omitzero"`
	FailedAt      time.Time    `json:"failedAt,omitzero"`
	FailureReason string       `json:"failureReason,omitempty"`
}

func (p Payout) open() bool { return p.Status == PayoutPending || p.Status == PayoutProcessing }

// commissionStatus returns the status of the commissions in a payout that has not failed.
func (p Payout) commissionStatus() CommissionStatus {
	if p.Status == PayoutPaid {
		return StatusPaid
	}
	return StatusInPayout
}

// A payoutKey selects a list of payouts; an empty field selects all.
type payoutKey struct {
	affiliateID string
	status      PayoutStatus
}

type payouts struct {
	*book[Payout]
	byAffiliate       *group[Payout, payoutKey]
	byAffiliateStatus *group[Payout, payoutKey]
	byStatus          *group[Payout, payoutKey]
	openOf            *unique[Payout, string]
	// takers are, by partner, the payouts that have not failed.
	takers *takers
}

func newPayouts() payouts {
	b := newBook(func(p Payout) string { return p.ID })
	return payouts{
		book:              b,
		byAffiliate:       groupBy(b, func(p Payout) payoutKey { return payoutKey{p.AffiliateID, ""} }),
		byAffiliateStatus: groupBy(b, func(p Payout) payoutKey { return payoutKey{p.AffiliateID, p.Status} }),
		byStatus:          groupBy(b, func(p Payout) payoutKey { return payoutKey{"", p.Status} }),
		openOf: uniqueBy(b, func(p Payout) string {
			if !p.open() {
				return ""
			}
			return p.AffiliateID
		}),
		takers: takersOf(b),
	}
}

// count is how many payouts a partner has requested, which is also the batch that what becomes ready
// now is in.
func (p payouts) count(affiliateID string) int {
	return p.byAffiliate.count(payoutKey{affiliateID, ""})
}

func noPayout() error {
	return &NotFound{ErrorCodePayoutNotFound, "There is no payout with this id"}
}

func (p payouts) ofPartner(partner Partner, id string) (Payout, error) {
	found, known := p.get(id)
	if !known || found.AffiliateID != partner.ID {
		return Payout{}, noPayout()
	}
	return found, nil
}

// of returns the payout that a batch is in; ok is false if it is in none.
func (p payouts) of(affiliateID string, batch int) (payout Payout, ok bool) {
	seqs := p.takers.seqs[affiliateID]
	at := sort.Search(len(seqs), func(i int) bool { return p.at(seqs[i]).Batch >= batch })
	if at == len(seqs) {
		return Payout{}, false
	}
	return *p.at(seqs[at]), true
}

// firstReady returns the first batch that no payout has taken.
func (p payouts) firstReady(affiliateID string) int {
	seqs := p.takers.seqs[affiliateID]
	if len(seqs) == 0 {
		return 0
	}
	return p.at(seqs[len(seqs)-1]).Batch + 1
}

// batches returns those with commissions of a status: those that are paid come first, then those in the
// open payout, then those that are ready.
func (p payouts) batches(affiliateID string, status CommissionStatus) (first, last int) {
	ready := p.firstReady(affiliateID)
	unpaid := ready
	if open, is := p.openOf.get(affiliateID); is {
		unpaid = open.FirstBatch
	}
	switch status {
	case StatusPaid:
		return 0, unpaid - 1
	case StatusInPayout:
		return unpaid, ready - 1
	default:
		return ready, p.count(affiliateID)
	}
}

// takers is an index: the sequence numbers of the payouts that have not failed, by partner. Only the
// last of them may be open, and so only it can fail.
type takers struct{ seqs map[string][]int }

func takersOf(b *book[Payout]) *takers {
	ix := &takers{map[string][]int{}}
	b.indexes = append(b.indexes, ix)
	return ix
}

func (t *takers) taken(Payout) bool { return false }

func (t *takers) add(seq int, row Payout) {
	if row.Status != PayoutFailed {
		t.seqs[row.AffiliateID] = append(t.seqs[row.AffiliateID], seq)
	}
}

func (t *takers) replace(seq int, old, row Payout) {
	if old.Status != PayoutFailed && row.Status == PayoutFailed {
		t.remove(seq, old)
	}
}

// remove removes the last one, since no other can fail.
func (t *takers) remove(_ int, row Payout) {
	seqs := t.seqs[row.AffiliateID]
	t.seqs[row.AffiliateID] = seqs[:len(seqs)-1]
}

// RequestPayout makes a payout of all that is ready of the partner that the customer is. It returns
// [NotFound], [Conflict] while another payout is open, and [Unprocessable] if too little is ready.
func (p *Program) RequestPayout(customerID string) (Payout, error) {
	return command(p, func(s *state, now time.Time) (change[Payout], error) {
		partner, err := s.partners.ofCustomer(customerID)
		if err != nil {
			return nil, err
		}
		if err := s.payable(partner.ID); err != nil {
			return nil, err
		}
		return func() Payout { return s.requestPayout(partner.ID, false, now) }, nil
	})
}

// PayoutRefusal returns the error that [Program.RequestPayout] would return now, or nil.
func (p *Program) PayoutRefusal(customerID string) error {
	_, err := query(p, func(s *state, _ time.Time) (struct{}, error) {
		partner, err := s.partners.ofCustomer(customerID)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, s.payable(partner.ID)
	})
	return err
}

// payable returns an error if a partner cannot be paid out now.
func (s *state) payable(affiliateID string) error {
	if s.payouts.openOf.has(affiliateID) {
		return &Conflict{ErrorCodePayoutOpen, "Another payout is pending or processing; a new one can be requested once it is paid or has failed"}
	}
	least := max(s.settings.MinPayoutAmount, 1)
	is := s.ledger[affiliateID].balances[ready]
	if is >= least {
		return nil
	}
	owed := ""
	if is < 0 {
		owed = fmt.Sprintf(" and %s is owed", (-is).text())
	}
	return &Unprocessable{ErrorCodePayoutBelowMinimum, fmt.Sprintf(
		"%s is ready%s; %s is the least that is paid out; %s is missing", max(is, 0).text(), owed, least.text(), (least - is).text())}
}

func (s *state) requestPayout(affiliateID string, automatic bool, now time.Time) Payout {
	payout := Payout{
		ID:          fresh(s.ids, s.payouts.book, "payout", idPrefix),
		AffiliateID: affiliateID,
		FirstBatch:  s.payouts.firstReady(affiliateID),
		Batch:       s.payouts.count(affiliateID),
		Amount:      s.ledger[affiliateID].balances[ready],
		Status:      PayoutPending,
		Automatic:   automatic,
		RequestedAt: now,
	}
	for _, clawback := range []bool{false, true} {
		key := batchKey{commissionKey{of: affiliateID}, clawback}
		payout.Commissions += s.commissions.inBatches[0].between(key, payout.FirstBatch, payout.Batch).count()
	}
	s.ledger.post(payout.entry(EntryPayoutRequested, now))
	s.payouts.put(payout)
	return payout
}

func (p Payout) entry(kind EntryKind, at time.Time) Entry {
	return Entry{AffiliateID: p.AffiliateID, At: at, Kind: kind, Amount: p.Amount, Cause: p.ID}
}

// A PayoutStep is the new state of a payout: processing, paid after that, or failed from either.
type PayoutStep struct {
	Status        PayoutStatus
	FailureReason string // only if it fails; may be empty
}

// Problems returns the problems of the step; none if it is valid.
func (p PayoutStep) Problems() []Problem {
	var wrong problems
	wrong.choice("status", slices.Contains([]PayoutStatus{PayoutProcessing, PayoutPaid, PayoutFailed}, p.Status), "must be one of the following values: processing, paid, failed")
	wrong.atMost("failureReason", p.FailureReason, maxFailureReason)
	if p.FailureReason != "" && p.Status != PayoutFailed {
		wrong.add(ProblemValue, "failureReason", "should only be given with the status failed")
	}
	return wrong
}

// MovePayout changes the state of a payout. It returns [Invalid], [NotFound], and [Conflict] for a step
// that the state does not allow.
func (p *Program) MovePayout(id string, step PayoutStep) (PartnerPayout, error) {
	if err := invalid(step.Problems()); err != nil {
		return PartnerPayout{}, err
	}
	return command(p, func(s *state, now time.Time) (change[PartnerPayout], error) {
		payout, known := s.payouts.get(id)
		if !known {
			return nil, noPayout()
		}
		if !payout.canBecome(step.Status) {
			return nil, &Conflict{ErrorCodePayoutStatus, fmt.Sprintf("This payout is %s, and cannot become %s", payout.Status, step.Status)}
		}
		return func() PartnerPayout { return s.partnerPayout(s.movePayout(payout, step, now)) }, nil
	})
}

func (p Payout) canBecome(status PayoutStatus) bool {
	switch status {
	case PayoutProcessing:
		return p.Status == PayoutPending
	case PayoutPaid:
		return p.Status == PayoutProcessing
	default:
		return p.open()
	}
}

func (s *state) movePayout(payout Payout, step PayoutStep, now time.Time) Payout {
	payout.Status = step.Status
	switch step.Status {
	case PayoutProcessing:
		payout.ProcessingAt = now
	case PayoutPaid:
		payout.PaidAt = now
		s.ledger.post(payout.entry(EntryPayoutPaid, now))
	case PayoutFailed:
		payout.FailedAt, payout.FailureReason = now, step.FailureReason
		s.ledger.post(payout.entry(EntryPayoutFailed, now))
	}
	s.payouts.put(payout)
	return payout
}

// A PayoutQuery asks for one page of payouts.
type PayoutQuery struct {
	// Status, unless empty, leaves out payouts of another status.
	Status PayoutStatus
	PageQuery
}

// Problems returns the problems of the query; none if it is valid.
func (p PayoutQuery) Problems() []Problem {
	var wrong problems
	if p.Status != "" {
		wrong.choice("status", slices.Contains(payoutStatuses(), p.Status),
			"must be one of the following values: pending, processing, paid, failed")
	}
	return wrong
}

// A PartnerPayout is a payout, and the code of the partner.
type PartnerPayout struct {
	Payout
	AffiliateCode string
}

func (s *state) partnerPayout(payout Payout) PartnerPayout {
	return PartnerPayout{payout, s.partners.mustGet(payout.AffiliateID).Code}
}

// Payouts returns one page of the payouts of all partners. It returns [Invalid].
func (p *Program) Payouts(asked PayoutQuery) (Page[PartnerPayout], error) {
	return listPayouts(p, asked, (*state).partnerPayout, func(s *state) (func(int) iter.Seq[int], error) {
		if asked.Status == "" {
			return s.payouts.backward, nil
		}
		return s.payouts.byStatus.of(payoutKey{"", asked.Status}), nil
	})
}

// PartnerPayouts returns one page of the payouts of the partner that the customer is. It returns
// [NotFound] and [Invalid].
func (p *Program) PartnerPayouts(customerID string, asked PayoutQuery) (Page[Payout], error) {
	return listPayouts(p, asked, func(_ *state, payout Payout) Payout { return payout }, func(s *state) (func(int) iter.Seq[int], error) {
		partner, err := s.partners.ofCustomer(customerID)
		if asked.Status == "" {
			return s.payouts.byAffiliate.of(payoutKey{partner.ID, ""}), err
		}
		return s.payouts.byAffiliateStatus.of(payoutKey{partner.ID, asked.Status}), err
	})
}

func listPayouts[V any](p *Program, asked PayoutQuery, as func(*state, Payout) V, of func(*state) (func(int) iter.Seq[int], error)) (Page[V], error) {
	if err := invalid(asked.Problems()); err != nil {
		return Page[V]{}, err
	}
	return query(p, func(s *state, _ time.Time) (Page[V], error) {
		list, err := of(s)
		if err != nil {
			return Page[V]{}, err
		}
		return show(s.payouts.book, asked.PageQuery, list, func(payout Payout) V { return as(s, payout) })
	})
}

// Payout returns the payout with the id. It returns [NotFound].
func (p *Program) Payout(id string) (PartnerPayout, error) {
	return query(p, func(s *state, _ time.Time) (PartnerPayout, error) {
		payout, known := s.payouts.get(id)
		if !known {
			return PartnerPayout{}, noPayout()
		}
		return s.partnerPayout(payout), nil
	})
}

// PartnerPayout returns a payout of the partner that the customer is. It returns [NotFound].
func (p *Program) PartnerPayout(customerID, id string) (Payout, error) {
	return query(p, func(s *state, _ time.Time) (Payout, error) {
		partner, err := s.partners.ofCustomer(customerID)
		if err != nil {
			return Payout{}, err
		}
		return s.payouts.ofPartner(partner, id)
	})
}
