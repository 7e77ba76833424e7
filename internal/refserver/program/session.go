package program

import (
	"encoding/base32"
	"strings"
	"time"
)

// A Session authorizes requests of a customer.
type Session struct {
	// Token names the app: see [SessionApp].
	Token      string    `json:"token"`
	CustomerID string    `json:"customerId"`
	ExpiresAt  time.Time `json:"expiresAt"`
}

const (
	// SessionLife is how long a session is valid.
	SessionLife = 90 * day
	// sessionRemembered is how long an expired session is distinguished from an unknown one.
	sessionRemembered = 30 * day
)

type sessions struct{ *book[Session] }

func newSessions() sessions { return sessions{newBook(func(s Session) string { return s.Token })} }

// SignIn creates a session of a customer. It returns [NotFound].
func (p *Program) SignIn(customerID string) (Session, error) {
	return command(p, func(s *state, now time.Time) (change[Session], error) {
		if _, err := s.customers.find(customerID); err != nil {
			return nil, err
		}
		return func() Session {
			session := Session{
				Token:      sessionToken(p.appID, s.ids.Secret("session", "")),
				CustomerID: customerID,
				ExpiresAt:  now.Add(SessionLife),
			}
			s.sessions.put(session)
			s.at(session.due())
			return session
		}, nil
	})
}

func (s Session) due() Due {
	return Due{At: s.ExpiresAt.Add(sessionRemembered), Kind: DueSessionForgotten, ID: s.Token}
}

func (s *state) forgetSession(due Due) { s.sessions.remove(due.ID) }

// Session returns the session that a token stands for. It returns [NotFound] and [Expired].
func (p *Program) Session(token string) (Session, error) {
	return query(p, func(s *state, now time.Time) (Session, error) {
		session, known := s.sessions.get(token)
		switch {
		case !known:
			return Session{}, &NotFound{Message: "This session does not exist"}
		case !now.Before(session.ExpiresAt):
			return Session{}, &Expired{"This session has expired"}
		}
		return session, nil
	})
}

const sessionPrefix = "sess_"

// secretLength is the length of an ids.Source.Secret without its prefix.
const secretLength = 26

var sessionEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// sessionToken returns a token of letters and digits that holds the secret and the id of the app.
func sessionToken(appID, secret string) string {
	return sessionPrefix + secret + sessionEncoding.EncodeToString([]byte(appID))
}

// SessionApp returns the app that a session token names; ok is false if the token is not a session's.
func SessionApp(token string) (appID string, ok bool) {
	text, ok := strings.CutPrefix(token, sessionPrefix)
	if !ok || len(text) <= secretLength || len(text) > maxToken {
		return "", false
	}
	decoded, err := sessionEncoding.DecodeString(text[secretLength:])
	return string(decoded), err == nil
}
