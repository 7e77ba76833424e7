package stores

import (
	"context"
	"database/sql"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/require"
)

func TestFailedEventIsFreeAtOnceUnderLease(t *testing.T) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) {
		ends := []func() error{
			func() error { return errFunction },
			func() error { panic("the function's own") },
			func() error { return nil },
		}
		deliver := receiver(t, func(context.Context, *webhooks.Event) error {
			end := ends[0]
			ends = ends[1:]
			return end()
		}, webhooks.WithClaims(newFixture(t, d, db).Store), webhooks.WithLogger(slog.New(slog.DiscardHandler)))
		require.Equal(t, http.StatusInternalServerError, deliver())
		require.Equal(t, http.StatusInternalServerError, deliver())
		require.Equal(t, http.StatusOK, deliver())
		require.Empty(t, ends)
		require.Equal(t, http.StatusOK, deliver(), "it is done")
	})
}

// killed are the claims of a process that is killed before it marks an event as done.
type killed struct{ webhooks.Claims }

func (killed) Done(context.Context, string, string) error { return nil }

func TestEventThatIsNotMarkedRunsAgainAfterItsLease(t *testing.T) {
	onEach(t, func(t *testing.T, d database, db *sql.DB) {
		f := newFixture(t, d, db)
		function := func(context.Context, *webhooks.Event) error {
			f.exec(t, "INSERT INTO "+f.effects+" VALUES ('evt_1')")
			return nil
		}
		lease := webhooks.WithLease(time.Hour)
		receiver(t, function, lease, webhooks.WithClaims(killed{f.Store}))()
		require.Equal(t, 1, f.count(t, f.effects))

		deliver, advance := receiver(t, function, lease, webhooks.WithClaims(f.Store)), f.advance(t)
		advance(time.Hour - time.Minute)
		require.Equal(t, http.StatusConflict, deliver())
		advance(time.Minute)
		require.Equal(t, http.StatusOK, deliver())
		require.Equal(t, 2, f.count(t, f.effects))
	})
}

// receiver is a handler of one event. deliver delivers it, and returns the status of the response.
func receiver(t *testing.T, function webhooks.EventFunc, options ...webhooks.HandlerOption) (deliver func() int) {
	t.Helper()
	const secret = "a secret of sixteen bytes"
	verifier, err := webhooks.NewVerifier(secret)
	require.NoError(t, err)
	handler, err := webhooks.NewHandler(verifier, append(slices.Clip(options), webhooks.On(webhooks.EventPaymentSucceeded, function))...)
	require.NoError(t, err)
	body := []byte(`{"id":"evt_1","event":"payment.succeeded","timestamp":"2026-01-01T00:00:00Z","data":{}}`)
	return func() int {
		request, err := webhooks.NewRequest(t.Context(), "/", body, webhooks.Signing{Secrets: []string{secret}})
		require.NoError(t, err)
		response := httptest.NewRecorder()
		handler.ServeHTTP(response, request)
		return response.Code
	}
}
