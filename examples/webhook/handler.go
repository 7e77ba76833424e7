package main

import (
	"context"
	"fmt"
	"io"

	"github.com/stackbe/stackbe-go/webhooks"
)

// newHandler prints a line for each event, where a backend would write to its
// database or send a message.
func newHandler(verifier *webhooks.Verifier, out io.Writer) (*webhooks.Handler, error) {
	// It remembers which events are done in memory, which serves one process. Several
	// replicas share a store instead, such as redisclaims, that WithClaims sets, or
	// sqlclaims, with WithTransactionalClaims.
	return webhooks.NewHandler(verifier,
		webhooks.OnApplicationApproved(func(_ context.Context, event *webhooks.Event, approved webhooks.ApplicationApproved) error {
			_, err := fmt.Fprintf(out, "%s is a partner: customer %s, referral code %s (%s)\n",
				approved.Application.Name, approved.Affiliate.CustomerID, approved.Affiliate.Code, event.ID)
			return err
		}),
		webhooks.OnApplicationRejected(func(_ context.Context, event *webhooks.Event, rejected webhooks.ApplicationRejected) error {
			_, err := fmt.Fprintf(out, "%s was turned down: %s (%s)\n",
				rejected.Application.Name, rejected.Application.RejectionReason, event.ID)
			return err
		}),
	)
}
