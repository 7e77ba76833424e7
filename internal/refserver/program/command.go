package program

import "time"

// A change is the effect of a command that passed its checks. It cannot fail.
type change[T any] func() T

// command changes the program. It first processes what is due: in slices, so that nobody waits for the
// lock until all of a long time is processed. decide then either returns an error, without having
// changed anything, or the change. Events are passed to the listener after the lock is released: those
// of a slice before the next slice, those of the change before command returns.
func command[T any](p *Program, decide func(s *state, now time.Time) (change[T], error)) (T, error) {
	for {
		made, err, settled := decideIfSettled(p, decide)
		p.Deliver()
		if settled {
			return made, err
		}
	}
}

// decideIfSettled lets a slice happen of what is due. Every caller does so, in the order of time: none
// can keep another from coming to an end, and each finds what was due at its own time done.
func decideIfSettled[T any](p *Program, decide func(s *state, now time.Time) (change[T], error)) (made T, err error, settled bool) {
	p.mu.Lock()
	defer p.mu.Unlock()

	now := p.now()
	if p.state.isDue(now) {
		p.changes.Add(1)
	}
	if !p.state.run(now) {
		return made, nil, false
	}
	apply, err := decide(p.state, now)
	if err != nil {
		return made, err, true
	}
	p.changes.Add(1)
	return apply(), nil, true
}

// query reads the program, after processing what is due. If nothing is, it does not block other
// queries.
func query[T any](p *Program, look func(s *state, now time.Time) (T, error)) (T, error) {
	if found, err, settled := lookIfSettled(p, look); settled {
		return found, err
	}
	return command(p, func(s *state, now time.Time) (change[T], error) {
		found, err := look(s, now)
		return func() T { return found }, err
	})
}

func lookIfSettled[T any](p *Program, look func(s *state, now time.Time) (T, error)) (found T, err error, settled bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()

	now := p.now()
	if p.state.isDue(now) {
		return found, nil, false
	}
	found, err = look(p.state, now)
	return found, err, true
}

// RunDue processes what is due.
func (p *Program) RunDue() {
	_, _ = query(p, func(*state, time.Time) (struct{}, error) { return struct{}{}, nil })
}

// NextDue returns when the next item that still applies is due; ok is false if there is none.
func (p *Program) NextDue() (due time.Time, ok bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()

	return p.state.schedule.NextDue()
}
