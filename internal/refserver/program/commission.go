package program

import (
	"fmt"
	"time"
)

// A Commission is a partner's share of one payment.
type Commission struct {
	ID          string
	AffiliateID string
	CustomerID  string
	Payment     Cents
	Rate        BasisPoints
	Amount      Cents
	CreatedAt   time.Time
	// ReadyAt is when the commission has been in review for its holding period.
	ReadyAt time.Time
}

// RecordPayment books a payment of a customer and gives the commission that it earned, or nil:
// when the customer is attributed to no partner, or the share is less than half a cent. It fails
// with [NotFound], and with [Invalid] for an amount that is not above zero or beyond 10^13 cents.
func (p *Program) RecordPayment(customerID string, amount Cents) (*Commission, error) {
	if amount <= 0 || amount > maxPayment {
		return nil, &Invalid{Problems: []string{fmt.Sprintf("amount must be from 0.01 to %d.00", maxPayment/oneUnit)}}
	}

	p.mu.Lock()
	defer p.mu.Unlock()

	payer := p.customers[customerID]
	if payer == nil {
		return nil, &NotFound{Message: "No customer of this app has this id"}
	}
	if payer.referrer == nil {
		return nil, nil
	}
	rate := p.settings.DefaultCommissionRate
	share := shareOf(amount, rate)
	if share == 0 {
		return nil, nil
	}
	now := p.now()
	readyAt := now.Add(p.settings.holdingPeriod())
	payer.referrer.ledger.settle(now)
	if err := payer.referrer.ledger.earn(share, readyAt); err != nil {
		return nil, err
	}
	return &Commission{
		ID:          p.newID(idPrefix),
		AffiliateID: payer.referrer.id,
		CustomerID:  payer.id,
		Payment:     amount,
		Rate:        rate,
		Amount:      share,
		CreatedAt:   now,
		ReadyAt:     readyAt,
	}, nil
}
