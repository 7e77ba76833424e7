package program

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// A reader checks the records of a document, which a person may have written, against each other, and
// completes them.
type reader struct {
	state *state
	appID string
	now   time.Time
}

// fill puts rows into an empty book, each completed by complete.
func fill[T any](name string, into *book[T], rows []*T, complete func(*T) error) error {
	for i, row := range rows {
		if row == nil {
			return fmt.Errorf("%s[%d] is null", name, i)
		}
		completed := *row
		if err := complete(&completed); err != nil {
			return fmt.Errorf("%s[%d]: %w", name, i, err)
		}
		if err := into.insert(completed); err != nil {
			return fmt.Errorf("%s[%d]: %w", name, i, err)
		}
	}
	return nil
}

// since completes a time of the past: now if none is given.
func (r reader) since(t *time.Time) {
	if t.IsZero() {
		*t = r.now
	}
	*t = t.UTC()
}

// past checks a time that the time of the program goes on from.
func past(field string, at time.Time) error {
	if at.UTC().Year() > LastYear {
		return fmt.Errorf("%s: it must not be after the year %d", field, LastYear)
	}
	return nil
}

func unknown[T any](field, id string, in *book[T]) error {
	if in.has(id) {
		return nil
	}
	return fmt.Errorf("%s: there is no %q", field, id)
}

func oneOf[T ~string](field string, value T, values ...T) error {
	if slices.Contains(values, value) {
		return nil
	}
	return fmt.Errorf("%s: %q is not valid", field, value)
}

func required(field string, value time.Time) error {
	if value.IsZero() {
		return fmt.Errorf("%s is missing", field)
	}
	return nil
}

// settings checks and completes the settings. Plans that are left out have their default prices.
func (r reader) settings() error {
	s := r.state.settings
	err := invalid(SettingsChange{&s.DefaultCommissionRate, &s.HoldingPeriodDays, &s.MinPayoutAmount, &s.CookieDurationDays, &s.Levels, prices(s.Plans)}.Problems())
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	r.state.settings.Plans = withPrices(defaultPlans(), prices(s.Plans))
	return nil
}

func (r reader) customer(c *Customer) error {
	r.since(&c.CreatedAt)
	return invalid(CustomerParams{Email: c.Email, Name: c.Name}.Problems())
}

func (r reader) partner(p *Partner) error {
	r.since(&p.CreatedAt)
	code, ok := parseCode(p.Code)
	if !ok {
		return fmt.Errorf("code: %q is not valid: it must be 3 to 32 characters of A-Z, 0-9, _ and -", p.Code)
	}
	p.Code = code
	return unknown("customerId", p.CustomerID, r.state.customers.book)
}

func (r reader) application(a *Application) error {
	r.since(&a.CreatedAt)
	a.Status = cmp.Or(a.Status, Pending)
	if a.Status != Pending {
		r.since(&a.ReviewedAt)
	}
	if a.Status == Approved {
		if err := unknown("affiliateId", a.AffiliateID, r.state.partners.book); err != nil {
			return err
		}
	}
	return errors.Join(
		oneOf("status", a.Status, statuses()...),
		invalid(ApplicationParams{a.Email, a.Name, a.Company, a.Website, a.Reason}.Problems()),
	)
}

func (r reader) deal(d *Deal) error {
	r.since(&d.CreatedAt)
	d.Status = cmp.Or(d.Status, Registered)
	return errors.Join(
		oneOf("status", d.Status, Registered, Won),
		invalid(DealParams{d.LeadEmail, d.LeadName, d.Notes}.Problems()),
		unknown("affiliateId", d.AffiliateID, r.state.partners.book),
	)
}

func (r reader) click(c *Click) error {
	c.ExpiresAt = c.ExpiresAt.UTC()
	return errors.Join(
		required("expiresAt", c.ExpiresAt),
		unknown("affiliateId", c.AffiliateID, r.state.partners.book),
	)
}

func (r reader) session(s *Session) error {
	s.ExpiresAt = s.ExpiresAt.UTC()
	if app, ok := SessionApp(s.Token); !ok || app != r.appID {
		return errors.New("token: it was not made by the program for this app")
	}
	if !writable(s.due().At) {
		return errors.New("expiresAt: it is remembered for 30 days, which must be of a year up to 9999")
	}
	return errors.Join(
		required("expiresAt", s.ExpiresAt),
		unknown("customerId", s.CustomerID, r.state.customers.book),
	)
}

// ledger posts the entries, or derives them from the records.
func (r reader) ledger(entries []Entry) error {
	follow := r.state.entriesOfRecords()
	given := entries != nil
	if !given {
		entries = follow
	}
	for i, entry := range entries {
		entry.At = entry.At.UTC()
		if err := errors.Join(unknown("affiliateId", entry.AffiliateID, r.state.partners.book), past("at", entry.At), r.state.ledger.check(entry)); err != nil {
			return fmt.Errorf("ledger[%d]: %w", i, err)
		}
		r.state.ledger.post(entry)
	}
	if given {
		return ledgerFollows(entries, follow)
	}
	return nil
}

// ledgerFollows checks that the entries of a ledger are those that follow from the records. Their times
// may differ.
func ledgerFollows(entries, follow []Entry) error {
	type key struct {
		affiliateID, cause string
		kind               EntryKind
		amount             Cents
	}
	keyOf := func(e Entry) key { return key{e.AffiliateID, e.Cause, e.Kind, e.Amount} }
	missing := map[key]int{}
	for _, entry := range follow {
		missing[keyOf(entry)]++
	}
	for i, entry := range entries {
		if missing[keyOf(entry)]--; missing[keyOf(entry)] < 0 {
			return fmt.Errorf("ledger[%d]: the records of the partner %q have no further entry %q of %s caused by %q",
				i, entry.AffiliateID, entry.Kind, entry.Amount.text(), entry.Cause)
		}
	}
	for _, entry := range follow {
		if missing[keyOf(entry)] > 0 {
			return fmt.Errorf("ledger: the records of the partner %q have an entry %q of %s caused by %q, which is missing",
				entry.AffiliateID, entry.Kind, entry.Amount.text(), entry.Cause)
		}
	}
	return nil
}

// lastOfRecords returns the time of the newest record among those that are kept in the order of time.
func (s *state) lastOfRecords() time.Time {
	var last time.Time
	if count := len(s.commissions.rows); count > 0 {
		last = s.commissions.rows[count-1].CreatedAt
	}
	for _, payout := range s.payouts.rows {
		last = later(last, payout.lastStep())
	}
	for _, account := range s.ledger {
		if count := account.entries.len; count > 0 {
			last = later(last, account.entries.at(count-1).At)
		}
	}
	return last
}

// withinReach returns an error if the newest record is of a time that no clock reaches: the program goes on
// from there.
func (r reader) withinReach(last time.Time) error {
	if last.After(r.now.Add(math.MaxInt64)) {
		return fmt.Errorf("the newest record is of %s, which is too far ahead of the clock", last.Format(time.DateOnly))
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (r reader) outbox(events []Event) error {
	for i, event := range events {
		if err := event.Check(); err != nil {
			return fmt.Errorf("outbox[%d]: %w", i, err)
		}
	}
	r.state.outbox = slices.Clone(events)
	return nil
}
