package sqlclaims

import "context"

// Stats are a [Store]'s counts.
type Stats struct {
	// Purged is how many rows were deleted, by Purge and as events came.
	Purged int64

	// PurgeFailures is how many batches of rows could not be deleted. One that grows says
	// that the table does, too: the log has the reason, see [WithLogger].
	PurgeFailures int64

	// Unresponsive is how many calls have returned, because their time was over, while
	// the driver still waits for the database: see [Store.Wait].
	Unresponsive int
}

// Stats returns what was counted since the Store was made.
func (s *Store) Stats() Stats {
	if !s.made() {
		return Stats{}
	}
	return Stats{
		Purged:        s.purged.Load(),
		PurgeFailures: s.purgeFailures.Load(),
		Unresponsive:  s.calls.count(),
	}
}

// Wait waits until no call is left that the database has not responded to, or until ctx
// ends, whose error it then returns. Each such call has a goroutine and a connection of
// the pool until the driver gives up, and then undoes what it can. A process that goes
// on after it has closed the database calls Wait before that.
func (s *Store) Wait(ctx context.Context) error {
	if !s.made() {
		return errNotMade
	}
	return s.calls.wait(ctx)
}
