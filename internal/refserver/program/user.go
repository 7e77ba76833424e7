package program

import (
	"fmt"
	"time"
)

// A User is a customer attributed to a partner, as the partner sees it.
type User struct {
	Customer
	Source       Source
	AttributedAt time.Time
	// Access is the partner's to the user's account.
	Access AccessStatus
	// Subscriptions counts those that are not canceled; LimitExceeded and Errors count those in that
	// state.
	Subscriptions PlanCounts
	LimitExceeded int
	Errors        int
	// MonthlyValue is the commission that they earn in a month at the present rate, and Earned what
	// the user's payments have earned in all.
	MonthlyValue Cents
	Earned       Cents
}

func (s *state) viewUser(of Attribution) User {
	return User{
		Customer:      s.customers.mustGet(of.CustomerID),
		Source:        of.Source,
		AttributedAt:  of.At,
		Access:        s.accesses.ofUser(of.CustomerID).Status,
		Subscriptions: s.planCounts(owner{customerID: of.CustomerID}),
		LimitExceeded: s.conditions(of.CustomerID, exceeded),
		Errors:        s.conditions(of.CustomerID, failing),
		MonthlyValue:  s.monthlyValue(owner{customerID: of.CustomerID}, s.rate(of.AffiliateID)),
		Earned:        s.commissions.earned.sum(owner{customerID: of.CustomerID}),
	}
}

// userOf returns a customer that is attributed to a partner. It returns [NotFound].
func (s *state) userOf(partner Partner, id string) (Customer, error) {
	found, known := s.customers.get(id)
	if !known || found.AffiliateID != partner.ID {
		return Customer{}, &NotFound{ErrorCodeCustomerNotFound, "No user of this partner has this id; GET /v1/affiliate/account/users lists them"}
	}
	return found, nil
}

// ownUser returns a user of the partner that the customer is. It returns [NotFound].
func (s *state) ownUser(customerID, userID string) (Attribution, error) {
	partner, err := s.partners.ofCustomer(customerID)
	if err != nil {
		return Attribution{}, err
	}
	user, err := s.userOf(partner, userID)
	if err != nil {
		return Attribution{}, err
	}
	return s.attributions.mustGet(user.ID), nil
}

// User returns a user of the partner that the customer is. It returns [NotFound].
func (p *Program) User(customerID, userID string) (User, error) {
	return query(p, func(s *state, _ time.Time) (User, error) {
		user, err := s.ownUser(customerID, userID)
		if err != nil {
			return User{}, err
		}
		return s.viewUser(user), nil
	})
}

// A UserQuery asks for one page of a partner's users, those attributed last first.
type UserQuery struct {
	// Having, unless empty, leaves out users without a subscription in this status:
	// SubscriptionLimitExceeded or SubscriptionError.
	Having SubscriptionStatus
	PageQuery
}

// Problems returns the problems of the query; none if it is valid.
func (u UserQuery) Problems() []Problem {
	var p problems
	p.choice("filter", u.Having == "" || u.Having == SubscriptionLimitExceeded || u.Having == SubscriptionError,
		"must be one of the following values: limit_exceeded, error")
	return p
}

// Users returns one page of the users of the partner that the customer is. It returns [Invalid], and
// [NotFound] for a customer that is not a partner.
func (p *Program) Users(customerID string, asked UserQuery) (Page[User], error) {
	if err := invalid(asked.Problems()); err != nil {
		return Page[User]{}, err
	}
	return query(p, func(s *state, _ time.Time) (Page[User], error) {
		partner, err := s.partners.ofCustomer(customerID)
		if err != nil {
			return Page[User]{}, err
		}
		users := s.attributions.byAffiliate
		switch asked.Having {
		case SubscriptionLimitExceeded:
			users = s.attributions.exceeding
		case SubscriptionError:
			users = s.attributions.failing
		}
		return show(s.attributions.book, asked.PageQuery, users.of(partner.ID), s.viewUser)
	})
}

// UserCounts counts a partner's users: all, and those with a subscription in a state.
type UserCounts struct{ All, LimitExceeded, Errors int }

// UserCounts counts the users of the partner that the customer is. It returns [NotFound].
func (p *Program) UserCounts(customerID string) (UserCounts, error) {
	return query(p, func(s *state, _ time.Time) (UserCounts, error) {
		partner, err := s.partners.ofCustomer(customerID)
		if err != nil {
			return UserCounts{}, err
		}
		return UserCounts{
			All:           s.attributions.byAffiliate.count(partner.ID),
			LimitExceeded: s.attributions.exceeding.count(partner.ID),
			Errors:        s.attributions.failing.count(partner.ID),
		}, nil
	})
}

// SubAccountParams is a client for whom a partner creates an account. Email is required.
type SubAccountParams struct {
	Email string
	Name  string
}

// Problems returns the problems of the parameters; none if they are valid.
func (a SubAccountParams) Problems() []Problem {
	return CustomerParams{Email: a.Email, Name: a.Name}.Problems()
}

// CreateSubAccount signs a client up as a user of the partner that the customer is, even if another
// partner has registered the email as a deal. It returns [Invalid], [NotFound] for a customer that is
// not a partner, and [Conflict] if a customer has the email already.
func (p *Program) CreateSubAccount(customerID string, params SubAccountParams) (User, error) {
	if err := invalid(params.Problems()); err != nil {
		return User{}, err
	}
	return command(p, func(s *state, now time.Time) (change[User], error) {
		partner, err := s.partners.ofCustomer(customerID)
		if err != nil {
			return nil, err
		}
		if s.customers.byEmail.has(keyOf(params.Email)) {
			return nil, &Conflict{ErrorCodeAlreadyExists, "A customer with this email exists already; add it as an existing user instead, within 7 days of its sign-up"}
		}
		return func() User {
			from := referral{partner.ID, SourceSubAccount}
			client := s.signUp(CustomerParams{Email: params.Email, Name: params.Name}, from, now)
			s.emit(Event{Kind: CustomerCreated, At: now, Customer: &client})
			return s.viewUser(s.attributions.mustGet(client.ID))
		}, nil
	})
}

// linkPeriod is how long after its sign-up a customer can be added to a partner.
const linkPeriod = 7 * day

// LinkProblems returns the problems of the email of an existing customer.
func LinkProblems(email string) []Problem {
	var p problems
	p.email("email", email)
	return p
}

// LinkUser makes an existing customer a user of the partner that the customer is. It returns
// [Invalid]; [NotFound] for an email that no customer has, and for a customer that is not a
// partner; [Conflict] for a customer who is a partner's already; and [Forbidden] for the
// partner itself, and once the link period has passed in full.
func (p *Program) LinkUser(customerID, email string) (User, error) {
	if err := invalid(LinkProblems(email)); err != nil {
		return User{}, err
	}
	return command(p, func(s *state, now time.Time) (change[User], error) {
		partner, err := s.partners.ofCustomer(customerID)
		if err != nil {
			return nil, err
		}
		customer, err := s.linkable(partner, email, now)
		if err != nil {
			return nil, err
		}
		return func() User {
			s.attribute(customer, referral{partner.ID, SourceLinked}, now)
			return s.viewUser(s.attributions.mustGet(customer.ID))
		}, nil
	})
}

// linkable returns the customer with the email, if the partner may add it. The attribution is
// checked before the link period, since it is final.
func (s *state) linkable(partner Partner, email string, now time.Time) (Customer, error) {
	customer, known := s.customers.byEmail.get(keyOf(email))
	over := customer.CreatedAt.Add(linkPeriod)
	switch {
	case !known:
		return Customer{}, &NotFound{ErrorCodeCustomerNotFound, "No customer of this app has this email; create a sub account for it instead"}
	case customer.ID == partner.CustomerID:
		return Customer{}, &Forbidden{ErrorCodeOwnAccount, "This email is the partner's own, and a partner is not its own user; give the email of a client"}
	case customer.AffiliateID == partner.ID:
		return Customer{}, &Conflict{ErrorCodeAlreadyAttributed, "This customer is a user of this partner already; there is nothing to add"}
	case customer.AffiliateID != "":
		return Customer{}, &Conflict{ErrorCodeAlreadyAttributed, "This customer is another partner's already, and stays it; only a customer who is nobody's can be added"}
	case !now.Before(over):
		return Customer{}, &Forbidden{ErrorCodeLinkPeriodOver, fmt.Sprintf("A customer can be added within 7 days of its sign-up, which were over at %s; add the next one in time, or have it sign up through the referral link", over.Format(time.RFC3339))}
	}
	return customer, nil
}
