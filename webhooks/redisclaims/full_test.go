package redisclaims_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/redisclaims"
	"github.com/stretchr/testify/require"
)

// fill makes the Redis refuse every command that may need memory, and empty gives it
// memory again.
func (s *ownServer) fill(t *testing.T) {
	t.Helper()
	s.do(t, "CONFIG", "SET", "maxmemory", 1)
	require.ErrorContains(t, s.client.Set(t.Context(), "x", "x", 0).Err(), "OOM")
}

func (s *ownServer) empty(t *testing.T) {
	t.Helper()
	s.do(t, "CONFIG", "SET", "maxmemory", 0)
}

func TestFullRedisRefusesClaimsOnly(t *testing.T) {
	server := startServer(t, "--maxmemory-policy", "noeviction")
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s *ownServer)
	}{
		{"refuses a claim and keeps nothing of it", func(t *testing.T, s *ownServer) {
			s.fill(t)
			_, err := s.Claim(t.Context(), "evt_1", time.Minute)
			requireFailure(t, err, "OOM")
			require.Empty(t, s.keys(t))
			s.empty(t)
			s.claim(t, "evt_1", time.Minute)
		}},
		{"refuses to take over a lapsed claim, and a late Done counts", func(t *testing.T, s *ownServer) {
			token := s.claim(t, "evt_1", time.Minute)
			s.advance(t)(2 * time.Minute)
			s.fill(t)
			_, err := s.Claim(t.Context(), "evt_1", time.Minute)
			requireFailure(t, err, "OOM")
			require.NoError(t, s.Done(t.Context(), "evt_1", token))
			s.refuse(t, "evt_1", webhooks.ErrDone)
		}},
		{"refuses to claim a released event, which stays free", func(t *testing.T, s *ownServer) {
			require.NoError(t, s.Release(t.Context(), "evt_1", s.claim(t, "evt_1", time.Minute)))
			s.fill(t)
			_, err := s.Claim(t.Context(), "evt_1", time.Minute)
			requireFailure(t, err, "OOM")
			s.empty(t)
			s.claim(t, "evt_1", time.Minute)
		}},
		{"marks an event as done for the retention", func(t *testing.T, s *ownServer) {
			token := s.claim(t, "evt_1", time.Minute)
			s.fill(t)
			require.NoError(t, s.Done(t.Context(), "evt_1", token))
			s.refuse(t, "evt_1", webhooks.ErrDone)
			require.NoError(t, s.Done(t.Context(), "evt_1", token), "again")
			require.ErrorIs(t, s.Release(t.Context(), "evt_1", token), webhooks.ErrClaimLost)
			s.empty(t)
			s.refuse(t, "evt_1", webhooks.ErrDone)
			s.advance(t)(redisclaims.DefaultRetention - time.Minute)
			s.refuse(t, "evt_1", webhooks.ErrDone)
			s.advance(t)(time.Minute)
			require.Empty(t, s.keys(t))
		}},
		{"releases an event", func(t *testing.T, s *ownServer) {
			token := s.claim(t, "evt_1", time.Hour)
			s.fill(t)
			require.NoError(t, s.Release(t.Context(), "evt_1", token))
			require.ErrorIs(t, s.Release(t.Context(), "evt_1", token), webhooks.ErrClaimLost)
			require.ErrorIs(t, s.Done(t.Context(), "evt_1", token), webhooks.ErrClaimLost)
			s.empty(t)
			s.done(t, "evt_1")
		}},
		{"keeps nothing of a released event for long", func(t *testing.T, s *ownServer) {
			token := s.claim(t, "evt_1", time.Hour)
			s.fill(t)
			require.NoError(t, s.Release(t.Context(), "evt_1", token))
			s.empty(t)
			s.advance(t)(time.Minute)
			require.Empty(t, s.keys(t))
		}},
		{"says who lost a claim", func(t *testing.T, s *ownServer) {
			old := s.claim(t, "evt_1", time.Minute)
			s.advance(t)(2 * time.Minute)
			token := s.claim(t, "evt_1", time.Minute)
			s.fill(t)
			require.ErrorIs(t, s.Done(t.Context(), "evt_1", old), webhooks.ErrClaimLost)
			require.ErrorIs(t, s.Release(t.Context(), "evt_1", old), webhooks.ErrClaimLost)
			s.refuse(t, "evt_1", webhooks.ErrInFlight)
			require.NoError(t, s.Done(t.Context(), "evt_1", token))
		}},
		{"takes the scripts that it does not know", func(t *testing.T, s *ownServer) {
			marked, released := s.claim(t, "evt_1", time.Minute), s.claim(t, "evt_2", time.Minute)
			s.fill(t)
			s.do(t, "SCRIPT", "FLUSH")
			require.NoError(t, s.Done(t.Context(), "evt_1", marked))
			require.NoError(t, s.Release(t.Context(), "evt_2", released))
		}},
		{"recognizes the client's retry of a call whose response was lost", func(t *testing.T, s *ownServer) {
			client, lose := lossyClient(t, s.client)
			store, err := redisclaims.New(client)
			require.NoError(t, err)
			s.done(t, "evt_0") // from here on Redis knows the scripts
			require.ErrorIs(t, s.Release(t.Context(), "evt_0", "none"), webhooks.ErrClaimLost)
			marked, released := s.claim(t, "evt_1", time.Minute), s.claim(t, "evt_2", time.Minute)
			s.fill(t)
			require.NoError(t, client.Ping(t.Context()).Err())
			lose.Store(1)
			require.NoError(t, store.Done(t.Context(), "evt_1", marked))
			require.Zero(t, lose.Load(), "no response was lost")
			require.NoError(t, client.Ping(t.Context()).Err())
			lose.Store(1)
			require.NoError(t, store.Release(t.Context(), "evt_2", released))
			require.Zero(t, lose.Load(), "no response was lost")
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			server.empty(t)
			server.do(t, "FLUSHALL")
			test.run(t, server)
		})
	}
}

func TestHandlerWithFullRedis(t *testing.T) {
	const secret = "a secret of sixteen bytes or more"
	s := startServer(t, "--maxmemory-policy", "noeviction")
	verifier, err := webhooks.NewVerifier(secret)
	require.NoError(t, err)
	var calls int
	handler, err := webhooks.NewHandler(verifier,
		webhooks.WithClaims(s.Store),
		webhooks.WithLogger(slog.New(slog.DiscardHandler)),
		webhooks.On(webhooks.EventPaymentSucceeded, func(context.Context, *webhooks.Event) error {
			calls++
			s.fill(t)
			return nil
		}))
	require.NoError(t, err)
	deliver := func(eventID string) *httptest.ResponseRecorder {
		body := []byte(`{"id":"` + eventID + `","type":"payment.succeeded","data":{}}`)
		request, err := webhooks.NewRequest(t.Context(), "/", body, webhooks.Signing{Secrets: []string{secret}})
		require.NoError(t, err)
		response := httptest.NewRecorder()
		handler.ServeHTTP(response, request)
		return response
	}

	require.Equal(t, http.StatusOK, deliver("evt_1").Code, "an event that was claimed before")
	require.Equal(t, http.StatusOK, deliver("evt_1").Code, "an event that is done")
	require.Equal(t, 1, calls)
	refused := deliver("evt_2")
	require.Equal(t, http.StatusServiceUnavailable, refused.Code, "a new event")
	require.NotEmpty(t, refused.Header().Get("Retry-After"))
	s.empty(t)
	require.Equal(t, http.StatusOK, deliver("evt_2").Code, "the retry")
	require.Equal(t, 2, calls)
}
