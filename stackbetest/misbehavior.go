package stackbetest

import (
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
)

// A Misbehavior is a way in which deliveries go wrong: see [Server.Misbehave]. Each function below
// returns one.
type Misbehavior struct {
	apply func(*delivery.Misbehavior)
}

// Misbehave makes new attempts go wrong in these ways only. Without arguments, the server behaves
// again.
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

// Duplicate sends that many copies of each attempt at the same time; one if copies is less than 2.
// More than 100 copies fail the test. The delivery is done when one of them gets a 2xx response.
func Duplicate(copies int) Misbehavior {
	return Misbehavior{func(m *delivery.Misbehavior) { m.Copies = copies }}
}

// Reorder holds new events back until the test calls [Server.WaitForDeliveries] or
// [Server.Advance], or ends the misbehavior. They are then sent newest first.
func Reorder() Misbehavior {
	return Misbehavior{func(m *delivery.Misbehavior) { m.Reorder = true }}
}

// Late delivers with a timestamp and signature that are that old, as a replay or a slow network
// would; with a negative duration, they are in the future. A receiver refuses a delivery older
// than its tolerance. webhooks.SchemeBody has no timestamp.
func Late(by time.Duration) Misbehavior {
	return Misbehavior{func(m *delivery.Misbehavior) { m.Late = by }}
}

// CorruptBody changes the id in the body after it was signed: that of the application, or of the
// record that a general event is about.
func CorruptBody() Misbehavior {
	return Misbehavior{func(m *delivery.Misbehavior) { m.CorruptBody = true }}
}

// CorruptSignature signs with a secret that the receiver does not have.
func CorruptSignature() Misbehavior {
	return Misbehavior{func(m *delivery.Misbehavior) { m.CorruptSignature = true }}
}
