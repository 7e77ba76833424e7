package accountmodel

import "time"

// subscriptions are billed for each of their periods at its beginning, once. Before the books are settled, a
// period may be missing: the plan was free, or the subscription paused.
func (a *audit) subscriptions() {
	for _, invoice := range a.Invoices {
		known := invoice.SubscriptionID == ""
		for _, s := range a.Subscriptions {
			known = known || s.ID == invoice.SubscriptionID
		}
		a.check(known, "invoice %s is of an unknown subscription", invoice.ID)
	}
	for _, s := range a.Subscriptions {
		a.renewals(s)
	}
}

// renewals are those of a subscription.
func (a *audit) renewals(s BookedSubscription) {
	renews := s.CanceledAt.IsZero() && !s.Paused
	a.check(!renews || s.PeriodEnd.After(a.Now), "subscription %s should have renewed at %s", s.ID, s.PeriodEnd)
	billed := map[time.Time]int{}
	for _, invoice := range a.Invoices {
		if invoice.SubscriptionID != s.ID {
			continue
		}
		start := invoice.PeriodStart
		billed[start]++
		a.check(invoice.CreatedAt.Equal(start), "invoice %s is of %s, and its period begins at %s", invoice.ID, invoice.CreatedAt, start)
		a.check(invoice.Amount == a.Terms.PriceOfAll[invoice.Plan], "invoice %s is of %d, and the plan costs %d", invoice.ID, invoice.Amount, a.Terms.PriceOfAll[invoice.Plan])
		a.check(s.CanceledAt.IsZero() || !start.After(s.CanceledAt), "invoice %s is of a subscription that was canceled", invoice.ID)
		a.check(!s.Paused || !start.After(a.SettledAt), "invoice %s is of a subscription that is paused", invoice.ID)
	}
	periods := map[time.Time]time.Time{}
	end := s.CreatedAt
	for months := 1; end.Before(s.PeriodEnd); months++ {
		start := end
		end = monthsAfter(s.CreatedAt, months)
		periods[start] = end
		a.check(billed[start] <= 1, "subscription %s is billed %d times for %s", s.ID, billed[start], start)
		due := renews && start.After(a.SettledAt) && a.Terms.PriceOfAll[s.Plan] > 0
		a.check(!due || billed[start] == 1, "the renewal of subscription %s at %s is lost", s.ID, start)
	}
	a.check(end.Equal(s.PeriodEnd), "subscription %s renews at %s, and should at %s", s.ID, s.PeriodEnd, end)
	for _, invoice := range a.Invoices {
		if invoice.SubscriptionID == s.ID {
			end, is := periods[invoice.PeriodStart]
			a.check(is && invoice.PeriodEnd.Equal(end), "invoice %s is of no period of the subscription: from %s to %s", invoice.ID, invoice.PeriodStart, invoice.PeriodEnd)
		}
	}
}

// rate is what the terms have for the subscriptions of that moment. Of a moment before the books are settled,
// it is known only how many subscriptions there were at most.
func (a *audit) rate(c BookedCommission) {
	if c.CreatedAt.After(a.SettledAt) {
		count, monthly := a.paying()
		want := a.Terms.Rate
		for _, level := range a.Terms.Levels {
			if level.reached(count, monthly) {
				want = max(want, level.Rate)
			}
		}
		a.check(c.Rate == want, "commission %s has a rate of %d, and should have %d", c.ID, c.Rate, want)
		return
	}
	count := 0
	for _, s := range a.Subscriptions {
		if !s.CreatedAt.After(c.CreatedAt) && (s.CanceledAt.IsZero() || !s.CanceledAt.Before(c.CreatedAt)) {
			count++
		}
	}
	var dearest Cents
	for _, price := range a.Terms.PriceOfAll {
		dearest = max(dearest, price)
	}
	may := c.Rate == a.Terms.Rate
	for _, level := range a.Terms.Levels {
		may = may || c.Rate == max(level.Rate, a.Terms.Rate) && level.reached(count, Cents(count)*dearest)
	}
	a.check(may, "commission %s has a rate of %d, with %d subscriptions", c.ID, c.Rate, count)
}

// paying counts the subscriptions that customers pay themselves now, and adds up their monthly prices.
func (a *audit) paying() (count int, monthly Cents) {
	for _, s := range a.Subscriptions {
		price := a.Terms.PriceOfAll[s.Plan]
		if price > 0 && s.CanceledAt.IsZero() && !s.Paused && !s.Consolidated && !s.Declined {
			count++
			monthly += price
		}
	}
	return count, monthly
}
