package webhooks

import (
	"context"
	"errors"
	"time"
)

const (
	// settleTimeout bounds marking an event as done and releasing its claim, which have to
	// happen even though the function's time is over; so does the function's time if that
	// is less, and the sender's.
	settleTimeout = 5 * time.Second

	// doneFifths is how much of that time one attempt to mark an event as done may take,
	// so that one which gets no response leaves time for another.
	doneFifths = 4

	// The pauses between the attempts double from the first to the last.
	firstPause = 50 * time.Millisecond
	lastPause  = time.Second
)

func (h *Handler) runUnderLease(ctx, limited context.Context, function EventFunc, event *Event) (Outcome, error) {
	claimID := h.claimID(event)
	token, err := h.claim(limited, claimID)
	if err != nil {
		return unclaimed(err)
	}
	if limited.Err() != nil {
		return OutcomeUnavailable, errors.Join(errOver, h.releaseLate(ctx, limited, claimID, token))
	}
	returned := false
	defer func() {
		if !returned { // runtime.Goexit, of a test's FailNow say
			_ = h.release(ctx, claimID, token)
		}
	}()
	failure := call(limited, function, event)
	returned = true
	if failure == nil {
		return OutcomeHandled, h.markDone(ctx, claimID, token)
	}
	if err := h.release(ctx, claimID, token); err != nil {
		return failed(failure), errors.Join(failure, err)
	}
	return failed(failure), failure
}

// releaseLate releases a claim that came after the function's time. It waits no longer than if the
// claim had come in time.
func (h *Handler) releaseLate(ctx, limited context.Context, claimID, token string) error {
	over, _ := limited.Deadline()
	waiting, cancel := context.WithDeadline(ctx, over.Add(h.settle))
	defer cancel()
	_, err := bounded(waiting, &h.gate, func() (any, error) { return nil, h.release(ctx, claimID, token) }, nil)
	return err
}

// markDone retries for as long as marking may take: the effect has taken place, and only
// the mark keeps a later delivery from calling the function again. Its time limit is
// separate from the function's, of which nothing may be left, or so much that a silent
// store would delay the response for too long.
func (h *Handler) markDone(ctx context.Context, claimID, token string) error {
	if h.inMemory {
		return h.done(ctx, claimID, token)
	}
	deadline := time.Now().Add(h.settle)
	var failure error
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := h.doneWithin(ctx, min(h.settle*doneFifths/5, time.Until(deadline)), claimID, token)
		if err == nil || errors.Is(err, ErrClaimLost) {
			return err
		}
		if failure == nil || !errors.Is(err, context.DeadlineExceeded) {
			failure = err // what says more than that time was over
		}
		if time.Until(deadline) <= pause {
			return failure
		}
		time.Sleep(pause)
	}
}

func (h *Handler) doneWithin(ctx context.Context, timeout time.Duration, claimID, token string) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return h.done(ctx, claimID, token)
}

// unclaimed is the outcome of an event that could not be claimed.
func unclaimed(err error) (Outcome, error) {
	switch {
	case errors.Is(err, ErrDone):
		return OutcomeDuplicate, nil
	case errors.Is(err, ErrInFlight):
		return OutcomeInFlight, nil
	}
	return OutcomeUnavailable, err
}

// failed is the outcome of an event whose function returned an error.
func failed(failure error) Outcome {
	if errors.Is(failure, ErrMalformedEvent) {
		return OutcomeMalformed
	}
	return OutcomeFailed
}

const theFunction = "the event's function"

// call calls the event's function, and turns a panic of it, or of its error, into an error.
func call(ctx context.Context, function EventFunc, event *Event) (err error) {
	returned := false
	defer recovered(theFunction, &returned, &err)
	err = function(ctx, event)
	returned = true
	return harmless(theFunction, err)
}
