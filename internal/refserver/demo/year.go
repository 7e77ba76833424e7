package demo

import (
	"fmt"
	"slices"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// A year is the script of a history, and its performance.
type year struct {
	*program.Program
	now   time.Time
	set   func(time.Time)
	steps []step
	// customers has the ids of those who have signed up, by email.
	customers map[string]string
	err       error // the first
}

// A step is what happens on a day, which is given in days before the present one.
type step struct {
	ago int
	do  func()
}

const day = 24 * time.Hour

// ago adds a step to the script. Steps of the same day take place in the order in which they were
// added.
func (y *year) ago(days int, do func()) { y.steps = append(y.steps, step{days, do}) }

// each adds a step for every so many days of a span.
func (y *year) each(interval, from, to int, do func()) {
	for days := from; days >= to; days -= interval {
		y.ago(days, do)
	}
}

// play performs the script in the order of time. It ends at the first error.
func (y *year) play() {
	slices.SortStableFunc(y.steps, func(a, b step) int { return b.ago - a.ago })
	for i, s := range y.steps {
		y.set(y.timeOf(i))
		if s.do(); y.err != nil {
			return
		}
	}
	y.set(y.now)
	y.RunDue()
}

// timeOf is when a step takes place: in the working hours of its day, in UTC, some minutes after the
// step before it. The present day has only its past.
func (y *year) timeOf(i int) time.Time {
	ago, nth := y.steps[i].ago, 0
	for ; i > nth && y.steps[i-nth-1].ago == ago; nth++ {
	}
	minutes := 8*60 + ago*97%(6*60) + nth*11
	at := y.now.Truncate(day).Add(-time.Duration(ago)*day + time.Duration(minutes)*time.Minute)
	if at.After(y.now) {
		return y.now
	}
	return at
}

// must notes an error, with what it was that failed.
func must[T any](y *year, what string, result T, err error) T {
	if err != nil && y.err == nil {
		y.err = fmt.Errorf("demo: %s: %w", what, err)
	}
	return result
}

// settings are those of the program from its first day on.
func (y *year) settings() {
	y.ago(366, func() {
		least := program.Cents(100_00)
		levels := []program.Level{
			{Name: "Bronze", MinPaidSubscriptions: 2, CommissionRate: 25_00},
			{Name: "Silver", MinPaidSubscriptions: 6, MinMonthlyValue: 500_00, CommissionRate: 30_00},
			{Name: "Gold", MinMonthlyValue: 1_000_00, CommissionRate: 40_00},
		}
		settings, err := y.UpdateSettings(program.SettingsChange{MinPayoutAmount: &least, Levels: &levels})
		must(y, "settings", settings, err)
	})
}

// A person applies, or signs up.
type person struct{ name, email, company, website string }

// apply sends an application, and yields the id of the application once that has happened.
func (y *year) apply(days int, by person, reason string) *string {
	id := new(string)
	y.ago(days, func() {
		application, err := y.Apply(program.ApplicationParams{Email: by.email, Name: by.name, Company: by.company, Website: by.website, Reason: reason})
		*id = must(y, "application of "+by.name, application, err).ID
	})
	return id
}

func (y *year) reject(days int, id *string, reason string) {
	y.ago(days, func() {
		review, err := y.Reject(*id, reason)
		must(y, "rejection", review, err)
	})
}

// signUp is a sign-up of a customer who comes from nobody.
func (y *year) signUp(days int, email, name string) {
	y.ago(days, func() { y.create(program.CustomerParams{Email: email, Name: name}) })
}

func (y *year) create(params program.CustomerParams) {
	customer, err := y.CreateCustomer(params)
	y.customers[params.Email] = must(y, "sign-up of "+params.Email, customer, err).ID
}

// A container is a subscription, with its id once it is there.
type container struct {
	y  *year
	id string
}

// subscribe has a customer subscribe to a plan.
func (y *year) subscribe(days int, email string, plan program.PlanID, name string) *container {
	return y.subscribeAs(days, program.SubscriptionParams{CustomerID: email, Plan: plan, Name: name})
}

// subscribeAs has the customer whose email stands for the id subscribe.
func (y *year) subscribeAs(days int, params program.SubscriptionParams) *container {
	c := &container{y: y}
	y.ago(days, func() {
		params.CustomerID = y.customers[params.CustomerID]
		subscription, err := y.Subscribe(params)
		c.id = must(y, "subscription of "+params.Name, subscription, err).ID
	})
	return c
}

func (c *container) change(days int, changed program.SubscriptionChange) *container {
	c.y.ago(days, func() {
		subscription, err := c.y.UpdateSubscription(c.id, changed)
		must(c.y, "change of a subscription", subscription, err)
	})
	return c
}

func (c *container) becomes(days int, status program.SubscriptionStatus) *container {
	return c.change(days, program.SubscriptionChange{Status: status})
}

func (c *container) upgrade(days int, plan program.PlanID) *container {
	return c.change(days, program.SubscriptionChange{Plan: plan})
}

// newest is the newest invoice of the container with a status.
func (c *container) newest(status program.InvoiceStatus) program.Invoice {
	page, err := c.y.Invoices(program.InvoiceQuery{SubscriptionID: c.id, PageQuery: program.PageQuery{Limit: 100}})
	for _, invoice := range must(c.y, "invoices", page, err).Rows {
		if invoice.Status == status {
			return invoice
		}
	}
	return must(c.y, "invoices", program.Invoice{}, fmt.Errorf("none is %s", status))
}

// refund gives a part of the newest paid invoice back; all of it if the part is 0.
func (c *container) refund(days int, part program.Cents) *container {
	c.y.ago(days, func() {
		amount := &part
		if part == 0 {
			amount = nil
		}
		refund, err := c.y.RefundInvoice(c.newest(program.InvoicePaid).ID, amount)
		must(c.y, "refund", refund, err)
	})
	return c
}

// pay pays the newest invoice that has failed, by a new payment method.
func (c *container) pay(days int) *container {
	c.change(days, program.SubscriptionChange{PaymentMethod: program.ValidMethod})
	c.y.ago(days, func() {
		invoice, err := c.y.PayInvoice(c.newest(program.InvoiceFailed).ID)
		must(c.y, "payment", invoice, err)
	})
	return c
}
