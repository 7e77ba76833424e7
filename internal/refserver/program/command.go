package program

import "time"

// A change is the effect of a command that passed its checks. It cannot fail.
type change[T any] func() T

// command changes the program. It first processes what is due. decide then either returns an error,
// without having changed anything, or the change. Events that the change appends to the outbox are
// passed to the listener after the lock is released, and before command returns.
func command[T any](p *Program, decide func(s *state, now time.Time) (change[T], error)) (T, error) {
	defer p.Deliver()
	p.mu.Lock()
	defer p.mu.Unlock()

	now := p.now()
	p.state.run(now)
	apply, err := decide(p.state, now)
	if err != nil {
		var none T
		return none, err
	}
	return apply(), nil
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

// NextDue is when the next item of the schedule is due; ok is false if there is none.
func (p *Program) NextDue() (due time.Time, ok bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()

	return p.state.schedule.NextDue()
}
