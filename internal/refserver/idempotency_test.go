package refserver_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

const apply = "/v1/affiliate/apply"

func TestRateLimitedResponseIsNotKept(t *testing.T) {
	w := newWorld(t, limits(1, 1))
	assert.Equal(t, 200, w.send(t, "GET", "/v1/affiliate/apply/status?email=a@b.co", "", w.key()).status)
	w.refused(t, 429, "POST", apply, jane, w.key(), idempotent("k"))
	w.advance(time.Minute)
	assert.Equal(t, 201, w.send(t, "POST", apply, jane, w.key(), idempotent("k")).status)
}

func TestConcurrentRequestsKeepRules(t *testing.T) {
	w := newWorld(t)
	jane := w.partner(t, "jane@acme.com", "JANE20")
	session := w.session(jane.CustomerID)
	const many = 20
	created := make([]bool, many)
	var group sync.WaitGroup
	for i := range many {
		group.Go(func() {
			got := w.send(t, "POST", apply, fmt.Sprintf(`{"email": "new@acme.com", "name": "N%d"}`, i), w.key(), idempotent(fmt.Sprint("apply-", i)))
			created[i] = got.status == 201
			assert.Contains(t, []int{201, 409}, got.status)
			assert.Equal(t, 201, w.send(t, "POST", "/v1/affiliate/track", `{"code": "jane20"}`, w.key()).status)
			assert.Equal(t, 201, w.send(t, "POST", "/v1/affiliate/deals", fmt.Sprintf(`{"leadEmail": "%d@example.com", "leadName": "L"}`, i), session).status)
			assert.Equal(t, 200, w.send(t, "POST", w.review(w.apply(t, fmt.Sprintf("r%d@acme.com", i))), `{"action": "approve"}`, w.admin()).status)
			assert.Equal(t, 200, w.send(t, "GET", w.path("applications?status=pending"), "", w.admin()).status)
			assert.Equal(t, 200, w.send(t, "GET", "/v1/affiliate/dashboard", "", session).status)
		})
	}
	group.Wait()

	winners := 0
	for _, won := range created {
		if won {
			winners++
		}
	}
	assert.Equal(t, 1, winners)
	dashboard, err := w.Program.Dashboard(jane.CustomerID)
	assert.NoError(t, err)
	assert.Equal(t, many, dashboard.Clicks)
	assert.Equal(t, many, dashboard.Deals)
	page, err := w.Program.Applications(program.ApplicationQuery{Status: program.Pending, Limit: 100})
	assert.NoError(t, err)
	assert.Len(t, page.Applications, 1)
}
