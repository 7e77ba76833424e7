package webhooks

import (
	"context"
	"errors"
	"sync"
	"time"
)

// runInTransaction lets the store run the function on a separate goroutine: the response
// waits for the function, but not for a silent store. The outcome of the transaction is
// then unknown, and the next delivery finds out.
func (h *Handler) runInTransaction(ctx context.Context, function EventFunc, event *Event) (Outcome, error) {
	c := &transactionalCall{limited: ctx, function: function, event: event}
	results := make(chan error, 1)
	h.gate.join()
	go func() {
		defer h.gate.leave()
		err := errExited
		defer func() { results <- err }()
		err = h.callRun(ctx, h.claimID(event), c.handle)
	}()
	err, ok := receiveSoon(ctx, results)
	if !ok {
		err = h.afterFunction(c, results)
	}
	return c.outcome(err)
}

// afterFunction waits for the store a while longer, if it has called the function, from
// when that has returned.
func (h *Handler) afterFunction(c *transactionalCall, results <-chan error) error {
	returned := c.end()
	if returned == nil {
		return errStoreSilent
	}
	<-returned
	select {
	case err := <-results:
		return err
	case <-time.After(h.settle):
		return errStoreSilent
	}
}

// transactionalCall is the call of an event's function in a store's transaction.
type transactionalCall struct {
	limited  context.Context // ends with the function's time
	function EventFunc
	event    *Event

	mu       sync.Mutex
	over     bool          // the function is called no more
	returned chan struct{} // closed when the function has returned; nil if it was not called
	failure  error         // what it returned
}

// handle is the function that the store calls.
func (c *transactionalCall) handle(ctx context.Context) error {
	returned := c.begin()
	if returned == nil {
		return errOver
	}
	failure := errExited
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.failure = failure
		close(returned)
	}()
	failure = call(ctx, c.function, c.event)
	return failure
}

// begin returns nil if the function may not be called any more.
func (c *transactionalCall) begin() (returned chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || c.limited.Err() != nil {
		return nil
	}
	c.returned = make(chan struct{})
	return c.returned
}

// end prevents further calls of the function. It returns a channel that is closed when the
// function has returned, nil if it was not called.
func (c *transactionalCall) end() (returned <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	return c.returned
}

// outcome tells an error of the function, which is a failure of the event, from one of the
// store. It waits for a function that runs.
func (c *transactionalCall) outcome(err error) (Outcome, error) {
	returned := c.end()
	called := returned != nil
	if called {
		<-returned
	}
	failure := c.failure
	switch {
	case failure != nil && err == errStoreSilent:
		return failed(failure), errors.Join(failure, err)
	case failure != nil && err != nil:
		return failed(failure), err // with the store's own failure, if it has one
	case failure != nil:
		return failed(failure), failure
	case called && err == nil:
		return OutcomeHandled, nil
	case called:
		return OutcomeUnavailable, err
	case err == nil:
		return OutcomeUnavailable, errors.New("webhooks: the claims store neither called the event's function nor said why")
	}
	return unclaimed(err)
}
