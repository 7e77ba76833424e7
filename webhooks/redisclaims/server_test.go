package redisclaims_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stackbe/stackbe-go/internal/redistest"
	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/redisclaims"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ownServer is a store on a separate Redis server.
type ownServer struct {
	*fixture
	*redistest.Server
}

func startServer(t *testing.T, settings ...string) *ownServer {
	t.Helper()
	server := redistest.Start(t, settings...)
	return &ownServer{newFixtureOn(t, server.Address()), server}
}

// newFixtureOn is a store on the server at the address. Its client does not retry.
func newFixtureOn(t *testing.T, address string) *fixture {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: address, ContextTimeoutEnabled: true, MaxRetries: -1, DialTimeout: time.Minute, ReadTimeout: time.Minute, WriteTimeout: time.Minute})
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	store, err := redisclaims.New(client)
	require.NoError(t, err)
	return &fixture{Store: store, client: client, prefix: redisclaims.DefaultPrefix}
}

// do runs a command.
func (f *fixture) do(t *testing.T, command ...any) {
	t.Helper()
	require.NoError(t, f.client.Do(t.Context(), command...).Err(), "%v", command)
}

// done claims the event and marks it as done.
func (f *fixture) done(t *testing.T, eventID string) {
	t.Helper()
	require.NoError(t, f.Done(t.Context(), eventID, f.claim(t, eventID, time.Minute)))
}

// refuse expects that the event cannot be claimed.
func (f *fixture) refuse(t *testing.T, eventID string, want error) {
	t.Helper()
	_, err := f.Claim(t.Context(), eventID, time.Minute)
	require.ErrorIs(t, err, want)
}

// requireFailure expects an error with the text that says nothing about the claim.
func requireFailure(t *testing.T, err error, text string) {
	t.Helper()
	require.ErrorContains(t, err, text)
	for _, sentinel := range []error{webhooks.ErrInFlight, webhooks.ErrDone, webhooks.ErrClaimLost} {
		require.NotErrorIs(t, err, sentinel)
	}
}
