package program

import (
	"iter"
	"math"
	"slices"
	"sort"
	"time"
)

// CommissionStatus is the state of a commission, or the state of its payout once it is ready.
type CommissionStatus string

// The statuses of a commission.
const (
	StatusInReview CommissionStatus = "in_review"
	StatusReady    CommissionStatus = "ready"
	StatusInPayout CommissionStatus = "in_payout"
	StatusPaid     CommissionStatus = "paid"
	StatusVoided   CommissionStatus = "voided"
	StatusClawback CommissionStatus = "clawback"
)

func commissionStatuses() []CommissionStatus {
	return []CommissionStatus{StatusInReview, StatusReady, StatusInPayout, StatusPaid, StatusVoided, StatusClawback}
}

// A UserCommission is a commission as its partner sees it.
type UserCommission struct {
	Commission
	UserEmail string
	Status    CommissionStatus
	PayoutID  string // empty if in none
}

func (s *state) userCommission(commission Commission) UserCommission {
	shown := UserCommission{
		Commission: commission,
		UserEmail:  s.customers.mustGet(commission.CustomerID).Email,
		Status:     CommissionStatus(commission.State),
	}
	if !commission.inBatch() {
		return shown
	}
	payout, taken := s.payouts.of(commission.AffiliateID, commission.Batch)
	if !taken {
		return shown
	}
	shown.PayoutID = payout.ID
	if commission.State == CommissionReady {
		shown.Status = payout.commissionStatus()
	}
	return shown
}

// A CommissionQuery asks for one page of the commissions that match all fields that are not zero.
type CommissionQuery struct {
	Status   CommissionStatus
	UserID   string
	Plan     PlanID
	PayoutID string
	From     time.Time // the earliest CreatedAt
	To       time.Time // after the latest CreatedAt
	PageQuery
}

// Problems returns the problems of the query; none if it is valid.
func (c CommissionQuery) Problems() []Problem {
	var p problems
	if c.Status != "" {
		p.choice("status", slices.Contains(commissionStatuses(), c.Status), "must be one of the following values: in_review, ready, in_payout, paid, voided, clawback")
	}
	if c.Plan != "" {
		p.choice("plan", c.Plan.known(), onePlan)
	}
	if !c.From.IsZero() && !c.To.IsZero() && !c.To.After(c.From) {
		p.add(ProblemValue, "to", "must be after from")
	}
	return p
}

// Commissions returns one page of the commissions of the partner that the customer is. Its cost is that of
// the length of the page and of a search for its start: see newestFirst for lists by a status or a
// payout. A user or a payout that is not the partner's has none.
// It returns [Invalid], and [NotFound] for a customer who is not a partner.
func (p *Program) Commissions(customerID string, asked CommissionQuery) (Page[UserCommission], error) {
	if err := invalid(asked.Problems()); err != nil {
		return Page[UserCommission]{}, err
	}
	return query(p, func(s *state, _ time.Time) (Page[UserCommission], error) {
		partner, err := s.partners.ofCustomer(customerID)
		if err != nil {
			return Page[UserCommission]{}, err
		}
		list := s.commissions.created(s.commissionsOf(partner, asked), asked.From, asked.To)
		return show(s.commissions.book, asked.PageQuery, list, s.userCommission)
	})
}

// commissionsOf returns the requested list, of all times.
func (s *state) commissionsOf(partner Partner, asked CommissionQuery) func(before int) iter.Seq[int] {
	f, key := facet(0), commissionKey{of: partner.ID, plan: asked.Plan}
	if asked.UserID != "" {
		user, err := s.userOf(partner, asked.UserID)
		if err != nil {
			return nothing
		}
		f, key.of = f|oneUser, user.ID
	}
	if asked.Plan != "" {
		f |= ofOnePlan
	}
	batches := func(clawback bool, first, last int) batchRange {
		return s.commissions.inBatches[f].between(batchKey{key, clawback}, first, last)
	}

	if asked.PayoutID != "" {
		payout, err := s.payouts.ofPartner(partner, asked.PayoutID)
		if err != nil {
			return nothing
		}
		return inPayoutWith(payout, asked.Status, batches)
	}
	switch asked.Status {
	case "":
		return s.commissions.all[f].of(key)
	case StatusInReview, StatusVoided:
		return s.commissions.inState[f].of(stateKey{key, CommissionState(asked.Status)})
	case StatusClawback:
		return inBatches(batches(true, 0, math.MaxInt-1))
	default:
		first, last := s.payouts.batches(partner.ID, asked.Status)
		return inBatches(batches(false, first, last))
	}
}

// inPayoutWith returns the list of the commissions in a payout that have the status, which may be empty.
func inPayoutWith(payout Payout, status CommissionStatus, batches func(clawback bool, first, last int) batchRange) func(int) iter.Seq[int] {
	if payout.Status == PayoutFailed {
		return nothing
	}
	var ranges []batchRange
	if status == "" || status == payout.commissionStatus() {
		ranges = append(ranges, batches(false, payout.FirstBatch, payout.Batch))
	}
	if status == "" || status == StatusClawback {
		ranges = append(ranges, batches(true, payout.FirstBatch, payout.Batch))
	}
	return inBatches(ranges...)
}

func inBatches(ranges ...batchRange) func(int) iter.Seq[int] {
	return func(before int) iter.Seq[int] { return newestFirst(before, ranges...) }
}

// created returns the part of a list that was created at from or later, and before to.
func (c commissions) created(list func(before int) iter.Seq[int], from, to time.Time) func(before int) iter.Seq[int] {
	if from.IsZero() && to.IsZero() {
		return list
	}
	first, end := 0, len(c.rows)
	if !from.IsZero() {
		first = c.createdBefore(from)
	}
	if !to.IsZero() {
		end = c.createdBefore(to)
	}
	return func(before int) iter.Seq[int] {
		return func(yield func(int) bool) {
			for seq := range list(min(before, end)) {
				if seq < first || !yield(seq) {
					return
				}
			}
		}
	}
}

// createdBefore returns how many commissions are older than a moment; they are in the order of time.
func (c commissions) createdBefore(moment time.Time) int {
	return sort.Search(len(c.rows), func(i int) bool { return !c.rows[i].CreatedAt.Before(moment) })
}
