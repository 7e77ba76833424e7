package conformance

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

var everyAnswerCases = []testCase{
	{"says where the rate limit stands", documented, 0, everyAnswerHasRateLimits},
	{"that refuses has the documented body", documented, 0, everyErrorIsDocumented},
	{"that refuses has a code", contract, 0, everyErrorHasACode},
	{"names the request, each with another id", contract, 0, everyAnswerNamesItsRequest},
	{"has the date of the clock that the rate limit goes by", contract, 0, everyAnswerIsDated},
}

func everyAnswerHasRateLimits(t *testing.T, s *suite) {
	s.sendOne(t)
	assert.Empty(t, s.recorder.withoutRateLimit)
}

func everyErrorIsDocumented(t *testing.T, s *suite) {
	s.sendOne(t)
	assert.Empty(t, s.recorder.undocumentedErrors)
}

func everyErrorHasACode(t *testing.T, s *suite) {
	s.sendOne(t)
	assert.Empty(t, s.recorder.withoutCode)
}

func everyAnswerNamesItsRequest(t *testing.T, s *suite) {
	s.sendOne(t)
	assert.Empty(t, s.recorder.withoutRequestID)
	for id, count := range s.recorder.requestIDs {
		assert.Equal(t, 1, count, "%d responses have the id %s", count, id)
	}
}

// everyAnswerIsDated allows a second for a request that is counted in one window and answered in
// the next.
func everyAnswerIsDated(t *testing.T, s *suite) {
	s.sendOne(t)
	assert.Empty(t, s.recorder.misdated)
}

// sendOne makes sure that there is a response to judge, also where no other case was run.
func (s *suite) sendOne(t *testing.T) {
	t.Helper()
	s.send(t, request{method: "GET", path: s.contract.CurrentAffiliatePath})
}
