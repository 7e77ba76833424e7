package accountmodel

import "time"

// Subscribe begins a subscription, and pays its first month.
func (m *Model) Subscribe(c *Customer, plan string, consolidated, declined bool) *Subscription {
	s := &Subscription{Customer: c, Plan: plan, Consolidated: consolidated, Declined: declined, since: m.Now}
	m.Subscriptions = append(m.Subscriptions, s)
	m.bill(s)
	s.months = 1
	s.renewal = m.plan(monthsAfter(s.since, s.months))
	return s
}

func (m *Model) bill(s *Subscription) {
	price := m.Settings.PriceOfAll[s.Plan]
	if price == 0 {
		return
	}
	invoice := &Invoice{Customer: s.Customer, Subscription: s, Amount: price, Failed: s.Declined, consolidated: s.Consolidated, At: m.Now}
	m.Invoices = append(m.Invoices, invoice)
	if !invoice.Failed {
		m.earn(invoice)
	}
}

func (m *Model) renew(s *Subscription) {
	m.bill(s)
	s.months++
	s.renewal = m.plan(monthsAfter(s.since, s.months))
}

// monthsAfter is the same day and time so many months later, or the last day of a month
// that has no such day.
func monthsAfter(since time.Time, months int) time.Time {
	year, month, day := since.Date()
	first := time.Date(year, month, 1, since.Hour(), since.Minute(), since.Second(), since.Nanosecond(), time.UTC)
	for range months {
		first = first.AddDate(0, 1, 0)
	}
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(day, last)-1)
}

// Pause keeps the subscription from renewing, until Resume.
func (m *Model) Pause(s *Subscription) { s.Paused = true }

// Resume lets it renew again, from the next day of its own on.
func (m *Model) Resume(s *Subscription) {
	if !s.Paused {
		return
	}
	s.Paused = false
	for !monthsAfter(s.since, s.months).After(m.Now) {
		s.months++
	}
	s.renewal = m.plan(monthsAfter(s.since, s.months))
}
