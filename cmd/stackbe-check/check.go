package main

import (
	"context"
	"crypto/rand"
	"strings"
)

// check asks everything that the credentials allow.
func check(ctx context.Context, o options) (report, error) {
	c := newChecker(o)
	c.unknown("SignatureHeader", "no request shows it: run with -webhook, and have an event delivered")
	steps := []func(context.Context) error{c.paths, c.headers, c.pathsThatAreRead}
	if o.write {
		steps = append(steps, c.apply, c.track, c.deal, c.review) // first, so that there is something to read
	} else {
		for _, field := range []string{
			"IdempotencyHeader", "TrackCodeField", "TrackURLField", "ClickIDField", "ClickCodeField", "ClickExpiresAtField",
			"ReviewApplicationField", "ReviewAffiliateField",
		} {
			c.unknown(field, "only a write shows it: run with -write")
		}
	}
	steps = append(steps, c.settings, c.list, c.deals, c.application, c.partner, c.dashboard, c.portalLink, c.forgetHidden, c.requestID)
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return report{}, err
		}
	}
	r := newReport(c.found)
	r.baseURL, r.refused = o.redact(o.baseURL), c.refusedVariables()
	return r, nil
}

// newEmail is an unused address that marks the records made by -write.
func newEmail() string {
	return "stackbe-check+" + strings.ToLower(rand.Text()) + "@stackbe-go.example"
}

const checkName = "stackbe-check"
