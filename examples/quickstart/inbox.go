package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"sync"

	"github.com/stackbe/stackbe-go/stackbetest"
	"github.com/stackbe/stackbe-go/webhooks"
)

// inbox receives the server's webhooks and notes them. examples/webhook is a
// receiver as a program would have it.
type inbox struct {
	server   *stackbetest.Server
	receiver *httptest.Server

	mu    sync.Mutex
	notes []string
}

const webhookSecret = "a secret for the quickstart"

// receive starts a receiver, and has the server deliver to it.
func receive(server *stackbetest.Server) (*inbox, error) {
	verifier, err := webhooks.NewVerifier(webhookSecret, webhooks.WithClock(server.Now))
	if err != nil {
		return nil, err
	}
	in := &inbox{server: server}
	handler, err := webhooks.NewHandler(verifier, webhooks.OnApplicationApproved(in.approved))
	if err != nil {
		return nil, err
	}
	in.receiver = httptest.NewServer(handler)
	server.AddWebhook(stackbetest.WebhookParams{URL: in.receiver.URL, Secret: webhookSecret})
	return in, nil
}

func (in *inbox) approved(_ context.Context, event *webhooks.Event, approved webhooks.ApplicationApproved) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.notes = append(in.notes, fmt.Sprintf("%s arrived and is verified: %s has the code %s",
		event.Type, approved.Application.Name, approved.Affiliate.Code))
	return nil
}

// take waits for pending deliveries, and returns those that have arrived.
func (in *inbox) take() []string {
	in.server.WaitForDeliveries()
	in.mu.Lock()
	defer in.mu.Unlock()
	notes := in.notes
	in.notes = nil
	return notes
}

func (in *inbox) close() { in.receiver.Close() }
