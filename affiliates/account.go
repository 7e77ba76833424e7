package affiliates

// Account is what a partner sees and does: whom it has brought, what they pay, what
// that earns, and how it is paid out. Its calls take the session of the partner's
// customer. A customer who is not a partner returns an error matching
// stackbe.ErrNotFound, with the code AFFILIATE_NOT_FOUND; so does an id of another
// partner's, with the code of what it would name. [AccountAccess] is for the other
// side: any customer decides there on what partners ask of it.
//
// An Account comes from stackbe.Client.Account and is safe for concurrent use. The
// calls of another return stackbe.ErrNoClient.
type Account struct {
	Users       AccountUsers       // the customers attributed to the partner
	Invoices    AccountInvoices    // what they have paid
	Commissions AccountCommissions // what that has earned the partner
	Payouts     AccountPayouts     // what of it is paid out
	Statement   AccountStatement   // every change of the partner's balances
	Deals       AccountDeals       // the leads that the partner has registered
	Info        AccountInfo        // the partner's link, badge and level
	Access      AccountAccess      // what partners ask of the session's customer
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
