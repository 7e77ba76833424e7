package affiliates

// Admin makes the calls of an app's admin: on partners and their payouts, customers, their
// subscriptions and what they pay. Its calls take an admin's JWT and stackbe.Config.AppID.
// If the admin is another app's, they return an error matching stackbe.ErrForbidden; for an
// unknown id, one matching stackbe.ErrNotFound, with the code for its kind; and for a value
// that the server refuses, such as an unknown status, a description that is too long or a
// cursor of another list, one matching stackbe.ErrBadRequest, with Details that name the
// field.
//
// An Admin comes from stackbe.Client.Admin and is safe for concurrent use:
//
//	admin := client.AsAdmin(jwt).Admin
//	payout, err := admin.Payouts.Process(ctx, payoutID, affiliates.ProcessPayoutParams{})
//
// An Admin made in any other way returns stackbe.ErrNoClient from each call.
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
