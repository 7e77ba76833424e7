package refserver

import (
	"errors"
	"math"
	"sync/atomic"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// clock is the one clock of a server: another one, and how far it was advanced.
type clock struct {
	base  func() time.Time
	ahead atomic.Int64
	moves atomic.Uint64 // how often it was advanced
}

func (c *clock) advance(d time.Duration) {
	c.ahead.Add(int64(d))
	c.moves.Add(1)
}

// now stands still at the end of the last year.
func (c *clock) now() time.Time {
	now := c.base().Add(time.Duration(c.ahead.Load()))
	if now.UTC().Year() > program.LastYear {
		return time.Date(program.LastYear, time.December, 31, 23, 59, 59, 0, time.UTC)
	}
	return now
}

// reaches reports whether the clock can be advanced by d.
func (c *clock) reaches(d time.Duration) bool {
	return d <= math.MaxInt64-time.Duration(c.ahead.Load()) && c.now().Add(d).UTC().Year() <= program.LastYear
}

// Now is the server's time: that of its clock, and all that it was advanced by. It stands still at the end
// of the year 9998.
func (s *Server) Now() time.Time { return s.clock.now() }

// The errors of [Server.Advance].
var (
	ErrBackwards = errors.New("time cannot go backwards")
	ErrTooFar    = errors.New("a server can be advanced by 292 years in all, up to the year 9998")
)

// Advance moves the server's time forward. It stops at each time at which something falls due,
// until the programs have acted and the deliveries have been attempted. For a negative duration it
// returns [ErrBackwards], for one that is too long [ErrTooFar], and does not move the time. A
// webhook's receiver must not call it, since Advance waits for the receiver.
func (s *Server) Advance(d time.Duration) error {
	s.advancing.Lock()
	defer s.advancing.Unlock()

	if d < 0 {
		return ErrBackwards
	}
	if !s.clock.reaches(d) {
		return ErrTooFar
	}
	for {
		s.settle()
		due, waiting := s.NextDue()
		step := max(due.Sub(s.Now()), 0)
		if !waiting || step > d {
			break
		}
		s.clock.advance(step)
		d -= step
	}
	s.clock.advance(d)
	s.settle()
	return nil
}

// settle processes what is due, and delivers the events that result.
func (s *Server) settle() {
	for app := range s.directory.Apps() {
		app.Program.RunDue()
	}
	s.Webhooks.Settle()
}

// NextDue is when a program or a delivery falls due next; ok is false if none will.
func (s *Server) NextDue() (due time.Time, ok bool) {
	due, ok = s.Webhooks.NextDue()
	for app := range s.directory.Apps() {
		if at, waiting := app.Program.NextDue(); waiting && (!ok || at.Before(due)) {
			due, ok = at, true
		}
	}
	return due, ok
}
