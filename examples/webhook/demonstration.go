package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
	"github.com/stackbe/stackbe-go/webhooks"
)

const demonstrationSecret = "a secret for the demonstration"

// demonstrate starts the receiver, and a reference server that sends it events.
func demonstrate(ctx context.Context, out io.Writer) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close() // for when serve does not come to it
	url := "http://" + listener.Addr().String() + path
	server, err := stackbetest.Start(stackbetest.WithWebhook(url, demonstrationSecret))
	if err != nil {
		return err
	}
	defer server.Close()
	verifier, err := webhooks.NewVerifier(demonstrationSecret, webhooks.WithClock(server.Now))
	if err != nil {
		return err
	}
	handler, err := newHandler(verifier, out)
	if err != nil {
		return err
	}

	serving, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- serve(serving, listener, handler) }()
	fmt.Fprintf(out, "Receiving at %s\n\n", url)
	err = decide(ctx, server, out)
	stop()
	return errors.Join(err, <-ended)
}

// decide approves one application and rejects another, and has one of the events
// delivered again.
func decide(ctx context.Context, server *stackbetest.Server, out io.Writer) error {
	jane, err := apply(ctx, server, "jane@acme.com", "Jane Smith")
	if err != nil {
		return err
	}
	amir, err := apply(ctx, server, "amir@example.com", "Amir Haddad")
	if err != nil {
		return err
	}
	admin := server.Client().AsAdmin(server.AdminToken).Affiliates
	if _, err := admin.Approve(ctx, jane, affiliates.ApproveParams{Code: "JANE20"}); err != nil {
		return err
	}
	if _, err := admin.Reject(ctx, amir, affiliates.RejectParams{Reason: "Not a good fit at this time"}); err != nil {
		return err
	}
	server.WaitForDeliveries()
	server.Redeliver(server.Deliveries()[0].EventID)
	server.WaitForDeliveries()
	return report(server, out)
}

func apply(ctx context.Context, server *stackbetest.Server, email, name string) (applicationID string, err error) {
	receipt, err := server.Client().Affiliates.Apply(ctx, affiliates.ApplyParams{Email: email, Name: name})
	if err != nil {
		return "", err
	}
	return receipt.ID, nil
}

// report shows what the sender saw: the event that was sent twice was acknowledged
// twice, and handled once.
func report(server *stackbetest.Server, out io.Writer) error {
	fmt.Fprintln(out, "\nThe sender's view (the first event was redelivered, and handled once):")
	for _, delivery := range server.Deliveries() {
		fmt.Fprintf(out, "%s %s, responses:", delivery.EventID, delivery.State)
		for _, attempt := range delivery.Attempts {
			fmt.Fprintf(out, " %d", attempt.StatusCode)
		}
		fmt.Fprintln(out)
		if delivery.State != stackbetest.DeliveryDelivered {
			return fmt.Errorf("the event %s is %s", delivery.EventID, delivery.State)
		}
	}
	return nil
}
