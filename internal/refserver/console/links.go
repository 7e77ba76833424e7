package console

import (
	"crypto/rand"
	"slices"
	"sync"
	"time"
)

// LinkLife is how long a sign-in link is valid, on the clock of the server.
const LinkLife = 15 * time.Minute

// maxLinks is how many sign-in links are remembered, the newest.
const maxLinks = 1_000

// links are the sign-in links. They belong to no document: a restored server has those that it had.
type links struct {
	now func() time.Time

	mu   sync.Mutex
	made []*link // oldest first
}

type link struct {
	token, adminToken string
	expiresAt         time.Time
	used              bool
}

// A linkState says whether a link can be used.
type linkState int

const (
	linkUnknown linkState = iota
	linkValid
	linkUsed
	linkExpired
)

func (l *links) add(adminToken string) (token string) {
	l.mu.Lock()
	defer l.mu.Unlock()

	if more := len(l.made) - maxLinks + 1; more > 0 {
		l.made = slices.Delete(l.made, 0, more)
	}
	made := &link{token: rand.Text(), adminToken: adminToken, expiresAt: l.now().Add(LinkLife)}
	l.made = append(l.made, made)
	return made.token
}

// look says what is behind a link, and does not use it.
func (l *links) look(token string) (adminToken string, state linkState) {
	l.mu.Lock()
	defer l.mu.Unlock()

	found, state := l.find(token)
	return found.adminToken, state
}

// use uses a link that is valid.
func (l *links) use(token string) (adminToken string, state linkState) {
	l.mu.Lock()
	defer l.mu.Unlock()

	found, state := l.find(token)
	if state == linkValid {
		found.used = true
	}
	return found.adminToken, state
}

func (l *links) find(token string) (*link, linkState) {
	at := slices.IndexFunc(l.made, func(made *link) bool { return made.token == token })
	now := l.now()
	switch {
	case at < 0:
		return &link{}, linkUnknown
	case l.made[at].used:
		return l.made[at], linkUsed
	case !now.Before(l.made[at].expiresAt), l.made[at].expiresAt.Sub(now) > LinkLife: // a restored clock can be behind
		return l.made[at], linkExpired
	default:
		return l.made[at], linkValid
	}
}

// tokens are those of the links that are remembered.
func (l *links) tokens() []string {
	l.mu.Lock()
	defer l.mu.Unlock()

	var all []string
	for _, made := range l.made {
		all = append(all, made.token)
	}
	return all
}
