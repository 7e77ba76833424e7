package refserver_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

const apply = "/v1/affiliate/apply"

func TestIdempotency(t *testing.T) {
	t.Run("the same request under the same key gets the first response again, marked", func(t *testing.T) {
		w := newWorld(t)
		first := w.send(t, "POST", apply, jane, w.key(), idempotent("k"))
		assert.Equal(t, 201, first.status)
		assert.Empty(t, first.header.Get("Idempotency-Replayed"))
		again := w.send(t, "POST", apply, jane, w.key(), idempotent("k"))
		assert.Equal(t, 201, again.status)
		assert.Equal(t, first.body, again.body)
		assert.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
		assert.NotEqual(t, first.header.Get("X-Request-Id"), again.header.Get("X-Request-Id"))
		w.refused(t, 409, "POST", apply, jane, w.key(), idempotent("other"))
		w.refused(t, 409, "POST", apply, jane, w.key())
	})

	t.Run("X-Idempotency-Key is read as well", func(t *testing.T) {
		w := newWorld(t)
		old := []string{"X-Idempotency-Key", "k"}
		assert.Equal(t, 201, w.send(t, "POST", apply, jane, w.key(), old).status)
		assert.Equal(t, 201, w.send(t, "POST", apply, jane, w.key(), old).status)
		assert.Equal(t, 201, w.send(t, "POST", apply, jane, w.key(), idempotent("k")).status)
	})

	t.Run("a refusal of the request itself is a response, too", func(t *testing.T) {
		w := newWorld(t)
		click := `{"code": "JANE20"}`
		w.refused(t, 404, "POST", "/v1/affiliate/track", click, w.key(), idempotent("k"))
		w.partner(t, "jane@acme.com", "JANE20")
		again := w.send(t, "POST", "/v1/affiliate/track", click, w.key(), idempotent("k"))
		assert.Equal(t, 404, again.status)
		assert.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	})

	t.Run("another request under the key is refused, and leaves the first response as it is", func(t *testing.T) {
		w := newWorld(t)
		w.partner(t, "p@acme.com", "JANE20")
		first := w.send(t, "POST", apply, jane, w.key(), idempotent("k"))
		for _, c := range []struct{ path, body string }{
			{apply, strings.Replace(jane, "Acme", "Other", 1)},
			{apply + "?x=1", jane},
			{"/v1/affiliate/track", jane},
		} {
			problems := w.refused(t, 409, "POST", c.path, c.body, w.key(), idempotent("k"))
			assert.Contains(t, problems[0], "idempotency key")
		}
		assert.Equal(t, first.body, w.send(t, "POST", apply, jane, w.key(), idempotent("k")).body)
	})

	t.Run("PATCH has it, with the method as a part of the request", func(t *testing.T) {
		w := newWorld(t)
		change := `{"holdingPeriodDays": 7}`
		w.send(t, "PATCH", w.path("settings"), change, w.admin(), idempotent("k"))
		w.send(t, "PATCH", w.path("settings"), `{"holdingPeriodDays": 9}`, w.admin())
		again := w.send(t, "PATCH", w.path("settings"), change, w.admin(), idempotent("k"))
		assert.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
		assert.EqualValues(t, 9, w.send(t, "GET", w.path("settings"), "", w.admin(), idempotent("k")).json(t)["holdingPeriodDays"], "the replay did nothing")
	})

	t.Run("each credential has keys of its own", func(t *testing.T) {
		w := newWorld(t)
		other := w
		other.App = w.addApp(t)
		first := w.send(t, "POST", apply, jane, w.key(), idempotent("k"))
		second := w.send(t, "POST", apply, jane, other.key(), idempotent("k"))
		assert.Equal(t, 201, second.status)
		assert.NotEqual(t, first.body, second.body)
	})

	t.Run("a response is kept for 24 hours", func(t *testing.T) {
		w := newWorld(t)
		assert.Equal(t, 201, w.send(t, "POST", apply, jane, w.key(), idempotent("k")).status)
		w.advance(day - 1)
		assert.Equal(t, 201, w.send(t, "POST", apply, jane, w.key(), idempotent("k")).status)
		w.advance(1)
		w.refused(t, 409, "POST", apply, jane, w.key(), idempotent("k"))
	})

	t.Run("a key has 1 to 255 visible characters", func(t *testing.T) {
		w := newWorld(t)
		for _, key := range []string{"", " ", "a b", "ä", strings.Repeat("k", 256)} {
			w.refused(t, 400, "POST", apply, jane, w.key(), idempotent(key))
		}
		assert.Equal(t, 201, w.send(t, "POST", apply, jane, w.key(), idempotent(strings.Repeat("~", 255))).status)
	})

	t.Run("refusals for the credential and for the rate limit are not kept", func(t *testing.T) {
		w := newWorld(t, limits(1, 1))
		other := w
		other.App = w.addApp(t)
		w.refused(t, 401, "POST", apply, jane, []string{"x-api-key", "unknown"}, idempotent("k"))
		w.refused(t, 403, "PATCH", w.path("settings"), `{}`, other.admin(), idempotent("k"))
		w.advance(time.Minute)
		assert.Equal(t, 200, w.send(t, "PATCH", other.path("settings"), `{}`, other.admin(), idempotent("k")).status)
		assert.Equal(t, 200, w.send(t, "GET", "/v1/affiliate/apply/status?email=a@b.co", "", w.key()).status)
		w.refused(t, 429, "POST", apply, jane, w.key(), idempotent("k"))
		w.advance(time.Minute)
		assert.Equal(t, 201, w.send(t, "POST", apply, jane, w.key(), idempotent("k")).status)
	})

	t.Run("a session that has expired gets no replay", func(t *testing.T) {
		w := newWorld(t)
		session := w.session(w.partner(t, "jane@acme.com", "").CustomerID)
		w.advance(90*day - time.Hour)
		deal := `{"leadEmail": "lead@example.com", "leadName": "L"}`
		assert.Equal(t, 201, w.send(t, "POST", "/v1/affiliate/deals", deal, session, idempotent("k")).status)
		w.advance(time.Hour)
		w.refused(t, 401, "POST", "/v1/affiliate/deals", deal, session, idempotent("k"))
	})

	t.Run("many requests under one key at once act once, and all get the response", func(t *testing.T) {
		w := newWorld(t)
		jane := w.partner(t, "jane@acme.com", "JANE20")
		const many = 24
		replies := make([]reply, many)
		var group sync.WaitGroup
		for i := range many {
			group.Go(func() {
				replies[i] = w.send(t, "POST", "/v1/affiliate/track", `{"code": "JANE20"}`, w.key(), idempotent("k"))
			})
		}
		group.Wait()

		replayed := 0
		for _, got := range replies {
			assert.Equal(t, 201, got.status, got.body)
			assert.Equal(t, replies[0].body, got.body)
			if got.header.Get("Idempotency-Replayed") == "true" {
				replayed++
			}
		}
		assert.Equal(t, many-1, replayed)
		dashboard, err := w.Program.Dashboard(jane.CustomerID)
		assert.NoError(t, err)
		assert.Equal(t, 1, dashboard.Clicks)
	})
}

func TestConcurrentRequestsKeepTheRules(t *testing.T) {
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
