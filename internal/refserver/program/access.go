package program

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// AccessStatus is the state of a partner's access to a user's account.
type AccessStatus string

// The states of access.
const (
	// AccessNone is the state before any request. No [Access] has it.
	AccessNone      AccessStatus = "none"
	AccessRequested AccessStatus = "requested"
	AccessGranted   AccessStatus = "granted"
	AccessDeclined  AccessStatus = "declined"
	AccessWithdrawn AccessStatus = "withdrawn" // granted before
)

func accessStatuses() []AccessStatus {
	return []AccessStatus{AccessRequested, AccessGranted, AccessDeclined, AccessWithdrawn}
}

// An Access is a partner's request to log in as one of its users, and the user's decision. A later
// request is another Access: a link that was made with the earlier one stays refused.
type Access struct {
	ID          string       `json:"id"`
	AffiliateID string       `json:"affiliateId"`
	UserID      string       `json:"userId"` // the customer who decides
	Status      AccessStatus `json:"status"`
	RequestedAt time.Time    `json:"requestedAt"`
	// DecidedAt is when it was granted, declined or withdrawn; zero before.
	DecidedAt time.Time `json:"decidedAt,omitzero"`
}

// userAccess is a user in a state of access.
type userAccess struct {
	userID string
	status AccessStatus
}

type accesses struct {
	*book[Access]
	byUser   *group[Access, string]
	byStatus *group[Access, userAccess]
}

func newAccesses() accesses {
	b := newBook(func(a Access) string { return a.ID })
	return accesses{
		book:     b,
		byUser:   groupBy(b, func(a Access) string { return a.UserID }),
		byStatus: groupBy(b, func(a Access) userAccess { return userAccess{a.UserID, a.Status} }),
	}
}

// ofUser returns the access that was last requested from a user. A user has only one partner.
func (a accesses) ofUser(userID string) Access {
	last, asked := newestOf(a.book, a.byUser, userID)
	if !asked {
		return Access{Status: AccessNone}
	}
	return last
}

// An AccessView is an access as both sides see it.
type AccessView struct {
	Access
	// AffiliateName and AffiliateEmail are the partner's, as a customer; the name may be empty.
	AffiliateName  string
	AffiliateEmail string
	UserEmail      string
}

func (s *state) viewAccess(access Access) AccessView {
	partner := s.customers.mustGet(s.partners.mustGet(access.AffiliateID).CustomerID)
	return AccessView{
		Access:         access,
		AffiliateName:  partner.Name,
		AffiliateEmail: partner.Email,
		UserEmail:      s.customers.mustGet(access.UserID).Email,
	}
}

// RequestAccess requests access to a user of the partner that the customer is. It returns [NotFound],
// and [Conflict] while an earlier request is open or granted.
func (p *Program) RequestAccess(customerID, userID string) (AccessView, error) {
	return command(p, func(s *state, now time.Time) (change[AccessView], error) {
		user, err := s.ownUser(customerID, userID)
		if err != nil {
			return nil, err
		}
		switch s.accesses.ofUser(userID).Status {
		case AccessRequested:
			return nil, &Conflict{ErrorCodeAccessStatus, "Access is requested already; the user has to grant or decline it first"}
		case AccessGranted:
			return nil, &Conflict{ErrorCodeAccessStatus, "Access is granted already; log in as the user instead of asking again"}
		}
		return func() AccessView {
			access := Access{
				ID:          fresh(s.ids, s.accesses.book, "access", idPrefix),
				AffiliateID: user.AffiliateID,
				UserID:      userID,
				Status:      AccessRequested,
				RequestedAt: now,
			}
			s.accesses.put(access)
			return s.viewAccess(access)
		}, nil
	})
}

// AccessAction is a user's decision on access.
type AccessAction string

// The decisions.
const (
	GrantAccess    AccessAction = "grant"
	DeclineAccess  AccessAction = "decline"
	WithdrawAccess AccessAction = "withdraw"
)

// accessSteps has, for each action, the states before and after it.
var accessSteps = map[AccessAction]struct{ from, to AccessStatus }{
	GrantAccess:    {AccessRequested, AccessGranted},
	DeclineAccess:  {AccessRequested, AccessDeclined},
	WithdrawAccess: {AccessGranted, AccessWithdrawn},
}

// AccessActionProblems returns the problems of an action; none if it exists.
func AccessActionProblems(action AccessAction) []Problem {
	if _, known := accessSteps[action]; known {
		return nil
	}
	return []Problem{{Field: "action", Text: "must be one of the following values: grant, decline, withdraw"}}
}

// DecideAccess records a customer's decision on access that was requested from it. It returns [Invalid],
// [NotFound], and [Conflict] for an action that the state does not allow.
func (p *Program) DecideAccess(customerID, accessID string, action AccessAction) (AccessView, error) {
	if err := invalid(AccessActionProblems(action)); err != nil {
		return AccessView{}, err
	}
	return command(p, func(s *state, now time.Time) (change[AccessView], error) {
		access, known := s.accesses.get(accessID)
		if !known || access.UserID != customerID {
			return nil, &NotFound{ErrorCodeAccessNotFound, "This customer was not asked for access with this id; GET /v1/affiliate/access lists what it was asked for"}
		}
		step := accessSteps[action]
		if access.Status != step.from {
			return nil, &Conflict{ErrorCodeAccessStatus, cannotStep(access.Status, step.from)}
		}
		return func() AccessView {
			access.Status, access.DecidedAt = step.to, now
			s.accesses.put(access)
			return s.viewAccess(access)
		}, nil
	})
}

// cannotStep says why the state does not allow an action, and which ones it allows.
func cannotStep(is, needed AccessStatus) string {
	stands := fmt.Sprintf("This access is %s, and the action is for one that is %s; ", is, needed)
	switch is {
	case AccessRequested:
		return stands + "grant or decline it first"
	case AccessGranted:
		return stands + "withdraw it to end it"
	default:
		return stands + "the partner has to ask again"
	}
}

// An AccessQuery asks for one page of the access that was requested from a customer.
type AccessQuery struct {
	// Status, unless empty, leaves out access of another status.
	Status AccessStatus
	PageQuery
}

// Problems returns the problems of the query; none if it is valid.
func (a AccessQuery) Problems() []Problem {
	var p problems
	p.choice("status", a.Status == "" || slices.Contains(accessStatuses(), a.Status),
		"must be one of the following values: requested, granted, declined, withdrawn")
	return p
}

// Accesses returns one page of the access that was requested from a customer. It returns [Invalid].
func (p *Program) Accesses(customerID string, asked AccessQuery) (Page[AccessView], error) {
	if err := invalid(asked.Problems()); err != nil {
		return Page[AccessView]{}, err
	}
	return query(p, func(s *state, _ time.Time) (Page[AccessView], error) {
		seqs := s.accesses.byUser.of(customerID)
		if asked.Status != "" {
			seqs = s.accesses.byStatus.of(userAccess{customerID, asked.Status})
		}
		return show(s.accesses.book, asked.PageQuery, seqs, s.viewAccess)
	})
}

func (r reader) access(a *Access) error {
	r.since(&a.RequestedAt)
	a.Status = cmp.Or(a.Status, AccessRequested)
	a.DecidedAt = a.DecidedAt.UTC()
	if a.Status != AccessRequested {
		r.since(&a.DecidedAt)
	}
	if last := r.state.accesses.ofUser(a.UserID).Status; last == AccessRequested || last == AccessGranted {
		return fmt.Errorf("userId: the access before, of the same user, is still %s", last)
	}
	user, _ := r.state.attributions.get(a.UserID)
	if user.AffiliateID != a.AffiliateID {
		return fmt.Errorf("userId: the customer %q is not attributed to %q", a.UserID, a.AffiliateID)
	}
	return errors.Join(
		oneOf("status", a.Status, accessStatuses()...),
		unknown("affiliateId", a.AffiliateID, r.state.partners.book),
		unknown("userId", a.UserID, r.state.customers.book),
	)
}

// newestOf returns the last record that came with the key, if there is one.
func newestOf[T any, K comparable](b *book[T], g *group[T, K], key K) (row T, found bool) {
	end, _ := b.start(0)
	for seq := range g.backward(key, end) {
		return *b.at(seq), true
	}
	return row, false
}
