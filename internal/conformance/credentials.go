package conformance

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stackbe/stackbe-go"
)

var credentialCases = []testCase{
	{"an endpoint without a credential is unauthorized", documented, 0, withoutCredential},
	{"an endpoint with an unknown credential is unauthorized", documented, 0, withUnknownCredential},
	{"an endpoint with a credential of another kind is unauthorized", contract, 0, withAnotherKind},
	{"an admin endpoint of another app is forbidden", contract, needForeign, adminOfAnotherApp},
	{"an admin endpoint of an app that does not exist is forbidden", contract, needAdmin, adminOfNoApp},
	{"a session that has expired is unauthorized", contract, needControl | needAdmin | alone, anExpiredSession},
}

func withoutCredential(t *testing.T, s *suite) {
	s.forEach(t, every, func(t *testing.T, e endpoint) {
		request := s.validRequest(t, e)
		request.credential = credential{}
		s.requireRefused(t, http.StatusUnauthorized, stackbe.CodeUnauthorized, s.send(t, request))
	})
}

func withUnknownCredential(t *testing.T, s *suite) {
	s.forEach(t, every, func(t *testing.T, e endpoint) {
		request := s.validRequest(t, e)
		request.credential.value += "x"
		s.requireRefused(t, http.StatusUnauthorized, s.unauthorizedCode(e.kind, request.credential), s.send(t, request))
	})
}

func withAnotherKind(t *testing.T, s *suite) {
	s.forEach(t, every, func(t *testing.T, e endpoint) {
		request := s.validRequest(t, e)
		for _, other := range s.otherKinds(t, e.kind) {
			request.credential = other
			s.requireRefused(t, http.StatusUnauthorized, s.unauthorizedCode(e.kind, other), s.send(t, request))
		}
	})
}

// unauthorizedCode is the code for a credential that is not of the kind, or is unknown.
func (s *suite) unauthorizedCode(kind kind, sent credential) string {
	if kind == session && sent.header == s.contract.SessionHeader {
		return stackbe.CodeSessionInvalid
	}
	return stackbe.CodeUnauthorized
}

// otherKinds are valid credentials in the header of another kind of credential.
func (s *suite) otherKinds(t *testing.T, kind kind) []credential {
	t.Helper()
	s.require(t, needKey|needAdmin|needSession)
	switch kind {
	case key:
		return []credential{s.asKey(s.target.AdminToken), s.asKey(s.partner(t).token), s.asAdmin(s.target.AdminToken), s.asSession(s.partner(t).token)}
	case session:
		return []credential{s.asSession(s.target.APIKey), s.asSession(s.target.AdminToken), s.asKey(s.target.APIKey)}
	default:
		return []credential{s.asAdmin(s.target.APIKey), s.asAdmin(s.partner(t).token), s.asKey(s.target.APIKey)}
	}
}

func adminOfAnotherApp(t *testing.T, s *suite) {
	s.forEach(t, endpoint.ofAdmin, func(t *testing.T, e endpoint) {
		request := s.validRequest(t, e)
		request.credential = s.asAdmin(s.target.Foreign.AdminToken)
		s.requireRefused(t, http.StatusForbidden, stackbe.CodeForbidden, s.send(t, request))
	})
}

// An admin must not learn whether another app exists.
func adminOfNoApp(t *testing.T, s *suite) {
	s.forEach(t, endpoint.ofAdmin, func(t *testing.T, e endpoint) {
		request := s.validRequest(t, e)
		request.path = strings.Replace(request.path, "/"+s.target.AppID, "/conformance-nothing", 1)
		s.requireRefused(t, http.StatusForbidden, stackbe.CodeForbidden, s.send(t, request))
	})
}

const sessionLife = 90 * day

func anExpiredSession(t *testing.T, s *suite) {
	partner := s.partner(t)
	s.target.Control.Advance(sessionLife + day)
	_, err := partner.client.Affiliates.GetCurrent(t.Context())
	s.requireErrorIs(t, err, stackbe.ErrUnauthorized, stackbe.CodeSessionExpired)

	s.target.Control.Advance(30 * day) // it is forgotten
	_, err = partner.client.Affiliates.GetCurrent(t.Context())
	s.requireErrorIs(t, err, stackbe.ErrUnauthorized, stackbe.CodeSessionInvalid)
}
