package page

import (
	"crypto/rand"
	"net/http"
	"sync"
	"time"
)

// Limits of the sessions of a site.
const (
	maxSessions           = 10_000
	maxSessionsOfOne      = 20
	maxSessionTokenLength = 64
)

// A Flash is a message that is shown once, on the next page.
type Flash struct {
	Kind string // "success" or "error"
	Text string
}

// SessionConfig configures [Sessions]. Every field is required.
type SessionConfig struct {
	// Cookie is the name of the cookie, and Path the folder of the pages that it is sent to.
	Cookie, Path string
	// Life is how long a session lasts.
	Life time.Duration
	// Now is the clock of the server.
	Now func() time.Time
}

// Sessions are who is signed in, for a site: in the memory of the server, under a token in a cookie
// that scripts cannot read. They are bounded: the oldest ends when there are too many, of one subject
// or in all. Safe for concurrent use.
type Sessions[T any] struct {
	config SessionConfig

	mu      sync.Mutex
	byToken map[string]*session[T]
	order   []*session[T] // oldest first; ended ones are skipped
}

type session[T any] struct {
	token, subject string
	value          T
	expiresAt      time.Time
	ended          bool
	flash          *Flash
}

// NewSessions returns sessions of nobody.
func NewSessions[T any](config SessionConfig) *Sessions[T] {
	return &Sessions[T]{config: config, byToken: map[string]*session[T]{}}
}

// Start signs in: it sets the cookie of a new session, and ends the one that the request had. subject
// is who it is, such as the id of an app and a customer. secure is whether the reader came by https.
func (s *Sessions[T]) Start(w http.ResponseWriter, r *http.Request, subject string, value T, secure bool) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if before := s.find(r); before != nil {
		s.end(before)
	}
	now := s.config.Now()
	started := &session[T]{token: rand.Text(), subject: subject, value: value, expiresAt: now.Add(s.config.Life)}
	s.makeRoom(now, subject)
	s.byToken[started.token] = started
	s.order = append(s.order, started)
	http.SetCookie(w, s.cookie(started.token, secure, int(s.config.Life/time.Second)))
}

// makeRoom ends sessions that have expired, and the oldest where there are too many.
func (s *Sessions[T]) makeRoom(now time.Time, subject string) {
	var living []*session[T]
	same := 0
	for _, one := range s.order {
		if one.ended || !now.Before(one.expiresAt) {
			s.end(one)
			continue
		}
		living = append(living, one)
		if one.subject == subject {
			same++
		}
	}
	for i, one := range living {
		tooMany := len(living)-i >= maxSessions
		if tooMany || one.subject == subject && same >= maxSessionsOfOne {
			s.end(one)
			if one.subject == subject {
				same--
			}
		}
	}
	s.order = living
}

// Find returns who is signed in; ok is false if nobody is.
func (s *Sessions[T]) Find(r *http.Request) (value T, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()

	found := s.find(r)
	if found == nil {
		return value, false
	}
	return found.value, true
}

func (s *Sessions[T]) find(r *http.Request) *session[T] {
	cookie, err := r.Cookie(s.config.Cookie)
	if err != nil || len(cookie.Value) > maxSessionTokenLength {
		return nil
	}
	found := s.byToken[cookie.Value]
	if found == nil || !s.config.Now().Before(found.expiresAt) {
		return nil
	}
	return found
}

// End signs out, and removes the cookie.
func (s *Sessions[T]) End(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if found := s.find(r); found != nil {
		s.end(found)
	}
	http.SetCookie(w, s.cookie("", false, -1))
}

func (s *Sessions[T]) end(one *session[T]) {
	one.ended = true
	delete(s.byToken, one.token)
}

// Clear ends all sessions, for a server whose state is replaced.
func (s *Sessions[T]) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.byToken, s.order = map[string]*session[T]{}, nil
}

// SetFlash leaves a message for the next page.
func (s *Sessions[T]) SetFlash(r *http.Request, flash Flash) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if found := s.find(r); found != nil {
		found.flash = &flash
	}
}

// TakeFlash returns the message that was left, and removes it; nil if there is none. A HEAD request
// leaves it.
func (s *Sessions[T]) TakeFlash(r *http.Request) *Flash {
	s.mu.Lock()
	defer s.mu.Unlock()

	found := s.find(r)
	if found == nil || found.flash == nil || r.Method == http.MethodHead {
		return nil
	}
	flash := found.flash
	found.flash = nil
	return flash
}

func (s *Sessions[T]) cookie(value string, secure bool, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: s.config.Cookie, Value: value, Path: s.config.Path, MaxAge: maxAge,
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	}
}
