package program

import (
	"cmp"
	"time"
)

// PayoutInterval is how often a partner is paid out without a request.
type PayoutInterval string

// The intervals.
const (
	PayoutsOff     PayoutInterval = "off"
	PayoutsWeekly  PayoutInterval = "weekly"  // on Mondays at 00:00 UTC
	PayoutsMonthly PayoutInterval = "monthly" // on the first of the month at 00:00 UTC
)

// next returns the first run after a moment; zero if there is none.
func (i PayoutInterval) next(after time.Time) time.Time {
	switch i {
	case PayoutsWeekly:
		return nextMonday(after)
	case PayoutsMonthly:
		return nextMonth(after)
	default:
		return time.Time{}
	}
}

// A PayoutSchedule is when a partner is paid out without a request.
type PayoutSchedule struct {
	Interval PayoutInterval
	NextAt   time.Time // zero if off
}

func (p Partner) payoutSchedule() PayoutSchedule {
	return PayoutSchedule{Interval: cmp.Or(p.PayoutInterval, PayoutsOff), NextAt: p.PayoutAt}
}

// IntervalProblems returns the problems of an interval; none if it is valid.
func IntervalProblems(interval PayoutInterval) []Problem {
	var p problems
	p.choice("interval", interval == PayoutsOff || interval == PayoutsWeekly || interval == PayoutsMonthly,
		"must be one of the following values: off, weekly, monthly")
	return p
}

// PayoutSchedule returns the schedule of the partner that the customer is. It returns [NotFound].
func (p *Program) PayoutSchedule(customerID string) (PayoutSchedule, error) {
	return query(p, func(s *state, _ time.Time) (PayoutSchedule, error) {
		partner, err := s.partners.ofCustomer(customerID)
		return partner.payoutSchedule(), err
	})
}

// SetPayoutSchedule sets the interval of the partner that the customer is; the present one changes
// nothing. It returns [Invalid] and [NotFound].
func (p *Program) SetPayoutSchedule(customerID string, interval PayoutInterval) (PayoutSchedule, error) {
	if err := invalid(IntervalProblems(interval)); err != nil {
		return PayoutSchedule{}, err
	}
	return command(p, func(s *state, now time.Time) (change[PayoutSchedule], error) {
		partner, err := s.partners.ofCustomer(customerID)
		if err != nil {
			return nil, err
		}
		return func() PayoutSchedule {
			if interval == partner.payoutSchedule().Interval {
				return partner.payoutSchedule()
			}
			scheduled := !partner.PayoutAt.IsZero()
			partner.PayoutInterval = interval
			partner.PayoutTurn++
			partner = s.planPayout(partner, now)
			if scheduled {
				s.lapse()
			}
			return partner.payoutSchedule()
		}, nil
	})
}

// planPayout schedules the next run of a partner, if there is any.
func (s *state) planPayout(partner Partner, now time.Time) Partner {
	partner.PayoutAt = partner.PayoutInterval.next(now)
	s.partners.put(partner)
	if !partner.PayoutAt.IsZero() {
		s.at(partner.due())
	}
	return partner
}

// due returns the item of the next run.
func (p Partner) due() Due {
	return Due{At: p.PayoutAt, Kind: DuePayout, ID: p.ID, Turn: p.PayoutTurn}
}

// runPayout pays a partner out if enough is ready and no other payout is open.
func (s *state) runPayout(due Due) {
	partner := s.partners.mustGet(due.ID)
	if s.payable(partner.ID) == nil {
		s.requestPayout(partner.ID, true, due.At)
	}
	s.planPayout(partner, due.At)
}
