package stackbe_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// The server acts on a write, and its response is lost.
func TestLostResponse(t *testing.T) {
	t.Run("a write without the caller's key is sent once", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { drop(w) })
		err := apply(newClient(t, server.URL), t.Context(), "")
		var e *stackbe.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, 1, e.Attempts)
		assert.Zero(t, e.StatusCode)
		assert.Len(t, server.received(), 1)
	})

	// net/http replays a request by itself when a kept connection breaks, and takes
	// a header Idempotency-Key for the permission to do so with a POST.
	t.Run("a write without the caller's key is sent once on a kept connection", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
			if n == 0 {
				respondJSON(w, 200, `{"enrolled":false}`)
				return
			}
			drop(w)
		})
		client := newClient(t, server.URL)
		_, err := client.Affiliates.Get(t.Context(), "cust_1")
		require.NoError(t, err)
		require.Error(t, apply(client, t.Context(), ""))
		assert.Len(t, server.received(), 2)
		assert.NotEmpty(t, server.received()[1].Header.Get("Idempotency-Key"))
	})

	t.Run("a write with the caller's key is retried, and acts once", func(t *testing.T) {
		reference := stackbetest.New(t)
		target, err := url.Parse(reference.URL)
		require.NoError(t, err)
		proxy := httputil.NewSingleHostReverseProxy(target)
		server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
			if n >= 2 {
				proxy.ServeHTTP(w, r)
				return
			}
			proxy.ServeHTTP(httptest.NewRecorder(), r) // the reference server acts
			drop(w)
		})
		client := newClient(t, server.URL, func(c *stackbe.Config) { c.APIKey, c.AppID = reference.APIKey, reference.AppID })
		result, err := client.Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane", IdempotencyKey: "order-7"})
		require.NoError(t, err)
		assert.Len(t, server.received(), 3)
		all, err := reference.Client().AsAdmin(reference.AdminToken).Affiliates.ListApplications(t.Context(), affiliates.ApplicationFilter{})
		require.NoError(t, err)
		require.Len(t, all.Data, 1)
		assert.Equal(t, result.ID, all.Data[0].ID)
	})

	t.Run("a read is retried", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
			if n < 2 {
				drop(w)
				return
			}
			respondJSON(w, 200, `{"enrolled":true}`)
		})
		_, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
		require.NoError(t, err)
	})
}
