package stackbetest_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/stackbetest"
	"github.com/stackbe/stackbe-go/webhooks"
)

// schedule is how long after the first attempt each attempt is made. Contract.
var schedule = []time.Duration{
	0,
	time.Minute,
	6 * time.Minute,
	21 * time.Minute,
	time.Hour + 21*time.Minute,
	7*time.Hour + 21*time.Minute,
	19*time.Hour + 21*time.Minute,
	43*time.Hour + 21*time.Minute,
	67*time.Hour + 21*time.Minute,
}

func TestRetrySchedule(t *testing.T) {
	t.Parallel()

	t.Run("each attempt is made when it is due and not before, and the delivery is then given up", func(t *testing.T) {
		to := newReceiver(t, withStatus(http.StatusInternalServerError))
		server := atNoon(t, to.URL)
		approve(t, server, "jane@acme.com")
		server.WaitForDeliveries()
		for i, due := range schedule[1:] {
			assert.Equal(t, noon.Add(due), only(t, server).NextAttempt)
			server.Advance(due - schedule[i] - 1)
			require.Len(t, to.deliveries(), i+1)
			assert.Equal(t, stackbetest.DeliveryPending, only(t, server).State)
			server.Advance(1)
			require.Len(t, to.deliveries(), i+2)
		}
		shown := only(t, server)
		assert.Equal(t, stackbetest.DeliveryGivenUp, shown.State)
		assert.Zero(t, shown.NextAttempt)
		assert.Equal(t, schedule, times(shown))
		server.Advance(1000 * day)
		assert.Len(t, to.deliveries(), len(schedule))
	})

	t.Run("one long Advance stops at every attempt, and each attempt is signed with its own time", func(t *testing.T) {
		to := newReceiver(t, withStatus(http.StatusServiceUnavailable))
		server := atNoon(t, to.URL)
		approve(t, server, "jane@acme.com")
		server.Advance(70 * time.Hour)
		assert.Equal(t, schedule, times(only(t, server)))
		assert.Equal(t, noon.Add(70*time.Hour), server.Now())

		require.Len(t, to.deliveries(), len(schedule))
		for i, got := range to.deliveries() {
			assert.Equal(t, to.deliveries()[0].body, got.body)
			at := noon.Add(schedule[i])
			assert.Equal(t, fmt.Sprintf("t=%d,v1=%s", at.Unix(), signature(secret, at, got.body)), got.header.Get("X-StackBE-Signature"))
		}
	})

	t.Run("Advance stops at the due time of each delivery", func(t *testing.T) {
		to := newReceiver(t, withStatus(http.StatusInternalServerError))
		server := atNoon(t, to.URL)
		approve(t, server, "first@acme.com")
		server.Advance(3 * time.Second)
		approve(t, server, "second@acme.com")
		server.Advance(5 * time.Minute)
		assert.Equal(t, []time.Duration{0, time.Minute}, times(server.Deliveries()[0]))
		assert.Equal(t, []time.Duration{3 * time.Second, time.Minute + 3*time.Second}, times(server.Deliveries()[1]))
		assert.Equal(t, []string{"first@acme.com", "second@acme.com", "first@acme.com", "second@acme.com"}, to.emails(t))
	})

	t.Run("a successful attempt ends the retries", func(t *testing.T) {
		to := newReceiver(t, withStatus(http.StatusInternalServerError))
		server := atNoon(t, to.URL)
		approve(t, server, "jane@acme.com")
		server.Advance(time.Minute)
		to.respondWith(withStatus(299))
		server.Advance(70 * time.Hour)
		shown := only(t, server)
		assert.Equal(t, stackbetest.DeliveryDelivered, shown.State)
		assert.Equal(t, []int{500, 500, 299}, statuses(shown))
	})
}

func TestWithWebhookRetries(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		delays []time.Duration
		want   []time.Duration
	}{
		"to another":    {[]time.Duration{5 * time.Second, time.Hour}, []time.Duration{0, 5 * time.Second, time.Hour + 5*time.Second}},
		"to no retries": {nil, []time.Duration{0}},
	} {
		t.Run(name, func(t *testing.T) {
			to := newReceiver(t, withStatus(http.StatusInternalServerError))
			server := stackbetest.New(t, stackbetest.WithClock(func() time.Time { return noon }),
				stackbetest.WithWebhook(to.URL, secret), stackbetest.WithWebhookRetries(test.delays...))
			approve(t, server, "jane@acme.com")
			server.Advance(1000 * day)
			assert.Equal(t, test.want, times(only(t, server)))
			assert.Equal(t, stackbetest.DeliveryGivenUp, only(t, server).State)
		})
	}
	t.Run("a negative delay is an error", func(t *testing.T) {
		_, err := stackbetest.Start(stackbetest.WithWebhookRetries(time.Second, -time.Second))
		assert.ErrorContains(t, err, "WithWebhookRetries: the retry delay -1s is negative")
	})
}

func TestFailedDeliveryIsRetried(t *testing.T) {
	t.Parallel()
	elsewhere := newReceiver(t, withStatus(http.StatusOK))
	responses := map[string]http.HandlerFunc{
		"a refusal":                   withStatus(http.StatusUnauthorized),
		"a duplicate in flight":       withStatus(http.StatusConflict),
		"a response without a change": withStatus(http.StatusNotModified),
		"a redirect, unfollowed": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		},
		"a redirect to nowhere": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", ":")
			w.WriteHeader(http.StatusFound)
		},
		"a broken connection": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}
	for name, respond := range responses {
		t.Run(name, func(t *testing.T) {
			to := newReceiver(t, respond)
			server := atNoon(t, to.URL)
			approve(t, server, "jane@acme.com")
			server.WaitForDeliveries()
			assert.Equal(t, stackbetest.DeliveryPending, only(t, server).State)
			first := only(t, server).Attempts[0]
			assert.Equal(t, first.StatusCode == 0, first.Err != nil, "there is a response, or an error")

			to.respondWith(withStatus(http.StatusOK))
			server.Advance(time.Minute)
			assert.Equal(t, stackbetest.DeliveryDelivered, only(t, server).State)
			assert.Len(t, to.deliveries(), 2)
		})
	}
	assert.Empty(t, elsewhere.deliveries())

	t.Run("no response in time", func(t *testing.T) {
		to := newReceiver(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		server := stackbetest.New(t)
		server.AddWebhook(stackbetest.WebhookParams{URL: to.URL, Secret: secret, Timeout: 10 * time.Millisecond})
		approve(t, server, "jane@acme.com")
		server.WaitForDeliveries()
		shown := only(t, server)
		assert.Equal(t, stackbetest.DeliveryPending, shown.State)
		assert.ErrorIs(t, shown.Attempts[0].Err, context.DeadlineExceeded)
		assert.ErrorContains(t, shown.Attempts[0].Err, "no response within 10ms")
	})

	t.Run("no server listens", func(t *testing.T) {
		server := atNoon(t, "http://127.0.0.1:9/secret-path")
		approve(t, server, "jane@acme.com")
		server.Advance(70 * time.Hour)
		shown := only(t, server)
		assert.Equal(t, stackbetest.DeliveryGivenUp, shown.State)
		assert.Equal(t, schedule, times(shown))
		assert.NotContains(t, shown.Attempts[0].Err.Error(), "secret-path")
	})
}

func TestResponseBodyOfReceiverIsCapped(t *testing.T) {
	t.Parallel()
	to := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := io.WriteString(w, strings.Repeat("x", 1024)); err != nil {
				return // the sender has hung up
			}
		}
	})
	server := atNoon(t, to.URL)
	approve(t, server, "jane@acme.com")
	server.WaitForDeliveries()
	assert.Equal(t, stackbetest.DeliveryDelivered, only(t, server).State)
}

func TestResponse410DisablesWebhook(t *testing.T) {
	t.Parallel()
	to, other := newReceiver(t, withStatus(http.StatusInternalServerError)), newReceiver(t, withStatus(http.StatusOK))
	server := atNoon(t, to.URL)
	server.AddWebhook(stackbetest.WebhookParams{URL: other.URL, Secret: secret})
	webhook := func() stackbetest.Webhook { return server.Webhooks()[0] }
	approve(t, server, "waiting@acme.com")
	server.WaitForDeliveries()
	assert.False(t, webhook().Disabled)

	to.respondWith(withStatus(http.StatusGone))
	approve(t, server, "gone@acme.com")
	server.WaitForDeliveries()
	assert.True(t, webhook().Disabled)
	approve(t, server, "after@acme.com")
	server.Advance(70 * time.Hour)
	assert.Equal(t, []string{"waiting@acme.com", "gone@acme.com"}, to.emails(t))
	assert.Equal(t, []string{"waiting@acme.com", "gone@acme.com", "after@acme.com"}, other.emails(t))
	var canceled []stackbetest.Delivery
	for _, shown := range server.Deliveries() {
		if shown.WebhookID == webhook().ID {
			assert.Equal(t, stackbetest.DeliveryCanceled, shown.State)
			assert.Zero(t, shown.NextAttempt)
			canceled = append(canceled, shown)
		}
	}
	require.Len(t, canceled, 2)

	to.respondWith(withStatus(http.StatusOK))
	server.Redeliver(canceled[0].EventID)
	server.WaitForDeliveries()
	assert.Len(t, to.deliveries(), 2, "a disabled webhook has nothing redelivered")
	assert.Len(t, other.deliveries(), 4)

	server.EnableWebhook(webhook().ID)
	assert.False(t, webhook().Disabled)
	server.Redeliver(canceled[0].EventID)
	approve(t, server, "enabled@acme.com")
	server.WaitForDeliveries()
	assert.Equal(t, []string{"waiting@acme.com", "enabled@acme.com"}, to.emails(t)[2:])

	t.Run("Redeliver fails the test if every webhook of the event is disabled", func(t *testing.T) {
		server := stackbetest.New(&failures{})
		defer server.Close()
		server.AddWebhook(stackbetest.WebhookParams{URL: newReceiver(t, withStatus(http.StatusGone)).URL, Secret: secret})
		approve(t, server, "jane@acme.com")
		server.WaitForDeliveries()
		assert.Panics(t, func() { server.Redeliver(only(t, server).EventID) })
	})
}

func TestRedeliver(t *testing.T) {
	t.Parallel()

	t.Run("a delivered event is delivered again under the same id", func(t *testing.T) {
		to := newReceiver(t, withStatus(http.StatusOK))
		server := atNoon(t, to.URL)
		approve(t, server, "jane@acme.com")
		server.Advance(time.Hour)
		server.Redeliver(only(t, server).EventID)
		server.WaitForDeliveries()
		require.Len(t, to.deliveries(), 2)
		assert.Equal(t, to.deliveries()[0].body, to.deliveries()[1].body)
		assert.Equal(t, []time.Duration{0, time.Hour}, times(only(t, server)))
		assert.Equal(t, stackbetest.DeliveryDelivered, only(t, server).State)
	})

	t.Run("a delivery that was given up has the whole schedule again", func(t *testing.T) {
		server := atNoon(t, newReceiver(t, withStatus(http.StatusInternalServerError)).URL)
		approve(t, server, "jane@acme.com")
		server.Advance(80 * time.Hour)
		server.Redeliver(only(t, server).EventID)
		server.Advance(80 * time.Hour)
		want := schedule
		for _, after := range schedule {
			want = append(want[:len(want):len(want)], 80*time.Hour+after)
		}
		assert.Equal(t, want, times(only(t, server)))
		assert.Equal(t, stackbetest.DeliveryGivenUp, only(t, server).State)
	})

	t.Run("a pending delivery is attempted at once, and not a second time", func(t *testing.T) {
		to := newReceiver(t, withStatus(http.StatusInternalServerError))
		server := atNoon(t, to.URL)
		approve(t, server, "jane@acme.com")
		server.Advance(time.Second)
		server.Redeliver(only(t, server).EventID)
		server.Advance(time.Minute)
		assert.Equal(t, []time.Duration{0, time.Second, time.Minute + time.Second}, times(only(t, server)))
	})

	t.Run("a delivery in flight is redelivered after it", func(t *testing.T) {
		arrived, release := make(chan struct{}), make(chan struct{})
		to := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
			arrived <- struct{}{}
			<-release
			w.WriteHeader(http.StatusInternalServerError)
		})
		server := atNoon(t, to.URL)
		approve(t, server, "jane@acme.com")
		<-arrived
		to.respondWith(withStatus(http.StatusOK))
		server.Redeliver(only(t, server).EventID)
		close(release)
		server.WaitForDeliveries()
		assert.Equal(t, []int{500, 200}, statuses(only(t, server)))
		assert.Equal(t, stackbetest.DeliveryDelivered, only(t, server).State)
		server.Advance(70 * time.Hour)
		assert.Len(t, to.deliveries(), 2)
	})
}

func TestMisbehavior(t *testing.T) {
	t.Parallel()

	t.Run("copies arrive at the same time, and one acknowledgement is enough", func(t *testing.T) {
		var together sync.WaitGroup
		together.Add(3)
		to := newReceiver(t, func(http.ResponseWriter, *http.Request) {
			together.Done()
			together.Wait() // for all three
		})
		server := atNoon(t, to.URL)
		server.Misbehave(stackbetest.Duplicate(3))
		approve(t, server, "jane@acme.com")
		server.WaitForDeliveries()
		assert.Equal(t, []int{200, 200, 200}, statuses(only(t, server)))

		var first sync.Once
		to.respondWith(func(w http.ResponseWriter, _ *http.Request) {
			status := http.StatusConflict
			first.Do(func() { status = http.StatusOK })
			w.WriteHeader(status)
		})
		approve(t, server, "li@acme.com")
		server.Advance(70 * time.Hour)
		assert.ElementsMatch(t, []int{200, 409, 409}, statuses(server.Deliveries()[1]))
		assert.Equal(t, stackbetest.DeliveryDelivered, server.Deliveries()[1].State)
	})

	t.Run("a handler with claims handles one copy of each event", func(t *testing.T) {
		server := stackbetest.New(t)
		verifier, err := webhooks.NewVerifier(secret, webhooks.WithClock(server.Now))
		require.NoError(t, err)
		var mu sync.Mutex
		effects := map[string]int{}
		handler, err := webhooks.NewHandler(verifier, webhooks.WithLogger(slog.New(slog.DiscardHandler)),
			webhooks.OnApplicationApproved(func(_ context.Context, _ *webhooks.Event, approved webhooks.ApplicationApproved) error {
				mu.Lock()
				defer mu.Unlock()
				effects[approved.Application.Email]++
				return nil
			}))
		require.NoError(t, err)
		server.AddWebhook(stackbetest.WebhookParams{URL: newReceiver(t, handler.ServeHTTP).URL, Secret: secret})
		server.Advance(100 * day)
		server.Misbehave(stackbetest.Duplicate(5), stackbetest.Reorder())
		for _, email := range numbered(5) {
			approve(t, server, email)
		}
		server.Advance(70 * time.Hour)
		want := map[string]int{}
		for _, email := range numbered(5) {
			want[email] = 1
		}
		assert.Equal(t, want, effects)
	})

	t.Run("reordered events wait for the test and are then sent newest first", func(t *testing.T) {
		to := newReceiver(t, withStatus(http.StatusOK))
		server := atNoon(t, to.URL)
		server.Misbehave(stackbetest.Reorder())
		for _, email := range numbered(3) {
			approve(t, server, email)
		}
		for _, shown := range server.Deliveries() {
			assert.Empty(t, shown.Attempts)
			assert.Equal(t, stackbetest.DeliveryPending, shown.State)
		}
		server.WaitForDeliveries()
		assert.Equal(t, []string{"2@acme.com", "1@acme.com", "0@acme.com"}, to.emails(t))

		approve(t, server, "3@acme.com")
		approve(t, server, "4@acme.com")
		server.Misbehave()
		approve(t, server, "5@acme.com")
		server.WaitForDeliveries()
		assert.Equal(t, []string{"4@acme.com", "3@acme.com", "5@acme.com"}, to.emails(t)[3:])
	})

	refusals := map[string]struct {
		way  stackbetest.Misbehavior
		want error
	}{
		"an old timestamp":     {stackbetest.Late(5*time.Minute + time.Second), webhooks.ErrTimestampTooOld},
		"a timestamp to come":  {stackbetest.Late(-5*time.Minute - time.Second), webhooks.ErrTimestampTooNew},
		"the latest timestamp": {stackbetest.Late(math.MinInt64), webhooks.ErrTimestampTooNew},
		"a changed body":       {stackbetest.CorruptBody(), webhooks.ErrSignatureMismatch},
		"a corrupt signature":  {stackbetest.CorruptSignature(), webhooks.ErrSignatureMismatch},
	}
	for name, refusal := range refusals {
		for _, scheme := range []webhooks.Scheme{webhooks.SchemeTimestamped, webhooks.SchemeStandard} {
			t.Run(fmt.Sprintf("%s is refused in the %v scheme, and taken once it is mended", name, scheme), func(t *testing.T) {
				server := stackbetest.New(t, stackbetest.WithClock(func() time.Time { return noon }))
				verifier, err := webhooks.NewVerifier(standardSecret, webhooks.WithClock(server.Now))
				require.NoError(t, err)
				refused := make(chan error, 1)
				to := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if _, err := verifier.ParseRequest(r); err != nil {
						refused <- err
						w.WriteHeader(http.StatusUnauthorized)
					}
				}))
				defer to.Close()
				server.AddWebhook(stackbetest.WebhookParams{URL: to.URL, Secret: standardSecret, Scheme: scheme})
				server.Misbehave(refusal.way)
				approve(t, server, "jane@acme.com")
				server.WaitForDeliveries()
				assert.ErrorIs(t, <-refused, refusal.want)

				server.Misbehave()
				server.Advance(time.Minute)
				assert.Equal(t, []int{401, 200}, statuses(only(t, server)))
			})
		}
	}

	t.Run("a receiver that does not verify accepts a changed body", func(t *testing.T) {
		to := newReceiver(t, withStatus(http.StatusOK))
		server := atNoon(t, to.URL)
		server.Misbehave(stackbetest.CorruptBody())
		review := approve(t, server, "jane@acme.com")
		server.WaitForDeliveries()
		got := to.deliveries()[0].event(t)
		assert.Equal(t, only(t, server).EventID, got.ID)
		assert.NotEqual(t, review.Application.ID, got.Data.Application.ID)
	})
}

func TestCloseEndsDeliveries(t *testing.T) { // not parallel: it counts goroutines
	before := runtime.NumGoroutine()
	arrived := make(chan struct{}, 1)
	to := newReceiver(t, func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-r.Context().Done() // does not respond before the sender hangs up
	})
	server, err := stackbetest.Start(stackbetest.WithWebhook(to.URL, secret))
	require.NoError(t, err)
	approve(t, server, "jane@acme.com")
	<-arrived
	server.Close()
	server.WaitForDeliveries()
	server.Advance(time.Hour)
	server.Close()
	assert.Len(t, to.deliveries(), 1)
	assert.Empty(t, only(t, server).Attempts, "it neither got a response nor failed")
	to.Close()
	waitForGoroutines(t, before)
}

func TestDroppedDeliveriesAreCounted(t *testing.T) {
	t.Parallel()
	to := newReceiver(t, withStatus(http.StatusOK))
	server := atNoon(t, to.URL)
	approve(t, server, "jane@acme.com")
	server.WaitForDeliveries()
	server.Misbehave(stackbetest.Duplicate(100))
	server.Redeliver(only(t, server).EventID)
	server.WaitForDeliveries()
	assert.Len(t, only(t, server).Attempts, 100)
	assert.Equal(t, 1, only(t, server).DroppedAttempts)
	assert.Zero(t, server.DroppedDeliveries())
}
