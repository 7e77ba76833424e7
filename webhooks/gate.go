package webhooks

import "sync"

// gate counts who is inside, lets no call in once it is closed, and tells when the
// last one has left.
type gate struct {
	mu     sync.Mutex
	inside int
	empty  chan struct{} // made by close; closed when it has and no call is inside
}

// enter reports whether the gate is open. Whoever was let in has to leave.
func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.empty != nil {
		return false
	}
	g.inside++
	return true
}

// join lets in another one, whom somebody inside vouches for. Whoever was let in has to
// leave.
func (g *gate) join() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside++
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	if g.empty != nil && g.inside == 0 {
		close(g.empty)
	}
}

// close lets no more calls in. The channel it returns is closed when none is
// inside; it may be called more than once.
func (g *gate) close() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.empty != nil {
		return g.empty
	}
	g.empty = make(chan struct{})
	if g.inside == 0 {
		close(g.empty)
	}
	return g.empty
}
