package program

import (
	"cmp"
	"fmt"
	"time"
)

// A StatementLine is an entry as its partner sees it.
type StatementLine struct {
	ID string
	// Sequence counts the entries of the partner from 1 on.
	Sequence int
	Entry
	From, To  string // the places
	CauseType string // what Cause is the id of
	Balances  Balances
}

func (e Entry) line(sequence int) StatementLine {
	move := moves[e.Kind]
	return StatementLine{
		ID:        fmt.Sprintf("%s-%d", e.AffiliateID, sequence),
		Sequence:  sequence,
		Entry:     e,
		From:      move.from.String(),
		To:        move.to.String(),
		CauseType: move.cause,
		Balances:  e.after.shown(),
	}
}

// Statement returns one page of the entries of the partner that the customer is, newest first. It returns
// [NotFound], and [Invalid] if no page can have ended at asked.Before.
func (p *Program) Statement(customerID string, asked PageQuery) (Page[StatementLine], error) {
	return query(p, func(s *state, _ time.Time) (Page[StatementLine], error) {
		partner, err := s.partners.ofCustomer(customerID)
		if err != nil {
			return Page[StatementLine]{}, err
		}
		entries := s.ledger[partner.ID].entries
		before := cmp.Or(asked.Before, entries.len+1)
		if before < 1 || before > entries.len+1 {
			return Page[StatementLine]{}, badCursor()
		}
		page := Page[StatementLine]{Rows: make([]StatementLine, 0, min(asked.Limit, before-1))}
		for sequence := before - 1; sequence >= 1; sequence-- {
			if len(page.Rows) == asked.Limit {
				page.Next = sequence + 1
				break
			}
			page.Rows = append(page.Rows, entries.at(sequence-1).line(sequence))
		}
		return page, nil
	})
}
