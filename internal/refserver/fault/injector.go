package fault

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

// maxFaults is how many faults there may be at once.
const maxFaults = 1000

// An Injector knows faults, and which of them acts on a request. The zero value has none. It is safe
// for concurrent use.
type Injector struct {
	some atomic.Bool // faults there are

	mu     sync.Mutex
	faults []*armed // in the order in which they were added
	added  int
}

// armed is a fault, and what it has done.
type armed struct {
	Fault
	id      string
	path    matcher
	matched int
	fired   int
}

// A State is a fault and what it has done. A fault that is used up stays until it is removed.
type State struct {
	ID string `json:"id"`
	Fault
	// Matched is how many requests it saw: those that were let through, and those that it acted on.
	Matched int `json:"matched"`
	// Fired is how many requests it acted on.
	Fired int `json:"fired"`
}

// Add adds a fault and returns its id. If the fault is invalid, the error says why.
func (i *Injector) Add(f Fault) (id string, err error) {
	if err := f.Check(); err != nil {
		return "", err
	}
	f.Header = f.Header.Clone()
	path, _ := newMatcher(f.Path) // checked

	i.mu.Lock()
	defer i.mu.Unlock()

	if len(i.faults) == maxFaults {
		return "", fmt.Errorf("there are %d faults already; remove some first", maxFaults)
	}
	i.added++
	id = "fault_" + strconv.Itoa(i.added)
	i.faults = append(i.faults, &armed{Fault: f, id: id, path: path})
	i.some.Store(true)
	return id, nil
}

// Remove removes a fault and returns what it has done; ok is false if there is none with the id.
func (i *Injector) Remove(id string) (state State, ok bool) {
	i.mu.Lock()
	defer i.mu.Unlock()

	at := slices.IndexFunc(i.faults, func(a *armed) bool { return a.id == id })
	if at < 0 {
		return State{}, false
	}
	state = i.faults[at].state()
	i.faults = slices.Delete(i.faults, at, at+1)
	i.some.Store(len(i.faults) > 0)
	return state, true
}

// Clear removes all faults.
func (i *Injector) Clear() {
	i.mu.Lock()
	defer i.mu.Unlock()

	i.faults = nil
	i.some.Store(false)
}

// List returns the faults, in the order in which they were added.
func (i *Injector) List() []State {
	i.mu.Lock()
	defer i.mu.Unlock()

	all := make([]State, len(i.faults))
	for at, a := range i.faults {
		all[at] = a.state()
	}
	return all
}

// Get returns the fault with the id; ok is false if there is none.
func (i *Injector) Get(id string) (state State, ok bool) {
	i.mu.Lock()
	defer i.mu.Unlock()

	for _, a := range i.faults {
		if a.id == id {
			return a.state(), true
		}
	}
	return State{}, false
}

func (a *armed) state() State {
	shown := State{ID: a.id, Fault: a.Fault, Matched: a.matched, Fired: a.fired}
	shown.Header = a.Header.Clone()
	return shown
}

// Take returns the fault that acts on a request, and its id; ok is false if none does. Faults see a
// request in the order in which they were added, until one acts on it.
func (i *Injector) Take(r *http.Request) (f Fault, id string, ok bool) {
	if !i.some.Load() {
		return Fault{}, "", false
	}
	i.mu.Lock()
	defer i.mu.Unlock()

	for _, a := range i.faults {
		if a.Times > 0 && a.fired == a.Times || !a.matches(r) {
			continue
		}
		a.matched++
		if a.matched > a.After {
			a.fired++
			return a.Fault, a.id, true
		}
	}
	return Fault{}, "", false
}
