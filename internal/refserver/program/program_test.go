package program_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/ids"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// fixture is a program whose clock the test holds.
type fixture struct {
	*program.Program
	clock *testClock
}

type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

func newFixture() fixture { return newListened(nil) }

func newListened(listener func(program.Event)) fixture {
	clock := &testClock{now: start}
	return fixture{
		Program: program.New(program.Options{
			AppID:     "app_test",
			Now:       clock.Now,
			IDs:       ids.New(seed, "app_test", nil),
			PortalKey: "a key for tests",
			SiteURL:   "https://yoursite.com",
			Listener:  listener,
		}),
		clock: clock,
	}
}

const seed = "a seed for tests"

// enroll makes a partner with a code.
func (f fixture) enroll(t require.TestingT, email, code string) program.Affiliate {
	application, err := f.Apply(program.ApplicationParams{Email: email, Name: "Jane Smith"})
	require.NoError(t, err)
	review, err := f.Approve(application.ID, code)
	require.NoError(t, err)
	return *review.Affiliate
}

func (f fixture) signUp(t require.TestingT, params program.CustomerParams) program.Customer {
	customer, err := f.CreateCustomer(params)
	require.NoError(t, err)
	return customer
}

func (f fixture) dashboard(t require.TestingT, customerID string) program.Dashboard {
	dashboard, err := f.Dashboard(customerID)
	require.NoError(t, err)
	return dashboard
}

func requireConflict(t testing.TB, err error) {
	t.Helper()
	var conflict *program.Conflict
	require.ErrorAs(t, err, &conflict)
	require.NotEmpty(t, err.Error())
}

func requireNotFound(t testing.TB, err error) {
	t.Helper()
	var missing *program.NotFound
	require.ErrorAs(t, err, &missing)
	require.NotEmpty(t, err.Error())
}

func requireInvalid(t testing.TB, err error, problems ...string) {
	t.Helper()
	var invalid *program.Invalid
	require.ErrorAs(t, err, &invalid)
	var texts []string
	for _, problem := range invalid.Problems {
		texts = append(texts, problem.String())
	}
	require.Equal(t, problems, texts)
}
