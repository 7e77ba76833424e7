package program

import (
	"errors"
	"fmt"
	"time"
)

// A ledger has every change of the partners' balances: for each partner, a list of entries that only
// grows, and the resulting balances.
type ledger map[string]account

// An account is one partner's part of the ledger.
type account struct {
	entries  entryList
	balances balances
}

// An Entry moves an amount, which is above zero, from one place to another, which its kind names.
type Entry struct {
	AffiliateID string    `json:"affiliateId"`
	At          time.Time `json:"at"`
	Kind        EntryKind `json:"kind"`
	Amount      Cents     `json:"amount"`
	// Cause is the id of the record that caused the entry, whose type depends on the kind.
	Cause string `json:"cause"`
	// after are the balances after the entry.
	after balances
}

// EntryKind is the reason of an entry.
type EntryKind string

// The kinds of entries.
const (
	// EntryCommission puts a new commission in review.
	EntryCommission EntryKind = "commission"
	// EntryMatured makes a commission ready to be paid out.
	EntryMatured EntryKind = "matured"
	// EntryReduction takes back what a refund costs a commission in review.
	EntryReduction EntryKind = "reduction"
	// EntryClawback takes back what a later refund costs a commission.
	EntryClawback EntryKind = "clawback"
	// EntryPayoutRequested puts all that is ready into a payout.
	EntryPayoutRequested EntryKind = "payout_requested"
	// EntryPayoutPaid ends a payout that the partner has received.
	EntryPayoutPaid EntryKind = "payout_paid"
	// EntryPayoutFailed ends a payout, whose money is ready again.
	EntryPayoutFailed EntryKind = "payout_failed"
)

// A place is where a partner's money can be.
type place int

const (
	outside  place = iota // where it comes from: not the partner's
	inReview              // within the holding period
	ready                 // may be negative: then the partner owes it
	inPayout
	paid
	places
)

func (p place) String() string {
	return [places]string{"outside", "in_review", "ready", "in_payout", "paid"}[p]
}

// Causes of entries.
const (
	causeInvoice    = "invoice"
	causeCommission = "commission"
	causeRefund     = "refund"
	causePayout     = "payout"
)

// A move says, for a kind of entry, from which place to which it moves its amount, and what causes it.
type move struct {
	from, to place
	cause    string
}

var moves = map[EntryKind]move{
	EntryCommission:      {outside, inReview, causeInvoice},
	EntryMatured:         {inReview, ready, causeCommission},
	EntryReduction:       {inReview, outside, causeRefund},
	EntryClawback:        {ready, outside, causeRefund},
	EntryPayoutRequested: {ready, inPayout, causePayout},
	EntryPayoutPaid:      {inPayout, paid, causePayout},
	EntryPayoutFailed:    {inPayout, ready, causePayout},
}

// balances are the amounts at each place. An entry takes from one what it puts into another, so that
// they are 0 in all, and what is outside is the opposite of what was earned.
type balances [places]Cents

func (b balances) earned() Cents { return -b[outside] }

// Balances are a partner's earnings, by their state: Earned is InReview + Ready − Debt + InPayout
// + Paid.
type Balances struct{ Earned, InReview, Ready, Debt, InPayout, Paid Cents }

// shown returns the balances as a partner sees them: a negative ready is shown as debt.
func (b balances) shown() Balances {
	return Balances{
		Earned:   b.earned(),
		InReview: b[inReview],
		Ready:    max(b[ready], 0),
		Debt:     max(-b[ready], 0),
		InPayout: b[inPayout],
		Paid:     b[paid],
	}
}

var (
	errNoMove    = errors.New("an entry must move an amount above zero, and be of a known kind")
	errNotThere  = errors.New("the entry takes more than there is")
	errUncounted = errors.New("the entry takes a balance out of range")
)

// after returns the balances after an entry.
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
	if after[inReview] < 0 || after[inPayout] < 0 || after.earned() < 0 {
		return balances{}, errNotThere
	}
	return after, nil
}

// check returns an error if an entry cannot be posted.
func (l ledger) check(entry Entry) error {
	_, err := l[entry.AffiliateID].balances.after(entry.Kind, entry.Amount)
	return err
}

// post appends an entry that [ledger.check] accepts.
func (l ledger) post(entry Entry) {
	of := l[entry.AffiliateID]
	after, err := of.balances.after(entry.Kind, entry.Amount)
	if err != nil {
		panic(fmt.Sprintf("program: %v: %+v", err, entry))
	}
	entry.after = after
	of.entries.append(entry)
	l[entry.AffiliateID] = account{entries: of.entries, balances: after}
}
