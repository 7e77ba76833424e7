package program

import (
	"strings"
	"time"
)

// An Overview counts the records of a program, for its administrator.
type Overview struct {
	// Applications counts those in each status.
	Applications map[Status]int
	Partners     int
	Customers    int
	Invoices     int
	// Payouts counts those in each status.
	Payouts map[PayoutStatus]int
}

// Overview returns the present counts. Its cost does not grow with them.
func (p *Program) Overview() Overview {
	overview, _ := query(p, func(s *state, _ time.Time) (Overview, error) {
		counted := Overview{
			Applications: map[Status]int{},
			Partners:     s.partners.len(),
			Customers:    s.customers.len(),
			Invoices:     s.invoices.len(),
			Payouts:      map[PayoutStatus]int{},
		}
		for _, status := range statuses() {
			counted.Applications[status] = s.applications.byStatus.count(status)
		}
		for _, status := range payoutStatuses() {
			counted.Payouts[status] = s.payouts.byStatus.count(payoutKey{"", status})
		}
		return counted, nil
	})
	return overview
}

// FindPartner is the partner with the referral code, or else with the email, without regard to case and
// surrounding spaces. It returns [NotFound].
func (p *Program) FindPartner(codeOrEmail string) (PartnerView, error) {
	wanted := strings.TrimSpace(codeOrEmail)
	return query(p, func(s *state, _ time.Time) (PartnerView, error) {
		if partner, known := s.partners.withCode(wanted); known {
			return s.viewPartner(partner), nil
		}
		customer, _ := s.customers.byEmail.get(keyOf(wanted))
		if partner, enrolled := s.partners.byCustomer.get(customer.ID); enrolled {
			return s.viewPartner(partner), nil
		}
		return PartnerView{}, &NotFound{ErrorCodeAffiliateNotFound, "No partner of this app has this referral code or email"}
	})
}

// FindCustomer is the customer with the email, without regard to case and surrounding spaces. It
// returns [NotFound].
func (p *Program) FindCustomer(email string) (Customer, error) {
	return query(p, func(s *state, _ time.Time) (Customer, error) {
		customer, known := s.customers.byEmail.get(keyOf(strings.TrimSpace(email)))
		if !known {
			return Customer{}, &NotFound{ErrorCodeCustomerNotFound, "No customer of this app has this email"}
		}
		return customer, nil
	})
}

// EmailedInvoices is [Program.Invoices] with the email of each customer.
func (p *Program) EmailedInvoices(asked InvoiceQuery) (Page[UserInvoice], error) {
	return query(p, func(s *state, _ time.Time) (Page[UserInvoice], error) {
		return show(s.invoices.book, asked.PageQuery, s.invoicesOf(asked), s.userInvoice)
	})
}
