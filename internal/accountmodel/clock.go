package accountmodel

import "time"

// Advance moves time on, and does all that falls due until then, each at its time.
func (m *Model) Advance(d time.Duration) {
	end := m.Now.Add(d)
	for {
		due, run := m.next()
		if run == nil || due.at.After(end) {
			break
		}
		m.Now = due.at
		run()
	}
	m.Now = end
}

// next finds what falls due first.
func (m *Model) next() (first planned, run func()) {
	consider := func(p planned, do func()) {
		if run == nil || p.before(first) {
			first, run = p, do
		}
	}
	for _, s := range m.Subscriptions {
		if !s.Canceled && !s.Paused {
			consider(s.renewal, func() { m.renew(s) })
		}
	}
	for _, p := range m.Partners {
		for _, c := range p.Commissions {
			if c.Status == "in_review" {
				consider(c.ready, func() { m.mature(p, c) })
			}
		}
		if p.Interval != "off" {
			consider(p.run, func() {
				m.RequestPayout(p, true)
				p.run = m.planRun(p.Interval)
			})
		}
	}
	return first, run
}
