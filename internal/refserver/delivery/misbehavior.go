package delivery

import "time"

// Misbehavior is how attempts go wrong on purpose. The zero value is good behavior.
type Misbehavior struct {
	// Copies, if above 1, is how many times each attempt is sent, all at the same time: at most
	// [MaxCopies].
	Copies int
	// Reorder holds the first attempts of events back until [Dispatcher.Settle], which makes
	// them newest first.
	Reorder bool
	// Late is how long ago the signature says that it was made.
	Late time.Duration
	// CorruptBody changes an id in the data after the body was signed: the application's, or that of
	// what a general event is about.
	CorruptBody bool
	// CorruptSignature signs with a secret that the receiver does not have.
	CorruptSignature bool
}
