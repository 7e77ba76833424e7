package stackbetest

import (
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
)

// A Misbehaviour is a way in which deliveries go wrong: see [Server.Misbehave].
type Misbehaviour func(*delivery.Misbehaviour)

// Misbehave makes the attempts that begin from now on go wrong in these ways, and in no others:
// without any, the server behaves again.
//
//	server.Misbehave(stackbetest.Duplicate(3), stackbetest.Reorder())
func (s *Server) Misbehave(ways ...Misbehaviour) {
	s.t.Helper()
	var how delivery.Misbehaviour
	for _, way := range ways {
		if way == nil {
			s.t.Fatalf("stackbetest: Misbehave: a Misbehaviour is nil")
		}
		way(&how)
	}
	if how.Copies > delivery.MaxCopies {
		s.t.Fatalf("stackbetest: Misbehave: Duplicate(%d): there may be at most %d copies", how.Copies, delivery.MaxCopies)
	}
	s.reference.Webhooks.Misbehave(how)
}

// Duplicate sends each attempt so many times, once if copies is less than 2, all of them at the same
// time. More than 100 copies fail the test. The delivery is done when one of them is answered with a 2xx.
func Duplicate(copies int) Misbehaviour {
	return func(m *delivery.Misbehaviour) { m.Copies = copies }
}

// Reorder holds new events back until the test waits for them, with [Server.WaitForDeliveries]
// or [Server.Advance], or ends the misbehaviour; they then go out newest first.
func Reorder() Misbehaviour {
	return func(m *delivery.Misbehaviour) { m.Reorder = true }
}

// Late delivers with the timestamp and the signature of so long ago, as a replay or a slow
// network would; a negative duration, of the future. A receiver refuses what is older than its
// tolerance. webhooks.SchemeBody has no timestamp.
func Late(by time.Duration) Misbehaviour {
	return func(m *delivery.Misbehaviour) { m.Late = by }
}

// CorruptBody changes the body after it was signed: the application's id is another.
func CorruptBody() Misbehaviour {
	return func(m *delivery.Misbehaviour) { m.CorruptBody = true }
}

// CorruptSignature signs with a secret that the receiver does not have.
func CorruptSignature() Misbehaviour {
	return func(m *delivery.Misbehaviour) { m.CorruptSignature = true }
}
