package sqlclaims

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// responseGrace is how long after its context's end a call still waits for the driver,
// which has been told, and in most cases is about to return.
const responseGrace = 250 * time.Millisecond

// await calls run on a goroutine of its own, and returns what that returns, or, soon
// after the end of ctx, an error: some drivers wait for a database that is silent
// whatever the context says. What run returns after that is given to discard, unless
// there was an error. A panic of run is one of await.
func await[T any](ctx context.Context, calls *calls, run func() (T, error), discard func(T)) (T, error) {
	results := make(chan returned[T])
	left := make(chan struct{})
	go func() {
		result := try(run)
		select {
		case results <- result:
		case <-left:
			defer calls.returned()
			if result.ok && result.err == nil {
				discard(result.value)
			}
		}
	}()
	result, ok := receive(ctx, results)
	switch {
	case !ok:
		calls.leave()
		close(left)
		return result.value, fmt.Errorf("sqlclaims: the database did not respond in time: %w", ctx.Err())
	case !result.ok:
		panic(result.panicked)
	}
	return result.value, result.err
}

type returned[T any] struct {
	value    T
	err      error
	ok       bool // it did not panic
	panicked any
}

func try[T any](run func() (T, error)) (result returned[T]) {
	defer func() {
		if !result.ok {
			result.panicked = recover()
		}
	}()
	result.value, result.err = run()
	result.ok = true
	return result
}

func receive[T any](ctx context.Context, from <-chan T) (value T, ok bool) {
	select {
	case value = <-from:
		return value, true
	case <-ctx.Done():
	}
	grace := time.NewTimer(responseGrace)
	defer grace.Stop()
	select {
	case value = <-from:
		return value, true
	case <-grace.C:
		return value, false
	}
}

// calls counts the calls that await has left, because the database did not respond.
type calls struct {
	mu   sync.Mutex
	left int
	none chan struct{} // closed when left is 0 again; nil while it is
}

func (c *calls) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left == 0 {
		c.none = make(chan struct{})
	}
	c.left++
}

func (c *calls) returned() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left--
	if c.left == 0 {
		close(c.none)
		c.none = nil
	}
}

func (c *calls) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.left
}

// wait waits until there is none.
func (c *calls) wait(ctx context.Context) error {
	c.mu.Lock()
	none := c.none
	c.mu.Unlock()
	if none == nil {
		return nil
	}
	select {
	case <-none:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
