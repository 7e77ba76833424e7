package affiliates

// Account makes the calls of a partner's account: its users, what they pay, what that
// earns, and how it is paid out. Its calls take the session of the partner's customer.
// If the customer is not a partner, they return an error matching stackbe.ErrNotFound,
// with the code AFFILIATE_NOT_FOUND. An id that belongs to another partner returns an error
// matching stackbe.ErrNotFound too, such as with PAYOUT_NOT_FOUND. [AccountAccess] is the
// exception: its calls are for any customer, who decides there on the requests of partners.
//
// If the server refuses a value, such as an unknown status, a name that is too long or a
// cursor of another list, a call returns an error matching stackbe.ErrBadRequest, with
// Details that name the field.
//
// An Account comes from stackbe.Client.Account and is safe for concurrent use. An Account
// made in any other way returns stackbe.ErrNoClient from each call.
type Account struct {
	Users       AccountUsers       // the customers attributed to the partner
	Invoices    AccountInvoices    // what they have paid
	Commissions AccountCommissions // what their payments have earned
	Payouts     AccountPayouts     // how it is paid out
	Statement   AccountStatement   // every change of the partner's balances
	Deals       AccountDeals       // the leads that the partner has registered
	Info        AccountInfo        // the partner's link, badge and level
	Access      AccountAccess      // requests of partners to the session's customer
}

func newAccount(s *Service) Account {
	return Account{
		Users:       AccountUsers{s},
		Invoices:    AccountInvoices{s},
		Commissions: AccountCommissions{s},
		Payouts:     AccountPayouts{s},
		Statement:   AccountStatement{s},
		Deals:       AccountDeals{s},
		Info:        AccountInfo{s},
		Access:      AccountAccess{s},
	}
}
