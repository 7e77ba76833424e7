package program

import (
	"math"
	"slices"
	"time"
)

// A ledger is what one partner has earned. However many commissions become ready together, a
// reader finds their sum by a binary search, and each commission that is booked takes a few of
// them out: no call does the work of many.
type ledger struct {
	inReview Cents // when settle was last called, and so is ready
	ready    Cents
	waiting  []lane
}

// A lane is commissions in review, in the order in which they become ready. Since time does not
// go backwards, there are never more lanes than there are holding periods.
type lane struct {
	commissions []waitingCommission
	before      Cents // the sum of those that settle has taken out
}

type waitingCommission struct {
	readyAt time.Time
	sum     Cents // of this one and all before it in the lane
}

// settledAtOnce is how many commissions of a lane settle takes out: more than the one that is
// added, so that a lane does not grow with what is ready.
const settledAtOnce = 4

// earn adds a commission that is in review until readyAt.
func (l *ledger) earn(amount Cents, readyAt time.Time) error {
	if amount > math.MaxInt64-l.total() {
		return &Invalid{Problems: []string{"amount must not take the partner's earnings beyond what can be counted"}}
	}
	l.inReview += amount
	i := slices.IndexFunc(l.waiting, func(lane lane) bool { return !lane.last().readyAt.After(readyAt) })
	if i < 0 {
		i = len(l.waiting)
		l.waiting = append(l.waiting, lane{})
	}
	l.waiting[i].commissions = append(l.waiting[i].commissions, waitingCommission{readyAt, l.waiting[i].last().sum + amount})
	return nil
}

// last is the commission of a lane that becomes ready last; of a new lane, one of nothing.
func (l lane) last() waitingCommission {
	if len(l.commissions) == 0 {
		return waitingCommission{sum: l.before}
	}
	return l.commissions[len(l.commissions)-1]
}

// due is how many commissions of a lane are ready at now, and their sum.
func (l lane) due(now time.Time) (count int, sum Cents) {
	count, _ = slices.BinarySearchFunc(l.commissions, now, func(c waitingCommission, now time.Time) int {
		if c.readyAt.After(now) {
			return 1
		}
		return -1
	})
	if count == 0 {
		return 0, 0
	}
	return count, l.commissions[count-1].sum - l.before
}

// balances are what is in review at now, and what is ready.
func (l *ledger) balances(now time.Time) (inReview, ready Cents) {
	inReview, ready = l.inReview, l.ready
	for _, lane := range l.waiting {
		_, due := lane.due(now)
		inReview -= due
		ready += due
	}
	return inReview, ready
}

// settle takes out a few of the commissions that are ready at now.
func (l *ledger) settle(now time.Time) {
	for i := range l.waiting {
		count, _ := l.waiting[i].due(now)
		l.take(&l.waiting[i], min(count, settledAtOnce))
	}
	l.waiting = slices.DeleteFunc(l.waiting, func(lane lane) bool { return len(lane.commissions) == 0 })
}

func (l *ledger) take(from *lane, count int) {
	if count == 0 {
		return
	}
	taken := from.commissions[count-1].sum - from.before
	l.inReview -= taken
	l.ready += taken
	from.before += taken
	from.commissions = from.commissions[count:]
}

func (l *ledger) total() Cents { return l.inReview + l.ready }
