package delivery_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
)

// kept is how many deliveries docs/contract.md says are kept.
const kept = 10_000

func publish(dispatcher *delivery.Dispatcher, n int) {
	for i := range n {
		dispatcher.Publish("app", rejected(fmt.Sprint("cm", i)))
	}
}

func application(of delivery.Delivery) (id string) {
	_, id, _ = strings.Cut(string(of.Body), `"application":{"id":"`)
	id, _, _ = strings.Cut(id, `"`)
	return id
}

func TestDispatcherKeepsUpTo10000Deliveries(t *testing.T) {
	t.Run("finished deliveries are dropped first, the oldest before others", func(t *testing.T) {
		var sent atomic.Int64
		dispatcher, log := newDispatcher(t, time.Now, responseFunc(func(r *http.Request) (*http.Response, error) {
			status := http.StatusOK
			if sent.Add(1) <= 3 {
				status = http.StatusInternalServerError
			}
			return withStatus(status)(r)
		}))
		defer dispatcher.Close()
		publish(dispatcher, kept)
		dispatcher.Settle()
		first := dispatcher.Deliveries()[3].EventID
		assert.Zero(t, dispatcher.Dropped())

		publish(dispatcher, 5)
		dispatcher.Settle()
		shown := dispatcher.Deliveries()
		require.Len(t, shown, kept)
		assert.Equal(t, 5, dispatcher.Dropped())
		for i, want := range []string{"cm0", "cm1", "cm2", "cm8"} {
			assert.Equal(t, want, application(shown[i]))
		}
		assert.Equal(t, delivery.Pending, shown[0].State)
		assert.Equal(t, "cm4", application(shown[kept-1]))
		assert.ErrorContains(t, dispatcher.Redeliver(first), "10,000")
		assert.NotContains(t, log.String(), "dropped")
	})

	t.Run("if all are pending, the oldest is dropped and logged", func(t *testing.T) {
		var sent atomic.Int64
		dispatcher, log := newDispatcher(t, time.Now, responseFunc(func(r *http.Request) (*http.Response, error) {
			sent.Add(1)
			return withStatus(http.StatusOK)(r)
		}))
		dispatcher.Misbehave(delivery.Misbehavior{Reorder: true}) // which holds them back
		publish(dispatcher, kept+2)
		shown := dispatcher.Deliveries()
		require.Len(t, shown, kept)
		assert.Equal(t, 2, dispatcher.Dropped())
		assert.Equal(t, "cm2", application(shown[0]))
		dispatcher.Settle()
		assert.EqualValues(t, kept, sent.Load(), "what was dropped is not sent")
		dispatcher.Close()
		assert.Equal(t, 2, strings.Count(log.String(), "webhook delivery dropped"))
		assert.Contains(t, log.String(), "level=WARN")
	})

	t.Run("a dropped delivery is not retried after its attempt in flight", func(t *testing.T) {
		arrived, release := make(chan struct{}), make(chan struct{})
		var sent atomic.Int64
		dispatcher, _ := newDispatcher(t, time.Now, responseFunc(func(r *http.Request) (*http.Response, error) {
			if sent.Add(1) == 1 {
				close(arrived)
				<-release
			}
			return withStatus(http.StatusInternalServerError)(r)
		}))
		defer dispatcher.Close()
		publish(dispatcher, 1)
		<-arrived
		publish(dispatcher, kept)
		close(release)
		dispatcher.Settle()
		assert.Len(t, dispatcher.Deliveries(), kept)
		assert.EqualValues(t, kept+1, sent.Load())
	})
}

func TestDeliveryKeepsUpTo100Attempts(t *testing.T) {
	now := time.Unix(0, 0)
	dispatcher, _ := newDispatcher(t, func() time.Time { return now }, withStatus(http.StatusOK))
	defer dispatcher.Close()
	publish(dispatcher, 1)
	dispatcher.Settle()
	id := dispatcher.Deliveries()[0].EventID
	for i := range 105 {
		now = time.Unix(int64(i), 0)
		require.NoError(t, dispatcher.Redeliver(id))
		dispatcher.Settle()
	}
	shown := dispatcher.Deliveries()[0]
	require.Len(t, shown.Attempts, 100)
	assert.Equal(t, 6, shown.DroppedAttempts)
	assert.EqualValues(t, 104, shown.Attempts[99].Started.Unix(), "the newest are kept")
}
