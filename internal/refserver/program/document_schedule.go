package program

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// dues returns the items that follow from the records of a document: all that its schedule has.
func (d Document) dues() []Due {
	var all []Due
	for _, click := range d.Clicks {
		all = append(all, click.due())
	}
	for _, commission := range d.Commissions {
		if commission.State == CommissionInReview {
			all = append(all, commission.due())
		}
	}
	for _, subscription := range d.Subscriptions {
		if subscription.renews() {
			all = append(all, subscription.due())
		}
	}
	for _, partner := range d.Partners {
		if !partner.PayoutAt.IsZero() {
			all = append(all, partner.due())
		}
	}
	for _, session := range d.Sessions {
		all = append(all, session.due())
	}
	return all
}

// A dueKey tells items apart: a record has one item at most.
type dueKey struct {
	kind DueKind
	id   string
}

func (d Due) key() dueKey { return dueKey{d.Kind, d.ID} }

// unlapsed returns the items of the schedule of the program, without those that have lapsed.
func (d Document) unlapsed(schedule schedule) []Due {
	all, follow := slices.AppendSeq([]Due{}, schedule.All()), d.dues()
	if len(all) == len(follow) {
		return all // none has
	}
	turns := make(map[dueKey]int, len(follow))
	for _, due := range follow {
		turns[due.key()] = due.Turn
	}
	return slices.DeleteFunc(all, func(due Due) bool {
		turn, follows := turns[due.key()]
		return !follows || turn != due.Turn
	})
}

// schedule fills the schedule, which must have the items that follow from the records, and no others.
// Without one, it has these items in the order of the records.
func (r reader) schedule(given []Due) error {
	s := r.state
	follow := Document{
		Clicks:        s.clicks.rows,
		Commissions:   s.commissions.rows,
		Subscriptions: s.subscriptions.rows,
		Partners:      s.partners.rows,
		Sessions:      s.sessions.rows,
	}.dues()
	if given == nil {
		given = follow
	}
	if err := r.scheduleFollows(given, follow); err != nil {
		return fmt.Errorf("schedule%w; leave schedule out and it is made anew", err)
	}
	for _, due := range given {
		due.At = due.At.UTC()
		s.at(due)
	}
	return nil
}

// scheduleFollows checks that the items of a schedule are those that follow from the records.
func (r reader) scheduleFollows(given, follow []Due) error {
	missing := make(map[dueKey]Due, len(follow))
	for _, due := range follow {
		missing[due.key()] = due
	}
	seen := make(map[dueKey]bool, len(follow))
	for i, due := range given {
		want, follows := missing[due.key()]
		delete(missing, due.key())
		switch {
		case happening(due.Kind) == nil:
			return fmt.Errorf("[%d]: kind: %q is not valid", i, due.Kind)
		case seen[due.key()]:
			return fmt.Errorf("[%d]: id: the item %q of %s is there twice", i, due.Kind, r.recordOf(due))
		case !follows:
			return fmt.Errorf("[%d]: id: %w", i, noRecord(due))
		case !due.At.Equal(want.At):
			return fmt.Errorf("[%d]: at: it must be %s, which follows from %s", i, want.At.Format(time.RFC3339Nano), r.recordOf(due))
		case due.Turn != want.Turn:
			return fmt.Errorf("[%d]: turn: it must be %d, which follows from %s", i, want.Turn, r.recordOf(due))
		}
		seen[due.key()] = true
	}
	for _, due := range follow {
		if _, is := missing[due.key()]; is {
			return fmt.Errorf(": the item %q of %s at %s is missing", due.Kind, r.recordOf(due), due.At.Format(time.RFC3339Nano))
		}
	}
	return nil
}

// recordOf names the record of an item. The token of a session is secret.
func (r reader) recordOf(due Due) string {
	switch due.Kind {
	case DueClickExpires:
		return fmt.Sprintf("the click %q", due.ID)
	case DueCommissionReady:
		return fmt.Sprintf("the commission %q", due.ID)
	case DueRenewal:
		return fmt.Sprintf("the subscription %q", due.ID)
	case DuePayout:
		return fmt.Sprintf("the partner %q", due.ID)
	default: // DueSessionForgotten
		return fmt.Sprintf("the session of the customer %q", r.state.sessions.mustGet(due.ID).CustomerID)
	}
}

// noRecord says that the record of an item does not exist, or has none.
func noRecord(due Due) error {
	switch due.Kind {
	case DueClickExpires:
		return fmt.Errorf("no click has the id %q", due.ID)
	case DueCommissionReady:
		return fmt.Errorf("no commission in review has the id %q", due.ID)
	case DueRenewal:
		return fmt.Errorf("no subscription that renews has the id %q", due.ID)
	case DuePayout:
		return fmt.Errorf("no partner with automatic payouts has the id %q", due.ID)
	default: // DueSessionForgotten
		return errors.New("no session has this token")
	}
}
