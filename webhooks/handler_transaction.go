package webhooks

import (
	"context"
	"errors"
	"sync"
	"time"
)

// runInTransaction has the store run the function, on a goroutine of its own: the response
// waits for the function, but not for a store that is silent. What such a store makes of
// the transaction is not known then, and another delivery finds out.
func (h *Handler) runInTransaction(ctx context.Context, function EventFunc, event *Event) (Outcome, error) {
	c := &transactionalCall{function: function, event: event}
	results := make(chan error, 1)
	h.gate.join()
	go func() {
		defer h.gate.leave()
		err := errExited
		defer func() { results <- err }()
		err = h.callRun(ctx, h.claimID(event), c.handle)
	}()
	err, ok := receiveSoon(ctx, results)
	if ok {
		return c.outcome(err)
	}
	returned := c.running()
	if returned == nil {
		return c.outcome(errStoreSilent)
	}
	select {
	case err = <-results:
		return c.outcome(err)
	case <-returned:
	}
	select {
	case err = <-results:
		return c.outcome(err)
	case <-time.After(h.settle):
		return c.outcome(errStoreSilent)
	}
}

// transactionalCall is the call of an event's function in a store's transaction.
type transactionalCall struct {
	function EventFunc
	event    *Event

	mu       sync.Mutex
	over     bool          // the response is decided
	returned chan struct{} // closed when the function has returned; nil if it was not called
	failure  error         // what it returned
}

// errOver is for a store that calls the function when the response is decided.
var errOver = errors.New("webhooks: the time to call the event's function is over")

// handle is what the store calls.
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
	if c.over {
		return nil
	}
	c.returned = make(chan struct{})
	return c.returned
}

// running returns what is closed when the function has returned, nil if it was not called
// and will not be.
func (c *transactionalCall) running() (returned <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = c.returned == nil
	return c.returned
}

// end decides the response: the function is not called any more. It waits for one that
// runs.
func (c *transactionalCall) end() (called bool, failure error) {
	c.mu.Lock()
	c.over = true
	returned := c.returned
	c.mu.Unlock()
	if returned == nil {
		return false, nil
	}
	<-returned
	return true, c.failure
}

// outcome tells an error of the function, which is a failure of the event, from one of the
// store.
func (c *transactionalCall) outcome(err error) (Outcome, error) {
	called, failure := c.end()
	switch {
	case failure != nil && err == errStoreSilent:
		return failed(failure), errors.Join(failure, err)
	case failure != nil && err != nil:
		return failed(failure), err // with the store's own failure, if it has one
	case failure != nil:
		return failed(failure), failure
	case called && err == nil:
		return Handled, nil
	case called:
		return Unavailable, err
	case err == nil:
		return Unavailable, errors.New("webhooks: the claims store neither called the event's function nor said why")
	}
	return unclaimed(err)
}
