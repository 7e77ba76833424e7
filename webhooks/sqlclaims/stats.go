package sqlclaims

import "context"

// Stats are a [Store]'s counts.
type Stats struct {
	// Purged is how many rows were deleted, by Purge and as events came.
	Purged int64

	// PurgeFailures is how many batches of rows could not be deleted. If it grows, so
	// does the table: the log has the reason, see [WithLogger].
	PurgeFailures int64

	// Unresponsive is how many calls have returned because their context ended, while
	// the driver still waits for the database: see [Store.Wait].
	Unresponsive int
}

// Stats returns the counts since the Store was made.
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

// Wait waits until the database has responded to all calls. If ctx ends first, it
// returns its error. A call without a response keeps a goroutine and a connection of
// the pool until the driver gives up; then the Store undoes what it can. If a process
// keeps running after it closes the database, it calls Wait before that.
func (s *Store) Wait(ctx context.Context) error {
	if !s.made() {
		return errNotMade
	}
	return s.calls.wait(ctx)
}
