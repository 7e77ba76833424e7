package stackbetest

import (
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
)

// A Misbehavior is a way in which deliveries go wrong: see [Server.Misbehave]. The functions
// below return one each.
type Misbehavior struct {
	apply func(*delivery.Misbehavior)
}

// Misbehave makes the attempts that begin from now on go wrong in these ways, and in no others:
// without any, the server behaves again.
//
//	server.Misbehave(stackbetest.Duplicate(3), stackbetest.Reorder())
func (s *Server) Misbehave(ways ...Misbehavior) {
	s.t.Helper()
	var how delivery.Misbehavior
	for _, way := range ways {
		if way.apply == nil {
			s.t.Fatalf("stackbetest: Misbehave: a Misbehavior is zero")
		}
		way.apply(&how)
	}
	if how.Copies > delivery.MaxCopies {
		s.t.Fatalf("stackbetest: Misbehave: Duplicate(%d): there may be at most %d copies", how.Copies, delivery.MaxCopies)
	}
	s.reference.Webhooks.Misbehave(how)
}

// Duplicate sends each attempt so many times, once if copies is less than 2, all of them at the same
// time. More than 100 copies fail the test. The delivery is done when one of them gets a 2xx response.
func Duplicate(copies int) Misbehavior {
	return Misbehavior{func(m *delivery.Misbehavior) { m.Copies = copies }}
}

// Reorder holds new events back until the test waits for them, with [Server.WaitForDeliveries]
// or [Server.Advance], or ends the misbehavior; they then go out newest first.
func Reorder() Misbehavior {
	return Misbehavior{func(m *delivery.Misbehavior) { m.Reorder = true }}
}

// Late delivers with the timestamp and the signature of so long ago, as a replay or a slow
// network would; a negative duration, of the future. A receiver refuses what is older than its
// tolerance. webhooks.SchemeBody has no timestamp.
func Late(by time.Duration) Misbehavior {
	return Misbehavior{func(m *delivery.Misbehavior) { m.Late = by }}
}

// CorruptBody changes the body after it was signed: the id of the application, or of what a
// general event is about, is another.
func CorruptBody() Misbehavior {
	return Misbehavior{func(m *delivery.Misbehavior) { m.CorruptBody = true }}
}

// CorruptSignature signs with a secret that the receiver does not have.
func CorruptSignature() Misbehavior {
	return Misbehavior{func(m *delivery.Misbehavior) { m.CorruptSignature = true }}
}
