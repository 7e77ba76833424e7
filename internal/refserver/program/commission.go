package program

import "time"

// A Commission is a partner's share of one payment, or the part of one that a refund took back.
type Commission struct {
	ID             string `json:"id"`
	AffiliateID    string `json:"affiliateId"`
	CustomerID     string `json:"customerId"`
	SubscriptionID string `json:"subscriptionId,omitempty"`
	InvoiceID      string `json:"invoiceId"`
	Plan           PlanID `json:"plan,omitempty"`
	Payment        Cents  `json:"payment"`
	// Rate is the rate at the time of the payment.
	Rate BasisPoints `json:"rate"`
	// Amount is what is left after refunds in the holding period. That of a clawback is negative.
	Amount    Cents           `json:"amount"`
	State     CommissionState `json:"state"`
	CreatedAt time.Time       `json:"createdAt"`
	// ReadyAt is when the holding period ends.
	ReadyAt time.Time `json:"readyAt,omitzero"`
	// Batch, once it is ready, is how many payouts the partner had requested by then: see [batched].
	Batch int `json:"batch,omitempty"`
	// Reverses is the commission that a clawback is of.
	Reverses string `json:"reverses,omitempty"`
	// RefundID is the refund that a clawback is for.
	RefundID string `json:"refundId,omitempty"`
}

// CommissionState is the state of a commission, apart from payouts.
type CommissionState string

// The states of a commission. One that is ready may be in a payout: see [CommissionStatus].
const (
	CommissionInReview CommissionState = "in_review"
	CommissionReady    CommissionState = "ready"
	CommissionVoided   CommissionState = "voided"
	CommissionClawback CommissionState = "clawback"
)

// commissions are listed by any combination of the fields of a [CommissionQuery]: there is an index
// for each, so that only records of the list are read.
type commissions struct {
	*book[Commission]
	byInvoice *unique[Commission, string] // without clawbacks
	byRefund  *unique[Commission, string] // clawbacks
	// all, inState and inBatches are by facet. What is in review or voided is in a state; what is in
	// batches may be in a payout, from its batch on.
	all       [facets]*group[Commission, commissionKey]
	inState   [facets]*group[Commission, stateKey]
	inBatches [facets]*batched[Commission, batchKey]
	// earned sums the amounts for each customer and each subscription.
	earned *totals[Commission, owner]
	// earnedIn sums the amounts for each month of a partner.
	earnedIn *totals[Commission, earningMonth]
}

// A facet says which commissions a list has: of all users or one, and of all plans or one.
type facet int

const (
	oneUser facet = 1 << iota
	ofOnePlan
	facets
)

// A commissionKey is what the commissions of a list have in common: its partner, or its user, and its plan if it has one.
type commissionKey struct {
	of   string
	plan PlanID
}

type stateKey struct {
	commissionKey
	state CommissionState
}

type batchKey struct {
	commissionKey
	clawback bool
}

// key returns the key of a commission in the lists of a facet; the zero value if it is in none.
func (f facet) key(c Commission) commissionKey {
	key := commissionKey{of: c.AffiliateID}
	if f&oneUser != 0 {
		key.of = c.CustomerID
	}
	if f&ofOnePlan != 0 {
		if c.Plan == "" {
			return commissionKey{}
		}
		key.plan = c.Plan
	}
	return key
}

func newCommissions() commissions {
	b := newBook(func(c Commission) string { return c.ID })
	made := commissions{
		book: b,
		byInvoice: uniqueBy(b, func(c Commission) string {
			if c.State == CommissionClawback {
				return ""
			}
			return c.InvoiceID
		}),
		byRefund: uniqueBy(b, func(c Commission) string { return c.RefundID }),
		earned: totalBy(b, func(c Commission, add func(owner, Cents)) {
			add(owner{customerID: c.CustomerID}, c.Amount)
			if c.SubscriptionID != "" {
				add(owner{subscriptionID: c.SubscriptionID}, c.Amount)
			}
		}),
		earnedIn: totalBy(b, func(c Commission, add func(earningMonth, Cents)) {
			add(earningMonth{c.AffiliateID, monthOf(c.CreatedAt)}, c.Amount)
		}),
	}
	for f := range facets {
		made.all[f] = groupBy(b, f.key)
		made.inState[f] = groupBy(b, func(c Commission) stateKey {
			key := f.key(c)
			if key.of == "" || c.inBatch() {
				return stateKey{}
			}
			return stateKey{key, c.State}
		})
		made.inBatches[f] = batchBy(b, func(c Commission) (batchKey, int) {
			key := f.key(c)
			if key.of == "" || !c.inBatch() {
				return batchKey{}, 0
			}
			return batchKey{key, c.State == CommissionClawback}, c.Batch
		})
	}
	return made
}

func (c Commission) inBatch() bool {
	return c.State == CommissionReady || c.State == CommissionClawback
}

// earn records the commission of an invoice that is paid now; nil if it earns none.
func (s *state) earn(invoice Invoice, now time.Time) *Commission {
	affiliateID := s.customers.affiliateOf(invoice.CustomerID)
	if affiliateID == "" || invoice.Billing != Individual {
		return nil
	}
	rate := s.rate(affiliateID)
	share := shareOf(invoice.Amount, rate)
	if share == 0 {
		return nil
	}
	commission := Commission{
		ID:             fresh(s.ids, s.commissions.book, "commission", idPrefix),
		AffiliateID:    affiliateID,
		CustomerID:     invoice.CustomerID,
		SubscriptionID: invoice.SubscriptionID,
		InvoiceID:      invoice.ID,
		Plan:           invoice.Plan,
		Payment:        invoice.Amount,
		Rate:           rate,
		Amount:         share,
		State:          CommissionInReview,
		CreatedAt:      now,
		ReadyAt:        now.Add(s.settings.holdingPeriod()),
	}
	s.ledger.post(commission.entry(EntryCommission, share, invoice.ID, now))
	s.commissions.put(commission)
	if commission.ReadyAt.After(now) {
		s.at(commission.due())
	} else {
		commission = s.mature(commission, now)
	}
	return &commission
}

func (c Commission) due() Due { return Due{At: c.ReadyAt, Kind: DueCommissionReady, ID: c.ID} }

func (s *state) readyCommission(due Due) {
	s.mature(s.commissions.mustGet(due.ID), due.At)
}

// mature makes a commission in review ready, from where the next payout takes it.
func (s *state) mature(commission Commission, at time.Time) Commission {
	commission.State = CommissionReady
	commission.Batch = s.payouts.count(commission.AffiliateID)
	s.ledger.post(commission.entry(EntryMatured, commission.Amount, commission.ID, at))
	s.commissions.put(commission)
	return commission
}

// takeBack takes back the part of a commission that a refund costs: it reduces a commission in review,
// and makes a clawback for any other, which never changes.
func (s *state) takeBack(commission Commission, less Cents, refund Refund) {
	if less == 0 {
		return
	}
	if commission.State == CommissionInReview {
		commission.Amount -= less
		if commission.Amount == 0 {
			commission.State, commission.ReadyAt = CommissionVoided, time.Time{}
		}
		s.ledger.post(commission.entry(EntryReduction, less, refund.ID, refund.CreatedAt))
		s.commissions.put(commission)
		if commission.State == CommissionVoided {
			s.lapse()
		}
		return
	}
	clawback := commission
	clawback.ID = fresh(s.ids, s.commissions.book, "commission", idPrefix)
	clawback.Reverses, clawback.RefundID = commission.ID, refund.ID
	clawback.Amount = -less
	clawback.State = CommissionClawback
	clawback.CreatedAt, clawback.ReadyAt = refund.CreatedAt, time.Time{}
	clawback.Batch = s.payouts.count(commission.AffiliateID)
	s.ledger.post(commission.entry(EntryClawback, less, refund.ID, refund.CreatedAt))
	s.commissions.put(clawback)
}

func (c Commission) entry(kind EntryKind, amount Cents, cause string, at time.Time) Entry {
	return Entry{AffiliateID: c.AffiliateID, At: at, Kind: kind, Amount: amount, Cause: cause}
}
