package program

import (
	"fmt"
	"time"
)

// A Commission is a partner's share of one payment.
type Commission struct {
	ID          string          `json:"id"`
	AffiliateID string          `json:"affiliateId"`
	CustomerID  string          `json:"customerId"`
	Payment     Cents           `json:"payment"`
	Rate        BasisPoints     `json:"rate"`
	Amount      Cents           `json:"amount"`
	State       CommissionState `json:"state"`
	CreatedAt   time.Time       `json:"createdAt"`
	// ReadyAt is when the commission has been in review for its holding period.
	ReadyAt time.Time `json:"readyAt"`
}

// CommissionState is how far a commission has come.
type CommissionState string

// What a commission can be.
const (
	CommissionInReview CommissionState = "in_review"
	CommissionReady    CommissionState = "ready"
)

type commissions struct{ *book[Commission] }

func newCommissions() commissions {
	return commissions{newBook(func(c Commission) string { return c.ID })}
}

// RecordPayment books a payment of a customer and gives the commission that it earned, or nil:
// when the customer is attributed to no partner, or the share is less than half a cent. It fails
// with [NotFound], and with [Invalid] for an amount that is not above zero or beyond 10^13 cents.
func (p *Program) RecordPayment(customerID string, amount Cents) (*Commission, error) {
	if amount <= 0 || amount > maxPayment {
		return nil, invalidField("amount", fmt.Sprintf("must be from 0.01 to %d.00", maxPayment/oneUnit))
	}
	return command(p, func(s *state, now time.Time) (change[*Commission], error) {
		payer, known := s.customers.get(customerID)
		if !known {
			return nil, &NotFound{Message: "No customer of this app has this id"}
		}
		rate := s.settings.DefaultCommissionRate
		share := shareOf(amount, rate)
		if payer.AffiliateID == "" || share == 0 {
			return func() *Commission { return nil }, nil
		}
		if s.ledger.check(Entry{AffiliateID: payer.AffiliateID, Kind: EntryCommissionEarned, Amount: share}) != nil {
			return nil, invalidField("amount", "must not take the partner's earnings beyond what can be counted")
		}
		return func() *Commission {
			commission := Commission{
				ID:          s.ids.ID("commission", idPrefix),
				AffiliateID: payer.AffiliateID,
				CustomerID:  payer.ID,
				Payment:     amount,
				Rate:        rate,
				Amount:      share,
				State:       CommissionInReview,
				CreatedAt:   now,
				ReadyAt:     now.Add(s.settings.holdingPeriod()),
			}
			s.commissions.put(commission)
			s.ledger.post(commission.entry(EntryCommissionEarned, now))
			s.scheduleCommission(commission)
			return &commission
		}, nil
	})
}

func (s *state) scheduleCommission(c Commission) { s.at(c.ReadyAt, DueCommissionReady, c.ID) }

func (s *state) readyCommission(id string, at time.Time) {
	commission := s.commissions.mustGet(id)
	if commission.State != CommissionInReview {
		return
	}
	commission.State = CommissionReady
	s.commissions.put(commission)
	s.ledger.post(commission.entry(EntryCommissionMatured, at))
}

func (c Commission) entry(kind EntryKind, at time.Time) Entry {
	return Entry{AffiliateID: c.AffiliateID, At: at, Kind: kind, Amount: c.Amount, Cause: c.ID}
}
