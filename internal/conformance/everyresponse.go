package conformance

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// These judge the responses to all cases that have run so far, and to a request of their own.
var everyResponseCases = []testCase{
	{"says where the rate limit stands", documented, 0, everyResponseHasRateLimits},
	{"that refuses has the documented body", documented, 0, everyErrorIsDocumented},
	{"that refuses has a code", contract, 0, everyErrorHasACode},
	{"names the request, each with another id", contract, 0, everyResponseNamesItsRequest},
	{"has the date of the clock that the rate limit goes by", contract, 0, everyResponseIsDated},
}

func everyResponseHasRateLimits(t *testing.T, s *suite) {
	assert.Empty(t, s.judged(t).withoutRateLimit)
}

func everyErrorIsDocumented(t *testing.T, s *suite) {
	assert.Empty(t, s.judged(t).undocumentedErrors)
}

func everyErrorHasACode(t *testing.T, s *suite) {
	assert.Empty(t, s.judged(t).withoutCode)
}

func everyResponseNamesItsRequest(t *testing.T, s *suite) {
	judged := s.judged(t)
	assert.Empty(t, judged.withoutRequestID)
	for id, count := range judged.requestIDs {
		assert.Equal(t, 1, count, "%d responses have the id %s", count, id)
	}
}

// everyResponseIsDated allows a second for a request that is counted in one window, and whose
// response is of the next.
func everyResponseIsDated(t *testing.T, s *suite) {
	assert.Empty(t, s.judged(t).misdated)
}

// judged makes a request, so that there is a response even if no other case was run, and returns
// the judgment of all responses.
func (s *suite) judged(t *testing.T) judgment {
	t.Helper()
	s.send(t, request{method: "GET", path: s.contract.CurrentAffiliatePath})
	return s.all.judged()
}
