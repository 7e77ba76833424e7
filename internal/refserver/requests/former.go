package requests

// A period is the time between two calls of [Log.Replaced].
type period struct {
	former []string // secrets that were replaced when it ended
	next   *period  // nil until it has ended
}

// Replaced tells the log of secrets that are no longer among those of [Config].Secrets. The requests up to
// now, those in flight too, are redacted of them for as long as they are kept.
func (l *Log) Replaced(secrets []string) {
	l.mu.Lock()
	defer l.mu.Unlock()

	ended := l.present.Load()
	ended.former, ended.next = secrets, &period{}
	l.present.Store(ended.next)
}

// former are the secrets that were replaced since a request had begun, those of the period in which it
// ended included. A request may meet the secrets of the next period shortly before that begins.
func (l *Log) former(of *kept) []string {
	l.mu.Lock()
	defer l.mu.Unlock()

	all := of.began.former
	for p := of.began; p != of.ended; {
		p = p.next
		all = append(all[:len(all):len(all)], p.former...)
	}
	if next := of.ended.next; next != nil {
		all = append(all[:len(all):len(all)], next.former...)
	}
	return all
}
