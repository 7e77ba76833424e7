package program_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// listen returns a fixture and the events that its program has emitted.
func listen() (fixture, *[]program.Event) {
	events := new([]program.Event)
	return newListened(func(event program.Event) { *events = append(*events, event) }), events
}

func TestEvents(t *testing.T) {
	apply := func(t *testing.T, f fixture, email string) string {
		application, err := f.Apply(program.ApplicationParams{Email: email, Name: "Jane Smith"})
		require.NoError(t, err)
		return application.ID
	}

	t.Run("a review emits an event with its result", func(t *testing.T) {
		f, events := listen()
		approved, err := f.Approve(apply(t, f, "a@acme.com"), "JANE20")
		require.NoError(t, err)
		rejected, err := f.Reject(apply(t, f, "b@acme.com"), "Not now")
		require.NoError(t, err)

		assert.Equal(t, []program.Event{
			{ID: (*events)[0].ID, Kind: program.ApplicationApproved, At: start, Application: &approved.Application, Affiliate: approved.Affiliate},
			{ID: (*events)[1].ID, Kind: program.ApplicationRejected, At: start, Application: &rejected.Application},
		}, *events)
		assert.NotEqual(t, (*events)[0].ID, (*events)[1].ID)
	})

	t.Run("a refused command and an application emit no event", func(t *testing.T) {
		f, events := listen()
		id := apply(t, f, "a@acme.com")
		_, err := f.Approve(id, "a b")
		require.Error(t, err)
		_, err = f.Approve("cm0", "")
		require.Error(t, err)
		assert.Empty(t, *events)

		_, err = f.Reject(id, "")
		require.NoError(t, err)
		_, err = f.Approve(id, "")
		require.Error(t, err)
		assert.Len(t, *events, 1)
	})

	t.Run("each of concurrent reviews emits one event, before it returns", func(t *testing.T) {
		f, events := listen() // the race detector sees whether two events come at once
		ids := make([]string, 50)
		for i := range ids {
			ids[i] = apply(t, f, fmt.Sprintf("%d@acme.com", i))
		}
		var reviewers sync.WaitGroup
		for _, id := range append(ids, ids...) {
			reviewers.Go(func() { _, _ = f.Approve(id, "") })
		}
		reviewers.Wait()

		var told []string
		for _, event := range *events {
			told = append(told, event.Application.ID)
		}
		assert.ElementsMatch(t, ids, told)
	})
}
