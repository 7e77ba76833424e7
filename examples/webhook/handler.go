package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

// newHandler prints a line for each event, where a backend would write to its
// database or send a message.
func newHandler(verifier *webhooks.Verifier, out io.Writer) (*webhooks.Handler, error) {
	// Events are remembered for longer than their sender repeats them. This memory
	// serves one process: several replicas share a store, such as sqlclaims.
	claims, err := webhooks.NewMemoryClaims(webhooks.MemoryConfig{Capacity: 10_000, Retention: 48 * time.Hour})
	if err != nil {
		return nil, err
	}
	return webhooks.NewHandler(verifier,
		webhooks.WithClaims(claims),
		webhooks.OnApplicationApproved(func(_ context.Context, event *webhooks.Event, approved webhooks.ApplicationApproved) error {
			_, err := fmt.Fprintf(out, "%s is a partner: customer %s, referral code %s (%s)\n",
				approved.Application.Name, approved.Affiliate.CustomerID, approved.Affiliate.Code, event.ID)
			return err
		}),
		webhooks.OnApplicationRejected(func(_ context.Context, event *webhooks.Event, rejected webhooks.ApplicationRejected) error {
			_, err := fmt.Fprintf(out, "%s was turned down: %s (%s)\n",
				rejected.Application.Name, rejected.Application.Reason, event.ID)
			return err
		}),
	)
}
