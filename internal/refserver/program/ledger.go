package program

import (
	"math"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/timeline"
)

// A ledger is what one partner has earned. It keeps running totals, so that reading it costs
// no more than the commissions that have become ready since the last time.
type ledger struct {
	inReview Cents
	ready    Cents
	waiting  timeline.Timeline[Cents] // the commissions in review, by when they are ready
}

// earn adds a commission that is in review until readyAt.
func (l *ledger) earn(amount Cents, readyAt time.Time) error {
	if amount > math.MaxInt64-l.total() {
		return &Invalid{[]string{"amount must not take the partner's earnings beyond what can be counted"}}
	}
	l.inReview += amount
	l.waiting.Add(readyAt, amount)
	return nil
}

// settle moves the commissions whose holding period is over from in review to ready.
func (l *ledger) settle(now time.Time) {
	for amount := range l.waiting.Due(now) {
		l.inReview -= amount
		l.ready += amount
	}
}

func (l *ledger) total() Cents { return l.inReview + l.ready }
