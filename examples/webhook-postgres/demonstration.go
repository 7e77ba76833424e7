package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

const (
	demonstrationSecret = "a secret for the demonstration"

	replicas   = 3
	events     = 20
	deliveries = 5 // of each event
)

// demonstrate starts the replicas, delivers events to them, and shows the results.
func demonstrate(ctx context.Context, db *sql.DB, out io.Writer) (err error) {
	schema := "stackbe_demonstration_" + strings.ToLower(rand.Text())
	partners, err := openPartners(ctx, db, schema)
	if err != nil {
		return err
	}
	defer func() {
		_, dropErr := db.ExecContext(context.WithoutCancel(ctx), "DROP SCHEMA "+schema+" CASCADE")
		err = errors.Join(err, dropErr)
	}()

	fmt.Fprintf(out, "Delivering %d events to %d replicas, %d times each; the first attempt at each event fails after its insert.\n\n",
		events, replicas, deliveries)
	urls, stop, err := startReplicas(ctx, partners)
	if err != nil {
		return err
	}
	responses, err := deliverAll(ctx, urls)
	err = errors.Join(err, stop())
	if err != nil {
		return err
	}
	for _, status := range slices.Sorted(maps.Keys(responses)) {
		fmt.Fprintf(out, "%3d responses of %d %s: %s\n", responses[status], status, http.StatusText(status), meanings[status])
	}
	rows, distinct, err := partners.count(ctx)
	if err != nil {
		return err
	}
	if rows != events || distinct != events {
		return fmt.Errorf("there are %d rows of %d partners, and not one for each event", rows, distinct)
	}
	fmt.Fprintf(out, "\n%d rows of %d partners: each event had its effect once\n", rows, distinct)
	return nil
}

// meanings explains the expected responses.
var meanings = map[int]string{
	http.StatusOK:                  "handled, or handled before",
	http.StatusConflict:            "in flight in another replica; retried",
	http.StatusInternalServerError: "the first attempt, undone; retried",
}

// startReplicas returns the replicas' URLs, and a function that stops them.
func startReplicas(ctx context.Context, partners *partners) (urls []string, stop func() error, err error) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, replicas)
	stop = func() (err error) {
		cancel()
		for range urls {
			err = errors.Join(err, <-ended)
		}
		return err
	}
	verifier, err := webhooks.NewVerifier(demonstrationSecret)
	if err != nil {
		return nil, nil, err
	}
	flaky := &flaky{partners: partners}
	quiet := webhooks.WithLogger(slog.New(slog.DiscardHandler)) // or each failure is logged
	for range replicas {
		handler, err := partners.receiver(verifier, flaky.insert, quiet)
		if err != nil {
			return nil, nil, errors.Join(err, stop())
		}
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, nil, errors.Join(err, stop())
		}
		go func() { ended <- serve(ctx, listener, handler) }()
		urls = append(urls, "http://"+listener.Addr().String()+path)
	}
	return urls, stop, nil
}

// flaky fails each event the first time, after its insert.
type flaky struct {
	*partners
	failed sync.Map // by event id
}

func (f *flaky) insert(ctx context.Context, event *webhooks.Event, approved webhooks.ApplicationApproved) error {
	if err := f.partners.insert(ctx, event, approved); err != nil {
		return err
	}
	if _, failed := f.failed.LoadOrStore(event.ID, true); !failed {
		return errors.New("the first attempt fails")
	}
	return nil
}

// deliverAll delivers all events at once, each to one replica after another, and
// counts the responses by status.
func deliverAll(ctx context.Context, urls []string) (responses map[int]int, err error) {
	var (
		group sync.WaitGroup
		mu    sync.Mutex
	)
	responses = make(map[int]int)
	for event := range events {
		for delivery := range deliveries {
			group.Go(func() {
				statuses, failure := deliver(ctx, urls[delivery%len(urls)], event)
				mu.Lock()
				defer mu.Unlock()
				err = errors.Join(err, failure)
				for _, status := range statuses {
					responses[status]++
				}
			})
		}
	}
	group.Wait()
	return responses, err
}

// deliver sends the event until it is accepted, and returns the responses' statuses.
func deliver(ctx context.Context, url string, event int) (statuses []int, err error) {
	body := fmt.Sprintf(`{"id":"evt_%[1]d","event":"partner_application_approved","data":{
		"application":{"id":"app_%[1]d","email":"partner%[1]d@example.com","name":"Partner %[1]d"},
		"affiliate":{"id":"aff_%[1]d","code":"PARTNER%[1]d","customer_id":"cust_%[1]d"}}}`, event)
	for {
		request, err := webhooks.NewRequest(ctx, url, []byte(body), webhooks.Signing{Secrets: []string{demonstrationSecret}})
		if err != nil {
			return statuses, err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return statuses, err
		}
		_ = response.Body.Close()
		statuses = append(statuses, response.StatusCode)
		if response.StatusCode == http.StatusOK {
			return statuses, nil
		}
		select {
		case <-ctx.Done():
			return statuses, ctx.Err()
		case <-time.After(50 * time.Millisecond): // StackBE waits for seconds, then minutes, then hours
		}
	}
}
