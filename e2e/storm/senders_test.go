package storm

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

const (
	events     = 10_000
	maxCopies  = 5
	concurrent = 24 // requests at once
)

// deliveries returns each event's id one to five times, in random order.
func deliveries(random *rand.Rand) []string {
	var ids []string
	for n := range events {
		for range 1 + random.IntN(maxCopies) {
			ids = append(ids, eventID(n))
		}
	}
	random.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	return ids
}

func eventID(n int) string { return fmt.Sprintf("evt_%05d", n) }

// senders deliver events, and count the responses.
type senders struct {
	fleet  *fleet
	client *http.Client

	accepted, inFlight, failed, broken atomic.Int64
}

func newSenders(fleet *fleet) *senders {
	return &senders{fleet: fleet, client: &http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: concurrent},
	}}
}

// deliver sends all deliveries, each until it is accepted. A delivery that waits to be
// retried keeps none of the others waiting.
func (s *senders) deliver(ctx context.Context, ids []string) error {
	defer s.client.CloseIdleConnections()
	slots := make(chan struct{}, concurrent)
	var group sync.WaitGroup
	var unaccepted atomic.Int64
	for _, id := range ids {
		slots <- struct{}{}
		group.Go(func() {
			accepted := s.attempt(ctx, id)
			<-slots
			if !accepted && !s.retry(ctx, id, slots) {
				unaccepted.Add(1)
			}
		})
	}
	group.Wait()
	if n := unaccepted.Load(); n > 0 {
		return fmt.Errorf("%d deliveries were not accepted in time: %w", n, context.Cause(ctx))
	}
	return nil
}

// retry retries the delivery, at growing intervals, until it is accepted. It reports
// false if the context ends before.
func (s *senders) retry(ctx context.Context, id string, slots chan struct{}) bool {
	wait := 10 * time.Millisecond
	for {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(wait/2 + rand.N(wait)):
		}
		slots <- struct{}{}
		accepted := s.attempt(ctx, id)
		<-slots
		if accepted {
			return true
		}
		wait = min(2*wait, 500*time.Millisecond)
	}
}

// attempt sends the event once, and reports whether it was accepted.
func (s *senders) attempt(ctx context.Context, id string) bool {
	body := fmt.Sprintf(`{"id":%q,"type":"payment.succeeded","timestamp":"2025-01-15T10:30:00Z","data":{"amount":"12.50"}}`, id)
	request, err := webhooks.NewRequest(ctx, s.fleet.url(), []byte(body), webhooks.Signing{Secrets: []string{secret}})
	if err != nil {
		panic(err) // the storm itself is wrong
	}
	response, err := s.client.Do(request)
	if err != nil {
		s.broken.Add(1)
		return false
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	switch {
	case response.StatusCode/100 == 2:
		s.accepted.Add(1)
		return true
	case response.StatusCode == http.StatusConflict:
		s.inFlight.Add(1)
	default:
		s.failed.Add(1)
	}
	return false
}
