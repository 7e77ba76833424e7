package accountmodel

import "time"

func (p *Partner) open() bool {
	for _, payout := range p.Payouts {
		if payout.Status == "pending" || payout.Status == "processing" {
			return true
		}
	}
	return false
}

// RequestPayout pays out all that is ready; it reports what is refused.
func (m *Model) RequestPayout(p *Partner, automatic bool) string {
	ready := p.Balances().Ready
	switch {
	case p.open():
		return "PAYOUT_OPEN"
	case ready == 0 || ready < m.Settings.LeastPaid:
		return "PAYOUT_BELOW_MINIMUM"
	}
	payout := &Payout{Amount: ready, Status: "pending", Automatic: automatic}
	for _, c := range p.Commissions {
		if c.Status == "ready" || c.Status == "clawback" && c.Payout == nil {
			c.Payout = payout
			payout.items = append(payout.items, c)
			payout.Commissions++
			if c.Status == "ready" {
				c.Status = "in_payout"
			}
		}
	}
	p.Payouts = append(p.Payouts, payout)
	m.note(p, "payout_requested", ready)
	return ""
}

// MovePayout takes a payout to the status; it reports what is refused.
func (m *Model) MovePayout(p *Partner, payout *Payout, status string) string {
	step := payout.Status + ">" + status
	switch step {
	case "pending>processing":
		payout.Status = status
	case "processing>paid":
		payout.Status = status
		payout.settle("paid")
		m.note(p, "payout_paid", payout.Amount)
	case "pending>failed", "processing>failed":
		payout.Status = status
		payout.settle("ready")
		for _, c := range payout.items {
			c.Payout = nil
		}
		m.note(p, "payout_failed", payout.Amount)
	default:
		return "PAYOUT_STATUS"
	}
	return ""
}

func (payout *Payout) settle(status string) {
	for _, c := range payout.items {
		if c.Status == "in_payout" {
			c.Status = status
		}
	}
}

// SetInterval plans automatic payouts: "off", "weekly" or "monthly".
func (m *Model) SetInterval(p *Partner, interval string) {
	p.Interval = interval
	p.run = m.planRun(interval)
}

func (m *Model) planRun(interval string) planned {
	run := m.plan(nextRun(interval, m.Now))
	run.last = true
	return run
}

// nextRun is the next Monday, or the next first of a month, at midnight.
func nextRun(interval string, now time.Time) time.Time {
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	for {
		day = day.AddDate(0, 0, 1)
		if interval == "weekly" && day.Weekday() == time.Monday || interval != "weekly" && day.Day() == 1 {
			return day
		}
	}
}
