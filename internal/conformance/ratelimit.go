package conformance

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var rateLimitCases = []testCase{
	{"an API key has 1,000 requests a minute", documented, needKey, theLimitOfAKey},
	{"a session has 100 requests a minute", documented, needSession, theLimitOfASession},
	{"an admin has 1,000 requests a minute", contract, needAdmin, theLimitOfAnAdmin},
	{"each request takes one", contract, needControl | needAdmin, eachRequestTakesOne},
}

const (
	limitHeader     = "X-RateLimit-Limit"
	remainingHeader = "X-RateLimit-Remaining"
	resetHeader     = "X-RateLimit-Reset"
)

func theLimitOfAKey(t *testing.T, s *suite) {
	got := s.send(t, s.get(fill(s.contract.AffiliateByCustomerPath, "", ""), s.asKey(s.target.APIKey)))
	assert.Equal(t, "1000", got.header.Get(limitHeader))
}

func theLimitOfASession(t *testing.T, s *suite) {
	got := s.send(t, s.get(s.contract.CurrentAffiliatePath, s.asSession(s.partner(t).token)))
	assert.Equal(t, "100", got.header.Get(limitHeader))
}

func theLimitOfAnAdmin(t *testing.T, s *suite) {
	got := s.send(t, s.get(fill(s.contract.SettingsPath, s.target.AppID, ""), s.asAdmin(s.target.AdminToken)))
	assert.Equal(t, "1000", got.header.Get(limitHeader))
}

// eachRequestTakesOne uses a session that nobody else has. A window may end between two
// requests, but not twice.
func eachRequestTakesOne(t *testing.T, s *suite) {
	current := s.get(s.contract.CurrentAffiliatePath, s.asSession(s.partner(t).token))
	previous := s.send(t, current)
	for range 2 {
		got := s.send(t, current)
		if got.header.Get(resetHeader) == previous.header.Get(resetHeader) {
			assert.Equal(t, remaining(t, previous)-1, remaining(t, got))
			return
		}
		previous = got
	}
	t.Error("two windows have ended within three requests")
}

func remaining(t *testing.T, got response) int {
	t.Helper()
	requireStatus(t, http.StatusOK, got)
	remaining, err := strconv.Atoi(got.header.Get(remainingHeader))
	require.NoError(t, err)
	return remaining
}
