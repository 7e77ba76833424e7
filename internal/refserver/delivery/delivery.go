package delivery

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"time"
)

// State is how far a delivery has come.
type State string

// The states of a delivery.
const (
	Pending   State = "pending"   // an attempt is in flight, or is to be made
	Delivered State = "delivered" // an attempt got a 2xx response
	GivenUp   State = "given up"  // the last attempt of the schedule failed as well
	Canceled  State = "canceled"  // the endpoint was disabled before it succeeded
)

// A Delivery is one event on its way to one endpoint.
type Delivery struct {
	EventID    string
	EventType  string
	EventAt    time.Time
	EndpointID string
	URL        string
	Body       []byte // the same on every attempt
	State      State
	Attempts   []Attempt // in the order in which they were made, the newest 100
	// DroppedAttempts is how many came before those.
	DroppedAttempts int
	// NextAttempt is when the next attempt falls due, if one is waiting; otherwise zero.
	NextAttempt time.Time
}

type delivery struct {
	event    *event
	endpoint *endpoint
	body     []byte
	number   int       // in the order in which deliveries were made, for as long as the dispatcher runs
	attempts []Attempt // at most maxAttempts
	dropped  int       // attempts that are not among them any more
	outcome  State     // once job is nil
	job      *job      // the attempt that is in flight or to be made
}

func (d *delivery) describe() Delivery {
	described := Delivery{
		EventID:    d.event.ID,
		EventType:  string(d.event.Kind),
		EventAt:    d.event.At,
		EndpointID: d.endpoint.ID,
		URL:        d.endpoint.URL,
		Body:       bytes.Clone(d.body),
		State:      d.state(),
		Attempts:   slices.Clone(d.attempts),

		DroppedAttempts: d.dropped,
	}
	for i, made := range described.Attempts {
		described.Attempts[i].Exchange = made.exchangeOf()
	}
	if d.job != nil && d.endpoint.queue.has(d.job) {
		described.NextAttempt = d.job.due
	}
	return described
}

func (d *delivery) state() State {
	if d.job != nil {
		return Pending
	}
	return d.outcome
}

// logAttempts needs no lock: it reads only fields of the delivery that do not change.
func logAttempts(logger *slog.Logger, of *delivery, attempts []Attempt, state State) {
	for _, a := range attempts {
		level := slog.LevelInfo
		if !a.acknowledged() {
			level = slog.LevelWarn
		}
		logger.Log(context.Background(), level, "webhook attempt",
			"event", of.event.ID, "type", of.event.Kind, "endpoint", of.endpoint.ID,
			"status", a.StatusCode, "error", a.Err, "state", state)
	}
}
