package webhooks_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/claimstest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func newMemory(t testing.TB, config webhooks.MemoryClaimsConfig) *webhooks.MemoryClaims {
	t.Helper()
	claims, err := webhooks.NewMemoryClaims(config)
	require.NoError(t, err)
	return claims
}

func TestMemoryClaimsKeepContract(t *testing.T) {
	claimstest.Run(t, func(t *testing.T) (webhooks.Claims, func(time.Duration)) {
		clock := newClock()
		return newMemory(t, webhooks.MemoryClaimsConfig{Now: clock.Now}), clock.advance
	})
}

func finish(t *testing.T, claims webhooks.Claims, eventID string) {
	t.Helper()
	token, err := claims.Claim(t.Context(), eventID, time.Minute)
	require.NoError(t, err)
	require.NoError(t, claims.Done(t.Context(), eventID, token))
}

func isDone(t *testing.T, claims webhooks.Claims, eventID string) bool {
	t.Helper()
	token, err := claims.Claim(t.Context(), eventID, time.Minute)
	if err == nil {
		require.NoError(t, claims.Release(t.Context(), eventID, token))
		return false
	}
	require.ErrorIs(t, err, webhooks.ErrDone)
	return true
}

func TestFullMemoryClaimsForgetEventDoneLongestAgo(t *testing.T) {
	claims := newMemory(t, webhooks.MemoryClaimsConfig{Capacity: 3})
	for n := range 4 {
		finish(t, claims, fmt.Sprint(n))
	}
	for n := range 4 {
		if n > 0 {
			assert.True(t, isDone(t, claims, fmt.Sprint(n)), n)
		}
	}
	assert.False(t, isDone(t, claims, "0"))
}

func TestMemoryClaimsKeepClaimWithinLease(t *testing.T) {
	clock := newClock()
	claims := newMemory(t, webhooks.MemoryClaimsConfig{Capacity: 2, Now: clock.Now})
	tokens := make(map[string]string)
	for _, id := range []string{"a", "b"} {
		token, err := claims.Claim(t.Context(), id, time.Minute)
		require.NoError(t, err)
		tokens[id] = token
	}
	_, err := claims.Claim(t.Context(), "c", time.Minute)
	require.ErrorIs(t, err, webhooks.ErrClaimsFull)

	t.Run("and has room again when one is done", func(t *testing.T) {
		require.NoError(t, claims.Done(t.Context(), "a", tokens["a"]))
		_, err = claims.Claim(t.Context(), "c", time.Minute)
		require.NoError(t, err)
		_, err = claims.Claim(t.Context(), "b", time.Minute)
		assert.ErrorIs(t, err, webhooks.ErrInFlight)
	})
	t.Run("and when leases have run out", func(t *testing.T) {
		clock.advance(time.Minute)
		for _, id := range []string{"d", "e"} {
			_, err = claims.Claim(t.Context(), id, time.Minute)
			assert.NoError(t, err)
		}
		assert.ErrorIs(t, claims.Done(t.Context(), "b", tokens["b"]), webhooks.ErrClaimLost, "its place was given away")
	})
}

func TestMemoryClaimsRememberEventForRetention(t *testing.T) {
	for name, test := range map[string]struct {
		config webhooks.MemoryClaimsConfig
		kept   time.Duration
	}{
		"7 days by default": {webhooks.MemoryClaimsConfig{}, 7 * 24 * time.Hour},
		"what was set":      {webhooks.MemoryClaimsConfig{Retention: 72 * time.Hour}, 72 * time.Hour},
		"the least":         {webhooks.MemoryClaimsConfig{Retention: webhooks.MinRetention}, webhooks.MinRetention},
	} {
		t.Run(name, func(t *testing.T) {
			clock := newClock()
			test.config.Now = clock.Now
			claims := newMemory(t, test.config)
			finish(t, claims, "a")
			clock.advance(test.kept - time.Nanosecond)
			assert.True(t, isDone(t, claims, "a"))
			clock.advance(time.Nanosecond)
			assert.False(t, isDone(t, claims, "a"))
		})
	}
}

func TestNewMemoryClaimsRefusesInvalidConfig(t *testing.T) {
	for name, config := range map[string]webhooks.MemoryClaimsConfig{
		"a negative capacity":                   {Capacity: -1},
		"a negative retention":                  {Retention: -1},
		"a retention that retries outlast":      {Retention: webhooks.MinRetention - 1},
		"a retention that was meant in minutes": {Retention: 60},
	} {
		t.Run(name, func(t *testing.T) {
			claims, err := webhooks.NewMemoryClaims(config)
			assert.ErrorIs(t, err, webhooks.ErrInvalidOption)
			assert.Nil(t, claims)
		})
	}
}

func TestMemoryClaimsRemember100000EventsByDefault(t *testing.T) {
	claims := newMemory(t, webhooks.MemoryClaimsConfig{})
	for n := range 100_000 {
		finish(t, claims, strconv.Itoa(n))
	}
	require.True(t, isDone(t, claims, "0"))
	finish(t, claims, "one more")
	assert.False(t, isDone(t, claims, "0"))
	assert.Equal(t, 68*time.Hour, webhooks.MinRetention)
}

func TestMemoryClaimsAcceptShortestLease(t *testing.T) {
	_, err := newMemory(t, webhooks.MemoryClaimsConfig{}).Claim(t.Context(), "evt_1", 1)
	assert.NoError(t, err)
}

func TestMinRetentionOutlastsReplaysThatVerify(t *testing.T) {
	clock := newClock()
	handled := 0
	handler, err := webhooks.NewHandler(newVerifier(t, standardSecret, webhooks.WithClock(clock.Now)),
		webhooks.On("x", func(context.Context, *webhooks.Event) error { handled++; return nil }),
		webhooks.WithClaims(newMemory(t, webhooks.MemoryClaimsConfig{Retention: webhooks.MinRetention, Now: clock.Now})))
	require.NoError(t, err)
	deliver := func() int {
		response := httptest.NewRecorder()
		handler.ServeHTTP(response, delivery(t, `{"id":"evt_1","type":"x","data":{}}`))
		return response.Code
	}

	const tolerance = 5 * time.Minute
	clock.advance(-tolerance) // the sender's clock is ahead as far as it may be
	require.Equal(t, http.StatusOK, deliver())
	clock.advance(2*tolerance - time.Nanosecond)
	require.Equal(t, http.StatusOK, deliver(), "the last moment of the replay")
	require.Equal(t, 1, handled)

	clock.advance(time.Second)
	require.Equal(t, http.StatusUnauthorized, deliver(), "past it")
}

func TestZeroMemoryClaimsReturnErrNoClaims(t *testing.T) {
	for name, claims := range map[string]*webhooks.MemoryClaims{"nil": nil, "zero": {}} {
		t.Run(name, func(t *testing.T) {
			_, err := claims.Claim(t.Context(), "evt_1", time.Minute)
			assert.ErrorIs(t, err, webhooks.ErrNoClaims)
			assert.ErrorIs(t, claims.Done(t.Context(), "evt_1", "1"), webhooks.ErrNoClaims)
			assert.ErrorIs(t, claims.Release(t.Context(), "evt_1", "1"), webhooks.ErrNoClaims)
		})
	}
}
