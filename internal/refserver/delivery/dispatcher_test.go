package delivery_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

const secret = "a secret of the tests"

// responseFunc responds to requests without a network.
type responseFunc func(*http.Request) (*http.Response, error)

func (f responseFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func withStatus(status int) responseFunc {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader("thank you"))}, nil
	}
}

var refuses = responseFunc(func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") })

// newDispatcher has one endpoint of the app "app", and a logger.
func newDispatcher(t *testing.T, now func() time.Time, receiver http.RoundTripper) (*delivery.Dispatcher, *bytes.Buffer) {
	var ids atomic.Int64
	log := new(bytes.Buffer)
	dispatcher := delivery.New(delivery.Config{
		Now:    now,
		NewID:  func(prefix string) string { return fmt.Sprint(prefix, ids.Add(1)) },
		Logger: slog.New(slog.NewTextHandler(log, nil)),
	})
	_, err := dispatcher.AddEndpoint("app", delivery.EndpointParams{URL: "http://receiver.test/hook", Secret: secret, Transport: receiver})
	require.NoError(t, err)
	return dispatcher, log
}

var events atomic.Int64

func rejected(id string) program.Event {
	return program.Event{
		ID:          fmt.Sprint("evt_", events.Add(1)),
		Kind:        program.ApplicationRejected,
		At:          time.Date(2026, time.January, 31, 8, 0, 0, 0, time.UTC),
		Application: &program.Application{ID: id, Email: "jane@acme.com", Name: "Jane"},
	}
}

func TestFailedAttemptIsRetriedAsTimePasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which also fails when a goroutine is left
		start := time.Now()
		dispatcher, _ := newDispatcher(t, time.Now, refuses)
		dispatcher.Publish("app", rejected("cm1"))
		time.Sleep(80 * time.Hour)

		var at []time.Duration
		for _, attempt := range dispatcher.Deliveries()[0].Attempts {
			at = append(at, attempt.Started.Sub(start))
		}
		assert.Equal(t, []time.Duration{
			0,
			time.Minute,
			6 * time.Minute,
			21 * time.Minute,
			time.Hour + 21*time.Minute,
			7*time.Hour + 21*time.Minute,
			19*time.Hour + 21*time.Minute,
			43*time.Hour + 21*time.Minute,
			67*time.Hour + 21*time.Minute,
		}, at)
		assert.Equal(t, delivery.GivenUp, dispatcher.Deliveries()[0].State)
		dispatcher.Close()
	})
}

func TestRetriesFollowConfiguredSchedule(t *testing.T) {
	for name, delays := range map[string][]time.Duration{
		"of two":           {time.Second, time.Hour},
		"without a delay":  {0},
		"of no retries":    {},
		"that is the last": {200 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dispatcher := delivery.New(delivery.Config{
					Now:         time.Now,
					NewID:       func(prefix string) string { return prefix },
					Logger:      slog.New(slog.DiscardHandler),
					RetryDelays: delays,
				})
				defer dispatcher.Close()
				_, err := dispatcher.AddEndpoint("app", delivery.EndpointParams{URL: "http://receiver.test", Secret: secret, Transport: refuses})
				require.NoError(t, err)
				start := time.Now()
				dispatcher.Publish("app", rejected("cm1"))
				time.Sleep(300 * time.Hour)

				made := dispatcher.Deliveries()[0]
				require.Len(t, made.Attempts, len(delays)+1)
				due := start
				for i, delay := range delays {
					due = due.Add(delay)
					assert.WithinDuration(t, due, made.Attempts[i+1].Started, time.Second)
				}
				assert.Equal(t, delivery.GivenUp, made.State)
			})
		})
	}
}

func TestAttemptTimesOutAfter30Seconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dispatcher, _ := newDispatcher(t, time.Now, responseFunc(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}))
		defer dispatcher.Close()
		dispatcher.Publish("app", rejected("cm1"))
		dispatcher.Settle()

		made := dispatcher.Deliveries()[0]
		require.Len(t, made.Attempts, 1)
		assert.Equal(t, 30*time.Second, made.Attempts[0].Duration)
		assert.Equal(t, time.Now().Add(time.Minute), made.NextAttempt, "the delay starts at the failure")
	})
}

func TestCloseCancelsAttemptsInFlightAndWaitsForThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dispatcher, log := newDispatcher(t, time.Now, responseFunc(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			time.Sleep(time.Second)
			return nil, r.Context().Err()
		}))
		dispatcher.Publish("app", rejected("cm1"))
		synctest.Wait()
		started := time.Now()
		dispatcher.Close()
		assert.Equal(t, time.Second, time.Since(started))
		dispatcher.Settle()
		assert.Empty(t, dispatcher.Deliveries()[0].Attempts)
		assert.Empty(t, log.String())
	})
}

func TestResponseBodyIsCapped(t *testing.T) {
	var read atomic.Int64
	endless := responseFunc(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(readerFunc(func(p []byte) (int, error) {
			read.Add(int64(len(p)))
			return len(p), nil
		}))}, nil
	})
	dispatcher, _ := newDispatcher(t, time.Now, endless)
	defer dispatcher.Close()
	dispatcher.Publish("app", rejected("cm1"))
	dispatcher.Settle()
	assert.Equal(t, delivery.Delivered, dispatcher.Deliveries()[0].State)
	assert.LessOrEqual(t, read.Load(), int64(64<<10))
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestStoppedClockIsPolledRarely(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var ahead, asked atomic.Int64
		dispatcher, _ := newDispatcher(t, func() time.Time {
			asked.Add(1)
			return start.Add(time.Duration(ahead.Load()))
		}, refuses)
		defer dispatcher.Close()
		dispatcher.Publish("app", rejected("cm1"))
		dispatcher.Settle()
		asked.Store(0)
		time.Sleep(time.Minute)
		assert.LessOrEqual(t, asked.Load(), int64(2))

		ahead.Store(int64(time.Minute - 1))
		asked.Store(0)
		time.Sleep(time.Minute)
		assert.Less(t, asked.Load(), int64(2*time.Minute/(50*time.Millisecond)))
		assert.Len(t, dispatcher.Deliveries()[0].Attempts, 1)

		ahead.Add(1)
		time.Sleep(time.Second)
		assert.Len(t, dispatcher.Deliveries()[0].Attempts, 2)
	})
}

func TestAttemptsToSixteenEndpointsAreConcurrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var atWork, most atomic.Int64
		slow := responseFunc(func(r *http.Request) (*http.Response, error) {
			atWork.Add(1)
			time.Sleep(time.Second)
			most.Store(max(most.Load(), atWork.Load()))
			time.Sleep(time.Second)
			atWork.Add(-1)
			return withStatus(http.StatusOK)(r)
		})
		dispatcher, _ := newDispatcher(t, time.Now, slow)
		defer dispatcher.Close()
		for range 39 {
			_, err := dispatcher.AddEndpoint("app", delivery.EndpointParams{URL: "http://receiver.test", Secret: secret, Transport: slow})
			require.NoError(t, err)
		}
		started := time.Now()
		dispatcher.Publish("app", rejected("cm1"))
		dispatcher.Settle()
		assert.EqualValues(t, 16, most.Load())
		assert.Equal(t, 6*time.Second, time.Since(started))
	})
}

func TestAcknowledgedCopyDeliversThoughAnotherDisablesEndpoint(t *testing.T) {
	var copies atomic.Int64
	dispatcher, _ := newDispatcher(t, time.Now, responseFunc(func(r *http.Request) (*http.Response, error) {
		return withStatus([]int{http.StatusOK, http.StatusGone}[copies.Add(1)-1])(r)
	}))
	defer dispatcher.Close()
	dispatcher.Misbehave(delivery.Misbehavior{Copies: 2})
	dispatcher.Publish("app", rejected("cm1"))
	dispatcher.Settle()
	assert.Equal(t, delivery.Delivered, dispatcher.Deliveries()[0].State)
	assert.True(t, dispatcher.Endpoints()[0].Disabled)
}

func TestAttemptsAreLogged(t *testing.T) {
	status := http.StatusInternalServerError
	dispatcher, log := newDispatcher(t, time.Now, responseFunc(func(r *http.Request) (*http.Response, error) { return withStatus(status)(r) }))
	defer dispatcher.Close()
	dispatcher.Publish("app", rejected("cm1"))
	dispatcher.Settle()
	assert.Contains(t, log.String(), "level=WARN")
	assert.Contains(t, log.String(), "status=500")
	assert.Contains(t, log.String(), "state=pending")

	status = http.StatusOK
	require.NoError(t, dispatcher.Redeliver(dispatcher.Deliveries()[0].EventID))
	dispatcher.Settle()
	assert.Contains(t, log.String(), "level=INFO")
	assert.Contains(t, log.String(), "state=delivered")
	for _, private := range []string{secret, "jane@acme.com", "receiver.test"} {
		assert.NotContains(t, log.String(), private)
	}
}

func TestLoggerMayCallDispatcher(t *testing.T) {
	var dispatcher *delivery.Dispatcher
	var states []delivery.State
	dispatcher = delivery.New(delivery.Config{
		Now:   time.Now,
		NewID: func(prefix string) string { return prefix },
		Logger: slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
			states = append(states, dispatcher.Deliveries()[0].State)
			return len(p), nil
		}), nil)),
	})
	defer dispatcher.Close()
	_, err := dispatcher.AddEndpoint("app", delivery.EndpointParams{URL: "http://receiver.test", Secret: secret, Transport: withStatus(204)})
	require.NoError(t, err)
	dispatcher.Publish("app", rejected("cm1"))
	dispatcher.Settle()
	assert.Equal(t, []delivery.State{delivery.Delivered}, states)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestEventOfAppWithoutEndpointsIsDropped(t *testing.T) {
	dispatcher, _ := newDispatcher(t, time.Now, withStatus(http.StatusOK))
	dispatcher.Publish("other", rejected("cm1"))
	assert.Empty(t, dispatcher.Deliveries())
	dispatcher.Close()
	dispatcher.Publish("app", rejected("cm1"))
	assert.Empty(t, dispatcher.Deliveries())
	dispatcher.Close()
}

// TestCorruptedBodyIsAValidEvent has ids that are in other places of the body, too, or
// nowhere.
func TestCorruptedBodyIsAValidEvent(t *testing.T) {
	for name, id := range map[string]string{
		"without an id":                    "",
		"with a usual id":                  "cm1",
		"with an id like the event's":      "evt_",
		"with an id like a field's name":   "data",
		"with an id that JSON escapes":     "cm<1>\"",
		"with an id of one character":      "e",
		"with the id that a new one takes": "cm",
	} {
		for _, form := range []delivery.Envelope{delivery.PartnerEnvelope, delivery.GeneralEnvelope, delivery.BareEnvelope} {
			t.Run(fmt.Sprintf("%s in envelope %d", name, form), func(t *testing.T) {
				var sent []byte
				dispatcher, _ := newDispatcher(t, time.Now, withStatus(http.StatusOK))
				defer dispatcher.Close()
				_, err := dispatcher.AddEndpoint("other", delivery.EndpointParams{
					URL: "http://receiver.test", Secret: secret, Envelope: form,
					Transport: responseFunc(func(r *http.Request) (*http.Response, error) {
						sent, _ = io.ReadAll(r.Body)
						return withStatus(http.StatusOK)(r)
					}),
				})
				require.NoError(t, err)
				dispatcher.Misbehave(delivery.Misbehavior{CorruptBody: true})
				dispatcher.Publish("other", rejected(id))
				dispatcher.Settle()

				var good, corrupted map[string]any
				require.NoError(t, json.Unmarshal(dispatcher.Deliveries()[0].Body, &good))
				require.NoError(t, json.Unmarshal(sent, &corrupted), "%s", sent)
				application := corrupted["data"].(map[string]any)["application"].(map[string]any)
				assert.NotEmpty(t, application["id"])
				assert.NotEqual(t, id, application["id"])
				application["id"] = id
				assert.Equal(t, good, corrupted, "nothing else is changed")
			})
		}
	}
}
