package claimstest

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stackbe/stackbe-go/webhooks"
)

var tokenTests = []test{
	{"each claim has a token of its own", func(t *testing.T, s *store) {
		had := make(map[string]bool)
		for n := range 20 {
			token := s.claim(t, event)
			if token == "" || had[token] {
				t.Fatalf("claim %d has the token %q, want one that no other claim has had", n, token)
			}
			had[token] = true
			s.release(t, event, token)
		}
	}},
	{"the token of a released claim settles nothing", func(t *testing.T, s *store) {
		old := s.claim(t, event)
		s.release(t, event, old)
		s.lose(t, "the token of a released claim", event, old)
		s.lose(t, "no token, of a released event", event, "")
		current := s.claim(t, event)
		s.lose(t, "the token of a released claim", event, old)
		s.refuse(t, event, webhooks.ErrInFlight)
		s.done(t, event, current)
		s.lose(t, "the token of a released claim, when the event is done", event, old)
		s.refuse(t, event, webhooks.ErrDone)
	}},
	{"a token of another event settles nothing", func(t *testing.T, s *store) {
		otherToken := s.claim(t, other)
		current := s.claim(t, event)
		if otherToken == current {
			return // the store tells claims apart by event and token
		}
		s.lose(t, "another event's token", event, otherToken)
		s.refuse(t, event, webhooks.ErrInFlight)
		s.refuse(t, other, webhooks.ErrInFlight)
		s.done(t, event, current)
		s.lose(t, "another event's token, when the event is done", event, otherToken)
	}},
	{"a made-up or empty token settles nothing", func(t *testing.T, s *store) {
		token := s.claim(t, event)
		for _, made := range append(almost(token), "", "made up", "00000000-0000-0000-0000-000000000000", "*", "%", "0", event) {
			if made != token {
				s.lose(t, "the made-up token "+short(made), event, made)
			}
		}
		s.refuse(t, event, webhooks.ErrInFlight)
		s.done(t, event, token)
		for _, made := range append(almost(token), "", "made up", "*", "%") {
			if made != token {
				s.lose(t, "the made-up token "+short(made)+", when the event is done", event, made)
			}
		}
		s.refuse(t, event, webhooks.ErrDone)
	}},
	{"an unclaimed event cannot be settled", func(t *testing.T, s *store) {
		for _, token := range []string{"", "made up"} {
			s.lose(t, "a token of an unclaimed event", event, token)
		}
		s.handle(t, event)
	}},
	{"the token of a claim that lapsed settles nothing once another was released", func(t *testing.T, s *store) {
		old := s.lapse(t, event)[0]
		s.release(t, event, s.claim(t, event))
		s.lose(t, "the token of a claim before", event, old)
		s.handle(t, event)
	}},
}

// almost are tokens that are nearly the same.
func almost(token string) []string {
	_, first := utf8.DecodeRuneInString(token)
	_, last := utf8.DecodeLastRuneInString(token)
	return []string{
		token[first:], token[:len(token)-last], token[:first], token[len(token)-last:],
		token + " ", " " + token, token + "x", "x" + token, token + token, "0" + token,
		swapCase(token),
	}
}

func swapCase(token string) string {
	swapped := []rune(token)
	for i, r := range swapped {
		if unicode.IsUpper(r) {
			swapped[i] = unicode.ToLower(r)
		} else {
			swapped[i] = unicode.ToUpper(r)
		}
	}
	return string(swapped)
}
