package affiliates

// Admin is an app as its admin runs it: partners and their payouts, customers, their
// subscriptions and what they pay. Its calls take an admin's JWT and stackbe.Config.AppID.
// An admin of another app returns an error matching stackbe.ErrForbidden, an unknown id
// one matching stackbe.ErrNotFound, with the code of what it would name.
//
// An Admin comes from stackbe.Client.Admin and is safe for concurrent use. The calls
// of another return stackbe.ErrNoClient.
type Admin struct {
	Partners      AdminPartners
	Payouts       AdminPayouts
	Customers     AdminCustomers
	Subscriptions AdminSubscriptions
	Invoices      AdminInvoices
}

func newAdmin(s *Service) Admin {
	return Admin{
		Partners:      AdminPartners{s},
		Payouts:       AdminPayouts{s},
		Customers:     AdminCustomers{s},
		Subscriptions: AdminSubscriptions{s},
		Invoices:      AdminInvoices{s},
	}
}
