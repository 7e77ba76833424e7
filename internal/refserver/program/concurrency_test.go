package program_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// together runs n functions at once and counts those that succeed.
func together(n int, f func(i int) error) int {
	var (
		group     sync.WaitGroup
		succeeded atomic.Int64
		ready     = make(chan struct{})
	)
	for i := range n {
		group.Go(func() {
			<-ready
			if f(i) == nil {
				succeeded.Add(1)
			}
		})
	}
	close(ready)
	group.Wait()
	return int(succeeded.Load())
}

func TestOneOfConcurrentCommandsSucceeds(t *testing.T) {
	const many = 32

	t.Run("applications from one email", func(t *testing.T) {
		f := newFixture()
		assert.Equal(t, 1, together(many, func(i int) error {
			_, err := f.Apply(program.ApplicationParams{Email: "jane@acme.com", Name: fmt.Sprint("Jane ", i)})
			return err
		}))
	})

	t.Run("reviews of one application", func(t *testing.T) {
		f := newFixture()
		application, err := f.Apply(program.ApplicationParams{Email: "jane@acme.com", Name: "Jane"})
		assert.NoError(t, err)
		assert.Equal(t, 1, together(many, func(i int) error {
			if i%2 == 0 {
				_, err := f.Approve(application.ID, "")
				return err
			}
			_, err := f.Reject(application.ID, "")
			return err
		}))
	})

	t.Run("approvals with one code", func(t *testing.T) {
		f := newFixture()
		ids := make([]string, many)
		for i := range ids {
			application, err := f.Apply(program.ApplicationParams{Email: fmt.Sprintf("%d@acme.com", i), Name: "Jane"})
			assert.NoError(t, err)
			ids[i] = application.ID
		}
		assert.Equal(t, 1, together(many, func(i int) error {
			_, err := f.Approve(ids[i], "JANE")
			return err
		}))
	})

	t.Run("sign-ups and deals of one email", func(t *testing.T) {
		f := newFixture()
		jane := f.enroll(t, "jane@acme.com", "JANE")
		var customers atomic.Int64
		together(many, func(i int) error {
			if i%2 == 0 {
				_, err := f.RegisterDeal(jane.CustomerID, program.DealParams{LeadEmail: "lead@example.com", LeadName: "Lead"})
				return err
			}
			_, err := f.CreateCustomer(program.CustomerParams{Email: "lead@example.com"})
			if err == nil {
				customers.Add(1)
			}
			return err
		})
		assert.EqualValues(t, 1, customers.Load())
		assert.LessOrEqual(t, f.dashboard(t, jane.CustomerID).Deals, 1)
	})
}

func TestConcurrentCommandsLoseNothing(t *testing.T) {
	const many = 64
	f := newFixture()
	jane := f.enroll(t, "jane@acme.com", "JANE")
	customer := f.signUp(t, program.CustomerParams{Email: "c@example.com", ReferralCode: "JANE"})

	succeeded := together(many*6, func(i int) error {
		var err error
		switch i % 6 {
		case 0:
			_, err = f.TrackClick(program.ClickParams{Code: "JANE"})
		case 1:
			_, err = f.RecordPayment(customer.ID, 100)
		case 2:
			_, err = f.RegisterDeal(jane.CustomerID, program.DealParams{LeadEmail: fmt.Sprintf("%d@example.com", i), LeadName: "L"})
		case 3:
			_, err = f.Apply(program.ApplicationParams{Email: fmt.Sprintf("%d@example.org", i), Name: "A"})
		case 4:
			_, err = f.Applications(program.ApplicationQuery{Status: program.Pending, Limit: 10})
		case 5:
			f.clock.Advance(day)
			_, err = f.Dashboard(jane.CustomerID)
		}
		return err
	})

	assert.Equal(t, many*6, succeeded)
	dashboard := f.dashboard(t, jane.CustomerID)
	assert.Equal(t, many, dashboard.Clicks)
	assert.Equal(t, many, dashboard.Deals)
	assert.EqualValues(t, many*20, dashboard.Affiliate.TotalEarned)
	assert.Equal(t, dashboard.Affiliate.TotalEarned, dashboard.InReview+dashboard.Ready)
}
