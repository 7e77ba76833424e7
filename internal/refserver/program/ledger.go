package program

import (
	"errors"
	"fmt"
	"time"
)

// A ledger is what ever changed the partners' balances: of each partner, a list of entries that only
// grows, and the balances that result.
type ledger map[string]account

// An account is one partner's part of the ledger.
type account struct {
	entries  []Entry
	balances balances
}

// An Entry moves an amount, which is above zero, from one place to another, which its kind names.
type Entry struct {
	AffiliateID string    `json:"affiliateId"`
	At          time.Time `json:"at"`
	Kind        EntryKind `json:"kind"`
	Amount      Cents     `json:"amount"`
	// Cause is the id of the record that the entry comes from.
	Cause string `json:"cause"`
	// after is the balances that the entry has led to.
	after balances
}

// EntryKind is what an entry means.
type EntryKind string

// The kinds of entries.
const (
	// EntryCommissionEarned puts a new commission in review.
	EntryCommissionEarned EntryKind = "commission_earned"
	// EntryCommissionMatured makes a commission ready to be paid out.
	EntryCommissionMatured EntryKind = "commission_matured"
)

// A place is where money of a partner may be.
type place int

const (
	outside place = iota // where it comes from: not the partner's
	inReview
	ready
	places
)

// moves is where each kind of entry takes its amount from, and puts it.
var moves = map[EntryKind]struct{ from, to place }{
	EntryCommissionEarned:  {outside, inReview},
	EntryCommissionMatured: {inReview, ready},
}

// balances are the amounts at each place. An entry takes from one what it puts into another, so that
// they are 0 in all, and what is outside is the opposite of what was earned.
type balances [places]Cents

func (b balances) earned() Cents { return -b[outside] }

var (
	errNoMove    = errors.New("an entry must move an amount above zero, and be of a known kind")
	errUncounted = errors.New("the entry takes a balance beyond what can be counted")
)

// after is the balances that an entry leads to.
func (b balances) after(kind EntryKind, amount Cents) (balances, error) {
	move, known := moves[kind]
	if !known || amount <= 0 {
		return balances{}, errNoMove
	}
	after := b
	var taken, put bool
	after[move.from], taken = b[move.from].plus(-amount)
	after[move.to], put = b[move.to].plus(amount)
	if !taken || !put {
		return balances{}, errUncounted
	}
	return after, nil
}

// check fails for an entry that cannot be posted.
func (l ledger) check(entry Entry) error {
	_, err := l[entry.AffiliateID].balances.after(entry.Kind, entry.Amount)
	return err
}

// post appends an entry that [ledger.check] lets pass.
func (l ledger) post(entry Entry) {
	of := l[entry.AffiliateID]
	after, err := of.balances.after(entry.Kind, entry.Amount)
	if err != nil {
		panic(fmt.Sprintf("program: %v: %+v", err, entry))
	}
	entry.after = after
	l[entry.AffiliateID] = account{entries: append(of.entries, entry), balances: after}
}
